//! The answer as a `stub` in a file of the project.

use std::path::{Path, PathBuf};

use compiler::format;
use compiler::source::FileId;
use runtime::client::Trial;
use runtime::project::find_project;

use super::super::failure::Failure;
use super::super::project;
use super::super::terminal::Terminal;

/// Writes a test that begins with the recorded answer. An existing file is never touched.
pub(super) fn write(file: Option<&Path>, trial: &Trial, terminal: &Terminal) -> Result<(), Failure> {
    let Some(stub) = &trial.stub else {
        terminal.warn("there is nothing to record: no whole answer came");
        return Ok(());
    };
    let path = match file {
        Some(file) => file.to_owned(),
        None => unused(&find_project(Path::new(".")).join("recorded"), trial.webhook.as_str()),
    };
    let text = test(trial, stub);
    let failed = |error: &std::io::Error| Failure::file(format!("cannot write `{}`", path.display()), error);
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    }
    let mut open = std::fs::File::create_new(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Failure::world(format!("`{}` is there already; the answer was not recorded", path.display()))
                .hint("name another file: --record=FILE.wf")
        }
        _ => failed(&error),
    })?;
    std::io::Write::write_all(&mut open, text.as_bytes()).map_err(|error| failed(&error))?;
    terminal.note(&format!("recorded in {}; add to the test what must come of it", project::shown(&path)));
    Ok(())
}

/// The first name of its kind that no file has.
fn unused(folder: &Path, webhook: &str) -> PathBuf {
    let plain: String = webhook.chars().map(|char| if char.is_alphanumeric() { char } else { '_' }).collect();
    let name = |number: u32| match number {
        1 => folder.join(format!("{plain}.wf")),
        number => folder.join(format!("{plain}_{number}.wf")),
    };
    (1..).map(name).find(|path| !path.exists()).unwrap_or_else(|| name(1))
}

/// A test with the stub. The event and the contact stay out of it: they are somebody's data.
fn test(trial: &Trial, stub: &str) -> String {
    let what = if trial.error.is_some() { "fails as recorded" } else { "answers as recorded" };
    let webhook: String =
        trial.webhook.as_str().chars().filter(|char| !char.is_control() && !"\"\\$".contains(*char)).collect();
    let event = trial.event.as_ref().map(|event| event.kind.as_str()).unwrap_or_default();
    let next = match event {
        "" => "// receive EVENT { … }".to_owned(),
        event => format!("// receive {event} {{ … }}"),
    };
    let text = format!("test \"{webhook} {what}\" {{\n  {stub}\n  {next}\n  // expect call {webhook}\n}}\n");
    match format::format(FileId::new(0), &text) {
        Ok(formatted) if !formatted.is_partial() => formatted.text,
        _ => text,
    }
}
