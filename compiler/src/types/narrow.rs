//! What a condition tells of the values it asks for.
//!
//! In `if contact.town is set { … }` the town is there. Facts are kept by path: the reference as an author writes it.

use std::collections::BTreeSet;
use std::fmt::Write;

use smol_str::SmolStr;

use crate::ir::{Access, BinaryOperator, Expression, Literal, Root};
use crate::names::push_step;

/// Which values are there, as a condition tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The paths of values that are there if the condition holds.
    pub when_true: BTreeSet<SmolStr>,
    /// The paths of values that are there if it does not.
    pub when_false: BTreeSet<SmolStr>,
}

impl Facts {
    fn when_true(expression: &Expression) -> Facts {
        Facts { when_true: paths(expression), when_false: BTreeSet::new() }
    }

    fn negated(self) -> Facts {
        Facts { when_true: self.when_false, when_false: self.when_true }
    }
}

/// What the condition tells when it holds, and when it does not.
pub fn facts(condition: &Expression) -> Facts {
    match condition {
        Expression::IsSet(value) => Facts::when_true(value),
        Expression::Not(inner) => facts(inner).negated(),
        Expression::Binary { operator: BinaryOperator::And, left, right } => {
            let (left, right) = (facts(left), facts(right));
            Facts {
                when_true: left.when_true.into_iter().chain(right.when_true).collect(),
                when_false: left.when_false.intersection(&right.when_false).cloned().collect(),
            }
        }
        Expression::Binary { operator: BinaryOperator::Or, left, right } => {
            let (left, right) = (facts(left), facts(right));
            Facts {
                when_true: left.when_true.intersection(&right.when_true).cloned().collect(),
                when_false: left.when_false.into_iter().chain(right.when_false).collect(),
            }
        }
        Expression::Binary { operator: BinaryOperator::Equal, left, right } => match (&**left, &**right) {
            (value, Expression::Literal(Literal::Null)) | (Expression::Literal(Literal::Null), value) => {
                Facts::when_true(value).negated()
            }
            (value, Expression::Literal(_)) | (Expression::Literal(_), value) => Facts::when_true(value),
            _ => Facts::default(),
        },
        Expression::Binary { operator: BinaryOperator::NotEqual, left, right } => match (&**left, &**right) {
            (value, Expression::Literal(Literal::Null)) | (Expression::Literal(Literal::Null), value) => {
                Facts::when_true(value)
            }
            (value, Expression::Literal(_)) | (Expression::Literal(_), value) => Facts::when_true(value).negated(),
            _ => Facts::default(),
        },
        // Nothing is in no list, unless the list says so.
        Expression::Binary { operator: BinaryOperator::In, left, right } => match &**right {
            Expression::List(items)
                if items
                    .iter()
                    .all(|item| matches!(item, Expression::Literal(literal) if *literal != Literal::Null)) =>
            {
                Facts::when_true(left)
            }
            _ => Facts::default(),
        },
        _ => Facts::default(),
    }
}

/// The path of a reference and those of the values that it goes through: where a field is, its record is as well.
fn paths(expression: &Expression) -> BTreeSet<SmolStr> {
    let Expression::Reference { root, path } = expression else { return BTreeSet::new() };
    (0..=path.len()).filter_map(|length| key(root, path.get(..length)?)).collect()
}

/// A reference as an author writes it; nothing for what is no reference, and for one that holds a computed index.
pub fn path_key(expression: &Expression) -> Option<SmolStr> {
    let Expression::Reference { root, path } = expression else { return None };
    key(root, path)
}

/// The path of a result.
pub fn result_path(name: &str) -> SmolStr {
    let mut text = String::from("data");
    push_step(&mut text, name);
    text.into()
}

fn key(root: &Root, path: &[Access]) -> Option<SmolStr> {
    let mut text = String::new();
    match root {
        Root::Event => text.push_str("event"),
        Root::Contact => text.push_str("contact"),
        Root::Message => text.push_str("message"),
        Root::Alias(name) => text.push_str(name),
        Root::Data(name) => {
            text.push_str("data");
            push_step(&mut text, name);
        }
    }
    for access in path {
        match access {
            Access::Field(name) => push_step(&mut text, name),
            Access::Index(index) => match &**index {
                Expression::Literal(literal) => write!(text, "[{literal}]").ok()?,
                _ => return None,
            },
        }
    }
    Some(text.into())
}
