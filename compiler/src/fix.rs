//! Taking the ways out that findings offer, until none is left that helps.
//!
//! A finding that offers one way out is mended with it; where several are offered, or one that only its author can choose,
//! it is left. Nothing is taken on trust: after each round the project is compiled again, and what made it worse is taken back.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::Code;
use crate::diagnostic::{self, Diagnostic, Fix};
use crate::source::{FileId, Position, Sources, Span};
use crate::syntax;
use crate::{Compiled, Workspace};

/// How often a project is compiled at most: a bound for texts in which fixes bring each other about.
const COMPILATIONS: usize = 200;

/// A project after its fixes.
#[derive(Clone, Debug)]
pub struct Mended {
    /// What the compiler says of it now.
    pub compiled: Compiled,
    /// What was done, in the order in which it was.
    pub taken: Vec<Step>,
    /// What was tried and taken back: it would have made the project worse.
    pub left: Vec<Step>,
}

/// A fix of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The file of the finding.
    pub path: String,
    /// Where it was when the fix was made; fixes before it may have moved it.
    pub position: Position,
    /// What was found.
    pub code: Code,
    /// What was said of it.
    pub message: String,
    /// What the fix does, in the imperative.
    pub title: String,
}

/// A fix that was taken back, told from others.
type Refused = (String, &'static str, String, Vec<String>);

/// Mends the project that a workspace holds, which then holds the mended texts. `complete` adds the files that a changed
/// text names and that are not there yet.
///
/// # Errors
/// Those of `complete`.
pub fn mend<E>(
    workspace: &mut Workspace,
    mut complete: impl FnMut(&mut Workspace) -> Result<(), E>,
) -> Result<Mended, E> {
    let mut mended = Mended { compiled: workspace.compile(), taken: Vec::new(), left: Vec::new() };
    let mut refused: BTreeSet<Refused> = BTreeSet::new();
    let mut compilations = 0;
    while compilations < COMPILATIONS {
        let mut offered = offered(&mended.compiled, workspace.sources(), &refused);
        if offered.is_empty() {
            break;
        }
        // All at once; if that is no good, the first half of them, until it is good or one alone is to blame.
        loop {
            compilations += 1;
            let before = workspace.sources().clone();
            for (path, text) in applied(&offered, &before) {
                workspace.set(&path, text);
            }
            complete(workspace)?;
            let compiled = workspace.compile();
            if improves(&offered, (&mended.compiled, &before), (&compiled, workspace.sources())) {
                mended.taken.extend(offered.iter().map(|(finding, fix)| step(finding, fix, &before)));
                mended.compiled = compiled;
                break;
            }
            restore(workspace, &before);
            if let [(finding, fix)] = offered.as_slice() {
                refused.insert(told_apart(finding, fix, &before));
                mended.left.push(step(finding, fix, &before));
                break;
            }
            if compilations >= COMPILATIONS {
                break;
            }
            offered.truncate(offered.len().div_ceil(2));
        }
    }
    // What was left at first may have gone with something else.
    let Mended { compiled, left, .. } = &mut mended;
    left.retain(|step| {
        let mut found = compiled.diagnostics.iter();
        found.any(|found| {
            found.code == step.code
                && found.message == step.message
                && workspace.sources().path(found.span.file) == step.path
        })
    });
    Ok(mended)
}

/// Gives a workspace the texts that it had.
fn restore(workspace: &mut Workspace, before: &Sources) {
    workspace.retain(|path| before.find(path).is_some());
    for (_, file) in before.iter() {
        workspace.set(file.path(), file.text());
    }
}

/// The findings with one way out that leaves no choice, and that way; no two of them touch the same text.
fn offered(compiled: &Compiled, sources: &Sources, refused: &BTreeSet<Refused>) -> Vec<(Diagnostic, Fix)> {
    let mut offered: Vec<(&Diagnostic, &Fix)> = Vec::new();
    for finding in &compiled.diagnostics {
        if let [fix] = finding.fixes.as_slice()
            && !fix.left_to_author
            && !refused.contains(&told_apart(finding, fix, sources))
        {
            offered.push((finding, fix));
        }
    }
    let fixes: Vec<&Fix> = offered.iter().map(|(_, fix)| *fix).collect();
    let compatible = diagnostic::compatible(&fixes);
    let one = |index: usize| offered.get(index).map(|(finding, fix)| ((*finding).clone(), (*fix).clone()));
    compatible.into_iter().filter_map(one).collect()
}

fn told_apart(finding: &Diagnostic, fix: &Fix, sources: &Sources) -> Refused {
    let edits = fix.edits.iter().map(|edit| format!("{}\u{0}{}", sources.slice(edit.span), edit.text)).collect();
    (sources.path(finding.span.file).to_owned(), finding.code.slug(), finding.message.clone(), edits)
}

fn step(finding: &Diagnostic, fix: &Fix, sources: &Sources) -> Step {
    let file = sources.get(finding.span.file);
    Step {
        path: sources.path(finding.span.file).to_owned(),
        position: file.map_or(Position { line: 1, column: 1 }, |file| file.position(finding.span.start)),
        code: finding.code,
        message: finding.message.clone(),
        title: fix.title.clone(),
    }
}

/// The files that fixes change.
fn touched(offered: &[(Diagnostic, Fix)]) -> BTreeSet<FileId> {
    offered.iter().flat_map(|(_, fix)| &fix.edits).map(|edit| edit.span.file).collect()
}

/// The files that fixes change, and their texts then.
fn applied(offered: &[(Diagnostic, Fix)], sources: &Sources) -> Vec<(String, String)> {
    let fixes: Vec<Fix> = offered.iter().map(|(_, fix)| without_empty_lines(fix, sources)).collect();
    let mut by_file: BTreeMap<FileId, Vec<&Fix>> = BTreeMap::new();
    for fix in &fixes {
        for file in touched_by(fix) {
            by_file.entry(file).or_default().push(fix);
        }
    }
    let changed = |(file, fixes): (FileId, Vec<&Fix>)| {
        (sources.path(file).to_owned(), diagnostic::apply(&fixes, file, sources.text(file)))
    };
    by_file.into_iter().map(changed).collect()
}

/// Where all that stands on a line goes, the line goes too.
fn without_empty_lines(fix: &Fix, sources: &Sources) -> Fix {
    let mut fix = fix.clone();
    for edit in fix.edits.iter_mut().filter(|edit| edit.text.is_empty() && !edit.span.is_empty()) {
        let text = sources.text(edit.span.file);
        let (Some(before), Some(behind)) = (text.get(..edit.span.start as usize), text.get(edit.span.end as usize..))
        else {
            continue;
        };
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let blank = before.get(start..).is_some_and(|before| before.trim().is_empty());
        if let Some(end) = behind.find('\n')
            && blank
            && behind.get(..end).is_some_and(|behind| behind.trim().is_empty())
        {
            edit.span = Span::new(edit.span.file, start as u32, edit.span.end + end as u32 + 1);
        }
    }
    fix
}

fn touched_by(fix: &Fix) -> BTreeSet<FileId> {
    fix.edits.iter().map(|edit| edit.span.file).collect()
}

/// How wrong a project is: what cannot be read hides what else is wrong, so that counts first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Wrong {
    unreadable: usize,
    errors: usize,
    warnings: usize,
}

fn wrong((compiled, sources): (&Compiled, &Sources), files: &BTreeSet<FileId>) -> Wrong {
    let readable = |file: &FileId| {
        let path = sources.path(*file);
        let found =
            if path.ends_with(".wf") { syntax::parse(*file, sources.text(*file)).diagnostics } else { Vec::new() };
        found.iter().filter(|found| found.is_error()).count()
    };
    let errors = compiled.diagnostics.iter().filter(|found| found.is_error()).count();
    Wrong { unreadable: files.iter().map(readable).sum(), errors, warnings: compiled.diagnostics.len() - errors }
}

/// Whether fixes do what they are for: the project is no worse, and what they mend is gone.
fn improves(offered: &[(Diagnostic, Fix)], before: (&Compiled, &Sources), after: (&Compiled, &Sources)) -> bool {
    let files = touched(offered);
    let (old, new) = (wrong(before, &files), wrong(after, &files));
    if new.unreadable != old.unreadable {
        return new.unreadable < old.unreadable;
    }
    fn count<'a>((compiled, sources): (&'a Compiled, &Sources)) -> BTreeMap<(String, &'a str, String), usize> {
        let mut count = BTreeMap::new();
        for found in &compiled.diagnostics {
            let path = sources.path(found.span.file).to_owned();
            *count.entry((path, found.code.slug(), found.message.clone())).or_default() += 1;
        }
        count
    }
    let (was, is) = (count(before), count(after));
    let gone = |(finding, _): &(Diagnostic, Fix)| {
        let key = (before.1.path(finding.span.file).to_owned(), finding.code.slug(), finding.message.clone());
        is.get(&key).copied().unwrap_or(0) < was.get(&key).copied().unwrap_or(0)
    };
    new <= old && offered.iter().all(gone)
}
