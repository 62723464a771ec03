//! What is told of a name that is not there.

use smol_str::SmolStr;

use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix, Guess};
use crate::ir::{Expression, Root};
use crate::names::{Entry, Kind, near, spelled};
use crate::source::Span;
use crate::syntax::ast::{self, Name};
use crate::types::narrow::path_key;
use crate::types::{Environment, EventScope, Place, Record, Ty, Typed};

/// The finding that something is not known at this place.
pub(super) fn not_here(environment: &Environment<'_>, name: &Name) -> Diagnostic {
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
pub(super) fn unknown_root(environment: &Environment<'_>, name: &Name) -> Diagnostic {
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
    if environment.names.events.get(text).is_some() {
        environment.names.events.mark_used(&name.node);
        return finding.hint("what comes in the middle of a run is named by `as`, as in `exit on paid as paid_now`; what started it is `event`");
    }
    if matches!(text, "now" | "today" | "tomorrow" | "yesterday" | "timestamp") {
        return finding.hint(crate::types::expression::NO_CLOCK);
    }
    let root = match text {
        "user" | "customer" | "client" | "subscriber" | "recipient" | "person" | "profile" | "lead" => Some("contact"),
        "payload" | "params" | "properties" | "props" | "input" => Some("event"),
        "response" | "result" | "results" | "webhook" => Some("data"),
        _ => None,
    };
    if let Some(root) = root {
        return finding.hint(format!("what you mean may be `{root}`: values begin with `event`, `contact` or `data`"));
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

pub(super) fn uncertain(name: &str, span: Span, call: Span) -> Diagnostic {
    Diagnostic::new(Code::ResultNotCertain, span)
        .message(format!("the result `{name}` is not there on every way to this place"))
        .also(call, "this call may not have been reached, or may have failed")
        .hint("use it where the call has certainly succeeded: behind it on the same way, with an `on failure` that ends in `stop` or `fail`")
}

pub(super) fn never(environment: &Environment<'_>, name: &Name, span: Span) -> Diagnostic {
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
pub(super) fn without_uses(environment: &Environment<'_>, name: &Name, span: Span, insert_after: Span) -> Diagnostic {
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
        .fix(
            Fix::insert_after(insert_after, format!("\n  uses {}", spelled(text)))
                .titled(format!("add `uses {}`", spelled(text))),
        )
}

/// `contact.loyal`, where `loyal` is a segment, and `contact.segment`.
pub(super) fn segment_as_field(environment: &Environment<'_>, name: &Name, span: Span) -> Option<Diagnostic> {
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

pub(super) fn no_record(of: &Typed, name: &Name) -> Diagnostic {
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
        Ty::List(_) => {
            finding.hint("take one of the elements: `[0]`").fix(Fix::insert_after(of.span, "[0]").left_to_author())
        }
        _ => finding,
    }
}

/// What has the field, in words.
pub(super) fn owner(of: &Expression) -> String {
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
pub(super) fn only_event<'e>(environment: &'e Environment<'_>) -> Option<Entry<'e, ast::Event>> {
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
        None if owner == "the contact" => finding.hint(match standard(text) {
            Some(field) => format!("the field that every card has for this is `{field}`; another one is declared: `contact {{ {text}: string? }}`"),
            None => format!("declare it: `contact {{ {text}: string? }}`"),
        }),
        None => finding,
    }
}

/// The standard field of the contact that goes by this name elsewhere.
fn standard(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "city" | "locality" => "town",
        "name" | "firstname" | "given_name" | "fname" => "first_name",
        "surname" | "family_name" | "lname" => "last_name",
        "zip" | "zipcode" | "zip_code" | "postal_code" | "postalcode" | "postindex" => "postcode",
        "state" | "province" => "region",
        "lang" | "locale" => "language",
        "tz" | "time_zone" => "timezone",
        "mail" | "e_mail" | "email_address" => "email",
        "mobile" | "tel" | "telephone" | "phone_number" | "msisdn" => "phone",
        "sex" => "gender",
        "dob" | "birth_date" | "birthdate" | "date_of_birth" => "birthday",
        "street" => "address",
        "created" | "registered_at" => "created_at",
        "updated" | "modified_at" => "updated_at",
        "user_id" | "customer_id" | "client_id" => "external_id",
        _ => return None,
    })
}
