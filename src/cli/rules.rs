//! `wf rules`: the catalogue of findings and of changes.

use clap::{Args, ValueEnum};
use compiler::catalogue::Code;
use compiler::diff::Slug;
use serde_json::json;

use super::Ending;
use super::failure::Exit;
use super::table::Table;
use super::terminal::Terminal;

/// List all rules that `wf check` holds a project to and all kinds of change that `wf diff` tells; `wf explain CODE` tells
/// more of one.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wf rules\n  wf rules --format json")]
pub(crate) struct Arguments {
    /// How to show them.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One line each.
    Table,
    /// A list of objects: `code`, `level`, `title`.
    Json,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Ending {
    match arguments.format {
        Format::Table => list(terminal),
        Format::Json => objects(terminal),
    }
}

/// All codes as a list of objects.
pub(crate) fn objects(terminal: &Terminal) -> Ending {
    let rule = |code: &Code| json!({ "code": code.slug(), "level": code.level().word(), "title": code.title() });
    let kind = |it: &Slug| json!({ "code": it.word(), "level": it.risk().word(), "title": it.title() });
    let all: serde_json::Value = Code::ALL.iter().map(rule).chain(Slug::ALL.iter().map(kind)).collect();
    terminal.print(&format!("{all:#}"))?;
    Ok(Exit::Ok)
}

/// All codes in a table, in the order of the pipeline.
pub(crate) fn list(terminal: &Terminal) -> Ending {
    let mut table = Table::new(&["CODE", "LEVEL", "MEANING"]);
    for code in Code::ALL {
        table.row([code.slug(), code.level().word(), code.title()]);
    }
    for change in Slug::ALL {
        table.row([change.word(), change.risk().word(), change.title()]);
    }
    terminal.write(&table.draw(terminal))?;
    Ok(Exit::Ok)
}
