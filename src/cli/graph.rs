//! `wf graph`: a workflow as a picture.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use compiler::diff::diff;
use compiler::graph::{self, Graph};
use compiler::suggest;
use smol_str::SmolStr;

use super::Ending;
use super::completions::names;
use super::diff::side::Given;
use super::failure::{Exit, Failure};
use super::project;
use super::terminal::Terminal;

/// Draw a workflow.
///
/// The same workflow gives the same bytes, so pictures can be kept beside it and compared.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wf graph welcome > welcome.svg\n  wf graph --format mermaid\n  wf graph welcome --diff main"
)]
pub(crate) struct Arguments {
    /// The workflow; all of them, one after the other, unless named. SVG draws one.
    #[arg(add = names::workflows())]
    workflow: Option<String>,
    /// The project's folder or a compiled program; else the nearest folder upwards with a `wf.toml`, else the current one.
    #[arg(long, value_name = "PATH")]
    project: Option<PathBuf>,
    /// Colour what changed since this revision, and draw what is gone dashed.
    #[arg(long, value_name = "REV")]
    diff: Option<String>,
    /// How to write it down.
    #[arg(long, value_enum, default_value_t = Format::Svg)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A picture for light and dark pages.
    Svg,
    /// For Markdown.
    Mermaid,
    /// For Graphviz.
    Dot,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Ending {
    let path = project::locate(arguments.project.as_deref());
    let given = Given::at(&path)?;
    let (changes, base, head) = match &arguments.diff {
        None => (None, None, given.compile(terminal)?),
        Some(revision) => {
            let (base, head) = given.against(revision, &path, terminal)?;
            let changes = diff(base.view(), head.view());
            let old = changes.renamed.clone().unwrap_or(base.program);
            (Some(changes), Some(old), head)
        }
    };
    // What is gone can be looked at where it was.
    let sides = [Some(&head.program), base.as_ref()].into_iter().flatten();
    let names: BTreeSet<&SmolStr> = sides.flat_map(|program| program.workflows.keys()).collect();
    let names: Vec<&str> = names.into_iter().map(|name| name.as_str()).collect();
    let chosen = match (&arguments.workflow, names.as_slice()) {
        (Some(name), _) => vec![named(name, &names)?],
        (None, [only]) => vec![*only],
        (None, []) => return Err(Failure::usage("this project has no workflow")),
        (None, several) if arguments.format == Format::Svg => {
            let failure = Failure::usage(format!("there are {} workflows: name the one to draw", several.len()));
            return Err(failure.hint(several.join(", ")));
        }
        (None, several) => several.to_vec(),
    };
    for name in chosen {
        let (old, new) = (base.as_ref().and_then(|it| it.workflows.get(name)), head.program.workflows.get(name));
        let picture = match (&changes, new) {
            (Some(changes), _) => Graph::compared(&name.into(), old.map(|it| &**it), new.map(|it| &**it), changes),
            (None, Some(workflow)) => Graph::of(&name.into(), workflow),
            (None, None) => continue,
        };
        terminal.write(&match arguments.format {
            Format::Svg => graph::svg(&picture),
            Format::Mermaid => graph::mermaid(&picture),
            Format::Dot => graph::dot(&picture),
        })?;
    }
    Ok(Exit::Ok)
}

fn named<'n>(name: &str, names: &[&'n str]) -> Result<&'n str, Failure> {
    names.iter().find(|candidate| **candidate == name).copied().ok_or_else(|| {
        let failure = Failure::usage(format!("there is no workflow `{name}`"));
        match suggest::nearest(name, names.iter().copied()) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => failure.hint(format!("there are: {}", names.join(", "))),
        }
    })
}
