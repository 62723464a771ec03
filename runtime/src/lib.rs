//! The daemon that runs compiled `.wf` programs.
