//! The header lines between the triggers and the steps: who may enter again, and what ends a run at once.

use std::collections::{BTreeMap, HashMap};

use smol_str::SmolStr;

use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir::{self, Reentry};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, Duration, ExitOn, HeaderKind, Name};
use crate::types::{self, Environment, Ty};

/// What the header lines say that are neither triggers nor identification.
pub(crate) struct Entering {
    /// Whether a contact may enter again.
    pub(crate) reentry: Reentry,
    /// Whether it is kept out while a run of it goes on.
    pub(crate) one_at_a_time: bool,
    /// What ends a run.
    pub(crate) exits: Vec<ir::Exit>,
    /// The events of `exit on` lines without a condition, each with its line: behind such an event no run goes on.
    pub(crate) certain_exits: BTreeMap<SmolStr, Span>,
}

/// Checks `once`, `one at a time` and `exit on`. `environment` is that of the first step.
pub(crate) fn check(
    environment: &Environment<'_>,
    workflow: &ast::Workflow,
    diagnostics: &mut Vec<Diagnostic>,
) -> Entering {
    let mut entering =
        Entering { reentry: Reentry::Always, one_at_a_time: false, exits: Vec::new(), certain_exits: BTreeMap::new() };
    let (mut once, mut one) = (None, None);
    let mut exits: HashMap<&ExitOn, Span> = HashMap::new();
    for header in &workflow.headers {
        match &header.node {
            HeaderKind::OncePer(written) if first(&mut once, header.span, diagnostics) => {
                entering.reentry = Reentry::OncePer(once_per(written, diagnostics));
            }
            HeaderKind::OnceEver if first(&mut once, header.span, diagnostics) => {
                entering.reentry = Reentry::OnceEver;
            }
            HeaderKind::OneAtATime if first(&mut one, header.span, diagnostics) => entering.one_at_a_time = true,
            HeaderKind::ExitOn(exit) => {
                if let Some(earlier) = exits.get(exit) {
                    diagnostics.push(again(header.span, *earlier));
                    continue;
                }
                exits.insert(exit, header.span);
                entering.exits.push(exit_on(environment, exit, diagnostics));
                if exit.condition.is_none() {
                    entering.certain_exits.entry(exit.event.node.clone()).or_insert(header.span);
                }
            }
            _ => {}
        }
    }
    entering
}

/// Whether this is the first line of its kind; a second one is reported.
fn first(seen: &mut Option<Span>, span: Span, diagnostics: &mut Vec<Diagnostic>) -> bool {
    match seen {
        None => *seen = Some(span),
        Some(earlier) => {
            diagnostics.push(again(span, *earlier));
            return false;
        }
    }
    true
}

fn again(span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Code::SettingTwice, span)
        .message("this header line is there already")
        .also(first, "written here first")
        .fix(Fix::delete(span))
}

fn once_per(written: &Spanned<Duration>, diagnostics: &mut Vec<Diagnostic>) -> ir::Duration {
    let milliseconds = written.node.milliseconds();
    if milliseconds == 0 {
        diagnostics.push(
            Diagnostic::new(Code::OutOfRange, written.span)
                .message("a time of nothing keeps nobody out")
                .hint("write how long a contact is kept out, or remove the line"),
        );
    }
    ir::Duration { milliseconds }
}

/// `exit on EVENT [as name] [where …]`.
fn exit_on(environment: &Environment<'_>, exit: &ExitOn, diagnostics: &mut Vec<Diagnostic>) -> ir::Exit {
    let ty = event_type(environment, &exit.event, diagnostics);
    let mut inner = environment.clone();
    if let Some(alias) = &exit.alias {
        bind(&mut inner, alias, ty, diagnostics);
    }
    let filter = exit.condition.as_ref().map(|condition| types::condition(&inner, condition, diagnostics));
    let alias = exit.alias.as_ref().map(|alias| alias.node.clone());
    ir::Exit { event: exit.event.node.clone(), alias, filter }
}

/// The type of an event that comes in the middle of a run.
pub(crate) fn event_type(environment: &Environment<'_>, event: &Name, diagnostics: &mut Vec<Diagnostic>) -> Ty {
    let known = environment.names.event(event, diagnostics).is_some();
    let record = environment.schema.event(&event.node).filter(|_| known);
    record.map_or(Ty::Unknown, |record| Ty::Record(record.clone()))
}

/// Gives such an event its name. It must be one that an expression can say, and none that it says already.
pub(crate) fn bind(environment: &mut Environment<'_>, alias: &Name, ty: Ty, diagnostics: &mut Vec<Diagnostic>) {
    let text = alias.node.as_str();
    if crate::names::spelled(text) != text {
        diagnostics.push(
            Diagnostic::new(Code::BadName, alias.span)
                .message(format!("an expression cannot say `{text}`"))
                .hint("the name of an event is a word: letters, digits and `_`"),
        );
    } else if matches!(text, "event" | "contact" | "data" | "message") {
        diagnostics.push(
            Diagnostic::new(Code::DuplicateName, alias.span)
                .message(format!("`{text}` has a meaning of its own in expressions"))
                .hint("take another name behind `as`"),
        );
    }
    environment.bind(alias.node.clone(), ty);
}
