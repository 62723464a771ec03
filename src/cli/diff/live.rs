//! What runs: the program of a daemon, and how many runs stand at each of its steps.

use std::collections::BTreeMap;

use compiler::diff::{Diff, Slug};
use compiler::ir::Program;
use runtime::client::{Client, Standings};

use super::side::Side;
use crate::cli::daemon::{converse, failure};
use crate::cli::failure::{Exit, Failure};
use crate::cli::terminal::Terminal;

/// A daemon's program as a side, and where its runs stand.
pub(super) fn ask(url: &str, token: Option<&str>, terminal: &Terminal) -> Result<(Side, Standings), Failure> {
    let client = Client::new(url, token.filter(|token| !token.is_empty())).map_err(failure)?;
    if client.shows_token_to_network() {
        terminal.warn(&format!("the token goes to {} unencrypted; use https", client.address()));
    }
    let mut found = None;
    converse(async {
        let program = client.running_program().await.map_err(failure)?;
        found = Some((program, client.standings().await.map_err(failure)?));
        Ok(Exit::Ok)
    })?;
    let name = format!("what runs at {}", client.address());
    let Some((Some(json), standings)) = found else {
        return Err(Failure::world(format!("no program runs at {}", client.address())));
    };
    let program = Program::from_json(&json).map_err(|error| Failure::caused(Exit::World, &error))?;
    Ok((Side::compiled(name, program), standings))
}

/// Notes at each change of a step how many runs stand there.
pub(super) fn count(diff: &mut Diff, standings: &Standings) {
    let mut at_step: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let mut in_workflow: BTreeMap<&str, u64> = BTreeMap::new();
    for it in &standings.items {
        *in_workflow.entry(&it.workflow).or_default() += it.runs;
        if let Some(step) = &it.step {
            *at_step.entry((&it.workflow, step)).or_default() += it.runs;
        }
    }
    // Changes name a workflow as it is called now; its runs know it by its old name.
    let renamed: BTreeMap<String, String> = diff
        .changes
        .iter()
        .filter(|change| change.slug == Slug::WorkflowRenamed)
        .filter_map(|change| Some((change.after.clone()?, change.before.clone()?)))
        .collect();
    for change in &mut diff.changes {
        let named = change.workflow.as_deref().map(|name| renamed.get(name).map_or(name, String::as_str));
        let Some(workflow) = named else { continue };
        let runs = match (&change.was_at, change.slug) {
            (Some(step), _) => at_step.get(&(workflow, step.as_str())),
            (None, Slug::WorkflowRemoved | Slug::WorkflowRenamed) => in_workflow.get(workflow),
            (None, _) => continue,
        };
        change.waiting = Some(runs.copied().unwrap_or(0));
    }
}

/// What becomes of runs that stand at a step.
pub(super) fn told(runs: u64) -> String {
    match runs {
        1 => "1 run stands here and ends on the old program".to_owned(),
        runs => format!("{runs} runs stand here and end on the old program"),
    }
}

/// All runs that go on, in one line.
pub(super) fn summary(standings: &Standings) -> String {
    let runs: u64 = standings.items.iter().map(|it| it.runs).sum();
    let programs: std::collections::BTreeSet<&str> = standings.items.iter().map(|it| it.program.as_str()).collect();
    let more = if standings.truncated { "more than " } else { "" };
    format!("{more}{runs} runs go on, on {} programs: each ends on its own\n", programs.len())
}
