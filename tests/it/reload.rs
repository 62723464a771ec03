//! Editing a file changes what runs; a folder that does not compile leaves the last good program running.

use std::io::Write;
use std::time::Duration;

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

/// How editors and tools save a file: each must become active, or be refused with what is wrong.
#[test]
fn an_edit_is_active_however_it_was_saved() {
    let project = Project::new(&[("a.wf", &program("zero")), ("other/b.wf", "event other { n: int }")]);
    let daemon = project.serve();
    let shown = || daemon.get("/v1/program");
    let root = project.path();
    let path = root.join("a.wf");
    let write = |path: &std::path::Path, text: &str| {
        let mut file = std::fs::File::create(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.sync_all().unwrap();
    };
    type Way<'a> = (&'a str, &'a dyn Fn(&str));
    let ways: [Way<'_>; 12] = [
        ("in place", &|text| std::fs::write(&path, text).unwrap()),
        ("emptied, then written in two halves", &|text| {
            let mut file = std::fs::File::create(&path).unwrap();
            std::thread::sleep(Duration::from_millis(300));
            let (one, two) = text.split_at(text.len() / 2);
            file.write_all(one.as_bytes()).unwrap();
            std::thread::sleep(Duration::from_millis(300));
            file.write_all(two.as_bytes()).unwrap();
        }),
        ("renamed over it, as VS Code and rsync do", &|text| {
            let beside = root.join(".a.wf.Xy12");
            write(&beside, text);
            std::fs::rename(beside, &path).unwrap();
        }),
        ("moved away and made anew, as vim does", &|text| {
            std::fs::rename(&path, root.join("a.wf~")).unwrap();
            write(&path, text);
            write(&root.join(".a.wf.swp"), "swap");
            std::fs::remove_file(root.join("a.wf~")).unwrap();
        }),
        ("beside a lock and a backup, as Emacs does", &|text| {
            std::os::unix::fs::symlink("somebody@host.1:2", root.join(".#a.wf")).unwrap();
            let backup = root.join("a.wf~");
            std::fs::copy(&path, &backup).unwrap();
            write(&path, text);
            std::fs::remove_file(root.join(".#a.wf")).unwrap();
            std::fs::remove_file(backup).unwrap();
        }),
        ("removed and made in a new folder", &|text| {
            std::fs::remove_file(&path).unwrap();
            std::fs::create_dir_all(root.join("deep/er")).unwrap();
            write(&root.join("deep/er/b.wf"), text);
        }),
        ("in a folder that was just made", &|text| write(&root.join("deep/er/b.wf"), text)),
        ("in a folder that is renamed", &|text| {
            write(&root.join("deep/er/b.wf"), text);
            std::fs::rename(root.join("deep"), root.join("moved")).unwrap();
        }),
        ("many files at once, as git does", &|text| {
            for number in 0..200 {
                write(&root.join(format!("moved/g{number}.wf")), &format!("event g{number} {{ n: int }}"));
            }
            write(&root.join("moved/er/b.wf"), text);
        }),
        ("with many files gone", &|text| {
            for number in 0..200 {
                std::fs::remove_file(root.join(format!("moved/g{number}.wf"))).unwrap();
            }
            write(&root.join("moved/er/b.wf"), text);
        }),
        ("behind a link that is swapped, as a ConfigMap's", &|text| {
            std::fs::remove_dir_all(root.join("moved")).unwrap();
            for (version, text) in [("..1", "event before { n: int }"), ("..2", text)] {
                std::fs::create_dir(root.join(version)).unwrap();
                write(&root.join(version).join("c.wf"), text);
                std::os::unix::fs::symlink(version, root.join("..data_tmp")).unwrap();
                std::fs::rename(root.join("..data_tmp"), root.join("..data")).unwrap();
            }
            let _ = std::os::unix::fs::symlink("..data/c.wf", root.join("c.wf"));
        }),
        ("behind that link, swapped again", &|text| {
            std::fs::create_dir(root.join("..3")).unwrap();
            write(&root.join("..3/c.wf"), text);
            std::os::unix::fs::symlink("..3", root.join("..data_tmp")).unwrap();
            std::fs::rename(root.join("..data_tmp"), root.join("..data")).unwrap();
        }),
    ];
    for (number, (way, save)) in ways.into_iter().enumerate() {
        let subject = format!("way {number}");
        save(&program(&subject));
        // What was seen half-way is refused meanwhile, and forgotten.
        let source = until(&format!("an edit saved {way} to be active"), || {
            let program = shown();
            let id = format!("{number}-{}", program["hash"]);
            // Half-way there may be no such event.
            daemon.post("/v1/events", &json!({ "type": "left", "id": id, "params": { "email": "ann@example.com" } }));
            let mails = project.mails();
            mails.iter().any(|mail| mail.contains(&format!("Subject: {subject}\r\n"))).then(shown)
        });
        assert_eq!(source["diagnostics"], json!([]), "{way}");
    }
}

/// Two files that must match are edited again and again: no event meets the one with the other of another time.
#[test]
fn files_that_belong_together_are_active_together() {
    let source = |version: usize| {
        program("$event.email").replace("left { email: email }", &format!("left {{ email: email, v{version}: int }}"))
    };
    let used = |version: usize| {
        format!(
            "workflow also {{ on left where event.v{version} > 0 identify by email event.email stop \"v{version}\" }}"
        )
    };
    let project = Project::new(&[("a.wf", &source(0)), ("b.wf", &used(0))]);
    let daemon = project.serve();
    let hash = || daemon.get("/v1/program")["hash"].as_str().unwrap().to_owned();
    let mut hashes = vec![hash()];
    for version in 1..8 {
        project.write("a.wf", &source(version));
        project.write("b.wf", &used(version));
        until("both edits to be active", || {
            let fits = json!({ "type": "left", "params": { "email": "ann@example.com", format!("v{version}"): 1 } });
            (daemon.post("/v1/events", &fits).status == 202).then_some(())
        });
        hashes.push(hash());
    }
    // Each program that ever ran was one of those, and no other.
    let list = daemon.get("/v1/events?limit=500");
    for event in list["items"].as_array().unwrap() {
        assert!(hashes.iter().any(|hash| event["program"] == **hash), "{event:#}");
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
