//! One change, and the list that they are gathered in.

use serde::Serialize;
use smol_str::SmolStr;

use super::catalogue::{Risk, Runs, Slug};
use super::text::Words;
use crate::ir::ProgramHash;

/// Something that the new program does otherwise.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// Its kind.
    #[serde(serialize_with = "slug_word")]
    pub slug: Slug,
    /// How much it may do that no test shows.
    pub risk: Risk,
    /// What it would mean for a run in flight.
    pub runs: Runs,
    /// The workflow that it is in, or that it reaches.
    pub workflow: Option<SmolStr>,
    /// What changed: a declaration, a line of it or a step, such as `webhook.WH5.url` or `workflow.promo/wait`. Stable: accept
    /// lines name it.
    pub address: String,
    /// What changed, for people: `webhook WH5`.
    pub title: String,
    /// How it was, in words.
    pub before: Option<String>,
    /// How it is, in words.
    pub after: Option<String>,
    /// What an accept line must name beside the address: a host, a field.
    pub value: Option<String>,
    /// The step of the old program that it is about: where runs may stand that started there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was_at: Option<SmolStr>,
    /// How many runs stand at that step now, where a daemon was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<u64>,
    /// Why it was accepted in advance, and where that is written.
    pub accepted: Option<Accepted>,
    /// The workflows that a shared declaration carries it to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reaches: Vec<SmolStr>,
    /// Word for word, for texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<Words>,
    /// What else there is to know of it, a line each: why it is dangerous, the next times of a schedule. No part of what an
    /// accept line is bound to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
    /// The address of the very part that it is about, where `address` names what is around it.
    #[serde(skip)]
    pub part: Option<String>,
    /// The line of the new text that it is about, from 1, where the part is a text.
    #[serde(skip)]
    pub line: Option<usize>,
    /// Whether the address is one of the old program: on the new side another part may have it.
    #[serde(skip)]
    pub gone: bool,
}

/// What was said of a change before it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Accepted {
    /// Why it may be.
    pub reason: String,
    /// Where that is written.
    pub by: String,
}

fn slug_word<S: serde::Serializer>(slug: &Slug, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(slug.word())
}

impl Change {
    /// A change of a kind, with the kind's risk.
    pub fn new(slug: Slug, address: impl Into<String>, title: impl Into<String>) -> Change {
        Change {
            slug,
            risk: slug.risk(),
            runs: slug.runs(),
            workflow: None,
            address: address.into(),
            title: title.into(),
            before: None,
            after: None,
            value: None,
            was_at: None,
            waiting: None,
            accepted: None,
            reaches: Vec::new(),
            words: None,
            details: Vec::new(),
            part: None,
            line: None,
            gone: false,
        }
    }

    /// What an accept line binds itself to: the value, or what it is now. A long text stands as its hash.
    pub fn bound(&self) -> String {
        let text = [&self.value, &self.after, &self.before].into_iter().flatten().next();
        match text {
            None => String::new(),
            Some(text) if text.len() > 120 || text.contains('\n') => {
                format!("sha256:{}", ProgramHash::of(text).short())
            }
            Some(text) => text.clone(),
        }
    }

    pub(crate) fn in_workflow(mut self, workflow: &SmolStr) -> Change {
        self.workflow = Some(workflow.clone());
        self
    }

    /// How it was.
    pub fn before(mut self, before: impl ToString) -> Change {
        self.before = Some(before.to_string());
        self
    }

    /// How it is.
    pub fn after(mut self, after: impl ToString) -> Change {
        self.after = Some(after.to_string());
        self
    }

    /// How it was and is, either of which may be nothing.
    #[must_use]
    pub fn between(mut self, before: Option<impl ToString>, after: Option<impl ToString>) -> Change {
        self.before = before.map(|before| before.to_string());
        self.after = after.map(|after| after.to_string());
        self
    }

    /// What else there is to know of it.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Change {
        self.details.push(detail.into());
        self
    }

    pub(crate) fn part(mut self, address: impl Into<String>) -> Change {
        self.part = Some(address.into());
        self
    }

    pub(crate) const fn line(mut self, line: Option<usize>) -> Change {
        self.line = line;
        self
    }

    pub(crate) fn value(mut self, value: impl ToString) -> Change {
        self.value = Some(value.to_string());
        self
    }

    /// Another risk than that of the kind.
    #[must_use]
    pub const fn risk(mut self, risk: Risk) -> Change {
        self.risk = risk;
        self
    }

    /// Nobody notices it, neither who starts anew nor who is in the middle.
    pub(crate) const fn unaffected(mut self) -> Change {
        self.risk = Risk::Note;
        self.runs = Runs::Unaffected;
        self
    }

    pub(crate) const fn runs(mut self, runs: Runs) -> Change {
        self.runs = runs;
        self
    }

    pub(crate) fn words(mut self, before: &str, after: &str) -> Change {
        self.words = Some(Words::between(before, after));
        self
    }
}
