//! How far an import has come: for who looks on, and for the next time.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};

use super::super::super::failure::Failure;
use super::super::super::input;
use super::super::super::replace::write_whole;
use super::report::{Counts, Report};

/// What is added to the file's name.
const ENDING: &str = ".wf-import";

/// What is noted beside the file while it is imported.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Note {
    daemon: String,
    /// The file's size and time of change: another file of the name begins anew.
    bytes: u64,
    changed_ns: u128,
    offset: u64,
    line: u64,
    #[serde(flatten)]
    counts: Counts,
}

/// The path with something added to the file's name.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// How far the daemon has come through the file.
#[derive(Debug)]
pub(super) struct Mark {
    /// The file that it is noted in; none for standard input.
    path: Option<PathBuf>,
    note: Note,
    /// Bytes of the file that are in.
    pub(super) offset: u64,
    /// The line of the last row that is in.
    pub(super) line: u64,
    /// Bytes up to the end of what is being sent.
    pub(super) next: u64,
    /// What became of the rows up to there.
    pub(super) counts: Counts,
}

impl Mark {
    /// Where an import of the file stands; at its beginning unless one was broken off.
    pub(super) fn of(file: &Path, daemon: &str, restart: bool) -> Result<Mark, Failure> {
        let at_start = |path, note| Mark { path, note, offset: 0, line: 0, next: 0, counts: Counts::default() };
        if file == Path::new("-") {
            return Ok(at_start(None, Note::default()));
        }
        let about = fs::metadata(file)
            .map_err(|error| Failure::file(format!("cannot read `{}`", input::name(file)), &error))?;
        if !about.is_file() {
            // What cannot be read twice cannot be gone on with.
            return Ok(at_start(None, Note::default()));
        }
        let changed = about.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
        let note =
            Note { daemon: daemon.to_owned(), bytes: about.len(), changed_ns: changed.as_nanos(), ..Note::default() };
        let path = beside(file, ENDING);
        let kept: Option<Note> = fs::read_to_string(&path).ok().and_then(|text| serde_json::from_str(&text).ok());
        let same =
            |kept: &Note| (&kept.daemon, kept.bytes, kept.changed_ns) == (&note.daemon, note.bytes, note.changed_ns);
        Ok(match kept.filter(|kept| !restart && same(kept)) {
            Some(kept) => {
                let (offset, line, counts) = (kept.offset, kept.line, kept.counts.clone());
                Mark { path: Some(path), note: kept, offset, line, next: offset, counts }
            }
            None => at_start(Some(path), note),
        })
    }

    /// Notes that all is in that was being sent.
    pub(super) fn note(&mut self, line: u64, report: &Report) {
        (self.offset, self.line) = (self.next, line);
        let Some(path) = &self.path else { return };
        (self.note.offset, self.note.line, self.note.counts) = (self.offset, line, report.counts.clone());
        let written =
            serde_json::to_string(&self.note).map_err(std::io::Error::other).and_then(|text| write_whole(path, &text));
        if written.is_err() {
            // The folder cannot be written to: then the next import begins anew, which is slower and as right.
            self.path = None;
        }
    }

    /// Whether a next import would go on.
    pub(super) fn is_kept(&self) -> bool {
        self.path.is_some()
    }

    /// Forgets it: the file is in.
    pub(super) fn remove(&self) {
        if let Some(path) = &self.path {
            // There is none where all went in one part and nothing was noted.
            let _ = fs::remove_file(path);
        }
    }
}

/// The bar on a terminal.
#[derive(Debug)]
pub(super) struct Bar(ProgressBar);

impl Bar {
    /// A bar over so many bytes; without a number what has been done is counted.
    pub(super) fn new(bytes: Option<u64>) -> Bar {
        let (bar, form) = match bytes {
            Some(bytes) => {
                (ProgressBar::new(bytes), "{bar:30} {percent}%  {msg}  {elapsed_precise}, {eta_precise} to go")
            }
            None => (ProgressBar::new_spinner(), "{spinner} {msg}  {elapsed_precise}"),
        };
        // The form is a constant; a bar without one is a bar too.
        if let Ok(style) = ProgressStyle::with_template(form) {
            bar.set_style(style.progress_chars("━╸─"));
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Bar(bar)
    }

    /// So many bytes are in.
    pub(super) fn at(&self, bytes: u64, report: &Report) {
        self.0.set_position(bytes);
        let Counts { rows, refused, .. } = report.counts;
        let refused = if refused == 0 { String::new() } else { format!(", {refused} refused") };
        self.0.set_message(format!("{rows} rows{refused}"));
    }

    /// Takes it off the terminal.
    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}
