//! What the grammar's rules do: they build the tree.
//!
//! The rules are one call long, so that the generated parser stays small; what a call does stands here, by topic. The
//! functions that need nothing but their parts are free, those that may have something to report are the reader's.

mod declaration;
mod expression;
mod literal;
mod recovery;
mod rehearsal;
mod step;
mod text;

pub(crate) use declaration::{Line, connector, contact, event, fields_of, message, segment, test, workflow};
pub(crate) use expression::entry;
pub(crate) use literal::text_literal;
pub(crate) use step::{AnswerPart, IfRest, expected_parts, if_step, match_step, split_step, wait_for};
pub(crate) use text::is_hidden;

use super::ast::{DeclarationKind, Expr};
use crate::source::Spanned;

/// What a parse comes to: which of the two was asked for is decided by the first token.
pub(crate) enum Start {
    /// A declaration of a file.
    Declaration(Box<DeclarationKind>),
    /// The expression of an interpolation.
    Expression(Deep<Expr>),
}

/// A node and how many nodes it is deep.
///
/// Brackets are counted before parsing, but `a + a + …` nests as well, without any. The depth travels with the node while
/// its parents are built, so that nothing deeper than [`super::MAX_DEPTH`] is ever made.
pub(crate) struct Deep<T> {
    pub(crate) node: T,
    pub(crate) depth: usize,
    /// A comparison without brackets around it: another one must not follow.
    pub(crate) comparison: bool,
}

impl<T> Deep<T> {
    pub(crate) fn new(node: T, depth: usize) -> Deep<T> {
        Deep { node, depth, comparison: false }
    }

    pub(crate) fn leaf(node: T) -> Deep<T> {
        Deep::new(node, 1)
    }

    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Deep<U> {
        Deep::new(change(self.node), self.depth)
    }

    pub(crate) fn inner(self) -> T {
        self.node
    }
}

impl<T> Deep<Vec<T>> {
    pub(crate) fn push(mut self, value: Deep<T>) -> Deep<Vec<T>> {
        self.node.push(value.node);
        self.depth = self.depth.max(value.depth);
        self
    }
}

/// Adds to a list.
pub(crate) fn push<T>(mut list: Vec<T>, item: T) -> Vec<T> {
    list.push(item);
    list
}

/// Takes a node out of the box in which the parser moves it.
#[expect(clippy::boxed_local, reason = "it is a box that the rules give")]
pub(crate) fn unbox<T>(node: Box<T>) -> T {
    *node
}

/// Takes the nodes of a list out of their boxes.
pub(crate) fn unboxed<T>(nodes: Vec<Spanned<Box<T>>>) -> Vec<Spanned<T>> {
    nodes.into_iter().map(|node| node.map(unbox)).collect()
}

/// The items that could be read, and whether there were others.
fn readable<T>(items: Vec<Option<T>>) -> (Vec<T>, bool) {
    readable_as(items, |item| item)
}

/// As [`readable`], with the items taken out of their boxes.
fn readable_unboxed<T>(items: Vec<Option<Box<T>>>) -> (Vec<T>, bool) {
    readable_as(items, unbox)
}

fn readable_as<T, U>(items: Vec<Option<T>>, change: impl Fn(T) -> U) -> (Vec<U>, bool) {
    let written = items.len();
    // A list that is made of another one in its place would keep that one's room for as long as the tree is there.
    let mut readable = Vec::with_capacity(written);
    readable.extend(items.into_iter().flatten().map(change));
    let broken = readable.len() < written;
    (readable, broken)
}

/// Keeps the first of two writings; the second one is handed back for the report.
fn keep_first<T>(slot: &mut Option<Spanned<T>>, found: Spanned<T>) -> Option<Repeated> {
    match slot {
        Some(first) => Some(Repeated { first: first.span, second: found.span }),
        None => {
            *slot = Some(found);
            None
        }
    }
}

/// A line that is there twice.
pub(crate) struct Repeated {
    first: crate::source::Span,
    second: crate::source::Span,
}
