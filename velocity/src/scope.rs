//! Names and their values while a template is rendered.
//!
//! Velocity has one scope: what `#set`, loops and macros write lands beside the data. Every name of a tree has a number,
//! so a rendering keeps the values in a row of slots and asks the context only for names it meets the first time. A text
//! that is read while rendering brings names of its own; a [`Names`] says which slot each has.

use crate::ast::{Name, Tree};
use crate::context::Context;
use crate::tools;
use crate::value::Value;
use smol_str::SmolStr;
use std::collections::HashMap;
use std::rc::Rc;

/// Which slot each name of one tree has.
pub(crate) type Names = Rc<[u32]>;

#[derive(Clone)]
enum Slot {
    /// Nobody has asked yet.
    Unknown,
    /// There is no such name.
    Absent,
    /// The name's value; it may be null.
    Present(Value),
}

/// The slots of one rendering.
pub(crate) struct Scope<'r> {
    context: &'r Context,
    slots: Vec<Slot>,
    names: Vec<SmolStr>,
    /// Only made when a second tree comes.
    numbers: Option<HashMap<SmolStr, u32>>,
}

impl<'r> Scope<'r> {
    pub(crate) fn new(context: &'r Context) -> Scope<'r> {
        Scope { context, slots: Vec::new(), names: Vec::new(), numbers: None }
    }

    /// Gives every name of a tree a slot.
    pub(crate) fn enter(&mut self, tree: &Tree) -> Names {
        if self.names.is_empty() {
            self.names = tree.names.clone();
            self.slots = vec![Slot::Unknown; self.names.len()];
            return (0..u32::try_from(self.names.len()).unwrap_or(u32::MAX)).collect();
        }
        tree.names.iter().map(|name| self.slot_of(name)).collect()
    }

    fn slot_of(&mut self, name: &SmolStr) -> u32 {
        let numbers = self.numbers.get_or_insert_with(|| {
            self.names.iter().enumerate().map(|(slot, name)| (name.clone(), slot as u32)).collect()
        });
        if let Some(slot) = numbers.get(name) {
            return *slot;
        }
        let slot = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        numbers.insert(name.clone(), slot);
        self.names.push(name.clone());
        self.slots.push(Slot::Unknown);
        slot
    }

    /// The slot of a name that is in no tree.
    pub(crate) fn slot_named(&mut self, name: &str) -> u32 {
        self.slot_of(&SmolStr::new(name))
    }

    fn resolve(&self, slot: usize) -> Slot {
        let Some(name) = self.names.get(slot) else { return Slot::Absent };
        match self.context.get(name).cloned().or_else(|| tools::named(name)) {
            Some(value) => Slot::Present(value),
            None => Slot::Absent,
        }
    }

    /// The value in a slot; `None` when there is no such name.
    pub(crate) fn get(&mut self, slot: u32) -> Option<&Value> {
        let slot = slot as usize;
        if matches!(self.slots.get(slot), Some(Slot::Unknown)) {
            let resolved = self.resolve(slot);
            if let Some(place) = self.slots.get_mut(slot) {
                *place = resolved;
            }
        }
        match self.slots.get(slot) {
            Some(Slot::Present(value)) => Some(value),
            _ => None,
        }
    }

    /// Gives a name a value.
    pub(crate) fn put(&mut self, slot: u32, value: Value) {
        if let Some(place) = self.slots.get_mut(slot as usize) {
            *place = Slot::Present(value);
        }
    }

    /// Takes a name away, the data's too; a tool of that name is seen again.
    pub(crate) fn remove(&mut self, slot: u32) -> Option<Value> {
        let old = self.get(slot).cloned();
        let tool = self.names.get(slot as usize).and_then(|name| tools::named(name));
        if let Some(place) = self.slots.get_mut(slot as usize) {
            *place = tool.map_or(Slot::Absent, Slot::Present);
        }
        old
    }

    /// The slot of a tree's name.
    pub(crate) fn slot(names: &Names, name: Name) -> u32 {
        names.get(name.0 as usize).copied().unwrap_or(u32::MAX)
    }
}
