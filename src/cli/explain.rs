//! `wf explain`: the page on a diagnostic's code or on a kind of change.

use clap::Args;
use compiler::catalogue::Code;
use compiler::diff::Slug;
use compiler::suggest;

use super::Ending;
use super::failure::{Exit, Failure};
use super::terminal::Terminal;

/// Explain a diagnostic or a kind of change: why it is told, what brings it about, how to mend it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wf explain unknown-name\n  wf explain send-added")]
pub(crate) struct Arguments {
    /// The code as `wf check` shows it in brackets, or the kind of change as `wf diff` does; without it all are listed.
    code: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Ending {
    match &arguments.code {
        Some(slug) => explain(slug, terminal),
        None => super::rules::list(terminal),
    }
}

fn explain(slug: &str, terminal: &Terminal) -> Ending {
    if let Some(code) = Code::find(slug) {
        terminal.print(code.page())?;
        return Ok(Exit::Ok);
    }
    if let Some(change) = Slug::find(slug) {
        terminal.print(change.page())?;
        return Ok(Exit::Ok);
    }
    let failure = Failure::usage(format!("there is no code `{slug}`"));
    let changes = Slug::ALL.iter().map(|change| change.word());
    let near = suggest::nearest(slug, Code::ALL.iter().map(|code| code.slug()).chain(changes));
    Err(match near {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint("`wf explain` alone lists them all"),
    })
}
