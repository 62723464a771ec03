//! What can be done with a value in a template: the methods that a value of each type has.
//!
//! Values of the language become those of Velocity, whose engine knows their methods. A date, a time and unchecked JSON
//! may be asked anything: how they reach a template is not certain.

use velocity::{Receiver, Returns, Signature};

use crate::types::Ty;

/// What a method makes of a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    /// A value of this type.
    Of(Ty),
    /// There is no such method; these are there.
    Missing(Vec<&'static str>),
    /// There is one, which takes this many arguments: at least, and at most where there is a bound.
    Takes(Vec<(usize, Option<usize>)>),
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

/// The types that a value has in a template; none where that is not certain.
fn receivers(ty: &Ty) -> &'static [Receiver] {
    match ty.family() {
        Ty::String => &[Receiver::String],
        Ty::Int if *ty == Ty::Decimal => &[Receiver::Decimal],
        // A union of numbers may hold both kinds. A whole number is of the size it needs.
        Ty::Int if *ty == Ty::Int => &[Receiver::Integer, Receiver::Long],
        Ty::List(_) => &[Receiver::List],
        Ty::Record(_) => &[Receiver::Map],
        _ => &[],
    }
}

/// Whether a value of type `ty` has a method of this name.
pub(super) fn has(ty: &Ty, method: &str) -> bool {
    receivers(ty).iter().any(|receiver| receiver.has(method))
}

/// What `method` makes of a value of type `ty`, which is there, with that many arguments.
pub(super) fn answer(ty: &Ty, method: &str, arguments: usize) -> Answer {
    match receivers(ty) {
        [] => Answer::Of(Ty::Unknown),
        receivers => asked(receivers, ty, method, arguments),
    }
}

/// What `method` of a tool gives.
pub(super) fn of_tool(tool: Receiver, method: &str, arguments: usize) -> Answer {
    asked(&[tool], &Ty::Unknown, method, arguments)
}

fn asked(receivers: &[Receiver], ty: &Ty, method: &str, arguments: usize) -> Answer {
    let known: Vec<Signature> = receivers.iter().flat_map(|receiver| receiver.methods()).collect();
    let named: Vec<&Signature> = known.iter().filter(|signature| signature.name == method).collect();
    if named.is_empty() {
        return Answer::Missing(known.iter().map(|signature| signature.name).collect());
    }
    let mut meant = named.iter().filter(|signature| signature.takes(arguments)).map(|signature| given(ty, signature));
    let Some(first) = meant.next() else {
        let mut counts: Vec<_> = named.iter().map(|signature| (signature.least, signature.most)).collect();
        counts.sort_unstable();
        counts.dedup();
        return Answer::Takes(counts);
    };
    // Which of several is called depends on the arguments.
    Answer::Of(if meant.all(|other| other == first) { first } else { Ty::Unknown })
}

/// What a call gives.
fn given(ty: &Ty, signature: &Signature) -> Ty {
    match (signature.returns, ty) {
        (Returns::Element, Ty::List(item)) => (**item).clone(),
        (Returns::Value(Receiver::List), Ty::List(_)) => ty.clone(),
        (Returns::Value(Receiver::String), _) => Ty::String,
        (Returns::Value(Receiver::Boolean), _) => Ty::Bool,
        (Returns::Value(Receiver::Integer | Receiver::Long), _) => Ty::Int,
        (Returns::Value(Receiver::Decimal), _) => Ty::Decimal,
        _ => Ty::Unknown,
    }
}
