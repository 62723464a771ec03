//! What the conditions of a workflow read, and which steps may change it.

use smol_str::SmolStr;

use crate::ir::{Access, Expression, Root, Statement};

/// What a condition reads of the contact behind a call or a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ContactRead {
    /// What it read before: nobody else changes it meanwhile.
    #[default]
    Once,
    /// Whatever is there then.
    Again,
}

/// What a step may change of what conditions read.
#[derive(Clone)]
pub(super) enum Touch {
    Nothing,
    Field(SmolStr),
    Result(SmolStr),
    /// The contact may be another one behind it: time passes, or other workflows start.
    Contact,
    /// Both of them.
    Answered(SmolStr),
    All,
}

pub(super) fn touch(statement: &Statement, contact: ContactRead) -> Touch {
    match statement {
        Statement::Send { between: None, .. } if contact == ContactRead::Once => Touch::Nothing,
        Statement::Call { store_as, on_failure: None, .. } if contact == ContactRead::Once => {
            Touch::Result(store_as.clone())
        }
        Statement::Call { store_as, on_failure: None, .. } => Touch::Answered(store_as.clone()),
        Statement::Set { field, .. } => Touch::Field(field.clone()),
        Statement::Send { .. } | Statement::Wait { .. } | Statement::WaitUntil { .. } | Statement::Emit { .. } => {
            Touch::Contact
        }
        _ => Touch::All,
    }
}

/// What a condition reads.
#[derive(Default)]
pub(super) struct Reads {
    contact: bool,
    fields: Vec<SmolStr>,
    segments: bool,
    results: Vec<SmolStr>,
    aliases: bool,
}

impl Reads {
    pub(super) fn of(conditions: &[Expression]) -> Reads {
        let mut reads = Reads::default();
        conditions.iter().for_each(|condition| reads.add(condition));
        reads
    }

    fn add(&mut self, expression: &Expression) {
        match expression {
            Expression::Reference { root, path } => match root {
                Root::Contact => {
                    self.contact = true;
                    match path.first() {
                        Some(Access::Field(field)) => self.fields.push(field.clone()),
                        _ => self.segments = true,
                    }
                }
                Root::Data(name) => self.results.push(name.clone()),
                Root::Alias(_) => self.aliases = true,
                Root::Event | Root::Message => {}
            },
            Expression::InSegment(_) => (self.contact, self.segments) = (true, true),
            Expression::Not(inner) | Expression::IsSet(inner) | Expression::Negate(inner) => self.add(inner),
            Expression::Binary { left, right, .. } => {
                self.add(left);
                self.add(right);
            }
            Expression::List(items) => items.iter().for_each(|item| self.add(item)),
            Expression::Literal(_) => {}
            Expression::Text(_) | Expression::Record(_) => {
                (self.contact, self.segments, self.aliases) = (true, true, true);
            }
        }
    }
}

/// What may be otherwise than it was before the first step.
#[derive(Default)]
pub(super) struct State {
    contact: bool,
    fields: Vec<SmolStr>,
    results: Vec<SmolStr>,
    all: bool,
}

impl State {
    pub(super) fn touched(&mut self, touch: &Touch) {
        match touch {
            Touch::Nothing => {}
            Touch::Field(field) => self.fields.push(field.clone()),
            Touch::Result(name) => self.results.push(name.clone()),
            Touch::Contact => self.contact = true,
            Touch::Answered(name) => {
                self.contact = true;
                self.results.push(name.clone());
            }
            Touch::All => self.all = true,
        }
    }

    /// Whether conditions read what they would have read before the first step.
    pub(super) fn leaves(&self, reads: &Reads) -> bool {
        let field_written = reads.fields.iter().any(|field| self.fields.contains(field));
        !(self.all && (reads.contact || reads.aliases || !reads.results.is_empty())
            || reads.contact && self.contact
            || reads.segments && !self.fields.is_empty()
            || field_written
            || reads.results.iter().any(|name| self.results.contains(name)))
    }
}
