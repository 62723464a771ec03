//! Slips in what a test expects: `expect failed "x"`, `expect call score attempts 1`, `subject includes "x"`.

use super::{LONGEST, Phrase};
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::syntax::token::{Lexeme, Token};
use crate::vocabulary::{Role, role};

/// The parts of a call and of a message that are asked for and are no reserved words.
const PARTS: [&str; 9] = ["subject", "text", "html", "title", "image", "link", "data", "reply_to", "times"];

impl Phrase<'_, '_> {
    /// `expect failed "no code"`, `expect not stopped`.
    pub(super) fn expected_end(&mut self) -> Option<usize> {
        let at = if self.token(1) == Some(Token::Not) { 2 } else { 1 };
        if self.declaration != Some(Token::Test) || self.token(at)? != Token::Word {
            return None;
        }
        let (token, meant) = match self.text(at).to_ascii_lowercase().as_str() {
            "failed" | "fails" | "failing" | "error" | "errored" => (Token::Fail, "fail"),
            "stopped" | "stops" | "ended" | "ends" => (Token::Stop, "stop"),
            "exited" | "exits" | "left" => (Token::Exit, "exit"),
            _ => return None,
        };
        // A reason, or nothing.
        if !matches!(self.token(at + 1), None | Some(Token::String | Token::BraceClose)) {
            return None;
        }
        let word = self.span(at);
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, word)
            .message(format!("expected `{meant}`, found `{}`", self.text(at)))
            .hint(format!("how a run ends is written `expect {meant} \"…\"`"))
            .fix(Fix::replace(word, meant));
        self.slip(at, diagnostic);
        (0..at).for_each(|index| self.keep(index));
        self.push(token, at, at);
        Some(at + 1)
    }

    /// `expect call score attempts 1`, and the same with a closing brace: read as if the opening one were there.
    pub(super) fn parts_without_braces(&mut self) -> Option<usize> {
        let part = match self.token(2)? {
            Token::Attempts | Token::Headers | Token::Body => true,
            Token::To | Token::From => self.token(3) == Some(Token::String),
            Token::Word => self.is_one_of(2, &PARTS),
            _ => false,
        };
        // A step of a workflow in a `reload` is none of these.
        let expected = matches!(self.before, Some(Token::Expect | Token::Not)) || self.is_in_order();
        if self.declaration != Some(Token::Test)
            || !expected
            || !matches!(self.token(1)?, Token::Word | Token::String)
            || !part
            || matches!(self.token(3), None | Some(Token::Colon | Token::BraceClose))
        {
            return None;
        }
        let (end, closes) = self.end_of_parts()?;
        let mut fix = Fix::insert_before(self.span(2), "{ ");
        let last = *self.lexemes.get(end.checked_sub(1)?)?;
        if !closes {
            fix = fix.and(Edit { span: self.place(Some(last)).after(), text: " }".to_owned() });
        }
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(2))
            .message(format!("expected `{{`, found `{}`", self.text(2)))
            .hint(format!(
                "what it is like stands between braces: `expect {} {} {{ {} … }}`",
                self.text(0),
                self.text(1),
                self.text(2)
            ))
            .fix(fix.titled("put it between braces"));
        self.slip(2, diagnostic);
        self.keep(0);
        self.keep(1);
        let put_in = |token, place| Lexeme { token, start: place, end: place, first_on_line: false };
        self.cleaned.push(put_in(Token::BraceOpen, self.span(1).end));
        if closes {
            return Some(2);
        }
        let parts = self.cleaned_between(2, end);
        self.cleaned.extend(parts);
        self.cleaned.push(put_in(Token::BraceClose, last.end));
        Some(end)
    }

    /// `stub score status 200`, `stub score 503`: the line is read as an answer.
    pub(super) fn answer_without_braces(&mut self) -> Option<usize> {
        let bare = self.token(2)? == Token::Int;
        let part = match self.token(2)? {
            Token::Int | Token::Body | Token::Headers | Token::Timeout => true,
            Token::Word => self.is_one_of(2, &["status", "delay", "refused", "reset"]),
            _ => false,
        };
        if self.declaration != Some(Token::Test) || !matches!(self.token(1)?, Token::Word | Token::String) || !part {
            return None;
        }
        let (end, closes) = self.end_of_parts()?;
        let on_line = (2..end).all(|index| self.token(index).is_some_and(|token| token != Token::Then));
        if closes || !on_line || (bare && end != 3) {
            return None;
        }
        let part = self.span(2).to(self.span(end - 1));
        let status = if bare { "status " } else { "" };
        let meant = format!("{{ {status}{} }}", self.reader.slice(part));
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(2))
            .message(format!("expected `{{`, found `{}`", self.text(2)))
            .hint(format!("an answer stands between braces: `stub {} {meant}`", self.text(1)))
            .fix(Fix::replace(part, meant).titled("put it between braces"));
        self.slip(2, diagnostic);
        self.keep(0);
        self.keep(1);
        let put_in = |token, place| Lexeme { token, start: place, end: place, first_on_line: false };
        self.cleaned.push(put_in(Token::BraceOpen, part.start));
        if bare {
            // Any answer will do.
            self.cleaned.push(put_in(Token::Timeout, part.start));
        } else {
            let parts = self.cleaned_between(2, end);
            self.cleaned.extend(parts);
        }
        self.cleaned.push(put_in(Token::BraceClose, part.end));
        Some(end)
    }

    /// Whether this stands in `in order { … }`.
    fn is_in_order(&self) -> bool {
        let open = self.opening(self.cleaned.len());
        let before = open.and_then(|open| self.cleaned.get(..open)).unwrap_or(&[]);
        matches!(before, [.., within, order] if within.token == Token::In && order.token == Token::Word)
    }

    /// Where parts end whose opening brace is missing, and whether a closing one is there.
    fn end_of_parts(&self) -> Option<(usize, bool)> {
        let first = self.lexemes.first()?;
        let line = self.reader.line_start(first.start);
        let column = |lexeme: &Lexeme| lexeme.start - self.reader.line_start(lexeme.start);
        let text = self.reader.slice(self.reader.span(line, first.start));
        let indentation = text.bytes().take_while(|byte| byte.is_ascii_whitespace()).count();
        // `in order { call score attempts 1 }`: a brace that was opened before it on its line is closed behind it.
        let begins = self.line_before().and_then(|from| self.cleaned.get(from)).copied().or(self.at(0))?;
        let opened = !begins.first_on_line;
        let mut depth = 0_usize;
        let mut on_line = true;
        for index in 2..LONGEST {
            let Some(lexeme) = self.lexemes.get(index) else { return Some((index, false)) };
            on_line &= !lexeme.first_on_line;
            let begins = lexeme.first_on_line && depth == 0;
            match lexeme.token {
                Token::BraceOpen => depth += 1,
                Token::BraceClose if depth > 0 => depth -= 1,
                Token::BraceClose if on_line => return Some((index, !opened)),
                Token::BraceClose => return Some((index, begins && column(lexeme) as usize == indentation)),
                token if begins && (token.declares() || role(token) == Some(Role::TestStep)) => {
                    return Some((index, false));
                }
                _ => {}
            }
        }
        None
    }

    /// `subject includes "x"`, `subject equals "x"` in what is expected.
    pub(super) fn compared_part(&mut self) -> Option<usize> {
        let [.., before, part] = self.cleaned.as_slice() else { return None };
        let begins = part.first_on_line
            || matches!(before.token, Token::BraceOpen | Token::Comma | Token::String | Token::Block | Token::Int);
        let named = part.token.is_word() && before.token != Token::Dot;
        if self.declaration != Some(Token::Test) || !begins || !named {
            return None;
        }
        let pieces = self.is_one_of(0, &["starts", "begins", "ends"]) && self.is_one_of(1, &["with"]);
        let last = usize::from(pieces);
        if !matches!(self.token(last + 1)?, Token::String | Token::Block) {
            return None;
        }
        let whole = self.span(0).to(self.span(last));
        let written = self.reader.slice(whole);
        let name = self.reader.slice(self.reader.span(part.start, part.end));
        let contains = match written.to_ascii_lowercase().as_str() {
            "includes" | "include" | "has" | "contain" | "containing" | "including" => true,
            "equals" | "equal" | "eq" | "is" => false,
            "startswith" | "starts_with" | "endswith" | "ends_with" | "matches" | "like" => {
                return Some(self.piece_of_part(last, name));
            }
            _ if pieces => return Some(self.piece_of_part(last, name)),
            _ => return None,
        };
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, whole);
        if contains {
            let diagnostic = diagnostic
                .message(format!("expected `contains`, found `{written}`"))
                .hint(format!("a piece of it is asked for with `{name} contains \"…\"`"))
                .fix(Fix::replace(whole, "contains"));
            self.slip(0, diagnostic);
            self.push(Token::Contains, 0, last);
        } else {
            let diagnostic = diagnostic
                .message(format!("no `{written}` follows `{name}`"))
                .hint(format!("what it says as a whole is written `{name} \"…\"`"))
                .fix(Fix::delete(self.up_to(0, last + 1)).titled("remove the word"));
            self.slip(0, diagnostic);
        }
        Some(last + 1)
    }

    /// `subject starts with "x"`.
    fn piece_of_part(&mut self, last: usize, name: &str) -> usize {
        let whole = self.span(0).to(self.span(last));
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, whole)
            .message(format!("`{}` means nothing here", self.reader.slice(whole)))
            .hint(format!("`{name} \"…\"` asks for the whole of it, `{name} contains \"…\"` for a piece of it"));
        self.slip(0, diagnostic);
        self.push(Token::Contains, 0, last);
        last + 1
    }
}
