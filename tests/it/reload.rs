//! Editing a file changes what runs; a folder that does not compile leaves the last good program running.

use serde_json::json;

use crate::support::{Project, until};

fn program(subject: &str) -> String {
    format!(
        r#"
        event left {{ email: email }}
        message code {{ email {{ from "shop@example.com" subject "{subject}" text "x" }} }}
        workflow w {{ on left identify by email event.email else create send code }}
        "#
    )
}

#[test]
fn an_edit_is_active_however_it_was_saved() {
    let project = Project::new(&[("a.wf", &program("zero"))]);
    let daemon = project.serve();
    let hash = || daemon.get("/v1/program")["hash"].as_str().unwrap().to_owned();
    let path = project.path().join("a.wf");
    type Way<'a> = (&'a str, &'a dyn Fn(&str));
    let ways: [Way<'_>; 3] = [
        ("in place", &|text| std::fs::write(&path, text).unwrap()),
        ("renamed over it", &|text| {
            let beside = project.path().join("a.wf~");
            std::fs::write(&beside, text).unwrap();
            std::fs::rename(beside, &path).unwrap();
        }),
        ("removed and made anew", &|text| {
            std::fs::remove_file(&path).unwrap();
            std::fs::create_dir_all(project.path().join("deep/er")).unwrap();
            std::fs::write(project.path().join("deep/er/b.wf"), text).unwrap();
        }),
    ];
    for (number, (way, save)) in ways.into_iter().enumerate() {
        let before = hash();
        save(&program(way));
        until(&format!("an edit saved {way} to be active"), || (hash() != before).then_some(()));
        daemon.send("left", &format!("{number}"), json!({ "email": "ann@example.com" }));
        let mails = project.wait_for_mails(number + 1);
        assert!(mails.iter().any(|mail| mail.contains(&format!("Subject: {way}\r\n"))), "{mails:?}");
    }
}

#[test]
fn a_template_file_is_part_of_the_program() {
    let source = program("x").replace(r#"text "x""#, r#"text file "mail.vm""#);
    let project = Project::new(&[("a.wf", &source), ("mail.vm", "one")]);
    let daemon = project.serve();
    let before = daemon.get("/v1/program")["hash"].clone();
    project.write("mail.vm", "two");
    until("the template to be active", || (daemon.get("/v1/program")["hash"] != before).then_some(()));
    daemon.send("left", "1", json!({ "email": "ann@example.com" }));
    assert!(project.wait_for_mails(1)[0].contains("two"));
}

#[test]
fn a_broken_edit_is_refused_with_its_place_and_the_last_good_program_goes_on() {
    let project = Project::new(&[("a.wf", &program("good"))]);
    let daemon = project.serve();
    let good = daemon.get("/v1/program");
    project.write("a.wf", &program("broken").replace("event.email", "event.e_mail"));
    let refused = until("the edit to be refused", || {
        let program = daemon.get("/v1/program");
        (!program["diagnostics"].as_array()?.is_empty()).then_some(program)
    });
    assert_eq!(refused["hash"], good["hash"]);
    let finding = refused["diagnostics"][0].to_string();
    assert!(finding.contains("a.wf") && finding.contains("e_mail"), "{finding}");
    until("the log to say why", || daemon.log().contains("e_mail").then_some(()));
    assert_eq!(daemon.post("/v1/reload", &json!({})).status, 422);
    daemon.send("left", "1", json!({ "email": "ann@example.com" }));
    assert!(project.wait_for_mails(1)[0].contains("Subject: good\r\n"));

    // After a restart too: the last good program is kept.
    daemon.kill();
    let daemon = project.serve();
    assert_eq!(daemon.get("/v1/program")["hash"], good["hash"]);
    project.write("a.wf", &program("mended"));
    until("the mended file to be active", || (daemon.get("/v1/program")["hash"] != good["hash"]).then_some(()));
    assert_eq!(daemon.get("/v1/program")["diagnostics"], json!([]));
}

#[test]
fn a_project_that_was_swapped_or_removed_is_found_again() {
    let project = Project::new(&[("releases/1/a.wf", &program("one")), ("releases/2/a.wf", &program("two"))]);
    let link = project.path().join("current");
    std::os::unix::fs::symlink("releases/1", &link).unwrap();
    let daemon = project.serve_at("current");
    let hash = || daemon.get("/v1/program")["hash"].as_str().unwrap().to_owned();
    let edit = |what: &str, edit: &dyn Fn()| {
        let before = hash();
        edit();
        until(what, || (hash() != before).then_some(()));
    };
    edit("the other release", &|| {
        std::os::unix::fs::symlink("releases/2", project.path().join("next")).unwrap();
        std::fs::rename(project.path().join("next"), &link).unwrap();
    });
    edit("an edit of the other release", &|| project.write("releases/2/a.wf", &program("three")));

    std::fs::remove_dir_all(project.path().join("releases/2")).unwrap();
    until("the loss to be told", || (!daemon.get("/v1/program")["diagnostics"].as_array()?.is_empty()).then_some(()));
    edit("the folder that came back", &|| project.write("releases/2/a.wf", &program("four")));
    edit("an edit in it", &|| project.write("releases/2/a.wf", &program("five")));
    daemon.send("left", "1", json!({ "email": "ann@example.com" }));
    assert!(project.wait_for_mails(1)[0].contains("Subject: five\r\n"));
}

/// Runs end on the program that they began with, whatever became of their event, their workflow and their contact's fields.
#[test]
fn a_run_that_waits_does_not_notice_a_reload() {
    let before = r#"
        event left { email: email }
        contact { score: int? }
        message code { email { from "shop@example.com" subject "score ${contact.score|'unknown'}" text "x" } }
        workflow w { on left identify by email event.email wait 2s send code }
    "#;
    let project = Project::new(&[("a.wf", before)]);
    let daemon = project.serve();
    let good = daemon.get("/v1/program")["hash"].clone();
    for (email, score) in [("ann@example.com", 5), ("bob@example.com", 6)] {
        let contact = json!({ "email": email, "score": score }).to_string();
        assert_eq!(daemon.request("PUT", "/v1/contacts", &[], &contact).status, 201);
        daemon.send("left", email, json!({ "email": email }));
    }
    project.write("a.wf", "event right { email: email }\ncontact { score: string? }");
    until("the edit to be active", || (daemon.get("/v1/program")["hash"] != good).then_some(()));
    let answer = daemon.post("/v1/events", &json!({ "type": "left", "params": { "email": "ann@example.com" } }));
    assert_eq!(answer.status, 422, "{answer:?}");
    // A text does not fit the type that the waiting run knows.
    let contact = json!({ "email": "bob@example.com", "score": "high" }).to_string();
    assert_eq!(daemon.request("PUT", "/v1/contacts", &[], &contact).status, 200);

    let mails = project.wait_for_mails(2);
    let mut subjects: Vec<_> =
        mails.iter().flat_map(|mail| mail.lines().filter(|line| line.starts_with("Subject"))).collect();
    subjects.sort_unstable();
    assert_eq!(subjects, ["Subject: score 5", "Subject: score unknown"]);
    project.write("a.wf", before);
    until("the first program again", || (daemon.get("/v1/program")["hash"] == good).then_some(()));
}
