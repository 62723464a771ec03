//! The list of scenarios.

mod contacts;
mod events;
mod steps;

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
pub(crate) fn scenarios() -> impl Iterator<Item = &'static Scenario> {
    [steps::SCENARIOS, events::SCENARIOS, contacts::SCENARIOS].into_iter().flatten()
}
