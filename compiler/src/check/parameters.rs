//! Values that are written for declared fields: the parameters of an event, the fields of a contact.

use smol_str::SmolStr;

use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir::Expression;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, Name};
use crate::types::{self, Environment, Record, Ty};

/// Whose fields they are, for the words of a finding.
pub(crate) struct Place<'p> {
    /// `the event`, `the contact`.
    pub(crate) what: &'static str,
    /// Its name.
    pub(crate) name: &'p Name,
    /// Where it was declared.
    pub(crate) declared: Option<Span>,
}

/// Holds every value to its field, and that none is missing that must be given. Without a record, nothing is known of the
/// fields.
pub(crate) fn all(
    environment: &Environment<'_>,
    record: Option<&Record>,
    written: &Spanned<ast::Record>,
    place: &Place<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(SmolStr, Expression)> {
    let lowered = some(environment, record, written, place, diagnostics);
    let Some(record) = record.filter(|record| !record.broken && !written.node.broken) else { return lowered };
    let missing: Vec<&SmolStr> = record
        .fields
        .iter()
        .filter(|(name, member)| {
            member.declared.is_some()
                && !member.ty.is_optional()
                && !member.ty.is_unknown()
                && member.default.is_none()
                && !written.node.entries.iter().any(|entry| entry.name.node == **name)
        })
        .map(|(name, _)| name)
        .collect();
    if let Some(first) = missing.first() {
        let all: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
        let finding = Diagnostic::new(Code::ParameterMissing, place.name.span).message(format!(
            "{} `{}` needs {}",
            place.what,
            place.name.node,
            all.join(", ")
        ));
        let declared = record.fields.get(*first).and_then(|member| member.declared);
        diagnostics.push(match declared {
            Some(declared) => finding.also(declared, "declared here, not optional and without a default"),
            None => finding,
        });
    }
    lowered
}

/// Holds every value to its field; what is not written is not asked for.
pub(crate) fn some(
    environment: &Environment<'_>,
    record: Option<&Record>,
    written: &Spanned<ast::Record>,
    place: &Place<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(SmolStr, Expression)> {
    let mut lowered: Vec<(SmolStr, Expression)> = Vec::with_capacity(written.node.entries.len());
    for (index, entry) in written.node.entries.iter().enumerate() {
        let name = &entry.name;
        let typed = types::expression(environment, &entry.value, diagnostics);
        let before = written.node.entries.get(..index).unwrap_or(&[]);
        if let Some(first) = before.iter().find(|earlier| earlier.name.node == name.node) {
            diagnostics.push(
                Diagnostic::new(Code::DuplicateName, name.span)
                    .message(format!("the field `{}` is written twice", name.node))
                    .also(first.name.span, "written first here")
                    .fix(Fix::delete(name.span.to(entry.value.span))),
            );
            continue;
        }
        let value = match record.map(|record| (record, record.fields.get(&name.node))) {
            None => typed.expression,
            Some((_, Some(member))) => {
                // Nothing stands for a field that has a default, too.
                let target = if member.default.is_some() { member.ty.clone().optional() } else { member.ty.clone() };
                field(typed, &target, name, diagnostics)
            }
            Some((record, None)) if record.broken => typed.expression,
            Some((record, None)) => {
                let owner = format!("{} `{}`", place.what, place.name.node);
                diagnostics.push(types::unknown_field(&owner, record, name, place.declared));
                typed.expression
            }
        };
        lowered.push((name.node.clone(), value));
    }
    lowered
}

fn field(typed: types::Typed, target: &Ty, name: &Name, diagnostics: &mut Vec<Diagnostic>) -> Expression {
    types::fit(typed, target, &format!("`{}`", name.node), diagnostics)
}
