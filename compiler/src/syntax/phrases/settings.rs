//! Slips in the lines of webhooks, connectors and messages: `auth bearer secret("K")`, `timeout = 5s`.

use super::Phrase;
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::syntax::token::Token;
use crate::vocabulary::{CONNECTORS, METHODS};

impl Phrase<'_, '_> {
    /// `auth bearer secret("K")`, `auth bearer "K"`: the whole line is left out.
    pub(super) fn secret_as_connector(&mut self) -> Option<usize> {
        let kind = CONNECTORS.iter().map(|kind| kind.word).find(|kind| self.text(1) == *kind);
        let secret = |at: usize| self.text(at) == "secret" && self.token(at + 1) == Some(Token::ParenOpen);
        let more = self.token(2).is_some_and(|token| token != Token::BraceClose);
        let shown = secret(1) || (self.token(1) == Some(Token::Word) && secret(2)) || (kind.is_some() && more);
        if !shown {
            return None;
        }
        let kind = kind.unwrap_or("bearer");
        let mut end = 1;
        while self.token(end + 1).is_some_and(|token| token != Token::BraceClose) {
            end += 1;
        }
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(1).to(self.span(end)))
            .message("expected the name of a connector")
            .hint(format!(
                "credentials stand in a connector, `connector NAME {kind} {{ … }}`; here it is named: `auth NAME`"
            ));
        self.slip(1, diagnostic);
        Some(end + 1)
    }

    /// `method: POST` on a line of its own, which is left out.
    pub(super) fn method(&mut self) -> Option<usize> {
        let value = if self.token(1) == Some(Token::Colon) { 2 } else { 1 };
        let line = self.at(0).is_some_and(|lexeme| lexeme.first_on_line) && self.token(value + 1).is_none();
        let names = line && self.is_one_of(0, &["method"]) && self.token(value).is_some_and(Token::is_word);
        if !names || !self.is_one_of(value, &METHODS) {
            return None;
        }
        let method = self.text(value).to_ascii_lowercase();
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(0).to(self.span(value)))
            .message("the method is no line of its own")
            .hint(format!("it stands before the address: `{method} \"https://…\"`"));
        self.slip(0, diagnostic);
        Some(value + 1)
    }

    /// `file("x")`.
    pub(super) fn file(&mut self) -> Option<usize> {
        let [_, Some(Token::ParenOpen), Some(Token::String), Some(Token::ParenClose)] = self.tokens() else {
            return None;
        };
        let (open, path, close) = (self.span(1), self.text(2), self.span(3));
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, open)
            .message("no brackets stand around the path of a file")
            .hint(format!("write `file {path}`"))
            .fix(Fix::replace(self.up_to(0, 2), "file ").and(Edit { span: close, text: String::new() }));
        self.slip(1, diagnostic);
        self.keep(0);
        self.keep(2);
        Some(4)
    }

    /// `secret(TOKEN)`.
    pub(super) fn secret(&mut self) -> Option<usize> {
        let [_, Some(Token::ParenOpen), Some(Token::Word), Some(Token::ParenClose)] = self.tokens() else {
            return None;
        };
        if self.text(0) != "secret" {
            return None;
        }
        let (name, span) = (self.text(2).to_owned(), self.span(2));
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, span)
            .message(format!("expected a text in quotes, found `{name}`"))
            .hint(format!("write `secret(\"{name}\")`"))
            .fix(Fix::replace(span, format!("\"{name}\"")));
        self.slip(2, diagnostic);
        self.keep(0);
        self.keep(1);
        self.push(Token::String, 2, 2);
        self.keep(3);
        Some(4)
    }

    /// `timeout = 5s`, `token = secret("K")`: the sign behind the word that begins a line of a webhook, a connector or a message.
    pub(super) fn setting(&mut self) -> Option<usize> {
        const WORDS: [&str; 12] = [
            "token", "key", "login", "password", "signing", "header", "query", "subject", "text", "html", "reply_to",
            "image",
        ];
        let [.., line, word] = self.cleaned.as_slice() else { return None };
        let setting = match word.token {
            Token::Timeout | Token::Auth | Token::Attempts | Token::Body | Token::Returns | Token::Headers => true,
            Token::From | Token::To | Token::Limit | Token::Uses => true,
            Token::Word => {
                let text = self.reader.slice(self.reader.span(word.start, word.end));
                let value = matches!(self.token(1), Some(Token::String | Token::Block | Token::File));
                WORDS.contains(&text) && (value || self.text(1) == "secret")
            }
            _ => false,
        };
        // In a field of that name, `text = "x"`, the colon and the type are missing.
        if !setting || !word.first_on_line || matches!(line.token, Token::Comma) {
            return None;
        }
        let word = self.reader.slice(self.reader.span(word.start, word.end)).to_owned();
        let sign = self.span(0);
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, sign)
            .message(format!("no `=` follows `{word}`"))
            .hint("the value stands behind the word, without a sign between")
            .fix(Fix::delete(sign).titled("remove the sign"));
        self.slip(0, diagnostic);
        Some(1)
    }
}
