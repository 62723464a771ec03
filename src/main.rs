//! The command line of `wf`.

fn main() {}
