//! `wf webhooks`, `wf connectors`, `wf messages`, `wf workflows`: what the daemon's program declares, and what it no longer
//! does.

use clap::{Args, Subcommand};
use serde_json::Value;

use super::Ending;
use super::clean::{clean, one_line, time};
use super::daemon::{self, Daemon};
use super::failure::{Exit, Failure};
use super::listing::{self, Format, Shown};
use super::table::Table;
use super::terminal::{DOUBTFUL, STRONG, Terminal};

/// How many declarations are listed.
const DECLARATIONS: u32 = 1_000;

/// What there is to do with a kind of declaration.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    List(List),
    Show(Show),
}

/// List them by name.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wf webhooks list\n  wf webhooks list --deleted\n  wf workflows list --format json"
)]
pub(crate) struct List {
    /// Those that the program no longer has, with the program that had them last and when they went.
    #[arg(long)]
    deleted: bool,
    #[command(flatten)]
    shown: Shown,
}

/// Show one, also one that the program no longer has.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wf webhooks show welcome_code\n  wf connectors show promo_service")]
pub(crate) struct Show {
    /// Its name.
    name: String,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    daemon: Daemon,
}

/// A kind of declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Requests to other systems.
    Webhooks,
    /// Credentials.
    Connectors,
    /// Messages; the API calls them templates, for its messages are what was sent.
    Messages,
    /// Workflows.
    Workflows,
}

impl Kind {
    /// Its list in the API.
    fn path(self) -> &'static str {
        match self {
            Kind::Webhooks => "webhooks",
            Kind::Connectors => "connectors",
            Kind::Messages => "templates",
            Kind::Workflows => "workflows",
        }
    }

    /// The columns of its list: a heading, and the field of the answer that stands below it.
    fn columns(self, deleted: bool) -> &'static [(&'static str, &'static str)] {
        match (self, deleted) {
            (Kind::Webhooks, true) => &[
                ("WEBHOOK", "name"),
                ("REMOVED", "removed_at"),
                ("LAST IN PROGRAM", "last_program"),
                ("METHOD", "method"),
                ("HOST", "host"),
                ("LAST OUTCOME", "usage.last"),
            ],
            (_, true) => &[("NAME", "name"), ("REMOVED", "removed_at"), ("LAST IN PROGRAM", "last_program")],
            (Kind::Webhooks, false) => &[
                ("WEBHOOK", "name"),
                ("METHOD", "method"),
                ("HOST", "host"),
                ("CONNECTOR", "connector"),
                ("CALLED BY", "workflows"),
                ("LAST OUTCOME", "usage.last"),
                ("FAILED", "usage.error_rate"),
            ],
            (Kind::Connectors, false) => &[
                ("CONNECTOR", "name"),
                ("KIND", "kind"),
                ("SECRETS", "secrets"),
                ("HOSTS", "hosts"),
                ("WEBHOOKS", "webhooks"),
                ("CHANNELS", "channels"),
            ],
            (Kind::Messages, false) => &[
                ("MESSAGE", "name"),
                ("GOES BY", "channels"),
                ("SENT BY", "workflows"),
                ("LAST OUTCOME", "usage.last"),
                ("FAILED", "usage.error_rate"),
            ],
            (Kind::Workflows, false) => &[
                ("WORKFLOW", "name"),
                ("STARTS ON", "triggers"),
                ("ENTERED", "reentry"),
                ("STEPS", "steps"),
                ("CALLS", "calls"),
                ("SENDS", "sends"),
            ],
        }
    }
}

pub(crate) fn run(kind: Kind, command: &Command, terminal: &Terminal) -> Ending {
    match command {
        Command::List(arguments) => list(kind, arguments, terminal),
        Command::Show(arguments) => show(kind, arguments, terminal),
    }
}

fn list(kind: Kind, arguments: &List, terminal: &Terminal) -> Ending {
    let shown = &arguments.shown;
    let client = shown.daemon.client(terminal)?;
    daemon::converse(async {
        let filter: &[(&str, &str)] = if arguments.deleted { &[("deleted", "true")] } else { &[] };
        let list =
            client.list(&["v1", kind.path()], filter, shown.size(DECLARATIONS)).await.map_err(daemon::failure)?;
        let table = || {
            let columns = kind.columns(arguments.deleted);
            let mut table = Table::new(&columns.iter().map(|(heading, _)| *heading).collect::<Vec<_>>());
            for item in &list.items {
                let item: Value = client.understand(item.get()).map_err(daemon::failure)?;
                let cells: Vec<String> = columns.iter().map(|(_, path)| cell(&item, path)).collect();
                table.row(cells.iter().map(String::as_str));
            }
            Ok(table)
        };
        let none = if arguments.deleted { "nothing of the kind was removed" } else { "the program has none" };
        listing::print(&list, shown.format, table, (none, shown.limit(DECLARATIONS)), terminal)
    })
}

fn show(kind: Kind, arguments: &Show, terminal: &Terminal) -> Ending {
    let client = arguments.daemon.client(terminal)?;
    daemon::converse(async {
        let json = client.show(&["v1", kind.path(), &arguments.name]).await.map_err(|error| {
            let unknown = error.status() == Some(404);
            let failure: Failure = daemon::failure(error);
            match kind {
                Kind::Messages if unknown => failure.hint("`wf messages list` shows those of the daemon's program"),
                kind if unknown => {
                    failure.hint(format!("`wf {} list` shows those of the daemon's program", kind.path()))
                }
                _ => failure,
            }
        })?;
        if arguments.format == Format::Json {
            terminal.print(&json)?;
            return Ok(Exit::Ok);
        }
        let item: Value = client.understand(&json).map_err(daemon::failure)?;
        terminal.print(&draw(&item, terminal))?;
        Ok(Exit::Ok)
    })
}

/// What stands under a path of names, for a cell.
fn cell(item: &Value, path: &str) -> String {
    let mut value = Some(item);
    for name in path.split('.') {
        value = value.and_then(|value| value.get(name));
    }
    let Some(value) = value else { return String::new() };
    match path {
        "usage.last" => last(value),
        "usage.error_rate" => value.as_f64().map(percent).unwrap_or_default(),
        "last_program" => value.as_str().and_then(|hash| hash.get(..12)).unwrap_or_default().to_owned(),
        "removed_at" => time(value.as_str().unwrap_or_default()).into_owned(),
        _ => shown(value),
    }
}

/// A value in words.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => time(text).into_owned(),
        Value::Number(number) => number.to_string(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => match (fields.get("name"), fields.get("set")) {
            (Some(name), Some(Value::Bool(set))) if !set => format!("{} (not set)", shown(name)),
            (Some(name), Some(_)) => shown(name),
            _ => {
                let fields = fields.iter().map(|(name, value)| (name.replace('_', " "), shown(value)));
                let fields = fields.filter(|(_, value)| !value.is_empty());
                fields.map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
            }
        },
    }
}

fn percent(rate: f64) -> String {
    let percent = rate * 100.0;
    if percent == 0.0 || percent >= 10.0 { format!("{percent:.0} %") } else { format!("{percent:.1} %") }
}

/// How the last attempt went.
fn last(value: &Value) -> String {
    let field = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    if field("outcome").is_empty() {
        return String::new();
    }
    let error = value.get("error").and_then(|error| error.get("message")).and_then(Value::as_str);
    let error = error.map(|error| format!(": {error}")).unwrap_or_default();
    format!("{} {}{error}", time(field("at")), field("outcome"))
}

/// A declaration on paper.
fn draw(item: &Value, terminal: &Terminal) -> String {
    let name = item.get("name").map(shown).unwrap_or_default();
    let mut text = format!("{}\n", terminal.paint(STRONG, one_line(&name)));
    if item.get("deleted") == Some(&Value::Bool(true)) {
        text.push_str(&format!("  {}\n", terminal.paint(DOUBTFUL, "the program no longer has it")));
    }
    for (key, value) in item.as_object().into_iter().flatten() {
        let line = match (key.as_str(), value) {
            ("name" | "deleted" | "graph" | "parts", _) | (_, Value::Null) => continue,
            ("usage", usage) => {
                usage_lines(usage, &mut text);
                continue;
            }
            (_, value) => shown(value),
        };
        if !line.is_empty() {
            text.push_str(&format!("  {:<18} {}\n", key.replace('_', " "), one_line(&line)));
        }
    }
    for (channel, parts) in item.get("parts").and_then(Value::as_object).into_iter().flatten() {
        for (part, source) in parts.as_object().into_iter().flatten() {
            text.push_str(&format!("\n{}\n", terminal.paint(STRONG, one_line(&format!("{channel}.{part}")))));
            for line in clean(source.as_str().unwrap_or_default()).lines() {
                text.push_str(&format!("  {line}\n"));
            }
        }
    }
    if let Some(graph) = item.get("graph").and_then(|graph| graph.get("mermaid")).and_then(Value::as_str) {
        text.push('\n');
        text.push_str(&clean(graph));
    }
    text
}

fn usage_lines(usage: &Value, text: &mut String) {
    let number = |name: &str| usage.get(name).and_then(Value::as_u64).unwrap_or_default();
    let last = usage.get("last").map(last).unwrap_or_default();
    if !last.is_empty() {
        text.push_str(&format!("  {:<18} {}\n", "last outcome", one_line(&last)));
    }
    let rate = usage.get("error_rate").and_then(Value::as_f64).map(percent).unwrap_or_default();
    let since = usage.get("since").and_then(Value::as_str).unwrap_or_default();
    if number("attempts") > 0 {
        let counted = format!("{} of {} attempts since {}", number("failed"), number("attempts"), time(since));
        text.push_str(&format!("  {:<18} {rate}, {counted}\n", "failed"));
    }
}
