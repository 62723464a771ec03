//! The ways through a workflow: what is certain at each step, and which steps no way leads to.
//!
//! A block is walked with an environment of its own. Where ways meet, only what is known on each of them stays known; a way
//! that has ended in `stop` or `fail` takes no part.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::catalogue::Code;
use crate::check::site::Sites;
use crate::check::step;
use crate::diagnostic::Diagnostic;
use crate::ir;
use crate::lower::StepIds;
use crate::names::Entry;
use crate::source::Span;
use crate::syntax::ast::{self, Block, Statement, StatementKind};
use crate::types::{Environment, Stored};

/// A walk through one workflow.
pub(crate) struct Walk<'a, 'w> {
    /// The workflow.
    pub(crate) workflow: Entry<'a, ast::Workflow>,
    /// The places of calls and sends that it comes by.
    pub(crate) sites: &'w mut Sites,
    /// Which webhook stores its result under which name, and where.
    pub(crate) stored: BTreeMap<SmolStr, (SmolStr, Span)>,
    /// The events behind which no run of the workflow goes on, each with its line.
    pub(crate) exits: &'w BTreeMap<SmolStr, Span>,
    /// What it finds.
    pub(crate) diagnostics: &'w mut Vec<Diagnostic>,
}

/// What is known behind a step or a block; nothing if no way leads there.
pub(crate) type Behind<'a> = Option<Environment<'a>>;

impl<'a> Walk<'a, '_> {
    /// Walks the steps of a block.
    pub(crate) fn block(
        &mut self,
        ids: &mut StepIds,
        environment: Environment<'a>,
        steps: &[Statement],
    ) -> (ir::Block, Behind<'a>) {
        let mut lowered = Vec::with_capacity(steps.len());
        // Behind an end, steps are read on for their own mistakes, without a word on results that they cannot have.
        let mut astray = environment.clone();
        astray.open = true;
        let mut here = environment;
        let mut reached = true;
        // Behind a step whose head could not be read, an end may have stood in its block.
        let mut unsure = false;
        for (index, statement) in steps.iter().enumerate() {
            unsure |= matches!(*statement.node, StatementKind::Broken(_));
            let (step, behind) = step::statement(self, ids, here, statement);
            lowered.extend(step);
            match behind {
                Some(environment) => here = environment,
                None => {
                    // What could not be read may belong to the step before it.
                    if let Some(next) = steps.get(index + 1)
                        && reached
                        && !unsure
                        && !matches!(*next.node, StatementKind::Broken(_))
                    {
                        let last = steps.last().map_or(next.span, |last| last.span);
                        self.unreachable(statement.span, next.span, next.span.to(last));
                    }
                    reached = false;
                    here = astray.clone();
                }
            }
        }
        (lowered, reached.then_some(here))
    }

    /// Reports steps that wait for an event which ends the run before they begin.
    pub(crate) fn left_before(&mut self, exit: Span, block: &Block) {
        let Some(first) = block.node.first() else { return };
        self.diagnostics.push(
            Diagnostic::new(Code::UnreachableStep, first.span)
                .message("the event that leads here ends the run")
                .also(exit, "every run ends here when it comes")
                .hint("give the `exit on` line a condition, or wait for another event"),
        );
    }

    fn unreachable(&mut self, end: Span, next: Span, all: Span) {
        self.diagnostics.push(
            Diagnostic::new(Code::UnreachableStep, next)
                .also(end, "every way ends here")
                .hint("remove it, or move it to where it is reached")
                .fix(crate::diagnostic::Fix::delete(all)),
        );
    }
}

/// What is known where ways meet; nothing if all of them have ended.
pub(crate) fn meet<'a>(ways: impl IntoIterator<Item = Behind<'a>>) -> Behind<'a> {
    let mut ways: Vec<Environment<'a>> = ways.into_iter().flatten().collect();
    // Two and two: of many ways, what one of them adds is not looked at once more for each of the others.
    while ways.len() > 1 {
        let mut pairs = ways.into_iter();
        ways = Vec::with_capacity(pairs.len().div_ceil(2));
        while let Some(one) = pairs.next() {
            ways.push(match pairs.next() {
                Some(other) => meet_two(one, &other),
                None => one,
            });
        }
    }
    ways.pop()
}

fn meet_two<'a>(mut one: Environment<'a>, other: &Environment<'a>) -> Environment<'a> {
    one.open |= other.open;
    one.results = one.results.meet(&other.results, |one, other| {
        let certain = one.is_some_and(|stored| stored.certain) && other.is_some_and(|stored| stored.certain);
        one.or(other).map(|stored| Stored { certain, ..stored.clone() })
    });
    one.narrowed = one.narrowed.meet(&other.narrowed, |one, other| one.and(other).copied());
    one.aliases = one.aliases.meet(&other.aliases, |one, other| one.filter(|_| one == other).cloned());
    one
}
