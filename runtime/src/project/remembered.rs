//! What the folder came to when the daemon last ran: a start with the same folder takes its program from the store instead of
//! compiling it.
//!
//! A note in the data folder says which program that was. It is believed only for the same texts and the same compiler, and a
//! note that is missing, unreadable or about something else costs a compilation and nothing more: so it is written without an
//! fsync.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use compiler::ir::ProgramHash;
use serde::{Deserialize, Serialize};

/// The file in the data folder.
const FILE: &str = "compiled.json";

/// What a folder came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    /// The compiler ([`compiler::BUILD`]).
    compiler: String,
    /// The hash of the folder's texts ([`super::load::fingerprint`]).
    pub(super) sources: String,
    /// The files that its `.wf` files name.
    pub(super) named: Vec<String>,
    /// The program, which the store keeps.
    pub(super) program: ProgramHash,
}

impl Note {
    /// What this compiler has made of a folder.
    pub(super) fn new(sources: String, named: Vec<String>, program: ProgramHash) -> Note {
        Note { compiler: compiler::BUILD.to_owned(), sources, named, program }
    }
}

/// Where the note is.
#[derive(Clone, Debug)]
pub(super) struct Remembered(PathBuf);

impl Remembered {
    /// The note in a data folder.
    pub(super) fn in_folder(data: &Path) -> Remembered {
        Remembered(data.join(FILE))
    }

    /// The note, if there is one of this compiler.
    pub(super) fn read(&self) -> Option<Note> {
        let text = fs::read_to_string(&self.0).ok()?;
        serde_json::from_str(&text).ok().filter(|note: &Note| note.compiler == compiler::BUILD)
    }

    /// Writes the note. That it cannot be written is nobody's loss.
    pub(super) fn write(&self, note: &Note) {
        let Ok(text) = serde_json::to_string(note) else { return };
        let unfinished = self.0.with_extension("new");
        let written = write_private(&unfinished, &text).and_then(|()| fs::rename(&unfinished, &self.0));
        if let Err(error) = written
            && error.kind() != ErrorKind::StorageFull
        {
            tracing::debug!(%error, "what the folder came to is not remembered");
        }
    }
}

/// Writes a file that only its owner may read, as all that is in the data folder.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}
