//! The OpenAPI document says what the API is: every route and only those, and every answer that the tests see.

mod schema;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::support::{Answer, Project};
use crate::tidy::{none, text};

/// The document.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(runtime::api::OPENAPI).unwrap());

/// Routes of the contract that the document is ahead with.
const AHEAD: &[&str] = &[];

/// The routes in the source of the router: `METHOD PATH`.
fn routed() -> BTreeSet<String> {
    let source = text("runtime/src/api/mod.rs");
    let mut routes = BTreeSet::new();
    for route in source.split(".route(\"").skip(1) {
        let (path, rest) = route.split_once('"').unwrap();
        let handlers = rest.split(".route").next().unwrap();
        for method in ["get", "post", "put", "delete", "patch"] {
            if handlers.contains(&format!(" {method}(")) || handlers.contains(&format!(".{method}(")) {
                routes.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    assert!(routes.len() > 15, "{routes:?}");
    routes
}

fn documented() -> BTreeSet<String> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, operations)| {
        operations.as_object().unwrap().keys().map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    operations.collect()
}

#[test]
fn the_document_has_every_route_and_only_those() {
    let (routed, documented) = (routed(), documented());
    let missing = routed.difference(&documented).map(|route| format!("{route} is not in openapi.json"));
    let gone = documented.difference(&routed).filter(|route| !AHEAD.contains(&route.as_str()));
    let gone = gone.map(|route| format!("{route} of openapi.json is no route"));
    none(missing.chain(gone).collect());
}

/// Every operation has a name of its own, and every reference leads somewhere.
#[test]
fn the_document_is_sound() {
    let mut names = BTreeSet::new();
    let mut findings = Vec::new();
    for (path, operations) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            if !names.insert(name) {
                findings.push(format!("{method} {path}: {name} is the name of two operations"));
            }
            let in_path: BTreeSet<&str> = path.split('{').skip(1).map(|part| part.split('}').next().unwrap()).collect();
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let declared: BTreeSet<String> = parameters
                .iter()
                .filter(|parameter| parameter["in"] == "path")
                .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
                .collect();
            if in_path != declared.iter().map(String::as_str).collect() {
                findings.push(format!("{method} {path}: {declared:?} are its parameters"));
            }
        }
    }
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
                fields.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    references(&DOCUMENT, &mut found);
    for reference in found {
        if DOCUMENT.pointer(reference.trim_start_matches('#')).is_none() {
            findings.push(format!("{reference} leads nowhere"));
        }
    }
    none(findings);
}

/// Fails when an answer is not one that the document knows. A path that it does not know is answered with 404 or 405.
#[track_caller]
pub(crate) fn check(method: &str, target: &str, answer: &Answer) {
    let path = target.split('?').next().unwrap();
    let segments: Vec<&str> = path.split('/').collect();
    let fits = |template: &str| {
        let template: Vec<&str> = template.split('/').collect();
        template.len() == segments.len()
            && template.iter().zip(&segments).all(|(part, segment)| part.starts_with('{') || part == segment)
    };
    let paths = DOCUMENT["paths"].as_object().unwrap();
    // A literal path goes before one with a name in it.
    let known = paths.get_key_value(path).or_else(|| paths.iter().find(|(template, _)| fits(template)));
    let Some((template, operations)) = known else { return };
    let Some(operation) = operations.get(method.to_lowercase()) else {
        assert!([405, 421, 400, 431].contains(&answer.status), "{method} {target}: {answer:?}");
        return;
    };
    let mut response = &operation["responses"][answer.status.to_string()];
    if let Some(reference) = response["$ref"].as_str() {
        response = DOCUMENT.pointer(reference.trim_start_matches('#')).unwrap();
    }
    assert!(response.is_object(), "{method} {template} does not say that it answers {}: {answer:?}", answer.status);
    let kind = answer.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let content = &response["content"][kind];
    assert!(content.is_object(), "{method} {template} does not say that {} is {kind}: {answer:?}", answer.status);
    if kind.ends_with("json") {
        let body = answer.json();
        let findings = schema::findings(&DOCUMENT, &content["schema"], &body);
        assert!(findings.is_empty(), "{method} {target} {}: {findings:#?}\n{body:#}", answer.status);
    }
}

#[test]
fn the_daemon_serves_the_document() {
    let project = Project::new(&[("a.wf", "event paid { total: decimal }\n")]);
    let daemon = project.serve();
    assert_eq!(daemon.get("/v1/openapi.json"), *DOCUMENT);
    // Each operation is there: what is wrong with a bare request is another thing than that there is nothing.
    for route in routed() {
        let (method, path) = route.split_once(' ').unwrap();
        let path = path.replace("{name}", "x").replace("{id}", "x").replace("{hash}", "x");
        let answer = daemon.request(method, &path, &[], "");
        let kind = serde_json::from_str::<Value>(&answer.body).unwrap_or_default()["type"].clone();
        assert!(kind != json!("urn:wf:unknown-path") && kind != json!("urn:wf:unknown-method"), "{route}: {answer:?}");
    }
    for (method, path, status) in
        [("GET", "/v1/nothing", 404), ("DELETE", "/v1/runs", 405), ("PATCH", "/v1/webhooks/x", 405)]
    {
        let answer = daemon.request(method, path, &[], "");
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (status, Some("application/problem+json")),
            "{answer:?}"
        );
        assert_eq!(answer.header("allow").is_some(), status == 405, "{answer:?}");
    }
}
