//! The files of a project in a commit or in the index.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use compiler::Workspace;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::git::Repository;
use crate::cli::failure::Failure;

/// A path that leads over more links than this goes round in a circle: the limit of Linux (path_resolution(7)).
const MOST_LINKS: usize = 40;

/// What stands beside the programs of a project.
#[derive(Debug, Default)]
pub(in crate::cli) struct Beside {
    /// What is accepted in advance.
    pub(in crate::cli) accepts: Option<String>,
    /// The settings, empty where there is no such file; nothing where they are not known.
    pub(in crate::cli) settings: Option<String>,
}

/// The objects of the texts that a workspace holds, by their paths: what has the same object is not read again.
pub(in crate::cli) type Held = BTreeMap<String, String>;

/// The files of a project in a commit or in the index, not read yet.
pub(in crate::cli) struct Listing {
    repository: Repository,
    entries: BTreeMap<String, Entry>,
    /// Folders of other repositories, with the commit that is looked at.
    submodules: BTreeMap<String, String>,
}

/// What a tree or the index has under a name.
struct Entry {
    object: String,
    is_link: bool,
}

impl Listing {
    /// What git lists: path, mode and object.
    pub(super) fn of<'l>(
        repository: &Repository,
        listing: impl Iterator<Item = (&'l str, &'l str, &'l str)>,
    ) -> Listing {
        let (mut entries, mut submodules) = (BTreeMap::new(), BTreeMap::new());
        for (path, mode, object) in listing {
            let Some(inside) = path.strip_prefix(&repository.prefix) else { continue };
            if inside.split('/').any(|part| part.starts_with('.')) {
                continue;
            }
            match mode {
                "100644" | "100755" | "120000" => {
                    let entry = Entry { object: object.to_owned(), is_link: mode == "120000" };
                    entries.insert(inside.to_owned(), entry);
                }
                "160000" => _ = submodules.insert(inside.to_owned(), object.to_owned()),
                _ => {}
            }
        }
        Listing { repository: repository.clone(), entries, submodules }
    }

    fn programs(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str).filter(|path| path.ends_with(".wf"))
    }

    /// What lies in another repository, and is not looked at: folders, with their commits.
    pub(in crate::cli) const fn submodules(&self) -> &BTreeMap<String, String> {
        &self.submodules
    }

    /// Whether there is any program.
    pub(in crate::cli) fn has_programs(&self) -> bool {
        self.programs().next().is_some()
    }

    /// Gives a workspace these texts and no others.
    pub(in crate::cli) fn fill(&self, workspace: &mut Workspace, held: &mut Held) -> Result<Beside, Failure> {
        let mut present: BTreeSet<String> = BTreeSet::new();
        self.set(self.programs().map(str::to_owned).collect(), workspace, held, &mut present)?;
        workspace.retain(|path| !path.ends_with(".wf") || present.contains(path));
        let named: BTreeSet<String> = workspace.referenced_files().map(|file| file.node.to_string()).collect();
        self.set(named.into_iter().collect(), workspace, held, &mut present)?;
        workspace.retain(|path| present.contains(path));
        held.retain(|path, _| present.contains(path));
        let beside = [super::accept::FILE, super::settings::FILE];
        let mut beside = self.texts(beside.into_iter())?.into_iter();
        let (accepts, settings) = (beside.next().flatten(), beside.next().flatten());
        Ok(Beside { accepts, settings: Some(settings.unwrap_or_default()) })
    }

    /// Sets the texts at paths that there are, and notes which these were.
    fn set(
        &self,
        paths: Vec<String>,
        workspace: &mut Workspace,
        held: &mut Held,
        present: &mut BTreeSet<String>,
    ) -> Result<(), Failure> {
        let entry = |path: &str| self.entries.get(path.strip_prefix("./").unwrap_or(path));
        let is_held = |held: &Held, path: &str| {
            entry(path).is_some_and(|entry| !entry.is_link && held.get(path) == Some(&entry.object))
        };
        let (known, wanted): (Vec<String>, Vec<String>) = paths.into_iter().partition(|path| is_held(held, path));
        present.extend(known);
        let inside = wanted.iter().map(|path| path.strip_prefix("./").unwrap_or(path));
        let texts = self.texts(inside)?;
        for (path, text) in wanted.into_iter().zip(texts) {
            if let Some(text) = text {
                workspace.set(&path, text);
                if let Some(entry) = entry(&path) {
                    held.insert(path.clone(), entry.object.clone());
                }
                present.insert(path);
            }
        }
        Ok(())
    }

    /// The texts at paths; nothing for a path that there is not.
    fn texts<'p>(&self, paths: impl Iterator<Item = &'p str>) -> Result<Vec<Option<String>>, Failure> {
        let paths: Vec<&str> = paths.collect();
        let found = paths.iter().map(|path| self.found(path)).collect::<Result<Vec<Option<&Entry>>, Failure>>()?;
        let checked_out = self.checked_out(&paths);
        let asked = found.iter().zip(&checked_out).filter(|(_, there)| there.is_none());
        let objects = asked.filter_map(|(entry, _)| Some(entry.as_ref()?.object.as_str()));
        let mut read = self.repository.batch(objects)?.into_iter();
        let mut answers = Vec::with_capacity(paths.len());
        for ((path, entry), there) in paths.iter().zip(found).zip(checked_out) {
            let bytes = there.or_else(|| entry.and_then(|_| read.next()));
            let text = bytes.map(String::from_utf8).transpose();
            answers.push(text.map_err(|_| Failure::world(format!("`{path}` is not UTF-8")))?);
        }
        Ok(answers)
    }

    /// The contents of those files whose object is what stands at their path in the work tree. Asking git for a thousand loose
    /// objects takes several times as long as reading as many files.
    fn checked_out(&self, paths: &[&str]) -> Vec<Option<Vec<u8>>> {
        let read = |path: &&str| {
            let folder = self.repository.work_tree.as_ref()?;
            let entry = self.entries.get(*path).filter(|entry| !entry.is_link)?;
            let path = folder.join(path);
            let is_file = path.symlink_metadata().is_ok_and(|it| it.is_file());
            let bytes = is_file.then(|| std::fs::read(path).ok()).flatten()?;
            (object_name(&bytes, entry.object.len())? == entry.object).then_some(bytes)
        };
        paths.par_iter().map(read).collect()
    }

    /// The file at a path. Symbolic links of files and folders are followed while they stay inside the project.
    fn found(&self, path: &str) -> Result<Option<&Entry>, Failure> {
        let entry = self.entries.get(path);
        if entry.is_some_and(|entry| !entry.is_link) || !self.entries.values().any(|entry| entry.is_link) {
            return Ok(entry);
        }
        let (mut done, mut links): (Vec<String>, usize) = (Vec::new(), 0);
        let mut rest: VecDeque<String> = path.split('/').map(str::to_owned).collect();
        while let Some(part) = rest.pop_front() {
            match part.as_str() {
                "" | "." => continue,
                ".." if done.pop().is_none() => return Ok(None),
                ".." => continue,
                _ => done.push(part),
            }
            let Some(link) = self.entries.get(&done.join("/")).filter(|entry| entry.is_link) else { continue };
            let bytes = self.repository.batch([link.object.as_str()].into_iter())?.pop().unwrap_or_default();
            let target = String::from_utf8(bytes).unwrap_or_default();
            links += 1;
            if links > MOST_LINKS || target.starts_with('/') {
                return Ok(None);
            }
            done.pop();
            target.split('/').rev().for_each(|part| rest.push_front(part.to_owned()));
        }
        Ok(self.entries.get(&done.join("/")))
    }
}

/// The name that git gives to a file with this content, in so many hexadecimal digits: those of SHA-1, or of SHA-256 in
/// repositories that were made with it (gitformat-pack, "object name").
fn object_name(content: &[u8], digits: usize) -> Option<String> {
    let head = format!("blob {}\0", content.len());
    match digits {
        40 => {
            let mut hash = sha1_smol::Sha1::new();
            hash.update(head.as_bytes());
            hash.update(content);
            Some(hash.digest().to_string())
        }
        64 => {
            let hash = Sha256::new().chain_update(head).chain_update(content).finalize();
            Some(hash.iter().map(|byte| format!("{byte:02x}")).collect())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::object_name;

    /// As `git hash-object` names them.
    #[test]
    fn files_are_named_as_git_names_them() {
        let cases: [(&[u8], &str); 4] = [
            (b"wf\n", "fef643b5f3910e78b8e6b5b52915ddf0dc688a1f"),
            (b"wf\n", "77dc7e424e3f8970ebe4531a06119d6465881e9ee34ded5eb084d3f9e7c108d9"),
            (b"", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"),
            (b"", "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"),
        ];
        for (content, name) in cases {
            assert_eq!(object_name(content, name.len()).as_deref(), Some(name));
        }
        assert_eq!(object_name(b"", 7), None);
    }
}
