//! `set contact.FIELD = value`.

use super::Outcome;
use crate::catalogue::Code;
use crate::check::flow::Walk;
use crate::check::{body, credential, foreign};
use crate::diagnostic::Diagnostic;
use crate::ir::contact::is_read_only;
use crate::ir::{Access, Expression, Root, Statement, Step};
use crate::lower::StepIds;
use crate::syntax::ast::Set;
use crate::types::{self, Environment, Lookup, path_key};

pub(super) fn check<'a>(
    walk: &mut Walk<'a, '_>,
    ids: &mut StepIds,
    mut environment: Environment<'a>,
    set: &Set,
) -> Outcome<'a> {
    let field = &set.field;
    let id = ids.next("set", Some(&field.node));
    let typed = types::expression(&environment, &set.value, walk.diagnostics);
    body::foreign_texts(&set.value, walk.diagnostics);
    foreign::quoted_paths(&set.value, &environment, walk.diagnostics);
    credential::in_expression(&set.value, Some(&field.node), walk.diagnostics);
    let sensitive = typed.sensitive;
    let there = !typed.ty.is_optional() && typed.ty != types::Ty::Json;
    let contact = environment.contact_type();
    let value = match contact.field(&field.node) {
        Lookup::Missing(record) => {
            let declared = environment.names.contact().map(|(_, span)| span);
            walk.diagnostics.push(types::unknown_field("the contact", record, field, declared));
            typed.expression
        }
        Lookup::Member(_) if is_read_only(&field.node) => {
            walk.diagnostics.push(
                Diagnostic::new(Code::ReadOnlyField, field.span)
                    .message(format!("`contact.{}` is kept by the store itself", field.node))
                    .hint("set a field of your own, declared in `contact { … }`"),
            );
            typed.expression
        }
        Lookup::Member(member) if sensitive && !member.sensitive => {
            let finding = Diagnostic::new(Code::SensitiveShown, field.span)
                .message(format!("the value is sensitive, and `contact.{}` is not", field.node))
                .hint("declare the field as `sensitive` too");
            walk.diagnostics.push(match member.declared {
                Some(declared) => finding.also(declared, "declared here"),
                None => finding,
            });
            types::fit(typed, &member.ty, &format!("`contact.{}`", field.node), walk.diagnostics)
        }
        Lookup::Member(member) => {
            // `null` takes the value away, and then the default stands again.
            let is_reset = typed.ty == types::Ty::Null && member.default.is_some();
            let target = if is_reset { member.ty.clone().optional() } else { member.ty.clone() };
            types::fit(typed, &target, &format!("`contact.{}`", field.node), walk.diagnostics)
        }
        Lookup::Open | Lookup::NoRecord => typed.expression,
    };
    let written = Expression::Reference { root: Root::Contact, path: vec![Access::Field(field.node.clone())] };
    if let Some(path) = path_key(&written) {
        environment.forget(&path);
        if there {
            environment.assume([&path]);
        }
    }
    (Some(Step { id, statement: Statement::Set { field: field.node.clone(), value } }), Some(environment))
}
