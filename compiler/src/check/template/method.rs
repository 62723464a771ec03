//! What can be done with a value in a template: the methods that a value of each type has.
//!
//! Values of the language become those of Velocity, which has the methods of Java's types. Only types of which the
//! methods are certain are listed: a date, a time and unchecked JSON may be asked anything.

use crate::types::Ty;

/// What every value has.
const COMMON: &str = "equals hashCode toString";

/// `java.lang.String`.
const TEXT: &str = "\
    charAt codePointAt codePointBefore codePointCount compareTo compareToIgnoreCase concat contains contentEquals \
    endsWith equalsIgnoreCase format formatted getBytes indent indexOf intern isBlank isEmpty join lastIndexOf \
    length lines matches offsetByCodePoints regionMatches repeat replace replaceAll replaceFirst split startsWith \
    strip stripIndent stripLeading stripTrailing subSequence substring toCharArray toLowerCase toUpperCase \
    translateEscapes trim valueOf";

/// `java.lang.Integer` and `java.lang.Long`.
const INT: &str = "\
    bitCount byteValue compare compareTo doubleValue floatValue highestOneBit intValue longValue lowestOneBit max \
    min numberOfLeadingZeros numberOfTrailingZeros parseInt parseLong reverse rotateLeft rotateRight shortValue \
    signum sum toBinaryString toHexString toOctalString valueOf";

/// `java.math.BigDecimal`.
const DECIMAL: &str = "\
    abs add byteValue compareTo divide divideToIntegralValue doubleValue floatValue intValue intValueExact longValue \
    longValueExact max min movePointLeft movePointRight multiply negate plus pow precision remainder round scale \
    scaleByPowerOfTen setScale shortValue signum stripTrailingZeros subtract toBigInteger toEngineeringString \
    toPlainString ulp unscaledValue valueOf";

/// `java.util.ArrayList`.
const LIST: &str = "\
    add addAll clear clone contains containsAll ensureCapacity forEach get indexOf isEmpty iterator lastIndexOf \
    listIterator remove removeAll removeIf replaceAll retainAll set size sort subList toArray trimToSize";

/// `java.util.LinkedHashMap`.
const RECORD: &str = "\
    clear clone containsKey containsValue entrySet forEach get getOrDefault isEmpty keySet put putAll putIfAbsent \
    remove replace replaceAll size values";

/// What a method makes of a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    /// A value of this type.
    Of(Ty),
    /// There is no such method; these are there.
    Missing(Vec<&'static str>),
}

/// What the method that does this in other languages may be called here.
pub(super) fn usual(method: &str) -> &'static [&'static str] {
    match method {
        "upper" | "upcase" | "uppercase" | "toUpper" => &["toUpperCase"],
        "lower" | "downcase" | "lowercase" | "toLower" => &["toLowerCase"],
        "len" | "count" | "length" | "size" => &["size", "length"],
        "includes" | "has" => &["contains", "containsKey"],
        "slice" | "substr" => &["substring", "subList"],
        _ => &[],
    }
}

/// What `method` makes of a value of type `ty`, which is there.
pub(super) fn answer(ty: &Ty, method: &str) -> Answer {
    let own = match ty.family() {
        Ty::String => TEXT,
        Ty::Int if *ty == Ty::Decimal => DECIMAL,
        // A union of numbers may hold both kinds.
        Ty::Int if *ty == Ty::Int => INT,
        Ty::List(_) => LIST,
        Ty::Record(_) => RECORD,
        _ => return Answer::Of(Ty::Unknown),
    };
    let known = || own.split_ascii_whitespace().chain(COMMON.split_ascii_whitespace());
    if !known().any(|known| known == method) {
        return Answer::Missing(known().collect());
    }
    Answer::Of(match (method, ty) {
        ("get", Ty::List(item)) => (**item).clone(),
        ("subList", Ty::List(_)) => ty.clone(),
        ("size" | "length" | "hashCode" | "indexOf" | "lastIndexOf" | "intValue" | "compareTo", _) => Ty::Int,
        ("contains" | "containsKey" | "equals" | "isEmpty" | "isBlank" | "startsWith" | "endsWith" | "matches", _) => {
            Ty::Bool
        }
        (
            "toString" | "toLowerCase" | "toUpperCase" | "trim" | "strip" | "substring" | "replace" | "replaceAll"
            | "replaceFirst" | "concat" | "repeat",
            _,
        ) if own == TEXT || method == "toString" => Ty::String,
        _ => Ty::Unknown,
    })
}
