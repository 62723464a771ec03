//! The `.wf` language: sources in, program and diagnostics out.
