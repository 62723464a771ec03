//! What methods give, by the receiver's type; `tests/methods.rs` holds these words against what calls really give.

use crate::signature::{Receiver, Returns, Tool};

/// What the method of that name and number of parameters gives.
pub(crate) fn of(receiver: Receiver, name: &str, parameters: usize) -> Returns {
    match name {
        "toString" => return Returns::Value(Receiver::String),
        "equals" => return Returns::Value(Receiver::Boolean),
        "hashCode" => return Returns::Value(Receiver::Integer),
        _ => {}
    }
    match receiver {
        Receiver::String => text(name),
        Receiver::Boolean => match name {
            "compareTo" => Returns::Value(Receiver::Integer),
            _ => Returns::Value(Receiver::Boolean),
        },
        Receiver::Integer
        | Receiver::Long
        | Receiver::BigInteger
        | Receiver::Float
        | Receiver::Double
        | Receiver::Decimal => number(receiver, name),
        Receiver::Character => match name {
            "compareTo" | "getNumericValue" => Returns::Value(Receiver::Integer),
            _ if name.starts_with("is") => Returns::Value(Receiver::Boolean),
            _ => Returns::Value(Receiver::Character),
        },
        Receiver::List | Receiver::Range | Receiver::Array | Receiver::Set => list(receiver, name, parameters),
        Receiver::Map => map(name, parameters),
        Receiver::Date => match name {
            "getTime" => Returns::Value(Receiver::Long),
            "before" | "after" => Returns::Value(Receiver::Boolean),
            "toGMTString" => Returns::Value(Receiver::String),
            _ => Returns::Value(Receiver::Integer),
        },
        Receiver::Calendar => match name {
            "getTime" => Returns::Value(Receiver::Date),
            "getTimeInMillis" => Returns::Value(Receiver::Long),
            "before" | "after" | "isLenient" => Returns::Value(Receiver::Boolean),
            "clone" => Returns::Value(Receiver::Calendar),
            _ => Returns::Value(Receiver::Integer),
        },
        Receiver::Iterator if name == "hasNext" => Returns::Value(Receiver::Boolean),
        Receiver::Loop => match name {
            "getIndex" | "getCount" | "size" => Returns::Value(Receiver::Integer),
            "hasNext" | "getHasNext" | "isFirst" | "getFirst" | "isLast" | "getLast" | "isEmpty" | "containsKey" => {
                Returns::Value(Receiver::Boolean)
            }
            _ => Returns::Unknown,
        },
        Receiver::Comparison => match name {
            "getFull" | "getDifference" | "getRelative" | "getExact" | "getAbbr" | "abbr" | "depth" | "locale" => {
                Returns::Value(Receiver::Comparison)
            }
            _ => Returns::Value(Receiver::Long),
        },
        Receiver::TimeZone => match name {
            "getID" => Returns::Value(Receiver::String),
            _ => Returns::Value(Receiver::TimeZone),
        },
        Receiver::Tool(tool) => of_tool(tool, name),
        Receiver::Entry | Receiver::Iterator => Returns::Unknown,
    }
}

fn text(name: &str) -> Returns {
    Returns::Value(match name {
        "length"
        | "codePointAt"
        | "codePointCount"
        | "compareTo"
        | "compareToIgnoreCase"
        | "indexOf"
        | "lastIndexOf" => Receiver::Integer,
        "isEmpty" | "isBlank" | "equalsIgnoreCase" | "contentEquals" | "startsWith" | "endsWith" | "contains"
        | "regionMatches" | "matches" => Receiver::Boolean,
        "charAt" => Receiver::Character,
        "split" | "toCharArray" | "getBytes" => Receiver::Array,
        "lines" => return Returns::Unknown,
        _ => Receiver::String,
    })
}

fn number(receiver: Receiver, name: &str) -> Returns {
    Returns::Value(match name {
        "intValue"
        | "byteValue"
        | "shortValue"
        | "compareTo"
        | "compare"
        | "compareUnsigned"
        | "signum"
        | "bitCount"
        | "numberOfLeadingZeros"
        | "numberOfTrailingZeros"
        | "parseInt"
        | "parseUnsignedInt"
        | "bitLength"
        | "getLowestSetBit"
        | "scale"
        | "precision"
        | "intValueExact" => Receiver::Integer,
        "longValue"
        | "longValueExact"
        | "parseLong"
        | "toUnsignedLong"
        | "doubleToLongBits"
        | "doubleToRawLongBits" => Receiver::Long,
        "doubleValue" | "parseDouble" | "longBitsToDouble" => Receiver::Double,
        "floatValue" => Receiver::Float,
        "isNaN" | "isInfinite" | "isFinite" | "testBit" => Receiver::Boolean,
        "toHexString" | "toBinaryString" | "toOctalString" | "toUnsignedString" | "toPlainString" => Receiver::String,
        "divideAndRemainder" => Receiver::Array,
        "toBigInteger" | "unscaledValue" => Receiver::BigInteger,
        // Floats have the methods of doubles.
        "max" | "min" | "sum" | "valueOf" if receiver == Receiver::Float => Receiver::Double,
        _ => receiver,
    })
}

fn list(receiver: Receiver, name: &str, parameters: usize) -> Returns {
    Returns::Value(match (name, parameters) {
        ("size" | "indexOf" | "lastIndexOf", _) => Receiver::Integer,
        ("isEmpty" | "contains" | "containsAll" | "add" | "addAll" | "removeAll" | "retainAll", _) => Receiver::Boolean,
        ("get" | "set", _) => return Returns::Element,
        ("toArray", _) => Receiver::Array,
        ("iterator" | "listIterator", _) => Receiver::Iterator,
        ("subList", _) if receiver == Receiver::Range => Receiver::Range,
        ("subList" | "clone", _) => Receiver::List,
        ("of" | "copyOf", _) => Receiver::Range,
        // `remove` takes a place or an element, and gives the element or whether there was one.
        _ => return Returns::Unknown,
    })
}

fn map(name: &str, parameters: usize) -> Returns {
    Returns::Value(match (name, parameters) {
        ("get" | "getOrDefault" | "put" | "putIfAbsent", _) | ("remove", 1) | ("replace", 2) => {
            return Returns::Element;
        }
        ("size", _) => Receiver::Integer,
        ("containsKey" | "containsValue" | "isEmpty" | "remove" | "replace", _) => Receiver::Boolean,
        ("keySet" | "values" | "entrySet", _) => Receiver::Set,
        ("clone", _) => Receiver::Map,
        _ => return Returns::Unknown,
    })
}

fn of_tool(tool: Tool, name: &str) -> Returns {
    Returns::Value(match (tool, name) {
        (_, "getLocale" | "toLocale") => return Returns::Unknown,
        (Tool::Math, "toInteger" | "idiv" | "mod" | "ceil" | "floor" | "round") => Receiver::Integer,
        (Tool::Math, "toDouble" | "roundTo") => Receiver::Double,
        (Tool::Math, "toLong") => Receiver::Long,
        (Tool::Math, _) | (Tool::Number | Tool::Conversion, "toNumber") | (Tool::Conversion, "parseNumber") => {
            return Returns::Number;
        }
        (Tool::Date, "toDate" | "getDate" | "getSystemDate") | (Tool::Conversion, "toDate" | "parseDate") => {
            Receiver::Date
        }
        (Tool::Date, "toCalendar" | "getCalendar" | "getSystemCalendar") | (Tool::Conversion, "toCalendar") => {
            Receiver::Calendar
        }
        (Tool::Date, "getYear" | "getMonth" | "getDay" | "getValue") => Receiver::Integer,
        (Tool::Date, "whenIs" | "difference" | "timespan") => Receiver::Comparison,
        (Tool::Date, "getTimeZone") => Receiver::TimeZone,
        (Tool::Date, "format" | "get" | "getFormat") => Receiver::String,
        (Tool::Date, _) => Receiver::Long,
        (Tool::Conversion, "toBoolean") => Receiver::Boolean,
        (Tool::Conversion, "toInteger") => Receiver::Integer,
        (Tool::Conversion, "toDouble") => Receiver::Double,
        (Tool::Conversion, "getStringsDelimiter" | "getNumberFormat" | "getDateFormat") => Receiver::String,
        (Tool::Conversion, "toList") => return Returns::Unknown,
        (Tool::Conversion, _) => Receiver::Array,
        (Tool::Display, "getTruncateAtWord") => Receiver::Boolean,
        (Tool::Display, "getTruncateLength" | "getCellLength") => Receiver::Integer,
        (Tool::Display, "alt" | "measure") | (Tool::Esc, "raw") => return Returns::Unknown,
        (Tool::Number | Tool::Esc | Tool::Display, _) => Receiver::String,
        (Tool::Collection, "sort") => Receiver::List,
        (Tool::Collection, "split") => Receiver::Array,
        (Tool::Collection, "getStringsDelimiter") => Receiver::String,
        (Tool::Collection, "getStringsTrim") => Receiver::Boolean,
        (Tool::Loop, "getDepth") => Receiver::Integer,
        _ => return Returns::Unknown,
    })
}
