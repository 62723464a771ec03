//! Names and their values while a template is rendered.
//!
//! Velocity has one scope: what `#set`, loops and macros write lands beside the data. Every name of a tree has a number,
//! so a rendering keeps the values in a row of slots and asks the context only for names it meets the first time. The
//! names of the rendered template have the first slots, by their numbers; the further names of a text that is read while
//! rendering get the slots behind them.

use crate::ast::{Name, Tree};
use crate::context::Lookup;
use crate::parser::Numbers;
use crate::tools;
use crate::value::Value;
use smol_str::SmolStr;
use std::collections::HashMap;

/// What is known of a name.
#[derive(Clone)]
pub(crate) enum Slot {
    /// Nobody has asked yet.
    Unknown,
    /// The name was taken away, and a tool stands behind it.
    Removed,
    /// There is no such name.
    Absent,
    /// The name's value; it may be null.
    Present(Value),
}

/// The slots of one rendering.
pub(crate) struct Scope<'r> {
    context: &'r dyn Lookup,
    tree: &'r Tree,
    slots: Vec<Slot>,
    /// The names that are not the tree's.
    more: Vec<SmolStr>,
    /// The slots of all names; only made when a second tree comes.
    numbers: Option<HashMap<SmolStr, u32>>,
}

impl<'r> Scope<'r> {
    /// A scope whose first slots are the names of `tree`.
    pub(crate) fn new(context: &'r dyn Lookup, tree: &'r Tree) -> Scope<'r> {
        Scope {
            context,
            tree,
            slots: tree.names.iter().map(|_| Slot::Unknown).collect(),
            more: Vec::new(),
            numbers: None,
        }
    }

    /// The slot of a name that may be in no tree.
    pub(crate) fn slot_named(&mut self, name: &str) -> Name {
        let numbers = self.numbers.get_or_insert_with(|| {
            let names = self.tree.names.iter().chain(&self.more);
            names.enumerate().map(|(slot, name)| (name.clone(), number(slot))).collect()
        });
        if let Some(slot) = numbers.get(name) {
            return Name(*slot);
        }
        let slot = number(self.slots.len());
        let name = SmolStr::new(name);
        numbers.insert(name.clone(), slot);
        self.more.push(name);
        self.slots.push(Slot::Unknown);
        Name(slot)
    }

    /// The name of a slot.
    pub(crate) fn name(&self, slot: Name) -> Option<&SmolStr> {
        let slot = slot.0 as usize;
        self.tree.names.get(slot).or_else(|| self.more.get(slot.checked_sub(self.tree.names.len())?))
    }

    /// Asks for a name that nobody has asked for, or that was taken away.
    #[cold]
    #[inline(never)]
    fn resolve(&mut self, slot: Name) {
        let Some(name) = self.name(slot) else { return };
        let removed = matches!(self.slots.get(slot.0 as usize), Some(Slot::Removed));
        let data = if removed { None } else { self.context.look_up(name) };
        let resolved = match data {
            Some(value) => Slot::Present(value),
            None => tools::named(name).map_or(Slot::Absent, Slot::Present),
        };
        if let Some(place) = self.slots.get_mut(slot.0 as usize) {
            *place = resolved;
        }
    }

    /// What is known of a name.
    #[inline(always)]
    pub(crate) fn slot(&self, slot: Name) -> Option<&Slot> {
        self.slots.get(slot.0 as usize)
    }

    /// The value in a slot; `None` when there is no such name.
    #[inline]
    pub(crate) fn get(&mut self, slot: Name) -> Option<&Value> {
        if matches!(self.slots.get(slot.0 as usize), Some(Slot::Unknown | Slot::Removed)) {
            self.resolve(slot);
        }
        match self.slots.get(slot.0 as usize) {
            Some(Slot::Present(value)) => Some(value),
            _ => None,
        }
    }

    /// Gives a name a value.
    #[inline]
    pub(crate) fn put(&mut self, slot: Name, value: Value) {
        let Some(place) = self.slots.get_mut(slot.0 as usize) else { return };
        let old = std::mem::replace(place, Slot::Present(value));
        // What holds nothing needs no drop: most of what loops and `#set` replace are numbers.
        if matches!(
            old,
            Slot::Present(Value::Integer(_) | Value::Boolean(_) | Value::Null) | Slot::Unknown | Slot::Absent
        ) {
            std::mem::forget(old);
        }
    }

    /// Gives a name a number: mostly it has one already.
    #[inline]
    pub(crate) fn put_number(&mut self, slot: Name, number: i32) {
        match self.slots.get_mut(slot.0 as usize) {
            Some(Slot::Present(Value::Integer(old))) => *old = number,
            _ => self.put(slot, Value::Integer(number)),
        }
    }

    /// Takes a name away, the data's too; a tool of that name is seen again.
    pub(crate) fn remove(&mut self, slot: Name) {
        let is_tool = match self.tree.tools.get(slot.0 as usize) {
            Some(is_tool) => *is_tool,
            None => self.name(slot).is_some_and(|name| tools::tool(name).is_some()),
        };
        if let Some(place) = self.slots.get_mut(slot.0 as usize) {
            *place = if is_tool { Slot::Removed } else { Slot::Absent };
        }
    }

    /// Gives a name back what it had: a value, or none.
    pub(crate) fn restore(&mut self, slot: Name, value: Option<Value>) {
        match value {
            Some(value) => self.put(slot, value),
            None => self.remove(slot),
        }
    }
}

impl Numbers for Scope<'_> {
    fn number(&mut self, name: &str) -> Name {
        self.slot_named(name)
    }
}

fn number(slot: usize) -> u32 {
    u32::try_from(slot).unwrap_or(u32::MAX)
}
