//! Lists and single things of any kind, as the daemon writes them.

use reqwest::Method;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Client, ClientError};

/// The daemon's pages are not longer than this.
const LONGEST_PAGE: usize = 500;

/// A list, or its beginning.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// What is in it, as the daemon wrote it.
    pub items: Vec<Box<RawValue>>,
    /// Where the next part begins, as the API takes it; nothing at the end.
    pub next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Box<RawValue>>,
    #[serde(default)]
    next_cursor: Option<String>,
}

impl Listing {
    /// All parts as one, in the form of a single one.
    pub fn to_json(&self) -> String {
        let items: Vec<&str> = self.items.iter().map(|item| item.get()).collect();
        let next_cursor = serde_json::to_string(&self.next_cursor).unwrap_or_default();
        format!("{{\"items\":[{}],\"next_cursor\":{next_cursor}}}", items.join(",\n"))
    }
}

/// A list whose items were read, or its beginning.
#[derive(Clone, Debug)]
pub struct Rows<Row> {
    /// The items as far as a list shows them.
    pub rows: Vec<Row>,
    /// The same items as the daemon wrote them.
    pub listing: Listing,
}

impl Client {
    /// The first `limit` items of the list at a path below the daemon's address; asks for several pages where one is not
    /// enough.
    ///
    /// # Errors
    /// When the daemon cannot be asked or refuses.
    pub async fn list(&self, path: &[&str], filter: &[(&str, &str)], limit: usize) -> Result<Listing, ClientError> {
        let mut list = Listing::default();
        while list.items.len() < limit {
            let mut url = self.endpoint(path);
            {
                let mut query = url.query_pairs_mut();
                query.extend_pairs(filter);
                if let Some(cursor) = &list.next_cursor {
                    query.append_pair("cursor", cursor);
                }
                query.append_pair("limit", &(limit - list.items.len()).min(LONGEST_PAGE).to_string());
            }
            let answer = self.exchange(Method::GET, url, None).await?;
            let page: Page = self.read(answer.status, &answer.text)?;
            list.items.extend(page.items);
            // A part of a filtered list may be empty, and others behind it. What would ask for the same part again is an end.
            let before = std::mem::replace(&mut list.next_cursor, page.next_cursor);
            if list.next_cursor.is_none() || list.next_cursor == before {
                break;
            }
        }
        Ok(list)
    }

    /// The same with each item read.
    pub(super) async fn rows<Row: for<'a> Deserialize<'a>>(
        &self,
        path: &[&str],
        filter: &[(&str, &str)],
        limit: usize,
    ) -> Result<Rows<Row>, ClientError> {
        let listing = self.list(path, filter, limit).await?;
        let rows = listing.items.iter().map(|item| self.understand(item.get())).collect::<Result<_, _>>()?;
        Ok(Rows { rows, listing })
    }

    /// What stands at a path below the daemon's address.
    ///
    /// # Errors
    /// When the daemon cannot be asked or refuses: status 404 when there is no such thing.
    pub async fn show(&self, path: &[&str]) -> Result<String, ClientError> {
        Ok(self.exchange(Method::GET, self.endpoint(path), None).await?.text)
    }

    /// What the daemon answers to a JSON text that is posted to a path below its address.
    ///
    /// # Errors
    /// When the daemon cannot be asked or refuses.
    pub async fn post(&self, path: &[&str], body: String) -> Result<String, ClientError> {
        Ok(self.exchange(Method::POST, self.endpoint(path), Some(body)).await?.text)
    }

    /// Reads an answer, or a part of one, that a daemon should have written.
    ///
    /// # Errors
    /// When it is something else.
    pub fn understand<'a, T: Deserialize<'a>>(&self, json: &'a str) -> Result<T, ClientError> {
        self.read(reqwest::StatusCode::OK, json)
    }
}
