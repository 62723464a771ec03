//! The canonical form of a `.wf` file.
//!
//! A file has one form, so that a change of a program is the only thing that a diff shows. It is printed from the tokens,
//! each of them once, with the comments that stand between them; the tree only says where lines begin (`Mark`s that the
//! parser leaves). So nothing that was written can be lost. That it was not is asserted each time (`laws`) before the
//! text is handed out.
//!
//! ```text
//! text ─ parse ─ leaves ─ outline ─ layout ─▶ text'  ── laws ─▶ Formatted
//!                 tokens    groups    lines
//! ```
//!
//! A declaration that cannot be read is copied as it stands; those beside it are formatted.

mod file;
mod laws;
mod layout;
mod leaves;
mod outline;
mod run;

use crate::diagnostic::Diagnostic;
use crate::source::FileId;
use crate::syntax::{self, MAX_FILE_SIZE};

pub use laws::Unfaithful;

/// How wide a line may be, in characters, before it is broken.
pub const WIDTH: usize = 100;

/// The blanks of one level.
const INDENTATION: usize = 2;

/// A text in canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formatted {
    /// The text; declarations with an error are in it as they were written.
    pub text: String,
    /// What is wrong with [`Formatted::text`], at its places there. An error keeps its declaration from being formatted.
    pub diagnostics: Vec<Diagnostic>,
}

impl Formatted {
    /// Whether something was left as it was written because it could not be read.
    pub fn is_partial(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// How names are spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quotes {
    /// Only where they are needed.
    Needed,
    /// As they were written.
    Kept,
}

/// The canonical form of a file's text; `file` is the number that the diagnostics carry.
///
/// It has no byte order mark, its lines end in `\n`, the last one too. The time is proportional to the text's length.
///
/// # Errors
/// When the result would not say the same as the text, which is a mistake in the formatter: the text is to be left alone.
pub fn format(file: FileId, text: &str) -> Result<Formatted, Unfaithful> {
    if text.len() > MAX_FILE_SIZE {
        return Ok(Formatted { text: text.to_owned(), diagnostics: syntax::parse(file, text).diagnostics });
    }
    let normal = file::normal(text);
    let read = syntax::parse(file, &normal);
    let printed = file::print(&normal, &read, Quotes::Needed);
    if printed == text {
        return Ok(Formatted { text: printed, diagnostics: read.diagnostics });
    }
    let before = laws::Before { file, text, normal: &normal, read: &read };
    match laws::check(&before, printed, Quotes::Needed) {
        Ok(formatted) => Ok(formatted),
        // Without its quotes a name may come to mean something to the layers below the grammar.
        Err(_) => match laws::check(&before, file::print(&normal, &read, Quotes::Kept), Quotes::Kept) {
            Ok(formatted) => Ok(formatted),
            // Where something is wrong already, its neighbours' places may matter.
            Err(_) if read.diagnostics.iter().any(Diagnostic::is_error) => {
                Ok(Formatted { text: text.to_owned(), diagnostics: syntax::parse(file, text).diagnostics })
            }
            Err(broken) => Err(broken),
        },
    }
}
