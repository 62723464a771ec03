//! What git leaves in a file where two changes met: `<<<<<<<`, one side, `=======`, the other side, `>>>>>>>`.
//!
//! The lines between are program or text themselves, and a reader of them would tell of everything but the cause; in a template
//! they are text like any other and would reach people. So each conflict is one finding, and the first side is what is read.

use std::borrow::Cow;
use std::ops::Range;

use crate::catalogue::Code;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// The conflicts of a text.
#[derive(Debug, Default)]
pub(crate) struct Conflicts {
    /// The line that each begins with; of one that lost its beginning, the line that it ends with.
    begins: Vec<Range<usize>>,
    /// What is not read: the lines of the markers, and the sides but the first.
    left_out: Vec<Range<usize>>,
}

/// Which part of a conflict a line stands in.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    None,
    First,
    /// The state before both changes, which `merge.conflictStyle` may ask for, or the second side.
    Other,
}

/// Looks for conflicts. A line of `=` alone is no sign of one: it underlines a heading.
pub(crate) fn find(text: &str) -> Conflicts {
    let mut found = Conflicts::default();
    if !text.contains("<<<<<<<") && !text.contains(">>>>>>>") {
        return found;
    }
    let (mut side, mut end) = (Side::None, 0);
    // The other side is left out when the conflict's end is seen: without it, it would be the rest of the file.
    let mut other: Vec<Range<usize>> = Vec::new();
    for line in text.split_inclusive('\n') {
        let start = end;
        end += line.len();
        let line = line.trim_end_matches(['\n', '\r']);
        let place = start..start + line.len();
        if is_marker(line, "<<<<<<<") {
            other.clear();
            found.begins.push(place.clone());
            side = Side::First;
        } else if is_marker(line, ">>>>>>>") {
            if side == Side::None {
                found.begins.push(place.clone());
            }
            found.left_out.append(&mut other);
            side = Side::None;
        } else if side == Side::First && (is_marker(line, "|||||||") || line == "=======")
            || side == Side::Other && line == "======="
        {
            side = Side::Other;
        } else {
            if side == Side::Other {
                other.push(place);
            }
            continue;
        }
        found.left_out.push(place);
    }
    found
}

fn is_marker(line: &str, sign: &str) -> bool {
    line.strip_prefix(sign).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

impl Conflicts {
    /// A finding for each of them.
    pub(crate) fn findings(&self, file: FileId) -> impl Iterator<Item = Diagnostic> {
        self.begins.iter().map(move |place| {
            Diagnostic::new(Code::MergeConflict, Span::new(file, place.start as u32, place.end as u32))
                .hint("keep what is right of both sides, and take out the lines `<<<<<<<`, `=======` and `>>>>>>>`")
        })
    }

    /// The text with blanks for what is not read: all that stays keeps its place.
    pub(crate) fn first_sides<'text>(&self, text: &'text str) -> Cow<'text, str> {
        if self.left_out.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut left_out = self.left_out.clone();
        left_out.sort_unstable_by_key(|range| range.start);
        let mut kept = String::with_capacity(text.len());
        let mut from = 0;
        for range in left_out {
            kept.push_str(text.get(from..range.start).unwrap_or(""));
            kept.extend(std::iter::repeat_n(' ', range.len()));
            from = range.end;
        }
        kept.push_str(text.get(from..).unwrap_or(""));
        Cow::Owned(kept)
    }
}
