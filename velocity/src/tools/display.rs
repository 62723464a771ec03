//! `$display`: lists, shortened texts, alternatives and plurals for people to read.

use super::collection::at_path;
use super::message_format;
use crate::error::Result;
use crate::machine::Machine;
use crate::methods::text::{length, substring};
use crate::methods::{Class, Method, Type, argument, failure, format_java, int};
use crate::value::{List, ListKind, Object, Value};
use std::any::Any;
use std::rc::Rc;

/// How many characters a text keeps when the template does not say.
const KEPT: i32 = 30;

fn text_or_null(value: &Value) -> Option<String> {
    (!value.is_null()).then(|| value.to_string())
}

/// `a, b and c`
fn list(machine: &mut Machine<'_>, arguments: &[Value], between: &str, last: &str, path: &str) -> Result<Value> {
    let items = match argument(arguments, 0) {
        Value::Null => return Ok(Value::Null),
        Value::List(list) => list.items().clone(),
        other => vec![other.clone()],
    };
    machine.spend_items(items.len())?;
    let mut text = String::new();
    for (place, item) in items.iter().enumerate() {
        if path.is_empty() {
            text.push_str(&item.to_string());
        } else {
            text.push_str(&at_path(machine, item, path)?.to_string());
        }
        if place + 2 < items.len() {
            text.push_str(between);
        } else if place + 1 < items.len() {
            text.push_str(last);
        }
        machine.check_text(text.len())?;
    }
    machine.text(text)
}

fn words(arguments: &[Value], index: usize) -> String {
    argument(arguments, index).to_string()
}

/// The values of a call with any number of them; a single list stands for its elements.
fn spread(values: &Value) -> Option<Value> {
    let Value::List(list) = values else { return None };
    let items = list.items();
    match items.as_slice() {
        [] => None,
        [Value::List(inner)] if inner.kind() != ListKind::Array => {
            (!inner.is_empty()).then(|| Value::List(List::of(ListKind::Array, inner.items().clone())))
        }
        _ => Some(values.clone()),
    }
}

fn truncated(text: &str, most: i32, suffix: Option<&str>, at_word: bool) -> Result<Option<String>> {
    if most <= 0 {
        return Ok(None);
    }
    let most = i64::from(most);
    if length(text) as i64 <= most {
        return Ok(Some(text.to_owned()));
    }
    let Some(suffix) = suffix.filter(|suffix| most - length(suffix) as i64 > 0) else {
        return substring(text, 0, most).map(Some);
    };
    let kept = most - length(suffix) as i64;
    if at_word {
        let head = substring(text, 0, kept + 1)?;
        if let Some(space) = head.rfind(' ')
            && length(head.get(..space).unwrap_or_default()) > length(suffix)
        {
            return Ok(Some(format!("{}{suffix}", head.get(..space).unwrap_or_default())));
        }
    }
    Ok(Some(format!("{}{suffix}", substring(text, 0, kept)?)))
}

fn truncate(
    machine: &mut Machine<'_>,
    arguments: &[Value],
    most: i32,
    suffix: Option<&str>,
    word: bool,
) -> Result<Value> {
    let Some(text) = text_or_null(argument(arguments, 0)) else { return Ok(Value::Null) };
    match truncated(&text, most, suffix, word)? {
        Some(text) => machine.text(text),
        None => Ok(Value::Null),
    }
}

fn cell(machine: &mut Machine<'_>, arguments: &[Value], size: i32, suffix: Option<&str>) -> Result<Value> {
    let Some(text) = text_or_null(argument(arguments, 0)) else { return Ok(Value::Null) };
    if size <= 0 {
        return Ok(Value::Null);
    }
    let missing = i64::from(size) - length(&text) as i64;
    if missing < 0 {
        return truncate(machine, arguments, size, suffix, false);
    }
    let missing = usize::try_from(missing).unwrap_or(0);
    machine.check_text(text.len() + missing)?;
    machine.text(format!("{text}{}", " ".repeat(missing)))
}

fn first_letter(machine: &mut Machine<'_>, arguments: &[Value], change: fn(&str) -> String) -> Result<Value> {
    let Some(text) = text_or_null(argument(arguments, 0)) else { return Ok(Value::Null) };
    let end = text.chars().next().map_or(0, char::len_utf8);
    let (first, rest) = text.split_at(end);
    // A letter beyond the first plane is two units, of which Java changes neither.
    let first = if first.len() > 3 { first.to_owned() } else { change(first) };
    machine.text(format!("{first}{rest}"))
}

/// Takes the tags out of a text, but for those whose names are allowed.
fn strip_tags(text: &str, allowed: &[String]) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let (before, tag) = rest.split_at(start);
        result.push_str(before);
        let Some(end) = tag.find('>') else {
            rest = tag;
            break;
        };
        let (tag, after) = tag.split_at(end + 1);
        let name = tag.trim_start_matches('<').trim_start_matches('/');
        let keeps = allowed.iter().any(|allowed| {
            let fits = name.get(..allowed.len()).is_some_and(|start| start.eq_ignore_ascii_case(allowed));
            fits && name
                .get(allowed.len()..)
                .and_then(|rest| rest.chars().next())
                .is_some_and(|next| next.is_ascii_whitespace() || matches!(next, '>' | '/'))
        });
        if keeps {
            result.push_str(tag);
        }
        rest = after;
    }
    result.push_str(rest);
    result
}

fn plural(value: i32, singular: &Value, plural: Option<&Value>) -> Value {
    if value == 1 || value == -1 {
        return singular.clone();
    }
    if let Some(plural) = plural.filter(|plural| !plural.is_null()) {
        return plural.clone();
    }
    let Value::String(text) = singular else { return Value::Null };
    let Some(last) = text.chars().next_back() else { return singular.clone() };
    let upper = last.to_lowercase().to_string() != last.to_string();
    let word = text.to_lowercase();
    let ending = |lower: &str| if upper { lower.to_uppercase() } else { lower.to_owned() };
    if word.ends_with(['x', 's']) || word.ends_with("sh") || word.ends_with("ch") {
        return Value::from(format!("{text}{}", ending("es")));
    }
    let before = word.chars().rev().nth(1);
    if word.ends_with('y') && before.is_some_and(|letter| !"aeiou".contains(letter)) {
        let stem = text.get(..text.len() - last.len_utf8()).unwrap_or_default();
        return Value::from(format!("{stem}{}", ending("ies")));
    }
    Value::from(format!("{text}{}", ending("s")))
}

/// The size of a text in lines and characters.
pub(crate) struct Measurements {
    height: usize,
    width: usize,
}

impl Object for Measurements {
    fn kind(&self) -> &'static str {
        "measurements"
    }

    fn class(&self) -> Class {
        Class::Measurements
    }

    fn print(&self) -> String {
        format!("{{ height: {}, width: {} }}", self.height, self.width)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn measured(value: &Value) -> Result<&Measurements> {
    match value {
        Value::Opaque(object) if let Some(measurements) = object.downcast::<Measurements>() => Ok(measurements),
        _ => Err(failure("these are no measurements")),
    }
}

/// What `measure` answers.
pub(crate) const MEASUREMENTS: &[Method] = &[
    Method::new("getHeight", &[], |_, value, _| Ok(Value::from(measured(value)?.height))),
    Method::new("getWidth", &[], |_, value, _| Ok(Value::from(measured(value)?.width))),
];

const ANY: &[Type] = &[Type::Object];

/// The tool's methods.
pub(super) const DISPLAY: &[Method] = &[
    Method::new("list", ANY, |machine, _, arguments| list(machine, arguments, ", ", " and ", "")),
    Method::new("list", &[Type::Object, Type::String], |machine, _, arguments| {
        let between = words(arguments, 1);
        list(machine, arguments, &between, &between, "")
    }),
    Method::new("list", &[Type::Object, Type::String, Type::String], |machine, _, arguments| {
        list(machine, arguments, &words(arguments, 1), &words(arguments, 2), "")
    }),
    Method::new("list", &[Type::Object, Type::String, Type::String, Type::String], |machine, _, arguments| {
        let path = argument(arguments, 3).as_str().unwrap_or_default();
        list(machine, arguments, &words(arguments, 1), &words(arguments, 2), path)
    }),
    Method::new("message", &[Type::String, Type::Objects], |machine, _, arguments| {
        let Some(format) = argument(arguments, 0).as_str() else { return Ok(Value::Null) };
        match spread(argument(arguments, 1)) {
            Some(values) => {
                let text = message_format::format(machine, format, &values)?;
                machine.text(text)
            }
            None => Ok(Value::from(format)),
        }
    }),
    Method::new("printf", &[Type::String, Type::Objects], |machine, _, arguments| {
        let Some(format) = argument(arguments, 0).as_str() else { return Ok(Value::Null) };
        match spread(argument(arguments, 1)) {
            Some(values) => {
                let text = format_java(machine, format, &values)?;
                machine.text(text)
            }
            None => Ok(Value::from(format)),
        }
    }),
    Method::new("truncate", ANY, |machine, _, arguments| truncate(machine, arguments, KEPT, Some("..."), false)),
    Method::new("truncate", &[Type::Object, Type::Int], |machine, _, arguments| {
        truncate(machine, arguments, int(arguments, 1), Some("..."), false)
    }),
    Method::new("truncate", &[Type::Object, Type::String], |machine, _, arguments| {
        truncate(machine, arguments, KEPT, argument(arguments, 1).as_str(), false)
    }),
    Method::new("truncate", &[Type::Object, Type::Int, Type::String], |machine, _, arguments| {
        truncate(machine, arguments, int(arguments, 1), argument(arguments, 2).as_str(), false)
    }),
    Method::new("truncate", &[Type::Object, Type::Int, Type::String, Type::Boolean], |machine, _, arguments| {
        let word = matches!(argument(arguments, 3), Value::Boolean(true));
        truncate(machine, arguments, int(arguments, 1), argument(arguments, 2).as_str(), word)
    }),
    Method::new("space", &[Type::Int], |machine, _, arguments| match usize::try_from(int(arguments, 0)) {
        Ok(count) => {
            machine.check_text(count)?;
            machine.text(" ".repeat(count))
        }
        Err(_) => Ok(Value::Null),
    }),
    Method::new("cell", ANY, |machine, _, arguments| cell(machine, arguments, KEPT, Some("..."))),
    Method::new("cell", &[Type::Object, Type::Int], |machine, _, arguments| {
        cell(machine, arguments, int(arguments, 1), Some("..."))
    }),
    Method::new("cell", &[Type::Object, Type::String], |machine, _, arguments| {
        cell(machine, arguments, KEPT, argument(arguments, 1).as_str())
    }),
    Method::new("cell", &[Type::Object, Type::Int, Type::String], |machine, _, arguments| {
        cell(machine, arguments, int(arguments, 1), argument(arguments, 2).as_str())
    }),
    Method::new("capitalize", ANY, |machine, _, arguments| first_letter(machine, arguments, str::to_uppercase)),
    Method::new("uncapitalize", ANY, |machine, _, arguments| first_letter(machine, arguments, str::to_lowercase)),
    Method::new("alt", ANY, |_, _, arguments| {
        Ok(match argument(arguments, 0) {
            Value::Null => Value::string("null"),
            value => value.clone(),
        })
    }),
    Method::new("alt", &[Type::Object, Type::Object], |_, _, arguments| {
        Ok(match argument(arguments, 0) {
            Value::Null => argument(arguments, 1).clone(),
            value => value.clone(),
        })
    }),
    Method::new("br", ANY, |machine, _, arguments| match text_or_null(argument(arguments, 0)) {
        Some(text) => machine.text(text.replace('\n', "<br />\n")),
        None => Ok(Value::Null),
    }),
    Method::new("stripTags", ANY, |machine, _, arguments| match text_or_null(argument(arguments, 0)) {
        Some(text) => machine.text(strip_tags(&text, &[])),
        None => Ok(Value::Null),
    }),
    Method::new("stripTags", &[Type::Object, Type::Strings], |machine, _, arguments| {
        let Some(text) = text_or_null(argument(arguments, 0)) else { return Ok(Value::Null) };
        let allowed: Vec<String> = match argument(arguments, 1) {
            Value::List(list) => list.items().iter().filter_map(text_or_null).collect(),
            _ => Vec::new(),
        };
        let is_name = |name: &String| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let allowed: Vec<String> = allowed.into_iter().filter(is_name).collect();
        machine.text(strip_tags(&text, &allowed))
    }),
    Method::new("plural", &[Type::Int, Type::String], |_, _, arguments| {
        Ok(plural(int(arguments, 0), argument(arguments, 1), None))
    }),
    Method::new("plural", &[Type::Int, Type::String, Type::String], |_, _, arguments| {
        Ok(plural(int(arguments, 0), argument(arguments, 1), arguments.get(2)))
    }),
    Method::new("measure", ANY, |_, _, arguments| match text_or_null(argument(arguments, 0)) {
        Some(text) => {
            let mut lines: Vec<&str> = text.split('\n').collect();
            while lines.len() > 1 && lines.last().is_some_and(|line| line.is_empty()) {
                lines.pop();
            }
            let width = lines.iter().map(|line| length(line)).max().unwrap_or(0);
            let object: Rc<dyn Object> = Rc::new(Measurements { height: lines.len(), width });
            Ok(Value::from(object))
        }
        None => Ok(Value::Null),
    }),
    Method::new("getListDelimiter", &[], |_, _, _| Ok(Value::string(", "))),
    Method::new("getListFinalDelimiter", &[], |_, _, _| Ok(Value::string(" and "))),
    Method::new("getTruncateLength", &[], |_, _, _| Ok(Value::Integer(KEPT))),
    Method::new("getTruncateSuffix", &[], |_, _, _| Ok(Value::string("..."))),
    Method::new("getTruncateAtWord", &[], |_, _, _| Ok(Value::Boolean(false))),
    Method::new("getCellLength", &[], |_, _, _| Ok(Value::Integer(KEPT))),
    Method::new("getCellSuffix", &[], |_, _, _| Ok(Value::string("..."))),
    Method::new("getDefaultAlternate", &[], |_, _, _| Ok(Value::string("null"))),
];
