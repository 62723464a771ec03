//! The daemon that runs compiled `.wf` programs: everything that touches the world.
//!
//! An event is accepted by [`engine`], kept by [`store`], and its runs are decided by [`machine`], which is pure; what it
//! asks for is performed by [`webhook`] and [`deliver`]. [`project`] compiles a folder and swaps the program, [`trial`] sends a
//! request by hand, [`rehearsal`] plays tests on a clock of its own and without a network; [`api`] is the HTTP side, [`client`] its
//! counterpart for the command line; [`metrics`], [`log`] and [`trace`] tell what goes on; [`daemon`] puts it all together.

pub mod clock;
mod hex;
pub mod log;
pub mod trace;
pub mod value;
pub mod virtual_time;

pub mod machine;

pub mod config;
pub mod metrics;
pub mod store;

pub mod directory;
pub mod import;
pub mod indexing;

pub mod deliver;
pub mod webhook;

pub mod engine;
pub mod project;
pub mod rehearsal;
pub mod retention;
pub mod trial;

pub mod api;
pub mod client;

pub mod daemon;

#[cfg(test)]
pub mod simulation;
