//! What came of the tests as a JUnit report: a suite for each file.

use std::collections::BTreeMap;

use super::super::check::junit::{attribute, text};
use super::super::terminal::Terminal;
use super::{Rehearsed, pretty};

pub(super) fn report(rehearsed: &Rehearsed<'_>) -> String {
    let mut suites: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (number, report, _) in rehearsed.each() {
        suites.entry(rehearsed.position(report.span).0).or_default().push(number);
    }
    let (passed, failed) = rehearsed.counts();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"wf test\" tests=\"{}\" failures=\"{failed}\">\n",
        passed + failed
    );
    for (file, numbers) in suites {
        let failed = numbers.iter().filter(|number| !rehearsed.passed(**number)).count();
        out.push_str(&format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failed}\" errors=\"0\" skipped=\"0\">\n",
            attribute(&file),
            numbers.len()
        ));
        for number in numbers {
            out.push_str(&case(rehearsed, number, &file));
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn case(rehearsed: &Rehearsed<'_>, number: usize, file: &str) -> String {
    let Some(report) = rehearsed.reports.get(number) else { return String::new() };
    let snapshot = rehearsed.snapshots.get(number).and_then(Option::as_ref);
    let (_, line, _) = rehearsed.position(report.span);
    let time = if rehearsed.timings { format!(" time=\"{:.6}\"", report.took.as_secs_f64()) } else { String::new() };
    let head = format!(
        "    <testcase classname=\"{0}\" name=\"{1}\" file=\"{0}\" line=\"{line}\"{time}",
        attribute(file),
        attribute(&report.name)
    );
    if rehearsed.passed(number) {
        return format!("{head}/>\n");
    }
    let plain = Terminal::plain();
    let mut failures: Vec<(String, String)> = report
        .failures
        .iter()
        .map(|failure| {
            let told = pretty::failure_text(rehearsed, report, failure, &plain);
            let first =
                if failure.message.is_empty() { told.lines().next().unwrap_or_default() } else { &failure.message };
            (first.to_owned(), told.clone())
        })
        .collect();
    failures.extend(snapshot.map(|difference| (difference.message(), difference.told(&plain))));
    let inner: String = failures
        .iter()
        .map(|(message, told)| format!("<failure message=\"{}\">{}</failure>", attribute(message), text(told)))
        .collect();
    format!("{head}>{inner}</testcase>\n")
}
