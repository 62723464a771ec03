//! What came of the tests, for people.

use runtime::rehearsal::{Failure, Report, clock};
use unicode_width::UnicodeWidthStr;

use super::super::check::counted;
use super::super::clean::{clean, one_line};
use super::super::terminal::{FAINT, GOOD, HINT, Terminal, WRONG};
use super::coverage::Measured;
use super::{Rehearsed, marks, snapshot};

/// So many lines of a timeline are shown.
const TIMELINE: usize = 60;

/// A name takes so many columns before what stands behind it is no longer aligned.
const WIDEST: usize = 60;

pub(super) fn text(rehearsed: &Rehearsed<'_>, coverage: Option<&Measured>, terminal: &Terminal) -> String {
    let names = rehearsed.reports.iter().map(|report| one_line(&report.name).width());
    let width = names.max().unwrap_or_default().min(WIDEST);
    let mut out = String::new();
    for (number, report, snapshot) in rehearsed.each() {
        let passed = rehearsed.passed(number);
        let (word, style) = if passed { (" ok  ", GOOD) } else { (" FAIL", WRONG) };
        let name = one_line(&report.name);
        let padding = " ".repeat(width.saturating_sub(name.width()));
        let mut line = format!("{} {name}{padding}", terminal.paint(style, word));
        if rehearsed.timings {
            line.push_str(&format!("  {:>6.1}ms", report.took.as_secs_f64() * 1_000.0));
        }
        let virtual_time = report.end.duration_since(report.start);
        if !virtual_time.is_zero() {
            line.push_str(&terminal.paint(FAINT, format!("  {} virtual", length(virtual_time))));
        }
        if !passed {
            line.push_str(&format!("  {}", rehearsed.place(report.span)));
        }
        out.push_str(line.trim_end());
        out.push('\n');
        if !passed {
            failed(&mut out, rehearsed, report, snapshot, terminal);
        }
    }
    out.push_str(&summary(rehearsed, coverage, terminal));
    if let Some(coverage) = coverage {
        out.push_str(&coverage.missing(rehearsed, terminal));
    }
    out
}

fn failed(
    out: &mut String,
    rehearsed: &Rehearsed<'_>,
    report: &Report,
    snapshot: Option<&snapshot::Difference>,
    terminal: &Terminal,
) {
    for failure in &report.failures {
        for line in failure_text(rehearsed, report, failure, terminal).lines() {
            out.push_str(format!("      {line}").trim_end());
            out.push('\n');
        }
    }
    if let Some(difference) = snapshot {
        for line in difference.told(terminal).lines() {
            out.push_str(format!("      {line}").trim_end());
            out.push('\n');
        }
    }
    if !report.failures.is_empty() {
        out.push_str(&timeline(rehearsed, report, terminal));
    }
    let name = one_line(&report.name).replace('"', "\\\"");
    out.push_str(&terminal.paint(FAINT, format!("      rerun: wf test --filter \"{name}\"")));
    out.push('\n');
}

/// A failure: the step with what was found, and what is so instead.
pub(super) fn failure_text(
    rehearsed: &Rehearsed<'_>,
    report: &Report,
    failure: &Failure,
    terminal: &Terminal,
) -> String {
    let mut out = String::new();
    if failure.span != report.span {
        let step = rehearsed.sources.slice(failure.span);
        let (_, _, column) = rehearsed.position(failure.span);
        let indentation = usize::try_from(column).unwrap_or(1).saturating_sub(1);
        let paint = |text: &str| terminal.paint(WRONG, text);
        out.push_str(&marks::drawn(step, indentation, &failure.marks, &paint));
    }
    if !failure.message.is_empty() {
        out.push_str(&clean(&failure.message));
        out.push('\n');
    }
    if let Some(add) = &failure.add {
        out.push_str(&format!("{} if that is right, add: {}\n", terminal.paint(HINT, "hint:"), clean(add)));
    }
    let at = if failure.span == report.span { String::new() } else { rehearsed.place(failure.span) };
    if !at.is_empty() {
        out.push_str(&terminal.paint(FAINT, format!("at {at}")));
        out.push('\n');
    }
    out
}

/// What happened, each line with its time.
fn timeline(rehearsed: &Rehearsed<'_>, report: &Report, terminal: &Terminal) -> String {
    let told: Vec<String> = lines(rehearsed, report).collect();
    let mut out = terminal.paint(FAINT, "      timeline") + "\n";
    let skipped = told.len().saturating_sub(TIMELINE);
    for (number, line) in told.iter().enumerate() {
        if skipped > 0 && number == TIMELINE / 3 {
            out.push_str(&format!("        … {} more …\n", counted(skipped, "line")));
        }
        if number < TIMELINE / 3 || number >= TIMELINE / 3 + skipped {
            out.push_str(&format!("        {line}\n"));
        }
    }
    out
}

fn lines<'a>(rehearsed: &'a Rehearsed<'_>, report: &'a Report) -> impl Iterator<Item = String> + 'a {
    report.log.entries.iter().filter_map(move |entry| {
        let told = entry.fact.told()?;
        let place = entry.address().and_then(|address| rehearsed.statement(&address));
        let place = place.map(|span| format!("  ← {}", rehearsed.place(span))).unwrap_or_default();
        Some(format!("{} {}{place}", clock(report.start, entry.at), one_line(&told)))
    })
}

fn summary(rehearsed: &Rehearsed<'_>, coverage: Option<&Measured>, terminal: &Terminal) -> String {
    let (passed, failed) = rehearsed.counts();
    let mut line = match failed {
        0 => terminal.paint(GOOD, format!("{passed} passed")),
        _ => terminal.paint(WRONG, format!("{failed} failed, {passed} passed")),
    };
    if let Some(coverage) = coverage {
        line.push_str(&format!(" · {}", coverage.told()));
    }
    format!("{line}\n")
}

/// A length of virtual time, in its two largest units.
pub(super) fn length(duration: jiff::SignedDuration) -> String {
    let milliseconds = duration.as_millis();
    let units: [(i128, &str); 5] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"), (1, "ms")];
    let mut rest = milliseconds;
    let mut parts = Vec::new();
    for (size, unit) in units {
        if rest >= size && parts.len() < 2 {
            parts.push(format!("{}{unit}", rest / size));
            rest %= size;
        }
    }
    if parts.is_empty() { "0s".to_owned() } else { parts.join(" ") }
}
