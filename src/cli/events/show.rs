//! `wf events show`: an event, the runs that it started, and why it started others not.

use std::fmt::Write as _;

use clap::Args;
use runtime::client::ReceivedEvent;

use super::super::Ending;
use super::super::clean::{clean, one_line, time};
use super::super::daemon::{self, Daemon};
use super::super::decisions;
use super::super::failure::Exit;
use super::super::listing::Format;
use super::super::terminal::{STRONG, Terminal};

/// Show an event that was received: its parameters, the runs that it started, and what kept it out of workflows.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wf events show cart-17")]
pub(crate) struct Show {
    /// The event, as `wf events list` shows it.
    id: String,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    daemon: Daemon,
}

pub(super) fn show(arguments: &Show, terminal: &Terminal) -> Ending {
    let client = arguments.daemon.client(terminal)?;
    daemon::converse(async {
        let (event, json) = client.event(&arguments.id).await.map_err(daemon::failure)?;
        match arguments.format {
            Format::Json => terminal.print(&json)?,
            Format::Table => terminal.print(&draw(&event, terminal))?,
        }
        Ok(Exit::Ok)
    })
}

fn draw(event: &ReceivedEvent, terminal: &Terminal) -> String {
    let title = format!("event {}", one_line(event.id.as_str()));
    let mut text = format!("{}  {}\n", terminal.paint(STRONG, title), one_line(event.kind.as_str()));
    let runs = event.runs.join(", ");
    let facts = [
        ("received", &*time(event.received_at.as_str())),
        ("happened", &*time(event.occurred_at.as_str())),
        ("program", event.program.as_str()),
        ("started", &runs),
    ];
    for (name, value) in facts.into_iter().filter(|(_, value)| !value.is_empty()) {
        // Writing to a `String` does not fail; so in all of this module.
        let _ = writeln!(text, "  {name:<8} {}", one_line(value));
    }
    let _ = writeln!(text, "  params   {}", clean(event.params.as_str()));
    for kept in &event.kept_out {
        let (workflow, code) = (one_line(kept.workflow.as_str()), one_line(kept.reason_code.as_str()));
        let _ = writeln!(text, "  kept out of {workflow}: {code}");
        text.push_str(&decisions::draw(&kept.decisions, 4, terminal));
    }
    text
}
