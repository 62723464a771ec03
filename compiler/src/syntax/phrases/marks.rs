//! Slips in what is said of a field beside its type: `email?: email`, `nullable string`, `card: secret string`.

use super::Phrase;
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::syntax::token::Token;
use crate::vocabulary::TYPES;

/// What others call `sensitive`.
pub(in crate::syntax) const MARKS: [&str; 7] =
    ["secret", "private", "confidential", "masked", "pii", "hidden", "personal"];

impl Phrase<'_, '_> {
    /// `email?: email`, `"tier"?: "gold" | "silver"`.
    pub(super) fn optional(&mut self) -> Option<usize> {
        let [Some(name), Some(mark), Some(Token::Colon)] = self.tokens::<3>() else { return None };
        let named = (name.is_word() && self.before != Some(Token::Dot)) || name == Token::String;
        if !named || !matches!(mark, Token::Question | Token::NotSign) {
            return None;
        }
        if mark == Token::NotSign {
            self.needless_sign(1);
            self.push(if name == Token::String { Token::StringKey } else { Token::Key }, 0, 0);
            return Some(3);
        }
        if matches!(self.declaration, Some(Token::Message | Token::Connector)) {
            let signs = self.span(1).to(self.span(2));
            let diagnostic = Diagnostic::new(Code::NeedlessColon, signs)
                .message(format!("no `?:` follows `{}`", self.text(0)))
                .hint("words of the language take no colon; names that you invent do")
                .fix(Fix::delete(signs).titled("remove the signs"));
            self.slip(1, diagnostic);
            self.keep(0);
            return Some(3);
        }
        let mark = self.span(1);
        let mut diagnostic =
            Diagnostic::new(Code::UnexpectedToken, mark).message("`?` stands behind the type of a field");
        // A value has no such sign: which type was meant is not known.
        let of_type = match self.token(3) {
            Some(Token::Word) => self.token(4) != Some(Token::Dot),
            Some(Token::String | Token::BraceOpen | Token::BracketOpen | Token::ParenOpen) => true,
            _ => false,
        };
        let last = self.end_of_type(3).filter(|_| of_type);
        let meant = match last {
            None => "…?".to_owned(),
            Some(last) => {
                let ty = self.span(3).to(self.span_on_any_line(last));
                let (open, close) = self.as_optional(3, last);
                let before = (!open.is_empty()).then(|| Edit { span: ty.before(), text: open.to_owned() });
                let behind = (!close.is_empty()).then(|| Edit { span: ty.after(), text: close.to_owned() });
                let fix = before.into_iter().chain(behind).fold(Fix::delete(mark), Fix::and);
                diagnostic = diagnostic.fix(fix.titled("move the `?` behind the type"));
                let ty = self.reader.slice(ty);
                if ty.contains('\n') { "…?".to_owned() } else { format!("{open}{ty}{close}") }
            }
        };
        let diagnostic = diagnostic.hint(format!("write `{}: {meant}`", self.text(0)));
        self.slip(1, diagnostic);
        self.push(if name == Token::String { Token::StringKey } else { Token::Key }, 0, 0);
        Some(3)
    }

    /// What is put around the type from one token to another one so that it is optional.
    fn as_optional(&self, first: usize, last: usize) -> (&'static str, &'static str) {
        let ty = self.lexemes.get(first..=last).unwrap_or(&[]);
        let several = ty.iter().any(|lexeme| lexeme.token == Token::Pipe);
        match ty {
            [.., end] if end.token == Token::Question => ("", ""),
            [begin, ..]
                if several && !matches!(begin.token, Token::BraceOpen | Token::BracketOpen | Token::ParenOpen) =>
            {
                ("(", ")?")
            }
            _ => ("", "?"),
        }
    }

    /// `nullable string`, `optional<string>`.
    pub(super) fn optional_before(&mut self) -> Option<usize> {
        if !self.begins_type(self.cleaned.len()) {
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

    /// `string!`.
    pub(super) fn required(&mut self) -> Option<usize> {
        let [.., key, ty] = self.cleaned.as_slice() else { return None };
        if key.token != Token::Key || ty.token != Token::Word || ty.end != self.span(0).start {
            return None;
        }
        self.needless_sign(0);
        Some(1)
    }

    /// The `!` of `string!`, `email!: email`.
    fn needless_sign(&mut self, index: usize) {
        let diagnostic = Diagnostic::new(Code::ForeignSign, self.span(index))
            .message("`!` is not of this language")
            .hint("every field is required whose type does not end in `?`")
            .fix(Fix::delete(self.span(index)));
        self.slip(index, diagnostic);
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

    /// `ip: sensitive string`, `ip: secret string`: the mark before the type.
    pub(super) fn mark_before_type(&mut self) -> Option<usize> {
        let named = matches!(self.before, Some(Token::Key | Token::StringKey));
        let ours = self.token(0) == Some(Token::Sensitive);
        if !named || (!ours && !self.is_one_of(0, &MARKS)) {
            return None;
        }
        let begins = match self.token(1)? {
            Token::Word => self.token(2) != Some(Token::Colon) && TYPES.iter().any(|ty| ty.word == self.text(1)),
            Token::String | Token::BraceOpen | Token::BracketOpen => {
                matches!(self.declaration, Some(Token::Event | Token::Contact))
            }
            _ => false,
        };
        let last = self.end_of_type(1).filter(|_| begins)?;
        let mark = self.span(0);
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, mark);
        let diagnostic = if ours {
            diagnostic.message("`sensitive` stands behind the type")
        } else {
            diagnostic.message(format!("`{}` is no type of this language", self.text(0)))
        };
        let mut fix = Fix::delete(self.up_to(0, 1)).titled("mark the type as `sensitive`");
        if self.lexemes.get(last + 1).is_none_or(|next| next.token != Token::Sensitive) {
            fix = fix.and(Edit { span: self.span_on_any_line(last).after(), text: " sensitive".to_owned() });
        }
        let ty = if last == 1 { self.text(1) } else { "…" };
        let hint = format!("what is masked in logs is marked behind its type: `{ty} sensitive`");
        self.slip(0, diagnostic.hint(hint).fix(fix));
        Some(1)
    }

    /// The last token of the type that begins at an index, if it ends nearby.
    fn end_of_type(&self, first: usize) -> Option<usize> {
        let token = |index: usize| self.lexemes.get(index).map(|lexeme| lexeme.token);
        let mut end = first;
        loop {
            if matches!(token(end)?, Token::BraceOpen | Token::BracketOpen | Token::ParenOpen) {
                end = self.closing(end)?;
            }
            if token(end + 1) == Some(Token::Question) {
                end += 1;
            }
            if token(end + 1) != Some(Token::Pipe) {
                return Some(end);
            }
            end += 2;
        }
    }
}
