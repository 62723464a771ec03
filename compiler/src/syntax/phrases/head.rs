//! Slips in the heads of declarations: `workflow w on signup {`.

use super::Phrase;
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::syntax::layer;
use crate::syntax::token::{Lexeme, Token};
use crate::vocabulary::{Role, role};

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
        let outermost = self.at(0).is_some_and(|first| first.start == self.reader.line_start(first.start));
        if !outermost || !self.is_name(1) || !begins {
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
        let gone = self.reader.span(self.span(1).end, self.span(open).start);
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(2))
            .message(format!("expected `{{`, found `{word}`"))
            .hint(format!("a line of `{name}` stands between its braces"))
            .fix(Fix::replace(gone, " ").and(moved).titled("move the line between the braces"));
        self.slip(2, diagnostic);
        self.keep(0);
        self.keep(1);
        let place = gone.start;
        self.cleaned.push(Lexeme { token: Token::BraceOpen, start: place, end: place, first_on_line: false });
        let line = layer::clean(self.reader, self.lexemes.get(2..open).unwrap_or(&[]));
        self.cleaned.extend(line);
        Some(open + 1)
    }
}
