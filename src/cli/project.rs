//! Which project a command is about.

use std::path::{Path, PathBuf};

use compiler::Workspace;
use runtime::project::{LoadError, find_project};

use super::failure::{Exit, Failure};

/// The path that was given; else the nearest folder upwards with a `wf.toml`, else the current one.
pub(crate) fn locate(given: Option<&Path>) -> PathBuf {
    given.map_or_else(|| find_project(Path::new(".")), Path::to_owned)
}

/// Reads the texts of the project at a path.
pub(crate) fn load(path: &Path) -> Result<Workspace, Failure> {
    if path.is_file() && path.extension().is_none_or(|extension| extension != "wf") {
        return Err(Failure::usage(format!("`{}` is no `.wf` file", path.display()))
            .hint("name a program's file, or the project's folder"));
    }
    runtime::project::load(path).map_err(|error| unreadable(&error))
}

/// Why a project cannot be read: a folder without a program is the wrong folder, everything else is the world's.
pub(crate) fn unreadable(error: &LoadError) -> Failure {
    match error {
        LoadError::Empty { .. } => {
            Failure::caused(Exit::Usage, error).hint("name the project's folder, or begin a new one with `wf init DIR`")
        }
        LoadError::Skipped { why, .. } => Failure::caused(Exit::Usage, error).hint(why.way_out()),
        LoadError::NotUtf8 { .. } => Failure::caused(Exit::World, error)
            .hint("programs are text in UTF-8; `iconv -f ENCODING -t UTF-8 FILE` writes it as that"),
        _ => Failure::caused(Exit::World, error),
    }
}

/// A path for people: relative to the current folder where it lies below it.
pub(crate) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().and_then(std::fs::canonicalize).ok();
    let relative = here.as_deref().and_then(|here| path.strip_prefix(here).ok());
    match relative {
        Some(inside) if inside.as_os_str().is_empty() => ".".to_owned(),
        Some(inside) => inside.display().to_string(),
        None => path.display().to_string(),
    }
}
