//! `stop ["reason"]`, `fail "reason"`.

use super::Outcome;
use crate::catalogue::Code;
use crate::check::flow::Walk;
use crate::check::foreign;
use crate::diagnostic::Diagnostic;
use crate::ir::{Escape, Part, Statement, Step};
use crate::lower::StepIds;
use crate::source::Spanned;
use crate::syntax::ast::{Text, TextPart};
use crate::types::{self, Environment};

pub(super) fn stop<'a>(
    walk: &mut Walk<'a, '_>,
    ids: &mut StepIds,
    environment: &Environment<'a>,
    reason: Option<&Spanned<Text>>,
) -> Outcome<'a> {
    let id = ids.next("stop", None);
    let reason = reason.map(|reason| text(walk, environment, reason));
    (Some(Step { id, statement: Statement::Stop { reason } }), None)
}

pub(super) fn fail<'a>(
    walk: &mut Walk<'a, '_>,
    ids: &mut StepIds,
    environment: &Environment<'a>,
    reason: &Spanned<Text>,
) -> Outcome<'a> {
    let id = ids.next("fail", None);
    let reason = text(walk, environment, reason);
    (Some(Step { id, statement: Statement::Fail { reason } }), None)
}

/// A reason: people read it in the history of the run.
fn text(walk: &mut Walk<'_, '_>, environment: &Environment<'_>, reason: &Spanned<Text>) -> Vec<Part> {
    foreign::text(&reason.node, walk.diagnostics);
    for part in &reason.node.parts {
        let TextPart::Interpolation(hole) = part else { continue };
        // What is wrong with the value is said below.
        let typed = types::expression(environment, &hole.node, &mut Vec::new());
        if typed.sensitive {
            let finding = Diagnostic::new(Code::SensitiveShown, typed.span)
                .message("a sensitive value in a reason is shown in the history of the run")
                .hint("say in words what happened, without the value");
            walk.diagnostics.push(match typed.declared {
                Some(declared) => finding.also(declared, "declared as sensitive"),
                None => finding,
            });
        }
    }
    types::text(environment, &reason.node, Escape::None, walk.diagnostics)
}
