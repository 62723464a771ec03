//! `wf fmt`: the canonical form of the sources.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use compiler::format::{self, Formatted};
use compiler::report;
use compiler::source::{FileId, Sources};
use runtime::project::source_files;
use similar::TextDiff;

use super::Ending;
use super::check::counted;
use super::clean::clean;
use super::failure::{Exit, Failure};
use super::input;
use super::project;
use super::replace::replace;
use super::terminal::{FAINT, GOOD, Terminal, WRONG};

/// Bring `.wf` files into canonical form.
///
/// Comments and the meaning stay what they are. What cannot be read is left as it was written and shown; the declarations
/// beside it are formatted.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wf fmt\n  wf fmt --check --diff\n  wf fmt - < cart.wf")]
pub(crate) struct Arguments {
    /// Files and folders; `-` reads standard input and writes standard output. Without any, the project's folder.
    #[arg(value_name = "PATH|-")]
    paths: Vec<PathBuf>,
    /// Write nothing: list what is not in canonical form, with exit code 1 if there is something.
    #[arg(long)]
    check: bool,
    /// Write nothing: show what would change, with exit code 1 if there is something.
    #[arg(long)]
    diff: bool,
}

/// How long the lines of two texts may be compared, after which the difference is a coarser one.
const COMPARED_FOR: Duration = Duration::from_secs(2);

/// A text to be formatted.
struct Input {
    /// What it is called.
    name: String,
    /// Its file; standard input has none.
    path: Option<PathBuf>,
}

/// What became of the files.
#[derive(Default)]
struct Counts {
    /// In canonical form before.
    canonical: usize,
    /// Changed, or to be changed.
    changed: usize,
    /// With declarations that cannot be read.
    broken: usize,
    /// Left alone because of a mistake in the formatter.
    refused: usize,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Ending {
    let mut counts = Counts::default();
    for input in inputs(&arguments.paths)? {
        one(&input, arguments, terminal, &mut counts)?;
    }
    let writes = !arguments.check && !arguments.diff;
    if arguments.paths.iter().all(|path| path != Path::new("-")) {
        terminal.note(&counts.told(writes, terminal));
    }
    Ok(match counts {
        Counts { refused: 1.., .. } => Exit::Internal,
        Counts { broken: 1.., .. } => Exit::Findings,
        Counts { changed: 1.., .. } if !writes => Exit::Findings,
        _ => Exit::Ok,
    })
}

/// The files that are meant, each once.
fn inputs(paths: &[PathBuf]) -> Result<Vec<Input>, Failure> {
    let located = if paths.is_empty() { vec![project::locate(None)] } else { paths.to_vec() };
    let mut seen = std::collections::BTreeSet::new();
    let mut inputs = Vec::new();
    for path in located {
        if path == Path::new("-") {
            inputs.push(Input { name: "<stdin>".to_owned(), path: None });
            continue;
        }
        if path.is_file() && path.extension().is_none_or(|ending| ending != "wf") {
            return Err(Failure::usage(format!("`{}` is no `.wf` file", path.display())));
        }
        for file in source_files(&path).map_err(|error| project::unreadable(&error))? {
            let real = std::fs::canonicalize(&file).unwrap_or_else(|_| file.clone());
            if seen.insert(real) {
                inputs.push(Input { name: project::shown(&file), path: Some(file) });
            }
        }
    }
    Ok(inputs)
}

fn one(input: &Input, arguments: &Arguments, terminal: &Terminal, counts: &mut Counts) -> Result<(), Failure> {
    let text = input::text(input.path.as_deref().unwrap_or(Path::new("-")))?;
    let formatted = match format::format(FileId::new(0), &text) {
        Ok(formatted) => formatted,
        Err(law) => {
            counts.refused += 1;
            terminal.note(&format!(
                "{}: {}: {law}; it is left as it is. This is a mistake in `wf`: please report it with the file",
                terminal.paint_note(WRONG, "internal error"),
                clean(&input.name)
            ));
            if input.path.is_none() {
                terminal.write(&text)?;
            }
            return Ok(());
        }
    };
    let changed = formatted.text != text;
    counts.changed += usize::from(changed);
    if arguments.diff {
        if changed {
            terminal.print(&difference(&input.name, &text, &formatted.text, terminal))?;
        }
    } else if arguments.check {
        if changed {
            terminal.print(&input.name)?;
        }
    } else if let Some(path) = &input.path {
        if changed {
            replace(path, &text, &formatted.text)
                .map_err(|error| Failure::file(format!("cannot write `{}`", input.name), &error))?;
            terminal.print(&input.name)?;
        }
    } else {
        terminal.write(&formatted.text)?;
    }
    if formatted.is_partial() {
        counts.broken += 1;
        show_errors(input, formatted, if arguments.check || arguments.diff { Some(&text) } else { None }, terminal);
    } else {
        counts.canonical += usize::from(!changed);
    }
    Ok(())
}

/// Shows what could not be read, at its places in the text that the author has now: the one before, if nothing is written.
fn show_errors(input: &Input, formatted: Formatted, before: Option<&String>, terminal: &Terminal) {
    let (text, found) = match before {
        Some(text) => (text.clone(), compiler::syntax::parse(FileId::new(0), text).diagnostics),
        None => (formatted.text, formatted.diagnostics),
    };
    let sources = Sources::single(&input.name, &text);
    let errors: Vec<_> = found.into_iter().filter(|found| found.is_error()).collect();
    terminal.note(&report::human(&errors, &sources, terminal.colour_notes()));
}

/// A unified diff, as `patch` and `git apply` read it.
fn difference(name: &str, before: &str, after: &str, terminal: &Terminal) -> String {
    let diff = TextDiff::configure().timeout(COMPARED_FOR).diff_lines(before, after);
    let (old, new) = (format!("a/{name}"), format!("b/{name}"));
    let text = diff.unified_diff().header(&old, &new).to_string();
    if !terminal.colour() {
        return text;
    }
    let line = |line: &str| match line.bytes().next() {
        Some(b'+') => terminal.paint(GOOD, clean(line)),
        Some(b'-') => terminal.paint(WRONG, clean(line)),
        Some(b'@') => terminal.paint(FAINT, clean(line)),
        _ => clean(line).to_string(),
    };
    text.lines().map(|text| line(text) + "\n").collect()
}

impl Counts {
    /// In one line.
    fn told(&self, writes: bool, terminal: &Terminal) -> String {
        let mut parts = Vec::new();
        let changed = if writes { "formatted" } else { "not formatted" };
        for (count, what) in [
            (self.changed, changed),
            (self.canonical, "formatted already"),
            (self.broken, "with errors"),
            (self.refused, "left alone"),
        ] {
            if count > 0 {
                parts.push(format!("{} {what}", counted(count, "file")));
            }
        }
        let text = parts.join(", ");
        if self.broken + self.refused > 0 || (!writes && self.changed > 0) {
            terminal.paint_note(WRONG, text)
        } else {
            format!("{} {text}", terminal.paint_note(GOOD, "ok:"))
        }
    }
}
