//! `wf audit`: which data leaves to where.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use compiler::audit::{Audit, Destination, Flow, Place, Reach, Source};
use compiler::diff::spoken;
use serde_json::json;
use smol_str::SmolStr;

use super::Ending;
use super::diff::side::Given;
use super::failure::Exit;
use super::project;
use super::table::Table;
use super::terminal::Terminal;

/// Show which fields of contacts and events go to which host or message, where in the request, and with which connector.
///
/// Derived from the compiled program, also over fields that a `set` or an `emit` copied; `?` marks what may flow and cannot be
/// told apart. What only decides a way, such as a condition, flows nowhere. Of a day a message counts that may begin in it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wf audit\n  wf audit --against main --format csv")]
pub(crate) struct Arguments {
    /// The project's folder, or a compiled program; else the nearest folder upwards with a `wf.toml`, else the current one.
    path: Option<PathBuf>,
    /// Only what is new against this revision.
    #[arg(long, value_name = "REV")]
    against: Option<String>,
    /// How to show it.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal.
    Table,
    /// For programs.
    Json,
    /// For a sheet (RFC 4180).
    Csv,
    /// For a document.
    Markdown,
}

/// The columns of the matrix.
const COLUMNS: [&str; 6] = ["FIELD", "GOES TO", "WHERE", "BY", "CONNECTOR", "WORKFLOWS"];

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Ending {
    let path = project::locate(arguments.path.as_deref());
    let given = Given::at(&path)?;
    let (base, head) = match &arguments.against {
        None => (None, given.compile(terminal)?),
        Some(revision) => {
            let (base, head) = given.against(revision, &path, terminal)?;
            (Some(Audit::of(&base.program)), head)
        }
    };
    let head = Audit::of(&head.program);
    let rows = rows(&head, base.as_ref());
    let shown = match arguments.format {
        Format::Table => table(&head, &rows, base.is_some(), terminal),
        Format::Json => {
            let flows: Vec<&Flow> = fresh(&head, base.as_ref()).collect();
            let workflows: BTreeMap<_, _> = reach(&head).collect();
            format!(
                "{:#}",
                json!({
                    "schema": "wf.audit/1",
                    "flows": flows,
                    "hosts": head.hosts,
                    "secrets": head.secrets,
                    "workflows": workflows,
                })
            )
        }
        Format::Csv => {
            let mut out = COLUMNS.join(",").to_lowercase() + "\r\n";
            for row in &rows {
                out.push_str(&row.map_cells(quoted).join(","));
                out.push_str("\r\n");
            }
            out
        }
        Format::Markdown => {
            let mut out =
                format!("| {} |\n|{}\n", COLUMNS.map(str::to_lowercase).join(" | "), " --- |".repeat(COLUMNS.len()));
            for row in &rows {
                out.push_str(&format!("| {} |\n", row.map_cells(marked_down).join(" | ")));
            }
            out
        }
    };
    terminal.print(&shown)?;
    Ok(Exit::Ok)
}

/// A row of the matrix: one field at one place of one way out, for all workflows.
struct Row {
    cells: [String; 5],
    workflows: Vec<String>,
}

impl Row {
    fn map_cells(&self, change: impl Fn(&str) -> String) -> Vec<String> {
        self.cells.iter().chain([&self.workflows.join(", ")]).map(|cell| change(cell)).collect()
    }

    /// The workflows for a screen, which a thousand names would fill; the other forms have them all.
    fn some_workflows(&self) -> String {
        const SHOWN: usize = 5;
        match self.workflows.get(..SHOWN) {
            Some(first) if self.workflows.len() > SHOWN + 1 => {
                format!("{} and {} more", first.join(", "), self.workflows.len() - SHOWN)
            }
            _ => self.workflows.join(", "),
        }
    }
}

/// The flows that the other program does not have, in any workflow.
fn fresh<'a>(head: &'a Audit, base: Option<&'a Audit>) -> impl Iterator<Item = &'a Flow> {
    let known: BTreeSet<_> = base.into_iter().flat_map(Audit::flows).map(cell).collect();
    head.flows().into_iter().filter(move |flow| !known.contains(&cell(flow)))
}

/// What makes a way for data another one, whoever sets it off.
fn cell(flow: &Flow) -> (&Source, &Destination, &Place, Option<&SmolStr>) {
    (&flow.source, &flow.destination, &flow.place, flow.connector.as_ref())
}

fn rows(head: &Audit, base: Option<&Audit>) -> Vec<Row> {
    let mut workflows: BTreeMap<[String; 5], BTreeSet<&str>> = BTreeMap::new();
    for flow in fresh(head, base) {
        let mark = if flow.certain || flow.through.is_some() { "" } else { "?" };
        let through = flow.through.as_ref().map(|field| format!(" through {field}")).unwrap_or_default();
        let key = [
            format!("{}{mark}{through}", flow.source),
            flow.destination.to_string(),
            flow.place.to_string(),
            flow.carrier.to_string(),
            flow.connector.as_ref().map(ToString::to_string).unwrap_or_default(),
        ];
        workflows.entry(key).or_default().insert(&flow.workflow);
    }
    let row = |(cells, names): ([String; 5], BTreeSet<&str>)| Row {
        cells,
        workflows: names.into_iter().map(str::to_owned).collect(),
    };
    workflows.into_iter().map(row).collect()
}

fn table(audit: &Audit, rows: &[Row], compared: bool, terminal: &Terminal) -> String {
    let mut flows = Table::new(&COLUMNS);
    for row in rows {
        let workflows = row.some_workflows();
        flows.row(row.cells.iter().map(String::as_str).chain([workflows.as_str()]));
    }
    let mut out = match (rows.is_empty(), compared) {
        (true, true) => "nothing goes anywhere new\n".to_owned(),
        (true, false) => "no data leaves\n".to_owned(),
        (false, _) => flows.draw(terminal),
    };
    if compared {
        return out;
    }
    let mut secrets = Table::new(&["SECRET", "GOES TO"]);
    for (secret, hosts) in &audit.secrets {
        let hosts = hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        // It stays here: who is called sees what was signed with it.
        let only_signs = audit.signing.contains(secret);
        secrets
            .row([secret.as_str(), &if only_signs { format!("nowhere; signs what goes to {hosts}") } else { hosts }]);
    }
    if !audit.secrets.is_empty() {
        out.push('\n');
        out.push_str(&secrets.draw(terminal));
    }
    let mut table =
        Table::new(&["WORKFLOW", "MESSAGES A RUN", "CALLS A RUN", "A DAY", "A WEEK", "A MONTH", "LONGEST WAIT"]);
    for (name, it) in reach(audit) {
        let bounds = |bounds: compiler::audit::Bounds| format!("{}..{}", bounds.least, bounds.most);
        let most = |count: Option<u64>| match count {
            None => "with each start".to_owned(),
            Some(0) => "none".to_owned(),
            Some(most) => format!("at most {most}"),
        };
        let (day, week, month) = (most(it.sends_a_day), most(it.sends_a_week), most(it.sends_a_month));
        let wait = it.longest_wait.map_or_else(|| "computed".to_owned(), |wait| spoken(wait.milliseconds));
        table.row([name.as_str(), &bounds(it.sends), &bounds(it.calls), &day, &week, &month, &wait]);
    }
    if !audit.workflows.is_empty() {
        out.push('\n');
        out.push_str(&table.draw(terminal));
        let days = reach(audit).map(|(_, it)| it.sends_a_day);
        out.push_str(&match days.sum::<Option<u64>>() {
            Some(most) => {
                let noun = if most == 1 { "message" } else { "messages" };
                format!("\na contact may get at most {most} {noun} in a day, from all workflows together\n")
            }
            None => {
                "\na contact may get as many messages as there are events: some workflows have no bound\n".to_owned()
            }
        });
    }
    out
}

/// What each workflow may do to one contact.
fn reach(audit: &Audit) -> impl Iterator<Item = (&SmolStr, &Reach)> {
    audit.workflows.iter().map(|(name, derived)| (name, &derived.facts().reach))
}

/// A cell of a table in Markdown, which nothing in it can leave.
fn marked_down(cell: &str) -> String {
    cell.replace('&', "&amp;").replace('<', "&lt;").replace('|', "\\|")
}

/// A cell of a sheet. What a spreadsheet would take for a formula is kept from being one.
fn quoted(cell: &str) -> String {
    let safe = if cell.starts_with(['=', '+', '-', '@']) { format!("'{cell}") } else { cell.to_owned() };
    if safe.contains([',', '"', '\n', '\r']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}
