//! What came of the tests, for programs: an object on each line, in the form `wf.test/1`.

use runtime::rehearsal::{Failure, Report};
use serde_json::{Value, json};

use super::Rehearsed;
use super::coverage::Measured;

pub(super) fn lines(rehearsed: &Rehearsed<'_>, coverage: Option<&Measured>) -> String {
    let mut out = String::new();
    let mut push = |value: Value| out.push_str(&format!("{value}\n"));
    for (number, report, snapshot) in rehearsed.each() {
        let (file, line, column) = rehearsed.position(report.span);
        let passed = rehearsed.passed(number);
        let mut failures: Vec<Value> = report.failures.iter().map(|failure| told(rehearsed, report, failure)).collect();
        failures.extend(snapshot.map(|difference| {
            json!({ "file": file, "line": line, "column": column, "message": difference.message(),
                    "snapshot": difference.file(), "new": difference.new_file() })
        }));
        let mut test = json!({
            "format": "wf.test/1",
            "type": "test",
            "name": report.name,
            "file": file,
            "line": line,
            "column": column,
            "status": if passed { "passed" } else { "failed" },
            "virtual_ms": u64::try_from(report.end.duration_since(report.start).as_millis()).unwrap_or_default(),
            "failures": failures,
        });
        if let Some(members) = test.as_object_mut() {
            if rehearsed.timings {
                members.insert("duration_ms".to_owned(), json!(report.took.as_secs_f64() * 1_000.0));
            }
            if !passed {
                members.insert("timeline".to_owned(), timeline(rehearsed, report));
            }
        }
        push(test);
    }
    if let Some(coverage) = coverage {
        push(coverage.object(rehearsed));
    }
    let (passed, failed) = rehearsed.counts();
    push(
        json!({ "format": "wf.test/1", "type": "summary", "tests": passed + failed, "passed": passed, "failed": failed }),
    );
    out
}

fn told(rehearsed: &Rehearsed<'_>, report: &Report, failure: &Failure) -> Value {
    let (file, line, column) = rehearsed.position(failure.span);
    let step = (failure.span != report.span).then(|| rehearsed.sources.slice(failure.span));
    let marks: Vec<Value> =
        failure.marks.iter().map(|mark| json!({ "path": mark.path, "found": mark.found })).collect();
    json!({ "file": file, "line": line, "column": column, "step": step, "message": failure.message,
            "found": marks, "add": failure.add })
}

fn timeline(rehearsed: &Rehearsed<'_>, report: &Report) -> Value {
    let entries = report.log.entries.iter().filter_map(|entry| {
        let place = entry.address().and_then(|address| rehearsed.statement(&address));
        let place = place.map(|span| rehearsed.position(span));
        let (file, line) = place.map(|(file, line, _)| (file, line)).unzip();
        Some(json!({ "at": entry.at, "what": entry.fact.told()?, "file": file, "line": line }))
    });
    entries.collect()
}
