//! Which contact a run is about: the values that it is looked up by.

use compiler::ir::{Identification, Identifier, NotFound};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::effect::{Ending, ReasonCode};
use super::expression::{Scope, evaluate};
use crate::value::{Value, display, email, phone};

/// How to find a contact: the ways in order, with their values in normal form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookup {
    /// The ways whose value is there; at least one.
    pub ways: Vec<(Identifier, SmolStr)>,
    /// What happens when none finds a contact.
    pub otherwise: NotFound,
}

/// The values that a contact is looked up by. A way whose value is nothing, empty or malformed is passed over.
///
/// # Errors
/// How the run ends at once, when no way is left or a value cannot be computed.
pub fn lookup(identification: &Identification, scope: &Scope<'_>) -> Result<Lookup, Ending> {
    let mut ways = Vec::with_capacity(identification.ways.len());
    for way in &identification.ways {
        let value = evaluate(&way.value, scope)
            .map_err(|error| Ending::Failed { reason: error.to_string(), reason_code: ReasonCode::ExpressionFailed })?;
        if let Some(value) = normal_form(way.by, &value) {
            ways.push((way.by, value));
        }
    }
    if !ways.is_empty() {
        return Ok(Lookup { ways, otherwise: identification.otherwise });
    }
    let names: Vec<&str> = identification.ways.iter().map(|way| way.by.word()).collect();
    let reason = format!("the event has no value to identify a contact by: {}", names.join(", "));
    let reason_code = ReasonCode::IdentifierMissing;
    Err(match identification.otherwise {
        NotFound::Stop => Ending::Stopped { reason: Some(reason), reason_code },
        NotFound::Fail | NotFound::Create => Ending::Failed { reason, reason_code },
    })
}

/// The values by which the contact of an event is found that runs of a workflow listen to: by the workflow's own lines, read
/// against this event; where none of them has a value here, by the parameters that are named like an identifier.
pub fn heard(identification: Option<&Identification>, scope: &Scope<'_>) -> Vec<(Identifier, SmolStr)> {
    if let Some(Ok(lookup)) = identification.map(|identification| lookup(identification, scope)) {
        return lookup.ways;
    }
    // `event.id` is the event's own number.
    let named = [
        ("contact_id", Identifier::Id),
        ("external_id", Identifier::ExternalId),
        ("phone", Identifier::Phone),
        ("email", Identifier::Email),
    ];
    let ways = named.into_iter().filter_map(|(name, by)| Some((by, normal_form(by, scope.event.params.get(name)?)?)));
    ways.collect()
}

/// The one way that an identifier is written; `None` when the value is none.
pub fn normal_form(by: Identifier, value: &Value) -> Option<SmolStr> {
    let text = match value {
        Value::Int(_) | Value::String(_) => display(value),
        _ => return None,
    };
    match by {
        Identifier::Id => text.parse::<i64>().ok().filter(|id| *id > 0).map(|id| SmolStr::from(id.to_string())),
        Identifier::ExternalId => {
            let text = text.trim();
            (!text.is_empty() && !text.contains(char::is_control)).then(|| SmolStr::new(text))
        }
        Identifier::Phone => phone(&text),
        Identifier::Email => email(&text),
    }
}

#[cfg(test)]
mod tests {
    use compiler::ir::{Expression, Identify, Literal};

    use super::*;
    use crate::machine::sample;

    fn check(ways: &[(Identifier, Literal)], otherwise: NotFound, expected: Result<&[&str], ReasonCode>) {
        let ways = ways.iter().map(|(by, value)| Identify { by: *by, value: Expression::Literal(value.clone()) });
        let identification = Identification { ways: ways.collect(), otherwise };
        let event = sample::event();
        let found = lookup(&identification, &Scope::of_event(&event, sample::start()));
        let found =
            found.map(|lookup| lookup.ways.iter().map(|(by, value)| format!("{by} {value}")).collect::<Vec<_>>());
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected),
            (Err(Ending::Failed { reason_code, .. } | Ending::Stopped { reason_code, .. }), Err(expected)) => {
                assert_eq!(reason_code, expected);
            }
            (found, expected) => panic!("{found:?} is not {expected:?}"),
        }
    }

    #[test]
    fn ways_with_a_value_are_taken_in_order_and_normal_form() {
        use Identifier::*;
        let text = |text: &str| Literal::String(text.to_owned());
        let missing = Err(ReasonCode::IdentifierMissing);
        check(&[(Email, text("Ann@EXAMPLE.com"))], NotFound::Fail, Ok(&["email Ann@example.com"]));
        check(
            &[
                (Phone, Literal::Null),
                (Id, Literal::Int(7)),
                (ExternalId, text(" x-1 ")),
                (Phone, text("+38 067 1234567")),
            ],
            NotFound::Create,
            Ok(&["id 7", "external_id x-1", "phone +380671234567"]),
        );
        check(&[(Email, text("not an address")), (Id, Literal::Int(9))], NotFound::Fail, Ok(&["id 9"]));
        check(&[(Email, text(""))], NotFound::Fail, missing);
        check(&[(Id, text("0")), (Id, text("-1")), (Id, Literal::Bool(true))], NotFound::Create, missing);
        check(&[(ExternalId, text("a\nb"))], NotFound::Stop, missing);
    }

    #[test]
    fn a_missing_value_stops_only_where_the_author_said_so() {
        let identification = |otherwise| Identification { ways: vec![], otherwise };
        let event = sample::event();
        let scope = Scope::of_event(&event, sample::start());
        assert!(matches!(lookup(&identification(NotFound::Stop), &scope), Err(Ending::Stopped { .. })));
        assert!(matches!(lookup(&identification(NotFound::Create), &scope), Err(Ending::Failed { .. })));
    }
}
