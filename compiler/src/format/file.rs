//! A file: its declarations, what stands between them, and what cannot be read.

use std::borrow::Cow;
use std::ops::Range;

use super::Quotes;
use super::layout::Printer;
use super::leaves::{Leaf, Leaves};
use super::outline::{self, Item};
use crate::diagnostic::Diagnostic;
use crate::source::FileId;
use crate::syntax::ast::DeclarationKind;
use crate::syntax::token::{Lexeme, Token};
use crate::syntax::{Parsed, lexer};

/// A text without byte order mark, whose lines end in `\n`.
pub(super) fn normal(text: &str) -> Cow<'_, str> {
    let text = text.trim_start_matches('\u{feff}');
    if !text.contains("\r\n") {
        return Cow::Borrowed(text);
    }
    let mut normal = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match line.strip_suffix('\n') {
            Some(content) => normal.extend([content.trim_end_matches('\r'), "\n"]),
            None => normal.push_str(line),
        }
    }
    Cow::Owned(normal)
}

/// A stretch of a file.
enum Part {
    /// A declaration that was read, by its tokens.
    Declaration(Range<usize>),
    /// What is copied, by its place.
    Copied(Range<usize>),
}

/// Divides a file. Together the parts hold every token.
fn parts(text: &str, read: &Parsed, lexemes: &[Lexeme]) -> Vec<Part> {
    let mut parts = Vec::new();
    let errors: Vec<u32> = {
        let errors = read.diagnostics.iter().filter(|found| Diagnostic::is_error(found));
        errors.map(|error| error.span.start).collect()
    };
    let mut next = 0;
    for declaration in &read.declarations {
        let span = declaration.span;
        let first = lexemes.partition_point(|lexeme| lexeme.start < span.start).max(next);
        let end = lexemes.partition_point(|lexeme| lexeme.end <= span.end).max(first);
        stray(text, lexemes, next..first, &mut parts);
        next = end;
        let within = lexemes.get(first..end).unwrap_or(&[]);
        let error = errors.get(errors.partition_point(|&error| error < span.start)).is_some_and(|&at| at <= span.end);
        let whole = !error
            && !matches!(declaration.node.kind, DeclarationKind::Broken(_))
            && within.iter().all(|lexeme| is_of_the_language(lexeme.token));
        if whole && !within.is_empty() {
            parts.push(Part::Declaration(first..end));
        } else {
            copied(text, within, &mut parts);
        }
    }
    stray(text, lexemes, next..lexemes.len(), &mut parts);
    parts
}

/// Tokens between declarations. On the line of the one before them they are copied with it.
fn stray(text: &str, lexemes: &[Lexeme], range: Range<usize>, parts: &mut Vec<Part>) {
    let strays = lexemes.get(range).unwrap_or(&[]);
    let (Some(first), Some(last)) = (strays.first(), strays.last()) else { return };
    if first.first_on_line {
        return copied(text, strays, parts);
    }
    match parts.last_mut() {
        Some(Part::Copied(place)) => place.end = last.end as usize,
        Some(part @ Part::Declaration(_)) => {
            let Part::Declaration(before) = part else { return };
            let start = lexemes.get(before.start).map_or(0, |lexeme| lexeme.start as usize);
            *part = Part::Copied(start..last.end as usize);
        }
        None => copied(text, strays, parts),
    }
}

fn copied(text: &str, lexemes: &[Lexeme], parts: &mut Vec<Part>) {
    let (Some(first), Some(last)) = (lexemes.first(), lexemes.last()) else { return };
    let start = first.start as usize;
    let before = text.get(..start).unwrap_or("");
    let blanks = before.len() - before.trim_end_matches([' ', '\t']).len();
    // The indentation of the first line is a part of it.
    let start = if first.first_on_line { start - blanks } else { start };
    parts.push(Part::Copied(start..last.end as usize));
}

/// Whether a token is one that a program may have.
fn is_of_the_language(token: Token) -> bool {
    !matches!(
        token,
        Token::Hash
            | Token::SlashStar
            | Token::UnclosedString
            | Token::UnclosedBlock
            | Token::BadNumber
            | Token::Semicolon
            | Token::AndSign
            | Token::OrSign
            | Token::NotSign
            | Token::Identical
            | Token::NotIdentical
            | Token::Arrow
            | Token::ForeignString
            | Token::ForeignWord
            | Token::Unknown
    )
}

/// A part, ready to be printed.
enum Ready<'text> {
    Declaration(Vec<Leaf<'text>>, Item),
    Copied(Range<usize>, Range<usize>),
}

impl Ready<'_> {
    /// Whether it has one line: several of these may stand together.
    fn is_line(&self) -> bool {
        match self {
            Ready::Declaration(_, item) => !item.broken,
            Ready::Copied(..) => false,
        }
    }
}

/// Prints what was read of a text, which is normal.
pub(super) fn print(text: &str, read: &Parsed, quotes: Quotes) -> String {
    let lexed = lexer::lex(FileId::new(0), text, 0);
    let mut leaves = Leaves::new(text, &read.marks, &read.trivia, quotes);
    let mut printer = Printer::new(text, &read.trivia);
    let mut line_before = None;
    // A text that is not closed holds the line ends behind it: one more would be one of its own.
    let mut ends_line = false;
    for part in parts(text, read, &lexed.lexemes) {
        let ready = match part {
            Part::Declaration(range) => {
                let mut leaves = leaves.read(lexed.lexemes.get(range).unwrap_or(&[]));
                let item = outline::outline(&mut leaves);
                Ready::Declaration(leaves, item)
            }
            Part::Copied(place) => {
                let before = leaves.trivia_before(place.start as u32);
                leaves.trivia_before(place.end as u32);
                Ready::Copied(place, before)
            }
        };
        let is_line = ready.is_line();
        let blank = line_before.is_some_and(|before: bool| !before || !is_line) && !ends_line;
        let first = line_before.is_none();
        ends_line = false;
        match ready {
            Ready::Declaration(leaves, item) => {
                if let Some(leaf) = leaves.first() {
                    printer.gap(&leaf.trivia, 0, first, blank);
                }
                printer.item(&leaves, &item, 0, 0);
            }
            Ready::Copied(place, before) => {
                printer.gap(&before, 0, first, blank);
                let copied = text.get(place).unwrap_or("");
                ends_line = copied.ends_with('\n');
                printer.verbatim(copied.strip_suffix('\n').unwrap_or(copied));
            }
        }
        line_before = Some(is_line);
    }
    let rest = leaves.trivia_before(u32::MAX);
    printer.comments_between(&rest, 0, line_before.is_none(), false);
    let mut out = printer.out;
    if !out.is_empty() {
        out.push('\n');
    }
    out
}
