//! Where runs stand that have not ended, counted.

use std::collections::BTreeMap;

use compiler::ir::ProgramHash;
use rusqlite::Connection;

use super::column::Hash;
use super::fault::Fault;
use crate::store::Standing;

/// Runs that have not ended, after a number, counted by workflow, program and step; and where to go on.
pub(super) fn standings(
    connection: &Connection,
    after: i64,
    limit: usize,
) -> Result<(Vec<Standing>, Option<i64>), Fault> {
    let mut programs: BTreeMap<i64, ProgramHash> = BTreeMap::new();
    let mut hashes = connection.prepare_cached("SELECT hash FROM program WHERE number = ?1")?;
    let mut counted: BTreeMap<(String, i64, Option<String>), u64> = BTreeMap::new();
    let (mut last, mut seen) = (after, 0_usize);
    let mut statement = connection.prepare_cached(
        "SELECT r.number, r.workflow, r.program, s.saved ->> '$.steps[#-1].id'
         FROM run AS r INDEXED BY run_unfinished LEFT JOIN run_state AS s ON s.run = r.number
         WHERE r.status < 2 AND r.number > ?1 ORDER BY r.number LIMIT ?2",
    )?;
    let mut rows = statement.query((after, i64::try_from(limit).unwrap_or(i64::MAX)))?;
    while let Some(row) = rows.next()? {
        last = row.get(0)?;
        seen += 1;
        let program: i64 = row.get(2)?;
        if let std::collections::btree_map::Entry::Vacant(entry) = programs.entry(program) {
            entry.insert(hashes.query_row([program], |row| Ok(row.get::<_, Hash>(0)?.0))?);
        }
        *counted.entry((row.get(1)?, program, row.get(3)?)).or_default() += 1;
    }
    let standings = counted.into_iter().filter_map(|((workflow, program, step), runs)| {
        Some(Standing { workflow, program: programs.get(&program)?.clone(), step, runs })
    });
    Ok((standings.collect(), (seen == limit).then_some(last)))
}
