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
//! [`Receiver`] knows which methods the values of each type have, what they take and what they give.
//!
//! ```
//! use velocity::Receiver;
//!
//! assert!(Receiver::String.methods().iter().any(|method| method.name == "substring" && method.takes(2)));
//! assert!(!Receiver::String.has("upper"));
//! let tool = Receiver::tool("mathTool").expect("a tool");
//! assert!(tool.has("roundTo"));
//! ```
//!
//! # Mistakes
//!
//! An [`Error`] says where it is, what sort it is, and often what helps.
//!
//! ```
//! use velocity::{ErrorKind, Template};
//!
//! let error = Template::parse("promo.vm", "#if($n -1)a#end").err().expect("a mistake");
//! assert_eq!((error.kind(), error.line(), error.column()), (ErrorKind::Syntax, 1, 8));
//! assert_eq!(error.hint(), Some("`-` right before a digit belongs to the number: write a blank after it"));
//! ```
//!
//! # Other texts
//!
//! `#parse` and `#include` reach the texts of a [`Library`] by name.
//!
//! ```
//! use std::sync::Arc;
//! use velocity::{Context, Library, RenderOptions, Template};
//!
//! let mut library = Library::new();
//! library.insert("footer.vm", "-- $shop");
//! let template = Template::parse("letter.vm", "Hello\n#parse('footer.vm')")?;
//! let context: Context = [("shop", "Books")].into_iter().collect();
//! let options = RenderOptions { library: Arc::new(library), ..RenderOptions::default() };
//! let mut out = String::new();
//! template.render_with(&context, &options, &mut out)?;
//! assert_eq!(out, "Hello\n-- Books");
//! # Ok::<(), velocity::Error>(())
//! ```
//!
//! # Templates of Velocity 1.7
//!
//! [`Settings::velocity_1_7`] renders them as they were meant, `$velocityCount` included.
//!
//! # What differs from the reference
//!
//! `COMPATIBILITY.md` beside this crate's sources says what is the same, what differs and why. In short: there is no
//! reflection, regular expressions take linear time, limits hold, and the present moment is [`RenderOptions::now`].
#![deny(clippy::disallowed_methods)]

mod ast;
mod context;
mod cost;
mod error;
mod escape;
mod lexer;
mod limits;
mod machine;
mod meaning;
mod methods;
mod number;
mod options;
mod parser;
mod program;
mod references;
mod render;
mod scope;
mod settings;
mod signature;
mod span;
mod template;
mod tools;
mod value;
mod ways;

pub use context::{Context, Lookup};
pub use error::{Error, ErrorKind, Result};
pub use escape::Escape;
pub use limits::Limits;
pub use options::{Library, RenderOptions};
pub use references::{
    Argument, ArgumentKind, Binding, BindingId, BindingKind, BindingValue, Collected, MacroCall, MacroParameter, Place,
    Reference, ReferenceId, Segment, SegmentKind,
};
pub use settings::{Settings, SpaceGobbling};
pub use signature::{Receiver, Returns, Signature, Tool};
pub use span::Span;
pub use template::{TOOLS, Template};
pub use value::{Calendar, Decimal, List, Map, Opaque, Value};
pub use ways::{Trace, Way, WayKind};
