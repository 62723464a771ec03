//! The request and its outcome on paper.

use std::fmt::Write as _;

use runtime::client::Trial;

use super::super::clean::{clean, one_line};
use super::super::runs::show::draw_exchange;
use super::super::terminal::{DOUBTFUL, FAINT, GOOD, HINT, STRONG, Terminal, WRONG};
use super::advice;

/// The request as it will go out.
pub(super) fn request(trial: &Trial, terminal: &Terminal) -> String {
    let mut text = format!("{} {}\n", terminal.paint(STRONG, "webhook"), one_line(trial.webhook.as_str()));
    let event = trial.event.as_ref().map(|event| format!("{} {}", event.kind, event.id)).unwrap_or_default();
    for (name, value) in [("contact", trial.contact.as_str()), ("event", event.trim())] {
        if !value.is_empty() {
            // Writing to a `String` does not fail; so in all of this module.
            let _ = writeln!(text, "  {name:<8} {}", one_line(value));
        }
    }
    text.push('\n');
    let request = &trial.request;
    let line = format!("{} {}", one_line(request.method.as_str()), one_line(request.url.as_str()));
    draw_exchange(&mut text, '>', line.trim(), &request.headers, &request.body, terminal);
    error(&mut text, trial, terminal);
    text
}

/// What came of it.
pub(super) fn outcome(trial: &Trial, terminal: &Terminal) -> String {
    let mut text = String::from("\n");
    if let Some(response) = &trial.response {
        let line = one_line(response.status.as_str());
        draw_exchange(&mut text, '<', &line, &response.headers, &response.body, terminal);
        if response.truncated {
            let _ = writeln!(text, "   {}", terminal.paint(FAINT, "< (only the beginning is shown)"));
        }
    }
    error(&mut text, trial, terminal);
    if let Some(timing) = &trial.timing {
        let parts =
            [("connected", &timing.connect_ms), ("first byte", &timing.first_byte_ms), ("total", &timing.total_ms)];
        let parts = parts.iter().filter(|(_, time)| !time.is_empty());
        let parts: Vec<String> = parts.map(|(name, time)| format!("{name} {time} ms")).collect();
        let to =
            if trial.address.is_empty() { String::new() } else { format!(", to {}", one_line(trial.address.as_str())) };
        let _ = writeln!(text, "\ntime      {}{to}", parts.join(", "));
    }
    let declared = one_line(trial.returns.as_str());
    match trial.fits {
        Some(true) => {
            let _ = writeln!(text, "returns   {declared}: {}", terminal.paint(GOOD, "the body fits"));
        }
        Some(false) => {
            let _ = writeln!(text, "returns   {declared}: {}", terminal.paint(WRONG, "the body does not fit"));
            for mismatch in &trial.mismatches {
                let _ = writeln!(text, "  {}", one_line(&mismatch.to_string()));
            }
        }
        None => {}
    }
    if let Some(suggested) = trial.suggested_returns.as_deref()
        && (trial.fits == Some(false) || matches!(trial.returns.as_str(), "nothing" | "text"))
        && suggested != format!("returns {}", trial.returns)
    {
        let _ = writeln!(text, "{}", terminal.paint(HINT, "this answer suggests"));
        for line in clean(suggested).lines() {
            let _ = writeln!(text, "  {line}");
        }
    }
    text
}

fn error(text: &mut String, trial: &Trial, terminal: &Terminal) {
    if let Some(error) = &trial.error {
        let words = [&error.class, &error.message].map(|part| one_line(part.as_str()).into_owned());
        let words: Vec<String> = words.into_iter().filter(|part| !part.is_empty()).collect();
        let style = if trial.sent { WRONG } else { DOUBTFUL };
        let _ = writeln!(text, "   {} {}", terminal.paint(style, "!"), words.join(": "));
        if let Some(advice) = advice::of(trial) {
            let _ = writeln!(text, "   {} {advice}", terminal.paint(HINT, "hint:"));
        }
    }
}

/// The host that it goes to.
pub(super) fn host(trial: &Trial) -> String {
    let url = trial.request.url.as_str();
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    one_line(rest.split(['/', '?']).next().unwrap_or_default()).into_owned()
}
