//! `wf init`: a small project to begin with.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Ending;
use super::failure::{Exit, Failure};
use super::terminal::Terminal;

/// Begin a project: a folder with a small program that compiles, settings, and a recipe for continuous integration.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wf init shop && cd shop && wf check && wf test")]
pub(crate) struct Arguments {
    /// The folder; it is made if it is not there, and must be empty (a `.git` in it does not count).
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Paths below the folder, and texts.
const FILES: &[(&str, &str)] = &[
    ("README.md", include_str!("init/project/README.md")),
    ("wf.toml", include_str!("init/project/wf.toml")),
    ("events.wf", include_str!("init/project/events.wf")),
    ("promo.wf", include_str!("init/project/promo.wf")),
    ("messages.wf", include_str!("init/project/messages.wf")),
    ("welcome.wf", include_str!("init/project/welcome.wf")),
    ("tests.wf", include_str!("init/project/tests.wf")),
    // Under other names here, so that they do not act on this repository.
    (".gitignore", include_str!("init/project/gitignore")),
    (".gitattributes", include_str!("init/project/gitattributes")),
    (".github/workflows/check.yml", include_str!("init/project/check.yml")),
    (".gitlab-ci.yml", include_str!("init/project/gitlab-ci.yml")),
];

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Ending {
    let folder = &arguments.folder;
    refuse_unless_empty(folder)?;
    let mut listing = String::new();
    for (path, text) in FILES {
        let path = folder.join(path);
        write_new(&path, text).map_err(|error| Failure::file(format!("cannot write `{}`", path.display()), &error))?;
        listing.push_str(&format!("{}\n", path.display()));
    }
    terminal.write(&listing)?;
    terminal.note(&format!("a project to begin with; next: cd {} && wf check && wf test", folder.display()));
    Ok(Exit::Ok)
}

/// Nobody's file is overwritten or mixed with ours.
fn refuse_unless_empty(folder: &Path) -> Result<(), Failure> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Failure::file(format!("cannot use `{}`", folder.display()), &error)),
    };
    for entry in entries {
        let entry = entry.map_err(|error| Failure::file(format!("cannot read `{}`", folder.display()), &error))?;
        if entry.file_name() != ".git" {
            let (folder, found) = (folder.display(), entry.file_name());
            let message = format!("`{folder}` is not empty: it holds `{}`", found.display());
            return Err(Failure::usage(message).hint("name a new folder"));
        }
    }
    Ok(())
}

fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::File::create_new(path)?.write_all(text.as_bytes())
}
