//! What a change means for the runs of a daemon.

use serde_json::json;

use crate::support::{Project, until};

const PROGRAM: &str = r#"
event joined {
  email: email
}

message hello {
  email {
    from "Shop <hello@shop.example.com>"
    subject "Hello"
    text "Hello"
  }
}

workflow welcome {
  on joined
  identify by email event.email else create

  wait 1h
  send hello
}
"#;

#[test]
fn a_daemon_says_who_waits_where() {
    let project = Project::new(&[("shop.wf", PROGRAM)]);
    let daemon = project.serve();
    for number in 0..3 {
        daemon.send("joined", &number.to_string(), json!({ "email": format!("a{number}@example.com") }));
    }
    until("three runs wait", || {
        let standings = daemon.get("/v1/standings");
        let items = standings["items"].as_array().unwrap();
        (items.len() == 1 && items[0]["step"] == "wait" && items[0]["runs"] == 3).then_some(())
    });
    let url = format!("http://{}", daemon.address);
    // Another folder: what is edited there is not what runs.
    let edited = Project::new(&[("shop.wf", &PROGRAM.replace("wait 1h", "wait 2d"))]);
    let diff = |more: &[&str]| {
        let output = edited.wf(&[&["diff", "--live", &url], more].concat()).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, told) = diff(&[]);
    assert_eq!(code, Some(0), "{told}");
    for part in ["wait-changed", "3 runs stand here and end on the old program", "3 runs go on, on 1 programs"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let (_, told) = diff(&["--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&told).unwrap();
    let changes = document["changes"].as_array().unwrap();
    let wait = changes.iter().find(|change| change["slug"] == "wait-changed").unwrap();
    assert_eq!((&wait["waiting"], &wait["was_at"]), (&json!(3), &json!("wait")));
    edited.write("shop.wf", &PROGRAM.replace("  wait 1h\n", ""));
    assert!(diff(&[]).1.contains("wait-removed"), "the step is gone");
    assert!(diff(&[]).1.contains("3 runs stand here"), "and its runs are told");
    edited.write("shop.wf", PROGRAM);
    assert!(diff(&[]).1.contains("no changes"));
    // The program is kept under its hash, and under no other name.
    let hash = daemon.get("/v1/program")["hash"].as_str().unwrap().to_owned();
    let answer = daemon.request("GET", &format!("/v1/programs/{hash}"), &[], "");
    assert_eq!(answer.status, 200);
    for unknown in ["x", &hash.replace(|letter: char| letter.is_ascii_digit(), "a")] {
        assert_eq!(daemon.request("GET", &format!("/v1/programs/{unknown}"), &[], "").status, 404);
    }
}
