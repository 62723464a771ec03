//! A message through a channel: its parts rendered, and the request that hands them over.
//!
//! A part is rendered as what it is: HTML for `html`, plain text for the rest. The request then writes it into its own place,
//! and the escaping of that place is the request's.

use std::collections::BTreeMap;

use compiler::ir::{PartName, Root, Template};
use smol_str::SmolStr;

use super::effect::{CallSpec, ReasonCode, RenderedMessage};
use super::expression::Scope;
use super::mail::MailError;
use super::program::LoadedProgram;
use super::request;
use super::template::LoadedTemplate;
use crate::value::{Record, Value, display};

/// The templates of a message for one channel.
#[derive(Debug)]
pub(super) struct LoadedParts(Vec<(PartName, LoadedTemplate)>);

impl LoadedParts {
    pub(super) fn new(parts: &BTreeMap<PartName, Template>, counting: bool) -> LoadedParts {
        let loaded = parts.iter().map(|(name, template)| {
            let escape = match name {
                PartName::Html => velocity::Escape::Html,
                PartName::Title | PartName::Text | PartName::Image | PartName::Link | PartName::Data => {
                    velocity::Escape::None
                }
            };
            (*name, LoadedTemplate::new(template, escape).counting(counting))
        });
        LoadedParts(loaded.collect())
    }

    /// The templates by the names of their parts.
    pub(super) fn templates(&self) -> impl Iterator<Item = (&'static str, &LoadedTemplate)> {
        self.0.iter().map(|(name, template)| (name.word(), template))
    }
}

/// The request that hands a message over to a channel.
pub(super) fn render(
    program: &LoadedProgram,
    message: &SmolStr,
    channel: &SmolStr,
    scope: Scope<'_>,
) -> Result<CallSpec, MailError> {
    let failed = |reason: String, reason_code| MailError { reason, reason_code };
    let missing = || failed(format!("the message `{message}` has no form for `{channel}`"), ReasonCode::RenderFailed);
    let templates = program.parts(message, channel).ok_or_else(missing)?;
    let gateway = &program.ir.channels.get(channel).ok_or_else(missing)?.request;
    let mut parts = Record::new();
    for (name, template) in &templates.0 {
        let text = template.render(&scope).map_err(|error| failed(error.to_string(), ReasonCode::RenderFailed))?;
        parts.set(name.word(), Value::from(text.as_str()));
    }
    // A template may have written any of them into its text.
    let mut sensitive = noted(scope.clone());
    let mut scope = scope;
    scope.message = Some(&parts);
    let mut request = request::build(gateway, scope).map_err(|error| {
        failed(format!("the request of `{channel}` cannot be built: {error}"), ReasonCode::SendFailed)
    })?;
    sensitive.retain(|text| !request.sensitive.contains(text));
    request.sensitive.extend(sensitive);
    request.sensitive.sort_by_key(|text| std::cmp::Reverse(text.len()));
    let parts = parts.iter().map(|(name, text)| (name.clone(), display(text))).collect();
    Ok(CallSpec {
        webhook: channel.clone(),
        is_channel: true,
        message: Some(Box::new(RenderedMessage { name: message.clone(), parts })),
        connector: gateway.connector.clone(),
        request,
        timeout: gateway.timeout,
        attempts: gateway.attempts,
    })
}

/// Every text of a `sensitive` field that a template can see, in the forms that a request may have it in.
pub(super) fn noted(scope: Scope<'_>) -> Vec<String> {
    let scope = scope.noting_sensitive();
    let names: Vec<SmolStr> = scope.data.iter().map(|answer| answer.name.clone()).collect();
    for root in [Root::Event, Root::Contact].into_iter().chain(names.into_iter().map(Root::Data)) {
        let _ = scope.read(&root, &[]);
    }
    request::as_sent(scope.sensitive_texts())
}
