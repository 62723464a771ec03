//! The project folder: reading it as one snapshot, and noticing that it changed.
//!
//! Compiling stays with the compiler; here is what touches the file system. A reload takes one snapshot of all files,
//! compiles it aside, and swaps the program at once; a folder that does not compile leaves the last good program running.

mod load;
mod reload;
mod watch;

pub use load::{LoadError, MANIFEST, Snapshot, find_project, load_compiled, snapshot};
pub use reload::{Reload, Reloaded, Reloader};
pub use watch::watch;
