//! Every case that two conditions can tell apart.
//!
//! Of a value that is compared with written ones, what counts is which of them it is, or between which of them it lies. So
//! both conditions are asked in each of these cases.

use rust_decimal::Decimal;

use super::form::{self, Form, Key, Value, Values};
use super::{Order, Scope};
use crate::ir::{BinaryOperator, Expression, Type};

/// Beyond so many cases none is looked at.
const MOST: usize = 4_096;

/// What a value can be, with the places of its keys in their order: key `n` at `2n + 1`, what lies between at even places.
struct Asked {
    cases: Vec<Option<usize>>,
    /// Where each key is, in the order in which they were met.
    places: Vec<usize>,
}

/// Every case that some conditions can tell apart.
pub(crate) struct Cases {
    forms: Vec<Form>,
    asked: Vec<Asked>,
    count: usize,
}

/// One of them: what each value is in it.
pub(crate) struct Case(Vec<Option<usize>>);

impl Cases {
    /// All that some conditions can tell apart; nothing if there are too many. What has no known type may be absent.
    pub(crate) fn of<'e>(scope: &Scope<'_>, conditions: impl IntoIterator<Item = &'e Expression>) -> Option<Cases> {
        Cases::between(scope, conditions, true)
    }

    fn between<'e>(
        scope: &Scope<'_>,
        conditions: impl IntoIterator<Item = &'e Expression>,
        unknown_may_be_absent: bool,
    ) -> Option<Cases> {
        let mut values = Values::default();
        let forms = conditions.into_iter().map(|condition| values.form(condition)).collect();
        let (mut asked, mut count) = (Vec::new(), 1_usize);
        for value in &values.0 {
            let ty = scope.ty(&value.expression);
            let may_be_absent = ty.as_ref().map_or(unknown_may_be_absent, Type::is_optional);
            let one = Asked::of(value, ty.as_ref(), may_be_absent);
            count = count.checked_mul(one.cases.len().max(1)).filter(|count| *count <= MOST)?;
            asked.push(one);
        }
        Some(Cases { forms, asked, count })
    }

    /// How many they are.
    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    /// Each of them.
    pub(crate) fn each(&self) -> impl Iterator<Item = Case> {
        (0..self.count).map(|mut rest| {
            let choose = |one: &Asked| {
                let size = one.cases.len().max(1);
                let chosen = one.cases.get(rest % size).copied().flatten();
                rest /= size;
                chosen
            };
            Case(self.asked.iter().map(choose).collect())
        })
    }

    /// Whether the condition with this number holds in a case.
    pub(crate) fn holds(&self, condition: usize, case: &Case) -> bool {
        self.forms.get(condition).is_some_and(|form| holds(form, &self.asked, &case.0))
    }
}

/// How two conditions stand to each other; nothing if there are too many cases.
pub(super) fn compared(scope: &Scope<'_>, before: &Expression, after: &Expression) -> Option<Order> {
    let cases = Cases::between(scope, [before, after], false)?;
    let (mut lost, mut won) = (false, false);
    for case in cases.each() {
        match (cases.holds(0, &case), cases.holds(1, &case)) {
            (true, false) => lost = true,
            (false, true) => won = true,
            _ => {}
        }
    }
    Some(match (lost, won) {
        (false, false) => Order::Same,
        (false, true) => Order::Wider,
        (true, false) => Order::Narrower,
        (true, true) => Order::Unknown,
    })
}

impl Asked {
    fn of(value: &Value, ty: Option<&Type>, may_be_absent: bool) -> Asked {
        let required = ty.map(Type::required);
        let mut keys = value.keys.clone();
        let whole = match required {
            Some(Type::Union(members)) => {
                keys.extend(members.iter().filter_map(form::of));
                true
            }
            _ => keys.iter().any(|key| matches!(key, Key::Truth(_))),
        };
        if keys.iter().any(|key| matches!(key, Key::Truth(_))) {
            keys.extend([Key::Truth(false), Key::Truth(true)]);
        }
        keys.sort();
        keys.dedup();
        let place = |key: &Key| keys.binary_search(key).map_or(0, |number| 2 * number + 1);
        let mut cases: Vec<Option<usize>> = (0..keys.len()).map(|number| Some(2 * number + 1)).collect();
        if !whole {
            let gaps = if value.ordered { 0..=keys.len() } else { 0..=0 };
            let between = |gap: &usize| {
                let ends = gap.checked_sub(1).and_then(|below| Some((keys.get(below)?, keys.get(*gap)?)));
                !(required == Some(&Type::Int) && ends.is_some_and(|(below, above)| are_neighbours(below, above)))
            };
            cases.extend(gaps.filter(between).map(|gap| Some(2 * gap)));
        }
        if value.may_be_nothing || may_be_absent {
            cases.push(None);
        }
        Asked { cases, places: value.keys.iter().map(place).collect() }
    }
}

/// Whether no whole number lies between two.
fn are_neighbours(below: &Key, above: &Key) -> bool {
    matches!((below, above), (Key::Number(below), Key::Number(above)) if below.is_integer() && above.is_integer()
        && above.checked_sub(*below).is_some_and(|between| between <= Decimal::ONE))
}

/// Whether a condition holds in a case.
fn holds(form: &Form, asked: &[Asked], chosen: &[Option<usize>]) -> bool {
    match form {
        Form::Known(value) => *value,
        Form::Set(value) => chosen.get(*value).is_some_and(Option::is_some),
        Form::Not(inner) => !holds(inner, asked, chosen),
        Form::Both(both) => holds(&both.0, asked, chosen) && holds(&both.1, asked, chosen),
        Form::Either(both) => holds(&both.0, asked, chosen) || holds(&both.1, asked, chosen),
        Form::Compare(value, operator, key) => {
            let there = chosen.get(*value).copied().flatten();
            let place = asked.get(*value).and_then(|asked| asked.places.get(*key));
            there.zip(place).is_some_and(|(there, place)| match operator {
                BinaryOperator::Less => there < *place,
                BinaryOperator::LessOrEqual => there <= *place,
                BinaryOperator::Greater => there > *place,
                BinaryOperator::GreaterOrEqual => there >= *place,
                _ => there == *place,
            })
        }
    }
}
