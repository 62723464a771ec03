//! One change, and the list that they are gathered in.

use serde::Serialize;
use smol_str::SmolStr;

use super::catalogue::{Risk, Runs, Slug};
use super::text::Words;

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
    /// The workflows that a shared declaration carries it to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reaches: Vec<SmolStr>,
    /// Word for word, for texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<Words>,
}

fn slug_word<S: serde::Serializer>(slug: &Slug, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(slug.word())
}

impl Change {
    /// A change of a kind, with the kind's risk.
    pub(crate) fn new(slug: Slug, address: impl Into<String>, title: impl Into<String>) -> Change {
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
            reaches: Vec::new(),
            words: None,
        }
    }

    pub(crate) fn in_workflow(mut self, workflow: &SmolStr) -> Change {
        self.workflow = Some(workflow.clone());
        self
    }

    pub(crate) fn before(mut self, before: impl ToString) -> Change {
        self.before = Some(before.to_string());
        self
    }

    pub(crate) fn after(mut self, after: impl ToString) -> Change {
        self.after = Some(after.to_string());
        self
    }

    /// How it was and is, either of which may be nothing.
    pub(crate) fn between(mut self, before: Option<impl ToString>, after: Option<impl ToString>) -> Change {
        self.before = before.map(|before| before.to_string());
        self.after = after.map(|after| after.to_string());
        self
    }

    pub(crate) fn value(mut self, value: impl ToString) -> Change {
        self.value = Some(value.to_string());
        self
    }

    pub(crate) const fn risk(mut self, risk: Risk) -> Change {
        self.risk = risk;
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
