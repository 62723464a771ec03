//! Comments and empty lines between and within what is printed.

use super::Printer;
use crate::syntax::trivia::{Trivia, TriviaKind};

impl<'a> Printer<'a> {
    pub(super) fn trivia(&self, range: &std::ops::Range<usize>) -> &'a [Trivia] {
        self.trivia.get(range.clone()).unwrap_or(&[])
    }

    /// What stands between two items, up to the line on which the next one begins: comments, and one blank line where
    /// there was one. `blank` asks for one where none was; nothing stands before the `first` item of a block.
    pub(in crate::format) fn gap(
        &mut self,
        range: &std::ops::Range<usize>,
        indentation: usize,
        first: bool,
        blank: bool,
    ) {
        let blank = self.comments_between(range, indentation, first, blank);
        self.begin_line(indentation, blank);
    }

    /// The comments of a gap. Says whether a blank line is due behind them.
    pub(in crate::format) fn comments_between(
        &mut self,
        range: &std::ops::Range<usize>,
        indentation: usize,
        first: bool,
        blank: bool,
    ) -> bool {
        let trivia = self.trivia(range);
        let mut blank = blank && !keeps_blank_line(trivia);
        let (mut first, mut described, mut ends_line) = (first, false, !self.out.is_empty());
        for found in trivia {
            if found.kind == TriviaKind::BlankLines {
                blank = !described && !first;
                continue;
            }
            let comment = self.text.get(found.span.range()).unwrap_or("").trim_end();
            if !found.first_on_line && ends_line {
                self.write(" ");
            } else {
                self.begin_line(indentation, blank);
                (blank, first) = (false, false);
                described = found.kind == TriviaKind::Description;
            }
            // A second one behind the same line would become a part of the first.
            ends_line = false;
            self.verbatim(comment);
        }
        blank
    }

    fn begin_line(&mut self, indentation: usize, blank: bool) {
        if self.out.is_empty() {
            return;
        }
        if blank {
            self.out.push('\n');
        }
        self.line(indentation);
    }

    /// Comments in the middle of an item, each of which ends its line.
    pub(super) fn comments_within(&mut self, range: &std::ops::Range<usize>, indentation: usize) {
        let comments = self.trivia(range).iter().filter(|trivia| trivia.kind != TriviaKind::BlankLines);
        for (index, found) in comments.enumerate() {
            if found.first_on_line || index > 0 {
                self.line(indentation);
            } else {
                self.write(" ");
            }
            self.write(self.text.get(found.span.range()).unwrap_or("").trim_end());
        }
    }
}

/// Whether a blank line of the author's stays: one below a description does not.
fn keeps_blank_line(trivia: &[Trivia]) -> bool {
    let mut described = false;
    trivia.iter().any(|found| match found.kind {
        TriviaKind::BlankLines => !described,
        kind => {
            described = kind == TriviaKind::Description && found.first_on_line;
            false
        }
    })
}
