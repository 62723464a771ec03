//! `wf explain`: the page on a diagnostic's code.

use clap::Args;
use compiler::catalogue::Code;
use compiler::suggest;

use super::Ending;
use super::failure::{Exit, Failure};
use super::terminal::Terminal;

/// Explain a diagnostic: why the rule is there, what breaks it, how to mend it.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The code as `wf check` shows it in brackets; without it all codes are listed.
    code: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Ending {
    match &arguments.code {
        Some(slug) => explain(slug, terminal),
        None => list(terminal),
    }
}

fn explain(slug: &str, terminal: &Terminal) -> Ending {
    if let Some(code) = Code::find(slug) {
        terminal.print(code.page())?;
        return Ok(Exit::Ok);
    }
    let failure = Failure::usage(format!("there is no code `{slug}`"));
    let near = suggest::nearest(slug, Code::ALL.iter().map(|code| code.slug()));
    Err(match near {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint("`wf explain` alone lists them all"),
    })
}

fn list(terminal: &Terminal) -> Ending {
    let mut table = super::table::Table::new(&["CODE", "LEVEL", "MEANING"]);
    for code in Code::ALL {
        table.row([code.slug(), code.level().word(), code.title()]);
    }
    terminal.write(&table.draw(terminal))?;
    Ok(Exit::Ok)
}
