//! Findings in SARIF 2.1.0 (OASIS), which code hosts and editors read.
//!
//! Columns count units of UTF-16 from 1, as the log says (`columnKind`); byte offsets count from 0 in the file as it is.

use compiler::catalogue::Code;
use compiler::diagnostic::{Diagnostic, Edit, Fix};
use compiler::source::Span;
use serde_json::{Value, json};

use super::place::Places;

/// The whole log.
pub(super) fn log(diagnostics: &[Diagnostic], places: &Places<'_>) -> Value {
    let met: Vec<Code> =
        Code::ALL.iter().copied().filter(|code| diagnostics.iter().any(|finding| finding.code == *code)).collect();
    let results: Vec<Value> = diagnostics.iter().map(|finding| result(finding, &met, places)).collect();
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "wf",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": met.iter().map(|code| rule(*code)).collect::<Vec<_>>(),
            } },
            "columnKind": "utf16CodeUnits",
            "results": results,
        }],
    })
}

/// What a code means, with its page.
fn rule(code: Code) -> Value {
    json!({
        "id": code.slug(),
        "shortDescription": { "text": code.title() },
        "help": { "text": code.page(), "markdown": code.page() },
        "defaultConfiguration": { "level": code.level().word() },
    })
}

fn result(finding: &Diagnostic, met: &[Code], places: &Places<'_>) -> Value {
    let mut text = finding.message.clone();
    for more in [&finding.label, &finding.hint].into_iter().flatten() {
        text.push('\n');
        text.push_str(more);
    }
    let related = finding.also.iter().zip(1..).map(|(label, id)| {
        let mut location = location(label.span, places);
        if let Some(location) = location.as_object_mut() {
            location.insert("id".to_owned(), json!(id));
            location.insert("message".to_owned(), json!({ "text": label.text }));
        }
        location
    });
    let mut result = json!({
        "ruleId": finding.code.slug(),
        "ruleIndex": met.iter().position(|code| *code == finding.code),
        "level": finding.level().word(),
        "message": { "text": text },
        "locations": [location(finding.span, places)],
        "relatedLocations": related.collect::<Vec<_>>(),
    });
    if !finding.fixes.is_empty()
        && let Some(result) = result.as_object_mut()
    {
        let fixes: Vec<Value> = finding.fixes.iter().map(|it| fix(it, places)).collect();
        result.insert("fixes".to_owned(), Value::from(fixes));
    }
    result
}

fn location(span: Span, places: &Places<'_>) -> Value {
    json!({ "physicalLocation": { "artifactLocation": artifact(span, places), "region": region(span, places) } })
}

fn artifact(span: Span, places: &Places<'_>) -> Value {
    json!({ "uri": places.uri(places.sources.path(span.file)) })
}

fn region(span: Span, places: &Places<'_>) -> Value {
    let Some(file) = places.sources.get(span.file) else { return json!({ "startLine": 1 }) };
    let (start, end) = (file.position_in_utf16(span.start), file.position_in_utf16(span.end));
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
        "byteOffset": span.start,
        "byteLength": span.len(),
    })
}

/// A fix with its changes by file.
fn fix(fix: &Fix, places: &Places<'_>) -> Value {
    let mut files: Vec<Span> = Vec::new();
    for edit in &fix.edits {
        if files.iter().all(|span| span.file != edit.span.file) {
            files.push(edit.span);
        }
    }
    let replacement =
        |edit: &Edit| json!({ "deletedRegion": region(edit.span, places), "insertedContent": { "text": edit.text } });
    let changes = files.iter().map(|file| {
        let edits = fix.edits.iter().filter(|edit| edit.span.file == file.file);
        json!({
            "artifactLocation": artifact(*file, places),
            "replacements": edits.map(replacement).collect::<Vec<_>>(),
        })
    });
    json!({ "description": { "text": fix.title }, "artifactChanges": changes.collect::<Vec<_>>() })
}
