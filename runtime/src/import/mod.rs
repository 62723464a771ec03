//! Files of contacts: rows out of bytes as they come, and what each column holds.
//!
//! A file is CSV (RFC 4180, whatever the line ends and the separator; quoted line ends belong to their field) or one JSON
//! object a line. Both are read in pieces of any size and in memory for one row: the daemon reads what it is sent, the command
//! line cuts a file into requests.

mod columns;
mod quotes;
mod rows;

pub use columns::{ColumnsError, Empty, Mapping};
pub use rows::{Content, Format, LONGEST_ROW, NOT_UTF8, Row, Rows};
