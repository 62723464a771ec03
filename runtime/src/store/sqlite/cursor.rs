//! Cursors: where the next part of a list begins, opaque to callers.
//!
//! A cursor holds the number of the last item that was given out, and numbers only grow: so what is added meanwhile neither
//! repeats nor hides anything.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::fault::Fault;
use crate::store::Page;

/// Items of a page when the caller does not say.
const USUAL: usize = 50;

/// Items of a page at most.
const MOST: usize = 500;

/// The lists. A cursor of one is refused by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Runs = b'r' as isize,
    Events = b'e' as isize,
    Contacts = b'c' as isize,
    Messages = b'm' as isize,
}

impl List {
    /// The number that a cursor of this list holds.
    pub(super) fn read(self, cursor: Option<&str>) -> Result<Option<i64>, Fault> {
        let Some(cursor) = cursor else { return Ok(None) };
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| Fault::Cursor)?;
        match bytes.split_first() {
            Some((kind, number)) if *kind == self as u8 => {
                let number = number.try_into().map_err(|_| Fault::Cursor)?;
                Ok(Some(i64::from_be_bytes(number)))
            }
            _ => Err(Fault::Cursor),
        }
    }

    /// Makes a page of what was found, where one item more than the page holds was looked for.
    pub(super) fn page<T>(self, mut items: Vec<T>, limit: usize, number: impl Fn(&T) -> i64) -> Page<T> {
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more);
        let next = last.map(|item| self.after(number(item)));
        Page { items, next }
    }

    /// The cursor behind an item of this number.
    pub(super) fn after(self, number: i64) -> String {
        let mut bytes = vec![self as u8];
        bytes.extend(number.to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

/// How many items a page holds, of what was asked for; 0 when nothing was asked.
pub(super) fn limit(asked: usize) -> usize {
    if asked == 0 { USUAL } else { asked.min(MOST) }
}
