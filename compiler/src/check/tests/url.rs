//! URLs: what is refused where, and how the others travel.

use super::{accepts, refuses, webhook};
use crate::ir::{Escape, Part};

fn get(url: &str) -> String {
    webhook(&format!("get \"{url}\""))
}

#[test]
fn hostile_urls_are_refused_where_they_are_wrong() {
    let host = "url-host-not-literal";
    let invalid = "url-invalid";
    let table: &[(&str, &[(&str, &str)])] = &[
        // Scheme.
        ("http://a.example.com/", &[("plain-http", "http")]),
        ("HTTP://a.example.com/", &[("plain-http", "HTTP")]),
        ("ftp://a.example.com/", &[(invalid, "ftp")]),
        ("javascript:alert(1)", &[(invalid, "javascript")]),
        ("a.example.com/x", &[(invalid, "a.example.com")]),
        ("https:a.example.com/x", &[(invalid, "https:")]),
        ("https:/a.example.com/x", &[(invalid, "https:/")]),
        ("//a.example.com/x", &[(invalid, "/")]),
        (" https://a.example.com/x", &[(invalid, " ")]),
        // Host: literal, with no login, as it is read.
        ("${contact.id}", &[(host, "${contact.id}")]),
        ("${contact.id}://a.example.com/", &[(host, "${contact.id}")]),
        ("https${contact.id}://a.example.com/", &[(host, "${contact.id}")]),
        ("https://${contact.id}.example.com/", &[(host, "${contact.id}")]),
        ("https://a.example.com${contact.id}/x", &[(host, "${contact.id}")]),
        ("https://a.example.com:${contact.id}/x", &[(host, "${contact.id}")]),
        ("https://a.${contact.id}.com:${contact.id}", &[(host, "${contact.id}"), (host, "${contact.id}")]),
        ("https://good.example.com:1@127.0.0.1/", &[("url-user-info", "good.example.com:1@")]),
        ("https://user@a.example.com/", &[("url-user-info", "user@")]),
        ("https://a.example.com\\\\@b.example.com/", &[(invalid, "\\\\")]),
        ("https:///x", &[(invalid, "\"https:///x\"")]),
        ("https://", &[(invalid, "\"https://\"")]),
        ("https://a b.example.com/", &[(invalid, "a b.example.com")]),
        ("https://a%2eexample.com/", &[(invalid, "a%2eexample.com")]),
        ("https://a.example.com:0/", &[(invalid, "a.example.com:0")]),
        ("https://a.example.com:65536/", &[(invalid, "a.example.com:65536")]),
        ("https://a.example.com:/", &[(invalid, "a.example.com:")]),
        ("https://a.example.com:8x/", &[(invalid, "a.example.com:8x")]),
        ("https://[::1/", &[(invalid, "[::1")]),
        ("https://2130706433/", &[(invalid, "2130706433")]),
        ("https://0x7f.1/", &[(invalid, "0x7f.1")]),
        ("https://127.1:8443/", &[(invalid, "127.1:8443")]),
        ("https://１２７.0.0.1/", &[(invalid, "１２７.0.0.1")]),
        ("https://ex\u{ad}ample.com/", &[(invalid, "ex\u{ad}ample.com")]),
        ("https://a\\tb.example.com/", &[(invalid, "a\\tb.example.com")]),
        // Path and query.
        ("https://a.example.com/x#y", &[(invalid, "#y")]),
        ("https://a.example.com#${contact.id}", &[(invalid, "#${contact.id}")]),
        ("https://a.example.com/../x", &[(invalid, "/..")]),
        ("https://a.example.com/x/%2E%2e/y", &[(invalid, "/%2E%2e")]),
        ("https://a.example.com/./x", &[(invalid, "/.")]),
        ("https://a.example.com/x y", &[(invalid, " ")]),
        ("https://a.example.com/x\\ty", &[(invalid, "\\t")]),
        ("https://a.example.com/x\\r\\ny", &[(invalid, "\\r"), (invalid, "\\n")]),
        ("https://a.example.com/{id}", &[(invalid, "{id}")]),
        ("https://a.example.com/{{contact.id}}/x?y={{ z }}", &[(invalid, "{{contact.id}}"), (invalid, "{{ z }}")]),
        (
            "https://a.example.com/{{a}}{{b/{c?d}",
            &[(invalid, "{{a}}"), (invalid, "{"), (invalid, "{"), (invalid, "{"), (invalid, "}")],
        ),
        ("https://a.example.com/a|b", &[(invalid, "|")]),
        ("https://a.example.com/100%", &[(invalid, "%")]),
        ("https://a.example.com/x?y=%zz", &[(invalid, "%")]),
        ("https://a.example.com/\u{202e}x", &[(invalid, "\u{202e}")]),
        ("https://a.example.com/x?${contact.id}=1", &[("url-query-name-not-literal", "${contact.id}")]),
        ("https://a.example.com/x?${contact.id}", &[("url-query-name-not-literal", "${contact.id}")]),
        ("https://a.example.com/x?a=1&b${contact.id}=1", &[("url-query-name-not-literal", "${contact.id}")]),
        ("https://a.example.com/x?=1", &[(invalid, "=1")]),
        ("https://a.example.com/x?api_key=3f1a9c7e5b2d4f60", &[("credential-literal", "3f1a9c7e5b2d4f60")]),
        // The place is right behind letters of several bytes.
        ("https://a.example.com/київ/x y", &[(invalid, " ")]),
        // Several mistakes are several findings.
        (
            "http://${contact.id}/../x?${contact.id}#y",
            &[
                ("plain-http", "http"),
                (host, "${contact.id}"),
                (invalid, "/.."),
                ("url-query-name-not-literal", "${contact.id}"),
                (invalid, "#y"),
            ],
        ),
    ];
    for (url, expected) in table {
        refuses(&get(url), expected);
    }
}

/// A URL as the program holds it: holes by their escape.
fn travels(url: &str) -> String {
    let program = accepts(&get(url));
    let url = &program.webhooks["w"].url;
    let parts = |parts: &[Part]| -> String {
        let shown = parts.iter().map(|part| match part {
            Part::Literal(text) => text.clone(),
            Part::Value { escape: Escape::PathSegment, .. } => "<path>".to_owned(),
            Part::Value { escape: Escape::QueryValue, .. } => "<query>".to_owned(),
            Part::Value { escape, .. } => panic!("{escape:?} in a URL"),
        });
        shown.collect()
    };
    let query: Vec<String> = url
        .query
        .iter()
        .map(|parameter| match &parameter.value {
            Some(value) => format!("{}={}", parameter.name, parts(value)),
            None => parameter.name.clone(),
        })
        .collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    format!("{}{}{query}", url.origin, parts(&url.path))
}

#[test]
fn urls_are_brought_into_the_form_in_which_they_travel() {
    for (url, expected) in [
        ("https://a.example.com", "https://a.example.com/"),
        ("HTTPS://A.Example.COM:443/X", "https://a.example.com/X"),
        ("https://a.example.com:8443?a=1", "https://a.example.com:8443/?a=1"),
        ("https://приклад.укр/шлях", "https://xn--80aikifvh.xn--j1amh/%D1%88%D0%BB%D1%8F%D1%85"),
        ("https://127.0.0.1:9/x", "https://127.0.0.1:9/x"),
        ("https://[::1]/x", "https://[::1]/x"),
        ("https://localhost/x", "https://localhost/x"),
        ("https://a.example.com/%d0%b9?q=%7e", "https://a.example.com/%D0%B9?q=%7E"),
        ("https://a.example.com/${contact.id}/x", "https://a.example.com/<path>/x"),
        (
            "https://a.example.com/x-${contact.id}.json?a=${contact.id}&b",
            "https://a.example.com/x-<path>.json?a=<query>&b",
        ),
        (
            "https://a.example.com/@x:y?next=https://b.example.com/?z",
            "https://a.example.com/@x:y?next=https://b.example.com/?z",
        ),
        ("https://a.example.com/x?a=1&a=2", "https://a.example.com/x?a=1&a=2"),
        ("https://a.example.com/...", "https://a.example.com/..."),
    ] {
        assert_eq!(travels(url), expected, "{url}");
    }
}

#[test]
fn a_value_in_a_url_must_be_there() {
    refuses(&get("https://a.example.com/${contact.town}"), &[("optional-as-value", "contact.town")]);
    refuses(&get("https://a.example.com/x?a=${contact.twon ?? \"\"}"), &[("unknown-field", "twon")]);
}
