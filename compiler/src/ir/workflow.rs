//! Workflows: triggers, header lines and steps.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Duration, Expression, Identifier, Part};

/// What happens to a contact after an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Workflow {
    /// The text of the `///` lines above the declaration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What starts a run; at least one.
    pub triggers: Vec<Trigger>,
    /// Which contact an event's run is about; `None` when every trigger brings its contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identification: Option<Identification>,
    /// Whether a contact may enter again.
    pub reentry: Reentry,
    /// Whether a contact is kept out while a run of it goes on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub one_at_a_time: bool,
    /// Events that end a run at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exits: Vec<Exit>,
    /// What a run does, in order.
    pub steps: Block,
}

/// What starts a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// An event of this type.
    Event {
        /// The event type.
        event: SmolStr,
        /// Only where this is true; reads the event.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        filter: Option<Expression>,
    },
    /// A time, for each contact of a segment.
    Schedule {
        /// Five cron fields.
        cron: String,
        /// The IANA time zone that they are read in.
        zone: String,
        /// Whom it starts a run for.
        segment: SmolStr,
    },
    /// A contact's field became another value.
    ContactChanged {
        /// The field.
        field: SmolStr,
    },
}

/// How the contact is found: each way is tried in the order written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Identification {
    /// The ways; at least one.
    pub ways: Vec<Identify>,
    /// What happens when none finds a contact.
    pub otherwise: NotFound,
}

/// One way to find a contact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Identify {
    /// What it is looked up by.
    pub by: Identifier,
    /// The value that is looked up.
    pub value: Expression,
}

/// What happens when no contact is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotFound {
    /// The run has failed, with that reason.
    Fail,
    /// A contact is made from the values that were looked up.
    Create,
    /// The run ends as stopped.
    Stop,
}

/// Whether a contact may enter a workflow again, counted from the start of its last run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reentry {
    /// Always.
    Always,
    /// Not before this time has passed.
    OncePer(Duration),
    /// Never.
    OnceEver,
}

/// An event that ends the contact's run at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exit {
    /// The event type.
    pub event: SmolStr,
    /// The name that the condition knows the event by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<SmolStr>,
    /// Only where this is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Expression>,
}

/// Statements that run one after the other.
pub type Block = Vec<Step>;

/// A statement with its identity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What history, keys and saved runs know it by.
    pub id: StepId,
    /// What it does.
    #[serde(flatten)]
    pub statement: Statement,
}

/// The path of kinds and labels that leads to a statement, such as `if/1/send:promo`; not its line. The second of two
/// alike in one block ends in `~2`. Unique in its workflow, without a `.`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepId(pub SmolStr);

/// What a statement does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Statement {
    /// Sends a webhook's request, until it succeeds or its attempts are used up.
    Call {
        /// The webhook.
        webhook: SmolStr,
        /// The name that its result is stored under.
        store_as: SmolStr,
        /// Another contact for this call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        identification: Option<Identification>,
        /// What runs when it failed; without it the run fails.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on_failure: Option<Block>,
    },
    /// Renders a message and delivers it.
    Send {
        /// The message.
        message: SmolStr,
        /// The recipient in place of the message's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Expression>,
        /// The hours that it may go out in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        between: Option<Window>,
    },
    /// Waits for a length of time.
    Wait {
        /// How long.
        duration: Expression,
    },
    /// Waits until a time.
    WaitUntil {
        /// A datetime, a date, or a time of the day.
        time: Expression,
        /// The IANA time zone that a local time is read in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        zone: Option<Expression>,
    },
    /// Waits for an event of the contact.
    WaitFor {
        /// The event type.
        event: SmolStr,
        /// The name that it is known by from here on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        alias: Option<SmolStr>,
        /// Only where this is true.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        filter: Option<Expression>,
        /// For how long at most.
        up_to: Expression,
        /// What runs when it came.
        then: Block,
        /// What runs when it did not.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        on_timeout: Block,
    },
    /// Runs the first branch whose condition is true.
    If {
        /// `if` and each `else if`.
        branches: Vec<Branch>,
        /// `else`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        otherwise: Block,
    },
    /// Runs the arm that names the value.
    Match {
        /// What is looked at.
        value: Expression,
        /// The arms, in order.
        arms: Vec<MatchArm>,
        /// `else`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        otherwise: Block,
    },
    /// Divides contacts by chance, the same way each time.
    Split(Split),
    /// Writes a field of the contact.
    Set {
        /// The field.
        field: SmolStr,
        /// Its new value.
        value: Expression,
    },
    /// Raises an event.
    Emit {
        /// The event type.
        event: SmolStr,
        /// Its parameters, in the order written.
        fields: Vec<(SmolStr, Expression)>,
    },
    /// Ends the run as stopped.
    Stop {
        /// Why, for people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Vec<Part>>,
    },
    /// Ends the run as failed.
    Fail {
        /// Why, for people.
        reason: Vec<Part>,
    },
}

/// A branch of an `if`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Branch {
    /// When it runs.
    pub condition: Expression,
    /// What runs.
    pub block: Block,
}

/// An arm of a `match`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MatchArm {
    /// The values that it is for.
    pub values: Vec<super::Literal>,
    /// What runs.
    pub block: Block,
}

/// A weighted choice by the contact and the split's name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Split {
    /// The name; it keeps a contact in the same arm over changes.
    pub name: SmolStr,
    /// The arms; their shares make 100 %.
    pub arms: Vec<SplitArm>,
}

/// An arm of a split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SplitArm {
    /// Its name.
    pub label: SmolStr,
    /// Its share in hundredths of a percent: 5,000 is 50 %. What `rest` takes is filled in.
    pub share: u32,
    /// What runs.
    pub block: Block,
}

/// Hours of the day in a time zone; it holds its start, not its end, and may span midnight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// When it opens: a time of the day.
    pub from: Expression,
    /// When it closes: a time of the day.
    pub to: Expression,
    /// The IANA time zone.
    pub zone: Expression,
}
