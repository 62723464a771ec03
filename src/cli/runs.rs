//! `wf runs`: what the daemon's runs did.

pub(super) mod show;

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use runtime::client::{ClientError, RunFilter, RunRow, Text};

use super::Ending;
use super::clean::{clean, time};
use super::completions::names;
use super::daemon::{self, Daemon};
use super::failure::{Exit, Failure};
use super::listing::{self, Format, RECORDS, Shown};
use super::table::Table;
use super::terminal::Terminal;

/// Look at the daemon's runs, and let them go on.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    List(List),
    Show(Show),
    Retry(Retry),
    Cancel(Cancel),
}

/// End runs where they stand. A request that is on its way is not called back.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wf runs cancel 1207-9f3a01bc")]
pub(crate) struct Cancel {
    /// The runs, as `wf runs list` shows them.
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    /// How to print what became of them.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    daemon: Daemon,
}

/// Let runs go on that have failed, are parked (their reason code begins with `parked_`) or rest between two attempts.
///
/// A run that has failed goes back to the statement that failed, on the program that it began on, and keeps what it has done
/// and learned before. A call is made with the same idempotency key and its whole number of attempts; one that fails again ends
/// the run again. A host whose calls are paused is tried with the first of them.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wf runs retry 1207-9f3a01bc\n  wf runs list --status failed --format json | jq -r .items[].id | xargs wf runs retry"
)]
pub(crate) struct Retry {
    /// The runs, as `wf runs list` shows them.
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    /// How to print what became of them.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    daemon: Daemon,
}

/// List runs, the newest first.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wf runs list --status failed,waiting\n  wf runs list --workflow welcome --contact email=ann@example.com --from 2026-11-24"
)]
pub(crate) struct List {
    /// Only of this workflow.
    #[arg(long, add = names::workflows())]
    workflow: Option<String>,
    /// Only those that stand so; may be given several times.
    #[arg(long, value_enum, value_delimiter = ',')]
    status: Vec<Status>,
    /// Only of this contact: its number, or an identifier as `email=ann@example.com`.
    #[arg(long, value_name = "ID|KEY=VALUE")]
    contact: Option<String>,
    /// Only those that began at this time or later: `2026-11-24T09:30:00Z`, or the beginning of a day (UTC): `2026-11-24`.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    from: Option<String>,
    /// Only those that began before this time.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    to: Option<String>,
    #[command(flatten)]
    shown: Shown,
}

/// Show a run: its steps, and every request and response with headers and body.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wf runs show 1207-9f3a01bc\n  wf runs show 1207-9f3a01bc --format json")]
pub(crate) struct Show {
    /// The run, as `wf runs list` shows it.
    id: String,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    daemon: Daemon,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Status {
    Running,
    Waiting,
    Completed,
    Stopped,
    Exited,
    Failed,
    Cancelled,
}

/// A time that the daemon understands.
fn moment(text: &str) -> Result<String, String> {
    if text.parse::<Timestamp>().is_ok() {
        return Ok(text.to_owned());
    }
    match text.parse::<Date>() {
        Ok(day) if text.len() == 10 => Ok(format!("{day}T00:00:00Z")),
        _ => Err("a time is written `2026-11-24T09:30:00Z`, a day `2026-11-24`".to_owned()),
    }
}

pub(crate) fn run(command: Command, terminal: &Terminal) -> Ending {
    match command {
        Command::List(arguments) => list(&arguments, terminal),
        Command::Show(arguments) => show(&arguments, terminal),
        Command::Retry(Retry { ids, format, daemon }) => each(&ids, format, &daemon, Deed::Retry, terminal),
        Command::Cancel(Cancel { ids, format, daemon }) => each(&ids, format, &daemon, Deed::Cancel, terminal),
    }
}

fn list(arguments: &List, terminal: &Terminal) -> Ending {
    let shown = &arguments.shown;
    let client = shown.daemon.client(terminal)?;
    let names = arguments.status.iter().filter_map(|status| Some(status.to_possible_value()?.get_name().to_owned()));
    let filter = RunFilter {
        workflow: arguments.workflow.clone(),
        status: names.collect(),
        contact: arguments.contact.clone(),
        from: arguments.from.clone(),
        to: arguments.to.clone(),
    };
    daemon::converse(async {
        let list = client.runs(&filter, shown.size(RECORDS)).await.map_err(daemon::failure)?;
        let none = match &arguments.workflow {
            Some(_) => "there is no such run; `wf workflows list` shows the workflows",
            None => "there is no such run",
        };
        let none = (none, shown.limit(RECORDS));
        listing::print(&list.listing, shown.format, || Ok(table(&list.rows)), none, terminal)
    })
}

fn table(runs: &[RunRow]) -> Table {
    let mut table = Table::new(&["RUN", "WORKFLOW", "STATUS", "CONTACT", "EVENT", "STARTED", "REASON"]);
    for run in runs {
        let started = time(run.started_at.as_str());
        let [id, workflow, status, contact, event, reason] =
            [&run.id, &run.workflow, &run.status, &run.contact, &run.event, &run.reason].map(Text::as_str);
        table.row([id, workflow, status, contact, event, &started, reason]);
    }
    table
}

fn show(arguments: &Show, terminal: &Terminal) -> Ending {
    let client = arguments.daemon.client(terminal)?;
    daemon::converse(async {
        let run = client.run(&arguments.id).await.map_err(daemon::failure)?;
        match arguments.format {
            Format::Json => terminal.print(&run.json)?,
            Format::Table => terminal.print(&show::draw(&run, terminal))?,
        }
        Ok(Exit::Ok)
    })
}

/// What is done to a run.
#[derive(Clone, Copy)]
enum Deed {
    Retry,
    Cancel,
}

/// Does something to each of some runs.
fn each(ids: &[String], format: Format, daemon: &Daemon, deed: Deed, terminal: &Terminal) -> Ending {
    let client = daemon.client(terminal)?;
    daemon::converse(async {
        let mut exit = Exit::Ok;
        for id in ids {
            let (done, told) = match deed {
                Deed::Retry => (client.retry_run(id).await, "goes on"),
                Deed::Cancel => (client.cancel_run(id).await, "is cancelled"),
            };
            match done {
                Ok((_, json)) if format == Format::Json => terminal.print(&json)?,
                Ok(_) => terminal.print(&format!("{} {told}", clean(id)))?,
                // The others are tried all the same.
                Err(ClientError::Refused(problem)) if matches!(problem.status, 404 | 409) => {
                    // What is not there ends as it does with `show`.
                    exit = if problem.status == 404 || exit == Exit::World { Exit::World } else { Exit::Findings };
                    terminal.failure(&Failure::world(format!("{}: {problem}", clean(id))));
                }
                Err(error) => return Err(daemon::failure(error)),
            }
        }
        Ok(exit)
    })
}
