//! `send M [to address] [between T and T in zone]`.

use super::Outcome;
use crate::catalogue::Code;
use crate::check::flow::Walk;
use crate::check::zone;
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir::{Expression, Literal, Statement, Step, Window};
use crate::lower::StepIds;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{Between, Send};
use crate::types::{self, Environment, Ty};

pub(super) fn check<'a>(
    walk: &mut Walk<'a, '_>,
    ids: &mut StepIds,
    mut environment: Environment<'a>,
    send: &Send,
    span: Span,
) -> Outcome<'a> {
    let message = &send.message;
    let id = ids.next("send", Some(&message.node));
    let mut without_mail = false;
    if let Some(entry) = environment.names.message(message, walk.diagnostics) {
        let by_mail = entry.node.channels.iter().any(|channel| channel.node.channel.node == "email");
        if let Some(to) = &send.to
            && !by_mail
            && !entry.node.broken
        {
            without_mail = true;
            walk.diagnostics.push(
                Diagnostic::new(Code::SettingInvalid, to.span)
                    .message(format!("`to` is the recipient of an e-mail, and the message `{}` has none", message.node))
                    .also(entry.name.span, "declared here without `email`")
                    .hint("whom a channel sends to is said in its request: `contact.phone`"),
            );
        }
        let place = Span::new(span.file, span.start, message.span.end);
        walk.sites.send(&message.node, &environment, place);
    }
    let to = send.to.as_ref().map(|to| {
        let typed = types::expression(&environment, to, walk.diagnostics);
        // Where there is no e-mail, it is no mistake that the value is no address of one.
        let target = if without_mail { Ty::Unknown } else { Ty::Email };
        types::fit(typed, &target, "an e-mail's recipient", walk.diagnostics)
    });
    let between = send.between.as_ref().and_then(|between| window(&environment, between, walk.diagnostics));
    // A contact may change while the message is on its way.
    environment.forget_contact();
    let statement = Statement::Send { message: message.node.clone(), to, between };
    (Some(Step { id, statement }), Some(environment))
}

/// The hours that a message may go out in.
fn window(
    environment: &Environment<'_>,
    between: &Spanned<Between>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Window> {
    let written = &between.node;
    let mut time = |written| {
        let typed = types::expression(environment, written, diagnostics);
        types::fit(typed, &Ty::Time, "the beginning or the end of a window", diagnostics)
    };
    let (from, to) = (time(&written.from), time(&written.to));
    if let (Expression::Literal(Literal::Time(opens)), Expression::Literal(Literal::Time(closes))) = (&from, &to)
        && opens == closes
    {
        diagnostics.push(
            Diagnostic::new(Code::OutOfRange, between.span)
                .message("a window ends at another time than it begins")
                .hint("without `between` a message goes out at any hour"),
        );
    }
    let Some(zone) = &written.zone else {
        diagnostics.push(
            Diagnostic::new(Code::ZoneMissing, between.span)
                .message("hours of the day need a time zone")
                .hint("say where the clock hangs: `in contact.timezone ?? \"Europe/Kyiv\"`")
                .fix(Fix::insert_after(between.span, " in contact.timezone ?? \"UTC\"").left_to_author()),
        );
        return None;
    };
    Some(Window { from, to, zone: zone::check(environment, zone, diagnostics) })
}
