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
        let mut diagnostic = self.plain().hint(hint);
        diagnostic.fixes.clear();
        diagnostic
    }

    /// What people bring from elsewhere, each with its own way out.
    fn known_slip(&self) -> Option<Diagnostic> {
        self.name_slip()
            .or_else(|| self.header_slip())
            .or_else(|| self.step_slip())
            .or_else(|| self.test_slip())
            .or_else(|| self.field_slip())
            .or_else(|| self.value_slip())
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

    /// What belongs to the header lines of a workflow.
    fn header_slip(&self) -> Option<Diagnostic> {
        if self.declaration() != Some(Token::Workflow) {
            return None;
        }
        let found = self.token(0)?;
        let before = self.token(-1);
        let header = matches!(found, Token::On | Token::Identify | Token::Once | Token::One | Token::Exit);
        if found == Token::On && self.same_line() && self.token(2) == Some(Token::BraceOpen) {
            return Some(
                self.wrong("the other ways of a step are `on failure { … }` and, of `wait for`, `on timeout { … }`"),
            );
        }
        if header && self.expected.step() {
            let word = self.text(0);
            return Some(
                Diagnostic::new(Code::HeaderBelowStep, self.span(0))
                    .message(format!("`{word}` is a header line and stands above the first step"))
                    .hint("move the line up, behind the other header lines"),
            );
        }
        match (before, found) {
            _ if (1..4).any(|back| self.token(-back) == Some(Token::One)) => Some(self.wrong("write `one at a time`")),
            (Some(Token::Once), Token::Duration) => {
                Some(self.wrong("write `once per 7d` or `once ever`").fix(Fix::insert_before(self.span(0), "per ")))
            }
            (Some(Token::Word), _) if self.text(-1) == "schedule" && self.token(-2) == Some(Token::On) => {
                Some(self.wrong(
                    "a schedule is a cron line: `on schedule \"0 9 * * 1\" in \"Europe/Kyiv\" for segment NAME`",
                ))
            }
            (Some(Token::Or), Token::Create | Token::Stop) => Some(
                self.wrong(format!("where no contact is found: `else {}`", self.text(0)))
                    .fix(Fix::replace(self.span(-1), "else")),
            ),
            _ => None,
        }
    }

    /// What belongs to the steps of a workflow.
    fn step_slip(&self) -> Option<Diagnostic> {
        if self.declaration() != Some(Token::Workflow) {
            return None;
        }
        match (self.token(-1)?, self.token(0)?) {
            (_, Token::Else) if self.step_began_with(Token::Call) => {
                Some(self.wrong("what to do when a call failed is written `on failure { … }`"))
            }
            (_, Token::Else) if self.expected.has("\"percent\"") => {
                Some(self.wrong("whoever no share took goes to `rest \"label\" { … }`"))
            }
            (_, Token::Else) => Some(self.wrong("`else` follows the block of an `if`, a `match` or `identify by …`")),
            (_, Token::Word)
                if self.expected.step()
                    && self.step_began_with(Token::Call)
                    && matches!(self.text(0), "with" | "using" | "body") =>
            {
                Some(self.wrong("what is sent is said in the webhook's declaration"))
            }
            (_, Token::At) if self.step_began_with(Token::Send) => {
                Some(self.wrong(
                    "wait before with `wait until 09:00 in …`, or give hours with `between 09:00 and 21:00 in …`",
                ))
            }
            (Token::Set, Token::Word) => Some(
                self.wrong("what is set is a field of the contact").fix(Fix::insert_before(self.span(0), "contact.")),
            ),
            (_, Token::Equal) if self.expected.only("\"=\"") => {
                Some(self.wrong("a field is set with `=`").fix(Fix::replace(self.span(0), "=")))
            }
            (Token::Split, Token::BraceOpen) => {
                Some(self.wrong("a split has a name, which decides who goes where: `split \"name\" {`"))
            }
            (_, Token::Int) if self.expected.has("\"percent\"") => {
                let share = format!("{}%", self.text(0));
                Some(self.wrong(format!("a share is written `{share}`")).fix(Fix::replace(self.span(0), share)))
            }
            (Token::Percent, Token::Colon) => {
                Some(self.wrong("no colon follows a share").fix(Fix::delete(self.span(0))))
            }
            (_, Token::BraceOpen) if self.step_began_with(Token::Wait) => {
                Some(self.wrong("say how long at most: `wait for EVENT up to 2d {`"))
            }
            (_, _) if self.expected.block() && self.token(-2) == Some(Token::Emit) => {
                Some(self.wrong("the parameters of an event stand between braces: `emit NAME { … }`"))
            }
            (_, found) if self.expected.block() && (found == Token::Then || step(found)) => {
                Some(self.wrong("what is done stands between braces: `{ … }`"))
            }
            _ => self.reason_slip(),
        }
    }

    /// What belongs to the steps of a test.
    fn test_slip(&self) -> Option<Diagnostic> {
        if self.declaration() != Some(Token::Test) {
            return None;
        }
        match self.token(0)? {
            Token::Comma => Some(self.wrong("no commas stand between the parts").fix(Fix::delete(self.span(0)))),
            Token::String if self.text(-1) == "status" => Some(self.wrong("a status is a number, such as `200`")),
            _ => self.reason_slip(),
        }
    }

    fn reason_slip(&self) -> Option<Diagnostic> {
        let reason = matches!(self.token(-1)?, Token::Stop | Token::Fail) && self.token(0)? == Token::Word;
        (reason && self.same_line()).then(|| self.wrong("the reason is a text in quotes"))
    }

    /// What belongs to fields and lines.
    fn field_slip(&self) -> Option<Diagnostic> {
        let found = self.token(0)?;
        let (before, next) = (self.token(-1), self.token(1));
        match (before, found) {
            (_, Token::Word) if self.text(0) == "default" && self.same_line() => {
                Some(self.wrong("a default is written `= …`").fix(Fix::replace(self.span(0), "=")))
            }
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
            (Some(Token::Get | Token::Post | Token::Put | Token::Patch | Token::Delete), Token::Word | Token::Key)
                if self.same_line() =>
            {
                Some(self.wrong("the address is a text in quotes: `get \"https://…\"`"))
            }
            _ if self.declaration() == Some(Token::Connector) && self.index == Some(3) => {
                Some(self.wrong("say what kind it is: `basic`, `bearer` or `api_key`"))
            }
            (Some(Token::Contact), Token::Word | Token::String) if self.index == Some(2) => {
                Some(self.wrong("there is one contact card, and it has no name").fix(Fix::delete(self.span(0))))
            }
            // A setting without a value, and the next one was taken for it.
            (Some(Token::Word), _)
                if self.expected.only("\"(\"") && self.at(-1).is_some_and(|word| word.first_on_line) =>
            {
                let name = self.text(-2).to_owned();
                let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(-2));
                Some(diagnostic.message(format!("expected a text or `secret(\"NAME\")` behind `{name}`")))
            }
            (Some(Token::File), Token::Word) => Some(self.wrong("the path of a file is a text in quotes")),
            (_, Token::Word) if self.expected.field() && next == Some(Token::Minus) => {
                Some(self.wrong("a name with other signs than letters, digits and `_` stands in quotes"))
            }
            (Some(Token::Word), Token::Word) if matches!(self.token(-2), Some(Token::Uses | Token::Comma)) => {
                Some(self.wrong("names stand with commas between").fix(Fix::insert_after(self.span(-1), ",")))
            }
            (_, Token::Word) if self.declaration() == Some(Token::Webhook) && !self.same_line() => {
                foreign_line(self.text(0)).map(|hint| self.wrong(hint))
            }
            (_, Token::Until | Token::Word)
                if self.expected.has("\"to\"") && self.declaration() == Some(Token::Webhook) =>
            {
                Some(self.wrong("write `attempts 5 from 1s to 1min`"))
            }
            (Some(Token::Word), Token::String) if self.text(-1) == "secret" => {
                let name = self.text(0);
                Some(self.wrong(format!("write `secret({name})`")).fix(Fix::replace(self.span(0), format!("({name})"))))
            }
            (_, Token::Body) if self.declaration() == Some(Token::Message) => {
                Some(self.wrong("the body of a message is its `text`, or `html`"))
            }
            (_, Token::Key) if self.expected.block() && self.same_line() => {
                Some(self.wrong("fields stand between braces: `{ name: … }`"))
            }
            (Some(Token::Word), Token::Less | Token::BracketOpen) if self.expected.field() => {
                Some(self.wrong("a list is written `[string]`"))
            }
            (_, Token::Key) if !self.expected.field() && self.same_line() => {
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
            (_, Token::Int) if self.expected.only("\"duration\"") && unit(self.text(1)).is_some() => {
                let meant = format!("{}{}", self.text(0), unit(self.text(1)).unwrap_or_default());
                let whole = self.span(0).to(self.span(1));
                Some(self.wrong(format!("write `{meant}`")).fix(Fix::replace(whole, meant)))
            }
            (_, Token::Int) if self.expected.only("\"duration\"") => {
                Some(self.wrong("a duration has a unit: `5s`, `10min`, `1h`"))
            }
            (Token::Is, _) | (Token::Not, _) if self.expected.has("\"set\"") => {
                Some(self.wrong("`is set` asks whether there is a value; two values are compared with `==` or `!=`"))
            }
            (_, Token::Contact | Token::Word | Token::ParenOpen)
                if self.declaration() == Some(Token::Segment) && self.expected.only("\"}\"") =>
            {
                let joined = Fix::insert_before(self.span(0), "and ");
                Some(self.wrong("two conditions are joined with `and` or `or`").fix(joined))
            }
            (_, Token::Question) => Some(self.wrong("ask with `is set`, give a default with `?? …`")),
            (_, Token::Assign) if self.expected.operator() => {
                Some(self.wrong("two values are compared with `==`").fix(Fix::replace(self.span(0), "==")))
            }
            (_, Token::Word) if self.expected.pattern() => {
                let (span, word) = (self.span(0), self.text(0));
                Some(match word {
                    "default" | "otherwise" | "_" => {
                        self.wrong("the rest of the values is `else { … }`").fix(Fix::replace(span, "else"))
                    }
                    "case" | "when" => self.wrong("a value stands for itself: `\"gold\" { … }`").fix(Fix::delete(span)),
                    _ => self.wrong(
                        "the values of a `match` are written out: texts in quotes, numbers, `true`, `false`, `null`",
                    ),
                })
            }
            (_, Token::Percent) => Some(self.wrong("shares stand in a `split` only, as `50% \"label\" { … }`")),
            _ => None,
        }
    }

    /// Whether the step that the parser is in began with this word: the last one on a line of its own.
    fn step_began_with(&self, word: Token) -> bool {
        let Some(index) = self.index else { return false };
        let before = self.tokens.get(..index).unwrap_or(&[]);
        let first = before.iter().rev().find(|lexeme| step(lexeme.token) || lexeme.token == Token::BraceClose);
        first.is_some_and(|lexeme| lexeme.token == word)
    }

    /// What could have come, and what came.
    fn plain(&self) -> Diagnostic {
        let mut expected = self.expected.words(self.same_line());
        let condition = match self.token(-1) {
            Some(Token::If | Token::Where) => true,
            Some(Token::BraceOpen) => self.declaration() == Some(Token::Segment),
            _ => false,
        };
        if condition && self.expected.value() {
            expected = Some("a condition".to_owned());
        }
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
        let diagnostic = diagnostic.maybe_hint(self.foreign_hint());
        let diagnostic = match self.token(0) {
            // Words at the beginning of lines were looked at before parsing.
            Some(Token::Word) if diagnostic.hint.is_none() && self.same_line() => {
                let near = suggest::nearest(self.text(0), self.expected.keywords());
                match near {
                    Some(near) => diagnostic.hint(format!("write `{near}`")).fix(Fix::replace(place, near)),
                    None => diagnostic,
                }
            }
            _ => diagnostic,
        };
        // Where only one word or sign can come, it was forgotten.
        match self.expected.forgotten() {
            Some(word) if self.index.is_some() && !place.is_empty() => {
                diagnostic.fix(Fix::insert_before(place, format!("{word} ")))
            }
            _ => diagnostic,
        }
    }

    /// What other languages begin steps with.
    fn foreign_hint(&self) -> Option<&'static str> {
        self.token(0).filter(|_| self.expected.step()).and_then(|token| foreign_step(token, self.text(0)))
    }
}

fn step(token: Token) -> bool {
    KEYWORDS.iter().any(|keyword| keyword.token == token && keyword.role == Role::Step)
}

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

/// What people write into a webhook elsewhere.
fn foreign_line(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "url" | "uri" | "address" | "endpoint" | "method" | "host" => {
            "the method stands before the address: `get \"https://…\"`"
        }
        "query" | "params" | "parameters" => {
            "parameters stand in the address: `get \"https://…?town=${contact.town}\"`"
        }
        "json" | "xml" | "form" | "text" | "data" => "what is sent is written `body json { … }`",
        "backoff" | "delay" => "the pauses stand behind the attempts: `attempts 5 from 1s to 1min`",
        "username" | "login" | "password" | "token" | "secret" => {
            "credentials belong to a connector, which is named here: `auth NAME`"
        }
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
