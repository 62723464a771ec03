//! `wf send-test`: one real request, looked at before and after.

mod advice;
mod choose;
mod paper;
mod record;

use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use runtime::client::{Client, ClientError, Trial};
use serde_json::value::{RawValue, to_raw_value};

use super::Ending;
use super::completions::names;
use super::daemon::{self, Daemon};
use super::failure::{Exit, Failure};
use super::input;
use super::terminal::Terminal;

/// Send one real request of a webhook, with the card of a contact and an event of your choice.
///
/// Shows the request as it will go out, secrets masked, and asks before it is sent. Then it shows status, headers, body and
/// times, and whether the body is what the webhook `returns`. The request is built and guarded as in a run, by the daemon's
/// program; no run, no contact and no history knows of it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The webhook; or a channel, with --message.
    #[arg(add = names::requests())]
    webhook: String,
    /// Whose card the request reads: `id=7`, `email=…`, `phone=…`, `external_id=…`, or a part of a name to search for. Without
    /// one: the contact of the event.
    #[arg(long, value_name = "KEY=VALUE|TEXT", conflicts_with_all = ["contact_file", "segment"])]
    contact: Option<String>,
    /// A contact that is kept nowhere: a JSON object of its fields; `-` for standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "segment")]
    contact_file: Option<PathBuf>,
    /// Show the contacts of a segment and ask which.
    #[arg(long, add = names::segments())]
    segment: Option<String>,
    /// An event that the daemon has received, by its id.
    #[arg(long, value_name = "ID", conflicts_with_all = ["last", "event"])]
    event_id: Option<String>,
    /// The last event of this type that the daemon has received.
    #[arg(long, value_name = "TYPE", add = names::events(), conflicts_with = "event")]
    last: Option<String>,
    /// An event from a file, as `POST /v1/events` takes it: {"type": …, "params": {…}}; `-` for standard input.
    #[arg(long, value_name = "FILE|-")]
    event: Option<PathBuf>,
    /// Answers of earlier calls that the request reads: a JSON object of them by name, or `@FILE`. Those of the event's run
    /// are known.
    #[arg(long, value_name = "JSON|@FILE")]
    data: Option<String>,
    /// The parts of the message that a channel carries: a JSON object, or `@FILE`.
    #[arg(long, value_name = "JSON|@FILE")]
    message: Option<String>,
    /// Show the request and send nothing.
    #[arg(long, conflicts_with_all = ["yes", "record"])]
    dry_run: bool,
    /// Do not ask.
    #[arg(long, short)]
    yes: bool,
    /// Write the answer down as a `stub` for tests: into the file, or `recorded/WEBHOOK.wf` in the project.
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    record: Option<Option<PathBuf>>,
    /// How to print what came of it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    daemon: Daemon,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// As the API answers it.
    Json,
}

const EXAMPLES: &str = r#"Examples:
  wf send-test WH5 --last cart_abandoned
  wf send-test WH5 --contact email=ann@example.com --event cart.json
  wf send-test WH5 --segment regulars --event-id 1001
  wf send-test WH5 --contact "ann sm" --last cart_abandoned --yes --record

Exit code 1: the call would have failed in a run, as its answer shows."#;

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Ending {
    let client = arguments.daemon.client(terminal)?;
    daemon::converse(async {
        let mut order = order(arguments)?;
        if let Some(contact) = choose::contact(arguments, &client, terminal).await? {
            order.set("contact", contact);
        }
        if let Some(kind) = &arguments.last {
            order.set("event_id", choose::last_event(kind, &client).await?);
        }
        order.set("dry_run", true);
        let (planned, planned_json) = ask(&client, arguments, &order).await?;
        let json = arguments.format == Format::Json;
        if arguments.dry_run {
            terminal.print(&if json { planned_json } else { paper::request(&planned, terminal) })?;
            return Ok(if planned.error.is_some() { Exit::Findings } else { Exit::Ok });
        }
        // Before a person is asked, the person sees it; the result that is printed later is for programs alone.
        match json {
            true if !arguments.yes => terminal.note(&paper::request(&planned, terminal)),
            true => {}
            false => terminal.print(&paper::request(&planned, terminal))?,
        }
        if planned.error.is_some() {
            return Ok(Exit::Findings);
        }
        if !arguments.yes && !agreed(&planned, terminal)? {
            terminal.note("nothing was sent");
            return Ok(Exit::Ok);
        }
        order.set("dry_run", false);
        let (trial, trial_json) = ask(&client, arguments, &order).await?;
        terminal.print(&if json { trial_json } else { paper::outcome(&trial, terminal) })?;
        if let Some(file) = &arguments.record {
            record::write(file.as_deref(), &trial, terminal)?;
        }
        Ok(if trial.error.is_some() { Exit::Findings } else { Exit::Ok })
    })
}

/// What is asked of the daemon: fields and JSON. What was read stays as it was written, to the last digit of a number.
#[derive(Default)]
struct Order(BTreeMap<&'static str, Box<RawValue>>);

impl Order {
    fn set(&mut self, key: &'static str, value: impl serde::Serialize) {
        // Only plain data is set, which can be written.
        if let Ok(value) = to_raw_value(&value) {
            self.0.insert(key, value);
        }
    }

    fn to_json(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_default()
    }
}

/// What is asked, apart from the contact and what has to be looked up.
fn order(arguments: &Arguments) -> Result<Order, Failure> {
    let mut order = Order::default();
    if let Some(path) = &arguments.contact_file {
        let fields = object(&input::name(path), &input::text(path)?)?;
        order.set("contact", json_object("fields", fields));
    }
    if let Some(id) = &arguments.event_id {
        order.set("event_id", id);
    }
    if let Some(path) = &arguments.event {
        order.set("event", object(&input::name(path), &input::text(path)?)?);
    }
    for (key, given) in [("data", &arguments.data), ("message", &arguments.message)] {
        let Some(given) = given else { continue };
        let value = match given.strip_prefix('@') {
            Some(path) => object(path, &input::text(path.as_ref())?)?,
            None => object(&format!("--{key}"), given)?,
        };
        order.set(key, value);
    }
    Ok(order)
}

fn json_object(key: &'static str, value: Box<RawValue>) -> BTreeMap<&'static str, Box<RawValue>> {
    BTreeMap::from([(key, value)])
}

/// A JSON object as it is written.
fn object(name: &str, text: &str) -> Result<Box<RawValue>, Failure> {
    let value: Box<RawValue> = serde_json::from_str(text)
        .map_err(|error| Failure::usage(format!("`{name}` does not hold the expected JSON: {error}")))?;
    match value.get().starts_with('{') {
        true => Ok(value),
        false => Err(Failure::usage(format!("`{name}` does not hold a JSON object"))),
    }
}

async fn ask(client: &Client, arguments: &Arguments, order: &Order) -> Result<(Trial, String), Failure> {
    let path = ["v1", "webhooks", &arguments.webhook, "test"];
    let json = client.post(&path, order.to_json()).await.map_err(|error| refused(error, arguments))?;
    let trial = client.understand(&json).map_err(daemon::failure)?;
    Ok((trial, json))
}

/// What to do when the daemon says no.
fn refused(error: ClientError, arguments: &Arguments) -> Failure {
    let hint = match &error {
        ClientError::Refused(problem) if problem.kind.ends_with(":test-incomplete") => {
            let detail = problem.detail.as_deref().unwrap_or_default();
            if detail.contains("`event") {
                Some("choose an event: --last TYPE, --event-id ID or --event FILE")
            } else if detail.contains("`contact") {
                Some("choose a contact: --contact email=…, --segment NAME or --contact-file FILE")
            } else if detail.contains("`data") {
                Some(
                    "choose an event whose run has called it (--event-id ID), or give the answer: --data '{\"NAME\": …}'",
                )
            } else {
                Some("give the parts of the message: --message '{\"text\": …}'")
            }
        }
        ClientError::Refused(problem) if problem.kind.ends_with(":unknown-webhook") => {
            Some("`wf webhooks list` shows those of the daemon's program")
        }
        ClientError::Refused(problem) if problem.kind.ends_with(":unknown-event") && arguments.event_id.is_some() => {
            Some("`wf events list` shows the events that were received lately")
        }
        _ => None,
    };
    let failure = daemon::failure(error);
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Asks whether to send.
fn agreed(planned: &Trial, terminal: &Terminal) -> Result<bool, Failure> {
    let question = format!("send it to {}? [y/N] ", paper::host(planned));
    let answer = asked(&question, terminal)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// A line that a person answers a question with. Refuses where there is nobody to ask.
fn asked(question: &str, terminal: &Terminal) -> Result<String, Failure> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Failure::usage("nothing was sent: there is no terminal to ask on")
            .hint("give --yes to send it without a question, or --dry-run to see the request"));
    }
    let mut stream = std::io::stderr().lock();
    let _ = write!(stream, "{}", terminal.paint_note(super::terminal::STRONG, question));
    let _ = stream.flush();
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(|error| Failure::file("cannot read the answer", &error))?;
    Ok(line)
}
