//! A message as an e-mail: its parts rendered, and nothing in its header that does not belong there.

use compiler::ir::{Email, Expression, Template};
use smol_str::SmolStr;

use super::effect::{MailSpec, ReasonCode};
use super::expression::{Scope, evaluate};
use super::gateway::noted;
use super::program::LoadedProgram;
use super::template::LoadedTemplate;
use crate::value::{Value, display, mailbox};

/// The templates of an e-mail.
#[derive(Debug)]
pub(super) struct LoadedEmail {
    from: LoadedTemplate,
    to: Option<LoadedTemplate>,
    reply_to: Option<LoadedTemplate>,
    subject: LoadedTemplate,
    html: Option<LoadedTemplate>,
    text: Option<LoadedTemplate>,
}

/// Why a message was not made, for people and for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MailError {
    pub(super) reason: String,
    pub(super) reason_code: ReasonCode,
}

impl LoadedEmail {
    pub(super) fn new(email: &Email, counting: bool) -> LoadedEmail {
        let plain = |template: &Template| LoadedTemplate::new(template, velocity::Escape::None).counting(counting);
        let html = |template: &Template| LoadedTemplate::new(template, velocity::Escape::Html).counting(counting);
        LoadedEmail {
            from: plain(&email.from),
            to: email.to.as_ref().map(plain),
            reply_to: email.reply_to.as_ref().map(plain),
            subject: plain(&email.subject),
            html: email.html.as_ref().map(html),
            text: email.text.as_ref().map(plain),
        }
    }

    /// The templates by the names of their parts.
    pub(super) fn templates(&self) -> impl Iterator<Item = (&'static str, &LoadedTemplate)> {
        let LoadedEmail { from, to, reply_to, subject, html, text } = self;
        Email::named([Some(from), to.as_ref(), reply_to.as_ref(), Some(subject), html.as_ref(), text.as_ref()])
    }
}

/// Renders a message. The recipient is `to`, else the message's own, else the contact's address.
pub(super) fn render(
    program: &LoadedProgram,
    message: &SmolStr,
    to: Option<&Expression>,
    scope: &Scope<'_>,
) -> Result<MailSpec, MailError> {
    let Some(email) = program.email(message) else {
        let reason = format!("the message `{message}` has no e-mail form");
        return Err(MailError { reason, reason_code: ReasonCode::RenderFailed });
    };
    // The recipient comes first: without one there is nothing to render for.
    let to = recipient(email, message, to, scope)?;
    let part = |template: &Option<LoadedTemplate>| template.as_ref().map(|template| body(template, scope)).transpose();
    let mut mail = MailSpec {
        message: message.clone(),
        from: address(&email.from, scope)?,
        to,
        reply_to: email.reply_to.as_ref().map(|template| address(template, scope)).transpose()?,
        subject: line(&email.subject, scope)?,
        html: part(&email.html)?,
        text: part(&email.text)?,
        sensitive: vec![],
    };
    if program.has_sensitive() {
        // A template may have written any of them into its text.
        let mut sensitive = noted(scope.clone());
        let texts = [Some(&mail.from), Some(&mail.to), Some(&mail.subject), mail.html.as_ref(), mail.text.as_ref()];
        sensitive.retain(|sensitive| texts.iter().flatten().any(|text| text.contains(sensitive.as_str())));
        mail.sensitive = sensitive;
    }
    Ok(mail)
}

fn recipient(
    email: &LoadedEmail,
    message: &SmolStr,
    to: Option<&Expression>,
    scope: &Scope<'_>,
) -> Result<String, MailError> {
    let (written, place) = match (to, &email.to) {
        (Some(to), _) => {
            let value = evaluate(to, scope)
                .map_err(|error| MailError { reason: error.to_string(), reason_code: ReasonCode::ExpressionFailed })?;
            (display(&value), format!("the `to` of `send {message}`"))
        }
        (None, Some(template)) => (body(template, scope)?, template.name().to_owned()),
        (None, None) => match scope.contact_field("email") {
            Value::String(address) => (address.to_string(), "contact.email".to_owned()),
            _ => (String::new(), "contact.email".to_owned()),
        },
    };
    if written.trim().is_empty() {
        let reason = format!("there is no address to send `{message}` to: {place} is empty");
        return Err(MailError { reason, reason_code: ReasonCode::NoRecipient });
    }
    one_address(&written, &place)
}

/// A header field that holds one address.
fn address(template: &LoadedTemplate, scope: &Scope<'_>) -> Result<String, MailError> {
    one_address(&body(template, scope)?, template.name())
}

/// The text as it stands, when it is one address. The address itself may be sensitive and is not told.
fn one_address(written: &str, place: &str) -> Result<String, MailError> {
    let written = written.trim_matches(' ');
    check_line(written, place)?;
    match mailbox(written) {
        Some(_) => Ok(written.to_owned()),
        None => Err(failed(place, "is not one e-mail address such as `ann@example.com` or `Ann <ann@example.com>`")),
    }
}

/// A header field of one line.
fn line(template: &LoadedTemplate, scope: &Scope<'_>) -> Result<String, MailError> {
    let written = body(template, scope)?;
    check_line(&written, template.name())?;
    Ok(written)
}

/// Line ends would begin another header field (RFC 5322, section 2.2), and no control character is meant to be read.
fn check_line(written: &str, place: &str) -> Result<(), MailError> {
    match written.chars().find(|character| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')) {
        Some(character) => {
            let what = format!("holds the control character U+{:04X}, which a header cannot", u32::from(character));
            Err(failed(place, &what))
        }
        None => Ok(()),
    }
}

fn body(template: &LoadedTemplate, scope: &Scope<'_>) -> Result<String, MailError> {
    template
        .render(scope)
        .map_err(|error| MailError { reason: error.to_string(), reason_code: ReasonCode::RenderFailed })
}

fn failed(place: &str, what: &str) -> MailError {
    MailError { reason: format!("{place} {what}"), reason_code: ReasonCode::RenderFailed }
}

#[cfg(test)]
mod tests;
