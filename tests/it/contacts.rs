//! Contacts as an operator has them: set, found, brought in by the file.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Daemon, Project, Reply, Stub, files_with, until};

const PROGRAM: &str = r#"
    contact {
      tier: "bronze" | "silver" | "gold" = "bronze"
      orders: int?
      vip: bool = false
      card: string? sensitive
    }
    segment loyal { contact.tier == "gold" and contact.town in ["Kyiv", "Lviv"] }
    segment many { (contact.orders ?? 0) > 10 or contact.vip }
    event left { email: email }
    workflow w { on left identify by email event.email }
"#;

fn project() -> Project {
    Project::new(&[("a.wf", PROGRAM)])
}

/// What a command prints, its notes, and how it ends.
fn run(project: &Project, daemon: &Daemon, arguments: &[&str]) -> (String, String, i32) {
    let mut command: Command = project.wf(arguments);
    let output = command.env("WF_URL", format!("http://{}", daemon.address)).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr), output.status.code().unwrap())
}

#[track_caller]
fn ok(project: &Project, daemon: &Daemon, arguments: &[&str]) -> String {
    let (out, notes, code) = run(project, daemon, arguments);
    assert_eq!(code, 0, "{arguments:?}: {out}{notes}");
    out
}

/// The numbers of the contacts that a list has.
fn ids(answer: &Value) -> Vec<i64> {
    answer["items"].as_array().unwrap().iter().map(|contact| contact["id"].as_i64().unwrap()).collect()
}

#[test]
fn a_contact_is_set_shown_and_found() {
    let project = project();
    let daemon = project.serve();
    assert_eq!(
        ok(&project, &daemon, &["contacts", "set", "email=Ann@EXAMPLE.com", "town=Kyiv", "orders=12"]),
        "contact 1 was made\n"
    );
    assert_eq!(
        ok(&project, &daemon, &["contacts", "set", "phone=+38 067 123-45-67", "external_id=crm-2"]),
        "contact 2 was made\n"
    );
    // Found by one identifier, given another; in any way that numbers are written.
    assert_eq!(
        ok(&project, &daemon, &["contacts", "set", "email=Ann@example.com", "first_name=Ann", "tier=gold"]),
        "contact 1 is set\n"
    );
    assert_eq!(
        ok(&project, &daemon, &["contacts", "set", "phone=+380671234567", "last_name=Archer"]),
        "contact 2 is set\n"
    );
    for id in ["1", "email=Ann@EXAMPLE.com", "id=1"] {
        let card: Value =
            serde_json::from_str(&ok(&project, &daemon, &["contacts", "show", id, "--format", "json"])).unwrap();
        assert_eq!(
            (&card["id"], &card["first_name"], &card["tier"]),
            (&json!(1), &json!("Ann"), &json!("gold")),
            "{id}"
        );
    }
    let shown = ok(&project, &daemon, &["contacts", "show", "phone=+380 67 1234567"]);
    assert!(shown.starts_with("contact 2\n") && shown.contains("external_id  crm-2\n"), "{shown}");
    let (_, notes, code) = run(&project, &daemon, &["contacts", "show", "email=nobody@example.com"]);
    assert_eq!(
        (code, notes.as_str()),
        (
            3,
            "error: there is no contact `email=nobody@example.com`\nhint: `wf contacts search TEXT` finds contacts by a part of a name, address or number\n"
        )
    );
    for (key, why) in [
        ("emial", "`emial` is no identifier, did you mean `email`?"),
        ("town", "`town` is no identifier, those are `id`, `external_id`, `phone`, `email`"),
    ] {
        let named = format!("{key}=Ann@example.com");
        let (_, notes, code) = run(&project, &daemon, &["contacts", "show", &named]);
        assert!(code == 3 && notes.starts_with(&format!("error: there is no contact `{named}`: {why}\n")), "{notes}");
    }
    for (arguments, expected) in [
        (&["search", "archer"][..], vec![2]),
        (&["search", "example.com"], vec![1]),
        (&["search", "+38067"], vec![2]),
        (&["search", "crm-2"], vec![2]),
        (&["search", "a", "--segment", "loyal"], vec![1]),
        (&["list", "--segment", "loyal"], vec![1]),
        (&["list", "--segment", "many"], vec![1]),
        (&["list"], vec![1, 2]),
    ] {
        let found = ok(&project, &daemon, &[&["contacts"], arguments, &["--format", "json"]].concat());
        assert_eq!(ids(&serde_json::from_str(&found).unwrap()), expected, "{arguments:?}");
    }
    let (_, notes, code) = run(&project, &daemon, &["contacts", "list", "--segment", "loyl"]);
    assert_eq!((code, notes.as_str()), (3, "error: the program has no segment `loyl`; did you mean `loyal`?\n"));
    let (_, notes, code) = run(&project, &daemon, &["contacts", "set", "email=Ann@example.com", "phone=+380671234567"]);
    assert_eq!((code, notes.as_str()), (3, "error: the identifiers belong to different contacts: 1, 2\n"));
    let conflict = daemon.request("PUT", "/v1/contacts", &[], r#"{"email":"Ann@example.com","external_id":"crm-2"}"#);
    assert_eq!((conflict.status, &conflict.json()["contacts"]), (409, &json!([1, 2])));
}

/// A zone is looked up when a run waits in it, and an identifier when somebody is looked for: what is none is told when it is
/// written.
#[test]
fn a_zone_and_an_identifier_that_are_none_are_refused() {
    let project = project();
    let daemon = project.serve();
    for (field, value, expected) in [
        ("timezone", json!("Mars/Olympus"), "expected the name of a time zone, such as `Europe/Kyiv`, got the text"),
        ("timezone", json!("Etc/Unknown"), "expected the name of a time zone"),
        ("timezone", json!(""), "expected the name of a time zone"),
        ("external_id", json!(""), "expected a text that is not empty"),
        ("external_id", json!("  "), "expected a text that is not empty"),
        ("external_id", json!("a\nb"), "expected a text that is not empty and has no control characters"),
    ] {
        let card = json!({ "email": "ann@example.com", field: value });
        let answer = daemon.request("PUT", "/v1/contacts", &[], &card.to_string());
        let errors = answer.json()["errors"].to_string();
        assert!(answer.status == 422 && errors.contains(expected) && errors.contains(field), "{card}: {answer:?}");
        let answer = daemon.request(
            "POST",
            "/v1/contacts/import",
            &[("content-type", "application/x-ndjson")],
            &card.to_string(),
        );
        assert_eq!((answer.status, &answer.json()["refused"]), (200, &json!(1)), "{card}: {answer:?}");
    }
    // Found as it is looked for; and nothing is nothing.
    let set = |card: &str| daemon.request("PUT", "/v1/contacts", &[], card).status;
    assert_eq!(set(r#"{"email":"ann@example.com","external_id":" crm-1 ","timezone":"Europe/Kyiv"}"#), 201);
    assert_eq!(daemon.get("/v1/contacts/external_id=crm-1")["timezone"], "Europe/Kyiv");
    assert_eq!(set(r#"{"email":"ann@example.com","external_id":null,"timezone":null}"#), 200);
}

#[test]
fn sensitive_fields_are_masked_and_not_lost_by_it() {
    let project = project();
    let daemon = project.serve();
    ok(&project, &daemon, &["contacts", "set", "email=ann@example.com", "card=canary-4711"]);
    let card = daemon.get("/v1/contacts/1");
    assert_eq!(card["card"], "•••");
    assert!(!daemon.get("/v1/contacts").to_string().contains("canary"));
    // What was shown is not what is meant.
    let answer = daemon.request("PUT", "/v1/contacts", &[], &card.to_string());
    assert_eq!(answer.status, 422, "{answer:?}");
    let answer = daemon.request("PUT", "/v1/contacts", &[], r#"{"email":"ann@example.com","card":["canary-5"]}"#);
    assert!(answer.status == 422 && !answer.body.contains("canary"), "{answer:?}");
}

#[test]
fn a_file_is_imported_row_by_row() {
    let project = project();
    let daemon = project.serve();
    // As spreadsheets write it: a byte order mark, semicolons, line ends of two characters and within quotes.
    let csv = "\u{feff}E-Mail;First Name;City;Orders;VIP;Notes\r\n\
               ann@example.com;\"Ann \"\"the\r\nfirst\"\"\";Kyiv;12;yes;x\r\n\
               bob@example.com;Bob;;abc;;y\r\n\
               \r\n\
               not an address;Eve;;1;maybe;z\r\n\
               cat@example.com;Cat;Lviv;;no;\r\n";
    project.write("people.csv", csv);
    let (out, notes, code) = run(&project, &daemon, &["contacts", "import", "people.csv"]);
    assert_eq!((out.as_str(), code), ("", 2), "{notes}");
    assert!(notes.contains("no field is meant by the column `Notes`") && notes.contains("--map 'COLUMN='"), "{notes}");
    let import = ["contacts", "import", "people.csv", "--map", "Notes="];
    let (out, notes, code) = run(&project, &daemon, &import);
    assert_eq!((out.as_str(), code), ("4 rows: 2 made, 0 changed, 0 as before, 2 refused\n", 1), "{notes}");
    for line in ["refused: line 4: orders: expected `int`, got the text", "refused: line 6: email: expected"] {
        assert!(notes.contains(line), "{line}: {notes}");
    }
    let contacts = daemon.get("/v1/contacts");
    assert_eq!(contacts["items"][0]["first_name"], "Ann \"the\r\nfirst\"");
    assert_eq!((&contacts["items"][0]["vip"], &contacts["items"][1]["town"]), (&json!(true), &json!("Lviv")));
    // What was refused is mended in a file of its own, under the same header.
    let refused = fs::read_to_string(project.path().join("people.csv.refused.csv")).unwrap();
    assert_eq!(refused.lines().count(), 3, "{refused}");
    let reasons = fs::read_to_string(project.path().join("people.csv.refused.csv.txt")).unwrap();
    assert!(reasons.starts_with("line 4: orders: ") && reasons.contains("; vip: expected `bool"), "{reasons}");
    project.write(
        "mended.csv",
        &refused.replace("abc", "3").replace("not an address", "eve@example.com").replace("maybe", "0"),
    );
    let mended = ["contacts", "import", "mended.csv", "--map", "Notes="];
    assert_eq!(ok(&project, &daemon, &mended), "2 rows: 2 made, 0 changed, 0 as before, 0 refused\n");
    // Once more changes nothing.
    assert_eq!(ok(&project, &daemon, &mended), "2 rows: 0 made, 0 changed, 2 as before, 0 refused\n");
    assert!(!project.path().join("people.csv.wf-import").exists());
}

#[test]
fn json_lines_come_from_anywhere() {
    let project = project();
    let daemon = project.serve();
    let rows = "{\"email\":\"ann@example.com\",\"orders\":3}\n\n[1]\n{\"email\":\"bob@example.com\",\"town\":null}\n{\"town\":\"Kyiv\"}";
    let answer = daemon.request("POST", "/v1/contacts/import", &[("content-type", "application/x-ndjson")], rows);
    let report = answer.json();
    assert_eq!(
        (answer.status, &report["rows"], &report["created"], &report["refused"]),
        (200, &json!(4), &json!(2), &json!(2))
    );
    let refusals: Vec<_> = report["refusals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["line"].as_u64().unwrap(), row["type"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(refusals, [(3, "urn:wf:malformed-row".to_owned()), (5, "urn:wf:identifier-missing".to_owned())]);
    for (kind, body, status) in [
        ("application/json", "{}", 415),
        ("text/csv", "town\nKyiv\n", 422),
        ("text/csv", "email,shoe\n", 422),
        ("text/csv", "", 200),
        ("text/csv", "email\n", 200),
    ] {
        let answer = daemon.request("POST", "/v1/contacts/import", &[("content-type", kind)], body);
        assert_eq!(answer.status, status, "{kind} {body:?}: {answer:?}");
    }
    let malformed =
        daemon.request("POST", "/v1/contacts/import?country=XX", &[("content-type", "text/csv")], "email\n");
    assert_eq!(malformed.status, 400);
}

/// A quote that is not closed would take all rows behind it into one cell.
#[test]
fn a_quote_that_is_not_closed_is_no_success() {
    let project = project();
    let daemon = project.serve();
    let csv = "email,first_name\nann@example.com,Ann\nbob@example.com,\"Bob\ncat@example.com,Cat\n";
    let answer = daemon.request("POST", "/v1/contacts/import", &[("content-type", "text/csv")], csv);
    let report = answer.json();
    assert_eq!((answer.status, &report["created"], &report["refused"]), (200, &json!(1), &json!(1)), "{report}");
    assert_eq!(report["refusals"][0]["line"], 3, "{report}");
    project.write("people.csv", csv);
    let (out, notes, code) = run(&project, &daemon, &["contacts", "import", "people.csv"]);
    assert_eq!((out.as_str(), code), ("2 rows: 0 made, 0 changed, 1 as before, 1 refused\n", 1), "{notes}");
    assert!(notes.contains("refused: line 3: the quote that opens on this line is not closed"), "{notes}");
    // All of it is there to be mended.
    let refused = fs::read_to_string(project.path().join("people.csv.refused.csv")).unwrap();
    assert_eq!(refused, "email,first_name\nbob@example.com,\"Bob\ncat@example.com,Cat\n");
    project.write("header.csv", "email,\"first_name\nann@example.com,Ann\n");
    let (_, notes, code) = run(&project, &daemon, &["contacts", "import", "header.csv"]);
    assert!(code == 2 && notes.contains("line 1: the header cannot be read: the quote"), "{notes}");
    assert!(!notes.contains("iconv"), "{notes}");
}

/// A file may have the times that `wf` itself keeps; nobody is to think that they were taken.
#[test]
fn columns_that_are_not_taken_are_told() {
    let project = project();
    let daemon = project.serve();
    let csv = "email,Created At,updated_at\nann@example.com,2020-01-01T00:00:00Z,x\n";
    project.write("people.csv", csv);
    let (out, notes, code) = run(&project, &daemon, &["contacts", "import", "people.csv"]);
    assert_eq!((out.as_str(), code), ("1 row: 1 made, 0 changed, 0 as before, 0 refused\n", 0), "{notes}");
    for column in ["Created At", "updated_at"] {
        assert!(notes.contains(&format!("the column `{column}` is left out")), "{notes}");
    }
    let mapped = ["contacts", "import", "people.csv", "--map", "Created At=", "--map", "updated_at="];
    let (_, notes, _) = run(&project, &daemon, &mapped);
    assert!(!notes.contains("left out"), "{notes}");
    let answer = daemon.request("POST", "/v1/contacts/import", &[("content-type", "text/csv")], csv);
    assert_eq!(answer.json()["left_out"], json!(["Created At", "updated_at"]), "{answer:?}");
}

/// The daemon dies in the middle; the same command goes on, and nobody is missing or there twice.
#[test]
fn an_import_that_was_broken_off_goes_on() {
    let project = project();
    let daemon = project.serve();
    let count = 9_000;
    let mut csv = "email,external_id,town\n".to_owned();
    for number in 0..count {
        csv.push_str(&format!("p{number}@example.com,crm-{number},Kyiv\n"));
    }
    project.write("people.csv", &csv);
    let url = format!("http://{}", daemon.address);
    let mut import = project.wf(&["contacts", "import", "people.csv", "--url", &url]).spawn().unwrap();
    let noted = project.path().join("people.csv.wf-import");
    until("a part to be in", || noted.exists().then_some(()));
    daemon.kill();
    let broken = import.wait().unwrap().code();
    let daemon = project.serve();
    if broken == Some(0) {
        // It was faster than the kill; nothing to go on with is left.
        assert!(!noted.exists());
        return;
    }
    assert_eq!(broken, Some(3));
    let port = fs::read_to_string(&noted).unwrap();
    // The daemon listens elsewhere after its restart.
    fs::write(&noted, port.replace(&url, &format!("http://{}", daemon.address))).unwrap();
    let (out, notes, code) = run(&project, &daemon, &["contacts", "import", "people.csv"]);
    assert!(notes.contains("goes on after line"), "{notes}");
    assert_eq!(code, 0, "{notes}");
    assert!(out.starts_with(&format!("{count} rows: ")), "{out}");
    let found = ok(&project, &daemon, &["contacts", "list", "--limit", "20000", "--format", "json"]);
    assert_eq!(ids(&serde_json::from_str(&found).unwrap()).len(), count);
}

#[test]
fn a_field_that_comes_back_has_its_value() {
    let project = project();
    let daemon = project.serve();
    ok(&project, &daemon, &["contacts", "set", "email=ann@example.com", "orders=12", "town=Kyiv"]);
    let reload = |program: &str| {
        project.write("a.wf", program);
        let answer = daemon.request("POST", "/v1/reload", &[], "");
        assert_eq!(answer.status, 200, "{answer:?}");
        daemon.get("/v1/contacts/1")
    };
    let without = PROGRAM.replace("orders: int?", "").replace("(contact.orders ?? 0) > 10 or ", "");
    assert_eq!(reload(&without)["orders"], Value::Null);
    ok(&project, &daemon, &["contacts", "set", "email=ann@example.com", "town=Lviv"]);
    assert_eq!(reload(PROGRAM)["orders"], 12);
    // A value that fits another type stays, one that does not waits for its own.
    let as_text = PROGRAM.replace("orders: int?", "orders: string?").replace("(contact.orders ?? 0) > 10 or ", "");
    assert_eq!(reload(&as_text)["orders"], Value::Null);
    let unfit = until("what does not fit to be told", || {
        let told = daemon.get("/v1/program")["unfit"].clone();
        (told != json!([])).then_some(told)
    });
    assert_eq!(unfit, json!([{ "field": "orders", "contacts": 1, "examples": [1] }]));
    let as_decimal = PROGRAM.replace("orders: int?", "orders: decimal?");
    assert_eq!(reload(&as_decimal)["orders"], 12);
    assert_eq!(daemon.get("/v1/program")["unfit"], json!([]));
    assert_eq!(ids(&daemon.get("/v1/contacts?segment=many")), [1]);
}

const PRIVATE: &str = r#"
    contact { nickname: string? card: string? sensitive told: string? }
    event left { email: email, note: string?, order: string? }
    event seen { email: email }
    webhook ask { post "ORIGIN/x" body json { who: contact.email, nick: contact.nickname, note: event.note } returns json { said: string } }
    webhook look {
      get "ORIGIN/look/${contact.card ?? ""}?nick=${contact.nickname ?? ""}&card=${contact.card ?? ""}"
      headers { "X-Nick": "${contact.nickname ?? ""}", "X-Card": "${contact.card ?? ""}" }
      attempts 1
    }
    webhook long { post "ORIGIN/long" body json { card: contact.card, nick: contact.nickname, note: event.note } attempts 1 }
    message hello {
      email {
        from "shop@example.com"
        subject "For $!contact.nickname"
        text "$!contact.nickname $!event.note $!contact.card $!data.ask.said"
      }
    }
    workflow greet {
      on left
      identify by email event.email else create
      set contact.nickname = event.note
      call ask
      call look on failure { set contact.told = "failed for ${contact.nickname ?? ""}" }
      call long on failure { }
      send hello
      wait 30d
    }
    workflow watch { on seen where event.email == "nobody@example.com" identify by email event.email }
"#;

/// A person is in a contact, events, a run that waits, requests and answers, a message and its file; and then nowhere.
#[test]
fn a_person_who_is_erased_is_nowhere() {
    // An error names whom it is about; one answer is so long that it is kept apart, compressed.
    let stub = Stub::start(|request, _| match request.target.as_str() {
        "/x" => Reply::ok("application/json", &format!(r#"{{"said":"canary-answer for {}"}}"#, request.body.len())),
        "/long" => {
            Reply::status("400 Bad Request", "text/plain", &format!("{} no {}", request.text(), "x".repeat(40_000)))
        }
        target => Reply::status(
            "404 canary-nick",
            "text/plain",
            &format!("nobody canary-nick at {target}, canary@example.com"),
        ),
    });
    let project = Project::new(&[("a.wf", &PRIVATE.replace("ORIGIN", &stub.origin()))]).calls(&stub);
    let daemon = project.serve();
    ok(
        &project,
        &daemon,
        &["contacts", "set", "email=canary@example.com", "card=canary-card", "first_name=Canaryname"],
    );
    ok(&project, &daemon, &["contacts", "set", "email=other@example.com", "first_name=Other"]);
    for (who, note) in [("canary", "canary-nick"), ("other", "plain-nick")] {
        let params = json!({ "email": format!("{who}@example.com"), "note": note });
        daemon.send("left", &format!("{who}@example.com/1"), params);
    }
    // About the person, and starting nothing; and of somebody else, who mentions it.
    daemon.send("seen", "s-1", json!({ "email": "canary@example.com" }));
    daemon.send(
        "left",
        "m-1",
        json!({ "email": "other@example.com", "note": "ask canary@example.com, not xcanary@example.com" }),
    );
    project.wait_for_mails(3);
    let waiting = || daemon.get("/v1/runs?status=waiting")["items"].as_array().unwrap().len();
    until("the runs to wait", || (waiting() == 3).then_some(()));
    assert_eq!(daemon.get("/v1/messages")["items"].to_string().matches("canary-card").count(), 0);
    let words = ["canary-nick", "canary-card", "canaryname", "canary@example.com"];
    // What is sensitive is masked in history wherever it went: URL, query, header, body, the answer that says it once more.
    let runs = daemon.get("/v1/runs?contact=1");
    let history = daemon.get(&format!("/v1/runs/{}", runs["items"][0]["id"].as_str().unwrap()));
    let text = history.to_string();
    assert!(text.contains("canary-nick") && !text.contains("canary-card"), "{history:#}");
    until("the person to be on disk", || (!files_with(&project.data(), &words).is_empty()).then_some(()));
    let export: Value =
        serde_json::from_str(&ok(&project, &daemon, &["contacts", "export", "email=canary@example.com"])).unwrap();
    assert_eq!(export["contact"]["fields"]["card"], "canary-card");
    assert_eq!((export["events"].as_array().unwrap().len(), export["runs"].as_array().unwrap().len()), (1, 1));
    assert!(
        export["runs"][0].to_string().contains("canary-answer")
            && export["messages"][0]["text"].to_string().contains("canary-card")
    );

    let (_, notes, code) = run(&project, &daemon, &["contacts", "forget", "email=canary@example.com"]);
    assert!(code == 2 && notes.contains("--yes"), "{notes}");
    let told = ok(&project, &daemon, &["contacts", "forget", "email=canary@example.com", "--yes"]);
    assert_eq!(told, "contact 1 is erased: 2 events, 1 run (1 cancelled), 3 attempts, 1 message\n");
    let left: Vec<String> = files_with(&project.data(), &words);
    let left: Vec<_> = left.iter().filter(|found| !found.ends_with("canary@example.com")).collect();
    assert!(left.is_empty(), "{left:?}");
    // The other's mail mentions the address still, for it was sent; the store does not.
    let store = fs::read(project.data().join("store.db")).unwrap();
    let text = String::from_utf8_lossy(&store);
    assert!(!text.replace("xcanary@example.com", "").contains("canary@example.com"));
    assert_eq!(project.mails().len(), 2);
    let log = daemon.log();
    assert!(!log.is_empty() && !words.iter().any(|word| log.contains(word)), "{log}");
    // Counted tombstones, and everybody else is there.
    assert_eq!(daemon.request("GET", "/v1/contacts/1", &[], "").status, 410);
    assert_eq!(daemon.request("DELETE", "/v1/contacts/1", &[], "").status, 410);
    assert_eq!(ids(&daemon.get("/v1/contacts")), [2]);
    let runs = daemon.get("/v1/runs?contact=1");
    assert_eq!(
        (&runs["items"][0]["status"], &runs["items"][0]["reason_code"]),
        (&json!("cancelled"), &json!("contact_forgotten"))
    );
    assert_eq!(daemon.get("/v1/events/s-1")["params"], Value::Null);
    assert_eq!(daemon.get("/v1/events/m-1")["params"]["note"], "ask •••, not xcanary@example.com");
    assert_eq!(waiting(), 2);
    assert_eq!(daemon.terminate(), Some(0));
    let daemon = project.serve();
    assert_eq!(daemon.request("GET", "/v1/contacts/1", &[], "").status, 410);
    let made = ok(&project, &daemon, &["contacts", "set", "email=canary@example.com"]);
    assert_eq!(made, "contact 3 was made\n", "the number of who was erased is nobody's");
}

/// Why somebody did not get a message is answered in words.
#[test]
fn what_became_of_a_contact_is_told() {
    let project = Project::new(&[(
        "a.wf",
        r#"
        contact { vip: bool = false }
        event paid { email: email, total: decimal }
        segment vips { contact.vip }
        workflow thanks { on paid where event.total > 100 identify by email event.email else create once ever wait 30d }
        workflow digest { on schedule "0 0 1 1 *" in "UTC" for segment vips wait 1h }
        workflow moved { on contact.town changed fail "no post office in ${contact.town ?? ""}" }
        "#,
    )]);
    let daemon = project.serve();
    let story = || {
        let story = daemon.get("/v1/contacts/email=ann@example.com/runs");
        let chapters = story["workflows"].as_array().unwrap().clone();
        move |workflow: &str| {
            let chapter = chapters.iter().find(|chapter| chapter["workflow"] == workflow).unwrap();
            chapter["answer"].as_str().unwrap().to_owned()
        }
    };
    ok(&project, &daemon, &["contacts", "set", "email=ann@example.com", "town=Kyiv"]);
    let now = story();
    assert_eq!(now("thanks"), "never entered it: no event `paid` has come");
    assert_eq!(now("digest"), "never entered it: it does not belong to the segment `vips`");
    assert_eq!(now("moved"), "never entered it: its `town` has not become another value");
    daemon.send("paid", "1", json!({ "email": "ann@example.com", "total": 5 }));
    assert!(story()("thanks").ends_with("it does not meet the `where` of its trigger"), "{}", story()("thanks"));
    daemon.send("paid", "2", json!({ "email": "ann@example.com", "total": 500 }));
    until("the run to wait", || story()("thanks").contains("and waits at `wait`, until ").then_some(()));
    daemon.send("paid", "3", json!({ "email": "ann@example.com", "total": 500 }));
    ok(&project, &daemon, &["contacts", "set", "email=ann@example.com", "town=Lviv", "vip=true"]);
    until("the run to fail", || story()("moved").ends_with("failed at `fail`: no post office in Lviv").then_some(()));
    let shown = ok(&project, &daemon, &["contacts", "show", "email=ann@example.com", "--runs"]);
    for line in [
        "thanks",
        "waits at `wait`",
        "kept out: it had entered within the time of `once`",
        "it belongs to the segment `vips` now",
    ] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
    // A run can be ended, once.
    let runs = daemon.get("/v1/runs?workflow=thanks&contact=email%3Dann@example.com");
    let id = runs["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(ok(&project, &daemon, &["runs", "cancel", &id]), format!("{id} is cancelled\n"));
    let (_, notes, code) = run(&project, &daemon, &["runs", "cancel", &id, "1-00000000"]);
    assert!(
        code == 3 && notes.contains("it is cancelled") && notes.contains("there is no run `1-00000000`"),
        "{notes}"
    );
    assert!(story()("thanks").contains("and was cancelled"), "{}", story()("thanks"));
    let started = runs["items"][0]["started_at"].as_str().unwrap();
    let listed = |arguments: &[&str]| {
        ok(&project, &daemon, &[&["runs", "list", "--format", "json"], arguments].concat()).contains(&id)
    };
    assert!(listed(&["--from", started]) && !listed(&["--to", started]));
}
