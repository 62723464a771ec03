//! The tokens of a declaration as they are printed, with what stands between them.

use std::borrow::Cow;
use std::ops::Range;

use super::Quotes;
use crate::syntax::marks::{Mark, MarkKind};
use crate::syntax::token::{Lexeme, Token};
use crate::syntax::trivia::{Trivia, TriviaKind};
use crate::vocabulary;

/// A token, ready to be printed.
#[derive(Debug)]
pub(super) struct Leaf<'text> {
    /// What it is; a word before a colon is a [`Token::Key`] and has the colon in it.
    pub(super) token: Token,
    /// What is printed, a key's without its colon.
    pub(super) text: Cow<'text, str>,
    /// The trivia between it and the leaf before it.
    pub(super) trivia: Range<usize>,
    /// A comment is among that trivia.
    pub(super) comment: bool,
    /// A line ends between it and the leaf before it.
    pub(super) line_before: bool,
    /// It begins an item of a block.
    pub(super) begins: Option<MarkKind>,
    /// A bracket that no blank separates from what it belongs to.
    pub(super) close: bool,
    /// A minus before a value, not between two.
    pub(super) unary: bool,
    /// The width of what is printed, in characters; of a text block that of its opening quotes.
    pub(super) width: usize,
}

/// How wide a text is.
pub(super) fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}

/// Makes the leaves of one declaration after the other.
pub(super) struct Leaves<'text> {
    text: &'text str,
    marks: std::iter::Peekable<std::slice::Iter<'text, Mark>>,
    trivia: &'text [Trivia],
    /// The first trivia that no leaf has.
    next_trivia: usize,
    quotes: Quotes,
}

impl<'text> Leaves<'text> {
    pub(super) fn new(text: &'text str, marks: &'text [Mark], trivia: &'text [Trivia], quotes: Quotes) -> Self {
        Leaves { text, marks: marks.iter().peekable(), trivia, next_trivia: 0, quotes }
    }

    /// All trivia up to an offset that no leaf has taken.
    pub(super) fn trivia_before(&mut self, offset: u32) -> Range<usize> {
        let first = self.next_trivia;
        while self.trivia.get(self.next_trivia).is_some_and(|trivia| trivia.span.start < offset) {
            self.next_trivia += 1;
        }
        first..self.next_trivia
    }

    fn slice(&self, lexeme: Lexeme) -> &'text str {
        self.text.get(lexeme.start as usize..lexeme.end as usize).unwrap_or("")
    }

    /// The marks of the token at an offset: what it begins, whether it is a name, whether it stands close.
    fn marks(&mut self, offset: u32) -> (Option<MarkKind>, bool, bool) {
        let (mut begins, mut name, mut close) = (None, false, false);
        while let Some(mark) = self.marks.next_if(|mark| mark.offset <= offset) {
            if mark.offset == offset {
                match mark.kind {
                    MarkKind::Header | MarkKind::Step | MarkKind::Piece => begins = Some(mark.kind),
                    MarkKind::Name => name = true,
                    MarkKind::Close => close = true,
                }
            }
        }
        (begins, name, close)
    }

    /// The leaves of these tokens, which are one declaration's. The first one's trivia is left to the caller.
    pub(super) fn read(&mut self, lexemes: &[Lexeme]) -> Vec<Leaf<'text>> {
        let mut leaves: Vec<Leaf<'text>> = Vec::with_capacity(lexemes.len());
        let mut index = 0;
        while let Some(&lexeme) = lexemes.get(index) {
            index += 1;
            let keyed = lexemes.get(index).is_some_and(|next| next.token == Token::Colon);
            index += usize::from(keyed);
            let (begins, name, close) = self.marks(lexeme.start);
            let trivia = self.trivia_before(lexeme.start);
            let before = leaves.last();
            let slice = self.slice(lexeme);
            let (token, text) = self.spelled(lexeme.token, slice, keyed, name, before, leaves.len());
            let unary = token == Token::Minus && !before.is_some_and(|leaf| ends_value(leaf.token));
            let comments = self.trivia.get(trivia.clone()).unwrap_or(&[]);
            let width = match token {
                Token::Block => 3,
                Token::Key | Token::StringKey => width(&text) + 1,
                _ => width(&text),
            };
            leaves.push(Leaf {
                token,
                comment: comments.iter().any(|trivia| trivia.kind != TriviaKind::BlankLines),
                text,
                trivia,
                line_before: lexeme.first_on_line,
                begins,
                close,
                unary,
                width,
            });
        }
        leaves
    }

    /// What a token is, seen with its neighbours, and how it is spelled.
    fn spelled(
        &self,
        token: Token,
        slice: &'text str,
        keyed: bool,
        name: bool,
        before: Option<&Leaf<'_>>,
        index: usize,
    ) -> (Token, Cow<'text, str>) {
        let bare = slice.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).filter(|inner| is_word(inner));
        let bare = bare.filter(|_| self.quotes == Quotes::Needed);
        if keyed {
            return match (token, bare) {
                (Token::String, Some(bare)) => (Token::Key, Cow::Borrowed(bare)),
                (Token::String, None) => (Token::StringKey, Cow::Borrowed(slice)),
                _ => (Token::Key, Cow::Borrowed(slice)),
            };
        }
        let before = before.map(|leaf| leaf.token);
        if token.is_word() && before == Some(Token::Dot) {
            return (Token::Word, Cow::Borrowed(slice));
        }
        // What people read in reports is a text, and what is referred to a word where it can be.
        let title = matches!(before, Some(Token::Split | Token::Percent | Token::Rest))
            || (index == 1 && before == Some(Token::Test));
        match (token, bare) {
            (Token::Word, _) if title && self.quotes == Quotes::Needed => {
                (Token::String, Cow::Owned(format!("\"{slice}\"")))
            }
            (Token::String, Some(bare)) if name && !title && vocabulary::reserved(bare).is_none() => {
                (Token::Word, Cow::Borrowed(bare))
            }
            _ => (token, Cow::Borrowed(slice)),
        }
    }
}

/// Whether a text can be a name without quotes, if it is not reserved.
pub(super) fn is_word(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether a value may end with this token, so that a minus behind it is between two.
fn ends_value(token: Token) -> bool {
    matches!(
        token,
        Token::Word
            | Token::String
            | Token::Block
            | Token::Int
            | Token::Decimal
            | Token::Percent
            | Token::Duration
            | Token::Date
            | Token::DateTime
            | Token::Time
            | Token::BraceClose
            | Token::BracketClose
            | Token::ParenClose
            | Token::Question
            | Token::True
            | Token::False
            | Token::Null
            | Token::Set
            | Token::Event
            | Token::Contact
            | Token::Message
    )
}

/// Whether a blank stands between two leaves of one line that are not an opening bracket and what is in it.
pub(super) fn blank_between(before: &Leaf<'_>, leaf: &Leaf<'_>) -> bool {
    match leaf.token {
        Token::Comma | Token::Dot => false,
        // Two of them would be another sign.
        Token::Question => before.token == Token::Question,
        Token::BracketOpen | Token::ParenOpen if leaf.close => false,
        _ => before.token != Token::Dot && !before.unary,
    }
}
