//! `$math`: arithmetic that takes texts for numbers and answers nothing, rather than failing, when they are none.

use super::collection::at_path;
use super::convert::to_number;
use crate::error::Result;
use crate::machine::Machine;
use crate::methods::{Method, Type, argument, failure};
use crate::number::Number;
use crate::value::{Value, double_text};

/// A null in place of all arguments fails, as in the reference.
fn given(arguments: &[Value]) -> Result<()> {
    if let [Value::Null] = arguments { Err(failure("the arguments are null")) } else { Ok(()) }
}

/// All arguments as numbers; `None` when one is no number.
fn numbers(arguments: &[Value]) -> Option<Vec<Number>> {
    let values: Vec<Value> = match arguments {
        [Value::List(list)] => list.items().clone(),
        other => other.to_vec(),
    };
    values.iter().map(to_number).collect()
}

fn one(value: &Value) -> Option<f64> {
    to_number(value).map(|number| number.to_f64())
}

/// Whether a number prints with a point: results of such numbers stay doubles.
fn has_point(number: &Number) -> bool {
    match number {
        Number::Float(_) => true,
        Number::Double(number) => double_text(*number).contains('.'),
        Number::Decimal(number) => number.to_string().contains('.'),
        _ => false,
    }
}

/// A double as the narrowest type that suits the numbers it comes from.
fn matched(result: f64, from: &[Number]) -> Value {
    let integral = result.round_ties_even() == result && !from.iter().any(has_point);
    if !integral {
        Value::Double(result)
    } else if result > f64::from(i32::MAX) || result < f64::from(i32::MIN) {
        Value::Long(result as i64)
    } else {
        Value::Integer(result as i32)
    }
}

fn fold(arguments: &[Value], start: Option<f64>, step: impl Fn(f64, f64) -> Option<f64>) -> Result<Value> {
    given(arguments)?;
    let Some(numbers) = numbers(arguments) else { return Ok(Value::Null) };
    let mut result = start;
    for number in &numbers {
        let number = number.to_f64();
        result = match result {
            None => Some(number),
            Some(value) => match step(value, number) {
                Some(value) => Some(value),
                None => return Ok(Value::Null),
            },
        };
    }
    Ok(matched(result.unwrap_or(0.0), &numbers))
}

fn bitwise(arguments: &[Value], start: i64, step: impl Fn(i64, i64) -> i64) -> Result<Value> {
    given(arguments)?;
    let Some(numbers) = numbers(arguments) else { return Ok(Value::Null) };
    let longs: Vec<Number> = numbers.iter().map(|number| Number::Long(number.to_i64())).collect();
    let result = longs.iter().fold(start, |value, number| step(value, number.to_i64()));
    Ok(matched(result as f64, &longs))
}

type Step = fn(&mut Machine<'_>, &Value, &[Value]) -> Result<Value>;

const ADD: Step = |_, _, arguments| fold(arguments, Some(0.0), |sum, number| Some(sum + number));
const SUB: Step = |_, _, arguments| fold(arguments, None, |rest, number| Some(rest - number));
const MUL: Step = |_, _, arguments| fold(arguments, Some(1.0), |product, number| Some(product * number));
const DIV: Step = |_, _, arguments| fold(arguments, None, |rest, number| (number != 0.0).then_some(rest / number));
const MAX: Step =
    |_, _, arguments| fold(arguments, Some(f64::from_bits(1)), |most, number| Some(greater(most, number)));
const MIN: Step = |_, _, arguments| fold(arguments, Some(f64::MAX), |least, number| Some(-greater(-least, -number)));
const OR: Step = |_, _, arguments| bitwise(arguments, 0, |value, number| value | number);
const AND: Step = |_, _, arguments| bitwise(arguments, -1, |value, number| value & number);
const XOR: Step = |_, _, arguments| bitwise(arguments, 0, |value, number| value ^ number);

/// Java's `Math.max`: what is not a number wins.
fn greater(one: f64, other: f64) -> f64 {
    if one.is_nan() || other.is_nan() { f64::NAN } else { one.max(other) }
}

/// Java's `Math.round`: to the nearest, a half upwards.
fn round(value: f64) -> f64 {
    if value.is_nan() { 0.0 } else { ((value + 0.5).floor()).clamp(i64::MIN as f64, i64::MAX as f64) }
}

fn integer_division(arguments: &[Value], step: impl Fn(i32, i32) -> i32) -> Result<Value> {
    let (left, right) = (to_number(argument(arguments, 0)), to_number(argument(arguments, 1)));
    let (Some(left), Some(right)) = (left, right) else { return Ok(Value::Null) };
    if right.to_i32() == 0 {
        return Ok(Value::Null);
    }
    Ok(Value::Integer(step(left.to_i32(), right.to_i32())))
}

fn rounded(arguments: &[Value], step: impl Fn(f64) -> f64) -> Result<Value> {
    Ok(one(argument(arguments, 0)).map_or(Value::Null, |value| Value::Integer(step(value) as i32)))
}

/// The elements of a collection, or of what is written out as arguments.
fn total(arguments: &[Value], average: bool) -> Result<Value> {
    let Value::List(list) = argument(arguments, 0) else { return Ok(Value::Null) };
    let mut sum = 0.0;
    let mut first = None;
    for item in list.items().iter() {
        let Some(number) = to_number(item) else { return Ok(Value::Null) };
        sum += number.to_f64();
        first.get_or_insert(number);
    }
    Ok(finish(sum, first, average.then(|| list.len())))
}

fn finish(sum: f64, first: Option<Number>, count: Option<usize>) -> Value {
    let sum = matched(sum, first.as_slice());
    match count {
        None => sum,
        Some(count) => {
            let from = Number::of(&sum);
            let mean = from.as_ref().map_or(f64::NAN, Number::to_f64) / count as f64;
            matched(mean, from.as_slice())
        }
    }
}

/// The same over one property of each element.
fn total_of(machine: &mut Machine<'_>, arguments: &[Value], average: bool) -> Result<Value> {
    let (Value::List(list), Value::String(name)) = (argument(arguments, 0), argument(arguments, 1)) else {
        return Ok(Value::Null);
    };
    let items = list.items().clone();
    machine.spend_items(items.len())?;
    let mut sum = 0.0;
    let mut first = None;
    for item in &items {
        // An element without such a property leaves the sum without a value.
        let Ok(value) = at_path(machine, item, name) else { return Ok(Value::Null) };
        if let Some(number) = to_number(&value) {
            sum += number.to_f64();
            first.get_or_insert(number);
        }
    }
    Ok(finish(sum, first, average.then_some(items.len())))
}

const TWO: &[Type] = &[Type::Object, Type::Object];
const MANY: &[Type] = &[Type::Objects];

/// The tool's methods.
pub(super) const MATH: &[Method] = &[
    Method::new("add", TWO, ADD),
    Method::new("add", MANY, ADD),
    Method::new("sub", TWO, SUB),
    Method::new("sub", MANY, SUB),
    Method::new("mul", TWO, MUL),
    Method::new("mul", MANY, MUL),
    Method::new("div", TWO, DIV),
    Method::new("div", MANY, DIV),
    Method::new("max", TWO, MAX),
    Method::new("max", MANY, MAX),
    Method::new("min", TWO, MIN),
    Method::new("min", MANY, MIN),
    Method::new("bitwiseOr", TWO, OR),
    Method::new("bitwiseOr", MANY, OR),
    Method::new("bitwiseAnd", TWO, AND),
    Method::new("bitwiseAnd", MANY, AND),
    Method::new("bitwiseXOr", TWO, XOR),
    Method::new("bitwiseXOr", MANY, XOR),
    Method::new("pow", TWO, |_, _, arguments| {
        let Some(numbers) = numbers(arguments) else { return Ok(Value::Null) };
        let result = match numbers.as_slice() {
            // Java multiplies, which is not the same in the last digit.
            [base, power] if power.to_f64() == 2.0 => base.to_f64() * base.to_f64(),
            [base, power] => base.to_f64().powf(power.to_f64()),
            _ => return Ok(Value::Null),
        };
        Ok(matched(result, &numbers))
    }),
    Method::new("idiv", TWO, |_, _, arguments| integer_division(arguments, i32::wrapping_div)),
    Method::new("mod", TWO, |_, _, arguments| integer_division(arguments, i32::wrapping_rem)),
    Method::new("abs", &[Type::Object], |_, _, arguments| {
        let number = to_number(argument(arguments, 0));
        Ok(number.map_or(Value::Null, |number| matched(number.to_f64().abs(), std::slice::from_ref(&number))))
    }),
    Method::new("ceil", &[Type::Object], |_, _, arguments| rounded(arguments, f64::ceil)),
    Method::new("floor", &[Type::Object], |_, _, arguments| rounded(arguments, f64::floor)),
    Method::new("round", &[Type::Object], |_, _, arguments| rounded(arguments, f64::round_ties_even)),
    Method::new("roundTo", TWO, |_, _, arguments| {
        let (places, value) = (to_number(argument(arguments, 0)), one(argument(arguments, 1)));
        let (Some(places), Some(value)) = (places, value) else { return Ok(Value::Null) };
        // The factor is an `int`, and wraps as one; at least one place is kept.
        let turns = places.to_i32().clamp(1, 64);
        let factor = (1..turns).fold(10i32, |factor, _| factor.wrapping_mul(10));
        Ok(Value::Double(round(value * f64::from(factor)) / f64::from(factor)))
    }),
    Method::new("toInteger", &[Type::Object], |_, _, arguments| {
        Ok(to_number(argument(arguments, 0)).map_or(Value::Null, |number| Value::Integer(number.to_i32())))
    }),
    Method::new("toLong", &[Type::Object], |_, _, arguments| {
        Ok(to_number(argument(arguments, 0)).map_or(Value::Null, |number| Value::Long(number.to_i64())))
    }),
    Method::new("toDouble", &[Type::Object], |_, _, arguments| {
        Ok(one(argument(arguments, 0)).map_or(Value::Null, Value::Double))
    }),
    Method::new("toNumber", &[Type::Object], |_, _, arguments| {
        Ok(to_number(argument(arguments, 0)).map_or(Value::Null, Number::into_value))
    }),
    Method::new("getTotal", &[Type::Collection], |_, _, arguments| total(arguments, false)),
    Method::new("getTotal", &[Type::Objects], |_, _, arguments| total(arguments, false)),
    Method::new("getTotal", &[Type::Doubles], |_, _, arguments| total(arguments, false)),
    Method::new("getTotal", &[Type::Longs], |_, _, arguments| total(arguments, false)),
    Method::new("getTotal", &[Type::Collection, Type::String], |machine, _, arguments| {
        total_of(machine, arguments, false)
    }),
    Method::new("getTotal", &[Type::Objects, Type::String], |machine, _, arguments| {
        total_of(machine, arguments, false)
    }),
    Method::new("getAverage", &[Type::Collection], |_, _, arguments| total(arguments, true)),
    Method::new("getAverage", &[Type::Objects], |_, _, arguments| total(arguments, true)),
    Method::new("getAverage", &[Type::Doubles], |_, _, arguments| total(arguments, true)),
    Method::new("getAverage", &[Type::Longs], |_, _, arguments| total(arguments, true)),
    Method::new("getAverage", &[Type::Collection, Type::String], |machine, _, arguments| {
        total_of(machine, arguments, true)
    }),
    Method::new("getAverage", &[Type::Objects, Type::String], |machine, _, arguments| {
        total_of(machine, arguments, true)
    }),
];
