//! A run on paper: what it is about, then each step, then each request and response of the step.

use std::fmt::Write as _;

use anstyle::Style;
use runtime::client::{Attempt, Headers, Run, Step, Text};

use super::super::clean::{clean, one_line, time};
use super::super::decisions;
use super::super::terminal::{DOUBTFUL, FAINT, GOOD, STRONG, Terminal, WRONG};

/// The run as text.
pub(super) fn draw(run: &Run, terminal: &Terminal) -> String {
    let row = &run.row;
    let mut text = format!(
        "{} {}  {}\n",
        terminal.paint(STRONG, format!("run {}", one_line(row.id.as_str()))),
        one_line(row.workflow.as_str()),
        terminal.paint(style(row.status.as_str()), one_line(row.status.as_str())),
    );
    let reason = match (row.reason.as_str(), row.reason_code.as_str()) {
        (reason, "") => reason.to_owned(),
        ("", code) => code.to_owned(),
        (reason, code) => format!("{reason} ({code})"),
    };
    let program = match &run.commit {
        Some(commit) => {
            let id: String = commit.id.as_str().chars().take(12).collect();
            let changes = if commit.has_changes { " + changes" } else { "" };
            format!("{} (commit {id}{changes})", row.program)
        }
        None => row.program.to_string(),
    };
    let times = [&row.started_at, &row.updated_at, &row.wake_at].map(|text| time(text.as_str()));
    let [started, updated, wakes] = &times;
    let contact = match run.contact_created {
        true => format!("{} (created by this event)", row.contact),
        false => row.contact.to_string(),
    };
    let facts = [
        ("reason", reason.as_str()),
        ("contact", contact.as_str()),
        ("event", row.event.as_str()),
        ("program", program.as_str()),
        ("started", started),
        ("changed", updated),
        ("wakes", wakes),
    ];
    for (name, value) in facts.into_iter().filter(|(_, value)| !value.is_empty()) {
        // Writing to a `String` does not fail; so in all of this module.
        let _ = writeln!(text, "  {name:<8} {}", one_line(value));
    }
    text.push_str(&decisions::draw(&run.trigger, 2, terminal));
    for (number, step) in (1..).zip(&run.steps) {
        draw_step(&mut text, number, step, terminal);
    }
    text
}

/// The colour of a status or an outcome.
fn style(word: &str) -> Style {
    let word = word.split(':').next().unwrap_or_default();
    match word {
        "completed" | "succeeded" | "sent" => GOOD,
        "failed" | "cancelled" => WRONG,
        "waiting" | "stopped" | "exited" => DOUBTFUL,
        _ => STRONG,
    }
}

fn draw_step(text: &mut String, number: u32, step: &Step, terminal: &Terminal) {
    let mut title = [&step.kind, &step.label].map(|part| one_line(part.as_str())).join(" ");
    if !step.channel.is_empty() {
        let _ = write!(title, " by {}", one_line(step.channel.as_str()));
    }
    let outcome = one_line(step.outcome.as_str());
    let (started, ended) = (time(step.started_at.as_str()), time(step.ended_at.as_str()));
    let times = if ended.is_empty() || ended == started { started } else { format!("{started} to {ended}").into() };
    let _ = write!(text, "\n{}", terminal.paint(STRONG, format!("{number}. {}", title.trim())));
    for (style, part) in [(style(&outcome), outcome), (FAINT, times)] {
        if !part.is_empty() {
            let _ = write!(text, "  {}", terminal.paint(style, part));
        }
    }
    text.push('\n');
    text.push_str(&decisions::draw(&step.decisions, 3, terminal));
    for attempt in &step.attempts {
        draw_attempt(text, attempt, terminal);
    }
}

fn draw_attempt(text: &mut String, attempt: &Attempt, terminal: &Terminal) {
    let _ = write!(text, "\n   attempt {}", one_line(attempt.number.as_str()));
    let (started, duration, address) =
        (time(attempt.started_at.as_str()), attempt.duration_ms.as_str(), attempt.address.as_str());
    for (before, value, after) in [("  ", &*started, ""), ("  ", duration, " ms"), ("  to ", address, "")] {
        if !value.is_empty() {
            let _ = write!(text, "{before}{}{after}", one_line(value));
        }
    }
    match attempt.outcome.as_str() {
        "open" => {
            let _ = write!(text, "  {}", terminal.paint(FAINT, "goes on"));
        }
        "unknown" => {
            let known = match duration {
                "" => "the daemon ended during it: whether it has arrived is not known",
                _ => "whether it has arrived is not known",
            };
            let _ = write!(text, "  {}", terminal.paint(DOUBTFUL, known));
        }
        _ => {}
    }
    text.push('\n');
    if let Some(request) = &attempt.request {
        let line = format!("{} {}", one_line(request.method.as_str()), one_line(request.url.as_str()));
        draw_exchange(text, '>', line.trim(), &request.headers, &request.body, terminal);
    }
    if let Some(response) = &attempt.response {
        let line = one_line(response.status.as_str());
        draw_exchange(text, '<', &line, &response.headers, &response.body, terminal);
        if response.truncated {
            let _ = writeln!(text, "   {}", terminal.paint(FAINT, "< (only the beginning was kept)"));
        }
    }
    if let Some(error) = &attempt.error {
        let words = [&error.class, &error.message].map(|part| one_line(part.as_str()).into_owned());
        let words: Vec<String> = words.into_iter().filter(|part| !part.is_empty()).collect();
        let _ = writeln!(text, "   {} {}", terminal.paint(WRONG, "!"), words.join(": "));
    }
}

/// One direction of an exchange, every line behind its arrow.
pub(in crate::cli) fn draw_exchange(
    text: &mut String,
    arrow: char,
    line: &str,
    headers: &Headers,
    body: &Text,
    terminal: &Terminal,
) {
    let _ = writeln!(text, "   {} {}", terminal.paint(FAINT, arrow), terminal.paint(STRONG, line));
    for (name, value) in headers.iter() {
        let header = format!("{}: {}", one_line(name), one_line(value));
        let _ = writeln!(text, "   {} {header}", terminal.paint(FAINT, arrow));
    }
    if body.is_empty() {
        return;
    }
    let _ = writeln!(text, "   {}", terminal.paint(FAINT, arrow));
    for line in clean(body.as_str()).lines() {
        let _ = writeln!(text, "   {} {line}", terminal.paint(FAINT, arrow));
    }
}
