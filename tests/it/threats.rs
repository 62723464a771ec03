//! Who may try what against a daemon, row by row: what comes in over its API, what lies in its project folder, and who else is on
//! the machine. What goes out, to hosts and mail servers, is tried where it is made, in `runtime`.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;
use std::time::Duration;

use serde_json::json;

use crate::support::{Daemon, Project};

const PROGRAM: &str = r#"
    event left { email: email, note: json? }
    message code { email { from "shop@example.com" subject "$event.note" text "x" } }
    workflow w { on left identify by email event.email else create send code }
"#;

fn project() -> Project {
    Project::new(&[("a.wf", PROGRAM)])
}

/// The answer to these bytes, as far as it comes; empty when the connection is closed or nothing comes.
fn speak(daemon: &Daemon, sent: &[u8]) -> String {
    let mut stream = TcpStream::connect(daemon.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    // It may be refused before all of it was sent.
    let _ = stream.write_all(sent);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn event(note: &str) -> String {
    format!(r#"{{"type": "left", "params": {{"email": "ann@example.com", "note": {note}}}}}"#)
}

#[test]
fn what_no_request_may_be_is_refused_and_the_next_is_answered() {
    let project = project();
    let daemon = project.serve();
    let post = |headers: &str, body: &str| {
        let length = body.len();
        let head =
            "POST /v1/events HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n";
        format!("{head}{headers}content-length: {length}\r\n\r\n{body}").into_bytes()
    };
    let get = |headers: &str| format!("GET /v1/runs HTTP/1.1\r\nconnection: close\r\n{headers}\r\n").into_bytes();
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let fits = event("1");
    type Row = (&'static str, Vec<u8>, &'static [u16]);
    let rows: Vec<Row> = vec![
        ("a deep body", post("", &event(&nested(100_000))), &[400]),
        (
            "a deep body of objects",
            post("", &event(&format!("{}1{}", r#"{"a":"#.repeat(500), "}".repeat(500)))),
            &[400],
        ),
        ("a large body", post("", &event(&format!("\"{}\"", "x".repeat(257 << 10)))), &[413]),
        ("a body that is called large", post("content-length: 999999999\r\n", ""), &[400, 413]),
        ("a key twice", post("", r#"{"type": "left", "type": "right", "params": {}}"#), &[400]),
        (
            "a parameter twice",
            post("", r#"{"type": "left", "params": {"email": "a@b.cd", "email": "e@f.gh"}}"#),
            &[400],
        ),
        ("a body that is no UTF-8", [post("", ""), vec![0xff]].concat(), &[400]),
        ("a compressed body", post("content-encoding: gzip\r\n", &fits), &[415]),
        ("a body compressed twice", post("content-encoding: gzip, br\r\n", &fits), &[415]),
        ("two lengths", post("content-length: 1\r\n", &fits), &[400]),
        ("a length and chunks", post("transfer-encoding: chunked\r\n", &fits), &[400]),
        ("chunks that are none", get("host: localhost\r\ntransfer-encoding: identity\r\n"), &[400, 501]),
        ("a header that is folded", get("host: localhost\r\nx-a: b\r\n c: d\r\n"), &[400]),
        ("a space before a colon", get("host : localhost\r\n"), &[400]),
        ("a nul in a header", get("host: localhost\r\nx-a: b\0c\r\n"), &[400]),
        ("a huge header", get(&format!("host: localhost\r\nx-a: {}\r\n", "b".repeat(1 << 20))), &[431]),
        ("very many headers", get(&format!("host: localhost\r\n{}", "x-a: b\r\n".repeat(5_000))), &[431]),
        ("another host", get("host: evil.example\r\n"), &[403, 421]),
        ("a host that begins like ours", get("host: localhost.evil.example\r\n"), &[403, 421]),
        ("a host with an address in front", get("host: 127.0.0.1@evil.example\r\n"), &[400, 403, 421]),
        ("no host", get(""), &[400, 403, 421]),
        ("two hosts", get("host: localhost\r\nhost: evil.example\r\n"), &[400]),
        (
            "a whole URL of another host",
            b"GET http://evil.example/v1/runs HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".to_vec(),
            &[400, 403, 421],
        ),
        (
            "a path that leads upwards",
            b"GET /v1/../../etc/passwd HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".to_vec(),
            &[404],
        ),
        (
            "a tunnel",
            b"CONNECT evil.example:443 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".to_vec(),
            &[400, 403, 404, 405, 421],
        ),
        ("TLS where there is none", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".repeat(30), &[400]),
        ("HTTP/2 where it was not agreed", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), &[0, 400]),
    ];
    let mut wrong = vec![];
    for (name, sent, expected) in rows {
        let answer = speak(&daemon, &sent);
        let status: u16 = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        if !expected.contains(&status) || answer.to_ascii_lowercase().contains("access-control-") {
            wrong.push(format!("{name}: {expected:?} were expected, and not {}", answer.escape_debug()));
        }
        assert_eq!(daemon.request("GET", "/readyz", &[], "").status, 200, "after {name}");
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert_eq!(daemon.get("/v1/events")["items"], json!([]), "nothing of it was accepted");
}

/// Callers that say half of something, and then nothing.
#[test]
fn half_open_connections_hold_up_nobody() {
    let project = project();
    let daemon = project.serve();
    let head = "POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
    let _held: Vec<TcpStream> = (0..500)
        .map(|number| {
            let mut stream = TcpStream::connect(daemon.address).unwrap();
            stream.write_all(&head.as_bytes()[..number % head.len()]).unwrap();
            stream
        })
        .collect();
    daemon.send("left", "1", json!({ "email": "ann@example.com" }));
    project.wait_for_mails(1);
}

/// What is tried, its target and headers, and the answer's status.
type Row<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], u16);

#[test]
fn a_token_is_taken_from_its_header_only_and_whole() {
    // The SHA-256 of `test`.
    let token = "shop:ingest+read:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    let project = project().set("WF_TOKENS", token);
    let daemon = project.serve();
    let hash = token.rsplit(':').next().unwrap();
    let (bearer_hash, long) = (format!("Bearer {hash}"), format!("Bearer {}", "test".repeat(2_000)));
    let rows: [Row<'_>; 11] = [
        ("the right one", "/v1/runs", &[("authorization", "Bearer test")], 200),
        ("none", "/v1/runs", &[], 401),
        ("in the query", "/v1/runs?token=test", &[], 401),
        ("in the query, as OAuth has it", "/v1/runs?access_token=test", &[], 401),
        ("in a cookie", "/v1/runs", &[("cookie", "token=test; authorization=Bearer test")], 401),
        ("without its scheme", "/v1/runs", &[("authorization", "test")], 401),
        ("a beginning", "/v1/runs", &[("authorization", "Bearer tes")], 401),
        ("with more behind it", "/v1/runs", &[("authorization", "Bearer testx")], 401),
        ("its hash", "/v1/runs", &[("authorization", &bearer_hash)], 401),
        ("nothing", "/v1/runs", &[("authorization", "Bearer ")], 401),
        ("a long one", "/v1/runs", &[("authorization", &long)], 401),
    ];
    for (name, target, headers, status) in rows {
        let answer = daemon.request("GET", target, headers, "");
        assert_eq!(answer.status, status, "{name}: {answer:?}");
        assert!(!answer.body.contains("9f86d081"), "{name}: {answer:?}");
    }
    assert!(!daemon.log().contains("test"), "{}", daemon.log());
}

/// What somebody may put into the folder that the daemon reads.
#[test]
fn a_project_folder_is_read_as_far_as_it_is_one() {
    let project = project();
    let outside = tempfile::tempdir().unwrap();
    let secret = "event secret { canary: string }";
    std::fs::write(outside.path().join("s.wf"), secret).unwrap();
    let root = project.path();
    // Reading a pipe that nobody writes to would never end.
    assert!(Command::new("mkfifo").arg(root.join("pipe.wf")).status().unwrap().success());
    symlink(outside.path().join("s.wf"), root.join("link.wf")).unwrap();
    symlink(outside.path(), root.join("folder")).unwrap();
    symlink("/dev/zero", root.join("endless.wf")).unwrap();
    symlink(&root, root.join("circle")).unwrap();
    symlink("nowhere", root.join("nowhere.wf")).unwrap();
    let daemon = project.serve();
    let answer = daemon.post("/v1/events", &json!({ "type": "secret", "params": { "canary": "x" } }));
    assert_eq!(answer.status, 422, "{answer:?}");
    daemon.send("left", "1", json!({ "email": "ann@example.com" }));
    project.wait_for_mails(1);
}

/// Other users of the machine.
#[test]
fn what_the_daemon_writes_is_its_owners_alone() {
    let project = project();
    let daemon = project.serve();
    daemon.send("left", "1", json!({ "email": "ann@example.com" }));
    project.wait_for_mails(1);
    let mut folders = vec![project.data()];
    while let Some(folder) = folders.pop() {
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => assert_eq!(mode(&path), 0o600, "{}", path.display()),
            }
        }
    }
}
