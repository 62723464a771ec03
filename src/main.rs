//! The command line of `wf`: workflows as code for customer messaging.
//!
//! Everything it does is in the packages below it; here is how people ask for it and how they see the answer.

mod cli;

/// The daemon makes hundreds of small values for each event and drops many of them on another thread (the store's writer): with
/// the C library's allocator more than a quarter of its time went there.
#[global_allocator]
static ALLOCATOR: snmalloc_rs::SnMalloc = snmalloc_rs::SnMalloc;

fn main() -> std::process::ExitCode {
    cli::main()
}
