//! Compiled programs, kept under their hashes.

use compiler::ir::ProgramHash;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use super::column::{Hash, Instant};
use super::fault::Fault;
use crate::store::{Activation, Commit};

/// Keeps a program. One that is there stays as it is: the hash says that it is the same.
pub(super) fn put(connection: &Connection, hash: &ProgramHash, json: &str, at: Timestamp) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO program (hash, json) VALUES (?1, ?2)
             ON CONFLICT (hash) DO UPDATE SET json = excluded.json WHERE json IS NULL",
        )?
        .execute((hash.as_str(), json))?;
    connection
        .prepare_cached(
            "INSERT INTO mark (name, value) SELECT 'last_program', number FROM program WHERE hash = ?1
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )?
        .execute([hash.as_str()])?;
    // A start with the program that ran before is no change.
    connection
        .prepare_cached(
            "INSERT INTO activation (at, program) SELECT ?2, number FROM program WHERE hash = ?1
             AND number IS NOT (SELECT program FROM activation ORDER BY at DESC LIMIT 1)
             ON CONFLICT (at) DO UPDATE SET program = excluded.program",
        )?
        .execute((hash.as_str(), Instant(at)))?;
    Ok(())
}

/// Notes which commit a program was loaded from. What is the same as a commit stays so when the folder goes on.
pub(super) fn put_commit(connection: &Connection, hash: &ProgramHash, commit: &Commit) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO program_commit (program, id, has_changes) SELECT number, ?2, ?3 FROM program WHERE hash = ?1
             ON CONFLICT (program) DO UPDATE SET id = excluded.id, has_changes = excluded.has_changes
             WHERE has_changes OR NOT excluded.has_changes",
        )?
        .execute((hash.as_str(), &commit.id, commit.has_changes))?;
    Ok(())
}

/// The commit that a program was loaded from.
pub(super) fn commit_of(connection: &Connection, hash: &ProgramHash) -> Result<Option<Commit>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT id, has_changes FROM program_commit JOIN program ON number = program WHERE hash = ?1",
    )?;
    let read = |row: &rusqlite::Row<'_>| Ok(Commit { id: row.get(0)?, has_changes: row.get(1)? });
    Ok(statement.query_row([hash.as_str()], read).optional()?)
}

/// Which program ran from when on, newest first.
pub(super) fn activations(connection: &Connection, limit: usize) -> Result<Vec<Activation>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT a.at, p.hash FROM activation AS a CROSS JOIN program AS p ON p.number = a.program
         ORDER BY a.at DESC LIMIT ?1",
    )?;
    let rows = statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
        Ok(Activation { at: row.get::<_, Instant>(0)?.0, program: row.get::<_, Hash>(1)?.0 })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A kept program.
pub(super) fn get(connection: &Connection, hash: &ProgramHash) -> Result<Option<String>, Fault> {
    let mut statement = connection.prepare_cached("SELECT json FROM program WHERE hash = ?1")?;
    Ok(statement.query_row([hash.as_str()], |row| row.get(0)).optional()?.flatten())
}

/// The hash of the program that was kept last.
pub(super) fn last(connection: &Connection) -> Result<Option<ProgramHash>, Fault> {
    let mut statement = connection
        .prepare_cached("SELECT hash FROM program JOIN mark ON number = value WHERE name = 'last_program'")?;
    Ok(statement.query_row([], |row| Ok(row.get::<_, Hash>(0)?.0)).optional()?)
}

/// The number that stands for a program's hash.
pub(super) fn number(connection: &Connection, hash: &ProgramHash) -> Result<i64, Fault> {
    let mut known = connection.prepare_cached("SELECT number FROM program WHERE hash = ?1")?;
    if let Some(number) = known.query_row([hash.as_str()], |row| row.get(0)).optional()? {
        return Ok(number);
    }
    connection.prepare_cached("INSERT INTO program (hash) VALUES (?1)")?.execute([hash.as_str()])?;
    Ok(connection.last_insert_rowid())
}

/// Programs of another version that runs are pinned to which have not ended. The version stands first in a program's JSON.
pub(super) fn foreign(connection: &Connection, ir_version: u32) -> Result<Vec<ProgramHash>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT hash FROM program WHERE json IS NOT NULL AND json NOT LIKE ?1 AND EXISTS (
             SELECT 1 FROM run INDEXED BY run_unfinished WHERE status < 2 AND run.program = program.number
         )",
    )?;
    let rows = statement.query_map([format!("{{\"ir_version\":{ir_version},%")], |row| Ok(row.get::<_, Hash>(0)?.0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
