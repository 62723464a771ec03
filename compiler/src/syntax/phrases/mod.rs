//! Slips that take several tokens, read as what was meant before anything is parsed.
//!
//! `wait 5 min`, `call score()`, `plan: gold | silver`: each is reported once, and the tokens that were meant stand in its
//! place, so that nothing that depends on them is reported as well.

mod branch;
mod head;
mod settings;
mod steps;
mod types;
mod values;

use super::reader::Reader;
use super::token::{Lexeme, Token};
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// Reads a slip that begins with the first of these lexemes into `cleaned`; gives how many lexemes it takes, 0 if there
/// is none.
pub(crate) fn read(reader: &mut Reader<'_>, lexemes: &[Lexeme], cleaned: &mut Vec<Lexeme>) -> usize {
    let Some(first) = lexemes.first() else { return 0 };
    let mut phrase = Phrase { before: cleaned.last().map(|lexeme| lexeme.token), reader, lexemes, cleaned };
    match first.token {
        Token::Int => phrase.units().or_else(|| phrase.unit()).or_else(|| phrase.case()),
        Token::Duration => phrase.units(),
        Token::Decimal => phrase.date().or_else(|| phrase.case()),
        Token::Arrow => phrase.at_least().or_else(|| phrase.arrow()),
        Token::Workflow | Token::Webhook | Token::Channel | Token::Test => phrase.line_in_head(),
        Token::String | Token::True | Token::False | Token::Null | Token::Star | Token::Else => phrase.case(),
        Token::Set => phrase.fields_at_once(),
        Token::Less => phrase.unequal(),
        Token::On => phrase.outcome().or_else(|| phrase.kind()),
        Token::In => phrase.kind().or_else(|| phrase.list_of_values()),
        Token::Segment => phrase.segment(),
        Token::Contact => phrase.bare_field(),
        Token::Until => phrase.day(),
        Token::Unknown => phrase.comparison(),
        Token::Later => phrase.within(),
        Token::Send => phrase.in_brackets().or_else(|| phrase.kind()).or_else(|| phrase.channel()),
        Token::Auth => phrase.kind().or_else(|| phrase.secret_as_connector()),
        Token::Call => phrase.in_brackets().or_else(|| phrase.kind()).or_else(|| phrase.brackets(2)),
        Token::For | Token::Emit | Token::Receive => phrase.kind(),
        Token::Minus => phrase.dash(),
        Token::File => phrase.file(),
        Token::Word if phrase.is_quiet() => None,
        Token::Word => phrase
            .secret()
            .or_else(|| phrase.case())
            .or_else(|| phrase.else_if())
            .or_else(|| phrase.catch())
            .or_else(|| phrase.needless_word())
            .or_else(|| phrase.fields_at_once())
            .or_else(|| phrase.method())
            .or_else(|| phrase.list())
            .or_else(|| phrase.map())
            .or_else(|| phrase.list_behind())
            .or_else(|| phrase.members())
            .or_else(|| phrase.optional()),
        Token::Assign => phrase.setting().or_else(|| phrase.comparison()),
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
        self.place(self.at(index))
    }

    /// As [`Phrase::span`], whatever line the token stands on.
    fn span_on_any_line(&self, index: usize) -> Span {
        self.place(self.lexemes.get(index).copied())
    }

    fn place(&self, lexeme: Option<Lexeme>) -> Span {
        lexeme.map_or(self.reader.span(0, 0), |lexeme| self.reader.span(lexeme.start, lexeme.end))
    }

    fn text(&self, index: usize) -> &str {
        self.reader.slice(self.span(index))
    }

    /// Whether a word stands in the midst of a line and nothing follows that one of its slips goes on with: most words do.
    fn is_quiet(&self) -> bool {
        let begins = self.at(0).is_some_and(|word| word.first_on_line)
            || matches!(self.before, Some(Token::BraceOpen | Token::BraceClose | Token::Comma));
        let goes_on = matches!(
            self.token(1),
            Some(Token::ParenOpen | Token::BracketOpen | Token::BraceOpen | Token::Less)
                | Some(Token::Question | Token::Colon | Token::Contact)
        );
        !begins && !goes_on
    }

    /// Whether the text at `index` is one of these words, in letters of any case.
    fn is_one_of(&self, index: usize, words: &[&str]) -> bool {
        let text = self.text(index);
        words.iter().any(|word| text.eq_ignore_ascii_case(word))
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

    /// The blanks before the line of the first token.
    fn indentation(&self) -> String {
        let start = self.at(0).map_or(0, |lexeme| lexeme.start);
        let line = self.reader.slice(self.reader.span(self.reader.line_start(start), start));
        line.chars().take_while(|letter| letter.is_whitespace()).collect()
    }

    /// The text from one token to before another.
    fn up_to(&self, from: usize, to: usize) -> Span {
        let (from, to) = (self.span(from), self.span(to));
        Span::new(from.file, from.start, to.start)
    }
}
