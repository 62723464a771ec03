//! Workflows: header lines, then the walk through the steps.

use std::collections::BTreeMap;

use crate::catalogue::Code;
use crate::check::flow::Walk;
use crate::check::site::Sites;
use crate::check::{entry, identify, trigger};
use crate::diagnostic::Diagnostic;
use crate::ir;
use crate::lower::StepIds;
use crate::names::{Entry, Names};
use crate::syntax::ast::{self, HeaderKind};
use crate::types::{Environment, Schema};

/// Checks a workflow and brings it into the program; the places of its calls and sends go to `sites`.
pub(crate) fn check<'a>(
    names: &'a Names<'a>,
    schema: &'a Schema<'a>,
    workflow: &Entry<'a, ast::Workflow>,
    sites: &mut Sites,
    diagnostics: &mut Vec<Diagnostic>,
) -> ir::Workflow {
    let triggers = trigger::check(names, schema, workflow, diagnostics);
    let before_contact = Environment::identify(names, schema, triggers.identifying);
    let identification = if triggers.by_event || triggers.hidden {
        identify::check(&before_contact, workflow.node, triggers.by_event, diagnostics)
    } else {
        identify::needless(&before_contact, workflow.node, diagnostics);
        None
    };
    let environment = Environment::step(names, schema, triggers.event);
    let entering = entry::check(&environment, workflow.node, diagnostics);
    empty(workflow.node, diagnostics);
    let exits = &entering.certain_exits;
    let mut walk = Walk { workflow: *workflow, sites, stored: BTreeMap::new(), exits, diagnostics };
    let written = &walk.workflow.node.steps.node;
    let (steps, _) = walk.block(&mut StepIds::root(), environment, written);
    ir::Workflow {
        description: workflow.description(),
        triggers: triggers.lowered,
        identification,
        reentry: entering.reentry,
        one_at_a_time: entering.one_at_a_time,
        exits: entering.exits,
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
