//! The command line of `wf`: workflows as code for customer messaging.
//!
//! Everything it does is in the packages below it; here is how people ask for it and how they see the answer.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
