//! Lists of the daemon, as every command prints them.

use clap::{Args, ValueEnum};
use runtime::client::Listing;

use super::Ending;
use super::daemon::Daemon;
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

/// How a list is asked for and shown: the same for every list.
#[derive(Debug, Args)]
pub(crate) struct Shown {
    /// How many at most: 50 unless set, of declarations 1000.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    limit: Option<u32>,
    /// How to print them.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) daemon: Daemon,
}

/// How many lines of what comes and goes are shown.
pub(crate) const RECORDS: u32 = 50;

impl Shown {
    /// How many at most.
    pub(crate) fn limit(&self, usual: u32) -> u32 {
        self.limit.unwrap_or(usual)
    }

    /// The same as a size.
    pub(crate) fn size(&self, usual: u32) -> usize {
        usize::try_from(self.limit(usual)).unwrap_or(usize::MAX)
    }
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
