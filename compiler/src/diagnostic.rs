//! What the compiler has to say about the author's text.
//!
//! A diagnostic is built where the check is and drawn elsewhere (`report`). It is never an `Err`: checks collect and go on,
//! so that one run says everything. Messages are lower case without a final period, with the author's text in backticks;
//! the way out is a hint, and where a machine can walk it, a [`Fix`].

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::catalogue::{Code, Level};
use crate::names::Kind;
use crate::source::{FileId, Span};

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Diagnostic {
    /// Which rule it is about; decides how severe it is.
    pub code: Code,
    /// The place to look at.
    pub span: Span,
    /// What is wrong, in one line. The code's title unless set.
    pub message: String,
    /// What to write under the place, if more than the message is to be said there.
    pub label: Option<String>,
    /// Other places that belong to it.
    pub also: Vec<Label>,
    /// The way out, for people.
    pub hint: Option<String>,
    /// Ways out that a machine can take; each alone mends the finding.
    pub fixes: Vec<Fix>,
    /// A name that is unknown: what it may have been meant to be is looked for at the end, for the first findings only.
    pub(crate) guess: Option<Box<Guess>>,
}

/// An unknown name for which a near one is to be looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Guess {
    /// It was meant to be a declaration of this kind: the finding's place is replaced by the near one.
    Meant {
        /// The kind.
        kind: Kind,
        /// The name.
        name: SmolStr,
    },
    /// That there is a near one is worth saying.
    Other {
        /// The kind.
        kind: Kind,
        /// The name.
        name: SmolStr,
    },
}

/// A second place and what it has to do with the finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// Its part in the finding.
    pub text: String,
}

impl Diagnostic {
    /// A finding with the title of its code as message.
    pub fn new(code: Code, span: Span) -> Diagnostic {
        let message = code.title().to_owned();
        Diagnostic { code, span, message, label: None, also: Vec::new(), hint: None, fixes: Vec::new(), guess: None }
    }

    /// Says what is wrong in this very case.
    pub fn message(mut self, text: impl Into<String>) -> Diagnostic {
        self.message = text.into();
        self
    }

    /// Writes `text` under the place.
    pub fn label(mut self, text: impl Into<String>) -> Diagnostic {
        self.label = Some(text.into());
        self
    }

    /// Shows a second place.
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.also.push(Label { span, text: text.into() });
        self
    }

    /// Says the way out.
    pub fn hint(mut self, text: impl Into<String>) -> Diagnostic {
        self.hint = Some(text.into());
        self
    }

    /// Says the way out if there is one.
    pub fn maybe_hint(mut self, text: Option<impl Into<String>>) -> Diagnostic {
        if let Some(text) = text {
            self.hint = Some(text.into());
        }
        self
    }

    /// Has a near name looked for at the end; the hint that is there stays if there is none.
    pub(crate) fn guess(mut self, guess: Guess) -> Diagnostic {
        self.guess = Some(Box::new(guess));
        self
    }

    /// Offers a way out that a machine can take.
    pub fn fix(mut self, fix: Fix) -> Diagnostic {
        self.fixes.push(fix);
        self
    }

    /// How severe it is.
    pub const fn level(&self) -> Level {
        self.code.level()
    }

    /// Whether the program is refused because of it.
    pub const fn is_error(&self) -> bool {
        matches!(self.level(), Level::Error)
    }
}

/// Brings findings into the order in which people read: by file, place, code. What is said twice is said once: a file that
/// two messages name has its mistakes once.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    let order =
        |a: &Diagnostic, b: &Diagnostic| (a.span, a.code.slug(), &a.message).cmp(&(b.span, b.code.slug(), &b.message));
    diagnostics.sort_by(order);
    diagnostics.dedup();
}

/// A change of the text that mends a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Fix {
    /// What it does, in the imperative: "insert `?? \"\"`".
    pub title: String,
    /// The changes, which do not overlap.
    pub edits: Vec<Edit>,
    /// Whether only the author can say that it is what was meant: it is one of several ways, or has a value in it that
    /// stands for another. It is offered, and not made by itself.
    pub left_to_author: bool,
}

/// One replaced stretch of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What goes; empty for an insertion.
    pub span: Span,
    /// What comes; empty for a deletion.
    pub text: String,
}

impl Fix {
    /// Puts `text` in the place of what stands at `span`.
    pub fn replace(span: Span, text: impl Into<String>) -> Fix {
        let text = text.into();
        Fix::one(format!("write `{}` instead", text.trim()), Edit { span, text })
    }

    /// Puts `text` right behind `span`.
    pub fn insert_after(span: Span, text: impl Into<String>) -> Fix {
        let text = text.into();
        Fix::one(format!("insert `{}`", text.trim()), Edit { span: span.after(), text })
    }

    /// Puts `text` right before `span`.
    pub fn insert_before(span: Span, text: impl Into<String>) -> Fix {
        let text = text.into();
        Fix::one(format!("insert `{}`", text.trim()), Edit { span: span.before(), text })
    }

    /// Takes away what stands at `span`.
    pub fn delete(span: Span) -> Fix {
        Fix::one("remove it".to_owned(), Edit { span, text: String::new() })
    }

    fn one(title: String, edit: Edit) -> Fix {
        Fix { title, edits: vec![edit], left_to_author: false }
    }

    /// Has it offered, and not made by itself.
    pub fn left_to_author(mut self) -> Fix {
        self.left_to_author = true;
        self
    }

    /// Says what it does in other words than the usual ones.
    pub fn titled(mut self, title: impl Into<String>) -> Fix {
        self.title = title.into();
        self
    }

    /// Adds a change elsewhere that belongs to it.
    pub fn and(mut self, edit: Edit) -> Fix {
        self.edits.push(edit);
        self
    }

    /// The text of `file` with this fix in it; other files' edits are left out.
    pub fn apply(&self, file: FileId, text: &str) -> String {
        apply(&[self], file, text)
    }
}

/// Which of these fixes can be made together, by their indexes.
///
/// Where two overlap, the one whose change begins first wins and the other is left out as a whole: half a fix is none.
pub fn compatible(fixes: &[&Fix]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..fixes.len()).collect();
    order.sort_by_key(|&index| fixes.get(index).and_then(|fix| fix.edits.iter().map(|edit| edit.span).min()));
    // The changes that are taken, which do not overlap: where each ends, by file and beginning.
    let mut taken: BTreeMap<(FileId, u32), u32> = BTreeMap::new();
    order.retain(|&index| {
        let edits = fixes.get(index).map_or(&[] as &[Edit], |fix| &fix.edits);
        let clashes = edits.iter().any(|edit| overlaps(edit.span, &taken));
        if !clashes {
            taken.extend(edits.iter().map(|edit| ((edit.span.file, edit.span.start), edit.span.end)));
        }
        !clashes
    });
    order.sort_unstable();
    order
}

/// The text of `file` with all these fixes in it, but for those that are not [`compatible`] with others.
pub fn apply(fixes: &[&Fix], file: FileId, text: &str) -> String {
    let compatible = compatible(fixes).into_iter().filter_map(|index| fixes.get(index));
    let mut taken: Vec<&Edit> = compatible.flat_map(|fix| &fix.edits).filter(|edit| edit.span.file == file).collect();
    taken.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut result = String::with_capacity(text.len());
    let mut done = 0;
    for edit in taken {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        let (Some(kept), Some(_)) = (text.get(done..start), text.get(start..end)) else { continue };
        result.push_str(kept);
        result.push_str(&edit.text);
        done = end;
    }
    result.push_str(text.get(done..).unwrap_or(""));
    result
}

/// Whether a change touches the text of another one; two insertions at one place do as well, for their order would be
/// chance.
fn overlaps(span: Span, taken: &BTreeMap<(FileId, u32), u32>) -> bool {
    let before = taken.range(..=(span.file, span.start)).next_back();
    let behind = taken.range((span.file, span.start)..).next();
    before.is_some_and(|(&(file, start), &end)| file == span.file && (end > span.start || start == span.start))
        || behind.is_some_and(|(&(file, start), _)| file == span.file && start < span.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: u32, end: u32) -> Span {
        Span::new(FileId::new(0), start, end)
    }

    #[test]
    fn fixes_apply_together_unless_they_overlap() {
        let text = "get й http://x";
        let first = Fix::replace(span(7, 11), "https");
        let second = Fix::insert_after(span(0, 3), "!");
        let clash = Fix::replace(span(8, 9), "?").and(Edit { span: span(0, 1), text: "G".to_owned() });
        let elsewhere = Fix::delete(Span::new(FileId::new(1), 0, 3));
        assert_eq!(apply(&[&first, &second, &elsewhere], FileId::new(0), text), "get! й https://x");
        assert_eq!(apply(&[&clash, &first, &second], FileId::new(0), text), "Get! й h?tp://x");
        assert_eq!(apply(&[&Fix::delete(span(5, 99))], FileId::new(0), text), text, "a place outside the text");
    }
}
