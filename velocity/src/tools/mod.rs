//! The tools every template reaches: Velocity Tools' generic ones, under both spellings.

mod comparison;
mod convert;
mod date;
mod date_format;
mod date_parse;
mod decimal_format;
mod entities;
mod esc;
mod locale;
mod math;
mod moment;
mod number;

pub(crate) use comparison::{COMPARISON, ZONE};
pub(crate) use locale::Locale;
pub(crate) use moment::{Fields, field};

use crate::methods::{Class, Method};
use crate::value::{Object, Value};
use std::any::Any;
use std::rc::Rc;

/// A tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    Math,
    Number,
    Date,
    Esc,
}

/// The tools' names.
const NAMES: &[(&str, Tool)] = &[
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
        }
    }
}

/// The tool of that name.
pub(crate) fn named(name: &str) -> Option<Value> {
    let (_, tool) = NAMES.iter().find(|(known, _)| *known == name)?;
    let object: Rc<dyn Object> = Rc::new(Handle(*tool));
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
