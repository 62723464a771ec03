//! Known slips: what people bring from other languages, or forget, each with its own way out.
//!
//! They are told from the tokens around the place and from what could have come there.

use super::Scene;
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::source::Span;
use crate::suggest;
use crate::syntax::foreign;
use crate::syntax::token::Token;
use crate::vocabulary::{KEYWORDS, Role};

impl Scene<'_, '_> {
    /// What people bring from elsewhere, each with its own way out.
    pub(super) fn known_slip(&self) -> Option<Diagnostic> {
        self.name_slip()
            .or_else(|| self.habit())
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
        // `workflow welcome:`, and what follows is indented.
        if found == Token::Key && self.index == Some(2) && self.expected.name() {
            let (word, name) = (self.text(-1), self.text(0));
            return Some(self.wrong(format!("what belongs to it stands between braces: `{word} {name} {{ … }}`")));
        }
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
        if found == Token::On && self.same_line() && self.index > Some(3) && self.token(2) == Some(Token::BraceOpen) {
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
            (Some(Token::Per), Token::Word) if foreign::unit(self.text(0)).is_some() => {
                let meant = format!("1{}", foreign::unit(self.text(0)).unwrap_or("d"));
                Some(self.wrong(format!("write `{meant}`")).fix(Fix::replace(self.span(0), meant)))
            }
            (Some(Token::Exit), Token::Word) if matches!(self.text(0), "when" | "if" | "at" | "upon") => {
                Some(self.wrong("write `exit on EVENT`").fix(Fix::replace(self.span(0), "on")))
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
            (_, Token::Else) if self.block_before() == Some(Token::Wait) => Some(
                self.wrong("what to do when nothing came is written `on timeout { … }`")
                    .fix(Fix::replace(self.span(0), "on timeout")),
            ),
            (_, Token::Or) if self.step_began_with(Token::Call) => {
                Some(self.wrong("what to do when a call failed is written `on failure { … }`"))
            }
            (_, Token::Comma) if self.same_line() && self.token(1).is_some_and(step) && self.expected.step() => {
                Some(self.wrong("no commas stand between steps").fix(Fix::delete(self.span(0))))
            }
            (_, Token::Comma) if self.expected.step() && self.token(1) == Some(Token::Word) => {
                let word = self.statement_word().map_or("", |word| self.reader.slice(word));
                Some(self.wrong(format!("each is a step of its own: `{word} {}`", self.text(1))))
            }
            (Token::BraceClose, Token::Comma) => {
                Some(self.wrong("no commas stand between blocks").fix(Fix::delete(self.span(0))))
            }
            (_, Token::In) if self.expected.step() && self.step_began_with(Token::Send) => {
                Some(self.wrong("what is waited for is a step before it: `wait 1h`"))
            }
            (_, Token::BraceOpen) if self.expected.step() && self.step_began_with(Token::Send) => {
                Some(self.wrong("what a message says stands in its declaration, with `$event.…` and `$contact.…`"))
            }
            (Token::Word | Token::String, Token::Duration) if self.expected.has("\"up\"") => Some(
                self.wrong("how long at most is written `up to 2d`").fix(Fix::insert_before(self.span(0), "up to ")),
            ),
            (Token::Percent, Token::BraceOpen) => {
                Some(self.wrong(format!("each way has a label: `{} \"label\" {{`", self.text(-1))))
            }
            (Token::String | Token::Word, Token::Int | Token::Percent) if self.token(-2) == Some(Token::Split) => {
                Some(self.wrong("the shares stand between the braces, each before its label: `50% \"a\" { … }`"))
            }
            (_, Token::Else) if self.step_began_with(Token::Call) => {
                Some(self.wrong("what to do when a call failed is written `on failure { … }`"))
            }
            (_, Token::Else) if self.expected.has("\"percent\"") => Some(
                self.wrong("whoever no share took goes to `rest \"label\" { … }`")
                    .fix(Fix::replace(self.span(0), "rest \"rest\"")),
            ),
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
            (Token::Contact, Token::BraceOpen) if self.token(-2) == Some(Token::Set) => {
                Some(self.wrong("each field is set by a step of its own: `set contact.town = \"Kyiv\"`"))
            }
            (_, Token::Plus | Token::Minus) if self.expected.only("\"=\"") && self.token(1) == self.token(0) => {
                let field = self.reader.slice(self.span(-3).to(self.span(-1)));
                let meant = format!(" = {field} {} 1", self.text(0));
                let signs = self.span(0).to(self.span(1));
                Some(self.wrong(format!("write `{}`", meant.trim())).fix(Fix::replace(signs, meant)))
            }
            (Token::For, Token::Duration) if self.token(-2) == Some(Token::Wait) => {
                let word = Span::new(self.span(0).file, self.span(-1).start, self.span(0).start);
                Some(
                    self.wrong("`wait for` waits for an event; a time is waited for with `wait 2d`")
                        .fix(Fix::delete(word)),
                )
            }
            (Token::Word, _)
                if self.expected.block() && matches!(self.text(-1), "exists" | "defined" | "has" | "empty") =>
            {
                Some(self.wrong("whether there is a value is asked behind it: `event.note is set`"))
            }
            (_, Token::For) if self.expected.step() => {
                Some(self.wrong("a workflow has no loops; a template repeats with `#foreach`"))
            }
            (_, Token::String | Token::Word) if self.expected.has("\"percent\"") => {
                let share = self.token(1) == Some(Token::Percent);
                let (label, share) = (self.text(0), if share { self.text(1) } else { "50%" });
                let diagnostic = self.wrong(format!("the share stands before the label: `{share} {label} {{ … }}`"));
                let swapped = Fix::replace(self.span(0).to(self.span(1)), format!("{share} {label}"));
                Some(if self.token(1) == Some(Token::Percent) { diagnostic.fix(swapped) } else { diagnostic })
            }
            (Token::Set, Token::Event) => {
                Some(self.wrong("an event cannot be changed; what is set is a field of the contact"))
            }
            (_, Token::Colon) if self.expected.only("\"=\"") => {
                Some(self.wrong("a field is set with `=`").fix(Fix::replace(self.span(0), " =")))
            }
            (_, Token::Plus | Token::Minus | Token::Star | Token::Slash)
                if self.expected.only("\"=\"") && self.token(1) == Some(Token::Assign) =>
            {
                let field = self.reader.slice(self.span(-3).to(self.span(-1)));
                let meant = format!("= {field} {}", self.text(0));
                let signs = self.span(0).to(self.span(1));
                Some(self.wrong(format!("write `{meant} …`")).fix(Fix::replace(signs, meant)))
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
            (_, Token::Colon) if self.expected.block() => {
                let diagnostic = self.wrong("what is done stands between braces: `{ … }`");
                let braces = self.token(1) == Some(Token::BraceOpen);
                Some(if braces { diagnostic.fix(Fix::delete(self.span(0))) } else { diagnostic })
            }
            (_, Token::ParenOpen) if self.step_began_with(Token::Call) => {
                Some(self.wrong("what is sent is said in the webhook's declaration"))
            }
            (_, found)
                if (self.expected.block() || self.expected.has("\"{\""))
                    && !self.expected.step()
                    && !self.expected.value()
                    && (matches!(found, Token::Then | Token::Stray) || step(found)) =>
            {
                let diagnostic = self.wrong("what is done stands between braces: `{ … }`");
                Some(match self.line_without_braces().filter(|_| step(found)) {
                    Some(last) => {
                        let close = Edit { span: last.after(), text: " }".to_owned() };
                        let fix = Fix::insert_before(self.span(0), "{ ").and(close);
                        diagnostic.fix(fix.titled("put it between braces"))
                    }
                    None => diagnostic,
                })
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
            Token::BraceOpen if self.token(-1) == Some(Token::Given) => Some(
                self.wrong("what is given is named: `given contact { … }`")
                    .fix(Fix::insert_before(self.span(0), "contact ")),
            ),
            Token::Comma => Some(self.wrong("no commas stand between the parts").fix(Fix::delete(self.span(0)))),
            Token::Wait => Some(
                self.wrong("in a test the clock is moved on by `advance 2h`")
                    .fix(Fix::replace(self.span(0), "advance")),
            ),
            Token::Dot if self.token(-1) == Some(Token::Contact) && self.token(-2) == Some(Token::Expect) => {
                Some(self.wrong("the fields stand between braces: `expect contact { town: \"Kyiv\" }`"))
            }
            Token::String if self.token(-1) == Some(Token::Word) && self.token(-2) == Some(Token::Stub) => {
                const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
                let word = self.text(-1);
                let place = self.span(-1);
                let meant = suggest::nearest(word, METHODS);
                let diagnostic = Diagnostic::new(Code::UnexpectedToken, place)
                    .message(format!("`{word}` is no method"))
                    .hint(match meant {
                        Some(meant) => format!("write `{meant}`"),
                        None => "an address stands behind `get`, `post`, `put`, `patch` or `delete`".to_owned(),
                    });
                Some(match meant {
                    Some(meant) => diagnostic.fix(Fix::replace(place, meant)),
                    None => diagnostic,
                })
            }
            Token::String if self.text(-1) == "status" => Some(self.wrong("a status is a number, such as `200`")),
            _ => self.reason_slip(),
        }
    }

    /// The last token of a line that has no brace from here on, and none at the beginning of the next one.
    fn line_without_braces(&self) -> Option<Span> {
        let braces = |token: Token| matches!(token, Token::BraceOpen | Token::BraceClose | Token::Else);
        let index = self.index.filter(|_| self.same_line())?;
        let rest = self.tokens.get(index..)?;
        let length = rest.iter().take_while(|lexeme| !lexeme.first_on_line).count();
        let line = rest.get(..length)?;
        let alone = !line.iter().any(|lexeme| braces(lexeme.token))
            && rest.get(length).is_none_or(|next| next.token != Token::Else);
        let last = line.last().filter(|_| alone)?;
        Some(self.reader.span(last.start, last.end))
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
            (_, Token::Word) if self.expected.field() && next == Some(Token::Minus) => Some(self.dashed()),
            (_, Token::Word)
                if self.expected.has("\"sensitive\"")
                    && matches!(self.text(0), "required" | "mandatory" | "optional" | "nullable") =>
            {
                let fix = |text| Fix::replace(Span::new(self.span(0).file, self.span(-1).end, self.span(0).end), text);
                Some(if matches!(self.text(0), "required" | "mandatory") {
                    let fix = fix("").titled("remove it");
                    self.wrong("every field is required whose type does not end in `?`").fix(fix)
                } else {
                    self.wrong("the type of an optional field ends in `?`").fix(fix("?"))
                })
            }
            (_, Token::String | Token::Int | Token::Decimal | Token::True | Token::False)
                if self.expected.has("\"sensitive\"") && self.expected.has("\"=\"") && self.same_line() =>
            {
                let hint = format!("a default is written `= {}`", self.text(0));
                Some(self.wrong(hint).fix(Fix::insert_before(self.span(0), "= ")))
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
            (Some(before), Token::BraceOpen) if before.declares() && self.index == Some(2) => {
                let word = self.text(-1);
                Some(self.wrong(format!("a {word} has a name: `{word} NAME {{ … }}`")))
            }
            (Some(Token::Word), Token::Minus) if self.index == Some(3) => {
                let mut end = 0;
                while self.token(end) == Some(Token::Minus)
                    && self.token(end + 1).is_some_and(|token| token.is_word() || token == Token::Int)
                {
                    end += 2;
                }
                let whole = self.span(-1).to(self.span(end - 1));
                let name = self.reader.slice(whole);
                let diagnostic = self.wrong("a name with other signs than letters, digits and `_` stands in quotes");
                let adjacent = end > 0 && !name.contains(char::is_whitespace);
                Some(if adjacent { diagnostic.fix(Fix::replace(whole, format!("\"{name}\""))) } else { diagnostic })
            }
            (Some(Token::Word | Token::String), Token::ParenOpen) if self.index == Some(3) => {
                let diagnostic = self.wrong("nothing is handed to a declaration: its name is followed by `{`");
                let empty = self.token(1) == Some(Token::ParenClose);
                Some(if empty { diagnostic.fix(Fix::delete(self.span(0).to(self.span(1)))) } else { diagnostic })
            }
            (Some(Token::Int), Token::Duration) if self.token(-2) == Some(Token::Attempts) => {
                Some(self.wrong("write `attempts 5 from 1s to 1min`").fix(Fix::insert_before(self.span(0), "from ")))
            }
            (Some(Token::Headers), Token::BracketOpen) => {
                Some(self.wrong("headers are fields: `headers { \"X-Order\": event.order_id }`"))
            }
            (Some(Token::File), Token::Word) => Some(self.wrong("the path of a file is a text in quotes")),
            (Some(Token::Word), Token::Word) if matches!(self.token(-2), Some(Token::Uses | Token::Comma)) => {
                Some(self.wrong("names stand with commas between").fix(Fix::insert_after(self.span(-1), ",")))
            }
            (_, Token::Word) if self.declaration() == Some(Token::Webhook) && !self.same_line() => {
                foreign::line(self.text(0)).map(|hint| self.wrong(hint))
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

    /// `X-Order: 12`.
    fn dashed(&self) -> Diagnostic {
        let diagnostic = self.wrong("a name with other signs than letters, digits and `_` stands in quotes");
        let words = |token: Option<Token>| token.is_some_and(|token| token.is_word() || token == Token::Int);
        let mut end = 0;
        while self.token(end + 1) == Some(Token::Minus)
            && (words(self.token(end + 2)) || self.token(end + 2) == Some(Token::Key))
        {
            end += 2;
        }
        let whole = self.span(0).to(self.span(end));
        let name = self.reader.slice(whole);
        let is_key = self.token(end) == Some(Token::Key) || self.token(end + 1) == Some(Token::Colon);
        if is_key && !name.contains(char::is_whitespace) {
            diagnostic.fix(Fix::replace(whole, format!("\"{name}\"")))
        } else {
            diagnostic
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
            (Token::Int, Token::Int) if self.text(0).len() == 3 && self.same_line() => {
                let whole = self.span(-1).to(self.span(0));
                let meant = format!("{}{}", self.text(-1), self.text(0));
                Some(self.wrong("digits stand together, without a sign between them").fix(Fix::replace(whole, meant)))
            }
            (Token::Int, Token::Comma) if self.token(1) == Some(Token::Int) => {
                let meant = format!("{}.{}", self.text(-1), self.text(1));
                let whole = self.span(-1).to(self.span(1));
                let near = whole.len() as usize == meant.len();
                near.then(|| {
                    self.wrong(format!("decimals are written with a point: `{meant}`")).fix(Fix::replace(whole, meant))
                })
            }
            (_, Token::Int) if self.expected.only("\"duration\"") => {
                Some(self.wrong("a duration has a unit: `5s`, `10min`, `1h`"))
            }
            (Token::Is, Token::In | Token::Contains) => {
                let word = Span::new(self.span(0).file, self.span(-1).start, self.span(0).start);
                Some(self.wrong(format!("`{}` stands without `is`", self.text(0))).fix(Fix::delete(word)))
            }
            (
                Token::Int | Token::Decimal | Token::String | Token::Word,
                Token::Int | Token::Decimal | Token::String | Token::Word,
            ) if self.expected.has("\"]\"") && self.expected.has("\",\"") => {
                let comma = Fix::insert_after(self.span(-1), ",");
                Some(self.wrong("commas stand between the elements of a list").fix(comma))
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

    /// The step of which the block before this token is the last one, on its way back to the beginning of a line.
    fn block_before(&self) -> Option<Token> {
        const FAR: usize = 2_000;
        let before = self.tokens.get(..self.index?)?;
        let mut depth = 0usize;
        for lexeme in before.iter().rev().take(FAR) {
            match lexeme.token {
                Token::BraceClose => depth += 1,
                Token::BraceOpen => depth = depth.checked_sub(1)?,
                token if depth == 0 && step(token) => return Some(token),
                _ => {}
            }
        }
        None
    }

    /// The word that the step before this token began with.
    fn statement_word(&self) -> Option<Span> {
        let before = self.tokens.get(..self.index?)?;
        let word = before.iter().rev().take(8).find(|lexeme| step(lexeme.token))?;
        Some(self.reader.span(word.start, word.end))
    }

    /// Whether the step that the parser is in began with this word: the last one on a line of its own.
    pub(super) fn step_began_with(&self, word: Token) -> bool {
        let Some(index) = self.index else { return false };
        let before = self.tokens.get(..index).unwrap_or(&[]);
        let first = before.iter().rev().find(|lexeme| step(lexeme.token) || lexeme.token == Token::BraceClose);
        first.is_some_and(|lexeme| lexeme.token == word)
    }
}

fn step(token: Token) -> bool {
    KEYWORDS.iter().any(|keyword| keyword.token == token && keyword.role == Role::Step)
}
