//! A difference for a terminal.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use compiler::diff::{Change, Fate, Risk, Runs};

use super::Compared;
use crate::cli::clean::clean;
use crate::cli::terminal::{DOUBTFUL, FAINT, GOOD, STRONG, Terminal, WRONG};

/// Red: what was.
const GONE: Style = AnsiColor::Red.on_default();

pub(super) fn draw(compared: &Compared, terminal: &Terminal) -> String {
    let (base, head) = (&compared.base.name, &compared.head.name);
    let mut out = format!("{}    {}\n", terminal.paint(STRONG, format!("wf diff {base} .. {head}")), summary(compared));
    let changes = &compared.diff.changes;
    if changes.is_empty() {
        out.push_str(&format!("no changes: {} and {} do the same\n", clean(base), clean(head)));
        return out;
    }
    let places: Vec<String> = changes.iter().map(|change| compared.place(change)).collect();
    let width = places.iter().map(String::len).max().unwrap_or(0).min(40);
    let slugs = changes.iter().map(|change| change.slug.word().len()).max().unwrap_or(0);
    let (mut last, mut told_texts) = (None, std::collections::BTreeSet::new());
    for (change, place) in changes.iter().zip(&places) {
        let (word, style) = match change.risk {
            _ if change.accepted.is_some() => ("ACCEPT", FAINT),
            Risk::Danger => ("DANGER", WRONG),
            Risk::Review => ("REVIEW", DOUBTFUL),
            Risk::Note => ("NOTE", FAINT),
        };
        if last != Some(word) {
            out.push('\n');
        }
        let label = if last == Some(word) { "      ".to_owned() } else { terminal.paint(style, format!("{word:<6}")) };
        last = Some(word);
        let slug = terminal.paint(style, format!("{:<slugs$}", change.slug.word()));
        // Writing to a `String` cannot fail.
        let _ = writeln!(out, "{label}  {place:<width$}  {slug}  {}", told(change, terminal));
        for detail in &change.details {
            let _ = writeln!(out, "        · {}", line(detail));
        }
        // What several messages take from one file is told once.
        let repeated = change.words.is_some() && !told_texts.insert((place.as_str(), &change.before, &change.after));
        if let Some(words) = change.words.as_ref().filter(|_| !repeated) {
            for line in marked(words, terminal).lines() {
                let _ = writeln!(out, "        │ {line}");
            }
        }
    }
    out.push('\n');
    out.push_str(&facts(compared));
    if let Some(standings) = &compared.standings {
        out.push_str(&super::live::summary(standings));
    }
    if let Some(danger) = changes.iter().find(|it| it.risk == Risk::Danger && it.accepted.is_none()) {
        let asked = clean(&format!("{}@{}", danger.slug.word(), danger.address)).into_owned();
        let bare = |letter: char| letter.is_ascii_alphanumeric() || "-_./@:~".contains(letter);
        let asked = if asked.chars().all(bare) { asked } else { format!("'{}'", asked.replace('\'', "'\\''")) };
        let hint = format!("accept with: wf diff --accept {asked} --reason \"...\"");
        out.push_str(&format!("{}\n", terminal.paint(FAINT, hint)));
    }
    out
}

/// How many changes of which risk.
fn summary(compared: &Compared) -> String {
    let counts = [(Risk::Danger, "danger"), (Risk::Review, "review"), (Risk::Note, "note")];
    let mut words: Vec<String> =
        counts.into_iter().map(|(risk, word)| format!("{} {word}", compared.count(risk))).collect();
    if compared.accepted() > 0 {
        words.push(format!("{} accepted", compared.accepted()));
    }
    words.join(", ")
}

fn told(change: &Change, terminal: &Terminal) -> String {
    let mut out = clean(&change.title).to_string();
    if change.words.is_none() {
        match (&change.before, &change.after) {
            (Some(before), Some(after)) => {
                let (before, after) = (terminal.paint(GONE, line(before)), terminal.paint(GOOD, line(after)));
                out.push_str(&format!("  {before} → {after}"));
            }
            (Some(before), None) => out.push_str(&format!("  - {}", terminal.paint(GONE, line(before)))),
            (None, Some(after)) => out.push_str(&format!("  + {}", terminal.paint(GOOD, line(after)))),
            (None, None) => {}
        }
    }
    if let Some(reached) = super::reached(change) {
        out.push_str(&format!("  ({})", clean(&reached)));
    }
    if let Some(runs) = change.waiting.filter(|runs| *runs > 0) {
        out.push_str(&format!("  {}", terminal.paint(STRONG, super::live::told(runs))));
    }
    if let Some(accepted) = &change.accepted {
        out.push_str(&format!("  {}", clean(&format!("({}: {})", accepted.by, accepted.reason))));
    }
    if change.runs != Runs::Unaffected {
        out.push_str(&format!("  {}", terminal.paint(FAINT, format!("[{}]", change.runs.letter()))));
    }
    out
}

/// Words in one line, cut where they would fill a screen.
fn line(text: &str) -> String {
    const LONGEST: usize = 160;
    let text = clean(text).replace('\n', "⏎");
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST).chain(['…']).collect() }
}

/// A difference word by word: `[-gone-]{+new+}`.
pub(in crate::cli) fn marked(words: &compiler::diff::Words, terminal: &Terminal) -> String {
    let mut out = String::new();
    for run in &words.0 {
        let text = clean(&run.text);
        match run.fate {
            Fate::Kept => out.push_str(&shortened(&text)),
            Fate::Removed => out.push_str(&terminal.paint(GONE, format!("[-{text}-]"))),
            Fate::Added => out.push_str(&terminal.paint(GOOD, format!("{{+{text}+}}"))),
        }
    }
    out
}

/// Text that did not change: its first and its last line are enough to know the place.
fn shortened(text: &str) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    match lines.as_slice() {
        [first, .., last] if lines.len() > 4 => format!("{first}\n…\n{last}"),
        _ => text.to_owned(),
    }
}

/// The derived facts in one line.
pub(super) fn facts(compared: &Compared) -> String {
    let (base, head) = (&compared.diff.base, &compared.diff.head);
    let most = |audit: &compiler::audit::Audit| {
        audit.workflows.values().map(|derived| derived.facts().reach.sends.most).max().unwrap_or(0)
    };
    let tests = match (&compared.base.tests, &compared.head.tests) {
        (Some(before), Some(after)) => format!(" · tests {} → {}", before.len(), after.len()),
        _ => String::new(),
    };
    format!(
        "hosts {} → {} · fields leaving {} → {} · messages a run, at most {} → {} · workflows {} → {}{}\nruns in flight end on the program \
         that they started with; the letter says what the change would mean for one that did not: N new runs only, C goes on \
         otherwise, B breaks\n",
        base.hosts.len(),
        head.hosts.len(),
        base.fields_leaving(),
        head.fields_leaving(),
        most(base),
        most(head),
        compared.base.program.workflows.len(),
        compared.head.program.workflows.len(),
        tests,
    )
}
