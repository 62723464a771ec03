//! A difference as a comment on a pull request: what counts first, the rest folded, never more than a comment holds.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use compiler::diff::{Change, Fate, Risk, Runs, Words};
use compiler::graph::{Graph, mermaid};
use similar::{ChangeTag, TextDiff};

use super::Compared;
use super::rendered::{Rendered, rendered};

/// Where the comment stops: a comment holds 65,536 characters, and the reader less.
const LIMIT: usize = 60_000;
/// What the table may take of it, so that texts and pictures have their part.
const TABLE: usize = 30_000;
/// What the last line takes.
const REST: usize = 200;
/// Pictures of so many workflows at most.
const PICTURES: usize = 6;

/// The comment, with room for what is left.
struct Comment {
    text: String,
    left: usize,
}

impl Comment {
    /// Adds a piece while there is room for it below a mark.
    fn push(&mut self, piece: &str, below: usize) {
        if self.text.len() + piece.len() < below { self.text.push_str(piece) } else { self.left += 1 }
    }

    /// Adds a part that is folded.
    fn fold(&mut self, title: &str, body: &str) {
        self.push(&format!("\n<details><summary>{}</summary>\n\n{body}\n</details>\n", cell(title)), LIMIT - REST);
    }
}

pub(super) fn draw(compared: &Compared) -> String {
    let (danger, review, note) =
        (compared.count(Risk::Danger), compared.count(Risk::Review), compared.count(Risk::Note));
    let mut comment = Comment { text: "<!-- wf-diff -->\n".to_owned(), left: 0 };
    let out = &mut comment.text;
    // Writing to a `String` cannot fail.
    let _ = write!(out, "### What this change does: {danger} danger, {review} review, {note} note");
    let _ = match compared.accepted() {
        0 => writeln!(out, "\n"),
        accepted => writeln!(out, ", {accepted} accepted\n"),
    };
    if compared.diff.changes.is_empty() {
        let _ = writeln!(out, "{} and {} do the same.", cell(&compared.base.name), cell(&compared.head.name));
        return comment.text;
    }
    let _ = writeln!(out, "{} → {}\n", cell(&compared.base.name), cell(&compared.head.name));
    for line in super::text::facts(compared).lines() {
        let _ = writeln!(out, "{}\n", cell(line));
    }
    if let Some(standings) = &compared.standings {
        let _ = writeln!(out, "{}", super::live::summary(standings));
    }
    let open = |change: &&Change| change.accepted.is_none();
    table(compared, compared.diff.changes.iter().filter(open).filter(|it| it.risk != Risk::Note), &mut comment);
    let flows = flows(compared);
    if !flows.is_empty() {
        comment.fold("New ways for data", &flows);
    }
    texts(compared, &mut comment);
    pictures(compared, &mut comment);
    let folded = |comment: &mut Comment, title: String, changes: Vec<&Change>| {
        let mut rows = Comment { text: HEAD.to_owned(), left: 0 };
        let room = (LIMIT - REST).saturating_sub(comment.text.len() + 200);
        changes.iter().for_each(|change| rows.push(&row(compared, change), room));
        if rows.left < changes.len() {
            comment.fold(&title, &rows.text);
        }
        comment.left += rows.left;
    };
    let accepted = compared.diff.changes.iter().filter(|change| change.accepted.is_some()).collect();
    folded(&mut comment, format!("{} accepted", compared.accepted()), accepted);
    let notes = compared.diff.changes.iter().filter(open).filter(|change| change.risk == Risk::Note).collect();
    folded(&mut comment, format!("{note} harmless"), notes);
    if comment.left > 0 {
        let left = comment.left;
        let _ = writeln!(
            comment.text,
            "\n{left} more: `wf diff --format text` tells all; `wf explain SLUG` tells more of one."
        );
    } else {
        comment.text.push_str("\n`wf explain SLUG` tells more of one.\n");
    }
    comment.text
}

const HEAD: &str = "| | change | where | before | after |\n| --- | --- | --- | --- | --- |\n";

fn table<'c>(compared: &Compared, changes: impl Iterator<Item = &'c Change>, comment: &mut Comment) {
    let mut has_head = false;
    for change in changes {
        let row = row(compared, change);
        // The head stands with the first row that there is room for, never alone.
        let piece = if has_head { row } else { format!("{HEAD}{row}") };
        let known = comment.left;
        comment.push(&piece, TABLE);
        has_head |= comment.left == known;
    }
}

fn row(compared: &Compared, change: &Change) -> String {
    let sign = match change.risk {
        _ if change.accepted.is_some() => "☑️",
        Risk::Danger => "🔴",
        Risk::Review => "🟡",
        Risk::Note => "⚪",
    };
    let place = compared.place(change);
    let shared = super::reached(change).map(|reached| format!(" ({})", cell(&reached))).unwrap_or_default();
    let mut what = format!("`{}` {}{shared}: {}", change.slug.word(), cell(&change.title), change.slug.title());
    if change.runs != Runs::Unaffected {
        let _ = write!(what, " **\\[{}\\]**", change.runs.letter());
    }
    if let Some(runs) = change.waiting.filter(|runs| *runs > 0) {
        let _ = write!(what, "; **{}**", super::live::told(runs));
    }
    for detail in &change.details {
        let _ = write!(what, "<br>{}", cell(detail));
    }
    if let Some(accepted) = &change.accepted {
        let _ = write!(what, "; accepted: {}", cell(&accepted.reason));
    }
    format!(
        "| {sign} | {what} | {} | {} | {} |\n",
        cell(&place),
        change.before.as_deref().map(code).unwrap_or_default(),
        change.after.as_deref().map(code).unwrap_or_default(),
    )
}

/// Text that cannot leave its cell, mention anybody or become a link of its own.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '|' => out.push_str("\\|"),
            '@' => out.push_str("&#64;"),
            '*' | '_' | '[' | ']' | '`' | '~' | '\\' => {
                out.push('\\');
                out.push(letter);
            }
            letter if letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}

fn code(text: &str) -> String {
    const LONGEST: usize = 120;
    let short: String = text.chars().take(LONGEST).collect();
    let more = if text.chars().count() > LONGEST { "…" } else { "" };
    format!("<code>{}{more}</code>", cell(&short))
}

/// The cells of the matrix that are new, a row each.
fn flows(compared: &Compared) -> String {
    let known: BTreeSet<_> =
        compared.diff.base.flows().into_iter().map(|flow| (&flow.source, &flow.destination, &flow.place)).collect();
    let mut rows: BTreeMap<[String; 4], BTreeSet<&str>> = BTreeMap::new();
    for flow in compared.diff.head.flows() {
        if !known.contains(&(&flow.source, &flow.destination, &flow.place)) {
            let source = format!("{}{}", flow.source, if flow.certain || flow.through.is_some() { "" } else { "?" });
            let cells = [source, flow.destination.to_string(), flow.place.to_string(), flow.carrier.to_string()];
            rows.entry(cells.map(|it| cell(&it))).or_default().insert(&flow.workflow);
        }
    }
    let mut out = String::new();
    for (cells, workflows) in rows.iter().take(60) {
        let workflows: Vec<&str> = workflows.iter().copied().take(5).collect();
        let _ = writeln!(out, "| {} | {} |", cells.join(" | "), cell(&workflows.join(", ")));
    }
    if rows.len() > 60 {
        let _ = writeln!(out, "\n{} more: `wf audit --against REV`.", rows.len() - 60);
    }
    if out.is_empty() {
        out
    } else {
        format!("| field | goes to | where | by | workflows |\n| --- | --- | --- | --- | --- |\n{out}")
    }
}

/// The texts of messages, as written and as a contact reads them, folded.
fn texts(compared: &Compared, comment: &mut Comment) {
    let read: BTreeMap<String, Rendered> = rendered(compared).into_iter().map(|it| (it.address.clone(), it)).collect();
    let mut told = BTreeSet::new();
    for change in &compared.diff.changes {
        let Some(words) = &change.words else { continue };
        let mut body = fenced(&one_side(words, Fate::Added), &one_side(words, Fate::Removed));
        if let Some(it) = read.get(&change.address) {
            body.push_str("\nAs a sample contact reads it:\n\n");
            body.push_str(&fenced(it.before.as_deref().unwrap_or_default(), it.after.as_deref().unwrap_or_default()));
        }
        told.insert(change.address.clone());
        comment.fold(&change.address, &body);
    }
    for it in read.values().filter(|it| !told.contains(&it.address)) {
        let body = fenced(it.before.as_deref().unwrap_or_default(), it.after.as_deref().unwrap_or_default());
        comment.fold(&format!("{} as a sample contact reads it", it.address), &body);
    }
}

/// Two texts as a `diff` block that none of their lines can end.
fn fenced(before: &str, after: &str) -> String {
    let fence = "`".repeat(longest_run(before).max(longest_run(after)).max(2) + 1);
    let mut out = format!("{fence}diff\n");
    for change in TextDiff::from_lines(before, after).iter_all_changes() {
        let sign = match change.tag() {
            ChangeTag::Equal => ' ',
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
        };
        let _ = writeln!(out, "{sign}{}", change.value().trim_end_matches(['\n', '\r']));
    }
    let _ = writeln!(out, "{fence}");
    out
}

/// The workflows that changed, drawn.
fn pictures(compared: &Compared, comment: &mut Comment) {
    let touched: BTreeSet<&str> =
        compared.diff.changes.iter().filter_map(|change| change.workflow.as_deref()).collect();
    let old = compared.diff.renamed.as_ref().unwrap_or(&compared.base.program);
    let new = &compared.head.program;
    let names: BTreeSet<&smol_str::SmolStr> = old.workflows.keys().chain(new.workflows.keys()).collect();
    for name in names.into_iter().filter(|name| touched.contains(name.as_str())).take(PICTURES) {
        let side = |program: &'_ compiler::ir::Program| program.workflows.get(name).cloned();
        let graph = Graph::compared(name, side(old).as_deref(), side(new).as_deref(), &compared.diff);
        if graph.nodes.iter().any(|node| node.mark.is_some()) {
            let legend = "red: danger · green: new · yellow: changed · dashed: gone";
            comment.fold(&format!("Picture of {name} ({legend})"), &format!("```mermaid\n{}```\n", mermaid(&graph)));
        }
    }
}

fn one_side(words: &Words, without: Fate) -> String {
    words.0.iter().filter(|run| run.fate != without).map(|run| run.text.as_str()).collect()
}

/// The longest run of backticks in a text: the fence around it must be longer.
fn longest_run(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0)
}
