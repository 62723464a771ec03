//! Slips in what stands behind a step on its line: `send hello if event.agreed`, `send hello -> wait 1h`.

use super::{LONGEST, Phrase};
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::syntax::token::{Lexeme, Token};
use crate::vocabulary::{Role, role};

impl Phrase<'_, '_> {
    /// `send hello if event.agreed`, `stop unless event.agreed`: read with the condition before the step.
    pub(super) fn condition_behind(&mut self) -> Option<usize> {
        let negated = match self.token(0)? {
            Token::If | Token::Where => false,
            Token::Word if self.text(0) == "when" => false,
            Token::Word if self.text(0) == "unless" => true,
            _ => return None,
        };
        let from = self.step_before()?;
        let end = self.condition_end()?;
        if let Some(at) = (1..end).find(|&at| self.token(at) == Some(Token::Else)) {
            return self.chosen_behind(at, end);
        }
        let first = *self.cleaned.get(from)?;
        let step = self.reader.slice(self.reader.span(first.start, self.cleaned.last()?.end));
        let condition = self.reader.slice(self.span(1).to(self.span(end - 1)));
        let several = (1..end).any(|index| matches!(self.token(index), Some(Token::And | Token::Or)));
        let condition = match (negated, several) {
            (false, _) => condition.to_owned(),
            (true, false) => format!("not {condition}"),
            (true, true) => format!("not ({condition})"),
        };
        let meant = format!("if {condition} {{ {step} }}");
        let whole = self.reader.span(first.start, self.span(end - 1).end);
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(0))
            .message("a condition stands before the step that depends on it")
            .hint(format!("write `{meant}`"))
            .fix(Fix::replace(whole, meant).titled("put the condition before the step"));
        self.slip(0, diagnostic);
        let condition = self.cleaned_between(1, end);
        let step = self.cleaned.split_off(from);
        let last = step.last().map_or(first.end, |lexeme| lexeme.end);
        let put_in = |token, place| Lexeme { token, start: place, end: place, first_on_line: false };
        self.cleaned.push(Lexeme { token: Token::If, end: first.start, ..first });
        if negated {
            self.cleaned.extend([put_in(Token::Not, first.start), put_in(Token::ParenOpen, first.start)]);
        }
        self.cleaned.extend(condition);
        self.cleaned.extend(negated.then(|| put_in(Token::ParenClose, first.start)));
        self.cleaned.push(put_in(Token::BraceOpen, first.start));
        self.cleaned.extend(step);
        self.cleaned.push(put_in(Token::BraceClose, last));
        Some(end)
    }

    /// `set contact.tier = "a" if event.agreed else "b"`: the step is read without the choice.
    fn chosen_behind(&mut self, at: usize, end: usize) -> Option<usize> {
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(0).to(self.span(at)))
            .message("a condition stands before the step that depends on it")
            .hint("steps choose: `if … { set … } else { set … }`");
        self.slip(0, diagnostic);
        Some(end)
    }

    /// Where the step began that could end before this token, if it has no block.
    fn step_before(&self) -> Option<usize> {
        let ends = matches!(
            self.before?,
            Token::Word
                | Token::String
                | Token::Block
                | Token::Int
                | Token::Decimal
                | Token::Duration
                | Token::Date
                | Token::DateTime
                | Token::Time
                | Token::True
                | Token::False
                | Token::Null
                | Token::ParenClose
                | Token::BracketClose
                | Token::Stop
        );
        let from = self.line_before()?;
        let waits_for = self.cleaned.get(from + 1).is_some_and(|next| next.token == Token::For);
        let simple = match self.cleaned.get(from)?.token {
            Token::Call | Token::Send | Token::Set | Token::Emit | Token::Stop | Token::Fail => true,
            Token::Wait => !waits_for,
            _ => false,
        };
        (ends && simple && self.at(0).is_some_and(|lexeme| !lexeme.first_on_line)).then_some(from)
    }

    /// Where the line began that this token stands on, or the block on it.
    pub(super) fn line_before(&self) -> Option<usize> {
        let mut from = self.cleaned.len();
        while self.cleaned.len() - from < LONGEST {
            let before = self.cleaned.get(from.checked_sub(1)?)?;
            if matches!(before.token, Token::BraceOpen | Token::BraceClose) {
                return Some(from);
            }
            from -= 1;
            if before.first_on_line {
                return Some(from);
            }
        }
        None
    }

    /// Where a condition ends that no block follows, with its line.
    fn condition_end(&self) -> Option<usize> {
        let mut depth = 0usize;
        let mut end = 1;
        while let Some(token) = self.token(end) {
            match token {
                Token::BraceOpen => return None,
                Token::BraceClose | Token::Semicolon => break,
                Token::ParenOpen | Token::BracketOpen => depth += 1,
                Token::ParenClose | Token::BracketClose => depth = depth.checked_sub(1)?,
                _ if end > LONGEST => return None,
                _ => {}
            }
            end += 1;
        }
        let last = self.token(end - 1)?;
        let complete = last.is_word()
            || matches!(last, Token::ParenClose | Token::BracketClose | Token::String | Token::Int)
            || matches!(last, Token::Decimal | Token::Date | Token::DateTime | Token::Duration | Token::Time);
        // On the next line it may go on, or have its block.
        let asks = matches!(last, Token::Is | Token::Not);
        let next = self.lexemes.get(end).map(|lexeme| lexeme.token);
        let begins = next.is_none_or(|next| {
            matches!(next, Token::BraceClose | Token::Semicolon)
                || matches!(role(next), Some(Role::Step | Role::Header))
        });
        (end > 1 && depth == 0 && complete && !asks && begins).then_some(end)
    }

    /// `send hello -> wait 1h`, `wait 1h then send hello`.
    pub(super) fn joined_steps(&mut self) -> Option<usize> {
        let sign = matches!(self.token(0)?, Token::Arrow | Token::Pipe | Token::Then | Token::And)
            || self.is_one_of(0, &["then", "next"]);
        if !sign || self.token(1).and_then(role) != Some(Role::Step) || self.token(2) == Some(Token::Colon) {
            return None;
        }
        self.step_before()?;
        let gap = self.reader.span(self.cleaned.last()?.end, self.span(1).start);
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(0))
            .message(format!("no `{}` stands between steps", self.text(0)))
            .hint("steps stand one below the other")
            .fix(Fix::replace(gap, format!("\n{}", self.indentation())).titled("begin a new line"));
        self.slip(0, diagnostic);
        Some(1)
    }

    /// `call score onfailure { stop }`, `} timeout { stop }`, `call score on success { send hello }`.
    pub(super) fn way(&mut self) -> Option<usize> {
        let on = usize::from(self.token(0) == Some(Token::On));
        if self.token(on + 1)? != Token::BraceOpen {
            return None;
        }
        let word = self.text(on).to_ascii_lowercase();
        let called = self.line_before().and_then(|from| self.cleaned.get(from)).map(|first| first.token);
        let span = self.span(0).to(self.span(on));
        let wrong = Diagnostic::new(Code::UnexpectedToken, span);
        let before = |token| Lexeme { token, start: span.start, end: span.start, first_on_line: false };
        match (on, word.as_str()) {
            (0, "onfailure" | "on_failure" | "onerror" | "on_error" | "onfail") if called == Some(Token::Call) => {
                let diagnostic = wrong
                    .message(format!("expected `on failure`, found `{word}`"))
                    .fix(Fix::replace(span, "on failure"));
                self.slip(0, diagnostic);
                self.cleaned.extend([before(Token::OnOutcome), before(Token::Failure)]);
                Some(1)
            }
            (0, "timeout" | "ontimeout" | "on_timeout") if self.before == Some(Token::BraceClose) => {
                let diagnostic = wrong
                    .message(format!("expected `on timeout`, found `{word}`"))
                    .fix(Fix::replace(span, "on timeout"));
                self.slip(0, diagnostic);
                self.cleaned.extend([before(Token::OnOutcome), before(Token::Timeout)]);
                Some(1)
            }
            (0, "then") if called == Some(Token::Call) => {
                let diagnostic = wrong.message("no block follows a call that succeeded").hint(
                    "what is done when a call succeeded stands below it; `on failure { … }` is for the other way",
                );
                self.slip(0, diagnostic);
                self.cleaned.extend([before(Token::If), before(Token::Missing)]);
                Some(1)
            }
            (1, "success" | "ok" | "done" | "complete") if called == Some(Token::Call) => {
                let diagnostic = wrong.message(format!("there is no `on {word}`")).hint(
                    "what is done when a call succeeded stands below it; `on failure { … }` is for the other way",
                );
                self.slip(0, diagnostic);
                self.cleaned.extend([before(Token::If), before(Token::Missing)]);
                Some(2)
            }
            _ => None,
        }
    }

    /// `exit on paid { stop }`: the block is left out.
    pub(super) fn steps_of_exit(&mut self) -> Option<usize> {
        let [.., exit, on, name] = self.cleaned.as_slice() else { return None };
        let event = matches!(name.token, Token::Word | Token::String);
        if (exit.token, on.token) != (Token::Exit, Token::On) || !event {
            return None;
        }
        let close = self.closing(0)?;
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(0))
            .message("an `exit` line has no steps")
            .hint("it ends the run at once, whatever step it waits in");
        self.slip(0, diagnostic);
        Some(close + 1)
    }

    /// `try { … } catch { … }`: the first block is read for itself.
    pub(super) fn tried(&mut self) -> Option<usize> {
        let begins = self.at(0).is_some_and(|first| first.first_on_line);
        if !begins || !self.is_one_of(0, &["try"]) || self.declaration != Some(Token::Workflow) {
            return None;
        }
        let close = self.closing(1)?;
        let caught = |index: usize| {
            let word = self.lexemes.get(index).copied();
            word.filter(|word| word.token == Token::Word).is_some_and(|word| {
                matches!(self.reader.slice(self.place(Some(word))), "catch" | "rescue" | "except" | "finally")
            })
        };
        let mut end = close + 1;
        while caught(end) {
            let open = (end + 1..end + 6)
                .find(|&index| self.lexemes.get(index).is_some_and(|lexeme| lexeme.token == Token::BraceOpen))?;
            end = self.closing(open)? + 1;
        }
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(0))
            .message("expected a step, found `try`")
            .hint("a call that failed is handled by its `on failure { … }`: `call NAME on failure { … }`");
        self.slip(0, diagnostic);
        let steps = self.cleaned_between(2, close);
        self.cleaned.extend(steps);
        Some(end)
    }
}
