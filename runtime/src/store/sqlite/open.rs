//! Opening the store's file: whose it is, which format it has, and the settings that its promises rest on.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior};

use super::fault::Fault;
use super::search;
use crate::store::{Keys, StoreError};

/// What marks a file as a store: `wfst` in ASCII.
const APPLICATION_ID: i32 = 0x7766_7374;

/// What makes a format out of the one before; the first makes it out of an empty file. Only ever appended to: the number
/// of entries is the format's number.
const MIGRATIONS: &[&str] = &[
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
    include_str!("schema/4.sql"),
    include_str!("schema/5.sql"),
    include_str!("schema/6.sql"),
    include_str!("schema/7.sql"),
    include_str!("schema/8.sql"),
    include_str!("schema/9.sql"),
];

/// The newest format.
pub const NEWEST: usize = MIGRATIONS.len();

/// Statements that a connection keeps prepared; more than there are different ones on the writer's way.
const PREPARED_STATEMENTS: usize = 64;

/// The connection that writes, to a file of the newest format.
pub(super) fn writer(path: &Path) -> Result<Connection, StoreError> {
    let at = |fault: Fault| match fault {
        Fault::Broken(why) => StoreError::Failed(format!("`{}`: {why}", path.display())),
        other => other.into(),
    };
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(at)?;
    let format = identify(&connection, path)?;
    configure(&connection, path).map_err(at)??;
    migrate(&mut connection, format).map_err(at)?;
    search::check_folding(&connection).map_err(at)?;
    if format < NEWEST {
        // What was made anew may be much: it is not left to the first commits.
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(Fault::from).map_err(at)?;
    }
    Ok(connection)
}

/// A store's file in memory, of the newest format: for rehearsals, and for the simulation, where what was committed outlives a
/// crash with it.
pub(super) fn in_memory(identity: i64) -> Result<Connection, Fault> {
    let mut connection = Connection::open_in_memory()?;
    connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    migrate(&mut connection, 0)?;
    connection.execute("UPDATE mark SET value = ? WHERE name = 'identity'", [identity])?;
    Ok(connection)
}

/// A connection that only reads.
pub(super) fn reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.pragma_update(None, "query_only", true).map_err(Fault::from)?;
    connection.pragma_update(None, "mmap_size", 0).map_err(Fault::from)?;
    Ok(connection)
}

fn connect(path: &Path, access: OpenFlags) -> Result<Connection, Fault> {
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
    // Without it a statement whose parameters might decide about a partial index is planned anew each time it runs.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

/// The format of the file, 0 for an empty one. Writes nothing, so that a file that is not ours stays as it is.
fn identify(connection: &Connection, path: &Path) -> Result<usize, StoreError> {
    let foreign = || StoreError::Format(format!("`{}` is not a store of wf; nothing was changed", path.display()));
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
    let read = || -> rusqlite::Result<(i32, i32, i64)> {
        let tables = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        Ok((number("application_id")?, number("user_version")?, tables))
    };
    match read() {
        // Also what a process that died before its first commit leaves.
        Ok((0, 0, 0)) => Ok(0),
        Ok((APPLICATION_ID, format, _)) => match usize::try_from(format) {
            Ok(format) if (1..=NEWEST).contains(&format) => Ok(format),
            _ => Err(StoreError::Format(format!(
                "`{}` was written by a newer version of wf (format {format}; this one reads up to {NEWEST}); \
                     nothing was changed",
                path.display()
            ))),
        },
        Ok(_) => Err(foreign()),
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) => Err(foreign()),
        Err(error) => Err(Fault::from(error).into()),
    }
}

/// Sets what the promises rest on, and reads it back: a setting that SQLite does not know or cannot keep is no error to it.
fn configure(connection: &Connection, path: &Path) -> Result<Result<(), StoreError>, Fault> {
    let settings = [
        // A commit appends to a log and is one fsync.
        ("journal_mode", "WAL", "wal"),
        // FULL, until the writer has taken over to sync commits: see `leave_syncing`.
        ("synchronous", "FULL", "2"),
        // An I/O error in mapped memory would be a signal instead of an error.
        ("mmap_size", "0", "0"),
        // What is deleted leaves no readable byte behind.
        ("secure_delete", "ON", "1"),
        ("temp_store", "MEMORY", "2"),
        // In KiB: the upper parts of the indexes of a large store.
        ("cache_size", "-16384", "-16384"),
        // Checkpoints are the writer's own.
        ("wal_autocheckpoint", "0", "0"),
    ];
    for (name, value, expected) in settings {
        connection.pragma_update(None, name, value)?;
        let found = match connection.pragma_query_value(None, name, |row| row.get(0))? {
            Value::Integer(number) => number.to_string(),
            Value::Text(text) => text,
            other => format!("{other:?}"),
        };
        if found != expected {
            return Ok(Err(StoreError::Format(format!(
                "`{}`: the disk or the SQLite library cannot hold a store: {name} is {found} and not {expected}",
                path.display()
            ))));
        }
    }
    Ok(Ok(()))
}

/// Leaves it to the writer to sync what is committed, before it answers. SQLite still syncs the log before it copies it, and
/// the beginning of a log, with which its place in the folder becomes durable.
pub(super) fn leave_syncing(connection: &Connection) -> Result<(), StoreError> {
    let set = || {
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_query_value(None, "synchronous", |row| row.get::<_, i64>(0))
    };
    match set().map_err(Fault::from)? {
        1 => Ok(()),
        other => {
            Err(StoreError::Format(format!("the SQLite library cannot hold a store: synchronous is {other} and not 1")))
        }
    }
}

/// What the keys that receivers see are made with.
pub(super) fn keys(connection: &Connection) -> Result<Keys, Fault> {
    let mut mark = connection.prepare("SELECT value FROM mark WHERE name = ?1")?;
    let identity: i64 = mark.query_row(["identity"], |row| row.get(0))?;
    let without_time = mark.query_row(["keys_without_time"], |row| row.get(0)).optional()?.unwrap_or(0);
    Ok(Keys { identity: identity.cast_unsigned(), without_time })
}

/// Brings the file to the newest format, in one transaction.
fn migrate(connection: &mut Connection, format: usize) -> Result<(), Fault> {
    if format == NEWEST {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (number, migration) in (1..).zip(MIGRATIONS).skip(format) {
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", number)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.commit()?;
    Ok(())
}
