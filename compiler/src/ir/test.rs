//! Tests: rehearsals of a program on a virtual clock.
//!
//! They are no part of a [`Program`] and of its hash: a test changes nothing that runs. Unlike a program they
//! know where they were written, so that whoever runs them can show the line that failed; places are no part of equality.
//! Every expression in a test is constant: it reads no event, no contact and no result.

use std::sync::Arc;

use jiff::{Timestamp, civil};
use smol_str::SmolStr;

use super::{Duration, Expression, Method, Program};
use crate::source::Spanned;

/// `test "…" { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// What it shows. Unique in the project. That of a row of a table of cases has the row's values behind the test's name, and
    /// the row's place.
    pub name: Spanned<SmolStr>,
    /// The virtual start: that of the `at` line, else [`Test::START`].
    pub start: Timestamp,
    /// What is done and expected, in the order written. The place is that of the whole step.
    pub steps: Vec<Spanned<TestStep>>,
}

impl Test {
    /// The virtual start where none is written: 2026-01-01T00:00Z.
    pub const START: Timestamp = Timestamp::constant(1_767_225_600, 0);
}

/// A step of a test.
#[derive(Clone, Debug, PartialEq)]
pub enum TestStep {
    /// A contact is there with these fields. Of a name that was given before, the fields are written over: this changes a
    /// contact, as the API does.
    Given {
        /// What later steps call it.
        name: Option<SmolStr>,
        /// Its fields; all others have their defaults or are absent.
        fields: Vec<(SmolStr, Expression)>,
    },
    /// A run goes on that began before the test did.
    GivenRun(Box<GivenRun>),
    /// Another throw of the dice: what is spread by chance, as the pauses between attempts are, comes out otherwise.
    Seed(u64),
    /// What a webhook or a channel's gateway answers from here on. A stub without `when` replaces the one before.
    Stub(Stub),
    /// An event arrives.
    Receive {
        /// The event's type.
        event: SmolStr,
        /// Its parameters; `id` and `occurred_at` may be among them.
        parameters: Vec<(SmolStr, Expression)>,
    },
    /// All that is in memory is lost, and what was saved is read back.
    Crash,
    /// Runs that go on are ended by hand.
    Cancel {
        /// Those of this workflow; of any where none is named.
        workflow: Option<SmolStr>,
        /// Those of this contact of a `given` step; of any where none is named.
        contact: Option<SmolStr>,
    },
    /// The program is another one from here on; runs that go on stay with theirs. `None` for one that says the same.
    Reload(Option<Reloaded>),
    /// The virtual clock moves on by so much, and all that falls due happens.
    Advance(Duration),
    /// The virtual clock moves on to that moment; one that has passed already fails the test.
    AdvanceUntil(Until),
    /// Something must be so, or must not.
    Expect {
        /// `expect not`.
        negated: bool,
        /// What.
        what: Expectation,
    },
}

/// The program that runs from here on.
#[derive(Clone, Debug)]
pub struct Reloaded {
    /// What was written, in one line: two reloads are equal when they say the same, whatever project they are of.
    pub written: Arc<str>,
    /// What is declared: `workflow greet`, in the order written.
    pub declared: Vec<SmolStr>,
    /// The program; `None` where the project has an error.
    pub program: Option<Arc<Program>>,
}

impl PartialEq for Reloaded {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

/// A run that goes on and stands before a step.
#[derive(Clone, Debug, PartialEq)]
pub struct GivenRun {
    /// The step that it goes on with, as [`StepId`](super::StepId) writes it.
    pub step: Spanned<SmolStr>,
    /// Its workflow.
    pub workflow: SmolStr,
    /// Its contact, of a `given` step; without one its event says who is meant.
    pub contact: Option<SmolStr>,
    /// The event that it was started by; `None` where a schedule or a change of its contact has.
    pub event: Option<GivenEvent>,
    /// The events that a `wait for` took, by the names that it gave them.
    pub aliases: Vec<(SmolStr, GivenEvent)>,
    /// What its calls have answered: the name that it is stored under, the webhook, the value.
    pub data: Vec<(SmolStr, SmolStr, Expression)>,
}

/// An event that a run knows.
#[derive(Clone, Debug, PartialEq)]
pub struct GivenEvent {
    /// Its type.
    pub event: SmolStr,
    /// Its parameters; `id` and `occurred_at` may be among them.
    pub parameters: Vec<(SmolStr, Expression)>,
}

/// The moment that the clock moves to.
#[derive(Clone, Debug, PartialEq)]
pub enum Until {
    /// This instant.
    Instant(Timestamp),
    /// The next time that clocks in a zone show this time of the day.
    Next {
        /// The time of the day.
        time: civil::Time,
        /// The IANA time zone.
        zone: String,
    },
}

/// Who is called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Callee {
    /// A webhook.
    Webhook(SmolStr),
    /// The gateway behind a channel. Without a stub it takes every message.
    Channel(SmolStr),
}

/// Whose requests a stub answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Stubbed {
    /// Those to one callee.
    Callee(Callee),
    /// Those that are sent to an address, whoever sends them.
    Address {
        /// The method.
        method: Method,
        /// The whole address; where it has no query, any query.
        url: Spanned<SmolStr>,
    },
}

/// What a webhook answers, call by call.
#[derive(Clone, Debug, PartialEq)]
pub struct Stub {
    /// Who.
    pub who: Stubbed,
    /// Only to requests that are like this. Of several stubs the first one that fits answers, one without `when` last.
    pub when: Option<RequestPattern>,
    /// The answers in turn; the last one stays. At least one.
    pub replies: Vec<Reply>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// How long it takes; no time at all unless it is written.
    pub delay: Duration,
    /// What comes.
    pub outcome: ReplyOutcome,
}

/// What a stubbed webhook does.
#[derive(Clone, Debug, PartialEq)]
pub enum ReplyOutcome {
    /// It answers.
    Response {
        /// The HTTP status.
        status: u16,
        /// Headers, texts.
        headers: Vec<(SmolStr, Expression)>,
        /// The body.
        body: ReplyBody,
    },
    /// Nothing comes within the webhook's time-out, which passes on the virtual clock.
    Timeout,
    /// No connection.
    Refused,
    /// The connection breaks before an answer.
    Reset,
    /// The host has no address.
    Dns,
    /// The certificate is not good.
    Tls,
    /// The answer breaks off in the middle of its body.
    Truncated,
    /// The answer is longer than is taken.
    Oversize,
}

/// The body of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum ReplyBody {
    /// None.
    Empty,
    /// A text, sent as it is: also XML, and what is no JSON.
    Text(Expression),
    /// A value, sent as JSON.
    Json(Expression),
    /// What stands in a file, sent as it stands there.
    File {
        /// What it is, for the header `Content-Type`.
        kind: &'static str,
        /// Its text.
        text: Arc<str>,
    },
}

/// What a request is like; what is left out is not looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RequestPattern {
    /// The whole address.
    pub url: Option<Matcher>,
    /// Headers by name, in any case of letters.
    pub headers: Vec<(SmolStr, Expression)>,
    /// Headers that are there, with any value.
    pub present: Vec<SmolStr>,
    /// Headers that are not there.
    pub absent: Vec<SmolStr>,
    /// Headers that are there and have one value in all requests of the statement. Not in the `when` of a stub.
    pub same: Vec<SmolStr>,
    /// The body: of a record those fields that are written, a text as a whole or as a part.
    pub body: Option<Matcher>,
}

/// How a value is compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Matcher {
    /// `contains`: the value is a part of it.
    pub contains: bool,
    /// What it must be. Records match what has at least their fields; `null` matches nothing and what is absent.
    pub value: Expression,
}

/// What must be so.
#[derive(Clone, Debug, PartialEq)]
pub enum Expectation {
    /// A statement has called a webhook, or a channel's gateway was called.
    Call {
        /// Who.
        callee: Callee,
        /// How many requests the statement made.
        attempts: Option<u32>,
        /// How many statements called it; at least one where it is left out.
        times: Option<u32>,
        /// What the request was like.
        request: RequestPattern,
    },
    /// A message went out.
    Send {
        /// The message.
        message: SmolStr,
        /// How often; at least once where it is left out.
        times: Option<u32>,
        /// Its rendered parts: `to`, `from`, `subject`, `text`, ….
        parts: Vec<(SmolStr, Matcher)>,
    },
    /// A contact has these fields.
    Contact {
        /// A contact of a `given` step; the run's where none is named.
        name: Option<SmolStr>,
        /// Its fields; `null` is absent.
        fields: Vec<(SmolStr, Expression)>,
        /// Its fields that are as they were when the run began.
        unchanged: Vec<SmolStr>,
    },
    /// An event was raised by `emit`.
    Event {
        /// The event's type.
        event: SmolStr,
        /// Parameters that it has.
        parameters: Vec<(SmolStr, Expression)>,
    },
    /// These came one after the other, with anything in between.
    InOrder(Vec<Spanned<Expectation>>),
    /// A run came by the step with this identity, as [`StepId`](super::StepId) writes it.
    Path(Spanned<SmolStr>),
    /// A run goes on and waits, at the step with this identity where one is named.
    Waiting(Option<Spanned<SmolStr>>),
    /// Runs of a workflow began, or were kept from it.
    Workflow {
        /// The workflow.
        workflow: SmolStr,
        /// How often; at least once where it is left out.
        times: Option<u32>,
        /// They were kept out, with this reason code.
        kept_out: Option<SmolStr>,
    },
    /// All that went out since the test began, calls, messages and events, is what an expectation above is about.
    NothingElse,
    /// The run came to its end.
    Complete,
    /// The run was stopped, with this reason or reason code.
    Stop(Option<SmolStr>),
    /// The run failed, with this reason or reason code.
    Fail(Option<SmolStr>),
    /// The run was left because of an event of this type.
    Exit(Option<SmolStr>),
}
