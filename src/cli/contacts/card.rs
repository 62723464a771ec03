//! A contact on paper: its fields, one a line.

use std::fmt::Write as _;

use runtime::client::Text;
use serde::Deserialize;
use unicode_width::UnicodeWidthStr;

use super::super::clean::{one_line, time};
use super::super::events::read;
use super::super::terminal::{STRONG, Terminal};

/// The card as the daemon wrote it, for people.
pub(super) fn draw(card: &str, terminal: &Terminal) -> String {
    let fields = read::object("the answer", card).unwrap_or_default();
    let text = |json: &str| serde_json::from_str::<Text>(json).unwrap_or_default();
    let id = fields.iter().find(|(name, _)| name == "id").map(|(_, id)| text(id.get())).unwrap_or_default();
    let mut drawn = format!("{}\n", terminal.paint(STRONG, format!("contact {}", one_line(id.as_str()))));
    let shown: Vec<_> = fields.iter().filter(|(name, _)| name != "id").collect();
    let width = shown.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
    for (name, value) in shown {
        let value = text(value.get());
        let value = if name.ends_with("_at") { time(value.as_str()) } else { one_line(value.as_str()) };
        let gap = " ".repeat(width.saturating_sub(name.width()));
        // Writing to a `String` does not fail.
        let _ = writeln!(drawn, "  {}{gap}  {value}", one_line(name));
    }
    drawn
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Put {
    id: Text,
    created: bool,
}

/// What became of a contact that was made or changed.
pub(super) fn put(answer: &str) -> String {
    let put: Put = serde_json::from_str(answer).unwrap_or_default();
    let id = one_line(put.id.as_str()).into_owned();
    if put.created { format!("contact {id} was made") } else { format!("contact {id} is set") }
}
