//! Values that are the engine's own: tools, a loop's state, blocks of template text.

use super::Value;
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

    /// The object itself, for downcasts.
    fn as_any(&self) -> &dyn Any;
}

impl fmt::Debug for Opaque {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "<{}>", self.0.kind())
    }
}

/// An object with nothing but a name.
pub(crate) struct Fixed(pub(crate) &'static str);

impl Object for Fixed {
    fn kind(&self) -> &'static str {
        self.0
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl From<Rc<dyn Object>> for Value {
    fn from(object: Rc<dyn Object>) -> Value {
        Value::Opaque(Opaque(object))
    }
}
