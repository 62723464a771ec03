//! `on contact.FIELD changed`: what the store is told to look for where contacts are written.

use compiler::ir::Trigger;
use smol_str::SmolStr;

use crate::machine::{Ending, LoadedProgram, LoadedWorkflow};
use crate::store::{Start, StartContact, Watch, Watches};
use crate::value::{Value, to_json};

/// The fields whose changes start runs; `None` when there are none.
pub(super) fn watches(program: &LoadedProgram) -> Option<Watches> {
    let mut fields: Vec<Watch> = vec![];
    for workflow in program.workflows() {
        for trigger in &workflow.ir.triggers {
            let Trigger::ContactChanged { field } = trigger else { continue };
            match fields.iter_mut().find(|watch| watch.field == *field) {
                Some(watch) => watch.starts.push(start(workflow)),
                None => fields.push(watch(program, field, workflow)),
            }
        }
    }
    (!fields.is_empty()).then(|| Watches { program: program.hash.clone(), fields })
}

fn watch(program: &LoadedProgram, field: &SmolStr, workflow: &LoadedWorkflow) -> Watch {
    let declared = program.ir.contact.fields.get(field);
    let default = declared.and_then(|declared| declared.default.as_ref());
    let default = default.map(|default| to_json(&Value::from(default)));
    Watch { field: field.clone(), default, starts: vec![start(workflow)] }
}

/// A run of a workflow whose contact is known where it is started.
pub(super) fn start(workflow: &LoadedWorkflow) -> Start {
    Start {
        workflow: workflow.name.clone(),
        // Whoever starts it puts its contact in.
        contact: StartContact::Nobody(Ending::Cancelled),
        reentry: workflow.ir.reentry,
        one_at_a_time: workflow.ir.one_at_a_time,
        listening: workflow.listening.clone(),
        opening: None,
    }
}
