//! Channels: gateways that carry messages which are not e-mail.
//!
//! A channel is a webhook whose request also knows the parts of the message that it hands over. A part that the request
//! reads is needed in every message that goes this way; one that it asks for, with `is set` or `??`, may be left out; one
//! that it never mentions would not reach anybody, and is refused where it is written.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::check::memo::Work;
use crate::check::mention::{Mentions, parts_of_channel};
use crate::check::site::{Site, Used};
use crate::check::webhook;
use crate::ir::{self, PartName};
use crate::names::{Entry, Shape};
use crate::source::Span;
use crate::syntax::ast::Webhook;
use crate::types::{Environment, Member, Record, Ty};

/// The parts that a message can have for a channel, as authors write them.
pub(crate) const PARTS: [(&str, PartName); 6] = [
    ("title", PartName::Title),
    ("text", PartName::Text),
    ("html", PartName::Html),
    ("image", PartName::Image),
    ("link", PartName::Link),
    ("data", PartName::Data),
];

/// What a channel does with the parts of a message.
#[derive(Clone, Debug)]
pub(crate) struct Carries {
    mentions: Mentions,
    /// A line of the channel could not be read: it may mention any part.
    broken: bool,
}

impl Carries {
    /// What the request of a channel says.
    pub(crate) fn of(channel: &Webhook) -> Carries {
        Carries { mentions: parts_of_channel(channel), broken: channel.broken || channel.request.is_none() }
    }

    /// Where the request reads a part without asking whether it is there.
    pub(crate) fn needs(&self, part: &str) -> Option<Span> {
        let mention = self.mentions.found.get(part)?;
        (!mention.asked && !self.mentions.whole).then_some(mention.span)
    }

    /// Whether a part reaches the gateway.
    pub(crate) fn takes(&self, part: &str) -> bool {
        self.broken || self.mentions.whole || self.mentions.found.contains_key(part)
    }

    /// The type of `message` in the request.
    fn record(&self) -> Arc<Record> {
        let fields = PARTS.iter().map(|(part, _)| {
            let needed = self.needs(part).is_some();
            let ty = if needed { Ty::String } else { Ty::String.optional() };
            (SmolStr::new_static(part), Member::built_in(ty))
        });
        Arc::new(Record { fields: fields.collect(), broken: false })
    }
}

/// Checks a channel in every environment that one of its messages is sent from, and brings it into the program.
pub(crate) fn check(work: &mut Work<'_>, entry: &Entry<'_, Webhook>, sites: &[&Site]) -> Option<ir::Channel> {
    let Shape::Answer(answer) = &work.unit.shape else { return None };
    let outline = webhook::read(work.names, entry, work.diagnostics);
    let parts = Carries::of(entry.node).record();
    let alone = Environment::unused(work.names, work.schema);
    let used = Used { alone: &alone, sites, verb: "sent", mentioned: None };
    let request = used.check(
        |environment| environment.for_channel(entry.node, Arc::clone(&parts)),
        work.diagnostics,
        |environment, diagnostics| webhook::check(&outline, answer, environment, diagnostics),
    );
    request.map(|request| ir::Channel { request })
}
