//! From Rust's values to a template's.

use super::{Decimal, List, Map, Value};
use num_bigint::BigInt;
use smol_str::SmolStr;
use std::rc::Rc;

macro_rules! from {
    ($($source:ty: $value:ident => $result:expr;)+) => {
        $(impl From<$source> for Value {
            fn from($value: $source) -> Value {
                $result
            }
        })+
    };
}

from! {
    bool: value => Value::Boolean(value);
    i8: value => Value::Integer(i32::from(value));
    i16: value => Value::Integer(i32::from(value));
    i32: value => Value::Integer(value);
    i64: value => match i32::try_from(value) {
        Ok(small) => Value::Integer(small),
        Err(_) => Value::Long(value),
    };
    u8: value => Value::Integer(i32::from(value));
    u16: value => Value::Integer(i32::from(value));
    u32: value => Value::from(i64::from(value));
    u64: value => match i64::try_from(value) {
        Ok(small) => Value::from(small),
        Err(_) => Value::BigInteger(Rc::new(BigInt::from(value))),
    };
    usize: value => Value::from(value as u64);
    f32: value => Value::Float(value);
    f64: value => Value::Double(value);
    BigInt: value => Value::BigInteger(Rc::new(value));
    Decimal: value => Value::Decimal(Rc::new(value));
    &str: value => Value::String(SmolStr::new(value));
    String: value => Value::String(SmolStr::from(value));
    SmolStr: value => Value::String(value);
    List: value => Value::List(value);
    Map: value => Value::Map(value);
    jiff::Timestamp: value => Value::Date(value);
    jiff::Zoned: value => Value::Calendar(super::Calendar::new(value));
    Vec<Value>: value => Value::List(List::new(value));
}

impl<V: Into<Value>> From<Option<V>> for Value {
    /// `None` is null.
    fn from(value: Option<V>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}
