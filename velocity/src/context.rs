//! The data a template is rendered over.

use crate::value::Value;
use indexmap::IndexMap;
use smol_str::SmolStr;
use std::rc::Rc;

/// Where a rendering finds the values of root names. Tools such as `$mathTool` stand behind it: data of the same name
/// hides them.
///
/// A rendering asks at most once for each name that its template refers to, so a host with much data need not turn all of
/// it into values.
///
/// ```
/// use velocity::{Lookup, RenderOptions, Template, Value};
///
/// struct Weather;
///
/// impl Lookup for Weather {
///     fn look_up(&self, name: &str) -> Option<Value> {
///         (name == "degrees").then(|| Value::from(21))
///     }
/// }
///
/// let template = Template::parse("today.vm", "$degrees °C, $wind")?;
/// let mut out = String::new();
/// template.render_with(&Weather, &RenderOptions::default(), &mut out)?;
/// assert_eq!(out, "21 °C, $wind");
/// # Ok::<(), velocity::Error>(())
/// ```
pub trait Lookup {
    /// The value of `name`; a null value is not the same as no value.
    fn look_up(&self, name: &str) -> Option<Value>;
}

/// As many names are looked through one by one: that is faster than hashing, and costs less to build.
const FEW: usize = 12;

/// Root names and their values. Clones share them until one is changed.
///
/// ```
/// use velocity::{Context, Value};
///
/// let mut context = Context::new();
/// context.insert("city", "Kyiv");
/// context.insert("points", 120);
/// assert!(context.contains("city"));
/// ```
#[derive(Clone, Debug)]
pub struct Context {
    names: Rc<Names>,
}

#[derive(Clone, Debug)]
enum Names {
    Few(Vec<(SmolStr, Value)>),
    Many(IndexMap<SmolStr, Value, foldhash::fast::RandomState>),
}

impl Default for Context {
    fn default() -> Context {
        Context { names: Rc::new(Names::Few(Vec::new())) }
    }
}

impl Context {
    /// A context without data.
    #[must_use]
    pub fn new() -> Context {
        Context::default()
    }

    /// Gives `name` a value; a null value is not the same as no value.
    pub fn insert(&mut self, name: impl Into<SmolStr>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        let known = Rc::make_mut(&mut self.names);
        match known {
            Names::Few(names) => {
                if let Some((_, known)) = names.iter_mut().find(|(known, _)| *known == name) {
                    *known = value;
                    return;
                }
                if names.len() < FEW {
                    names.push((name, value));
                    return;
                }
                let many = names.drain(..).chain([(name, value)]).collect();
                *known = Names::Many(many);
            }
            Names::Many(names) => drop(names.insert(name, value)),
        }
    }

    /// The value of `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        match &*self.names {
            Names::Few(names) => names.iter().find(|(known, _)| known == name).map(|(_, value)| value),
            Names::Many(names) => names.get(name),
        }
    }

    /// Whether `name` has a value, null included.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

impl Lookup for Context {
    fn look_up(&self, name: &str) -> Option<Value> {
        self.get(name).cloned()
    }
}

impl<N: Into<SmolStr>, V: Into<Value>> FromIterator<(N, V)> for Context {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(iter: I) -> Context {
        let mut context = Context::new();
        for (name, value) in iter {
            context.insert(name, value);
        }
        context
    }
}
