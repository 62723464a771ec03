//! A contact on paper: its fields, one a line.

use std::fmt::Write as _;

use runtime::client::{Chapter, Text};
use serde::Deserialize;
use unicode_width::UnicodeWidthStr;

use super::super::clean::{one_line, time};
use super::super::decisions;
use super::super::events::read;
use super::super::terminal::{FAINT, STRONG, Terminal};

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

/// What became of a contact in each workflow.
pub(super) fn story(chapters: &[Chapter], terminal: &Terminal) -> String {
    let mut drawn = String::new();
    for chapter in chapters {
        let run = chapter.run.as_ref().map(|run| format!("  run {}", one_line(run.id.as_str()))).unwrap_or_default();
        let name = terminal.paint(STRONG, one_line(chapter.workflow.as_str()));
        // Writing to a `String` does not fail.
        let _ = writeln!(drawn, "{name}{}", terminal.paint(FAINT, run));
        let _ = writeln!(drawn, "  {}", one_line(chapter.answer.as_str()));
        for step in &chapter.steps {
            let title = [&step.kind, &step.label].map(|part| one_line(part.as_str())).join(" ");
            let _ = writeln!(drawn, "    {}  {}", title.trim(), one_line(step.outcome.as_str()));
            drawn.push_str(&decisions::draw(&step.decisions, 6, terminal));
        }
        if let Some(kept) = &chapter.kept_out {
            let (answer, at, event) =
                (one_line(kept.answer.as_str()), time(kept.at.as_str()), one_line(kept.event.as_str()));
            if chapter.run.is_some() {
                let _ = writeln!(drawn, "  since then {answer} ({at}, event {event})");
            }
            drawn.push_str(&decisions::draw(&kept.decisions, 4, terminal));
        }
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

#[derive(Default, Deserialize)]
#[serde(default)]
struct Forgotten {
    id: Text,
    erased: Erased,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Erased {
    events: u64,
    runs: u64,
    runs_cancelled: u64,
    attempts: u64,
    messages: u64,
}

/// What was erased of a person.
pub(super) fn erased(answer: &str) -> String {
    let Forgotten { id, erased } = serde_json::from_str(answer).unwrap_or_default();
    let Erased { events, runs, runs_cancelled, attempts, messages } = erased;
    let counted = |number: u64, word: &str| format!("{number} {word}{}", if number == 1 { "" } else { "s" });
    format!(
        "contact {} is erased: {}, {} ({runs_cancelled} cancelled), {}, {}",
        one_line(id.as_str()),
        counted(events, "event"),
        counted(runs, "run"),
        counted(attempts, "attempt"),
        counted(messages, "message"),
    )
}
