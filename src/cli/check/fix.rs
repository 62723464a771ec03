//! `wf check --fix`: taking the ways out that findings offer.

use std::path::Path;

use compiler::Workspace;
use compiler::fix::{Mended, Step, mend};
use runtime::project::{complete, root};
use serde_json::{Value, json};

use super::super::clean::clean;
use super::super::failure::Failure;
use super::super::project::{shown, unreadable};
use super::super::replace::replace;
use super::super::terminal::{DOUBTFUL, GOOD, Terminal};
use super::counted;

/// Mends the project at a path, writes the files that are another text then, and says what was done.
pub(super) fn run(path: &Path, workspace: &mut Workspace, terminal: &Terminal) -> Result<Mended, Failure> {
    let before = workspace.sources().clone();
    let mended = mend(workspace, |workspace| complete(workspace, path)).map_err(|error| unreadable(&error))?;
    let root = root(path).map_err(|error| unreadable(&error))?;
    let mut written = 0;
    for (_, file) in before.iter() {
        let after = workspace.sources().find(file.path()).map_or(file.text(), |id| workspace.sources().text(id));
        if after != file.text() {
            let path = root.join(file.path());
            replace(&path, file.text(), after).map_err(|error| {
                let failure = Failure::file(format!("cannot write `{}`", shown(&path)), &error);
                if written > 0 { failure.after(&format!("{} written", counted(written, "file"))) } else { failure }
            })?;
            written += 1;
        }
    }
    for step in &mended.taken {
        terminal.note(&format!("{} {}", terminal.paint_note(GOOD, "fixed"), told(step)));
    }
    for step in &mended.left {
        let left = format!("{} {}: it would make the project worse", terminal.paint_note(DOUBTFUL, "left"), told(step));
        terminal.note(&left);
    }
    Ok(mended)
}

/// `shop.wf:4:8: plain-http: write `https` instead`.
fn told(step: &Step) -> String {
    let position = step.position;
    let place = format!("{}:{}:{}", step.path, position.line, position.column);
    clean(&format!("{place}: {}: {}", step.code.slug(), step.title)).into_owned()
}

pub(super) fn json(step: &Step) -> Value {
    json!({
        "file": step.path,
        "line": step.position.line,
        "column": step.position.column,
        "code": step.code.slug(),
        "message": step.message,
        "fix": step.title,
    })
}
