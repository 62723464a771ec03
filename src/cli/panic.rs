//! What people see of a mistake in `wf` itself.

use std::io::Write;

use super::failure::Exit;

/// From now on a panic is one line with its place. Its message is left out: it may hold what a customer wrote.
///
/// On the main thread the process ends with the code of an internal error. A panic of another thread is caught by whoever
/// waits for it, so a daemon that refuses one broken program goes on with the last good one.
pub(crate) fn install() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| format!(" at {}:{}", place.file(), place.line())).unwrap_or_default();
        let version = env!("CARGO_PKG_VERSION");
        let _ = writeln!(
            std::io::stderr(),
            "internal error{place} (wf {version}): this is a mistake in wf, please report it with what you did"
        );
        if std::thread::current().name() == Some("main") {
            std::process::exit(Exit::Internal as i32);
        }
    }));
}
