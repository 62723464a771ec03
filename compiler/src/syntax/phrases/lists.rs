//! What other languages ask of lists: `any event.items.qty > 3`, `event.tags.some(tag => …)`, `in "a", "b"`.

use super::{LONGEST, Phrase};
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::syntax::token::{Lexeme, Token};

const HINT: &str = "whether a list holds a value is asked with `\"x\" in event.tags`; more than that of a list is for the sender of the event to say, in a parameter of its own";

impl Phrase<'_, '_> {
    /// `any event.items.qty > 3`: the comparison is left out.
    pub(super) fn quantifier(&mut self) -> Option<usize> {
        let condition = match self.before? {
            Token::If | Token::Where | Token::And | Token::Or | Token::Not | Token::ParenOpen => true,
            Token::BraceOpen => self.cleaned.iter().rev().nth(2).is_some_and(|word| word.token == Token::Segment),
            _ => false,
        };
        let of_list = matches!(self.token(1)?, Token::Event | Token::Contact | Token::Word);
        if !condition
            || !of_list
            || !self.is_one_of(0, &["any", "all", "some", "every", "none", "each", "count", "len", "length"])
        {
            return None;
        }
        let mut depth = 0usize;
        let mut end = 1;
        while end < LONGEST
            && let Some(token) = self.token(end)
        {
            match token {
                Token::ParenOpen | Token::BracketOpen => depth += 1,
                Token::ParenClose | Token::BracketClose if depth == 0 => break,
                Token::ParenClose | Token::BracketClose => depth -= 1,
                Token::BraceOpen | Token::BraceClose => break,
                Token::And | Token::Or if depth == 0 => break,
                _ => {}
            }
            end += 1;
        }
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(0))
            .message(format!(
                "a condition says nothing of the elements of a list, and `{}` means nothing here",
                self.text(0)
            ))
            .hint(HINT);
        self.slip(0, diagnostic);
        self.push(Token::Missing, 0, end - 1);
        Some(end)
    }

    /// `event.tags.some(tag => tag == "x")`: the whole is left out.
    pub(super) fn handed_function(&mut self) -> Option<usize> {
        let [_, Some(Token::Word), Some(Token::ParenOpen)] = self.tokens() else { return None };
        let mut depth = 1usize;
        let mut arrow = false;
        let mut end = 3;
        while depth > 0 {
            match self.token(end).filter(|_| end < LONGEST)? {
                Token::ParenOpen => depth += 1,
                Token::ParenClose => depth -= 1,
                Token::Arrow => arrow = true,
                Token::BraceOpen if !arrow => return None,
                _ => {}
            }
            end += 1;
        }
        if !arrow {
            return None;
        }
        let path = |lexeme: &&Lexeme| lexeme.token.is_word() || matches!(lexeme.token, Token::Dot);
        let keyword = |token| matches!(token, Token::If | Token::Where | Token::And | Token::Or | Token::Not);
        let length = self.cleaned.iter().rev().take_while(|lexeme| path(lexeme) && !keyword(lexeme.token)).count();
        let from = self.cleaned.len() - length;
        let start = self.cleaned.get(from)?.start;
        let diagnostic = Diagnostic::new(Code::UnknownFunction, self.span(1))
            .message(format!("there is no function `{}`", self.text(1)))
            .hint(HINT);
        self.slip(1, diagnostic);
        self.cleaned.truncate(from);
        let last = self.span(end - 1).end;
        self.cleaned.push(Lexeme { token: Token::Missing, start, end: last, first_on_line: false });
        Some(end)
    }

    /// `in "pro", "free"`.
    pub(super) fn values_without_brackets(&mut self) -> Option<usize> {
        let value =
            |token: Option<Token>| matches!(token, Some(Token::String | Token::Int | Token::Decimal | Token::Date));
        if !value(self.token(1)) || self.token(2)? != Token::Comma || !self.in_condition() {
            return None;
        }
        let mut end = 2;
        while end < LONGEST
            && value(self.token(end - 1))
            && self.token(end) == Some(Token::Comma)
            && value(self.token(end + 1))
        {
            end += 2;
        }
        let closed = matches!(self.token(end), Some(Token::BraceOpen | Token::And | Token::Or | Token::ParenClose));
        if end == 2 || !closed {
            return None;
        }
        let (first, last) = (self.span(1), self.span(end - 1));
        let close = Edit { span: last.after(), text: "]".to_owned() };
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, first.to(last))
            .message("expected a list")
            .hint(format!("a list stands in square brackets: `[{}]`", self.reader.slice(first.to(last))))
            .fix(Fix::insert_before(first, "[").and(close).titled("write `[…]`"));
        self.slip(1, diagnostic);
        self.keep(0);
        self.push(Token::BracketOpen, 1, 1);
        for index in 1..end {
            self.keep(index);
        }
        self.push(Token::BracketClose, end - 1, end - 1);
        Some(end)
    }

    /// Whether this belongs to the condition of a step, and to no list in it.
    fn in_condition(&self) -> bool {
        let mut before = self.cleaned.iter().rev().take(LONGEST).map(|lexeme| lexeme.token);
        let near = before.find(|token| {
            matches!(token, Token::If | Token::Where | Token::BracketOpen | Token::ParenOpen | Token::BraceOpen)
                || matches!(token, Token::Pipe | Token::Comma)
        });
        matches!(near, Some(Token::If | Token::Where))
    }
}
