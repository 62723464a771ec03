//! Files that appear whole: nobody who looks into their folder sees one half written.
//!
//! Where the system can, a file is written before it has a name (`O_TMPFILE` of open(2)), which takes less work and leaves
//! nothing behind when the process ends in the middle; elsewhere it is written under another name and moved.

use std::fs::{self, OpenOptions};
use std::io::{Result, Write};
use std::path::{Path, PathBuf};

/// Writes a file that only this user can read; `unfinished` names where it may lie until it is whole.
///
/// # Errors
/// When it cannot be written: `NotFound` where one of the folders is not there. Nothing is left of it then.
pub(super) fn write(file: &Path, unfinished: impl FnOnce() -> PathBuf, bytes: &[u8]) -> Result<()> {
    // What hinders it here and is no matter of this way is told by the other one.
    #[cfg(target_os = "linux")]
    if unnamed(file, bytes).is_ok() {
        return Ok(());
    }
    moved(file, &unfinished(), bytes)
}

/// Writes a file without a name, and then names it. One that has the name already was the same.
#[cfg(target_os = "linux")]
fn unnamed(file: &Path, bytes: &[u8]) -> Result<()> {
    use rustix::fs::{Mode, OFlags, open};
    use rustix::io::Errno;

    let folder = file.parent().unwrap_or(Path::new("."));
    let unnamed = open(folder, OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC, Mode::RUSR | Mode::WUSR)?;
    let mut out = fs::File::from(unnamed);
    out.write_all(bytes)?;
    match named(&out, file) {
        Err(Errno::EXIST) => Ok(()),
        linked => Ok(linked?),
    }
}

/// Gives a file without a name its name. An older Linux (before 6.10) lets nobody but root do so straight away, and answers as
/// if there were no folder; by way of `/proc` it is more work.
#[cfg(target_os = "linux")]
fn named(out: &fs::File, file: &Path) -> rustix::io::Result<()> {
    use std::os::fd::AsRawFd;

    use rustix::fs::{AtFlags, CWD, linkat};
    use rustix::io::Errno;

    match linkat(out, "", CWD, file, AtFlags::EMPTY_PATH) {
        Err(Errno::NOENT) => {
            linkat(CWD, format!("/proc/self/fd/{}", out.as_raw_fd()), CWD, file, AtFlags::SYMLINK_FOLLOW)
        }
        linked => linked,
    }
}

/// Writes a file under another name, and moves it.
fn moved(file: &Path, unfinished: &Path, bytes: &[u8]) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(unfinished)?.write_all(bytes).and_then(|()| fs::rename(unfinished, file));
    if written.is_err() {
        // What is left of it does no harm, and the first error is the one to tell.
        let _ = fs::remove_file(unfinished);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each way leaves the whole file and nothing else, whose owner alone reads it; without its folder nothing is left.
    #[cfg(unix)]
    fn check(way: impl Fn(&Path, &Path) -> Result<()>) {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let (new, tmp) = (root.path().join("new"), root.path().join("tmp"));
        let (file, unfinished) = (new.join("a.eml"), tmp.join("1.a.eml"));
        let missing = way(&file, &unfinished).unwrap_err();
        assert_eq!(missing.kind(), std::io::ErrorKind::NotFound);
        for folder in [&new, &tmp] {
            fs::create_dir(folder).unwrap();
        }
        way(&file, &unfinished).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"whole");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        way(&file, &unfinished).unwrap();
        let count = |folder: &Path| fs::read_dir(folder).unwrap().count();
        assert_eq!((count(&new), count(&tmp)), (1, 0), "the same once more");
        fs::remove_dir_all(&new).unwrap();
        way(&file, &unfinished).unwrap_err();
        assert_eq!(count(&tmp), 0, "nothing is left");
    }

    #[cfg(unix)]
    #[test]
    fn each_way_writes_whole_files() {
        check(|file, unfinished| write(file, || unfinished.to_owned(), b"whole"));
        check(|file, unfinished| moved(file, unfinished, b"whole"));
        #[cfg(target_os = "linux")]
        check(|file, _| unnamed(file, b"whole"));
    }
}
