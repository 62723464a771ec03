//! The tools every template reaches: Velocity Tools' generic ones, under both spellings.

mod convert;
mod decimal_format;
mod entities;
mod esc;
mod locale;
mod math;
mod number;

pub(crate) use locale::Locale;

use crate::methods::{Class, Method};
use crate::value::{Object, Value};
use std::any::Any;
use std::rc::Rc;

/// A tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    Math,
    Number,
    Esc,
}

/// The tools' names.
const NAMES: &[(&str, Tool)] = &[
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
