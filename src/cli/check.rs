//! `wf check`: all findings of all stages in one run.

mod fix;
pub(super) mod github;
pub(super) mod junit;
pub(super) mod place;
pub(super) use place::escaped as uri;
mod sarif;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use compiler::diagnostic::Diagnostic;
use compiler::report;
use compiler::source::Sources;
use serde_json::json;

use super::Ending;
use super::failure::Exit;
use super::project;
use super::terminal::{GOOD, Terminal, WRONG};
use place::Places;

/// Compile a project and show everything that is wrong with it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wf check\n  wf check shop --fix\n  wf check --format github")]
pub(crate) struct Arguments {
    /// The project's folder; else the nearest one upwards with a `wf.toml`, else the current one.
    path: Option<PathBuf>,
    /// Take the way out of each finding that offers exactly one, as far as the project is no worse for it; then show what
    /// is left.
    #[arg(long)]
    fix: bool,
    /// How to show the findings.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Drawn into the sources.
    Human,
    /// One line each: `file:line:column: error[code]: message`.
    Concise,
    /// One object with all of them.
    Json,
    /// Annotations of a GitHub workflow.
    Github,
    /// A log in SARIF 2.1.0.
    Sarif,
    /// A JUnit report.
    Junit,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Ending {
    let path = project::locate(arguments.path.as_deref());
    let mut workspace = project::load(&path)?;
    let (compiled, steps) = if arguments.fix {
        let mended = fix::run(&path, &mut workspace, terminal)?;
        (mended.compiled, Some(mended.taken))
    } else {
        (workspace.compile(), None)
    };
    let sources = workspace.sources();
    let (diagnostics, counts) = (&compiled.diagnostics, Counts::of(&compiled.diagnostics, sources));
    let text = match arguments.format {
        Format::Human => report::human(diagnostics, sources, terminal.colour()),
        Format::Concise => report::concise(diagnostics, sources),
        Format::Json => {
            let findings = report::json(diagnostics, sources);
            let mut document = json!({ "errors": counts.errors, "warnings": counts.warnings, "findings": findings });
            if let (Some(steps), Some(members)) = (&steps, document.as_object_mut()) {
                members.insert("fixed".to_owned(), steps.iter().map(fix::json).collect());
            }
            format!("{document:#}")
        }
        Format::Github => github::annotations(diagnostics, &Places::new(sources, &path)),
        Format::Sarif => format!("{:#}", sarif::log(diagnostics, &Places::new(sources, &path))),
        Format::Junit => junit::report(diagnostics, &Places::new(sources, &path)),
    };
    terminal.print(&text)?;
    terminal.note(&counts.told(terminal));
    // The program ends here, and its memory goes back as a whole: to take a large project apart first is work for nothing.
    std::mem::forget((workspace, compiled));
    Ok(counts.exit())
}

/// How many findings there are, in how many files.
pub(super) struct Counts {
    errors: usize,
    warnings: usize,
    files: usize,
}

impl Counts {
    pub(super) fn of(diagnostics: &[Diagnostic], sources: &Sources) -> Counts {
        let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
        Counts { errors, warnings: diagnostics.len() - errors, files: sources.programs().count() }
    }

    /// Warnings alone do not fail.
    pub(super) fn exit(&self) -> Exit {
        if self.errors > 0 { Exit::Findings } else { Exit::Ok }
    }

    /// In one line.
    pub(super) fn told(&self, terminal: &Terminal) -> String {
        let files = counted(self.files, "file");
        let findings: Vec<String> = [(self.errors, "error"), (self.warnings, "warning")]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, noun)| counted(count, noun))
            .collect();
        match findings.is_empty() {
            true => format!("{} {files} checked", terminal.paint_note(GOOD, "ok:")),
            false if self.errors > 0 => terminal.paint_note(WRONG, format!("{} in {files}", findings.join(", "))),
            false => format!("{} in {files}", findings.join(", ")),
        }
    }
}

/// `1 file`, `2 files`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
