//! Every case that two conditions can tell apart.
//!
//! Of a value that is compared with written ones, what counts is which of them it is, or between which of them it lies. So
//! both conditions are asked in each of these cases. What is computed may fail, which is a case of its own.

use std::ops::Range;

use rust_decimal::Decimal;

use super::form::{self, Form, Key, Value, Values};
use super::{Failing, Order, Scope};
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
    terms: usize,
    count: usize,
}

/// One of them: what each value is in it, and which terms cannot be computed.
pub(crate) struct Case {
    chosen: Vec<Option<usize>>,
    failing: Vec<bool>,
}

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
        let mut values = Values::new(scope);
        let forms = conditions.into_iter().map(|condition| values.form(condition)).collect();
        let terms = values.terms.len();
        let mut count = 1_usize.checked_shl(u32::try_from(terms).ok()?).filter(|count| *count <= MOST)?;
        let mut asked = Vec::new();
        for value in &values.asked {
            let ty = scope.ty(&value.expression);
            let may_be_absent = ty.as_ref().map_or(unknown_may_be_absent, Type::is_optional);
            let one = Asked::of(value, ty.as_ref(), may_be_absent);
            count = count.checked_mul(one.cases.len().max(1)).filter(|count| *count <= MOST)?;
            asked.push(one);
        }
        Some(Cases { forms, asked, terms, count })
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
            let chosen = self.asked.iter().map(choose).collect();
            Case { chosen, failing: (0..self.terms).map(|term| rest >> term & 1 == 1).collect() }
        })
    }

    /// Whether the condition with this number holds in a case; nothing if that cannot be computed there.
    fn outcome(&self, condition: usize, case: &Case) -> Option<bool> {
        self.forms.get(condition).map_or(Some(false), |form| self.asks(form, case))
    }

    /// Which of some conditions, asked in their order, is the first that holds: their number if none does, and nothing if it
    /// comes to one that cannot be computed.
    pub(crate) fn way(&self, conditions: Range<usize>, case: &Case) -> Option<usize> {
        for (way, condition) in conditions.clone().enumerate() {
            if self.outcome(condition, case)? {
                return Some(way);
            }
        }
        Some(conditions.len())
    }

    /// What a condition comes to in a case.
    fn asks(&self, form: &Form, case: &Case) -> Option<bool> {
        let value = |value: usize| case.chosen.get(value).copied().flatten();
        match form {
            Form::Known(value) => Some(*value),
            Form::Set(asked) => Some(value(*asked).is_some()),
            Form::Not(inner) => self.asks(inner, case).map(|holds| !holds),
            // The second is asked where it counts.
            Form::Both(both) => match self.asks(&both.0, case)? {
                true => self.asks(&both.1, case),
                false => Some(false),
            },
            Form::Either(both) => match self.asks(&both.0, case)? {
                true => Some(true),
                false => self.asks(&both.1, case),
            },
            Form::Computed(terms, inner) => {
                let fails = terms.iter().any(|term| case.failing.get(*term).copied().unwrap_or(true));
                if fails { None } else { self.asks(inner, case) }
            }
            Form::Compare(asked, operator, key) => {
                let place = self.asked.get(*asked).and_then(|asked| asked.places.get(*key));
                Some(value(*asked).zip(place).is_some_and(|(there, place)| match operator {
                    BinaryOperator::Less => there < *place,
                    BinaryOperator::LessOrEqual => there <= *place,
                    BinaryOperator::Greater => there > *place,
                    BinaryOperator::GreaterOrEqual => there >= *place,
                    _ => there == *place,
                }))
            }
        }
    }
}

/// How some conditions, of which one is enough, stand to others; nothing if there are too many cases.
pub(super) fn compared(
    scope: &Scope<'_>,
    before: &[Expression],
    after: &[Expression],
    failing: Failing,
) -> Option<Order> {
    let cases = Cases::between(scope, before.iter().chain(after), false)?;
    let (old, new) = (0..before.len(), before.len()..before.len() + after.len());
    let outcome = |mut conditions: Range<usize>, case: &Case| match failing {
        Failing::Fails => cases.way(conditions.clone(), case).map(|way| way < conditions.len()),
        Failing::NotMet => Some(conditions.any(|condition| cases.outcome(condition, case) == Some(true))),
    };
    let (mut lost, mut won) = (false, false);
    for case in cases.each() {
        match (outcome(old.clone(), &case), outcome(new.clone(), &case)) {
            (Some(true), Some(false)) => lost = true,
            (Some(false), Some(true)) => won = true,
            // A run that fails is neither.
            (None, Some(_)) | (Some(_), None) => (lost, won) = (true, true),
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
