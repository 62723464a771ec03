//! Reading runs.

use reqwest::Method;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::resources::Rows;
use super::{Client, ClientError};

/// Which runs; everything unset means any.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// Of this workflow.
    pub workflow: Option<String>,
    /// In one of these states, in the API's words.
    pub status: Vec<String>,
    /// Of this contact: its number, or an identifier as `email=ann@example.com`.
    pub contact: Option<String>,
    /// Admitted at or after, RFC 3339.
    pub from: Option<String>,
    /// Admitted before, RFC 3339.
    pub to: Option<String>,
}

/// A run in a list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct RunRow {
    /// The run.
    pub id: Text,
    /// Its workflow.
    pub workflow: Text,
    /// Hash of the program that it is pinned to.
    pub program: Text,
    /// Its contact's number.
    pub contact: Text,
    /// The id of the event that started it.
    pub event: Text,
    /// Where it stands: `running waiting completed stopped exited failed cancelled`.
    pub status: Text,
    /// Why, for people.
    pub reason: Text,
    /// Why, for programs.
    pub reason_code: Text,
    /// When it began, RFC 3339.
    pub started_at: Text,
    /// When it last changed, RFC 3339.
    pub updated_at: Text,
    /// When it will go on by itself, RFC 3339.
    pub wake_at: Text,
}

/// A run with its history.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// What a list shows of it.
    pub row: RunRow,
    /// Where its program was loaded from.
    pub commit: Option<Commit>,
    /// Whether its event made its contact.
    pub contact_created: bool,
    /// Why its event was let in, and what its contact was looked up by.
    pub trigger: Vec<Decision>,
    /// Its steps, the first first.
    pub steps: Vec<Step>,
    /// The answer as the daemon wrote it.
    pub json: String,
}

/// One executed statement.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Step {
    /// Its path of labels and kinds.
    pub id: Text,
    /// `call`, `send`, `wait`, …
    pub kind: Text,
    /// What it is about: a webhook's name, for example.
    pub label: Text,
    /// Which way a message goes: `email`, or the name of a channel.
    pub channel: Text,
    /// When it began, RFC 3339.
    pub started_at: Text,
    /// When it ended, RFC 3339.
    pub ended_at: Text,
    /// How it ended.
    pub outcome: Text,
    /// What decided, with its values.
    #[serde(deserialize_with = "absent_is_empty")]
    pub decisions: Vec<Decision>,
    /// The requests that were made for it.
    #[serde(deserialize_with = "absent_is_empty")]
    pub attempts: Vec<Attempt>,
}

/// A condition, or another expression that decided.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Decision {
    /// What it is to its statement: `if`, `where`, ….
    pub of: Text,
    /// As an author writes it.
    pub expression: Text,
    /// What it was worth.
    pub value: Text,
    /// What its parts were worth.
    #[serde(deserialize_with = "absent_is_empty")]
    pub parts: Vec<Worth>,
}

/// What a part of an expression was worth.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Worth {
    /// The character of the expression that the part is known by.
    pub at: usize,
    /// The part.
    pub expression: Text,
    /// Its value.
    pub value: Text,
}

/// The commit that a program was loaded from.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Commit {
    /// Its full name.
    pub id: Text,
    /// Whether the folder held something else than the commit.
    pub has_changes: bool,
}

/// One request of a step.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Attempt {
    /// 1 for the first.
    pub number: Text,
    /// `succeeded`, `failed`, `open`, or `unknown` when the daemon ended during it.
    pub outcome: Text,
    /// When it was begun, RFC 3339.
    pub started_at: Text,
    /// How long it took, in milliseconds.
    pub duration_ms: Text,
    /// The address that was connected to.
    pub address: Text,
    /// What was sent, secrets masked.
    pub request: Option<AttemptRequest>,
    /// What came back.
    pub response: Option<AttemptResponse>,
    /// Why it failed.
    pub error: Option<AttemptError>,
}

/// What an attempt sent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AttemptRequest {
    /// `GET`, `POST`, …
    pub method: Text,
    /// The whole URL.
    pub url: Text,
    /// Header lines.
    pub headers: Headers,
    /// The body as text.
    pub body: Text,
}

/// What an attempt got back.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AttemptResponse {
    /// The HTTP status.
    pub status: Text,
    /// Header lines.
    pub headers: Headers,
    /// The body as text.
    pub body: Text,
    /// Whether only the beginning of the body was kept.
    pub truncated: bool,
}

/// Why an attempt failed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AttemptError {
    /// The sort of failure: `timeout`, `connection`, `status`, …
    pub class: Text,
    /// What happened.
    pub message: Text,
}

impl Client {
    /// Lets a run go on that is parked, rests between two attempts, or has failed; its row as it then stands, and the daemon's
    /// answer.
    ///
    /// # Errors
    /// When there is no daemon or it refuses: a run that has ended otherwise or does not rest stays as it is.
    pub async fn retry_run(&self, id: &str) -> Result<(RunRow, String), ClientError> {
        let url = self.endpoint(&["v1", "runs", id, "retry"]);
        let answer = self.exchange(Method::POST, url, None).await?;
        let row = self.read(answer.status, &answer.text)?;
        Ok((row, answer.text))
    }

    /// Ends a run where it stands; its row as it then is, and the daemon's answer.
    ///
    /// # Errors
    /// When there is no daemon or it refuses: status 409 for a run that has ended.
    pub async fn cancel_run(&self, id: &str) -> Result<(RunRow, String), ClientError> {
        let url = self.endpoint(&["v1", "runs", id, "cancel"]);
        let answer = self.exchange(Method::POST, url, None).await?;
        let row = self.read(answer.status, &answer.text)?;
        Ok((row, answer.text))
    }

    /// The newest `limit` runs that fit the filter, the newest first; asks for several pages where one is not enough.
    ///
    /// # Errors
    /// When the daemon cannot be asked or refuses.
    pub async fn runs(&self, filter: &RunFilter, limit: usize) -> Result<Rows<RunRow>, ClientError> {
        let status = Some(filter.status.join(",")).filter(|status| !status.is_empty());
        let named = [
            ("workflow", &filter.workflow),
            ("contact", &filter.contact),
            ("from", &filter.from),
            ("to", &filter.to),
            ("status", &status),
        ];
        let filter: Vec<(&str, &str)> =
            named.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
        self.rows(&["v1", "runs"], &filter, limit).await
    }

    /// One run with its history.
    ///
    /// # Errors
    /// When the daemon cannot be asked or refuses: status 404 when it has no such run.
    pub async fn run(&self, id: &str) -> Result<Run, ClientError> {
        let answer = self.exchange(Method::GET, self.endpoint(&["v1", "runs", id]), None).await?;
        let row = self.read(answer.status, &answer.text)?;
        let History { commit, contact_created, trigger, steps } = self.read(answer.status, &answer.text)?;
        Ok(Run { row, commit, contact_created, trigger, steps, json: answer.text })
    }
}

#[derive(Deserialize)]
struct History {
    #[serde(default)]
    commit: Option<Commit>,
    #[serde(default)]
    contact_created: bool,
    #[serde(default, deserialize_with = "absent_is_empty")]
    trigger: Vec<Decision>,
    #[serde(default, deserialize_with = "absent_is_empty")]
    steps: Vec<Step>,
}

fn absent_is_empty<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// A value of an answer as text for people: texts as they are, `null` and what is absent as the empty text, everything
/// else as the daemon wrote it. So no number loses a digit, and a field that becomes an object is still shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(String);

impl Text {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Display for Text {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Text, D::Error> {
        let raw = Box::<RawValue>::deserialize(from)?;
        Ok(Text(match raw.get() {
            "null" => String::new(),
            text if text.starts_with('"') => serde_json::from_str(text).map_err(serde::de::Error::custom)?,
            other => other.to_owned(),
        }))
    }
}

/// Header lines in their order. The API may write them as an object (a value may be a list) or as a list of pairs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// Names and values, one pair a line.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Headers, D::Error> {
        struct Lines;

        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Values {
            One(String),
            Several(Vec<String>),
        }

        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Line {
            Pair(String, String),
            Named { name: String, value: String },
        }

        impl<'de> Visitor<'de> for Lines {
            type Value = Headers;

            fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str("header lines")
            }

            fn visit_unit<E>(self) -> Result<Headers, E> {
                Ok(Headers::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Headers, A::Error> {
                let mut lines = Vec::new();
                while let Some((name, values)) = map.next_entry::<String, Values>()? {
                    match values {
                        Values::One(value) => lines.push((name, value)),
                        Values::Several(values) => lines.extend(values.into_iter().map(|value| (name.clone(), value))),
                    }
                }
                Ok(Headers(lines))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Headers, A::Error> {
                let mut lines = Vec::new();
                while let Some(line) = sequence.next_element()? {
                    lines.push(match line {
                        Line::Pair(name, value) | Line::Named { name, value } => (name, value),
                    });
                }
                Ok(Headers(lines))
            }
        }

        from.deserialize_any(Lines)
    }
}
