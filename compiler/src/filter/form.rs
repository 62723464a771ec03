//! A condition as what it asks of which values.

use rust_decimal::Decimal;

use super::{Scope, terms};
use crate::ir::{BinaryOperator, Expression, Literal, Written};

/// What a condition asks.
#[derive(Debug)]
pub(super) enum Form {
    Known(bool),
    /// A value is there.
    Set(usize),
    /// A value compared with one that is written, both by their numbers.
    Compare(usize, BinaryOperator, usize),
    Not(Box<Form>),
    Both(Box<(Form, Form)>),
    Either(Box<(Form, Form)>),
    /// Nothing is known where one of some terms, by their numbers, cannot be computed.
    Computed(Vec<usize>, Box<Form>),
}

/// A written value; those of one kind have an order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Number(Decimal),
    Truth(bool),
    Text(String),
    Date(jiff::civil::Date),
    Instant(jiff::Timestamp),
    Local(jiff::civil::DateTime),
    Time(jiff::civil::Time),
    Length(u64),
}

/// A value that conditions ask about.
#[derive(Debug)]
pub(super) struct Value {
    pub(super) expression: Expression,
    /// What it is compared with.
    pub(super) keys: Vec<Key>,
    /// Whether it is asked if it is larger or smaller.
    pub(super) ordered: bool,
    /// Whether it is asked if it is there.
    pub(super) may_be_nothing: bool,
}

/// All values that conditions ask about.
#[derive(Debug)]
pub(super) struct Values<'a> {
    scope: &'a Scope<'a>,
    pub(super) asked: Vec<Value>,
    /// What is computed, and may fail.
    pub(super) terms: Vec<Expression>,
}

impl<'a> Values<'a> {
    pub(super) const fn new(scope: &'a Scope<'a>) -> Values<'a> {
        Values { scope, asked: Vec::new(), terms: Vec::new() }
    }

    /// What a condition asks.
    pub(super) fn form(&mut self, condition: &Expression) -> Form {
        use BinaryOperator::{And, Equal, Greater, GreaterOrEqual, In, Less, LessOrEqual, NotEqual, Or};
        match condition {
            Expression::Literal(Literal::Bool(value)) => Form::Known(*value),
            Expression::Not(inner) => Form::Not(Box::new(self.form(inner))),
            Expression::IsSet(inner) => self.set(inner),
            Expression::Binary { operator: And, left, right } => {
                Form::Both(Box::new((self.form(left), self.form(right))))
            }
            Expression::Binary { operator: Or, left, right } => {
                Form::Either(Box::new((self.form(left), self.form(right))))
            }
            Expression::Binary {
                operator: operator @ (Equal | NotEqual | Less | LessOrEqual | Greater | GreaterOrEqual),
                left,
                right,
            } => self.comparison(*operator, left, right),
            Expression::Binary { operator: In, left, right } if matches!(**right, Expression::List(_)) => {
                let Expression::List(items) = &**right else { return self.truth(condition) };
                let asked = items.iter().map(|item| self.comparison(Equal, left, item));
                let joined = asked.reduce(|one, other| Form::Either(Box::new((one, other))));
                joined.unwrap_or(Form::Known(false))
            }
            other => self.truth(other),
        }
    }

    /// A value that is itself true or false.
    fn truth(&mut self, value: &Expression) -> Form {
        self.asked(value, BinaryOperator::Equal, Key::Truth(true))
    }

    /// A value that is compared with a written one. Where a written one stands in for it, what that comes to is known.
    fn asked(&mut self, value: &Expression, operator: BinaryOperator, key: Key) -> Form {
        if let Expression::Binary { operator: BinaryOperator::Default, left, right } = value
            && let Some(default) = self::key(right)
            && !terms::computes(self.scope, left)
        {
            let asked = self.asked(left, operator, key.clone());
            return match compares(&default, operator, &key) {
                Some(true) => Form::Either(Box::new((Form::Not(Box::new(self.set(left))), asked))),
                Some(false) => asked,
                None => self.compare(value, operator, key),
            };
        }
        let form = self.compare(value, operator, key);
        self.computed(&[value], form)
    }

    fn set(&mut self, value: &Expression) -> Form {
        let place = self.place(value);
        if let Some(value) = self.asked.get_mut(place) {
            value.may_be_nothing = true;
        }
        self.computed(&[value], Form::Set(place))
    }

    /// What is asked of some values, which may have to be computed for it.
    fn computed(&mut self, values: &[&Expression], form: Form) -> Form {
        let mut computed = Vec::new();
        values.iter().for_each(|value| terms::of(self.scope, value, &mut computed));
        if computed.is_empty() {
            return form;
        }
        let numbers = computed.into_iter().map(|term| {
            let known = self.terms.iter().position(|known| known == term);
            known.unwrap_or_else(|| {
                self.terms.push(term.clone());
                self.terms.len() - 1
            })
        });
        Form::Computed(numbers.collect(), Box::new(form))
    }

    fn comparison(&mut self, operator: BinaryOperator, left: &Expression, right: &Expression) -> Form {
        use BinaryOperator::{Equal, NotEqual};
        if operator == NotEqual {
            return Form::Not(Box::new(self.comparison(Equal, left, right)));
        }
        let written = |value: &Expression| matches!(value, Expression::Literal(_)) || key(value).is_some();
        match (written(left), written(right)) {
            (true, false) => self.comparison(turned(operator), right, left),
            (false, true) => match (key(right), right) {
                (Some(Key::Truth(asked)), _) if operator == Equal && is_condition(left) => {
                    let form = self.form(left);
                    if asked { form } else { Form::Not(Box::new(form)) }
                }
                (Some(key), _) => self.asked(left, operator, key),
                (None, Expression::Literal(Literal::Null)) if operator == Equal => Form::Not(Box::new(self.set(left))),
                (None, _) => self.two(operator, left, right),
            },
            _ => self.two(operator, left, right),
        }
    }

    /// Two values that are read: their difference is compared with nothing. It is not computed, and does not fail.
    fn two(&mut self, operator: BinaryOperator, left: &Expression, right: &Expression) -> Form {
        let values = [left, right];
        let (left, operator, right) = if Written(left).to_string() <= Written(right).to_string() {
            (left, operator, right)
        } else {
            (right, turned(operator), left)
        };
        let (left, right) = (Box::new(left.clone()), Box::new(right.clone()));
        let difference = Expression::Binary { operator: BinaryOperator::Subtract, left, right };
        let form = self.compare(&difference, operator, Key::Number(Decimal::ZERO));
        self.computed(&values, form)
    }

    fn compare(&mut self, value: &Expression, operator: BinaryOperator, key: Key) -> Form {
        let place = self.place(value);
        let Some(value) = self.asked.get_mut(place) else { return Form::Known(false) };
        value.ordered |= operator != BinaryOperator::Equal;
        let known = value.keys.iter().position(|known| *known == key);
        let number = known.unwrap_or(value.keys.len());
        if known.is_none() {
            value.keys.push(key);
        }
        Form::Compare(place, operator, number)
    }

    fn place(&mut self, value: &Expression) -> usize {
        if let Some(place) = self.asked.iter().position(|known| known.expression == *value) {
            return place;
        }
        let expression = value.clone();
        self.asked.push(Value { expression, keys: Vec::new(), ordered: false, may_be_nothing: false });
        self.asked.len() - 1
    }
}

/// How two written values compare; nothing if they are of two kinds.
fn compares(left: &Key, operator: BinaryOperator, right: &Key) -> Option<bool> {
    if std::mem::discriminant(left) != std::mem::discriminant(right) {
        return None;
    }
    Some(match operator {
        BinaryOperator::Less => left < right,
        BinaryOperator::LessOrEqual => left <= right,
        BinaryOperator::Greater => left > right,
        BinaryOperator::GreaterOrEqual => left >= right,
        _ => left == right,
    })
}

/// Whether something is put together from conditions, and no value that is read.
const fn is_condition(expression: &Expression) -> bool {
    use BinaryOperator::{And, Equal, Greater, GreaterOrEqual, In, Less, LessOrEqual, NotEqual, Or};
    match expression {
        Expression::Not(_) | Expression::IsSet(_) => true,
        Expression::Binary { operator, .. } => {
            matches!(operator, And | Or | Equal | NotEqual | Less | LessOrEqual | Greater | GreaterOrEqual | In)
        }
        _ => false,
    }
}

const fn turned(operator: BinaryOperator) -> BinaryOperator {
    use BinaryOperator::{Greater, GreaterOrEqual, Less, LessOrEqual};
    match operator {
        Less => Greater,
        LessOrEqual => GreaterOrEqual,
        Greater => Less,
        GreaterOrEqual => LessOrEqual,
        other => other,
    }
}

pub(super) fn key(expression: &Expression) -> Option<Key> {
    match expression {
        Expression::Negate(inner) => match key(inner)? {
            Key::Number(number) => Some(Key::Number(-number)),
            _ => None,
        },
        Expression::Literal(literal) => of(literal),
        _ => None,
    }
}

/// A written value; nothing for `null`.
pub(super) fn of(literal: &Literal) -> Option<Key> {
    match literal {
        Literal::Null => None,
        Literal::Bool(value) => Some(Key::Truth(*value)),
        Literal::Int(value) => Some(Key::Number(Decimal::from(*value))),
        Literal::Decimal(value) => Some(Key::Number(value.normalize())),
        Literal::String(value) => Some(Key::Text(value.clone())),
        Literal::Date(value) => Some(Key::Date(*value)),
        Literal::Datetime(value) => Some(Key::Instant(*value)),
        Literal::LocalDatetime(value) => Some(Key::Local(*value)),
        Literal::Time(value) => Some(Key::Time(*value)),
        Literal::Duration(value) => Some(Key::Length(value.milliseconds)),
    }
}
