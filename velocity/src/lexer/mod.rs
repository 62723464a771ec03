//! From text to tokens.
//!
//! Velocity has no lexical grammar apart from its state: `.` is text after `$5`, a path separator after `$order`, and a
//! number's point inside `#set(`. The lexer is therefore a machine with a stack of states, as the language's reference
//! describes it: every state has its own tokens, the longest match wins, and of two equally long ones the first in the
//! table. The parser drives it one token at a time and, for directives that only the parser can recognise, switches
//! its state.
//!
//! The hard cases all come from *runs*: `$$!foo` is one token whose first characters turn out to be text, so the
//! beginning of a token is kept until something ends it, and what was not needed is given back as text.

mod actions;
mod scan;
mod token;

pub(crate) use token::{Kind, Token};

/// What the lexer is in the middle of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Text.
    Default,
    /// After `$`.
    PreReference,
    /// After a reference's name.
    Reference,
    /// After a dot in a reference.
    Modifier,
    /// In a method's parentheses.
    Arguments,
    /// After a method's parentheses.
    AfterArguments,
    /// In the brackets of an index.
    Index,
    /// After `|` in a formal reference.
    Alternate,
    /// After `#`.
    PreDirective,
    /// In a directive's parentheses.
    Directive,
    /// After `##`.
    LineComment,
    /// After `#*`.
    BlockComment,
    /// After `#**`.
    FormalComment,
    /// After `#[[`.
    TextBlock,
}

/// The end of the text, seen as a character: it lets a final `$` or `#` be text.
pub(super) const END: u8 = 0x1c;

#[derive(Clone, Copy)]
struct Saved {
    state: State,
    opened: u32,
    closed: u32,
    curlies: i32,
}

/// The machine. Offsets are bytes of `source`.
pub(crate) struct Lexer<'a> {
    source: &'a str,
    position: usize,
    state: State,
    stack: Vec<Saved>,
    /// Parentheses opened and closed in this state.
    opened: u32,
    closed: u32,
    curlies: i32,
    /// In a comment or a text block: `$` and `#` mean nothing there.
    silent: bool,
    in_set: bool,
    hyphens: bool,
    /// Where the last run of backslashes ends: it is looked at for every backslash in it.
    slashes: std::cell::Cell<(usize, usize)>,
}

/// A place where no token begins.
pub(crate) struct NoToken {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// What was begun and never ended, if that is why.
    pub(crate) open: Option<&'static str>,
}

impl<'a> Lexer<'a> {
    /// A lexer at the beginning; `hyphens` allows `-` in names, as Velocity 1.x did.
    pub(crate) fn new(source: &'a str, hyphens: bool) -> Lexer<'a> {
        Lexer {
            source,
            position: 0,
            state: State::Default,
            stack: Vec::new(),
            opened: 0,
            closed: 0,
            curlies: 0,
            silent: false,
            in_set: false,
            hyphens,
            slashes: std::cell::Cell::new((0, 0)),
        }
    }

    /// The next token.
    pub(crate) fn next(&mut self) -> Result<Token, NoToken> {
        let mut start = self.position;
        let mut leftover = None;
        loop {
            if self.position > self.source.len() {
                return Ok(Token { kind: Kind::End0, start: self.source.len(), end: self.source.len(), leftover });
            }
            let Some((found, length)) = self.scan() else {
                let open = match self.state {
                    State::TextBlock => Some("#[["),
                    _ => None,
                };
                return Err(NoToken { start, end: self.position + 1, open });
            };
            let from = self.position;
            self.position += length;
            match found {
                scan::Found::Token(kind) => {
                    let end = self.finish(kind, from);
                    let end = end.min(self.source.len());
                    return Ok(Token { kind, start: start.min(end), end, leftover });
                }
                scan::Found::More(more) => self.begin(more, length),
                scan::Found::Skip => start = self.position,
                scan::Found::Terminator => {
                    // What ended the reference or directive belongs to the next token; what began it is text.
                    token::leftover(self.source.get(start..from), &mut leftover);
                    self.position = from;
                    start = from;
                    self.pop();
                }
            }
        }
    }

    /// The state after the last token.
    pub(crate) fn state(&self) -> State {
        self.state
    }

    /// Puts the lexer into the state of a directive's arguments: the parser has recognised one.
    pub(crate) fn enter_directive(&mut self) {
        self.state = State::Directive;
    }

    /// Leaves the state that the last `#` or `$` entered.
    pub(crate) fn leave(&mut self) {
        self.pop();
    }

    pub(crate) fn end_set(&mut self) {
        self.in_set = false;
    }

    /// Whether a character follows, after white space alone.
    pub(crate) fn followed_by(&self, wanted: u8) -> bool {
        let rest = self.source.as_bytes().get(self.position..).unwrap_or_default();
        rest.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r')) == Some(&wanted)
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        match self.source.as_bytes().get(at) {
            Some(byte) => Some(*byte),
            None if at == self.source.len() => Some(END),
            None => None,
        }
    }
}
