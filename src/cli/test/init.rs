//! `wf test --init WORKFLOW`: a first test, made of the program and of what comes of it.

use std::path::Path;
use std::sync::Arc;

use compiler::Workspace;
use compiler::format::format;
use compiler::ir::{Program, Test};
use compiler::source::FileId;
use runtime::rehearsal::{Play, first_test, follow, perform};
use runtime::store::sqlite::MemoryStore;

use super::super::failure::{Exit, Failure};
use super::super::terminal::Terminal;
use super::super::{Ending, project, replace};

pub(super) fn run(
    workflow: &str,
    path: &Path,
    workspace: &mut Workspace,
    program: &Program,
    terminal: &Terminal,
) -> Ending {
    let Some(draft) = first_test(program, workflow, None) else {
        let names = program.workflows.keys().map(|name| name.as_str());
        let nearest = compiler::suggest::nearest(workflow, names);
        let failure = Failure::usage(format!("there is no workflow `{workflow}`"));
        return Err(match nearest {
            Some(nearest) => failure.hint(format!("did you mean `{nearest}`?")),
            None => failure.hint(match program.workflows.len() {
                0 => "the project has no workflow yet".to_owned(),
                _ => format!(
                    "there are: {}",
                    program.workflows.keys().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
                ),
            }),
        });
    };
    let file = Path::new("tests").join(format!("{}.wf", plain(workflow)));
    let root = if path.is_file() { path.parent().unwrap_or(Path::new("")) } else { path };
    let target = root.join(&file);
    if target.exists() {
        let message = format!("`{}` is there already", project::shown(target.strip_prefix(".").unwrap_or(&target)));
        return Err(Failure::usage(message).hint("write the next test into it, or take it away first"));
    }
    let name = file.display().to_string();
    let internal = |error: &(dyn std::error::Error + 'static)| Failure::caused(Exit::Internal, error);
    let play = Play::new(program.clone());
    let store = Arc::new(MemoryStore::new().map_err(|error| internal(&error))?);
    let drafted = compiled(workspace, &name, &draft).ok_or_else(|| unfit(&draft))?;
    let (log, lasts) = follow(&play, &store, &drafted).map_err(|error| internal(&error))?;
    let whole = first_test(program, workflow, Some((&log, lasts))).unwrap_or(draft);
    let whole = format(FileId::new(0), &whole).map_or(whole.clone(), |formatted| formatted.text);
    let test = compiled(workspace, &name, &whole).ok_or_else(|| unfit(&whole))?;
    let report = perform(&play, &store, &test).map_err(|error| internal(&error))?;
    let folder = target.parent().unwrap_or(root);
    let written = std::fs::create_dir_all(folder).and_then(|()| replace::write_whole(&target, &whole));
    written.map_err(|error| Failure::file(format!("cannot write `{}`", target.display()), &error))?;
    let shown = std::fs::canonicalize(&target).unwrap_or(target);
    terminal.print(&project::shown(&shown))?;
    terminal.note(match report.passed() {
        true => "it passes; now say what should come of it: other events, other answers, other times",
        false => "it does not pass yet: `wf test` says why",
    });
    Ok(if report.passed() { Exit::Ok } else { Exit::Findings })
}

/// The test of a text that is added to the project.
fn compiled(workspace: &mut Workspace, file: &str, text: &str) -> Option<Arc<Test>> {
    workspace.set(file, text);
    let compiled = workspace.compile();
    let id = workspace.sources().find(file)?;
    compiled.tests.into_iter().find(|test| test.name.span.file == id)
}

fn unfit(text: &str) -> Failure {
    Failure::world(format!("the test that was made does not compile; write it by hand, from this:\n{text}"))
}

/// A name that any file system takes.
fn plain(name: &str) -> String {
    let plain = |letter: char| if letter.is_alphanumeric() || letter == '_' { letter } else { '-' };
    name.chars().map(plain).collect()
}
