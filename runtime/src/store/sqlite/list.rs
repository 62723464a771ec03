//! Lists: conditions that are put together from what was asked for.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::column::Instant;
use super::cursor::{self, List};
use super::fault::Fault;
use super::part::Part;
use super::{contact, search, segment};
use crate::store::{Census, ContactQuery, ContactRecord, Counts, Members, Page, Segment};

/// Conditions that all must hold, with their values.
#[derive(Clone, Default)]
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

    /// A column that has one of these values; any, where there are none.
    pub(super) fn add_any(&mut self, column: &str, values: impl Iterator<Item = i64>) {
        let before = self.values.len();
        self.values.extend(values.map(Value::Integer));
        if self.values.len() == before {
            return;
        }
        let marks = vec!["?"; self.values.len() - before].join(", ");
        self.conditions.push(format!("{column} IN ({marks})"));
    }

    /// A query with its beginning, these conditions, and its order.
    pub(super) fn sql(&self, select: &str, order: &str) -> String {
        let conditions = if self.conditions.is_empty() { "true".into() } else { self.conditions.join(" AND ") };
        format!("{select} WHERE {conditions} {order}")
    }

    /// Looks at the rows that meet these conditions, as long as it is answered `true`.
    fn visit(
        self,
        connection: &Connection,
        select: &str,
        order: &str,
        mut look: impl FnMut(&Row<'_>) -> rusqlite::Result<bool>,
    ) -> Result<(), Fault> {
        let mut statement = connection.prepare_cached(&self.sql(select, order))?;
        let mut rows = statement.query(params_from_iter(self.values))?;
        while let Some(row) = rows.next()? {
            if !look(row)? {
                break;
            }
        }
        Ok(())
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
        self.values.push(Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX)));
        let mut statement = connection.prepare_cached(&self.sql(select, &format!("{order} LIMIT ?")))?;
        let rows = statement.query_map(params_from_iter(self.values), read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// So many contacts one condition of a segment is looked for among at once; a reader's transactions are short.
const WINDOW: i64 = 50_000;

/// So many contacts are looked at before a segment's index is.
const NEAR: i64 = 2_000;

/// How long a page is looked for before a shorter one is answered.
const PATIENCE: Duration = Duration::from_millis(500);

/// Contacts that have an identifier or, where nobody has it, a part of a name or identifier; of a segment; by number.
pub(super) fn contacts(connection: &Connection, query: &ContactQuery) -> Result<Page<ContactRecord>, Fault> {
    let limit = cursor::limit(query.limit);
    let after = List::Contacts.read(query.cursor.as_deref())?;
    let text = query.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
    if let Some(text) = text {
        let mut found = contact::search(connection, text)?;
        if !found.is_empty() {
            found.retain(|contact| query.segment.as_ref().is_none_or(|segment| segment.has(contact)));
            return Ok(Page { items: found, next: None });
        }
        return searched(connection, &Part::new(text)?, query.segment.as_ref(), after.unwrap_or(0), limit);
    }
    let Some(segment) = &query.segment else {
        let mut filter = Filter::default();
        if let Some(after) = after {
            filter.add("id > ?", after);
        }
        let items = filter.query(connection, CONTACT, "ORDER BY id", limit + 1, contact::record)?;
        return Ok(List::Contacts.page(items, limit, |contact| contact.id));
    };
    let begun = std::time::Instant::now();
    let last = newest(connection)?;
    let (mut items, mut after) = (vec![], after.unwrap_or(0));
    if after < last {
        // Mostly a page is filled from the next contacts; else those that belong are few, and the index knows them.
        let near = last.min(after.saturating_add(NEAR));
        let part = members(connection, segment, after, near, limit + 1)?;
        if part.come_to.is_none() && near < last {
            let more = limit + 1 - part.contacts.len();
            if let Some(found) = indexed(connection, segment, near, more)? {
                items.extend(part.contacts);
                items.extend(found);
                return Ok(List::Contacts.page(items, limit, |contact| contact.id));
            }
        }
    }
    while after < last {
        let part = members(connection, segment, after, last, limit + 1 - items.len())?;
        items.extend(part.contacts);
        match part.come_to {
            Some(come_to) if items.len() <= limit && begun.elapsed() > PATIENCE => {
                return Ok(Page { items, next: Some(List::Contacts.after(come_to)) });
            }
            Some(come_to) if items.len() <= limit => after = come_to,
            _ => break,
        }
    }
    Ok(List::Contacts.page(items, limit, |contact| contact.id))
}

/// So many rows are looked at before the clock is.
const ROWS: usize = 1_024;

/// The next contacts that have a part, of a segment: by the index as far as it goes, then one by one. A page ends where it was
/// looked for long enough, and is gone on with by its cursor.
fn searched(
    connection: &Connection,
    part: &Part,
    segment: Option<&Segment>,
    after: i64,
    limit: usize,
) -> Result<Page<ContactRecord>, Fault> {
    let begun = std::time::Instant::now();
    let wanted = |contact: &ContactRecord| segment.is_none_or(|segment| segment.has(contact));
    let (mut items, mut after) = (vec![], after);
    if let Some(found) = search::found(connection, part, after, limit + 1, PATIENCE, wanted)? {
        (items, after) = (found.contacts, found.come_to);
        if found.is_late && items.len() <= limit {
            return Ok(Page { items, next: Some(List::Contacts.after(after)) });
        }
    }
    let (mut seen, mut come_to) = (0_usize, None);
    if items.len() <= limit {
        let mut filter = Filter::default();
        filter.add("id > ?", after);
        filter.visit(connection, CONTACT, "ORDER BY id", |row| {
            if row.get_ref(3)?.as_str().is_ok_and(|fields| part.is_in(fields)) {
                items.extend(Some(contact::record(row)?).filter(wanted));
                if items.len() > limit {
                    return Ok(false);
                }
            }
            seen += 1;
            if seen.is_multiple_of(ROWS) && begun.elapsed() > PATIENCE {
                come_to = Some(row.get(0)?);
                return Ok(false);
            }
            Ok(true)
        })?;
    }
    match come_to {
        Some(come_to) => Ok(Page { items, next: Some(List::Contacts.after(come_to)) }),
        None => Ok(List::Contacts.page(items, limit, |contact| contact.id)),
    }
}

const CONTACT: &str = "SELECT id, created_at, updated_at, fields FROM contact";

/// The highest number of a contact.
fn newest(connection: &Connection) -> Result<i64, Fault> {
    let sql = "SELECT coalesce(max(id), 0) FROM contact";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// The next members of a segment after a number, by its index; `None` when it has none.
pub(super) fn indexed(
    connection: &Connection,
    segment: &Segment,
    after: i64,
    limit: usize,
) -> Result<Option<Vec<ContactRecord>>, Fault> {
    let Some(conditions) = segment::conditions(&segment.program, &segment.name) else { return Ok(None) };
    let Some(index) = segment::Index::of(&segment.program, &segment.name, &conditions) else { return Ok(None) };
    if !index.exists(connection)? {
        return Ok(None);
    }
    let mut filter = Filter::default();
    filter.add("id > ?", after);
    filter.add_fixed(&conditions.wide);
    let certain = if conditions.is_exact() { "true" } else { conditions.narrow.as_str() };
    let select = format!("SELECT id, {certain} FROM contact INDEXED BY {}", index.name);
    let mut members = Vec::new();
    filter.visit(connection, &select, "ORDER BY id", |row| {
        let (id, certain): (i64, bool) = (row.get(0)?, row.get(1)?);
        let sql = format!("{CONTACT} WHERE id = ?1");
        let contact = connection.prepare_cached(&sql)?.query_row([id], contact::record)?;
        if certain || segment.has(&contact) {
            members.push(contact);
        }
        Ok(members.len() < limit)
    })?;
    Ok(Some(members))
}

/// Contacts of a segment after a number, up to another: so many at most, and of the next ones only.
pub(super) fn members(
    connection: &Connection,
    segment: &Segment,
    after: i64,
    up_to: i64,
    limit: usize,
) -> Result<Members, Fault> {
    let Some(conditions) = segment::conditions(&segment.program, &segment.name) else { return Ok(Members::default()) };
    let end = up_to.min(after.saturating_add(WINDOW));
    let mut filter = Filter::default();
    filter.add("id > ?", after);
    filter.add("id <= ?", end);
    filter.add_fixed(&conditions.wide);
    let certain = if conditions.is_exact() { "true" } else { conditions.narrow.as_str() };
    let select = format!("SELECT id, created_at, updated_at, fields, {certain} FROM contact");
    let mut contacts = Vec::new();
    let mut come_to = Some(end).filter(|end| *end < up_to);
    filter.visit(connection, &select, "ORDER BY id", |row| {
        let contact = contact::record(row)?;
        if !row.get::<_, bool>(4)? && !segment.has(&contact) {
            return Ok(true);
        }
        contacts.push(contact);
        Ok(contacts.len() < limit)
    })?;
    if contacts.len() >= limit {
        come_to = contacts.last().map(|contact| contact.id).filter(|id| *id < up_to);
    }
    Ok(Members { contacts, come_to })
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
             AND a.start = coalesce((SELECT value FROM mark WHERE name = 'starts'), 0) - 1
             AND NOT EXISTS (SELECT 1 FROM attempt_outcome AS o WHERE o.attempt = a.id)
             AND NOT EXISTS (SELECT 1 FROM attempt AS later WHERE later.run = a.run AND later.id > a.id)",
        )?,
        contacts: count("SELECT count(*) FROM contact")?,
    })
}
