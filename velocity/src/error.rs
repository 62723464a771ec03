//! What goes wrong in a template: one small type with a kind, a place and a way out.

use crate::span::{Span, line_and_column};
use std::fmt;
use std::sync::Arc;

/// A `Result` whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a template could not be read or rendered. One word wide.
///
/// ```
/// let error = velocity::Template::parse("promo.vm", "Hi #if($vip) there").err().expect("`#end` is missing");
/// assert_eq!(error.code(), "template-syntax");
/// assert_eq!((error.template(), error.line()), ("promo.vm", 1));
/// ```
pub struct Error(Box<Repr>);

struct Repr {
    kind: ErrorKind,
    template: Arc<str>,
    span: Span,
    line: u32,
    column: u32,
    message: String,
    hint: Option<String>,
}

/// The sort of an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text is not a template: a directive or a reference is malformed.
    Syntax,
    /// A called method failed, for example an index out of range.
    Method,
    /// An operation has no result, for example the remainder of a decimal.
    Operation,
    /// `#parse` or `#include` names a template that is not there.
    Resource,
    /// A macro is called with wrong arguments in strict mode, or calls itself too deeply.
    Macro,
    /// Strict mode found an undefined reference, or a comparison that has no answer.
    Strict,
    /// A limit of [`Limits`](crate::Limits) is exceeded.
    Limit,
    /// The feature is switched off or does not exist in this engine.
    Unsupported,
}

impl ErrorKind {
    /// The kind as a stable word for catalogues and logs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            ErrorKind::Syntax => "template-syntax",
            ErrorKind::Method => "template-method",
            ErrorKind::Operation => "template-operation",
            ErrorKind::Resource => "template-resource",
            ErrorKind::Macro => "template-macro",
            ErrorKind::Strict => "template-strict",
            ErrorKind::Limit => "template-limit",
            ErrorKind::Unsupported => "template-unsupported",
        }
    }
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error(Box::new(Repr {
            kind,
            template: Arc::from(""),
            span: Span::default(),
            line: 0,
            column: 0,
            message: message.into(),
            hint: None,
        }))
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Error {
        self.0.hint = Some(hint.into());
        self
    }

    /// Adds the place, unless a place nearer to the mistake is already there.
    pub(crate) fn at(mut self, template: &Arc<str>, source: &str, span: Span) -> Error {
        if self.0.line == 0 {
            (self.0.line, self.0.column) = line_and_column(source, span.start());
            self.0.span = span;
            self.0.template = Arc::clone(template);
        }
        self
    }

    /// The sort of the mistake.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The sort as a stable word, for catalogues and logs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.kind.code()
    }

    /// The name of the template that holds the mistake: with `#parse` not always the one that was rendered.
    #[must_use]
    pub fn template(&self) -> &str {
        &self.0.template
    }

    /// The bytes of that template's source that are wrong.
    #[must_use]
    pub fn span(&self) -> Span {
        self.0.span
    }

    /// The line of the mistake, from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.0.line
    }

    /// The column of the mistake in characters, from 1.
    #[must_use]
    pub fn column(&self) -> u32 {
        self.0.column
    }

    /// What is wrong: lower case, one sentence, no place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// A way out, where there is one.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Repr { template, line, column, message, .. } = &*self.0;
        if *line == 0 {
            return formatter.write_str(message);
        }
        write!(formatter, "{template}:{line}:{column}: {message}")
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}({self})", self.0.kind.code())
    }
}

impl std::error::Error for Error {}
