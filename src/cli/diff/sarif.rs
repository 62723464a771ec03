//! A difference in SARIF 2.1.0 (OASIS), for code hosts that show findings beside the lines of a change.

use compiler::diff::{Change, Risk, Slug};
use serde_json::{Value, json};

use super::Compared;
use super::side::Location;

pub(super) fn draw(compared: &Compared) -> String {
    let changes = &compared.diff.changes;
    let met: Vec<Slug> =
        Slug::ALL.iter().copied().filter(|slug| changes.iter().any(|change| change.slug == *slug)).collect();
    let results: Vec<Value> = changes.iter().map(|change| result(change, &met, compared)).collect();
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "wf diff",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": met.iter().map(|slug| rule(*slug)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}")
}

const fn level(risk: Risk) -> &'static str {
    match risk {
        Risk::Danger => "error",
        Risk::Review => "warning",
        Risk::Note => "note",
    }
}

fn rule(slug: Slug) -> Value {
    json!({
        "id": slug.word(),
        "shortDescription": { "text": slug.title() },
        "help": { "text": slug.page(), "markdown": slug.page() },
        "defaultConfiguration": { "level": level(slug.risk()) },
    })
}

fn result(change: &Change, met: &[Slug], compared: &Compared) -> Value {
    let mut result = json!({
        "ruleId": change.slug.word(),
        "ruleIndex": met.iter().position(|slug| *slug == change.slug),
        "level": level(change.risk),
        "message": { "text": super::github::words(change) },
        "locations": compared.after(change).map(|it| location(&it)).into_iter().collect::<Vec<_>>(),
        // What tells this change from every other one, whatever line it comes to stand in.
        "partialFingerprints": { "change/v1": format!("{}@{} {}", change.slug.word(), change.address, change.bound()) },
    });
    if let (Some(accepted), Some(result)) = (&change.accepted, result.as_object_mut()) {
        let suppression = json!({ "kind": "external", "justification": accepted.reason });
        result.insert("suppressions".to_owned(), json!([suppression]));
    }
    result
}

fn location(location: &Location) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": crate::cli::check::uri(&location.path) },
        "region": { "startLine": location.line, "startColumn": location.column },
    } })
}
