//! The project folder: compiling it, and watching it.
