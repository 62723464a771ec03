//! Time zones: the names of the IANA database, with the rules that are part of the program.
//!
//! A literal zone is looked up here, so that a slip is found before anything waits for a time that never comes. One that
//! comes from data is looked up when a statement runs.

use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir::zone::{self, time_zone};
use crate::ir::{Expression, Literal};
use crate::names::near;
use crate::source::Span;
use crate::syntax::ast::{BinaryOperator, Expr, ExprKind, Text};
use crate::types::{self, Environment, Ty};

/// Checks a zone that may come from data: a text that is there.
pub(crate) fn check(environment: &Environment<'_>, written: &Expr, diagnostics: &mut Vec<Diagnostic>) -> Expression {
    if let Some(name) = without_quotes(written).filter(|_| !is_alias(environment, written)) {
        diagnostics.push(quotes_missing(&name, written.span));
        return Expression::Literal(Literal::String(name));
    }
    literals(written, diagnostics);
    let typed = types::expression(environment, written, diagnostics);
    if typed.ty != Ty::Null && typed.ty.is_optional() && typed.ty.family() == Ty::String {
        diagnostics.push(
            Diagnostic::new(Code::OptionalAsValue, typed.span)
                .message("this time zone may be absent, and a time needs one")
                .hint("say which one is taken instead, as in `?? \"UTC\"`")
                .fix(Fix::insert_after(typed.span, " ?? \"UTC\"").left_to_author()),
        );
        return typed.expression;
    }
    types::fit(typed, &Ty::String, "a time zone", diagnostics)
}

/// Checks a zone that must be written out, where nothing else is known. Gives it the database's own spelling.
///
/// `of` says what the zone belongs to: `a schedule`.
pub(crate) fn literal(written: &Expr, of: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    match &written.node {
        ExprKind::Text(text) if text.literal().is_some() => known(text, written.span, diagnostics),
        ExprKind::Broken => None,
        _ => {
            if let Some(name) = without_quotes(written) {
                diagnostics.push(quotes_missing(&name, written.span));
                return None;
            }
            diagnostics.push(
                Diagnostic::new(Code::WrongType, written.span)
                    .message(format!("the time zone of {of} is written out"))
                    .hint("write its name: `in \"Europe/Kyiv\"`"),
            );
            None
        }
    }
}

/// The zone that is meant by a name of the database without its quotes: `Europe/Kyiv` reads as a division.
fn without_quotes(written: &Expr) -> Option<String> {
    fn path(written: &Expr) -> Option<String> {
        match &written.node {
            ExprKind::Name(name) => Some(name.to_string()),
            ExprKind::Binary { operator, left, right } if operator.node == BinaryOperator::Divide => {
                Some(format!("{}/{}", path(left)?, path(right)?))
            }
            _ => None,
        }
    }
    path(written).filter(|name| time_zone(name).is_some())
}

fn is_alias(environment: &Environment<'_>, written: &Expr) -> bool {
    matches!(&written.node, ExprKind::Name(name) if environment.aliases.contains_key(name))
}

fn quotes_missing(name: &str, span: Span) -> Diagnostic {
    let meant = format!("\"{name}\"");
    Diagnostic::new(Code::WrongType, span)
        .message("the name of a time zone is a text in quotes")
        .hint(format!("write `{meant}`"))
        .fix(Fix::replace(span, meant))
}

/// The instant at which clocks in a zone show a local time: in a gap it moves forward by the gap, of two it is the first.
pub(crate) fn instant(local: jiff::civil::DateTime, zone: &str) -> Option<jiff::Timestamp> {
    let zone = time_zone(zone)?;
    zone.to_ambiguous_timestamp(local).compatible().ok()
}

/// Checks the zones that are written out in an expression: itself, or what stands behind `??`.
fn literals(written: &Expr, diagnostics: &mut Vec<Diagnostic>) {
    match &written.node {
        ExprKind::Text(text) if text.literal().is_some() => {
            known(text, written.span, diagnostics);
        }
        ExprKind::Binary { operator, left, right } if operator.node == BinaryOperator::Coalesce => {
            literals(left, diagnostics);
            literals(right, diagnostics);
        }
        _ => {}
    }
}

fn known(text: &Text, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    let name = text.literal()?;
    if let Some(zone) = time_zone(name) {
        return Some(zone.iana_name().unwrap_or(name).to_owned());
    }
    diagnostics.push(unknown(name, span));
    None
}

fn unknown(name: &str, span: Span) -> Diagnostic {
    let finding = Diagnostic::new(Code::UnknownZone, span).message(format!("there is no time zone `{name}`"));
    let zones = zone::names();
    // A city alone is what people know of a zone.
    let city = name.rsplit('/').next().unwrap_or(name).trim().replace(' ', "_");
    let of_city = zones
        .iter()
        .map(String::as_str)
        .find(|zone| zone.rsplit_once('/').is_some_and(|(_, zone_city)| zone_city.eq_ignore_ascii_case(&city)));
    match of_city.or_else(|| near(name, zones.iter().map(String::as_str))) {
        Some(meant) => finding.hint(format!("did you mean `{meant}`?")).fix(Fix::replace(span, format!("\"{meant}\""))),
        None => finding.hint("a zone has a name of the IANA database, such as `Europe/Kyiv` or `UTC`"),
    }
}
