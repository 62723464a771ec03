//! Contacts: read, changed, brought in by the file.

use std::collections::BTreeMap;

use reqwest::Method;
use serde::Deserialize;

use super::resources::Rows;
use super::{Client, ClientError, FieldError, Text};
use crate::import::Format;

/// Which contacts; everything unset means any.
#[derive(Clone, Debug, Default)]
pub struct ContactFilter {
    /// With an identifier, or a part of a name or identifier.
    pub query: Option<String>,
    /// Of this segment.
    pub segment: Option<String>,
}

/// A contact in a list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ContactRow {
    /// Its number.
    pub id: Text,
    /// The number or text that another system knows it by.
    pub external_id: Text,
    /// Its e-mail address.
    pub email: Text,
    /// Its phone number.
    pub phone: Text,
    /// Its first name.
    pub first_name: Text,
    /// Its last name.
    pub last_name: Text,
    /// When it last changed, RFC 3339.
    pub updated_at: Text,
}

/// How a file of contacts is read.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// Columns and the fields that they are; the empty text leaves a column out.
    pub map: BTreeMap<String, String>,
    /// Whether an empty cell removes the field.
    pub empty_removes: bool,
    /// Where numbers without `+` belong: a country's two letters.
    pub country: Option<String>,
}

/// What became of the rows of one request.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Imported {
    /// How many there were.
    pub rows: u64,
    /// Contacts that were made.
    pub created: u64,
    /// Contacts that were changed.
    pub changed: u64,
    /// Contacts that were like this before.
    pub unchanged: u64,
    /// Rows that were refused.
    pub refused: u64,
    /// The first of them.
    pub refusals: Vec<Refusal>,
    /// Columns that were not taken: of fields that only the daemon writes.
    pub left_out: Vec<String>,
}

/// A row that was refused.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Refusal {
    /// Its place in the request, from 1; the header does not count.
    pub row: u64,
    /// The slug of the problem, behind `urn:wf:`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What is wrong with it.
    pub detail: String,
    /// Each place that does not fit.
    pub errors: Vec<FieldError>,
}

/// What became of a contact in one workflow.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Chapter {
    /// The workflow.
    pub workflow: Text,
    /// What became of it, for people.
    pub answer: Text,
    /// Its last run, if there is one.
    pub run: Option<super::RunRow>,
    /// The way that it went in it.
    pub steps: Vec<super::Step>,
    /// The last time that it was kept out, if that was later than the run.
    pub kept_out: Option<KeptOut>,
}

/// An event that started no run.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct KeptOut {
    /// Its id.
    pub event: Text,
    /// When it was received, RFC 3339.
    pub at: Text,
    /// Why, for people.
    pub answer: Text,
    /// What decided, with its values.
    pub decisions: Vec<super::Decision>,
}

impl Client {
    /// The first `limit` contacts that fit the filter, by number; asks for several pages where one is not enough.
    ///
    /// # Errors
    /// When the daemon cannot be asked or refuses.
    pub async fn contacts(&self, filter: &ContactFilter, limit: usize) -> Result<Rows<ContactRow>, ClientError> {
        let named = [("query", &filter.query), ("segment", &filter.segment)];
        let filter: Vec<(&str, &str)> =
            named.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
        self.rows(&["v1", "contacts"], &filter, limit).await
    }

    /// The card of a contact, as the daemon wrote it: by number, or by `email=ann@example.com`.
    ///
    /// # Errors
    /// When the daemon cannot be asked or refuses: status 404 when it has no such contact.
    pub async fn contact(&self, id: &str) -> Result<String, ClientError> {
        Ok(self.exchange(Method::GET, self.endpoint(&["v1", "contacts", id]), None).await?.text)
    }

    /// Makes or changes a contact from a JSON object of fields; the daemon's answer.
    ///
    /// # Errors
    /// When the daemon cannot be asked or refuses: status 409 when the identifiers belong to different contacts.
    pub async fn put_contact(&self, fields: String) -> Result<String, ClientError> {
        Ok(self.exchange(Method::PUT, self.endpoint(&["v1", "contacts"]), Some(fields)).await?.text)
    }

    /// What became of a contact in each workflow, and the same as the daemon wrote it.
    ///
    /// # Errors
    /// When the daemon cannot be asked or refuses.
    pub async fn contact_runs(&self, id: &str) -> Result<(Vec<Chapter>, String), ClientError> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Story {
            workflows: Vec<Chapter>,
        }

        let answer = self.exchange(Method::GET, self.endpoint(&["v1", "contacts", id, "runs"]), None).await?;
        let Story { workflows } = self.read(answer.status, &answer.text)?;
        Ok((workflows, answer.text))
    }

    /// All that is kept on a contact, as the daemon wrote it.
    ///
    /// # Errors
    /// When the daemon cannot be asked or refuses.
    pub async fn export_contact(&self, id: &str) -> Result<String, ClientError> {
        Ok(self.exchange(Method::GET, self.endpoint(&["v1", "contacts", id, "export"]), None).await?.text)
    }

    /// Erases a contact from everything that is kept; the daemon's answer.
    ///
    /// # Errors
    /// When the daemon cannot be asked or refuses.
    pub async fn forget_contact(&self, id: &str) -> Result<String, ClientError> {
        Ok(self.exchange(Method::DELETE, self.endpoint(&["v1", "contacts", id]), None).await?.text)
    }

    /// Sends a part of a file of contacts; the first row of CSV names the columns.
    ///
    /// # Errors
    /// When the daemon cannot be asked, or does not understand the columns.
    pub async fn import_contacts(
        &self,
        format: Format,
        rows: Vec<u8>,
        options: &ImportOptions,
    ) -> Result<Imported, ClientError> {
        let mut url = self.endpoint(&["v1", "contacts", "import"]);
        {
            let mut query = url.query_pairs_mut();
            if !options.map.is_empty() {
                query.append_pair("map", &serde_json::to_string(&options.map).unwrap_or_default());
            }
            if options.empty_removes {
                query.append_pair("empty", "remove");
            }
            if let Some(country) = &options.country {
                query.append_pair("country", country);
            }
        }
        if url.query() == Some("") {
            url.set_query(None);
        }
        let kind = match format {
            Format::Csv => "text/csv",
            Format::Ndjson => "application/x-ndjson",
        };
        let answer = self.send(Method::POST, url, Some((kind, rows))).await?;
        self.read(answer.status, &answer.text)
    }
}
