//! What a rendering is given beside the data.

use crate::{Escape, Limits, Trace};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What one rendering is given beside its [`Context`](crate::Context).
#[derive(Clone, Debug)]
pub struct RenderOptions {
    /// How much work and memory the rendering may take.
    pub limits: Limits,
    /// How the output of references is escaped.
    pub escape: Escape,
    /// The present moment, for `$date` without an argument. This crate knows no clock; without it those calls fail.
    pub now: Option<jiff::Timestamp>,
    /// The zone in which dates are shown.
    pub time_zone: jiff::tz::TimeZone,
    /// The texts that `#parse` and `#include` reach.
    pub library: Arc<Library>,
    /// Who is told of every condition and loop.
    pub trace: Option<Trace>,
}

impl Default for RenderOptions {
    fn default() -> RenderOptions {
        RenderOptions {
            limits: Limits::default(),
            escape: Escape::None,
            now: None,
            time_zone: jiff::tz::TimeZone::UTC,
            library: Arc::default(),
            trace: None,
        }
    }
}

/// Texts by name, for `#parse` and `#include`. There is no way from a template to a file.
#[derive(Clone, Debug, Default)]
pub struct Library {
    texts: BTreeMap<String, Arc<str>>,
}

impl Library {
    /// A library without texts.
    #[must_use]
    pub fn new() -> Library {
        Library::default()
    }

    /// Adds a text, or replaces the one of that name.
    pub fn insert(&mut self, name: impl Into<String>, source: impl Into<Arc<str>>) {
        self.texts.insert(name.into(), source.into());
    }

    /// The text of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<str>> {
        self.texts.get(name)
    }
}
