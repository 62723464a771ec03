//! An index for each segment, over all that its condition looks at: the members are found in it alone, without a look at the
//! contacts. It says nothing of its own and is made and dropped with the program.

use std::collections::BTreeSet;

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::super::fault::Fault;
use super::atom::looks;
use super::{Compiling, Conditions, conditions};
use crate::hex;
use crate::machine::LoadedProgram;

/// What the names of these indexes begin with.
const PREFIX: &str = "segment_";

/// So many fields an index has at most; a segment of more is searched for in the contacts.
const FIELDS: usize = 12;

/// So many segments have an index, by name; each costs a little whenever a contact changes.
const INDEXES: usize = 32;

/// Of more contacts no index is made: that would hold up everybody for seconds.
const CONTACTS: i64 = 2_000_000;

/// The index of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Index {
    pub(in super::super) name: String,
    looks: Vec<String>,
}

impl Index {
    /// The index of a segment with these conditions; `None` when its condition looks at something else, too.
    pub(in super::super) fn of(program: &LoadedProgram, segment: &str, conditions: &Conditions) -> Option<Index> {
        let Conditions { narrow, wide } = conditions;
        let lists = [narrow, wide].into_iter().any(|sql| sql.contains("json_each("));
        if lists || wide == "true" || wide == "false" {
            return None;
        }
        let mut fields = BTreeSet::new();
        let condition = &program.ir.segments.get(segment)?.condition;
        Compiling { program: &program.ir, unknown: "true" }.fields(condition, 0, &mut fields);
        let looks = fields.iter().flat_map(|field| looks(field));
        let looks: Vec<String> = looks.filter(|look| narrow.contains(look) || wide.contains(look)).collect();
        if looks.is_empty() || fields.len() > FIELDS {
            return None;
        }
        let digest = Sha256::digest(looks.join(",").as_bytes());
        let mut name = PREFIX.to_owned();
        hex::push(&mut name, digest.get(..8).unwrap_or_default());
        // What is kept of its own columns beside the fields is in the contact.
        let own = ["created_at", "updated_at"].into_iter().filter(|column| wide.contains(column)).map(str::to_owned);
        Some(Index { name, looks: looks.into_iter().chain(own).collect() })
    }

    /// Whether it is there.
    pub(in super::super) fn exists(&self, connection: &Connection) -> Result<bool, Fault> {
        let sql = "SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?1";
        Ok(connection.prepare_cached(sql)?.exists([&self.name])?)
    }
}

/// Makes the next index that a program's segments want, after dropping those that they do not; `false` when there is none
/// left to make.
pub(in super::super) fn keep(connection: &Connection, program: &LoadedProgram) -> Result<bool, Fault> {
    let segments = program.ir.segments.keys();
    let wanted = segments.filter_map(|name| Index::of(program, name, &conditions(program, name)?)).take(INDEXES);
    let wanted: Vec<Index> = wanted.collect();
    let kept: Vec<String> = connection
        .prepare_cached("SELECT name FROM sqlite_schema WHERE type = 'index' AND name GLOB 'segment_*'")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for name in kept.iter().filter(|name| wanted.iter().all(|index| index.name != **name)) {
        connection.execute_batch(&format!("DROP INDEX {name}"))?;
    }
    let contacts: i64 =
        connection.prepare_cached("SELECT coalesce(max(id), 0) FROM contact")?.query_row([], |row| row.get(0))?;
    let missing = wanted.iter().find(|index| contacts <= CONTACTS && !kept.contains(&index.name));
    let Some(Index { name, looks }) = missing else { return Ok(false) };
    connection.execute_batch(&format!("CREATE INDEX {name} ON contact ({})", looks.join(", ")))?;
    Ok(true)
}
