//! `wf build`: the compiled program as a file.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use compiler::ir::{Program, ProgramHash};
use compiler::report;
use serde_json::json;

use super::Ending;
use super::check::{Counts, counted};
use super::failure::{Exit, Failure};
use super::project;
use super::replace;
use super::terminal::Terminal;

/// Compile a project into one file, which `wf serve` runs.
///
/// The file is canonical JSON: the same program gives the same bytes and the same hash, however its sources are split, ordered
/// or laid out.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wf build -o shop.wfc && wf serve shop.wfc")]
pub(crate) struct Arguments {
    /// The project's folder; else the nearest one upwards with a `wf.toml`, else the current one.
    path: Option<PathBuf>,
    /// Where to write the program; `-` for standard output. The folder's name with `.wfc` in the current folder unless set.
    #[arg(short, long, value_name = "FILE.wfc")]
    output: Option<PathBuf>,
    /// How to tell what was built. `json` has the hash of each workflow with all that it uses.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// In two lines.
    Text,
    /// As one object.
    Json,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Ending {
    let path = project::locate(arguments.path.as_deref());
    let mut workspace = project::load(&path)?;
    let compiled = workspace.compile();
    let sources = workspace.sources();
    let counts = Counts::of(&compiled.diagnostics, sources);
    if !compiled.diagnostics.is_empty() {
        terminal.note(&report::human(&compiled.diagnostics, sources, terminal.colour_notes()));
        terminal.note(&counts.told(terminal));
    }
    let Some(program) = compiled.program else { return Ok(counts.exit()) };
    let json = program.to_json();
    let hash = ProgramHash::of(&json);
    let summary = |file: Option<&Path>| match arguments.format {
        Format::Json => described(&program, &hash, file),
        Format::Text => {
            let file = file.map(|file| format!("{}\n", file.display())).unwrap_or_default();
            format!("{file}{hash}  {}\n", contents(&program))
        }
    };
    match arguments.output.as_deref() {
        Some(output) if output == Path::new("-") => {
            terminal.print(&json)?;
            terminal.note(&summary(None));
        }
        given => {
            let output = given.map_or_else(|| named_after(&path), Path::to_owned);
            write(&output, &json)?;
            terminal.write(&summary(Some(&output)))?;
        }
    }
    Ok(Exit::Ok)
}

/// The folder's name (a file's without its ending) with `.wfc`.
fn named_after(path: &Path) -> PathBuf {
    let absolute = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let name = if absolute.is_file() { absolute.file_stem() } else { absolute.file_name() };
    let mut file = name.unwrap_or("program".as_ref()).to_owned();
    file.push(".wfc");
    PathBuf::from(file)
}

/// Writes the file as a whole, so that a daemon never reads half a program.
fn write(output: &Path, json: &str) -> Result<(), Failure> {
    if output.file_name().is_none() {
        return Err(Failure::usage(format!("`{}` names no file", output.display())));
    }
    if output.is_dir() {
        return Err(Failure::usage(format!("`{}` is a folder", output.display())).hint("name a file in it"));
    }
    let written = replace::write_whole(output, &format!("{json}\n"));
    written.map_err(|error| Failure::file(format!("cannot write `{}`", output.display()), &error))
}

/// What was built, for programs.
fn described(program: &Program, hash: &ProgramHash, file: Option<&Path>) -> String {
    let workflows: serde_json::Map<String, serde_json::Value> =
        program.workflows.keys().map(|name| (name.to_string(), json!(program.workflow_hash(name)))).collect();
    let file = file.map(|file| file.display().to_string());
    format!("{:#}\n", json!({ "file": file, "hash": hash, "workflows": workflows }))
}

/// What is in a program, in one line.
fn contents(program: &Program) -> String {
    let counts = [
        (program.workflows.len(), "workflow"),
        (program.events.len(), "event"),
        (program.webhooks.len(), "webhook"),
        (program.messages.len(), "message"),
    ];
    counts.map(|(count, noun)| counted(count, noun)).join(", ")
}
