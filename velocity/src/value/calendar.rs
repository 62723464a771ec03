//! Moments in a time zone that a template can move.

use std::cell::RefCell;
use std::rc::Rc;

/// Java's `Calendar`: a moment in a zone, with reference semantics.
#[derive(Clone)]
pub struct Calendar(Rc<RefCell<jiff::Zoned>>);

impl Calendar {
    /// A calendar that stands at `moment`.
    #[must_use]
    pub fn new(moment: jiff::Zoned) -> Calendar {
        Calendar(Rc::new(RefCell::new(moment)))
    }

    /// Where it stands.
    #[must_use]
    pub fn moment(&self) -> jiff::Zoned {
        self.0.borrow().clone()
    }

    /// Moves it.
    pub fn set(&self, moment: jiff::Zoned) {
        *self.0.borrow_mut() = moment;
    }

    pub(crate) fn same(&self, other: &Calendar) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}
