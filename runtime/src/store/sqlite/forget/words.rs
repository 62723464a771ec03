//! Going through all the history for the words of a person, a part at a time.
//!
//! Readers look, so that the one who writes is not held up; what they find is looked at again and written by the writer.

use compiler::ir::Identifier;
use rusqlite::{Connection, OptionalExtension, params};

use super::super::fault::Fault;
use super::super::search;
use super::needles::{Needles, strike_value};
use super::{NOTHING, blank_event, count};
use crate::store::{Erased, Place, Table};
use crate::value::{Record, Value, read, to_json};

/// Where the words stand, in the order that they are gone through: the key, and the columns of text.
const fn columns(table: Table) -> (&'static str, &'static str, &'static [&'static str]) {
    match table {
        Table::Events => ("event", "acceptance", &["params", "id"]),
        Table::Runs => ("run", "number", &["reason"]),
        Table::States => ("run_state", "run", &["saved"]),
        Table::Attempts => ("attempt", "id", &["request"]),
        Table::Outcomes => ("attempt_outcome", "attempt", &["response", "error"]),
        Table::Bodies => ("body", "id", &["bytes"]),
        Table::Messages => ("message", "number", &["mail", "error"]),
        Table::Contacts => ("contact", "id", &["fields"]),
    }
}

/// The rows of a table that have the words, among the next so many after a key; and where to go on, `None` at the end.
pub(in super::super) fn search(
    connection: &Connection,
    needles: &str,
    place: Place,
    limit: usize,
) -> Result<(Vec<i64>, Option<i64>), Fault> {
    let needles = Needles::decode(needles);
    let (name, key, columns) = columns(place.table);
    let list = columns.join(", ");
    let sql = format!("SELECT {key}, {list} FROM {name} WHERE {key} > ?1 ORDER BY {key} LIMIT ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![place.after, i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let (mut found, mut last, mut looked) = (vec![], None, 0);
    while let Some(row) = rows.next()? {
        let key: i64 = row.get(0)?;
        last = Some(key);
        looked += 1;
        for column in 1..=columns.len() {
            let value = row.get_ref(column)?;
            let has = match value {
                rusqlite::types::ValueRef::Text(text) => needles.is_in_bytes(text),
                rusqlite::types::ValueRef::Blob(bytes) => {
                    lz4_flex::block::decompress_size_prepended(bytes).is_ok_and(|bytes| needles.is_in_bytes(&bytes))
                }
                _ => false,
            };
            if has {
                found.push(key);
                break;
            }
        }
    }
    Ok((found, last.filter(|_| looked == limit)))
}

/// Takes the words out of rows that were found.
pub(in super::super) fn strike(
    connection: &Connection,
    needles: &str,
    table: Table,
    keys: &[i64],
) -> Result<Erased, Fault> {
    let needles = Needles::decode(needles);
    let (name, key, columns) = columns(table);
    let mut erased = Erased::default();
    for row in keys {
        match table {
            Table::Events => erased.events += event(connection, *row, &needles)?,
            Table::Bodies => body(connection, *row, &needles)?,
            Table::Contacts => contact(connection, *row, &needles)?,
            Table::Runs | Table::States | Table::Attempts | Table::Outcomes | Table::Messages => {
                for column in columns {
                    let sql = format!("SELECT {column} FROM {name} WHERE {key} = ?1");
                    let text: Option<Option<String>> =
                        connection.prepare_cached(&sql)?.query_row([row], |row| row.get(0)).optional()?;
                    let Some(text) = text.flatten().filter(|text| needles.is_in(text)) else { continue };
                    let sql = format!("UPDATE {name} SET {column} = ?2 WHERE {key} = ?1");
                    connection.prepare_cached(&sql)?.execute(params![row, needles.strike(&text)])?;
                }
            }
        }
    }
    count(connection, &erased)?;
    Ok(erased)
}

/// An event that names the person is about it, and all of it goes; of one that mentions it only the words do.
fn event(connection: &Connection, acceptance: i64, needles: &Needles) -> Result<u64, Fault> {
    let row: Option<(String, String)> = connection
        .prepare_cached("SELECT params, id FROM event WHERE acceptance = ?1")?
        .query_row([acceptance], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((params, id)) = row.filter(|(params, _)| params != NOTHING) else { return Ok(0) };
    if needles.is_in(&id) || read(&params).is_ok_and(|params| needles.is_named_by(&params)) {
        return blank_event(connection, acceptance, needles);
    }
    connection
        .prepare_cached("UPDATE event SET params = ?2 WHERE acceptance = ?1")?
        .execute(params![acceptance, needles.strike(&params)])?;
    Ok(0)
}

/// Fields of somebody else that mention the person. Identifiers are that one's own, however they look.
fn contact(connection: &Connection, id: i64, needles: &Needles) -> Result<(), Fault> {
    let fields: Option<String> = connection
        .prepare_cached("SELECT fields FROM contact WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    let Some(Ok(Value::Record(fields))) = fields.map(|fields| read(&fields)) else { return Ok(()) };
    let identifies = |name: &str| Identifier::ALL.iter().any(|by| by.word() == name);
    let struck = fields.iter().map(|(name, value)| match identifies(name) {
        true => (name.clone(), value.clone()),
        false => (name.clone(), strike_value(needles, value)),
    });
    let struck = to_json(&Value::Record(struck.collect::<Record>().into()));
    connection.prepare_cached("UPDATE contact SET fields = ?2 WHERE id = ?1")?.execute(params![id, struck])?;
    search::remove(connection, id)?;
    search::note(connection, id)?;
    Ok(())
}

fn body(connection: &Connection, id: i64, needles: &Needles) -> Result<(), Fault> {
    let bytes: Option<Vec<u8>> = connection
        .prepare_cached("SELECT bytes FROM body WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    let text = bytes.and_then(|bytes| lz4_flex::block::decompress_size_prepended(&bytes).ok());
    let Some(text) = text.and_then(|bytes| String::from_utf8(bytes).ok()) else { return Ok(()) };
    let struck = lz4_flex::block::compress_prepend_size(needles.strike(&text).as_bytes());
    connection.prepare_cached("UPDATE body SET bytes = ?2 WHERE id = ?1")?.execute(params![id, struck])?;
    Ok(())
}
