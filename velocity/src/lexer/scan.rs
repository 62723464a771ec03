//! Which token begins here: the table of every state, the longest match first.

mod shapes;

use self::shapes::is_special;
use super::{END, Kind, Lexer, State};

/// What was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A whole token.
    Token(Kind),
    /// The beginning of one.
    More(More),
    /// A character of a comment.
    Skip,
    /// The character after a reference or a directive.
    Terminator,
}

/// What begins a longer token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum More {
    /// `$`, `$!`, with backslashes before.
    Dollar,
    /// `#`
    Hash,
    /// `#*`
    Comment,
    /// `#**` and a character.
    FormalComment,
    /// `#[[`
    TextBlock,
    /// A character of a text block.
    Verbatim,
}

/// Keeps the longest match, and of equally long ones the first.
struct Best(Option<(Found, usize)>);

impl Best {
    fn offer(&mut self, found: Found, length: usize) {
        if length > self.0.map_or(0, |(_, best)| best) {
            self.0 = Some((found, length));
        }
    }

    fn token(&mut self, kind: Kind, length: Option<usize>) {
        if let Some(length) = length {
            self.offer(Found::Token(kind), length);
        }
    }
}

/// The operators, and the words that are values.
const OPERATORS: &[(&str, Kind)] = &[
    ("true", Kind::True),
    ("false", Kind::False),
    ("-", Kind::Minus),
    ("+", Kind::Plus),
    ("*", Kind::Multiply),
    ("/", Kind::Divide),
    ("%", Kind::Modulus),
    ("&&", Kind::And),
    ("and", Kind::And),
    ("||", Kind::Or),
    ("or", Kind::Or),
    ("<", Kind::Less),
    ("lt", Kind::Less),
    ("<=", Kind::LessEqual),
    ("le", Kind::LessEqual),
    (">", Kind::Greater),
    ("gt", Kind::Greater),
    (">=", Kind::GreaterEqual),
    ("ge", Kind::GreaterEqual),
    ("==", Kind::Equal),
    ("eq", Kind::Equal),
    ("!=", Kind::NotEqual),
    ("ne", Kind::NotEqual),
    ("!", Kind::Not),
    ("not", Kind::Not),
    ("=", Kind::Assign),
];

/// The letters that operators begin with, one bit each.
const BEGINS_OPERATOR: u128 = {
    let mut begins = 0;
    let mut rest = OPERATORS;
    while let [(text, _), further @ ..] = rest {
        if let [first, ..] = text.as_bytes() {
            begins |= 1 << *first;
        }
        rest = further;
    }
    begins
};

impl Lexer<'_> {
    /// What begins at the current position, and how many bytes it has.
    pub(super) fn scan(&self) -> Option<(Found, usize)> {
        let at = self.position;
        let first = self.byte(at)?;
        let mut best = Best(None);
        match self.state {
            State::Default => self.scan_text(at, first, &mut best),
            // Nothing else begins as a name does.
            State::PreReference if begins_name(first) => {
                best.token(Kind::Identifier, self.identifier(at, self.hyphens));
            }
            State::PreReference => {
                best.token(Kind::LoneSymbol, (first == END).then_some(1));
                best.token(Kind::Set, self.set_directive(at));
                self.scan_more(at, first, &mut best);
                best.token(Kind::LineCommentStart, self.literal(at, "##"));
                best.token(Kind::Suffix, self.suffix(at));
                best.token(Kind::Identifier, self.identifier(at, self.hyphens));
                best.token(Kind::ReferenceLeft, self.left_curly(at));
                best.token(Kind::ReferenceRight, (first == b'}').then_some(1));
                best.offer(Found::Terminator, 1);
                best.token(Kind::EmptyIndex, self.empty_index(at));
            }
            State::Reference | State::Modifier | State::AfterArguments => self.scan_reference(at, first, &mut best),
            State::Directive | State::Arguments | State::Index | State::Alternate => {
                self.scan_expression(at, first, &mut best);
            }
            State::PreDirective => self.scan_directive_name(at, first, &mut best),
            State::LineComment => {
                best.token(Kind::ZeroWidth, (first == END).then_some(1));
                self.scan_more(at, first, &mut best);
                best.token(Kind::LineComment, self.newline(at));
                best.offer(Found::Skip, self.character(at));
            }
            State::FormalComment | State::BlockComment => {
                if self.state == State::FormalComment {
                    best.token(Kind::ZeroWidth, (first == END).then_some(1));
                }
                self.scan_more(at, first, &mut best);
                let kind = if self.state == State::FormalComment { Kind::FormalComment } else { Kind::BlockComment };
                best.token(kind, self.literal(at, "*#"));
                best.offer(Found::Skip, self.character(at));
            }
            State::TextBlock => {
                self.scan_more(at, first, &mut best);
                best.token(Kind::TextBlock, self.literal(at, "]]#"));
                if first != END {
                    best.offer(Found::More(More::Verbatim), self.character(at));
                }
            }
        }
        best.0
    }

    /// `$` and `#`, which every state knows.
    fn scan_more(&self, at: usize, first: u8, best: &mut Best) {
        match first {
            b'$' | b'\\' => {
                let dollar = self.after_slashes(at);
                if self.byte(dollar) != Some(b'$') {
                    return;
                }
                best.offer(Found::More(More::Dollar), dollar + 1 - at);
                let bang = self.skip_while(dollar + 1, |byte| byte == b'\\');
                if self.byte(bang) == Some(b'!') {
                    best.offer(Found::More(More::Dollar), bang + 1 - at);
                }
            }
            b'#' => {
                if self.literal(at, "#[[").is_some() {
                    best.offer(Found::More(More::TextBlock), 3);
                } else if self.literal(at, "#**").is_some() && !matches!(self.byte(at + 3), Some(b'#' | END) | None) {
                    best.offer(Found::More(More::FormalComment), 3 + self.character(at + 3));
                } else if self.literal(at, "#*").is_some() {
                    best.offer(Found::More(More::Comment), 2);
                } else {
                    best.offer(Found::More(More::Hash), 1);
                }
            }
            _ => {}
        }
    }

    fn scan_text(&self, at: usize, first: u8, best: &mut Best) {
        match first {
            END => best.token(Kind::ZeroWidth, Some(1)),
            b'\n' | b'\r' => best.token(Kind::Newline, self.newline(at)),
            b'\\' => {
                best.token(Kind::EscapedDirective, self.escaped_directive(at));
                self.scan_more(at, first, best);
                best.token(Kind::DoubleEscape, self.literal(at, "\\\\"));
                best.token(Kind::Escape, Some(1));
            }
            b'$' => {
                self.scan_more(at, first, best);
                best.token(Kind::EmptyIndex, self.empty_index(at));
            }
            b'#' => {
                best.token(Kind::Set, self.set_directive(at));
                self.scan_more(at, first, best);
                best.token(Kind::LineCommentStart, self.literal(at, "##"));
            }
            _ => {
                let blank = self.skip_while(at, |byte| matches!(byte, b' ' | b'\t'));
                let line = self.skip_while(blank, |byte| !is_special(byte));
                if line == blank {
                    best.token(Kind::Whitespace, Some(blank - at));
                } else {
                    best.token(Kind::Text, self.lines(line).map(|end| end - at));
                    best.token(Kind::InlineText, Some(line - at));
                }
            }
        }
    }

    /// From the end of a line's text: the end of the last line end that comes before anything but text.
    fn lines(&self, mut at: usize) -> Option<usize> {
        let mut end = None;
        while let Some(length) = self.newline(at) {
            at += length;
            end = Some(at);
            at = self.skip_while(at, |byte| !is_special(byte));
        }
        end
    }

    fn scan_reference(&self, at: usize, first: u8, best: &mut Best) {
        // A name or a parenthesis: everything else is shared.
        let modifier = self.state == State::Modifier;
        match first {
            END => best.token(Kind::ZeroWidth, Some(1)),
            b'(' if modifier => best.token(Kind::LeftParen, Some(1)),
            b'[' => best.token(Kind::IndexLeft, Some(1)),
            b'|' => {
                best.token(Kind::ReferenceOr, self.literal(at, "||"));
                best.token(Kind::Pipe, Some(1));
            }
            b'#' => {
                best.token(Kind::Set, self.set_directive(at));
                self.scan_more(at, first, best);
                best.token(Kind::LineCommentStart, self.literal(at, "##"));
            }
            b'$' | b'\\' => self.scan_more(at, first, best),
            b't' if self.state != State::AfterArguments => best.token(Kind::True, self.literal(at, "true")),
            b'f' if self.state != State::AfterArguments => best.token(Kind::False, self.literal(at, "false")),
            b'.' => best.token(Kind::Dot, self.dot(at)),
            b'{' => best.token(Kind::ReferenceLeft, self.left_curly(at)),
            b'}' => best.token(Kind::ReferenceRight, Some(1)),
            _ => {}
        }
        if modifier {
            best.token(Kind::Identifier, self.identifier(at, self.hyphens));
        }
        best.offer(Found::Terminator, 1);
    }

    fn scan_expression(&self, at: usize, first: u8, best: &mut Best) {
        let state = self.state;
        if state != State::Alternate {
            best.token(Kind::ZeroWidth, (first == END).then_some(1));
        }
        if state == State::Index {
            best.token(Kind::IndexRight, (first == b']').then_some(1));
        } else {
            let punctuation = match first {
                b'[' => Some(Kind::LeftBracket),
                b']' => Some(Kind::RightBracket),
                b',' => Some(Kind::Comma),
                b':' => Some(Kind::Colon),
                b'{' => Some(Kind::LeftCurly),
                b'}' => Some(Kind::RightCurly),
                b'(' if state == State::Directive => Some(Kind::LeftParen),
                b')' if state == State::Directive => Some(Kind::RightParen),
                b')' if state == State::Arguments => Some(Kind::ArgumentsRight),
                _ => None,
            };
            if let Some(kind) = punctuation {
                best.token(kind, Some(1));
            }
            best.token(Kind::DoubleDot, self.literal(at, ".."));
        }
        if state == State::Arguments {
            best.token(Kind::Set, self.set_directive(at));
        }
        self.scan_more(at, first, best);
        if matches!(state, State::Directive | State::Arguments) {
            best.token(Kind::LineCommentStart, self.literal(at, "##"));
        }
        match first {
            b' ' | b'\t' => {
                let end = self.skip_while(at, |byte| matches!(byte, b' ' | b'\t'));
                best.token(Kind::Whitespace, Some(end - at));
            }
            b'\n' | b'\r' => best.token(Kind::Newline, self.newline(at)),
            b'"' | b'\'' => best.token(Kind::String, self.string(at, first)),
            _ => {}
        }
        self.scan_operator(at, first, best);
        self.scan_number(at, first, best);
        match state {
            State::Directive => {
                best.token(Kind::Word, self.word(at));
                best.token(Kind::BracketedWord, self.bracketed_word(at));
            }
            State::Arguments => {
                best.token(Kind::Identifier, self.identifier(at, false));
                best.token(Kind::Dot, self.dot(at));
            }
            _ => {}
        }
    }

    fn scan_operator(&self, at: usize, first: u8, best: &mut Best) {
        // No operator begins as most tokens do.
        if !first.is_ascii() || BEGINS_OPERATOR >> first & 1 == 0 {
            return;
        }
        for (text, kind) in OPERATORS {
            if text.as_bytes().first() == Some(&first) {
                best.token(*kind, self.literal(at, text));
            }
        }
    }

    fn scan_number(&self, at: usize, first: u8, best: &mut Best) {
        if !matches!(first, b'-' | b'.' | b'0'..=b'9') {
            return;
        }
        let digits = at + usize::from(first == b'-');
        let point = self.skip_while(digits, |byte| byte.is_ascii_digit());
        if point > digits {
            let dots = if self.literal(point, "..").is_some() { 2 } else { 0 };
            best.token(Kind::Integer, Some(point + dots - at));
            best.token(Kind::Float, self.exponent(point).map(|end| end - at));
        }
        if self.byte(point) == Some(b'.') {
            let end = self.skip_while(point + 1, |byte| byte.is_ascii_digit());
            if point > digits || end > point + 1 {
                best.token(Kind::Float, Some(self.exponent(end).unwrap_or(end) - at));
            }
        }
    }

    fn scan_directive_name(&self, at: usize, first: u8, best: &mut Best) {
        best.token(Kind::LoneSymbol, (first == END).then_some(1));
        self.scan_more(at, first, best);
        best.token(Kind::LineCommentStart, self.literal(at, "##"));
        best.token(Kind::Suffix, self.suffix(at));
        for (text, kind) in [
            ("end", Kind::End),
            ("{end}", Kind::End),
            ("if", Kind::If),
            ("{if}", Kind::If),
            ("elseif", Kind::ElseIf),
            ("{elseif}", Kind::ElseIf),
            ("else", Kind::Else),
            ("{else}", Kind::Else),
        ] {
            best.token(kind, self.literal(at, text));
        }
        self.scan_number(at, first, best);
        best.token(Kind::Word, self.word(at));
        best.token(Kind::BracketedWord, self.bracketed_word(at));
        best.offer(Found::Terminator, 1);
    }
}

/// Whether a byte begins a name.
const fn begins_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}
