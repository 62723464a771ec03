//! An expression as an author writes it: for errors, for the history of a run and for reviewers.

use std::fmt;

use super::{Access, BinaryOperator, Expression, Part, Root};

/// Writes an expression as an author would.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a>(pub &'a Expression);

impl fmt::Display for Written<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        Pen { out, written: 0, note: &mut |_, _| {} }.expression(self.0)
    }
}

/// An expression as an author writes it, and the byte in it that each of its parts is known by: a reference by its first
/// one, an operation by its operator's. They come in the order of these bytes, but for what is joined to a value, such as `is set`.
pub fn written_in_parts(expression: &Expression) -> (String, Vec<(usize, &Expression)>) {
    let (mut text, mut parts) = (String::new(), Vec::new());
    let mut note = |at, part| parts.push((at, part));
    // Writing to a `String` does not fail.
    let _ = Pen { out: &mut text, written: 0, note: &mut note }.expression(expression);
    (text, parts)
}

/// Writes expressions, and tells where the parts stand.
struct Pen<'p, 'a> {
    out: &'p mut dyn fmt::Write,
    /// So many bytes were written.
    written: usize,
    note: &'p mut dyn FnMut(usize, &'a Expression),
}

impl<'a> Pen<'_, 'a> {
    fn text(&mut self, text: &str) -> fmt::Result {
        self.written += text.len();
        self.out.write_str(text)
    }

    fn expression(&mut self, expression: &'a Expression) -> fmt::Result {
        let note = |pen: &mut Self, at| (pen.note)(at, expression);
        match expression {
            Expression::Literal(literal) => {
                note(self, self.written);
                self.text(&literal.to_string())
            }
            Expression::Reference { root, path } => {
                note(self, self.written);
                self.reference(root, path)
            }
            Expression::Text(parts) => {
                note(self, self.written);
                self.pieces(parts)
            }
            Expression::List(items) => {
                note(self, self.written);
                self.text("[")?;
                for (position, item) in items.iter().enumerate() {
                    self.text(if position == 0 { "" } else { ", " })?;
                    self.expression(item)?;
                }
                self.text("]")
            }
            Expression::Record(fields) => {
                note(self, self.written);
                self.text("{ ")?;
                for (position, (name, value)) in fields.iter().enumerate() {
                    self.text(if position == 0 { "" } else { ", " })?;
                    self.text(name)?;
                    self.text(": ")?;
                    self.expression(value)?;
                }
                self.text(" }")
            }
            Expression::Not(operand) => match &**operand {
                Expression::IsSet(tested) => {
                    self.operand(tested, 5)?;
                    note(self, self.written + 1);
                    self.text(" is not set")
                }
                operand => {
                    note(self, self.written);
                    self.text("not ")?;
                    self.operand(operand, 4)
                }
            },
            Expression::Negate(operand) => {
                note(self, self.written);
                self.text("-")?;
                self.operand(operand, 8)
            }
            Expression::IsSet(operand) => {
                self.operand(operand, 5)?;
                note(self, self.written + 1);
                self.text(" is set")
            }
            Expression::InSegment(segment) => {
                note(self, self.written);
                self.text("contact in ")?;
                self.text(segment)
            }
            Expression::Binary { operator, left, right } => {
                let (sign, strength) = sign(*operator);
                // Operators of one strength are read from the left; comparisons do not chain.
                let left_strength = if strength == 4 { 5 } else { strength };
                self.operand(left, left_strength)?;
                self.text(" ")?;
                note(self, self.written);
                self.text(sign)?;
                self.text(" ")?;
                self.operand(right, strength + 1)
            }
        }
    }

    /// An operand, in brackets when it binds less than its place needs.
    fn operand(&mut self, operand: &'a Expression, needed: u8) -> fmt::Result {
        let strength = match operand {
            Expression::Binary { operator, .. } => sign(*operator).1,
            Expression::Not(_) => 3,
            Expression::IsSet(_) | Expression::InSegment(_) => 4,
            _ => u8::MAX,
        };
        if strength >= needed {
            return self.expression(operand);
        }
        self.text("(")?;
        self.expression(operand)?;
        self.text(")")
    }

    fn reference(&mut self, root: &'a Root, path: &'a [Access]) -> fmt::Result {
        match root {
            Root::Event => self.text("event")?,
            Root::Contact => self.text("contact")?,
            Root::Message => self.text("message")?,
            Root::Alias(name) => self.text(name)?,
            Root::Data(name) if is_plain(name) => self.text(&format!("data.{name}"))?,
            Root::Data(name) => self.text(&format!("data[{name:?}]"))?,
        }
        for access in path {
            match access {
                Access::Field(name) if is_plain(name) => self.text(&format!(".{name}"))?,
                Access::Field(name) => self.text(&format!("[{name:?}]"))?,
                Access::Index(index) => {
                    self.text("[")?;
                    self.expression(index)?;
                    self.text("]")?;
                }
            }
        }
        Ok(())
    }

    fn pieces(&mut self, parts: &'a [Part]) -> fmt::Result {
        self.text("\"")?;
        for part in parts {
            match part {
                Part::Literal(literal) => self.text(&escaped(literal))?,
                Part::Value { value, .. } => {
                    self.text("${")?;
                    self.expression(value)?;
                    self.text("}")?;
                }
            }
        }
        self.text("\"")
    }
}

/// A text between quotes, with the escapes that it needs there and no others.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '$' if letters.peek() == Some(&'{') => out.push_str("\\$"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if letter.is_control() => out.extend(letter.escape_unicode()),
            letter => out.push(letter),
        }
    }
    out
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

/// Writes a text with values in it as an author would, in quotes.
#[derive(Clone, Copy, Debug)]
pub struct WrittenText<'a>(pub &'a [Part]);

impl fmt::Display for WrittenText<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        Pen { out, written: 0, note: &mut |_, _| {} }.pieces(self.0)
    }
}

fn is_plain(name: &str) -> bool {
    let head = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    head && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
}
