//! Round brackets as other languages hand something over with them: `call score()`, `send(hello)`, `emit paid(total: 3)`.

use super::Phrase;
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::syntax::token::{Lexeme, Token};

impl Phrase<'_, '_> {
    /// `call score()`.
    pub(super) fn brackets(&mut self, at: usize) -> Option<usize> {
        let [_, _, open, close] = self.tokens();
        if !self.is_name(1) || open? != Token::ParenOpen || close? != Token::ParenClose {
            return None;
        }
        let whole = self.span(at).to(self.span(at + 1));
        let (kind, hint) = match self.token(0)? {
            Token::On => ("event", "the event that starts a workflow is named as it is declared".to_owned()),
            Token::Send => ("message", "what is sent is said in the message's declaration".to_owned()),
            _ => ("webhook", "what is sent is said in the webhook's declaration".to_owned()),
        };
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, whole)
            .message(format!("no brackets follow the name of a {kind}"))
            .hint(hint)
            .fix(Fix::delete(whole));
        self.slip(at, diagnostic);
        self.keep(0);
        self.keep(1);
        Some(4)
    }

    /// `send(hello)`, `call(score)`.
    pub(super) fn in_brackets(&mut self) -> Option<usize> {
        let [_, Some(Token::ParenOpen), Some(Token::Word | Token::String), Some(Token::ParenClose)] = self.tokens()
        else {
            return None;
        };
        let (word, name) = (self.text(0), self.text(2));
        let close = Edit { span: self.span(3), text: String::new() };
        let gap = self.reader.span(self.span(0).end, self.span(2).start);
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(1))
            .message(format!("no brackets follow `{word}`"))
            .hint(format!("write `{word} {name}`"))
            .fix(Fix::replace(gap, " ").and(close).titled(format!("write `{word} {name}`")));
        self.slip(1, diagnostic);
        self.keep(0);
        self.keep(2);
        Some(4)
    }

    /// `emit paid(email: event.email)`: read with the parameters between braces.
    pub(super) fn parameters_in_brackets(&mut self) -> Option<usize> {
        let named = matches!(self.token(1)?, Token::Word | Token::String);
        if !named || self.token(2)? != Token::ParenOpen {
            return None;
        }
        let close = self.closing(2)?;
        let token = |index: usize| self.lexemes.get(index).map(|lexeme| lexeme.token);
        let fields = token(4) == Some(Token::Colon) || close == 3;
        if token(close) != Some(Token::ParenClose) || !fields {
            return None;
        }
        let closing = *self.lexemes.get(close)?;
        let opened = self.reader.span(self.span(1).end, self.span(2).end);
        let inside = if self.token(3).is_some() && close > 3 { " { " } else { " {" };
        let end = Edit {
            span: self.place(Some(closing)),
            text: if closing.first_on_line || close == 3 { "}" } else { " }" }.to_owned(),
        };
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(2))
            .message("expected `{`, found `(`")
            .hint(format!(
                "the parameters of an event stand between braces: `{} {} {{ … }}`",
                self.text(0),
                self.text(1)
            ))
            .fix(Fix::replace(opened, inside).and(end).titled("put them between braces"));
        self.slip(2, diagnostic);
        self.keep(0);
        self.keep(1);
        self.push(Token::BraceOpen, 2, 2);
        let fields = self.cleaned_between(3, close);
        self.cleaned.extend(fields);
        self.cleaned.push(Lexeme { token: Token::BraceClose, ..closing });
        Some(close + 1)
    }
}
