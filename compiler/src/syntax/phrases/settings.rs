//! Slips in the lines of webhooks, connectors and messages: `auth bearer secret("K")`, `timeout = 5s`.

use super::{LONGEST, Phrase};
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::syntax::token::Token;
use crate::vocabulary::{CONNECTORS, METHODS, Role, role};

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
        // A block goes with it, on whatever lines.
        let mut depth = 0usize;
        let mut end = 1;
        while end < LONGEST
            && let Some(next) = self.lexemes.get(end + 1)
        {
            match next.token {
                _ if depth == 0 && next.first_on_line => break,
                Token::BraceOpen => depth += 1,
                Token::BraceClose if depth == 0 => break,
                Token::BraceClose => depth -= 1,
                _ => {}
            }
            end += 1;
        }
        let last = self.token(end).map_or(1, |_| end);
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(1).to(self.span(last)))
            .message("expected the name of a connector")
            .hint(format!(
                "credentials stand in a connector, `connector NAME {kind} {{ … }}`; here it is named: `auth NAME`"
            ));
        self.slip(1, diagnostic);
        Some(end + 1)
    }

    /// `attempts 5 1s 1min`, `attempts 5 from 1s 1min`: two pauses, and no time in two units.
    pub(super) fn pauses(&mut self) -> Option<usize> {
        let from = match self.cleaned.as_slice() {
            [.., line, count] if (line.token, count.token) == (Token::Attempts, Token::Int) => false,
            [.., line, _, from] if (line.token, from.token) == (Token::Attempts, Token::From) => true,
            _ => return None,
        };
        if self.token(1)? != Token::Duration {
            return None;
        }
        let (first, second) = (self.span(0), self.span(1));
        let wrong = if from { second } else { first };
        let mut fix = Fix::insert_before(second, "to ");
        if !from {
            fix = fix.and(Edit { span: first.before(), text: "from ".to_owned() });
        }
        let meant = format!("from {} to {}", self.text(0), self.text(1));
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, wrong)
            .message(format!("expected `{}`, found `{}`", if from { "to" } else { "from" }, self.reader.slice(wrong)))
            .hint(format!("the first and the longest pause are written `{meant}`"))
            .fix(fix.titled(format!("write `{meant}`")));
        self.slip(0, diagnostic);
        if !from {
            self.push(Token::From, 0, 0);
        }
        self.keep(0);
        self.push(Token::To, 1, 1);
        self.keep(1);
        Some(2)
    }

    /// `attempts 3 times`.
    pub(super) fn times(&mut self) -> Option<usize> {
        let [.., line, count] = self.cleaned.as_slice() else { return None };
        let behind = (line.token, count.token) == (Token::Attempts, Token::Int);
        if !behind || self.declaration == Some(Token::Test) || !self.is_one_of(0, &["times", "attempts", "tries"]) {
            return None;
        }
        let gone = self.reader.span(count.end, self.span(0).end);
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(0))
            .message(format!("no `{}` follows the number of attempts", self.text(0)))
            .fix(Fix::delete(gone).titled("remove the word"));
        self.slip(0, diagnostic);
        Some(1)
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
            .hint(format!("it stands before the address: `{method} \"https://…\"`"))
            .fix(Fix::delete(self.span(0).to(self.span(value))));
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

    /// `file templates/hello.vm`.
    pub(super) fn bare_path(&mut self) -> Option<usize> {
        let part = |token: Token| {
            token.is_word()
                || matches!(token, Token::Dot | Token::Slash | Token::Minus | Token::Int | Token::Decimal)
                || matches!(token, Token::BadNumber | Token::ForeignWord)
        };
        let mut end = 1;
        while end < LONGEST && self.token(end).is_some_and(part) && (end == 1 || self.adjacent(end - 1)) {
            end += 1;
        }
        // Words with dots between them are read as a path elsewhere.
        let plain = (1..end).all(|index| matches!(self.token(index), Some(Token::Word | Token::Dot)));
        let takes = matches!(self.declaration, Some(Token::Message | Token::Test));
        if !takes || (plain && self.declaration == Some(Token::Message)) || end == 1 {
            return None;
        }
        let whole = self.span(1).to(self.span(end - 1));
        let meant = format!("\"{}\"", self.reader.slice(whole));
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, whole)
            .message("the path of a file is a text in quotes")
            .hint(format!("write `file {meant}`"))
            .fix(Fix::replace(whole, meant));
        self.slip(1, diagnostic);
        self.keep(0);
        // A test reads what the file has.
        let read = if self.declaration == Some(Token::Test) { Token::String } else { Token::Missing };
        self.push(read, 1, end - 1);
        Some(end)
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

    /// `token $TOKEN`, `token secret.TOKEN`: the setting is left out.
    pub(super) fn unquoted_secret(&mut self) -> Option<usize> {
        let name = match self.tokens() {
            [Some(Token::Unknown), Some(Token::Word), _] if self.text(0) == "$" && self.adjacent(0) => 1,
            [Some(Token::Word), Some(Token::Dot), Some(Token::Word)] if self.text(0) == "secret" => 2,
            [Some(Token::Word), Some(Token::Word), _] if self.text(0) == "secret" => 1,
            _ => return None,
        };
        let setting = self.before == Some(Token::Word) && self.at(0).is_some_and(|first| !first.first_on_line);
        if !setting || self.declaration != Some(Token::Connector) {
            return None;
        }
        let whole = self.span(0).to(self.span(name));
        let meant = format!("secret(\"{}\")", self.text(name));
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, whole)
            .message(format!("expected a text or `secret(\"NAME\")`, found `{}`", self.reader.slice(whole)))
            .hint(format!("write `{meant}`"))
            .fix(Fix::replace(whole, meant));
        self.slip(0, diagnostic);
        self.push(Token::Stray, 0, name);
        Some(name + 1)
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
            // `body json = { … }`.
            Token::Word if line.first_on_line && matches!(line.token, Token::Body | Token::Returns) => true,
            Token::Word => {
                let text = self.reader.slice(self.reader.span(word.start, word.end));
                let value = matches!(self.token(1), Some(Token::String | Token::Block | Token::File));
                WORDS.contains(&text) && (value || self.text(1) == "secret")
            }
            _ => false,
        };
        // In a field of that name, `text = "x"`, the colon and the type are missing.
        let begins = word.first_on_line
            || matches!(line.token, Token::Body | Token::Returns)
            || (line.token == Token::BraceOpen
                && matches!(self.declaration, Some(Token::Connector | Token::Webhook | Token::Channel)));
        if !setting || !begins || matches!(line.token, Token::Comma) || self.is_within_record() {
            return None;
        }
        let sign = self.span(0);
        let gap = self.reader.span(word.end, self.at(1).map_or(sign.end, |value| value.start));
        let word = self.reader.slice(self.reader.span(word.start, word.end)).to_owned();
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, sign)
            .message(format!("no `=` follows `{word}`"))
            .hint("the value stands behind the word, without a sign between")
            .fix(Fix::replace(gap, " ").titled("remove the sign"));
        self.slip(0, diagnostic);
        Some(1)
    }

    /// Whether this stands among the fields of a card, of a body, of headers or of a record in them.
    fn is_within_record(&self) -> bool {
        if matches!(self.declaration, Some(Token::Event | Token::Contact)) {
            return true;
        }
        let Some(open) = self.opening(self.cleaned.len()) else { return false };
        let token = |by: usize| Some(self.cleaned.get((open + 1).checked_sub(by)?)?.token);
        let value = matches!(token(2), Some(Token::Key | Token::StringKey | Token::Headers))
            || matches!(token(2), Some(Token::Comma | Token::BracketOpen));
        let body = token(2) == Some(Token::Word) && token(3) == Some(Token::Body);
        token(1) != Some(Token::BraceOpen) || value || body
    }

    /// `header "X-A": "b"`, `headers "X-A": "b"`: the line is left out.
    pub(super) fn header(&mut self) -> Option<usize> {
        let [_, Some(Token::String), Some(sign), Some(value)] = self.tokens() else { return None };
        let begins = self.begins_line();
        let separates = matches!(sign, Token::Colon | Token::Assign | Token::Comma);
        if !begins
            || !separates
            || !self.is_one_of(0, &["header", "headers"])
            || !matches!(self.declaration, Some(Token::Webhook | Token::Channel))
        {
            return None;
        }
        let alone = self.token(4).is_none() && value == Token::String;
        let written = format!("headers {{ {}: {} }}", self.text(1), self.text(3));
        let mut diagnostic = Diagnostic::new(Code::UnknownKeyword, self.span(0))
            .message("a header by itself is no line")
            .hint("headers are fields: `headers { \"X-Order\": event.order_id }`");
        if alone {
            let whole = self.span(0).to(self.span(3));
            diagnostic = diagnostic.fix(Fix::replace(whole, written.clone()).titled(format!("write `{written}`")));
        }
        self.slip(0, diagnostic);
        let mut end = 4;
        while self.token(end).is_some_and(|token| token != Token::BraceClose) {
            end += 1;
        }
        Some(end)
    }

    /// `uses data.score`, `uses [score, ping]`.
    pub(super) fn uses(&mut self) -> Option<usize> {
        match self.tokens() {
            [_, Some(Token::Word), Some(Token::Dot), Some(Token::Word)] if self.text(1) == "data" => {
                let root = self.up_to(1, 3);
                let diagnostic = Diagnostic::new(Code::UnexpectedToken, root)
                    .message("expected the name of a webhook, found `data`")
                    .hint(format!("a webhook is named as it is declared: `uses {}`", self.text(3)))
                    .fix(Fix::delete(root).titled("remove `data.`"));
                self.slip(1, diagnostic);
                self.keep(0);
                Some(3)
            }
            [_, Some(Token::BracketOpen), ..] => {
                let mut end = 2;
                while matches!(self.token(end), Some(Token::Word | Token::String | Token::Comma)) {
                    end += 1;
                }
                if self.token(end)? != Token::BracketClose || end == 2 {
                    return None;
                }
                let close = Edit { span: self.span(end), text: String::new() };
                let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(1))
                    .message("no brackets stand around names")
                    .hint("names stand with commas between: `uses a, b`")
                    .fix(Fix::delete(self.span(1)).and(close).titled("remove the brackets"));
                self.slip(1, diagnostic);
                for index in (0..end).filter(|&index| index != 1) {
                    self.keep(index);
                }
                Some(end + 1)
            }
            _ => None,
        }
    }

    /// `uses score { get "…" }`, `request { get "…" }`: lines of a webhook within further braces, which are read without
    /// them.
    pub(super) fn lines_in_braces(&mut self) -> Option<usize> {
        let first = self.lexemes.get(1)?;
        let named = self.lexemes.get(2).is_some_and(|next| next.token == Token::Colon);
        if role(first.token) != Some(Role::WebhookLine) || named {
            return None;
        }
        let [.., before, last] = self.cleaned.as_slice() else { return None };
        let kind = last.token == Token::Word && matches!(before.token, Token::Body | Token::Returns);
        let head = matches!(before.token, Token::Webhook | Token::Channel);
        let line = matches!(last.token, Token::Word | Token::String | Token::Int | Token::Duration) && !kind && !head;
        // A word that begins no line goes with its braces.
        let heading = last.first_on_line && last.token == Token::Word;
        let of_request =
            self.line_before().and_then(|from| role(self.cleaned.get(from)?.token)) == Some(Role::WebhookLine);
        if !line || !(heading || of_request) || !matches!(self.declaration, Some(Token::Webhook | Token::Channel)) {
            return None;
        }
        let close = self.closing(0)?;
        let closing = self.lexemes.get(close)?;
        let from = if heading { self.reader.span(last.start, last.end).to(self.span(0)) } else { self.span(0) };
        let end = Edit { span: self.reader.span(closing.start, closing.end), text: String::new() };
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, from)
            .message("the lines of a webhook stand in no further braces")
            .hint("they stand one below the other: `get \"https://…\"`, `uses NAME`, `timeout 5s`")
            .fix(Fix::delete(from).and(end).titled("remove the braces"));
        if heading {
            self.cleaned.pop();
        }
        self.slip(0, diagnostic);
        let lines = self.cleaned_between(1, close);
        self.cleaned.extend(lines);
        Some(close + 1)
    }

    /// `include "hello.html.vm"` in a message.
    pub(super) fn included_file(&mut self) -> Option<usize> {
        if self.text(0) != "include" || self.token(1)? != Token::String || self.declaration != Some(Token::Message) {
            return None;
        }
        let span = self.span(0);
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, span)
            .message("expected `file`, found `include`")
            .hint(format!("a template in a file of its own is written `file {}`", self.text(1)))
            .fix(Fix::replace(span, "file"));
        self.slip(0, diagnostic);
        self.push(Token::File, 0, 0);
        Some(1)
    }

    /// `"X-Key": secret("K")` in a connector.
    pub(super) fn header_of_key(&mut self) -> Option<usize> {
        let [_, Some(Token::Colon | Token::Assign), Some(Token::Word), Some(Token::ParenOpen)] = self.tokens() else {
            return None;
        };
        if self.text(2) != "secret" || self.declaration != Some(Token::Connector) {
            return None;
        }
        let whole = self.span(0).to(self.span(1));
        let meant = format!("header {} key", self.text(0));
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, whole)
            .message(format!("expected a word, found `{}`", self.text(0)))
            .hint(format!("the header and its key are two settings: `{meant} secret(\"…\")`"))
            .fix(Fix::replace(whole, meant));
        self.slip(0, diagnostic);
        // Both settings are left out.
        let mut end = 4;
        while end < LONGEST && self.token(end - 1)? != Token::ParenClose {
            end += 1;
        }
        self.push(Token::Stray, 0, end - 1);
        Some(end)
    }
}
