//! Lists: conditions that are put together from what was asked for.

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::contact;
use super::cursor::{self, List};
use super::fault::Fault;
use jiff::Timestamp;

use super::column::Instant;
use crate::store::{Census, ContactQuery, ContactRecord, Counts, Page};

/// Conditions that all must hold, with their values.
#[derive(Default)]
pub(super) struct Filter {
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Filter {
    /// A condition with one `?` in it.
    pub(super) fn add(&mut self, condition: &str, value: impl Into<Value>) {
        self.conditions.push(condition.to_owned());
        self.values.push(value.into());
    }

    /// A condition without a value.
    pub(super) fn add_fixed(&mut self, condition: &str) {
        self.conditions.push(condition.to_owned());
    }

    /// A column that has one of these values.
    pub(super) fn add_any(&mut self, column: &str, values: impl Iterator<Item = i64>) {
        let before = self.values.len();
        self.values.extend(values.map(Value::Integer));
        let marks = vec!["?"; self.values.len() - before].join(", ");
        self.conditions.push(format!("{column} IN ({marks})"));
    }

    /// Runs a query: its beginning, these conditions, its order, and at most so many rows.
    pub(super) fn query<T>(
        mut self,
        connection: &Connection,
        select: &str,
        order: &str,
        limit: usize,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Fault> {
        let conditions = if self.conditions.is_empty() { "true".into() } else { self.conditions.join(" AND ") };
        self.values.push(Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX)));
        let sql = format!("{select} WHERE {conditions} {order} LIMIT ?");
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(self.values), read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// Contacts that have an identifier or, where nobody has it, a part of a name; by number.
pub(super) fn contacts(connection: &Connection, query: &ContactQuery) -> Result<Page<ContactRecord>, Fault> {
    let limit = cursor::limit(query.limit);
    let after = List::Contacts.read(query.cursor.as_deref())?;
    let text = query.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let mut filter = Filter::default();
    if let Some(text) = text {
        let found = contact::search(connection, text)?;
        if !found.is_empty() {
            return Ok(Page { items: found, next: None });
        }
        let part = format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
        let name = "concat_ws(' ', fields ->> '$.first_name', fields ->> '$.last_name')";
        filter.add(&format!("{name} LIKE ? ESCAPE '\\'"), part);
    }
    if let Some(after) = after {
        filter.add("id > ?", after);
    }
    let select = "SELECT id, created_at, updated_at, fields FROM contact";
    let items = filter.query(connection, select, "ORDER BY id", limit + 1, contact::record)?;
    Ok(List::Contacts.page(items, limit, |contact| contact.id))
}

/// How the runs stand that have not ended.
pub(super) fn census(connection: &Connection, now: Timestamp) -> Result<Census, Fault> {
    let count = |sql: &str, values: &[i64]| -> Result<u64, Fault> {
        let values = params_from_iter(values);
        Ok(connection.prepare_cached(sql)?.query_row(values, |row| row.get::<_, i64>(0))?.unsigned_abs())
    };
    let unfinished = count("SELECT count(*) FROM run INDEXED BY run_unfinished WHERE status < 2", &[])?;
    let waiting = count("SELECT count(*) FROM run INDEXED BY run_due WHERE wake_at IS NOT NULL", &[])?;
    let due = count(
        "SELECT count(*) FROM run INDEXED BY run_due WHERE wake_at IS NOT NULL AND wake_at <= ?1",
        &[Instant(now).number()],
    )?;
    Ok(Census { running: unfinished.saturating_sub(waiting), waiting, due })
}

/// How much there is of everything.
pub(super) fn counts(connection: &Connection) -> Result<Counts, Fault> {
    let count = |sql: &str| -> Result<u64, Fault> {
        Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get::<_, i64>(0))?.unsigned_abs())
    };
    Ok(Counts {
        // Numbers are given without gaps and the oldest are deleted first, so nothing has to be counted.
        events: count("SELECT coalesce(max(acceptance) - min(acceptance) + 1, 0) FROM event")?,
        unfinished_runs: count("SELECT count(*) FROM run INDEXED BY run_unfinished WHERE status < 2")?,
        waiting_runs: count("SELECT count(*) FROM run INDEXED BY run_due WHERE wake_at IS NOT NULL")?,
        unknown_attempts: count(
            "SELECT count(*) FROM run AS r INDEXED BY run_unfinished CROSS JOIN attempt AS a ON a.run = r.number
             WHERE r.status < 2 AND r.wake_at IS NULL
             AND NOT EXISTS (SELECT 1 FROM attempt_outcome AS o WHERE o.attempt = a.id)",
        )?,
        contacts: count("SELECT count(*) FROM contact")?,
    })
}
