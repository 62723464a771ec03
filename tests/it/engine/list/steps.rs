//! What a workflow does: branches, calls, messages, waits for a time.

use super::{ANN, Act, QUIET, Scenario};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "branches are taken by what is known",
        program: r#"
            event e { email: email, n: int }
            message m { email { from "a@example.com" subject "$event.n" text "x" } }
            workflow w {
              on e identify by email event.email else create
              if event.n > 2 { set contact.town = "big" } else if event.n == 2 { set contact.town = "two" } else { stop "small" }
              match contact.town { "big" { fail "too ${contact.town}" } "two" { send m } }
            }"#,
        acts: &[
            Act::Event("e", "1", r#"{"email": "a@example.com", "n": 1}"#),
            Act::Await("w", "stopped", 1),
            Act::Event("e", "2", r#"{"email": "a@example.com", "n": 2}"#),
            Act::Await("w", "completed", 1),
            Act::Event("e", "3", r#"{"email": "a@example.com", "n": 3}"#),
            Act::Await("w", "failed", 1),
        ],
        runs: &["w stopped: small", "w completed", "w failed: too big"],
        mails: &["2"],
        ..QUIET
    },
    Scenario {
        name: "a call has its outcome, and what it answered is known",
        program: r#"
            event e { email: email }
            webhook good { post "ORIGIN/json" body json { to: event.email } returns json { code: string } }
            webhook bad { get "ORIGIN/gone" returns json { code: string } }
            message m { email { from "a@example.com" subject "$data.good.code" text "x" } }
            workflow w {
              on e identify by email event.email else create
              call good
              call bad on failure { send m }
              call bad as again
            }"#,
        acts: &[Act::Event("e", "1", ANN), Act::Await("w", "failed", 1)],
        runs: &["w failed: the call of `bad` failed: the host answered 404 Not Found"],
        calls: &[r#"POST /json {"to":"ann@example.com"}"#, "GET /gone", "GET /gone"],
        mails: &["A1"],
        ..QUIET
    },
    Scenario {
        name: "every method, body and answer",
        program: r#"
            event e { email: email, note: string }
            webhook a { put "ORIGIN/json/a" body form { q: event.note, "odd name": 7 } returns json { code: string } }
            webhook b { patch "ORIGIN/xml/b" body xml """
              <o note="${event.note}">${event.note}</o>
              """ returns xml { code: string, "@n": int, tag: [string] } }
            webhook c { delete "ORIGIN/text/c" returns text }
            webhook d { post "ORIGIN/json/d" body text "note: ${event.note}" }
            message m { email { from "a@example.com"
              subject "$data.a.code $data.b.code $data.b.get('@n') $data.b.tag.size() $data.c" text "x" } }
            workflow w { on e identify by email event.email else create call a call b call c call d send m }"#,
        acts: &[
            Act::Event("e", "1", r#"{"email": "ann@example.com", "note": "a&b=<\"c d\">"}"#),
            Act::Await("w", "completed", 1),
        ],
        runs: &["w completed"],
        calls: &[
            "PUT /json/a q=a%26b%3D%3C%22c+d%22%3E&odd+name=7",
            r#"PATCH /xml/b <o note="a&amp;b=&lt;&quot;c d&quot;&gt;">a&amp;b=&lt;"c d"&gt;</o>"#,
            "DELETE /text/c",
            r#"POST /json/d note: a&b=<"c d">"#,
        ],
        mails: &["A1 X1 7 2 T1"],
        ..QUIET
    },
    Scenario {
        name: "a wait outlives a crash",
        program: r#"
            event e { email: email }
            message m { email { from "a@example.com" subject "late" text "x" } }
            workflow w { on e identify by email event.email else create wait 1s send m }"#,
        acts: &[Act::Event("e", "1", ANN), Act::Await("w", "waiting", 1), Act::Crash, Act::Await("w", "completed", 1)],
        runs: &["w completed"],
        mails: &["late"],
        ..QUIET
    },
    Scenario {
        name: "a moment that has passed is not waited for",
        program: r#"
            event e { email: email, zone: string }
            workflow w {
              on e identify by email event.email else create
              wait until 2020-01-01T00:00Z
              wait until 2020-03-29 in event.zone
            }"#,
        acts: &[
            Act::Event("e", "1", r#"{"email": "ann@example.com", "zone": "Europe/Kyiv"}"#),
            Act::Await("w", "completed", 1),
            Act::Event("e", "2", r#"{"email": "ann@example.com", "zone": "Mars/Olympus"}"#),
            Act::Await("w", "failed", 1),
        ],
        runs: &["w completed", "w failed: `event.zone` is no time zone such as `Europe/Kyiv`"],
        ..QUIET
    },
    Scenario {
        name: "a message goes through its channels",
        program: r#"
            event e { email: email, phone: phone, code: string }
            connector gw api_key { header "X-Key" key secret("KEY") }
            channel sms { post "ORIGIN/json/sms" auth gw body json { to: contact.phone, text: message.text } }
            channel push { post "ORIGIN/xml/push" body xml """
              <p t="${message.title}">${message.text ?? ""}</p>
              """ }
            message both {
              email { from "a@example.com" subject "$event.code" text "x" }
              sms { text "Code: $event.code" }
              push { title "<$event.code>" }
            }
            message bad { down { text "x" } }
            channel down { post "ORIGIN/gone" body text "${message.text}" }
            workflow w { on e identify by phone event.phone identify by email event.email else create send both send bad }"#,
        acts: &[
            Act::Event("e", "1", r#"{"email": "ann@example.com", "phone": "+380671234567", "code": "a\"<b"}"#),
            Act::Await("w", "failed", 1),
        ],
        runs: &["w failed: `down` did not take the message: the host answered 404 Not Found"],
        calls: &[
            r#"POST /xml/push <p t="&lt;a&quot;&lt;b&gt;"></p>"#,
            r#"POST /json/sms {"to":"+380671234567","text":"Code: a\"<b"}"#,
            "POST /gone x",
        ],
        mails: &["a\"<b"],
        ..QUIET
    },
];
