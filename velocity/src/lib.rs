//! The Velocity Template Language over plain data: template in, text or references out.
//!
//! The crate renders what Apache Velocity 2.5 with Velocity Tools 3.1 renders for data that is made of maps, lists,
//! strings, numbers, booleans, null and dates; `tests/conformance.rs` compares thousands of templates. It performs no
//! I/O, knows no clock, and has no reflection: a template reaches the values it is given and the tools of this crate,
//! nothing else.
//!
//! ```
//! use velocity::{Context, Template, Value};
//!
//! let template = Template::parse("hello.vm", "Hello, $!{name}!#foreach($x in $list) $x#end")?;
//! let mut context = Context::new();
//! context.insert("name", "Olena");
//! context.insert("list", Value::list([1, 2, 3]));
//! let mut out = String::new();
//! template.render(&context, &mut out)?;
//! assert_eq!(out, "Hello, Olena! 1 2 3");
//! # Ok::<(), velocity::Error>(())
//! ```
//!
//! # Templates of strangers
//!
//! [`Limits`] bound operations, loops, texts and output, and are on by default. [`Escape::Html`] escapes what references
//! print. [`Settings::evaluate_allowed`] switches `#evaluate` off. `#parse` and `#include` see the texts of a
//! [`Library`] and no file.
//!
//! ```
//! use velocity::{Context, Escape, RenderOptions, Template};
//!
//! let template = Template::parse("hello.vm", "<p>$name</p>")?;
//! let context: Context = [("name", "<script>")].into_iter().collect();
//! let options = RenderOptions { escape: Escape::Html, ..RenderOptions::default() };
//! let mut out = String::new();
//! template.render_with(&context, &options, &mut out)?;
//! assert_eq!(out, "<p>&lt;script&gt;</p>");
//! # Ok::<(), velocity::Error>(())
//! ```
//!
//! # Checking templates against types
//!
//! [`Template::references`] yields every reference with its path, its place and what binds its name.
//!
//! ```
//! use velocity::{Place, SegmentKind, Template};
//!
//! let template = Template::parse("promo.vm", "#if($user.vip)Code: $data.get('WH5').code#end")?;
//! let references = template.references();
//! assert_eq!(references[0].place, Place::Condition);
//! assert_eq!(references[1].root, "data");
//! assert!(matches!(&references[1].path[0].kind, SegmentKind::Method { name, .. } if name == "get"));
//! # Ok::<(), velocity::Error>(())
//! ```
//!
//! # What differs from the reference
//!
//! - There is no reflection: `$x.class` is an unknown property.
//! - Regular expressions take linear time, and have neither look-around nor back-references.
//! - A range is checked against [`Limits::range_elements`] before it is walked over.
//! - `keySet()`, `values()` and `entrySet()` are copies: removing from them leaves the map as it is.
//! - Dates and numbers are shown in English, Ukrainian, German and French.
//! - The present moment is [`RenderOptions::now`]; without it `$date.year` and the like fail.
#![deny(clippy::disallowed_methods)]

mod ast;
mod context;
mod cost;
mod error;
mod escape;
mod lexer;
mod limits;
mod machine;
mod methods;
mod number;
mod options;
mod parser;
mod references;
mod render;
mod scope;
mod settings;
mod signature;
mod span;
mod template;
mod tools;
mod value;

pub use context::{Context, Lookup};
pub use error::{Error, ErrorKind, Result};
pub use escape::Escape;
pub use limits::Limits;
pub use options::{Library, RenderOptions};
pub use references::{
    Argument, ArgumentKind, Binding, BindingId, BindingKind, BindingValue, Place, Reference, ReferenceId, Segment,
    SegmentKind,
};
pub use settings::{Settings, SpaceGobbling};
pub use signature::{Receiver, Returns, Signature, Tool};
pub use span::Span;
pub use template::{TOOLS, Template};
pub use value::{Calendar, Decimal, List, Map, Opaque, Value};
