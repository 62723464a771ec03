//! `wf events`: sending events to the daemon, and looking at those that it has received.

mod list;
pub(super) mod parameter;
pub(super) mod read;
mod show;

use std::path::Path;

use clap::{Args, Subcommand, ValueEnum};
use runtime::client::{ClientError, FieldError, Sent};
use serde_json::value::RawValue;

use super::Ending;
use super::completions::names;
use super::daemon::{self, Daemon};
use super::failure::{Exit, Failure};
use super::terminal::{DOUBTFUL, GOOD, Terminal, WRONG};

/// Send events to the daemon, and look at those that it has received.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Send(Box<Send>),
    List(list::List),
    Show(show::Show),
}

/// Send an event, or a file of events, and wait until the daemon has durably taken it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Send {
    /// The event's type; or a file of whole events (`*.json`, `*.ndjson`, `*.jsonl`), or `-` for standard input.
    ///
    /// A file holds one event, an array of events, or events one after another. Each is an object as `POST /v1/events`
    /// takes it: `{"type": …, "id": …, "occurred_at": …, "params": {…}}`; `id` and `occurred_at` may be missing.
    #[arg(value_name = "TYPE|FILE|-", add = names::events())]
    what: String,
    /// The event's id. The daemon takes an id once: sending it again starts nothing.
    #[arg(long)]
    id: Option<String>,
    /// When it happened, RFC 3339 (`2026-11-24T09:30:00Z`); now unless set.
    #[arg(long, value_name = "TIME")]
    occurred_at: Option<String>,
    /// One parameter; may be given several times. Numbers, `true`, `false`, `null`, lists, records and texts in double
    /// quotes are read as JSON, anything else is text.
    #[arg(long = "param", value_name = "KEY=VALUE")]
    parameters: Vec<String>,
    /// All parameters as a JSON object: the object itself, `@FILE`, or `-` for standard input. `--param` adds to it.
    #[arg(long, value_name = "JSON|@FILE|-", allow_hyphen_values = true)]
    params: Option<String>,
    /// How to print what became of them.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    daemon: Daemon,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One line for each event.
    Text,
    /// The daemon's answer.
    Json,
}

const EXAMPLES: &str = r#"Examples:
  wf events send cart_abandoned --param email=ann@example.com --param total=250.00
  wf events send cart_abandoned --param 'order_id="1001"' --param 'items=[{"sku": "A-1"}]'
  wf events send cart_abandoned --id cart-17 --params @cart.json
  wf events send yesterday.ndjson

Exit code 1: the daemon did not take an event; it says why."#;

/// How many events go in one request at most; the daemon takes twice as many.
const AT_ONCE: usize = 500;

/// How many bytes go in one request, unless one event alone has more: well below what the daemon takes by default.
const BYTES_AT_ONCE: usize = 200_000;

pub(crate) fn run(command: Command, terminal: &Terminal) -> Ending {
    match command {
        Command::Send(arguments) => send(&arguments, terminal),
        Command::List(arguments) => list::list(&arguments, terminal),
        Command::Show(arguments) => show::show(&arguments, terminal),
    }
}

fn send(arguments: &Send, terminal: &Terminal) -> Ending {
    let events = match file(&arguments.what) {
        Some(path) => {
            if arguments.makes_one() {
                let message = "--id, --occurred-at, --param and --params make one event; a file holds whole events";
                return Err(Failure::usage(message).hint("give an event type in place of the file"));
            }
            read::events(path)?
        }
        None => vec![parameter::event(arguments)?],
    };
    let client = arguments.daemon.client(terminal)?;
    daemon::converse(async {
        let mut exit = Exit::Ok;
        let mut sent_before = 0;
        for batch in batches(&events) {
            let told = match client.send_events(batch).await {
                Ok(sent) => {
                    if !sent.rejected.is_empty() {
                        exit = Exit::Findings;
                    }
                    report(&sent, sent_before, arguments.format, terminal)
                }
                Err(ClientError::Refused(problem)) if matches!(problem.status, 400 | 413 | 415 | 422) => {
                    exit = Exit::Findings;
                    terminal.failure(&refusal(&problem, arguments));
                    Ok(())
                }
                Err(error) => Err(daemon::failure(error)),
            };
            told.map_err(|failure| match sent_before {
                0 => failure,
                before => failure.after(&format!("the first {before} events were sent")),
            })?;
            sent_before += batch.len();
        }
        Ok(exit)
    })
}

/// The events in requests that the daemon takes.
fn batches(mut events: &[Box<RawValue>]) -> impl Iterator<Item = &[Box<RawValue>]> {
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |length: &usize| {
            bytes += length + 1;
            bytes <= BYTES_AT_ONCE
        };
        let lengths = events.iter().take(AT_ONCE).map(|event| event.get().len());
        let count = lengths.take_while(fits).count().max(1);
        let (batch, rest) = events.split_at_checked(count)?;
        events = rest;
        Some(batch)
    })
}

impl Send {
    /// Whether an option was given that describes one event.
    fn makes_one(&self) -> bool {
        self.id.is_some() || self.occurred_at.is_some() || !self.parameters.is_empty() || self.params.is_some()
    }
}

/// The file of events that an argument names, if it is no event type.
fn file(what: &str) -> Option<&Path> {
    let endings = [".json", ".ndjson", ".jsonl"];
    (what == "-" || endings.iter().any(|ending| what.ends_with(ending))).then(|| Path::new(what))
}

fn report(sent: &Sent, sent_before: usize, format: Format, terminal: &Terminal) -> Result<(), Failure> {
    if format == Format::Json {
        return terminal.print(&sent.json);
    }
    let mut text = String::new();
    for event in &sent.accepted {
        let id = super::clean::one_line(&event.id);
        text.push_str(&if event.duplicate {
            format!("{} {id}: taken before, starts nothing again\n", terminal.paint(DOUBTFUL, "duplicate"))
        } else {
            format!("{} {id}\n", terminal.paint(GOOD, "accepted"))
        });
    }
    terminal.write(&text)?;
    for event in sent.accepted.iter().filter(|event| !event.ignored.is_empty()) {
        let names = event.ignored.join("`, `");
        terminal.warn(&format!("event `{}`: left out, for its type does not declare it: `{names}`", event.id));
    }
    for event in &sent.rejected {
        let number = event.index.map(|index| format!(" {}", sent_before + index + 1)).unwrap_or_default();
        let id = event.id.as_deref().map(|id| format!(" (`{id}`)")).unwrap_or_default();
        let detail = event.detail.as_deref().unwrap_or("it does not fit its type");
        let places: String = event.errors.iter().map(|error| format!("\n  {error}")).collect();
        let text = format!("event{number}{id} was refused: {detail}{places}");
        terminal.note(&format!("{}: {}", terminal.paint_note(WRONG, "error"), super::clean::clean(&text)));
    }
    Ok(())
}

/// What to say when the daemon took none of a request's events.
fn refusal(problem: &runtime::client::Problem, arguments: &Send) -> Failure {
    let failure = Failure::world(problem.to_string());
    match problem.errors.iter().find_map(|error| text_meant(error, &arguments.parameters)) {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// The way out where `--param KEY=1001` was read as a number and the event's type wants text.
fn text_meant(error: &FieldError, parameters: &[String]) -> Option<String> {
    let key = error.path.rsplit('.').next()?;
    let (key, value) = parameters.iter().filter_map(|text| text.split_once('=')).find(|(name, _)| *name == key)?;
    let bare = parameter::is_json(value) && !value.starts_with(['"', '{', '[']);
    bare.then(|| format!("`{value}` was read as JSON; to send it as text write --param '{key}=\"{value}\"'"))
}

/// Events as they go to the daemon.
type Events = Vec<Box<RawValue>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_stay_below_the_daemons_limits() {
        let event = |bytes: usize| RawValue::from_string(format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8))).unwrap();
        let sizes = |events: &[Box<RawValue>]| batches(events).map(<[_]>::len).collect::<Vec<_>>();
        let all = |count: usize, bytes| (0..count).map(|_| event(bytes)).collect::<Events>();
        assert_eq!(sizes(&[]), [0; 0]);
        assert_eq!(sizes(&all(1001, 10)), [500, 500, 1]);
        assert_eq!(sizes(&all(5, 99_999)), [2, 2, 1]);
        assert_eq!(sizes(&all(2, 300_000)), [1, 1]);
    }
}
