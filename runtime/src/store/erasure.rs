//! What is asked of the store when a person is to be erased.

/// An erasure that goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forgetting {
    /// The contact's number; nobody has it any more.
    pub contact: i64,
    /// What the person is recognised by in texts of others, as the store understands it.
    pub needles: String,
    /// Where the contact's own runs are gone on with; `None` at the beginning and at the end.
    pub after: Option<i64>,
    /// What was erased so far.
    pub erased: Erased,
    /// Numbers and `Message-ID`s of messages whose files are to go.
    pub mails: Vec<(i64, String)>,
}

/// How much of a person was erased. Counted rows are left that say so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Events whose parameters are gone.
    pub events: u64,
    /// Runs of the contact.
    pub runs: u64,
    /// Runs that had not ended, and were cancelled.
    pub runs_cancelled: u64,
    /// Attempts whose requests and answers are gone.
    pub attempts: u64,
    /// Messages whose texts are gone.
    pub messages: u64,
}

impl Erased {
    /// Adds what a further part has erased.
    pub fn add(&mut self, other: &Erased) {
        self.events += other.events;
        self.runs += other.runs;
        self.runs_cancelled += other.runs_cancelled;
        self.attempts += other.attempts;
        self.messages += other.messages;
    }
}

/// A sort of record that may name a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Events.
    Events,
    /// Runs: why they ended.
    Runs,
    /// Where runs stand.
    States,
    /// Requests.
    Attempts,
    /// Answers.
    Outcomes,
    /// Long requests and answers.
    Bodies,
    /// Messages.
    Messages,
    /// Fields of other contacts.
    Contacts,
}

impl Table {
    /// All of them.
    pub const ALL: [Table; 8] = [
        Table::Events,
        Table::Runs,
        Table::States,
        Table::Attempts,
        Table::Outcomes,
        Table::Bodies,
        Table::Messages,
        Table::Contacts,
    ];
}

/// Where a search through all records has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Among these.
    pub table: Table,
    /// Behind this key.
    pub after: i64,
}
