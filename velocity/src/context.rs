//! The data a template is rendered over.

use crate::value::Value;
use indexmap::IndexMap;
use smol_str::SmolStr;

/// Root names and their values. Tools such as `$mathTool` stand behind it: data of the same name hides them.
///
/// ```
/// use velocity::{Context, Value};
///
/// let mut context = Context::new();
/// context.insert("city", "Kyiv");
/// context.insert("points", 120);
/// assert!(context.contains("city"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Context {
    values: IndexMap<SmolStr, Value, foldhash::fast::RandomState>,
}

impl Context {
    /// A context without data.
    #[must_use]
    pub fn new() -> Context {
        Context::default()
    }

    /// Gives `name` a value; a null value is not the same as no value.
    pub fn insert(&mut self, name: impl Into<SmolStr>, value: impl Into<Value>) {
        self.values.insert(name.into(), value.into());
    }

    /// The value of `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// Whether `name` has a value, null included.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }
}

impl<N: Into<SmolStr>, V: Into<Value>> FromIterator<(N, V)> for Context {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(iter: I) -> Context {
        Context { values: iter.into_iter().map(|(name, value)| (name.into(), value.into())).collect() }
    }
}
