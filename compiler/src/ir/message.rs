//! Messages and the channels that carry them.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::Webhook;

/// A message: one content for each channel that it may go out by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// The text of the `///` lines above the declaration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// As an e-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// Through declared channels, by the channel's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub channels: BTreeMap<SmolStr, BTreeMap<PartName, Template>>,
}

/// An e-mail. At least one of `text` and `html` is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Email {
    /// The sender: `Name <address>` or an address.
    pub from: Template,
    /// The recipient; the contact's address when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Template>,
    /// Where answers go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Template>,
    /// The subject line.
    pub subject: Template,
    /// The HTML body; references in it are HTML-escaped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<Template>,
    /// The plain text body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Template>,
}

impl Email {
    /// The words that an author writes for the parts of a mail.
    pub const WORDS: [&str; 6] = ["from", "to", "reply_to", "subject", "html", "text"];

    /// The parts that are there, with the words that an author writes for them.
    pub fn parts(&self) -> impl Iterator<Item = (&'static str, &Template)> {
        let Email { from, to, reply_to, subject, html, text } = self;
        Email::named([Some(from), to.as_ref(), reply_to.as_ref(), Some(subject), html.as_ref(), text.as_ref()])
    }

    /// Those of the parts that are there, in the order of [`Email::WORDS`], with their words.
    pub fn named<T>(parts: [Option<T>; Email::WORDS.len()]) -> impl Iterator<Item = (&'static str, T)> {
        Email::WORDS.into_iter().zip(parts).filter_map(|(word, part)| Some((word, part?)))
    }
}

/// A text in the Velocity Template Language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Template {
    /// What an error in it is reported under: the part (`promo.email.subject`) or the file that it comes from.
    pub name: String,
    /// The template, as the renderer reads it.
    pub source: String,
}

impl Template {
    /// The template, read.
    ///
    /// # Errors
    /// When the source is no template.
    pub fn parse(&self) -> velocity::Result<velocity::Template> {
        parse_template(&self.name, &self.source)
    }
}

/// Reads the source of a message's template; `name` is used in errors. Templates do not evaluate: data is never read as one.
///
/// # Errors
/// When the source is no template.
pub fn parse_template(name: &str, source: &str) -> velocity::Result<velocity::Template> {
    static SETTINGS: LazyLock<Arc<velocity::Settings>> = LazyLock::new(|| {
        let mut settings = velocity::Settings::default();
        settings.evaluate_allowed = false;
        Arc::new(settings)
    });
    velocity::Template::parse_sharing(name, source, &SETTINGS)
}

/// A part of a message that goes through a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartName {
    /// A headline.
    Title,
    /// Plain text.
    Text,
    /// HTML.
    Html,
    /// The address of a picture.
    Image,
    /// The address that a tap opens.
    Link,
    /// Whatever else the gateway takes.
    Data,
}

impl PartName {
    /// All of them.
    pub const ALL: [PartName; 6] =
        [PartName::Title, PartName::Text, PartName::Html, PartName::Image, PartName::Link, PartName::Data];

    /// Whether it is one line.
    pub const fn is_one_line(self) -> bool {
        matches!(self, PartName::Title | PartName::Image | PartName::Link)
    }

    /// The word that an author writes for it, and that a channel's request knows it by.
    pub const fn word(self) -> &'static str {
        match self {
            PartName::Title => "title",
            PartName::Text => "text",
            PartName::Html => "html",
            PartName::Image => "image",
            PartName::Link => "link",
            PartName::Data => "data",
        }
    }
}

/// An HTTP gateway that carries messages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Channel {
    /// The request that hands a message over; it may use `message.PART`.
    pub request: Webhook,
}
