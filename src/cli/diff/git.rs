//! The texts of a project as a git repository has them, read through the `git` command.
//!
//! Nothing is checked out: the names come from `ls-tree` or the index, the texts from one `cat-file --batch`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use compiler::Workspace;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::cli::failure::Failure;

/// A repository and the project's folder in it.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Repository {
    /// Where git is run: the project's folder.
    folder: PathBuf,
    /// The project's folder as the repository names it, with a final `/`; empty at the root.
    prefix: String,
    /// Where the project's files are checked out, if they are.
    work_tree: Option<PathBuf>,
}

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

impl Repository {
    /// The repository that a project's folder lies in. In a bare one, and where the folder is not there any more, what
    /// follows the part that is there is the folder in its trees.
    pub(in crate::cli) fn of(folder: &Path) -> Result<Repository, Failure> {
        let folder = if folder.is_file() { folder.parent().unwrap_or(folder).to_owned() } else { folder.to_owned() };
        let absolute = std::path::absolute(&folder).unwrap_or_else(|_| folder.clone());
        let there = absolute.ancestors().find(|folder| folder.is_dir()).unwrap_or(&absolute).to_owned();
        let rest = absolute.strip_prefix(&there).unwrap_or(Path::new("")).display().to_string().replace('\\', "/");
        let rest = if rest.is_empty() { rest } else { format!("{rest}/") };
        let mut repository = Repository { folder: there, prefix: String::new(), work_tree: None };
        let answer = repository.output(&["rev-parse", "--is-bare-repository", "--show-prefix"]).map_err(|failure| {
            failure
                .hint("the project must lie in a git checkout; `wf diff --files OLD NEW` compares folders without one")
        })?;
        let (bare, prefix) = answer.split_once('\n').unwrap_or((&answer, ""));
        let prefix = if bare == "true" { "" } else { prefix.trim_end_matches(['\n', '\r']) };
        repository.prefix = format!("{prefix}{rest}");
        repository.work_tree = (bare != "true" && rest.is_empty()).then(|| repository.folder.clone());
        Ok(repository)
    }

    /// The project's folder in the repository, for people.
    pub(in crate::cli) fn place(&self) -> &str {
        self.below()
    }

    /// The full name of a commit.
    pub(in crate::cli) fn commit(&self, revision: &str) -> Result<String, Failure> {
        if revision.starts_with('-') {
            return Err(Failure::usage(format!("`{revision}` is no revision")));
        }
        self.line(&["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{revision}^{{commit}}")]).map_err(
            |_| {
                let failure = Failure::world(format!("git knows no revision `{revision}`"));
                if self.is_shallow() {
                    failure.hint(format!("this clone is shallow: `{}` brings more of it", deepening(revision)))
                } else {
                    failure.hint("`git fetch` it, or look at `git log --oneline --all`")
                }
            },
        )
    }

    /// Where two histories parted.
    pub(in crate::cli) fn merge_base(&self, one: &str, other: &str) -> Result<String, Failure> {
        self.line(&["merge-base", one, other]).map_err(|_| {
            let failure = Failure::world(format!("`{one}` and `{other}` have no commit in common here"));
            if self.is_shallow() {
                failure.hint("this clone is shallow: `git fetch --unshallow`, or `--deepen=100`, brings the rest")
            } else {
                failure.hint("name the two revisions with two dots, as in `main..HEAD`")
            }
        })
    }

    /// The upstream of the current branch, if it has one.
    pub(in crate::cli) fn upstream(&self) -> Option<String> {
        self.line(&["rev-parse", "--abbrev-ref", "--symbolic-full-name", "@{upstream}"]).ok()
    }

    /// A branch that the current one may have left: what the remote takes for its main one, else one with a usual name. Only
    /// one that has a commit in common with `head`, and that `head` is not a part of.
    pub(in crate::cli) fn trunk(&self, head: &str) -> Option<String> {
        let default = self.line(&["rev-parse", "--abbrev-ref", "--verify", "--quiet", "origin/HEAD"]).ok();
        let usual = ["origin/main", "origin/master", "main", "master", "develop", "trunk"].map(str::to_owned);
        default.into_iter().chain(usual).find(|name| {
            let parted = self.commit(name).and_then(|commit| self.merge_base(&commit, head));
            parted.is_ok_and(|parted| parted != head)
        })
    }

    fn is_shallow(&self) -> bool {
        self.line(&["rev-parse", "--is-shallow-repository"]).is_ok_and(|answer| answer == "true")
    }

    /// The project's files in a commit.
    pub(in crate::cli) fn tree(&self, commit: &str) -> Result<Listing, Failure> {
        let listing = self.output(&["ls-tree", "-r", "-z", "--full-tree", commit, "--", self.below()])?;
        // `MODE TYPE OBJECT\tPATH`
        Ok(self.listed(listing.split('\0').filter_map(|line| {
            let (about, path) = line.split_once('\t')?;
            let mut about = about.split(' ');
            let (mode, _, object) = (about.next()?, about.next()?, about.next()?);
            Some((path, mode, object))
        })))
    }

    /// The project's files in the index.
    pub(in crate::cli) fn index(&self) -> Result<Listing, Failure> {
        let listing = self.output(&["ls-files", "--stage", "-z", "--full-name", "--", "."])?;
        // `MODE OBJECT STAGE\tPATH`; a file that is not merged has no stage 0.
        let mut entries = Vec::new();
        for line in listing.split('\0') {
            let Some((about, path)) = line.split_once('\t') else { continue };
            let mut about = about.split(' ');
            let (Some(mode), Some(object), Some(stage)) = (about.next(), about.next(), about.next()) else { continue };
            if stage != "0" {
                let failure = Failure::world(format!("`{path}` is not merged: the index holds several of it"));
                return Err(failure.hint("settle the conflict and `git add` it, or compare revisions"));
            }
            entries.push((path, mode, object));
        }
        Ok(self.listed(entries.into_iter()))
    }

    fn below(&self) -> &str {
        if self.prefix.is_empty() { "." } else { &self.prefix }
    }

    fn listed<'l>(&self, listing: impl Iterator<Item = (&'l str, &'l str, &'l str)>) -> Listing {
        let (mut entries, mut submodules) = (BTreeMap::new(), BTreeMap::new());
        for (path, mode, object) in listing {
            let Some(inside) = path.strip_prefix(&self.prefix) else { continue };
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
        Listing { repository: self.clone(), entries, submodules }
    }

    /// The texts at paths; nothing for a path that there is not.
    fn blobs<'p>(
        &self,
        entries: &BTreeMap<String, Entry>,
        paths: impl Iterator<Item = &'p str>,
    ) -> Result<Vec<Option<String>>, Failure> {
        let paths: Vec<&str> = paths.collect();
        let found: Vec<Option<&Entry>> = paths.iter().map(|path| entries.get(*path)).collect();
        let checked_out = self.checked_out(&paths, &found);
        let asked = found.iter().zip(&checked_out).filter(|(_, there)| there.is_none());
        let mut texts = self.batch(asked.filter_map(|(entry, _)| Some(entry.as_ref()?.object.as_str())))?.into_iter();
        let mut answers = Vec::with_capacity(paths.len());
        for ((path, entry), there) in paths.iter().zip(found).zip(checked_out) {
            let Some(entry) = entry else {
                answers.push(None);
                continue;
            };
            let bytes = there.or_else(|| texts.next()).unwrap_or_default();
            let text = String::from_utf8(bytes).map_err(|_| Failure::world(format!("`{path}` is not UTF-8")))?;
            answers.push(if entry.is_link { self.behind(entries, path, &text)? } else { Some(text) });
        }
        Ok(answers)
    }

    /// The contents of those files whose object is what stands at their path in the work tree. Asking git for a thousand loose
    /// objects takes several times as long as reading as many files.
    fn checked_out(&self, paths: &[&str], entries: &[Option<&Entry>]) -> Vec<Option<Vec<u8>>> {
        let read = |(path, entry): (&&str, &Option<&Entry>)| {
            let (folder, entry) = (self.work_tree.as_ref()?, entry.filter(|entry| !entry.is_link)?);
            let path = folder.join(path);
            let is_file = path.symlink_metadata().is_ok_and(|it| it.is_file());
            let bytes = is_file.then(|| std::fs::read(path).ok()).flatten()?;
            (object_name(&bytes, entry.object.len())? == entry.object).then_some(bytes)
        };
        paths.par_iter().zip(entries).map(read).collect()
    }

    /// The text that a symbolic link leads to, while it stays inside the project.
    fn behind(&self, entries: &BTreeMap<String, Entry>, link: &str, target: &str) -> Result<Option<String>, Failure> {
        let mut parts: Vec<&str> = link.split('/').collect();
        parts.pop();
        for part in target.split('/') {
            match part {
                "" | "." => {}
                ".." if parts.pop().is_none() => return Ok(None),
                ".." => {}
                part => parts.push(part),
            }
        }
        let Some(entry) = entries.get(&parts.join("/")).filter(|entry| !entry.is_link) else { return Ok(None) };
        let bytes = self.batch([entry.object.as_str()].into_iter())?.pop().unwrap_or_default();
        String::from_utf8(bytes).map(Some).map_err(|_| Failure::world(format!("`{link}` is not UTF-8")))
    }

    /// The contents of objects, in their order.
    fn batch<'o>(&self, objects: impl Iterator<Item = &'o str>) -> Result<Vec<Vec<u8>>, Failure> {
        let asked: Vec<&str> = objects.collect();
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let failed = |error: &std::io::Error| Failure::file("cannot run `git cat-file`", error);
        let mut child = self
            .command(&["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| failed(&error))?;
        let question: String = asked.iter().map(|object| format!("{object}\n")).collect();
        let mut answer = Vec::new();
        let (input, output) = (child.stdin.take(), child.stdout.take());
        // Asked from a thread of its own: git answers while it is still being asked, and either side may wait.
        std::thread::scope(|scope| -> Result<(), Failure> {
            let asking = scope.spawn(move || input.map_or(Ok(()), |mut input| input.write_all(question.as_bytes())));
            if let Some(mut output) = output {
                output.read_to_end(&mut answer).map_err(|error| failed(&error))?;
            }
            match asking.join() {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(failed(&error)),
                Err(_) => Err(Failure::world("cannot run `git cat-file`")),
            }
        })?;
        child.wait().map_err(|error| failed(&error))?;
        let texts = cut(&answer, asked.len());
        texts.ok_or_else(|| {
            let failure = Failure::world("git does not have all objects of this revision");
            failure.hint("fetch them: `git fetch`, or `git fetch --unshallow` in a shallow clone")
        })
    }

    fn line(&self, arguments: &[&str]) -> Result<String, Failure> {
        self.output(arguments).map(|output| output.trim_end_matches(['\n', '\r']).to_owned())
    }

    fn output(&self, arguments: &[&str]) -> Result<String, Failure> {
        let output = self.command(arguments).output().map_err(|error| {
            let failure = Failure::file("cannot run `git`", &error);
            failure.hint("install git, or compare folders with `wf diff --files OLD NEW`")
        })?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said.lines().next().unwrap_or("no answer").trim_start_matches("fatal: ").to_owned();
            return Err(Failure::world(format!("git: {said}")));
        }
        String::from_utf8(output.stdout).map_err(|_| Failure::world("git names a path that is not UTF-8"))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.folder).args(arguments);
        // A tool reads: it must not write the index, ask for passwords, or be asked to translate.
        command.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
        command
    }
}

/// What brings a revision into a clone that does not reach back to it. A remote knows branches, tags and full names of commits;
/// what is counted from one of them (`HEAD~1`) is reached by what is there already.
fn deepening(revision: &str) -> String {
    let is_hex = revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    let branch = revision.strip_prefix("origin/").unwrap_or(revision);
    match () {
        () if is_hex && revision.len() >= 40 => format!("git fetch --depth=1 origin {revision}"),
        () if is_hex || branch == "HEAD" || revision.contains(['~', '^', '@', ':']) => {
            "git fetch --deepen=100".to_owned()
        }
        () => format!("git fetch --depth=100 origin {branch}:refs/remotes/origin/{branch}"),
    }
}

impl Listing {
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
        let mut beside = self.repository.blobs(&self.entries, beside.into_iter())?.into_iter();
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
        let texts = self.repository.blobs(&self.entries, inside)?;
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

/// Cuts the answer of `cat-file --batch`: `OBJECT TYPE SIZE\nCONTENT\n` for each object.
fn cut(mut answer: &[u8], count: usize) -> Option<Vec<Vec<u8>>> {
    let mut texts = Vec::with_capacity(count);
    for _ in 0..count {
        let end = answer.iter().position(|byte| *byte == b'\n')?;
        let head = std::str::from_utf8(answer.get(..end)?).ok()?;
        let size: usize = head.rsplit(' ').next()?.parse().ok()?;
        let start = end + 1;
        texts.push(answer.get(start..start.checked_add(size)?)?.to_vec());
        answer = answer.get(start + size + 1..)?;
    }
    Some(texts)
}

#[cfg(test)]
mod tests {
    use super::{cut, object_name};

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

    #[test]
    fn an_answer_is_cut_by_its_sizes() {
        let answer = b"aa blob 3\na\nb\nbb blob 0\n\n";
        assert_eq!(cut(answer, 2), Some(vec![b"a\nb".to_vec(), Vec::new()]));
        assert_eq!(cut(b"aa missing\n", 1), None);
        assert_eq!(cut(b"aa blob 9\nx\n", 1), None);
    }
}
