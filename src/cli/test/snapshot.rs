//! Snapshots: the messages of a test as they are expected, in files beside the program that are committed with it.
//!
//! A test is compared when it has a file; `--update` writes the files, and what differs is left beside the file as `.snap.new`,
//! for whoever wants to see it whole.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use compiler::diff::Words;
use compiler::ir::{ProgramHash, Test};
use runtime::rehearsal::Report;

use super::super::diff::marked;
use super::super::failure::Failure;
use super::super::terminal::{HINT, Terminal};
use super::super::{project, replace};

/// A name of a file is not longer than that.
const LONGEST: usize = 80;

/// The folder of the snapshots.
pub(super) struct Folder {
    path: PathBuf,
    /// The files' names of all tests, without the ending.
    names: BTreeMap<String, String>,
}

/// A snapshot that is not what it is expected to be.
pub(super) struct Difference {
    file: PathBuf,
    words: Words,
}

impl Difference {
    /// In one line.
    pub(super) fn message(&self) -> String {
        format!("the messages are not those of {}", self.file())
    }

    /// The file with what is expected.
    pub(super) fn file(&self) -> String {
        project::shown(&self.file)
    }

    /// The file with what is there.
    pub(super) fn new_file(&self) -> String {
        project::shown(&with_new(&self.file))
    }

    /// The difference word by word, and what to do about it.
    pub(super) fn told(&self, terminal: &Terminal) -> String {
        let mut out = format!("{}:\n", self.message());
        for line in marked(&self.words, terminal).lines() {
            let _ = writeln!(out, "  {line}");
        }
        let hint = terminal.paint(HINT, "hint:");
        let _ = writeln!(
            out,
            "{hint} if that is right, take it over with `wf test --update`; the whole is in {}",
            self.new_file()
        );
        out
    }
}

impl Folder {
    /// The folder of the project at a path, which may be a single file.
    pub(super) fn of(project: &Path, tests: &[Arc<Test>]) -> Folder {
        let root = if project.is_file() { project.parent().unwrap_or(Path::new("")) } else { project };
        let path = std::fs::canonicalize(root).unwrap_or_else(|_| root.to_owned()).join("snapshots");
        let mut slugs: BTreeMap<String, u32> = BTreeMap::new();
        for test in tests {
            *slugs.entry(slug(&test.name.node)).or_default() += 1;
        }
        let names = tests.iter().map(|test| {
            let name = &test.name.node;
            let slug = slug(name);
            // Two tests whose names differ in signs only, and names without a letter, are told apart by a hash.
            let alone = slugs.get(&slug) == Some(&1) && !slug.is_empty();
            let file = if alone { slug } else { format!("{slug}-{}", ProgramHash::of(name).short()) };
            (name.to_string(), file.trim_start_matches('-').to_owned())
        });
        let names = names.collect();
        Folder { path, names }
    }

    fn file(&self, test: &str) -> Option<PathBuf> {
        Some(self.path.join(format!("{}.snap", self.names.get(test)?)))
    }

    /// Compares each test that has a file with it.
    pub(super) fn compare(&self, reports: &[Report]) -> Result<Vec<Option<Difference>>, Failure> {
        let mut differences = Vec::with_capacity(reports.len());
        for report in reports {
            let Some(file) = self.file(&report.name) else { continue };
            let Some(expected) = read(&file)? else {
                differences.push(None);
                continue;
            };
            let found = messages(report);
            // An editor, or git, may have changed the ends of the lines.
            if expected.replace("\r\n", "\n") == found {
                remove(&with_new(&file))?;
                differences.push(None);
                continue;
            }
            write(&with_new(&file), &found)?;
            differences.push(Some(Difference { words: Words::between(&expected, &found), file }));
        }
        Ok(differences)
    }

    /// Writes the messages of every test that sends any; what was done, in words. With `all` tests at hand, files of others go.
    pub(super) fn update(&self, reports: &[Report], all: bool) -> Result<String, Failure> {
        let (mut written, mut kept, mut removed) = (0, 0, 0);
        let mut wanted = Vec::new();
        for report in reports {
            let Some(file) = self.file(&report.name) else { continue };
            remove(&with_new(&file))?;
            if report.log.sent().next().is_none() {
                continue;
            }
            let found = messages(report);
            if read(&file)?.as_deref() == Some(&*found) {
                kept += 1;
            } else {
                write(&file, &found)?;
                written += 1;
            }
            wanted.push(file);
        }
        let entries = if all { std::fs::read_dir(&self.path).ok() } else { None };
        for entry in entries.into_iter().flatten().flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|ending| ending == "snap") && !wanted.contains(&path) {
                remove(&path)?;
                removed += 1;
            }
        }
        Ok(format!("snapshots: {written} written, {kept} as they were, {removed} removed"))
    }
}

/// The messages of a test, whole.
fn messages(report: &Report) -> String {
    let mut out = String::new();
    for (position, sent) in report.log.sent() {
        let at = report.log.entries.get(position).map(|entry| entry.at).unwrap_or(report.start);
        let gap = if out.is_empty() { "" } else { "\n" };
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{gap}=== {at} {} by {}", sent.message, sent.channel);
        for (name, text) in &sent.parts {
            let text = text.replace("\r\n", "\n");
            match text.contains('\n') {
                true => drop(writeln!(out, "--- {name}\n{}", text.trim_end_matches('\n'))),
                false => drop(writeln!(out, "--- {name}: {text}")),
            }
        }
    }
    out
}

/// Letters and digits of a name, with dashes for all else.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        if slug.len() >= LONGEST {
            break;
        }
        if letter.is_alphanumeric() {
            slug.push(letter);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

fn with_new(file: &Path) -> PathBuf {
    file.with_extension("snap.new")
}

fn read(file: &Path) -> Result<Option<String>, Failure> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::file(format!("cannot read `{}`", file.display()), &error)),
    }
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let written = std::fs::create_dir_all(folder).and_then(|()| replace::write_whole(file, text));
    written.map_err(|error| Failure::file(format!("cannot write `{}`", file.display()), &error))
}

fn remove(file: &Path) -> Result<(), Failure> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(Failure::file(format!("cannot remove `{}`", file.display()), &error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_plain() {
        for (name, expected) in [
            ("score answers late, then the SMS fallback", "score-answers-late-then-the-sms-fallback"),
            ("../../etc/passwd", "etc-passwd"),
            ("Привіт!", "привіт"),
            ("!?", ""),
        ] {
            assert_eq!(slug(name), expected);
        }
        assert!(slug(&"long ".repeat(100)).len() <= LONGEST);
    }
}
