//! The client against servers on loopback that say what is scripted, and nothing more.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

use super::*;

/// A server that answers one connection after another with these texts, and hands out what it was asked.
fn server(answers: &[&str]) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (asked, questions) = channel();
    let answers: Vec<String> = answers.iter().map(|answer| (*answer).to_owned()).collect();
    std::thread::spawn(move || {
        for answer in answers {
            let Ok((mut stream, _)) = listener.accept() else { return };
            asked.send(request(&mut stream)).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    (url, questions)
}

/// One request as text, with its body.
fn request(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut bytes = [0; 4096];
    loop {
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text;
            }
        }
        let read = stream.read(&mut bytes).unwrap();
        assert_ne!(read, 0, "the request ended early: {text}");
        text.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
    }
}

fn answer(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn raw(json: &str) -> Box<serde_json::value::RawValue> {
    serde_json::value::RawValue::from_string(json.to_owned()).unwrap()
}

#[test]
fn events_go_out_as_they_are_and_the_answer_is_kept() {
    let body = r#"{"accepted":[{"id":"a","duplicate":false}],"rejected":[{"index":1,"errors":[{"path":"params.n","message":"no"}]}]}"#;
    let one = answer("202 Accepted", r#"{"accepted":[{"id":"a","duplicate":true}],"new":1}"#);
    let several = answer("207 Multi-Status", body);
    let (url, asked) = server(&[&one, &several]);
    let client = Client::new(&url, Some(" t0ken\n")).unwrap();

    let event = raw(r#"{"type":"x","params":{"n":1.10}}"#);
    let sent = wait(client.send_events(std::slice::from_ref(&event))).unwrap();
    assert!(sent.accepted[0].duplicate && sent.rejected.is_empty());
    let question = asked.recv().unwrap();
    assert!(question.starts_with("POST /v1/events HTTP/1.1\r\n"), "{question}");
    assert!(question.contains("\r\nauthorization: Bearer t0ken\r\n"), "{question}");
    assert!(question.ends_with(r#"{"type":"x","params":{"n":1.10}}"#), "{question}");

    let sent = wait(client.send_events(&[event, raw(r#"{"type":"y"}"#)])).unwrap();
    assert_eq!((sent.rejected[0].index, sent.json.as_str()), (Some(1), body));
    assert_eq!(sent.rejected[0].errors[0].to_string(), "params.n: no");
    assert!(asked.recv().unwrap().ends_with(r#"[{"type":"x","params":{"n":1.10}},{"type":"y"}]"#));
}

#[test]
fn lists_are_read_page_by_page_up_to_the_limit() {
    let first =
        answer("200 OK", r#"{"items":[{"id":"3-a","contact":9007199254740993},{"id":"2-a"}],"next_cursor":"c d"}"#);
    let second = answer("200 OK", r#"{"items":[{"id":"1-a","reason":null}],"next_cursor":"e"}"#);
    let (url, asked) = server(&[&first, &second]);
    let filter = RunFilter {
        workflow: Some("a&b".to_owned()),
        status: vec!["failed".to_owned(), "waiting".to_owned()],
        contact: None,
        ..RunFilter::default()
    };
    let list = wait(Client::new(&format!("{url}/behind/"), None).unwrap().runs(&filter, 3)).unwrap();
    let ids: Vec<&str> = list.rows.iter().map(|run| run.id.as_str()).collect();
    assert_eq!((ids, list.listing.next_cursor.as_deref()), (vec!["3-a", "2-a", "1-a"], Some("e")));
    assert_eq!(list.rows[0].contact.as_str(), "9007199254740993");
    assert_eq!(list.listing.items[2].get(), r#"{"id":"1-a","reason":null}"#);
    let first = asked.recv().unwrap();
    assert!(
        first.starts_with("GET /behind/v1/runs?workflow=a%26b&status=failed%2Cwaiting&limit=3 HTTP/1.1\r\n"),
        "{first}"
    );
    assert!(!first.contains("authorization"), "{first}");
    let second = asked.recv().unwrap();
    assert!(second.contains("?workflow=a%26b&status=failed%2Cwaiting&cursor=c+d&limit=1 "), "{second}");
}

/// A segment's members may all stand behind a part that has none of them.
#[test]
fn an_empty_part_is_not_the_end_of_a_list() {
    let parts = [
        answer("200 OK", r#"{"items":[],"next_cursor":"a"}"#),
        answer("200 OK", r#"{"items":[{"id":7}],"next_cursor":"b"}"#),
        answer("200 OK", r#"{"items":[],"next_cursor":"b"}"#),
    ];
    let (url, _asked) = server(&parts.each_ref().map(String::as_str));
    let client = Client::new(&url, None).unwrap();
    let list = wait(client.list(&["v1", "contacts"], &[("segment", "s")], 10)).unwrap();
    // A daemon that names the same part again would be asked for ever.
    assert_eq!(list.to_json(), r#"{"items":[{"id":7}],"next_cursor":"b"}"#);
}

#[test]
fn a_run_is_read_whatever_form_its_headers_have() {
    let body = r#"{"id":"1-a","status":"failed","new":{"field":1},"steps":[
        {"id":"call","kind":"call","attempts":[
            {"number":1,"duration_ms":12,"request":{"method":"POST","headers":{"a":"1","b":["2","3"]},"body":"{}"},
             "response":{"status":503,"headers":[["c","4"],{"name":"d","value":"5"}],"body":null,"truncated":true},
             "error":{"class":"status","message":"503"}}]},
        {"id":"wait","attempts":null}]}"#;
    let (url, asked) = server(&[&answer("200 OK", body)]);
    let run = wait(Client::new(&url, None).unwrap().run("1-a/../x?y")).unwrap();
    assert!(asked.recv().unwrap().starts_with("GET /v1/runs/1-a%2F..%2Fx%3Fy HTTP/1.1"));
    let attempt = &run.steps[0].attempts[0];
    let lines = |headers: &Headers| headers.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
    assert_eq!(lines(&attempt.request.as_ref().unwrap().headers), ["a=1", "b=2", "b=3"]);
    let response = attempt.response.as_ref().unwrap();
    assert_eq!(lines(&response.headers), ["c=4", "d=5"]);
    assert_eq!((response.status.as_str(), response.body.as_str(), response.truncated), ("503", "", true));
    assert!(run.steps[1].attempts.is_empty());
    assert_eq!(run.json, body);
}

#[test]
fn every_failure_says_what_it_is() {
    let problem = r#"{"type":"/problems/invalid","title":"t","status":200,"detail":"the event does not fit",
        "errors":[{"path":"params.total","message":"expected `decimal`"},{"path":"","message":"whole"}]}"#;
    let cases = [
        (answer("422 Unprocessable", problem), "the event does not fit\n  params.total: expected `decimal`\n  whole"),
        (answer("401 Unauthorized", r#"{"title":"a token is needed"}"#), "a token is needed"),
        (answer("502 Bad Gateway", "<html>"), "what answers at URL is no wf daemon: status 502, no problem document"),
        (answer("404 Not Found", "{}"), "what answers at URL is no wf daemon: status 404, no problem document"),
        (
            answer("301 Moved\r\nlocation: /x", ""),
            "what answers at URL is no wf daemon: status 301, no problem document",
        ),
        (
            answer("200 OK", "[]"),
            "what answers at URL is no wf daemon: status 200, \
             unexpected JSON (invalid length 0, expected struct Page with 2 elements at line 1 column 2)",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_owned(),
            "the connection to URL broke before the answer was complete",
        ),
        (String::new(), "the connection to URL broke before the answer was complete"),
    ];
    for (answer, expected) in cases {
        let (url, _asked) = server(&[&answer]);
        let error = wait(Client::new(&url, None).unwrap().runs(&RunFilter::default(), 1)).unwrap_err();
        assert_eq!(error.to_string().replace(&url, "URL"), expected, "{answer}");
        let status = error.status();
        assert!(status.is_none_or(|status| answer.contains(&status.to_string())), "{status:?}: {answer}");
    }
    // The port was free a moment ago and nobody listens there now.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = wait(Client::new(&format!("http://{free}"), None).unwrap().run("1")).unwrap_err();
    assert_eq!(error.to_string(), format!("no daemon listens at http://{free}"));
    // A server that speaks no TLS.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || listener.accept().unwrap().0.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
    let error = wait(Client::new(&url, None).unwrap().run("1")).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot reach {url}"));
}

#[test]
fn addresses_and_tokens_are_checked_before_anything_is_sent() {
    for url in ["", "localhost:8080", "127.0.0.1:8080", "ftp://a/", "http://u:p@a/", "https://a/?x=1", "http://a/#x"] {
        assert!(matches!(Client::new(url, None), Err(ClientError::Url { .. })), "{url}");
    }
    for token in ["", "  ", "a\nb", "a\u{0}"] {
        assert!(matches!(Client::new(DEFAULT_URL, Some(token)), Err(ClientError::Token)), "{token:?}");
    }
    let cases = [
        ("http://127.9.9.9:1", false),
        ("http://[::1]:1", false),
        ("http://localhost", false),
        ("https://example.com", false),
        ("http://example.com", true),
        ("http://10.0.0.1", true),
        ("http://localhost.example.com", true),
    ];
    for (url, shows) in cases {
        assert_eq!(Client::new(url, Some("t")).unwrap().shows_token_to_network(), shows, "{url}");
        assert!(!Client::new(url, None).unwrap().shows_token_to_network(), "{url}");
    }
    assert!(!format!("{:?}", Client::new(DEFAULT_URL, Some("t0ken")).unwrap()).contains("t0ken"));
}
