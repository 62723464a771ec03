//! Values in the place of names: a step of a test as it is for one row of a table.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use crate::source::Spanned;
use crate::syntax::ast::{
    Answer, Expect, Expectation, ExpectedParts, Expr, ExprKind, Fixture, GivenPart, Moment, Record, TestStepKind,
    TextPart,
};

/// What stands for what.
pub(super) struct Fill<'f> {
    /// The values by the names that stand for them.
    pub(super) values: BTreeMap<&'f SmolStr, &'f ExprKind>,
    /// The names that were met.
    pub(super) used: &'f mut BTreeSet<SmolStr>,
}

impl Fill<'_> {
    /// A step with its values.
    pub(super) fn step(&mut self, step: &TestStepKind) -> TestStepKind {
        let mut step = step.clone();
        match &mut step {
            TestStepKind::At(moment) | TestStepKind::AdvanceUntil(moment) => self.moment(moment),
            TestStepKind::GivenContact { fields: fixture, .. } | TestStepKind::Receive { parameters: fixture, .. } => {
                if let Fixture::Written(record) = fixture {
                    self.record(&mut record.node);
                }
            }
            TestStepKind::GivenRun(run) => {
                for part in &mut run.parts {
                    match &mut part.node {
                        GivenPart::Event { parameters: record, .. } | GivenPart::Data(record) => {
                            self.record(&mut record.node);
                        }
                    }
                }
            }
            TestStepKind::GivenSeed(value) => self.value(value),
            TestStepKind::Stub { when, answers, .. } => {
                self.parts(when.as_mut());
                answers.iter_mut().for_each(|answer| self.answer(&mut answer.node));
            }
            TestStepKind::Advance(value) => self.value(value),
            TestStepKind::Expect(Expect { what, .. }) => self.expectation(&mut what.node),
            TestStepKind::Crash
            | TestStepKind::Cancel { .. }
            | TestStepKind::Reload(_)
            | TestStepKind::Cases(_)
            | TestStepKind::Broken => {}
        }
        step
    }

    fn moment(&mut self, moment: &mut Moment) {
        self.value(&mut moment.at);
        moment.zone.iter_mut().for_each(|zone| self.value(zone));
    }

    fn answer(&mut self, answer: &mut Answer) {
        let Answer { status, headers, body, body_file: _, delay, failure: _, broken: _ } = answer;
        for value in [status, body, delay].into_iter().flatten() {
            self.value(value);
        }
        headers.iter_mut().for_each(|headers| self.record(&mut headers.node));
    }

    fn expectation(&mut self, expectation: &mut Expectation) {
        match expectation {
            Expectation::Call { parts, .. } | Expectation::Send { parts, .. } | Expectation::Workflow { parts, .. } => {
                self.parts(parts.as_mut())
            }
            Expectation::Contact { fields, .. } => self.record(&mut fields.node),
            Expectation::Event { parameters, .. } => {
                parameters.iter_mut().for_each(|parameters| self.record(&mut parameters.node));
            }
            Expectation::InOrder { expectations, .. } => {
                expectations.iter_mut().for_each(|expectation| self.expectation(&mut expectation.node));
            }
            Expectation::Path(_)
            | Expectation::Waiting(_)
            | Expectation::NothingElse
            | Expectation::Complete
            | Expectation::Stop(_)
            | Expectation::Fail(_)
            | Expectation::Exit(_)
            | Expectation::Broken => {}
        }
    }

    fn parts(&mut self, parts: Option<&mut Spanned<ExpectedParts>>) {
        for part in parts.into_iter().flat_map(|parts| &mut parts.node.parts) {
            self.value(&mut part.node.value);
        }
    }

    fn record(&mut self, record: &mut Record) {
        record.entries.iter_mut().for_each(|entry| self.value(&mut entry.value));
    }

    fn value(&mut self, value: &mut Expr) {
        match &mut value.node {
            ExprKind::Name(name) => {
                if let Some((name, filled)) = self.values.get_key_value(name) {
                    self.used.insert((*name).clone());
                    value.node = (*filled).clone();
                }
            }
            ExprKind::Text(text) => {
                for part in &mut text.parts {
                    if let TextPart::Interpolation(value) = part {
                        self.value(&mut value.node);
                    }
                }
            }
            ExprKind::List(items) => items.iter_mut().for_each(|item| self.value(item)),
            ExprKind::Record(record) => self.record(record),
            ExprKind::Field { of, .. } => self.value(of),
            ExprKind::Index { of, index } => {
                self.value(of);
                self.value(index);
            }
            ExprKind::Call { function, arguments } => {
                self.value(function);
                arguments.iter_mut().for_each(|argument| self.value(argument));
            }
            ExprKind::Unary { operand, .. } | ExprKind::IsSet { operand, .. } => self.value(operand),
            ExprKind::Binary { left, right, .. } => {
                self.value(left);
                self.value(right);
            }
            ExprKind::Int(_)
            | ExprKind::Decimal(_)
            | ExprKind::Bool(_)
            | ExprKind::Null
            | ExprKind::Date(_)
            | ExprKind::DateTime(_)
            | ExprKind::Time(_)
            | ExprKind::Duration(_)
            | ExprKind::Broken => {}
        }
    }
}
