//! Single files and parts of folders, compared as parts of their project.
//!
//! `git difftool` and git's external drivers hand over one file before and after, or a folder with nothing but the files that
//! changed. Alone these do not compile; laid over the project that they belong to they do.

use std::path::{Path, PathBuf};

use compiler::Workspace;
use runtime::project::LoadError;

use super::listing::Beside;
use super::side::{Given, Side, Texts};
use crate::cli::failure::Failure;
use crate::cli::project;
use crate::cli::terminal::Terminal;

/// A file of a project: its path below the project's folder, and its text where there is one.
type Text = (String, Option<String>);

/// The two sides of `--files OLD NEW`.
pub(super) fn files(old: &Path, new: &Path, terminal: &Terminal) -> Result<(Side, Side), Failure> {
    let partial = std::env::var_os("GIT_DIFFTOOL_DIRDIFF").is_some_and(|value| value == "true");
    if partial && old.is_dir() && new.is_dir() {
        return folders(old, new, terminal);
    }
    let source = |path: &Path| !path.is_dir() && path.extension().is_none_or(|extension| extension != "wfc");
    if source(old) && source(new) {
        // git says which file of the work tree the two are of; else one of them is it.
        let named = std::env::var_os("BASE").map(PathBuf::from).filter(|path| path.is_file());
        let candidates = named.into_iter().chain([new.to_owned(), old.to_owned()]);
        if let Some((folder, path)) = candidates.filter_map(|path| inside(&path)).next() {
            return laid_over(&folder, &[(path.clone(), read(old)?)], &[(path, read(new)?)], terminal);
        }
    }
    Given::at(old)?.both(Given::at(new)?, terminal)
}

/// A file's project, and its path in it; nothing for a file that is in no project.
pub(super) fn inside(path: &Path) -> Option<(PathBuf, String)> {
    let absolute = std::path::absolute(path).ok()?;
    let folder = absolute.ancestors().skip(1).find(|folder| folder.join("wf.toml").is_file())?;
    let inside = absolute.strip_prefix(folder).ok()?.to_str()?.replace('\\', "/");
    Some((folder.to_owned(), inside))
}

/// The text of a file; nothing for one that is not there, as git names `/dev/null`.
pub(super) fn read(path: &Path) -> Result<Option<String>, Failure> {
    if path == Path::new("/dev/null") || path == Path::new("nul") {
        return Ok(None);
    }
    let failed = |error| Failure::file(format!("cannot read `{}`", path.display()), &error);
    std::fs::read_to_string(path).map(Some).map_err(failed)
}

/// Folders that hold nothing but the files of a repository that changed.
fn folders(old: &Path, new: &Path, terminal: &Terminal) -> Result<(Side, Side), Failure> {
    let mut found: Vec<PathBuf> = Vec::new();
    for folder in [old, new] {
        collect(folder, folder, &mut found)?;
    }
    found.sort();
    found.dedup();
    let mut project: Option<PathBuf> = None;
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for path in found {
        let Some((folder, inside)) = inside(&path) else { continue };
        if *project.get_or_insert_with(|| folder.clone()) != folder {
            terminal.warn(&format!("`{}` is of another project and was left out", path.display()));
            continue;
        }
        let text = |side: &Path| if side.join(&path).is_file() { read(&side.join(&path)) } else { Ok(None) };
        before.push((inside.clone(), text(old)?));
        after.push((inside, text(new)?));
    }
    match project {
        Some(folder) => laid_over(&folder, &before, &after, terminal),
        None => Given::at(old)?.both(Given::at(new)?, terminal),
    }
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let failed = |error| Failure::file(format!("cannot read `{}`", folder.display()), &error);
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            collect(root, &path, found)?;
        } else if let Ok(inside) = path.strip_prefix(root) {
            found.push(inside.to_owned());
        }
    }
    Ok(())
}

/// The project in a folder with other texts of some files, twice.
pub(super) fn laid_over(
    folder: &Path,
    before: &[Text],
    after: &[Text],
    terminal: &Terminal,
) -> Result<(Side, Side), Failure> {
    let side = |name: &str, texts: &[Text]| -> Result<Given, Failure> {
        // The last program may be the one that is gone.
        let mut workspace = match runtime::project::load(folder) {
            Err(LoadError::Empty { .. } | LoadError::Skipped { .. }) => Workspace::new(),
            loaded => loaded.map_err(|error| project::unreadable(&error))?,
        };
        for (path, text) in texts {
            match text {
                Some(text) => workspace.set(path, text.as_str()),
                None => workspace.remove(path),
            }
        }
        complete(&mut workspace, folder);
        let given = texts.iter().find(|(path, _)| path == super::settings::FILE);
        let settings = match given {
            Some((_, text)) => text.clone(),
            None => std::fs::read_to_string(folder.join(super::settings::FILE)).ok(),
        };
        let beside = Beside { accepts: None, settings: Some(settings.unwrap_or_default()) };
        let texts = Texts::Read(Box::new((workspace, beside)));
        Ok(Given::Texts { name: name.to_owned(), texts, folder: folder.to_owned() })
    };
    side("before", before)?.both(side("after", after)?, terminal)
}

/// Brings in files that are named now and were not before.
fn complete(workspace: &mut Workspace, folder: &Path) {
    let named: Vec<String> = workspace.referenced_files().map(|file| file.node.to_string()).collect();
    for name in named {
        if workspace.sources().find(&name).is_none()
            && let Ok(text) = std::fs::read_to_string(folder.join(&name))
        {
            workspace.set(&name, text);
        }
    }
}
