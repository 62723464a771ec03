//! The project folder: reading it as a whole, and noticing that it changed.
//!
//! Compiling stays with the compiler; here is what touches the file system. A reload reads all files, compiles what has
//! changed in them aside, and swaps the program at once; a folder that does not compile leaves the last good program running.

mod checkout;
mod load;
mod reload;
mod remembered;
mod secrets;
mod watch;

pub use checkout::commit;
pub use load::{LoadError, MANIFEST, complete, find_project, load, load_compiled, refresh, root, source_files};
pub use reload::{Reload, Reloaded, Reloader};
pub use secrets::tell_of_missing;
pub use watch::watch;
