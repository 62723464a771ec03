//! Values that are written for declared fields: the parameters of an event, the fields of a contact, an answer.
//!
//! A written-out record is held to its type field by field, so that each mistake is underlined where it stands.

use std::collections::HashSet;

use smol_str::SmolStr;

use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir::Expression;
use crate::names::near;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, Expr, ExprKind};
use crate::types::{self, Environment, Member, Record, Ty};

/// Whose fields they are.
pub(crate) struct Owner {
    /// In words: "the event `signup`", "the contact".
    pub(crate) words: String,
    /// Where a missing field is reported.
    pub(crate) at: Span,
    /// Where it was declared.
    pub(crate) declared: Option<Span>,
}

/// How much of a record is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All that must be there.
    Whole,
    /// What is of interest.
    Part,
}

/// Holds every value to its field, and that none is missing that must be given. Without a record, nothing is known of the
/// fields.
pub(crate) fn all(
    environment: &Environment<'_>,
    record: Option<&Record>,
    written: &Spanned<ast::Record>,
    owner: &Owner,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(SmolStr, Expression)> {
    let lowered = fields(environment, record, &written.node, Extent::Whole, owner, diagnostics);
    if let Some(record) = record {
        missing(record, &written.node, owner, diagnostics);
    }
    lowered
}

/// Holds every value to its field; what is not written is not asked for.
pub(crate) fn some(
    environment: &Environment<'_>,
    record: Option<&Record>,
    written: &Spanned<ast::Record>,
    owner: &Owner,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(SmolStr, Expression)> {
    fields(environment, record, &written.node, Extent::Part, owner, diagnostics)
}

/// Holds a value to a type, down to the last field of what is written out.
pub(crate) fn value(
    environment: &Environment<'_>,
    written: &Expr,
    target: &Ty,
    extent: Extent,
    owner: &Owner,
    diagnostics: &mut Vec<Diagnostic>,
) -> Expression {
    match (&written.node, target.required()) {
        (ExprKind::Record(entries), Ty::Record(record)) => {
            let inner = Owner { words: owner.words.clone(), at: written.span, declared: owner.declared };
            let lowered = fields(environment, Some(record), entries, extent, &inner, diagnostics);
            if extent == Extent::Whole {
                missing(record, entries, &inner, diagnostics);
            }
            Expression::Record(lowered)
        }
        (ExprKind::List(items), Ty::List(item)) => Expression::List(
            items.iter().map(|written| value(environment, written, item, extent, owner, diagnostics)).collect(),
        ),
        _ => {
            let typed = types::expression(environment, written, diagnostics);
            types::fit(typed, target, &owner.words, diagnostics)
        }
    }
}

fn fields(
    environment: &Environment<'_>,
    record: Option<&Record>,
    written: &ast::Record,
    extent: Extent,
    owner: &Owner,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(SmolStr, Expression)> {
    let mut lowered: Vec<(SmolStr, Expression)> = Vec::with_capacity(written.entries.len());
    let mut seen = std::collections::BTreeMap::new();
    for entry in &written.entries {
        let name = &entry.name;
        let inner = Owner { words: format!("`{}`", name.node), at: name.span, declared: None };
        let field = record.and_then(|record| record.fields.get(&name.node));
        if let (Some(record), None) = (record, field)
            && !record.broken
        {
            diagnostics.push(types::unknown_field(&owner.words, record, name, owner.declared));
        }
        // Nothing stands for a field that has a default, too.
        let target = field.map_or(Ty::Unknown, |member| match member.default {
            Some(_) => member.ty.clone().optional(),
            None => member.ty.clone(),
        });
        let declared = field.and_then(|member| member.declared);
        let value = value(environment, &entry.value, &target, extent, &Owner { declared, ..inner }, diagnostics);
        if let Some(first) = seen.insert(&name.node, name.span) {
            diagnostics.push(
                Diagnostic::new(Code::DuplicateName, name.span)
                    .message(format!("the field `{}` is written twice", name.node))
                    .also(first, "written first here")
                    .fix(Fix::delete(name.span.to(entry.value.span))),
            );
            continue;
        }
        lowered.push((name.node.clone(), value));
    }
    lowered
}

/// Reports the fields that must be given and are not.
fn missing(record: &Record, written: &ast::Record, owner: &Owner, diagnostics: &mut Vec<Diagnostic>) {
    if record.broken || written.broken {
        return;
    }
    let needed = |member: &Member| {
        member.declared.is_some()
            && !member.ty.is_optional()
            && !matches!(member.ty, Ty::Unknown | Ty::Json)
            && member.default.is_none()
    };
    let given: HashSet<&SmolStr> = written.entries.iter().map(|entry| &entry.name.node).collect();
    // A field that is written with a slip is told of where it is written.
    let fields = || record.fields.keys().map(SmolStr::as_str);
    let slips = given.iter().filter(|name| !record.fields.contains_key(name.as_str()));
    let meant: HashSet<&str> = slips.filter_map(|name| near(name, fields())).collect();
    let missing: Vec<(&SmolStr, Option<Span>)> = record
        .fields
        .iter()
        .filter(|(name, member)| needed(member) && !given.contains(name) && !meant.contains(name.as_str()))
        .map(|(name, member)| (name, member.declared))
        .collect();
    let Some((_, declared)) = missing.first() else { return };
    let all: Vec<String> = missing.iter().map(|(name, _)| format!("`{name}`")).collect();
    let finding =
        Diagnostic::new(Code::ParameterMissing, owner.at).message(format!("{} needs {}", owner.words, all.join(", ")));
    diagnostics.push(match declared {
        Some(declared) => finding.also(*declared, "declared here, not optional and without a default"),
        None => finding,
    });
}
