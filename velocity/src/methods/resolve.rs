//! Which of several methods of one name a call means: Java's types, and the reference engine's conversions.
//!
//! A method is applicable *strictly* when every argument is of the parameter's type, *implicitly* when it only has to
//! be boxed or widened, and *explicitly* when the engine has a conversion, for example from a text to a number. The
//! most applicable methods are compared by how specific their parameters are; when that does not decide, the call has no
//! answer, as if there were no such method.

use crate::value::{ListKind, Value};

/// Java's types, as far as parameters and values have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Boolean,
    Char,
    Int,
    Long,
    Float,
    Double,
    Object,
    String,
    CharSequence,
    Integer,
    BigInteger,
    Decimal,
    Collection,
    List,
    Set,
    Map,
    Locale,
    TimeZone,
    Date,
    Calendar,
    /// `Object...`
    Objects,
    /// `CharSequence...`
    CharSequences,
    /// `String[]`, which is also what an array value is.
    Strings,
    /// `char...`
    Chars,
    /// `long...`
    Longs,
    /// `double...`
    Doubles,
    /// A function or a comparator: only null is one.
    Function,
    /// A value of the engine's own.
    Other,
}

impl Type {
    fn is_primitive(self) -> bool {
        matches!(self, Type::Boolean | Type::Char | Type::Int | Type::Long | Type::Float | Type::Double)
    }

    /// Whether a last parameter of this type takes any number of arguments.
    pub(crate) fn is_array(self) -> bool {
        self.element().is_some()
    }

    /// What an array's elements are.
    pub(super) fn element(self) -> Option<Type> {
        match self {
            Type::Objects => Some(Type::Object),
            Type::CharSequences => Some(Type::CharSequence),
            Type::Strings => Some(Type::String),
            Type::Chars => Some(Type::Char),
            Type::Longs => Some(Type::Long),
            Type::Doubles => Some(Type::Double),
            _ => None,
        }
    }

    /// The type of a value, with numbers unboxed; `None` for null.
    pub(super) fn of(value: &Value) -> Option<Type> {
        Some(match value {
            Value::Null => return None,
            Value::Boolean(_) => Type::Boolean,
            Value::Integer(_) => Type::Int,
            Value::Long(_) => Type::Long,
            Value::BigInteger(_) => Type::BigInteger,
            Value::Float(_) => Type::Float,
            Value::Double(_) => Type::Double,
            Value::Decimal(_) => Type::Decimal,
            Value::Character(_) => Type::Char,
            Value::String(_) => Type::String,
            Value::List(list) => match list.kind() {
                ListKind::Array => Type::Strings,
                ListKind::Set => Type::Set,
                ListKind::Collection => Type::Collection,
                _ => Type::List,
            },
            Value::Map(_) => Type::Map,
            Value::Date(_) => Type::Date,
            Value::Calendar(_) => Type::Calendar,
            Value::Opaque(object) => object.0.java_type(),
        })
    }
}

/// Whether a value of type `from` is of type `to` without any conversion.
fn assignable(to: Type, from: Type) -> bool {
    if to == from {
        return true;
    }
    if from.is_primitive() || to.is_primitive() {
        return false;
    }
    match to {
        Type::Object => true,
        Type::CharSequence => from == Type::String,
        Type::Collection => matches!(from, Type::List | Type::Set),
        Type::Objects => matches!(from, Type::Strings | Type::CharSequences),
        Type::CharSequences => from == Type::Strings,
        _ => false,
    }
}

fn widens(to: Type, from: Type) -> bool {
    match to {
        Type::Long => from == Type::Int,
        Type::Float => matches!(from, Type::Int | Type::Long),
        Type::Double => matches!(from, Type::Int | Type::Long | Type::Float),
        _ => false,
    }
}

fn strict(to: Type, from: Option<Type>, spread: bool) -> bool {
    let Some(from) = from else { return !to.is_primitive() };
    if assignable(to, from) || widens(to, from) {
        return true;
    }
    match to.element() {
        Some(element) if spread => strict(element, Some(from.element().unwrap_or(from)), false),
        _ => false,
    }
}

fn implicit(to: Type, from: Option<Type>, spread: bool) -> bool {
    let Some(from) = from else { return !to.is_primitive() };
    if assignable(to, from) || widens(to, from) {
        return true;
    }
    // Boxing.
    if from.is_primitive() {
        let boxed = match to {
            Type::Object => true,
            Type::Integer => from == Type::Int,
            _ => false,
        };
        if boxed {
            return true;
        }
    }
    if to == Type::Int && from == Type::Integer {
        return true;
    }
    match to.element() {
        Some(element) if spread => implicit(element, Some(from.element().unwrap_or(from)), false),
        _ => false,
    }
}

/// Whether the engine can convert.
fn converts(to: Type, from: Type) -> bool {
    let number = matches!(
        from,
        Type::Int | Type::Long | Type::Float | Type::Double | Type::BigInteger | Type::Decimal | Type::Integer
    );
    match to {
        Type::String => true,
        Type::Boolean => number || matches!(from, Type::Char | Type::String),
        Type::Int | Type::Long | Type::Integer => number || matches!(from, Type::Boolean | Type::String),
        Type::Float => number || from == Type::String,
        Type::Double => number || from == Type::String,
        Type::BigInteger => matches!(from, Type::Int | Type::Long | Type::Decimal | Type::String),
        Type::Decimal => number || from == Type::String,
        Type::Locale => from == Type::String,
        _ => false,
    }
}

fn explicit(to: Type, from: Option<Type>, spread: bool) -> bool {
    if implicit(to, from, spread) {
        return true;
    }
    let Some(from) = from else { return false };
    if converts(to, from) {
        return true;
    }
    match to.element() {
        Some(element) if spread => explicit(element, Some(from.element().unwrap_or(from)), false),
        _ => false,
    }
}

const NOT: u8 = 0;
const EXPLICIT: u8 = 1;
const IMPLICIT: u8 = 2;
const STRICT: u8 = 3;

fn level(to: Type, from: Option<Type>, spread: bool) -> u8 {
    if strict(to, from, spread) {
        STRICT
    } else if implicit(to, from, spread) {
        IMPLICIT
    } else if explicit(to, from, spread) {
        EXPLICIT
    } else {
        NOT
    }
}

/// How well a method takes the arguments.
fn applicability(parameters: &[Type], arguments: &[Option<Type>]) -> u8 {
    let last = parameters.last().copied();
    let spreads = last.and_then(Type::element).is_some();
    let levels = |pairs: &mut dyn Iterator<Item = u8>| pairs.min().unwrap_or(STRICT);
    let pairs = |count: usize| {
        parameters.iter().take(count).zip(arguments).map(|(to, from)| level(*to, *from, false)).collect::<Vec<_>>()
    };
    if parameters.len() > arguments.len() {
        if parameters.len() == arguments.len() + 1 && spreads {
            return levels(&mut pairs(arguments.len()).into_iter());
        }
        return NOT;
    }
    if parameters.len() == arguments.len() {
        let count = parameters.len();
        return levels(
            &mut parameters
                .iter()
                .zip(arguments)
                .enumerate()
                .map(|(index, (to, from))| level(*to, *from, index + 1 == count && to.element().is_some())),
        );
    }
    let Some(element) = last.and_then(Type::element) else { return NOT };
    let fixed = parameters.len() - 1;
    let head = levels(&mut pairs(fixed).into_iter());
    let tail = levels(&mut arguments.iter().skip(fixed).map(|from| level(element, *from, false)));
    head.min(tail)
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Specificity {
    Incomparable,
    More,
    Equivalent,
    Less,
}

/// Which of two rows of types says more.
fn compare(one: &[Option<Type>], other: &[Option<Type>]) -> Specificity {
    let (mut one, mut other) = (one.to_vec(), other.to_vec());
    let mut one_spreads = false;
    let mut other_spreads = false;
    let stretched = one.len() != other.len();
    if one.len() > other.len() {
        if other.is_empty() {
            return Specificity::More;
        }
        (other_spreads, one_spreads) = stretch(&mut other, one.len());
    } else if other.len() > one.len() {
        if one.is_empty() {
            return Specificity::Less;
        }
        (one_spreads, other_spreads) = stretch(&mut one, other.len());
    }
    let (mut to_other, mut to_one) = (STRICT, STRICT);
    let count = one.len();
    for (index, (first, second)) in one.iter().zip(&other).enumerate() {
        if first == second {
            continue;
        }
        let last = !stretched && index + 1 == count;
        match (first, second) {
            (None, Some(second)) => {
                to_one = NOT;
                if second.is_primitive() {
                    to_other = NOT;
                }
            }
            (Some(first), None) => {
                to_other = NOT;
                if first.is_primitive() {
                    to_one = NOT;
                }
            }
            (Some(first), Some(second)) => {
                to_other = to_other.min(level(*second, Some(*first), last));
                to_one = to_one.min(level(*first, Some(*second), last));
            }
            (None, None) => {}
        }
    }
    if to_other == NOT && to_one == NOT {
        return Specificity::Incomparable;
    }
    match to_other.cmp(&to_one) {
        std::cmp::Ordering::Greater => Specificity::More,
        std::cmp::Ordering::Less => Specificity::Less,
        std::cmp::Ordering::Equal => {
            let array = |types: &[Option<Type>]| types.last().copied().flatten().and_then(Type::element).is_some();
            let one_array = one_spreads || (!stretched && array(&one));
            let other_array = other_spreads || (!stretched && array(&other));
            match (one_array, other_array) {
                (true, false) => Specificity::Less,
                (false, true) => Specificity::More,
                _ => Specificity::Equivalent,
            }
        }
    }
}

/// Makes a row as long as the one it is compared with, by repeating its last type if that is an array. Tells whether
/// this row spreads its last type, and whether the other one must.
fn stretch(row: &mut Vec<Option<Type>>, length: usize) -> (bool, bool) {
    match row.last().copied().flatten().and_then(Type::element) {
        Some(element) => {
            row.pop();
            row.resize(length, Some(element));
            (true, false)
        }
        None => {
            row.resize(length, None);
            (false, true)
        }
    }
}

/// The one method that the call means, by its number among `candidates`.
pub(super) fn best(candidates: &[&[Type]], arguments: &[Value]) -> Option<usize> {
    let types: Vec<Option<Type>> = arguments.iter().map(Type::of).collect();
    if let [only] = candidates {
        return (applicability(only, &types) > NOT).then_some(0);
    }
    // A method of exactly these types needs no comparison; null counts as any object.
    let exact = |parameters: &[Type]| {
        parameters.len() == types.len()
            && parameters.iter().zip(&types).all(|(to, from)| *to == from.unwrap_or(Type::Object))
    };
    if let Some(number) = candidates.iter().position(|parameters| exact(parameters)) {
        return Some(number);
    }
    struct Match {
        number: usize,
        types: Vec<Option<Type>>,
        specificity: Specificity,
        applicability: u8,
        spreads: bool,
    }
    let only_nulls = !types.is_empty() && types.iter().all(Option::is_none);
    let mut matches: Vec<Match> = Vec::new();
    for (number, parameters) in candidates.iter().enumerate() {
        let applicability = applicability(parameters, &types);
        if applicability == NOT {
            continue;
        }
        let row: Vec<Option<Type>> = parameters.iter().copied().map(Some).collect();
        let candidate = Match {
            number,
            specificity: compare(&row, &types),
            applicability,
            spreads: parameters.last().copied().and_then(Type::element).is_some(),
            types: row,
        };
        let mut keep = true;
        matches.retain(|best| {
            if !keep {
                return true;
            }
            use Specificity::{Equivalent, Less};
            if best.specificity == Less && candidate.specificity < Equivalent {
                keep = false;
                return true;
            }
            if candidate.specificity == Less && best.specificity < Equivalent {
                return false;
            }
            if best.applicability != candidate.applicability {
                keep = best.applicability < candidate.applicability;
                return !keep;
            }
            let by_spread = |keep: &mut bool| {
                if candidate.spreads != best.spreads {
                    *keep = !candidate.spreads;
                    return *keep;
                }
                false
            };
            if only_nulls {
                return !by_spread(&mut keep);
            }
            match compare(&candidate.types, &best.types) {
                Specificity::Less => {
                    keep = false;
                    true
                }
                Specificity::More => false,
                Specificity::Incomparable => !by_spread(&mut keep),
                Specificity::Equivalent => true,
            }
        });
        if keep {
            matches.push(candidate);
        }
    }
    match matches.as_slice() {
        [only] => Some(only.number),
        _ => None,
    }
}
