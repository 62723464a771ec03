//! Steps in words, as an author writes them.

use crate::ir::{Literal, Statement, Window, Written, WrittenText};

/// A statement without its blocks: `call WH5 as code`, `if event.total > 100`.
pub(crate) fn head(statement: &Statement) -> String {
    match statement {
        Statement::Call { webhook, store_as, identification, on_failure } => {
            let mut words = format!("call {webhook}");
            if let Some(identification) = identification {
                words.push(' ');
                words.push_str(&super::header::identification_words(identification));
            }
            if store_as != webhook {
                words.push_str(&format!(" as {store_as}"));
            }
            if on_failure.is_some() {
                words.push_str(" on failure");
            }
            words
        }
        Statement::Send { message, to, between } => {
            let mut words = format!("send {message}");
            if let Some(to) = to {
                words.push_str(&format!(" to {}", Written(to)));
            }
            if let Some(between) = between {
                words.push(' ');
                words.push_str(&window(between));
            }
            words
        }
        Statement::Wait { duration } => format!("wait {}", Written(duration)),
        Statement::WaitUntil { time, zone: None } => format!("wait until {}", Written(time)),
        Statement::WaitUntil { time, zone: Some(zone) } => format!("wait until {} in {}", Written(time), Written(zone)),
        Statement::WaitFor { event, alias, filter, up_to, .. } => {
            let mut words = format!("wait for {event}");
            if let Some(alias) = alias {
                words.push_str(&format!(" as {alias}"));
            }
            if let Some(filter) = filter {
                words.push_str(&format!(" where {}", Written(filter)));
            }
            words.push_str(&format!(" up to {}", Written(up_to)));
            words
        }
        Statement::If { branches, otherwise } => {
            let conditions: Vec<String> =
                branches.iter().map(|branch| format!("if {}", Written(&branch.condition))).collect();
            format!("{}{}", conditions.join(" else "), if otherwise.is_empty() { "" } else { " else" })
        }
        Statement::Match { value, arms, otherwise } => {
            let arms: Vec<String> = arms.iter().map(|arm| values(&arm.values)).collect();
            let rest = if otherwise.is_empty() { "" } else { ", else" };
            format!("match {} {{ {}{rest} }}", Written(value), arms.join("; "))
        }
        Statement::Split(split) => {
            let arms: Vec<String> =
                split.arms.iter().map(|arm| format!("{} {:?}", share(arm.share), arm.label)).collect();
            format!("split {:?} {{ {} }}", split.name, arms.join(", "))
        }
        Statement::Set { field, value } => format!("set contact.{field} = {}", Written(value)),
        Statement::Emit { event, fields } => {
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("{name}: {}", Written(value))).collect();
            format!("emit {event} {{ {} }}", fields.join(", "))
        }
        Statement::Stop { reason: None } => "stop".to_owned(),
        Statement::Stop { reason: Some(reason) } => format!("stop {}", WrittenText(reason)),
        Statement::Fail { reason } => format!("fail {}", WrittenText(reason)),
    }
}

/// The ways that a statement has, in the order of its blocks.
pub(super) fn branches(statement: &Statement) -> Vec<String> {
    match statement {
        Statement::Call { webhook, .. } => vec![format!("the failure of {webhook}")],
        Statement::WaitFor { event, .. } => vec![format!("when {event} came"), format!("when no {event} came")],
        Statement::If { branches, .. } => {
            let conditions: Vec<String> =
                branches.iter().map(|branch| format!("if {}", Written(&branch.condition))).collect();
            let otherwise = format!("else of {}", conditions.first().map_or("if", String::as_str));
            conditions.into_iter().chain([otherwise]).collect()
        }
        Statement::Match { value, arms, .. } => {
            let value = Written(value);
            let arms = arms.iter().map(|arm| format!("{value} {}", values(&arm.values)));
            arms.chain([format!("else of match {value}")]).collect()
        }
        Statement::Split(split) => {
            split.arms.iter().map(|arm| format!("{:?} of {:?}", arm.label, split.name)).collect()
        }
        _ => Vec::new(),
    }
}

/// `between 09:00 and 21:00 in "Europe/Kyiv"`.
pub(super) fn window(window: &Window) -> String {
    format!("{} in {}", hours(window), Written(&window.zone))
}

/// `between 09:00 and 21:00`.
pub(super) fn hours(window: &Window) -> String {
    format!("between {} and {}", Written(&window.from), Written(&window.to))
}

/// The values of an arm.
pub(super) fn values(values: &[Literal]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A share in hundredths of a percent.
pub(super) fn share(share: u32) -> String {
    match (share / 100, share % 100) {
        (whole, 0) => format!("{whole}%"),
        (whole, rest) => format!("{whole}.{rest:02}%"),
    }
}
