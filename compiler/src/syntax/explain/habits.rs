//! Words and signs that conditions and steps have in other languages, each with what is written here.

use super::Scene;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::Span;
use crate::syntax::foreign;
use crate::syntax::token::Token;

impl Scene<'_, '_> {
    /// A habit of another language, with the way out.
    pub(super) fn habit(&self) -> Option<Diagnostic> {
        self.comparison().or_else(|| match self.declaration()? {
            Token::Workflow => self.habit_of_steps(),
            Token::Webhook | Token::Channel => self.habit_of_requests(),
            _ => None,
        })
    }

    /// The token at `offset` and the blanks behind it.
    fn with_blanks(&self, offset: isize) -> Span {
        let span = self.span(offset);
        Span::new(span.file, span.start, self.span(offset + 1).start.max(span.end))
    }

    /// What stands between values in a condition.
    fn comparison(&self) -> Option<Diagnostic> {
        let (before, found) = (self.token(-1)?, self.token(0)?);
        let span = self.span(0);
        let block = self.expected.block();
        let replaced = |hint: String, text: &str| Some(self.wrong(hint).fix(Fix::replace(span, text)));
        match (before, found) {
            (_, Token::Word) if block && self.same_line() => match self.text(0).to_ascii_lowercase().as_str() {
                "startswith" | "starts_with" | "endswith" | "ends_with" | "matches" | "like" | "includes" => {
                    Some(self.wrong("texts are compared with `==`, `!=` and `contains`"))
                }
                "equals" | "equal" | "eq" => replaced("two values are compared with `==`".to_owned(), "=="),
                "ne" | "differs" => replaced("that two values differ is written `!=`".to_owned(), "!="),
                "gt" => replaced("write `>`".to_owned(), ">"),
                "lt" => replaced("write `<`".to_owned(), "<"),
                "gte" | "ge" => replaced("write `>=`".to_owned(), ">="),
                "lte" | "le" => replaced("write `<=`".to_owned(), "<="),
                "exists" | "exist" | "defined" | "is_set" | "isset" => {
                    replaced("whether there is a value is asked with `is set`".to_owned(), "is set")
                }
                _ if matches!(before, Token::Int | Token::Decimal) => {
                    Some(self.wrong("a number stands without a unit"))
                }
                _ => None,
            },
            (_, Token::Between) if block => {
                Some(self.wrong("a range is two comparisons: `event.total >= 10 and event.total <= 20`"))
            }
            (_, Token::Then) if block && self.token(1) == Some(Token::BraceOpen) => {
                let fix = Fix::delete(self.with_blanks(0)).titled("remove `then`");
                Some(self.wrong("what is done stands between braces, and no word before them").fix(fix))
            }
            (Token::Is, Token::True | Token::False) => {
                Some(self.wrong("two values are compared with `==`").fix(Fix::replace(self.span(-1), "==")))
            }
            (Token::Not, Token::Set) if self.expected.only("\"in\"") => {
                let fix = Fix::insert_before(self.span(-1), "is ");
                Some(self.wrong("whether there is no value is asked with `is not set`").fix(fix))
            }
            (Token::Is, _) if self.is_nothing() => {
                replaced("whether there is no value is asked with `is not set`".to_owned(), "not set")
            }
            (Token::Not, _) if self.is_nothing() && self.token(-2) == Some(Token::Is) => {
                let fix = Fix::replace(self.span(-1).to(span), "set");
                Some(self.wrong("whether there is a value is asked with `is set`").fix(fix))
            }
            (Token::Is, Token::Word) if self.token(-2) == Some(Token::Contact) => {
                let hint = format!("whether a contact belongs to a segment is written `contact in {}`", self.text(0));
                Some(self.wrong(hint).fix(Fix::replace(self.span(-1), "in")))
            }
            (
                Token::And | Token::Or,
                Token::Less
                | Token::LessOrEqual
                | Token::Greater
                | Token::GreaterOrEqual
                | Token::Equal
                | Token::NotEqual,
            ) => Some(self.wrong("each comparison has both of its sides: `event.total > 3 and event.total < 5`")),
            (Token::Int, Token::Comma) if self.token(1) == Some(Token::Decimal) && block => {
                let whole = self.span(-1).to(self.span(1));
                let meant = format!("{}{}", self.text(-1), self.text(1));
                let near = whole.len() as usize == meant.len() + 1;
                near.then(|| {
                    let hint = "digits stand together, without a sign between them";
                    self.wrong(hint).fix(Fix::replace(whole, meant))
                })
            }
            _ => None,
        }
    }

    /// Whether a word for no value stands here.
    fn is_nothing(&self) -> bool {
        let word =
            matches!(self.text(0), "empty" | "none" | "nil" | "undefined" | "missing" | "blank" | "unset" | "absent");
        self.expected.has("\"set\"") && (self.token(0) == Some(Token::Null) || word)
    }

    /// What steps are written with.
    fn habit_of_steps(&self) -> Option<Diagnostic> {
        let (before, found) = (self.token(-1)?, self.token(0)?);
        match (before, found) {
            (_, Token::Word) if self.expected.step() && self.same_line() && self.step_began_with(Token::Send) => {
                match self.text(0).to_ascii_lowercase().as_str() {
                    "via" | "by" | "using" | "through" | "over" => {
                        Some(self.wrong("the message says by which channel it goes"))
                    }
                    "after" | "in" => Some(self.wrong("what is waited for is a step before it: `wait 1h`")),
                    _ => None,
                }
            }
            (_, Token::By) if self.expected.step() && self.step_began_with(Token::Send) => {
                Some(self.wrong("the message says by which channel it goes"))
            }
            (_, Token::BraceOpen) if self.expected.step() && self.step_began_with(Token::Call) => {
                Some(self.wrong("what is sent is said in the webhook's declaration"))
            }
            (_, Token::To) if self.expected.only("\"=\"") => {
                Some(self.wrong("a field is set with `=`").fix(Fix::replace(self.span(0), "=")))
            }
            (Token::Stop | Token::Fail, Token::ParenOpen) => {
                let diagnostic = self.wrong("a reason is a text in quotes behind the word, without brackets");
                let empty = before == Token::Stop && self.token(1) == Some(Token::ParenClose);
                let brackets = self.span(0).to(self.span(1));
                Some(if empty { diagnostic.fix(Fix::delete(brackets)) } else { diagnostic })
            }
            (Token::Exit, _) if !self.same_line() => {
                Some(self.wrong("a run ends with `stop`; `exit on EVENT` is a header line"))
            }
            (Token::Fail, _) if !self.same_line() => Some(self.wrong("a failed end has a reason: `fail \"…\"`")),
            (Token::Duration, found)
                if !matches!(found, Token::As | Token::Where)
                    && self.expected.block()
                    && self.step_began_with(Token::Wait) =>
            {
                Some(self.wrong("what is done when it came stands between braces: `up to 2d { … }`"))
            }
            (_, Token::Timeout) if self.step_began_with(Token::Wait) => {
                let diagnostic = self.wrong("say how long at most: `wait for EVENT up to 2d {`");
                let fix = Fix::replace(self.span(0), "up to");
                Some(if self.token(1) == Some(Token::Duration) { diagnostic.fix(fix) } else { diagnostic })
            }
            (_, Token::OnOutcome) if self.expected.step() => Some(self.wrong(
                "`on failure { … }` stands behind the `call` it is for, `on timeout { … }` behind the block of `wait for`",
            )),
            _ => None,
        }
    }

    /// What lines of webhooks are written with.
    fn habit_of_requests(&self) -> Option<Diagnostic> {
        let (before, found) = (self.token(-1)?, self.token(0)?);
        match (before, found) {
            (Token::Body, Token::String | Token::Block) => Some(
                self.wrong("say what the body is: `body text \"…\"`").fix(Fix::insert_after(self.span(-1), " text")),
            ),
            (Token::Per, Token::Word) => {
                let meant = format!("1{}", foreign::unit(self.text(0))?);
                Some(self.wrong(format!("write `{meant}`")).fix(Fix::replace(self.span(0), meant)))
            }
            (Token::Int, Token::Slash) if self.expected.only("\"per\"") => {
                let meant = format!(" per 1{}", foreign::unit(self.text(1))?);
                let fix = Fix::replace(self.span(0).to(self.span(1)), meant.clone());
                Some(self.wrong(format!("write `{}{meant}`", self.text(-1))).fix(fix))
            }
            _ => None,
        }
    }
}
