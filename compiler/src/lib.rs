//! The `.wf` language: sources in, program and diagnostics out.

pub mod source;
pub mod syntax;

pub mod ir;

pub mod catalogue;
pub mod diagnostic;
