//! What the program declares and what it no longer does, from the API and from the command line.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::{Daemon, Project, Reply, Stub, until};

const PROGRAM: &str = r#"
    event cart { email: email }
    connector shop bearer { token secret("TOKEN") }
    connector spare basic { login "me" password secret("UNSET") signing secret("TOKEN") }
    /// Knows the score.
    webhook score { get "ORIGIN/score/${event.email}?a=1" auth shop returns json { score: int } attempts 1 }
    webhook "strange name/ї" { post "ORIGIN/bad" body json { town: contact.town } attempts 1 limit 5 per 1s }
    webhook spare { get "ORIGIN/spare" auth spare }
    message hello { email { from "shop@example.com" subject "Hello" text "Dear $event.email" } }
    workflow w { on cart identify by email event.email else create once per 1ms
      call score call "strange name/ї" on failure { } send hello }
    workflow unused { on cart identify by email event.email else create call spare }
"#;

fn project(stub: &Stub) -> Project {
    let program = PROGRAM.replace("ORIGIN", &stub.origin());
    Project::new(&[("a.wf", &program)]).calls(stub).set("WF_SECRET_TOKEN", "canary-token-1")
}

fn stub() -> Stub {
    Stub::start(|request, _| match request.target.starts_with("/bad") {
        true => Reply::status("500 Internal Server Error", "text/plain", "no"),
        false => Reply::ok("application/json", r#"{"score":1}"#),
    })
}

/// The fields of an item of a list, by its name.
fn item<'a>(list: &'a Value, name: &str) -> &'a Value {
    list["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["name"] == name)
        .unwrap_or_else(|| panic!("{name}: {list}"))
}

fn send(daemon: &Daemon, id: &str) {
    daemon.send("cart", id, json!({ "email": "ann@example.com" }));
    until("both runs to end", || {
        let runs = daemon.runs();
        runs.iter().all(|run| !["running", "waiting"].contains(&run["status"].as_str().unwrap())).then_some(())
    });
}

#[test]
fn declarations_are_listed_with_who_uses_them_and_how_it_went() {
    let stub = stub();
    let project = project(&stub);
    let daemon = project.serve();
    send(&daemon, "a");
    send(&daemon, "b");
    let webhooks = daemon.get("/v1/webhooks");
    let names: Vec<_> = webhooks["items"].as_array().unwrap().iter().map(|item| item["name"].clone()).collect();
    assert_eq!(names, ["score", "spare", "strange name/ї"]);
    let score = item(&webhooks, "score");
    assert_eq!(score["url"], format!("{}/score/${{event.email}}?a=1", stub.origin()));
    assert_eq!(
        (&score["description"], &score["connector"], &score["workflows"], &score["reads"]["event"]),
        (&json!("Knows the score."), &json!("shop"), &json!(["w"]), &json!(["email"]))
    );
    assert_eq!((&score["usage"]["attempts"], &score["usage"]["error_rate"]), (&json!(2), &json!(0.0)), "{score}");
    assert_eq!(score["usage"]["last"]["outcome"], "succeeded");
    let strange = daemon.get("/v1/webhooks/strange%20name%2F%D1%97");
    assert_eq!((&strange["usage"]["failed"], &strange["usage"]["error_rate"]), (&json!(2), &json!(1.0)), "{strange}");
    assert_eq!(strange["usage"]["last"]["error"]["status"], 500);
    assert_eq!(strange["limit"], json!({ "count": 5, "period_ms": 1000 }));

    let connectors = daemon.get("/v1/connectors");
    assert_eq!(item(&connectors, "shop")["secrets"], json!([{ "name": "TOKEN", "set": true }]));
    let spare = daemon.get("/v1/connectors/spare");
    assert_eq!(spare["secrets"], json!([{ "name": "TOKEN", "set": true }, { "name": "UNSET", "set": false }]));
    assert_eq!(
        (&spare["kind"], &spare["signing"], &spare["webhooks"]),
        (&json!("basic"), &json!(true), &json!(["spare"]))
    );
    assert!(!connectors.to_string().contains("canary"), "{connectors}");

    let template = daemon.get("/v1/templates/hello");
    assert_eq!(template["parts"]["email"]["text"], "Dear $event.email");
    assert_eq!(template["workflows"], json!(["w"]));
    let workflow = daemon.get("/v1/workflows/w");
    assert_eq!(
        (&workflow["calls"], &workflow["reentry"]),
        (&json!(["score", "strange name/ї"]), &json!("once per 1ms"))
    );
    assert!(workflow["graph"]["mermaid"].as_str().unwrap().contains("score"), "{workflow}");
    assert!(workflow["graph"]["nodes"].as_array().unwrap().len() > 3, "{workflow}");

    // Lists come in parts, and a cursor is of one list.
    let first = daemon.get("/v1/webhooks?limit=2");
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = daemon.get(&format!("/v1/webhooks?limit=2&cursor={cursor}"));
    assert_eq!((&rest["items"][0]["name"], &rest["next_cursor"]), (&json!("strange name/ї"), &json!(null)));
    for (target, status, slug) in [
        (format!("/v1/workflows?cursor={cursor}"), 400, "malformed-cursor"),
        ("/v1/webhooks?deleted=perhaps".to_owned(), 400, "malformed-query"),
        ("/v1/webhooks/scoer".to_owned(), 404, "unknown-webhook"),
        ("/v1/connectors/x".to_owned(), 404, "unknown-connector"),
        ("/v1/templates/x".to_owned(), 404, "unknown-template"),
        ("/v1/workflows/x".to_owned(), 404, "unknown-workflow"),
    ] {
        let answer = daemon.request("GET", &target, &[], "");
        assert_eq!((answer.status, &answer.json()["type"]), (status, &json!(format!("urn:wf:{slug}"))), "{target}");
    }
}

#[test]
fn what_was_removed_is_known_with_the_program_that_had_it_last() {
    let stub = stub();
    let project = project(&stub);
    let daemon = project.serve();
    send(&daemon, "a");
    let first = daemon.get("/v1/program")["hash"].clone();
    assert_eq!(daemon.get("/v1/webhooks?deleted=true")["items"], json!([]));
    let small = r#"
        event cart { email: email }
        webhook spare { get "https://elsewhere.example.com/" }
        workflow w { on cart identify by email event.email else create call spare }
    "#;
    project.write("a.wf", small);
    assert_eq!(daemon.request("POST", "/v1/reload", &[], "").status, 200);
    for daemon in [daemon] {
        let gone = daemon.get("/v1/webhooks?deleted=true");
        let names: Vec<_> = gone["items"].as_array().unwrap().iter().map(|item| item["name"].clone()).collect();
        assert_eq!(names, ["score", "strange name/ї"]);
        let score = daemon.get("/v1/webhooks/score");
        assert_eq!((&score["deleted"], &score["last_program"]), (&json!(true), &first), "{score}");
        assert!(score["removed_at"].as_str() > score["last_activated_at"].as_str(), "{score}");
        assert_eq!((&score["host"], &score["usage"]["attempts"]), (&json!(stub.origin()), &json!(1)), "{score}");
        for (list, names) in [
            ("connectors", json!(["shop", "spare"])),
            ("templates", json!(["hello"])),
            ("workflows", json!(["unused"])),
        ] {
            let gone = daemon.get(&format!("/v1/{list}?deleted=true"));
            let found: Value = gone["items"].as_array().unwrap().iter().map(|item| item["name"].clone()).collect();
            assert_eq!(found, names, "{list}");
        }
        assert_eq!(daemon.terminate(), Some(0));
    }
    // A restart forgets nothing, and what comes back is no longer gone.
    let daemon = project.serve();
    assert_eq!(daemon.get("/v1/webhooks/score")["last_program"], first);
    project.write("a.wf", &PROGRAM.replace("ORIGIN", &stub.origin()));
    assert_eq!(daemon.request("POST", "/v1/reload", &[], "").status, 200);
    assert_eq!(daemon.get("/v1/webhooks?deleted=true")["items"], json!([]));
}

#[test]
fn the_commands_show_what_the_api_says() {
    let stub = stub();
    let project = project(&stub);
    let daemon = project.serve();
    send(&daemon, "first-event");
    let url = format!("http://{}", daemon.address);
    let told = |line: &str| {
        let mut arguments: Vec<&str> = line.split('|').collect();
        arguments.extend(["--url", &url]);
        let output = project.wf(&arguments).stdin(Stdio::null()).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let cases = [
        ("webhooks|list", 0, &["WEBHOOK", "score", "shop", "succeeded", "100 %", "500"][..]),
        ("webhooks|show|score", 0, &["Knows the score.", "json { score: int }", "0 of 1 attempts since"]),
        ("webhooks|list|--deleted", 0, &["LAST IN PROGRAM"]),
        ("connectors|list", 0, &["UNSET (not set)", "bearer"]),
        ("connectors|show|shop", 0, &["TOKEN"]),
        ("messages|list", 0, &["hello", "email"]),
        ("messages|show|hello", 0, &["email.text", "Dear $event.email"]),
        ("workflows|list", 0, &["once per 1ms", "hello"]),
        ("workflows|show|w", 0, &["flowchart"]),
        ("events|list|--type|cart", 0, &["first-event", "cart"]),
        ("events|list|--type|nothing", 0, &["there is no such event"]),
        ("webhooks|show|scoer", 3, &["did you mean `score`?", "hint: `wf webhooks list`"]),
    ];
    for (line, code, parts) in cases {
        let (found, out, err) = told(line);
        let all = format!("{out}{err}");
        assert_eq!(found, Some(code), "{line}: {all}");
        for part in parts {
            assert!(all.contains(part), "{line}: {part}: {all}");
        }
    }
    for list in ["webhooks", "connectors", "workflows", "events"] {
        let (_, out, _) = told(&format!("{list}|list|--format|json"));
        assert_eq!(serde_json::from_str::<Value>(&out).unwrap(), daemon.get(&format!("/v1/{list}")), "{list}");
    }
}
