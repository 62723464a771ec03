//! Events that runs wait for, leave on and raise.

use super::{ANN, Act, BOB, QUIET, Scenario};

pub(super) const SCENARIOS: &[Scenario] = &[
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
];
