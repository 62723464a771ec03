//! Reading JSON without losing a digit.

use super::Value;

/// Why a text is not read as JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ReadError {
    /// What is wrong, with line and column.
    pub message: String,
}

/// Reads a JSON text (RFC 8259). Numbers keep their digits; a name that stands twice in an object is refused, and so is
/// nesting beyond 128 levels.
///
/// # Errors
/// When the text is not JSON of that kind.
pub fn read(text: &str) -> Result<Value, ReadError> {
    let _ = text;
    Err(ReadError { message: "not written yet".to_owned() })
}
