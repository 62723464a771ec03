//! `wf explain`: the page on a diagnostic's code or on a kind of change.

use clap::{Args, ValueEnum};
use compiler::catalogue::Code;
use compiler::diff::Slug;
use compiler::suggest;
use serde_json::json;

use super::Ending;
use super::completions::names;
use super::failure::{Exit, Failure};
use super::terminal::Terminal;

/// Explain a diagnostic or a kind of change: why it is told, what brings it about, how to mend it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wf explain unknown-name\n  wf explain send-added")]
pub(crate) struct Arguments {
    /// The code as `wf check` shows it in brackets, or the kind of change as `wf diff` does; without it all are listed.
    #[arg(add = names::codes())]
    code: Option<String>,
    /// How to show it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The page, in Markdown.
    Text,
    /// One object: `code`, `level`, `title`, `page`; without a code a list of objects, as `wf rules` has it.
    Json,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Ending {
    match &arguments.code {
        Some(slug) => explain(slug, arguments.format, terminal),
        None if arguments.format == Format::Json => super::rules::objects(terminal),
        None => super::rules::list(terminal),
    }
}

fn explain(slug: &str, format: Format, terminal: &Terminal) -> Ending {
    let code = Code::find(slug).map(|code| (code.level().word(), code.title(), code.page()));
    let change = || Slug::find(slug).map(|change| (change.risk().word(), change.title(), change.page()));
    if let Some((level, title, page)) = code.or_else(change) {
        match format {
            Format::Text => terminal.print(page)?,
            Format::Json => {
                let object = json!({ "code": slug, "level": level, "title": title, "page": page });
                terminal.print(&format!("{object:#}"))?;
            }
        }
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
