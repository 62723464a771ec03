//! The token stream, divided into declarations before any of them is parsed.
//!
//! So a broken declaration leaves all others as they are. The parser's own recovery drops tokens without counting braces,
//! hence braces are made to match here. Where they do not, the lines' indentation tells which one is wrong: it is what the
//! author meant. A declaration's keyword in the first column ends what is open before it.

mod braces;

use super::ast::Name;
use super::reader::Reader;
use super::token::{Lexeme, Token};
use super::{MAX_DEPTH, explain, foreign};
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::Span;
use crate::suggest;
use crate::vocabulary::{KEYWORDS, Role};

/// Whether a declaration begins with this token, going by it and the next one.
fn begins(tokens: &[Lexeme], index: usize) -> bool {
    let token = |index: usize| tokens.get(index).map(|lexeme| lexeme.token);
    token(index).is_some_and(Token::declares) && token(index + 1).is_some_and(Token::follows_declaring_word)
}

/// Whether a declaration begins with this token whatever is open: its keyword stands in the first column.
pub(super) fn begins_for_sure(reader: &Reader<'_>, tokens: &[Lexeme], index: usize) -> bool {
    begins(tokens, index) && tokens.get(index).is_some_and(|lexeme| reader.in_first_column(*lexeme))
}

/// A stretch of tokens that is one declaration.
pub(crate) enum Item {
    /// A declaration with matching braces, ready for the parser.
    Declaration {
        /// The tokens.
        tokens: Vec<Lexeme>,
        /// The braces are where they belong. Else some were missing, and where they were put in is a guess.
        certain: bool,
        /// A closing brace that was left out. If nothing else is wrong before it, it is the mistake.
        left_out: Option<Span>,
    },
    /// What is no declaration; reported.
    Broken {
        /// Where it stands.
        span: Span,
        /// The name that it has, if it looks like a declaration.
        name: Option<Name>,
    },
}

/// Divides the tokens of a file.
pub(crate) fn split(reader: &mut Reader<'_>, tokens: Vec<Lexeme>) -> Vec<Item> {
    let mut splitter = Splitter { reader, tokens, mendings: MENDINGS };
    let mut items = Vec::new();
    let mut at = 0;
    while at < splitter.tokens.len() {
        let (item, next) = if splitter.takes_as_keyword(at) { splitter.declaration(at) } else { splitter.garbage(at) };
        items.push(item);
        at = next.max(at + 1);
    }
    items
}

struct Splitter<'reader, 'text> {
    reader: &'reader mut Reader<'text>,
    tokens: Vec<Lexeme>,
    /// How many more braces may be put in or left out.
    mendings: usize,
}

/// How the braces of a stretch come out.
enum Braces {
    /// They match, and the last one closes at this index.
    Match(usize),
    /// The stretch ends here, and this many are open.
    Open(usize, usize),
    /// One closes here that was never opened.
    Stray(usize),
}

/// An open brace.
struct Opened {
    index: usize,
    /// The indentation of its line.
    indentation: u32,
    /// Whether the lines behind it are indented deeper; nothing while there was none.
    indented: Option<bool>,
}

/// Closing braces to be put in.
struct Insertions {
    /// Before which tokens, in ascending order.
    before: Vec<usize>,
    /// Whether these places are known from the indentation.
    certain: bool,
}

impl Default for Insertions {
    fn default() -> Insertions {
        Insertions { before: Vec::new(), certain: true }
    }
}

/// How many braces of a file are put in or left out: each moves the tokens behind it, and the declaration is read again.
const MENDINGS: usize = 100;

/// The deepest indentation that is told from a deeper one, in bytes.
const DEEPEST: usize = 1_000;

impl Splitter<'_, '_> {
    fn token(&self, index: usize) -> Option<Token> {
        self.tokens.get(index).map(|lexeme| lexeme.token)
    }

    fn span(&self, index: usize) -> Span {
        self.tokens.get(index).map_or(self.reader.span(0, 0), |lexeme| self.reader.span(lexeme.start, lexeme.end))
    }

    fn first_on_line(&self, index: usize) -> bool {
        self.tokens.get(index).is_some_and(|lexeme| lexeme.first_on_line)
    }

    fn begins(&self, index: usize) -> bool {
        begins(&self.tokens, index)
    }

    fn begins_for_sure(&self, index: usize) -> bool {
        begins_for_sure(self.reader, &self.tokens, index)
    }

    /// Whether a declaration's keyword stands here. A misspelt one is reported and made the right one.
    fn takes_as_keyword(&mut self, index: usize) -> bool {
        let Some(&lexeme) = self.tokens.get(index) else { return false };
        if lexeme.token.declares() {
            return true;
        }
        let Some(meant) = self.misspelt(index) else { return false };
        let span = self.span(index);
        let written = self.reader.slice(span);
        let mut diagnostic = if written == meant.word {
            Diagnostic::new(Code::NeedlessColon, span)
                .message(format!("no colon follows `{written}`"))
                .hint("words of the language take no colon; names that you invent do")
        } else {
            Diagnostic::new(Code::UnknownKeyword, span)
                .message(format!("no declaration begins with `{written}`"))
                .hint(format!("this looks like `{}`", meant.word))
        };
        diagnostic = diagnostic.fix(Fix::replace(span, meant.word));
        if lexeme.token == Token::Key {
            let until = self.tokens.get(index + 1).map_or(span.end, |next| next.start);
            let colon = self.reader.text.get(span.end as usize..until as usize).and_then(|text| text.find(':'));
            let end = colon.map_or(span.end, |at| span.end + at as u32 + 1);
            diagnostic.fixes = vec![Fix::replace(Span::new(span.file, span.start, end), meant.word)];
        }
        self.reader.slip(lexeme, diagnostic);
        if let Some(slot) = self.tokens.get_mut(index) {
            slot.token = meant.token;
        }
        true
    }

    /// The keyword that is meant by a word that looks like one: `worklfow w {`, `workflow: w {`.
    fn misspelt(&self, index: usize) -> Option<&'static crate::vocabulary::Keyword> {
        let token = self.token(index)?;
        if token != Token::Word && token != Token::Key {
            return None;
        }
        let next = self.token(index + 1)?;
        let named = next.is_word() || next == Token::String;
        let opens = |index| self.token(index) == Some(Token::BraceOpen);
        let looks = (named && (opens(index + 2) || opens(index + 3))) || next == Token::BraceOpen;
        if !looks {
            return None;
        }
        let declarations = KEYWORDS.iter().filter(|keyword| keyword.role == Role::Declaration);
        let word =
            suggest::nearest(self.reader.slice(self.span(index)), declarations.clone().map(|keyword| keyword.word))?;
        declarations.clone().find(|keyword| keyword.word == word)
    }

    /// Whether a line begins like a declaration, with whatever word: `template hello {`.
    fn looks_declared(&self, index: usize) -> bool {
        let named = self.token(index + 1).is_some_and(|next| next.is_word() || next == Token::String);
        self.token(index) == Some(Token::Word)
            && self.first_on_line(index)
            && named
            && self.token(index + 2) == Some(Token::BraceOpen)
    }

    /// What stands between declarations and is none: up to the next one, with one report.
    fn garbage(&mut self, start: usize) -> (Item, usize) {
        let mut depth = 0usize;
        let mut end = start;
        while let Some(token) = self.token(end) {
            let next_one = end > start && depth == 0 && (token.declares() || self.misspelt(end).is_some());
            let another = end > start && depth == 0 && self.looks_declared(end);
            if next_one || another || (end > start && self.begins_for_sure(end)) {
                break;
            }
            match token {
                Token::BraceOpen => depth += 1,
                Token::BraceClose => depth = depth.saturating_sub(1),
                _ => {}
            }
            end += 1;
        }
        let whole = self.span(start).to(self.span(end.saturating_sub(1)));
        let first = self.span(start);
        let found = self.reader.slice(first);
        let declares = KEYWORDS.iter().any(|keyword| keyword.role == Role::Declaration && keyword.word == found);
        let diagnostic = if declares {
            let form =
                if found == "contact" { "contact { … }".to_owned() } else { format!("{found} NAME {{ … }}") };
            Diagnostic::new(Code::UnexpectedToken, first)
                .message(format!("this is no whole `{found}`"))
                .hint(format!("write `{form}`"))
        } else if self.token(start) == Some(Token::BraceClose) {
            Diagnostic::new(Code::UnmatchedBrace, first).message("this `}` closes nothing").fix(Fix::delete(first))
        } else {
            let diagnostic = Diagnostic::new(Code::UnknownKeyword, first)
                .message(format!("no declaration begins with `{}`", explain::shortened(found)));
            match foreign::declaration(found) {
                Some(hint) => diagnostic.hint(hint),
                None => diagnostic.hint(
                    "declarations begin with `event`, `contact`, `connector`, `webhook`, `channel`, `segment`, `message`, `workflow` or `test`",
                ),
            }
        };
        if !self.reader.is_slip_line(first.start) {
            self.reader.report_on_line(diagnostic);
        }
        let named = matches!(self.token(start), Some(Token::Word)) && self.token(start + 2) == Some(Token::BraceOpen);
        let name = self.tokens.get(start + 1).copied().filter(|_| named).and_then(|lexeme| match lexeme.token {
            Token::String => Some(self.reader.plain_text(lexeme.start, lexeme.end)),
            token if token.is_word() => Some(self.reader.word(lexeme.start, lexeme.end)),
            _ => None,
        });
        (Item::Broken { span: whole, name }, end)
    }

    /// The declaration whose keyword stands at `start`, and where the next item begins.
    fn declaration(&mut self, start: usize) -> (Item, usize) {
        let mut left_out = None;
        loop {
            let (mended, end) = match self.braces(start) {
                Braces::Match(close) => {
                    let whole = !self.rest_belongs_here(close + 1) || !self.mend_closing(start, close, &mut left_out);
                    (!whole, close + 1)
                }
                // Nothing was opened: the declaration's own brace is missing.
                Braces::Stray(close) => (self.insert_opening(start, close), close),
                Braces::Open(end, open) => {
                    let insertions = self.close_open(start, end, open);
                    return (self.item(start, end, &insertions, left_out), end);
                }
            };
            if !mended {
                return (self.item(start, end, &Insertions::default(), left_out), end);
            }
        }
    }

    /// The tokens of a declaration, with closing braces put in.
    fn item(&mut self, start: usize, end: usize, insertions: &Insertions, left_out: Option<Span>) -> Item {
        let mut tokens = Vec::with_capacity(end - start + insertions.before.len() + 1);
        tokens.push(virtual_token(Token::StartDeclaration, self.span(start).start));
        let certain = insertions.certain;
        let mut insertions = insertions.before.iter().peekable();
        let mut depth = 0usize;
        let mut last = 0;
        for index in start..=end {
            while insertions.next_if(|&&insertion| insertion == index).is_some() {
                tokens.push(virtual_token(Token::BraceClose, last));
                depth = depth.saturating_sub(1);
            }
            let Some(&lexeme) = self.tokens.get(index).filter(|_| index < end) else { continue };
            match lexeme.token {
                Token::BraceOpen | Token::BracketOpen | Token::ParenOpen => depth += 1,
                Token::BraceClose | Token::BracketClose | Token::ParenClose => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > MAX_DEPTH {
                return self.too_deep(start, index, end);
            }
            last = lexeme.end;
            tokens.push(lexeme);
        }
        Item::Declaration { tokens, certain, left_out }
    }

    fn too_deep(&mut self, start: usize, place: usize, end: usize) -> Item {
        let diagnostic = Diagnostic::new(Code::NestingTooDeep, self.span(place));
        self.reader.report(diagnostic.hint("divide it into smaller parts"));
        let name = self.tokens.get(start + 1).copied().filter(|lexeme| lexeme.token == Token::Word);
        let name = name.map(|lexeme| self.reader.word(lexeme.start, lexeme.end));
        Item::Broken { span: self.span(start).to(self.span(end.saturating_sub(1))), name }
    }
}

/// A token that no text has, at a place between two tokens.
fn virtual_token(token: Token, place: u32) -> Lexeme {
    Lexeme { token, start: place, end: place, first_on_line: false }
}
