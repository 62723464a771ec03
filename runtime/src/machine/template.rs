//! Messages' templates: parsed once, rendered over what a run knows.
//!
//! A template sees `$event`, `$contact` and `$data`, and bare names: `$town` is the event's parameter of that name
//! (case-sensitive), else the contact's field (any case). Which of the two is decided once for each template and event
//! type. Only what a rendering comes to is turned into values, and of `$event`, `$contact` and `$data` only the fields
//! that the template names, unless it uses them as a whole.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use compiler::ir::{self, Program};
use smol_str::SmolStr;
use velocity::{ArgumentKind, Escape, Lookup, RenderOptions, SegmentKind};

use super::expression::{Scope, event_field, event_record};
use crate::value::{Value, display};

/// A longer template is rendered in any case, in bytes.
const TEXT: usize = 4096;

/// Why a template was not rendered: its name, line and column, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RenderError(pub String);

/// A template that is parsed when it is first rendered.
pub struct LoadedTemplate {
    name: String,
    source: String,
    escape: Escape,
    parsed: OnceLock<Result<velocity::Template, RenderError>>,
    /// What the template's names stand for, by event type.
    names: Mutex<HashMap<SmolStr, Arc<[Name]>>>,
    /// How often its conditions and loops went each way; `None` where nobody asks.
    seen: Option<Seen>,
}

/// How often a place in a template held, or did not.
type Seen = Arc<Mutex<HashMap<(usize, bool), u64>>>;

/// A root name that a template refers to, and what it stands for.
#[derive(Clone, Debug, PartialEq)]
struct Name {
    name: SmolStr,
    stands_for: StandsFor,
    /// The fields that the template asks it for; `None` when it may use all of it.
    fields: Option<Vec<SmolStr>>,
}

#[derive(Clone, Debug, PartialEq)]
enum StandsFor {
    Event,
    Contact,
    Data,
    /// The event's parameter of the same name.
    Parameter,
    /// The contact's field of this name.
    Field(SmolStr),
}

/// What a template's names stand for in one run. A value is only made when the rendering comes to its name.
struct Known<'r, 's> {
    names: &'r [Name],
    scope: &'r Scope<'s>,
}

impl Lookup for Known<'_, '_> {
    fn look_up(&self, name: &str) -> Option<velocity::Value> {
        self.names.iter().find(|known| known.name == name).and_then(|name| value_of(name, self.scope))
    }
}

impl LoadedTemplate {
    /// A template whose references are escaped so.
    pub fn new(template: &ir::Template, escape: Escape) -> LoadedTemplate {
        LoadedTemplate {
            name: template.name.clone(),
            source: template.source.clone(),
            escape,
            parsed: OnceLock::new(),
            names: Mutex::default(),
            seen: None,
        }
    }

    /// The same, and counts the ways of its conditions and loops.
    pub(super) fn counting(self, counts: bool) -> LoadedTemplate {
        LoadedTemplate { seen: counts.then(Seen::default), ..self }
    }

    /// The ways of its conditions and loops, and how often each was gone.
    pub(crate) fn ways(&self) -> Vec<(velocity::Way, u64)> {
        let Some(seen) = &self.seen else { return vec![] };
        let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let count = |way: velocity::Way| {
            let came = seen.iter().filter(|((place, held), _)| way.is(*place, *held));
            (way, came.map(|(_, count)| count).sum())
        };
        ways(&self.source).into_iter().map(count).collect()
    }

    /// The name that errors are reported under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Renders over what a run knows.
    ///
    /// # Errors
    /// When the template is malformed, a called method fails or a limit is exceeded.
    pub fn render(&self, scope: &Scope<'_>) -> Result<String, RenderError> {
        if self.is_text() {
            return Ok(self.source.clone());
        }
        let template = self.parsed.get_or_init(|| self.parse()).as_ref().map_err(Clone::clone)?;
        let known = Known { names: &self.names(template, scope), scope };
        let trace = self.seen.clone().map(|seen| {
            velocity::Trace::new(move |place, held| {
                *seen.lock().unwrap_or_else(PoisonError::into_inner).entry((place, held)).or_default() += 1;
            })
        });
        let options = RenderOptions { escape: self.escape, now: Some(scope.now), trace, ..RenderOptions::default() };
        let mut out = String::with_capacity(self.source.len());
        template.render_with(&known, &options, &mut out).map_err(|error| self.error(&error))?;
        Ok(out)
    }

    /// Whether it holds neither a reference nor a directive, and is short enough for every limit: many a subject and nearly
    /// every sender are.
    fn is_text(&self) -> bool {
        self.source.len() <= TEXT && !self.source.contains(['$', '#'])
    }

    fn parse(&self) -> Result<velocity::Template, RenderError> {
        ir::parse_template(&self.name, &self.source).map_err(|error| self.error(&error))
    }

    fn error(&self, error: &velocity::Error) -> RenderError {
        // An error with a place names its template itself.
        let place = if error.line() == 0 { format!("{}: ", self.name) } else { String::new() };
        RenderError(format!("{place}{error}"))
    }

    fn names(&self, template: &velocity::Template, scope: &Scope<'_>) -> Arc<[Name]> {
        // Nothing that holds the lock can leave the map half-changed.
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = names.get(&scope.event.name) {
            return Arc::clone(found);
        }
        let found: Arc<[Name]> = resolve(template, scope.program, &scope.event.name).into();
        names.insert(scope.event.name.clone(), Arc::clone(&found));
        found
    }
}

/// The ways of a text's conditions and loops; none of one that is no template.
pub fn ways(source: &str) -> Vec<velocity::Way> {
    if !source.contains('#') {
        return vec![];
    }
    ir::parse_template("", source).map(|template| template.ways()).unwrap_or_default()
}

impl fmt::Debug for LoadedTemplate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("LoadedTemplate").field("name", &self.name).field("escape", &self.escape).finish()
    }
}

/// What the root names of a template stand for. A name that stands for nothing may be a tool, or bound in the template.
fn resolve(template: &velocity::Template, program: Option<&Program>, event: &str) -> Vec<Name> {
    let parameters = program.and_then(|program| program.events.get(event)).map(|event| &event.fields);
    let fields: Vec<SmolStr> =
        program.iter().flat_map(|program| program.contact.all_fields()).map(|(name, _)| name).collect();
    let mut names: Vec<Name> = Vec::new();
    let read = template.collected();
    for reference in read.references.iter().chain(&read.escaped) {
        let root = &reference.root;
        let asked = field_asked(reference);
        if let Some(known) = names.iter_mut().find(|known| known.name == *root) {
            match (asked, &mut known.fields) {
                (None, fields) => *fields = None,
                (Some(field), Some(fields)) if !fields.contains(&field) => fields.push(field),
                _ => {}
            }
            continue;
        }
        let stands_for = match root.as_str() {
            "event" => Some(StandsFor::Event),
            "contact" => Some(StandsFor::Contact),
            "data" => Some(StandsFor::Data),
            name if parameters.is_some_and(|fields| fields.contains_key(name)) => Some(StandsFor::Parameter),
            name => {
                let exact = fields.iter().find(|field| *field == name);
                let field = exact.or_else(|| fields.iter().find(|field| field.to_lowercase() == name.to_lowercase()));
                field.map(|field| StandsFor::Field(field.clone()))
            }
        };
        let fields = asked.map(|field| vec![field]);
        names.extend(stands_for.map(|stands_for| Name { name: root.clone(), stands_for, fields }));
    }
    names
}

/// The field that a reference asks its root for: `.name`, `.get('name')`, `['name']`. What it may use as a whole has none.
fn field_asked(reference: &velocity::Reference) -> Option<SmolStr> {
    let argument = match &reference.path.first()?.kind {
        SegmentKind::Property { name } => return Some(name.clone()),
        SegmentKind::Method { name, arguments } if name == "get" => match arguments.as_slice() {
            [argument] => argument,
            _ => return None,
        },
        SegmentKind::Index { argument } => argument,
        SegmentKind::Method { .. } => return None,
    };
    match &argument.kind {
        ArgumentKind::String(name) => Some(name.clone()),
        _ => None,
    }
}

/// The value of a name; `None` when it has none, so that the reference prints as Velocity prints what is not there.
fn value_of(name: &Name, scope: &Scope<'_>) -> Option<velocity::Value> {
    match (&name.stands_for, &name.fields) {
        (StandsFor::Event, None) => Some(record_value(event_record(scope.event).iter())),
        (StandsFor::Event, Some(fields)) => Some(fields_value(fields, |field| event_field(scope.event, field))),
        (StandsFor::Contact, None) => Some(record_value(scope.contact_record().iter())),
        (StandsFor::Contact, Some(fields)) => Some(fields_value(fields, |field| scope.contact_field(field))),
        (StandsFor::Data, None) => Some(record_value(scope.data.iter().map(|answer| (&answer.name, &answer.value)))),
        (StandsFor::Data, Some(fields)) => Some(fields_value(fields, |field| {
            scope.answer(field).map(|answer| answer.value.clone()).unwrap_or_default()
        })),
        (StandsFor::Parameter, _) => {
            scope.event.params.get(&name.name).filter(|value| !value.is_null()).map(template_value)
        }
        (StandsFor::Field(field), _) => {
            Some(scope.contact_field(field)).filter(|value| !value.is_null()).as_ref().map(template_value)
        }
    }
}

/// A record of these fields, as far as they have a value.
fn fields_value(fields: &[SmolStr], value: impl Fn(&str) -> Value) -> velocity::Value {
    let given = fields.iter().map(|field| (field, value(field))).filter(|(_, value)| !value.is_null());
    velocity::Value::map(given.map(|(field, value)| (field.clone(), template_value(&value))))
}

fn record_value<'v>(fields: impl Iterator<Item = (&'v SmolStr, &'v Value)>) -> velocity::Value {
    velocity::Value::map(fields.map(|(name, value)| (name.clone(), template_value(value))))
}

/// A value as templates have it: numbers exact, dates and times as their ISO text, for that is how they come in JSON.
pub fn template_value(value: &Value) -> velocity::Value {
    match value {
        Value::Null => velocity::Value::Null,
        Value::Bool(value) => velocity::Value::from(*value),
        Value::Int(number) => velocity::Value::from(*number),
        Value::Decimal(_) | Value::Number(_) => {
            let text = display(value);
            velocity::Value::integer(&text)
                .filter(|_| matches!(value, Value::Number(_)))
                .or_else(|| velocity::Value::decimal(&text))
                .unwrap_or_else(|| velocity::Value::string(text))
        }
        Value::String(text) => velocity::Value::string(text.clone()),
        Value::Date(_) | Value::Datetime(_) | Value::LocalDatetime(_) | Value::Time(_) | Value::Duration(_) => {
            velocity::Value::string(display(value))
        }
        Value::List(items) => velocity::Value::list(items.iter().map(template_value)),
        Value::Record(record) => record_value(record.iter()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a template asks `$contact` for; `None` when it may use all of it.
    fn asked(source: &str) -> Option<Vec<SmolStr>> {
        let template = velocity::Template::parse("test.vm", source).expect("a template");
        resolve(&template, None, "").into_iter().find(|name| name.name == "contact").expect("the contact").fields
    }

    #[test]
    fn fields_that_are_named_are_all_that_is_asked_for() {
        for (source, fields) in [
            ("$contact.name", vec!["name"]),
            ("$!{contact.name.length()} $contact.town $contact.name", vec!["name", "town"]),
            ("$contact.get('name') $contact['town']", vec!["name", "town"]),
            ("#if($contact.vip && \"$contact.name\" != '')${x|$contact.town}#end", vec!["vip", "name", "town"]),
            ("#macro(m $p)$contact.name#end#m($contact.town)", vec!["name", "town"]),
        ] {
            let mut found = asked(source).expect(source);
            found.sort();
            let mut fields: Vec<SmolStr> = fields.into_iter().map(SmolStr::new_static).collect();
            fields.sort();
            assert_eq!(found, fields, "{source}");
        }
    }

    #[test]
    fn what_is_used_as_a_whole_is_there_as_a_whole() {
        for source in [
            "$contact",
            "$contact.name $contact.size()",
            "$contact.get($name)",
            "$contact[$name] $contact.name",
            "#foreach($field in $contact.entrySet())$field.key#end $contact.name",
            "#foreach($value in $contact)$value#end",
            "#set($card = $contact)$card.name $contact.name",
            "#macro(m $p)$p.name#end#m($contact)",
            "#if($contact)$contact.name#end",
            "\"$contact\" [$contact]",
        ] {
            assert_eq!(asked(source), None, "{source}");
        }
    }
}
