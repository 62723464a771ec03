//! Known slips: what people bring from other languages, or forget, each with its own way out.
//!
//! They are told from the tokens around the place and from what could have come there.

use super::Scene;
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::Span;
use crate::syntax::token::Token;

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

    pub(super) fn reason_slip(&self) -> Option<Diagnostic> {
        let reason = matches!(self.token(-1)?, Token::Stop | Token::Fail) && self.token(0)? == Token::Word;
        (reason && self.same_line()).then(|| self.wrong("the reason is a text in quotes"))
    }

    /// What belongs to values.
    fn value_slip(&self) -> Option<Diagnostic> {
        let found = self.token(0)?;
        let before = self.token(-1)?;
        match (before, found) {
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
                let thousands = self.text(1).len() == 3;
                near.then(|| {
                    let digits = format!("{}{}", self.text(-1), self.text(1));
                    let point = Fix::replace(whole, meant.clone());
                    if thousands {
                        // Either of both may be meant.
                        self.wrong(format!("a number has no comma: write `{digits}`, or `{meant}` for a decimal"))
                            .fix(Fix::replace(whole, digits))
                            .fix(point)
                    } else {
                        self.wrong(format!("decimals are written with a point: `{meant}`")).fix(point)
                    }
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
            (_, Token::Comma) if self.declaration() == Some(Token::Segment) => {
                let joined = Fix::replace(self.span(0), " and");
                Some(self.wrong("two conditions are joined with `and` or `or`").fix(joined))
            }
            (Token::Word | Token::String, Token::Assign | Token::Where)
                if self.declaration() == Some(Token::Segment) && self.index == Some(3) =>
            {
                let diagnostic = self.wrong(format!("write `segment {} {{ … }}`", self.text(-1)));
                Some(match self.line_without_braces() {
                    Some(last) => {
                        let close = crate::diagnostic::Edit { span: last.after(), text: " }".to_owned() };
                        let fix = Fix::replace(self.span(0), "{").and(close);
                        diagnostic.fix(fix.titled("put the condition between braces"))
                    }
                    None => diagnostic,
                })
            }
            (Token::Word, Token::Contact)
                if self.declaration() == Some(Token::Segment) && self.text(-1) == "return" =>
            {
                let word = Span::new(self.span(0).file, self.span(-1).start, self.span(0).start);
                let diagnostic = self.wrong("a segment is a condition and nothing else: `contact.visits > 3`");
                Some(diagnostic.fix(Fix::delete(word).titled("remove the word")))
            }
            (Token::BraceOpen, Token::Key) if self.declaration() == Some(Token::Segment) => {
                Some(self.wrong("a segment is a condition and nothing else: `contact.visits > 3`"))
            }
            (Token::BraceOpen, Token::Where) if self.declaration() == Some(Token::Segment) => {
                let word = Span::new(self.span(0).file, self.span(0).start, self.span(1).start);
                Some(
                    self.wrong("a segment is a condition and nothing else: `contact.visits > 3`")
                        .fix(Fix::delete(word)),
                )
            }
            (_, Token::ParenClose) if !self.expected.value() && !self.expected.has("\")\"") => {
                Some(self.wrong("no bracket is open here").fix(Fix::delete(self.span(0))))
            }
            (_, Token::BraceOpen) if self.expected.has("\")\"") && self.expected.has("\"or\"") => {
                Some(self.wrong("a `(` before this is not closed").fix(Fix::insert_after(self.span(-1), ")")))
            }
            (_, Token::Contact | Token::Word | Token::ParenOpen | Token::Not)
                if self.declaration() == Some(Token::Segment) && self.expected.has("\"}\"") && !self.same_line() =>
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
}
