//! `wf diff`: what a change means for people's inboxes and data.

pub(super) mod git;
pub(super) mod side;

mod github;
mod json;
mod markdown;
mod text;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use compiler::diff::{Diff, Risk, diff};

use super::Ending;
use super::failure::{Exit, Failure};
use super::project;
use super::terminal::Terminal;
use git::Repository;
use side::Side;
pub(in crate::cli) use text::marked;

/// Show what a change means: which data goes somewhere new, who gets what when, what exactly it says.
///
/// Both sides are compiled, so layout, order and comments never show. Without a revision the working tree is compared with where
/// its branch left its upstream.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// `REV`: that revision and the working tree; `OLD..NEW`: two revisions; `OLD...NEW`: where both parted, and `NEW`.
    #[arg(conflicts_with = "files")]
    revisions: Option<String>,
    /// Compare two folders or compiled programs (`.wfc`), without git.
    #[arg(long, num_args = 2, value_names = ["OLD", "NEW"])]
    files: Option<Vec<PathBuf>>,
    /// Compare with what is staged in place of the working tree.
    #[arg(long, conflicts_with = "files")]
    staged: bool,
    /// The project's folder; else the nearest one upwards with a `wf.toml`, else the current one.
    #[arg(long, value_name = "PATH")]
    project: Option<PathBuf>,
    /// How to show the changes.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// End with 1 if there is a change of this risk or more.
    #[arg(long, value_enum, value_name = "RISK")]
    fail_on: Option<Threshold>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal.
    Text,
    /// For a comment on a pull request.
    Markdown,
    /// For programs; see the schema.
    Json,
    /// Annotations of a GitHub workflow.
    Github,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Threshold {
    /// Any change at all.
    Any,
    /// A change that a reader must look at.
    Review,
    /// A change that may affect data, money, consent or inboxes.
    Danger,
}

impl Threshold {
    const fn reached_by(self, risk: Risk) -> bool {
        match self {
            Threshold::Any => true,
            Threshold::Review => matches!(risk, Risk::Review | Risk::Danger),
            Threshold::Danger => matches!(risk, Risk::Danger),
        }
    }
}

/// Two sides and what differs between them.
struct Compared {
    base: Side,
    head: Side,
    diff: Diff,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Ending {
    let (base, head) = sides(arguments, terminal)?;
    let diff = diff(base.view(), head.view());
    let compared = Compared { base, head, diff };
    let shown = match arguments.format {
        Format::Text => text::draw(&compared, terminal),
        Format::Markdown => markdown::draw(&compared),
        Format::Json => json::draw(&compared),
        Format::Github => github::draw(&compared),
    };
    terminal.print(&shown)?;
    let reached = |threshold: Threshold| compared.diff.changes.iter().any(|change| threshold.reached_by(change.risk));
    Ok(if arguments.fail_on.is_some_and(reached) { Exit::Findings } else { Exit::Ok })
}

fn sides(arguments: &Arguments, terminal: &Terminal) -> Result<(Side, Side), Failure> {
    if let Some([old, new]) = arguments.files.as_deref() {
        return Ok((Side::at(old, terminal)?, Side::at(new, terminal)?));
    }
    let folder = project::locate(arguments.project.as_deref());
    let repository = Repository::of(&folder)?;
    let revision = |name: &str, commit: &str| Side::revision(&repository, (name, commit), &folder, terminal);
    let now = || -> Result<Side, Failure> {
        if arguments.staged {
            Side::index(&repository, &folder, terminal)
        } else {
            Side::working_tree(&folder, terminal)
        }
    };
    let named = |name: &str| if name.is_empty() { "HEAD".to_owned() } else { name.to_owned() };
    match arguments.revisions.as_deref() {
        None => {
            let head = repository.commit("HEAD")?;
            // What is staged is about to be committed on top of `HEAD`.
            let (name, base) = match repository.upstream().filter(|_| !arguments.staged) {
                Some(upstream) => {
                    (format!("where this branch left {upstream}"), repository.merge_base(&upstream, &head)?)
                }
                None => ("HEAD".to_owned(), head),
            };
            Ok((revision(&name, &base)?, now()?))
        }
        Some(both) => {
            if let Some((old, new)) = both.split_once("...") {
                let (old, new) = (named(old), named(new));
                let (left, right) = (repository.commit(&old)?, repository.commit(&new)?);
                let base = repository.merge_base(&left, &right)?;
                return Ok((revision(&format!("where {new} left {old}"), &base)?, revision(&new, &right)?));
            }
            if let Some((old, new)) = both.split_once("..") {
                let (old, new) = (named(old), named(new));
                return Ok((revision(&old, &repository.commit(&old)?)?, revision(&new, &repository.commit(&new)?)?));
            }
            Ok((revision(both, &repository.commit(both)?)?, now()?))
        }
    }
}

impl Compared {
    /// How many changes there are of a risk.
    fn count(&self, risk: Risk) -> usize {
        self.diff.changes.iter().filter(|change| change.risk == risk).count()
    }

    /// Where a change was written: on the new side if it is there, else on the old one.
    fn location(&self, address: &str) -> Option<side::Location> {
        self.head.location(address).or_else(|| self.base.location(address))
    }
}
