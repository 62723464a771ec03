//! `/v1/messages`: the mails that were sent. What went by other channels stands with its runs: each is an attempt of a
//! request, kept like any other.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::Api;
use super::extract::Parameters;
use super::problem::Problem;
use crate::store::{MessageQuery, MessageRecord, RunId};
use crate::value::HIDDEN;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    channel: Option<String>,
    contact: Option<i64>,
    run: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// A message in an answer.
#[derive(Serialize)]
pub(super) struct MessageView {
    message_id: String,
    message: SmolStr,
    channel: &'static str,
    run: String,
    step: SmolStr,
    contact: Option<i64>,
    from: String,
    to: String,
    subject: String,
    text: Option<String>,
    html: Option<String>,
    status: &'static str,
    at: Timestamp,
    error: Option<String>,
}

impl MessageView {
    /// A message as history shows it: texts that came from `sensitive` fields are masked.
    fn masked(mut record: MessageRecord) -> MessageView {
        let mail = &mut record.change.mail;
        // The longest first, so that masking one never leaves the rest of another.
        mail.sensitive.sort_by_key(|text| std::cmp::Reverse(text.len()));
        for text in std::mem::take(&mut mail.sensitive) {
            let mask = |place: &mut String| *place = place.replace(&text, HIDDEN);
            [&mut mail.from, &mut mail.to, &mut mail.subject].into_iter().for_each(mask);
            [&mut mail.text, &mut mail.html].into_iter().flatten().for_each(mask);
        }
        MessageView::unmasked(record)
    }

    /// A message as it was sent.
    pub(super) fn unmasked(record: MessageRecord) -> MessageView {
        let change = record.change;
        MessageView {
            message_id: change.message_id,
            message: change.mail.message,
            channel: "email",
            run: record.run.to_string(),
            step: change.step.0,
            contact: record.contact,
            from: change.mail.from,
            to: change.mail.to,
            subject: change.mail.subject,
            text: change.mail.text,
            html: change.mail.html,
            status: change.status.as_str(),
            at: change.at,
            error: change.error,
        }
    }
}

/// `GET /v1/messages`: messages, newest first.
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    Parameters(query): Parameters<ListQuery>,
) -> Result<Response, Problem> {
    if let Some(channel) = query.channel.filter(|channel| channel != "email") {
        return Err(not_listed(&api, &channel));
    }
    let malformed = |run: &String| Problem::new(400, "malformed-run", format!("`{run}` is no run id"));
    let run = query.run.map(|run| run.parse::<RunId>().map_err(|_| malformed(&run))).transpose()?;
    let limit = super::runs::limit(query.limit);
    let query = MessageQuery { contact: query.contact, run, cursor: query.cursor, limit };
    Ok(super::runs::page(api.store.messages(query).await?, MessageView::masked))
}

/// Why messages of a channel are not listed here.
fn not_listed(api: &Api, channel: &str) -> Problem {
    let active = api.programs.active();
    if active.as_ref().is_some_and(|active| active.loaded.ir.channels.contains_key(channel)) {
        let detail = format!(
            "`email` is listed here; what went by `{channel}` stands with its runs: `GET /v1/runs/{{id}}` has each step of a \
             `send` with its channel and its attempts"
        );
        return Problem::new(400, "channel-not-listed", detail);
    }
    let names: Vec<String> =
        active.iter().flat_map(|active| active.loaded.ir.channels.keys()).map(|name| format!(", `{name}`")).collect();
    let detail = format!("there is no channel `{channel}`; there is `email`{}", names.concat());
    Problem::new(400, "unknown-channel", detail)
}
