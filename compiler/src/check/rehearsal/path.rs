//! `expect path "…"`: the steps of all workflows, known by their identities.

use std::collections::{BTreeSet, HashSet};

use smol_str::SmolStr;

use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir::Workflow;
use crate::ir::each_step;
use crate::ir::test::{Expectation, Test, TestStep};
use crate::names::near;
use crate::source::{Span, Spanned};

/// Reports steps of tests that no workflow has.
pub(crate) fn report_unknown<'t>(
    tests: impl Iterator<Item = &'t Test>,
    workflows: impl Iterator<Item = &'t Workflow>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut named: BTreeSet<(Span, &SmolStr)> = BTreeSet::new();
    for test in tests {
        for step in &test.steps {
            if let TestStep::Expect { what, .. } = &step.node {
                note(what, &mut named);
            }
        }
    }
    if named.is_empty() {
        return;
    }
    let workflows: Vec<&Workflow> = workflows.collect();
    let mut wanted: HashSet<&str> = named.iter().map(|(_, id)| id.as_str()).collect();
    for workflow in &workflows {
        each_step(&workflow.steps, &mut |step| {
            wanted.remove(step.id.0.as_str());
        });
    }
    if wanted.is_empty() {
        return;
    }
    let mut known = BTreeSet::new();
    for workflow in workflows {
        each_step(&workflow.steps, &mut |step| {
            known.insert(step.id.0.as_str());
        });
    }
    for (span, id) in named.into_iter().filter(|(_, id)| wanted.contains(id.as_str())) {
        let finding = Diagnostic::new(Code::UnknownName, span).message(format!("no workflow has a step `{id}`"));
        diagnostics.push(match near(id, known.iter().copied()) {
            Some(meant) => {
                finding.hint(format!("did you mean `{meant}`?")).fix(Fix::replace(span, format!("{meant:?}")))
            }
            None => finding.hint("`wf graph` and the history of a run show what steps are called"),
        });
    }
}

fn note<'t>(expectation: &'t Expectation, named: &mut BTreeSet<(Span, &'t SmolStr)>) {
    match expectation {
        Expectation::Path(Spanned { span, node }) => {
            named.insert((*span, node));
        }
        Expectation::InOrder(several) => several.iter().for_each(|one| note(&one.node, named)),
        _ => {}
    }
}
