//! What the grammar's actions share while a file is read: its text, what was found, and where a mistake was made already.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::rc::Rc;

use lalrpop_util::{ErrorRecovery, ParseError};
use smol_str::SmolStr;

use super::actions::{Deep, Start};
use super::ast::{DeclarationKind, Expr, ExprKind, Name};
use super::marks::{Mark, MarkKind};
use super::token::{Lexeme, Token};
use super::trivia::{Descriptions, Trivia};
use super::{MAX_DEPTH, explain, grammar, layer, lexer};
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::{self, FileId, Span, Spanned};
use crate::suggest;
use crate::vocabulary;

/// A mistake that the parser stumbled over.
pub(crate) type Mistake = ParseError<u32, Token, Infallible>;

/// A mistake and what was skipped to go on behind it.
pub(crate) type Bad = ErrorRecovery<u32, Token, Infallible>;

/// How deep texts may stand in interpolations of texts.
const INTERPOLATION_DEPTH: usize = 8;

/// Reads one file.
pub(crate) struct Reader<'text> {
    pub(crate) file: FileId,
    pub(crate) text: &'text str,
    /// Searching back for a line end from each of many places in one long line would take quadratic time.
    line_starts: Vec<u32>,
    diagnostics: Vec<Diagnostic>,
    /// Where errors are, by offset.
    errors: BTreeSet<u32>,
    descriptions: Descriptions,
    /// The tokens that are being parsed: the explanation of a mistake looks at its neighbours.
    tokens: Rc<Vec<Lexeme>>,
    /// The tokens that were reported and are read as something harmless, by offset.
    slips: BTreeSet<u32>,
    /// The texts whose closing quotes are missing, by offset.
    unclosed: BTreeSet<u32>,
    /// The lines on which something is wrong already, by the offset of their first byte. A second mistake of the grammar
    /// there is most likely an echo of the first.
    ///
    /// With it, the place where the parser stumbled there, if that was the report.
    lines: BTreeMap<u32, Option<Span>>,
    interpolations: usize,
    /// In the order in which the rules were complete.
    marks: Vec<Mark>,
    /// Whether the braces of the declaration are where they belong.
    certain: bool,
    /// The names that events were given which can have none, by the offset of the name: they are read as `event`.
    aliases: BTreeMap<u32, SmolStr>,
    /// Where the declaration that is read begins and ends.
    within: (u32, u32),
    /// The declaration that nests too deep, by offset: one report is enough.
    too_deep: Option<u32>,
}

impl<'text> Reader<'text> {
    pub(crate) fn new(file: FileId, text: &'text str, trivia: &[Trivia]) -> Reader<'text> {
        Reader {
            file,
            text,
            line_starts: source::line_starts(text).collect(),
            diagnostics: Vec::new(),
            errors: BTreeSet::new(),
            descriptions: Descriptions::new(trivia),
            tokens: Rc::default(),
            slips: BTreeSet::new(),
            unclosed: BTreeSet::new(),
            lines: BTreeMap::new(),
            interpolations: 0,
            marks: Vec::new(),
            certain: true,
            aliases: BTreeMap::new(),
            within: (0, 0),
            too_deep: None,
        }
    }

    /// All that was found, and the descriptions that describe nothing; and the marks, by their place.
    pub(crate) fn finish(mut self) -> (Vec<Diagnostic>, Vec<Mark>) {
        let unused: Vec<Span> = self.descriptions.unused().collect();
        for span in unused {
            let slashes = Span::new(self.file, span.start, span.start + 3);
            self.diagnostics.push(
                Diagnostic::new(Code::StrayDescription, span)
                    .hint("a comment that describes nothing has two slashes")
                    .fix(Fix::replace(slashes, "//")),
            );
        }
        self.marks.sort_unstable();
        (self.diagnostics, self.marks)
    }

    // ── Places ──────────────────────────────────────────────────────────────────────────────────────────────────────

    pub(crate) fn span(&self, start: u32, end: u32) -> Span {
        Span::new(self.file, start, end)
    }

    pub(crate) fn at<T>(&self, start: u32, node: T, end: u32) -> Spanned<T> {
        self.span(start, end).with(node)
    }

    pub(crate) fn slice(&self, span: Span) -> &'text str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// The offset of the first byte of the line that `offset` is on.
    pub(crate) fn line_start(&self, offset: u32) -> u32 {
        line_start(&self.line_starts, offset)
    }

    /// Whether a token stands in the first column, as the words that begin declarations do.
    pub(crate) fn in_first_column(&self, lexeme: Lexeme) -> bool {
        let column = lexeme.start - self.line_start(lexeme.start);
        lexeme.first_on_line && (column == 0 || self.text.get(..lexeme.start as usize) == Some("\u{feff}"))
    }

    /// The token that begins at `offset`.
    pub(crate) fn token_at(&self, offset: u32) -> Option<Lexeme> {
        let index = self.tokens.partition_point(|lexeme| lexeme.start < offset);
        self.tokens.get(index).copied().filter(|lexeme| lexeme.start == offset)
    }

    /// The description above the token at `offset`.
    pub(crate) fn description_above(&mut self, offset: u32) -> Option<Spanned<SmolStr>> {
        let index = self.tokens.partition_point(|lexeme| lexeme.start < offset);
        let before = index.checked_sub(1).and_then(|index| self.tokens.get(index));
        let from = before.map_or(offset, |lexeme| lexeme.end);
        self.descriptions.take(self.text, from, offset)
    }

    /// The description above a declaration: between the end of the one before it and its first token.
    pub(crate) fn description_between(&mut self, from: u32, to: u32) -> Option<Spanned<SmolStr>> {
        self.descriptions.take(self.text, from, to)
    }

    /// Descriptions within a stretch that could not be read describe something all the same.
    pub(crate) fn forgive_descriptions(&mut self, span: Span) {
        self.descriptions.forgive(span);
    }

    /// Writes down that `node` was read from `start` on.
    pub(crate) fn begins<T>(&mut self, start: u32, kind: MarkKind, node: T) -> T {
        // An interpolation stands in a text, which keeps its layout.
        if self.interpolations == 0 {
            self.marks.push(Mark { offset: start, kind });
        }
        node
    }

    // ── Findings ────────────────────────────────────────────────────────────────────────────────────────────────────

    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        if diagnostic.is_error() {
            self.errors.insert(diagnostic.span.start);
        }
        self.diagnostics.push(diagnostic);
    }

    /// Reports a token that is read as something harmless; what else is odd about its line is then an echo.
    pub(crate) fn slip(&mut self, lexeme: Lexeme, diagnostic: Diagnostic) {
        self.slips.insert(lexeme.start);
        self.report_on_line(diagnostic);
    }

    /// Reports a text without closing quotes.
    pub(crate) fn unclosed(&mut self, lexeme: Lexeme, diagnostic: Diagnostic) {
        self.unclosed.insert(lexeme.start);
        self.slip(lexeme, diagnostic);
    }

    /// Reports, and takes the line as one on which more mistakes are echoes.
    pub(crate) fn report_on_line(&mut self, diagnostic: Diagnostic) {
        let line = self.line_start(diagnostic.span.start);
        self.lines.insert(line, None);
        self.report(diagnostic);
    }

    /// In the declaration that this offset is in, a name is read as `event`.
    pub(crate) fn alias(&mut self, offset: u32, name: &str) {
        self.aliases.insert(offset, name.into());
    }

    /// How many names are read as `event`.
    pub(crate) fn aliases(&self) -> usize {
        self.aliases.len()
    }

    /// Whether a name is read as `event` in the declaration that is read.
    pub(crate) fn is_alias(&self, name: &str) -> bool {
        let (from, to) = self.within;
        self.aliases.range(from..to).any(|(_, alias)| alias == name)
    }

    pub(crate) fn is_slip(&self, start: u32) -> bool {
        self.slips.contains(&start)
    }

    pub(crate) fn is_unclosed(&self, start: u32) -> bool {
        self.unclosed.contains(&start)
    }

    pub(crate) fn is_slip_line(&self, offset: u32) -> bool {
        self.lines.contains_key(&self.line_start(offset))
    }

    /// Whether an unclosed text stands between two offsets.
    pub(crate) fn has_unclosed(&self, from: u32, to: u32) -> bool {
        self.unclosed.range(from..to).next().is_some()
    }

    /// Whether an error lies between two offsets.
    pub(crate) fn has_error(&self, from: u32, to: u32) -> bool {
        from < to && self.errors.range(from..to).next().is_some()
    }

    /// Reports what the parser stumbled over, unless its line has a report already.
    pub(crate) fn mistake(&mut self, bad: Bad) {
        self.explain(&bad.error);
    }

    fn explain(&mut self, mistake: &Mistake) {
        if self.is_echo(mistake) {
            return;
        }
        let diagnostic = explain::explain(self, &self.tokens, mistake);
        let (place, line) = (diagnostic.span, self.line_start(diagnostic.span.start));
        match self.lines.get(&line).copied() {
            None => {}
            // What is wrong further left is the cause. It is told of later, when the whole that it broke is read.
            Some(Some(echo)) if place.start < echo.start => {
                let index = self.diagnostics.iter().rposition(|found| found.span == echo);
                index.map(|index| self.diagnostics.remove(index));
            }
            Some(_) => return,
        }
        self.report(diagnostic);
        self.lines.insert(line, Some(place));
    }

    /// Whether the parser stumbled over a brace that was put in, which is reported, or over what follows from it.
    fn is_echo(&self, mistake: &Mistake) -> bool {
        let (ParseError::UnrecognizedToken { token: (start, token, end), .. }
        | ParseError::ExtraToken { token: (start, token, end) }) = mistake
        else {
            return false;
        };
        let put_in = |lexeme: &Lexeme| lexeme.token == Token::BraceClose && lexeme.start == lexeme.end;
        let index = self.tokens.partition_point(|lexeme| lexeme.start < *start);
        let before = index.checked_sub(1).and_then(|index| self.tokens.get(index));
        start == end || before.is_some_and(put_in) || (!self.certain && *token == Token::BraceClose)
    }

    /// Where the parser stumbled.
    pub(crate) fn place_of(&self, mistake: &Mistake) -> Span {
        match mistake {
            ParseError::UnrecognizedToken { token: (start, _, end), .. }
            | ParseError::ExtraToken { token: (start, _, end) } => self.span(*start, *end),
            ParseError::UnrecognizedEof { location, .. } | ParseError::InvalidToken { location } => {
                self.span(*location, *location)
            }
            ParseError::User { error } => match *error {},
        }
    }

    /// Takes back what the parser stumbled over within a stretch.
    pub(crate) fn forget_mistakes(&mut self, within: Span) {
        let inside = |span: Span| within.start <= span.start && span.end <= within.end;
        let forgotten = |found: &Diagnostic| found.code == Code::UnexpectedToken && inside(found.span);
        for found in self.diagnostics.iter().filter(|found| forgotten(found)) {
            self.lines.remove(&line_start(&self.line_starts, found.span.start));
        }
        self.diagnostics.retain(|found| !forgotten(found));
    }

    pub(crate) fn too_deep(&mut self, span: Span) {
        let declaration = self.tokens.first().map_or(0, |lexeme| lexeme.start);
        if self.too_deep != Some(declaration) {
            self.too_deep = Some(declaration);
            self.report(Diagnostic::new(Code::NestingTooDeep, span).hint("divide it into smaller parts"));
        }
    }

    /// Whether a word that is not reserved is one of those that can stand here; reports it if not.
    pub(crate) fn soft(&mut self, word: &Name, choices: &[&str]) -> bool {
        if choices.contains(&word.node.as_str()) {
            return true;
        }
        let list = explain::alternatives(choices.iter().map(|choice| format!("`{choice}`")));
        let mut diagnostic = Diagnostic::new(Code::UnexpectedToken, word.span)
            .message(format!("expected {list}, found `{}`", word.node));
        let only = if let [only] = choices { Some(*only) } else { None };
        if let Some(near) = suggest::nearest(&word.node, choices.iter().copied()).or(only) {
            diagnostic = diagnostic.hint(format!("write `{near}`")).fix(Fix::replace(word.span, near));
        }
        if !self.is_slip_line(word.span.start) {
            self.report_on_line(diagnostic);
        }
        false
    }

    // ── Parsing ─────────────────────────────────────────────────────────────────────────────────────────────────────

    fn parse(&mut self, tokens: Vec<Lexeme>) -> Result<Start, Mistake> {
        let tokens = Rc::new(tokens);
        let outer = std::mem::replace(&mut self.tokens, Rc::clone(&tokens));
        let triples = tokens.iter().map(|lexeme| (lexeme.start, lexeme.token, lexeme.end));
        let result = grammar::StartParser::new().parse(self, triples);
        if let Err(mistake) = &result {
            self.explain(mistake);
        }
        self.tokens = outer;
        result
    }

    /// Parses the tokens of one declaration. Nothing if not even its head could be read.
    pub(crate) fn declaration(&mut self, tokens: Vec<Lexeme>, certain: bool) -> Option<DeclarationKind> {
        self.certain = certain;
        self.within = (tokens.first().map_or(0, |first| first.start), tokens.last().map_or(0, |last| last.end));
        match self.parse(tokens) {
            Ok(Start::Declaration(kind)) => Some(*kind),
            Ok(Start::Expression(_)) | Err(_) => None,
        }
    }

    /// Whether these tokens are an expression.
    pub(crate) fn expression(&mut self, tokens: Vec<Lexeme>) -> bool {
        matches!(self.parse(tokens), Ok(Start::Expression(_)))
    }

    /// What `${…}` mostly is, a name and fields, without the parser: what that comes to, and nothing where it is anything else.
    fn dotted(&mut self, inner: Span) -> Option<Deep<Expr>> {
        let text = self.slice(inner);
        let mut words = text.split('.');
        let first = words.next().filter(|word| is_word(word) && is_root(word))?;
        if !words.clone().all(is_word) || words.clone().count() >= MAX_DEPTH {
            return None;
        }
        let mut end = inner.start + first.len() as u32;
        let mut path = self.name_at(inner.start, end);
        for word in words {
            let start = end + 1;
            end = start + word.len() as u32;
            let name = self.word(start, end);
            path = self.field_of(inner.start, path, name, end);
        }
        Some(path)
    }

    /// Parses `${…}`, which stands at `span`.
    pub(crate) fn interpolation(&mut self, span: Span) -> Deep<Expr> {
        let inner = Span::new(span.file, span.start + 2, span.end - 1);
        let broken = Deep::leaf(inner.with(ExprKind::Broken));
        if self.interpolations >= INTERPOLATION_DEPTH {
            self.too_deep(span);
            return broken;
        }
        if self.slice(inner).trim().is_empty() {
            if !self.is_slip_line(span.start) {
                self.report_on_line(
                    Diagnostic::new(Code::UnexpectedToken, span).message("a value is missing between the braces"),
                );
            }
            return broken;
        }
        if let Some(path) = self.dotted(inner) {
            return path;
        }
        self.interpolations += 1;
        let lexed = lexer::lex(self.file, self.slice(inner), inner.start);
        let mut tokens =
            vec![Lexeme { token: Token::StartExpression, start: inner.start, end: inner.start, first_on_line: false }];
        tokens.extend(layer::clean(self, None, &lexed.lexemes));
        let result = self.parse(tokens);
        self.interpolations -= 1;
        match result {
            Ok(Start::Expression(value)) => value,
            Ok(Start::Declaration(_)) | Err(_) => broken,
        }
    }
}

/// Whether the parser would read a word as a name where a value stands.
fn is_root(word: &str) -> bool {
    matches!(vocabulary::reserved(word), None | Some(Token::Event | Token::Contact | Token::Message))
}

fn is_word(word: &str) -> bool {
    word.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn line_start(starts: &[u32], offset: u32) -> u32 {
    let line = starts.partition_point(|&start| start <= offset);
    line.checked_sub(1).and_then(|line| starts.get(line)).copied().unwrap_or(0)
}
