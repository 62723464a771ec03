//! What can be done with a value in a template: the methods that a value of each type has.
//!
//! Values of the language become those of Velocity, which has the methods of Java's types. Only types of which the
//! methods are certain are listed: a date, a time and unchecked JSON may be asked anything.

use crate::types::Ty;

/// What every value has.
const COMMON: &[&str] = &["compareTo", "equals", "hashCode", "toString"];

const TEXT: &[&str] = &[
    "charAt",
    "chars",
    "codePointAt",
    "codePointBefore",
    "codePointCount",
    "codePoints",
    "compareToIgnoreCase",
    "concat",
    "contains",
    "contentEquals",
    "describeConstable",
    "endsWith",
    "equalsIgnoreCase",
    "format",
    "formatted",
    "getBytes",
    "getChars",
    "indent",
    "indexOf",
    "intern",
    "isBlank",
    "isEmpty",
    "join",
    "lastIndexOf",
    "length",
    "lines",
    "matches",
    "offsetByCodePoints",
    "regionMatches",
    "repeat",
    "replace",
    "replaceAll",
    "replaceFirst",
    "split",
    "startsWith",
    "strip",
    "stripIndent",
    "stripLeading",
    "stripTrailing",
    "subSequence",
    "substring",
    "toCharArray",
    "toLowerCase",
    "toUpperCase",
    "translateEscapes",
    "trim",
    "valueOf",
];

const NUMBER: &[&str] = &[
    "abs",
    "add",
    "bitCount",
    "byteValue",
    "compare",
    "divide",
    "doubleValue",
    "floatValue",
    "highestOneBit",
    "intValue",
    "intValueExact",
    "isInfinite",
    "isNaN",
    "longValue",
    "longValueExact",
    "lowestOneBit",
    "max",
    "min",
    "mod",
    "multiply",
    "negate",
    "numberOfLeadingZeros",
    "numberOfTrailingZeros",
    "parseInt",
    "plus",
    "pow",
    "precision",
    "remainder",
    "reverse",
    "rotateLeft",
    "rotateRight",
    "round",
    "scale",
    "setScale",
    "shortValue",
    "signum",
    "stripTrailingZeros",
    "subtract",
    "sum",
    "toBigInteger",
    "toBinaryString",
    "toEngineeringString",
    "toHexString",
    "toOctalString",
    "toPlainString",
    "ulp",
    "unscaledValue",
    "valueOf",
];

const LIST: &[&str] = &[
    "add",
    "addAll",
    "addFirst",
    "addLast",
    "clear",
    "contains",
    "containsAll",
    "ensureCapacity",
    "forEach",
    "get",
    "getFirst",
    "getLast",
    "indexOf",
    "isEmpty",
    "iterator",
    "lastIndexOf",
    "length",
    "listIterator",
    "remove",
    "removeAll",
    "removeFirst",
    "removeLast",
    "retainAll",
    "reversed",
    "set",
    "size",
    "subList",
    "toArray",
];

const RECORD: &[&str] = &[
    "clear",
    "containsKey",
    "containsValue",
    "entrySet",
    "get",
    "getOrDefault",
    "isEmpty",
    "keySet",
    "put",
    "putAll",
    "putIfAbsent",
    "remove",
    "replace",
    "size",
    "values",
];

/// What a method makes of a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    /// A value of this type.
    Of(Ty),
    /// There is no such method; these are there.
    Missing(Vec<&'static str>),
}

/// What `method` makes of a value of type `ty`, which is there.
pub(super) fn answer(ty: &Ty, method: &str) -> Answer {
    let known: &[&'static str] = match ty.family() {
        Ty::String => TEXT,
        Ty::Int => NUMBER,
        Ty::List(_) => LIST,
        Ty::Record(_) => RECORD,
        _ => return Answer::Of(Ty::Unknown),
    };
    if !known.contains(&method) && !COMMON.contains(&method) {
        return Answer::Missing(known.iter().chain(COMMON).copied().collect());
    }
    Answer::Of(match (method, ty) {
        ("get" | "getFirst" | "getLast" | "removeFirst" | "removeLast", Ty::List(item)) => (**item).clone(),
        ("subList" | "reversed", Ty::List(_)) => ty.clone(),
        ("size" | "length" | "hashCode" | "indexOf" | "lastIndexOf" | "intValue" | "compareTo", _) => Ty::Int,
        ("contains" | "containsKey" | "equals" | "isEmpty" | "isBlank" | "startsWith" | "endsWith" | "matches", _) => {
            Ty::Bool
        }
        (
            "toString" | "toLowerCase" | "toUpperCase" | "trim" | "strip" | "substring" | "replace" | "replaceAll"
            | "replaceFirst" | "concat" | "repeat",
            _,
        ) if !matches!(ty, Ty::Record(_)) || method == "toString" => Ty::String,
        _ => Ty::Unknown,
    })
}
