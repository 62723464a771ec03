//! Changes of a workflow's header: what starts it, for whom, how often, and what ends it.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::catalogue::{Risk, Runs, Slug};
use super::change::Change;
use super::filter::{self, Order, Scope};
use crate::ir::{Exit, Expression, Identification, NotFound, Program, Reentry, Trigger, Workflow, Written};
use crate::pair::{Pair, pairs};

/// Compares the header lines of a workflow.
pub(super) fn compare(
    name: &SmolStr,
    (base_program, base): (&Program, &Workflow),
    (head_program, head): (&Program, &Workflow),
    changes: &mut Vec<Change>,
) {
    let scope = Scope::within((base_program, head_program), head);
    let mut header = Header { name, programs: (base_program, head_program), scope, changes };
    super::declaration::description(&format!("workflow.{name}"), &base.description, &head.description, header.changes);
    header.triggers(&base.triggers, &head.triggers);
    header.identification(base.identification.as_ref(), head.identification.as_ref());
    header.reentry(base, head);
    header.exits(&base.exits, &head.exits);
}

struct Header<'a> {
    name: &'a SmolStr,
    /// The old and the new program.
    programs: (&'a Program, &'a Program),
    scope: Scope<'a>,
    changes: &'a mut Vec<Change>,
}

impl Header<'_> {
    fn change(&self, slug: Slug, line: &str) -> Change {
        Change::new(slug, format!("workflow.{}.{line}", self.name), format!("workflow {}", self.name))
            .in_workflow(self.name)
    }

    fn triggers(&mut self, base: &[Trigger], head: &[Trigger]) {
        let known = self.changes.len();
        let (before, after) = (by_subject(base), by_subject(head));
        let gone: Vec<&Trigger> = only_removed(&before, &after);
        let new: Vec<&Trigger> = only_removed(&after, &before);
        // One in place of one other: the line was changed.
        let replaced = match (gone.as_slice(), new.as_slice()) {
            ([Trigger::Schedule { .. }], [Trigger::Schedule { .. }]) => Some(Slug::ScheduleChanged),
            ([_], [_]) => Some(Slug::TriggerEventChanged),
            _ => None,
        };
        if let (Some(slug), [old], [new]) = (replaced, gone.as_slice(), new.as_slice()) {
            let change = self.change(slug, "on").before(trigger(old)).after(trigger(new));
            self.changes.push(self.members(old, new, change));
        } else {
            for old in gone {
                self.changes.push(self.change(Slug::TriggerRemoved, "on").before(trigger(old)));
            }
            for new in new {
                self.changes.push(self.change(Slug::TriggerAdded, "on").after(trigger(new)));
            }
        }
        for (_, pair) in pairs(&before, &after) {
            if let Pair::Both(old, new) = pair {
                self.filters(old, new);
            }
        }
        if base != head && self.changes.len() == known {
            let words = |triggers: &[Trigger]| triggers.iter().map(trigger).collect::<Vec<_>>().join("; ");
            let order = self.change(Slug::DeclarationChanged, "on").risk(Risk::Note).runs(Runs::Unaffected);
            self.changes.push(order.before(words(base)).after(format!("{} (the order means nothing)", words(head))));
        }
    }

    /// Another segment means other people, unless it certainly has no further ones.
    fn members(&self, old: &Trigger, new: &Trigger, change: Change) -> Change {
        let (Trigger::Schedule { segment, .. }, Trigger::Schedule { segment: new_segment, .. }) = (old, new) else {
            return change;
        };
        let (base, head) = self.programs;
        let (Some(before), Some(after)) = (base.segments.get(segment), head.segments.get(new_segment)) else {
            return change;
        };
        match filter::order(&Scope::of((base, head)), &before.condition, &after.condition) {
            _ if segment == new_segment => change,
            Order::Same => change.detail("both segments have the same members"),
            Order::Narrower => change.detail("the segment has fewer members"),
            order @ (Order::Wider | Order::Unknown) => {
                let words = if order == Order::Wider { "the segment has more members" } else { "other members" };
                let condition = format!("{words}: {} → {}", Written(&before.condition), Written(&after.condition));
                change.risk(Risk::Danger).detail(condition)
            }
        }
    }

    /// Compares what the lines of one event let through, of which one is enough.
    fn filters(&mut self, old: &[&Trigger], new: &[&Trigger]) {
        let (before, after) = (filters(old), filters(new));
        if before == after {
            return;
        }
        let order = order_of_named(&self.scope, &before, &after);
        let slug = match order {
            Order::Wider => Slug::FilterWidened,
            Order::Narrower => Slug::FilterNarrowed,
            Order::Same | Order::Unknown => Slug::FilterChanged,
        };
        let words = |filters: &[Named<'_>]| {
            let written: Option<Vec<String>> =
                filters.iter().map(|(_, it)| Some(Written((*it)?).to_string())).collect();
            written.map(|written| written.join(" or "))
        };
        let change = self.change(slug, "on").between(words(&before), words(&after));
        let same = order == Order::Same;
        self.changes.push(if same { change.unaffected().detail("the same events start it") } else { change });
    }

    fn identification(&mut self, base: Option<&Identification>, head: Option<&Identification>) {
        let (before, after) = (ways(base), ways(head));
        if before != after {
            let sorted = |ways: &[String]| {
                let mut ways = ways.to_vec();
                ways.sort();
                ways
            };
            let reordered = sorted(&before) == sorted(&after);
            let slug = if reordered { Slug::IdentifyOrderChanged } else { Slug::IdentifyKeyChanged };
            let words = |ways: &[String]| match ways {
                [] => "the contact that starts it".to_owned(),
                ways => ways.join(", "),
            };
            let change = self.change(slug, "identify").before(words(&before)).after(words(&after));
            self.changes.push(change);
        }
        if let (Some(old), Some(new)) = (base, head)
            && old.otherwise != new.otherwise
        {
            self.changes.push(not_found_changed(self.change(Slug::CreateIfMissingChanged, "identify"), old, new));
        }
    }

    fn reentry(&mut self, base: &Workflow, head: &Workflow) {
        if base.reentry != head.reentry {
            let change = self.change(Slug::DedupeChanged, "once");
            let change = change.before(reentry(base.reentry)).after(reentry(head.reentry));
            self.changes.push(if kept_out(head.reentry) > kept_out(base.reentry) {
                change
                    .risk(Risk::Review)
                    .detail("a contact may enter again later than before, or not at all: fewer runs")
            } else {
                change.detail("a contact may enter again sooner than before: more runs")
            });
        }
        if base.one_at_a_time != head.one_at_a_time {
            let words = |one: bool| if one { "one at a time" } else { "runs of one contact may overlap" };
            let risk = if head.one_at_a_time { Risk::Review } else { Risk::Danger };
            let change = self.change(Slug::ReentryPolicyChanged, "one").risk(risk);
            self.changes.push(change.before(words(base.one_at_a_time)).after(words(head.one_at_a_time)));
        }
    }

    fn exits(&mut self, base: &[Exit], head: &[Exit]) {
        if base == head {
            return;
        }
        let known = self.changes.len();
        let (before, after) = (exits_by_event(base), exits_by_event(head));
        for (_, pair) in pairs(&before, &after) {
            match pair {
                Pair::Added(new) => {
                    for exit in new {
                        self.changes.push(self.change(Slug::ExitAdded, "exit").after(exit_words(exit)));
                    }
                }
                Pair::Removed(old) => {
                    for exit in old {
                        self.changes.push(self.change(Slug::ExitRemoved, "exit").before(exit_words(exit)));
                    }
                }
                Pair::Both(old, new) if old != new => {
                    let words =
                        |exits: &[&Exit]| exits.iter().map(|exit| exit_words(exit)).collect::<Vec<_>>().join("; ");
                    let change = self.change(Slug::ExitChanged, "exit").before(words(old)).after(words(new));
                    // Who is not let go any more goes on to be written to.
                    let order = order_of_named(&self.scope, &named(old), &named(new));
                    self.changes.push(match order {
                        Order::Narrower => change.risk(Risk::Danger).detail("it ends fewer runs: the others go on"),
                        Order::Wider => change.detail("it ends more runs"),
                        Order::Same => change.unaffected().detail("it ends the same runs"),
                        Order::Unknown => change,
                    });
                }
                Pair::Both(..) => {}
            }
        }
        if self.changes.len() == known {
            self.changes.push(self.change(Slug::ExitChanged, "exit").risk(Risk::Note));
        }
    }
}

/// Triggers by what they are about: the event, of which there may be several lines, the schedule, the field.
fn by_subject(triggers: &[Trigger]) -> BTreeMap<String, Vec<&Trigger>> {
    let mut by_subject: BTreeMap<String, Vec<&Trigger>> = BTreeMap::new();
    for trigger in triggers {
        let subject = match trigger {
            Trigger::Event { event, .. } => format!("event {event}"),
            Trigger::Schedule { cron, zone, segment } => format!("schedule {cron} {zone} {segment}"),
            Trigger::ContactChanged { field } => format!("contact {field}"),
        };
        by_subject.entry(subject).or_default().push(trigger);
    }
    by_subject
}

/// What is in one map alone.
fn only_removed<'a>(
    one: &BTreeMap<String, Vec<&'a Trigger>>,
    other: &BTreeMap<String, Vec<&'a Trigger>>,
) -> Vec<&'a Trigger> {
    one.iter().filter(|(subject, _)| !other.contains_key(*subject)).flat_map(|(_, lines)| lines).copied().collect()
}

/// What the lines of an event ask.
fn filters<'a>(triggers: &[&'a Trigger]) -> Vec<Named<'a>> {
    let filter = |trigger: &&'a Trigger| match trigger {
        Trigger::Event { filter, .. } => Some((None, filter.as_ref())),
        Trigger::Schedule { .. } | Trigger::ContactChanged { .. } => None,
    };
    triggers.iter().filter_map(filter).collect()
}

/// A trigger as written.
pub(crate) fn trigger(trigger: &Trigger) -> String {
    match trigger {
        Trigger::Event { event, filter: None } => format!("on {event}"),
        Trigger::Event { event, filter: Some(filter) } => format!("on {event} where {}", Written(filter)),
        Trigger::Schedule { cron, zone, segment } => format!("on schedule {cron:?} in {zone:?} for segment {segment}"),
        Trigger::ContactChanged { field } => format!("on contact.{field} changed"),
    }
}

fn ways(identification: Option<&Identification>) -> Vec<String> {
    let ways = identification.into_iter().flat_map(|it| &it.ways);
    ways.map(|way| format!("{} {}", way.by, Written(&way.value))).collect()
}

/// What happens now when no contact is found.
pub(super) fn not_found_changed(change: Change, old: &Identification, new: &Identification) -> Change {
    let risk = if new.otherwise == NotFound::Create { Risk::Danger } else { Risk::Review };
    change.risk(risk).before(not_found(old.otherwise)).after(not_found(new.otherwise))
}

/// An identification as written.
pub(super) fn identification_words(identification: &Identification) -> String {
    format!("identify by {}, {}", ways(Some(identification)).join(", "), not_found(identification.otherwise))
}

const fn not_found(otherwise: NotFound) -> &'static str {
    match otherwise {
        NotFound::Fail => "else the run fails",
        NotFound::Create => "else create",
        NotFound::Stop => "else stop",
    }
}

/// For how long a contact is kept out, in milliseconds.
const fn kept_out(reentry: Reentry) -> u64 {
    match reentry {
        Reentry::Always => 0,
        Reentry::OncePer(period) => period.milliseconds,
        Reentry::OnceEver => u64::MAX,
    }
}

fn reentry(reentry: Reentry) -> String {
    match reentry {
        Reentry::Always => "with every start".to_owned(),
        Reentry::OncePer(period) => format!("once per {period}"),
        Reentry::OnceEver => "once ever".to_owned(),
    }
}

fn exits_by_event(exits: &[Exit]) -> BTreeMap<&SmolStr, Vec<&Exit>> {
    let mut by_event: BTreeMap<&SmolStr, Vec<&Exit>> = BTreeMap::new();
    for exit in exits {
        by_event.entry(&exit.event).or_default().push(exit);
    }
    by_event
}

/// A `where`, if there is one, and the name that it gives to the event that it asks of.
pub(super) type Named<'a> = (Option<&'a SmolStr>, Option<&'a Expression>);

/// How the `where` of some lines, of which one is enough, stand to those of others.
pub(super) fn order_of_named(scope: &Scope<'_>, old: &[Named<'_>], new: &[Named<'_>]) -> Order {
    // All of them know the event by one name.
    let name = new.iter().chain(old).find_map(|(name, filter)| filter.and(*name));
    let asked = |lines: &[Named<'_>]| -> Vec<Expression> {
        let asked = |(alias, filter): &Named<'_>| match (filter, alias, name) {
            (None, ..) => filter::ALWAYS,
            (Some(filter), Some(alias), Some(name)) if *alias != name => filter::renamed(filter, alias, name),
            (Some(filter), ..) => (*filter).clone(),
        };
        lines.iter().map(asked).collect()
    };
    filter::order_of_lines(scope, &asked(old), &asked(new))
}

fn named<'a>(exits: &[&'a Exit]) -> Vec<Named<'a>> {
    exits.iter().map(|exit| (exit.alias.as_ref(), exit.filter.as_ref())).collect()
}

fn exit_words(exit: &Exit) -> String {
    let mut words = format!("exit on {}", exit.event);
    if let Some(alias) = &exit.alias {
        words.push_str(&format!(" as {alias}"));
    }
    if let Some(filter) = &exit.filter {
        words.push_str(&format!(" where {}", Written(filter)));
    }
    words
}
