//! Reads one `.wf` file: text in, tree and diagnostics out.
//!
//! Reading never fails. It knows nothing of other files, of names or of types: what can be said from the text of one
//! file alone is said here, the rest is the checks' business.
//!
//! ```text
//! text ─ lexer ─ layer ─ items ─ repair ─ grammar ─▶ tree
//!          │   field names,  one declaration   words at the     │
//!          │   lexical slips at a time, braces  line's start    actions
//!          └─▶ trivia
//! ```

mod actions;
pub mod ast;
pub(crate) mod conflict;
mod expected;
mod explain;
mod foreign;
mod grammar;
mod items;
mod layer;
mod letters;
pub(crate) mod lexer;
pub(crate) mod marks;
mod phrases;
mod reader;
mod repair;
pub mod text_block;
pub(crate) mod token;
pub mod trivia;

use crate::catalogue::Code;
use crate::diagnostic::{self, Diagnostic, Fix};
use crate::source::{FileId, Span};
use ast::{Declaration, DeclarationKind, DeclarationNode};
use items::Item;
use marks::Mark;
use reader::Reader;
use trivia::Trivia;

/// How deep braces, brackets and expressions may nest. Deeper ones are refused: a walk over the tree is recursive.
pub const MAX_DEPTH: usize = 128;

/// How long a file may be, in bytes. Longer ones are refused without being read.
pub const MAX_FILE_SIZE: usize = 4 * 1024 * 1024;

/// What reading a file comes to.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The declarations in the order written; broken ones are among them.
    pub declarations: Vec<Declaration>,
    /// What is wrong, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
    /// Comments and blank lines in the order of the file.
    pub trivia: Vec<Trivia>,
    /// Where lines begin, for the formatter, by their place.
    pub(crate) marks: Vec<Mark>,
}

/// Reads a file.
///
/// It never fails and never panics, whatever the text; the time is proportional to the text's length.
#[must_use]
pub fn parse(file: FileId, text: &str) -> Parsed {
    if text.len() > MAX_FILE_SIZE {
        let megabytes = MAX_FILE_SIZE / (1024 * 1024);
        let diagnostic = Diagnostic::new(Code::FileTooLarge, Span::at(file, 0))
            .hint(format!("a file has at most {megabytes} MiB; divide it, all `.wf` files are one program"));
        return Parsed {
            declarations: Vec::new(),
            diagnostics: vec![diagnostic],
            trivia: Vec::new(),
            marks: Vec::new(),
        };
    }
    let conflicts = conflict::find(text);
    let text = &*conflicts.first_sides(text);
    let lexed = lexer::lex(file, text, 0);
    let mut reader = Reader::new(file, text, &lexed.trivia);
    conflicts.findings(file).for_each(|finding| reader.report(finding));
    comments(&mut reader, &lexed);
    let tokens = layer::clean(&mut reader, None, &lexed.lexemes);
    let mut declarations = Vec::new();
    let mut end = 0;
    for item in items::split(&mut reader, tokens) {
        let declaration = declaration(&mut reader, item, end);
        end = declaration.span.end;
        declarations.push(declaration);
    }
    hidden_characters(&mut reader);
    let (mut diagnostics, marks) = reader.finish();
    diagnostic::sort(&mut diagnostics);
    Parsed { declarations, diagnostics, trivia: lexed.trivia, marks }
}

/// Reads one declaration; the one before it ends at `after`.
fn declaration(reader: &mut Reader<'_>, item: Item, after: u32) -> Declaration {
    match item {
        Item::Declaration { mut tokens, certain, left_out } => {
            let lost = repair::is_lost(reader, &tokens);
            if !lost {
                repair::repair(reader, &mut tokens, certain);
            }
            let start = tokens.first().map_or(after, |lexeme| lexeme.start);
            let end = tokens.last().map_or(start, |lexeme| lexeme.end);
            let span = reader.span(start, end);
            let docs = reader.description_between(after, start);
            let name = tokens.get(2).copied().filter(|lexeme| lexeme.token == token::Token::Word);
            let read = if lost { None } else { reader.declaration(tokens, certain) };
            let kind = read
                .unwrap_or_else(|| DeclarationKind::Broken(name.map(|lexeme| reader.word(lexeme.start, lexeme.end))));
            if let Some(brace) = left_out
                && !reader.has_error(start, brace.start)
            {
                reader.report(Diagnostic::new(Code::UnmatchedBrace, brace).message("this `}` closes too early"));
            }
            if reader.has_error(start, end) {
                reader.forgive_descriptions(span);
            }
            span.with(DeclarationNode { docs, kind })
        }
        Item::Broken { span, name } => {
            let docs = reader.description_between(after, span.start);
            reader.forgive_descriptions(span);
            span.with(DeclarationNode { docs, kind: DeclarationKind::Broken(name) })
        }
    }
}

/// Reports comments that are none of this language.
fn comments(reader: &mut Reader<'_>, lexed: &lexer::Lexed) {
    for &span in &lexed.foreign_comments {
        let diagnostic =
            Diagnostic::new(Code::ForeignComment, span).hint("a comment begins with `//` and ends with its line");
        let text = reader.slice(span);
        let block = text.strip_prefix("/*").and_then(|text| text.strip_suffix("*/"));
        let behind = reader.text.get(span.end as usize..).unwrap_or("");
        let ends_line = behind.lines().next().is_none_or(|rest| rest.trim().is_empty());
        let instead = match block {
            Some(inner) if ends_line && !inner.contains('\n') => Some(format!("//{}", inner.trim_end())),
            Some(_) => None,
            None => text.strip_prefix('#').map(|inner| format!("//{inner}")),
        };
        reader.report(match instead {
            Some(instead) => diagnostic.fix(Fix::replace(span, instead).titled("write it with `//`")),
            None => diagnostic,
        });
    }
}

/// Warns of characters that change what is shown: a reviewer of a change must see what runs.
fn hidden_characters(reader: &mut Reader<'_>) {
    let text = reader.text;
    // Each of them has three bytes, and the first of these is one of two.
    let begins = memchr::memchr2_iter(0xe2, 0xef, text.as_bytes());
    let letters = begins.filter_map(|at| Some((at, text.get(at..)?.chars().next()?)));
    for (at, letter) in letters {
        if at > 0 && actions::is_hidden(letter) && !reader.is_slip(at as u32) {
            let start = at as u32;
            let span = reader.span(start, start + letter.len_utf8() as u32);
            reader.report(
                Diagnostic::new(Code::HiddenCharacter, span)
                    .message(format!("the invisible character U+{:04X} stands here", u32::from(letter)))
                    .hint("what is shown here may not be what is there; remove it"),
            );
        }
    }
}

/// What the bench measures reading against.
#[doc(hidden)]
pub mod measure {
    use logos::Logos;

    use super::{lexer, token::Token};
    use crate::source::FileId;

    /// What logos alone finds in a text.
    pub fn tokens(text: &str) -> usize {
        Token::lexer(text).count()
    }

    /// What the lexer makes of a text.
    pub fn lexemes(text: &str) -> usize {
        lexer::lex(FileId::new(0), text, 0).lexemes.len()
    }
}
