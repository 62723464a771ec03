//! Slips in the blocks of steps: `if event.agreed do … end`, `if event.agreed {{ … }}`, `split 50/50 { … }`.

use super::{LONGEST, Phrase};
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::syntax::layer;
use crate::syntax::token::{Lexeme, Token};

impl Phrase<'_, '_> {
    /// `do … end`, `then … else … end`: read as blocks in braces.
    pub(super) fn block_of_words(&mut self) -> Option<usize> {
        let begins = self.at(0)?;
        let ends_line = self.lexemes.get(1)?.first_on_line;
        let opens = begins.token == Token::Then || self.is_one_of(0, &["do"]);
        if !opens || !ends_line || begins.first_on_line || self.declaration != Some(Token::Workflow) {
            return None;
        }
        let (end, otherwise) = self.end_of_block()?;
        let close = *self.lexemes.get(end)?;
        let (open, word) = (self.span(0), self.text(0));
        let mut fix = Fix::replace(open, "{").and(Edit { span: self.place(Some(close)), text: "}".to_owned() });
        if let Some(otherwise) = otherwise {
            fix = fix.and(Edit { span: self.span_on_any_line(otherwise), text: "} else {".to_owned() });
        }
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, open)
            .message(format!("expected `{{`, found `{word}`"))
            .hint("what is done stands between braces: `{ … }`")
            .fix(fix.titled("put it between braces"));
        self.slip(0, diagnostic);
        let mut lexemes = vec![Lexeme { token: Token::BraceOpen, ..begins }];
        for (index, lexeme) in self.lexemes.iter().enumerate().take(end).skip(1) {
            let put_in = |token, place| Lexeme { token, start: place, end: place, first_on_line: false };
            let parts = otherwise.is_some_and(|otherwise| otherwise == index);
            lexemes.extend(parts.then(|| put_in(Token::BraceClose, lexeme.start)));
            lexemes.push(*lexeme);
            lexemes.extend(parts.then(|| put_in(Token::BraceOpen, lexeme.end)));
        }
        lexemes.push(Lexeme { token: Token::BraceClose, ..close });
        let read = layer::clean(self.reader, self.declaration, &lexemes);
        self.cleaned.extend(read);
        Some(end + 1)
    }

    /// The `end` of a block that begins here, and the `else` that divides it.
    fn end_of_block(&self) -> Option<(usize, Option<usize>)> {
        let mut depth = 0_usize;
        let mut braces = 0_usize;
        let mut otherwise = None;
        for index in 1..LONGEST {
            let lexeme = self.lexemes.get(index)?;
            let next = self.lexemes.get(index + 1);
            let ends_line = next.is_none_or(|next| next.first_on_line || next.token == Token::BraceClose);
            let is_word = |word: &str| self.reader.slice(self.place(Some(*lexeme))) == word;
            match lexeme.token {
                Token::BraceOpen => braces += 1,
                Token::BraceClose => braces = braces.checked_sub(1)?,
                _ if braces > 0 || !ends_line => {}
                Token::Then => depth += 1,
                Token::Word if !lexeme.first_on_line && is_word("do") => depth += 1,
                Token::Word if lexeme.first_on_line && is_word("end") && depth == 0 => return Some((index, otherwise)),
                Token::Word if lexeme.first_on_line && is_word("end") => depth -= 1,
                Token::Else if lexeme.first_on_line && depth == 0 && otherwise.is_none() => otherwise = Some(index),
                _ => {}
            }
        }
        None
    }

    /// `if event.agreed {{ … }}`.
    pub(super) fn doubled_braces(&mut self) -> Option<usize> {
        let doubled = self.token(1) == Some(Token::BraceOpen) && self.adjacent(0) && self.begins_step(2);
        if !doubled || self.declaration != Some(Token::Workflow) {
            return None;
        }
        let close = self.closing(1)?;
        let (inner, outer) = (self.span_on_any_line(close), self.span_on_any_line(close + 1));
        if self.lexemes.get(close + 1)?.token != Token::BraceClose || inner.end != outer.start {
            return None;
        }
        let braces = self.span(0).to(self.span(1));
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, braces)
            .message("a block stands in one pair of braces")
            .fix(Fix::replace(braces, "{").and(Edit { span: inner.to(outer), text: "}".to_owned() }));
        self.slip(1, diagnostic);
        let read = self.cleaned_between(1, close + 1);
        self.cleaned.extend(read);
        Some(close + 2)
    }

    /// `60 percent "a" { … }`.
    pub(super) fn percent_in_words(&mut self) -> Option<usize> {
        let labelled = matches!(self.token(2)?, Token::String | Token::Word);
        if !labelled || !self.is_one_of(1, &["percent", "pct", "per cent"]) || self.declaration != Some(Token::Workflow)
        {
            return None;
        }
        let whole = self.span(0).to(self.span(1));
        let meant = format!("{}%", self.text(0));
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, whole)
            .message("a share is written with `%`")
            .hint(format!("write `{meant}`"))
            .fix(Fix::replace(whole, meant));
        self.slip(0, diagnostic);
        self.push(Token::Percent, 0, 0);
        Some(2)
    }

    /// `split 50/50 { … }`: what it does is left out, unless each way says its share once more.
    pub(super) fn shares_before_block(&mut self) -> Option<usize> {
        let from = 1 + usize::from(matches!(self.token(1)?, Token::String | Token::Word));
        let mut shares = Vec::new();
        let mut end = from;
        while matches!(self.token(end), Some(Token::Int | Token::Decimal | Token::Percent)) {
            shares.push(end);
            end += 1 + usize::from(matches!(self.token(end + 1), Some(Token::Slash | Token::Colon | Token::Comma)));
        }
        if shares.is_empty() || self.token(end)? != Token::BraceOpen {
            return None;
        }
        let close = self.closing(end)?;
        let name = if from == 2 { self.text(1) } else { "\"name\"" };
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(from).to(self.span(end - 1)))
            .message("no shares stand before the ways of a split")
            .hint(format!("each stands before its label: `split {name} {{ 50% \"a\" {{ … }} 50% \"b\" {{ … }} }}`"));
        let gone = Fix::replace(self.gap(from - 1, end), " ");
        if self.lexemes.get(end + 1)?.token == Token::Percent {
            let diagnostic = if from == 2 { diagnostic.fix(gone.titled("remove the shares")) } else { diagnostic };
            self.slip(from, diagnostic);
            (0..from).for_each(|index| self.keep(index));
            return Some(end);
        }
        let labels = self.labels(end + 1, close);
        let fix = (from == 2 && labels.len() == shares.len()).then(|| {
            let share = |(share, label): (&usize, Lexeme)| {
                let share = self.text(*share).trim_end_matches('%');
                Edit { span: self.reader.span(label.start, label.start), text: format!("{share}% ") }
            };
            let moved = shares.iter().zip(labels).map(share);
            moved.fold(gone, Fix::and).titled("put each share before its label")
        });
        self.slip(from, fix.into_iter().fold(diagnostic, Diagnostic::fix));
        // What nothing follows from stands in its place: without any step the workflow would be told of.
        self.push(Token::Wait, 0, 0);
        self.push(Token::Missing, from, from);
        Some(close + 1)
    }

    /// The texts between two braces that have blocks of their own.
    fn labels(&self, from: usize, to: usize) -> Vec<Lexeme> {
        let mut depth = 0_usize;
        let mut labels = Vec::new();
        for (lexeme, next) in
            (from..to).filter_map(|index| Some((self.lexemes.get(index)?, self.lexemes.get(index + 1)?)))
        {
            match lexeme.token {
                Token::BraceOpen => depth += 1,
                Token::BraceClose => depth = depth.saturating_sub(1),
                Token::String if depth == 0 && next.token == Token::BraceOpen => labels.push(*lexeme),
                _ => {}
            }
        }
        labels
    }
}
