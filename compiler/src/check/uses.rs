//! Which workflows call and send what, and what of it is used in other ways than before.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;

use foldhash::fast::RandomState;
use smol_str::SmolStr;

use super::memo::{Checked, Former, Memo};
use super::site::Site;
use crate::ir;
use crate::names::{Index, Kind, Unit};
use crate::syntax::ast::DeclarationKind;
use crate::types::Alike;

/// A webhook, a message or a channel.
type Target = (Kind, SmolStr);

/// The workflows that use each webhook and message. It is kept up to date workflow by workflow.
#[derive(Debug, Default)]
pub(crate) struct Callers {
    by_target: HashMap<Target, BTreeSet<SmolStr>, RandomState>,
}

impl Callers {
    /// Takes in what has become of the workflows that were checked again.
    pub(crate) fn update(&mut self, before: &[Former<ir::Workflow>], now: &Memo<ir::Workflow>) {
        for (name, checked) in before {
            for target in targets(checked) {
                if let Some(callers) = self.by_target.get_mut(&target) {
                    callers.remove(name);
                    if callers.is_empty() {
                        self.by_target.remove(&target);
                    }
                }
            }
        }
        for (name, checked) in now.fresh() {
            for target in targets(checked) {
                self.by_target.entry(target).or_default().insert(name.clone());
            }
        }
    }

    fn of(&self, kind: Kind, name: &SmolStr) -> impl Iterator<Item = &SmolStr> + use<'_> {
        self.by_target.get(&(kind, name.clone())).into_iter().flatten()
    }
}

/// What a workflow uses, each once.
fn targets(checked: &Checked<ir::Workflow>) -> impl Iterator<Item = Target> {
    checked.sites.chunk_by(|one, other| one.target() == other.target()).filter_map(|sites| Some(owned(sites.first()?)))
}

fn owned(site: &Site) -> Target {
    let (kind, name) = site.target();
    (kind, SmolStr::new(name))
}

/// All places where something is used.
pub(crate) struct Uses<'p> {
    workflows: &'p Memo<ir::Workflow>,
    callers: &'p Callers,
    index: &'p Index,
    /// The messages that each channel carries.
    carried: OnceLock<BTreeMap<&'p str, Vec<&'p SmolStr>>>,
}

impl<'p> Uses<'p> {
    /// The places of these workflows.
    pub(crate) const fn new(workflows: &'p Memo<ir::Workflow>, callers: &'p Callers, index: &'p Index) -> Uses<'p> {
        Uses { workflows, callers, index, carried: OnceLock::new() }
    }

    /// Where this is called or sent. What sends a message uses the channels that carry it.
    pub(crate) fn sites(&self, kind: Kind, name: &SmolStr) -> Vec<&'p Site> {
        if kind == Kind::Channel {
            let carried = self.carried.get_or_init(|| carried(self.index)).get(name.as_str());
            return carried.into_iter().flatten().flat_map(|message| self.direct(Kind::Message, message)).collect();
        }
        self.direct(kind, name).collect()
    }

    fn direct(&self, kind: Kind, name: &SmolStr) -> impl Iterator<Item = &'p Site> + use<'p> {
        let (workflows, name) = (self.workflows, name.clone());
        let callers = self.callers.of(kind, &name).filter_map(|caller| workflows.get(caller));
        callers.flat_map(move |checked| {
            let (sites, target) = (&checked.sites, (kind, name.as_str()));
            let from = sites.partition_point(|site| site.target() < target);
            let to = sites.partition_point(|site| site.target() <= target);
            sites.get(from..to).unwrap_or(&[])
        })
    }
}

/// The messages that each channel carries.
fn carried(index: &Index) -> BTreeMap<&str, Vec<&SmolStr>> {
    let mut carried: BTreeMap<&str, Vec<&SmolStr>> = BTreeMap::new();
    for (message, unit) in index.units(Kind::Message) {
        for channel in channels(unit) {
            carried.entry(channel).or_default().push(message);
        }
    }
    carried
}

/// The channels that carry a message.
fn channels(unit: &Unit) -> impl Iterator<Item = &SmolStr> {
    let channels = match &unit.declaration.node.kind {
        DeclarationKind::Message(message) => message.channels.as_slice(),
        _ => &[],
    };
    channels.iter().map(|channel| &channel.node.channel.node).filter(|name| *name != "email")
}

/// What is used in other ways than before.
#[derive(Default)]
pub(crate) struct Touched {
    /// With other things in scope.
    changed: BTreeSet<Target>,
    /// At another place.
    moved: BTreeSet<Target>,
}

impl Touched {
    /// Compares workflows that were checked again with what they were `before`.
    pub(crate) fn of(before: &[Former<ir::Workflow>], now: &Memo<ir::Workflow>) -> Touched {
        let mut touched = Touched::default();
        let mut former: BTreeMap<&SmolStr, &[Site]> =
            before.iter().map(|(name, checked)| (name, &*checked.sites)).collect();
        for (name, checked) in now.fresh() {
            let (former, sites) = (former.remove(name).unwrap_or_default(), &checked.sites);
            let mut known = Alike::default();
            let mut pairs = former.iter().zip(sites);
            let alike = former.len() == sites.len() && pairs.all(|(one, other)| one.is_like(other, &mut known));
            let into = if alike { &mut touched.moved } else { &mut touched.changed };
            into.extend(former.iter().chain(sites).map(owned));
        }
        // Workflows that are no more.
        touched.changed.extend(former.into_values().flatten().map(owned));
        touched
    }

    /// Adds the channels of messages that have changed, or are sent in other ways; `before` are those that were there.
    pub(crate) fn carry(&mut self, before: &[Former<ir::Message>], now: &Memo<ir::Message>) {
        let units = before.iter().map(|(_, checked)| checked).chain(now.fresh().map(|(_, checked)| checked));
        let carried = units.flat_map(|checked| channels(&checked.unit)).map(|channel| (Kind::Channel, channel.clone()));
        self.changed.extend(carried);
        let moved: Vec<_> = self.moved.iter().filter(|(kind, _)| *kind == Kind::Message).cloned().collect();
        let moved = moved.iter().filter_map(|(_, name)| now.get(name)).flat_map(|checked| channels(&checked.unit));
        self.moved.extend(moved.map(|channel| (Kind::Channel, channel.clone())));
    }

    /// Those of one kind that have to be checked again because of their uses. What has found nothing names no place.
    pub(crate) fn stale<T: Send + Sync>(&self, kind: Kind, memo: &Memo<T>) -> BTreeSet<SmolStr> {
        let of_kind = |targets| names(targets, kind);
        let moved = of_kind(&self.moved).filter(|name| memo.has_found(name));
        of_kind(&self.changed).chain(moved).cloned().collect()
    }
}

fn names(targets: &BTreeSet<Target>, kind: Kind) -> impl Iterator<Item = &SmolStr> {
    targets.iter().filter(move |(other, _)| *other == kind).map(|(_, name)| name)
}
