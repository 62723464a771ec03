//! Slips in conditions and in other values: `in ("a", "b")`, `=~`, `1h 30min`.

use super::Phrase;
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::syntax::layer;
use crate::syntax::token::Token;

impl Phrase<'_, '_> {
    /// `in ("pro", "free")`, `in {"pro", "free"}`.
    pub(super) fn list_of_values(&mut self) -> Option<usize> {
        let close = match self.token(1)? {
            Token::ParenOpen => Token::ParenClose,
            Token::BraceOpen => Token::BraceClose,
            _ => return None,
        };
        let value = |token: Option<Token>| {
            matches!(token, Some(Token::String | Token::Int | Token::Decimal | Token::Date | Token::Word))
        };
        let mut end = 3;
        while value(self.token(end - 1)) && self.token(end) == Some(Token::Comma) {
            end += 2;
        }
        // One value in round brackets may be anything that comes to a list.
        let several = end > 3 || close == Token::BraceClose;
        if !several || !value(self.token(end - 1)) || self.token(end) != Some(close) {
            return None;
        }
        let (open, last) = (self.span(1), self.span(end));
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, open)
            .message(format!("expected a list, found `{}`", self.text(1)))
            .hint("a list stands in square brackets: `[\"a\", \"b\"]`")
            .fix(Fix::replace(open, "[").and(Edit { span: last, text: "]".to_owned() }).titled("write `[…]`"));
        self.slip(1, diagnostic);
        self.keep(0);
        self.push(Token::BracketOpen, 1, 1);
        for index in 2..end {
            self.keep(index);
        }
        self.push(Token::BracketClose, end, end);
        Some(end + 1)
    }

    /// `=~ /a/`, `~= "a"`, `=< 3`.
    pub(super) fn comparison(&mut self) -> Option<usize> {
        let (first, second) = (self.token(0)?, self.token(1)?);
        if !self.adjacent(0) {
            return None;
        }
        let whole = self.span(0).to(self.span(1));
        let sign = self.reader.slice(whole);
        if (first, second) == (Token::Assign, Token::Less) {
            let hint = "that a value is at most another one is written `<=`";
            return Some(self.foreign_sign(1, "<=", Token::LessOrEqual, hint));
        }
        if !matches!(sign, "=~" | "~=") {
            return None;
        }
        let diagnostic = Diagnostic::new(Code::ForeignSign, whole).message(format!("`{sign}` is not of this language"));
        let diagnostic = diagnostic.hint("texts are compared with `==`, `!=` and `contains`; there are no patterns");
        // A pattern between slashes is no value.
        let mut end = 2;
        if self.token(end) == Some(Token::Slash) {
            end += 1;
            while self.token(end).is_some_and(|token| !matches!(token, Token::Slash | Token::BraceOpen)) {
                end += 1;
            }
        }
        if self.token(end) == Some(Token::Slash) {
            self.slip(0, diagnostic);
            self.push(Token::Contains, 0, 1);
            self.push(Token::Missing, 2, end);
            return Some(end + 1);
        }
        let blank = |adjacent: bool| if adjacent { " " } else { "" };
        let before = self.cleaned.last().is_some_and(|before| before.end == whole.start);
        let word = format!("{}contains{}", blank(before), blank(self.adjacent(1)));
        let fix = Fix::replace(whole, word).titled("write `contains` instead");
        self.slip(0, diagnostic.fix(fix));
        self.push(Token::Contains, 0, 1);
        Some(2)
    }

    /// `=> 3`.
    pub(super) fn at_least(&mut self) -> Option<usize> {
        let number =
            matches!(self.token(1)?, Token::Int | Token::Decimal | Token::Duration | Token::Date | Token::DateTime);
        if !number || self.text(0) != "=>" {
            return None;
        }
        Some(self.foreign_sign(0, ">=", Token::GreaterOrEqual, "that a value is at least another one is written `>=`"))
    }

    /// `contact.email exists`, `contact.email not exists`, `contact.email does not exist`, `contact.email is defined`.
    pub(super) fn exists(&mut self) -> Option<usize> {
        const WORDS: [&str; 6] = ["exists", "exist", "isset", "is_set", "defined", "present"];
        let does = self.is_one_of(0, &["does"]) && self.token(1) == Some(Token::Not);
        let last = if does { 2 } else { 0 };
        let goes_on =
            matches!(self.token(last + 1), Some(Token::Dot | Token::ParenOpen | Token::Colon | Token::Assign));
        if self.token(last)? != Token::Word || !self.is_one_of(last, &WORDS) || goes_on {
            return None;
        }
        let (mut from, mut not, mut is) = (self.cleaned.len(), does, false);
        for (token, said) in [(Token::Not, &mut not), (Token::Is, &mut is)] {
            let before = from.checked_sub(1).filter(|at| self.cleaned.get(*at).is_some_and(|last| last.token == token));
            if let Some(before) = before.filter(|_| !*said) {
                (from, *said) = (before, true);
            }
        }
        let [.., dot, name] = self.cleaned.get(..from)? else { return None };
        // By themselves these are words as any others, and `is set` is asked of fields.
        let on_line = self.at(0).is_some_and(|first| !first.first_on_line);
        if (dot.token, name.token) != (Token::Dot, Token::Word) || !on_line || (is && does) {
            return None;
        }
        let whole = self.cleaned.get(from).map_or(self.span(0), |first| self.reader.span(first.start, first.end));
        let whole = whole.to(self.span(last));
        let meant = if not { "is not set" } else { "is set" };
        let asked = if not { "whether there is no value" } else { "whether there is a value" };
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, whole)
            .message(format!("expected `{meant}`, found `{}`", self.reader.slice(whole)))
            .hint(format!("{asked} is asked with `{meant}`"))
            .fix(Fix::replace(whole, meant));
        self.slip(0, diagnostic);
        self.cleaned.truncate(from);
        self.push(Token::Is, 0, 0);
        if not {
            self.push(Token::Not, 0, 0);
        }
        self.push(Token::Set, last, last);
        Some(last + 1)
    }

    /// `if segment loyal`.
    pub(super) fn segment(&mut self) -> Option<usize> {
        let condition = matches!(self.before, Some(Token::If | Token::Where | Token::And | Token::Or | Token::Not));
        if !condition || !self.is_name(1) {
            return None;
        }
        let span = self.span(0);
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, span)
            .message("expected a condition, found `segment`")
            .hint(format!("whether a contact belongs to a segment is written `contact in {}`", self.text(1)))
            .fix(Fix::replace(span, "contact in"));
        self.slip(0, diagnostic);
        self.push(Token::Missing, 0, 1);
        Some(2)
    }

    /// `1 hour and 30 minutes`, `1h 30min`: how many of the lexemes it takes, and what is meant.
    pub(super) fn several_units(&self) -> Option<(usize, String)> {
        let amount = |at: usize| match (self.token(at), self.token(at + 1)) {
            (Some(Token::Duration), _) => Some(at + 1),
            (Some(Token::Int), Some(Token::Word)) if self.is_name(at + 1) => Some(at + 2),
            _ => None,
        };
        let mut end = amount(0)?;
        let mut several = false;
        while end < 12 {
            // Between two durations the word may be the operator.
            let joined = usize::from(self.token(end) == Some(Token::And) && self.token(end + 1) == Some(Token::Int));
            let Some(next) = amount(end + joined) else { break };
            (end, several) = (next, true);
        }
        if !several {
            return None;
        }
        let whole = self.span(0).to(self.span(end - 1));
        Some((end, layer::meant_duration(self.reader.slice(whole))?))
    }

    /// `1h 30min`.
    pub(super) fn units(&mut self) -> Option<usize> {
        let (end, meant) = self.several_units()?;
        let whole = self.time(end - 1);
        let diagnostic = Diagnostic::new(Code::MalformedDuration, whole)
            .hint(format!("a duration is one number and one unit: `{meant}`"))
            .fix(Fix::replace(whole, meant));
        self.slip(0, diagnostic);
        self.push(Token::Duration, 0, end - 1);
        Some(end)
    }
}
