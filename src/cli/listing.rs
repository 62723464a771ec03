//! Lists of the daemon, as every command prints them.

use clap::ValueEnum;
use runtime::client::Listing;

use super::Ending;
use super::failure::{Exit, Failure};
use super::table::Table;
use super::terminal::Terminal;

/// How what the daemon has is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// As the API answers it.
    Json,
}

/// Prints a list: all parts as one in the form of a single part, or as a table and, when it is empty, `none`.
pub(crate) fn print(
    listing: &Listing,
    format: Format,
    table: impl FnOnce() -> Result<Table, Failure>,
    (none, limit): (&str, u32),
    terminal: &Terminal,
) -> Ending {
    if format == Format::Json {
        terminal.print(&listing.to_json())?;
        return Ok(Exit::Ok);
    }
    terminal.write(&table()?.draw(terminal))?;
    if listing.items.is_empty() {
        terminal.note(none);
    } else if listing.next_cursor.is_some() {
        terminal.note(&format!("there are more than these {limit}; --limit shows more"));
    }
    Ok(Exit::Ok)
}
