//! Changes of derived facts: hosts, flows, secrets, and how much a contact may get.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::catalogue::Slug;
use super::change::Change;
use super::pair::{Pair, pairs};
use crate::audit::{Audit, Carrier, Destination, Flow, Source};

/// Compares what was derived from both programs.
pub(super) fn compare(base: &Audit, head: &Audit, changes: &mut Vec<Change>) {
    hosts(base, head, changes);
    flows(base, head, changes);
    secrets(base, head, changes);
    sends(base, head, changes);
    waits(base, head, changes);
    results(base, head, changes);
}

fn address_of(carrier: &Carrier) -> String {
    match carrier {
        Carrier::Webhook(name) => format!("webhook.{name}"),
        Carrier::Channel(name) => format!("channel.{name}"),
        Carrier::Message(name) => format!("message.{name}"),
    }
}

fn hosts(base: &Audit, head: &Audit, changes: &mut Vec<Change>) {
    for (host, pair) in pairs(&base.hosts, &head.hosts) {
        let (slug, carriers) = match pair {
            Pair::Added(carriers) => (Slug::HostAdded, carriers),
            Pair::Removed(carriers) => (Slug::HostRemoved, carriers),
            Pair::Both(..) => continue,
        };
        let Some(carrier) = carriers.first() else { continue };
        let change = Change::new(slug, address_of(carrier), carrier.to_string()).value(host);
        changes.push(if slug == Slug::HostAdded { change.after(host) } else { change.before(host) });
    }
}

/// All flows of one piece of data to one place in the world.
type Cells<'a> = BTreeMap<(&'a Source, &'a Destination), Vec<&'a Flow>>;

fn cells(audit: &Audit) -> Cells<'_> {
    let mut cells = Cells::new();
    for flow in &audit.flows {
        cells.entry((&flow.source, &flow.destination)).or_default().push(flow);
    }
    cells
}

fn flows(base: &Audit, head: &Audit, changes: &mut Vec<Change>) {
    let (before, after) = (cells(base), cells(head));
    for ((source, destination), pair) in pairs(&before, &after) {
        match pair {
            // What mail shows to its recipient is told with the message, unless it came there by another field.
            Pair::Added(flows) | Pair::Removed(flows) | Pair::Both(flows, _)
                if **destination == Destination::Mail && flows.iter().any(|flow| flow.through.is_none()) => {}
            // That nothing goes to a host any more is said with the host.
            Pair::Removed(_) if is_gone(destination, head) => {}
            Pair::Added(flows) => changes.push(sent(Slug::FieldSentAdded, source, destination, flows)),
            Pair::Removed(flows) => changes.push(sent(Slug::FieldSentRemoved, source, destination, flows)),
            Pair::Both(old, new) => {
                let in_url = |flows: &[&Flow]| flows.iter().any(|flow| flow.place.is_in_url());
                if in_url(new) && !in_url(old) {
                    let moved: Vec<&Flow> = new.iter().copied().filter(|flow| flow.place.is_in_url()).collect();
                    let change = sent(Slug::FieldMovedToUrl, source, destination, &moved);
                    changes.push(change.before(places(old)).after(places(&moved)));
                }
            }
        }
    }
}

fn is_gone(destination: &Destination, head: &Audit) -> bool {
    matches!(destination, Destination::Host(host) if !head.hosts.contains_key(host))
}

fn sent(slug: Slug, source: &Source, destination: &Destination, flows: &[&Flow]) -> Change {
    let sure = if flows.iter().any(|flow| flow.certain) { "" } else { "?" };
    let through: BTreeSet<String> =
        flows.iter().filter_map(|flow| flow.through.as_ref()).map(|it| format!(" through {it}")).collect();
    let through: String = through.into_iter().collect();
    let words = format!("{source}{sure} → {destination} ({}){through}", places(flows));
    let carrier = flows.first().map(|flow| &flow.carrier);
    let change = Change::new(
        slug,
        carrier.map(address_of).unwrap_or_default(),
        carrier.map(ToString::to_string).unwrap_or_default(),
    );
    let mut change = change.value(format!("{source} -> {destination}"));
    let workflows: BTreeSet<&SmolStr> = flows.iter().map(|flow| &flow.workflow).collect();
    change.reaches = workflows.into_iter().cloned().collect();
    if slug == Slug::FieldSentRemoved { change.before(words) } else { change.after(words) }
}

fn places(flows: &[&Flow]) -> String {
    let places: BTreeSet<String> = flows.iter().map(|flow| flow.place.to_string()).collect();
    places.into_iter().collect::<Vec<_>>().join(", ")
}

fn secrets(base: &Audit, head: &Audit, changes: &mut Vec<Change>) {
    for (secret, pair) in pairs(&base.secrets, &head.secrets) {
        let Pair::Both(before, after) = pair else { continue };
        for host in after.difference(before) {
            let carrier = head.hosts.get(host).and_then(|carriers| carriers.first());
            let address = carrier.map(address_of).unwrap_or_default();
            let title = format!("secret({secret:?})");
            let change = Change::new(Slug::AuthHostWidened, address, title).value(format!("{secret} -> {host}"));
            let words = |hosts: &BTreeSet<_>| hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            changes.push(change.before(words(before)).after(words(after)));
        }
    }
}

fn sends(base: &Audit, head: &Audit, changes: &mut Vec<Change>) {
    for (name, pair) in pairs(&base.workflows, &head.workflows) {
        let Pair::Both(before, after) = pair else { continue };
        let change = || {
            let address = format!("workflow.{name}");
            Change::new(Slug::MaxSendsIncreased, address, format!("workflow {name}")).in_workflow(name)
        };
        if after.sends.most > before.sends.most {
            let words = |it: &crate::audit::Bounds| format!("{}..{} messages a run", it.least, it.most);
            changes.push(change().before(words(&before.sends)).after(words(&after.sends)));
        } else if after.sends_a_day.unwrap_or(u64::MAX) > before.sends_a_day.unwrap_or(u64::MAX) {
            let words = |it: Option<u64>| match it {
                Some(1) => "at most 1 message a day".to_owned(),
                Some(count) => format!("at most {count} messages a day"),
                None => "as many messages as it starts".to_owned(),
            };
            changes.push(change().before(words(before.sends_a_day)).after(words(after.sends_a_day)));
        }
    }
}

/// How long the longest way through a workflow takes.
fn waits(base: &Audit, head: &Audit, changes: &mut Vec<Change>) {
    for (name, pair) in pairs(&base.workflows, &head.workflows) {
        let Pair::Both(before, after) = pair else { continue };
        if before.longest_wait != after.longest_wait {
            let words = |it: Option<crate::ir::Duration>| match it {
                Some(duration) => spoken(duration.milliseconds),
                None => "until a computed time".to_owned(),
            };
            let address = format!("workflow.{name}");
            let change = Change::new(Slug::LongestWaitChanged, address, format!("workflow {name}")).in_workflow(name);
            changes.push(change.before(words(before.longest_wait)).after(words(after.longest_wait)));
        }
    }
}

/// A length of time in its units, largest first: `2d 3h`.
pub fn spoken(milliseconds: u64) -> String {
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"), (1, "ms")];
    let mut rest = milliseconds;
    let mut words = Vec::new();
    for (size, unit) in units {
        if rest >= size {
            words.push(format!("{}{unit}", rest / size));
            rest %= size;
        }
    }
    if words.is_empty() { "no wait".to_owned() } else { words.join(" ") }
}

/// What is read of answers that was not, in a workflow that was there.
fn results(base: &Audit, head: &Audit, changes: &mut Vec<Change>) {
    for (name, pair) in pairs(&base.results, &head.results) {
        let Pair::Both(before, after) = pair else { continue };
        for source in after.difference(before) {
            let change =
                Change::new(Slug::ResponseFieldUsedAdded, format!("workflow.{name}"), format!("workflow {name}"));
            changes.push(change.in_workflow(name).value(source).after(source));
        }
    }
}
