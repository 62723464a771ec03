//! Names and what is taken from them: `event.total`, `contact.town`, `data["Any name"][0].id`.

use smol_str::SmolStr;

use super::literal::{Constant, constant};
use super::narrow::path_key;
use super::{Environment, EventScope, Lookup, Place, Record, ResultLookup, Ty, Typed, expression};
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Edit, Fix, Guess};
use crate::ir::{Access, Expression, Literal, Root};
use crate::names::{Entry, Kind, near, spelled};
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind, Name};

/// A name, a field or an element.
pub(super) fn reference(
    environment: &Environment<'_>,
    written: &ast::Expr,
    diagnostics: &mut Vec<Diagnostic>,
) -> Typed {
    let typed = match &written.node {
        ExprKind::Name(name) => root(environment, &written.span.with(name.clone()), diagnostics),
        ExprKind::Field { of, name } if is_data(of) => data(environment, name, written.span, diagnostics),
        ExprKind::Field { of, name } => {
            let of = expression(environment, of, diagnostics);
            field(environment, of, name, written.span, diagnostics)
        }
        ExprKind::Index { of, index } if is_data(of) => match constant(index) {
            Constant::Literal(Literal::String(name)) => {
                data(environment, &index.span.with(SmolStr::from(name)), written.span, diagnostics)
            }
            Constant::Broken => Typed::unknown(written.span),
            _ => {
                diagnostics.push(
                    Diagnostic::new(Code::WrongType, index.span)
                        .message("a result is called by its name, written out")
                        .hint("write `data[\"NAME\"]`"),
                );
                Typed::unknown(written.span)
            }
        },
        ExprKind::Index { of, index } => {
            let of = expression(environment, of, diagnostics);
            element(environment, of, index, written.span, diagnostics)
        }
        _ => Typed::unknown(written.span),
    };
    // What a condition around it has found out.
    if typed.ty.is_optional()
        && path_key(&typed.expression).is_some_and(|path| environment.narrowed.contains_key(&path))
    {
        return Typed { ty: typed.ty.required().clone(), ..typed };
    }
    typed
}

fn is_data(expression: &ast::Expr) -> bool {
    matches!(&expression.node, ExprKind::Name(name) if name == "data")
}

/// A name that stands for itself.
fn root(environment: &Environment<'_>, name: &Name, diagnostics: &mut Vec<Diagnostic>) -> Typed {
    let span = name.span;
    let whole = |ty, root| Typed::new(ty, Expression::Reference { root, path: Vec::new() }, span);
    if let Some(ty) = environment.aliases.get(&name.node) {
        return whole(ty.clone(), Root::Alias(name.node.clone()));
    }
    match name.node.as_str() {
        "event" if environment.event != EventScope::Absent => {
            let declared = only_event(environment).map(|event| event.name.span);
            Typed { declared, ..whole(environment.event_type(), Root::Event) }
        }
        "contact" if environment.contact => whole(environment.contact_type(), Root::Contact),
        "event" | "contact" => {
            diagnostics.push(not_here(environment, name));
            Typed::unknown(span)
        }
        "data" if !takes_results(&environment.place) => {
            diagnostics.push(not_here(environment, name));
            Typed::unknown(span)
        }
        "data" => {
            diagnostics.push(
                Diagnostic::new(Code::WrongType, span)
                    .message("`data` is no value itself")
                    .hint("name the result: `data.NAME` or `data[\"NAME\"]`"),
            );
            Typed::unknown(span)
        }
        "message" => match &environment.message {
            Some(parts) => whole(Ty::Record(std::sync::Arc::clone(parts)), Root::Message),
            None => {
                diagnostics.push(not_here(environment, name));
                Typed::unknown(span)
            }
        },
        _ => {
            if !environment.names.is_broken(&name.node) {
                diagnostics.push(unknown_root(environment, name));
            }
            Typed::unknown(span)
        }
    }
}

const fn takes_results(place: &Place) -> bool {
    match place {
        Place::Step | Place::Webhook { .. } | Place::Message => true,
        Place::Segment | Place::Trigger | Place::Identify | Place::Test => false,
    }
}

/// The finding that something is not known at this place.
fn not_here(environment: &Environment<'_>, name: &Name) -> Diagnostic {
    let hint = match (&environment.place, name.node.as_str()) {
        (_, "message") => "a message's parts are known in the request of a `channel` only",
        (Place::Test, _) => "a test writes its values out",
        (Place::Segment, _) => "a segment is about the contact alone",
        (Place::Trigger | Place::Identify, "contact") => {
            "the contact is known once it is identified: ask in an `if` step"
        }
        (Place::Trigger | Place::Identify, "data") => "nothing is called before the first step",
        (_, "event") => "what starts the workflow is no event, or not always one",
        _ => "name a field of `event` or `contact`",
    };
    let message = match environment.place {
        Place::Step | Place::Webhook { .. } if name.node == "event" => "a run of this workflow has no event".to_owned(),
        _ => format!("`{}` is not known {}", name.node, environment.place.words()),
    };
    Diagnostic::new(Code::NotAvailableHere, name.span).message(message).hint(hint)
}

/// The finding that a name stands for nothing, with what was probably meant.
fn unknown_root(environment: &Environment<'_>, name: &Name) -> Diagnostic {
    let text = name.node.as_str();
    let finding = Diagnostic::new(Code::UnknownName, name.span).message(format!("`{text}` is not known here"));
    if environment.names.segments.get(text).is_some() {
        environment.names.segments.mark_used(&name.node);
        return Diagnostic::new(Code::WrongType, name.span)
            .message(format!("the segment `{text}` is no value"))
            .hint(format!("ask `contact in {}`", spelled(text)));
    }
    if environment.results.contains_key(text) || environment.names.webhooks.get(text).is_some() {
        let fix = Fix::replace(name.span, data_path(text));
        return finding.hint(format!("the result of a call is `{}`", data_path(text))).fix(fix);
    }
    if environment.contact && environment.schema.contact().fields.contains_key(text) {
        return finding
            .hint("a field of the contact is written with it")
            .fix(Fix::insert_before(name.span, "contact."));
    }
    if let EventScope::Known { fields, .. } = &environment.event
        && fields.fields.contains_key(text)
    {
        return finding
            .hint("a parameter of the event is written with it")
            .fix(Fix::insert_before(name.span, "event."));
    }
    let spelt_elsewhere = match text {
        "True" | "TRUE" => Some("true"),
        "False" | "FALSE" => Some("false"),
        "undefined" | "nil" | "None" | "NULL" | "Null" | "none" => Some("null"),
        _ => None,
    };
    if let Some(meant) = spelt_elsewhere {
        return finding.hint(format!("write `{meant}`")).fix(Fix::replace(name.span, meant));
    }
    let known = ["event", "contact", "data"].into_iter().chain(environment.aliases.keys().map(SmolStr::as_str));
    match near(text, known) {
        Some(other) => finding.hint(format!("did you mean `{other}`?")).fix(Fix::replace(name.span, other)),
        None => finding.hint("values begin with `event`, `contact` or `data`; a text stands in quotes"),
    }
}

/// A result as it is written.
fn data_path(name: &str) -> String {
    let spelled = spelled(name);
    if spelled == name { format!("data.{name}") } else { format!("data[{spelled}]") }
}

/// `data.NAME`.
fn data(environment: &Environment<'_>, name: &Name, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Typed {
    let text = &name.node;
    if !takes_results(&environment.place) {
        diagnostics.push(not_here(environment, &span.with(SmolStr::new_static("data"))));
        return Typed::unknown(span);
    }
    if let Place::Webhook { uses, insert_after, broken } = &environment.place
        && !uses.contains(text)
    {
        if !broken && !environment.names.is_broken(text) {
            diagnostics.push(without_uses(environment, name, span, *insert_after));
        }
        return Typed::unknown(span);
    }
    let ty = match environment.result(text) {
        ResultLookup::Certain(ty, _) => ty,
        ResultLookup::Open => Ty::Unknown,
        ResultLookup::Nothing(stored) => {
            let webhook = environment.names.webhooks.get(&stored.webhook);
            let finding = Diagnostic::new(Code::NoResult, span)
                .message(format!("the webhook `{}` says nothing of what it returns", stored.webhook))
                .hint("add a `returns` line to it");
            diagnostics.push(match webhook {
                Some(webhook) => finding.also(webhook.name.span, "declared here without `returns`"),
                None => finding,
            });
            Ty::Unknown
        }
        ResultLookup::Uncertain(stored) => {
            diagnostics.push(uncertain(text, span, stored.call));
            Ty::Unknown
        }
        ResultLookup::Never => {
            diagnostics.push(never(environment, name, span));
            Ty::Unknown
        }
    };
    Typed::new(ty, Expression::Reference { root: Root::Data(text.clone()), path: Vec::new() }, span)
}

fn uncertain(name: &str, span: Span, call: Span) -> Diagnostic {
    Diagnostic::new(Code::ResultNotCertain, span)
        .message(format!("the result `{name}` is not there on every way to this place"))
        .also(call, "this call may not have been reached, or may have failed")
        .hint("use it where the call has certainly succeeded: behind it on the same way, with an `on failure` that ends in `stop` or `fail`")
}

fn never(environment: &Environment<'_>, name: &Name, span: Span) -> Diagnostic {
    let text = &name.node;
    let finding = Diagnostic::new(Code::ResultNotCertain, span)
        .message(format!("no call before this place stores a result `{text}`"));
    if let Place::Webhook { .. } = environment.place {
        let hint = format!("call it before this webhook, without `as`: `call {}`", spelled(text));
        return finding.hint(hint);
    }
    let stored = environment.results.iter().find(|(_, stored)| stored.webhook == *text);
    if let Some((alias, stored)) = stored {
        return finding
            .also(stored.call, format!("`{text}` is called here, and its result is called `{alias}`"))
            .hint(format!("write `{}`", data_path(alias)))
            .fix(Fix::replace(span, data_path(alias)));
    }
    if let Some(other) = near(text, environment.results.keys().map(SmolStr::as_str)) {
        return finding.hint(format!("did you mean `{}`?", data_path(other))).fix(Fix::replace(span, data_path(other)));
    }
    match environment.names.webhooks.get(text) {
        Some(webhook) => finding.hint(format!("call it first: `call {}`", spelled(&webhook.name.node))),
        None => finding.hint("a result has the name of its webhook, or the one behind `as`"),
    }
}

/// The finding that a webhook reads a result without saying so in a `uses` line.
fn without_uses(environment: &Environment<'_>, name: &Name, span: Span, insert_after: Span) -> Diagnostic {
    let text = &name.node;
    let finding = Diagnostic::new(Code::DataWithoutUses, span);
    if environment.names.webhooks.get(text).is_none() {
        return Diagnostic::new(Code::UnknownName, span)
            .message(format!("there is no webhook `{text}` whose result this could be"))
            .guess(Guess::Other { kind: Kind::Webhook, name: text.clone() });
    }
    finding
        .message(format!("this webhook passes on the result of `{text}` without saying so"))
        .hint(format!("add the line `uses {}`, so that a reviewer sees it", spelled(text)))
        .fix(Fix {
            title: format!("add `uses {}`", spelled(text)),
            edits: vec![Edit { span: insert_after.after(), text: format!("\n  uses {}", spelled(text)) }],
        })
}

/// `of.name`.
fn field(
    environment: &Environment<'_>,
    of: Typed,
    name: &Name,
    span: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Typed {
    let optional = of.ty.is_optional();
    let (ty, declared, sensitive) = match of.ty.field(&name.node) {
        Lookup::Open => (of.ty.required().clone(), None, false),
        Lookup::Member(member) => (member.ty.clone(), member.declared, member.sensitive),
        Lookup::Missing(record) => {
            let owner = owner(&of.expression);
            if owner == "the contact"
                && let Some(finding) = segment_as_field(environment, name, span)
            {
                diagnostics.push(finding);
                return Typed::unknown(span);
            }
            let not_common = if owner == "the event" { not_common(environment, name) } else { None };
            diagnostics.push(not_common.unwrap_or_else(|| match elsewhere(environment, &owner, &name.node) {
                Some(other) => mixed_up(&owner, name, Some(of.span), other),
                None => unknown_field(&owner, record, name, of.declared),
            }));
            return Typed::unknown(span);
        }
        Lookup::NoRecord => {
            diagnostics.push(no_record(&of, name));
            return Typed::unknown(span);
        }
    };
    if of.ty == Ty::Null {
        return Typed::unknown(span);
    }
    let ty = if optional { ty.optional() } else { ty };
    let sensitive = sensitive || of.sensitive;
    Typed { declared, sensitive, ..Typed::new(ty, step(of.expression, Access::Field(name.node.clone())), span) }
}

/// `contact.loyal`, where `loyal` is a segment, and `contact.segment`.
fn segment_as_field(environment: &Environment<'_>, name: &Name, span: Span) -> Option<Diagnostic> {
    let text = &name.node;
    let finding = Diagnostic::new(Code::UnknownField, name.span).message(format!("the contact has no field `{text}`"));
    if environment.names.segments.get(text).is_some() {
        environment.names.segments.mark_used(text);
        let meant = format!("contact in {}", spelled(text));
        let hint = format!("whether a contact belongs to a segment is written `{meant}`");
        return Some(finding.hint(hint).fix(Fix::replace(span, meant)));
    }
    matches!(text.as_str(), "segment" | "segments")
        .then(|| finding.hint("whether a contact belongs to a segment is written `contact in NAME`"))
}

fn no_record(of: &Typed, name: &Name) -> Diagnostic {
    let finding = Diagnostic::new(Code::UnknownField, name.span).message(format!(
        "`{}` has no field `{}`",
        of.ty.required(),
        name.node
    ));
    let finding = match of.declared {
        Some(declared) => finding.also(declared, format!("declared here as `{}`", of.ty)),
        None => finding,
    };
    match of.ty.required() {
        Ty::List(_) if matches!(name.node.as_str(), "length" | "size" | "count") => {
            finding.hint("a list is not counted here; whether it has an element is asked with `[0] is set`")
        }
        Ty::List(_) => finding.hint("take one of the elements: `[0]`").fix(Fix::insert_after(of.span, "[0]")),
        _ => finding,
    }
}

/// What has the field, in words.
fn owner(of: &Expression) -> String {
    match of {
        Expression::Reference { root: Root::Event, path } if path.is_empty() => "the event".to_owned(),
        Expression::Reference { root: Root::Contact, path } if path.is_empty() => "the contact".to_owned(),
        Expression::Reference { root: Root::Message, path } if path.is_empty() => "the message".to_owned(),
        other => match path_key(other) {
            Some(path) => format!("`{path}`"),
            None => "the record".to_owned(),
        },
    }
}

/// The event type, if it can be only one.
fn only_event<'e>(environment: &'e Environment<'_>) -> Option<Entry<'e, ast::Event>> {
    let EventScope::Known { types, .. } = &environment.event else { return None };
    let name = types.first().filter(|_| types.len() == 1)?;
    environment.names.events.get(name)
}

/// The finding that a parameter is one of some events that start the workflow, and not the same of all of them.
pub fn not_common(environment: &Environment<'_>, name: &Name) -> Option<Diagnostic> {
    let EventScope::Known { types, .. } = &environment.event else { return None };
    let text = &name.node;
    let of = |event: &SmolStr| environment.schema.event(event)?.fields.get(text);
    let with = types.iter().find(|event| of(event).is_some())?;
    let finding = Diagnostic::new(Code::UnknownField, name.span);
    let finding = match of(with).and_then(|member| member.declared) {
        Some(declared) => finding.also(declared, format!("`{with}` has it")),
        None => finding,
    };
    let hint = "`event` has the fields that all events of the `on` lines have, each of one type";
    match types.iter().find(|event| of(event).is_none()) {
        Some(without) => {
            let finding = match environment.names.events.get(without) {
                Some(event) => finding.also(event.name.span, format!("`{without}` has none")),
                None => finding,
            };
            Some(finding.message(format!("not every event that comes here has a field `{text}`")).hint(hint))
        }
        None => Some(finding.message(format!("`{text}` is not of one type in all events that come here")).hint(hint)),
    }
}

/// The word of the one of event and contact that has the field which `owner`, the other one, has not.
pub fn elsewhere(environment: &Environment<'_>, owner: &str, name: &str) -> Option<&'static str> {
    match (owner, &environment.event) {
        ("the contact", EventScope::Known { fields, .. }) if fields.fields.contains_key(name) => Some("event"),
        ("the event", _) if environment.contact && environment.schema.contact().fields.contains_key(name) => {
            Some("contact")
        }
        _ => None,
    }
}

/// The finding that a field is asked of the event and is the contact's, or the other way round; `root` is the wrong word's
/// place, `other` the right one.
pub fn mixed_up(owner: &str, name: &Name, root: Option<Span>, other: &str) -> Diagnostic {
    let text = &name.node;
    let finding = Diagnostic::new(Code::UnknownField, name.span)
        .message(format!("{owner} has no field `{text}`"))
        .hint(format!("the {other} has it: `{other}.{text}`"));
    match root {
        Some(root) => finding.fix(Fix::replace(root, other).titled(format!("write `{other}.{text}`"))),
        None => finding,
    }
}

/// The finding that a record has no field of this name. `owner` says what the record is: "the event".
pub fn unknown_field(owner: &str, record: &Record, name: &Name, declared: Option<Span>) -> Diagnostic {
    let text = &name.node;
    let finding = Diagnostic::new(Code::UnknownField, name.span).message(format!("{owner} has no field `{text}`"));
    let other = near(text, record.fields.keys().map(SmolStr::as_str));
    let place = other.and_then(|other| record.fields.get(other)?.declared).or(declared);
    let finding = match (place, other) {
        (Some(place), Some(other)) => finding.also(place, format!("`{other}` is declared here")),
        (Some(place), None) => finding.also(place, "declared here"),
        (None, _) => finding,
    };
    match other {
        Some(other) => {
            // `.name` is a word, `["name"]` stands in quotes.
            let quoted = name.span.len() as usize != text.len();
            let instead = if quoted { format!("{other:?}") } else { other.to_owned() };
            finding.hint(format!("did you mean `{other}`?")).fix(Fix::replace(name.span, instead))
        }
        None if record.fields.is_empty() => finding.hint("it has no fields"),
        None if record.fields.len() <= 12 => {
            let all: Vec<String> = record.fields.keys().map(|name| format!("`{name}`")).collect();
            finding.hint(format!("it has {}", all.join(", ")))
        }
        None if owner == "the contact" => finding.hint(format!("declare it: `contact {{ {text}: string? }}`")),
        None => finding,
    }
}

/// `of[index]`.
fn element(
    environment: &Environment<'_>,
    of: Typed,
    index: &ast::Expr,
    span: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Typed {
    if let Constant::Literal(Literal::String(name)) = constant(index)
        && !matches!(of.ty.required(), Ty::List(_))
    {
        return field(environment, of, &index.span.with(SmolStr::from(name)), span, diagnostics);
    }
    let index = super::present(expression(environment, index, diagnostics), diagnostics);
    let wanted = match of.ty.required() {
        Ty::Unknown | Ty::Json => None,
        Ty::List(_) => Some(("an index", Ty::Int)),
        Ty::Record(_) => {
            diagnostics.push(
                Diagnostic::new(Code::WrongType, index.span)
                    .message("a field is called by its name, written out")
                    .hint("write `.name` or `[\"name\"]`"),
            );
            return Typed::unknown(span);
        }
        other => {
            diagnostics.push(
                Diagnostic::new(Code::WrongType, of.span).message(format!("`{other}` is no list: it has no elements")),
            );
            return Typed::unknown(span);
        }
    };
    let ty = match of.ty.required() {
        // Whether a list is that long is known when a statement runs.
        Ty::List(item) => (**item).clone().optional(),
        other => other.clone(),
    };
    if let (Expression::Literal(Literal::Int(number)), Some(_)) = (&index.expression, &wanted)
        && *number < 0
    {
        diagnostics.push(
            Diagnostic::new(Code::WrongType, index.span)
                .message("elements are counted from 0")
                .hint("there is no index below 0"),
        );
    }
    let index = match wanted {
        Some((what, ty)) => super::fit(index, &ty, what, diagnostics),
        None => index.expression,
    };
    Typed { sensitive: of.sensitive, ..Typed::new(ty, step(of.expression, Access::Index(Box::new(index))), span) }
}

/// A reference, one step longer.
fn step(of: Expression, access: Access) -> Expression {
    match of {
        Expression::Reference { root, mut path } => {
            path.push(access);
            Expression::Reference { root, path }
        }
        // A literal list or record cannot be looked into by the grammar; after a finding the value is `null`.
        other => other,
    }
}
