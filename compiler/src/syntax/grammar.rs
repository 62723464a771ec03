//! The parser that LALRPOP makes of `grammar.lalrpop`.
//!
//! One `pub` rule, one parser: its start is chosen by the first token.

#![allow(
    clippy::all,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used,
    missing_docs,
    rust_2018_idioms,
    unreachable_pub,
    unused,
    reason = "generated"
)]

include!(concat!(env!("OUT_DIR"), "/syntax/grammar.rs"));
