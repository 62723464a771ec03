//! Contacts as they are kept, and changes of them.

use jiff::Timestamp;
use smol_str::SmolStr;

use super::acceptance::Accepted;
use super::trigger::Watching;

/// A contact as it is kept.
#[derive(Clone, Debug)]
pub struct ContactRecord {
    /// Its number.
    pub id: i64,
    /// All its fields but `id`, `created_at` and `updated_at`, as a JSON object.
    pub fields: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A contact to be made or changed.
#[derive(Clone, Debug)]
pub struct ContactChange {
    /// The number, when the caller gave one; such a contact must exist.
    pub id: Option<i64>,
    /// The fields as names and JSON values; `null` removes. Identifiers among them are in normal form.
    pub fields: Vec<(SmolStr, String)>,
    /// When.
    pub at: Timestamp,
    /// What starts when a field becomes another value.
    pub watching: Option<Watching>,
}

/// What became of a contact.
#[derive(Clone, Debug)]
pub struct PutContact {
    /// The contact as it is now.
    pub contact: ContactRecord,
    /// Whether it is new.
    pub created: bool,
    /// Whether anything of it is other than before.
    pub changed: bool,
    /// What became of the runs that the change asked for.
    pub raised: Vec<Accepted>,
}

/// A contact that cannot be made or changed so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContactConflict {
    /// The identifiers belong to different contacts.
    #[error("the identifiers belong to different contacts: {}", .0.iter().map(i64::to_string).collect::<Vec<_>>().join(", "))]
    Several(Vec<i64>),
    /// There is no contact of this number.
    #[error("there is no contact {0}")]
    Unknown(i64),
    /// No identifier was given.
    #[error("a contact needs one of `id`, `external_id`, `phone`, `email`")]
    NoIdentifier,
}
