//! `emit EVENT { … }`.

use super::Outcome;
use crate::catalogue::Code;
use crate::check::flow::Walk;
use crate::check::parameters::{self, Owner};
use crate::check::{body, credential, foreign};
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir::{Statement, Step};
use crate::lower::StepIds;
use crate::source::Spanned;
use crate::syntax::ast::{Name, Record};
use crate::types::Environment;

pub(super) fn check<'a>(
    walk: &mut Walk<'a, '_>,
    ids: &mut StepIds,
    environment: Environment<'a>,
    event: &Name,
    written: &Spanned<Record>,
) -> Outcome<'a> {
    let id = ids.next("emit", Some(&event.node));
    let declared = environment.names.event(event, walk.diagnostics).map(|entry| entry.name.span);
    let record = environment.schema.event(&event.node).filter(|_| declared.is_some());
    let owner = Owner { words: format!("the event `{}`", event.node), at: event.span, declared };
    for entry in &written.node.entries {
        if record.and_then(|record| record.fields.get(&entry.name.node)).is_some_and(|it| it.declared.is_none()) {
            walk.diagnostics.push(
                Diagnostic::new(Code::ReservedField, entry.name.span)
                    .message(format!("every event gets its `{}` by itself", entry.name.node))
                    .fix(Fix::delete(entry.name.span.to(entry.value.span))),
            );
        }
    }
    walk.sites.emit(&event.node, event.span);
    for entry in &written.node.entries {
        body::foreign_texts(&entry.value, walk.diagnostics);
        foreign::quoted_paths(&entry.value, &environment, walk.diagnostics);
        credential::in_expression(&entry.value, Some(&entry.name.node), walk.diagnostics);
    }
    let fields = parameters::all(&environment, record.map(|record| &**record), written, &owner, walk.diagnostics);
    (Some(Step { id, statement: Statement::Emit { event: event.node.clone(), fields } }), Some(environment))
}
