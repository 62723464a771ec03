//! Files that a program names.
//!
//! A path counts from the project folder, whichever file names it, and stays inside the project: what a reviewer does not
//! see cannot be sent.

use smol_str::SmolStr;

use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::names::near;
use crate::source::{FileId, SourceFile, Sources, Spanned};

/// The file with this path; reported where there is none.
pub(crate) fn find(sources: &Sources, path: &Spanned<SmolStr>, diagnostics: &mut Vec<Diagnostic>) -> Option<FileId> {
    if let Some((message, hint)) = outside(&path.node) {
        diagnostics.push(Diagnostic::new(Code::FileOutside, path.span).message(message).hint(hint));
        return None;
    }
    let found = sources.find(&path.node).or_else(|| sources.find(path.node.strip_prefix("./")?));
    if let Some(why) = found.and_then(|id| sources.get(id)).and_then(SourceFile::skipped) {
        let message = format!("the file `{}` is not read: it is {}", path.node, why.what());
        diagnostics.push(Diagnostic::new(Code::FileMissing, path.span).message(message).hint(why.way_out()));
        return None;
    }
    if found.is_none() {
        let finding =
            Diagnostic::new(Code::FileMissing, path.span).message(format!("there is no file `{}`", path.node));
        let read = || sources.iter().map(|(_, file)| file).filter(|file| file.skipped().is_none());
        let others = || read().map(SourceFile::path).filter(|other| !other.ends_with(".wf"));
        let same_name = others().find(|other| file_name(other) == file_name(&path.node));
        diagnostics.push(match same_name.or_else(|| near(&path.node, others())) {
            Some(meant) => {
                finding.hint(format!("there is `{meant}`")).fix(Fix::replace(path.span, format!("\"{meant}\"")))
            }
            None => finding.hint("the path counts from the project folder"),
        });
    }
    found
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Why a path leads out of the project, or would on another system.
fn outside(path: &str) -> Option<(&'static str, &'static str)> {
    let inside = "move the file into the project and write its path from the project folder";
    if path.contains('\\') {
        return Some(("the parts of a path are separated by `/`", "write `/` for each backslash"));
    }
    if path.starts_with('/') || path.get(1..2) == Some(":") {
        return Some(("the path is absolute", inside));
    }
    if path.split('/').any(|part| part == "..") {
        return Some(("the path leads out of a folder", inside));
    }
    (path.is_empty() || path.chars().any(char::is_control)).then_some(("this is no path", inside))
}
