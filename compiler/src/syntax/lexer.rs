//! Text to tokens. It never fails: what is no token is one of the tokens for mistakes, and the layer above reports it.
//!
//! Strings are the hard part. A string may hold `${…}`, which may hold a string, which may hold `${…}`: logos finds the
//! opening quote and a hand-written scan with a stack finds the closing one. A string never runs past its line and a
//! block never into the next declaration, so that a forgotten quote costs one line and not the rest of the file.
//!
//! Nothing here may take quadratic time: a scan that fails is not repeated from each of the places that it passed.

use logos::Logos;

use super::token::{Lexeme, Token};
use super::trivia::{Trivia, TriviaKind};
use crate::source::{FileId, Span};
use crate::vocabulary;

/// The tokens of a text and what stands between them.
#[derive(Debug, Default)]
pub(crate) struct Lexed {
    /// The tokens in the order of the text.
    pub(crate) lexemes: Vec<Lexeme>,
    /// Comments and blank lines in the order of the text.
    pub(crate) trivia: Vec<Trivia>,
    /// Comments in the fashion of another language.
    pub(crate) foreign_comments: Vec<Span>,
}

/// Reads `text`, which stands at the offset `base` of `file`.
pub(crate) fn lex(file: FileId, text: &str, base: u32) -> Lexed {
    let mut lexer = Lexer {
        file,
        base,
        inner: Token::lexer(text),
        // Tokens have some six bytes each, with the blanks before them; where they have fewer, the list grows.
        lexed: Lexed { lexemes: Vec::with_capacity(text.len() / 6 + 1), ..Lexed::default() },
        line_start: 0,
        line_end: 0,
        first_on_line: true,
        blank_from: None,
        line_of_failures: 0,
        failures: 0,
        no_comment_end: false,
    };
    lexer.run();
    lexer.lexed
}

/// How many strings of one line may be scanned to its end in vain before nesting is no longer looked for on it.
const FAILURES_PER_LINE: u32 = 16;

struct Lexer<'text> {
    file: FileId,
    base: u32,
    inner: logos::Lexer<'text, Token>,
    lexed: Lexed,
    /// Where the current line begins.
    line_start: usize,
    /// Where the line ends that was last looked at. Searched for once a line: a line may be the whole file.
    line_end: usize,
    first_on_line: bool,
    /// Where a run of blank lines began.
    blank_from: Option<usize>,
    /// The start of the line that `failures` counts for.
    line_of_failures: usize,
    failures: u32,
    /// No `*/` follows any more.
    no_comment_end: bool,
}

impl Lexer<'_> {
    fn run(&mut self) {
        while let Some(token) = self.inner.next() {
            let token = token.unwrap_or(Token::Unknown);
            match token {
                Token::Newline => self.newline(),
                Token::Comment => self.trivia(TriviaKind::Comment),
                Token::DocComment => self.trivia(TriviaKind::Description),
                Token::Hash if self.first_on_line => {
                    let length = self.rest_of_line().len();
                    self.inner.bump(length);
                    self.foreign_comment();
                }
                Token::SlashStar => self.slash_star(),
                Token::String => {
                    let (length, token) = self.string();
                    self.inner.bump(length);
                    self.push(token);
                }
                Token::Block => {
                    let (length, token) = self.block();
                    self.inner.bump(length);
                    self.push(token);
                }
                Token::Word => self.push(vocabulary::reserved(self.inner.slice()).unwrap_or(Token::Word)),
                Token::Unknown => {
                    let (length, token) = self.unknown();
                    self.inner.bump(length);
                    self.push(token);
                }
                token => self.push(token),
            }
        }
        self.end_blank_lines(self.inner.source().len());
    }

    fn span(&self) -> Span {
        let span = self.inner.span();
        Span::new(self.file, self.base + span.start as u32, self.base + span.end as u32)
    }

    fn push(&mut self, token: Token) {
        self.end_blank_lines(self.line_start);
        let Span { start, end, .. } = self.span();
        self.lexed.lexemes.push(Lexeme { token, start, end, first_on_line: self.first_on_line });
        self.first_on_line = false;
        if matches!(token, Token::Block | Token::UnclosedBlock) {
            self.notice_lines();
        }
    }

    /// A block is the one token with line ends in it, and an unclosed one ends with one.
    fn notice_lines(&mut self) {
        let text = self.inner.slice();
        if let Some(last) = text.rfind('\n') {
            self.line_start = self.inner.span().start + last + 1;
            self.first_on_line = text.ends_with('\n');
        }
    }

    fn trivia(&mut self, kind: TriviaKind) {
        self.end_blank_lines(self.line_start);
        let text = self.inner.slice();
        let mut span = self.span();
        span.end -= (text.len() - text.trim_end_matches('\r').len()) as u32;
        self.lexed.trivia.push(Trivia { kind, span, first_on_line: self.first_on_line });
        self.first_on_line = false;
    }

    fn foreign_comment(&mut self) {
        self.lexed.foreign_comments.push(self.span());
        self.trivia(TriviaKind::Comment);
        self.notice_lines();
    }

    fn slash_star(&mut self) {
        let end = if self.no_comment_end { None } else { self.inner.remainder().find("*/") };
        self.no_comment_end |= end.is_none();
        let length = end.map_or_else(|| self.rest_of_line().len(), |end| end + 2);
        self.inner.bump(length);
        self.foreign_comment();
    }

    fn newline(&mut self) {
        let end = self.inner.span().end;
        if self.first_on_line && self.blank_from.is_none() {
            self.blank_from = Some(self.line_start);
        }
        self.line_start = end;
        self.first_on_line = true;
    }

    fn end_blank_lines(&mut self, end: usize) {
        if let Some(start) = self.blank_from.take() {
            let span = Span::new(self.file, self.base + start as u32, self.base + end as u32);
            self.lexed.trivia.push(Trivia { kind: TriviaKind::BlankLines, span, first_on_line: true });
        }
    }

    /// What follows on the same line.
    fn rest_of_line(&mut self) -> &str {
        let text = self.inner.source();
        let from = self.inner.span().end;
        if self.line_end < from {
            let end = text.get(from..).and_then(|rest| rest.find('\n')).map_or(text.len(), |length| from + length);
            let ends_with_return = text.get(from..end).is_some_and(|line| line.ends_with('\r'));
            self.line_end = if ends_with_return { end - 1 } else { end };
        }
        text.get(from..self.line_end).unwrap_or("")
    }

    /// How long the string goes on behind its opening quote.
    fn string(&mut self) -> (usize, Token) {
        if self.line_of_failures != self.line_start {
            (self.line_of_failures, self.failures) = (self.line_start, 0);
        }
        let nesting = self.failures < FAILURES_PER_LINE;
        let line = self.rest_of_line();
        if nesting && let Some(length) = nested_string(line) {
            return (length, Token::String);
        }
        let found = match plain_string(line) {
            Some(length) => (length, Token::String),
            None => (unclosed_string(line), Token::UnclosedString),
        };
        self.failures += 1;
        found
    }

    /// How long a block goes on behind its opening quotes. It ends at the `"""` that is the first on its line; an unclosed
    /// one ends before the next declaration.
    fn block(&mut self) -> (usize, Token) {
        let opening = self.rest_of_line();
        if let Some(end) = opening.find("\"\"\"") {
            return (end + 3, Token::Block);
        }
        let mut length = opening.len();
        let rest = self.inner.remainder();
        let before = self.inner.source().get(self.line_start..).unwrap_or("");
        let indented = before.starts_with([' ', '\t']);
        // Where comments in the first column began that may belong to the next declaration.
        let mut comments = None;
        for line in rest.get(length..).unwrap_or("").split_inclusive('\n') {
            let text = line.trim_start_matches([' ', '\t']);
            if text.starts_with("\"\"\"") {
                return (length + (line.len() - text.len()) + 3, Token::Block);
            }
            if indented && looks_like_declaration(line) {
                return (comments.unwrap_or(length), Token::UnclosedBlock);
            }
            comments = line.starts_with("//").then(|| comments.unwrap_or(length));
            length += line.len();
        }
        (rest.len(), Token::UnclosedBlock)
    }

    /// How long something unknown goes on behind its first character, and what it is.
    fn unknown(&mut self) -> (usize, Token) {
        let first = self.inner.slice().chars().next().unwrap_or(' ');
        let closing: &[char] = match first {
            '\'' | '‘' | '’' => &['\'', '‘', '’'],
            '“' | '”' | '„' | '«' => &['“', '”', '»'],
            _ => &[],
        };
        if !closing.is_empty()
            && let line = self.rest_of_line()
            && let Some((at, last)) = line.char_indices().find(|(_, letter)| closing.contains(letter))
        {
            return (at + last.len_utf8(), Token::ForeignString);
        }
        if first.is_alphabetic() {
            let rest = self.inner.remainder();
            let inside = |letter: char| letter.is_alphanumeric() || letter == '_';
            return (rest.find(|letter| !inside(letter)).unwrap_or(rest.len()), Token::ForeignWord);
        }
        (0, Token::Unknown)
    }
}

/// How much of a line a string without closing quote takes. Brackets at the end of the line are most likely the
/// program's, unless they close what the string swallowed; without them more than the line would be lost.
fn unclosed_string(line: &str) -> usize {
    let kept = line.trim_end_matches(|letter: char| letter == ' ' || letter == '\t' || "{}[](),".contains(letter));
    let rest = line.get(kept.len()..).unwrap_or("");
    // A bracket right behind a word belongs to it; one behind a blank does not.
    let Some(mut end) = rest.find([' ', '\t']) else { return line.len() };
    let mut swallowed = kept.bytes().fold(0u32, |open, byte| match byte {
        b'{' => open + 1,
        b'}' => open.saturating_sub(1),
        _ => open,
    });
    for (at, _) in rest.match_indices('}') {
        if swallowed > 0 {
            swallowed -= 1;
            end = at + 1;
        }
    }
    if rest.get(end..).is_some_and(|rest| !rest.trim().is_empty()) { kept.len() + end } else { line.len() }
}

/// The length of a string up to and with its closing quote, `${…}` and strings in it taken as wholes; nothing if it does
/// not end so on this line.
fn nested_string(line: &str) -> Option<usize> {
    scan(line, Inside::String)
}

/// The length of what stands in `${…}` behind its opening brace, up to and with the closing one.
pub(crate) fn interpolation(text: &str) -> Option<usize> {
    scan(text, Inside::Interpolation { braces: 1 })
}

#[derive(Clone, Copy)]
enum Inside {
    String,
    /// Within `${…}`, and how many braces are open there.
    Interpolation {
        braces: u32,
    },
}

fn scan(text: &str, start: Inside) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut stack = vec![start];
    let mut at = 0;
    // A lone apostrophe is none of a Velocity string; that no second one follows is found out once.
    let mut apostrophes = true;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match (stack.last_mut()?, byte) {
            (_, b'\n') => return None,
            (Inside::String, b'\\') => at += 1,
            (Inside::String, b'"') => {
                stack.pop();
            }
            (Inside::String, b'$') if bytes.get(at) == Some(&b'{') => {
                at += 1;
                stack.push(Inside::Interpolation { braces: 1 });
            }
            (Inside::Interpolation { .. }, b'"') => stack.push(Inside::String),
            (Inside::Interpolation { .. }, b'\'') if apostrophes => {
                match bytes.get(at..).and_then(|rest| rest.iter().position(|&byte| byte == b'\'')) {
                    Some(length) => at += length + 1,
                    None => apostrophes = false,
                }
            }
            (Inside::Interpolation { braces }, b'{') => *braces += 1,
            (Inside::Interpolation { braces }, b'}') => {
                *braces -= 1;
                if *braces == 0 {
                    stack.pop();
                }
            }
            _ => {}
        }
        if stack.is_empty() {
            return Some(at);
        }
    }
    None
}

/// The length of a string up to and with the next quote that no backslash precedes.
fn plain_string(line: &str) -> Option<usize> {
    let mut escaped = false;
    let end = line.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.map(|end| end + 1)
}

/// Whether a line begins a declaration in its first column.
fn looks_like_declaration(line: &str) -> bool {
    let word = line.split([' ', '\t', '{']).next().unwrap_or("");
    vocabulary::reserved(word).is_some_and(Token::declares) && line.trim_end().ends_with('{')
}
