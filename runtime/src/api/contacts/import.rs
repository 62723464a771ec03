//! `POST /v1/contacts/import`: contacts from CSV or NDJSON, read as they come in.
//!
//! Rows are written a few hundred at a time, each part in one durable act, so an import of any size takes little memory and
//! holds nobody up. A row that is refused refuses no other. Doing it again changes nothing that is there already.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::super::Api;
use super::super::extract::{Parameters, unread};
use super::super::json;
use super::super::problem::Problem;
use crate::directory::PutError;
use crate::engine::ActiveProgram;
use crate::import::{ColumnsError, Content, Empty, Format, Mapping, Row, Rows};
use crate::value::{Record, Value, is_country, read};

/// Rows of one durable act.
const AT_ONCE: usize = 200;

/// Refused rows that an answer names; the others are counted.
const NAMED: usize = 1_000;

/// How long nothing may come in.
const SILENCE: Duration = Duration::from_secs(10);

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct ImportQuery {
    /// Columns and the fields that they are, as a JSON object; the empty text leaves a column out.
    map: Option<String>,
    /// What an empty cell does: `keep` or `remove`.
    empty: Option<String>,
    /// Where numbers without `+` belong: two letters.
    country: Option<String>,
}

/// What became of an import.
#[derive(Debug, Default, Serialize)]
struct Report {
    rows: u64,
    created: u64,
    changed: u64,
    unchanged: u64,
    refused: u64,
    refusals: Vec<Json>,
    /// Columns of fields that only `wf` itself writes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<String>,
}

/// How rows become contacts.
struct Import<'a> {
    api: &'a Api,
    format: Format,
    program: Arc<ActiveProgram>,
    named: BTreeMap<String, String>,
    empty: Empty,
    country: Option<String>,
    mapping: Option<Mapping>,
    waiting: Vec<(u64, u64, Record)>,
    rows: u64,
    report: Report,
}

/// `POST /v1/contacts/import`.
pub(in super::super) async fn import(
    State(api): State<Arc<Api>>,
    Parameters(query): Parameters<ImportQuery>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match take(&api, query, &headers, body).await {
        Ok(report) => json::Json(StatusCode::OK, report).into_response(),
        Err(problem) => unread(problem),
    }
}

async fn take(api: &Api, query: ImportQuery, headers: &HeaderMap, body: Body) -> Result<Report, Problem> {
    json::check_encoding(headers)?;
    let format = match json::essence(headers).to_ascii_lowercase().as_str() {
        "text/csv" => Format::Csv,
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Format::Ndjson,
        _ => {
            let detail = "the content type must be `text/csv` or `application/x-ndjson`";
            return Err(Problem::new(415, "not-rows", detail));
        }
    };
    let mut import = Import::new(api, format, query)?;
    let mut rows = Rows::new(format);
    let mut body = body;
    loop {
        let frame = poll_fn(|context| Pin::new(&mut body).poll_frame(context));
        let frame = tokio::time::timeout(SILENCE, frame).await;
        let frame = frame.map_err(|_| Problem::new(408, "body-too-slow", format!("nothing came for {SILENCE:?}")))?;
        let Some(frame) = frame else { break };
        let frame = frame.map_err(|error| Problem::new(400, "unreadable-body", error.to_string()))?;
        let data: Bytes = frame.into_data().unwrap_or_default();
        import.take(rows.feed(&data)).await?;
    }
    import.take(rows.finish()).await?;
    import.write().await?;
    Ok(import.report)
}

impl<'a> Import<'a> {
    fn new(api: &'a Api, format: Format, query: ImportQuery) -> Result<Import<'a>, Problem> {
        let malformed = |detail: &str| Problem::new(400, "malformed-query", detail);
        let named = match &query.map {
            None => BTreeMap::new(),
            Some(map) => serde_json::from_str(map)
                .map_err(|_| malformed(r#"`map` names columns and fields: {"Mail": "email", "Notes": ""}"#))?,
        };
        let empty = match query.empty.as_deref() {
            None | Some("keep") => Empty::Keep,
            Some("remove") => Empty::Remove,
            Some(_) => return Err(malformed("`empty` is `keep` or `remove`")),
        };
        if query.country.as_deref().is_some_and(|country| !is_country(country)) {
            return Err(malformed("`country` is a country's two letters, such as `UA`"));
        }
        Ok(Import {
            api,
            format,
            program: super::active(api)?,
            named,
            empty,
            country: query.country,
            mapping: None,
            waiting: vec![],
            rows: 0,
            report: Report::default(),
        })
    }

    async fn take(&mut self, rows: Vec<Row>) -> Result<(), Problem> {
        for row in rows {
            let record = match (row.content, &self.mapping) {
                (Content::Cells(header), None) => {
                    let card = &self.program.loaded.ir.contact;
                    let mapping = Mapping::new(card, &header, &self.named, self.empty, self.country.clone());
                    let mapping = mapping.map_err(|error| wrong_header(&error, &self.program))?;
                    self.report.left_out = mapping.left_out().to_vec();
                    self.mapping = Some(mapping);
                    continue;
                }
                (Content::Cells(cells), Some(mapping)) => mapping.record(&cells),
                (Content::Json(text), _) => match read(&text) {
                    Ok(Value::Record(record)) => Ok((*record).clone()),
                    Ok(_) => Err(r#"a row looks like {"email": "ann@example.com"}"#.to_owned()),
                    Err(error) => Err(format!("the row is not JSON: {error}")),
                },
                (Content::Unreadable(why), None) if self.format == Format::Csv => {
                    let detail = format!("line {}: the header cannot be read: {why}", row.line);
                    return Err(Problem::new(422, "columns-do-not-fit", detail));
                }
                (Content::Unreadable(why), _) => Err(why),
            };
            self.rows += 1;
            self.report.rows += 1;
            match record {
                Ok(record) => self.waiting.push((self.rows, row.line, record)),
                Err(why) => self.refuse(self.rows, row.line, Problem::new(422, "malformed-row", why)),
            }
            if self.waiting.len() >= AT_ONCE {
                self.write().await?;
            }
        }
        Ok(())
    }

    /// Writes the rows that wait.
    async fn write(&mut self) -> Result<(), Problem> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let waiting = std::mem::take(&mut self.waiting);
        let records = waiting.iter().map(|(_, _, record)| record);
        let watching = self.program.watching(None, 0);
        let card = &self.program.loaded.ir.contact;
        let puts = self.api.directory.put_all(card, watching.as_ref(), records, Timestamp::now()).await?;
        for ((number, line, _), put) in waiting.iter().zip(puts) {
            match put {
                Ok(put) if put.created => self.report.created += 1,
                Ok(put) if put.changed => self.report.changed += 1,
                Ok(_) => self.report.unchanged += 1,
                Err(PutError::Store(error)) => return Err(error.into()),
                Err(error) => self.refuse(*number, *line, super::refused(error)),
            }
        }
        Ok(())
    }

    fn refuse(&mut self, number: u64, line: u64, problem: Problem) {
        self.report.refused += 1;
        if self.report.refusals.len() < NAMED {
            self.report.refusals.push(problem.with("row", number.into()).with("line", line.into()).to_json());
        }
    }
}

fn wrong_header(error: &ColumnsError, program: &ActiveProgram) -> Problem {
    let fields: Vec<Json> = program.loaded.ir.contact.all_fields().map(|(name, _)| name.as_str().into()).collect();
    let mut problem = Problem::new(422, "columns-do-not-fit", error.to_string()).with("fields", fields.into());
    if let ColumnsError::Unknown(columns) = error {
        problem = problem.with("columns", columns.clone().into());
    }
    problem
}
