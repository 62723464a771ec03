//! Reading numbers out of values, as all tools do.

use super::decimal_format::DecimalFormat;
use super::locale::Locale;
use crate::number::Number;
use crate::value::Value;

/// A value as a number; `None` when it is none.
pub(super) fn to_number(value: &Value) -> Option<Number> {
    match value {
        Value::Null => None,
        Value::Date(moment) => Some(Number::Long(moment.as_millisecond())),
        Value::Calendar(calendar) => Some(Number::Long(calendar.moment().timestamp().as_millisecond())),
        other => Number::of(other).or_else(|| {
            // Whatever else it is, its text may begin with a number.
            DecimalFormat::new("default", &Locale::us()).ok()?.parse(&other.to_string())
        }),
    }
}
