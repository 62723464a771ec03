//! Reading a project folder: every `.wf` file, and the template files that they name.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use compiler::Workspace;
use compiler::ir::{Program, ReadError};
use compiler::source::Sources;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::hex;

/// The file that marks a project folder and holds its settings.
pub const MANIFEST: &str = "wf.toml";

/// The largest source or template file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// The most `.wf` files that a project may have.
const MAX_FILES: usize = 100_000;

/// The deepest folder that is looked into.
const MAX_DEPTH: usize = 64;

/// Why a project cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file or folder could not be read.
    #[error("cannot read `{path}`: {source}")]
    Read {
        /// The path.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// A file is larger than is read.
    #[error("`{path}` has {bytes} bytes; a file of a project may have {MAX_FILE_BYTES}")]
    TooLarge {
        /// The path.
        path: String,
        /// Its size.
        bytes: u64,
    },
    /// A file is not UTF-8.
    #[error("`{path}` is not UTF-8 text: byte {offset} is wrong")]
    NotUtf8 {
        /// The path.
        path: String,
        /// The offset of the first wrong byte.
        offset: usize,
    },
    /// There are too many files, or folders too deep.
    #[error("`{path}` holds more than a project may: {MAX_FILES} files, folders {MAX_DEPTH} deep")]
    TooMuch {
        /// The folder.
        path: String,
    },
    /// The folder has no `.wf` file.
    #[error("`{path}` has no `.wf` file")]
    Empty {
        /// The folder.
        path: String,
    },
    /// A compiled program cannot be read.
    #[error("`{path}`: {source}")]
    Compiled {
        /// The file.
        path: String,
        /// Why.
        source: ReadError,
    },
}

/// The project that a path belongs to: the nearest folder upwards with a `wf.toml`, else the path itself.
pub fn find_project(start: &Path) -> PathBuf {
    let absolute = fs::canonicalize(start).unwrap_or_else(|_| start.to_owned());
    let found = absolute.ancestors().find(|folder| folder.join(MANIFEST).is_file());
    found.map_or_else(|| start.to_owned(), Path::to_owned)
}

/// Reads a project folder once: every `.wf` file in it and the template files that they name.
///
/// Names that begin with a dot are skipped; symbolic links are followed while they stay inside the folder. A single
/// `.wf` file is a project of its own, its templates beside it.
///
/// # Errors
/// When something cannot be read, is too large, or is not UTF-8.
pub fn load(path: &Path) -> Result<Workspace, LoadError> {
    let mut workspace = Workspace::new();
    bring(&mut workspace, path)?;
    Ok(workspace)
}

/// Brings a workspace up to what a project folder holds now, as [`load`] reads it; returns the SHA-256 over paths and texts,
/// in hexadecimal digits.
///
/// # Errors
/// As of [`load`]; the workspace then holds some of the changes, and the next call brings the others.
pub fn refresh(workspace: &mut Workspace, path: &Path) -> Result<String, LoadError> {
    bring(workspace, path)?;
    Ok(hash(workspace.sources()))
}

/// Brings a workspace up to what a project folder holds now.
fn bring(workspace: &mut Workspace, path: &Path) -> Result<(), LoadError> {
    let real = fs::canonicalize(path).map_err(|source| read_error(path, source))?;
    let mut present = BTreeSet::new();
    let root = if real.is_file() {
        let name = real.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        workspace.set(&name, read_text(&real)?);
        present.insert(name);
        real.parent().map(Path::to_owned).unwrap_or_default()
    } else {
        let mut found = BTreeSet::new();
        let mut visited = BTreeSet::from([real.clone()]);
        collect((&real, &real), &real, 0, &mut visited, &mut found)?;
        if found.is_empty() {
            return Err(LoadError::Empty { path: path.display().to_string() });
        }
        for (name, text) in texts(&real, &found)? {
            workspace.set(&name, text);
            present.insert(name);
        }
        real
    };
    workspace.retain(|path| !path.ends_with(".wf") || present.contains(path));
    set_named_files(&root, workspace, &mut present, true)?;
    workspace.retain(|path| present.contains(path));
    Ok(())
}

/// The SHA-256 over paths and texts that [`refresh`] returns, of a folder whose `.wf` files name the files in `named`. Nothing is
/// read as a program.
///
/// # Errors
/// As of [`load`].
pub(super) fn fingerprint(path: &Path, named: &[String]) -> Result<String, LoadError> {
    let mut sources = Sources::new();
    let real = fs::canonicalize(path).map_err(|source| read_error(path, source))?;
    let root = root(path)?;
    if real.is_file() {
        let name = real.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        sources.add(name, read_text(&real)?);
    } else {
        let mut found = BTreeSet::new();
        collect((&root, &root), &root, 0, &mut BTreeSet::from([root.clone()]), &mut found)?;
        for (name, text) in texts(&root, &found)? {
            sources.add(name, text);
        }
    }
    for name in named {
        if let Some(real) = named_file(&root, name) {
            sources.add(name.as_str(), read_text(&real)?);
        }
    }
    Ok(hash(&sources))
}

/// The file of a name below the root; `None` when it is missing or outside.
fn named_file(root: &Path, name: &str) -> Option<PathBuf> {
    let relative = Path::new(name);
    let inside = relative.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let real = fs::canonicalize(root.join(relative)).ok().filter(|_| inside)?;
    (real.starts_with(root) && real.is_file()).then_some(real)
}

/// Reads the files that a workspace names and does not hold yet, as a changed text may do. What it holds stays as it is.
///
/// # Errors
/// When one of these cannot be read, is too large, or is not UTF-8.
pub fn complete(workspace: &mut Workspace, path: &Path) -> Result<(), LoadError> {
    let root = root(path)?;
    let mut held: BTreeSet<String> = workspace.sources().iter().map(|(_, file)| file.path().to_owned()).collect();
    set_named_files(&root, workspace, &mut held, false)
}

/// The folder of the project at a path, below which the paths of its files lie.
///
/// # Errors
/// When there is nothing at the path.
pub fn root(path: &Path) -> Result<PathBuf, LoadError> {
    let real = fs::canonicalize(path).map_err(|source| read_error(path, source))?;
    Ok(if real.is_file() { real.parent().map(Path::to_owned).unwrap_or_default() } else { real })
}

/// The `.wf` files that [`load`] reads of a path, in the order of their paths, which begin with it.
///
/// # Errors
/// When a folder cannot be read, or has no such file.
pub fn source_files(path: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let real = fs::canonicalize(path).map_err(|source| read_error(path, source))?;
    if real.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = BTreeSet::new();
    let mut visited = BTreeSet::from([real.clone()]);
    collect((&real, &real), &real, 0, &mut visited, &mut found)?;
    if found.is_empty() {
        return Err(LoadError::Empty { path: path.display().to_string() });
    }
    let here = path == Path::new(".");
    Ok(found.into_iter().map(|relative| if here { relative } else { path.join(relative) }).collect())
}

/// Reads a compiled program (`.wfc`).
///
/// # Errors
/// When the file cannot be read, or holds no program of a known version.
pub fn load_compiled(path: &Path) -> Result<Program, LoadError> {
    let text = read_text(path)?;
    Program::from_json(&text).map_err(|source| LoadError::Compiled { path: path.display().to_string(), source })
}

/// Finds the `.wf` files below a folder, by their paths relative to the root. The folder is given as it was reached, and as it
/// is without links.
fn collect(
    (root, real_folder): (&Path, &Path),
    folder: &Path,
    depth: usize,
    visited: &mut BTreeSet<PathBuf>,
    found: &mut BTreeSet<PathBuf>,
) -> Result<(), LoadError> {
    if depth > MAX_DEPTH {
        return Err(LoadError::TooMuch { path: folder.display().to_string() });
    }
    let entries = fs::read_dir(folder).map_err(|source| read_error(folder, source))?;
    for entry in entries {
        let entry = entry.map_err(|source| read_error(folder, source))?;
        let name = entry.file_name();
        if name.to_string_lossy().starts_with('.') {
            continue;
        }
        let path = entry.path();
        let Ok(mut kind) = entry.file_type() else { continue };
        let mut real = real_folder.join(&name);
        if kind.is_symlink() {
            // A link that leads nowhere or outside is not part of the project.
            let Ok(target) = fs::canonicalize(&path) else { continue };
            if !target.starts_with(root) {
                continue;
            }
            let Ok(metadata) = fs::metadata(&target) else { continue };
            (real, kind) = (target, metadata.file_type());
        }
        if kind.is_dir() {
            // A folder that is reached twice, over a link, is read once: links may form a circle.
            if visited.insert(real.clone()) {
                collect((root, &real), &path, depth + 1, visited, found)?;
            }
        } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "wf") {
            let relative = path.strip_prefix(root).unwrap_or(&path).to_owned();
            found.insert(relative);
            if found.len() > MAX_FILES {
                return Err(LoadError::TooMuch { path: root.display().to_string() });
            }
        }
    }
    Ok(())
}

/// The texts of files below a root, read side by side, by their paths in the project.
fn texts(root: &Path, files: &BTreeSet<PathBuf>) -> Result<Vec<(String, Arc<str>)>, LoadError> {
    let files: Vec<&PathBuf> = files.iter().collect();
    let read = |file: &PathBuf| Ok((portable(file), Arc::from(read_text(&root.join(file))?)));
    let texts: Vec<Result<_, LoadError>> = files.into_par_iter().map(read).collect();
    // Of several errors the first, each time.
    texts.into_iter().collect()
}

/// Reads the template files that the project names. A file that is missing or outside is left to the compiler, which knows
/// where it was named. Those that are `present` are read again only if `again`.
fn set_named_files(
    root: &Path,
    workspace: &mut Workspace,
    present: &mut BTreeSet<String>,
    again: bool,
) -> Result<(), LoadError> {
    let named: BTreeSet<String> = workspace.referenced_files().map(|file| file.node.to_string()).collect();
    for name in named {
        if !again && present.contains(&name) {
            continue;
        }
        if let Some(real) = named_file(root, &name) {
            workspace.set(&name, read_text(&real)?);
            present.insert(name);
        }
    }
    Ok(())
}

fn read_text(path: &Path) -> Result<String, LoadError> {
    let read = || -> io::Result<(u64, Vec<u8>)> {
        let file = fs::File::open(path)?;
        let size = file.metadata()?.len();
        let mut bytes = Vec::with_capacity(usize::try_from(size.min(MAX_FILE_BYTES)).unwrap_or_default());
        // One byte more than may be tells that there are more.
        file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
        Ok((size.max(bytes.len() as u64), bytes))
    };
    let (size, bytes) = read().map_err(|source| read_error(path, source))?;
    if size > MAX_FILE_BYTES {
        return Err(LoadError::TooLarge { path: path.display().to_string(), bytes: size });
    }
    String::from_utf8(bytes).map_err(|error| LoadError::NotUtf8 {
        path: path.display().to_string(),
        offset: error.utf8_error().valid_up_to(),
    })
}

fn read_error(path: &Path, source: io::Error) -> LoadError {
    LoadError::Read { path: path.display().to_string(), source }
}

/// A relative path with `/` between its parts, on any system.
fn portable(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

fn hash(sources: &Sources) -> String {
    let mut hasher = Sha256::new();
    for (_, file) in sources.iter() {
        for text in [file.path(), file.text()] {
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text);
        }
    }
    hex::of(&hasher.finalize())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// The paths that a folder with these files is read as.
    fn read(files: &[(&str, &str)], more: impl FnOnce(&Path)) -> Result<Vec<String>, String> {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        more(folder.path());
        let workspace = load(folder.path()).map_err(|error| error.to_string())?;
        Ok(workspace.sources().iter().map(|(_, file)| file.path().to_owned()).collect())
    }

    #[test]
    fn a_folder_is_its_wf_files() {
        let files = [("a.wf", ""), ("deep/er/b.wf", ""), (".hidden/c.wf", ""), (".d.wf", ""), ("notes.txt", "")];
        assert_eq!(read(&files, |_| {}).unwrap(), ["a.wf", "deep/er/b.wf"]);
    }

    #[test]
    fn links_are_followed_inside_the_folder_only() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("x.wf"), "").unwrap();
        let found = read(&[("real/a.wf", "")], |root| {
            symlink(outside.path(), root.join("away")).unwrap();
            symlink(outside.path().join("x.wf"), root.join("x.wf")).unwrap();
            symlink(root.join("nowhere"), root.join("n.wf")).unwrap();
            symlink(root, root.join("real/circle")).unwrap();
            symlink(root.join("real/a.wf"), root.join("b.wf")).unwrap();
        });
        assert_eq!(found.unwrap(), ["b.wf", "real/a.wf"]);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let error = read(&[("a.wf", "")], |root| fs::write(root.join("b.wf"), b"ok \xff").unwrap()).unwrap_err();
        assert!(error.ends_with("b.wf` is not UTF-8 text: byte 3 is wrong"), "{error}");
        let error = read(&[("a.txt", "")], |_| {}).unwrap_err();
        assert!(error.ends_with("has no `.wf` file"), "{error}");
    }

    #[test]
    fn the_hash_is_that_of_paths_and_texts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wf");
        let mut workspace = Workspace::new();
        let mut hash = |text: &str| {
            fs::write(&path, text).unwrap();
            refresh(&mut workspace, folder.path()).unwrap()
        };
        let first = hash("// 1");
        assert_eq!(hash("// 1"), first);
        assert_ne!(hash("// 2"), first);
        assert_eq!(hash("// 1"), first);
    }

    #[test]
    fn what_is_gone_from_the_folder_is_gone_from_the_workspace() {
        let folder = tempfile::tempdir().unwrap();
        let file = |path: &str| folder.path().join(path);
        let message = "message m { email { from \"a@b.co\" subject \"x\" text file \"m.vm\" } }";
        for (path, text) in [("a.wf", message), ("b.wf", "event e {}"), ("m.vm", "Hello"), ("n.vm", "Bye")] {
            fs::write(file(path), text).unwrap();
        }
        let mut workspace = Workspace::new();
        let mut paths = || {
            refresh(&mut workspace, folder.path()).unwrap();
            workspace.sources().iter().map(|(_, file)| file.path().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(paths(), ["a.wf", "b.wf", "m.vm"]);
        fs::write(file("a.wf"), message.replace("m.vm", "n.vm")).unwrap();
        fs::remove_file(file("b.wf")).unwrap();
        assert_eq!(paths(), ["a.wf", "n.vm"]);
    }
}
