//! What a formatter must never break, asserted each time before a text is handed out.

use std::fmt;

use super::leaves::is_word;
use super::{Formatted, Quotes, file};
use crate::catalogue::Code;
use crate::diagnostic::Diagnostic;
use crate::source::FileId;
use crate::syntax::token::{Lexeme, Token};
use crate::syntax::trivia::TriviaKind;
use crate::syntax::{self, Parsed, lexer};

/// The result of formatting does not say the same as the text: a mistake in the formatter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfaithful {
    /// Another word, sign or value would be there.
    Tokens,
    /// A comment would be lost, changed, or stand elsewhere.
    Comments,
    /// The text would mean something else.
    Meaning,
    /// Formatted once more, it would look different.
    FixedPoint,
}

impl fmt::Display for Unfaithful {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Unfaithful::Tokens => "would change a word or a sign",
            Unfaithful::Comments => "would move or lose a comment",
            Unfaithful::Meaning => "would change what the file means",
            Unfaithful::FixedPoint => "would not come to an end",
        };
        write!(out, "formatting {what}")
    }
}

impl std::error::Error for Unfaithful {}

/// What there was.
pub(super) struct Before<'a> {
    pub(super) file: FileId,
    /// As it was written.
    pub(super) text: &'a str,
    /// With plain line ends.
    pub(super) normal: &'a str,
    /// What `normal` says.
    pub(super) read: &'a Parsed,
}

/// Holds what was printed to the laws.
pub(super) fn check(before: &Before<'_>, printed: String, quotes: Quotes) -> Result<Formatted, Unfaithful> {
    let after = syntax::parse(before.file, &printed);
    tokens_and_comments(before.normal, &printed)?;
    let same = |read: &Parsed| {
        after.declarations == read.declarations && errors(&after.diagnostics).eq(errors(&read.diagnostics))
    };
    if !same(before.read) || (before.normal != before.text && !same(&syntax::parse(before.file, before.text))) {
        return Err(Unfaithful::Meaning);
    }
    if file::normal(&printed) != printed.as_str() || file::print(&printed, &after, quotes) != printed {
        return Err(Unfaithful::FixedPoint);
    }
    Ok(Formatted { text: printed, diagnostics: after.diagnostics })
}

fn errors(diagnostics: &[Diagnostic]) -> impl Iterator<Item = Code> {
    diagnostics.iter().filter(|found| found.is_error()).map(|found| found.code)
}

/// The same tokens in the same order, but for commas and quotes, and before each comment as many of them.
fn tokens_and_comments(before: &str, after: &str) -> Result<(), Unfaithful> {
    let (lexed, printed) = (lex(before), lex(after));
    let tokens = |lexed: &lexer::Lexed| -> Vec<Lexeme> {
        lexed.lexemes.iter().copied().filter(|lexeme| lexeme.token != Token::Comma).collect()
    };
    let (old, new) = (tokens(&lexed), tokens(&printed));
    if old.len() != new.len() || !old.iter().zip(&new).all(|(old, new)| said(*old, before) == said(*new, after)) {
        return Err(Unfaithful::Tokens);
    }
    // A comment before a colon stands behind it then: the two belong together as a name and its comma do.
    let without_colons = |tokens: Vec<Lexeme>| -> Vec<Lexeme> {
        tokens.into_iter().filter(|lexeme| lexeme.token != Token::Colon).collect()
    };
    let (old, new) = (without_colons(old), without_colons(new));
    let old = comments(&lexed, &old, before);
    if !old.eq(comments(&printed, &new, after)) {
        return Err(Unfaithful::Comments);
    }
    Ok(())
}

fn lex(text: &str) -> lexer::Lexed {
    lexer::lex(FileId::new(0), text, 0)
}

/// What a token says, however it is spelled. What is in a text block is compared when it is read.
fn said(lexeme: Lexeme, text: &str) -> (Option<Token>, &str) {
    let slice = text.get(lexeme.start as usize..lexeme.end as usize).unwrap_or("");
    if lexeme.token == Token::Block {
        return (Some(Token::Block), "");
    }
    let bare = slice.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).filter(|inner| is_word(inner));
    // A word in quotes is no reserved one.
    // A text block that is not closed has the line ends behind it, too.
    (None, bare.unwrap_or(slice.trim_end()))
}

/// The comments, each with the number of tokens before it.
fn comments<'a>(
    lexed: &'a lexer::Lexed,
    tokens: &'a [Lexeme],
    text: &'a str,
) -> impl Iterator<Item = (usize, &'a str)> {
    let comments = lexed.trivia.iter().filter(|trivia| trivia.kind != TriviaKind::BlankLines);
    comments.map(move |comment| {
        let before = tokens.partition_point(|lexeme| lexeme.start < comment.span.start);
        (before, text.get(comment.span.range()).unwrap_or("").trim_end())
    })
}
