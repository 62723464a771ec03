//! A difference as a comment on a pull request: what counts first, the rest folded, never more than a comment holds.

use std::fmt::Write;

use compiler::diff::{Change, Fate, Risk, Words};

use super::Compared;

/// Where the comment stops: a comment holds 65,536 characters, and the reader less.
const LIMIT: usize = 60_000;

pub(super) fn draw(compared: &Compared) -> String {
    let mut out = String::from("<!-- wf-diff -->\n");
    let (danger, review, note) =
        (compared.count(Risk::Danger), compared.count(Risk::Review), compared.count(Risk::Note));
    // Writing to a `String` cannot fail.
    let _ = writeln!(out, "### What this change does: {danger} danger, {review} review, {note} note\n");
    if compared.diff.changes.is_empty() {
        out.push_str("Both sides do the same.\n");
        return out;
    }
    let mut left = 0;
    let table = "| | change | where | before | after |\n| --- | --- | --- | --- | --- |\n";
    out.push_str(table);
    for change in compared.diff.changes.iter().filter(|change| change.risk != Risk::Note) {
        push(&mut out, &row(compared, change), &mut left);
    }
    texts(compared, &mut out, &mut left);
    if note > 0 {
        let mut notes = format!("\n<details><summary>{note} harmless</summary>\n\n{table}");
        for change in compared.diff.changes.iter().filter(|change| change.risk == Risk::Note) {
            notes.push_str(&row(compared, change));
        }
        notes.push_str("\n</details>\n");
        push(&mut out, &notes, &mut left);
    }
    if left > 0 {
        let _ = writeln!(out, "\n{left} more in the job's artefact: `wf diff --format text`.");
    }
    out
}

/// Adds a piece while there is room for it.
fn push(out: &mut String, piece: &str, left: &mut usize) {
    if *left == 0 && out.len() + piece.len() < LIMIT - 200 { out.push_str(piece) } else { *left += 1 }
}

fn row(compared: &Compared, change: &Change) -> String {
    let sign = match change.risk {
        Risk::Danger => "🔴",
        Risk::Review => "🟡",
        Risk::Note => "⚪",
    };
    let place = match compared.location(&change.address) {
        Some(location) => format!("{}:{}", location.path, location.line),
        None => change.address.clone(),
    };
    let shared = match change.reaches.len() {
        0 | 1 => String::new(),
        count => format!(" ({count} workflows)"),
    };
    format!(
        "| {sign} | `{}` {}{shared} | {} | {} | {} |\n",
        change.slug.word(),
        cell(&change.title),
        cell(&place),
        change.before.as_deref().map(code).unwrap_or_default(),
        change.after.as_deref().map(code).unwrap_or_default(),
    )
}

/// Text that cannot leave its cell.
fn cell(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('|', "\\|").replace(['\n', '\r'], " ")
}

fn code(text: &str) -> String {
    const LONGEST: usize = 120;
    let short: String = text.chars().take(LONGEST).collect();
    let more = if text.chars().count() > LONGEST { "…" } else { "" };
    format!("<code>{}{more}</code>", cell(&short))
}

/// The texts of messages, word for word, folded.
fn texts(compared: &Compared, out: &mut String, left: &mut usize) {
    for change in &compared.diff.changes {
        let Some(words) = &change.words else { continue };
        let (before, after) = (one_side(words, Fate::Added), one_side(words, Fate::Removed));
        let fence = "`".repeat(longest_run(&before).max(longest_run(&after)).max(2) + 1);
        let mut piece = format!("\n<details><summary>{}</summary>\n\n{fence}diff\n", cell(&change.address));
        for (sign, text) in [('-', before), ('+', after)] {
            for line in text.lines() {
                let _ = writeln!(piece, "{sign}{line}");
            }
        }
        let _ = writeln!(piece, "{fence}\n\n</details>");
        push(out, &piece, left);
    }
}

fn one_side(words: &Words, without: Fate) -> String {
    words.0.iter().filter(|run| run.fate != without).map(|run| run.text.as_str()).collect()
}

/// The longest run of backticks in a text: the fence around it must be longer.
fn longest_run(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0)
}
