//! Writing files as wholes: nobody ever reads half of one, and a failure leaves what was there.

use std::ffi::OsString;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{Error, ErrorKind, Result, Write};
use std::path::Path;

/// Writes beside and renames.
pub(crate) fn write_whole(path: &Path, text: &str) -> Result<()> {
    write_beside(path, text, None)
}

/// Puts `after` in the place of what the file holds. A link stays one, and the file keeps its permissions.
///
/// # Errors
/// When the file may not be written, or holds something else than `before` by now: somebody's work would be lost.
pub(crate) fn replace(path: &Path, before: &str, after: &str) -> Result<()> {
    let real = fs::canonicalize(path)?;
    let permissions = fs::metadata(&real)?.permissions();
    if permissions.readonly() {
        return Err(Error::new(ErrorKind::PermissionDenied, "it is read-only"));
    }
    if fs::read(&real)? != before.as_bytes() {
        return Err(Error::other("it was changed meanwhile"));
    }
    write_beside(&real, after, Some(permissions))
}

fn write_beside(path: &Path, text: &str, permissions: Option<Permissions>) -> Result<()> {
    let Some(name) = path.file_name() else { return Err(Error::new(ErrorKind::InvalidInput, "it names no file")) };
    let mut beside = OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}", std::process::id()));
    let beside = path.with_file_name(beside);
    let written = (|| {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&beside)?;
        file.write_all(text.as_bytes())?;
        if let Some(permissions) = permissions {
            file.set_permissions(permissions)?;
        }
        file.sync_all()?;
        fs::rename(&beside, path)
    })();
    written.inspect_err(|_| {
        // Best effort: the error that counts is the first one.
        let _ = fs::remove_file(&beside);
    })
}
