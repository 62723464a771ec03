//! Escaping of what references put into the text.

use crate::value::{Object, Value, print_within};
use std::any::Any;

/// How the output of references is escaped. The template's own text never is, and what `#evaluate` reads is a template:
/// hosts that escape switch it off with [`Settings::evaluate_allowed`](crate::Settings::evaluate_allowed).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Escape {
    /// References print as they are, as the reference engine does.
    #[default]
    None,
    /// `&`, `<`, `>`, `"` and `'` of a reference become HTML character references, unless the value comes from
    /// `$esc.raw(...)`.
    Html,
}

impl Escape {
    /// Appends `text` to `out`, escaped.
    #[inline]
    pub(crate) fn write(self, text: &str, out: &mut String) {
        match self {
            Escape::None => out.push_str(text),
            Escape::Html => html(text, out),
        }
    }
}

fn html(text: &str, out: &mut String) {
    let mut written = 0;
    for (at, byte) in text.bytes().enumerate() {
        let reference = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#39;",
            _ => continue,
        };
        // All five are single bytes, so what is between them is whole characters.
        out.push_str(text.get(written..at).unwrap_or_default());
        out.push_str(reference);
        written = at + 1;
    }
    out.push_str(text.get(written..).unwrap_or_default());
}

/// A value whose output is not escaped: what `$esc.raw(...)` gives.
pub(crate) struct Raw(pub(crate) Value);

impl Object for Raw {
    fn kind(&self) -> &'static str {
        "raw"
    }

    fn print_within(&self, out: &mut String, depth: u32) {
        print_within(&self.0, out, depth);
    }

    fn held(&self, show: &mut dyn FnMut(&Value)) {
        show(&self.0);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
