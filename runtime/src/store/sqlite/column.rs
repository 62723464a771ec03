//! How values stand in columns.

use compiler::ir::ProgramHash;
use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error as HashError;

use crate::store::{MessageStatus, RunId, RunStatus};

/// Runs that one event can start: what is left of a run's number for its place.
pub(super) const PLACES: i64 = 4096;

/// The numbers that the runs of an event have: the first, and the last. A number that no event has gives an empty range.
pub(super) fn run_numbers(acceptance: i64) -> (i64, i64) {
    match acceptance.checked_mul(PLACES) {
        Some(first) => (first, first.saturating_add(PLACES - 1)),
        None => (0, -1),
    }
}

/// The event that a run's number belongs to.
pub(super) fn acceptance(run: i64) -> i64 {
    run.div_euclid(PLACES)
}

/// The identity of a run.
pub(super) fn run_id(number: i64, workflow_key: u32) -> RunId {
    RunId { acceptance: acceptance(number), workflow: workflow_key }
}

/// An instant as nanoseconds. One that 64 bits do not hold (before 1677, after 2262) becomes the nearest that they do, which
/// keeps it in its place among all times that a clock shows.
#[derive(Clone, Copy)]
pub(super) struct Instant(pub(super) Timestamp);

impl Instant {
    /// The number in the column.
    pub(super) fn number(self) -> i64 {
        let exact = self.0.as_nanosecond();
        i64::try_from(exact).unwrap_or(if exact < 0 { i64::MIN } else { i64::MAX })
    }
}

impl ToSql for Instant {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.number().into())
    }
}

impl FromSql for Instant {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Instant> {
        let number = i128::from(value.as_i64()?);
        Timestamp::from_nanosecond(number).map(Instant).map_err(FromSqlError::other)
    }
}

/// An instant that is kept exactly, whichever it is: as nanoseconds, or as a text where 64 bits do not hold them.
#[derive(Clone, Copy)]
pub(super) struct Exact(pub(super) Timestamp);

impl ToSql for Exact {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match i64::try_from(self.0.as_nanosecond()) {
            Ok(number) => Ok(number.into()),
            Err(_) => Ok(self.0.to_string().into()),
        }
    }
}

impl FromSql for Exact {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Exact> {
        match value {
            ValueRef::Text(_) => {
                value.as_str()?.parse().map(Exact).map_err(|error: jiff::Error| FromSqlError::other(error))
            }
            number => Instant::column_result(number).map(|instant| Exact(instant.0)),
        }
    }
}

/// The number of a status; the schema's indexes rest on their order.
pub(super) const fn run_status(status: RunStatus) -> i64 {
    match status {
        RunStatus::Running => 0,
        RunStatus::Waiting => 1,
        RunStatus::Completed => 2,
        RunStatus::Stopped => 3,
        RunStatus::Exited => 4,
        RunStatus::Failed => 5,
        RunStatus::Cancelled => 6,
    }
}

impl FromSql for RunStatus {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<RunStatus> {
        let number = value.as_i64()?;
        let status = RunStatus::ALL.into_iter().find(|status| run_status(*status) == number);
        status.ok_or(FromSqlError::OutOfRange(number))
    }
}

/// The number of a message's status.
pub(super) const fn message_status(status: MessageStatus) -> i64 {
    match status {
        MessageStatus::Outbox => 0,
        MessageStatus::Sending => 1,
        MessageStatus::Sent => 2,
        MessageStatus::Failed => 3,
    }
}

impl FromSql for MessageStatus {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<MessageStatus> {
        match value.as_i64()? {
            0 => Ok(MessageStatus::Outbox),
            1 => Ok(MessageStatus::Sending),
            2 => Ok(MessageStatus::Sent),
            3 => Ok(MessageStatus::Failed),
            number => Err(FromSqlError::OutOfRange(number)),
        }
    }
}

/// A program's hash.
pub(super) struct Hash(pub(super) ProgramHash);

impl FromSql for Hash {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Hash> {
        let text: serde::de::value::StrDeserializer<'_, HashError> = value.as_str()?.into_deserializer();
        ProgramHash::deserialize(text).map(Hash).map_err(FromSqlError::other)
    }
}

/// A value as the JSON text that is kept of it.
pub(super) struct Json<T>(pub(super) T);

impl<T: serde::Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let text =
            serde_json::to_string(&self.0).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        Ok(text.into())
    }
}

impl<T: serde::de::DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Json<T>> {
        serde_json::from_str(value.as_str()?).map(Json).map_err(FromSqlError::other)
    }
}

/// A text that is mostly short.
pub(super) struct Text(pub(super) smol_str::SmolStr);

impl FromSql for Text {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Text> {
        value.as_str().map(|text| Text(text.into()))
    }
}
