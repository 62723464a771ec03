//! Segments: conditions on the contact alone, none of which asks for itself.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use crate::catalogue::Code;
use crate::check::cycle::cycles;
use crate::check::memo::Checked;
use crate::diagnostic::Diagnostic;
use crate::ir::{self, Access, Expression, Part};
use crate::names::{Entry, Index, Kind, Names};
use crate::syntax::ast;
use crate::types::{self, Environment, Schema};

/// Checks a segment and brings it into the program.
pub(crate) fn check(
    names: &Names<'_>,
    schema: &Schema<'_>,
    entry: &Entry<'_, ast::Segment>,
    diagnostics: &mut Vec<Diagnostic>,
) -> ir::Segment {
    let environment = Environment::segment(names, schema);
    let condition = types::condition(&environment, &entry.node.condition, diagnostics);
    ir::Segment { description: entry.description(), condition }
}

/// Reports segments that ask for each other.
pub(crate) fn report_cycles<'s>(
    index: &Index,
    segments: impl Iterator<Item = (&'s SmolStr, &'s Checked<ir::Segment>)>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let asked = segments.map(|(name, segment)| {
        let mut found = BTreeSet::new();
        if let Some(segment) = &segment.lowered {
            asks_for(&segment.condition, &mut found);
        }
        (name.as_str(), found)
    });
    for members in cycles(&asked.collect()) {
        report_cycle(index, members, diagnostics);
    }
}

fn report_cycle(index: &Index, members: Vec<&str>, diagnostics: &mut Vec<Diagnostic>) {
    let units = members.into_iter().filter_map(|name| index.find(Kind::Segment, name));
    let mut entries = units.filter_map(|unit| Entry::<ast::Segment>::of(unit));
    let Some(first) = entries.next() else { return };
    let mut finding = Diagnostic::new(Code::SegmentCycle, first.name.span)
        .message(format!("the segment `{}` is defined by itself", first.name.node))
        .hint("take one of the segments out of another one's condition");
    for other in entries {
        finding = finding.also(other.name.span, format!("by way of `{}`", other.name.node));
    }
    diagnostics.push(finding);
}

/// The segments that an expression asks for.
fn asks_for<'e>(expression: &'e Expression, found: &mut BTreeSet<&'e str>) {
    match expression {
        Expression::InSegment(name) => {
            found.insert(name);
        }
        Expression::Literal(_) => {}
        Expression::Reference { path, .. } => {
            for access in path {
                if let Access::Index(index) = access {
                    asks_for(index, found);
                }
            }
        }
        Expression::Text(parts) => {
            for part in parts {
                if let Part::Value { value, .. } = part {
                    asks_for(value, found);
                }
            }
        }
        Expression::List(items) => items.iter().for_each(|item| asks_for(item, found)),
        Expression::Record(entries) => entries.iter().for_each(|(_, value)| asks_for(value, found)),
        Expression::Not(inner) | Expression::Negate(inner) | Expression::IsSet(inner) => asks_for(inner, found),
        Expression::Binary { left, right, .. } => {
            asks_for(left, found);
            asks_for(right, found);
        }
    }
}
