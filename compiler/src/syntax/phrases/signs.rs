//! Signs that values have in other languages: `event->plan`, `a ? b : c`, `.5`, `≥`.

use super::{LONGEST, Phrase};
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::syntax::token::{Lexeme, Token};
use crate::vocabulary::{Role, role};

impl Phrase<'_, '_> {
    /// Reads the tokens up to `last`, a sign of another language, as the one that is `meant`; gives how many they are.
    pub(super) fn foreign_sign(&mut self, last: usize, meant: &str, token: Token, hint: impl Into<String>) -> usize {
        let whole = self.span(0).to(self.span(last));
        let diagnostic = Diagnostic::new(Code::ForeignSign, whole)
            .message(format!("`{}` is not of this language", self.reader.slice(whole)))
            .hint(hint)
            .fix(Fix::replace(whole, meant));
        self.slip(0, diagnostic);
        self.push(token, 0, last);
        last + 1
    }

    /// `event->plan`.
    pub(super) fn arrow_to_field(&mut self) -> Option<usize> {
        let before = *self.cleaned.last()?;
        let named = before.token.is_word() || before.token == Token::BracketClose;
        if self.text(0) != "->"
            || !named
            || before.end != self.span(0).start
            || !self.token(1)?.is_word()
            || !self.adjacent(0)
        {
            return None;
        }
        Some(self.foreign_sign(0, ".", Token::Dot, "a field is named behind a dot"))
    }

    /// `body json { a: 1 ]`: a brace that another sign closes.
    pub(super) fn other_bracket(&mut self) -> Option<usize> {
        let open = self.opening(self.cleaned.len())?;
        let on_line = self.cleaned.get(open + 1..)?.iter().all(|lexeme| !lexeme.first_on_line);
        // What stands behind it on its line may be the brace that closes.
        let closes = self.token(1).is_some_and(|next| next != Token::Comma);
        if self.cleaned.get(open)?.token != Token::BraceOpen || !on_line || closes {
            return None;
        }
        let span = self.span(0);
        let diagnostic = Diagnostic::new(Code::UnmatchedBrace, span)
            .message(format!("`{}` closes no `{{`", self.text(0)))
            .fix(Fix::replace(span, "}"));
        self.slip(0, diagnostic);
        self.push(Token::BraceClose, 0, 0);
        Some(1)
    }

    /// `event:plan` in a condition.
    pub(super) fn colon_to_field(&mut self) -> Option<usize> {
        let [_, Some(Token::Colon), Some(field)] = self.tokens() else { return None };
        let before = self.before?;
        let condition = matches!(before, Token::If | Token::Where | Token::And | Token::Or | Token::Not);
        let condition = condition || before.compares();
        if !condition || !field.is_word() || !self.adjacent(0) || !self.adjacent(1) {
            return None;
        }
        let diagnostic = Diagnostic::new(Code::ForeignSign, self.span(1))
            .message("no `:` stands before a field")
            .hint("a field is named behind a dot")
            .fix(Fix::replace(self.span(1), "."));
        self.slip(1, diagnostic);
        self.keep(0);
        self.push(Token::Dot, 1, 1);
        Some(2)
    }

    /// `.5`, and `items.0`, which counts as in a template of another language.
    pub(super) fn digits_behind_dot(&mut self) -> Option<usize> {
        if self.token(1)? != Token::Int || !self.adjacent(0) {
            return None;
        }
        let whole = self.span(0).to(self.span(1));
        let before = self.cleaned.last().filter(|before| before.end == whole.start);
        if let Some(before) = before {
            if !before.token.is_word() && before.token != Token::BracketClose {
                return None;
            }
            let meant = format!("[{}]", self.text(1));
            let diagnostic = Diagnostic::new(Code::UnexpectedToken, whole)
                .message("an element is named by its number in brackets")
                .hint(format!("write `{meant}`"))
                .fix(Fix::replace(whole, meant));
            self.slip(0, diagnostic);
            self.push(Token::BracketOpen, 0, 0);
            self.keep(1);
            self.push(Token::BracketClose, 1, 1);
            return Some(2);
        }
        let meant = format!("0.{}", self.text(1));
        let diagnostic = Diagnostic::new(Code::MalformedNumber, whole)
            .message("a number begins with a digit")
            .hint(format!("write `{meant}`"))
            .fix(Fix::replace(whole, meant));
        self.slip(0, diagnostic);
        self.push(Token::Missing, 0, 1);
        Some(2)
    }

    /// `1. send hello`, and `5.`.
    pub(super) fn numbered(&mut self) -> Option<usize> {
        let point = matches!(self.token(1)?, Token::Dot | Token::ParenClose);
        if !point || self.token(2).and_then(role) != Some(Role::Step) || !self.begins_line() {
            return self.dot_behind_digits();
        }
        let diagnostic = Diagnostic::new(Code::ForeignSign, self.span(0).to(self.span(1)))
            .message("no number stands before a step")
            .hint("steps stand one below the other")
            .fix(Fix::delete(self.up_to(0, 2)).titled("remove the number"));
        self.slip(0, diagnostic);
        Some(2)
    }

    /// `5.`
    fn dot_behind_digits(&mut self) -> Option<usize> {
        let further = self.token(2).is_some_and(|next| self.adjacent(1) && (next.is_word() || next == Token::Dot));
        if self.token(1)? != Token::Dot || !self.adjacent(0) || further {
            return None;
        }
        let whole = self.span(0).to(self.span(1));
        let diagnostic = Diagnostic::new(Code::MalformedNumber, whole)
            .message("a number ends with a digit")
            .hint(format!("write `{0}` or `{0}.0`", self.text(0)))
            .fix(Fix::replace(whole, self.text(0)));
        self.slip(0, diagnostic);
        self.keep(0);
        Some(2)
    }

    /// `≥`, `–`: signs that word processors put in, and that mathematics has.
    pub(super) fn drawn_sign(&mut self) -> Option<usize> {
        let (sign, token) = match self.text(0) {
            "≥" | "⩾" => (">=", Token::GreaterOrEqual),
            "≤" | "⩽" => ("<=", Token::LessOrEqual),
            "≠" => ("!=", Token::NotEqual),
            "–" | "—" | "−" | "‐" | "‑" => ("-", Token::Minus),
            "×" | "·" => ("*", Token::Star),
            "÷" => ("/", Token::Slash),
            _ => return None,
        };
        Some(self.foreign_sign(0, sign, token, format!("write `{sign}`")))
    }

    /// `event.note || "none"`.
    pub(super) fn default_by_or(&mut self) -> Option<usize> {
        let value = matches!(self.token(1)?, Token::String | Token::Int | Token::Decimal | Token::Date);
        if self.before != Some(Token::Word) || !value {
            return None;
        }
        let hint = "a value that may be absent gets a default with `??`; two conditions are joined with `or`";
        Some(self.foreign_sign(0, "??", Token::Coalesce, hint))
    }

    /// `event.agreed ? "a" : "b"`: the whole is left out.
    pub(super) fn choice(&mut self) -> Option<usize> {
        let from = self.value_before()?;
        let colon = (2..LONGEST).take_while(|&at| self.token(at).is_some()).find(|&at| {
            // Another line of a record begins with its own.
            self.token(at) == Some(Token::Colon)
        })?;
        let mut depth = 0usize;
        let mut end = colon + 1;
        while end < colon + LONGEST
            && let Some(token) = self.token(end)
        {
            match token {
                Token::BracketOpen | Token::ParenOpen => depth += 1,
                Token::BraceOpen | Token::BraceClose | Token::Comma if depth == 0 => break,
                Token::BracketClose | Token::ParenClose if depth == 0 => break,
                Token::BracketClose | Token::ParenClose => depth -= 1,
                _ => {}
            }
            end += 1;
        }
        let diagnostic = Diagnostic::new(Code::QuestionMark, self.span(0))
            .hint("there is no `a ? b : c`; steps choose with `if`, and `??` gives a default");
        self.slip(0, diagnostic);
        let start = self.cleaned.get(from)?.start;
        self.cleaned.truncate(from);
        let last = self.span(end - 1).end;
        self.cleaned.push(Lexeme { token: Token::Missing, start, end: last, first_on_line: false });
        Some(end)
    }

    /// Where the value begins that stands before this token, if it is more than a type can be.
    fn value_before(&self) -> Option<usize> {
        let mut depth = 0usize;
        let mut value = false;
        let mut from = self.cleaned.len();
        while self.cleaned.len() - from < LONGEST {
            let token = self.cleaned.get(from.checked_sub(1)?)?.token;
            match token {
                Token::ParenClose | Token::BracketClose => depth += 1,
                Token::ParenOpen | Token::BracketOpen if depth > 0 => depth -= 1,
                Token::ParenOpen | Token::BracketOpen | Token::Comma | Token::BraceOpen | Token::BraceClose => break,
                Token::Assign | Token::If | Token::Where | Token::Key | Token::StringKey | Token::Match => break,
                Token::Dot | Token::And | Token::Or | Token::Is => value = true,
                _ => value |= token.compares(),
            }
            from -= 1;
        }
        (value && from < self.cleaned.len()).then_some(from)
    }
}
