//! One statement a file.
