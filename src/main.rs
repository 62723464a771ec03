//! The command line of `wf`: workflows as code for customer messaging.
//!
//! Everything it does is in the packages below it; here is how people ask for it and how they see the answer.

mod cli;

/// The daemon makes and drops hundreds of small values for each event, on several threads: with the C library's allocator
/// more than a quarter of its time went there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::main()
}
