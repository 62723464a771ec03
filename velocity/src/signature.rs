//! Which methods a value has: for checks that know the types of a template's data.

use crate::methods::{Class, Method, Type, returns};
use crate::tools;
use crate::value::{ListKind, Value};

pub use crate::tools::Tool;

/// A type of values, as far as their methods depend on it.
///
/// ```
/// use velocity::{Receiver, Returns};
///
/// let split: Vec<_> = Receiver::String.methods().into_iter().filter(|method| method.name == "split").collect();
/// assert!(split.iter().all(|method| method.returns == Returns::Value(Receiver::Array)));
/// assert!(split.iter().any(|method| method.takes(1)) && !split.iter().any(|method| method.takes(3)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Receiver {
    /// `true` and `false`.
    Boolean,
    /// A whole number of 32 bits: what data and templates write, as far as it fits.
    Integer,
    /// A whole number of 64 bits.
    Long,
    /// A whole number of any size.
    BigInteger,
    /// A number with a fraction, of 32 bits.
    Float,
    /// A number with a fraction, of 64 bits.
    Double,
    /// An exact number with a fraction: what arithmetic makes of a text.
    Decimal,
    /// One unit of a text.
    Character,
    /// A text.
    String,
    /// A list that can be changed: data, and `[…]`.
    List,
    /// `[a..b]`, and a part of it.
    Range,
    /// What `split` gives.
    Array,
    /// The keys, values or entries of a map.
    Set,
    /// A map.
    Map,
    /// A key of a map with its value.
    Entry,
    /// What `iterator()` gives.
    Iterator,
    /// A moment.
    Date,
    /// A moment in a time zone, which can be moved.
    Calendar,
    /// `$foreach`
    Loop,
    /// How far two moments are apart.
    Comparison,
    /// A time zone.
    TimeZone,
    /// A tool, such as `$math`.
    Tool(Tool),
}

/// What a method gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Returns {
    /// No value: a call prints nothing.
    Nothing,
    /// A value of this type, or null.
    Value(Receiver),
    /// A number whose type depends on the arguments, or null.
    Number,
    /// An element of the collection, or a value of the map, or null.
    Element,
    /// Something that depends on the arguments.
    Unknown,
}

/// One way to call a method: methods may have several of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Signature {
    /// The method's name.
    pub name: &'static str,
    /// How many arguments it takes at least.
    pub least: usize,
    /// How many it takes at most; `None` when there is no bound.
    pub most: Option<usize>,
    /// What it gives.
    pub returns: Returns,
}

impl Signature {
    /// Whether it takes this many arguments.
    #[must_use]
    pub fn takes(&self, arguments: usize) -> bool {
        self.least <= arguments && self.most.is_none_or(|most| arguments <= most)
    }
}

impl Receiver {
    /// What a name that nothing has bound stands for, when that is a tool.
    #[must_use]
    pub fn tool(name: &str) -> Option<Receiver> {
        tools::tool(name).map(Receiver::Tool)
    }

    /// The type of a value; `None` for null and for values that only the engine makes.
    #[must_use]
    pub fn of(value: &Value) -> Option<Receiver> {
        Some(match Class::of(value)? {
            Class::Boolean => Receiver::Boolean,
            Class::Integer => Receiver::Integer,
            Class::Long => Receiver::Long,
            Class::BigInteger => Receiver::BigInteger,
            Class::Float => Receiver::Float,
            Class::Double => Receiver::Double,
            Class::Decimal => Receiver::Decimal,
            Class::Character => Receiver::Character,
            Class::String => Receiver::String,
            Class::List(ListKind::Growing) => Receiver::List,
            Class::List(ListKind::Range | ListKind::Immutable) => Receiver::Range,
            Class::List(ListKind::Array) => Receiver::Array,
            Class::List(ListKind::Set | ListKind::Collection) => Receiver::Set,
            Class::Map => Receiver::Map,
            Class::Entry => Receiver::Entry,
            Class::Iterator => Receiver::Iterator,
            Class::Date => Receiver::Date,
            Class::Calendar => Receiver::Calendar,
            Class::Loop => Receiver::Loop,
            Class::Comparison => Receiver::Comparison,
            Class::Zone => Receiver::TimeZone,
            Class::Tool(tool) => Receiver::Tool(tool),
            _ => return None,
        })
    }

    fn class(self) -> Class {
        match self {
            Receiver::Boolean => Class::Boolean,
            Receiver::Integer => Class::Integer,
            Receiver::Long => Class::Long,
            Receiver::BigInteger => Class::BigInteger,
            Receiver::Float => Class::Float,
            Receiver::Double => Class::Double,
            Receiver::Decimal => Class::Decimal,
            Receiver::Character => Class::Character,
            Receiver::String => Class::String,
            Receiver::List => Class::List(ListKind::Growing),
            Receiver::Range => Class::List(ListKind::Range),
            Receiver::Array => Class::List(ListKind::Array),
            Receiver::Set => Class::List(ListKind::Set),
            Receiver::Map => Class::Map,
            Receiver::Entry => Class::Entry,
            Receiver::Iterator => Class::Iterator,
            Receiver::Date => Class::Date,
            Receiver::Calendar => Class::Calendar,
            Receiver::Loop => Class::Loop,
            Receiver::Comparison => Class::Comparison,
            Receiver::TimeZone => Class::Zone,
            Receiver::Tool(tool) => Class::Tool(tool),
        }
    }

    /// All methods, each once for every way to call it. Methods that take a function are left out: templates have none.
    #[must_use]
    pub fn methods(self) -> Vec<Signature> {
        let tables = self.class().tables().iter().flat_map(|table| table.iter());
        let callable = tables.filter(|method| !method.parameters.contains(&Type::Function));
        callable.map(|method| signature(self, method)).collect()
    }

    /// Whether there is a method of this name, with any arguments.
    #[must_use]
    pub fn has(self, name: &str) -> bool {
        self.methods().iter().any(|method| method.name == name)
    }

    /// The method that `.name` without brackets calls: `$text.length`, and `$list.empty` for `isEmpty()`. A map has none,
    /// because there every name is a key.
    #[must_use]
    pub fn property(self, name: &str) -> Option<Signature> {
        let is_map = self == Receiver::Map;
        crate::methods::getter(self.class(), name).filter(|_| !is_map).map(|method| signature(self, method))
    }
}

fn signature(receiver: Receiver, method: &Method) -> Signature {
    let count = method.parameters.len();
    let spreads = method.parameters.last().is_some_and(|last| last.is_array());
    Signature {
        name: method.name,
        least: if spreads { count.saturating_sub(1) } else { count },
        most: (!spreads).then_some(count),
        returns: if method.is_void() { Returns::Nothing } else { returns::of(receiver, method.name, count) },
    }
}
