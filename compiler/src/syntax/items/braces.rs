//! Braces that do not match: which one is missing or too many, told by the indentation, and what is put in its place.

use super::{Braces, DEEPEST, Insertions, Opened, Splitter, virtual_token};
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::Span;
use crate::syntax::token::Token;

impl Splitter<'_, '_> {
    pub(super) fn braces(&self, start: usize) -> Braces {
        let mut open = 0usize;
        let mut at = start + 1;
        while let Some(token) = self.token(at) {
            // Before its brace, a name may be a keyword that had to be quoted.
            let next_one = if open == 0 { self.first_on_line(at) && self.begins(at) } else { self.begins_for_sure(at) };
            if next_one {
                return Braces::Open(at, open);
            }
            match token {
                Token::BraceOpen => open += 1,
                Token::BraceClose if open == 0 => return Braces::Stray(at),
                Token::BraceClose => {
                    open -= 1;
                    if open == 0 {
                        return Braces::Match(at);
                    }
                }
                _ => {}
            }
            at += 1;
        }
        Braces::Open(at, open)
    }

    /// Whether what follows a closed declaration is the rest of it: there is a closing brace too many before the next
    /// one.
    pub(super) fn rest_belongs_here(&self, from: usize) -> bool {
        if self.token(from).is_none_or(Token::declares) || self.misspelt(from).is_some() {
            return false;
        }
        let mut depth = 0usize;
        let mut at = from;
        while let Some(token) = self.token(at) {
            if (depth == 0 && self.begins(at)) || self.begins_for_sure(at) {
                return false;
            }
            match token {
                Token::BraceOpen => depth += 1,
                Token::BraceClose if depth == 0 => return true,
                Token::BraceClose => depth -= 1,
                _ => {}
            }
            at += 1;
        }
        false
    }

    /// The blanks before the line that a token stands on.
    fn indentation(&self, index: usize) -> u32 {
        let Some(lexeme) = self.tokens.get(index) else { return 0 };
        let line = self.reader.line_start(lexeme.start);
        let text = self.reader.text.get(line as usize..).unwrap_or("");
        text.bytes().take(DEEPEST).take_while(|byte| matches!(byte, b' ' | b'\t')).count() as u32
    }

    /// A declaration closed too early. Either a brace is one too many or one was forgotten before it; the first closing
    /// brace that is indented deeper than what it closes is where it shows. False if nothing could be done.
    pub(super) fn mend_closing(&mut self, start: usize, close: usize, left_out: &mut Option<Span>) -> bool {
        if self.mendings == 0 {
            return false;
        }
        let mut open: Vec<u32> = Vec::new();
        let mut suspect = None;
        for index in start..=close {
            match self.token(index) {
                Some(Token::BraceOpen) => open.push(self.indentation(index)),
                Some(Token::BraceClose) => {
                    let opened = open.pop().unwrap_or(0);
                    if self.first_on_line(index) && self.indentation(index) > opened {
                        suspect = Some(index);
                        break;
                    }
                }
                _ => {}
            }
        }
        // A declaration of several lines ends on a line of its own, not with the line of another brace.
        let several = (start..close).skip(1).any(|index| self.first_on_line(index));
        let behind_another = close.checked_sub(1).and_then(|before| self.token(before)) == Some(Token::BraceClose);
        let suspect = suspect.or_else(|| (several && behind_another && !self.first_on_line(close)).then_some(close));
        let Some(suspect) = suspect else {
            // The first line of the declaration may be the one without its brace.
            return self.insert_opening(start, close);
        };
        if self.insert_opening_before(start, suspect) {
            return true;
        }
        *left_out = Some(self.span(suspect));
        self.mendings -= 1;
        self.tokens.remove(suspect);
        true
    }

    /// Puts a `{` at the end of the line of which the closing brace at `close` is the end: the nearest line above with the
    /// same indentation, if it opens nothing and a deeper one follows.
    fn insert_opening_before(&mut self, start: usize, close: usize) -> bool {
        let indentation = self.indentation(close);
        let mut next_line = close;
        for index in (start..close).rev() {
            if !self.first_on_line(index) && index != start {
                continue;
            }
            if self.indentation(index) <= indentation {
                let last = next_line.saturating_sub(1);
                let opens_nothing =
                    !matches!(self.token(last), Some(Token::BraceOpen | Token::BraceClose | Token::Comma));
                let deeper = next_line < close && self.indentation(next_line) > indentation;
                if self.indentation(index) == indentation && opens_nothing && deeper {
                    self.insert_at_line_end(last);
                    return true;
                }
                return false;
            }
            next_line = index;
        }
        false
    }

    /// Puts the missing `{` at the end of the declaration's first line, if that line has none.
    pub(super) fn insert_opening(&mut self, start: usize, close: usize) -> bool {
        if self.mendings == 0 {
            return false;
        }
        let mut last = start;
        while last + 1 < close && !self.first_on_line(last + 1) {
            last += 1;
            if self.token(last) == Some(Token::BraceOpen) {
                return false;
            }
        }
        self.insert_at_line_end(last);
        true
    }

    fn insert_at_line_end(&mut self, last: usize) {
        self.mendings -= 1;
        if let Some(Token::ParenOpen | Token::BracketOpen) = self.token(last) {
            let span = self.span(last);
            let diagnostic = Diagnostic::new(Code::UnmatchedBrace, span).message("a block stands between `{` and `}`");
            self.reader.report_on_line(diagnostic.fix(Fix::replace(span, "{")));
            if let Some(lexeme) = self.tokens.get_mut(last) {
                lexeme.token = Token::BraceOpen;
            }
            return;
        }
        let place = self.span(last).after();
        self.tokens.insert(last + 1, virtual_token(Token::BraceOpen, place.start));
        if !self.reader.is_slip_line(place.start) {
            self.reader.report_on_line(
                Diagnostic::new(Code::UnmatchedBrace, self.span(last))
                    .message("a `{` is missing behind this")
                    .fix(Fix::insert_after(place, " {")),
            );
        }
    }

    /// Says which of the braces that are open at `end` is the forgotten one, and where closing ones are to be put in.
    pub(super) fn close_open(&mut self, start: usize, end: usize, open: usize) -> Insertions {
        let mut stack: Vec<Opened> = Vec::new();
        let mut insertions: Vec<usize> = Vec::new();
        let mut blamed = Vec::new();
        for index in start..end {
            let closes = self.token(index) == Some(Token::BraceClose);
            if self.first_on_line(index) {
                let indentation = self.indentation(index);
                // The first line of a block shows whether its lines are indented at all.
                if let Some(opened) = stack.last_mut()
                    && opened.indented.is_none()
                {
                    opened.indented = Some(indentation > opened.indentation);
                }
                // A line that is not indented as far as the block's lines stands outside of the block.
                while insertions.len() < open
                    && let Some(opened) = stack.last()
                    && (indentation < opened.indentation
                        || (!closes && opened.indented == Some(true) && indentation == opened.indentation))
                {
                    blamed.push(opened.index);
                    insertions.push(index);
                    stack.pop();
                }
            }
            if self.token(index) == Some(Token::BraceOpen) {
                // What stands behind the brace on its line is inside without being indented.
                let indented = (!self.first_on_line(index + 1)).then_some(true);
                stack.push(Opened { index, indentation: self.indentation(index), indented });
            } else if closes {
                stack.pop();
            }
        }
        if blamed.is_empty() {
            blamed.extend(stack.last().map(|opened| opened.index));
        }
        let (from, to) = (self.span(start).start, self.span(end.saturating_sub(1)).end);
        if !self.reader.has_unclosed(from, to) {
            let before = if end < self.tokens.len() { "the next declaration" } else { "the end of the file" };
            for opener in blamed {
                let diagnostic = Diagnostic::new(Code::UnmatchedBrace, self.span(opener));
                self.reader.report(diagnostic.message(format!("this `{{` is not closed before {before}")));
            }
        }
        let certain = insertions.len() == open || stack.len() == 1;
        insertions.extend(std::iter::repeat_n(end, open - insertions.len()));
        Insertions { before: insertions, certain }
    }
}
