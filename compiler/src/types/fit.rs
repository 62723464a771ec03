//! Whether a value can stand where a value of some type is wanted.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil;
use rust_decimal::Decimal;

use super::narrow::path_key;
use super::{Environment, Ty, Typed, expression};
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir::{Access, Expression, Literal};
use crate::syntax::ast;

/// Why a value does not fit.
#[derive(Clone, Debug, PartialEq)]
pub enum Misfit {
    /// It may be absent, and a value is wanted.
    Absent,
    /// It is not among the members of the union that is wanted.
    NoMember,
    /// It is of another type.
    Other,
}

/// Whether a value of type `ty` can stand where a `target` is wanted.
///
/// The expression, where it is known, lets a literal be what no other value of its type is: a member of a union, an
/// address. Unchecked JSON fits everything: whether it does is found out when a statement runs.
///
/// # Errors
/// Why it cannot.
pub fn fits(ty: &Ty, value: Option<&Expression>, target: &Ty) -> Result<(), Misfit> {
    if let (Some(Expression::List(items)), Ty::List(wanted)) = (value, target.required()) {
        let Ty::List(item) = ty.required() else { return Ok(()) };
        return items.iter().try_for_each(|value| {
            let ty = if let Expression::Literal(literal) = value { Ty::of(literal) } else { (**item).clone() };
            fits(&ty, Some(value), wanted)
        });
    }
    match (ty, target) {
        (Ty::Unknown | Ty::Json, _) | (_, Ty::Unknown | Ty::Json) => Ok(()),
        (Ty::Null, Ty::Optional(_)) => Ok(()),
        (Ty::Null, _) => Err(Misfit::Absent),
        (Ty::Optional(inner), Ty::Optional(wanted)) => fits(inner, None, wanted),
        (Ty::Optional(inner), wanted) => fits(inner, None, wanted).and(Err(Misfit::Absent)),
        (ty, Ty::Optional(wanted)) => fits(ty, value, wanted),
        (Ty::Int, Ty::Decimal) => Ok(()),
        (Ty::Email | Ty::Phone | Ty::Url, Ty::String) => Ok(()),
        (Ty::Union(members), Ty::Union(wanted)) if members.iter().all(|member| wanted.contains(member)) => Ok(()),
        (Ty::Union(_), Ty::Union(_)) => Err(Misfit::NoMember),
        (Ty::Union(members), wanted) => {
            members.iter().try_for_each(|member| fits(&Ty::of(member), None, wanted)).map_err(|_| Misfit::Other)
        }
        (_, Ty::Union(members)) => match value {
            Some(Expression::Literal(literal)) if members.contains(literal) => Ok(()),
            Some(Expression::Literal(_)) if ty.family() == target.family() => Err(Misfit::NoMember),
            _ => Err(Misfit::Other),
        },
        (Ty::String, Ty::Email | Ty::Phone | Ty::Url) => match value {
            Some(Expression::Literal(Literal::String(text))) if looks_like(text, target) => Ok(()),
            _ => Err(Misfit::Other),
        },
        (Ty::List(item), Ty::List(wanted)) => fits(item, None, wanted),
        (Ty::Record(record), Ty::Record(wanted)) => {
            // A field that nobody declared is a slip where it is written out; an answer may have more than is asked for.
            let written_out = matches!(value, Some(Expression::Record(_)));
            if written_out && !wanted.broken && record.fields.keys().any(|name| !wanted.fields.contains_key(name)) {
                return Err(Misfit::Other);
            }
            let entries = match value {
                Some(Expression::Record(entries)) => entries.as_slice(),
                _ => &[],
            };
            // Of two values of one name the first one counts.
            let entries: HashMap<&str, &Expression> =
                entries.iter().rev().map(|(name, value)| (name.as_str(), value)).collect();
            wanted.fields.iter().try_for_each(|(name, member)| match record.fields.get(name) {
                Some(found) => fits(&found.ty, entries.get(name.as_str()).copied(), &member.ty),
                None if record.broken || member.ty.is_optional() || member.default.is_some() => Ok(()),
                None => Err(Misfit::Other),
            })
        }
        (ty, wanted) if ty == wanted => Ok(()),
        _ => Err(Misfit::Other),
    }
}

/// Whether a literal text has the form of an address: roughly, for the exact rule is that of whoever reads it at run time.
fn looks_like(text: &str, target: &Ty) -> bool {
    match target {
        Ty::Email => text.split_once('@').is_some_and(|(user, host)| {
            !user.is_empty()
                && host.contains('.')
                && !text.contains(|letter: char| letter.is_whitespace() || letter.is_control())
        }),
        Ty::Phone => text.strip_prefix('+').is_some_and(|digits| {
            let count = digits.bytes().filter(u8::is_ascii_digit).count();
            (7..=15).contains(&count)
                && digits.chars().all(|letter| letter.is_ascii_digit() || " -.()".contains(letter))
        }),
        Ty::Url => url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http")),
        _ => false,
    }
}

/// The one type that two values have, for example the two sides of `??`; nothing if there is none.
pub fn join(a: &Ty, b: &Ty) -> Option<Ty> {
    Some(match (a, b) {
        (Ty::Unknown, _) | (_, Ty::Unknown) => Ty::Unknown,
        (a, b) if a == b => a.clone(),
        (Ty::Json, _) | (_, Ty::Json) => Ty::Json,
        (Ty::Null, other) | (other, Ty::Null) => other.clone().optional(),
        (Ty::Optional(_), _) | (_, Ty::Optional(_)) => join(a.required(), b.required())?.optional(),
        (Ty::Int, Ty::Decimal) | (Ty::Decimal, Ty::Int) => Ty::Decimal,
        (Ty::List(a), Ty::List(b)) => Ty::List(Arc::new(join(a, b)?)),
        (a, b) if a.family() == b.family() => match a.family() {
            Ty::Int if *a == Ty::Decimal || *b == Ty::Decimal => Ty::Decimal,
            family @ (Ty::String | Ty::Int | Ty::Bool) => family,
            _ => return None,
        },
        _ => return None,
    })
}

/// Holds that a value is there; reports it where it may be absent.
pub fn present(typed: Typed, diagnostics: &mut Vec<Diagnostic>) -> Typed {
    if typed.ty.is_optional() {
        diagnostics.push(absent(&typed));
        let ty = if typed.ty == Ty::Null { Ty::Unknown } else { typed.ty.required().clone() };
        return Typed { ty, ..typed };
    }
    typed
}

/// The finding that a value may be absent.
fn absent(typed: &Typed) -> Diagnostic {
    if typed.ty == Ty::Null {
        return Diagnostic::new(Code::OptionalAsValue, typed.span)
            .message("`null` is no value, and a value is needed here");
    }
    let ty = &typed.ty;
    let path = path_key(&typed.expression);
    let shown = path.as_deref().unwrap_or("this");
    let shown = if path.is_some() { format!("`{shown}`") } else { shown.to_owned() };
    let mut finding = Diagnostic::new(Code::OptionalAsValue, typed.span)
        .message(format!("{shown} may be absent, and a value is needed here"))
        .label(match element(&typed.expression) {
            Some(Expression::Literal(index)) => format!("this is `{ty}`, for a list may have no `[{index}]`"),
            Some(_) => format!("this is `{ty}`, for a list may have no such element"),
            None => format!("this is `{ty}`"),
        });
    if let Some(declared) = typed.declared {
        finding = finding.also(declared, "declared here");
    }
    let check = path.map_or_else(String::new, |path| format!(", or ask `if {path} is set {{ … }}` first"));
    match sample(ty.required()) {
        Some(sample) => finding
            .hint(format!("say what to take instead, as in `?? {sample}`{check}"))
            .fix(Fix::insert_after(typed.span, format!(" ?? {sample}")).left_to_author()),
        None => finding.hint(format!("say what to take instead with `?? …`{check}")),
    }
}

/// Which element of a list a path goes through first.
fn element(expression: &Expression) -> Option<&Expression> {
    let Expression::Reference { path, .. } = expression else { return None };
    path.iter().find_map(|access| match access {
        Access::Index(index) => Some(&**index),
        Access::Field(_) => None,
    })
}

/// A value of the type that can stand in for an absent one.
fn sample(ty: &Ty) -> Option<String> {
    Some(match ty {
        Ty::String | Ty::Json => "\"\"".to_owned(),
        Ty::Int | Ty::Decimal => "0".to_owned(),
        Ty::Bool => "false".to_owned(),
        Ty::Union(members) => members.first()?.to_string(),
        Ty::List(_) => "[]".to_owned(),
        _ => return None,
    })
}

/// The value of type `target` that `what` must be, as in "the field `town`"; reported where it is another.
pub fn fit(typed: Typed, target: &Ty, what: &str, diagnostics: &mut Vec<Diagnostic>) -> Expression {
    match fits(&typed.ty, Some(&typed.expression), target) {
        Ok(()) => {}
        Err(Misfit::Absent) => diagnostics.push(absent(&typed)),
        Err(Misfit::NoMember) => diagnostics.push(no_member(&typed, target)),
        Err(Misfit::Other) => {
            let finding = Diagnostic::new(Code::WrongType, typed.span)
                .message(format!("{what} is `{target}`, this is `{}`", typed.ty));
            let finding = match typed.declared {
                Some(declared) => finding.also(declared, format!("declared here as `{}`", typed.ty)),
                None => finding,
            };
            diagnostics.push(match (unquoted(&typed.expression, target), full_hour(&typed.expression, target)) {
                (Some(value), _) => finding.hint("write it without quotes").fix(Fix::replace(typed.span, value)),
                (None, Some(time)) => finding
                    .hint(format!("a time of the day has hours and minutes: `{time}`"))
                    .fix(Fix::replace(typed.span, time)),
                (None, None) => finding.maybe_hint(conversion(&typed, target)),
            });
        }
    }
    typed.expression
}

/// What a literal text says without its quotes, if that is a value of the type.
pub fn unquoted<'e>(expression: &'e Expression, target: &Ty) -> Option<&'e str> {
    let Expression::Literal(Literal::String(text)) = expression else { return None };
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let date = |text: &str| text.len() == "2026-11-24".len() && text.parse::<civil::Date>().is_ok();
    let is_value = match target.required() {
        Ty::Int => text.len() == digits && text.parse::<i64>().is_ok(),
        Ty::Decimal => text.starts_with(|first: char| first.is_ascii_digit()) && Decimal::from_str_exact(text).is_ok(),
        Ty::Bool => matches!(text.as_str(), "true" | "false"),
        Ty::Date => date(text),
        Ty::Time => text.len() == "09:00".len() && civil::Time::strptime("%H:%M", text).is_ok(),
        Ty::Duration => digits > 0 && matches!(text.get(digits..), Some("ms" | "s" | "min" | "h" | "d" | "w")),
        _ => false,
    };
    is_value.then_some(text.as_str())
}

/// The time of the day that is meant by the number of an hour.
fn full_hour(expression: &Expression, target: &Ty) -> Option<String> {
    match (expression, target.required()) {
        (Expression::Literal(Literal::Int(hour @ 0..24)), Ty::Time) => Some(format!("{hour:02}:00")),
        _ => None,
    }
}

/// How a value of one type becomes one of another, where there is a short way.
fn conversion(typed: &Typed, target: &Ty) -> Option<String> {
    let literal = matches!(typed.expression, Expression::Literal(_));
    Some(match (typed.ty.required(), target.required()) {
        (Ty::List(_) | Ty::Record(_), Ty::String) => return None,
        (Ty::String, Ty::Email) if literal => "an e-mail address looks like `ann@example.com`".to_owned(),
        (Ty::String, Ty::Phone) if literal => "a phone number looks like `+380671234567`".to_owned(),
        (Ty::String, Ty::Email | Ty::Phone | Ty::Url) => format!("declare the value as `{}`", target.required()),
        (Ty::String, Ty::Int | Ty::Decimal | Ty::Bool | Ty::Date | Ty::Datetime | Ty::Duration) if literal => {
            "write it without quotes".to_owned()
        }
        (Ty::Int, Ty::Duration) if literal => "add a unit: `ms`, `s`, `min`, `h`, `d` or `w`".to_owned(),
        (Ty::Duration, Ty::Int) => "write the number without a unit".to_owned(),
        (Ty::LocalDatetime, Ty::Datetime) => "add an offset: `Z` or `+02:00`".to_owned(),
        (_, Ty::String) if typed.ty.is_printable() => "put it into a text: `\"${…}\"`".to_owned(),
        _ => return None,
    })
}

/// The finding that a literal is not among the members of a union.
pub(super) fn no_member(typed: &Typed, target: &Ty) -> Diagnostic {
    let shown = match &typed.expression {
        Expression::Literal(literal) => format!("`{literal}`"),
        _ => format!("`{}`", typed.ty),
    };
    let finding = Diagnostic::new(Code::NotAMember, typed.span)
        .message(format!("{shown} is not among the values `{}`", target.required()));
    let Ty::Union(members) = target.required() else { return finding };
    let Expression::Literal(Literal::String(text)) = &typed.expression else { return finding };
    let texts = members.iter().filter_map(|member| match member {
        Literal::String(member) => Some(member.as_str()),
        _ => None,
    });
    match crate::names::near(text, texts) {
        Some(other) => {
            finding.hint(format!("did you mean `{other:?}`?")).fix(Fix::replace(typed.span, format!("{other:?}")))
        }
        None => finding,
    }
}

/// A condition: an expression that is a bool.
pub fn condition(environment: &Environment<'_>, written: &ast::Expr, diagnostics: &mut Vec<Diagnostic>) -> Expression {
    let typed = expression(environment, written, diagnostics);
    if typed.ty == Ty::Null || !matches!(typed.ty.required(), Ty::Bool | Ty::Unknown | Ty::Json | Ty::Union(_)) {
        let finding = Diagnostic::new(Code::WrongType, typed.span)
            .message(format!("a condition is `bool`, this is `{}`", typed.ty));
        let hint = match typed.ty {
            Ty::Optional(_) => Some("ask `… is set` whether a value is there"),
            Ty::Record(_) => Some("compare one of its fields"),
            Ty::List(_) => Some("ask whether it has an element: `…[0] is set`"),
            _ if matches!(typed.ty.family(), Ty::String | Ty::Int) => Some("compare it with a value: `== …`"),
            _ => None,
        };
        diagnostics.push(finding.maybe_hint(hint));
        return typed.expression;
    }
    fit(typed, &Ty::Bool, "a condition", diagnostics)
}

/// A value that is written into a text: it must be there, and be no list or record.
pub fn printable(environment: &Environment<'_>, written: &ast::Expr, diagnostics: &mut Vec<Diagnostic>) -> Typed {
    let typed = expression(environment, written, diagnostics);
    if typed.ty != Ty::Null && !typed.ty.is_printable() {
        let kind = if matches!(typed.ty.required(), Ty::List(_)) { "list" } else { "record" };
        diagnostics.push(
            Diagnostic::new(Code::WrongType, typed.span)
                .message(format!("a {kind} cannot be written into a text"))
                .label(format!("this is `{}`", typed.ty))
                .hint(if kind == "list" { "take one of its elements: `[0]`" } else { "take one of its fields" }),
        );
        return typed;
    }
    present(typed, diagnostics)
}
