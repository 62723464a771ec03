//! Known slips in the steps of workflows.

use super::Scene;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::source::Span;
use crate::syntax::foreign;
use crate::syntax::token::Token;
use crate::vocabulary::{Role, role};

impl Scene<'_, '_> {
    /// What belongs to the steps of a workflow.
    pub(super) fn step_slip(&self) -> Option<Diagnostic> {
        if self.declaration() != Some(Token::Workflow) {
            return None;
        }
        match (self.token(-1)?, self.token(0)?) {
            (Token::BraceClose, found) if self.expected.only("\"}\"") && self.is_behind_else() => Some(match found {
                Token::Else => self.wrong("a `match` has one `else`, for all the values that no arm names"),
                _ => self.wrong("`else` stands behind all other arms: move it down"),
            }),
            (_, Token::Else) if self.block_before() == Some(Token::Wait) => Some(
                self.wrong("what to do when nothing came is written `on timeout { … }`")
                    .fix(Fix::replace(self.span(0), "on timeout")),
            ),
            (_, Token::Or | Token::Else) if self.step_began_with(Token::Call) => {
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
            (Token::Word | Token::String, Token::For)
                if self.expected.has("\"up\"") && self.token(1) == Some(Token::Duration) =>
            {
                Some(self.wrong("how long at most is written `up to 2d`").fix(Fix::replace(self.span(0), "up to")))
            }
            (_, Token::As | Token::Where) if self.step_began_with(Token::Wait) && self.expected.block() => {
                Some(self.wrong("`as` and `where` stand before `up to`: `wait for EVENT as NAME where … up to 2d {`"))
            }
            (_, _) if self.expected.has("\"up\"") && (!self.same_line() || self.token(0) == Some(Token::BraceOpen)) => {
                Some(self.wrong("say how long at most: `wait for EVENT up to 2d { … }`"))
            }
            (_, Token::To | Token::Comma) if self.expected.has("\"and\"") && self.step_began_with(Token::Send) => {
                let gap = Span::new(self.span(0).file, self.span(-1).end, self.span(1).start);
                Some(self.wrong("hours are written `between 09:00 and 21:00 in …`").fix(Fix::replace(gap, " and ")))
            }
            (Token::Time, Token::In) if self.expected.has("\"and\"") && self.token(-2) == Some(Token::Minus) => {
                let gap = Span::new(self.span(0).file, self.span(-3).end, self.span(-1).start);
                Some(self.wrong("hours are written `between 09:00 and 21:00 in …`").fix(Fix::replace(gap, " and ")))
            }
            (_, Token::From) if self.step_began_with(Token::Send) => {
                let diagnostic = self.wrong("hours are written `between 09:00 and 21:00 in …`");
                let hours = (self.token(1), self.token(2)) == (Some(Token::Time), Some(Token::To));
                let to = Edit { span: self.span(2), text: "and".to_owned() };
                let fix = Fix::replace(self.span(0), "between").and(to).titled("write `between … and …`");
                Some(if hours { diagnostic.fix(fix) } else { diagnostic })
            }
            (_, Token::Word)
                if self.expected.has("\"as\"") && matches!(self.text(0), "into" | "to" | "named" | "result") =>
            {
                let diagnostic = self.wrong("the name of the result stands behind `as`");
                let named = self.token(1) == Some(Token::Word);
                Some(if named { diagnostic.fix(Fix::replace(self.span(0), "as")) } else { diagnostic })
            }
            (Token::Stop | Token::Fail, Token::Event | Token::Contact) => {
                let mut end = 0;
                while self.token(end + 1) == Some(Token::Dot) && self.token(end + 2) == Some(Token::Word) {
                    end += 2;
                }
                let path = self.span(0).to(self.span(end));
                let meant = format!("\"${{{}}}\"", self.reader.slice(path));
                Some(self.wrong(format!("the reason is a text: `{meant}`")).fix(Fix::replace(path, meant)))
            }
            (Token::String, Token::String | Token::Event | Token::Contact | Token::Plus) if self.same_line() => {
                Some(self.wrong("a text and its values are one: `\"… ${event.id}\"`"))
            }
            (Token::Assign, Token::If) => {
                Some(self.wrong("steps choose: `if … { set … } else { set … }`; `??` gives a default"))
            }
            (_, Token::Comma) if self.step_began_with(Token::Set) && self.token(1) == Some(Token::Contact) => {
                let gap = Span::new(self.span(0).file, self.span(0).start, self.span(1).start);
                let fix = Fix::replace(gap, "\n  set ").titled("set it by a step of its own");
                Some(self.wrong("each field is set by a step of its own").fix(fix))
            }
            (_, Token::Dot) if self.expected.only("\"=\"") => {
                Some(self.wrong("a field of the card is set as a whole: `set contact.place = { … }`"))
            }
            (_, Token::Less | Token::LessOrEqual | Token::Greater | Token::GreaterOrEqual)
                if self.expected.pattern() =>
            {
                Some(self.wrong(
                    "the branches of a `match` are for single values; what is greater or less is asked with `if`",
                ))
            }
            (Token::Rest, Token::BraceOpen) => Some(self.wrong("each way has a label: `rest \"label\" {`")),
            (_, Token::Decimal) if self.expected.has("\"percent\"") => {
                Some(self.wrong("a share is written in percent: `50%`"))
            }
            (_, Token::Word)
                if self.expected.step()
                    && (self.token(1), self.token(2)) == (Some(Token::Assign), Some(Token::Call)) =>
            {
                let (word, name) = (self.text(0), self.text(3));
                let meant = format!("call {name} as {word}");
                let whole = self.span(0).to(self.span(3));
                Some(
                    self.wrong(format!("the name of a result stands behind it: `{meant}`"))
                        .fix(Fix::replace(whole, meant)),
                )
            }
            (_, Token::Word)
                if self.expected.step()
                    && !self.same_line()
                    && foreign::step(Token::Word, self.text(0)).is_none()
                    && (!matches!(self.token(1), Some(Token::BraceOpen | Token::Assign | Token::Dot))) =>
            {
                Some(self.wrong("a step begins with a word of the language: `send NAME`, `call NAME`, `wait 1h`"))
            }
            (Token::Percent, Token::BraceOpen) => {
                Some(self.wrong(format!("each way has a label: `{} \"label\" {{`", self.text(-1))))
            }
            (Token::String | Token::Word, Token::Int | Token::Percent) if self.token(-2) == Some(Token::Split) => {
                Some(self.wrong("the shares stand between the braces, each before its label: `50% \"a\" { … }`"))
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
                let share = (self.token(1) == Some(Token::Percent)).then(|| self.text(1));
                let swapped = format!("{} {}", share.unwrap_or("50%"), self.text(0));
                let diagnostic = self.wrong(format!("the share stands before the label: `{swapped} {{ … }}`"));
                let both = self.span(0).to(self.span(1));
                Some(if share.is_some() { diagnostic.fix(Fix::replace(both, swapped)) } else { diagnostic })
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
            (Token::Percent, Token::As) => {
                let label = match self.token(1) {
                    Some(Token::Word) => Some(format!("\"{}\"", self.text(1))),
                    Some(Token::String) => Some(self.text(1).to_owned()),
                    _ => None,
                };
                let shown = label.as_deref().unwrap_or("\"label\"");
                let hint = format!("a label stands in quotes behind its share: `{} {shown} {{`", self.text(-1));
                let diagnostic = self.wrong(hint);
                let place = self.span(0).to(self.span(1));
                Some(match label {
                    Some(label) => diagnostic.fix(Fix::replace(place, label)),
                    None => diagnostic,
                })
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

    /// Whether the block before this token is that of an `else`.
    fn is_behind_else(&self) -> bool {
        const FAR: usize = 2_000;
        let before = self.index.and_then(|index| self.tokens.get(..index)).unwrap_or(&[]);
        let mut depth = 0usize;
        let head = before.iter().rev().take(FAR).find(|lexeme| {
            match lexeme.token {
                Token::BraceClose => depth += 1,
                Token::BraceOpen => depth = depth.saturating_sub(1),
                _ => return depth == 0,
            }
            false
        });
        head.is_some_and(|head| head.token == Token::Else)
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

    /// The last token of a line that has no brace from here on, and none at the beginning of the next one.
    pub(super) fn line_without_braces(&self) -> Option<Span> {
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
}

fn step(token: Token) -> bool {
    role(token) == Some(Role::Step)
}
