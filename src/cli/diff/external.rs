//! `wf git-external-diff`: what git calls for a file where `diff.wf.command` or `GIT_EXTERNAL_DIFF` says so.
//!
//! git takes any exit code but 0 for a crash of the driver and ends with 128, so this one always ends with 0; what it cannot
//! compare by meaning it shows line by line.

use std::path::{Path, PathBuf};

use clap::Args;
use compiler::diff::diff;
use similar::TextDiff;

use super::{Compared, overlay, text};
use crate::cli::Ending;
use crate::cli::failure::{Exit, Failure};
use crate::cli::terminal::Terminal;

/// Compare one file for git, as part of its project (`diff.wf.command`, `GIT_EXTERNAL_DIFF`).
///
/// git calls it with `path old-file old-hex old-mode new-file new-hex new-mode`, and with two more arguments for a file that
/// was renamed.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// What git hands over.
    #[arg(required = true, num_args = 1..=9, allow_hyphen_values = true)]
    arguments: Vec<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Ending {
    let (path, old, new) = match arguments.arguments.as_slice() {
        [path, old, _, _, new, ..] => (path, old, new),
        [path, ..] => {
            terminal.print(&format!("{}: not merged\n", path.display()))?;
            return Ok(Exit::Ok);
        }
        [] => return Err(Failure::usage("git hands a path over")),
    };
    let renamed = match arguments.arguments.get(7) {
        Some(to) => format!("{} -> {}", path.display(), to.display()),
        None => path.display().to_string(),
    };
    let (before, after) = (overlay::read(old)?.unwrap_or_default(), overlay::read(new)?.unwrap_or_default());
    let shown = match by_meaning(arguments, (path, old, new), terminal) {
        Some(shown) => shown,
        None => {
            let lines = TextDiff::from_lines(&before, &after);
            lines.unified_diff().header(&format!("a/{}", path.display()), &format!("b/{}", path.display())).to_string()
        }
    };
    terminal.print(&format!("{renamed}\n{shown}"))?;
    Ok(Exit::Ok)
}

/// What the change of a file means in its project; nothing if that cannot be said.
fn by_meaning(arguments: &Arguments, (path, old, new): (&Path, &Path, &Path), terminal: &Terminal) -> Option<String> {
    let to = arguments.arguments.get(7).map_or(path, PathBuf::as_path);
    let (folder, inside) = overlay::inside(to).or_else(|| overlay::inside(path))?;
    let before = vec![(overlay::inside(path)?.1, overlay::read(old).ok()?)];
    let mut after = vec![(inside, overlay::read(new).ok()?)];
    let mut before_all = before.clone();
    if to != path {
        before_all.push((after.first()?.0.clone(), None));
        after.push((before.first()?.0.clone(), None));
    }
    match overlay::laid_over(&folder, &before_all, &after, terminal) {
        Ok((base, head)) => {
            let diff = diff(base.view(), head.view());
            Some(text::draw(&Compared { base, head, diff, standings: None }, terminal))
        }
        Err(failure) => {
            terminal.note(&format!("{}; line by line:", failure.message()));
            None
        }
    }
}
