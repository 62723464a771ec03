//! Tests: a rehearsal step by step.

use super::{Declaration, Expr, Method, Moment, Name, Record};
use crate::source::Spanned;

/// `test "…" { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// What it shows.
    pub name: Name,
    /// The steps in the order written.
    pub steps: Vec<TestStep>,
}

/// A step of a test.
pub type TestStep = Spanned<TestStepKind>;

/// What a step of a test does.
#[derive(Clone, Debug, PartialEq)]
pub enum TestStepKind {
    /// `at 2026-03-27T10:00+02:00`: the virtual start.
    At(Moment),
    /// `given contact [ann] { … }`: a contact that is there.
    GivenContact {
        /// What later steps call it.
        name: Option<Name>,
        /// Its fields.
        fields: Fixture,
    },
    /// `given run at "STEP" in W [for ann] { … }`: a run that goes on and stands before a step.
    GivenRun(Box<GivenRun>),
    /// `given seed 7`: another throw of the dice.
    GivenSeed(Expr),
    /// `cases { plan, tier | "pro", "gold" | "free", "basic" }`: the test is played once for each row.
    Cases(Cases),
    /// `stub W { … } then { … }`: what a webhook answers, call by call; the last one stays.
    Stub {
        /// Who answers.
        callee: Stubbed,
        /// `when { body { … } }`: only to requests that are like this.
        when: Option<Spanned<ExpectedParts>>,
        /// The answers in turn. At least one.
        answers: Vec<Spanned<Answer>>,
    },
    /// `receive EVENT { … }`: an event arrives.
    Receive {
        /// The event's type.
        event: Name,
        /// Its parameters.
        parameters: Fixture,
    },
    /// `crash`: all that is in memory is lost, and what was saved is read back.
    Crash,
    /// `cancel [workflow W] [for ann]`: runs that go on are ended by hand.
    Cancel {
        /// Those of this workflow.
        workflow: Option<Name>,
        /// Those of this contact.
        contact: Option<Name>,
    },
    /// `reload [{ … }]`: the program is another one from here on.
    Reload(Option<Reload>),
    /// `advance 2h`.
    Advance(Expr),
    /// `advance until …`.
    AdvanceUntil(Moment),
    /// `expect [not] …`.
    Expect(Expect),
    /// Could not be read.
    Broken,
}

/// Fields, written out or in a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Fixture {
    /// `{ … }`.
    Written(Spanned<Record>),
    /// `file "ann.json"`: an object of JSON.
    File(Name),
}

/// Who is stubbed.
#[derive(Clone, Debug, PartialEq)]
pub enum Stubbed {
    /// A webhook or a channel by its name.
    Named(Name),
    /// `post "https://…"`: whoever sends such a request.
    Address {
        /// The method.
        method: Spanned<Method>,
        /// The address; a query that is not written may be any.
        url: Name,
    },
}

/// A run that is there when a test begins.
#[derive(Clone, Debug, PartialEq)]
pub struct GivenRun {
    /// The identity of the step that it goes on with.
    pub step: Name,
    /// Its workflow.
    pub workflow: Name,
    /// Its contact, a contact of a `given` line; without one its event says who is meant.
    pub contact: Option<Name>,
    /// What it knows.
    pub parts: Vec<Spanned<GivenPart>>,
    /// A part could not be read.
    pub broken: bool,
}

/// What a given run knows.
#[derive(Clone, Debug, PartialEq)]
pub enum GivenPart {
    /// `event E [as name] { … }`: the event that it was started by, or one that a `wait for` took.
    Event {
        /// The event's type.
        event: Name,
        /// The name that a `wait for` has given it.
        alias: Option<Name>,
        /// Its parameters.
        parameters: Spanned<Record>,
    },
    /// `data { … }`: what its calls have answered.
    Data(Spanned<Record>),
}

/// The declarations that a `reload` adds, or puts in the place of those of the same name.
#[derive(Clone, Debug, PartialEq)]
pub struct Reload {
    /// In the order written.
    pub declarations: Vec<Declaration>,
    /// One of them could not be read.
    pub broken: bool,
}

/// A table of cases.
#[derive(Clone, Debug, PartialEq)]
pub struct Cases {
    /// The names by which the other steps call the values of a row. At least one.
    pub columns: Vec<Name>,
    /// The rows in the order written; the place of one includes its sign.
    pub rows: Vec<Spanned<Vec<Expr>>>,
    /// A row could not be read.
    pub broken: bool,
}

/// What a stubbed webhook answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// `status 503`, or a column of the table of cases.
    pub status: Option<Expr>,
    /// `headers { … }`.
    pub headers: Option<Spanned<Record>>,
    /// `body …`: text if it is a string, else JSON.
    pub body: Option<Expr>,
    /// `body file "…"`: what stands in a file, as it stands there.
    pub body_file: Option<Name>,
    /// `delay 3s`: how long it takes.
    pub delay: Option<Expr>,
    /// `timeout`, `refused` and the like: no whole answer.
    pub failure: Option<Spanned<Failure>>,
    /// A part could not be read.
    pub broken: bool,
}

/// How a stubbed webhook gives no answer, or not a whole one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// `timeout`: none in time.
    Timeout,
    /// `refused`: no connection.
    Refused,
    /// `reset`: the connection breaks.
    Reset,
    /// `dns`: the host has no address.
    Dns,
    /// `tls`: the certificate is not good.
    Tls,
    /// `truncated`: the answer breaks off in the middle.
    Truncated,
    /// `oversize`: the answer is longer than is taken.
    Oversize,
}

impl Failure {
    /// The words, each with what it stands for.
    pub const ALL: [(&'static str, Failure); 7] = [
        ("timeout", Failure::Timeout),
        ("refused", Failure::Refused),
        ("reset", Failure::Reset),
        ("dns", Failure::Dns),
        ("tls", Failure::Tls),
        ("truncated", Failure::Truncated),
        ("oversize", Failure::Oversize),
    ];

    /// What a word stands for.
    pub fn of(word: &str) -> Option<Failure> {
        Failure::ALL.iter().find(|(name, _)| *name == word).map(|(_, failure)| *failure)
    }
}

/// `expect [not] …`.
#[derive(Clone, Debug, PartialEq)]
pub struct Expect {
    /// `not`: it must not be so.
    pub negated: Option<Spanned<()>>,
    /// What must be so.
    pub what: Spanned<Expectation>,
}

/// What a test expects.
#[derive(Clone, Debug, PartialEq)]
pub enum Expectation {
    /// `call W { attempts 2 body { … } }`.
    Call {
        /// The webhook.
        webhook: Name,
        /// What is known of the call.
        parts: Option<Spanned<ExpectedParts>>,
    },
    /// `send M { to "…" subject contains "…" }`.
    Send {
        /// The message.
        message: Name,
        /// What is known of it.
        parts: Option<Spanned<ExpectedParts>>,
    },
    /// `contact [ann] { … }`: fields of a contact, the run's where none is named.
    Contact {
        /// A contact of a `given` line.
        name: Option<Name>,
        /// The fields that must be so.
        fields: Spanned<Record>,
    },
    /// `event E { … }`: an event that a workflow emitted.
    Event {
        /// The event's type.
        event: Name,
        /// The parameters that must be so.
        parameters: Option<Spanned<Record>>,
    },
    /// `in order { call W send M … }`.
    InOrder {
        /// What must come one after the other.
        expectations: Vec<Spanned<Expectation>>,
        /// One of them could not be read.
        broken: bool,
    },
    /// `path "if/1/send:offer"`: a run came by the step with this identity.
    Path(Name),
    /// `waiting ["wait for paid"]`: a run goes on and waits, at that step.
    Waiting(Option<Name>),
    /// `workflow W { times 2 kept_out "once" }`: it has begun, or was kept from it.
    Workflow {
        /// The workflow.
        workflow: Name,
        /// What is known of it.
        parts: Option<Spanned<ExpectedParts>>,
    },
    /// `nothing else`: all that went out was expected above.
    NothingElse,
    /// `complete`: the run came to its end.
    Complete,
    /// `stop ["reason"]`.
    Stop(Option<Name>),
    /// `fail ["reason"]`: the reason's text or its code.
    Fail(Option<Name>),
    /// `exit ["event"]`: the run was left because of that event.
    Exit(Option<Name>),
    /// Could not be read.
    Broken,
}

/// What a test knows of a call or a message.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectedParts {
    /// In the order written.
    pub parts: Vec<Spanned<ExpectedPart>>,
    /// A part could not be read.
    pub broken: bool,
}

/// `attempts 2`, `subject contains "ABC"`.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectedPart {
    /// `attempts`, `body`, `to`, `subject`, …: any word, known or not.
    pub name: Name,
    /// `contains`: the value is a part of it.
    pub contains: Option<Spanned<()>>,
    /// What it must be.
    pub value: Expr,
}
