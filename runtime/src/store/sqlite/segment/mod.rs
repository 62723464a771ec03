//! Segments as SQL: which contacts certainly belong to one, and which may.
//!
//! A condition becomes two conditions of SQL. Whoever meets the narrow one belongs to the segment, whoever misses the wide one
//! does not, and for the few in between the machine decides. What SQL cannot tell as the machine would (arithmetic, a value
//! that stands there from before its field had its type) is false in the narrow and true in the wide one; so both agree with
//! the machine whatever is kept, and mostly they are the same.
//!
//! As in the machine a condition is true or false and never unknown: nothing is equal to nothing else, is no smaller and no
//! larger. `not` is moved inwards, so that each comparison says itself what it is for a contact that has no value. What may
//! fail makes the whole segment false from there on; so what stands to the right of it behind `or` is not certain.

mod atom;
mod index;

use std::collections::BTreeSet;

use compiler::ir::{Access, BinaryOperator, Contact, Expression, Literal, Program, Root};
use smol_str::SmolStr;

pub(super) use self::index::{Index, keep};

use self::atom::Operand;
use crate::machine::LoadedProgram;

/// Segments may name segments so deep; the machine's limit is the same.
const DEPTH: u32 = 32;

/// A longer condition is left to the machine, in bytes of SQL.
const LONGEST: usize = 200_000;

/// The two conditions of a segment, over the columns of a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Conditions {
    /// Who meets it belongs to the segment.
    pub(super) narrow: String,
    /// Who misses it does not.
    pub(super) wide: String,
}

impl Conditions {
    /// Whether the machine need not be asked.
    pub(super) fn is_exact(&self) -> bool {
        self.narrow == self.wide
    }
}

/// The conditions of a segment; `None` when there is none of that name.
pub(super) fn conditions(program: &LoadedProgram, segment: &str) -> Option<Conditions> {
    let condition = &program.ir.segments.get(segment)?.condition;
    let compile = |unknown| Compiling { program: &program.ir, unknown }.condition(condition, false, 0).sql;
    let (narrow, wide) = (compile("false"), compile("true"));
    if narrow.len().max(wide.len()) > LONGEST {
        return Some(Conditions { narrow: "false".to_owned(), wide: "true".to_owned() });
    }
    Some(Conditions { narrow, wide })
}

/// A condition of SQL that is true or false.
struct Piece {
    sql: String,
    /// Whether the machine never fails at it.
    sure: bool,
}

impl Piece {
    fn sure(sql: impl Into<String>) -> Piece {
        Piece { sql: sql.into(), sure: true }
    }
}

struct Compiling<'a> {
    program: &'a Program,
    /// What stands for what SQL cannot tell.
    unknown: &'static str,
}

impl Compiling<'_> {
    fn condition(&self, expression: &Expression, negated: bool, depth: u32) -> Piece {
        match expression {
            Expression::Literal(Literal::Bool(value)) => Piece::sure((*value != negated).to_string()),
            Expression::Literal(Literal::Null) => Piece::sure(negated.to_string()),
            Expression::Not(operand) => self.condition(operand, !negated, depth),
            Expression::Binary { operator: operator @ (BinaryOperator::And | BinaryOperator::Or), left, right } => {
                let left = self.condition(left, negated, depth);
                let right = self.condition(right, negated, depth);
                self.join((*operator == BinaryOperator::Or) != negated, left, right)
            }
            Expression::InSegment(name) => match self.program.segments.get(name).filter(|_| depth < DEPTH) {
                Some(segment) => self.condition(&segment.condition, negated, depth + 1),
                None => self.may_fail(),
            },
            Expression::IsSet(operand) => match self.operand(operand) {
                Some(operand) => Piece::sure(operand.is_set(negated, self.unknown)),
                None => self.may_fail(),
            },
            Expression::Binary { operator, left, right } => {
                self.compare(*operator, left, right, negated).unwrap_or_else(|| self.may_fail())
            }
            Expression::Reference { .. } => {
                let truth = self.operand(expression).and_then(|operand| operand.is_true(negated, self.unknown));
                truth.map_or_else(|| self.may_fail(), Piece::sure)
            }
            Expression::Literal(_)
            | Expression::Text(_)
            | Expression::List(_)
            | Expression::Record(_)
            | Expression::Negate(_) => self.may_fail(),
        }
    }

    /// The fields that the condition reads.
    fn fields(&self, expression: &Expression, depth: u32, found: &mut BTreeSet<SmolStr>) {
        if let Some(operand) = self.operand(expression) {
            found.insert(operand.name().clone());
            return;
        }
        match expression {
            Expression::Not(operand) | Expression::IsSet(operand) => self.fields(operand, depth, found),
            Expression::Binary { left, right, .. } => {
                self.fields(left, depth, found);
                self.fields(right, depth, found);
            }
            Expression::InSegment(name) if depth < DEPTH => {
                if let Some(segment) = self.program.segments.get(name) {
                    self.fields(&segment.condition, depth + 1, found);
                }
            }
            _ => {}
        }
    }

    fn may_fail(&self) -> Piece {
        Piece { sql: self.unknown.to_owned(), sure: false }
    }

    fn join(&self, or: bool, left: Piece, right: Piece) -> Piece {
        let sure = left.sure && right.sure;
        let sql = match (or, left.sql.as_str(), right.sql.as_str()) {
            // Where the left side fails, the machine does not look at the right one.
            (true, _, _) if !left.sure && self.unknown == "false" => left.sql,
            (true, "true", _) | (true, _, "true") => "true".to_owned(),
            (false, "false", _) | (false, _, "false") => "false".to_owned(),
            (true, "false", _) | (false, "true", _) => right.sql,
            (true, _, "false") | (false, _, "true") => left.sql,
            (true, left, right) => format!("({left} OR {right})"),
            (false, left, right) => format!("({left} AND {right})"),
        };
        Piece { sql, sure }
    }

    fn compare(&self, operator: BinaryOperator, left: &Expression, right: &Expression, negated: bool) -> Option<Piece> {
        let (left, right) = (or_empty(left), or_empty(right));
        let (operand, operator, literals) = match operator {
            BinaryOperator::In => match (left, self.operand(left)) {
                (_, Some(operand)) => (operand, BinaryOperator::Equal, list(right)?),
                // In a list of the contact.
                (Expression::Literal(literal), None) => {
                    (self.operand(right)?.list()?, BinaryOperator::Contains, vec![literal])
                }
                _ => return None,
            },
            BinaryOperator::Equal | BinaryOperator::NotEqual | BinaryOperator::Contains => {
                let flips = operator != BinaryOperator::Contains;
                match (self.operand(left), right, left) {
                    (Some(operand), Expression::Literal(literal), _) => (operand, operator, vec![literal]),
                    (None, _, Expression::Literal(literal)) if flips => (self.operand(right)?, operator, vec![literal]),
                    _ => return None,
                }
            }
            ordering => match (left, right) {
                (Expression::Literal(literal), right) => (self.operand(right)?, flip(ordering)?, vec![literal]),
                (left, Expression::Literal(literal)) => (self.operand(left)?, ordering, vec![literal]),
                _ => return None,
            },
        };
        let (operator, negated) = match operator {
            BinaryOperator::NotEqual => (BinaryOperator::Equal, !negated),
            other => (other, negated),
        };
        operand.compare(operator, &literals, negated, self.unknown).map(Piece::sure)
    }

    /// A field of the contact, with what stands for it where it has no value.
    fn operand(&self, expression: &Expression) -> Option<Operand> {
        match expression {
            Expression::Reference { root: Root::Contact, path } => match path.as_slice() {
                [Access::Field(name)] => field(&self.program.contact, name),
                _ => None,
            },
            Expression::Binary { operator: BinaryOperator::Default, left, right } => match &**right {
                Expression::Literal(fallback) => Some(self.operand(left)?.or(fallback)),
                _ => None,
            },
            _ => None,
        }
    }
}

fn field(card: &Contact, name: &SmolStr) -> Option<Operand> {
    // A name with other letters cannot stand in a path of JSON as it is.
    if !name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
        return None;
    }
    let default = card.fields.get(name).and_then(|field| field.default.clone());
    let declared = compiler::ir::contact::standard_field(name).is_none();
    Some(Operand::new(name.clone(), card.field_type(name)?, declared, default))
}

/// An empty list has no more items than nothing has.
fn or_empty(expression: &Expression) -> &Expression {
    match expression {
        Expression::Binary { operator: BinaryOperator::Default, left, right } if matches!(&**right, Expression::List(items) if items.is_empty()) => {
            left
        }
        other => other,
    }
}

fn list(expression: &Expression) -> Option<Vec<&Literal>> {
    let Expression::List(items) = expression else { return None };
    items
        .iter()
        .map(|item| match item {
            Expression::Literal(literal) => Some(literal),
            _ => None,
        })
        .collect()
}

fn flip(operator: BinaryOperator) -> Option<BinaryOperator> {
    Some(match operator {
        BinaryOperator::Less => BinaryOperator::Greater,
        BinaryOperator::LessOrEqual => BinaryOperator::GreaterOrEqual,
        BinaryOperator::Greater => BinaryOperator::Less,
        BinaryOperator::GreaterOrEqual => BinaryOperator::LessOrEqual,
        _ => return None,
    })
}
