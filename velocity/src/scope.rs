//! Names and their values while a template is rendered.
//!
//! Velocity has one scope: what `#set`, loops and macros write lands beside the data. Every name of a tree has a number,
//! so a rendering keeps the values in a row of slots and asks the context only for names it meets the first time. The
//! names of the rendered template have the first slots, by their numbers; a text that is read while rendering brings
//! names of its own, and a [`Names`] says which slot each has.

use crate::ast::{Name, Tree};
use crate::context::Lookup;
use crate::tools;
use crate::value::Value;
use smol_str::SmolStr;
use std::collections::HashMap;
use std::rc::Rc;

/// Which slot each name of one tree has.
#[derive(Clone)]
pub(crate) enum Names {
    /// The one of its number: the tree that is rendered.
    Own,
    /// A tree that was read while rendering.
    Mapped(Rc<[u32]>),
}

#[derive(Clone)]
enum Slot {
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

    /// Gives every name of a further tree a slot.
    pub(crate) fn enter(&mut self, tree: &Tree) -> Names {
        Names::Mapped(tree.names.iter().map(|name| self.slot_of(name)).collect())
    }

    fn slot_of(&mut self, name: &SmolStr) -> u32 {
        let numbers = self.numbers.get_or_insert_with(|| {
            let names = self.tree.names.iter().chain(&self.more);
            names.enumerate().map(|(slot, name)| (name.clone(), number(slot))).collect()
        });
        if let Some(slot) = numbers.get(name) {
            return *slot;
        }
        let slot = number(self.slots.len());
        numbers.insert(name.clone(), slot);
        self.more.push(name.clone());
        self.slots.push(Slot::Unknown);
        slot
    }

    /// The slot of a name that may be in no tree.
    pub(crate) fn slot_named(&mut self, name: &str) -> u32 {
        self.slot_of(&SmolStr::new(name))
    }

    /// The name of a slot.
    pub(crate) fn name(&self, slot: u32) -> Option<&SmolStr> {
        let slot = slot as usize;
        self.tree.names.get(slot).or_else(|| self.more.get(slot.checked_sub(self.tree.names.len())?))
    }

    /// Asks for a name that nobody has asked for, or that was taken away.
    #[cold]
    #[inline(never)]
    fn resolve(&mut self, slot: u32) {
        let Some(name) = self.name(slot) else { return };
        let removed = matches!(self.slots.get(slot as usize), Some(Slot::Removed));
        let data = if removed { None } else { self.context.look_up(name) };
        let resolved = match data {
            Some(value) => Slot::Present(value),
            None => tools::named(name).map_or(Slot::Absent, Slot::Present),
        };
        if let Some(place) = self.slots.get_mut(slot as usize) {
            *place = resolved;
        }
    }

    /// The value in a slot, if it is known whether there is one; null when there is none.
    #[inline(always)]
    pub(crate) fn known(&self, slot: u32) -> Option<&Value> {
        match self.slots.get(slot as usize) {
            Some(Slot::Present(value)) => Some(value),
            Some(Slot::Unknown | Slot::Removed) => None,
            Some(Slot::Absent) | None => Some(&Value::Null),
        }
    }

    /// The value in a slot; `None` when there is no such name.
    #[inline]
    pub(crate) fn get(&mut self, slot: u32) -> Option<&Value> {
        if matches!(self.slots.get(slot as usize), Some(Slot::Unknown | Slot::Removed)) {
            self.resolve(slot);
        }
        match self.slots.get(slot as usize) {
            Some(Slot::Present(value)) => Some(value),
            _ => None,
        }
    }

    /// Gives a name a value.
    #[inline]
    pub(crate) fn put(&mut self, slot: u32, value: Value) {
        let Some(place) = self.slots.get_mut(slot as usize) else { return };
        let old = std::mem::replace(place, Slot::Present(value));
        // What holds nothing needs no drop: most of what loops and `#set` replace are numbers.
        if matches!(
            old,
            Slot::Present(Value::Integer(_) | Value::Boolean(_) | Value::Null) | Slot::Unknown | Slot::Absent
        ) {
            std::mem::forget(old);
        }
    }

    /// Takes a name away, the data's too; a tool of that name is seen again.
    pub(crate) fn remove(&mut self, slot: u32) {
        let is_tool = match self.tree.tools.get(slot as usize) {
            Some(is_tool) => *is_tool,
            None => self.name(slot).is_some_and(|name| tools::tool(name).is_some()),
        };
        if let Some(place) = self.slots.get_mut(slot as usize) {
            *place = if is_tool { Slot::Removed } else { Slot::Absent };
        }
    }

    /// Gives a name back what it had: a value, or none.
    pub(crate) fn restore(&mut self, slot: u32, value: Option<Value>) {
        match value {
            Some(value) => self.put(slot, value),
            None => self.remove(slot),
        }
    }

    /// The slot of a tree's name.
    #[inline]
    pub(crate) fn slot(names: &Names, name: Name) -> u32 {
        match names {
            Names::Own => name.0,
            Names::Mapped(slots) => slots.get(name.0 as usize).copied().unwrap_or(u32::MAX),
        }
    }
}

fn number(slot: usize) -> u32 {
    u32::try_from(slot).unwrap_or(u32::MAX)
}
