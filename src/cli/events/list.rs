//! `wf events list`: what the daemon has received.

use clap::Args;
use serde_json::Value;

use super::super::Ending;
use super::super::clean::time;
use super::super::completions::names;
use super::super::daemon;
use super::super::listing::{self, RECORDS, Shown};
use super::super::table::Table;
use super::super::terminal::Terminal;

/// List received events, the newest first, with the runs that they started.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wf events list --type cart_abandoned\n  wf events list --contact 17 --format json"
)]
pub(crate) struct List {
    /// Only of this type.
    #[arg(long = "type", value_name = "TYPE", add = names::events())]
    kind: Option<String>,
    /// Only those that started a run of this contact, by its number.
    #[arg(long, value_name = "ID")]
    contact: Option<String>,
    #[command(flatten)]
    shown: Shown,
}

pub(super) fn list(arguments: &List, terminal: &Terminal) -> Ending {
    let shown = &arguments.shown;
    let client = shown.daemon.client(terminal)?;
    daemon::converse(async {
        let named = [("type", &arguments.kind), ("contact", &arguments.contact)];
        let filter: Vec<(&str, &str)> =
            named.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
        let list = client.list(&["v1", "events"], &filter, shown.size(RECORDS)).await.map_err(daemon::failure)?;
        let table = || {
            let mut table = Table::new(&["EVENT", "TYPE", "RECEIVED", "STARTED", "KEPT OUT OF"]);
            for item in &list.items {
                let event: Value = client.understand(item.get()).map_err(daemon::failure)?;
                let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
                let items = |name: &str| event.get(name).and_then(Value::as_array).into_iter().flatten();
                let runs: Vec<&str> = items("runs").filter_map(Value::as_str).collect();
                let word =
                    |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
                let kept_out: Vec<String> = items("kept_out")
                    .map(|kept| format!("{} ({})", word(kept, "workflow"), word(kept, "reason_code")))
                    .collect();
                let cells =
                    [text("id"), text("type"), &time(text("received_at")), &runs.join(", "), &kept_out.join(", ")];
                table.row(cells);
            }
            Ok(table)
        };
        let none = ("there is no such event", shown.limit(RECORDS));
        listing::print(&list, shown.format, table, none, terminal)
    })
}
