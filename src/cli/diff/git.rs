//! The texts of a project as a git repository has them, read through the `git` command.
//!
//! Nothing is checked out: the names come from `ls-tree` or the index, the texts from one `cat-file --batch`.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::listing::Listing;
use crate::cli::failure::Failure;

/// A repository and the project's folder in it.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Repository {
    /// Where git is run: the project's folder.
    folder: PathBuf,
    /// The project's folder as the repository names it, with a final `/`; empty at the root.
    pub(super) prefix: String,
    /// Where the project's files are checked out, if they are.
    pub(super) work_tree: Option<PathBuf>,
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
        Ok(Listing::of(
            self,
            listing.split('\0').filter_map(|line| {
                let (about, path) = line.split_once('\t')?;
                let mut about = about.split(' ');
                let (mode, _, object) = (about.next()?, about.next()?, about.next()?);
                Some((path, mode, object))
            }),
        ))
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
        Ok(Listing::of(self, entries.into_iter()))
    }

    fn below(&self) -> &str {
        if self.prefix.is_empty() { "." } else { &self.prefix }
    }

    /// The contents of objects, in their order.
    pub(super) fn batch<'o>(&self, objects: impl Iterator<Item = &'o str>) -> Result<Vec<Vec<u8>>, Failure> {
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
    use super::cut;

    #[test]
    fn an_answer_is_cut_by_its_sizes() {
        let answer = b"aa blob 3\na\nb\nbb blob 0\n\n";
        assert_eq!(cut(answer, 2), Some(vec![b"a\nb".to_vec(), Vec::new()]));
        assert_eq!(cut(b"aa missing\n", 1), None);
        assert_eq!(cut(b"aa blob 9\nx\n", 1), None);
    }
}
