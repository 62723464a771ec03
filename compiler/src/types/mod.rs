//! What values are: types, scopes and expressions.
//!
//! [`expression`] checks an expression and turns it into its compiled form in one walk. What it stands for must then be
//! asked for: [`condition`] wants a bool, [`printable`] something to write into a text, [`fit`] a value of one type.

mod environment;
mod expression;
mod fit;
mod literal;
mod narrow;
mod operator;
mod reference;
mod schema;
mod scoped;
mod ty;
mod written;

pub use environment::{Environment, EventScope, Place, ResultLookup, Stored};
pub use expression::{Typed, expression, text};
pub use fit::{Misfit, condition, fit, fits, join, present, printable, unquoted};
pub use literal::literal;
pub use narrow::{Facts, facts, path_key, result_path};
pub use operator::equal;
pub use reference::{elsewhere, mixed_up, not_common, unknown_field};
pub use schema::{Returned, Schema};
pub use scoped::{Alike, Scoped};
pub use ty::{Lookup, Member, Record, Ty};
pub use written::{fields, written};
