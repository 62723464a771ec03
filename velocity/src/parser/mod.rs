//! From tokens to the tree.
//!
//! A recursive descent that asks for tokens one by one, because a directive's name changes how the text after it is
//! read. Wherever Velocity lets something pass that merely looks like a directive or reference, so does this parser:
//! `#color` and `$5.00` are text, and only what can be nothing else is an error.

mod directive;
mod expression;
mod layout;
mod reference;
mod statement;
mod structured;
mod text;

use crate::ast::{Macro, Name, Tree};
use crate::error::{Error, ErrorKind, Result};
use crate::lexer::{Kind, Lexer, Token};
use crate::settings::Settings;
use crate::span::Span;
use crate::tools;
use indexmap::IndexSet;
use smol_str::SmolStr;
use std::collections::HashSet;
use std::sync::Arc;

/// How deeply directives, parentheses, lists and arguments may be nested: deeper templates would exhaust the stack.
const MOST_NESTED: u32 = 100;

/// How high the tree of one expression may grow: `1 + 1 + 1` is as deep as it has operators.
const HIGHEST: u32 = 500;

/// Reads a whole text. `registered` are the macros that exist already, for texts that are read while rendering.
///
/// `numbers` gives the names their numbers.
pub(crate) fn parse(
    name: &Arc<str>,
    source: &Arc<str>,
    settings: &Settings,
    registered: &HashSet<SmolStr>,
    numbers: &mut dyn Numbers,
) -> Result<Tree> {
    if u32::try_from(source.len()).is_err() {
        let error = Error::new(ErrorKind::Limit, "the template is larger than 4 GiB");
        return Err(error.at(name, source, Span::default()));
    }
    let mut shared = Shared {
        settings,
        registered,
        numbers,
        defined: HashSet::new(),
        macros: Vec::new(),
        depth: 0,
        height: 0,
        peak: 0,
    };
    let parser = Parser::new(source, Offsets::Shift(0), &mut shared);
    let root = parser.run().map_err(|mistake| mistake.into_error(name, source))?;
    let Shared { macros, .. } = shared;
    Ok(Tree { name: Arc::clone(name), source: Arc::clone(source), root, macros, ..Tree::default() })
}

/// Reads a text that is a template of its own: its names are numbered as they come.
pub(crate) fn parse_template(name: &Arc<str>, source: &Arc<str>, settings: &Settings) -> Result<Tree> {
    let mut numbers = Table::default();
    let tree = parse(name, source, settings, &HashSet::new(), &mut numbers)?;
    let names = numbers.0;
    let body = names.get_index_of(settings.body_reference.as_str()).and_then(|number| u32::try_from(number).ok());
    Ok(Tree {
        tools: names.iter().map(|name| tools::tool(name).is_some()).collect(),
        names: names.into_iter().collect(),
        body: body.map(Name),
        ..tree
    })
}

/// What gives names their numbers.
pub(crate) trait Numbers {
    /// The number of a name, which stays the same.
    fn number(&mut self, name: &str) -> Name;
}

/// The names of a template.
#[derive(Default)]
struct Table(IndexSet<SmolStr, foldhash::fast::RandomState>);

impl Numbers for Table {
    fn number(&mut self, name: &str) -> Name {
        let number = match self.0.get_index_of(name) {
            Some(number) => number,
            None => self.0.insert_full(SmolStr::new(name)).0,
        };
        Name(u32::try_from(number).unwrap_or(u32::MAX))
    }
}

/// What a template and the texts in its quotes have in common.
struct Shared<'a> {
    settings: &'a Settings,
    registered: &'a HashSet<SmolStr>,
    numbers: &'a mut dyn Numbers,
    /// Macros whose definition was read: `\#name` escapes them.
    defined: HashSet<SmolStr>,
    macros: Vec<Arc<Macro>>,
    depth: u32,
    /// The height of the expression that was read last.
    height: u32,
    /// The greatest height inside what is being read.
    peak: u32,
}

/// What is wrong, before it is known whose text it is.
struct Mistake {
    span: Span,
    message: String,
    hint: Option<String>,
}

impl Mistake {
    fn into_error(self, name: &Arc<str>, source: &str) -> Error {
        let mut error = Error::new(ErrorKind::Syntax, self.message);
        if let Some(hint) = self.hint {
            error = error.with_hint(hint);
        }
        // A token that is no token may end within a character.
        let (start, end) = (self.span.start().min(source.len()), self.span.end().min(source.len()));
        let span = Span::of(source.floor_char_boundary(start), source.ceil_char_boundary(end));
        error.at(name, source, span)
    }

    fn with_hint(mut self: Box<Self>, hint: impl Into<String>) -> Box<Mistake> {
        self.hint = Some(hint.into());
        self
    }
}

/// In a box, for what is right is given back much more often and is often small.
type Parsed<T> = std::result::Result<T, Box<Mistake>>;

/// Where the bytes of the parsed text stand in the template's source.
enum Offsets {
    /// All of them this much later.
    Shift(usize),
    /// The text was unescaped: one entry a byte, and one for its end.
    Table(Vec<usize>),
}

impl Offsets {
    fn of(&self, offset: usize) -> usize {
        match self {
            Offsets::Shift(shift) => offset + shift,
            Offsets::Table(table) => table.get(offset).or(table.last()).copied().unwrap_or_default(),
        }
    }
}

struct Parser<'a, 's> {
    source: &'a str,
    lexer: Lexer<'a>,
    /// All tokens so far; what an unknown macro prints is made of them.
    tokens: Vec<Token>,
    /// The next token.
    index: usize,
    offsets: Offsets,
    /// How many `#if` stand around this place.
    inside_if: u32,
    shared: &'a mut Shared<'s>,
}

impl<'a, 's> Parser<'a, 's> {
    fn new(source: &'a str, offsets: Offsets, shared: &'a mut Shared<'s>) -> Parser<'a, 's> {
        let lexer = Lexer::new(source, shared.settings.hyphen_in_identifiers);
        // Most texts have fewer tokens than one for eight bytes.
        let tokens = Vec::with_capacity(source.len() / 8 + 4);
        Parser { source, lexer, tokens, index: 0, offsets, inside_if: 0, shared }
    }

    /// The kind of the `ahead`-th token from here; the next one is the first.
    fn kind(&mut self, ahead: usize) -> Parsed<Kind> {
        match self.tokens.get(self.index + ahead - 1) {
            Some(token) => Ok(token.kind),
            None => self.read(ahead),
        }
    }

    /// As [`Parser::kind`], of a token that may not have been read yet. Most have been, and to ask for their kind is short.
    #[inline(never)]
    fn read(&mut self, ahead: usize) -> Parsed<Kind> {
        while self.tokens.len() < self.index + ahead {
            match self.lexer.next() {
                Ok(token) => self.tokens.push(token),
                Err(none) => {
                    let span = self.span_of(none.start, none.end);
                    let mistake = match none.open {
                        Some(open) => self
                            .mistake(span, format!("`{open}` is not closed"))
                            .with_hint("a text block ends with `]]#`"),
                        None => self.unexpected_text(none.start, none.end),
                    };
                    return Err(mistake);
                }
            }
        }
        Ok(self.tokens.get(self.index + ahead - 1).map_or(Kind::End0, |token| token.kind))
    }

    /// Passes the next token; returns its number.
    fn advance(&mut self) -> Parsed<usize> {
        self.kind(1)?;
        self.index += 1;
        Ok(self.index - 1)
    }

    fn accept(&mut self, kind: Kind) -> Parsed<Option<usize>> {
        if self.kind(1)? == kind { self.advance().map(Some) } else { Ok(None) }
    }

    fn expect(&mut self, kind: Kind, what: &str) -> Parsed<usize> {
        if self.kind(1)? == kind {
            return self.advance();
        }
        Err(self.unexpected(what))
    }

    fn skip_blanks(&mut self) -> Parsed<()> {
        while matches!(self.kind(1)?, Kind::Whitespace | Kind::Newline) {
            self.advance()?;
        }
        Ok(())
    }

    fn token(&self, number: usize) -> (Kind, usize, usize) {
        self.tokens.get(number).map_or((Kind::End0, 0, 0), |token| (token.kind, token.start, token.end))
    }

    fn image(&self, number: usize) -> &'a str {
        let (_, start, end) = self.token(number);
        self.source.get(start..end).unwrap_or_default()
    }

    /// What a token is as text: with what turned out not to be a reference before it.
    fn literal(&self, number: usize) -> String {
        let mut literal = String::new();
        self.push_literal(number, &mut literal);
        literal
    }

    fn push_literal(&self, number: usize, text: &mut String) {
        let leftover = self.tokens.get(number).and_then(|token| token.leftover.as_deref()).unwrap_or_default();
        let image = self.image(number);
        text.reserve_exact(leftover.len() + image.len());
        text.push_str(leftover);
        text.push_str(image);
    }

    fn span_of(&self, start: usize, end: usize) -> Span {
        Span::of(self.offsets.of(start), self.offsets.of(end))
    }

    fn token_span(&self, number: usize) -> Span {
        let (_, start, end) = self.token(number);
        self.span_of(start, end)
    }

    /// From the token `first` to the last one that was passed.
    fn span_from(&self, first: usize) -> Span {
        let (_, start, _) = self.token(first);
        let (_, _, end) = self.token(self.index.saturating_sub(1).max(first));
        self.span_of(start, end)
    }

    fn name(&mut self, text: &str) -> Name {
        self.shared.numbers.number(text)
    }

    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.shared.depth += 1;
        if self.shared.depth > MOST_NESTED {
            let span = self.token_span(self.index.saturating_sub(1));
            return Err(self.mistake(span, format!("nested more than {MOST_NESTED} deep")));
        }
        let outside = std::mem::take(&mut self.shared.peak);
        let parsed = parse(self);
        self.shared.depth -= 1;
        self.shared.height = self.shared.peak + 1;
        self.shared.peak = outside.max(self.shared.height);
        parsed
    }

    /// An operator joins the expression that was read last and one of the height `left`.
    fn joined(&mut self, left: u32) -> Parsed<()> {
        let height = left.max(self.shared.height) + 1;
        if height > HIGHEST {
            let span = self.token_span(self.index.saturating_sub(1));
            let mistake = self.mistake(span, format!("more than {HIGHEST} operators in one expression"));
            return Err(mistake.with_hint("compute parts of it with `#set` first"));
        }
        self.shared.height = height;
        self.shared.peak = self.shared.peak.max(height);
        Ok(())
    }

    fn mistake(&self, span: Span, message: impl Into<String>) -> Box<Mistake> {
        Box::new(Mistake { span, message: message.into(), hint: None })
    }

    /// The next token is not `what` is needed here.
    fn unexpected(&mut self, what: &str) -> Box<Mistake> {
        let number = self.index;
        let (kind, start, end) = self.token(number);
        let span = self.span_of(start, end);
        if matches!(kind, Kind::End0 | Kind::ZeroWidth | Kind::LoneSymbol) {
            return self.mistake(span, format!("the template ends where {what} is needed"));
        }
        let end = self.source.ceil_char_boundary(end);
        let image = self.source.get(start..end).unwrap_or_default().trim();
        let found = if image.is_empty() { "a blank".to_owned() } else { format!("`{}`", shorten(image)) };
        let mistake = self.mistake(span, format!("{found} where {what} is needed"));
        match kind {
            Kind::Integer | Kind::Float if image.starts_with('-') => {
                mistake.with_hint("`-` right before a digit belongs to the number: write a blank after it")
            }
            Kind::Word if image == "null" => mistake.with_hint("there is no `null`: compare with an undefined name"),
            _ => mistake,
        }
    }

    /// Nothing begins here.
    fn unexpected_text(&self, start: usize, end: usize) -> Box<Mistake> {
        let span = self.span_of(start, end.min(self.source.len()));
        let rest = self.source.get(start..).unwrap_or_default();
        if rest.trim().is_empty() {
            return self.mistake(span, "the template ends inside a directive or a reference");
        }
        let character = rest.trim_start().chars().next().unwrap_or(' ');
        let mistake = self.mistake(span, format!("`{character}` has no meaning here"));
        match character {
            '"' | '\'' => mistake.with_hint("a text ends with the quote it begins with"),
            _ => mistake,
        }
    }
}

/// The beginning of a long text, for a message.
fn shorten(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(30) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line.to_owned(),
    }
}
