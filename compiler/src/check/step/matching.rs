//! `match value { "a", "b" { … } else { … } }`.

use std::collections::BTreeMap;

use super::Outcome;
use crate::catalogue::Code;
use crate::check::flow::{Walk, meet};
use crate::diagnostic::Diagnostic;
use crate::ir::{Expression, Literal, MatchArm, Statement, Step};
use crate::lower::StepIds;
use crate::names::push_step;
use crate::source::Span;
use crate::syntax::ast::{Arm, Match};
use crate::types::{self, Environment, Ty, Typed};

pub(super) fn check<'a>(
    walk: &mut Walk<'a, '_>,
    ids: &mut StepIds,
    environment: Environment<'a>,
    written: &Match,
) -> Outcome<'a> {
    let id = ids.next("match", None);
    let subject = subject(walk, &environment, written);
    let there = types::facts(&Expression::IsSet(Box::new(subject.expression.clone()))).when_true;
    let mut seen = BTreeMap::new();
    let mut ways = Vec::with_capacity(written.arms.len() + 1);
    let mut arms = Vec::with_capacity(written.arms.len());
    for (number, arm) in (1_usize..).zip(&written.arms) {
        let values = patterns(walk, &subject, &arm.node, &mut seen);
        let mut inner = environment.clone();
        if !values.contains(&Literal::Null) {
            inner.assume(&there);
        }
        let label = match values.first() {
            Some(Literal::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => number.to_string(),
        };
        let (block, behind) = walk.block(&mut StepIds::arm(&id, &label), inner, &arm.node.block.node);
        ways.push(behind);
        arms.push(MatchArm { values, block });
    }
    let otherwise = match &written.otherwise {
        Some(block) => {
            let (block, behind) = walk.block(&mut StepIds::block(&id, "else"), environment, &block.node);
            ways.push(behind);
            block
        }
        None => {
            if written.broken || !exhaustive(&subject.ty, &seen) {
                ways.push(Some(environment));
            }
            Vec::new()
        }
    };
    let statement = Statement::Match { value: subject.expression, arms, otherwise };
    (Some(Step { id, statement }), meet(ways))
}

/// What is looked at: a value that a literal can be equal to.
fn subject(walk: &mut Walk<'_, '_>, environment: &Environment<'_>, written: &Match) -> Typed {
    let subject = types::expression(environment, &written.subject, walk.diagnostics);
    if subject.ty == Ty::Null || !subject.ty.is_printable() {
        walk.diagnostics.push(
            Diagnostic::new(Code::WrongType, subject.span)
                .message(format!("`match` looks at one plain value, this is `{}`", subject.ty))
                .maybe_hint(instead(&subject, written)),
        );
        return Typed { ty: Ty::Unknown, ..subject };
    }
    subject
}

/// What to write in place of a `match` on a list or a record.
fn instead(subject: &Typed, written: &Match) -> Option<String> {
    let path = types::path_key(&subject.expression)?;
    match subject.ty.required() {
        Ty::List(item) => {
            let mut patterns = written.arms.iter().flat_map(|arm| &arm.node.patterns);
            let value = patterns.find_map(|pattern| types::literal(&pattern.node));
            match value.filter(|value| *value != Literal::Null && item.is_printable()) {
                Some(value) => Some(format!("ask what the list holds: `if {path} contains {value} {{ … }}`")),
                None => Some(format!("take one of its elements, as in `{path}[0]`")),
            }
        }
        Ty::Record(record) => {
            let (field, _) = record.fields.iter().find(|(_, member)| member.ty.is_printable())?;
            let mut one = path.to_string();
            push_step(&mut one, field);
            Some(format!("look at one of its fields, as in `match {one} {{ … }}`"))
        }
        _ => None,
    }
}

/// The values of an arm: each can be equal to the subject, and stands once.
fn patterns(walk: &mut Walk<'_, '_>, subject: &Typed, arm: &Arm, seen: &mut BTreeMap<String, Span>) -> Vec<Literal> {
    let mut values = Vec::with_capacity(arm.patterns.len());
    for pattern in &arm.patterns {
        let Some(value) = types::literal(&pattern.node) else { continue };
        let typed = Typed::literal(value.clone(), pattern.span);
        types::equal(subject, &typed, pattern.span, walk.diagnostics);
        match seen.get(&value.to_string()) {
            Some(&first) => walk.diagnostics.push(
                Diagnostic::new(Code::DuplicateValue, pattern.span)
                    .message(format!("`{value}` has a way already"))
                    .also(first, "it goes this way")
                    .hint("remove the second one"),
            ),
            None => {
                seen.insert(value.to_string(), pattern.span);
                values.push(value);
            }
        }
    }
    values
}

/// Whether every value of the type has a way.
fn exhaustive(ty: &Ty, seen: &BTreeMap<String, Span>) -> bool {
    match ty {
        Ty::Union(members) => members.iter().all(|member| seen.contains_key(&member.to_string())),
        Ty::Bool => seen.contains_key("true") && seen.contains_key("false"),
        Ty::Optional(inner) => seen.contains_key("null") && exhaustive(inner, seen),
        _ => false,
    }
}
