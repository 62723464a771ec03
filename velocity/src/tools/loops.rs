//! `$loop`: loops that know where they are, and can skip, stop and go together.

use crate::error::Result;
use crate::methods::{Class, Cursor, Method, Type, argument, failure, int};
use crate::tools::Tool;
use crate::value::{Object, Value, Walk};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What a walk costs that is kept until the end of the rendering, in operations: it holds over a kilobyte.
const WATCHED: usize = 100;

/// The tool's state in one rendering.
#[derive(Default)]
pub(crate) struct Loops(Rc<State>);

#[derive(Default)]
struct State {
    /// The walks that go on, the innermost last.
    walks: RefCell<Vec<Rc<Managed>>>,
    last: RefCell<Option<Rc<Managed>>>,
    /// What went together with the walk that ended last.
    synced: RefCell<Vec<(String, Value)>>,
}

/// A watched walk.
pub(crate) struct Managed {
    name: String,
    cursor: Cursor,
    owner: Rc<State>,
    stopped: Cell<bool>,
    first: Cell<Option<bool>>,
    count: Cell<i32>,
    next: RefCell<Option<Value>>,
    conditions: RefCell<Vec<(bool, Value)>>,
    synced: RefCell<Vec<(String, Cursor, Value)>>,
}

/// The walks know the tool's state and the state knows them: with the tool both go.
impl Drop for Loops {
    fn drop(&mut self) {
        let walks = self.0.walks.take();
        let last = self.0.last.take();
        let synced = self.0.synced.take();
        drop((walks, last, synced));
    }
}

impl State {
    fn held(&self, show: &mut dyn FnMut(&Value)) {
        let walks = self.walks.borrow();
        walks.iter().chain(self.last.borrow().iter()).for_each(|walk| walk.held(show));
        self.synced.borrow().iter().for_each(|(_, value)| show(value));
    }
}

/// A handle on a watched walk, as a value.
struct Handle(Rc<Managed>);

impl Managed {
    fn held(&self, show: &mut dyn FnMut(&Value)) {
        self.cursor.held(show);
        self.next.borrow().iter().for_each(&mut *show);
        self.conditions.borrow().iter().for_each(|(_, value)| show(value));
        for (_, cursor, value) in self.synced.borrow().iter() {
            cursor.held(show);
            show(value);
        }
    }

    fn has_next(&self, pop: bool) -> Result<bool> {
        if self.stopped.get() {
            return Ok(false);
        }
        if self.next.borrow().is_some() {
            return Ok(true);
        }
        self.fetch(pop)
    }

    fn fetch(&self, pop: bool) -> Result<bool> {
        loop {
            if !self.cursor.has_next() {
                if pop {
                    if let Some(ended) = self.owner.walks.borrow_mut().pop() {
                        let synced = ended.synced.borrow();
                        let values = synced.iter().map(|(name, _, value)| (name.clone(), value.clone()));
                        *self.owner.synced.borrow_mut() = values.collect();
                    }
                    self.stop();
                }
                return Ok(false);
            }
            let Some(next) = self.cursor.next()? else { return Ok(false) };
            let stops =
                self.conditions.borrow().iter().find(|(_, wanted)| matches(wanted, &next)).map(|(stop, _)| *stop);
            match stops {
                Some(true) => {
                    self.stop();
                    return Ok(false);
                }
                Some(false) => {}
                None => {
                    *self.next.borrow_mut() = Some(next);
                    return Ok(true);
                }
            }
        }
    }

    fn take(&self) -> Result<Option<Value>> {
        if self.next.borrow().is_none() && !self.fetch(true)? {
            return Err(failure("there is no further element"));
        }
        self.first.set(Some(self.first.get().is_none()));
        self.count.set(self.count.get().saturating_add(1));
        for (_, cursor, value) in self.synced.borrow_mut().iter_mut() {
            *value = if cursor.has_next() { cursor.next()?.unwrap_or_default() } else { Value::Null };
        }
        Ok(self.next.borrow_mut().take())
    }

    fn stop(&self) {
        self.stopped.set(true);
        *self.next.borrow_mut() = None;
    }

    fn is_first(&self) -> bool {
        self.first.get() != Some(false)
    }

    fn synced(&self, name: &str) -> Option<Value> {
        self.synced.borrow().iter().find(|(known, ..)| known == name).map(|(_, _, value)| value.clone())
    }
}

/// Whether an element is the one that a condition names.
fn matches(wanted: &Value, value: &Value) -> bool {
    if value.is_null() {
        return false;
    }
    wanted == value
        || (std::mem::discriminant(wanted) != std::mem::discriminant(value) && wanted.to_string() == value.to_string())
}

impl Walk for Handle {
    fn has_next(&self) -> Result<bool> {
        self.0.has_next(true)
    }

    fn next(&self) -> Result<Option<Value>> {
        self.0.take()
    }
}

impl Object for Handle {
    fn kind(&self) -> &'static str {
        "loop"
    }

    fn class(&self) -> Class {
        Class::Managed
    }

    fn print(&self) -> String {
        format!("ManagedIterator:{}", self.0.name)
    }

    fn walk(&self) -> Option<&dyn Walk> {
        Some(self)
    }

    fn held(&self, show: &mut dyn FnMut(&Value)) {
        self.0.held(show);
        self.0.owner.held(show);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Object for Loops {
    fn kind(&self) -> &'static str {
        "tool"
    }

    fn class(&self) -> Class {
        Class::Tool(Tool::Loop)
    }

    fn held(&self, show: &mut dyn FnMut(&Value)) {
        self.0.held(show);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn loops(value: &Value) -> Result<&Rc<State>> {
    match value {
        Value::Opaque(object) if let Some(loops) = object.downcast::<Loops>() => Ok(&loops.0),
        _ => Err(failure("this is no loop tool")),
    }
}

fn managed(value: &Value) -> Result<&Rc<Managed>> {
    match value {
        Value::Opaque(object) if let Some(handle) = object.downcast::<Handle>() => Ok(&handle.0),
        _ => Err(failure("this is no watched loop")),
    }
}

fn handle(walk: &Rc<Managed>) -> Value {
    let object: Rc<dyn Object> = Rc::new(Handle(Rc::clone(walk)));
    Value::from(object)
}

/// What it costs to keep a walk over a value, in operations: its elements may be held for it alone.
fn price(source: &Value) -> usize {
    let elements = match source {
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        _ => 0,
    };
    WATCHED + elements
}

fn watch(state: &Rc<State>, source: &Value, name: Option<String>) -> Option<Rc<Managed>> {
    let cursor = Cursor::over(source)?;
    let name = name.unwrap_or_else(|| format!("loop{}", state.walks.borrow().len()));
    let walk = Rc::new(Managed {
        name,
        cursor,
        owner: Rc::clone(state),
        stopped: Cell::new(false),
        first: Cell::new(None),
        count: Cell::new(0),
        next: RefCell::new(None),
        conditions: RefCell::new(Vec::new()),
        synced: RefCell::new(Vec::new()),
    });
    state.walks.borrow_mut().push(Rc::clone(&walk));
    *state.last.borrow_mut() = Some(Rc::clone(&walk));
    Some(walk)
}

fn named(state: &State, name: &str) -> Option<Rc<Managed>> {
    state.walks.borrow().iter().find(|walk| walk.name == name).cloned()
}

fn sync(walk: &Rc<Managed>, source: &Value, name: &str) -> Value {
    let Some(cursor) = Cursor::over(source) else { return Value::Null };
    walk.synced.borrow_mut().push((name.to_owned(), cursor, Value::Null));
    handle(walk)
}

/// The walk that a call means: the one named, or the last one watched.
fn meant(value: &Value, arguments: &[Value]) -> Result<Option<Rc<Managed>>> {
    let state = loops(value)?;
    Ok(match arguments.first() {
        Some(Value::String(name)) => named(state, name),
        Some(_) => None,
        None => state.last.borrow().clone(),
    })
}

fn answer(value: &Value, arguments: &[Value], ask: impl Fn(&Managed) -> Result<Value>) -> Result<Value> {
    match meant(value, arguments)? {
        Some(walk) => ask(&walk),
        None => Ok(Value::Null),
    }
}

fn first(walk: &Managed) -> Result<Value> {
    Ok(Value::Boolean(walk.is_first()))
}

fn last(walk: &Managed) -> Result<Value> {
    Ok(Value::Boolean(!walk.has_next(false)?))
}

fn count(walk: &Managed) -> Result<Value> {
    Ok(Value::Integer(walk.count.get()))
}

fn index(walk: &Managed) -> Result<Value> {
    Ok(match walk.count.get() {
        0 => Value::Null,
        count => Value::Integer(count - 1),
    })
}

fn skip(walk: &Managed, number: i32) -> Result<()> {
    for _ in 0..number {
        if !walk.has_next(true)? {
            break;
        }
        walk.take()?;
    }
    Ok(())
}

/// A question about a loop.
type Question = fn(&Managed) -> Result<Value>;

/// What a name means to the tool: something that goes together, or a question about a named loop.
fn get(value: &Value, name: &str) -> Result<Value> {
    let state = loops(value)?;
    let found = state.walks.borrow().iter().rev().find_map(|walk| walk.synced(name));
    if let Some(found) = found {
        return Ok(found);
    }
    let ended = state.synced.borrow().iter().find(|(known, value)| known == name && !value.is_null()).cloned();
    if let Some((_, value)) = ended {
        return Ok(value);
    }
    let questions: [(&str, Question); 4] = [("last_", last), ("count_", count), ("index_", index), ("first_", first)];
    for (prefix, question) in questions {
        if let Some(name) = name.strip_prefix(prefix) {
            return named(state, name).map_or(Ok(Value::Null), |walk| question(&walk));
        }
    }
    Ok(Value::Null)
}

const NAME: &[Type] = &[Type::String];

/// The tool's methods.
pub(super) const LOOP: &[Method] = &[
    Method::new("watch", &[Type::Object], |machine, value, arguments| {
        machine.spend_items(price(argument(arguments, 0)))?;
        let walk = watch(loops(value)?, argument(arguments, 0), None);
        Ok(walk.map_or(Value::Null, |walk| handle(&walk)))
    }),
    Method::new("watch", &[Type::Object, Type::String], |machine, value, arguments| {
        machine.spend_items(price(argument(arguments, 0)))?;
        let Some(name) = argument(arguments, 1).as_str() else { return Ok(Value::Null) };
        let walk = watch(loops(value)?, argument(arguments, 0), Some(name.to_owned()));
        Ok(walk.map_or(Value::Null, |walk| handle(&walk)))
    }),
    Method::new("sync", &[Type::Object, Type::Object], |machine, value, arguments| {
        machine.spend_items(price(argument(arguments, 0)))?;
        match watch(loops(value)?, argument(arguments, 0), None) {
            Some(walk) => Ok(sync(&walk, argument(arguments, 1), "synced")),
            None => Err(failure("there is nothing to walk over")),
        }
    }),
    Method::action("stop", &[], |_, value, _| {
        if let Some(walk) = loops(value)?.walks.borrow().last() {
            walk.stop();
        }
        Ok(Value::Null)
    }),
    Method::action("stop", NAME, |_, value, arguments| {
        if let Some(walk) = meant(value, arguments)? {
            walk.stop();
        }
        Ok(Value::Null)
    }),
    Method::action("stopAll", &[], |_, value, _| {
        loops(value)?.walks.borrow().iter().for_each(|walk| walk.stop());
        Ok(Value::Null)
    }),
    Method::action("skip", &[Type::Int], |_, value, arguments| {
        let innermost = loops(value)?.walks.borrow().last().cloned();
        if let Some(walk) = innermost {
            skip(&walk, int(arguments, 0))?;
        }
        Ok(Value::Null)
    }),
    Method::action("skip", &[Type::Int, Type::String], |_, value, arguments| {
        let walk = named(loops(value)?, argument(arguments, 1).as_str().unwrap_or_default());
        if let Some(walk) = walk {
            skip(&walk, int(arguments, 0))?;
        }
        Ok(Value::Null)
    }),
    Method::new("isFirst", &[], |_, value, arguments| answer(value, arguments, first)),
    Method::new("isFirst", NAME, |_, value, arguments| answer(value, arguments, first)),
    Method::new("getFirst", &[], |_, value, arguments| answer(value, arguments, first)),
    Method::new("isLast", &[], |_, value, arguments| answer(value, arguments, last)),
    Method::new("isLast", NAME, |_, value, arguments| answer(value, arguments, last)),
    Method::new("getLast", &[], |_, value, arguments| answer(value, arguments, last)),
    Method::new("getCount", &[], |_, value, arguments| answer(value, arguments, count)),
    Method::new("getCount", NAME, |_, value, arguments| answer(value, arguments, count)),
    Method::new("getIndex", &[], |_, value, arguments| answer(value, arguments, index)),
    Method::new("getIndex", NAME, |_, value, arguments| answer(value, arguments, index)),
    Method::new("getThis", &[], |_, value, _| Ok(loops(value)?.last.borrow().as_ref().map_or(Value::Null, handle))),
    Method::new("getDepth", &[], |_, value, _| Ok(Value::from(loops(value)?.walks.borrow().len()))),
    Method::new("get", NAME, |_, value, arguments| get(value, argument(arguments, 0).as_str().unwrap_or_default())),
    Method::new("get", &[Type::String, Type::String], |_, value, arguments| {
        let walk = named(loops(value)?, argument(arguments, 0).as_str().unwrap_or_default());
        let name = argument(arguments, 1).as_str().unwrap_or_default();
        Ok(walk.and_then(|walk| walk.synced(name)).unwrap_or_default())
    }),
];

fn condition(value: &Value, arguments: &[Value], stop: bool) -> Result<Value> {
    let wanted = argument(arguments, 0);
    if wanted.is_null() {
        return Err(failure("there is nothing to compare with"));
    }
    managed(value)?.conditions.borrow_mut().push((stop, wanted.clone()));
    Ok(value.clone())
}

/// The methods of a watched loop.
pub(crate) const MANAGED: &[Method] = &[
    Method::new("getName", &[], |_, value, _| Ok(Value::from(managed(value)?.name.as_str()))),
    Method::new("isFirst", &[], |_, value, _| first(managed(value)?)),
    Method::new("getFirst", &[], |_, value, _| first(managed(value)?)),
    Method::new("isLast", &[], |_, value, _| last(managed(value)?)),
    Method::new("getLast", &[], |_, value, _| last(managed(value)?)),
    Method::new("hasNext", &[], |_, value, _| Ok(Value::Boolean(managed(value)?.has_next(true)?))),
    Method::new("getHasNext", &[], |_, value, _| Ok(Value::Boolean(managed(value)?.has_next(false)?))),
    Method::new("next", &[], |_, value, _| Ok(managed(value)?.take()?.unwrap_or_default())),
    Method::new("getCount", &[], |_, value, _| count(managed(value)?)),
    Method::new("getIndex", &[], |_, value, _| Ok(Value::Integer(managed(value)?.count.get() - 1))),
    Method::new("get", NAME, |_, value, arguments| {
        let name = argument(arguments, 0).as_str().unwrap_or_default();
        Ok(managed(value)?.synced(name).unwrap_or_default())
    }),
    Method::new("isSyncedWith", NAME, |_, value, arguments| {
        let name = argument(arguments, 0).as_str().unwrap_or_default();
        Ok(Value::Boolean(managed(value)?.synced(name).is_some()))
    }),
    Method::action("stop", &[], |_, value, _| {
        managed(value)?.stop();
        Ok(Value::Null)
    }),
    Method::new("stop", &[Type::Object], |_, value, arguments| condition(value, arguments, true)),
    Method::new("exclude", &[Type::Object], |_, value, arguments| condition(value, arguments, false)),
    Method::new("sync", &[Type::Object], |machine, value, arguments| {
        machine.spend_items(price(argument(arguments, 0)))?;
        Ok(sync(managed(value)?, argument(arguments, 0), "synced"))
    }),
    Method::new("sync", &[Type::Object, Type::String], |machine, value, arguments| {
        machine.spend_items(price(argument(arguments, 0)))?;
        let name = argument(arguments, 1).as_str().unwrap_or_default();
        Ok(sync(managed(value)?, argument(arguments, 0), name))
    }),
];
