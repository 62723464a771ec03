//! The ways that a message goes: what goes by several is several deliveries, each with a step, a key and a history of its own.

use compiler::ir::{Message, StepId};
use smol_str::{SmolStr, format_smolstr};

/// What e-mail is called where a way is named.
const EMAIL: &str = "email";

/// The step of a way of a `send` statement: behind the statement's own stands the channel's name, unless there is one way only.
pub(super) fn step_of(forms: &Message, statement: &StepId, channel: &SmolStr) -> StepId {
    match goes_several_ways(forms) {
        true => StepId(format_smolstr!("{}/{channel}", statement.0)),
        false => statement.clone(),
    }
}

/// The steps of a `send` statement's deliveries, in their order, each with its channel; e-mail has none.
pub(crate) fn steps<'m>(
    forms: &'m Message,
    statement: &'m StepId,
) -> impl Iterator<Item = (StepId, Option<&'m SmolStr>)> {
    let email = forms.email.iter().map(|_| (statement.clone(), None));
    email.chain(forms.channels.keys().map(|channel| (step_of(forms, statement, channel), Some(channel))))
}

/// Which way a message goes in a step: `email`, or a channel's name; `None` for a statement that has a step for each way beside
/// its own.
pub(crate) fn way_of(forms: &Message, step: &StepId) -> Option<SmolStr> {
    let named = step.0.rsplit_once('/').filter(|_| goes_several_ways(forms));
    let named = named.and_then(|(_, last)| forms.channels.get_key_value(last));
    match (named, &forms.email) {
        (Some((channel, _)), _) => Some(channel.clone()),
        (None, Some(_)) => Some(SmolStr::new_static(EMAIL)),
        (None, None) if goes_several_ways(forms) => None,
        (None, None) => forms.channels.keys().next().cloned(),
    }
}

fn goes_several_ways(forms: &Message) -> bool {
    forms.channels.len() + usize::from(forms.email.is_some()) > 1
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What reads a step finds the way that it was made for.
    #[test]
    fn each_way_is_told_by_its_step() {
        let forms = |channels: &[&str], email: bool| -> Message {
            let template = json!({ "name": "", "source": "" });
            let email = email.then(|| json!({ "from": template, "subject": template }));
            let channels: serde_json::Map<_, _> = channels.iter().map(|name| (name.to_string(), json!({}))).collect();
            serde_json::from_value(json!({ "email": email, "channels": channels })).unwrap()
        };
        let statement = StepId("if/0/send:hello".into());
        for (forms, expected) in [
            (forms(&["push"], false), vec![("if/0/send:hello", "push")]),
            (forms(&["push", "sms"], false), vec![("if/0/send:hello/push", "push"), ("if/0/send:hello/sms", "sms")]),
            (forms(&["push"], true), vec![("if/0/send:hello", "email"), ("if/0/send:hello/push", "push")]),
            (forms(&[], true), vec![("if/0/send:hello", "email")]),
        ] {
            let found: Vec<_> = steps(&forms, &statement).collect();
            for (step, channel) in &found {
                assert_eq!(way_of(&forms, step).as_ref(), Some(channel.unwrap_or(&EMAIL.into())));
            }
            let name = |channel: &Option<&'_ SmolStr>| channel.map_or(EMAIL.to_owned(), SmolStr::to_string);
            let named: Vec<_> = found.iter().map(|(step, channel)| (step.0.to_string(), name(channel))).collect();
            let expected: Vec<_> = expected.iter().map(|(step, way)| (step.to_string(), way.to_string())).collect();
            assert_eq!(named, expected);
        }
        assert_eq!(way_of(&forms(&["push", "sms"], false), &statement), None);
    }
}
