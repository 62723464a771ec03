//! Programs out of nothing, for laws that hold for all of them.
//!
//! [`maker`] turns bytes into trees, [`written`] turns trees into text: `proptest` gives the bytes and makes them fewer when
//! a law breaks. A tree may be changed between the two, which is how one learns what a single change leads to.

pub(crate) mod maker;
pub(crate) mod written;
