//! `wf send-test` against hosts that answer in every way that hosts do, and what it writes down for a test.

use std::process::Stdio;
use std::time::Duration;

use crate::support::{Daemon, Project, Reply, Stub};

const PROGRAM: &str = r#"
    event cart { email: email }
    WEBHOOKS
    workflow w { on cart identify by email event.email else create CALLS }
"#;

fn head(more: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{more}\r\n").into_bytes()
}

/// The answer of a path.
fn answer(path: &str) -> Reply {
    match path {
        "/good" => Reply::ok("application/json", r#"{"score":7}"#),
        "/xml" => {
            Reply::ok("text/xml", "<?xml version=\"1.0\"?><a id=\"4\"><score>7</score><tag>x</tag><tag>y</tag></a>")
        }
        "/page" => Reply::ok("text/html", "<!doctype html><p>Price: $5 \"now\"\\</p>"),
        "/nothing" => Reply::Send(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()),
        "/error" => Reply::status("500 Internal Server Error", "application/json", r#"{"why":"no"}"#),
        "/moved" => {
            Reply::Send(b"HTTP/1.1 302 Found\r\nlocation: https://example.com/\r\ncontent-length: 0\r\n\r\n".to_vec())
        }
        "/forbidden" => Reply::status("401 Unauthorized", "text/plain", "who?"),
        "/cyrillic" => {
            let body = b"<a><score>7</score><town>\xca\xe8\xbf\xe2</town></a>";
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/xml; charset=Windows-1251\r\n";
            Reply::Send([head.as_bytes(), format!("content-length: {}\r\n\r\n", body.len()).as_bytes(), body].concat())
        }
        "/koi" => {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/xml; charset=KOI8-U\r\ncontent-length: 8\r\n\r\n";
            Reply::Send([head.as_bytes(), &b"<a>\xeb</a>"[..]].concat())
        }
        "/latin" => {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=ISO-8859-1\r\ncontent-length: 4\r\n\r\n";
            Reply::Send([head.as_bytes(), &b"caf\xe9"[..]].concat())
        }
        // A length that is less than what follows.
        "/short" => Reply::SendAndClose([&head("content-length: 5\r\n")[..], b"{\"score\":7}"].concat()),
        // A length that is more than ever comes.
        "/more" => Reply::SendAndHang([&head("content-length: 50\r\n")[..], b"{\"score\":7}"].concat()),
        "/void" => Reply::ok("application/json", ""),
        "/bytes" => Reply::Send([&head("content-length: 4\r\n")[..], &[0xff, 0xfe, b'a', 0][..]].concat()),
        "/deep" => Reply::ok("application/json", &format!("{}{}", "[".repeat(5_000), "]".repeat(5_000))),
        // A hundred megabytes are announced, or never end.
        "/long" => Reply::SendAndFlood(head("content-length: 104857600\r\n"), vec![b'a'; 65_536]),
        "/endless" => Reply::SendAndFlood(head(""), vec![b'a'; 65_536]),
        "/slow" => Reply::SendAndDrip(head("content-length: 1000\r\n"), Duration::from_millis(20)),
        "/silent" => Reply::SendAndHang(vec![]),
        "/half" => Reply::SendAndClose([&head("content-length: 1000\r\n")[..], b"{\"score\":"].concat()),
        "/reset" => Reply::SendAndReset(vec![]),
        _ => Reply::SendAndClose(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()),
    }
}

/// Path, what is returned, how the command ends, what it says has happened, what to do, and what it writes down.
const CASES: &[(&str, &str, i32, &str, &str, &str)] = &[
    ("good", "json { score: int }", 0, "the body fits", "", "body { score: 7 }"),
    ("xml", "xml { \"@id\": int, score: int, tag: [string] }", 0, "the body fits", "", "body \"<?xml"),
    (
        "page",
        "json { score: int }",
        1,
        "the body is not JSON",
        "change `returns`",
        "body \"<!doctype html><p>Price: \\$5 \\\"now\\\"\\\\</p>\"",
    ),
    ("page", "text", 0, "the body fits", "", "body \"<!doctype"),
    ("nothing", "nothing", 0, "< 204", "", "{ status 204 }"),
    ("nothing", "json { score: int }", 1, "the body is empty", "take `returns` out", "{ status 204 body \"\" }"),
    ("void", "json { score: int }", 1, "the body is empty where JSON was expected", "hint:", "body \"\""),
    ("error", "json { score: int }", 1, "500 Internal Server Error", "the host's own trouble", "status 500 body"),
    ("moved", "json { score: int }", 1, "redirects are not followed", "`location`", "status 302"),
    ("forbidden", "json { score: int }", 1, "401 Unauthorized", "the secrets of its connector", "status 401"),
    ("bytes", "json { score: int }", 1, "the body is not UTF-8", "hint:", "body \"not UTF-8\""),
    ("cyrillic", "xml { score: int }", 0, "< <a><score>7</score><town>Київ</town></a>", "", "<town>Київ</town></a>\""),
    ("koi", "xml { score: int }", 1, "the body is in `koi8-u`", "hint:", "body \"not UTF-8\""),
    ("latin", "text", 0, "< café", "", "body \"café\""),
    ("short", "json { score: int }", 1, "the body is not JSON", "hint:", "body \"{\\\"sco\""),
    ("deep", "json { score: int }", 1, "the body does not fit", "hint:", "body \"[[["),
    ("long", "json { score: int }", 1, "larger than 1 MiB", "ask the host for less", "{ oversize }"),
    ("endless", "text", 1, "larger than 1 MiB", "ask the host for less", "{ oversize }"),
    ("slow", "json { score: int }", 1, "not complete after 2s", "a longer `timeout`", "{ timeout }"),
    ("more", "json { score: int }", 1, "not complete after 2s", "announced a longer one", "{ timeout }"),
    ("silent", "json { score: int }", 1, "no answer after 2s", "a longer `timeout`", "{ timeout }"),
    ("half", "json { score: int }", 1, "the connection broke", "before the end of its answer", "{ truncated }"),
    ("reset", "json { score: int }", 1, "the connection broke", "does the host speak HTTPS", "{ reset }"),
    ("noise", "json { score: int }", 1, "the answer is not HTTP", "does the host speak HTTPS", "{ reset }"),
];

fn webhook(number: usize) -> String {
    format!("w{number}")
}

#[test]
fn every_answer_is_shown_judged_and_written_down_for_a_test_that_passes() {
    let stub = Stub::start(|request, _| answer(&request.target));
    let origin = stub.origin();
    let (mut webhooks, mut calls) = (String::new(), String::new());
    for (number, (path, returns, ..)) in CASES.iter().enumerate() {
        let name = webhook(number);
        let returns = if *returns == "nothing" { String::new() } else { format!("returns {returns}") };
        webhooks.push_str(&format!("webhook {name} {{ get \"{origin}/{path}\" {returns} timeout 2s attempts 1 }}\n"));
        calls.push_str(&format!("call {name} on failure {{ stop \"{name}\" }} "));
    }
    let program = PROGRAM.replace("WEBHOOKS", &webhooks).replace("CALLS", &calls);
    let project = Project::new(&[("a.wf", &program)]).calls(&stub);
    let daemon: Daemon = project.serve();
    let url = format!("http://{}", daemon.address);
    let mut tests = Vec::new();
    for (number, (path, returns, code, said, advice, written)) in CASES.iter().enumerate() {
        let (name, file) = (webhook(number), format!("recorded/{}.wf", webhook(number)));
        let record = format!("--record={file}");
        let arguments = ["send-test", &name, "--yes", &record, "--url", &url];
        let output = project.wf(&arguments).current_dir(project.path()).stdin(Stdio::null()).output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(*code), "{path} as {returns}: {out}{err}");
        assert!(
            out.contains(said) && out.contains(advice),
            "{path} as {returns} lacks {said:?}, {advice:?}: {out}{err}"
        );
        assert_eq!(out.contains("hint:"), *code == 1, "{path} as {returns}: {out}{err}");
        assert!(out.len() < 200_000, "{path}: {} bytes are shown", out.len());
        let recorded = std::fs::read_to_string(project.path().join(&file))
            .unwrap_or_else(|error| panic!("{path}: {error}: {out}{err}"));
        assert!(recorded.contains(written), "{path} as {returns} lacks {written:?}: {recorded}");
        let line = recorded.lines().position(|line| line.trim_start().starts_with("// receive")).unwrap();
        let kept: Vec<&str> = recorded.lines().take(line).collect();
        tests.push((number, *code, kept.join("\n")));
    }
    assert_eq!(stub.received().len(), CASES.len(), "each was sent once");
    let check = |line: &[&str]| {
        let output = project.wf(line).current_dir(project.path()).output().unwrap();
        let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(0), "{line:?}: {told}");
        told
    };
    check(&["check", "."]);
    // A test of each answer alone: what fails for the host fails in the test.
    let mut program = String::from("event cart { email: email }\n");
    for (number, (path, returns, ..)) in CASES.iter().enumerate() {
        let name = webhook(number);
        let returns = if *returns == "nothing" { String::new() } else { format!("returns {returns}") };
        program.push_str(&format!(
            "event e{number} {{ email: email }}\nwebhook {name} {{ get \"{origin}/{path}\" {returns} timeout 2s attempts 1 }}\n\
             workflow f{number} {{ on e{number} identify by email event.email else create call {name} on failure {{ stop \"failed\" }} }}\n"
        ));
    }
    project.write("a.wf", &program.replace("event cart { email: email }\n", ""));
    for (number, code, kept) in &tests {
        let outcome = if *code == 0 { "complete" } else { "stop \"failed\"" };
        let test = format!(
            "{kept}\n  receive e{number} {{ email: \"ann@example.com\" }}\n  advance 1min\n  expect {outcome}\n}}\n"
        );
        project.write(&format!("recorded/{}.wf", webhook(*number)), &test);
    }
    let told = check(&["test", "."]);
    assert!(told.contains(&format!("{} passed", CASES.len())), "{told}");
}

/// Hosts that no answer can come from.
#[test]
fn a_host_that_cannot_be_asked_is_told_with_what_to_do() {
    let stub = Stub::start(|request, _| answer(&request.target));
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let free = nobody.local_addr().unwrap().port();
    drop(nobody);
    let origin = stub.origin();
    let webhook =
        |name: &str, url: &str| format!("webhook {name} {{ get \"{url}\" returns text timeout 5s attempts 1 }}\n");
    let program: String = [
        webhook("stranger", &format!("{origin}/good")),
        webhook("nobody", &format!("https://localhost:{free}/")),
        webhook("lost", "https://nowhere.invalid/"),
        webhook("inside", "https://10.1.2.3/"),
    ]
    .concat();
    // Another authority than the host's own, which is not in the file.
    let other = Stub::json("{}");
    let project = Project::new(&[("a.wf", &program)])
        .set("WF_EGRESS_CA_FILE", other.ca_file().to_str().unwrap())
        .set("WF_EGRESS_ALLOW_PRIVATE", "localhost");
    let daemon = project.serve();
    let url = format!("http://{}", daemon.address);
    for (name, class, advice, written) in [
        ("stranger", "certificate: ", "`[egress] ca_file`", "stub stranger { tls }"),
        ("nobody", "connection: no connection", "is it reachable", "stub nobody { refused }"),
        ("lost", "dns: ", "the name of the host", "stub lost { dns }"),
        ("inside", "blocked: ", "`allow_private`", ""),
    ] {
        let file = format!("--record={name}.wf");
        let output =
            project.wf(&["send-test", name, "--yes", &file, "--url", &url]).stdin(Stdio::null()).output().unwrap();
        let out = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(1), "{out}");
        assert!(out.contains(&format!("! {class}")) && out.contains(advice), "{name}: {out}");
        let recorded = std::fs::read_to_string(project.path().join(format!("{name}.wf"))).unwrap_or_default();
        assert!(recorded.contains(written), "{name}: {recorded}");
    }
    assert!(stub.received().is_empty(), "nothing goes to a host whose certificate is not known");
}
