//! Which contact a run is about: the values that it is looked up by.

use compiler::ir::{Identifier, NotFound};
use smol_str::SmolStr;

/// How to find a contact: the ways in order, with their values in normal form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// The ways whose value is there.
    pub ways: Vec<(Identifier, SmolStr)>,
    /// What happens when none finds a contact.
    pub otherwise: NotFound,
}
