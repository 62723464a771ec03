//! `wf contacts import`: a file of contacts, sent in parts.
//!
//! The file is cut at its rows and each part goes as it stands, with the header before it. After each part it is noted beside
//! the file how far the daemon has come, so an import that was broken off goes on where it was. Doing rows again would harm
//! nothing: a contact is found by its identifiers and becomes what it is already.

mod progress;
mod report;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use runtime::client::{Client, ClientError, ImportOptions, Imported};
use runtime::import::{Content, Format, NOT_UTF8, Row, Rows};

use super::super::Ending;
use super::super::daemon::{self, Daemon};
use super::super::failure::{Exit, Failure};
use super::super::input;
use super::super::terminal::Terminal;
use progress::{Bar, Mark};
use report::Report;

/// Make or change contacts from a file: CSV with a header, or one JSON object a line.
///
/// A contact is found by any identifier in its row (`id`, `external_id`, `phone`, `email`), else it is made. Rows that are
/// refused refuse no others: they are told with line and reason, and written to a file beside the first, to be mended and
/// imported. An import that was broken off goes on with the same command.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Import {
    /// The file (`*.csv`, `*.tsv`, `*.ndjson`, `*.jsonl`), or `-` for standard input.
    file: PathBuf,
    /// What it is, where its name does not tell.
    #[arg(long = "as", value_enum, value_name = "FORMAT")]
    kind: Option<Kind>,
    /// The field that a column is; without FIELD the column is left out. Columns that are named like fields are found.
    #[arg(long = "map", value_name = "COLUMN=FIELD")]
    map: Vec<String>,
    /// An empty cell removes the field; without this it leaves the field as it is.
    #[arg(long)]
    empty_removes: bool,
    /// The country whose phone numbers are written without `+`, as two letters.
    #[arg(long, value_name = "COUNTRY")]
    country: Option<String>,
    /// Where to write the rows that are refused; beside the file unless set.
    #[arg(long, value_name = "FILE")]
    refused: Option<PathBuf>,
    /// Begin at the first row, though an import of the file was broken off.
    #[arg(long)]
    restart: bool,
    /// How to print what became of it.
    #[arg(long, value_enum, default_value_t = Shape::Text)]
    format: Shape,
    #[command(flatten)]
    daemon: Daemon,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Separated values with a header; the separator is found.
    Csv,
    /// One JSON object a line.
    Ndjson,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shape {
    /// For people.
    Text,
    /// One object.
    Json,
}

const EXAMPLES: &str = r#"Examples:
  wf contacts import people.csv
  wf contacts import export.csv --map 'E-mail=email' --map 'Notes=' --country UA
  zcat people.ndjson.gz | wf contacts import - --as ndjson

Exit code 1: rows were refused; it says which and why."#;

/// Rows of one request.
const ROWS: usize = 2_000;

/// Bytes of one request, but for a single row that has more.
const BYTES: usize = 1 << 20;

/// Bytes that are read at once.
const BLOCK: usize = 256 << 10;

/// How often a daemon that has no room is asked again, and the pause before it.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(500);

/// A part of the file that is to be sent.
#[derive(Debug, Default)]
struct Part {
    /// For each row its line, and where its bytes end in `bytes`.
    rows: Vec<(u64, usize)>,
    bytes: Vec<u8>,
}

/// A file on its way to the daemon.
struct Way<'a> {
    arguments: &'a Import,
    client: Client,
    options: ImportOptions,
    format: Format,
    /// The header as it stands in the file.
    header: Vec<u8>,
    part: Part,
    mark: Mark,
    report: Report,
    bar: Bar,
}

pub(super) fn run(arguments: &Import, terminal: &Terminal) -> Ending {
    let format = format(arguments)?;
    let options = ImportOptions {
        map: map(&arguments.map)?,
        empty_removes: arguments.empty_removes,
        country: arguments.country.clone(),
    };
    let client = arguments.daemon.client(terminal)?;
    let stdin = arguments.file == Path::new("-");
    let mark = Mark::of(&arguments.file, client.address(), arguments.restart)?;
    let (mut source, size): (Box<dyn Read>, Option<u64>) = if stdin {
        (Box::new(std::io::stdin().lock()), None)
    } else {
        let cannot =
            |error: std::io::Error| Failure::file(format!("cannot read `{}`", input::name(&arguments.file)), &error);
        let file = File::open(&arguments.file).map_err(cannot)?;
        let size = file.metadata().map_err(cannot)?.len();
        (Box::new(file), Some(size))
    };
    if mark.offset > 0 {
        terminal.note(&format!("goes on after line {}, where the last import was broken off", mark.line));
    }
    let report = Report::new(arguments, format, &mark)?;
    let bar = Bar::new(size);
    let mut way = Way { arguments, client, options, format, header: vec![], part: Part::default(), mark, report, bar };
    daemon::converse(async {
        way.go(&mut source).await.map_err(|failure| way.broken_off(failure))?;
        way.bar.clear();
        way.mark.remove();
        match arguments.format {
            Shape::Text => way.report.tell(terminal)?,
            Shape::Json => terminal.print(&way.report.json())?,
        }
        Ok(if way.report.refused > 0 { Exit::Findings } else { Exit::Ok })
    })
}

fn format(arguments: &Import) -> Result<Format, Failure> {
    match arguments.kind {
        Some(Kind::Csv) => return Ok(Format::Csv),
        Some(Kind::Ndjson) => return Ok(Format::Ndjson),
        None => {}
    }
    let extension = arguments.file.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    match extension.as_deref() {
        Some("csv" | "tsv" | "txt") => Ok(Format::Csv),
        Some("ndjson" | "jsonl") => Ok(Format::Ndjson),
        _ => Err(Failure::usage(format!("it is not known what `{}` is", input::name(&arguments.file)))
            .hint("say --as csv or --as ndjson")),
    }
}

fn map(given: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let pairs = given.iter().map(|pair| match pair.rsplit_once('=') {
        Some((column, field)) if !column.is_empty() => Ok((column.to_owned(), field.to_owned())),
        _ => Err(Failure::usage(format!("`--map {pair}` is not COLUMN=FIELD"))
            .hint("write the column as it stands in the header, and the field: --map 'E-mail=email'; `--map 'E-mail='` leaves it out")),
    });
    pairs.collect()
}

impl Way<'_> {
    /// Reads the file to its end, and sends it.
    async fn go(&mut self, source: &mut dyn Read) -> Result<(), Failure> {
        let mut rows = Rows::new(self.format);
        let mut block = vec![0; BLOCK];
        // Bytes that are read and belong to no row yet; the first one's place in the file.
        let (mut kept, mut begin): (Vec<u8>, u64) = (Vec::new(), 0);
        loop {
            let read = source.read(&mut block).map_err(|error| {
                Failure::file(format!("cannot read `{}`", input::name(&self.arguments.file)), &error)
            })?;
            let read = block.get(..read).unwrap_or_default();
            if begin == 0 && kept.is_empty() {
                input::refuse_foreign(&self.arguments.file, read)?;
            }
            kept.extend_from_slice(read);
            let found = if read.is_empty() { rows.finish() } else { rows.feed(read) };
            for row in found {
                let length = usize::try_from(row.end.saturating_sub(begin)).unwrap_or(usize::MAX);
                let bytes: Vec<u8> = kept.drain(..length.min(kept.len())).collect();
                begin = row.end;
                self.take(row, bytes).await?;
            }
            if read.is_empty() {
                return self.send().await;
            }
        }
    }

    async fn take(&mut self, row: Row, bytes: Vec<u8>) -> Result<(), Failure> {
        if self.format == Format::Csv && self.header.is_empty() {
            if let Content::Unreadable(why) = row.content {
                let failure = Failure::usage(format!("line {}: the header cannot be read: {why}", row.line));
                return Err(match why == NOT_UTF8 {
                    true => failure
                        .hint("the file must be text in UTF-8; `iconv -f ENCODING -t UTF-8 FILE` writes it as that"),
                    false => failure,
                });
            }
            self.header = bytes;
            if !self.header.ends_with(b"\n") {
                self.header.push(b'\n');
            }
            self.report.header(&self.header);
            return Ok(());
        }
        if row.end <= self.mark.offset {
            return Ok(());
        }
        let full = self.part.rows.len() >= ROWS || self.part.bytes.len() + bytes.len() > BYTES;
        if full {
            self.send().await?;
        }
        self.part.bytes.extend(bytes);
        self.part.rows.push((row.line, self.part.bytes.len()));
        self.mark.next = row.end;
        Ok(())
    }

    /// Sends what was gathered, and notes that it was.
    async fn send(&mut self) -> Result<(), Failure> {
        let part = std::mem::take(&mut self.part);
        let Some((line, _)) = part.rows.last() else { return Ok(()) };
        let imported = self.ask(&part.bytes).await?;
        let mut begin = 0;
        let mut refusals = imported.refusals.iter().peekable();
        for (number, (line, end)) in (1..).zip(&part.rows) {
            if refusals.peek().is_some_and(|refusal| refusal.row == number) {
                let bytes = part.bytes.get(begin..*end).unwrap_or_default();
                if let Some(refusal) = refusals.next() {
                    self.report.refuse(*line, refusal, bytes)?;
                }
            }
            begin = *end;
        }
        self.report.count(&imported);
        self.mark.note(*line, &self.report);
        self.bar.at(self.mark.offset, &self.report);
        Ok(())
    }

    async fn ask(&self, bytes: &[u8]) -> Result<Imported, Failure> {
        let mut tries = 0;
        loop {
            let rows = [self.header.as_slice(), bytes].concat();
            match self.client.import_contacts(self.format, rows, &self.options).await {
                Ok(mut imported) => {
                    imported.refusals.sort_by_key(|refusal| refusal.row);
                    return Ok(imported);
                }
                Err(error) if tries < TRIES && matches!(error.status(), Some(429 | 503 | 507)) => {
                    tries += 1;
                    tokio::time::sleep(PAUSE * tries).await;
                }
                Err(ClientError::Refused(problem)) if problem.kind == "urn:wf:columns-do-not-fit" => {
                    return Err(Failure::usage(problem.to_string())
                        .hint("--map 'COLUMN=FIELD' says which field a column is, --map 'COLUMN=' leaves it out"));
                }
                Err(error) => return Err(daemon::failure(error)),
            }
        }
    }

    /// What to say when the import cannot go on.
    fn broken_off(&self, failure: Failure) -> Failure {
        self.bar.clear();
        match self.mark.is_kept() && self.mark.offset > 0 {
            true => failure
                .after(&format!("the rows up to line {} are in", self.mark.line))
                .also_hint("the same command goes on from there"),
            false => failure,
        }
    }
}
