//! Which commit a project's folder is at, for the history of its programs.
//!
//! The folder is asked through the `git` command, which knows work trees, submodules and other people's repositories better
//! than anybody. Nothing depends on the answer: without git, or outside a repository, there is none.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::store::Commit;

/// The commit that a project's folder is at, and whether what a program is read from differs from it; `None` outside a
/// repository. Starts processes and waits for them.
pub fn commit(folder: &Path) -> Option<Commit> {
    let folder = if folder.is_file() { folder.parent()? } else { folder };
    let id = git(folder, &["rev-parse", "--verify", "--quiet", "HEAD"])?;
    let id = String::from_utf8(id).ok()?.trim().to_owned();
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let status = git(folder, &["status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--", "."])?;
    let has_changes = status.split(|byte| *byte == 0).filter_map(|entry| entry.get(3..)).any(is_read);
    Some(Commit { id, has_changes })
}

/// Whether a project may be read from a path: names that begin with a dot are skipped.
fn is_read(path: &[u8]) -> bool {
    !path.is_empty() && !path.split(|byte| *byte == b'/').any(|name| name.starts_with(b"."))
}

/// What git prints; `None` when it fails. It asks nobody, writes nothing, and starts no monitor that the repository names.
fn git(folder: &Path, arguments: &[&str]) -> Option<Vec<u8>> {
    let output = Command::new("git")
        .args(["-c", "core.fsmonitor=false", "-c", "core.quotePath=false"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output.status.success().then_some(output.stdout)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_commit_and_what_was_changed_since() {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("shop");
        fs::create_dir_all(project.join(".wf")).unwrap();
        fs::write(project.join("a.wf"), "event e {}\n").unwrap();
        let run = |arguments: &[&str]| {
            let identity = ["-c", "user.name=n", "-c", "user.email=n@example.com", "-c", "commit.gpgsign=false"];
            let mut git = Command::new("git");
            git.args(identity).args(arguments).current_dir(folder.path()).env("GIT_CONFIG_GLOBAL", "/dev/null");
            let output = git.env("GIT_CEILING_DIRECTORIES", folder.path()).output().unwrap();
            assert!(output.status.success(), "{arguments:?}: {output:?}");
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        run(&["init", "-q"]);
        assert_eq!(commit(&project), None, "nothing is committed");
        run(&["add", "shop/a.wf"]);
        run(&["commit", "-q", "-m", "one"]);
        let id = run(&["rev-parse", "HEAD"]);
        let check = |has_changes| assert_eq!(commit(&project), Some(Commit { id: id.clone(), has_changes }));
        check(false);
        fs::write(project.join(".wf/store.db"), "data").unwrap();
        fs::write(folder.path().join("beside.txt"), "of no concern").unwrap();
        check(false);
        fs::write(project.join("new one.wf"), "event f {}\n").unwrap();
        check(true);
        fs::remove_file(project.join("new one.wf")).unwrap();
        fs::write(project.join("a.wf"), "event g {}\n").unwrap();
        check(true);
        assert!(commit(&project.join("a.wf")).is_some_and(|commit| commit.has_changes), "a single file is a project");
    }
}
