//! Steps of workflows and of tests.

use super::{Repeated, keep_first, readable, readable_as, readable_unboxed, unbox};
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::Spanned;
use crate::syntax::ast::{
    Answer, Arm, Block, Branch, Cases, Duration, Expectation, ExpectedPart, ExpectedParts, Expr, ExprKind, Failure,
    Header, HeaderKind, If, Match, Name, Record, Split, StatementKind, Text, Trigger, WaitFor, Way,
};
use crate::syntax::reader::{Bad, Reader};

/// What follows the first block of an `if`, gathered from the last branch to the first one.
#[derive(Default)]
pub(crate) struct IfRest {
    branches: Vec<Branch>,
    otherwise: Option<Block>,
}

impl IfRest {
    pub(crate) fn last(otherwise: Block) -> IfRest {
        IfRest { branches: Vec::new(), otherwise: Some(otherwise) }
    }

    pub(crate) fn before(mut self, condition: Expr, block: Block) -> IfRest {
        self.branches.push(Branch { condition, block });
        self
    }
}

pub(crate) fn if_step(condition: Expr, block: Block, rest: IfRest) -> StatementKind {
    let IfRest { mut branches, otherwise } = rest.before(condition, block);
    branches.reverse();
    StatementKind::If(If { branches, otherwise })
}

/// The last arm is `None` where it was broken, and there may be none.
pub(crate) fn match_step(
    subject: Expr,
    arms: Vec<Option<Spanned<Arm>>>,
    otherwise: Option<Option<Block>>,
) -> StatementKind {
    let (arms, broken) = readable(arms);
    let broken = broken || matches!(otherwise, Some(None));
    StatementKind::Match(Match { subject, arms, otherwise: otherwise.flatten(), broken })
}

/// A split without a name decides nothing: its ways are kept as the blocks of a broken step. A `last` way is broken.
pub(crate) fn split_step(
    name: Option<Name>,
    ways: Vec<Option<Box<Spanned<Way>>>>,
    last: Option<Option<()>>,
) -> StatementKind {
    let (ways, broken) = readable_unboxed(ways);
    let broken = broken || last.is_some();
    match name {
        Some(name) => StatementKind::Split(Split { name, ways, broken }),
        None => StatementKind::Broken(ways.into_iter().map(|way| way.node.block).collect()),
    }
}

pub(crate) fn wait_for(
    event: Name,
    alias: Option<Name>,
    condition: Option<Expr>,
    up_to: Expr,
    block: Block,
    on_timeout: Option<Block>,
) -> StatementKind {
    StatementKind::WaitFor(Box::new(WaitFor { event, alias, condition, up_to, block, on_timeout }))
}

pub(crate) fn expected_parts(parts: Vec<Option<Box<Spanned<ExpectedPart>>>>) -> ExpectedParts {
    let (parts, broken) = readable_unboxed(parts);
    ExpectedParts { parts, broken }
}

/// A part of a stub's answer.
pub(crate) enum AnswerPart {
    Status(Expr),
    Headers(Spanned<Record>),
    Body(Expr),
    BodyFile(Name),
    Delay(Expr),
    /// A word by itself: a failure, or `status` and the name of its value.
    Word(Name),
    Failure(Spanned<Failure>),
    Broken,
}

/// Whether a header line says what another one says.
fn repeats(one: &HeaderKind, other: &HeaderKind) -> bool {
    match (one, other) {
        (HeaderKind::On(one), HeaderKind::On(other)) => match (one, other) {
            (Trigger::Event { event: one, .. }, Trigger::Event { event: other, .. }) => one.node == other.node,
            (Trigger::ContactChanged { field: one }, Trigger::ContactChanged { field: other }) => {
                one.node == other.node
            }
            (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
        },
        (HeaderKind::ExitOn(one), HeaderKind::ExitOn(other)) => one.event.node == other.event.node,
        (HeaderKind::Identify(one), HeaderKind::Identify(other)) => one.key.node == other.key.node,
        (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}

impl Reader<'_> {
    pub(crate) fn broken_header(
        &mut self,
        mut headers: Vec<Header>,
        bad: Bad,
        next: Spanned<Box<HeaderKind>>,
    ) -> Vec<Header> {
        // A line that was moved down and left above as well is misplaced, which is enough to say.
        let misplaced = self.place_of(&bad.error).start == next.span.start;
        let repeated = misplaced && headers.iter().any(|header| repeats(&header.node, &next.node));
        headers.push(next.span.before().with(HeaderKind::Broken));
        if !repeated {
            headers.push(next.map(unbox));
        }
        self.mistake(bad);
        headers
    }

    pub(crate) fn schedule(
        &mut self,
        word: Name,
        cron: Spanned<Text>,
        zone: Option<Expr>,
        segment: Option<Name>,
    ) -> HeaderKind {
        if self.soft(&word, &["schedule"]) {
            HeaderKind::On(Trigger::Schedule { cron, zone, segment })
        } else {
            HeaderKind::Broken
        }
    }

    pub(crate) fn changed(&mut self, field: Name, word: Name) -> HeaderKind {
        // A wrong word leaves no doubt about what is meant.
        self.soft(&word, &["changed"]);
        HeaderKind::On(Trigger::ContactChanged { field })
    }

    pub(crate) fn once(&mut self, word: Name) -> HeaderKind {
        if self.soft(&word, &["per", "ever"]) { HeaderKind::OnceEver } else { HeaderKind::Broken }
    }

    pub(crate) fn one_at_a_time(&mut self, a: Name, time: Name) -> HeaderKind {
        if self.soft(&a, &["a"]) {
            self.soft(&time, &["time"]);
        }
        HeaderKind::OneAtATime
    }

    pub(crate) fn broken_step(&mut self, bad: Bad, block: Block, more: Vec<Block>) -> StatementKind {
        self.mistake(bad);
        let mut blocks = vec![block];
        blocks.extend(more);
        StatementKind::Broken(blocks)
    }

    pub(crate) fn answer(&mut self, parts: Vec<AnswerPart>) -> Answer {
        let mut answer = Answer {
            status: None,
            headers: None,
            body: None,
            body_file: None,
            delay: None,
            failure: None,
            broken: false,
        };
        let mut parts = parts.into_iter().peekable();
        while let Some(part) = parts.next() {
            let named = |part: &AnswerPart| matches!(part, AnswerPart::Word(word) if Failure::of(&word.node).is_none());
            let part = match part {
                // A column of the table of cases stands for the value.
                AnswerPart::Word(word) if matches!(word.node.as_str(), "status" | "delay") => {
                    let Some(AnswerPart::Word(value)) = parts.next_if(named) else {
                        self.value_missing(&word);
                        answer.broken = true;
                        continue;
                    };
                    let value = value.span.with(ExprKind::Name(value.node));
                    if word.node == "status" { AnswerPart::Status(value) } else { AnswerPart::Delay(value) }
                }
                AnswerPart::Word(word) => self.answer_word(word),
                other => other,
            };
            let repeated = match part {
                AnswerPart::Status(found) => keep_first(&mut answer.status, found),
                AnswerPart::Headers(found) => keep_first(&mut answer.headers, found),
                AnswerPart::Body(found) => match &answer.body_file {
                    Some(first) => Some(Repeated { first: first.span, second: found.span }),
                    None => keep_first(&mut answer.body, found),
                },
                AnswerPart::BodyFile(found) => match &answer.body {
                    Some(first) => Some(Repeated { first: first.span, second: found.span }),
                    None => keep_first(&mut answer.body_file, found),
                },
                AnswerPart::Delay(found) => keep_first(&mut answer.delay, found),
                AnswerPart::Failure(found) => keep_first(&mut answer.failure, found),
                AnswerPart::Word(_) | AnswerPart::Broken => {
                    answer.broken = true;
                    None
                }
            };
            self.repeated(repeated);
        }
        answer
    }

    pub(crate) fn broken_answer(&mut self, bad: Bad) -> AnswerPart {
        self.mistake(bad);
        AnswerPart::Broken
    }

    pub(crate) fn answer_number(&mut self, word: Name, value: Spanned<i64>) -> AnswerPart {
        if word.node == "delay" {
            if !self.is_slip_line(value.span.start) {
                let diagnostic = Diagnostic::new(Code::UnexpectedToken, value.span)
                    .message(format!("expected a duration such as `10min`, found `{}`", value.node))
                    .hint("a duration has a unit: `5s`, `10min`, `1h`");
                self.report_on_line(diagnostic);
            }
            return AnswerPart::Broken;
        }
        if self.soft(&word, &["status"]) { AnswerPart::Status(value.map(ExprKind::Int)) } else { AnswerPart::Broken }
    }

    pub(crate) fn answer_duration(&mut self, word: Name, value: Spanned<Duration>) -> AnswerPart {
        if self.soft(&word, &["delay"]) { AnswerPart::Delay(value.map(ExprKind::Duration)) } else { AnswerPart::Broken }
    }

    fn answer_word(&mut self, word: Name) -> AnswerPart {
        if let Some(failure) = Failure::of(&word.node) {
            return AnswerPart::Failure(word.span.with(failure));
        }
        let mut words = vec!["status", "headers", "body", "delay"];
        words.extend(Failure::ALL.map(|(word, _)| word));
        self.soft(&word, &words);
        AnswerPart::Broken
    }

    /// `status` or `delay` with nothing behind it.
    fn value_missing(&mut self, word: &Name) {
        let value = if word.node == "status" { "a number, such as `503`" } else { "a duration, such as `3s`" };
        if !self.is_slip_line(word.span.start) {
            self.report_on_line(
                Diagnostic::new(Code::UnexpectedToken, word.span)
                    .message(format!("expected {value} behind `{}`", word.node)),
            );
        }
    }

    pub(crate) fn cases(&mut self, columns: Vec<Name>, rows: Vec<Option<Spanned<Vec<Expr>>>>) -> Cases {
        let (rows, broken) = readable(rows);
        Cases { columns, rows, broken }
    }

    pub(crate) fn when(&mut self, word: Name, parts: Spanned<ExpectedParts>) -> Spanned<ExpectedParts> {
        self.soft(&word, &["when"]);
        parts
    }

    pub(crate) fn in_order(
        &mut self,
        order: Name,
        expectations: Vec<Option<Spanned<Box<Expectation>>>>,
    ) -> Expectation {
        self.soft(&order, &["order"]);
        let (expectations, broken) = readable_as(expectations, |expectation| expectation.map(unbox));
        Expectation::InOrder { expectations, broken }
    }

    pub(crate) fn complete(&mut self, word: Name) -> Expectation {
        let words = &[
            "complete",
            "call",
            "send",
            "contact",
            "event",
            "stop",
            "fail",
            "exit",
            "waiting",
            "workflow",
            "path",
            "in order",
            "nothing else",
        ];
        if matches!(word.node.as_str(), "no" | "never") && !self.is_slip_line(word.span.start) {
            self.report_on_line(
                Diagnostic::new(Code::UnexpectedToken, word.span)
                    .message(format!("expected `not`, found `{}`", word.node))
                    .hint("what must not come is written `expect not …`")
                    .fix(Fix::replace(word.span, "not")),
            );
            return Expectation::Broken;
        }
        if word.node == "waiting" {
            return Expectation::Waiting(None);
        }
        if self.soft(&word, words) { Expectation::Complete } else { Expectation::Broken }
    }

    pub(crate) fn path(&mut self, word: Name, id: Name) -> Expectation {
        if word.node == "waiting" {
            return Expectation::Waiting(Some(id));
        }
        if self.soft(&word, &["path", "waiting"]) { Expectation::Path(id) } else { Expectation::Broken }
    }

    pub(crate) fn nothing_else(&mut self, word: Name) -> Expectation {
        if self.soft(&word, &["nothing"]) { Expectation::NothingElse } else { Expectation::Broken }
    }

    pub(crate) fn expected_part(
        &mut self,
        start: u32,
        name: Name,
        contains: Option<Spanned<()>>,
        value: super::Deep<Expr>,
        end: u32,
    ) -> Option<Box<Spanned<ExpectedPart>>> {
        Some(Box::new(self.at(start, ExpectedPart { name, contains, value: value.node }, end)))
    }

    /// A step of a test that begins with an unknown word: what its block is made of is unknown too, so nothing that the
    /// record's rule had to say about it counts.
    pub(crate) fn broken_test_step(
        &mut self,
        bad: Bad,
        skipped: &super::Deep<Spanned<Record>>,
    ) -> crate::syntax::ast::TestStepKind {
        self.forget_mistakes(skipped.node.span);
        self.mistake(bad);
        crate::syntax::ast::TestStepKind::Broken
    }
}
