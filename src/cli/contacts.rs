//! `wf contacts`: the people whom the daemon knows.

mod card;
mod import;

use clap::{Args, Subcommand, ValueEnum};
use runtime::client::{ContactFilter, ContactList, Text};

use super::Ending;
use super::clean::time;
use super::daemon::{self, Daemon};
use super::events::parameter;
use super::failure::{Exit, Failure};
use super::table::Table;
use super::terminal::Terminal;

/// Look at the daemon's contacts, change them, bring them in from files.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    List(List),
    Search(Search),
    Show(Show),
    Set(Set),
    Import(import::Import),
}

/// List contacts by number, all or those of a segment.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only those that belong to this segment now.
    #[arg(long)]
    segment: Option<String>,
    #[command(flatten)]
    shown: Shown,
}

/// Find contacts by an identifier, or by a part of a name, an e-mail address, a phone number or an external id.
#[derive(Debug, Args)]
pub(crate) struct Search {
    /// What to look for.
    text: String,
    /// Only among those that belong to this segment now.
    #[arg(long)]
    segment: Option<String>,
    #[command(flatten)]
    shown: Shown,
}

#[derive(Debug, Args)]
struct Shown {
    /// How many at most.
    #[arg(long, value_name = "N", default_value = "50", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    limit: u32,
    /// How to print them.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    daemon: Daemon,
}

/// Show a contact's card.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Its number, or an identifier: `email=ann@example.com`, `phone=+380671234567`, `external_id=crm-7`.
    #[arg(value_name = "ID|KEY=VALUE")]
    id: String,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    daemon: Daemon,
}

/// Make a contact, or change the one that has one of the given identifiers.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wf contacts set email=ann@example.com first_name=Ann\n  wf contacts set id=7 town=null"
)]
pub(crate) struct Set {
    /// Fields and their values, an identifier among them; `null` removes one. Numbers, `true`, `false`, lists, records and
    /// texts in double quotes are read as JSON, anything else is text.
    #[arg(required = true, value_name = "FIELD=VALUE")]
    fields: Vec<String>,
    /// How to print what became of it.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    daemon: Daemon,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// As the API answers it.
    Json,
}

pub(crate) fn run(command: Command, terminal: &Terminal) -> Ending {
    match command {
        Command::List(List { segment, shown }) => list(&ContactFilter { query: None, segment }, &shown, terminal),
        Command::Search(Search { text, segment, shown }) => {
            list(&ContactFilter { query: Some(text), segment }, &shown, terminal)
        }
        Command::Show(arguments) => show(&arguments, terminal),
        Command::Set(arguments) => set(&arguments, terminal),
        Command::Import(arguments) => import::run(&arguments, terminal),
    }
}

fn list(filter: &ContactFilter, shown: &Shown, terminal: &Terminal) -> Ending {
    let client = shown.daemon.client(terminal)?;
    daemon::converse(async {
        let limit = usize::try_from(shown.limit).unwrap_or(usize::MAX);
        let list = client.contacts(filter, limit).await.map_err(daemon::failure)?;
        match shown.format {
            Format::Json => terminal.print(&json(&list))?,
            Format::Table => {
                terminal.write(&table(&list).draw(terminal))?;
                if list.rows.is_empty() {
                    terminal.note("there is no such contact");
                } else if list.next_cursor.is_some() {
                    terminal.note(&format!("there are more than these {limit}; --limit shows more"));
                }
            }
        }
        Ok(Exit::Ok)
    })
}

/// All pages as one, in the form of a single page.
fn json(list: &ContactList) -> String {
    let items: Vec<&str> = list.json.iter().map(|item| item.get()).collect();
    let next_cursor = serde_json::to_string(&list.next_cursor).unwrap_or_default();
    format!("{{\"items\":[{}],\"next_cursor\":{next_cursor}}}", items.join(",\n"))
}

fn table(list: &ContactList) -> Table {
    let mut table = Table::new(&["ID", "EMAIL", "PHONE", "EXTERNAL ID", "NAME", "CHANGED"]);
    for contact in &list.rows {
        let name = format!("{} {}", contact.first_name, contact.last_name);
        let changed = time(contact.updated_at.as_str());
        let [id, email, phone, external_id] =
            [&contact.id, &contact.email, &contact.phone, &contact.external_id].map(Text::as_str);
        table.row([id, email, phone, external_id, name.trim(), &changed]);
    }
    table
}

fn show(arguments: &Show, terminal: &Terminal) -> Ending {
    let client = arguments.daemon.client(terminal)?;
    daemon::converse(async {
        let card = client.contact(&arguments.id).await.map_err(daemon::failure)?;
        match arguments.format {
            Format::Json => terminal.print(&card)?,
            Format::Table => terminal.print(&card::draw(&card, terminal))?,
        }
        Ok(Exit::Ok)
    })
}

fn set(arguments: &Set, terminal: &Terminal) -> Ending {
    let mut fields = Vec::with_capacity(arguments.fields.len());
    for given in &arguments.fields {
        let Some((name, value)) = given.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            return Err(Failure::usage(format!("`{given}` is not FIELD=VALUE")));
        };
        fields.push((name.to_owned(), parameter::value(value)));
    }
    let client = arguments.daemon.client(terminal)?;
    daemon::converse(async {
        let answer = client.put_contact(parameter::object(&fields)).await.map_err(daemon::failure)?;
        match arguments.format {
            Format::Json => terminal.print(&answer)?,
            Format::Table => terminal.print(&card::put(&answer))?,
        }
        Ok(Exit::Ok)
    })
}
