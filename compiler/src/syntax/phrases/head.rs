//! Slips in the heads of declarations: `workflow w on signup {`.

use super::Phrase;
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::suggest;
use crate::syntax::token::{Lexeme, Token};
use crate::vocabulary::{CONNECTORS, Role, role};

impl Phrase<'_, '_> {
    /// `workflow w on signup {`, `webhook w uses score {`: the line is read as the first one between the braces.
    pub(super) fn line_in_head(&mut self) -> Option<usize> {
        let lines: &[Role] = match self.token(0)? {
            Token::Workflow => &[Role::Header, Role::Step],
            Token::Webhook | Token::Channel => &[Role::WebhookLine],
            Token::Test => &[Role::TestStep],
            _ => return None,
        };
        let begins = self.token(2).and_then(role).is_some_and(|role| lines.contains(&role));
        // Within a test, names of workflows and webhooks are followed by the next line of it.
        if !self.is_outermost() || !self.is_name(1) || !begins {
            return None;
        }
        let mut open = 3;
        while self.token(open)? != Token::BraceOpen {
            // Each head is looked at by itself, and none is passed twice.
            if self.token(open)?.declares() || self.token(open) == Some(Token::BraceClose) {
                return None;
            }
            open += 1;
        }
        // What follows the brace on its line would be a part of the line that is moved before it.
        if self.token(open + 1).is_some() {
            return None;
        }
        let (word, name) = (self.text(2), self.text(1));
        let line = self.reader.slice(self.span(2).to(self.span(open - 1)));
        let moved = Edit { span: self.span(open).after(), text: format!("\n  {line}") };
        let gone = self.gap(1, open);
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(2))
            .message(format!("expected `{{`, found `{word}`"))
            .hint(format!("a line of `{name}` stands between its braces"))
            .fix(Fix::replace(gone, " ").and(moved).titled("move the line between the braces"));
        self.slip(2, diagnostic);
        self.keep(0);
        self.keep(1);
        let place = gone.start;
        self.cleaned.push(Lexeme { token: Token::BraceOpen, start: place, end: place, first_on_line: false });
        let line = self.cleaned_between(2, open);
        self.cleaned.extend(line);
        Some(open + 1)
    }

    /// `event paid = {`.
    pub(super) fn sign_in_head(&mut self) -> Option<usize> {
        let [_, Some(Token::Word | Token::String), Some(sign), Some(Token::BraceOpen)] = self.tokens() else {
            return None;
        };
        if !self.is_outermost() || !matches!(sign, Token::Assign | Token::Colon) {
            return None;
        }
        let gap = self.gap(1, 3);
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(2))
            .message(format!("no `{}` follows the name of a declaration", self.text(2)))
            .fix(Fix::replace(gap, " ").titled("remove the sign"));
        self.slip(2, diagnostic);
        self.keep(0);
        self.keep(1);
        Some(3)
    }

    /// `workflow w(signup) {`.
    pub(super) fn event_in_brackets(&mut self) -> Option<usize> {
        let [
            _,
            Some(Token::Word | Token::String),
            Some(Token::ParenOpen),
            Some(Token::Word),
            Some(Token::ParenClose),
            Some(Token::BraceOpen),
        ] = self.tokens()
        else {
            return None;
        };
        if !self.is_outermost() || self.token(0) != Some(Token::Workflow) {
            return None;
        }
        let event = self.text(3);
        let gap = self.gap(1, 5);
        let line = Edit { span: self.span(5).after(), text: format!("\n  on {event}") };
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(2).to(self.span(4)))
            .message("nothing is handed to a workflow")
            .hint(format!("what starts it is its first line: `on {event}`"))
            .fix(Fix::replace(gap, " ").and(line).titled(format!("write `on {event}` between the braces")));
        self.slip(2, diagnostic);
        self.keep(0);
        self.keep(1);
        self.push(Token::BraceOpen, 2, 2);
        self.push(Token::On, 2, 2);
        self.keep(3);
        Some(6)
    }

    /// `connector basic crm {`: the name stands before the kind.
    pub(super) fn kind_before_name(&mut self) -> Option<usize> {
        let [_, Some(Token::Word), Some(Token::Word | Token::String), Some(Token::BraceOpen)] = self.tokens() else {
            return None;
        };
        let is_kind = |index| CONNECTORS.iter().any(|kind| kind.word == self.text(index));
        if !self.is_outermost() || !is_kind(1) || is_kind(2) {
            return None;
        }
        let (kind, name) = (self.text(1), self.text(2));
        let both = self.span(1).to(self.span(2));
        let meant = format!("{name} {kind}");
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, both)
            .message("the name of a connector stands before its kind")
            .hint(format!("write `connector {meant} {{ … }}`"))
            .fix(Fix::replace(both, meant));
        self.slip(1, diagnostic);
        self.keep(0);
        self.keep(2);
        self.keep(1);
        Some(3)
    }

    /// `connector loyalty api-key {`.
    pub(super) fn dashed_kind(&mut self) -> Option<usize> {
        let [
            _,
            Some(Token::Word | Token::String),
            Some(Token::Word),
            Some(Token::Minus),
            Some(Token::Word),
            Some(Token::BraceOpen),
        ] = self.tokens()
        else {
            return None;
        };
        let whole = self.span(2).to(self.span(4));
        let written = self.reader.slice(whole).replace('-', "_");
        let meant = suggest::nearest(&written, CONNECTORS.iter().map(|kind| kind.word))?;
        let diagnostic = Diagnostic::new(Code::UnknownKind, whole)
            .message(format!("there is no connector of the kind `{}`", self.reader.slice(whole)))
            .hint(format!("write `{meant}`"))
            .fix(Fix::replace(whole, meant));
        self.slip(2, diagnostic);
        self.keep(0);
        self.keep(1);
        // As a broken kind it is told of once.
        self.push(Token::Stray, 2, 4);
        Some(5)
    }
}
