//! What to say where the parser stumbled.
//!
//! The parser knows which tokens could have come. Said in its own words that would be a list of thirty; here it becomes
//! "a step" or "a value", and what people most often mean by what they wrote becomes a hint.

mod habits;
mod headers;
mod lines;
mod slips;
mod steps;

use lalrpop_util::ParseError;

use super::expected::{self, Expected};
use super::foreign;
use super::reader::{Mistake, Reader};
use super::token::{Lexeme, Token};
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::Span;
use crate::suggest;

/// The tokens around a mistake.
struct Scene<'a, 'text> {
    reader: &'a Reader<'text>,
    tokens: &'a [Lexeme],
    /// The token that was not expected; none at the end.
    index: Option<usize>,
    expected: Expected,
}

/// Explains a mistake within `tokens`.
pub(crate) fn explain(reader: &Reader<'_>, tokens: &[Lexeme], mistake: &Mistake) -> Diagnostic {
    let (place, names) = match mistake {
        ParseError::UnrecognizedToken { token: (start, token, _), expected } => {
            (Some((*start, *token)), expected.as_slice())
        }
        ParseError::ExtraToken { token: (start, token, _) } => (Some((*start, *token)), &[] as &[String]),
        ParseError::UnrecognizedEof { expected, .. } => (None, expected.as_slice()),
        ParseError::InvalidToken { .. } => (None, &[] as &[String]),
        ParseError::User { error } => match *error {},
    };
    let index = place.and_then(|(start, token)| {
        let first = tokens.partition_point(|lexeme| lexeme.start < start);
        (first..tokens.len()).take(4).find(|&at| tokens.get(at).is_some_and(|lexeme| lexeme.token == token))
    });
    let scene = Scene { reader, tokens, index, expected: Expected::new(names) };
    scene.known_slip().unwrap_or_else(|| scene.plain())
}

impl Scene<'_, '_> {
    fn at(&self, offset: isize) -> Option<Lexeme> {
        let index = self.index.unwrap_or(self.tokens.len());
        self.tokens.get(index.checked_add_signed(offset)?).copied()
    }

    fn token(&self, offset: isize) -> Option<Token> {
        self.at(offset).map(|lexeme| lexeme.token)
    }

    fn span(&self, offset: isize) -> Span {
        self.at(offset).map_or(self.reader.span(0, 0), |lexeme| self.reader.span(lexeme.start, lexeme.end))
    }

    fn text(&self, offset: isize) -> &str {
        self.reader.slice(self.span(offset))
    }

    /// Whether the token stands on the line of the one before it.
    fn same_line(&self) -> bool {
        self.at(0).is_some_and(|lexeme| !lexeme.first_on_line)
    }

    fn declaration(&self) -> Option<Token> {
        self.tokens.get(1).map(|lexeme| lexeme.token)
    }

    /// A report with the usual words at the token.
    fn wrong(&self, hint: impl Into<String>) -> Diagnostic {
        let mut diagnostic = self.plain().hint(hint);
        diagnostic.fixes.clear();
        diagnostic
    }

    /// What could have come, and what came.
    fn plain(&self) -> Diagnostic {
        let mut expected = self.expected.words(self.same_line());
        let condition = match self.token(-1) {
            Some(Token::If | Token::Where) => true,
            Some(Token::BraceOpen) => self.declaration() == Some(Token::Segment),
            _ => false,
        };
        if condition && self.expected.value() {
            expected = Some("a condition".to_owned());
        }
        // What is missing at the end of a line is reported there, not at the line after it.
        let before = self.at(-1).filter(|_| !self.same_line() && !self.expected.can_end());
        if let (Some(_), Some(expected)) = (before, &expected) {
            let word = shortened(self.text(-1));
            return Diagnostic::new(Code::UnexpectedToken, self.span(-1))
                .message(format!("expected {expected} behind `{word}`"));
        }
        let found = match self.token(0) {
            Some(_) if self.span(0).is_empty() => "the end".to_owned(),
            Some(Token::Key | Token::StringKey) => format!("`{}:`", shortened(self.text(0))),
            Some(_) => format!("`{}`", shortened(self.text(0))),
            None => "the end".to_owned(),
        };
        let place = if self.index.is_some() { self.span(0) } else { self.span(-1).after() };
        let message = match &expected {
            Some(expected) => format!("expected {expected}, found {found}"),
            None => format!("{found} is not expected here"),
        };
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, place).message(message);
        let diagnostic = diagnostic.maybe_hint(self.foreign_hint());
        let diagnostic = match self.token(0) {
            // Words at the beginning of lines were looked at before parsing.
            Some(Token::Word) if diagnostic.hint.is_none() && self.same_line() => {
                let near = suggest::nearest(self.text(0), self.expected.keywords());
                match near {
                    Some(near) => diagnostic.hint(format!("write `{near}`")).fix(Fix::replace(place, near)),
                    None => diagnostic,
                }
            }
            _ => diagnostic,
        };
        match self.expected.forgotten() {
            Some(word) if self.index.is_some() && !place.is_empty() => self.forgotten(diagnostic, word),
            _ => diagnostic,
        }
    }

    /// Where only one word or sign can come, it was forgotten, or another one stands in its place.
    fn forgotten(&self, diagnostic: Diagnostic, word: &str) -> Diagnostic {
        let (place, found) = (self.span(0), self.token(0));
        if self.text(1) == word && self.same_line() {
            let gap = Span::new(place.file, place.start, self.span(1).start);
            return diagnostic.fix(Fix::delete(gap));
        }
        match found {
            Some(Token::Failure | Token::Timeout) => diagnostic.fix(Fix::replace(place, word)),
            Some(token) if !may_begin(token) => diagnostic,
            _ => diagnostic.fix(Fix::insert_before(place, format!("{word} "))),
        }
    }

    /// What other languages begin steps with.
    fn foreign_hint(&self) -> Option<&'static str> {
        self.token(0).filter(|_| self.expected.step()).and_then(|token| foreign::step(token, self.text(0)))
    }
}

/// Whether what a word or a sign stands before can begin with this token.
const fn may_begin(token: Token) -> bool {
    !matches!(
        token,
        Token::Dot
            | Token::Comma
            | Token::Colon
            | Token::Key
            | Token::Pipe
            | Token::Question
            | Token::BraceOpen
            | Token::BraceClose
            | Token::BracketClose
            | Token::ParenClose
            | Token::Stray
    )
}

/// The author's text, cut where it would be too long for a message, without line ends.
pub(crate) fn shortened(text: &str) -> String {
    const LENGTH: usize = 40;
    let line = text.lines().next().unwrap_or("").trim_end();
    if line.chars().count() <= LENGTH && line.len() == text.trim_end().len() {
        return line.to_owned();
    }
    let mut short: String = line.chars().take(LENGTH).collect();
    short.push('…');
    short
}

/// `a, b or c`.
pub(crate) fn alternatives(words: impl IntoIterator<Item = String>) -> String {
    expected::alternatives(&words.into_iter().collect::<Vec<_>>())
}
