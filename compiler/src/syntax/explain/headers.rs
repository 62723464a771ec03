//! Known slips in the header lines of workflows.

use super::Scene;
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::Span;
use crate::syntax::foreign;
use crate::syntax::token::Token;
use crate::vocabulary::IDENTIFIERS;

impl Scene<'_, '_> {
    /// What belongs to the header lines of a workflow.
    pub(super) fn header_slip(&self) -> Option<Diagnostic> {
        if self.declaration() != Some(Token::Workflow) {
            return None;
        }
        let found = self.token(0)?;
        let before = self.token(-1);
        let header = matches!(found, Token::On | Token::Identify | Token::Once | Token::One | Token::Exit);
        if found == Token::On && self.same_line() && self.index > Some(3) && self.token(2) == Some(Token::BraceOpen) {
            return Some(
                self.wrong("the other ways of a step are `on failure { … }` and, of `wait for`, `on timeout { … }`"),
            );
        }
        if header && self.expected.step() {
            let word = self.text(0);
            return Some(
                Diagnostic::new(Code::HeaderBelowStep, self.span(0))
                    .message(format!("`{word}` is a header line and stands above the first step"))
                    .hint("move the line up, behind the other header lines"),
            );
        }
        match (before, found) {
            _ if (1..4).any(|back| self.token(-back) == Some(Token::One)) => {
                let forgotten = self.text(-1) == "time" && self.token(-2) == Some(Token::At);
                let diagnostic = self.wrong("write `one at a time`");
                Some(if forgotten { diagnostic.fix(Fix::insert_before(self.span(-1), "a ")) } else { diagnostic })
            }
            (Some(Token::Word), Token::Comma | Token::Or | Token::And)
                if self.token(-2) == Some(Token::On) && self.token(1) == Some(Token::Word) =>
            {
                let gap = Span::new(self.span(0).file, self.span(-1).end, self.span(1).start);
                let line = format!("\n  on {}", self.text(1));
                let fix = Fix::replace(gap, "\n  on ").titled("write a line of its own");
                Some(self.wrong(format!("each trigger is a line of its own: `{}`", line.trim())).fix(fix))
            }
            (Some(Token::Word), Token::As)
                if self.token(-2) == Some(Token::On) && self.token(1) == Some(Token::Word) =>
            {
                let gone = Span::new(self.span(0).file, self.span(-1).end, self.span(1).end);
                Some(self.wrong("what starts a workflow is called `event` in it").fix(Fix::delete(gone)))
            }
            (Some(Token::By), Token::Event | Token::Contact) => {
                let key = self.text(2);
                let known = IDENTIFIERS.iter().any(|identifier| identifier.word == key);
                let diagnostic = self.wrong("say by which field the contact is found: `identify by email event.email`");
                let fix = Fix::insert_before(self.span(0), format!("{key} "));
                Some(if known && self.token(1) == Some(Token::Dot) { diagnostic.fix(fix) } else { diagnostic })
            }
            (Some(Token::By), Token::Key) => {
                let word = self.span(0);
                let sign = Span::new(word.file, word.end, word.end + 1);
                let diagnostic = self.wrong("words of the language take no colon; names that you invent do");
                Some(if self.reader.slice(sign) == ":" { diagnostic.fix(Fix::delete(sign)) } else { diagnostic })
            }
            (Some(Token::Word), Token::Assign | Token::Equal) if self.token(-2) == Some(Token::By) => {
                let sign = Span::new(self.span(0).file, self.span(0).start, self.span(1).start);
                Some(self.wrong("the value stands behind the word, without a sign between").fix(Fix::delete(sign)))
            }
            (Some(Token::Word), _) if self.token(-2) == Some(Token::By) && !self.same_line() => {
                let key = self.text(-1);
                Some(self.wrong(format!("say what is looked up: `identify by {key} event.{key}`")))
            }
            (Some(Token::Else), _) if self.expected.has("\"create\"") && self.same_line() => {
                Some(self.wrong("where no contact is found, one is made, `else create`, or the run stops, `else stop`"))
            }
            (_, Token::Create) if self.expected.has("\"else\"") => Some(
                self.wrong("where no contact is found: `else create`").fix(Fix::insert_before(self.span(0), "else ")),
            ),
            (Some(Token::Per), Token::Word) if let Some(hint) = foreign::calendar_hint(1, self.text(0)) => {
                Some(self.wrong(hint))
            }
            (Some(Token::Once), found) if found != Token::Duration => {
                Some(self.wrong("write `once per 7d` or `once ever`"))
            }
            (Some(Token::Once), Token::Duration) => {
                Some(self.wrong("write `once per 7d` or `once ever`").fix(Fix::insert_before(self.span(0), "per ")))
            }
            (Some(Token::Word), _) if self.text(-1) == "schedule" && self.token(-2) == Some(Token::On) => {
                Some(self.wrong(foreign::SCHEDULE))
            }
            (Some(Token::Per), Token::Word) if foreign::unit(self.text(0)).is_some() => {
                let meant = format!("1{}", foreign::unit(self.text(0)).unwrap_or("d"));
                Some(self.wrong(format!("write `{meant}`")).fix(Fix::replace(self.span(0), meant)))
            }
            (Some(Token::Exit), Token::Word) if matches!(self.text(0), "when" | "if" | "at" | "upon") => {
                Some(self.wrong("write `exit on EVENT`").fix(Fix::replace(self.span(0), "on")))
            }
            (Some(Token::Or), Token::Create | Token::Stop) => Some(
                self.wrong(format!("where no contact is found: `else {}`", self.text(0)))
                    .fix(Fix::replace(self.span(-1), "else")),
            ),
            _ => None,
        }
    }
}
