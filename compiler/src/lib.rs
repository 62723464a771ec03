//! The `.wf` language: sources in, program and diagnostics out.

pub mod ir;
