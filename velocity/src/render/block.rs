//! Blocks as values, `#define` and `$bodyContent`, and the scopes of directives such as `$foreach`.

use super::{Frame, Halt, Rendered, Renderer};
use crate::ast::{Block, Define, LoopProperty, Name};
use crate::methods::Class;
use crate::value::{Map, Object, Value, print_within};
use smol_str::SmolStr;
use std::any::Any;
use std::cell::{Cell, OnceCell};
use std::rc::Rc;
use std::sync::Arc;

/// A block that is rendered anew at each use.
pub(crate) struct BlockValue {
    frame: Frame,
    body: Arc<Block>,
    /// How often it may stand in itself.
    most: u32,
    depth: Cell<u32>,
    /// The name of the scope it offers, when that is switched on.
    scope: SmolStr,
}

impl Object for BlockValue {
    fn kind(&self) -> &'static str {
        "block"
    }

    fn class(&self) -> Class {
        Class::Block
    }

    fn truth(&self) -> bool {
        self.depth.get() <= self.most
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The state of a directive that is being rendered: `$foreach`, and others when they are switched on.
pub(crate) struct Loop {
    /// The directive, for `#break($foreach)`.
    pub(crate) owner: usize,
    /// What had the name before: the state around this one, or data.
    pub(crate) previous: Option<Value>,
    pub(crate) index: Cell<i32>,
    pub(crate) has_next: Cell<bool>,
    /// Whether it is `$foreach`.
    pub(crate) counts: bool,
    /// What the template has put into it; made when something is.
    storage: OnceCell<Map>,
}

impl Loop {
    pub(crate) fn new(owner: usize, previous: Option<Value>, counts: bool) -> Loop {
        Loop { owner, previous, index: Cell::new(-1), has_next: Cell::new(false), counts, storage: OnceCell::new() }
    }

    /// What the template has put into it.
    pub(crate) fn storage(&self) -> &Map {
        self.storage.get_or_init(Map::new)
    }

    /// What it tells of the loop.
    #[inline]
    pub(crate) fn tell(&self, property: LoopProperty) -> Value {
        match property {
            LoopProperty::Index => Value::Integer(self.index.get()),
            LoopProperty::Count => Value::Integer(self.index.get().saturating_add(1)),
            LoopProperty::HasNext => Value::Boolean(self.has_next.get()),
            LoopProperty::First => Value::Boolean(self.index.get() < 1),
            LoopProperty::Last => Value::Boolean(!self.has_next.get()),
        }
    }

    /// The state around this one.
    pub(crate) fn parent(&self) -> Option<Value> {
        self.previous
            .clone()
            .filter(|value| matches!(value, Value::Opaque(object) if object.downcast::<Loop>().is_some()))
    }

    /// The data whose name this state took.
    pub(crate) fn replaced(&self) -> Option<Value> {
        match &self.previous {
            Some(Value::Opaque(object)) if let Some(parent) = object.downcast::<Loop>() => parent.replaced(),
            Some(Value::Null) | None => None,
            Some(value) => Some(value.clone()),
        }
    }
}

impl Object for Loop {
    fn kind(&self) -> &'static str {
        "scope"
    }

    fn class(&self) -> Class {
        if self.counts { Class::Loop } else { Class::Scope }
    }

    fn truth(&self) -> bool {
        self.storage.get().is_some_and(|storage| !storage.is_empty())
    }

    fn print_within(&self, out: &mut String, depth: u32) {
        print_within(&Value::Map(self.storage().clone()), out, depth);
    }

    fn held(&self, show: &mut dyn FnMut(&Value)) {
        show(&Value::Map(self.storage().clone()));
        self.previous.iter().for_each(show);
    }

    fn as_loop(&self) -> Option<&Loop> {
        Some(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Renderer<'_> {
    /// `#define($name)`: gives the name the block.
    pub(super) fn define(&mut self, frame: &Frame, define: &Define) {
        let most = self.settings.define_max_depth;
        let block = self.block_value(frame, &define.body, most, &SmolStr::new_static("define"));
        self.scope.put(define.name, block);
    }

    pub(super) fn block_value(&self, frame: &Frame, body: &Arc<Block>, most: u32, scope: &SmolStr) -> Value {
        let block: Rc<dyn Object> = Rc::new(BlockValue {
            frame: frame.clone(),
            body: Arc::clone(body),
            most,
            depth: Cell::new(0),
            scope: scope.clone(),
        });
        Value::from(block)
    }

    /// Renders a block that is a value; false when it stands too often in itself.
    pub(super) fn block_use(&mut self, block: &BlockValue, out: &mut String) -> Result<bool, Halt> {
        if block.depth.get() >= block.most {
            return Ok(false);
        }
        self.machine.enter()?;
        block.depth.set(block.depth.get() + 1);
        let owner = Arc::as_ptr(&block.body).addr();
        let scope = self.open_scope(&block.scope, owner);
        let rendered = self.block(&block.frame, &block.body, out);
        self.close_scope(scope);
        block.depth.set(block.depth.get() - 1);
        self.machine.leave();
        match rendered {
            Err(halt) if !Renderer::ends(&halt, owner) => Err(halt),
            _ => Ok(true),
        }
    }

    /// Appends a value as text.
    pub(crate) fn append(&mut self, value: &Value, out: &mut String) -> Rendered {
        if let Value::Opaque(object) = value
            && let Some(block) = object.downcast::<BlockValue>()
        {
            let (text, used) = self.buffered(|renderer, text| renderer.block_use(block, text));
            used?;
            out.push_str(&text);
            return Ok(());
        }
        let before = out.len();
        crate::value::print(value, out);
        Ok(self.machine.spend_text(out.len().saturating_sub(before))?)
    }

    /// Gives a directive's state its name, if that directive offers one.
    #[inline]
    pub(super) fn open_scope(&mut self, name: &str, owner: usize) -> Option<Name> {
        // Mostly `$foreach` is the only one, and that has a way of its own.
        if self.scopes { self.make_scope(name, owner) } else { None }
    }

    fn make_scope(&mut self, name: &str, owner: usize) -> Option<Name> {
        if !self.settings.scopes.iter().any(|scope| scope == name) {
            return None;
        }
        let slot = self.scope.slot_named(name);
        let previous = self.scope.get(slot).cloned();
        let state: Rc<dyn Object> = Rc::new(Loop::new(owner, previous, false));
        self.scope.put(slot, Value::from(state));
        Some(slot)
    }

    /// Gives the name back what it had before.
    #[inline]
    pub(super) fn close_scope(&mut self, slot: Option<Name>) {
        if let Some(slot) = slot {
            self.leave_scope(slot);
        }
    }

    fn leave_scope(&mut self, slot: Name) {
        let Some(Value::Opaque(object)) = self.scope.get(slot).cloned() else { return };
        let Some(state) = object.downcast::<Loop>() else { return };
        match state.parent().or_else(|| state.replaced()) {
            Some(previous) => self.scope.put(slot, previous),
            None => self.scope.remove(slot),
        }
    }
}
