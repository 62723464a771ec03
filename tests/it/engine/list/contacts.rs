//! Whom a run is about, who is kept out, and what a change of a contact starts.

use super::{Act, QUIET, Scenario};

pub(super) const SCENARIOS: &[Scenario] = &[
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
        name: "what another contact is found by is not taken from it, nor used",
        program: r#"
            event e { email: email, other: email, phone: phone }
            webhook seen { post "ORIGIN/json" body json { email: contact.email, phone: contact.phone } returns json { code: string } }
            message m { email { from "a@example.com" subject "$contact.email $!contact.phone" text "x" } }
            workflow w {
              on e identify by email event.email else create
              set contact.email = event.other
              set contact.phone = event.phone
              send m
              if contact.phone is set { call seen }
            }"#,
        acts: &[
            Act::Contact(r#"{"email": "bob@example.com", "phone": "+380441234567"}"#),
            Act::Event(
                "e",
                "1",
                r#"{"email": "ann@example.com", "other": "bob@example.com", "phone": "+380441234567"}"#,
            ),
            Act::Await("w", "completed", 1),
            Act::Event(
                "e",
                "2",
                r#"{"email": "eve@example.com", "other": "bob@example.com", "phone": "+380447654321"}"#,
            ),
            Act::Await("w", "completed", 2),
            Act::Event(
                "e",
                "3",
                r#"{"email": "ann@example.com", "other": "anna@example.com", "phone": "+380447654321"}"#,
            ),
            Act::Await("w", "completed", 3),
        ],
        runs: &["w completed", "w completed", "w completed"],
        calls: &[r#"POST /json {"email":"eve@example.com","phone":"+380447654321"}"#],
        mails: &["ann@example.com ", "anna@example.com ", "eve@example.com +380447654321"],
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
