//! Which contact and which event.

use runtime::client::{Client, Listing};
use serde_json::{Value, json};

use super::super::clean::one_line;
use super::super::daemon;
use super::super::failure::Failure;
use super::super::table::Table;
use super::super::terminal::Terminal;
use super::{Arguments, asked};

/// How many contacts are shown to choose from.
const SHOWN: usize = 20;

/// What `--contact KEY=VALUE` may name.
const KEYS: [&str; 4] = ["id", "external_id", "phone", "email"];

/// The contact as the API takes it; `None` when none was named.
pub(super) async fn contact(
    arguments: &Arguments,
    client: &Client,
    terminal: &Terminal,
) -> Result<Option<Value>, Failure> {
    let (filter, what) = match (&arguments.contact, &arguments.segment) {
        (Some(contact), _) => match contact.split_once('=') {
            Some((key, value)) if KEYS.contains(&key) => {
                let value = match value.parse::<i64>() {
                    Ok(number) if key == "id" => number.into(),
                    _ => Value::from(value),
                };
                return Ok(Some(json!({ key: value })));
            }
            Some((key, _)) if !key.contains([' ', '@']) => {
                let message = format!("a contact is not known by `{key}`");
                return Err(
                    Failure::usage(message).hint("write id=…, external_id=…, phone=…, email=…, or a part of a name")
                );
            }
            _ => (("query", contact.as_str()), format!("has `{contact}`")),
        },
        (None, Some(segment)) => (("segment", segment.as_str()), format!("is in the segment `{segment}`")),
        (None, None) => return Ok(None),
    };
    let found = client.list(&["v1", "contacts"], &[filter], SHOWN).await.map_err(daemon::failure)?;
    let cards: Vec<Value> = found.items.iter().filter_map(|card| serde_json::from_str(card.get()).ok()).collect();
    let chosen = match cards.as_slice() {
        [] => return Err(Failure::world(format!("no contact {what}"))),
        [only] => only,
        several => several_found(several, &found, terminal)?,
    };
    show(chosen, terminal);
    Ok(Some(json!({ "id": chosen.get("id").cloned().unwrap_or_default() })))
}

/// Shows the contacts and asks which.
fn several_found<'c>(cards: &'c [Value], found: &Listing, terminal: &Terminal) -> Result<&'c Value, Failure> {
    let mut table = Table::new(&["ID", "EMAIL", "PHONE", "EXTERNAL ID", "NAME", "TOWN"]);
    for card in cards {
        let [id, email, phone, external, first, last, town] =
            ["id", "email", "phone", "external_id", "first_name", "last_name", "town"]
                .map(|field| text(card.get(field)));
        let name = format!("{first} {last}");
        table.row([id.as_str(), &email, &phone, &external, name.trim(), &town]);
    }
    terminal.note(&table.draw(terminal));
    if found.next_cursor.is_some() {
        terminal.note(&format!("there are more than these {SHOWN}"));
    }
    let answer = asked("which contact? [its ID] ", terminal).map_err(|_| {
        Failure::usage("several contacts were found, and there is no terminal to ask on")
            .hint("name one: --contact id=…")
    })?;
    let answer = answer.trim();
    let chosen = cards.iter().find(|card| text(card.get("id")) == answer);
    chosen.ok_or_else(|| Failure::usage(format!("`{answer}` is none of them; nothing was sent")))
}

/// The whole card, so that whoever sends sees whom it is about.
fn show(card: &Value, terminal: &Terminal) {
    let Some(fields) = card.as_object() else { return };
    let mut lines = String::from("contact\n");
    for (name, value) in fields {
        lines.push_str(&format!("  {:<14} {}\n", one_line(name), one_line(&text(Some(value)))));
    }
    terminal.note(&lines);
}

fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// The id of the last event of a type.
pub(super) async fn last_event(kind: &str, client: &Client) -> Result<String, Failure> {
    let found = client.list(&["v1", "events"], &[("type", kind)], 1).await.map_err(daemon::failure)?;
    let event: Option<Value> = found.items.first().and_then(|event| serde_json::from_str(event.get()).ok());
    let id = event.as_ref().and_then(|event| event.get("id")).and_then(Value::as_str);
    id.map(str::to_owned).ok_or_else(|| {
        Failure::world(format!("the daemon has received no event `{kind}`"))
            .hint("`wf events list` shows what was received; --event FILE takes one from a file")
    })
}
