//! The list of scenarios.

/// What comes in, in order.
pub(crate) enum Act {
    /// A contact, as a JSON object.
    Contact(&'static str),
    /// An event: its type, its id, its parameters as a JSON object.
    Event(&'static str, &'static str, &'static str),
    /// The engine ends as in a crash and starts again.
    Crash,
    /// So many runs of a workflow stand so.
    Await(&'static str, &'static str, usize),
    /// So many requests have come in.
    AwaitCalls(usize),
    /// So many milliseconds pass.
    Pass(u64),
}

/// A program, what comes in, and what must come of it.
pub(crate) struct Scenario {
    /// What it shows.
    pub(crate) name: &'static str,
    /// The program; `ORIGIN` stands for the service that it calls.
    pub(crate) program: &'static str,
    /// What comes in.
    pub(crate) acts: &'static [Act],
    /// Every run: workflow, status and reason, in the order of their start.
    pub(crate) runs: &'static [&'static str],
    /// Every request, in the order in which they came.
    pub(crate) calls: &'static [&'static str],
    /// The subjects of the mails, sorted.
    pub(crate) mails: &'static [&'static str],
    /// What events started nothing for.
    pub(crate) kept_out: &'static [(&'static str, &'static [&'static str])],
}

/// What the service answers.
pub(crate) struct Answer {
    pub(crate) status: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) body: &'static str,
    /// After so many milliseconds.
    pub(crate) after: u64,
}

/// The answer to a request, by its path.
pub(crate) fn answer(path: &str) -> Answer {
    let json = Answer { status: "200 OK", kind: "application/json", body: r#"{"code": "A1"}"#, after: 0 };
    match path.split(['/', '?']).nth(1) {
        Some("slow") => Answer { after: 700, ..json },
        Some("busy") => Answer { status: "503 Service Unavailable", ..json },
        Some("gone") => Answer { status: "404 Not Found", ..json },
        Some("xml") => {
            Answer { kind: "application/xml", body: r#"<r n="7"><code>X1</code><tag>a</tag><tag>b</tag></r>"#, ..json }
        }
        Some("text") => Answer { kind: "text/plain", body: "T1", ..json },
        _ => json,
    }
}

const ANN: &str = r#"{"email": "ann@example.com"}"#;
const BOB: &str = r#"{"email": "bob@example.com"}"#;

/// A scenario of which nothing comes but its runs.
const QUIET: Scenario = Scenario { name: "", program: "", acts: &[], runs: &[], calls: &[], mails: &[], kept_out: &[] };

/// What every engine must do.
pub(crate) const SCENARIOS: &[Scenario] = &[
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
        name: "an event that is waited for comes, for its contact and its order",
        program: r#"
            event e { email: email, order: string }
            event paid { email: email, order: string }
            message m { email { from "a@example.com" subject "$contact.town" text "x" } }
            workflow w {
              on e identify by email event.email else create
              wait for paid as later where later.order == event.order up to 1h { set contact.town = later.order send m }
            }"#,
        acts: &[
            Act::Event("e", "1", r#"{"email": "ann@example.com", "order": "o-1"}"#),
            Act::Event("e", "2", r#"{"email": "bob@example.com", "order": "o-2"}"#),
            Act::Await("w", "waiting", 2),
            Act::Event("paid", "3", r#"{"email": "ann@example.com", "order": "o-2"}"#),
            Act::Event("paid", "4", r#"{"email": "eve@example.com", "order": "o-1"}"#),
            Act::Event("paid", "5", r#"{"email": "ANN@example.com", "order": "o-1"}"#),
            Act::Event("paid", "6", r#"{"email": "ann@EXAMPLE.COM", "order": "o-1"}"#),
            Act::Await("w", "completed", 1),
        ],
        runs: &["w completed", "w waiting"],
        mails: &["o-1"],
        ..QUIET
    },
    Scenario {
        name: "an event that was accepted is not lost with a crash",
        program: r#"
            event e { email: email }
            event paid { email: email }
            workflow w {
              on e identify by email event.email else create
              wait for paid up to 1h { stop "paid" } on timeout { stop "late" }
            }"#,
        acts: &[
            Act::Event("e", "1", ANN),
            Act::Await("w", "waiting", 1),
            Act::Event("paid", "2", ANN),
            Act::Crash,
            Act::Await("w", "stopped", 1),
        ],
        runs: &["w stopped: paid"],
        ..QUIET
    },
    Scenario {
        name: "an event during a call is not missed, and one during a wait does not count",
        program: r#"
            event e { email: email, early: bool }
            event paid { email: email }
            webhook slow { get "ORIGIN/slow" returns json { code: string } }
            workflow w {
              on e identify by email event.email else create
              if event.early { wait 1s } else { call slow }
              wait for paid up to 500ms { stop "paid" } on timeout { stop "late" }
            }"#,
        acts: &[
            Act::Event("e", "1", r#"{"email": "ann@example.com", "early": true}"#),
            Act::Await("w", "waiting", 1),
            Act::Event("paid", "2", ANN),
            Act::Await("w", "stopped", 1),
            Act::Event("e", "3", r#"{"email": "ann@example.com", "early": false}"#),
            Act::AwaitCalls(1),
            Act::Event("paid", "4", ANN),
            Act::Await("w", "stopped", 2),
        ],
        runs: &["w stopped: late", "w stopped: paid"],
        calls: &["GET /slow"],
        ..QUIET
    },
    Scenario {
        name: "an event that does not come leads into the other branch",
        program: r#"
            event e { email: email }
            event paid { email: email }
            workflow w {
              on e identify by email event.email else create
              wait for paid up to 300ms { stop "paid" }
              stop "on"
            }"#,
        acts: &[Act::Event("e", "1", ANN), Act::Await("w", "stopped", 1), Act::Event("paid", "2", ANN), Act::Pass(100)],
        runs: &["w stopped: on"],
        ..QUIET
    },
    Scenario {
        name: "an exit ends a run that waits, that rests between attempts, and that calls",
        program: r#"
            event e { email: email, way: string }
            event paid { email: email, total: int }
            webhook busy { get "ORIGIN/busy" returns json { code: string } attempts 5 from 1h to 2h }
            webhook slow { get "ORIGIN/slow" returns json { code: string } }
            message m { email { from "a@example.com" subject "never" text "x" } }
            workflow w {
              on e identify by email event.email else create
              exit on paid as order where order.total > 10
              match event.way { "wait" { wait 1h } "busy" { call busy } "slow" { call slow } }
              send m
            }"#,
        acts: &[
            Act::Event("e", "1", r#"{"email": "ann@example.com", "way": "wait"}"#),
            Act::Event("e", "2", r#"{"email": "ann@example.com", "way": "busy"}"#),
            Act::Await("w", "waiting", 2),
            Act::Event("paid", "3", r#"{"email": "ann@example.com", "total": 1}"#),
            Act::Event("paid", "4", r#"{"email": "ann@example.com", "total": 11}"#),
            Act::Await("w", "exited", 2),
            Act::Event("e", "5", r#"{"email": "ann@example.com", "way": "slow"}"#),
            Act::AwaitCalls(2),
            Act::Event("paid", "6", r#"{"email": "ann@example.com", "total": 12}"#),
            Act::Await("w", "exited", 3),
        ],
        runs: &["w exited: paid", "w exited: paid", "w exited: paid"],
        calls: &["GET /busy", "GET /slow"],
        ..QUIET
    },
    Scenario {
        name: "an event that is raised is like any other, and is raised once",
        program: r#"
            event e { email: email }
            event next { email: email, town: string, n: int = 5 }
            webhook slow { get "ORIGIN/slow" returns json { code: string } }
            message m { email { from "a@example.com" subject "$event.town $event.n" text "x" } }
            workflow first {
              on e identify by email event.email else create
              emit next { email: event.email, town: "Lviv" }
              call slow
            }
            workflow second { on next identify by email event.email send m }
            workflow third { on e identify by email event.email else create wait for next up to 1h { stop "heard" } }"#,
        acts: &[
            Act::Event("e", "1", ANN),
            Act::AwaitCalls(1),
            Act::Crash,
            Act::Await("first", "completed", 1),
            Act::Await("second", "completed", 1),
            Act::Await("third", "stopped", 1),
        ],
        runs: &["first completed", "third stopped: heard", "second completed"],
        calls: &["GET /slow", "GET /slow"],
        mails: &["Lviv 5"],
        ..QUIET
    },
    Scenario {
        name: "a call may be about another contact",
        program: r#"
            event e { email: email, friend: email }
            webhook card { post "ORIGIN/json" body json { town: contact.town, of: event.email } returns json { code: string } }
            workflow w {
              on e identify by email event.email else create
              set contact.town = "own"
              call card identify by email event.friend
              call card as own
            }
            workflow gentle { on e identify by email event.email call card identify by email event.friend else stop }"#,
        acts: &[
            Act::Contact(r#"{"email": "bob@example.com", "town": "Lviv"}"#),
            Act::Event("e", "1", r#"{"email": "ann@example.com", "friend": "bob@example.com"}"#),
            Act::Await("w", "completed", 1),
            Act::AwaitCalls(2),
            Act::Event("e", "2", r#"{"email": "ann@example.com", "friend": "eve@example.com"}"#),
            Act::Await("w", "failed", 1),
            Act::Await("gentle", "stopped", 1),
        ],
        runs: &[
            "gentle failed: no contact has this `email`",
            "w completed",
            "gentle stopped: no contact has this `email`",
            "w failed: no contact has this `email`",
        ],
        calls: &[
            r#"POST /json {"town":"Lviv","of":"ann@example.com"}"#,
            r#"POST /json {"town":"own","of":"ann@example.com"}"#,
        ],
        ..QUIET
    },
    Scenario {
        name: "several ways to find a contact are tried in order",
        program: r#"
            event e { phone: phone?, email: email? }
            message m { email { from "a@example.com" to "x@example.com" subject "town $!contact.town" text "x" } }
            workflow w {
              on e
              identify by phone event.phone
              identify by email event.email else create
              send m
            }"#,
        acts: &[
            Act::Contact(r#"{"email": "ann@example.com", "town": "Kyiv"}"#),
            Act::Contact(r#"{"phone": "+380671234567", "town": "Lviv"}"#),
            Act::Event("e", "1", r#"{"phone": "+380671234567", "email": "ann@example.com"}"#),
            Act::Event("e", "2", r#"{"phone": "+380671234568", "email": "ann@example.com"}"#),
            Act::Event("e", "3", r#"{"email": "new@example.com"}"#),
            Act::Event("e", "4", r#"{}"#),
            Act::Await("w", "completed", 3),
        ],
        runs: &[
            "w completed",
            "w completed",
            "w completed",
            "w failed: the event has no value to identify a contact by: phone, email",
        ],
        mails: &["town ", "town Kyiv", "town Lviv"],
        ..QUIET
    },
    Scenario {
        name: "who is not found fails the run, or stops it, or is made",
        program: r#"
            event e { phone: phone }
            workflow a { on e identify by phone event.phone stop "found" }
            workflow b { on e identify by phone event.phone else stop stop "found" }
            workflow c { on e identify by phone event.phone else create stop "found" }"#,
        acts: &[
            Act::Event("e", "1", r#"{"phone": "+380671234567"}"#),
            Act::Await("c", "stopped", 1),
            Act::Event("e", "2", r#"{"phone": "+38 067 123 45 67"}"#),
            Act::Await("a", "stopped", 1),
            Act::Await("b", "stopped", 2),
            Act::Await("c", "stopped", 2),
        ],
        runs: &[
            "a failed: no contact has this `phone`",
            "b stopped: no contact has this `phone`",
            "c stopped: found",
            "a stopped: found",
            "b stopped: found",
            "c stopped: found",
        ],
        ..QUIET
    },
    Scenario {
        name: "a contact is kept out, and the event says why",
        program: r#"
            event e { email: email, n: int }
            workflow ever { on e where event.n > 0 identify by email event.email else create once ever wait 1ms }
            workflow often { on e identify by email event.email else create once per 600ms wait 1ms }
            workflow single { on e identify by email event.email else create one at a time wait 1s }"#,
        acts: &[
            Act::Event("e", "1", r#"{"email": "ann@example.com", "n": 0}"#),
            Act::Event("e", "2", r#"{"email": "ann@example.com", "n": 1}"#),
            Act::Event("e", "3", r#"{"email": "bob@example.com", "n": 1}"#),
            Act::Await("single", "completed", 2),
            Act::Crash,
            Act::Event("e", "4", r#"{"email": "ann@example.com", "n": 1}"#),
            Act::Await("often", "completed", 3),
            Act::Await("single", "waiting", 1),
        ],
        runs: &[
            "often completed",
            "single completed",
            "ever completed",
            "ever completed",
            "often completed",
            "single completed",
            "often completed",
            "single waiting",
        ],
        kept_out: &[
            ("1", &["ever where"]),
            ("2", &["often once", "single one_at_a_time"]),
            ("3", &[]),
            ("4", &["ever once"]),
        ],
        ..QUIET
    },
    Scenario {
        name: "several lines and events may start one workflow",
        program: r#"
            event a { email: email, n: int }
            event b { email: email, n: int }
            workflow w {
              on a where event.n > 5
              on a where event.n < 3
              on b
              identify by email event.email else create
              stop "${event.n}"
            }"#,
        acts: &[
            Act::Event("a", "1", r#"{"email": "ann@example.com", "n": 1}"#),
            Act::Event("a", "2", r#"{"email": "ann@example.com", "n": 4}"#),
            Act::Event("b", "3", r#"{"email": "ann@example.com", "n": 4}"#),
            Act::Event("a", "4", r#"{"email": "ann@example.com", "n": 9}"#),
            Act::Await("w", "stopped", 3),
        ],
        runs: &["w stopped: 1", "w stopped: 4", "w stopped: 9"],
        kept_out: &[("2", &["w where"])],
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
    Scenario {
        name: "a run that was never told of has nothing to do with an event",
        program: r#"
            event e { email: email }
            event paid { email: email }
            workflow w { on e identify by email event.email else create exit on paid wait 300ms }"#,
        acts: &[
            Act::Event("e", "1", ANN),
            Act::Event("e", "2", BOB),
            Act::Await("w", "waiting", 2),
            Act::Event("paid", "3", BOB),
            Act::Await("w", "exited", 1),
            Act::Await("w", "completed", 1),
        ],
        runs: &["w completed", "w exited: paid"],
        ..QUIET
    },
    Scenario {
        name: "a contact's field becomes another value",
        program: r#"
            event e { email: email, town: string }
            contact { tier: "a" | "b" = "a" }
            message m { email { from "a@example.com" to "x@example.com" subject "$!contact.town $contact.tier" text "x" } }
            workflow moved { on contact.town changed on contact.tier changed send m }
            workflow mover { on e identify by email event.email else create set contact.town = event.town }"#,
        acts: &[
            Act::Contact(r#"{"email": "ann@example.com", "town": "Kyiv"}"#),
            Act::Contact(r#"{"email": "ann@example.com", "town": "Kyiv", "first_name": "Ann", "tier": "a"}"#),
            Act::Contact(r#"{"email": "ann@example.com", "town": "Lviv", "tier": "b"}"#),
            Act::Await("moved", "completed", 1),
            Act::Event("e", "1", r#"{"email": "ann@example.com", "town": "Odesa"}"#),
            Act::Await("moved", "completed", 2),
            Act::Event("e", "2", r#"{"email": "ann@example.com", "town": "Odesa"}"#),
            Act::Event("e", "3", r#"{"email": "bob@example.com", "town": "Odesa"}"#),
            Act::Await("mover", "completed", 3),
            Act::Await("moved", "completed", 3),
            Act::Contact(r#"{"email": "ann@example.com", "town": null}"#),
            Act::Await("moved", "completed", 4),
        ],
        runs: &[
            "moved completed",
            "mover completed",
            "moved completed",
            "mover completed",
            "mover completed",
            "moved completed",
            "moved completed",
        ],
        mails: &[" b", "Lviv b", "Odesa a", "Odesa b"],
        ..QUIET
    },
    Scenario {
        name: "workflows that change what starts them come to an end",
        program: r#"
            contact { n: int = 0, m: int = 0 }
            workflow own { on contact.town changed set contact.town = "x${contact.n}" set contact.n = contact.n + 1 }
            workflow ping { on contact.n changed set contact.m = contact.m + 1 }
            workflow pong { on contact.m changed set contact.n = contact.n + 1 }"#,
        acts: &[
            Act::Contact(r#"{"email": "ann@example.com", "town": "Kyiv"}"#),
            Act::Contact(r#"{"email": "ann@example.com", "town": "Lviv"}"#),
            Act::Await("pong", "completed", 8),
            Act::Pass(300),
        ],
        runs: &[
            "own completed",
            "ping completed",
            "pong completed",
            "ping completed",
            "pong completed",
            "ping completed",
            "pong completed",
            "ping completed",
            "pong completed",
            "ping completed",
            "pong completed",
            "ping completed",
            "pong completed",
            "ping completed",
            "pong completed",
            "ping completed",
            "pong completed",
        ],
        ..QUIET
    },
];
