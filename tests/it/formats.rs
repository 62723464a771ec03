//! `--format json`: what every command that lists or shows something gives to programs.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Daemon, Project, Reply, Stub};

const PROGRAM: &str = r#"
    event cart { email: email }
    contact { tier: string = "bronze" }
    segment all { contact.id > 0 }
    connector shop bearer { token secret("TOKEN") }
    webhook score { get "ORIGIN/score" auth shop returns json { score: int } }
    message hello { email { from "shop@example.com" subject "Hello $data.score.score" text "x" } }
    workflow w { on cart identify by email event.email else create call score send hello }
    test "it is sent" {
      stub score { body { score: 1 } }
      receive cart { email: "ann@example.com" }
      expect send hello
    }
"#;

/// What a form is: one value, or one on each line.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    One,
    Lines,
}

fn values(form: Form, text: &str) -> Vec<Value> {
    match form {
        Form::One => vec![serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))],
        Form::Lines => text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
    }
}

/// The fields of an object, or of the first item of a list.
fn fields(value: &Value, items: &str) -> BTreeSet<String> {
    let object =
        if items.is_empty() { value } else { value.pointer(items).unwrap_or_else(|| panic!("{items}: {value:#}")) };
    object.as_object().unwrap_or_else(|| panic!("{value:#}")).keys().cloned().collect()
}

#[test]
fn whatever_is_listed_or_shown_is_there_as_json() {
    let stub = Stub::start(|_, _| Reply::ok("application/json", r#"{"score":1}"#));
    let files = [("a.wf", PROGRAM.replace("ORIGIN", &stub.origin()))];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let project = Project::new(&files).calls(&stub).set("WF_SECRET_TOKEN", "t");
    let daemon = project.serve();
    daemon.send("cart", "e-1", json!({ "email": "ann@example.com" }));
    let run = daemon.ended_run();
    let run = run["id"].as_str().unwrap();
    project.write("people.csv", "email,tier\nbob@example.com,gold\n");
    let named = |command: &str| command.replace("RUN", run);
    let list = "/items/0";
    for (command, form, items, expected) in [
        ("events list", Form::One, list, &["id", "type", "received_at", "runs", "kept_out"][..]),
        ("events show e-1", Form::One, "", &["id", "type", "params", "received_at", "occurred_at", "program", "runs"]),
        ("events send cart --id e-2 --param email=ann@example.com", Form::One, "", &["accepted"]),
        ("contacts list", Form::One, list, &["id", "email"]),
        ("contacts list --segment all", Form::One, list, &["id", "email"]),
        ("contacts search ann", Form::One, list, &["id", "email"]),
        ("contacts show email=ann@example.com", Form::One, "", &["id", "email", "tier"]),
        ("contacts show email=ann@example.com --runs", Form::One, "/workflows/0", &["workflow", "answer"]),
        ("contacts set email=ann@example.com tier=gold", Form::One, "", &["id", "created"]),
        ("contacts import people.csv", Form::One, "", &["created", "changed", "refused"]),
        (
            "runs list",
            Form::One,
            list,
            &["id", "workflow", "program", "contact", "event", "status", "reason", "started_at"],
        ),
        (
            "runs show RUN",
            Form::One,
            "",
            &["id", "workflow", "program", "contact", "event", "status", "reason", "steps"],
        ),
        ("webhooks list", Form::One, list, &["name", "method", "host", "connector", "workflows", "usage"]),
        (
            "webhooks show score",
            Form::One,
            "",
            &["name", "method", "url", "connector", "workflows", "usage", "deleted"],
        ),
        ("connectors list", Form::One, list, &["name", "kind", "secrets", "hosts", "webhooks"]),
        ("connectors show shop", Form::One, "", &["name", "kind", "secrets", "hosts", "webhooks", "deleted"]),
        ("messages list", Form::One, list, &["name", "channels", "workflows", "usage"]),
        ("messages show hello", Form::One, "", &["name", "channels", "parts", "workflows", "usage"]),
        ("workflows list", Form::One, list, &["name", "triggers", "reentry", "steps", "calls", "sends"]),
        ("workflows show w", Form::One, "", &["name", "triggers", "reentry", "graph"]),
        ("send-test score --dry-run --contact email=ann@example.com", Form::One, "", &["webhook", "request", "sent"]),
        ("contacts forget email=bob@example.com --yes", Form::One, "", &["id", "erased"]),
        ("check", Form::One, "", &["errors", "warnings", "findings"]),
        ("test", Form::Lines, "", &["format", "type"]),
        ("audit", Form::One, "", &["schema", "flows", "hosts"]),
        ("rules", Form::One, "/0", &["code", "level", "title"]),
        ("explain", Form::One, "/0", &["code", "level", "title"]),
        ("explain unknown-name", Form::One, "", &["code", "level", "title", "page"]),
        ("build", Form::One, "", &["hash"]),
        ("doctor", Form::One, "/0", &["level", "what", "told", "hint"]),
    ] {
        let line = format!("{} --format json", named(command));
        let mut words: Vec<&str> = line.split(' ').collect();
        let url = format!("http://{}", daemon.address);
        let talks = ["events", "contacts", "runs", "webhooks", "connectors", "messages", "workflows", "send-test"];
        if talks.contains(&words[0]) {
            words.extend(["--url", &url]);
        }
        let output = project.wf(&words).current_dir(project.path()).output().unwrap();
        let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(matches!(output.status.code(), Some(0 | 1)), "{line}: {:?} {out}{err}", output.status);
        assert_eq!(out.lines().next().is_some(), form == Form::One || !expected.is_empty(), "{line}: {err}");
        for value in values(form, &out) {
            let found = fields(&value, items);
            let missing: Vec<&&str> = expected.iter().filter(|name| !found.contains(**name)).collect();
            assert!(missing.is_empty(), "{line} lacks {missing:?}: {value:#}");
        }
    }
    drop(daemon);
}

/// Lists say whether there is more, and an empty one is one all the same.
#[test]
fn lists_are_of_one_form() {
    let project = Project::new(&[("a.wf", "event e { a: int? } workflow w { on e identify by id 1 wait 1h }")]);
    let daemon: Daemon = project.serve();
    let url = format!("http://{}", daemon.address);
    for list in [
        "events list",
        "contacts list",
        "contacts search x",
        "runs list",
        "webhooks list",
        "connectors list",
        "messages list",
        "workflows list",
        "webhooks list --deleted",
    ] {
        let mut words: Vec<&str> = list.split(' ').collect();
        words.extend(["--format", "json", "--url", &url]);
        let output = project.wf(&words).output().unwrap();
        let value: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(value["items"].is_array() && value["next_cursor"].is_null(), "{list}: {value:#}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{list}");
    }
}
