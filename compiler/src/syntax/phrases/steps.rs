//! Slips in steps and in values: `wait 5 min`, `send email hello`, `24.11.2026`.

use super::Phrase;
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::source::Span;
use crate::suggest;
use crate::syntax::foreign;
use crate::syntax::token::Token;
use crate::vocabulary::{Role, role};

/// The units that people write out.
const UNITS: [&str; 10] = ["seconds", "second", "minutes", "minute", "hours", "hour", "days", "day", "weeks", "week"];

impl Phrase<'_, '_> {
    /// `5 min`, `2 houres`.
    pub(super) fn unit(&mut self) -> Option<usize> {
        let word = self.token(1)? == Token::ForeignWord || (self.token(1)? == Token::Word && self.is_name(1));
        if !word || self.token(2) == Some(Token::Colon) {
            return None;
        }
        let timed = matches!(self.before, Some(Token::Wait | Token::To | Token::Timeout | Token::For | Token::Per));
        let misspelt = || suggest::nearest(self.text(1), UNITS).filter(|_| timed).and_then(foreign::unit);
        let meant = format!("{}{}", self.text(0), foreign::unit(self.text(1)).or_else(misspelt)?);
        let whole = self.time(1);
        let diagnostic = Diagnostic::new(Code::MalformedDuration, whole)
            .message("a number and its unit stand together")
            .hint(format!("write `{meant}`"))
            .fix(Fix::replace(whole, meant));
        self.slip(0, diagnostic);
        self.push(Token::Duration, 0, 1);
        Some(2)
    }

    /// The place of a time up to the token `last`, which is read anew. In `wait for 2 days` the `for` is a part of it: an event is
    /// waited for so, and a time without the word.
    pub(super) fn time(&mut self, last: usize) -> Span {
        let time = self.span(0).to(self.span(last));
        if let [.., wait, word] = self.cleaned.as_slice()
            && (wait.token, word.token) == (Token::Wait, Token::For)
        {
            let word = self.reader.span(word.start, word.end);
            self.cleaned.pop();
            return word.to(time);
        }
        time
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
        Some(self.foreign_sign(1, "!=", Token::NotEqual, "that two values differ is written `!=`"))
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

    /// `call GET "https://…"`: the step is left out.
    pub(super) fn called_address(&mut self) -> Option<usize> {
        let [_, Some(method), Some(Token::String)] = self.tokens() else { return None };
        let url = self.text(2);
        if !method.is_word() || !self.is_one_of(1, &["get", "post", "put", "patch", "delete"]) {
            return None;
        }
        let method = self.text(1).to_ascii_lowercase();
        let whole = self.span(1).to(self.span(2));
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, whole)
            .message("expected the name of a webhook, found an address")
            .hint(format!("what is called is declared: `webhook NAME {{ {method} {url} }}`"));
        self.slip(1, diagnostic);
        self.keep(0);
        self.push(Token::Stray, 1, 2);
        Some(3)
    }

    /// `contact.tier = "gold"`, `contact.visits += 1` on a line of its own.
    pub(super) fn bare_field(&mut self) -> Option<usize> {
        let [_, Some(Token::Dot), Some(name), Some(sign), next] = self.tokens() else { return None };
        let operator = matches!(sign, Token::Plus | Token::Minus | Token::Star | Token::Slash);
        let assigns = sign == Token::Assign || (operator && (next == Some(Token::Assign) || next == Some(sign)));
        let first = self.at(0).is_some_and(|lexeme| lexeme.first_on_line);
        let complete = matches!(
            self.before,
            Some(Token::BraceOpen | Token::BraceClose | Token::ParenClose | Token::BracketClose)
                | Some(Token::Word | Token::String | Token::Block | Token::Int | Token::Decimal | Token::Duration)
                | Some(Token::Date | Token::DateTime | Token::Time | Token::True | Token::False | Token::Null)
                | Some(Token::Stop | Token::Create)
        );
        let counts = operator && next == Some(sign);
        let complete = complete && (!counts || (self.adjacent(3) && self.token(5).is_none()));
        // A segment is a condition, of which the sign is another one.
        let segment = self.before == Some(Token::BraceOpen)
            && self.cleaned.iter().rev().nth(2).is_some_and(|word| word.token == Token::Segment);
        if !first || !complete || segment || !name.is_word() || !assigns {
            return None;
        }
        let field = self.reader.slice(self.span(0).to(self.span(2)));
        let (end, meant) = match sign {
            Token::Assign => (4, format!("set {field} = …")),
            _ if next == Some(Token::Assign) => (5, format!("set {field} = {field} {} …", self.text(3))),
            _ => (5, format!("set {field} = {field} {} 1", self.text(3))),
        };
        let set = Edit { span: self.span(0).before(), text: "set ".to_owned() };
        let fix = match sign {
            Token::Assign => Fix::insert_before(self.span(0), "set "),
            _ => {
                let value = if next == Some(Token::Assign) { "" } else { " 1" };
                let gap = self.reader.span(self.span(2).end, self.span(4).end);
                Fix::replace(gap, format!(" = {field} {}{value}", self.text(3))).and(set)
            }
        };
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(0))
            .message("a step begins with a word of the language, and this is `set`")
            .hint(format!("write `{meant}`"))
            .fix(fix.titled("set the field"));
        self.slip(0, diagnostic);
        self.push(Token::Set, 0, 0);
        for index in 0..3 {
            self.keep(index);
        }
        self.push(Token::Assign, 3, end - 1);
        if sign != Token::Assign && next != Some(Token::Assign) {
            self.push(Token::Missing, 4, 4);
        }
        Some(end)
    }

    /// `wait until tomorrow 09:00`, `wait until monday`.
    pub(super) fn day(&mut self) -> Option<usize> {
        const DAYS: [&str; 12] = [
            "tomorrow",
            "today",
            "tonight",
            "noon",
            "midnight",
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
            "sunday",
        ];
        let first = if self.is_one_of(1, &["next", "this", "on", "the"]) { 2 } else { 1 };
        let word = self.text(first).to_ascii_lowercase();
        let other = matches!(self.token(first + 1), Some(Token::Dot | Token::ParenOpen | Token::Colon));
        if self.token(first)? != Token::Word || other || !DAYS.contains(&word.as_str()) {
            return None;
        }
        let mut end = first + 1;
        while matches!(self.token(end), Some(Token::At | Token::Time)) {
            end += 1;
        }
        let hint = match word.as_str() {
            "noon" => "write `12:00` and a time zone: the next one is waited for",
            "midnight" => "write `00:00` and a time zone: the next one is waited for",
            _ => "a moment is a date, a datetime or a time of the day, the next one: `09:00 in \"Europe/Kyiv\"`",
        };
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(1).to(self.span(end - 1)))
            .message(format!("expected a moment, found `{}`", self.text(first)))
            .hint(hint);
        self.slip(1, diagnostic);
        self.keep(0);
        self.push(Token::Missing, 1, end - 1);
        Some(end)
    }

    /// `} elif event.visits > 2 {`.
    pub(super) fn else_if(&mut self) -> Option<usize> {
        let ends = self.before == Some(Token::BraceClose) && self.token(1)? != Token::Colon;
        if !ends || !self.is_one_of(0, &["elif", "elsif", "elseif"]) {
            return None;
        }
        let span = self.span(0);
        let diagnostic = Diagnostic::new(Code::UnknownKeyword, span)
            .message(format!("no line here begins with `{}`", self.text(0)))
            .hint("write `else if … { … }` behind the closing brace")
            .fix(Fix::replace(span, "else if"));
        self.slip(0, diagnostic);
        self.push(Token::Else, 0, 0);
        self.push(Token::If, 0, 0);
        Some(1)
    }

    /// `call score catch { stop }`.
    pub(super) fn catch(&mut self) -> Option<usize> {
        let called = matches!(self.before, Some(Token::Word | Token::String));
        let begins = self.cleaned.iter().rev().nth(1).is_some_and(|word| word.token == Token::Call);
        let word = self.text(0);
        if !called || !begins || self.token(1)? != Token::BraceOpen || !matches!(word, "catch" | "rescue" | "except") {
            return None;
        }
        let span = self.span(0);
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, span)
            .message(format!("expected `on failure`, found `{word}`"))
            .hint("a call that failed is handled by `on failure { … }`")
            .fix(Fix::replace(span, "on failure"));
        self.slip(0, diagnostic);
        self.push(Token::OnOutcome, 0, 0);
        self.push(Token::Failure, 0, 0);
        Some(1)
    }

    /// `await call score`.
    pub(super) fn needless_word(&mut self) -> Option<usize> {
        let begins = self.at(0).is_some_and(|lexeme| lexeme.first_on_line);
        let step = self.token(1).is_some_and(|token| {
            matches!(token, Token::Call | Token::Send | Token::Wait | Token::Set | Token::Emit | Token::If)
        });
        if !begins || !step || !matches!(self.text(0), "await" | "async" | "do" | "then" | "step") {
            return None;
        }
        let diagnostic = Diagnostic::new(Code::UnknownKeyword, self.span(0))
            .message(format!("no line here begins with `{}`", self.text(0)))
            .hint("each step is finished before the next one begins")
            .fix(Fix::delete(self.up_to(0, 1)).titled("remove the word"));
        self.slip(0, diagnostic);
        Some(1)
    }

    /// `- send hello`.
    pub(super) fn dash(&mut self) -> Option<usize> {
        let begins = self.at(0).is_some_and(|lexeme| lexeme.first_on_line);
        let step = self.token(1).and_then(role) == Some(Role::Step);
        if !begins || !step || self.adjacent(0) {
            return None;
        }
        let diagnostic = Diagnostic::new(Code::ForeignSign, self.span(0))
            .message("no `-` stands before a step")
            .hint("steps stand one below the other")
            .fix(Fix::delete(self.up_to(0, 1)).titled("remove the sign"));
        self.slip(0, diagnostic);
        Some(1)
    }
}
