//! Workflows: header lines and steps.

use rust_decimal::Decimal;

use super::{Duration, Expr, Literal, Name, Record, Text};
use crate::source::Spanned;

/// `workflow NAME { header lines, then steps }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Workflow {
    /// Its name.
    pub name: Name,
    /// The header lines in the order written.
    pub headers: Vec<Header>,
    /// The steps; the place reaches from the first one to the last.
    pub steps: Block,
}

impl Workflow {
    /// Whether a header line may not have been read: what could not be read below them may have been one.
    pub fn may_lack_headers(&self) -> bool {
        let unread = self.steps.node.first().is_some_and(|step| matches!(*step.node, StatementKind::Broken(_)));
        unread || self.headers.iter().any(|header| header.node == HeaderKind::Broken)
    }
}

/// A header line of a workflow.
pub type Header = Spanned<HeaderKind>;

/// What a header line says.
#[derive(Clone, Debug, PartialEq)]
pub enum HeaderKind {
    /// `on …`: what starts the workflow.
    On(Trigger),
    /// `identify by …`: for which contact.
    Identify(Identify),
    /// `once per 7d`: not again for this contact within that time.
    OncePer(Spanned<Duration>),
    /// `once ever`: never again for this contact.
    OnceEver,
    /// `one at a time`: not while a run of this contact goes on.
    OneAtATime,
    /// `exit on …`: what ends a run at once.
    ExitOn(ExitOn),
    /// Could not be read.
    Broken,
}

/// What starts a workflow.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Trigger {
    /// `on EVENT [where …]`.
    Event {
        /// The event's type.
        event: Name,
        /// Only if this holds.
        condition: Option<Expr>,
    },
    /// `on schedule "0 9 * * 1" in "Europe/Kyiv" for segment S`.
    Schedule {
        /// The cron line.
        cron: Spanned<Text>,
        /// The time zone.
        zone: Option<Expr>,
        /// For whom.
        segment: Option<Name>,
    },
    /// `on contact.FIELD changed`.
    ContactChanged {
        /// The field of the contact.
        field: Name,
    },
}

/// `identify by KEY value [else create|stop]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Identify {
    /// `id`, `external_id`, `phone`, `email`: any word, known or not.
    pub key: Name,
    /// Its value.
    pub value: Expr,
    /// What to do where no contact has it.
    pub otherwise: Option<Spanned<Otherwise>>,
}

/// What to do where no contact is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Otherwise {
    /// `else create`: make one.
    Create,
    /// `else stop`: end the run as stopped.
    Stop,
}

/// `exit on EVENT [as name] [where …]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExitOn {
    /// The event's type.
    pub event: Name,
    /// What the condition calls it.
    pub alias: Option<Name>,
    /// Only if this holds.
    pub condition: Option<Expr>,
}

/// Steps between braces. The place holds the braces.
pub type Block = Spanned<Vec<Statement>>;

/// A step of a workflow. The place reaches to the end of its last block. In a box, for kinds of steps differ much in size.
pub type Statement = Spanned<Box<StatementKind>>;

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum StatementKind {
    /// `call W …`.
    Call(Call),
    /// `send M …`.
    Send(Send),
    /// `wait 1h`: a stretch of time.
    Wait(Expr),
    /// `wait until …`.
    WaitUntil(Moment),
    /// `wait for EVENT … up to 2d { … }`.
    WaitFor(Box<WaitFor>),
    /// `if … { … } else if … { … } else { … }`.
    If(If),
    /// `match … { … }`.
    Match(Match),
    /// `split "…" { … }`.
    Split(Split),
    /// `set contact.FIELD = …`.
    Set(Set),
    /// `emit EVENT { … }`: a new event.
    Emit {
        /// The event's type.
        event: Name,
        /// Its parameters.
        parameters: Spanned<Record>,
    },
    /// `stop ["reason"]`: a normal end.
    Stop(Option<Spanned<Text>>),
    /// `fail "reason"`: a failed end.
    Fail(Spanned<Text>),
    /// A step of which the head could not be read; the blocks it had are kept, so that what stands in them is checked.
    Broken(Vec<Block>),
}

/// `call W [identify by …] [as name] [on failure { … }]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The webhook.
    pub webhook: Name,
    /// For which contact, if not the run's.
    pub identify: Option<Spanned<Box<Identify>>>,
    /// Under which name the result is kept, if not the webhook's.
    pub alias: Option<Name>,
    /// What to do when it failed after its attempts.
    pub on_failure: Option<Block>,
}

/// `send M [to …] [between … and … in …]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Send {
    /// The message.
    pub message: Name,
    /// To whom, if not the run's contact.
    pub to: Option<Expr>,
    /// At which hours.
    pub between: Option<Box<Spanned<Between>>>,
}

/// `between 09:00 and 21:00 [in zone]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Between {
    /// The first minute of the range.
    pub from: Expr,
    /// The first minute after it.
    pub to: Expr,
    /// The time zone.
    pub zone: Option<Expr>,
}

/// A point in time, in a zone where it needs one: `2026-11-24 in "Europe/Kyiv"`, `09:00 in zone`.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// A date, a time of day or a date with time.
    pub at: Expr,
    /// The time zone.
    pub zone: Option<Expr>,
}

/// `wait for EVENT [as name] [where …] up to D { … } [on timeout { … }]`.
#[derive(Clone, Debug, PartialEq)]
pub struct WaitFor {
    /// The event's type.
    pub event: Name,
    /// What the condition and the block call it.
    pub alias: Option<Name>,
    /// Only if this holds.
    pub condition: Option<Expr>,
    /// How long at most.
    pub up_to: Expr,
    /// What to do when it came.
    pub block: Block,
    /// What to do when it did not.
    pub on_timeout: Option<Block>,
}

/// `if … { … } else if … { … } else { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct If {
    /// The conditions, asked in this order, and what each leads to. At least one.
    pub branches: Vec<Branch>,
    /// What to do where none holds.
    pub otherwise: Option<Block>,
}

/// A condition and its block.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// What must hold.
    pub condition: Expr,
    /// What is then done.
    pub block: Block,
}

/// `match … { "a", "b" { … } else { … } }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// The value looked at.
    pub subject: Expr,
    /// The arms in the order written.
    pub arms: Vec<Spanned<Arm>>,
    /// `else { … }`.
    pub otherwise: Option<Block>,
    /// An arm could not be read: a missing one may be that one.
    pub broken: bool,
}

/// `"a", "b" { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// The values it is for. At least one.
    pub patterns: Vec<Spanned<Literal>>,
    /// What is done.
    pub block: Block,
}

/// `split "name" { 50% "label" { … } rest "label" { … } }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// Its name, which decides who goes where.
    pub name: Name,
    /// The ways in the order written.
    pub ways: Vec<Spanned<Way>>,
    /// A way could not be read: shares need not add up.
    pub broken: bool,
}

/// `50% "label" { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// How many go there.
    pub share: Spanned<Share>,
    /// Its name, which decides who goes there.
    pub label: Name,
    /// What is done.
    pub block: Block,
}

/// How many contacts go one way of a `split`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// `12.5%`, as the number before the sign.
    Percent(Decimal),
    /// `rest`: who is left.
    Rest,
}

/// `set contact.FIELD = …`.
#[derive(Clone, Debug, PartialEq)]
pub struct Set {
    /// The field of the contact.
    pub field: Name,
    /// Its new value.
    pub value: Expr,
}
