//! Workflows: header lines, then the walk through the steps.

use std::collections::BTreeMap;

use crate::catalogue::Code;
use crate::check::flow::Walk;
use crate::check::later::not_yet;
use crate::check::site::Sites;
use crate::check::{identify, trigger};
use crate::diagnostic::Diagnostic;
use crate::ir::{self, Reentry};
use crate::lower::StepIds;
use crate::names::{Entry, Names};
use crate::syntax::ast::{self, HeaderKind};
use crate::types::{self, Environment, Schema, Ty};

/// Checks a workflow and brings it into the program; the places of its calls and sends go to `sites`.
pub(crate) fn check<'a>(
    names: &'a Names<'a>,
    schema: &'a Schema,
    workflow: &Entry<'a, ast::Workflow>,
    sites: &mut Sites<'a>,
    diagnostics: &mut Vec<Diagnostic>,
) -> ir::Workflow {
    let triggers = trigger::check(names, schema, workflow, diagnostics);
    let before_contact = Environment::identify(names, schema, triggers.event.clone());
    let identification = identify::check(&before_contact, workflow.node, triggers.needs_contact, diagnostics);
    let environment = Environment::step(names, schema, triggers.event);
    other_headers(&environment, workflow.node, diagnostics);
    empty(workflow.node, diagnostics);
    let mut walk = Walk { sites, stored: BTreeMap::new(), diagnostics };
    let (steps, _) = walk.block(&mut StepIds::root(), environment, &workflow.node.steps.node);
    ir::Workflow {
        description: workflow.description(),
        triggers: triggers.lowered,
        identification,
        reentry: Reentry::Always,
        one_at_a_time: false,
        exits: Vec::new(),
        steps,
    }
}

/// Warns of a workflow without steps. What could not be read may have been one.
fn empty(workflow: &ast::Workflow, diagnostics: &mut Vec<Diagnostic>) {
    let readable = workflow.headers.iter().all(|header| header.node != HeaderKind::Broken);
    if workflow.steps.node.is_empty() && readable && !workflow.headers.is_empty() {
        diagnostics.push(
            Diagnostic::new(Code::WorkflowWithoutSteps, workflow.name.span)
                .message(format!("the workflow `{}` has no step", workflow.name.node))
                .hint("write below the header lines what is to be done; `stop` if it is nothing"),
        );
    }
}

/// The header lines that do not act yet.
fn other_headers(environment: &Environment<'_>, workflow: &ast::Workflow, diagnostics: &mut Vec<Diagnostic>) {
    for header in &workflow.headers {
        match &header.node {
            HeaderKind::On(_) | HeaderKind::Identify(_) | HeaderKind::Broken => {}
            HeaderKind::OncePer(_) | HeaderKind::OnceEver => diagnostics.push(not_yet(header.span, "`once`")),
            HeaderKind::OneAtATime => diagnostics.push(not_yet(header.span, "`one at a time`")),
            HeaderKind::ExitOn(exit) => {
                diagnostics.push(not_yet(header.span, "`exit on`"));
                let known = environment.names.event(&exit.event, diagnostics).is_some();
                let record = environment.schema.events.get(&exit.event.node).filter(|_| known);
                let mut inner = environment.clone();
                if let Some(alias) = &exit.alias {
                    let ty = record.map_or(Ty::Unknown, |record| Ty::Record(record.clone()));
                    inner.bind(alias.node.clone(), ty);
                }
                if let Some(condition) = &exit.condition {
                    types::condition(&inner, condition, diagnostics);
                }
            }
        }
    }
}
