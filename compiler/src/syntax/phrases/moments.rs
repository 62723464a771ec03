//! Slips in when something happens: `sleep(3600)`, `once every 7d`, `wait till 09:00`, `on schedule daily`.

use super::{LONGEST, Phrase};
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::suggest;
use crate::syntax::foreign;
use crate::syntax::token::{Lexeme, Token};
use crate::vocabulary::{Role, reserved};

impl Phrase<'_, '_> {
    /// `sleep(3600)`, `notify(hello)`.
    pub(super) fn called_step(&mut self) -> Option<usize> {
        if self.token(1)? != Token::ParenOpen || !self.begins_line() || self.declaration != Some(Token::Workflow) {
            return None;
        }
        let meant = foreign::usual(self.text(0), &[Role::Step])?;
        let [_, _, argument, close] = self.tokens();
        let alone = close == Some(Token::ParenClose);
        let mut end = 2;
        while end < LONGEST && self.token(end)? != Token::ParenClose {
            end += 1;
        }
        let whole = self.span(0).to(self.span(end));
        let finding = Diagnostic::new(Code::UnknownKeyword, self.span(0))
            .message(format!("no line here begins with `{}`", self.text(0)));
        let written = format!("{meant} {}", self.text(2));
        let (diagnostic, read) = match (meant, argument?) {
            ("wait", Token::Duration) | ("send" | "call", Token::Word | Token::String) if alone => {
                let finding = finding.hint(format!("write `{written}`")).fix(Fix::replace(whole, written));
                (finding, argument?)
            }
            ("wait", Token::Int) if alone => {
                let hint = format!("write `wait` and a time with its unit, such as `{written}s`");
                (finding.hint(hint), Token::Missing)
            }
            ("wait", _) => (finding.hint("write `wait` and a time with its unit, such as `wait 1h`"), Token::Missing),
            _ => return None,
        };
        self.slip(0, diagnostic);
        self.push(reserved(meant)?, 0, 0);
        self.push(read, 2, if alone { 2 } else { end });
        Some(end + 1)
    }

    /// `once every 7d`, `once a day`, `once daily`.
    pub(super) fn once(&mut self) -> Option<usize> {
        let filler = matches!(self.token(1)?, Token::In | Token::For | Token::By)
            || self.is_one_of(1, &["every", "each", "within", "a", "an", "after"]);
        let (from, to, meant) = match self.token(2) {
            Some(Token::Duration) if filler => (1, 2, self.text(2).to_owned()),
            Some(Token::Word) if filler => (1, 2, format!("1{}", foreign::unit(self.text(2))?)),
            _ => {
                let unit = match self.text(1) {
                    "hourly" => "h",
                    "daily" => "d",
                    "weekly" => "w",
                    _ => return None,
                };
                (1, 1, format!("1{unit}"))
            }
        };
        let whole = self.span(from).to(self.span(to));
        let meant = format!("per {meant}");
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, whole)
            .message(format!("expected `per` or `ever`, found `{}`", self.text(1)))
            .hint(format!("write `once {meant}`"))
            .fix(Fix::replace(whole, meant));
        self.slip(1, diagnostic);
        self.keep(0);
        if self.token(to) == Some(Token::Duration) {
            self.push(Token::Per, 1, 1);
            self.keep(to);
        } else {
            self.push(Token::Stray, 1, to);
        }
        Some(to + 1)
    }

    /// `wait a day`, `wait half an hour`.
    pub(super) fn spelled_time(&mut self) -> Option<usize> {
        let words = match self.tokens::<4>() {
            [_, Some(Token::Word), Some(Token::Word), _] if self.is_one_of(1, &["a", "an", "one"]) => 2,
            [_, Some(Token::Word), Some(Token::Word), Some(Token::Word)] if self.is_one_of(1, &["half"]) => 3,
            _ => return None,
        };
        let meant = match (words, foreign::unit(self.text(words))?) {
            (2, unit) => format!("1{unit}"),
            (_, "h") => "30min".to_owned(),
            (_, "d") => "12h".to_owned(),
            _ => return None,
        };
        let whole = self.span(1).to(self.span(words));
        let diagnostic = Diagnostic::new(Code::MalformedDuration, whole)
            .hint(format!("a duration is one number and one unit: `{meant}`"))
            .fix(Fix::replace(whole, meant));
        self.slip(1, diagnostic);
        self.keep(0);
        self.push(Token::Missing, 1, words);
        Some(words + 1)
    }

    /// `1 month`: not always as long.
    pub(super) fn calendar_unit(&mut self) -> Option<usize> {
        let timed = matches!(
            self.before?,
            Token::Wait | Token::To | Token::Per | Token::Advance | Token::Plus | Token::Minus | Token::From
        );
        if !timed || self.token(2) == Some(Token::Colon) {
            return None;
        }
        let hint = foreign::calendar_hint(self.text(0).parse().ok()?, self.text(1))?;
        let diagnostic = Diagnostic::new(Code::MalformedDuration, self.span(0).to(self.span(1))).hint(hint);
        self.slip(0, diagnostic);
        self.push(
            if matches!(self.before, Some(Token::Per | Token::From)) { Token::Stray } else { Token::Missing },
            0,
            1,
        );
        Some(2)
    }

    /// `wait till 09:00`, `wait untill 09:00`, `wait event paid up to 2d`, `wait paid up to 2d`.
    pub(super) fn wait(&mut self) -> Option<usize> {
        let [_, Some(word), behind, further] = self.tokens() else { return None };
        let limit = |token| matches!(token, Some(Token::Up | Token::As | Token::Where));
        let named = |token| matches!(token, Some(Token::Word | Token::String));
        let (meant, read, taken) = match word {
            Token::Event if named(behind) && limit(further) => ("for", Token::For, 2),
            Token::Word | Token::String if limit(behind) => ("for", Token::For, 1),
            Token::Word if behind.is_some_and(|token| token != Token::Dot && token != Token::ParenOpen) => {
                let written = self.text(1);
                let moment =
                    matches!(behind, Some(Token::Time | Token::Date | Token::DateTime | Token::Event | Token::Contact));
                if moment && (matches!(written, "till" | "til") || suggest::nearest(written, ["until"]).is_some()) {
                    ("until", Token::Until, 2)
                } else if named(behind) && limit(further) && suggest::nearest(written, ["for"]).is_some() {
                    ("for", Token::For, 2)
                } else {
                    return None;
                }
            }
            _ => return None,
        };
        let span = self.span(1);
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, span)
            .message(format!("expected `{meant}`, found `{}`", self.text(1)));
        let diagnostic = match taken {
            1 => {
                let hint = format!("an event is waited for: `wait for {}`", self.text(1));
                diagnostic.hint(hint).fix(Fix::insert_before(span, "for "))
            }
            _ => diagnostic.hint(format!("write `{meant}`")).fix(Fix::replace(span, meant)),
        };
        self.slip(1, diagnostic);
        self.keep(0);
        self.push(read, 1, 1);
        if let Some(last) = self.cleaned.last_mut().filter(|_| taken == 1) {
            last.end = last.start;
        }
        Some(taken)
    }

    /// `2026-05-04 06:00`.
    pub(super) fn day_and_time(&mut self) -> Option<usize> {
        if self.token(1)? != Token::Time {
            return None;
        }
        // `06:00Z`, `06:00+02:00`.
        let last = match self.tokens::<4>() {
            [_, _, Some(Token::Word), ..] if self.adjacent(1) && self.text(2) == "Z" => 2,
            [_, _, Some(Token::Plus | Token::Minus), Some(Token::Time)] if self.adjacent(1) && self.adjacent(2) => 3,
            _ => 1,
        };
        let whole = self.span(0).to(self.span(last));
        let time = self.reader.slice(self.span(1).to(self.span(last)));
        let meant = format!("{}T{time}", self.text(0));
        let diagnostic = Diagnostic::new(Code::NoSuchDate, whole)
            .message("a date and a time are joined by `T`")
            .hint(format!("write `{meant}`"))
            .fix(Fix::replace(whole, meant));
        self.slip(0, diagnostic);
        self.push(Token::Missing, 0, last);
        Some(last + 1)
    }

    /// `09:00 "Europe/Kyiv"`, `09:00 at "Europe/Kyiv"`.
    pub(super) fn zone(&mut self) -> Option<usize> {
        let bare = self.is_one_of(1, &["UTC", "GMT"]) && self.token(2) != Some(Token::Colon);
        if bare && matches!(self.before, Some(Token::Until | Token::And)) {
            let span = self.span(1);
            let diagnostic = Diagnostic::new(Code::UnexpectedToken, span)
                .message(format!("expected `in`, found `{}`", self.text(1)))
                .hint("a time zone is a text behind `in`: `in \"UTC\"`")
                .fix(Fix::replace(span, "in \"UTC\""));
            self.slip(1, diagnostic);
            self.keep(0);
            self.cleaned.push(Lexeme { token: Token::In, start: span.start, end: span.start, first_on_line: false });
            self.push(Token::Missing, 1, 1);
            return Some(2);
        }
        let word = match self.token(1)? {
            Token::String => 0,
            Token::At | Token::Word | Token::For => 1,
            _ => return None,
        };
        let zone = self.text(word + 1);
        let shown = self.token(word + 1) == Some(Token::String)
            && self.token(word + 2) != Some(Token::Colon)
            && (zone == "\"UTC\"" || zone.contains('/'));
        let moment = matches!(self.before, Some(Token::Until | Token::Between | Token::And | Token::Plus));
        if !shown || !moment {
            return None;
        }
        let span = self.span(1);
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, span)
            .message(format!("expected `in`, found `{}`", self.text(1)))
            .hint(format!("a time zone stands behind `in`: `in {zone}`"))
            .fix(if word == 1 { Fix::replace(span, "in") } else { Fix::insert_before(span, "in ") });
        self.slip(1, diagnostic);
        self.keep(0);
        self.cleaned.push(Lexeme { token: Token::In, start: span.start, end: span.start, first_on_line: false });
        Some(1 + word)
    }

    /// `on schedule daily at 09:00 …`: the rest of the line is left out.
    pub(super) fn schedule(&mut self) -> Option<usize> {
        let other = matches!(
            self.token(2)?,
            Token::Word | Token::Time | Token::Int | Token::Duration | Token::At | Token::Star | Token::BadNumber
        );
        if self.text(1) != "schedule" || !other || self.declaration != Some(Token::Workflow) {
            return None;
        }
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(2))
            .message(format!("expected a text, found `{}`", self.text(2)))
            .hint(foreign::SCHEDULE);
        self.slip(2, diagnostic);
        self.keep(0);
        self.push(Token::Stray, 1, 1);
        let mut end = 2;
        while self.token(end).is_some_and(|token| token != Token::BraceClose) {
            end += 1;
        }
        Some(end)
    }

    /// `schedule "0 9 * * *" in …`, `trigger on signup`.
    pub(super) fn trigger(&mut self) -> Option<usize> {
        let [_, Some(next)] = self.tokens() else { return None };
        if !matches!(next, Token::String | Token::On) || !self.begins_line() {
            return None;
        }
        let word = self.text(0).to_ascii_lowercase();
        let scheduled = next == Token::String && matches!(word.as_str(), "schedule" | "cron");
        let needless = next == Token::On && matches!(word.as_str(), "trigger" | "start" | "starts" | "run" | "runs");
        if !(scheduled || needless) || self.declaration != Some(Token::Workflow) {
            return None;
        }
        let span = self.span(0);
        let finding =
            Diagnostic::new(Code::UnknownKeyword, span).message(format!("no line here begins with `{}`", self.text(0)));
        if needless {
            let fix = Fix::delete(self.up_to(0, 1)).titled("remove the word");
            self.slip(0, finding.hint("what starts a workflow is written `on …`").fix(fix));
            return Some(1);
        }
        let finding = finding.hint("what starts by the clock is written `on schedule \"0 9 * * 1\" …`");
        self.slip(0, finding.fix(Fix::replace(span, "on schedule")));
        self.push(Token::On, 0, 0);
        // Another word would be told of once more.
        self.push(if word == "schedule" { Token::Word } else { Token::Stray }, 0, 0);
        Some(1)
    }

    /// `on schedule "…" for segment loyal in "Europe/Kyiv"`.
    pub(super) fn zone_behind(&mut self) -> Option<usize> {
        let [_, Some(Token::Segment), Some(Token::Word | Token::String), Some(Token::In), Some(Token::String)] =
            self.tokens()
        else {
            return None;
        };
        let [.., on, _, cron] = self.cleaned.as_slice() else { return None };
        if (on.token, cron.token) != (Token::On, Token::String) {
            return None;
        }
        let segment = self.span(0).to(self.span(2));
        let zone = self.span(3).to(self.span(4));
        let (segment_text, zone_text) = (self.reader.slice(segment), self.reader.slice(zone));
        let swapped = Fix::replace(segment, zone_text).and(Edit { span: zone, text: segment_text.to_owned() });
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(3))
            .message("the time zone stands before the segment")
            .hint(format!("write `{zone_text} {segment_text}`"))
            .fix(swapped.titled("put the time zone before the segment"));
        self.slip(3, diagnostic);
        for index in [3, 4, 0, 1, 2] {
            self.keep(index);
        }
        Some(5)
    }
}
