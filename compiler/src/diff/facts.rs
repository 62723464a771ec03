//! Changes of derived facts: hosts, flows, secrets, and how much a contact may get.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use smol_str::SmolStr;

use super::catalogue::Slug;
use super::change::Change;
use crate::audit::{Audit, Carrier, Derived, Destination, Facts, Flow, Place, Reach, Source};
use crate::pair::{Pair, pairs};

/// Compares what was derived from both programs; `sensitive`: the fields that the new one marks so.
pub(super) fn compare(base: &Audit, head: &Audit, sensitive: &BTreeSet<SmolStr>, changes: &mut Vec<Change>) {
    hosts(base, head, changes);
    flows(base, head, sensitive, changes);
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

/// The address of the line that a flow stands in.
fn part_of(flow: &Flow) -> String {
    let carrier = address_of(&flow.carrier);
    match &flow.place {
        Place::Path | Place::Query(_) => format!("{carrier}.url"),
        Place::Header(name) => format!("{carrier}.headers.{name}"),
        Place::Body(path) if path.is_empty() => format!("{carrier}.body"),
        Place::Body(path) => format!("{carrier}.body.{path}"),
        Place::Message(part) => format!("{carrier}.{part}"),
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
        let change = change.part(format!("{}.url", address_of(carrier)));
        changes.push(if slug == Slug::HostAdded { change.after(host) } else { change.before(host) });
    }
}

/// All flows of one piece of data to one place in the world.
type Cells<'a> = BTreeMap<Cell<'a>, Vec<&'a Flow>>;
type Cell<'a> = (&'a Source, &'a Destination);

/// The cells that a workflow touches whose facts are not the same on both sides: no other one can differ.
fn touched<'a>(base: &'a Audit, head: &'a Audit) -> HashSet<Cell<'a>> {
    let differing = pairs(&base.workflows, &head.workflows).map(|(_, pair)| match pair {
        Pair::Added(one) | Pair::Removed(one) => [Some(one), None],
        Pair::Both(old, new) if old.is_shared(new) => [None, None],
        Pair::Both(old, new) => [Some(old), Some(new)],
    });
    differing.flatten().flatten().flat_map(Derived::flows).map(|flow| (&flow.source, &flow.destination)).collect()
}

fn cells<'a>(audit: &'a Audit, touched: &HashSet<Cell<'_>>) -> Cells<'a> {
    let mut cells = Cells::new();
    for flow in audit.workflows.values().flat_map(Derived::flows) {
        let cell = (&flow.source, &flow.destination);
        if touched.contains(&cell) {
            cells.entry(cell).or_default().push(flow);
        }
    }
    cells.values_mut().for_each(|flows| flows.sort());
    cells
}

fn flows(base: &Audit, head: &Audit, sensitive: &BTreeSet<SmolStr>, changes: &mut Vec<Change>) {
    let touched = touched(base, head);
    let (before, after) = (cells(base, &touched), cells(head, &touched));
    for ((source, destination), pair) in pairs(&before, &after) {
        match pair {
            // What mail shows to its recipient is told with the message, unless it came there by another field.
            Pair::Added(flows) | Pair::Removed(flows) | Pair::Both(flows, _)
                if **destination == Destination::Mail && flows.iter().any(|flow| flow.through.is_none()) => {}
            // That nothing goes to a host any more is said with the host.
            Pair::Removed(_) if is_gone(destination, head) => {}
            Pair::Added(flows) => {
                let change = sent(Slug::FieldSentAdded, source, destination, flows);
                let marked = matches!(source, Source::Contact(field) | Source::Event { field, .. }
                    if field.split('.').any(|name| sensitive.contains(name)));
                changes.push(if marked { change.detail("the field is marked as sensitive") } else { change });
            }
            Pair::Removed(flows) => changes.push(sent(Slug::FieldSentRemoved, source, destination, flows)),
            Pair::Both(old, new) => {
                let in_url = |flows: &[&Flow]| flows.iter().any(|flow| flow.place.is_in_url());
                if in_url(new) && !in_url(old) {
                    let moved: Vec<&Flow> = new.iter().copied().filter(|flow| flow.place.is_in_url()).collect();
                    let change = sent(Slug::FieldMovedToUrl, source, destination, &moved);
                    let words = |flows: &[&Flow]| format!("{source} in {}", places(flows));
                    changes.push(change.before(words(old)).after(words(&moved)));
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
    change.part = flows.first().map(|flow| part_of(flow));
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
            let part = format!("{address}.auth");
            let change = Change::new(Slug::AuthHostWidened, address, title).value(format!("{secret} -> {host}"));
            let words = |hosts: &BTreeSet<_>| hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            changes.push(change.part(part).before(words(before)).after(words(after)));
        }
    }
}

/// The workflows that are on both sides with other facts.
fn both<'a>(base: &'a Audit, head: &'a Audit) -> impl Iterator<Item = (&'a SmolStr, &'a Facts, &'a Facts)> {
    pairs(&base.workflows, &head.workflows).filter_map(|(name, pair)| match pair {
        Pair::Both(old, new) if !old.is_shared(new) => Some((name, old.facts(), new.facts())),
        _ => None,
    })
}

fn sends(base: &Audit, head: &Audit, changes: &mut Vec<Change>) {
    for (name, before, after) in both(base, head) {
        let (before, after) = (&before.reach, &after.reach);
        let change = |slug| Change::new(slug, format!("workflow.{name}"), format!("workflow {name}")).in_workflow(name);
        let run = |it: &Reach| match (it.sends.least, it.sends.most) {
            (0, 0) => "no message".to_owned(),
            (1, 1) => "1 message a run".to_owned(),
            (least, most) if least == most => format!("{most} messages a run"),
            (least, most) => format!("{least}..{most} messages a run"),
        };
        let known = changes.len();
        if after.sends.most > before.sends.most {
            changes.push(change(Slug::MaxSendsIncreased).before(run(before)).after(run(after)));
        }
        for (time, count) in [("day", per_day as fn(&Reach) -> _), ("week", per_week), ("month", per_month)] {
            let (old, new) = (count(before), count(after));
            if changes.len() == known && new.unwrap_or(u64::MAX) > old.unwrap_or(u64::MAX) {
                let change = change(Slug::MaxSendsIncreased);
                changes.push(change.before(at_most(old, time)).after(at_most(new, time)));
            }
        }
        // That nobody is sure to get as many any more is told, too.
        if changes.len() == known && (after.sends.least, after.sends.most) != (before.sends.least, before.sends.most) {
            changes.push(change(Slug::SendsChanged).before(run(before)).after(run(after)));
        }
    }
}

fn per_day(reach: &Reach) -> Option<u64> {
    reach.sends_a_day
}

fn per_week(reach: &Reach) -> Option<u64> {
    reach.sends_a_week
}

fn per_month(reach: &Reach) -> Option<u64> {
    reach.sends_a_month
}

fn at_most(count: Option<u64>, time: &str) -> String {
    match count {
        Some(1) => format!("at most 1 message a {time}"),
        Some(count) => format!("at most {count} messages a {time}"),
        None => "as many messages as it starts".to_owned(),
    }
}

/// How long the longest way through a workflow takes.
fn waits(base: &Audit, head: &Audit, changes: &mut Vec<Change>) {
    for (name, before, after) in both(base, head) {
        let (before, after) = (&before.reach, &after.reach);
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
    for (name, before, after) in both(base, head) {
        for source in after.results.difference(&before.results) {
            let change =
                Change::new(Slug::ResponseFieldUsedAdded, format!("workflow.{name}"), format!("workflow {name}"));
            changes.push(change.in_workflow(name).value(source).after(source));
        }
    }
}
