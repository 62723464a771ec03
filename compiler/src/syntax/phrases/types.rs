//! Slips in the types of fields: `list<string>`, `{ sku: string }[]`, `gold | silver`.

use super::Phrase;
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::source::Span;
use crate::syntax::token::{Lexeme, Token};
use crate::vocabulary::TYPES;

impl Phrase<'_, '_> {
    /// `list<string>`.
    pub(super) fn list(&mut self) -> Option<usize> {
        let [
            _,
            Some(Token::Less | Token::ParenOpen | Token::BracketOpen),
            Some(Token::Word),
            Some(Token::Greater | Token::ParenClose | Token::BracketClose),
        ] = self.tokens()
        else {
            return None;
        };
        // Among values it is a call.
        let ty = self.token(1) == Some(Token::Less) || TYPES.iter().any(|ty| ty.word == self.text(2));
        if !self.begins_type(self.cleaned.len()) || !ty || !self.is_one_of(0, &["list", "array", "vec", "set"]) {
            return None;
        }
        let whole = self.span(0).to(self.span(3));
        let meant = format!("[{}]", self.text(2));
        let diagnostic = self.no_type(whole, &format!("a list is written `{meant}`"), &meant);
        self.slip(0, diagnostic);
        self.push(Token::BracketOpen, 0, 0);
        self.keep(2);
        self.push(Token::BracketClose, 3, 3);
        Some(4)
    }

    /// `list of string`, `array of { sku: string }`.
    pub(super) fn list_of(&mut self) -> Option<usize> {
        if !self.begins_type(self.cleaned.len())
            || self.token(1) != Some(Token::Word)
            || !self.is_one_of(1, &["of"])
            || !self.is_one_of(0, &["list", "lists", "array", "arrays", "set", "many"])
        {
            return None;
        }
        let end = match self.token(2)? {
            Token::Word => 2,
            Token::BraceOpen => self.closing(2)?,
            Token::BracketOpen => return Some(self.list_of_list()),
            _ => return None,
        };
        let last = *self.lexemes.get(end)?;
        let inner = self.reader.slice(self.span(2).to(self.place(Some(last)))).to_owned();
        let of = self.span(0).to(self.span(1));
        let hint =
            if end == 2 { format!("a list is written `[{inner}]`") } else { "a list is written `[T]`".to_owned() };
        let whole = self.span(0).to(self.place(Some(last)));
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, of)
            .message(format!("`{}` is no type of this language", self.reader.slice(of)))
            .hint(hint)
            .fix(Fix::replace(whole, format!("[{inner}]")));
        self.slip(0, diagnostic);
        self.push(Token::BracketOpen, 0, 1);
        let inner = self.cleaned_between(2, end + 1);
        self.cleaned.extend(inner);
        self.cleaned.push(Lexeme { token: Token::BracketClose, ..last });
        Some(end + 1)
    }

    /// `list of [string]`: what follows is a list already.
    fn list_of_list(&mut self) -> usize {
        let of = self.span(0).to(self.span(1));
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, of)
            .message(format!("`{}` is no type of this language", self.reader.slice(of)))
            .hint("a list is written `[T]`, without a word before it")
            .fix(Fix::delete(self.up_to(0, 2)).titled("remove the words"));
        self.slip(0, diagnostic);
        2
    }

    /// `map<string, int>`.
    pub(super) fn map(&mut self) -> Option<usize> {
        if !self.begins_type(self.cleaned.len()) || !self.is_one_of(0, &["map", "dict", "object", "record"]) {
            return None;
        }
        let [_, Some(Token::Less), Some(Token::Word), Some(Token::Comma), Some(Token::Word), Some(Token::Greater)] =
            self.tokens()
        else {
            return None;
        };
        let whole = self.span(0).to(self.span(5));
        let hint = "fields that are known are a record, `{ name: string }`; what cannot be told is `json`";
        let diagnostic = self.no_type(whole, hint, "json");
        self.slip(0, diagnostic);
        self.keep(4);
        Some(6)
    }

    /// `string[]`.
    pub(super) fn list_behind(&mut self) -> Option<usize> {
        let [_, Some(Token::BracketOpen), Some(Token::BracketClose)] = self.tokens() else { return None };
        if !self.begins_type(self.cleaned.len()) || !self.adjacent(0) || !self.adjacent(1) {
            return None;
        }
        let whole = self.span(0).to(self.span(2));
        let meant = format!("[{}]", self.text(0));
        let diagnostic = self.no_type(whole, &format!("a list is written `{meant}`"), &meant);
        self.slip(0, diagnostic);
        self.push(Token::BracketOpen, 0, 0);
        self.keep(0);
        self.push(Token::BracketClose, 2, 2);
        Some(3)
    }

    /// `{ sku: string }[]`, `[int][]`: the brackets of a list behind a type that has brackets of its own.
    pub(super) fn list_behind_brackets(&mut self) -> Option<usize> {
        let adjacent = self.cleaned.last().is_some_and(|before| before.end == self.span(0).start);
        if !matches!(self.before, Some(Token::BraceClose | Token::BracketClose))
            || self.token(1)? != Token::BracketClose
            || !adjacent
            || !self.adjacent(0)
        {
            return None;
        }
        let at = self.opening(self.cleaned.len() - 1).filter(|at| self.begins_type(*at))?;
        let open = *self.cleaned.get(at)?;
        let place = self.reader.span(open.start, open.start);
        let brackets = self.span(0).to(self.span(1));
        let fix = Fix::replace(brackets, "]").and(Edit { span: place, text: "[".to_owned() });
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, brackets)
            .message("the brackets of a list stand around its type")
            .hint("a list is written `[T]`: `[{ sku: string }]`")
            .fix(fix.titled("put the type between the brackets"));
        self.slip(0, diagnostic);
        self.cleaned.insert(at, Lexeme { token: Token::BracketOpen, end: open.start, ..open });
        if let Some(inner) = self.cleaned.get_mut(at + 1) {
            inner.first_on_line = false;
        }
        self.push(Token::BracketClose, 0, 1);
        Some(2)
    }

    /// Whether a type is what begins with the lexeme that is `at` this index of what was read, or comes next.
    pub(super) fn begins_type(&self, at: usize) -> bool {
        let before = |by: usize| Some(self.cleaned.get(at.checked_sub(by)?)?.token);
        matches!(before(1), Some(Token::Key | Token::StringKey))
            || (before(1) == Some(Token::Word) && before(2) == Some(Token::Returns))
    }

    /// `enum("gold", "silver")`, `enum { gold, silver }`.
    pub(super) fn members(&mut self) -> Option<usize> {
        if !self.begins_type(self.cleaned.len()) {
            return None;
        }
        let close = match self.token(1)? {
            Token::ParenOpen => Token::ParenClose,
            Token::BraceOpen => Token::BraceClose,
            Token::BracketOpen => Token::BracketClose,
            Token::Less => Token::Greater,
            _ => return None,
        };
        if !self.is_one_of(0, &["enum", "oneof", "one_of", "union"]) {
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

    /// `string | null`, `string | int`.
    pub(super) fn or_null(&mut self) -> Option<usize> {
        let [_, Some(Token::Pipe), Some(other)] = self.tokens() else { return None };
        let ty = |index| TYPES.iter().any(|ty| ty.word == self.text(index));
        if !self.begins_type(self.cleaned.len()) || !ty(0) {
            return None;
        }
        let whole = self.span(0).to(self.span(2));
        let diagnostic = match other {
            Token::Null => {
                let meant = format!("{}?", self.text(0));
                self.no_type(whole, &format!("a type that may be absent ends in `?`: `{meant}`"), &meant)
            }
            Token::Word if ty(2) => Diagnostic::new(Code::UnexpectedToken, whole)
                .message("a union is of literal values, not of types")
                .hint("what may be of several types is `json`; values of one type that are known are `\"a\" | \"b\"`"),
            _ => return None,
        };
        self.slip(0, diagnostic);
        self.push(Token::Word, 0, 0);
        if other == Token::Null {
            self.push(Token::Question, 2, 2);
        }
        Some(3)
    }

    /// `gold | silver`.
    pub(super) fn union(&mut self) -> Option<usize> {
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
            // `list<gold | silver>`; within a table of cases `< "gold" | silver` goes on in the next row.
            || (self.before == Some(Token::Less) && self.token(end) != Some(Token::Greater))
            || words.iter().any(|&index| TYPES.iter().any(|ty| ty.word == self.text(index)))
        {
            return None;
        }
        let quoted = |index: usize| Edit { span: self.span(index), text: format!("\"{}\"", self.text(index)) };
        let edits = words.iter().map(|&word| quoted(word)).collect();
        let fix = Fix { title: "put the values in quotes".to_owned(), edits, left_to_author: false };
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

    /// What another language calls a type, and what is `meant` by it.
    pub(super) fn no_type(&self, whole: Span, hint: &str, meant: &str) -> Diagnostic {
        Diagnostic::new(Code::UnexpectedToken, whole)
            .message(format!("`{}` is no type of this language", self.reader.slice(whole)))
            .hint(hint)
            .fix(Fix::replace(whole, meant))
    }
}
