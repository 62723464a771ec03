//! The outbox folder: a Maildir (`tmp`, `new`, `cur`) of `.eml` files, which any mail program can open.
//!
//! A file's name is the mail's `Message-ID`, so that a delivery that is done again after a crash makes no second file. It is
//! not synced: what makes the mail durable is the store's record, from which the file is written again.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::mail::Mail;
use super::whole_file;

/// A number that no other call within this process has, and hardly one in another process before.
fn unique() -> u64 {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let begun = jiff::Timestamp::now().as_millisecond().cast_unsigned() << 16;
    COUNTER.compare_exchange(0, begun, Ordering::Relaxed, Ordering::Relaxed).ok();
    COUNTER.fetch_add(1, Ordering::Relaxed)
}

/// The folder.
#[derive(Clone, Debug)]
pub struct Outbox {
    folder: PathBuf,
}

/// What is known of a mail's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// There is none: the mail was just made.
    New,
    /// There may be one, from before a restart.
    Unknown,
}

/// Mails whose files could not be removed.
#[derive(Debug, Default)]
pub struct Left {
    /// Their ids.
    pub message_ids: BTreeSet<String>,
    /// Why, of the first of them.
    pub why: Option<String>,
}

/// A mail could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {} to the outbox: {source}", path.display())]
pub struct OutboxError {
    /// The file or folder.
    path: PathBuf,
    /// Why.
    source: std::io::Error,
}

impl Outbox {
    /// The outbox in a folder, which is made with the first mail.
    pub fn new(folder: PathBuf) -> Outbox {
        Outbox { folder }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes a mail and answers its file. One that is there already stays.
    ///
    /// # Errors
    /// When the folder or the file cannot be written.
    pub async fn put(&self, mail: &Mail) -> Result<PathBuf, OutboxError> {
        let (outbox, mail) = (self.clone(), mail.clone());
        let path = self.folder.clone();
        match tokio::task::spawn_blocking(move || outbox.write(&mail, Presence::Unknown)).await {
            Ok(written) => written,
            Err(error) => Err(OutboxError { path, source: std::io::Error::other(error) }),
        }
    }

    /// The same, for a thread that may block.
    pub(super) fn write(&self, mail: &Mail, presence: Presence) -> Result<PathBuf, OutboxError> {
        // The id is hexadecimal digits, `@` and a domain; nothing in it leads out of the folder.
        let name = format!("{}.eml", mail.message_id());
        let file = self.path("new", &name);
        if presence == Presence::Unknown {
            // A mail program moves what was read to `cur`.
            for known in [&file, &self.path("cur", &name)] {
                if known.exists() {
                    return Ok(known.clone());
                }
            }
        }
        let unfinished = || self.path("tmp", &format!("{}.{}.{name}", std::process::id(), unique()));
        let written = match whole_file::write(&file, unfinished, mail.bytes()) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.make().map_err(|source| OutboxError { path: self.folder.clone(), source })?;
                whole_file::write(&file, unfinished, mail.bytes())
            }
            written => written,
        };
        written.map_err(|source| OutboxError { path: file.clone(), source })?;
        Ok(file)
    }

    /// Removes the files of mails, wherever a mail program has put them. Answers those whose file is still there.
    pub async fn remove(&self, message_ids: Vec<String>) -> Left {
        if message_ids.is_empty() {
            return Left::default();
        }
        let (outbox, ids) = (self.clone(), message_ids.iter().cloned().collect());
        let removed = tokio::task::spawn_blocking(move || outbox.remove_files(ids));
        removed.await.unwrap_or_else(|error| Left {
            message_ids: message_ids.into_iter().collect(),
            why: Some(error.to_string()),
        })
    }

    /// The same, for a thread that may block.
    fn remove_files(&self, mut ids: BTreeSet<String>) -> Left {
        let mut left = Left::default();
        let mut remove = |path: &Path, id: &str| match fs::remove_file(path) {
            Ok(()) => true,
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => {
                left.message_ids.insert(id.to_owned());
                left.why.get_or_insert_with(|| format!("{}: {error}", path.display()));
                true
            }
        };
        // An unfinished file has something before the name, one that was read has flags behind it.
        self.each("tmp", |path, name| {
            if let Some(id) = name.splitn(3, '.').nth(2).and_then(id_in).filter(|id| ids.contains(*id)) {
                remove(path, id);
            }
        });
        ids.retain(|id| !remove(&self.path("new", &format!("{id}.eml")), id));
        if !ids.is_empty() {
            self.each("cur", |path, name| {
                if let Some(id) = id_in(name).filter(|id| ids.contains(*id)) {
                    remove(path, id);
                }
            });
        }
        left
    }

    /// The files of a folder with their names. One that is not there has none.
    fn each(&self, folder: &str, mut look: impl FnMut(&Path, &str)) {
        let entries = fs::read_dir(self.folder.join(folder)).into_iter().flatten().flatten();
        entries.for_each(|entry| look(&entry.path(), &entry.file_name().to_string_lossy()));
    }

    fn path(&self, place: &str, name: &str) -> PathBuf {
        let mut path = PathBuf::with_capacity(self.folder.as_os_str().len() + place.len() + name.len() + 2);
        path.extend([self.folder.as_path(), Path::new(place), Path::new(name)]);
        path
    }

    /// Makes the folders; other users of the machine cannot look in.
    fn make(&self) -> std::io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.folder)?;
        #[cfg(target_os = "linux")]
        spread(&self.folder);
        ["tmp", "new", "cur"].iter().try_for_each(|name| {
            let folder = self.folder.join(name);
            if folder.is_dir() {
                return Ok(());
            }
            // Where it lies goes by the name that it is made with.
            let made = self.folder.join(format!("{name}.{}.{}", std::process::id(), unique()));
            builder.create(&made)?;
            fs::rename(&made, &folder).or_else(|error| {
                // Nothing is in it, and somebody else was faster or the first error is the one to tell.
                let _ = fs::remove_dir(&made);
                if folder.is_dir() { Ok(()) } else { Err(error) }
            })
        })
    }
}

/// Has folders that are made in this one lie anywhere, by their names, where the file system knows that (`chattr +T`). A new
/// file of ext4 lies near its folder; where thousands were deleted nearby within the last minutes, as with an outbox before this
/// one, an ext4 without a journal looks at each of these before it makes the file. Elsewhere nothing happens.
#[cfg(target_os = "linux")]
fn spread(folder: &Path) {
    use rustix::fs::{IFlags, ioctl_getflags, ioctl_setflags};

    if let Ok(folder) = fs::File::open(folder)
        && let Ok(flags) = ioctl_getflags(&folder)
    {
        // It is as good without, only slower.
        let _ = ioctl_setflags(&folder, flags | IFlags::TOPDIR);
    }
}

/// The mail's id in the name of a file.
fn id_in(name: &str) -> Option<&str> {
    name.rsplit_once(".eml").map(|(id, _)| id)
}

#[cfg(test)]
mod tests {
    use super::super::mail::tests::{build, spec};
    use super::*;
    use crate::machine::MailSpec;

    fn files(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn a_mail_becomes_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::new(folder.path().join("deep/outbox"));
        let mail = build(&spec()).unwrap();
        let file = outbox.put(&mail).await.unwrap();
        assert_eq!(file, outbox.folder().join("new").join(format!("{}.eml", mail.message_id())));
        assert_eq!(fs::read(&file).unwrap(), mail.bytes());
        assert_eq!(outbox.put(&mail).await.unwrap(), file, "the same mail again");
        let other = build(&MailSpec { to: "bob@example.com".to_owned(), ..spec() }).unwrap();
        outbox.put(&other).await.unwrap();
        assert_eq!(files(&outbox.folder().join("new")).len(), 2);
        assert!(files(&outbox.folder().join("tmp")).is_empty());
    }

    #[tokio::test]
    async fn a_mail_that_was_read_does_not_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::new(folder.path().to_owned());
        let mail = build(&spec()).unwrap();
        let file = outbox.put(&mail).await.unwrap();
        let read = outbox.folder().join("cur").join(file.file_name().unwrap());
        fs::rename(&file, &read).unwrap();
        assert_eq!(outbox.put(&mail).await.unwrap(), read);
        assert!(files(&outbox.folder().join("new")).is_empty());
    }

    #[tokio::test]
    async fn many_at_once_are_all_written() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::new(folder.path().join("outbox"));
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..40 {
            let outbox = outbox.clone();
            // Each mail twice.
            let mail = build(&MailSpec { to: format!("a{}@example.com", number / 2), ..spec() }).unwrap();
            tasks.spawn(async move { outbox.put(&mail).await.unwrap() });
        }
        tasks.join_all().await;
        assert_eq!(files(&outbox.folder().join("new")).len(), 20);
        assert!(files(&outbox.folder().join("tmp")).is_empty());
    }

    #[tokio::test]
    async fn folders_that_are_missing_are_made() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::new(folder.path().to_owned());
        for (number, missing) in ["tmp", "new", "cur"].into_iter().enumerate() {
            let mail = build(&MailSpec { to: format!("a{number}@example.com"), ..spec() }).unwrap();
            outbox.put(&mail).await.unwrap();
            fs::remove_dir_all(folder.path().join(missing)).unwrap();
            let mail = build(&MailSpec { to: format!("b{number}@example.com"), ..spec() }).unwrap();
            let file = outbox.put(&mail).await.unwrap();
            assert_eq!(fs::read(file).unwrap(), mail.bytes(), "without {missing}");
        }
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let error = Outbox::new(file.clone()).put(&build(&spec()).unwrap()).await.unwrap_err();
        assert!(error.to_string().contains(&file.display().to_string()), "{error}");
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn its_folders_lie_apart_where_the_file_system_knows_that() {
        use rustix::fs::{IFlags, ioctl_getflags};
        let folder = tempfile::tempdir().unwrap();
        let flag = |path: &Path| ioctl_getflags(fs::File::open(path).unwrap()).map(|flags| flags & IFlags::TOPDIR);
        let other = folder.path().join("other");
        fs::create_dir(&other).unwrap();
        spread(&other);
        let outbox = Outbox::new(folder.path().join("outbox"));
        outbox.put(&build(&spec()).unwrap()).await.unwrap();
        assert_eq!(flag(outbox.folder()), flag(&other));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn others_cannot_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::new(folder.path().join("outbox"));
        let file = outbox.put(&build(&spec()).unwrap()).await.unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(outbox.folder())), (0o600, 0o700));
    }
}
