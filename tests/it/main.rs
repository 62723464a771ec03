//! One integration-test binary.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "helpers of tests may fail loudly too; clippy.toml reaches only what is marked as a test"
)]

mod cli;
mod spec;
mod tidy;

mod api;
mod attempts;
mod bad_input;
mod contacts;
mod crash;
mod engine;
mod faults;
mod formats;
mod history;
mod hosts;
mod inventory;
mod mail;
mod openapi;
mod operations;
mod order;
mod pictures;
mod reload;
mod scenarios;
mod threats;
mod tls;
mod trial;

mod support;
