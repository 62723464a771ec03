//! Known slips in the fields and lines of declarations, and in those of tests.

use super::Scene;
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::source::Span;
use crate::suggest;
use crate::syntax::foreign;
use crate::syntax::phrases::MARKS;
use crate::syntax::token::Token;
use crate::vocabulary::{METHODS, Role, TYPES, role};

/// Types that fields are called after, too.
const NAMES: [&str; 5] = ["email", "phone", "url", "date", "duration"];

impl Scene<'_, '_> {
    /// What belongs to the steps of a test.
    pub(super) fn test_slip(&self) -> Option<Diagnostic> {
        if self.declaration() != Some(Token::Test) {
            return None;
        }
        match self.token(0)? {
            Token::BraceOpen if self.token(-1) == Some(Token::Given) => Some(
                self.wrong("what is given is named: `given contact { … }`")
                    .fix(Fix::insert_before(self.span(0), "contact ")),
            ),
            Token::Comma if self.token(-1) == Some(Token::BraceClose) && self.token(1) == Some(Token::BraceOpen) => {
                Some(self.wrong("the next answer stands behind `then`").fix(Fix::replace(self.span(0), " then")))
            }
            Token::Comma => Some(self.wrong("no commas stand between the parts").fix(Fix::delete(self.span(0)))),
            Token::By if self.token(-1) == Some(Token::Advance) => {
                let word = Span::new(self.span(0).file, self.span(0).start, self.span(1).start);
                Some(self.wrong("write `advance 2h`").fix(Fix::delete(word)))
            }
            Token::To if self.token(-1) == Some(Token::Advance) => {
                Some(self.wrong("write `advance until …`").fix(Fix::replace(self.span(0), "until")))
            }
            Token::Int if self.token(-1) == Some(Token::BraceOpen) && self.expected.has("\"headers\"") => Some(
                self.wrong(format!("write `status {}`", self.text(0))).fix(Fix::insert_before(self.span(0), "status ")),
            ),
            Token::Failure if matches!(self.token(-1), Some(Token::Expect | Token::Not)) => {
                Some(self.wrong("write `fail`").fix(Fix::replace(self.span(0), "fail")))
            }
            Token::On if self.token(-1) == Some(Token::Exit) && self.token(1) == Some(Token::Word) => {
                let name = format!("\"{}\"", self.text(1));
                let whole = self.span(0).to(self.span(1));
                Some(self.wrong(format!("write `expect exit {name}`")).fix(Fix::replace(whole, name)))
            }
            Token::And
                if self.token(1).is_some_and(|next| matches!(next, Token::Send | Token::Call | Token::Contact)) =>
            {
                Some(
                    self.wrong("each is a step of its own: `expect …`")
                        .fix(Fix::replace(self.span(0), "expect").titled("write `expect` instead")),
                )
            }
            Token::To | Token::From if matches!(self.token(-2), Some(Token::Send | Token::Call)) => {
                let value = self.token(1).filter(|token| matches!(token, Token::String));
                let diagnostic = self.wrong("what it is like stands between braces: `expect send NAME { to \"…\" }`");
                Some(match value {
                    Some(_) => {
                        let close = Edit { span: self.span(1).after(), text: " }".to_owned() };
                        let fix = Fix::insert_before(self.span(0), "{ ").and(close);
                        diagnostic.fix(fix.titled("put it between braces"))
                    }
                    None => diagnostic,
                })
            }
            Token::Equal | Token::Assign if self.expected.value() => {
                let word = Span::new(self.span(0).file, self.span(0).start, self.span(1).start);
                Some(self.wrong("the value stands behind the word, without a sign between").fix(Fix::delete(word)))
            }
            Token::Wait => Some(
                self.wrong("in a test the clock is moved on by `advance 2h`")
                    .fix(Fix::replace(self.span(0), "advance")),
            ),
            Token::Dot if self.token(-1) == Some(Token::Contact) && self.token(-2) == Some(Token::Expect) => {
                Some(self.wrong("the fields stand between braces: `expect contact { town: \"Kyiv\" }`"))
            }
            Token::String if self.token(-1) == Some(Token::Word) && self.token(-2) == Some(Token::Stub) => {
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

    /// `plan = "pro"` among fields.
    fn field_with_sign(&self) -> Diagnostic {
        let (span, name) = (self.span(0), self.text(0));
        let sign = Span::new(span.file, span.end, self.span(1).end);
        let ty = match self.token(2) {
            Some(Token::True | Token::False) => "bool",
            Some(Token::Int) => "int",
            Some(Token::Decimal) => "decimal",
            Some(Token::String) => "string",
            _ => "",
        };
        // By itself a value would be a type that has no other one.
        let answer = self.declaration() == Some(Token::Webhook) && self.line_begins_with(Token::Returns);
        if !ty.is_empty() && (answer || matches!(self.declaration(), Some(Token::Event | Token::Contact))) {
            let meant = format!("{name}: {ty} = {}", self.text(2));
            let fix = Fix::replace(sign, format!(": {ty} =")).titled(format!("write `{meant}`"));
            return self.wrong(format!("a field has a type: `{meant}`")).fix(fix.left_to_author());
        }
        self.wrong(format!("a field is written `{name}: …`")).fix(Fix::replace(sign, ":"))
    }

    /// Whether the line of a webhook that the parser is in begins with this word.
    fn line_begins_with(&self, word: Token) -> bool {
        let before = self.tokens.get(..self.index.unwrap_or(0)).unwrap_or(&[]);
        let first = before.iter().rev().find(|lexeme| role(lexeme.token) == Some(Role::WebhookLine));
        first.is_some_and(|lexeme| lexeme.token == word)
    }

    /// What belongs to fields and lines.
    pub(super) fn field_slip(&self) -> Option<Diagnostic> {
        let found = self.token(0)?;
        let (before, next) = (self.token(-1), self.token(1));
        match (before, found) {
            (_, Token::Word) if self.text(0) == "default" && self.same_line() => {
                Some(self.wrong("a default is written `= …`").fix(Fix::replace(self.span(0), "=")))
            }
            (_, Token::Word)
                if self.expected.field()
                    && (next == Some(Token::Minus) || (next == Some(Token::Dot) && !self.expected.value())) =>
            {
                Some(self.dashed())
            }
            (Some(Token::Comma), Token::Word)
                if matches!(self.text(0), "required" | "mandatory")
                    && self.expected.field()
                    && matches!(next, Some(Token::BraceClose | Token::Comma | Token::Key)) =>
            {
                let gone = self.span(-1).to(self.span(0));
                Some(self.wrong("every field is required whose type does not end in `?`").fix(Fix::delete(gone)))
            }
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
            (_, Token::Word)
                if self.expected.has("\"sensitive\"")
                    && self.same_line()
                    && MARKS.contains(&self.text(0))
                    && next != Some(Token::Assign) =>
            {
                let diagnostic = self.wrong("what is masked in logs is marked as `sensitive` behind its type");
                Some(diagnostic.fix(Fix::replace(self.span(0), "sensitive")))
            }
            (_, Token::String | Token::Int | Token::Decimal | Token::True | Token::False)
                if self.expected.has("\"sensitive\"") && self.expected.has("\"=\"") && self.same_line() =>
            {
                let hint = format!("a default is written `= {}`", self.text(0));
                Some(self.wrong(hint).fix(Fix::insert_before(self.span(0), "= ")))
            }
            (_, word)
                if (word.is_word() || word == Token::String)
                    && matches!(next, Some(Token::Assign | Token::Equal))
                    && self.expected.field()
                    && !self.expected.value() =>
            {
                Some(self.field_with_sign())
            }
            (_, Token::Word)
                if self.expected.field()
                    && !self.expected.value()
                    && next == Some(Token::Word)
                    && self.at(1).is_some_and(|next| !next.first_on_line)
                    && TYPES.iter().any(|ty| ty.word == self.text(0) && !NAMES.contains(&ty.word)) =>
            {
                let meant = format!("{}: {}", self.text(1), self.text(0));
                let both = self.span(0).to(self.span(1));
                Some(self.wrong(format!("the type stands behind the name: `{meant}`")).fix(Fix::replace(both, meant)))
            }
            (_, Token::Word) | (_, Token::String) if self.expected.field() && !self.expected.value() => {
                let (span, name) = (self.span(0), self.text(0));
                let ends = matches!(next, None | Some(Token::BraceClose | Token::Comma | Token::Dot))
                    || self.at(1).is_some_and(|next| next.first_on_line);
                Some(if ends {
                    self.wrong(format!("a field is written `{name}: …`"))
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
                let method = self.text(-1);
                Some(self.wrong(format!("the address is a text in quotes: `{method} \"https://…\"`")))
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
            (Some(Token::Timeout | Token::From | Token::To | Token::Per | Token::Advance), Token::String)
                if self.expected.has("\"duration\"") && self.bare_value().is_some() =>
            {
                let bare = self.bare_value().unwrap_or_default();
                let hint = format!("a duration stands without quotes: `{bare}`");
                Some(self.wrong(hint).fix(Fix::replace(self.span(0), bare)))
            }
            (Some(Token::Int), _) if self.expected.only("\"per\"") && !self.same_line() => {
                Some(self.wrong(format!("write `limit {} per 1s`", self.text(-1))))
            }
            (_, Token::On | Token::If) if matches!(self.declaration(), Some(Token::Webhook | Token::Channel)) => {
                Some(self.wrong("what is done with the answer, and on which condition, is said in the workflow"))
            }
            (Some(Token::String | Token::Block), Token::Plus) if !self.expected.operator() => {
                Some(self.wrong("values stand within the text: `\"https://…?id=${event.id}\"`"))
            }
            (Some(Token::Word), Token::Less) if self.token(-2) == Some(Token::Body) => {
                Some(self.wrong("an XML body is a text: `body xml \"\"\" … \"\"\"`"))
            }
            (Some(Token::Word), Token::As) if self.token(-2) == Some(Token::Uses) => {
                Some(self.wrong("a result is read by the webhook's name: `data.NAME`"))
            }
            (Some(Token::Headers), Token::BracketOpen | Token::String) => {
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
                let diagnostic = self.wrong("fields stand between braces: `{ name: … }`");
                Some(match self.line_without_braces() {
                    Some(last) => {
                        let close = Edit { span: last.after(), text: " }".to_owned() };
                        let fix = Fix::insert_before(self.span(0), "{ ").and(close);
                        diagnostic.fix(fix.titled("put them between braces"))
                    }
                    None => diagnostic,
                })
            }
            (Some(Token::Word), Token::Less | Token::BracketOpen) if self.expected.field() => {
                Some(self.wrong("a list is written `[string]`"))
            }
            (_, Token::Comma)
                if !self.expected.has("\",\"")
                    && self.same_line()
                    && matches!(
                        self.declaration(),
                        Some(Token::Message | Token::Webhook | Token::Channel | Token::Connector)
                    ) =>
            {
                Some(self.wrong("no comma stands here").fix(Fix::delete(self.span(0))))
            }
            (_, Token::Key) if !self.expected.field() && self.same_line() => {
                Some(self.wrong("words of the language take no colon; names that you invent do"))
            }
            _ => None,
        }
    }

    /// What stands between the quotes of a text that was to be a duration.
    fn bare_value(&self) -> Option<String> {
        let inner = self.text(0).strip_prefix('"')?.strip_suffix('"')?;
        let digits = inner.trim_start_matches(|letter: char| letter.is_ascii_digit());
        let unit = foreign::unit(digits)?;
        let amount = inner.strip_suffix(digits).filter(|amount| !amount.is_empty())?;
        Some(format!("{amount}{unit}"))
    }

    /// `X-Order: 12`.
    fn dashed(&self) -> Diagnostic {
        let diagnostic = self.wrong("a name with other signs than letters, digits and `_` stands in quotes");
        let words = |token: Option<Token>| token.is_some_and(|token| token.is_word() || token == Token::Int);
        let mut end = 0;
        while matches!(self.token(end + 1), Some(Token::Minus | Token::Dot))
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
}
