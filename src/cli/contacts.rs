//! `wf contacts`: the people whom the daemon knows.

mod card;
mod import;

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use runtime::client::{ContactFilter, ContactRow, Text};

use super::Ending;
use super::clean::time;
use super::completions::names;
use super::daemon::{self, Daemon};
use super::events::parameter;
use super::failure::{Exit, Failure};
use super::listing::{self, Format, RECORDS, Shown};
use super::replace::write_whole;
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
    Export(Export),
    Forget(Forget),
}

/// Write all that is kept on one person as JSON: the contact, its events, runs with requests and answers, messages.
///
/// Nothing of it is masked but what history has masked when it was written.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wf contacts export email=ann@example.com -o ann.json")]
pub(crate) struct Export {
    /// Its number, or an identifier: `email=ann@example.com`.
    #[arg(value_name = "ID|KEY=VALUE")]
    id: String,
    /// Where to write it; standard output unless set.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    daemon: Daemon,
}

/// Erase a person from contacts, events, history, messages and the outbox. This cannot be undone.
///
/// Runs that go on for the contact are cancelled. What is left are counted records that say that something was there.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wf contacts forget email=ann@example.com\n  wf contacts forget 17 --yes")]
pub(crate) struct Forget {
    /// Its number, or an identifier: `email=ann@example.com`.
    #[arg(value_name = "ID|KEY=VALUE")]
    id: String,
    /// Do not ask.
    #[arg(long, short)]
    yes: bool,
    /// How to print what was erased.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    daemon: Daemon,
}

/// List contacts by number, all or those of a segment.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wf contacts list --segment loyal\n  wf contacts list --limit 1000 --format json")]
pub(crate) struct List {
    /// Only those that belong to this segment now.
    #[arg(long, add = names::segments())]
    segment: Option<String>,
    #[command(flatten)]
    shown: Shown,
}

/// Find contacts by an identifier, or by a part of a name, an e-mail address, a phone number or an external id.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wf contacts search ann\n  wf contacts search 067 --segment loyal")]
pub(crate) struct Search {
    /// What to look for.
    text: String,
    /// Only among those that belong to this segment now.
    #[arg(long, add = names::segments())]
    segment: Option<String>,
    #[command(flatten)]
    shown: Shown,
}

/// Show a contact's card.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wf contacts show email=ann@example.com\n  wf contacts show 17 --runs")]
pub(crate) struct Show {
    /// Its number, or an identifier: `email=ann@example.com`, `phone=+380671234567`, `external_id=crm-7`.
    #[arg(value_name = "ID|KEY=VALUE")]
    id: String,
    /// What became of it in each workflow: why it did not get a message.
    #[arg(long)]
    runs: bool,
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

pub(crate) fn run(command: Command, terminal: &Terminal) -> Ending {
    match command {
        Command::List(List { segment, shown }) => list(&ContactFilter { query: None, segment }, &shown, terminal),
        Command::Search(Search { text, segment, shown }) => {
            list(&ContactFilter { query: Some(text), segment }, &shown, terminal)
        }
        Command::Show(arguments) => show(&arguments, terminal),
        Command::Set(arguments) => set(&arguments, terminal),
        Command::Import(arguments) => import::run(&arguments, terminal),
        Command::Export(arguments) => export(&arguments, terminal),
        Command::Forget(arguments) => forget(&arguments, terminal),
    }
}

fn list(filter: &ContactFilter, shown: &Shown, terminal: &Terminal) -> Ending {
    let client = shown.daemon.client(terminal)?;
    daemon::converse(async {
        let list = client.contacts(filter, shown.size(RECORDS)).await.map_err(daemon::failure)?;
        let none = ("there is no such contact", shown.limit(RECORDS));
        listing::print(&list.listing, shown.format, || Ok(table(&list.rows)), none, terminal)
    })
}

fn table(contacts: &[ContactRow]) -> Table {
    let mut table = Table::new(&["ID", "EMAIL", "PHONE", "EXTERNAL ID", "NAME", "CHANGED"]);
    for contact in contacts {
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
        if arguments.runs {
            let (chapters, json) = client.contact_runs(&arguments.id).await.map_err(daemon::failure)?;
            match arguments.format {
                Format::Json => terminal.print(&json)?,
                Format::Table => terminal.print(&card::story(&chapters, terminal))?,
            }
            return Ok(Exit::Ok);
        }
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
            return Err(Failure::usage(format!("`{given}` is not FIELD=VALUE"))
                .hint("such as `town=Kyiv`, with an identifier beside it: `email=ann@example.com`"));
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

fn export(arguments: &Export, terminal: &Terminal) -> Ending {
    let client = arguments.daemon.client(terminal)?;
    daemon::converse(async {
        let export = client.export_contact(&arguments.id).await.map_err(daemon::failure)?;
        match &arguments.output {
            Some(path) => write_whole(path, &export)
                .map_err(|error| Failure::file(format!("cannot write `{}`", path.display()), &error))?,
            None => terminal.print(&export)?,
        }
        Ok(Exit::Ok)
    })
}

fn forget(arguments: &Forget, terminal: &Terminal) -> Ending {
    let client = arguments.daemon.client(terminal)?;
    daemon::converse(async {
        if !arguments.yes {
            if !std::io::stdin().is_terminal() {
                return Err(
                    Failure::usage("nobody is there to be asked whether to erase the contact").hint("say --yes")
                );
            }
            let card = client.contact(&arguments.id).await.map_err(daemon::failure)?;
            terminal.note(&card::draw(&card, terminal));
            if !confirm("Erase this person from everything that is kept? [y/N] ")? {
                terminal.note("nothing was erased");
                return Ok(Exit::Ok);
            }
        }
        let answer = client.forget_contact(&arguments.id).await.map_err(daemon::failure)?;
        match arguments.format {
            Format::Json => terminal.print(&answer)?,
            Format::Table => terminal.print(&card::erased(&answer))?,
        }
        Ok(Exit::Ok)
    })
}

/// Asks on the terminal; anything but a yes is a no.
fn confirm(question: &str) -> Result<bool, Failure> {
    let asked = (|| {
        std::io::stderr().write_all(question.as_bytes())?;
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).map(|_| answer)
    })();
    let answer: String = asked.map_err(|error| Failure::file("cannot ask", &error))?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}
