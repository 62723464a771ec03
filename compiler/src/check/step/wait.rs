//! `wait DURATION`, `wait until MOMENT`.

use super::Outcome;
use crate::catalogue::Code;
use crate::check::flow::Walk;
use crate::check::zone;
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir::{Expression, Literal, Statement, Step};
use crate::lower::StepIds;
use crate::source::Span;
use crate::syntax::ast::{Expr, Moment};
use crate::types::{self, Environment, Ty};

pub(super) fn check<'a>(
    walk: &mut Walk<'a, '_>,
    ids: &mut StepIds,
    mut environment: Environment<'a>,
    written: &Expr,
) -> Outcome<'a> {
    let id = ids.next("wait", None);
    let typed = types::expression(&environment, written, walk.diagnostics);
    let duration = types::fit(typed, &Ty::Duration, "what is waited for", walk.diagnostics);
    no_time(&duration, written.span, walk.diagnostics);
    environment.forget_contact();
    (Some(Step { id, statement: Statement::Wait { duration } }), Some(environment))
}

pub(super) fn until<'a>(
    walk: &mut Walk<'a, '_>,
    ids: &mut StepIds,
    mut environment: Environment<'a>,
    moment: &Moment,
) -> Outcome<'a> {
    let id = ids.next("until", None);
    let (time, zone) = instant(&environment, moment, walk.diagnostics);
    environment.forget_contact();
    (Some(Step { id, statement: Statement::WaitUntil { time, zone } }), Some(environment))
}

/// Reports a wait of no time at all.
pub(super) fn no_time(duration: &Expression, span: Span, diagnostics: &mut Vec<Diagnostic>) {
    if matches!(duration, Expression::Literal(Literal::Duration(duration)) if duration.milliseconds == 0) {
        diagnostics.push(
            Diagnostic::new(Code::OutOfRange, span)
                .message("a wait of no time is none")
                .hint("write how long, or remove the line"),
        );
    }
}

/// A point in time: a datetime by itself, or a date, a time of the day or a datetime without offset in a zone.
fn instant(
    environment: &Environment<'_>,
    moment: &Moment,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Expression, Option<Expression>) {
    let typed = types::present(types::expression(environment, &moment.at, diagnostics), diagnostics);
    let zone = moment.zone.as_ref().map(|written| (written.span, zone::check(environment, written, diagnostics)));
    match (&typed.ty, &zone) {
        (Ty::Unknown | Ty::Json | Ty::Datetime, None) => {}
        (Ty::Datetime, Some((span, _))) => diagnostics.push(needless(typed.span, *span)),
        (Ty::Date | Ty::LocalDatetime | Ty::Time, None) => diagnostics.push(
            Diagnostic::new(Code::ZoneMissing, typed.span)
                .message(format!("a {} is an instant only in a time zone", typed.ty))
                .hint("say where the clock hangs: `in contact.timezone ?? \"Europe/Kyiv\"`")
                .fix(Fix::insert_after(typed.span, " in contact.timezone ?? \"UTC\"").left_to_author()),
        ),
        (Ty::Unknown | Ty::Json | Ty::Date | Ty::LocalDatetime | Ty::Time, Some(_)) => {}
        (Ty::Duration, _) => diagnostics.push(
            Diagnostic::new(Code::WrongType, typed.span)
                .message("`wait until` takes a point in time, this is a length")
                .hint("write `wait` without `until`"),
        ),
        (other, _) => {
            let finding = Diagnostic::new(Code::WrongType, typed.span)
                .message(format!("`wait until` takes a datetime, a date or a time of the day, this is `{other}`"));
            let value = [Ty::Time, Ty::Date].iter().find_map(|ty| types::unquoted(&typed.expression, ty));
            diagnostics.push(match value {
                Some(value) => finding.hint("write it without quotes").fix(Fix::replace(typed.span, value)),
                None => finding,
            });
        }
    }
    (typed.expression, zone.map(|(_, zone)| zone))
}

fn needless(time: Span, zone: Span) -> Diagnostic {
    Diagnostic::new(Code::WrongType, zone)
        .message("a datetime is an instant already: no zone changes it")
        .fix(Fix::delete(Span::new(zone.file, time.end, zone.end)))
}
