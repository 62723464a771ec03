//! Values that are the engine's own: tools, a loop's state, blocks of template text.

use super::Value;
use crate::error::Result;
use crate::methods::{Class, Type};
use crate::render::Loop;
use std::any::Any;
use std::fmt;
use std::rc::Rc;

/// A value of the engine itself, such as a tool or the `$foreach` of a loop. Hosts neither make nor open it.
#[derive(Clone)]
pub struct Opaque(pub(crate) Rc<dyn Object>);

/// What an opaque value answers to.
pub(crate) trait Object: Any {
    /// A word for messages.
    fn kind(&self) -> &'static str;

    /// How it prints.
    fn print(&self) -> String {
        self.kind().to_owned()
    }

    /// Appends how it prints. What prints a value that it holds does so at most `depth` levels deep: that value may hold it.
    fn print_within(&self, out: &mut String, _depth: u32) {
        out.push_str(&self.print());
    }

    /// Whether it counts as true.
    fn truth(&self) -> bool {
        true
    }

    /// The class whose methods it has.
    fn class(&self) -> Class {
        Class::Other
    }

    /// Its type among a method's arguments.
    fn java_type(&self) -> Type {
        Type::Other
    }

    /// Its elements, if it has any to walk over.
    fn walk(&self) -> Option<&dyn Walk> {
        None
    }

    /// Shows the values that it holds, for what holds itself has to be found.
    fn held(&self, _show: &mut dyn FnMut(&Value)) {}

    /// The state of a loop, if it is one.
    fn as_loop(&self) -> Option<&Loop> {
        None
    }

    /// The object itself, for downcasts.
    fn as_any(&self) -> &dyn Any;
}

/// A walk over elements, which goes on where it stands.
pub(crate) trait Walk {
    /// Whether there is a further element.
    fn has_next(&self) -> Result<bool>;

    /// The next element; `None` at the end.
    fn next(&self) -> Result<Option<Value>>;
}

impl Opaque {
    /// The object, if it is of this type.
    pub(crate) fn downcast<T: Object>(&self) -> Option<&T> {
        self.0.as_any().downcast_ref::<T>()
    }
}

impl fmt::Debug for Opaque {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "<{}>", self.0.kind())
    }
}

impl From<Rc<dyn Object>> for Value {
    fn from(object: Rc<dyn Object>) -> Value {
        Value::Opaque(Opaque(object))
    }
}
