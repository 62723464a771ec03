//! The types of a template's references, from the name to the last step.
//!
//! Types follow `#set`, `#foreach` and the arguments of macros. Where a name is set several times it has the one type of all
//! values that it was given before, or none that is known; so has a macro's parameter, by all of its calls. What is unchecked JSON, or the engine's own, may be asked anything.

mod findings;

use smol_str::SmolStr;
use velocity::{Argument, ArgumentKind, BindingKind, BindingValue, Place, Reference, Segment, SegmentKind};

use self::findings::{counted, no_record, result_not_named};
use super::method::{Answer, answer};
use super::name::{self, Root};
use super::{Template, method};
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::names::{near, push_step};
use crate::source::Span;
use crate::types::{Environment, Lookup, ResultLookup, Ty, elsewhere, join, mixed_up, unknown_field};

/// Checks every reference of a template.
pub(super) fn check(template: &Template<'_>, environment: &Environment<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut latest: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    let bindings = template.collected.bindings.iter().enumerate();
    let earlier = bindings.map(|(index, binding)| latest.insert(binding.name.as_str(), index)).collect();
    let mut checker = Checker {
        template,
        environment,
        diagnostics,
        references: vec![Known::NotYet; template.collected.references.len()],
        bindings: vec![Known::NotYet; template.collected.bindings.len()],
        earlier,
        within: 0,
    };
    // In the order of the source, so that each one finds those before it known and the search never goes deep.
    for index in 0..template.collected.bindings.len() {
        let _ = checker.bound(index);
    }
    for index in 0..template.collected.references.len() {
        let _ = checker.reference(index);
    }
    for reference in &template.collected.escaped {
        checker.behind_backslash(reference);
    }
    for sides in &template.collected.equalities {
        checker.compared(sides);
    }
}

/// Types are followed through so many macros at most.
const MACROS: usize = 32;

/// What is known of a type so far.
#[derive(Clone, Debug)]
enum Known {
    NotYet,
    /// It is being looked for: to need it now would be a circle.
    Searched,
    Found(Ty),
}

struct Checker<'c, 'e> {
    template: &'c Template<'c>,
    environment: &'c Environment<'e>,
    diagnostics: &'c mut Vec<Diagnostic>,
    references: Vec<Known>,
    bindings: Vec<Known>,
    /// The binding of the same name before each one.
    earlier: Vec<Option<usize>>,
    /// In so many macros' parameters types are looked for.
    within: usize,
}

/// A value on the way along a path.
struct Value {
    ty: Ty,
    /// As the language writes it, while it has such a form.
    path: Option<String>,
    /// Where it was declared.
    declared: Option<Span>,
    /// Something on the way may be absent.
    absent: bool,
    /// Where that was declared.
    optional: Option<Span>,
}

impl Value {
    const fn unknown() -> Value {
        Value { ty: Ty::Unknown, path: None, declared: None, absent: false, optional: None }
    }

    /// Takes what has been found to be there.
    fn found(&mut self) {
        self.ty = self.ty.required().clone();
        self.absent = false;
        self.optional = None;
    }
}

impl Checker<'_, '_> {
    /// The type of a reference; reports it the first time.
    fn reference(&mut self, index: usize) -> Ty {
        match self.references.get(index) {
            Some(Known::NotYet) => {}
            Some(Known::Found(ty)) => return ty.clone(),
            Some(Known::Searched) | None => return Ty::Unknown,
        }
        let Some(reference) = self.template.collected.references.get(index) else { return Ty::Unknown };
        set(&mut self.references, index, Known::Searched);
        let ty = self.typed(reference);
        set(&mut self.references, index, Known::Found(ty.clone()));
        ty
    }

    /// Warns of a backslash that people may read. Nothing else is told of what it makes a text.
    fn behind_backslash(&mut self, reference: &Reference) {
        let told = self.diagnostics.len();
        let ty = self.typed(reference);
        let is_unclear = self.diagnostics.len() > told || ty.is_optional();
        self.diagnostics.truncate(told);
        if is_unclear {
            self.backslash_may_stay(reference);
        }
    }

    fn typed(&mut self, reference: &Reference) -> Ty {
        if reference.place == Place::SetTarget {
            return Ty::Unknown;
        }
        let (mut value, rest) = match reference.binding {
            Some(binding) => {
                self.asked_of_loop(reference, binding);
                let ty = self.bound(binding.0 as usize);
                let absent = ty.is_optional();
                (Value { ty, absent, ..Value::unknown() }, reference.path.as_slice())
            }
            None if reference.root == "data" => self.result(reference),
            None => {
                let Root { ty, path, declared, tool } =
                    name::resolve(self.template, reference, self.environment, self.diagnostics);
                let mut value = Value { absent: ty.is_optional(), ty, path, declared, optional: declared };
                self.narrow(&mut value);
                match (tool, reference.path.split_first()) {
                    (Some(tool), Some((first, rest))) => (self.tool_method(&reference.root, tool, value, first), rest),
                    _ => (value, reference.path.as_slice()),
                }
            }
        };
        // The name, and the steps that it was looked up with.
        let parts = 1 + reference.path.len() - rest.len();
        if reference.found >= parts {
            value.found();
        }
        for (number, segment) in (parts + 1..).zip(rest) {
            value = self.step(value, segment);
            if reference.found >= number {
                value.found();
            }
        }
        if reference.is_tested() || reference.fallback {
            let ty = value.ty.required();
            // What stands in for a value need not be a member of its union.
            return if reference.fallback && matches!(ty, Ty::Union(_)) { ty.family() } else { ty.clone() };
        }
        if value.absent && !reference.quiet && matches!(reference.place, Place::Text | Place::String) {
            self.may_print_itself(reference, &value);
        }
        if reference.place == Place::ForeachSource {
            self.walked_over(reference, &value);
        }
        if value.absent { value.ty.optional() } else { value.ty }
    }

    /// The type that a name has behind its binding.
    fn bound(&mut self, index: usize) -> Ty {
        match self.bindings.get(index) {
            Some(Known::NotYet) => {}
            Some(Known::Found(ty)) => return ty.clone(),
            Some(Known::Searched) | None => return Ty::Unknown,
        }
        let Some(binding) = self.template.collected.bindings.get(index) else { return Ty::Unknown };
        set(&mut self.bindings, index, Known::Searched);
        let value = match &binding.value {
            BindingValue::Expression(argument) => self.argument(argument),
            BindingValue::Arguments(arguments) => self.arguments(arguments),
            _ => Ty::Unknown,
        };
        let ty = match binding.kind {
            BindingKind::MacroArgument => value,
            BindingKind::Foreach => match value.required() {
                Ty::List(item) => (**item).clone(),
                _ => Ty::Unknown,
            },
            BindingKind::Set => match self.earlier.get(index).copied().flatten() {
                // Which of the values it has here depends on the way.
                Some(earlier) => join(&self.bound(earlier), &value).unwrap_or(Ty::Unknown),
                None => value,
            },
            _ => Ty::Unknown,
        };
        set(&mut self.bindings, index, Known::Found(ty.clone()));
        ty
    }

    /// The one type of all that a macro's parameter is given.
    fn arguments(&mut self, arguments: &[Argument]) -> Ty {
        // Macros that call each other could go very deep.
        if self.within >= MACROS {
            return Ty::Unknown;
        }
        self.within += 1;
        let types = arguments.iter().map(|argument| self.argument(argument));
        let joined = types.map(Some).reduce(|one, other| join(&one?, &other?));
        self.within -= 1;
        joined.flatten().unwrap_or(Ty::Unknown)
    }

    fn argument(&mut self, argument: &Argument) -> Ty {
        match &argument.kind {
            ArgumentKind::String(_) | ArgumentKind::Interpolated => Ty::String,
            ArgumentKind::Integer(_) => Ty::Int,
            ArgumentKind::Float(_) => Ty::Decimal,
            ArgumentKind::Boolean(_) => Ty::Bool,
            ArgumentKind::Reference(id) => self.reference(id.0 as usize),
            ArgumentKind::Range => Ty::list(Ty::Int),
            _ => Ty::Unknown,
        }
    }

    /// `$data.NAME`, `$data.get('NAME')`, `$data['NAME']`, and what follows.
    fn result<'r>(&mut self, reference: &'r Reference) -> (Value, &'r [Segment]) {
        let Some((first, rest)) = reference.path.split_first() else {
            let place = self.template.place(reference.span);
            self.diagnostics.push(result_not_named(place));
            return (Value::unknown(), &[]);
        };
        let place = self.template.place(reference.root_span).to(self.template.place(first.span));
        let Some(name) = literal_name(&first.kind) else {
            self.diagnostics.push(result_not_named(place));
            return (Value::unknown(), &[]);
        };
        let path = stepped("data".to_owned(), &name);
        let mut declared = None;
        let ty = match self.environment.result(&name) {
            ResultLookup::Certain(ty, stored) => {
                declared = self.environment.names.webhooks.get(&stored.webhook).map(|webhook| webhook.name.span);
                ty
            }
            ResultLookup::Open => Ty::Unknown,
            ResultLookup::Nothing(stored) => {
                let mut finding = Diagnostic::new(Code::NoResult, place)
                    .message(format!("the webhook `{}` says nothing of what it returns", stored.webhook))
                    .hint("add a `returns` line to it");
                if let Some(webhook) = self.environment.names.webhooks.get(&stored.webhook) {
                    finding = finding.also(webhook.name.span, "declared here without `returns`");
                }
                self.diagnostics.push(finding);
                Ty::Unknown
            }
            ResultLookup::Uncertain(stored) => {
                self.diagnostics.push(
                    Diagnostic::new(Code::ResultNotCertain, place)
                        .message(format!("the result `{name}` is not there on every way to this message"))
                        .also(stored.call, "this call may not have been reached, or may have failed")
                        .hint("send the message where the call has certainly succeeded"),
                );
                Ty::Unknown
            }
            ResultLookup::Never => {
                let finding = self.never(&name, first, place);
                self.diagnostics.push(finding);
                Ty::Unknown
            }
        };
        let mut value = Value { absent: ty.is_optional(), ty, path: Some(path), declared, optional: declared };
        self.narrow(&mut value);
        (value, rest)
    }

    /// One step of a path.
    fn step(&mut self, mut value: Value, segment: &Segment) -> Value {
        let of = value.ty.required().clone();
        match &segment.kind {
            SegmentKind::Property { name } => self.field(value, &of, name, segment),
            SegmentKind::Index { argument } => match (&of, &argument.kind) {
                (Ty::Record(_), ArgumentKind::String(name)) => self.field(value, &of, &name.clone(), segment),
                (Ty::List(item), _) => {
                    value.path = None;
                    value.absent |= item.is_optional();
                    Value { ty: (**item).clone(), ..value }
                }
                _ => Value::unknown(),
            },
            SegmentKind::Method { name, arguments } => match (&of, name.as_str(), arguments.as_slice()) {
                (Ty::Record(_), "get", [Argument { kind: ArgumentKind::String(field), .. }]) => {
                    self.field(value, &of, &field.clone(), segment)
                }
                (Ty::Record(record), "getOrDefault", [Argument { kind: ArgumentKind::String(field), .. }, _])
                    if record.fields.contains_key(field) =>
                {
                    let found = self.field(value, &of, &field.clone(), segment);
                    Value { ty: found.ty.required().clone(), absent: false, ..found }
                }
                _ => self.method(value, &of, name, arguments.len(), segment),
            },
        }
    }

    /// `.name`, `['name']` or `.get('name')`.
    fn field(&mut self, value: Value, of: &Ty, name: &SmolStr, segment: &Segment) -> Value {
        match of.field(name) {
            Lookup::Open => Value { path: None, absent: false, ..Value::unknown() },
            Lookup::Member(member) => {
                let path = value.path.map(|path| stepped(path, name));
                let absent = value.absent || member.ty.is_optional();
                let optional = if value.absent { value.optional } else { member.declared };
                let mut found = Value { ty: member.ty.clone(), path, declared: member.declared, absent, optional };
                // A narrowed path is there with all that it goes through.
                self.narrow(&mut found);
                found
            }
            Lookup::Missing(record) => {
                let owner = match value.path.as_deref() {
                    Some("event") => "the event".to_owned(),
                    Some("contact") => "the contact".to_owned(),
                    Some(path) => format!("`{path}`"),
                    None => "the record".to_owned(),
                };
                let name = self.name_place(segment, name).with(name.clone());
                self.diagnostics.push(match elsewhere(self.environment, &owner, &name.node) {
                    Some(other) => mixed_up(&owner, &name, self.root_before(segment, &owner), other),
                    None => unknown_field(&owner, record, &name, value.declared),
                });
                Value::unknown()
            }
            Lookup::NoRecord => {
                if let Some(finding) = no_record(of, name, self.name_place(segment, name), &value) {
                    self.diagnostics.push(finding);
                }
                Value::unknown()
            }
        }
    }

    /// `.name(…)`.
    fn method(&mut self, value: Value, of: &Ty, name: &SmolStr, arguments: usize, segment: &Segment) -> Value {
        self.answered(answer(of, name, arguments), value, &format!("`{of}`"), of, segment)
    }

    /// `$mathTool.name(…)`, of which nothing else is asked.
    fn tool_method(&mut self, root: &str, tool: velocity::Receiver, value: Value, segment: &Segment) -> Value {
        match &segment.kind {
            SegmentKind::Method { name, arguments } => {
                let answer = method::of_tool(tool, name, arguments.len());
                self.answered(answer, value, &format!("`${root}`"), &Ty::Unknown, segment)
            }
            _ => Value::unknown(),
        }
    }

    /// Takes a method's answer, and reports it when there is none.
    fn answered(&mut self, answer: Answer, value: Value, owner: &str, of: &Ty, segment: &Segment) -> Value {
        let SegmentKind::Method { name, arguments } = &segment.kind else { return Value::unknown() };
        match answer {
            Answer::Of(ty) => Value { absent: value.absent || ty.is_optional(), ty, path: None, ..value },
            Answer::Takes(counts) => {
                let place = self.name_place(segment, name);
                let message = format!("`{name}` takes {}, not {}", counted(&counts), arguments.len());
                let mut finding = Diagnostic::new(Code::TemplateMethod, place).message(message);
                if let Some(declared) = value.declared {
                    finding = finding.also(declared, format!("declared here as {owner}"));
                }
                self.diagnostics.push(finding);
                Value::unknown()
            }
            Answer::Missing(known) => {
                let place = self.name_place(segment, name);
                let mut finding =
                    Diagnostic::new(Code::TemplateMethod, place).message(format!("{owner} has no method `{name}`"));
                if let Some(declared) = value.declared {
                    finding = finding.also(declared, "declared here");
                }
                let usual = method::usual(name).iter().copied().find(|usual| known.contains(usual));
                self.diagnostics.push(match usual.or_else(|| near(name, known)) {
                    Some(meant) => finding.hint(format!("did you mean `{meant}`?")).fix(Fix::replace(place, meant)),
                    None if matches!(of, Ty::Record(_)) => finding.hint("a field is written without brackets: `.name`"),
                    None => finding,
                });
                Value::unknown()
            }
        }
    }

    /// Takes what a condition around the `send` has found out.
    fn narrow(&self, value: &mut Value) {
        if value.absent && value.path.as_ref().is_some_and(|path| self.environment.narrowed.contains_key(path.as_str()))
        {
            value.ty = value.ty.required().clone();
            value.absent = false;
        }
    }

    /// The place of the name in a step: behind the dot, or the whole step where the name stands in quotes.
    fn name_place(&self, segment: &Segment, name: &str) -> Span {
        let range = segment.span.range();
        let text = self.template.origin.text().get(range.clone()).unwrap_or("");
        match text.find(name) {
            Some(at) => self.template.origin.place(range.start + at..range.start + at + name.len()),
            None => self.template.place(segment.span),
        }
    }

    /// The place of `event` or `contact` right before a segment; `owner` is "the event" or "the contact".
    fn root_before(&self, segment: &Segment, owner: &str) -> Option<Span> {
        let root = owner.strip_prefix("the ")?;
        let before = self.template.origin.text().get(..segment.span.range().start)?.trim_end_matches('.');
        let start = before.strip_suffix(root)?.len();
        Some(self.template.origin.place(start..before.len()))
    }
}

/// A path, one step longer.
fn stepped(mut path: String, name: &str) -> String {
    push_step(&mut path, name);
    path
}

fn set(slots: &mut [Known], index: usize, known: Known) {
    if let Some(slot) = slots.get_mut(index) {
        *slot = known;
    }
}

/// The result that a reference names.
pub(super) fn result_name(reference: &Reference) -> Option<SmolStr> {
    let (first, _) = reference.path.split_first().filter(|_| reference.root == "data")?;
    literal_name(&first.kind)
}

/// The name that a first step behind `$data` spells out.
fn literal_name(kind: &SegmentKind) -> Option<SmolStr> {
    match kind {
        SegmentKind::Property { name } => Some(name.clone()),
        SegmentKind::Index { argument: Argument { kind: ArgumentKind::String(name), .. } } => Some(name.clone()),
        SegmentKind::Method { name, arguments } if name == "get" => match arguments.as_slice() {
            [Argument { kind: ArgumentKind::String(name), .. }] => Some(name.clone()),
            _ => None,
        },
        _ => None,
    }
}
