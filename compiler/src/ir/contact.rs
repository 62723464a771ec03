//! The contact card.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Field, Literal, Type};

/// What a project adds to the contact card.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    /// Additional fields by name; the standard ones are in [`standard_field`].
    pub fields: BTreeMap<SmolStr, ContactField>,
}

/// An additional field of the contact card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContactField {
    /// What it holds: optional unless it has a default.
    #[serde(rename = "type")]
    pub ty: Type,
    /// What a contact has that was never given one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Literal>,
    /// Masked in history, logs and console.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
}

/// What a contact is looked up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identifier {
    /// The number that the store gave it.
    Id,
    /// The number or text that another system knows it by.
    ExternalId,
    /// Its phone number.
    Phone,
    /// Its e-mail address.
    Email,
}

impl Identifier {
    /// Every identifier.
    pub const ALL: [Identifier; 4] = [Identifier::Id, Identifier::ExternalId, Identifier::Phone, Identifier::Email];

    /// The word for it in the language, which is also the field's name.
    pub const fn word(self) -> &'static str {
        match self {
            Identifier::Id => "id",
            Identifier::ExternalId => "external_id",
            Identifier::Phone => "phone",
            Identifier::Email => "email",
        }
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

/// The names of the fields that every contact has.
pub const STANDARD_FIELDS: [&str; 17] = [
    "id",
    "external_id",
    "email",
    "phone",
    "first_name",
    "last_name",
    "birthday",
    "gender",
    "town",
    "region",
    "country",
    "postcode",
    "address",
    "language",
    "timezone",
    "created_at",
    "updated_at",
];

/// The type of a field that every contact has: `id`, `created_at` and `updated_at` are always there, the rest is optional.
pub fn standard_field(name: &str) -> Option<Type> {
    match name {
        "id" => Some(Type::Int),
        "created_at" | "updated_at" => Some(Type::Datetime),
        "email" => Some(Type::Email.optional()),
        "phone" => Some(Type::Phone.optional()),
        "birthday" => Some(Type::Date.optional()),
        "external_id" | "first_name" | "last_name" | "gender" | "town" | "region" | "country" | "postcode"
        | "address" | "language" | "timezone" => Some(Type::String.optional()),
        _ => None,
    }
}

/// Whether a field is kept by the store itself, so that nobody may write it.
pub fn is_read_only(name: &str) -> bool {
    matches!(name, "id" | "created_at" | "updated_at")
}

impl Contact {
    /// The type of a field of the card, standard or additional.
    pub fn field_type(&self, name: &str) -> Option<Type> {
        standard_field(name).or_else(|| self.fields.get(name).map(|field| field.ty.clone()))
    }

    /// The card as the type of a record.
    pub fn record_type(&self) -> Type {
        Type::Record(self.all_fields().collect())
    }

    /// All fields of the card with their types: the standard ones first, then the additional ones by name.
    pub fn all_fields(&self) -> impl Iterator<Item = (SmolStr, Field)> + '_ {
        let standard = STANDARD_FIELDS.iter().filter_map(|name| {
            let ty = standard_field(name)?;
            Some((SmolStr::new_static(name), Field { ty, sensitive: false, default: None }))
        });
        let additional = self.fields.iter().map(|(name, field)| {
            let field = Field { ty: field.ty.clone(), sensitive: field.sensitive, default: field.default.clone() };
            (name.clone(), field)
        });
        standard.chain(additional)
    }
}
