//! An expression as an author writes it: for errors, for the history of a run and for reviewers.

use std::fmt;

use super::{Access, BinaryOperator, Expression, Part, Root};

/// Writes an expression as an author would.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a>(pub &'a Expression);

impl fmt::Display for Written<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Expression::Literal(literal) => write!(out, "{literal}"),
            Expression::Reference { root, path } => reference(root, path, out),
            Expression::Text(parts) => WrittenText(parts).fmt(out),
            Expression::List(items) => {
                out.write_str("[")?;
                for (position, item) in items.iter().enumerate() {
                    let comma = if position == 0 { "" } else { ", " };
                    write!(out, "{comma}{}", Written(item))?;
                }
                out.write_str("]")
            }
            Expression::Record(fields) => {
                out.write_str("{ ")?;
                for (position, (name, value)) in fields.iter().enumerate() {
                    let comma = if position == 0 { "" } else { ", " };
                    write!(out, "{comma}{name}: {}", Written(value))?;
                }
                out.write_str(" }")
            }
            Expression::Not(operand) => match &**operand {
                Expression::IsSet(tested) => write!(out, "{} is not set", Operand(tested, 5)),
                operand => write!(out, "not {}", Operand(operand, 4)),
            },
            Expression::Negate(operand) => write!(out, "-{}", Operand(operand, 8)),
            Expression::IsSet(operand) => write!(out, "{} is set", Operand(operand, 5)),
            Expression::InSegment(segment) => write!(out, "contact in {segment}"),
            Expression::Binary { operator, left, right } => {
                let (sign, strength) = sign(*operator);
                // Operators of one strength are read from the left; comparisons do not chain.
                let left_strength = if strength == 4 { 5 } else { strength };
                write!(out, "{} {sign} {}", Operand(left, left_strength), Operand(right, strength + 1))
            }
        }
    }
}

/// An operand, in brackets when it binds less than its place needs.
struct Operand<'a>(&'a Expression, u8);

impl fmt::Display for Operand<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let strength = match self.0 {
            Expression::Binary { operator, .. } => sign(*operator).1,
            Expression::Not(_) => 3,
            Expression::IsSet(_) | Expression::InSegment(_) => 4,
            _ => u8::MAX,
        };
        if strength < self.1 { write!(out, "({})", Written(self.0)) } else { write!(out, "{}", Written(self.0)) }
    }
}

/// How an operator is written, and how strongly it binds.
fn sign(operator: BinaryOperator) -> (&'static str, u8) {
    match operator {
        BinaryOperator::Or => ("or", 1),
        BinaryOperator::And => ("and", 2),
        BinaryOperator::Equal => ("==", 4),
        BinaryOperator::NotEqual => ("!=", 4),
        BinaryOperator::Less => ("<", 4),
        BinaryOperator::LessOrEqual => ("<=", 4),
        BinaryOperator::Greater => (">", 4),
        BinaryOperator::GreaterOrEqual => (">=", 4),
        BinaryOperator::In => ("in", 4),
        BinaryOperator::Contains => ("contains", 4),
        BinaryOperator::Add => ("+", 5),
        BinaryOperator::Subtract => ("-", 5),
        BinaryOperator::Multiply => ("*", 6),
        BinaryOperator::Divide => ("/", 6),
        BinaryOperator::Default => ("??", 7),
    }
}

fn reference(root: &Root, path: &[Access], out: &mut fmt::Formatter<'_>) -> fmt::Result {
    match root {
        Root::Event => out.write_str("event")?,
        Root::Contact => out.write_str("contact")?,
        Root::Message => out.write_str("message")?,
        Root::Alias(name) => out.write_str(name)?,
        Root::Data(name) if is_plain(name) => write!(out, "data.{name}")?,
        Root::Data(name) => write!(out, "data[{name:?}]")?,
    }
    for access in path {
        match access {
            Access::Field(name) if is_plain(name) => write!(out, ".{name}")?,
            Access::Field(name) => write!(out, "[{name:?}]")?,
            Access::Index(index) => write!(out, "[{}]", Written(index))?,
        }
    }
    Ok(())
}

/// Writes a text with values in it as an author would, in quotes.
#[derive(Clone, Copy, Debug)]
pub struct WrittenText<'a>(pub &'a [Part]);

impl fmt::Display for WrittenText<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("\"")?;
        for part in self.0 {
            match part {
                Part::Literal(literal) => write!(out, "{}", literal.escape_debug())?,
                Part::Value { value, .. } => write!(out, "${{{}}}", Written(value))?,
            }
        }
        out.write_str("\"")
    }
}

fn is_plain(name: &str) -> bool {
    let head = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    head && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
}
