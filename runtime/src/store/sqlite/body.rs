//! Long requests and answers stand compressed in a table of their own, so that the tables that everything goes through stay
//! small. A column whose text is there is empty.

use rusqlite::{Connection, OptionalExtension, params};

use super::fault::Fault;

/// Longer texts than this, in bytes, stand apart.
const LONG: usize = 16 << 10;

/// How many texts an attempt can have apart.
pub(super) const PARTS: i64 = 2;

/// Which text of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// What was sent.
    Request = 0,
    /// What came back.
    Response = 1,
}

/// What stands in the column for a text.
pub(super) fn column(text: &str) -> &str {
    if text.len() > LONG { "" } else { text }
}

/// Keeps a long text apart; what is kept already stays.
pub(super) fn put(connection: &Connection, attempt: i64, part: Part, text: &str) -> Result<(), Fault> {
    if text.len() <= LONG {
        return Ok(());
    }
    let bytes = lz4_flex::block::compress_prepend_size(text.as_bytes());
    connection
        .prepare_cached("INSERT INTO body (id, bytes) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING")?
        .execute(params![attempt * PARTS + part as i64, bytes])?;
    Ok(())
}

/// The whole text of a column.
pub(super) fn get(connection: &Connection, attempt: i64, part: Part, column: String) -> Result<String, Fault> {
    if !column.is_empty() {
        return Ok(column);
    }
    let kept: Option<Vec<u8>> = connection
        .prepare_cached("SELECT bytes FROM body WHERE id = ?1")?
        .query_row([attempt * PARTS + part as i64], |row| row.get(0))
        .optional()?;
    let text = kept.and_then(|bytes| lz4_flex::block::decompress_size_prepended(&bytes).ok());
    // One that cannot be read is shown as nothing rather than hiding the whole run.
    Ok(text.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_else(|| "null".to_owned()))
}
