//! Single characters, as `charAt` gives them.

use super::{Method, Type, argument, failure};
use crate::value::Value;

fn unit(value: &Value) -> u16 {
    match value {
        Value::Character(unit) => *unit,
        _ => 0,
    }
}

fn character(value: &Value) -> char {
    char::from_u32(u32::from(unit(value))).unwrap_or('\u{fffd}')
}

fn one(value: char) -> Value {
    let mut units = [0; 2];
    Value::Character(value.encode_utf16(&mut units).first().copied().unwrap_or(0))
}

pub(super) const CHARACTER: &[Method] = &[
    Method::new("charValue", &[], |_, value, _| Ok(value.clone())),
    Method::new("compareTo", &[Type::Object], |_, value, arguments| match argument(arguments, 0) {
        Value::Character(other) => Ok(Value::Integer(i32::from(unit(value)) - i32::from(*other))),
        _ => Err(failure("values of different types have no order")),
    }),
    Method::new("isDigit", &[Type::Char], |_, _, arguments| {
        Ok(Value::Boolean(character(argument(arguments, 0)).is_numeric()))
    }),
    Method::new("isLetter", &[Type::Char], |_, _, arguments| {
        Ok(Value::Boolean(character(argument(arguments, 0)).is_alphabetic()))
    }),
    Method::new("isUpperCase", &[Type::Char], |_, _, arguments| {
        Ok(Value::Boolean(character(argument(arguments, 0)).is_uppercase()))
    }),
    Method::new("isLowerCase", &[Type::Char], |_, _, arguments| {
        Ok(Value::Boolean(character(argument(arguments, 0)).is_lowercase()))
    }),
    Method::new("isWhitespace", &[Type::Char], |_, _, arguments| {
        Ok(Value::Boolean(super::text::is_whitespace(character(argument(arguments, 0)))))
    }),
    Method::new("toUpperCase", &[Type::Char], |_, _, arguments| {
        let given = character(argument(arguments, 0));
        Ok(one(given.to_uppercase().next().unwrap_or(given)))
    }),
    Method::new("toLowerCase", &[Type::Char], |_, _, arguments| {
        let given = character(argument(arguments, 0));
        Ok(one(given.to_lowercase().next().unwrap_or(given)))
    }),
    Method::new("getNumericValue", &[Type::Char], |_, _, arguments| {
        let value = character(argument(arguments, 0)).to_digit(36).and_then(|digit| i32::try_from(digit).ok());
        Ok(Value::Integer(value.unwrap_or(-1)))
    }),
];
