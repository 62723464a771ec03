//! Whether what was expected is so, and what was found in its place.

mod told;

use compiler::ir::test::{Callee, Expectation, Matcher, RequestPattern};
use compiler::source::Span;
use jiff::Timestamp;
use smol_str::SmolStr;

use self::told::happened;
pub(super) use self::told::{told, unstubbed};
use super::answers::Asked;
use super::compare::{self, Mark};
use super::log::{Attempt, Fact, Log, Sent};
use super::stage::Waits;
use crate::machine::Ending;
use crate::value::Value;

/// An expectation that is not met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unmet {
    /// What is so instead.
    pub(super) message: String,
    /// What stands where something else was expected.
    pub(super) marks: Vec<Mark>,
    /// The part of an expectation that is meant, when it is not the whole.
    pub(super) part: Option<Span>,
}

impl Unmet {
    pub(super) fn new(message: impl Into<String>) -> Unmet {
        Unmet { message: message.into(), marks: vec![], part: None }
    }
}

/// What an expectation looks at.
pub(super) struct Found<'a> {
    pub(super) log: &'a Log,
    /// The fields of the contact that an expectation is about, and its number; `None` when there is no such contact.
    pub(super) contact: Option<(i64, Value)>,
    /// How the runs stand that go on.
    pub(super) standing: &'a dyn Fn() -> Vec<Waits>,
    pub(super) start: Timestamp,
    /// The expectations above that something else could be about.
    pub(super) above: &'a [&'a Expectation],
}

/// What in the log an expectation can be about: its place, and what of it is other than expected.
struct Candidate {
    position: usize,
    marks: Vec<Mark>,
}

impl Found<'_> {
    /// Whether an expectation is met.
    pub(super) fn check(&self, what: &Expectation, negated: bool) -> Result<(), Unmet> {
        match what {
            Expectation::Contact { fields, unchanged, .. } => return self.contact(fields, unchanged, negated),
            Expectation::NothingElse => return self.nothing_else(negated),
            Expectation::Waiting(step) => return self.waiting(step.as_ref().map(|step| step.node.as_str()), negated),
            Expectation::InOrder(parts) if negated => {
                return match self.in_order(parts) {
                    Ok(()) => Err(Unmet::new("these came one after the other")),
                    Err(_) => Ok(()),
                };
            }
            Expectation::InOrder(parts) => return self.in_order(parts),
            _ => {}
        }
        let candidates = self.candidates(what);
        let met = candidates.iter().filter(|candidate| candidate.marks.is_empty()).count();
        let times = times(what);
        let holds = times.map_or(met > 0, |times| usize::try_from(times) == Ok(met));
        if holds != negated {
            return Ok(());
        }
        Err(if negated { self.too_much(what, &candidates, met) } else { self.too_little(what, candidates, met, times) })
    }

    /// What an expectation can be about.
    fn candidates(&self, what: &Expectation) -> Vec<Candidate> {
        match what {
            Expectation::Call { callee, attempts, request, .. } => self.calls(callee, *attempts, request),
            Expectation::Send { message, parts, .. } => {
                let sent = self.log.sent().filter(|(_, sent)| sent.message == *message);
                sent.map(|(position, sent)| Candidate { position, marks: differing_parts(parts, sent) }).collect()
            }
            Expectation::Event { event, parameters } => {
                let raised = self.log.entries.iter().enumerate().filter_map(|(position, entry)| match &entry.fact {
                    Fact::Raised { event: raised, parameters, .. } if raised == event => Some((position, parameters)),
                    _ => None,
                });
                let compared = raised.map(|(position, found)| {
                    let (found, mut marks) = (compare::plain(found), Vec::new());
                    for (name, expected) in parameters {
                        let expected = compare::plain(&compare::constant(expected));
                        compare::compare(&expected, found.field(name), std::slice::from_ref(name), &mut marks);
                    }
                    Candidate { position, marks }
                });
                compared.collect()
            }
            Expectation::Complete | Expectation::Stop(_) | Expectation::Fail(_) | Expectation::Exit(_) => self
                .log
                .endings()
                .filter(|(.., ending)| is_end(what, ending))
                .map(|(position, ..)| Candidate { position, marks: vec![] })
                .collect(),
            Expectation::Path(path) => self
                .steps()
                .filter(|(_, step)| *step == &path.node)
                .map(|(position, _)| Candidate { position, marks: vec![] })
                .collect(),
            Expectation::Workflow { workflow, kept_out: None, .. } => {
                let started = self.log.entries.iter().enumerate().filter(
                    |(_, entry)| matches!(&entry.fact, Fact::Started { workflow: started, .. } if started == workflow),
                );
                started.map(|(position, _)| Candidate { position, marks: vec![] }).collect()
            }
            Expectation::Workflow { workflow, kept_out: Some(expected), .. } => {
                let mark = |code: &SmolStr| Mark { path: vec!["kept_out".into()], found: format!("{code:?}") };
                let differs = |code: &SmolStr| if code == expected { vec![] } else { vec![mark(code)] };
                let kept_out = self.kept_out(workflow);
                kept_out.map(|(position, code)| Candidate { position, marks: differs(code) }).collect()
            }
            Expectation::Contact { .. }
            | Expectation::InOrder(_)
            | Expectation::Waiting(_)
            | Expectation::NothingElse => vec![],
        }
    }

    /// Why a workflow did not begin, each time, with its place in the log.
    fn kept_out(&self, workflow: &SmolStr) -> impl Iterator<Item = (usize, &SmolStr)> {
        self.log.entries.iter().enumerate().filter_map(move |(position, entry)| match &entry.fact {
            Fact::KeptOut { workflow: kept, reason_code } if kept == workflow => Some((position, reason_code)),
            _ => None,
        })
    }

    /// Whether a run waits, at a step where one is named.
    fn waiting(&self, step: Option<&str>, negated: bool) -> Result<(), Unmet> {
        let standing = (self.standing)();
        let waits = standing.iter().find(|run| match (step, &run.step) {
            (Some(wanted), Some(step)) => step == wanted,
            (wanted, step) => wanted.is_none() && step.is_some(),
        });
        match (waits, negated) {
            (Some(_), false) | (None, true) => Ok(()),
            (Some(run), true) => Err(Unmet::new(self.stands(run))),
            (None, false) => {
                let wanted = step.map(|step| format!(" at `{step}`")).unwrap_or_default();
                let ended = self.log.endings().map(|(_, workflow, ending)| format!("`{workflow}` {}", told(ending)));
                let runs: Vec<String> = ended.chain(standing.iter().map(|run| self.stands(run))).collect();
                let runs = if runs.is_empty() { "no run was started".to_owned() } else { runs.join("; ") };
                Err(Unmet::new(format!("no run waits{wanted}: {runs}")))
            }
        }
    }

    fn calls(&self, callee: &Callee, attempts: Option<u32>, request: &RequestPattern) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        for call in self.log.calls() {
            let Some((position, first)) = call.first().copied().filter(|(_, first)| first.callee == *callee) else {
                continue;
            };
            let mut marks = compare::request(request, &first.asked);
            let asked: Vec<&Asked> = call.iter().map(|(_, attempt)| &attempt.asked).collect();
            marks.extend(compare::same(request, &asked));
            if let Some(attempts) = attempts
                && usize::try_from(attempts) != Ok(call.len())
            {
                marks.push(Mark { path: vec!["attempts".into()], found: call.len().to_string() });
            }
            candidates.push(Candidate { position, marks });
        }
        candidates
    }

    fn contact(
        &self,
        fields: &[(SmolStr, compiler::ir::Expression)],
        unchanged: &[SmolStr],
        negated: bool,
    ) -> Result<(), Unmet> {
        let Some((id, current)) = &self.contact else {
            return Err(Unmet::new("no run has a contact; name one of a `given contact NAME`"));
        };
        let found = compare::plain(current);
        let mut marks = Vec::new();
        let before = self.before(*id);
        for name in unchanged {
            let expected = before.field(name).cloned().unwrap_or_default();
            compare::compare(&expected, found.field(name), std::slice::from_ref(name), &mut marks);
        }
        for (name, expected) in fields {
            let expected = compare::plain(&compare::constant(expected));
            compare::compare(&expected, found.field(name), std::slice::from_ref(name), &mut marks);
        }
        match (marks.is_empty(), negated) {
            (true, true) => Err(Unmet::new(format!("the contact {id} is so"))),
            (false, false) => Err(Unmet { marks, ..Unmet::new("") }),
            _ => Ok(()),
        }
    }

    /// The fields of a contact as they were when its last run began; as it was given when there is none.
    fn before(&self, id: i64) -> Value {
        let card = self.log.entries.iter().rev().find_map(|entry| match &entry.fact {
            Fact::Started { contact: Some(contact), card, .. } if *contact == id => card.clone(),
            _ => None,
        });
        compare::plain(&card.map(Value::Record).unwrap_or_default())
    }

    /// The statements that runs have come by, with their places in the log.
    fn steps(&self) -> impl Iterator<Item = (usize, &SmolStr)> {
        self.log.entries.iter().enumerate().filter_map(|(position, entry)| match &entry.fact {
            Fact::Step { step, .. } => Some((position, &step.id.0)),
            Fact::Attempt(attempt) => Some((position, &attempt.step.0)),
            Fact::Sent(sent) => Some((position, &sent.step.0)),
            _ => None,
        })
    }

    /// Whether all that went out is what an expectation above is about.
    fn nothing_else(&self, negated: bool) -> Result<(), Unmet> {
        let mut expected = Vec::new();
        for what in self.above {
            self.about(what, &mut expected);
        }
        let mut else_told = Vec::new();
        let mut calls: Vec<usize> =
            self.log.calls().iter().filter_map(|call| call.first().map(|(position, _)| *position)).collect();
        let others = self.log.entries.iter().enumerate().filter_map(|(position, entry)| {
            matches!(entry.fact, Fact::Sent(_) | Fact::Raised { .. }).then_some(position)
        });
        calls.extend(others);
        calls.sort_unstable();
        for position in calls.into_iter().filter(|position| !expected.contains(position)) {
            // The request that hands a message over goes out with the message.
            if let Some(Fact::Attempt(attempt)) = self.log.entries.get(position).map(|entry| &entry.fact)
                && matches!(attempt.callee, Callee::Channel(_))
            {
                continue;
            }
            let told = self.log.entries.get(position).and_then(|entry| entry.fact.told()).unwrap_or_default();
            else_told.push(format!("{} {told}", self.at(position)));
        }
        match (else_told.is_empty(), negated) {
            (true, true) => Err(Unmet::new("there is nothing else")),
            (false, false) => Err(Unmet::new(format!("there is more: {}", else_told.join("; ")))),
            _ => Ok(()),
        }
    }

    /// Whether these came one after the other.
    fn in_order(&self, parts: &[compiler::source::Spanned<Expectation>]) -> Result<(), Unmet> {
        let mut after: Option<(usize, &Expectation)> = None;
        for part in parts {
            let candidates = self.candidates(&part.node);
            let met = || candidates.iter().filter(|candidate| candidate.marks.is_empty());
            let next = met().find(|candidate| after.is_none_or(|(position, _)| candidate.position > position));
            after = match (next, after) {
                (Some(next), _) => Some((next.position, &part.node)),
                (None, Some((position, before))) if met().next().is_some() => {
                    let at = met().next().map(|found| self.at(found.position)).unwrap_or_default();
                    let message = format!(
                        "{} at {at}, before {} at {}",
                        happened(&part.node),
                        happened(before),
                        self.at(position)
                    );
                    return Err(Unmet { part: Some(part.span), ..Unmet::new(message) });
                }
                (None, _) => {
                    let unmet = self.too_little(&part.node, candidates, 0, None);
                    return Err(Unmet { part: Some(part.span), ..unmet });
                }
            };
        }
        Ok(())
    }

    fn at(&self, position: usize) -> String {
        self.log.entries.get(position).map(|entry| clock(self.start, entry.at)).unwrap_or_default()
    }
}

/// A moment of a rehearsal for people: the time of the day, after the day it began on with the date.
pub fn clock(start: Timestamp, at: Timestamp) -> String {
    let (first, at) = (start.to_zoned(jiff::tz::TimeZone::UTC), at.to_zoned(jiff::tz::TimeZone::UTC));
    let fraction = if at.subsec_nanosecond() == 0 { "" } else { "%.3f" };
    let day = if first.date() == at.date() { "" } else { "%F " };
    at.strftime(&format!("{day}%H:%M:%S{fraction}")).to_string()
}

/// Whether a message that went out is one that an expectation is about.
pub(super) fn expects_sent(what: &Expectation, sent: &Sent) -> bool {
    match what {
        Expectation::Send { message, parts, .. } => *message == sent.message && differing_parts(parts, sent).is_empty(),
        Expectation::InOrder(parts) => parts.iter().any(|part| expects_sent(&part.node, sent)),
        _ => false,
    }
}

/// Whether a run that failed is one that an expectation is about.
pub(super) fn expects_end(what: &Expectation, ending: &Ending) -> bool {
    match what {
        Expectation::InOrder(parts) => parts.iter().any(|part| expects_end(&part.node, ending)),
        _ => is_end(what, ending),
    }
}

fn differing_parts(parts: &[(SmolStr, Matcher)], sent: &Sent) -> Vec<Mark> {
    let mut marks = Vec::new();
    for (name, matcher) in parts {
        let found = sent.parts.iter().find(|(part, _)| part == name);
        let found = found.map(|(_, text)| Value::from(text.as_str()));
        compare::value(matcher, found.as_ref(), std::slice::from_ref(name), &mut marks);
    }
    marks
}

fn is_end(what: &Expectation, ending: &Ending) -> bool {
    let wanted = |expected: &Option<SmolStr>, reason: Option<&str>, code: &str| {
        expected.as_ref().is_none_or(|expected| Some(expected.as_str()) == reason || expected == code)
    };
    match (what, ending) {
        (Expectation::Complete, Ending::Completed) => true,
        (Expectation::Stop(expected), Ending::Stopped { reason, reason_code }) => {
            wanted(expected, reason.as_deref(), reason_code.as_str())
        }
        (Expectation::Fail(expected), Ending::Failed { reason, reason_code }) => {
            wanted(expected, Some(reason), reason_code.as_str())
        }
        (Expectation::Exit(expected), Ending::Exited { event }) => {
            expected.as_ref().is_none_or(|expected| expected == event)
        }
        _ => false,
    }
}

fn times(what: &Expectation) -> Option<u32> {
    match what {
        Expectation::Call { times, .. } | Expectation::Send { times, .. } | Expectation::Workflow { times, .. } => {
            *times
        }
        _ => None,
    }
}

/// The name of whom is called.
pub fn name_of(callee: &Callee) -> &SmolStr {
    match callee {
        Callee::Webhook(name) | Callee::Channel(name) => name,
    }
}

impl Attempt {
    /// The request and what became of it, for people.
    pub fn told(&self) -> String {
        let number = if self.number > 1 { format!(" ({})", self.number) } else { String::new() };
        format!("call {}{number} → {}", name_of(&self.callee), self.answer)
    }
}
