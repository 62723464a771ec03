//! What each column of a file of contacts holds, and what a cell stands for.

use std::collections::BTreeMap;

use compiler::ir::contact::is_read_only;
use compiler::ir::{Contact, Identifier, Type};
use smol_str::SmolStr;

use crate::value::{Record, Value, phone_in, read};

/// Names that other programs give to standard fields, in small letters and without anything else.
const ALIASES: &[(&str, &str)] = &[
    ("mail", "email"),
    ("emailaddress", "email"),
    ("phonenumber", "phone"),
    ("mobile", "phone"),
    ("mobilephone", "phone"),
    ("telephone", "phone"),
    ("tel", "phone"),
    ("surname", "last_name"),
    ("familyname", "last_name"),
    ("givenname", "first_name"),
    ("dateofbirth", "birthday"),
    ("birthdate", "birthday"),
    ("city", "town"),
    ("zip", "postcode"),
    ("zipcode", "postcode"),
    ("postalcode", "postcode"),
    ("street", "address"),
    ("state", "region"),
    ("sex", "gender"),
    ("locale", "language"),
    ("crmid", "external_id"),
    ("customerid", "external_id"),
];

/// What an empty cell does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Empty {
    /// The field stays as it is.
    #[default]
    Keep,
    /// The field is removed.
    Remove,
}

/// The fields that the columns of a file are.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// The header.
    names: Vec<String>,
    /// For each column its field and type; `None` is left out.
    columns: Vec<Option<(SmolStr, Type)>>,
    /// The columns that `wf` itself writes, and nobody else.
    left_out: Vec<String>,
    empty: Empty,
    /// The country whose numbers are written without `+`: two letters (ISO 3166).
    country: Option<String>,
}

/// A header that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ColumnsError {
    /// Columns that no field is meant by.
    #[error("no field is meant by the column{} {}", if .0.len() == 1 { "" } else { "s" }, list(.0))]
    Unknown(Vec<String>),
    /// A field that two columns are.
    #[error("two columns are the field `{0}`")]
    Twice(SmolStr),
    /// Columns that were named and are not there.
    #[error("the file has no column{} {}", if .0.len() == 1 { "" } else { "s" }, list(.0))]
    Missing(Vec<String>),
    /// Nobody can be told from anybody else.
    #[error("no column is one of `id`, `external_id`, `phone`, `email`")]
    NoIdentifier,
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

impl Mapping {
    /// Reads a header. `named` says for columns which field they are; the empty text leaves one out. The others are found by
    /// the fields' names: case, blanks, dashes and underscores do not count.
    ///
    /// # Errors
    /// When a column is no field, or two are the same.
    pub fn new(
        card: &Contact,
        header: &[String],
        named: &BTreeMap<String, String>,
        empty: Empty,
        country: Option<String>,
    ) -> Result<Mapping, ColumnsError> {
        let absent = named.keys().filter(|name| !header.iter().any(|column| column.trim() == name.trim()));
        let absent: Vec<String> = absent.cloned().collect();
        if !absent.is_empty() {
            return Err(ColumnsError::Missing(absent));
        }
        let fields: BTreeMap<String, SmolStr> = card.all_fields().map(|(name, _)| (plain(&name), name)).collect();
        let mut left_out = vec![];
        let (mut columns, mut unknown): (Vec<Option<(SmolStr, Type)>>, Vec<String>) = (vec![], vec![]);
        for column in header {
            let given = named.iter().find(|(name, _)| name.trim() == column.trim()).map(|(_, field)| field.as_str());
            let alias = |name: &str| ALIASES.iter().find(|(alias, _)| *alias == name).map(|(_, field)| *field);
            let field = match given {
                Some("") => {
                    columns.push(None);
                    continue;
                }
                Some(field) => Some(SmolStr::new(field)),
                None => {
                    let name = plain(column);
                    fields.get(&name).cloned().or_else(|| alias(&name).map(SmolStr::new_static))
                }
            };
            let typed = field.and_then(|field| card.field_type(&field).map(|ty| (field, ty)));
            match typed {
                Some((field, _)) if columns.iter().flatten().any(|(other, _)| *other == field) => {
                    return Err(ColumnsError::Twice(field));
                }
                // Written by `wf` itself, when contacts are exported.
                Some((field, _)) if is_read_only(&field) && field != Identifier::Id.word() => {
                    left_out.push(column.trim().to_owned());
                    columns.push(None);
                }
                Some(typed) => columns.push(Some(typed)),
                None => unknown.push(column.clone()),
            }
        }
        if !unknown.is_empty() {
            return Err(ColumnsError::Unknown(unknown));
        }
        let identifies = |name: &SmolStr| Identifier::ALL.iter().any(|by| by.word() == name);
        if !columns.iter().flatten().any(|(name, _)| identifies(name)) {
            return Err(ColumnsError::NoIdentifier);
        }
        Ok(Mapping { names: header.to_vec(), columns, left_out, empty, country })
    }

    /// The columns that are not taken though nobody said so: of the fields that `wf` itself writes.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// The fields that a row gives.
    ///
    /// # Errors
    /// What is wrong with it, when it has more cells than the header, or fewer: a row that was cut off gives nothing.
    pub fn record(&self, cells: &[String]) -> Result<Record, String> {
        let further = cells.iter().skip(self.columns.len()).any(|cell| !cell.trim().is_empty());
        if further {
            return Err(format!("the row has {} cells and the header {}", cells.len(), self.columns.len()));
        }
        let mut missing = (1..).zip(&self.names).zip(&self.columns).skip(cells.len());
        if let Some(((column, name), _)) = missing.find(|(_, field)| field.is_some()) {
            let row = if cells.len() == 1 { "1 cell".to_owned() } else { format!("{} cells", cells.len()) };
            let header = self.names.len();
            return Err(format!(
                "the row has {row} and the header {header}: column {column}, `{}`, is missing",
                name.trim()
            ));
        }
        let mut record = Record::new();
        for (column, cell) in self.columns.iter().zip(cells) {
            let Some((name, ty)) = column else { continue };
            match self.value(cell.trim(), ty) {
                Some(value) => record.set(name.clone(), value),
                None if self.empty == Empty::Remove && name != Identifier::Id.word() => {
                    record.set(name.clone(), Value::Null);
                }
                None => {}
            }
        }
        Ok(record)
    }

    /// What a cell stands for where a value of a type is expected. What does not fit is told by the fitting that follows.
    fn value(&self, cell: &str, ty: &Type) -> Option<Value> {
        if cell.is_empty() {
            return None;
        }
        Some(match ty.required() {
            Type::Bool => match cell.to_ascii_lowercase().as_str() {
                "true" | "yes" | "y" | "1" => Value::Bool(true),
                "false" | "no" | "n" | "0" => Value::Bool(false),
                _ => Value::from(cell),
            },
            Type::Phone => match self.country.as_deref().and_then(|country| phone_in(cell, country)) {
                Some(number) => Value::String(number),
                None => Value::from(cell),
            },
            Type::Json => read(cell).unwrap_or_else(|_| Value::from(cell)),
            Type::List(_) | Type::Record(_) => read(cell).unwrap_or_else(|_| Value::from(cell)),
            Type::Union(_) => match ty.required() {
                // Members may be numbers and truth values too.
                Type::Union(members) => members
                    .iter()
                    .find(|member| crate::value::display(&Value::from(*member)) == cell)
                    .map_or_else(|| Value::from(cell), Value::from),
                _ => Value::from(cell),
            },
            _ => Value::from(cell),
        })
    }
}

/// A name without what different writers put in differently.
fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use compiler::ir::{ContactField, Literal};

    use super::*;
    use crate::value::to_json;

    fn card() -> Contact {
        let field = |ty: Type| ContactField { ty: ty.optional(), default: None, sensitive: false };
        let tier = Type::Union(vec![Literal::String("gold".to_owned()), Literal::Int(7)]);
        let fields = [
            ("vip".into(), field(Type::Bool)),
            ("tags".into(), field(Type::List(Box::new(Type::String)))),
            ("tier".into(), field(tier)),
            ("Дім".into(), field(Type::String)),
        ];
        Contact { fields: fields.into() }
    }

    fn header(names: &[&str], named: &[(&str, &str)]) -> Result<Mapping, ColumnsError> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let named = named.iter().map(|(name, field)| ((*name).to_owned(), (*field).to_owned())).collect();
        Mapping::new(&card(), &names, &named, Empty::Keep, Some("UA".to_owned()))
    }

    #[test]
    fn columns_are_found_by_any_usual_name() {
        let mapping = header(
            &["E-Mail", "Last Name", "MOBILE", "vip", "tags", "tier", "дім", "Balance", "Updated At"],
            &[("Balance", "")],
        )
        .unwrap();
        let row = ["a@b.cd", " Archer ", "067 123 45 67", "Yes", "[\"x\"]", "7", "", "12", "x"];
        let row: Vec<String> = row.iter().map(|cell| (*cell).to_owned()).collect();
        assert_eq!(mapping.left_out(), ["Updated At"]);
        let record = mapping.record(&row).unwrap();
        let expected =
            r#"{"email":"a@b.cd","last_name":"Archer","phone":"+380671234567","vip":true,"tags":["x"],"tier":7}"#;
        assert_eq!(to_json(&Value::Record(record.into())), expected);
        // Empty cells at the end are nothing, one more is one too many, and so is one fewer.
        let more = |cell: &str| [row.clone(), vec![cell.to_owned()]].concat();
        let short = |cells: usize| mapping.record(&row[..cells]).unwrap_err();
        assert_eq!(short(1), "the row has 1 cell and the header 9: column 2, `Last Name`, is missing");
        assert_eq!(short(6), "the row has 6 cells and the header 9: column 7, `дім`, is missing");
        assert!(mapping.record(&row[..7]).is_ok(), "columns that are left out may be missing");
        assert!(mapping.record(&more("")).is_ok());
        assert_eq!(mapping.record(&more("x")).unwrap_err(), "the row has 10 cells and the header 9");
    }

    #[test]
    fn a_header_that_is_not_understood_is_refused() {
        let refused = |names: &[&str], named: &[(&str, &str)]| header(names, named).unwrap_err().to_string();
        assert_eq!(refused(&["email", "shoe", "size"], &[]), "no field is meant by the columns `shoe`, `size`");
        assert_eq!(refused(&["email", "mail"], &[]), "two columns are the field `email`");
        assert_eq!(refused(&["email"], &[("mail", "email")]), "the file has no column `mail`");
        assert_eq!(refused(&["email", "x"], &[("x", "nothing")]), "no field is meant by the column `x`");
        assert_eq!(refused(&["town"], &[]), "no column is one of `id`, `external_id`, `phone`, `email`");
    }
}
