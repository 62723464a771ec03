//! The Velocity Template Language over plain data: template in, text or references out.
//!
//! The crate renders what Apache Velocity 2.5 renders for data that is made of maps, lists, strings, numbers, booleans,
//! null and dates. It performs no I/O, knows no clock, and has no reflection: a template reaches the values it is given
//! and the tools of this crate, nothing else.
//!
//! ```
//! use velocity::{Context, Template, Value};
//!
//! let template = Template::parse("hello.vm", "Hello, $!{name}!")?;
//! let mut context = Context::new();
//! context.insert("name", "Olena");
//! let mut out = String::new();
//! template.render(&context, &mut out)?;
//! assert_eq!(out, "Hello, Olena!");
//! # Ok::<(), velocity::Error>(())
//! ```
#![deny(clippy::disallowed_methods)]

mod ast;
mod context;
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
mod span;
mod template;
mod tools;
mod value;

pub use context::Context;
pub use error::{Error, ErrorKind, Result};
pub use escape::Escape;
pub use limits::Limits;
pub use options::{Library, RenderOptions};
pub use references::{
    Argument, ArgumentKind, Binding, BindingId, BindingKind, BindingValue, Place, Reference, ReferenceId, Segment,
    SegmentKind,
};
pub use settings::{Settings, SpaceGobbling};
pub use span::Span;
pub use template::{TOOLS, Template};
pub use value::{Calendar, Decimal, List, Map, Opaque, Value};
