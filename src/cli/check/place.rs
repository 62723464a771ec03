//! Paths of findings, for tools that run where the command runs: in the root of the repository, mostly.

use std::path::{Path, PathBuf};

use compiler::source::Sources;

use super::super::project;

/// The project's files as the current folder sees them.
pub(in crate::cli) struct Places<'s> {
    pub(in crate::cli) sources: &'s Sources,
    root: PathBuf,
}

impl<'s> Places<'s> {
    /// The files of the project at `folder`, which may be a single file.
    pub(in crate::cli) fn new(sources: &'s Sources, folder: &Path) -> Places<'s> {
        let absolute = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        let root =
            if absolute.is_file() { absolute.parent().map(Path::to_owned).unwrap_or_default() } else { absolute };
        Places { sources, root }
    }

    /// A file by its path in the project: relative to the current folder where it lies below it.
    pub(in crate::cli) fn path(&self, path: &str) -> String {
        project::shown(&self.root.join(path))
    }

    /// The same as a URI reference.
    pub(super) fn uri(&self, path: &str) -> String {
        escaped(&self.path(path))
    }
}

/// A path as a URI reference.
pub(in crate::cli) fn escaped(path: &str) -> String {
    let scheme = if path.starts_with('/') { "file://" } else { "" };
    let mut uri = scheme.to_owned();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}
