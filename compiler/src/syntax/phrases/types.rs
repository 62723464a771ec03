//! Slips in the types of fields: `list<string>`, `gold | silver`, `email?: email`.

use super::{LONGEST, Phrase};
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
        if self.before != Some(Token::Key) || !ty || !self.is_one_of(0, &["list", "array", "vec", "set"]) {
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
        if self.before != Some(Token::Key)
            || self.token(1) != Some(Token::Word)
            || !self.is_one_of(1, &["of"])
            || !self.is_one_of(0, &["list", "lists", "array", "arrays", "set", "many"])
        {
            return None;
        }
        let end = match self.token(2)? {
            Token::Word => 2,
            Token::BraceOpen => self.closing_brace(2)?,
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
        if self.before != Some(Token::Key) || !self.is_one_of(0, &["map", "dict", "object", "record"]) {
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
        if self.before != Some(Token::Key) || !self.adjacent(0) || !self.adjacent(1) {
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

    /// `enum("gold", "silver")`, `enum { gold, silver }`.
    pub(super) fn members(&mut self) -> Option<usize> {
        if self.before != Some(Token::Key) {
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

    /// `email?: email`.
    pub(super) fn optional(&mut self) -> Option<usize> {
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

    /// `nullable string`, `optional<string>`.
    pub(super) fn optional_before(&mut self) -> Option<usize> {
        if self.before != Some(Token::Key) {
            return None;
        }
        let needed = self.is_one_of(0, &["required", "mandatory"]);
        if !needed && !self.is_one_of(0, &["optional", "nullable", "maybe", "option"]) {
            return None;
        }
        let (ty, last) = match self.tokens::<4>() {
            [_, Some(Token::Word), ..] => (1, 1),
            [_, Some(Token::Less | Token::ParenOpen), Some(Token::Word), Some(Token::Greater | Token::ParenClose)] => {
                (2, 3)
            }
            _ => return None,
        };
        let known = TYPES.iter().any(|known| known.word == self.text(ty));
        if !known || (ty == 1 && self.token(2) == Some(Token::Colon)) {
            return None;
        }
        let whole = self.span(0).to(self.span(last));
        let meant = format!("{}{}", self.text(ty), if needed { "" } else { "?" });
        let hint = if needed {
            "every field is required whose type does not end in `?`".to_owned()
        } else {
            format!("the type of an optional field ends in `?`: `{meant}`")
        };
        let diagnostic = self.no_type(whole, &hint, &meant);
        self.slip(0, diagnostic);
        self.keep(ty);
        if !needed {
            self.push(Token::Question, last, last);
        }
        Some(last + 1)
    }

    /// `string | null`, `string | int`.
    pub(super) fn or_null(&mut self) -> Option<usize> {
        let [_, Some(Token::Pipe), Some(other)] = self.tokens() else { return None };
        let ty = |index| TYPES.iter().any(|ty| ty.word == self.text(index));
        if self.before != Some(Token::Key) || !ty(0) {
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

    /// `string!`.
    pub(super) fn required(&mut self) -> Option<usize> {
        let [.., key, ty] = self.cleaned.as_slice() else { return None };
        if key.token != Token::Key || ty.token != Token::Word || ty.end != self.span(0).start {
            return None;
        }
        let diagnostic = Diagnostic::new(Code::ForeignSign, self.span(0))
            .message("`!` is not of this language")
            .hint("every field is required whose type does not end in `?`")
            .fix(Fix::delete(self.span(0)));
        self.slip(0, diagnostic);
        Some(1)
    }

    /// `sensitive card: string`: the mark would be taken for one of the field before.
    pub(super) fn mark_before(&mut self) -> Option<usize> {
        let begins = self.at(0).is_some_and(|mark| mark.first_on_line)
            || matches!(self.before, Some(Token::BraceOpen | Token::Comma));
        let [name, colon] = [self.lexemes.get(1)?, self.lexemes.get(2)?];
        let named = (name.token.is_word() || name.token == Token::String) && colon.token == Token::Colon;
        let fields = match self.declaration {
            Some(Token::Event | Token::Contact) => true,
            // A body has values of such names, an answer has types.
            Some(Token::Webhook | Token::Channel) => {
                let ty = self.reader.slice(self.place(self.lexemes.get(3).copied()));
                TYPES.iter().any(|known| known.word == ty)
            }
            _ => false,
        };
        if !begins || !named || !fields {
            return None;
        }
        let name = self.reader.slice(self.place(Some(*name))).to_owned();
        let mut diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(0))
            .message("`sensitive` stands behind the type")
            .hint(format!("write `{name}: … sensitive`"));
        // Between two lines it could be meant for either.
        if self.token(1).is_some()
            && let Some(last) = self.end_of_type(3)
        {
            let mut fix = Fix::delete(self.up_to(0, 1)).titled("put it behind the type");
            if self.lexemes.get(last + 1).is_none_or(|next| next.token != Token::Sensitive) {
                fix = fix.and(Edit { span: self.span_on_any_line(last).after(), text: " sensitive".to_owned() });
            }
            diagnostic = diagnostic.fix(fix);
        }
        self.slip(0, diagnostic);
        Some(1)
    }

    /// The last token of the type that begins at an index, if it ends nearby.
    fn end_of_type(&self, first: usize) -> Option<usize> {
        let token = |index: usize| self.lexemes.get(index).map(|lexeme| lexeme.token);
        let mut end = first;
        loop {
            let mut depth = 0_usize;
            end = (end..end + LONGEST).find(|&index| {
                match token(index) {
                    Some(Token::BraceOpen | Token::BracketOpen | Token::ParenOpen) => depth += 1,
                    Some(Token::BraceClose | Token::BracketClose | Token::ParenClose) => {
                        depth = depth.saturating_sub(1)
                    }
                    _ => {}
                }
                depth == 0
            })?;
            if token(end + 1) == Some(Token::Question) {
                end += 1;
            }
            if token(end + 1) != Some(Token::Pipe) {
                return token(end).map(|_| end);
            }
            end += 2;
        }
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
    fn no_type(&self, whole: Span, hint: &str, meant: &str) -> Diagnostic {
        Diagnostic::new(Code::UnexpectedToken, whole)
            .message(format!("`{}` is no type of this language", self.reader.slice(whole)))
            .hint(hint)
            .fix(Fix::replace(whole, meant))
    }
}
