//! Reading a project folder: every `.wf` file, and the template files that they name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use compiler::Workspace;
use compiler::ir::{Program, ReadError};
use compiler::source::{Skipped, Sources};
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
    /// What the folder has of `.wf` files is not read.
    #[error("`{path}` has no `.wf` file that is read: `{file}` is {}", .why.what())]
    Skipped {
        /// The folder.
        path: String,
        /// The first of them.
        file: String,
        /// What it is.
        why: Skipped,
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
        let found = find(path, &real)?;
        for (name, text) in texts(&real, &found.files)? {
            workspace.set(&name, text);
            present.insert(name);
        }
        for (name, why) in found.skipped {
            workspace.skip(&name, why);
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
        let found = find(path, &root)?;
        for (name, text) in texts(&root, &found.files)? {
            sources.add(name, text);
        }
        for (name, why) in found.skipped {
            sources.skip(name, why);
        }
    }
    for name in named {
        match named_file(&root, name) {
            Some(Ok(real)) => sources.add(name.as_str(), read_text(&real)?),
            Some(Err(why)) => sources.skip(name.as_str(), why),
            None => continue,
        };
    }
    Ok(hash(&sources))
}

/// The file of a name below the root, or why it is not read; `None` when it is missing, or its name leads outside.
fn named_file(root: &Path, name: &str) -> Option<Result<PathBuf, Skipped>> {
    let relative = Path::new(name);
    let inside = relative.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let path = Some(root.join(relative)).filter(|_| inside)?;
    let Ok(real) = fs::canonicalize(&path) else {
        return fs::symlink_metadata(&path).is_ok_and(|about| about.is_symlink()).then_some(Err(Skipped::LeadsNowhere));
    };
    if !real.starts_with(root) {
        return Some(Err(Skipped::LeadsOutside));
    }
    let kind = fs::metadata(&real).ok()?.file_type();
    match kind.is_file() {
        true => Some(Ok(real)),
        false => (!kind.is_dir()).then_some(Err(Skipped::NoRegularFile)),
    }
}

/// What a folder has of a program.
#[derive(Debug, Default)]
struct Found {
    /// The `.wf` files, by their paths below the root.
    files: BTreeSet<PathBuf>,
    /// What is not read; a folder has `/` at its end.
    skipped: BTreeMap<String, Skipped>,
}

/// The `.wf` files of a folder, which was given as `path` and is `root` without links.
fn find(path: &Path, root: &Path) -> Result<Found, LoadError> {
    let mut found = Found::default();
    collect((root, root), root, 0, &mut BTreeSet::from([root.to_owned()]), &mut found)?;
    if !found.files.is_empty() {
        return Ok(found);
    }
    let path = path.display().to_string();
    Err(match found.skipped.pop_first() {
        Some((file, why)) => LoadError::Skipped { path, file, why },
        None => LoadError::Empty { path },
    })
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
    let found = find(path, &real)?;
    let here = path == Path::new(".");
    Ok(found.files.into_iter().map(|relative| if here { relative } else { path.join(relative) }).collect())
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
    found: &mut Found,
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
        let relative = path.strip_prefix(root).unwrap_or(&path).to_owned();
        let mut real = real_folder.join(&name);
        if kind.is_symlink() {
            // A link that leads nowhere or outside is not part of the project.
            let Ok((target, metadata)) =
                fs::canonicalize(&path).and_then(|to| fs::metadata(&to).map(|about| (to, about)))
            else {
                if is_program(&path) {
                    found.skipped.insert(portable(&relative), Skipped::LeadsNowhere);
                }
                continue;
            };
            if !target.starts_with(root) {
                if metadata.is_dir() && has_programs(&target) {
                    found.skipped.insert(portable(&relative) + "/", Skipped::LeadsOutside);
                } else if !metadata.is_dir() && is_program(&path) {
                    found.skipped.insert(portable(&relative), Skipped::LeadsOutside);
                }
                continue;
            }
            (real, kind) = (target, metadata.file_type());
        }
        if kind.is_dir() {
            // A folder that is reached twice, over a link, is read once: links may form a circle.
            if visited.insert(real.clone()) {
                collect((root, &real), &path, depth + 1, visited, found)?;
            }
        } else if is_program(&path) {
            if kind.is_file() {
                found.files.insert(relative);
            } else {
                found.skipped.insert(portable(&relative), Skipped::NoRegularFile);
            }
        }
        if found.files.len() + found.skipped.len() > MAX_FILES {
            return Err(LoadError::TooMuch { path: root.display().to_string() });
        }
    }
    Ok(())
}

fn is_program(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "wf")
}

/// Whether a folder has a `.wf` file in it.
fn has_programs(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|entries| entries.flatten().any(|entry| is_program(&entry.path())))
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
        match named_file(root, &name) {
            Some(Ok(real)) => workspace.set(&name, read_text(&real)?),
            Some(Err(why)) => workspace.skip(&name, why),
            None => continue,
        }
        present.insert(name);
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
        if let Some(why) = file.skipped() {
            hasher.update(why.what());
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
        let told = |skipped: Option<Skipped>| skipped.map(|why| format!(": {}", why.what())).unwrap_or_default();
        Ok(workspace.sources().iter().map(|(_, file)| format!("{}{}", file.path(), told(file.skipped()))).collect())
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
            symlink("/tmp/..", root.join("without")).unwrap();
            symlink(outside.path().join("x.wf"), root.join("notes")).unwrap();
            symlink(outside.path().join("x.wf"), root.join(".x.wf")).unwrap();
            std::os::unix::net::UnixListener::bind(root.join("real/s.wf")).unwrap();
            symlink(outside.path().join("x.wf"), root.join("x.wf")).unwrap();
            symlink(root.join("nowhere"), root.join("n.wf")).unwrap();
            symlink(root, root.join("real/circle")).unwrap();
            symlink(root.join("real/a.wf"), root.join("b.wf")).unwrap();
        });
        let told = [
            "away/: a symbolic link that leads out of the project",
            "b.wf",
            "n.wf: a symbolic link that leads nowhere",
            "real/a.wf",
            "real/s.wf: no regular file",
            "x.wf: a symbolic link that leads out of the project",
        ];
        assert_eq!(found.unwrap(), told);
        let error = read(&[], |root| symlink(outside.path().join("x.wf"), root.join("x.wf")).unwrap()).unwrap_err();
        let told = "has no `.wf` file that is read: `x.wf` is a symbolic link that leads out of the project";
        assert!(error.ends_with(told), "{error}");
    }

    #[test]
    fn a_file_that_is_not_read_is_told_where_it_is_named_or_else_by_itself() {
        let outside = tempfile::tempdir().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = |path: &str| folder.path().join(path);
        let message = "message m { email { from \"a@b.co\" subject \"x\" text file \"m.vm\" } }";
        fs::write(file("a.wf"), message).unwrap();
        fs::write(outside.path().join("m.vm"), "Hello").unwrap();
        fs::write(outside.path().join("e.wf"), "event e {}").unwrap();
        symlink(outside.path().join("m.vm"), file("m.vm")).unwrap();
        symlink(outside.path().join("e.wf"), file("e.wf")).unwrap();
        let mut workspace = Workspace::new();
        let mut said = || {
            let hash = refresh(&mut workspace, folder.path()).unwrap();
            let found = workspace.compile().diagnostics;
            let named = ["m.vm".to_owned()];
            assert_eq!(hash, fingerprint(folder.path(), &named).unwrap());
            let about = |code: &str| code == "file-missing" || code == "file-skipped";
            found.into_iter().filter(|said| about(said.code.slug())).map(|said| said.message).collect::<Vec<_>>()
        };
        let outside = "is not read: it is a symbolic link that leads out of the project";
        assert_eq!(said(), [format!("the file `m.vm` {outside}"), format!("`e.wf` {outside}")]);
        for path in ["m.vm", "e.wf"] {
            fs::remove_file(file(path)).unwrap();
            fs::write(file(path), "").unwrap();
        }
        assert_eq!(said(), [""; 0]);
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
