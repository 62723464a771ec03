//! Slips in steps and in values: `wait 5 min`, `send email hello`, `24.11.2026`.

use super::Phrase;
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::syntax::foreign;
use crate::syntax::token::Token;

impl Phrase<'_, '_> {
    /// `5 min`.
    pub(super) fn unit(&mut self) -> Option<usize> {
        if self.token(1)? != Token::Word || !self.is_name(1) {
            return None;
        }
        let meant = format!("{}{}", self.text(0), foreign::unit(self.text(1))?);
        let mut whole = self.span(0).to(self.span(1));
        // `wait for 2 days`: an event is waited for, and a time without `for`.
        if let [.., wait, word] = self.cleaned.as_slice()
            && (wait.token, word.token) == (Token::Wait, Token::For)
        {
            whole = self.reader.span(word.start, word.end).to(whole);
            self.cleaned.pop();
        }
        let diagnostic = Diagnostic::new(Code::MalformedDuration, whole)
            .message("a number and its unit stand together")
            .hint(format!("write `{meant}`"))
            .fix(Fix::replace(whole, meant));
        self.slip(0, diagnostic);
        self.push(Token::Duration, 0, 1);
        Some(2)
    }

    /// `24.11.2026`.
    pub(super) fn date(&mut self) -> Option<usize> {
        if self.token(1)? != Token::Dot || self.token(2)? != Token::Int || !self.adjacent(0) || !self.adjacent(1) {
            return None;
        }
        let (day, month) = self.text(0).split_once('.')?;
        let short = |part: &str| matches!(part.len(), 1 | 2) && part.bytes().all(|byte| byte.is_ascii_digit());
        let year = self.text(2);
        if !short(day) || !short(month) || year.len() != 4 {
            return None;
        }
        let meant = format!("{year}-{month:0>2}-{day:0>2}");
        let whole = self.span(0).to(self.span(2));
        let diagnostic = Diagnostic::new(Code::NoSuchDate, whole)
            .message("a date is written year, month, day")
            .hint(format!("write `{meant}`"))
            .fix(Fix::replace(whole, meant));
        self.slip(0, diagnostic);
        self.push(Token::Date, 0, 2);
        Some(3)
    }

    /// `<>`.
    pub(super) fn unequal(&mut self) -> Option<usize> {
        if self.token(1)? != Token::Greater || !self.adjacent(0) {
            return None;
        }
        let whole = self.span(0).to(self.span(1));
        let diagnostic = Diagnostic::new(Code::ForeignSign, whole)
            .message("`<>` is not of this language")
            .hint("that two values differ is written `!=`")
            .fix(Fix::replace(whole, "!="));
        self.slip(0, diagnostic);
        self.push(Token::NotEqual, 0, 1);
        Some(2)
    }

    /// `on error {`.
    pub(super) fn outcome(&mut self) -> Option<usize> {
        let word = self.text(1).to_ascii_lowercase();
        if self.token(2)? != Token::BraceOpen
            || !matches!(word.as_str(), "error" | "errors" | "fail" | "failed" | "failures" | "exception")
        {
            return None;
        }
        let span = self.span(1);
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, span)
            .message(format!("expected `failure` or `timeout`, found `{}`", self.text(1)))
            .hint("what to do when a call failed is written `on failure { … }`")
            .fix(Fix::replace(span, "failure"));
        self.slip(1, diagnostic);
        self.push(Token::OnOutcome, 0, 0);
        self.push(Token::Failure, 1, 1);
        Some(2)
    }

    /// `on event signup`, `call webhook score`.
    pub(super) fn kind(&mut self) -> Option<usize> {
        let fits = matches!(
            self.tokens(),
            [Some(Token::On | Token::For | Token::Emit | Token::Receive), Some(Token::Event)]
                | [Some(Token::In), Some(Token::Segment)]
                | [Some(Token::Call), Some(Token::Webhook)]
                | [Some(Token::Send), Some(Token::Message)]
                | [Some(Token::Auth), Some(Token::Connector)]
        );
        (fits && self.is_name(2)).then(|| {
            let (word, kind, name) = (self.text(0), self.text(1), self.text(2));
            let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(1))
                .message(format!("expected a name, found `{kind}`"))
                .hint(format!("the name follows at once: `{word} {name}`"))
                .fix(Fix::delete(self.up_to(1, 2)));
            self.slip(1, diagnostic);
            self.keep(0);
            2
        })
    }

    /// `send email hello`.
    pub(super) fn channel(&mut self) -> Option<usize> {
        let channel = matches!(self.text(1), "email" | "mail" | "sms" | "push" | "viber" | "telegram" | "whatsapp");
        // In `in order { … }`, what was expected to be sent may be followed by the next expectation.
        let expectation = matches!(self.text(2), "complete" | "path" | "nothing");
        (channel && self.token(1) == Some(Token::Word) && self.is_name(1) && self.is_name(2) && !expectation).then(
            || {
                let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(1))
                    .message(format!("expected the name of a message, found `{}`", self.text(1)))
                    .hint(format!("the message says by which channel it goes: `send {}`", self.text(2)))
                    .fix(Fix::delete(self.up_to(1, 2)));
                self.slip(1, diagnostic);
                self.keep(0);
                2
            },
        )
    }

    /// `wait for paid within 2d`.
    pub(super) fn within(&mut self) -> Option<usize> {
        if self.text(0) != "within" || self.token(1)? != Token::Duration {
            return None;
        }
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(0))
            .message("expected `up to`, found `within`")
            .hint(format!("how long at most is written `up to {}`", self.text(1)))
            .fix(Fix::replace(self.span(0), "up to"));
        self.slip(0, diagnostic);
        self.push(Token::Up, 0, 0);
        self.push(Token::To, 0, 0);
        Some(1)
    }

    /// `call score()`.
    pub(super) fn brackets(&mut self, at: usize) -> Option<usize> {
        let [_, _, open, close] = self.tokens();
        if !self.is_name(1) || open? != Token::ParenOpen || close? != Token::ParenClose {
            return None;
        }
        let whole = self.span(at).to(self.span(at + 1));
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, whole)
            .message("no brackets follow the name of a webhook")
            .hint("what is sent is said in the webhook's declaration")
            .fix(Fix::delete(whole));
        self.slip(at, diagnostic);
        self.keep(0);
        self.keep(1);
        Some(4)
    }
}
