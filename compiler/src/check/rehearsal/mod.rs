//! Tests: what a rehearsal is given, and what it expects.
//!
//! A test that cannot be as it is written would be green or red for the wrong reason: so its values are held to the types
//! of events, of the contact card, of answers and of bodies, and its names to what is declared. What only a test refers to
//! is still unused.

mod cases;
mod expect;
mod fill;
mod fixture;
mod given;
mod reload;
mod stub;
mod whole;

pub(crate) use fixture::files;
pub(crate) use reload::{Change, programs};
pub(crate) use whole::report as report_of_whole;

use std::sync::Arc;

use jiff::Timestamp;

use smol_str::SmolStr;

use crate::catalogue::Code;
use crate::check::memo::Work;
use crate::check::parameters::{self, Owner};
use crate::check::zone;
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir::test::{Reloaded, Test, TestStep, Until};
use crate::ir::{Expression, Literal};
use crate::names::{Entry, Names, near};
use crate::source::{Sources, Span, Spanned};
use crate::syntax::ast::{self, Expr, Moment, Name, TestStepKind};
use crate::types::{self, Environment, Schema, Ty};

/// What the check of a test comes to.
#[derive(Debug)]
pub(crate) struct Rehearsed {
    /// The test; of one with a table of cases a test for each row. The programs of its reloads are not made yet.
    pub(crate) tests: Vec<Arc<Test>>,
    /// Its reloads in the order written; `None` for one that changes nothing.
    pub(crate) reloads: Vec<Option<Change>>,
}

/// Checks a test and lowers it: one with a table of cases to a test for each row.
pub(crate) fn check(work: &mut Work<'_>, entry: &Entry<'_, ast::Test>, sources: &Sources) -> Rehearsed {
    let (names, schema) = (work.names, work.schema);
    let reloads = reload::reloads(work.unit, &entry.node.steps, work.diagnostics);
    let indexes = reload::indexes(names.index(), &reloads);
    let later: Vec<Names<'_>> = indexes.iter().map(|index| names.among(index)).collect();
    let schemas: Vec<Schema<'_>> = later.iter().map(|names| schema.among(*names)).collect();
    let environments: Vec<Environment<'_>> =
        later.iter().zip(&schemas).map(|(names, schema)| Environment::test(names, schema)).collect();
    let stage = Stage { first: Environment::test(names, schema), after_reloads: &environments, sources };
    let tests = stage.tests(entry, work.diagnostics);
    Rehearsed { tests, reloads }
}

/// What all rows of a test share.
struct Stage<'a, 's> {
    /// The project as it is.
    first: Environment<'a>,
    /// And as it is after each reload.
    after_reloads: &'s [Environment<'a>],
    sources: &'a Sources,
}

impl<'a> Stage<'a, '_> {
    fn tests(&self, entry: &Entry<'_, ast::Test>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Arc<Test>> {
        let expects = |kind: &TestStepKind| matches!(kind, TestStepKind::Expect(_) | TestStepKind::Broken);
        if !entry.node.steps.iter().any(|step| expects(&step.node)) {
            diagnostics.push(
                Diagnostic::new(Code::TestExpectsNothing, entry.name.span)
                    .hint("say what must have come of it: `expect send …`, `expect complete`"),
            );
        }
        let Some(cases) = cases::cases(&self.first, entry.node, diagnostics) else {
            return vec![self.play(entry.name, &entry.node.steps, diagnostics)];
        };
        let mut tests = Vec::with_capacity(cases.len());
        let mut found = Vec::with_capacity(cases.len());
        for case in cases {
            let mut findings = Vec::new();
            tests.push(self.play(&case.name, &case.steps, &mut findings));
            found.push((case.row, findings));
        }
        cases::merge(found, diagnostics);
        tests
    }

    fn play(&self, name: &Name, steps: &[ast::TestStep], diagnostics: &mut Vec<Diagnostic>) -> Arc<Test> {
        let rehearsal = Rehearsal {
            environment: self.first.clone(),
            after_reloads: self.after_reloads.iter(),
            sources: self.sources,
            given: Vec::new(),
            begun: None,
            diagnostics,
        };
        Arc::new(rehearsal.test(name, steps))
    }
}

/// The walk through one test.
struct Rehearsal<'a, 'd> {
    environment: Environment<'a>,
    /// Those of the project after each reload that is to come.
    after_reloads: std::slice::Iter<'d, Environment<'a>>,
    sources: &'a Sources,
    /// The contacts that have a name so far.
    given: Vec<SmolStr>,
    /// The first step that needs the clock.
    begun: Option<Span>,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl Rehearsal<'_, '_> {
    fn test(mut self, name: &Name, written: &[ast::TestStep]) -> Test {
        let mut start: Option<(Timestamp, Span)> = None;
        let mut steps = Vec::with_capacity(written.len());
        for step in written {
            match &step.node {
                TestStepKind::At(moment) => self.at(moment, step.span, &mut start),
                other => steps.extend(self.step(other, step.span).map(|lowered| step.span.with(lowered))),
            }
        }
        Test { name: name.clone(), start: start.map_or(Test::START, |(start, _)| start), steps }
    }

    fn step(&mut self, step: &TestStepKind, span: Span) -> Option<TestStep> {
        match step {
            TestStepKind::GivenContact { name, fields } => {
                self.given.extend(name.as_ref().map(|name| name.node.clone()));
                let target = fixture::fields_of(Some(self.environment.schema.contact()));
                let from_file = matches!(fields, ast::Fixture::File(_));
                let fields = match self.fixture(fields, &target) {
                    Some(fields) if from_file => self.unfixed(|this| this.contact_fields(&fields)),
                    Some(fields) => self.contact_fields(&fields),
                    None => Vec::new(),
                };
                Some(TestStep::Given { name: name.as_ref().map(|name| name.node.clone()), fields })
            }
            TestStepKind::GivenRun(run) => {
                self.begun.get_or_insert(span);
                self.given_run(run)
            }
            TestStepKind::GivenSeed(seed) => self.seed(seed, span),
            TestStepKind::Stub { callee, when, answers } => self.stub(callee, when.as_ref(), answers),
            TestStepKind::Receive { event, parameters } => {
                self.begun.get_or_insert(span);
                let target = fixture::fields_of(self.environment.schema.event(&event.node).map(|record| &**record));
                let from_file = matches!(parameters, ast::Fixture::File(_));
                let parameters = match self.fixture(parameters, &target) {
                    Some(written) if from_file => self.unfixed(|this| this.parameters(event, &written, true)),
                    Some(written) => self.parameters(event, &written, true),
                    None => Vec::new(),
                };
                Some(TestStep::Receive { event: event.node.clone(), parameters })
            }
            TestStepKind::Crash => Some(TestStep::Crash),
            TestStepKind::Cancel { workflow, contact } => {
                if let Some(workflow) = workflow {
                    let names = self.environment.names;
                    names.known(&names.workflows, workflow, self.diagnostics);
                }
                if let Some(contact) = contact {
                    self.is_given(contact);
                }
                let text = |name: &Option<Name>| name.as_ref().map(|name| name.node.clone());
                Some(TestStep::Cancel { workflow: text(workflow), contact: text(contact) })
            }
            TestStepKind::Reload(reload) => {
                if let Some(after) = self.after_reloads.next() {
                    self.environment = after.clone();
                }
                let written = || self.sources.slice(span).split_whitespace().collect::<Vec<_>>().join(" ");
                Some(TestStep::Reload(reload.as_ref().map(|reload| Reloaded {
                    written: written().into(),
                    declared: reload.declarations.iter().filter_map(reload::declared).collect(),
                    // It is put in when the project has one.
                    program: None,
                })))
            }
            TestStepKind::Advance(duration) => {
                self.begun.get_or_insert(span);
                self.advance(duration)
            }
            TestStepKind::AdvanceUntil(moment) => {
                self.begun.get_or_insert(span);
                self.moment(moment, true).map(TestStep::AdvanceUntil)
            }
            TestStepKind::Expect(expect) => {
                self.begun.get_or_insert(span);
                let what = self.expectation(&expect.what)?;
                Some(TestStep::Expect { negated: expect.negated.is_some(), what })
            }
            TestStepKind::At(_) | TestStepKind::Cases(_) | TestStepKind::Broken => None,
        }
    }

    /// `at MOMENT`: once, before anything happens.
    fn at(&mut self, moment: &Moment, span: Span, start: &mut Option<(Timestamp, Span)>) {
        if let Some((_, first)) = start {
            self.diagnostics.push(
                Diagnostic::new(Code::SettingTwice, span)
                    .message("a test starts once")
                    .also(*first, "it starts here")
                    .hint("the clock is moved on by `advance`"),
            );
            return;
        }
        if let Some(first) = self.begun {
            self.diagnostics.push(
                Diagnostic::new(Code::HeaderBelowStep, span)
                    .message("`at` stands above all that happens")
                    .also(first, "this happens before it")
                    .hint("move it up; the clock is moved on by `advance`"),
            );
        }
        match self.moment(moment, false) {
            Some(Until::Instant(instant)) => *start = Some((instant, span)),
            Some(Until::Next { .. }) | None => {}
        }
    }

    /// `given seed 7`: before anything happens.
    fn seed(&mut self, written: &Expr, span: Span) -> Option<TestStep> {
        if let Some(first) = self.begun {
            self.diagnostics.push(
                Diagnostic::new(Code::HeaderBelowStep, span)
                    .message("`given seed` stands above all that happens")
                    .also(first, "this happens before it")
                    .hint("move it up"),
            );
        }
        self.count(written, 0, "a seed").map(|seed| TestStep::Seed(u64::from(seed)))
    }

    fn advance(&mut self, written: &Expr) -> Option<TestStep> {
        let typed = types::expression(&self.environment, written, self.diagnostics);
        let value = types::fit(typed, &Ty::Duration, "the time that passes", self.diagnostics);
        match value {
            Expression::Literal(Literal::Duration(duration)) => Some(TestStep::Advance(duration)),
            // What else fits is computed.
            Expression::Binary { .. } => {
                self.not_written_out(written.span, "a duration");
                None
            }
            _ => None,
        }
    }

    /// A moment that is written out. A time of the day alone is one only for a clock that runs.
    fn moment(&mut self, moment: &Moment, time_of_day: bool) -> Option<Until> {
        let typed = types::expression(&self.environment, &moment.at, self.diagnostics);
        let zone = match &moment.zone {
            Some(zone) => Some(zone::literal(zone, "a test", self.diagnostics)?),
            None => None,
        };
        let span = typed.span;
        let civil = match (typed.expression, &zone) {
            (Expression::Literal(Literal::Datetime(instant)), None) => return Some(Until::Instant(instant)),
            (Expression::Literal(Literal::Datetime(_)), Some(_)) => {
                let zone = moment.zone.as_ref().map_or(span, |zone| zone.span);
                self.diagnostics.push(
                    Diagnostic::new(Code::WrongType, zone)
                        .message("a datetime is an instant already: no zone changes it")
                        .fix(Fix::delete(Span::new(zone.file, span.end, zone.end))),
                );
                return None;
            }
            (Expression::Literal(Literal::Date(date)), _) => date.to_datetime(jiff::civil::Time::midnight()),
            (Expression::Literal(Literal::LocalDatetime(datetime)), _) => datetime,
            (Expression::Literal(Literal::Time(time)), Some(zone)) if time_of_day => {
                return Some(Until::Next { time, zone: zone.clone() });
            }
            (Expression::Literal(Literal::Time(_)), None) if time_of_day => return self.zone_missing(span),
            _ if typed.ty.is_unknown() => return None,
            (Expression::Literal(_), _) => {
                self.diagnostics.push(
                    Diagnostic::new(Code::WrongType, span)
                        .message(format!("this is `{}`, and the clock needs a moment", typed.ty))
                        .hint("write a datetime: `2026-03-27T10:00+02:00`"),
                );
                return None;
            }
            _ => {
                self.not_written_out(span, "a moment");
                return None;
            }
        };
        let Some(zone) = zone else { return self.zone_missing(span) };
        zone::instant(civil, &zone).map(Until::Instant)
    }

    fn zone_missing<T>(&mut self, span: Span) -> Option<T> {
        self.diagnostics.push(
            Diagnostic::new(Code::ZoneMissing, span)
                .message("this is an instant only in a time zone")
                .hint("say where the clock hangs: `in \"Europe/Kyiv\"`")
                .fix(Fix::insert_after(span, " in \"UTC\"").left_to_author()),
        );
        None
    }

    fn not_written_out(&mut self, span: Span, what: &str) {
        self.diagnostics.push(
            Diagnostic::new(Code::WrongType, span).message(format!("{what} of a test is written out, not computed")),
        );
    }

    /// Fields of a contact, those that are written.
    fn contact_fields(&mut self, written: &Spanned<ast::Record>) -> Vec<(SmolStr, Expression)> {
        let declared = self.environment.names.contact().map(|(_, span)| span);
        let owner = Owner { words: "the contact".to_owned(), at: written.span, declared };
        let contact = self.environment.schema.contact();
        parameters::some(&self.environment, Some(contact), written, &owner, self.diagnostics)
    }

    /// Parameters of an event: with `whole`, all that it needs.
    fn parameters(&mut self, event: &Name, written: &Spanned<ast::Record>, whole: bool) -> Vec<(SmolStr, Expression)> {
        let names = self.environment.names;
        let declared = names.known(&names.events, event, self.diagnostics).map(|entry| entry.name.span);
        let record = self.environment.schema.event(&event.node).filter(|_| declared.is_some());
        let record = record.map(|record| &**record);
        let owner = Owner { words: format!("the event `{}`", event.node), at: event.span, declared };
        let check = if whole { parameters::all } else { parameters::some };
        check(&self.environment, record, written, &owner, self.diagnostics)
    }

    /// Whether a contact has this name; reports one that has not.
    fn is_given(&mut self, name: &Name) {
        if self.given.contains(&name.node) {
            return;
        }
        let finding =
            Diagnostic::new(Code::UnknownName, name.span).message(format!("no contact is called `{}` here", name.node));
        self.diagnostics.push(match near(&name.node, self.given.iter().map(SmolStr::as_str)) {
            Some(meant) => finding.hint(format!("did you mean `{meant}`?")).fix(Fix::replace(name.span, meant)),
            None => finding.hint(format!("name one above: `given contact {} {{ … }}`", name.node)),
        });
    }

    /// A whole number that is at least `least`.
    fn count(&mut self, written: &Expr, least: u32, what: &str) -> Option<u32> {
        let typed = types::expression(&self.environment, written, self.diagnostics);
        let span = typed.span;
        let value = types::fit(typed, &Ty::Int, what, self.diagnostics);
        let Expression::Literal(Literal::Int(number)) = value else { return None };
        let count = u32::try_from(number).ok().filter(|count| *count >= least);
        if count.is_none() {
            self.diagnostics.push(Diagnostic::new(Code::OutOfRange, span).message(match number >= i64::from(least) {
                true => format!("{what} is at most {}", u32::MAX),
                false => format!("{what} is at least {least}"),
            }));
        }
        count
    }
}
