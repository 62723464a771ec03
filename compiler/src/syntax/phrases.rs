//! Slips that take several tokens, read as what was meant before anything is parsed.
//!
//! `wait 5 min`, `call score()`, `plan: gold | silver`: each is reported once, and the tokens that were meant stand in its
//! place, so that nothing that depends on them is reported as well.

use super::foreign;
use super::reader::Reader;
use super::token::{Lexeme, Token};
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::source::Span;
use crate::vocabulary::{CONNECTORS, TYPES};

/// Reads a slip that begins with the first of these lexemes into `cleaned`; gives how many lexemes it takes, 0 if there
/// is none.
pub(crate) fn read(reader: &mut Reader<'_>, lexemes: &[Lexeme], cleaned: &mut Vec<Lexeme>) -> usize {
    let Some(first) = lexemes.first() else { return 0 };
    let mut phrase = Phrase { before: cleaned.last().map(|lexeme| lexeme.token), reader, lexemes, cleaned };
    match first.token {
        Token::Int => phrase.unit(),
        Token::Decimal => phrase.date(),
        Token::Less => phrase.unequal(),
        Token::On => phrase.outcome().or_else(|| phrase.kind()),
        Token::In => phrase.kind(),
        Token::Later => phrase.within(),
        Token::Send => phrase.kind().or_else(|| phrase.channel()),
        Token::Auth => phrase.kind().or_else(|| phrase.secret_as_connector()),
        Token::Call => phrase.kind().or_else(|| phrase.brackets(2)),
        Token::For | Token::Emit | Token::Receive => phrase.kind(),
        Token::File => phrase.file(),
        Token::Word => phrase
            .secret()
            .or_else(|| phrase.method())
            .or_else(|| phrase.list())
            .or_else(|| phrase.map())
            .or_else(|| phrase.list_behind())
            .or_else(|| phrase.members())
            .or_else(|| phrase.optional()),
        Token::Assign => phrase.setting(),
        _ => None,
    }
    .or_else(|| phrase.union())
    .unwrap_or(0)
}

struct Phrase<'a, 'text> {
    reader: &'a mut Reader<'text>,
    lexemes: &'a [Lexeme],
    cleaned: &'a mut Vec<Lexeme>,
    /// What stands before it.
    before: Option<Token>,
}

impl Phrase<'_, '_> {
    fn at(&self, index: usize) -> Option<Lexeme> {
        self.lexemes.get(index).copied().filter(|lexeme| index == 0 || !lexeme.first_on_line)
    }

    /// The token at `index`, if it stands on the line of the first one.
    fn token(&self, index: usize) -> Option<Token> {
        self.at(index).map(|lexeme| lexeme.token)
    }

    fn tokens<const COUNT: usize>(&self) -> [Option<Token>; COUNT] {
        std::array::from_fn(|index| self.token(index))
    }

    fn span(&self, index: usize) -> Span {
        self.at(index).map_or(self.reader.span(0, 0), |lexeme| self.reader.span(lexeme.start, lexeme.end))
    }

    fn text(&self, index: usize) -> &str {
        self.reader.slice(self.span(index))
    }

    fn adjacent(&self, index: usize) -> bool {
        self.span(index).end == self.span(index + 1).start
    }

    /// A name, and not that of a field.
    fn is_name(&self, index: usize) -> bool {
        matches!(self.token(index), Some(Token::Word | Token::String)) && self.token(index + 1) != Some(Token::Colon)
    }

    fn push(&mut self, token: Token, from: usize, to: usize) {
        if let (Some(first), Some(last)) = (self.at(from), self.at(to)) {
            self.cleaned.push(Lexeme { token, end: last.end, ..first });
        }
    }

    fn keep(&mut self, index: usize) {
        self.cleaned.extend(self.at(index));
    }

    /// Reports the slip; the lexeme at `index` is the one that is read as something else.
    fn slip(&mut self, index: usize, diagnostic: Diagnostic) {
        if let Some(lexeme) = self.at(index) {
            self.reader.slip(lexeme, diagnostic);
        }
    }

    /// The text from one token to before another.
    fn up_to(&self, from: usize, to: usize) -> Span {
        let (from, to) = (self.span(from), self.span(to));
        Span::new(from.file, from.start, to.start)
    }

    /// `5 min`.
    fn unit(&mut self) -> Option<usize> {
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
    fn date(&mut self) -> Option<usize> {
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
    fn unequal(&mut self) -> Option<usize> {
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
    fn outcome(&mut self) -> Option<usize> {
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
    fn kind(&mut self) -> Option<usize> {
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
    fn channel(&mut self) -> Option<usize> {
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

    /// `auth bearer secret("K")`, `auth bearer "K"`: the whole line is left out.
    fn secret_as_connector(&mut self) -> Option<usize> {
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

    /// `wait for paid within 2d`.
    fn within(&mut self) -> Option<usize> {
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

    /// `method: POST` on a line of its own, which is left out.
    fn method(&mut self) -> Option<usize> {
        let value = if self.token(1) == Some(Token::Colon) { 2 } else { 1 };
        let method = self.text(value).to_ascii_lowercase();
        let line = self.at(0).is_some_and(|lexeme| lexeme.first_on_line) && self.token(value + 1).is_none();
        let names = self.text(0).eq_ignore_ascii_case("method") && self.token(value).is_some_and(Token::is_word);
        if !line || !names || !matches!(method.as_str(), "get" | "post" | "put" | "patch" | "delete") {
            return None;
        }
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(0).to(self.span(value)))
            .message("the method is no line of its own")
            .hint(format!("it stands before the address: `{method} \"https://…\"`"));
        self.slip(0, diagnostic);
        Some(value + 1)
    }

    /// `call score()`.
    fn brackets(&mut self, at: usize) -> Option<usize> {
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

    /// `file("x")`.
    fn file(&mut self) -> Option<usize> {
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
    fn secret(&mut self) -> Option<usize> {
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

    /// `list<string>`.
    fn list(&mut self) -> Option<usize> {
        let [_, Some(Token::Less), Some(Token::Word), Some(Token::Greater)] = self.tokens() else { return None };
        let word = self.text(0).to_ascii_lowercase();
        if self.before != Some(Token::Key) || !matches!(word.as_str(), "list" | "array" | "vec") {
            return None;
        }
        let whole = self.span(0).to(self.span(3));
        let meant = format!("[{}]", self.text(2));
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, whole)
            .message(format!("`{}` is no type of this language", self.reader.slice(whole)))
            .hint(format!("a list is written `{meant}`"))
            .fix(Fix::replace(whole, meant));
        self.slip(0, diagnostic);
        self.push(Token::BracketOpen, 0, 0);
        self.keep(2);
        self.push(Token::BracketClose, 3, 3);
        Some(4)
    }

    /// `map<string, int>`.
    fn map(&mut self) -> Option<usize> {
        let word = self.text(0).to_ascii_lowercase();
        if self.before != Some(Token::Key) || !matches!(word.as_str(), "map" | "dict" | "object" | "record") {
            return None;
        }
        let [_, Some(Token::Less), Some(Token::Word), Some(Token::Comma), Some(Token::Word), Some(Token::Greater)] =
            self.tokens()
        else {
            return None;
        };
        let whole = self.span(0).to(self.span(5));
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, whole)
            .message(format!("`{}` is no type of this language", self.reader.slice(whole)))
            .hint("fields that are known are a record, `{ name: string }`; what cannot be told is `json`")
            .fix(Fix::replace(whole, "json"));
        self.slip(0, diagnostic);
        self.keep(4);
        Some(6)
    }

    /// `string[]`.
    fn list_behind(&mut self) -> Option<usize> {
        let [_, Some(Token::BracketOpen), Some(Token::BracketClose)] = self.tokens() else { return None };
        if self.before != Some(Token::Key) || !self.adjacent(0) || !self.adjacent(1) {
            return None;
        }
        let whole = self.span(0).to(self.span(2));
        let meant = format!("[{}]", self.text(0));
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, whole)
            .message(format!("`{}` is no type of this language", self.reader.slice(whole)))
            .hint(format!("a list is written `{meant}`"))
            .fix(Fix::replace(whole, meant));
        self.slip(0, diagnostic);
        self.push(Token::BracketOpen, 0, 0);
        self.keep(0);
        self.push(Token::BracketClose, 2, 2);
        Some(3)
    }

    /// `enum("gold", "silver")`, `enum { gold, silver }`.
    fn members(&mut self) -> Option<usize> {
        let word = self.text(0).to_ascii_lowercase();
        let close = match self.token(1)? {
            Token::ParenOpen => Token::ParenClose,
            Token::BraceOpen => Token::BraceClose,
            Token::BracketOpen => Token::BracketClose,
            Token::Less => Token::Greater,
            _ => return None,
        };
        if self.before != Some(Token::Key) || !matches!(word.as_str(), "enum" | "oneof" | "one_of" | "union") {
            return None;
        }
        let mut members = Vec::new();
        let mut end = 2;
        while self.token(end)? != close {
            match self.token(end)? {
                Token::String | Token::Word => members.push(end),
                Token::Comma | Token::Pipe => {}
                _ => return None,
            }
            end += 1;
        }
        let quoted = |index: &usize| {
            let text = self.text(*index);
            if text.starts_with('"') { text.to_owned() } else { format!("\"{text}\"") }
        };
        let meant = members.iter().map(quoted).collect::<Vec<_>>().join(" | ");
        if members.is_empty() {
            return None;
        }
        let whole = self.span(0).to(self.span(end));
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, whole)
            .message("the values that a field can have are written out")
            .hint(format!("write `{meant}`"))
            .fix(Fix::replace(whole, meant));
        self.slip(0, diagnostic);
        for (number, index) in members.into_iter().enumerate() {
            if number > 0 {
                self.push(Token::Pipe, index, index);
            }
            self.push(Token::String, index, index);
        }
        Some(end + 1)
    }

    /// `timeout = 5s`, `token = secret("K")`: the sign behind the word that begins a line of a webhook, a connector or a message.
    fn setting(&mut self) -> Option<usize> {
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

    /// `email?: email`.
    fn optional(&mut self) -> Option<usize> {
        let [_, Some(Token::Question), Some(Token::Colon), ..] = self.tokens::<3>() else { return None };
        let mark = self.span(1);
        let mut diagnostic = Diagnostic::new(Code::UnexpectedToken, mark)
            .message("`?` stands behind the type of a field")
            .hint(format!("write `{}: {}?`", self.text(0), if self.is_name(3) { self.text(3) } else { "…" }));
        // Behind a type of one word the place is known.
        if self.token(3) == Some(Token::Word) && !matches!(self.token(4), Some(Token::Question | Token::Less)) {
            let behind = Edit { span: self.span(3).after(), text: "?".to_owned() };
            diagnostic = diagnostic.fix(Fix::delete(mark).and(behind).titled("move the `?` behind the type"));
        }
        self.slip(1, diagnostic);
        self.push(Token::Key, 0, 0);
        Some(3)
    }

    /// `gold | silver`.
    fn union(&mut self) -> Option<usize> {
        let member = |token: Option<Token>| {
            matches!(token, Some(Token::Word | Token::String | Token::Int | Token::Decimal))
                || matches!(token, Some(Token::True | Token::False | Token::Null))
        };
        // Within a table of cases the sign begins a row.
        let within_type = matches!(
            self.before,
            Some(Token::Key | Token::StringKey | Token::Colon | Token::Less | Token::ParenOpen | Token::BracketOpen)
        );
        if !within_type || !member(self.token(0)) || self.token(1)? != Token::Pipe {
            return None;
        }
        let mut end = 1;
        while self.token(end) == Some(Token::Pipe) && member(self.token(end + 1)) && self.is_value(end + 1) {
            end += 2;
        }
        let words: Vec<usize> = (0..end).filter(|&index| self.token(index) == Some(Token::Word)).collect();
        let first = *words.first()?;
        if end < 3
            || self.is_last_column()
            || words.iter().any(|&index| TYPES.iter().any(|ty| ty.word == self.text(index)))
        {
            return None;
        }
        let quoted = |index: usize| Edit { span: self.span(index), text: format!("\"{}\"", self.text(index)) };
        let fix = Fix {
            title: "put the values in quotes".to_owned(),
            edits: words.iter().map(|&word| quoted(word)).collect(),
        };
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(first))
            .message(format!("`{}` is a value and stands in quotes", self.text(first)))
            .hint(format!("write `\"{}\"`", self.text(first)))
            .fix(fix);
        self.slip(first, diagnostic);
        for index in 0..end {
            let token = self.token(index).map(|token| if token == Token::Word { Token::String } else { token });
            self.push(token?, index, index);
        }
        Some(end)
    }

    /// `cases { plan, tier | …`: the sign begins a row.
    fn is_last_column(&self) -> bool {
        let mut before = self.cleaned.iter().rev().map(|lexeme| lexeme.token);
        let opening = before.find(|token| !matches!(token, Token::Word | Token::Comma));
        opening == Some(Token::BraceOpen) && before.next() == Some(Token::Cases)
    }

    fn is_value(&self, index: usize) -> bool {
        self.token(index + 1) != Some(Token::Colon)
    }
}
