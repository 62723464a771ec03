//! What became of a file of contacts: counts, and each refused row with its line and reason.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use runtime::client::{Imported, Refusal};
use runtime::import::Format;
use serde::{Deserialize, Serialize};

use super::super::super::clean::clean;
use super::super::super::failure::Failure;
use super::super::super::terminal::{Terminal, WRONG};
use super::Import;
use super::progress::{Mark, beside};

/// Refused rows that are told on the terminal; the file has all.
const TOLD: usize = 20;

/// Refused rows that are told as JSON.
const LISTED: usize = 10_000;

/// How many rows there were.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Counts {
    pub(super) rows: u64,
    created: u64,
    changed: u64,
    unchanged: u64,
    pub(super) refused: u64,
}

/// What became of a file.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) counts: Counts,
    pub(super) refused: u64,
    /// The first refusals: line and reason.
    refusals: Vec<(u64, String)>,
    /// Columns that were not taken.
    left_out: Vec<String>,
    header: Vec<u8>,
    rows: Option<Sink>,
    reasons: Option<Sink>,
}

/// A file that is made with the first thing that is written to it.
#[derive(Debug)]
struct Sink {
    path: PathBuf,
    file: Option<File>,
    /// Whether it is gone on with.
    append: bool,
}

impl Sink {
    /// Writes; answers whether it is the first time.
    fn write(&mut self, before: &[u8], bytes: &[u8]) -> Result<(), Failure> {
        let cannot = |path: &Path| {
            let path = path.display().to_string();
            move |error: std::io::Error| Failure::file(format!("cannot write `{path}`"), &error)
        };
        let fresh = self.file.is_none();
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let mut options = OpenOptions::new();
                // Rows of people are for nobody else's eyes.
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                options.create(true).append(self.append).write(true).truncate(!self.append);
                none.insert(options.open(&self.path).map_err(cannot(&self.path))?)
            }
        };
        let empty = fresh && file.metadata().is_ok_and(|about| about.len() == 0);
        let first = if empty { before } else { &[] };
        file.write_all(first).and_then(|()| file.write_all(bytes)).map_err(cannot(&self.path))
    }
}

impl Report {
    pub(super) fn new(arguments: &Import, format: Format, mark: &Mark) -> Result<Report, Failure> {
        let ending = match format {
            Format::Csv => "csv",
            Format::Ndjson => "ndjson",
        };
        let own = || beside(&arguments.file, &format!(".refused.{ending}"));
        let rows = match &arguments.refused {
            Some(path) => Some(path.clone()),
            None => (arguments.file != Path::new("-")).then(own),
        };
        if rows.as_ref() == Some(&arguments.file) {
            return Err(Failure::usage("the refused rows would be written over the file itself"));
        }
        let append = mark.offset > 0;
        let sink = |path| Sink { path, file: None, append };
        let reasons = rows.as_ref().map(|rows| beside(rows, ".txt"));
        Ok(Report {
            counts: mark.counts.clone(),
            refused: mark.counts.refused,
            refusals: vec![],
            left_out: vec![],
            header: vec![],
            rows: rows.map(sink),
            reasons: reasons.map(sink),
        })
    }

    /// The header that stands over refused rows too.
    pub(super) fn header(&mut self, header: &[u8]) {
        self.header = one_line(header);
    }

    pub(super) fn count(&mut self, imported: &Imported) {
        self.counts.rows += imported.rows;
        self.counts.created += imported.created;
        self.counts.changed += imported.changed;
        self.counts.unchanged += imported.unchanged;
        self.counts.refused += imported.refused;
        self.refused = self.counts.refused;
        // The header is the same in each part.
        self.left_out.clone_from(&imported.left_out);
    }

    /// Takes note of a refused row.
    pub(super) fn refuse(&mut self, line: u64, refusal: &Refusal, bytes: &[u8]) -> Result<(), Failure> {
        let reason = match refusal.errors.as_slice() {
            [] => refusal.detail.clone(),
            errors => errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        };
        if let Some(rows) = &mut self.rows {
            rows.write(&self.header, &one_line(bytes))?;
        }
        if let Some(reasons) = &mut self.reasons {
            reasons.write(b"", format!("line {line}: {}\n", reason.replace('\n', " ")).as_bytes())?;
        }
        if self.refusals.len() < LISTED {
            self.refusals.push((line, reason));
        }
        Ok(())
    }

    /// Says it to people.
    pub(super) fn tell(&self, terminal: &Terminal) -> Result<(), Failure> {
        for (line, reason) in self.refusals.iter().take(TOLD) {
            terminal.note(&format!("{}: line {line}: {}", terminal.paint_note(WRONG, "refused"), clean(reason)));
        }
        for column in &self.left_out {
            terminal.note(&format!("the column `{}` is left out: `wf` itself writes this field", clean(column)));
        }
        let Counts { rows, created, changed, unchanged, refused } = self.counts;
        if let Some(sink) = self.rows.as_ref().filter(|_| refused > 0) {
            let more = if refused > TOLD as u64 { "all of the refused rows" } else { "the refused rows" };
            let path = sink.path.display();
            terminal.note(&format!("{more} are in `{path}`, the reasons in `{path}.txt`"));
        }
        let rows = if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
        terminal.print(&format!("{rows}: {created} made, {changed} changed, {unchanged} as before, {refused} refused"))
    }

    /// The same as an object.
    pub(super) fn json(&self) -> String {
        #[derive(Serialize)]
        struct Line<'a> {
            line: u64,
            reason: &'a str,
        }

        #[derive(Serialize)]
        struct Whole<'a> {
            #[serde(flatten)]
            counts: &'a Counts,
            refusals: Vec<Line<'a>>,
            #[serde(skip_serializing_if = "<[String]>::is_empty")]
            left_out: &'a [String],
        }

        let refusals = self.refusals.iter().map(|(line, reason)| Line { line: *line, reason }).collect();
        let whole = Whole { counts: &self.counts, refusals, left_out: &self.left_out };
        serde_json::to_string(&whole).unwrap_or_default()
    }
}

/// A row with one line end behind it. Where line ends are two characters, the second may stand before the next row.
fn one_line(row: &[u8]) -> Vec<u8> {
    let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let begin = row.iter().position(|byte| !is_end(byte)).unwrap_or(row.len());
    let end = row.iter().rposition(|byte| !is_end(byte)).map_or(begin, |last| last + 1);
    let mut line = row.get(begin..end).unwrap_or_default().to_vec();
    line.push(b'\n');
    line
}
