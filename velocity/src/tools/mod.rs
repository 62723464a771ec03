//! The tools every template reaches: Velocity Tools' generic ones, under both spellings.

mod alternator;
mod collection;
mod comparison;
mod conversion;
mod convert;
mod date;
mod date_format;
mod date_parse;
mod decimal_format;
mod display;
mod entities;
mod esc;
mod language;
mod locale;
mod loops;
mod math;
mod message_format;
mod moment;
mod number;

pub(crate) use alternator::ALTERNATOR;
pub(crate) use comparison::{COMPARISON, ZONE};
pub(crate) use display::MEASUREMENTS;
pub(crate) use locale::Locale;
pub(crate) use loops::MANAGED;
pub(crate) use moment::{Fields, field};

use crate::error::Result;
use crate::machine::Machine;
use crate::methods::text::trim;
use crate::methods::{Class, Method};
use crate::value::{List, ListKind, Object, Value};
use std::any::Any;
use std::rc::Rc;

/// A tool that every template reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Tool {
    /// `$math`: arithmetic over numbers and texts that look like them.
    Math,
    /// `$number`: numbers shown by patterns.
    Number,
    /// `$date`: dates shown, read and compared.
    Date,
    /// `$esc`: texts for HTML, URLs and other languages.
    Esc,
    /// `$display`: lists, cuts and capitals.
    Display,
    /// `$sorter` and `$collection`.
    Collection,
    /// `$convert`: values of one type as another.
    Conversion,
    /// `$loop`: loops that can be left and skipped from elsewhere.
    Loop,
    /// `$alternator`: values in turn.
    Alternator,
}

/// The tools' names.
const NAMES: &[(&str, Tool)] = &[
    ("alternator", Tool::Alternator),
    ("alternatorTool", Tool::Alternator),
    ("collection", Tool::Collection),
    ("collectionTool", Tool::Collection),
    ("conversionTool", Tool::Conversion),
    ("convert", Tool::Conversion),
    ("display", Tool::Display),
    ("displayTool", Tool::Display),
    ("loop", Tool::Loop),
    ("loopTool", Tool::Loop),
    ("sorter", Tool::Collection),
    ("sortTool", Tool::Collection),
    ("date", Tool::Date),
    ("dateTool", Tool::Date),
    ("esc", Tool::Esc),
    ("escTool", Tool::Esc),
    ("escapeTool", Tool::Esc),
    ("math", Tool::Math),
    ("mathTool", Tool::Math),
    ("number", Tool::Number),
    ("numberTool", Tool::Number),
];

impl Tool {
    pub(crate) fn tables(self) -> &'static [&'static [Method]] {
        match self {
            Tool::Math => &[math::MATH, number::LOCALE],
            Tool::Number => &[number::NUMBER, number::LOCALE],
            Tool::Date => &[date::DATE, number::LOCALE],
            Tool::Esc => &[esc::ESC],
            Tool::Display => &[display::DISPLAY, number::LOCALE],
            Tool::Collection => &[collection::COLLECTION],
            Tool::Conversion => &[conversion::CONVERSION, number::LOCALE],
            Tool::Loop => &[loops::LOOP],
            Tool::Alternator => &[alternator::TOOL],
        }
    }
}

/// The tool of that name.
pub(crate) fn tool(name: &str) -> Option<Tool> {
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, tool)| *tool)
}

/// The tool of that name as a value.
pub(crate) fn named(name: &str) -> Option<Value> {
    let object: Rc<dyn Object> = match tool(name)? {
        Tool::Loop => Rc::new(loops::Loops::default()),
        tool => Rc::new(Handle(tool)),
    };
    Some(Value::from(object))
}

/// A tool as a value.
struct Handle(Tool);

impl Object for Handle {
    fn kind(&self) -> &'static str {
        "tool"
    }

    fn class(&self) -> Class {
        Class::Tool(self.0)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// What it takes to cut an element out of a text, to read it and to keep it, in steps.
const STEPS_PER_PART: usize = 4;

/// Pays for the elements of what becomes an array: a collection's, or the parts of a text between commas.
fn spend_elements(machine: &mut Machine<'_>, value: &Value) -> Result<()> {
    if let Value::String(text) = value {
        let parts = text.bytes().filter(|byte| *byte == b',').count();
        machine.spend_items(parts.saturating_mul(STEPS_PER_PART))?;
    }
    machine.spend_compared(value, 1)
}

/// The parts of a text between commas, without the blanks around them, as an array.
fn text_list(text: &str) -> Value {
    let mut parts: Vec<&str> = text.split(',').collect();
    while text.contains(',') && parts.last().is_some_and(|part| part.is_empty()) {
        parts.pop();
    }
    let parts = parts.into_iter().map(|part| Value::from(trim(part))).collect();
    Value::List(List::of(ListKind::Array, parts))
}
