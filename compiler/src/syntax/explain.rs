//! What to say where the parser stumbled.
//!
//! The parser knows which tokens could have come. Said in its own words that would be a list of thirty; here it becomes
//! "a step" or "a value", and what people most often mean by what they wrote becomes a hint.

use lalrpop_util::ParseError;

use super::expected::{self, Expected};
use super::reader::{Mistake, Reader};
use super::token::{Lexeme, Token};
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::Span;
use crate::suggest;
use crate::vocabulary::{KEYWORDS, Role};

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
        self.plain().hint(hint)
    }

    /// What people bring from elsewhere, each with its own way out.
    fn known_slip(&self) -> Option<Diagnostic> {
        self.name_slip().or_else(|| self.workflow_slip()).or_else(|| self.field_slip()).or_else(|| self.value_slip())
    }

    /// A reserved word in the place of a name.
    fn name_slip(&self) -> Option<Diagnostic> {
        let found = self.token(0)?;
        let before = self.token(-1)?;
        let names = before.declares()
            || matches!(
                before,
                Token::As
                    | Token::Call
                    | Token::Send
                    | Token::Auth
                    | Token::Uses
                    | Token::Emit
                    | Token::Receive
                    | Token::Stub
                    | Token::On
                    | Token::For
                    | Token::Split
            );
        if !found.is_reserved() || !names || !self.same_line() || !self.expected.name() {
            return None;
        }
        let (span, word) = (self.span(0), self.text(0));
        Some(
            Diagnostic::new(Code::ReservedWord, span)
                .message(format!("`{word}` is a word of the language"))
                .hint(format!("as a name, write it in quotes: `\"{word}\"`"))
                .fix(Fix::replace(span, format!("\"{word}\""))),
        )
    }

    /// What belongs to workflows: the order of lines, the usual other ways to say things.
    fn workflow_slip(&self) -> Option<Diagnostic> {
        let found = self.token(0)?;
        let before = self.token(-1);
        let header = matches!(found, Token::On | Token::Identify | Token::Once | Token::One | Token::Exit);
        if header && self.declaration() == Some(Token::Workflow) && (!self.same_line() || self.expected.step()) {
            let word = self.text(0);
            return Some(
                Diagnostic::new(Code::HeaderBelowStep, self.span(0))
                    .message(format!("`{word}` is a header line and stands above the first step"))
                    .hint("move the line up, behind the other header lines"),
            );
        }
        match (before, found) {
            (Some(Token::Or), Token::Create | Token::Stop) => Some(
                self.wrong(format!("where no contact is found: `else {}`", self.text(0)))
                    .fix(Fix::replace(self.span(-1), "else")),
            ),
            (_, Token::Else) if self.step_began_with(Token::Call) => {
                Some(self.wrong("what to do when a call failed is written `on failure { … }`"))
            }
            (_, Token::Else) => Some(self.wrong("`else` follows the block of an `if`, a `match` or `identify by …`")),
            (Some(Token::Set), Token::Word) => Some(
                self.wrong("what is set is a field of the contact").fix(Fix::insert_before(self.span(0), "contact.")),
            ),
            (Some(Token::Split), Token::BraceOpen) => {
                Some(self.wrong("a split has a name, which decides who goes where: `split \"name\" {`"))
            }
            (_, Token::BraceOpen) if self.step_began_with(Token::Wait) => {
                Some(self.wrong("say how long at most: `wait for EVENT up to 2d {`"))
            }
            _ => None,
        }
    }

    /// What belongs to fields and lines.
    fn field_slip(&self) -> Option<Diagnostic> {
        let found = self.token(0)?;
        let (before, next) = (self.token(-1), self.token(1));
        match (before, found) {
            (_, Token::Word) | (_, Token::String) if self.expected.field() && !self.expected.value() => {
                let (span, name) = (self.span(0), self.text(0));
                Some(if next == Some(Token::Assign) {
                    let sign = self.span(1);
                    let until = Span::new(span.file, span.end, sign.end);
                    self.wrong(format!("a field is written `{name}: …`")).fix(Fix::replace(until, ":"))
                } else {
                    self.wrong(format!("a field is written `{name}: …`, with a colon"))
                        .fix(Fix::insert_after(span, ":"))
                })
            }
            (Some(Token::Body), Token::BraceOpen) => Some(
                self.wrong("say what the body is: `body json { … }`").fix(Fix::insert_after(self.span(-1), " json")),
            ),
            (Some(Token::Returns), Token::BraceOpen | Token::BracketOpen) => Some(
                self.wrong("say what the answer is: `returns json { … }`")
                    .fix(Fix::insert_after(self.span(-1), " json")),
            ),
            (Some(Token::Get | Token::Post | Token::Put | Token::Patch | Token::Delete), Token::Word) => {
                Some(self.wrong("the address is a text in quotes: `get \"https://…\"`"))
            }
            (_, Token::Key) if !self.expected.field() => {
                Some(self.wrong("words of the language take no colon; names that you invent do"))
            }
            _ => None,
        }
    }

    /// What belongs to values.
    fn value_slip(&self) -> Option<Diagnostic> {
        let found = self.token(0)?;
        let before = self.token(-1)?;
        match (before, found) {
            (Token::Date, Token::Time) => {
                let gap = Span::new(self.span(0).file, self.span(-1).end, self.span(0).start);
                Some(self.wrong("a date and a time are joined by `T`").fix(Fix::replace(gap, "T")))
            }
            (Token::Duration, Token::Duration) => {
                Some(self.wrong("a duration is one number and one unit, such as `90min`"))
            }
            (Token::Int, Token::Word) => {
                let unit = unit(self.text(0))?;
                let whole = self.span(-1).to(self.span(0));
                let meant = format!("{}{unit}", self.text(-1));
                Some(self.wrong(format!("write `{meant}`")).fix(Fix::replace(whole, meant)))
            }
            (_, Token::Int) if self.expected.only("\"duration\"") => {
                Some(self.wrong("a duration has a unit: `5s`, `10min`, `1h`"))
            }
            (_, Token::Question) => Some(self.wrong("ask with `is set`, give a default with `?? …`")),
            (_, Token::Assign) if self.expected.operator() => {
                Some(self.wrong("two values are compared with `==`").fix(Fix::replace(self.span(0), "==")))
            }
            (_, Token::Percent) => Some(self.wrong("shares stand in a `split` only, as `50% \"label\" { … }`")),
            _ => None,
        }
    }

    /// Whether the step that the parser is in began with this word: the last one on a line of its own.
    fn step_began_with(&self, word: Token) -> bool {
        let Some(index) = self.index else { return false };
        let words = KEYWORDS.iter().filter(|keyword| keyword.role == Role::Step);
        let begins = |token| words.clone().any(|keyword| keyword.token == token);
        let before = self.tokens.get(..index).unwrap_or(&[]);
        let first = before.iter().rev().find(|lexeme| begins(lexeme.token) || lexeme.token == Token::BraceClose);
        first.is_some_and(|lexeme| lexeme.token == word)
    }

    /// What could have come, and what came.
    fn plain(&self) -> Diagnostic {
        let expected = self.expected.words();
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
        let diagnostic = match self.token(0) {
            Some(Token::Word) => {
                let near = suggest::nearest(self.text(0), self.expected.keywords());
                match near {
                    Some(near) => diagnostic.hint(format!("write `{near}`")).fix(Fix::replace(place, near)),
                    None => diagnostic,
                }
            }
            _ => diagnostic,
        };
        let hint = self.token(0).and_then(|token| foreign_step(token, self.text(0)));
        if diagnostic.hint.is_none() { diagnostic.maybe_hint(hint) } else { diagnostic }
    }
}

/// What other languages begin steps with.
fn foreign_step(token: Token, word: &str) -> Option<&'static str> {
    if token != Token::Word && token != Token::Key {
        return None;
    }
    Some(match word.to_ascii_lowercase().as_str() {
        "retry" | "retries" => "how often a webhook is tried is said in its declaration: `attempts 5 from 1s to 1min`",
        "while" | "loop" | "repeat" | "foreach" => "a workflow has no loops",
        "var" | "const" => "there are no variables; what is to be kept goes into a field: `set contact.field = …`",
        "print" | "log" => "each step is in the run's history; there is no step for logging",
        "try" | "catch" | "finally" => "a call that failed is handled by `on failure { … }`",
        "elif" | "elseif" | "elsif" => "write `else if … { … }` behind the closing brace",
        "when" | "unless" => "a condition is written `if … { … }`, a condition on the trigger `on EVENT where …`",
        "goto" | "jump" => "there are no jumps; steps follow each other",
        "return" | "exit" => "a run ends with `stop` or `fail \"reason\"`",
        "sms" | "push" | "email" => "a message is declared with `message` and sent with `send NAME`",
        "xpath" | "jsonpath" => "the shape of an answer is declared: `returns json { … }`",
        _ => return None,
    })
}

/// What other languages begin declarations with.
pub(crate) fn foreign_declaration(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "import" | "use" | "require" | "include" | "from" => {
            "there are no imports: all `.wf` files of the project are one program"
        }
        "template" | "email" | "sms" => "what is sent is declared with `message`",
        "flow" | "scenario" | "automation" | "journey" => "what runs is declared with `workflow`",
        "trigger" | "on" | "when" => "a trigger is a header line of a `workflow`",
        "http" | "request" | "api" | "endpoint" => "an HTTPS call is declared with `webhook`",
        "secret" => "a secret is named where it is used: `password secret(\"NAME\")` in a connector",
        "var" | "let" | "const" | "function" | "def" | "fn" => "there are no variables and no functions",
        _ => return None,
    })
}

/// The unit that is meant by a word behind a number.
fn unit(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "ms" | "milliseconds" | "millisecond" => "ms",
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "min" | "mins" | "minute" | "minutes" => "min",
        "h" | "hr" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        "w" | "week" | "weeks" => "w",
        _ => return None,
    })
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
