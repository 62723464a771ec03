//! Messages: each is one row, whose status follows its delivery.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::column::{Instant, Json, Text, message_status, run_id};
use super::cursor::{self, List};
use super::fault::Fault;
use super::known::Standing;
use super::list::Filter;
use super::progress::run_number;
use crate::store::{MessageChange, MessageQuery, MessageRecord, MessageStatus, Page};

/// Keeps messages that are new, and what became of those that are known. Answers for each message its number if it is new.
pub(super) fn put(
    connection: &Connection,
    run: &Standing,
    messages: &[MessageChange],
) -> Result<Vec<Option<i64>>, Fault> {
    let mut numbers = Vec::with_capacity(messages.len());
    for message in messages {
        // Of a turn's own messages, a later one may be about the same.
        if (run.messages || !numbers.is_empty()) && update(connection, run.number, message)? {
            numbers.push(None);
            continue;
        }
        connection
            .prepare_cached(
                "INSERT INTO message (run, contact, step, status, at, message_id, error, mail)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                run.number,
                run.contact,
                message.step.0.as_str(),
                message_status(message.status),
                Instant(message.at),
                message.message_id,
                message.error,
                Json(&message.mail),
            ])?;
        numbers.push(Some(connection.last_insert_rowid()));
    }
    Ok(numbers)
}

/// Keeps the outcomes of deliveries that had begun; nothing is begun by it.
pub(super) fn end(connection: &Connection, run: i64, messages: &[MessageChange]) -> Result<(), Fault> {
    let ended = |message: &&MessageChange| matches!(message.status, MessageStatus::Sent | MessageStatus::Failed);
    for message in messages.iter().filter(ended) {
        update(connection, run, message)?;
    }
    Ok(())
}

/// Changes the status of a message; `false` when it is not known. What has been sent stays sent, and the mail as it was.
fn update(connection: &Connection, run: i64, message: &MessageChange) -> Result<bool, Fault> {
    let known: Option<(i64, MessageStatus)> = connection
        .prepare_cached("SELECT number, status FROM message WHERE run = ?1 AND step = ?2 AND message_id = ?3")?
        .query_row(params![run, message.step.0.as_str(), message.message_id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((number, status)) = known else { return Ok(false) };
    if status != message.status && status != MessageStatus::Sent {
        connection
            .prepare_cached("UPDATE message SET status = ?2, at = ?3, error = ?4 WHERE number = ?1")?
            .execute(params![number, message_status(message.status), Instant(message.at), message.error])?;
    }
    Ok(true)
}

const COLUMNS: &str = "SELECT m.number, r.workflow_key, m.contact, m.step, m.status, m.at, m.message_id, m.error, m.mail, \
                       m.run, r.started_at FROM message AS m CROSS JOIN run AS r ON r.number = m.run";

fn record(row: &Row<'_>) -> rusqlite::Result<MessageRecord> {
    Ok(MessageRecord {
        number: row.get(0)?,
        run: run_id(row.get(9)?, row.get(1)?),
        run_accepted_at: row.get::<_, Instant>(10)?.0,
        contact: row.get(2)?,
        change: MessageChange {
            step: compiler::ir::StepId(row.get::<_, Text>(3)?.0),
            status: row.get(4)?,
            at: row.get::<_, Instant>(5)?.0,
            message_id: row.get(6)?,
            error: row.get(7)?,
            mail: row.get::<_, Json<_>>(8)?.0,
        },
    })
}

/// Messages, newest first.
pub(super) fn list(connection: &Connection, query: &MessageQuery) -> Result<Page<MessageRecord>, Fault> {
    let limit = cursor::limit(query.limit);
    let mut filter = Filter::default();
    if let Some(before) = List::Messages.read(query.cursor.as_deref())? {
        filter.add("m.number < ?", before);
    }
    if let Some(run) = query.run {
        match run_number(connection, run)? {
            Some(number) => filter.add("m.run = ?", number),
            None => return Ok(Page { items: vec![], next: None }),
        }
    }
    if let Some(contact) = query.contact {
        // By way of the contact's runs, so that messages need no index of their own for it.
        filter.add("m.run IN (SELECT number FROM run WHERE contact = ?)", contact);
    }
    let items = filter.query(connection, COLUMNS, "ORDER BY m.number DESC", limit + 1, record)?;
    Ok(List::Messages.page(items, limit, |message| message.number))
}

/// Messages in the outbox after a number, oldest first.
pub(super) fn outbox_after(connection: &Connection, number: i64, limit: usize) -> Result<Vec<MessageRecord>, Fault> {
    let mut filter = Filter::default();
    filter.add("m.number > ?", number);
    filter.add("m.status = ?", Value::Integer(message_status(MessageStatus::Outbox)));
    filter.query(connection, COLUMNS, "ORDER BY m.number", limit, record)
}

/// A mail of which nothing is left but the message's name, which is put in.
pub(super) const BLANK: &str = r#"{"message":"","from":"","to":"","subject":""}"#;

/// The name of the mark for messages that are files.
const WRITTEN: &str = "outbox_written";

/// Notes that the files of all messages up to a number are on disk. A smaller number than before changes nothing.
pub(super) fn note_written(connection: &Connection, number: i64) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO mark (name, value) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
        )?
        .execute(params![WRITTEN, number])?;
    Ok(())
}

/// The number that was noted; 0 at first.
pub(super) fn written(connection: &Connection) -> Result<i64, Fault> {
    let mut statement = connection.prepare_cached("SELECT value FROM mark WHERE name = ?1")?;
    Ok(statement.query_row([WRITTEN], |row| row.get(0)).optional()?.unwrap_or(0))
}
