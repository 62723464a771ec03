//! `wf diff`: what a change means for people's inboxes and data.

pub(super) mod external;
pub(super) mod git;
mod listing;
pub(super) mod side;

// Where the sides come from.
mod live;
mod overlay;

// What is said beyond the programs.
mod accept;
mod rehearsed;
mod rendered;
mod settings;
mod times;

mod github;
mod json;
mod markdown;
mod sarif;
mod text;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use compiler::diff::{Change, Diff, Risk, diff};
use runtime::client::Standings;

use super::Ending;
use super::failure::{Exit, Failure};
use super::project;
use super::terminal::Terminal;
use git::Repository;
use side::{ALL_IS_GONE, ALL_IS_NEW, Given, Side};
pub(in crate::cli) use text::marked;

/// Show what a change means: which data goes somewhere new, who gets what when, what exactly it says.
///
/// Both sides are compiled, so layout, order and comments never show. Without a revision the working tree is compared with where
/// its branch left its upstream; without an upstream, with `HEAD`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wf diff\n  wf diff main..HEAD --fail-on danger\n  wf diff --live https://wf.example.com\n  wf diff --files old.wfc shop"
)]
pub(crate) struct Arguments {
    /// `REV`: that revision and the working tree; `OLD..NEW` or `OLD NEW`: two revisions; `OLD...NEW`: where both parted, and
    /// `NEW`.
    #[arg(conflicts_with = "files", num_args = 0..=2, value_name = "REVISION")]
    revisions: Vec<String>,
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
    /// Compare with what runs at a daemon's address, and count the runs at each step that is touched. `WF_TOKEN` may hold a
    /// token for it.
    #[arg(long, value_name = "URL", conflicts_with = "files")]
    live: Option<String>,
    /// Rehearse the tests of both sides, too, and tell where they reach less than before.
    #[arg(long)]
    coverage: bool,
    /// Accept this change for its value in `wf-accept.toml`: `SLUG@ADDRESS`.
    #[arg(long, value_name = "SLUG@ADDRESS", requires = "reason")]
    accept: Option<String>,
    /// Why it is accepted.
    #[arg(long, value_name = "TEXT", requires = "accept")]
    reason: Option<String>,
    /// The last day that it is accepted on.
    #[arg(long, value_name = "DATE", requires = "accept")]
    until: Option<String>,
    /// Print the JSON Schema of `--format json`.
    #[arg(long)]
    schema: bool,
    /// End with 1 if there is a change of this risk or more that is not accepted.
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
    /// For code scanning (SARIF 2.1.0).
    Sarif,
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
    /// Where the runs of a daemon stand, if one was asked.
    standings: Option<Standings>,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Ending {
    if arguments.schema {
        terminal.print(json::SCHEMA)?;
        return Ok(Exit::Ok);
    }
    let (base, head, standings) = sides(arguments, terminal)?;
    let diff = diff(base.view(), head.view());
    let mut compared = Compared { base, head, diff, standings };
    if let Some(standings) = &compared.standings {
        live::count(&mut compared.diff, standings);
    }
    let now = jiff::Zoned::now();
    times::note(&mut compared, now.timestamp());
    compared.diff.changes.extend(settings::compare(&compared.base, &compared.head)?);
    if arguments.coverage {
        compared.diff.changes.extend(rehearsed::compare(&compared.base, &compared.head)?);
    }
    accept::apply(&mut compared, now.date())?;
    if let (Some(asked), Some(reason)) = (&arguments.accept, &arguments.reason) {
        let folder = project::locate(arguments.project.as_deref());
        let told = accept::write(&folder, &compared.diff, asked, reason, arguments.until.as_deref())?;
        terminal.print(&told)?;
        return Ok(Exit::Ok);
    }
    let shown = match arguments.format {
        Format::Text => text::draw(&compared, terminal),
        Format::Markdown => markdown::draw(&compared),
        Format::Json => json::draw(&compared),
        Format::Github => github::draw(&compared),
        Format::Sarif => sarif::draw(&compared),
    };
    terminal.print(&shown)?;
    let open = compared.diff.changes.iter().filter(|change| change.accepted.is_none());
    let worst = open.map(|change| change.risk).max();
    let reached = |threshold: Threshold| worst.is_some_and(|risk| threshold.reached_by(risk));
    let exit = if arguments.fail_on.is_some_and(reached) { Exit::Findings } else { Exit::Ok };
    // The reader has the answer: what it was made of goes with the process.
    std::mem::forget(compared);
    Ok(exit)
}

fn sides(arguments: &Arguments, terminal: &Terminal) -> Result<(Side, Side, Option<Standings>), Failure> {
    if let Some([old, new]) = arguments.files.as_deref() {
        let (old, new) = overlay::files(old, new, terminal)?;
        return Ok((old, new, None));
    }
    if let Some(url) = &arguments.live {
        let token = std::env::var("WF_TOKEN").ok();
        let (base, standings) = live::ask(url, token.as_deref(), terminal)?;
        return Ok((base, head(arguments, terminal)?.compile(terminal)?, Some(standings)));
    }
    let (base, head) = revisions(arguments, terminal)?;
    let (base, head) = base.both(head, terminal)?;
    Ok((base, head, None))
}

/// The new side alone: what is in the folder, is staged, or has been committed.
fn head(arguments: &Arguments, terminal: &Terminal) -> Result<Given, Failure> {
    let folder = project::locate(arguments.project.as_deref());
    match arguments.revisions.as_slice() {
        [] if arguments.staged => Given::index(&Repository::of(&folder)?, &folder, terminal),
        [] => Given::working_tree(&folder),
        [name] if !name.contains("..") => {
            let repository = Repository::of(&folder)?;
            Given::revision(&repository, (name, &commit(&repository, name, arguments)?), ALL_IS_GONE, &folder, terminal)
        }
        _ => Err(Failure::usage("--live compares with what runs: name the new revision alone")),
    }
}

fn revisions(arguments: &Arguments, terminal: &Terminal) -> Result<(Given, Given), Failure> {
    let folder = project::locate(arguments.project.as_deref());
    let repository = Repository::of(&folder)?;
    let old_side =
        |name: &str, commit: &str| Given::revision(&repository, (name, commit), ALL_IS_NEW, &folder, terminal);
    let new_side =
        |name: &str, commit: &str| Given::revision(&repository, (name, commit), ALL_IS_GONE, &folder, terminal);
    let now =
        || if arguments.staged { Given::index(&repository, &folder, terminal) } else { Given::working_tree(&folder) };
    let named = |name: &str| if name.is_empty() { "HEAD".to_owned() } else { name.to_owned() };
    let commit = |name: &str| commit(&repository, name, arguments);
    let two = |old: &str, new: &str| -> Result<(Given, Given), Failure> {
        let (old, new) = (named(old), named(new));
        Ok((old_side(&old, &commit(&old)?)?, new_side(&new, &commit(&new)?)?))
    };
    match arguments.revisions.as_slice() {
        [] => {
            let head = repository.commit("HEAD")?;
            // What is staged is about to be committed on top of `HEAD`.
            let (name, base) = match repository.upstream().filter(|_| !arguments.staged) {
                Some(upstream) => {
                    (format!("where this branch left {upstream}"), repository.merge_base(&upstream, &head)?)
                }
                None => {
                    if !arguments.staged {
                        let trunk = repository.trunk(&head);
                        // A gate that does not see what is committed lets all of it pass.
                        if let (Some(trunk), Some(_)) = (&trunk, arguments.fail_on) {
                            let what =
                                "--fail-on: this branch has no upstream, so what is committed on it would not be seen";
                            let how =
                                format!("`wf diff {trunk}...HEAD` sees it; `wf diff HEAD` is the working tree alone");
                            return Err(Failure::usage(what).hint(how));
                        }
                        terminal.note(&without_upstream(trunk.as_deref()));
                    }
                    ("HEAD".to_owned(), head)
                }
            };
            Ok((old_side(&name, &base)?, now()?))
        }
        [both] => {
            if let Some((old, new)) = both.split_once("...") {
                let (old, new) = (named(old), named(new));
                let (left, right) = (commit(&old)?, commit(&new)?);
                let base = repository.merge_base(&left, &right)?;
                return Ok((old_side(&format!("where {new} left {old}"), &base)?, new_side(&new, &right)?));
            }
            match both.split_once("..") {
                Some((old, new)) => two(old, new),
                None => Ok((old_side(both, &commit(both)?)?, now()?)),
            }
        }
        [old, new, ..] if old.contains("..") || new.contains("..") => {
            Err(Failure::usage(format!("`{old} {new}`: a range names both sides already")))
        }
        [old, new, ..] => two(old, new),
    }
}

/// What was not compared, and how it is: without an upstream nothing says where the branch begins.
fn without_upstream(trunk: Option<&str>) -> String {
    match trunk {
        Some(trunk) => format!(
            "note: this branch has no upstream, so what is committed on it is not shown: \
             `wf diff {trunk}...HEAD` shows it, and `git branch --set-upstream-to={trunk}` makes `wf diff` begin there"
        ),
        None => {
            "note: this branch has no upstream, so what is committed on it is not shown: `wf diff REVISION` begins at \
                 another commit"
                .to_owned()
        }
    }
}

/// The commit of a name that was given; where it is a path, the way to compare paths is said.
fn commit(repository: &Repository, name: &str, arguments: &Arguments) -> Result<String, Failure> {
    repository.commit(name).map_err(|failure| match arguments.revisions.as_slice() {
        [_] if Path::new(name).is_dir() => {
            failure.hint(format!("of the project in a folder: `wf diff --project {name}`"))
        }
        [old, new] if Path::new(old).exists() && Path::new(new).exists() => {
            failure.hint(format!("folders and compiled programs: `wf diff --files {old} {new}`"))
        }
        _ => failure,
    })
}

/// The workflows that a shared declaration carries a change to, the first of them by name.
fn reached(change: &Change) -> Option<String> {
    const MOST_NAMED: usize = 4;
    let names: Vec<&str> = change.reaches.iter().take(MOST_NAMED).map(|name| name.as_str()).collect();
    match change.reaches.len() {
        0 => None,
        1 => Some(format!("in workflow {}", names.join(""))),
        count if count <= MOST_NAMED => Some(format!("in workflows {}", names.join(", "))),
        count => Some(format!("in workflows {} and {} more", names.join(", "), count - MOST_NAMED)),
    }
}

impl Compared {
    /// How many changes there are of a risk that nobody has accepted.
    fn count(&self, risk: Risk) -> usize {
        self.diff.changes.iter().filter(|change| change.risk == risk && change.accepted.is_none()).count()
    }

    /// How many changes were accepted.
    fn accepted(&self) -> usize {
        self.diff.changes.iter().filter(|change| change.accepted.is_some()).count()
    }

    /// Where a change was written, and whether that is a place of the old side: what is gone is only there.
    fn location(&self, change: &Change) -> Option<(side::Location, bool)> {
        let gone = change.gone || (change.after.is_none() && !self.head.has(change) && self.base.has(change));
        let (old, new) = (|| Some((self.before(change)?, true)), || Some((self.head.location_of(change)?, false)));
        if gone { old().or_else(new) } else { new().or_else(old) }
    }

    /// The same for people: `shop.wf:31`, and of the old side `shop.wf:31 (was)`.
    fn place(&self, change: &Change) -> String {
        match self.location(change) {
            Some((location, was)) => {
                format!("{}:{}{}", location.path, location.line, if was { " (was)" } else { "" })
            }
            None => change.address.clone(),
        }
    }

    /// Where to point at on the new side: what is gone, at what was around it.
    fn after(&self, change: &Change) -> Option<side::Location> {
        if !change.gone {
            return self.head.location_of(change);
        }
        let around = change.address.rsplit_once('/').map_or(change.address.as_str(), |(around, _)| around);
        self.head.location(around)
    }

    /// Where it was written on the old side; a step may have stood elsewhere.
    fn before(&self, change: &Change) -> Option<side::Location> {
        match (&change.workflow, &change.was_at) {
            (Some(workflow), Some(step)) => self.base.location(&format!("workflow.{workflow}/{step}")),
            _ => self.base.location_of(change),
        }
    }
}
