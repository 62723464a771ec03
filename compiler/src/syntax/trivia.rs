//! What the parser does not see: comments, descriptions and blank lines, by their offset.
//!
//! They stand beside the tree, not in it: the formatter puts them back between the tokens, and a declaration takes its
//! description from the `///` lines above it.

use smol_str::SmolStr;

use crate::source::{Span, Spanned};

/// A comment, a line of a description, or blank lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trivia {
    /// What it is.
    pub kind: TriviaKind,
    /// Where it is; a comment without its line end.
    pub span: Span,
    /// Whether nothing but blanks stands before it on its line.
    pub first_on_line: bool,
}

/// The kinds of trivia.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TriviaKind {
    /// `// …`, or a comment in the fashion of another language, which is reported.
    Comment,
    /// `/// …`.
    Description,
    /// One or more lines with nothing on them.
    BlankLines,
}

/// The trivia of a file and which descriptions have found what they describe.
#[derive(Clone, Debug, Default)]
pub(crate) struct Descriptions {
    /// The `///` lines in the order of the file.
    lines: Vec<Line>,
}

#[derive(Clone, Copy, Debug)]
struct Line {
    span: Span,
    first_on_line: bool,
    used: bool,
}

impl Descriptions {
    /// The descriptions among `trivia`.
    pub(crate) fn new(trivia: &[Trivia]) -> Descriptions {
        let descriptions = trivia.iter().filter(|trivia| trivia.kind == TriviaKind::Description);
        let line = |trivia: &Trivia| Line { span: trivia.span, first_on_line: trivia.first_on_line, used: false };
        Descriptions { lines: descriptions.map(line).collect() }
    }

    /// The text of the lines between `from` and `to`, which are then in use. One behind other text on its line describes
    /// nothing.
    pub(crate) fn take(&mut self, text: &str, from: u32, to: u32) -> Option<Spanned<SmolStr>> {
        let first = self.lines.partition_point(|line| line.span.start < from);
        let mut found: Option<(String, Span)> = None;
        for Line { span, used, .. } in
            self.lines.iter_mut().skip(first).take_while(|line| line.span.end <= to).filter(|line| line.first_on_line)
        {
            *used = true;
            let line = text.get(span.range()).unwrap_or("").trim_start_matches('/');
            let line = line.strip_prefix(' ').unwrap_or(line).trim_end();
            match &mut found {
                None => found = Some((line.to_owned(), *span)),
                Some((lines, whole)) => {
                    lines.push('\n');
                    lines.push_str(line);
                    *whole = whole.to(*span);
                }
            }
        }
        found.map(|(lines, span)| span.with(SmolStr::from(lines)))
    }

    /// Counts the lines within a stretch as used: what they describe could not be read, and that is reported already.
    pub(crate) fn forgive(&mut self, within: Span) {
        let first = self.lines.partition_point(|line| line.span.start < within.start);
        for line in self.lines.iter_mut().skip(first).take_while(|line| line.span.end <= within.end) {
            line.used = true;
        }
    }

    /// The lines that describe nothing.
    pub(crate) fn unused(&self) -> impl Iterator<Item = Span> {
        self.lines.iter().filter(|line| !line.used).map(|line| line.span)
    }
}
