//! The `.wf` language: sources in, program and diagnostics out.

pub mod source;
pub mod syntax;

pub mod check;
pub mod names;
pub mod types;

pub mod ir;

pub mod catalogue;
pub mod diagnostic;
