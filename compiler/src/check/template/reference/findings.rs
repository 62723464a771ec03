//! What is told of a reference that is not right.

use smol_str::SmolStr;
use velocity::{Argument, ArgumentKind, BindingId, BindingKind, Place, Reference, Segment, SegmentKind};

use super::{Checker, Value};
use crate::catalogue::Code;
use crate::check::template::method;
use crate::diagnostic::{Diagnostic, Edit, Fix, Guess};
use crate::ir::Literal;
use crate::names::{Kind, near, spelled};
use crate::source::Span;
use crate::types::Ty;

/// The name of the loop that a template is in.
const LOOP: &str = "foreach";

/// What a loop tells of itself, by the engine's methods `getIndex`, `isFirst` and so on.
const LOOP_PROPERTIES: [&str; 9] =
    ["index", "count", "hasNext", "first", "last", "empty", "parent", "topmost", "replaced"];

impl Checker<'_, '_> {
    /// Reports a text that a union does not have and that it is compared with: it is never the same.
    pub(super) fn compared(&mut self, (left, right): &(Argument, Argument)) {
        let (union, written) = match (&left.kind, &right.kind) {
            (ArgumentKind::Reference(_), ArgumentKind::String(text)) => (left, (right, text)),
            (ArgumentKind::String(text), ArgumentKind::Reference(_)) => (right, (left, text)),
            _ => return,
        };
        let (argument, text) = written;
        let ty = self.argument(union);
        let Ty::Union(members) = ty.required() else { return };
        let texts = members.iter().map(|member| match member {
            Literal::String(member) => Some(member.as_str()),
            _ => None,
        });
        // What is no text is compared by its own rules.
        let texts: Option<Vec<&str>> = texts.collect();
        let Some(texts) = texts.filter(|texts| !texts.contains(&text.as_str())) else { return };
        let place = self.template.place(argument.span);
        let finding = Diagnostic::new(Code::NotAMember, place)
            .message(format!("`{text:?}` is not among the values `{}`", ty.required()));
        self.diagnostics.push(match near(text, texts) {
            Some(other) => {
                let quote = if self.template.source(argument.span).starts_with('"') { '"' } else { '\'' };
                finding
                    .hint(format!("did you mean `{other:?}`?"))
                    .fix(Fix::replace(place, format!("{quote}{other}{quote}")))
            }
            None => finding,
        });
    }

    /// The finding that no call stores a result of this name.
    pub(super) fn never(&self, name: &str, segment: &Segment, place: Span) -> Diagnostic {
        let finding = Diagnostic::new(Code::ResultNotCertain, place)
            .message(format!("no call before this message stores a result `{name}`"));
        let stored = &self.environment.results;
        if let Some((alias, found)) = stored.iter().find(|(_, found)| found.webhook == name) {
            return finding
                .also(found.call, format!("`{name}` is called here, and its result is called `{alias}`"))
                .hint(format!("write `{}`", in_template(alias)))
                .fix(Fix::replace(self.template.place(segment.span), step_in_template(alias)));
        }
        if let Some(meant) = near(name, stored.keys().map(SmolStr::as_str)) {
            return finding
                .hint(format!("did you mean `{}`?", in_template(meant)))
                .fix(Fix::replace(self.template.place(segment.span), step_in_template(meant)));
        }
        match self.environment.names.webhooks.get(name) {
            Some(webhook) => finding
                .also(webhook.name.span, "declared here")
                .hint(format!("call it before the message is sent: `call {}`", spelled(name))),
            None => finding
                .hint("a result has the name of its webhook, or the one behind `as`")
                .guess(Guess::Other { kind: Kind::Webhook, name: SmolStr::new(name) }),
        }
    }

    /// Warns of a reference that would print its own source.
    pub(super) fn may_print_itself(&mut self, reference: &Reference, value: &Value) {
        let place = self.template.place(reference.span);
        let written = self.template.origin.text().get(reference.span.range()).unwrap_or("");
        let dollar = reference.span.start();
        let mut finding = Diagnostic::new(Code::TemplateMayBeMissing, place)
            .message(format!("where there is no value, people read `{written}`"));
        if let Some(declared) = value.optional.or(value.declared) {
            finding = finding.also(declared, "declared here");
        }
        let inner = written.trim_start_matches('$').trim_start_matches('{').trim_end_matches('}');
        self.diagnostics.push(
            finding.hint(format!("write `$!{{{inner}}}` for nothing, or `${{{inner}|'…'}}` for something else")).fix(
                Fix::insert_after(self.template.origin.place(dollar..dollar + 1), "!")
                    .titled("print nothing where there is no value")
                    .left_to_author(),
            ),
        );
    }

    /// Warns of the backslash before a reference that may have no value: it is taken away only where there is one.
    pub(super) fn backslash_may_stay(&mut self, reference: &Reference) {
        let text = self.template.origin.text();
        let range = reference.span.range();
        let before = text.get(..range.start).unwrap_or("");
        let slashes = before.len() - before.trim_end_matches('\\').len();
        let place = self.template.origin.place(range.start - slashes.min(1)..range.end);
        let written = self.template.source(reference.span);
        let finding = Diagnostic::new(Code::SentAsWritten, place)
            .message(format!("where `{written}` has no value, people read the backslash before it too"))
            .hint(format!("what is always to be read as it stands is written `#[[{written}]]#`"));
        // Several backslashes would escape what comes in their place.
        self.diagnostics.push(if slashes == 1 && reference.place == Place::Text {
            let backslash = self.template.origin.place(range.start - 1..range.start);
            let end = self.template.place(reference.span).after();
            finding.fix(
                Fix::replace(backslash, "#[[")
                    .and(Edit { span: end, text: "]]#".to_owned() })
                    .titled(format!("write `#[[{written}]]#` instead")),
            )
        } else {
            finding
        });
    }

    /// Refuses what `$foreach` does not tell of its loop, unless the template may have put it there.
    pub(super) fn asked_of_loop(&mut self, reference: &Reference, binding: BindingId) {
        let collected = &self.template.collected;
        let is_loop = |id: BindingId| {
            let binding = collected.bindings.get(id.0 as usize);
            binding.is_some_and(|binding| binding.kind == BindingKind::Scope && binding.name == LOOP)
        };
        let Some(Segment { kind: SegmentKind::Property { name }, .. }) = reference.path.first() else { return };
        if !is_loop(binding) || LOOP_PROPERTIES.contains(&name.as_str()) {
            return;
        }
        let put = collected.references.iter().filter(|other| other.binding.is_some_and(is_loop)).any(|other| {
            let stores = |segment: &Segment| {
                matches!(&segment.kind, SegmentKind::Method { name, .. } if matches!(name.as_str(), "put" | "set"))
            };
            other.place == Place::SetTarget || other.path.iter().any(stores)
        });
        if put {
            return;
        }
        let Some(segment) = reference.path.first() else { return };
        let place = self.name_place(segment, name);
        let usual = match name.as_str() {
            "has_next" | "hasnext" | "more" => Some("hasNext"),
            "idx" | "index0" | "i" => Some("index"),
            "counter" | "number" | "size" | "length" => Some("count"),
            _ => near(name, LOOP_PROPERTIES.iter().copied()),
        };
        let finding = Diagnostic::new(Code::UnknownField, place).message(format!("`${LOOP}` has no `{name}`"));
        self.diagnostics.push(match usual {
            Some(meant) => finding.hint(format!("did you mean `{meant}`?")).fix(Fix::replace(place, meant)),
            None => finding.hint("a loop has `index` (from 0), `count` (from 1), `first`, `last` and `hasNext`"),
        });
    }

    /// Refuses a `#foreach` over something that has no elements.
    pub(super) fn walked_over(&mut self, reference: &Reference, value: &Value) {
        if matches!(value.ty.family(), Ty::String | Ty::Int | Ty::Bool) {
            let place = self.template.place(reference.span);
            let mut finding = Diagnostic::new(Code::WrongType, place)
                .message(format!("`#foreach` walks over a list, this is `{}`", value.ty.required()));
            if let Some(declared) = value.declared {
                finding = finding.also(declared, "declared here");
            }
            self.diagnostics.push(finding);
        }
    }
}

/// `1 or 2 arguments`, `1 to 5 arguments`, `at least 1 argument`.
pub(super) fn counted(counts: &[(usize, Option<usize>)]) -> String {
    let one = |count: &(usize, Option<usize>)| match count {
        (least, Some(_)) => least.to_string(),
        (least, None) => format!("at least {least}"),
    };
    let words: Vec<String> = counts.iter().map(one).collect();
    let plural = if counts.iter().all(|(least, _)| *least == 1) { "" } else { "s" };
    let in_a_row = counts.windows(2).all(|pair| matches!(pair, [one, next] if next.0 == one.0 + 1));
    let words = match words.as_slice() {
        [first, _, .., last] if in_a_row && counts.iter().all(|(_, most)| most.is_some()) => {
            format!("{first} to {last}")
        }
        _ => words.join(" or "),
    };
    format!("{words} argument{plural}")
}

pub(super) fn result_not_named(place: Span) -> Diagnostic {
    Diagnostic::new(Code::WrongType, place)
        .message("a result is called by its name, written out")
        .hint("write `$data.NAME` or `$data.get('NAME')`")
}

/// A step behind `$data`, for a result of this name.
fn step_in_template(name: &str) -> String {
    if spelled(name) == name { format!(".{name}") } else { format!(".get('{}')", name.replace('\'', "''")) }
}

fn in_template(name: &str) -> String {
    format!("$data{}", step_in_template(name))
}

/// The finding that a value has no fields; nothing for what Velocity answers itself.
pub(super) fn no_record(of: &Ty, name: &str, place: Span, value: &Value) -> Option<Diagnostic> {
    // `.empty` is the method `isEmpty`, as properties of Java are read; a date may be asked anything.
    if name == "empty" || !matches!(of.family(), Ty::String | Ty::Int | Ty::Bool | Ty::List(_)) {
        return None;
    }
    let mut finding = Diagnostic::new(Code::UnknownField, place).message(format!("`{of}` has no field `{name}`"));
    if let Some(declared) = value.declared {
        finding = finding.also(declared, format!("declared here as `{of}`"));
    }
    let getter = format!("get{}{}", name.get(..1).unwrap_or("").to_uppercase(), name.get(1..).unwrap_or(""));
    let has = |name: &str| method::has(of, name);
    if has(&getter) {
        return None;
    }
    Some(if has(name) {
        finding.hint(format!("it is a method: write `.{name}()`")).fix(Fix::insert_after(place, "()"))
    } else if matches!(of, Ty::List(_)) {
        finding.hint("take one of the elements with `.get(0)`, or walk over them with `#foreach`")
    } else {
        finding
    })
}
