//! Contacts whose values do not fit a field's type any more, after the type has changed.

use compiler::ir::Contact;
use serde::Serialize;
use smol_str::SmolStr;

use crate::store::{ContactQuery, Store, StoreError};
use crate::value::{Value, fit, read};

/// So many contacts are looked at in one go.
const AT_ONCE: usize = 500;

/// So many contacts are named.
const NAMED: usize = 5;

/// A field that some contacts have values of that do not fit its type. The values are kept, and count as nothing until they
/// fit again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unfit {
    /// The field.
    pub field: SmolStr,
    /// How many contacts.
    pub contacts: u64,
    /// The numbers of some of them.
    pub examples: Vec<i64>,
}

/// The additional fields of a card that are new, or of another type than before.
pub(super) fn changed_fields(before: &Contact, after: &Contact) -> Vec<SmolStr> {
    let same = |name: &SmolStr| before.fields.get(name).map(|field| &field.ty);
    let changed = after.fields.iter().filter(|(name, field)| same(name) != Some(&field.ty));
    changed.map(|(name, _)| name.clone()).collect()
}

/// Of these fields, those that contacts have values of that do not fit.
///
/// # Errors
/// When the store fails.
pub(super) async fn unfit(store: &dyn Store, card: &Contact, fields: &[SmolStr]) -> Result<Vec<Unfit>, StoreError> {
    let nothing = |field: &SmolStr| Unfit { field: field.clone(), contacts: 0, examples: vec![] };
    let mut found: Vec<Unfit> = fields.iter().map(nothing).collect();
    let mut cursor = None;
    loop {
        let page = store.contacts(ContactQuery { text: None, segment: None, cursor, limit: AT_ONCE }).await?;
        for contact in &page.items {
            let kept = read(&contact.fields).unwrap_or_default();
            for unfit in &mut found {
                let value = kept.field(&unfit.field).cloned().unwrap_or_default();
                let ty = card.field_type(&unfit.field).filter(|_| value != Value::Null);
                if ty.is_some_and(|ty| fit(value, &ty).is_err()) {
                    unfit.contacts += 1;
                    if unfit.examples.len() < NAMED {
                        unfit.examples.push(contact.id);
                    }
                }
            }
        }
        cursor = page.next;
        if cursor.is_none() {
            found.retain(|unfit| unfit.contacts > 0);
            return Ok(found);
        }
        tokio::task::yield_now().await;
    }
}
