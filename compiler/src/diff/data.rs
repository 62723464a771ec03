//! Changes of what data looks like: events, the contact card, segments.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::catalogue::{Risk, Runs, Slug};
use super::change::Change;
use super::filter::{self, Scope};
use crate::ir::{ContactField, Event, Field, Literal, Program, Segment, Type, Written};
use crate::pair::{Pair, pairs};

/// Compares events, the contact card and segments.
pub(super) fn compare(base: &Program, head: &Program, changes: &mut Vec<Change>) {
    for (name, pair) in pairs(&base.events, &head.events) {
        super::declaration::compare("event", name, pair, changes, event);
    }
    contact(base, head, changes);
    for (name, pair) in pairs(&base.segments, &head.segments) {
        super::declaration::compare("segment", name, pair, changes, |address, before, after, changes| {
            segment((base, head), address, before, after, changes);
        });
    }
}

fn event(address: &str, base: &Event, head: &Event, changes: &mut Vec<Change>) {
    super::declaration::description(address, &base.description, &head.description, changes);
    fields(address, &base.fields, &head.fields, changes);
}

fn contact(base: &Program, head: &Program, changes: &mut Vec<Change>) {
    let as_fields = |fields: &BTreeMap<SmolStr, ContactField>| -> BTreeMap<SmolStr, Field> {
        let field = |field: &ContactField| Field {
            ty: field.ty.clone(),
            sensitive: field.sensitive,
            default: field.default.clone(),
        };
        fields.iter().map(|(name, it)| (name.clone(), field(it))).collect()
    };
    fields("contact", &as_fields(&base.contact.fields), &as_fields(&head.contact.fields), changes);
}

fn fields(address: &str, base: &BTreeMap<SmolStr, Field>, head: &BTreeMap<SmolStr, Field>, changes: &mut Vec<Change>) {
    for (name, pair) in pairs(base, head) {
        let address = format!("{address}.{name}");
        let change = |slug| Change::new(slug, address.clone(), address.clone());
        match pair {
            Pair::Added(field) => {
                let change = change(Slug::FieldAdded);
                let asked = address.starts_with("event.") && !field.ty.is_optional() && field.default.is_none();
                changes.push(if asked {
                    change.risk(Risk::Danger).after(format!("{}: events without it are refused", field.ty))
                } else {
                    change.after(&field.ty)
                });
            }
            Pair::Removed(field) => changes.push(change(Slug::FieldRemoved).before(&field.ty)),
            Pair::Both(before, after) => {
                if before.default != after.default {
                    let written = |default: &Option<Literal>| default.as_ref().map(ToString::to_string);
                    let change =
                        change(Slug::FieldDefaultChanged).between(written(&before.default), written(&after.default));
                    let consents = address.starts_with("contact.") && super::guard::names_consent(name);
                    let asked = address.starts_with("event.") && after.default.is_none() && !after.ty.is_optional();
                    let danger = match (consents, asked) {
                        (true, _) => Some("whoever has not said otherwise now counts as having said this"),
                        (false, true) => Some("events without it are refused"),
                        (false, false) => None,
                    };
                    changes.push(match danger {
                        Some(why) => change.risk(Risk::Danger).detail(why),
                        None => change,
                    });
                }
                marks(&address, before, after, changes);
                shape(&address, &before.ty, &after.ty, takes_field(before, after), changes);
            }
        }
    }
}

/// Compares types; `wider`: the new one takes all that the old one did. Of records each field by itself, so that the one that
/// differs is named.
fn shape(address: &str, before: &Type, after: &Type, wider: bool, changes: &mut Vec<Change>) {
    match (before, after) {
        (before, after) if before == after => {}
        (Type::List(before), Type::List(after)) | (Type::Optional(before), Type::Optional(after)) => {
            shape(address, before, after, takes_all(before, after), changes);
        }
        (Type::Record(before), Type::Record(after)) => fields(address, before, after, changes),
        (before, after) => {
            let change = Change::new(Slug::FieldTypeChanged, address, address).before(before).after(after);
            changes.push(if wider {
                change.risk(Risk::Review).runs(Runs::Continue).after(format!("{after} (takes all that it took)"))
            } else {
                change
            });
            inner_marks(address, before, after, changes);
        }
    }
}

/// Whether a field takes all that it took. A default stands for nothing, so with one a field takes that, too.
fn takes_field(before: &Field, after: &Field) -> bool {
    let nothing = |field: &Field| field.default.is_some() || field.ty.is_optional();
    takes_all(before.ty.required(), after.ty.required()) && (nothing(after) || !nothing(before))
}

/// Whether every value of the old type is one of the new type.
fn takes_all(before: &Type, after: &Type) -> bool {
    match (before, after) {
        (before, after) if before == after => true,
        (_, Type::Json) | (Type::Int, Type::Decimal) => true,
        (Type::Email | Type::Phone | Type::Url, Type::String) => true,
        (Type::Union(few), Type::Union(many)) => few.iter().all(|member| many.contains(member)),
        (Type::Union(members), Type::String) => members.iter().all(|it| matches!(it, Literal::String(_))),
        (Type::Optional(before), Type::Optional(after)) => takes_all(before, after),
        (before, Type::Optional(after)) => takes_all(before, after),
        (Type::List(before), Type::List(after)) => takes_all(before, after),
        (Type::Record(before), Type::Record(after)) => pairs(before, after).all(|(_, pair)| match pair {
            Pair::Added(field) => field.ty.is_optional() || field.default.is_some(),
            Pair::Removed(_) => false,
            Pair::Both(before, after) => takes_field(before, after),
        }),
        _ => false,
    }
}

fn marks(address: &str, before: &Field, after: &Field, changes: &mut Vec<Change>) {
    let change = |slug| Change::new(slug, address, address);
    match (before.sensitive, after.sensitive) {
        (true, false) => {
            let change = change(Slug::FieldClassificationLowered).before("sensitive");
            changes.push(change.detail("history, logs and the console show it now"));
        }
        (false, true) => changes.push(change(Slug::FieldClassificationRaised).after("sensitive")),
        _ => {}
    }
}

/// `sensitive` inside of records, which the words for a type do not show.
pub(super) fn inner_marks(address: &str, before: &Type, after: &Type, changes: &mut Vec<Change>) {
    match (before.required(), after.required()) {
        (Type::List(before), Type::List(after)) => inner_marks(address, before, after, changes),
        (Type::Record(before), Type::Record(after)) => {
            for (name, pair) in pairs(before, after) {
                let Pair::Both(before, after) = pair else { continue };
                let address = format!("{address}.{name}");
                marks(&address, before, after, changes);
                inner_marks(&address, &before.ty, &after.ty, changes);
            }
        }
        _ => {}
    }
}

fn segment(programs: (&Program, &Program), address: &str, base: &Segment, head: &Segment, changes: &mut Vec<Change>) {
    super::declaration::description(address, &base.description, &head.description, changes);
    if base.condition != head.condition {
        let order = filter::order(&Scope::of(programs), &base.condition, &head.condition);
        // Wider means more people: as dangerous as a wider condition in a workflow.
        let change = Change::new(Slug::SegmentChanged, address, address.replacen('.', " ", 1))
            .before(Written(&base.condition))
            .after(format!("{} ({})", Written(&head.condition), order.words()));
        changes.push(match order {
            filter::Order::Same => change.unaffected(),
            filter::Order::Wider => change.risk(Risk::Danger),
            filter::Order::Narrower | filter::Order::Unknown => change,
        });
    }
}
