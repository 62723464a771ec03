//! The data folder: its files are for its owner alone, and one daemon at a time holds it.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::forget::Needles;
use crate::store::StoreError;

/// The file that holds everything. SQLite adds `-wal` and `-shm` beside it, with the same mode.
const STORE: &str = "store.db";

/// SQLite's log of commits.
const LOG: &str = "store.db-wal";

/// The file that keeps room on the disk for what has to be written when it is full.
const RESERVE: &str = "reserve";

/// How much room that is, in bytes: the outcomes of some hundred calls, and less where there is not so much.
const RESERVED: [usize; 3] = [1 << 20, 256 << 10, 64 << 10];

/// Bytes of the store's file that are looked through at once, and how long a word may be that lies over the end of them.
const PART: usize = 1 << 20;
const LONGEST_NEEDLE: usize = 1024;

/// The file that is locked.
const LOCK: &str = "lock";

/// How long a daemon that holds the folder is waited for: one that was killed holds it until the system has taken its memory
/// back, and whoever starts the next one at once should not have to try again.
const LEAVING: Duration = Duration::from_secs(2);
/// How often the lock is tried meanwhile.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// A data folder that this process holds. It is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder and its file where they are missing, and takes the lock.
    pub(super) fn take(path: &Path) -> Result<Folder, StoreError> {
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::StorageFull => StoreError::Full,
            _ => StoreError::Failed(format!("the data folder `{}`: {error}", path.display())),
        };
        let path = &std::path::absolute(path).map_err(failed)?;
        let owned = |found: &Path| match stranger(found).map_err(failed)? {
            Some(owner) => {
                let found = found.display();
                Err(StoreError::Format(format!("`{found}` belongs to another user ({owner}); nothing was changed")))
            }
            None => Ok(()),
        };
        owned(path)?;
        make_private(path).map_err(failed)?;
        [STORE, LOCK].iter().try_for_each(|file| owned(&path.join(file)))?;
        let mut lock = open_private(&path.join(LOCK)).map_err(failed)?;
        let begun = Instant::now();
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if begun.elapsed() < LEAVING => std::thread::sleep(LOOK_AGAIN),
                Err(TryLockError::WouldBlock) => {
                    return Err(StoreError::Locked { folder: path.display().to_string(), pid: read_pid(&mut lock) });
                }
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
        lock.set_len(0).map_err(failed)?;
        writeln!(lock, "{}", std::process::id()).map_err(failed)?;
        let folder = Folder { path: path.to_owned(), _lock: lock };
        open_private(&folder.store()).map_err(failed)?;
        sync(path).map_err(failed)?;
        Ok(folder)
    }

    /// The log that SQLite appends commits to, to sync it. It stays the same file as long as the store is open.
    pub(super) fn log(&self) -> io::Result<File> {
        OpenOptions::new().write(true).open(self.path.join(LOG))
    }

    /// Keeps room on the disk; `false` when there is none.
    pub(super) fn reserve(&self) -> bool {
        let path = self.path.join(RESERVE);
        if fs::metadata(&path).is_ok_and(|found| RESERVED.iter().any(|size| found.len() == *size as u64)) {
            return true;
        }
        RESERVED.iter().any(|size| {
            let kept = open_private(&path).and_then(|file| fill(file, *size));
            if kept.is_err() {
                self.release();
            }
            kept.is_ok()
        })
    }

    /// Gives the room that was kept to whatever is written next; `false` when there was none.
    pub(super) fn release(&self) -> bool {
        fs::remove_file(self.path.join(RESERVE)).is_ok()
    }

    /// Keeps room in the log behind the bytes that are used of it, where nobody else can take it. Where the system cannot do
    /// that, the room is anybody's.
    #[cfg(target_os = "linux")]
    pub(super) fn reserve_in_log(&self, used: u64) {
        let Ok(log) = self.log() else { return };
        let _ = RESERVED
            .iter()
            .any(|size| rustix::fs::fallocate(&log, rustix::fs::FallocateFlags::KEEP_SIZE, used, *size as u64).is_ok());
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn reserve_in_log(&self, _used: u64) {}

    /// Whether the store's files hold none of these words, in any part of them.
    pub(super) fn is_free_of(&self, needles: &str) -> io::Result<bool> {
        let needles = Needles::decode(needles);
        for name in [STORE.to_owned(), format!("{STORE}-wal")] {
            let mut file = match File::open(self.path.join(name)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                opened => opened?,
            };
            // What lies over the end of one part is found in the next.
            let (mut part, mut kept) = (vec![0; PART], 0);
            loop {
                let read = file.read(part.get_mut(kept..).unwrap_or_default())?;
                if read == 0 {
                    break;
                }
                let looked = kept + read;
                if needles.is_anywhere_in(part.get(..looked).unwrap_or_default()) {
                    return Ok(false);
                }
                let from = looked.saturating_sub(LONGEST_NEEDLE);
                part.copy_within(from..looked, 0);
                kept = looked - from;
            }
        }
        Ok(true)
    }

    /// How many bytes the store's file has.
    pub(super) fn size(&self) -> u64 {
        fs::metadata(self.store()).map_or(0, |about| about.len())
    }

    /// The store's file.
    pub(super) fn store(&self) -> PathBuf {
        self.path.join(STORE)
    }
}

/// The user whose a file or a folder is, if that is neither ours nor the system's: who owns it can put another in its place.
#[cfg(unix)]
fn stranger(path: &Path) -> io::Result<Option<u32>> {
    use std::os::unix::fs::MetadataExt;

    let owner = match fs::metadata(path) {
        Ok(found) => found.uid(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(Some(owner).filter(|owner| ![0, rustix::process::geteuid().as_raw()].contains(owner)))
}

#[cfg(not(unix))]
fn stranger(_path: &Path) -> io::Result<Option<u32>> {
    Ok(None)
}

/// Writes a file of so many bytes: one with a hole takes no room. Local file systems set the room aside as it is written, so
/// nobody waits for the disk.
fn fill(mut file: File, size: usize) -> io::Result<()> {
    let zeros = vec![0; 64 << 10];
    for _ in 0..size / zeros.len() {
        file.write_all(&zeros)?;
    }
    Ok(())
}

/// The process that holds the lock, as it wrote it down.
fn read_pid(lock: &mut File) -> Option<u32> {
    let mut text = String::new();
    lock.rewind().ok()?;
    lock.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// Puts the entries of a folder on the disk.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Makes a folder for the owner alone. One that exists is closed to others only when it is the store's or empty: somebody
/// may have named a folder with other things in it.
fn make_private(path: &Path) -> io::Result<()> {
    if !path.is_dir() {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        let missing = path.ancestors().take_while(|folder| !folder.is_dir()).count();
        builder.create(path)?;
        // As the files' entries, those of the new folders must be on the disk before anything is called committed.
        for folder in path.ancestors().skip(1).take(missing) {
            sync(folder)?;
        }
        return Ok(());
    }
    if path.join(STORE).exists() || fs::read_dir(path)?.next().is_none() {
        restrict(path, 0o700)?;
    }
    Ok(())
}

/// Opens a file for reading and writing, for the owner alone; makes it when it is missing.
fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    restrict(path, 0o600)?;
    Ok(file)
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    let now = fs::metadata(path)?.permissions().mode() & 0o777;
    if now & !mode == 0 { Ok(()) } else { fs::set_permissions(path, fs::Permissions::from_mode(mode)) }
}

#[cfg(not(unix))]
fn restrict(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}
