//! Contacts that have a part of a name, an address or a number, however many contacts there are.
//!
//! An index of all that stands three characters long in these fields says who may have it. It is written behind the contacts,
//! many at a time, so that an event that makes a contact costs nothing more: whoever has a higher number than it has come to
//! is looked at as if there were no index, and so is whoever was changed since and is noted in `search_stale`. It says
//! nothing of its own, and small stores have none.

use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, params};

use super::contact;
use super::fault::Fault;
use super::folding::{FOLDING, folded};
use super::part::{Part, searched};
use crate::store::ContactRecord;

/// The fields that are searched.
pub(super) const SEARCHED: [&str; 5] = ["email", "external_id", "first_name", "last_name", "phone"];

/// Contacts that are not in the index are put into it when they are so many; fewer are looked at as fast.
pub(super) const WORTHWHILE: i64 = 1_000;

/// They are put into it when they are so many though there is much else to do: looking at them takes a moment then.
pub(super) const FAR_BEHIND: i64 = 20_000;

/// So many are put into it in one transaction.
const BATCH: i64 = 250;

/// So many of its pages are merged in one transaction.
const PAGES: i64 = 50;

/// So many are looked at before the clock is.
const LOOKED: usize = 256;

/// What makes the index. What is deleted leaves nothing behind in it, and a contact's text is kept once more, because only
/// with it can the contact be taken out. By itself it would merge its parts now and then within whoever writes to it, which
/// takes long.
const CREATE: &str = "
    CREATE VIRTUAL TABLE contact_search
        USING fts5(text, tokenize = 'trigram case_sensitive 1', detail = none, columnsize = 0);
    INSERT INTO contact_search (contact_search, rank) VALUES ('secure-delete', 1);
    INSERT INTO contact_search (contact_search, rank) VALUES ('automerge', 0);
    INSERT INTO contact_search (contact_search, rank) VALUES ('crisismerge', 500);
    INSERT OR REPLACE INTO mark (name, value) VALUES ('search_come_to', 0);";

/// Has the index made anew, contact by contact, when its texts were folded in another way: until it has come to a contact again,
/// the contact is looked at.
pub(super) fn check_folding(connection: &Connection) -> Result<(), Fault> {
    let sql = "SELECT value FROM mark WHERE name = 'search_folding'";
    let folding: Option<i64> = connection.query_row(sql, [], |row| row.get(0)).optional()?;
    if folding != Some(FOLDING) && come_to(connection)?.is_some() {
        connection.execute(
            "INSERT OR REPLACE INTO mark (name, value) VALUES ('search_folding', ?1), ('search_come_to', 0)",
            [FOLDING],
        )?;
    }
    Ok(())
}

/// The number of the last contact that the index has come to; `None` when there is no index.
fn come_to(connection: &Connection) -> Result<Option<i64>, Fault> {
    let sql = "SELECT value FROM mark WHERE name = 'search_come_to'";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?)
}

/// Notes that a contact is in the index as it was.
pub(super) fn note(connection: &Connection, id: i64) -> Result<(), Fault> {
    let sql = "INSERT OR IGNORE INTO search_stale (contact)
               SELECT ?1 WHERE ?1 <= (SELECT value FROM mark WHERE name = 'search_come_to')";
    connection.prepare_cached(sql)?.execute([id])?;
    Ok(())
}

/// Takes a contact out of the index.
pub(super) fn remove(connection: &Connection, id: i64) -> Result<(), Fault> {
    connection.prepare_cached("DELETE FROM search_stale WHERE contact = ?1")?.execute([id])?;
    if come_to(connection)?.is_some() {
        connection.prepare_cached("DELETE FROM contact_search WHERE rowid = ?1")?.execute([id])?;
    }
    Ok(())
}

/// How many contacts are not in the index; of those that are in it otherwise than they are now, so many are counted at most.
pub(super) fn behind(connection: &Connection, counted: i64) -> Result<i64, Fault> {
    let newest: i64 =
        connection.prepare_cached("SELECT coalesce(max(id), 0) FROM contact")?.query_row([], |row| row.get(0))?;
    let newer = newest.saturating_sub(come_to(connection)?.unwrap_or(0));
    let changed: i64 = connection
        .prepare_cached("SELECT count(*) FROM (SELECT 1 FROM search_stale LIMIT ?1)")?
        .query_row([counted], |row| row.get(0))?;
    Ok(newer.saturating_add(changed))
}

/// Merges a little of the index, or puts the next contacts into it.
pub(super) fn go_on(connection: &Connection) -> Result<(), Fault> {
    let from = match come_to(connection)? {
        Some(_) if merge(connection)? => return Ok(()),
        Some(from) => from,
        None => {
            connection.execute_batch(CREATE)?;
            check_folding(connection)?;
            0
        }
    };
    let changed: Vec<i64> = connection
        .prepare_cached("SELECT contact FROM search_stale ORDER BY contact LIMIT ?1")?
        .query_map([BATCH], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for id in &changed {
        remove(connection, *id)?;
        if let Some(contact) = contact::get(connection, *id)? {
            insert(connection, *id, &contact.fields)?;
        }
    }
    let rest = BATCH - i64::try_from(changed.len()).unwrap_or(BATCH);
    let mut statement =
        connection.prepare_cached("SELECT id, fields FROM contact WHERE id > ?1 ORDER BY id LIMIT ?2")?;
    let mut rows = statement.query(params![from, rest])?;
    let mut last = from;
    while let Some(row) = rows.next()? {
        last = row.get(0)?;
        insert(connection, last, row.get_ref(1)?.as_str().unwrap_or_default())?;
    }
    connection.prepare_cached("UPDATE mark SET value = ?1 WHERE name = 'search_come_to'")?.execute([last])?;
    Ok(())
}

/// Merges some parts of the index into one; whether there were any.
fn merge(connection: &Connection) -> Result<bool, Fault> {
    let before = connection.total_changes();
    let sql = "INSERT INTO contact_search (contact_search, rank) VALUES ('merge', ?1)";
    connection.prepare_cached(sql)?.execute([PAGES])?;
    // The statement itself counts as one: <https://sqlite.org/fts5.html#the_merge_command>.
    Ok(connection.total_changes().saturating_sub(before) >= 2)
}

/// Puts a contact into the index. Where it is as it was, which is what is mostly found when the index is made anew, nothing is
/// written.
fn insert(connection: &Connection, id: i64, fields: &str) -> Result<(), Fault> {
    let text = folded(&searched(fields).join("\n"));
    let kept: Option<String> = connection
        .prepare_cached("SELECT text FROM contact_search WHERE rowid = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    if kept.as_deref() == Some(&*text) {
        return Ok(());
    }
    if kept.is_some() {
        connection.prepare_cached("DELETE FROM contact_search WHERE rowid = ?1")?.execute([id])?;
    }
    connection
        .prepare_cached("INSERT INTO contact_search (rowid, text) VALUES (?1, ?2)")?
        .execute(params![id, text])?;
    Ok(())
}

/// What the index has found.
pub(super) struct Indexed {
    /// The contacts, by number.
    pub(super) contacts: Vec<ContactRecord>,
    /// The number of the contact that was looked at last: for whoever comes behind it the index says nothing, or was not asked.
    pub(super) come_to: i64,
    /// Whether it took longer than one may wait.
    pub(super) is_late: bool,
}

/// The next contacts after a number that have a part and are wanted, by the index; `None` when it cannot say.
pub(super) fn found(
    connection: &Connection,
    part: &Part,
    after: i64,
    limit: usize,
    patience: Duration,
    wanted: impl Fn(&ContactRecord) -> bool,
) -> Result<Option<Indexed>, Fault> {
    let (Some(pattern), Some(come_to)) = (pattern(part), come_to(connection)?) else { return Ok(None) };
    let mut indexed = Indexed { contacts: vec![], come_to, is_late: false };
    if after >= come_to {
        return Ok(Some(Indexed { come_to: after, ..indexed }));
    }
    let begun = Instant::now();
    let mut by_index = connection.prepare_cached(
        "SELECT rowid FROM contact_search WHERE contact_search MATCH ?1 AND rowid > ?2 AND rowid <= ?3 ORDER BY rowid",
    )?;
    let mut by_index = by_index.query(params![pattern, after, come_to])?;
    let mut changed = connection
        .prepare_cached("SELECT contact FROM search_stale WHERE contact > ?1 AND contact <= ?2 ORDER BY contact")?;
    let mut changed = changed.query([after, come_to])?;
    let next = |rows: &mut rusqlite::Rows<'_>| -> rusqlite::Result<Option<i64>> {
        rows.next()?.map(|row| row.get(0)).transpose()
    };
    let (mut left, mut right) = (next(&mut by_index)?, next(&mut changed)?);
    let mut looked = 0_usize;
    while let Some(id) = left.into_iter().chain(right).min() {
        if left == Some(id) {
            left = next(&mut by_index)?;
        }
        if right == Some(id) {
            right = next(&mut changed)?;
        }
        looked += 1;
        let contact = contact::get(connection, id)?;
        if let Some(contact) = contact.filter(|contact| part.is_in(&contact.fields) && wanted(contact)) {
            indexed.contacts.push(contact);
        }
        let is_late = looked.is_multiple_of(LOOKED) && begun.elapsed() > patience;
        if is_late || indexed.contacts.len() >= limit {
            return Ok(Some(Indexed { come_to: id, is_late, ..indexed }));
        }
    }
    Ok(Some(indexed))
}

/// So many of the three characters that stand in a text are looked for; the others are looked at in the contact.
const PIECES: usize = 24;

/// What is looked for in the index; `None` when it cannot know it.
fn pattern(part: &Part) -> Option<String> {
    let ways: Vec<String> = part.texts().map(pieces).collect::<Option<_>>()?;
    Some(ways.join(" OR "))
}

/// All that stands three characters long in a folded text; `None` for a shorter one.
fn pieces(text: &str) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let pieces = chars.windows(3).take(PIECES).map(|piece| {
        let piece: String = piece.iter().collect();
        format!("\"{}\"", piece.replace('"', "\"\""))
    });
    let pieces: Vec<String> = pieces.collect();
    (!pieces.is_empty()).then(|| format!("({})", pieces.join(" AND ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_looked_for_by_its_pieces() {
        let pattern = |text: &str| pattern(&Part::new(text).unwrap());
        assert_eq!(pattern("Тка\"ч").as_deref(), Some("(\"тка\" AND \"ка\"\"\" AND \"а\"\"ч\")"));
        assert_eq!(pattern("an"), None);
        assert_eq!(pattern("06-71").as_deref(), Some("(\"06-\" AND \"6-7\" AND \"-71\") OR (\"067\" AND \"671\")"));
        assert_eq!(pattern(&"abc".repeat(100)).unwrap().matches("AND").count(), PIECES - 1);
    }
}
