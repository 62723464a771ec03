//! Lists and maps that hold themselves.
//!
//! Values are counted, so what a template puts into itself would never be freed. A rendering notes the lists and maps into
//! which others were put; when it has ended, those that are still held are walked through, and an element that leads back
//! to what holds it becomes null.

use super::list::WeakList;
use super::map::WeakMap;
use super::{Opaque, Value};
use std::collections::{HashMap, HashSet};

/// The lists and maps into which a rendering has put values that hold others.
#[derive(Default)]
pub(crate) struct Holders(Vec<Holder>);

enum Holder {
    List(WeakList),
    Map(WeakMap),
}

/// Whether a value can hold others.
pub(crate) fn can_hold(value: &Value) -> bool {
    matches!(value, Value::List(_) | Value::Map(_) | Value::Opaque(_))
}

/// Which list or map this is.
fn identity(value: &Value) -> usize {
    match value {
        Value::List(list) => list.address(),
        Value::Map(map) => map.address(),
        _ => 0,
    }
}

impl Holders {
    /// Something that holds others is put into `target`.
    pub(crate) fn note(&mut self, target: &Value) {
        match target {
            Value::List(list) => self.0.push(Holder::List(list.downgrade())),
            Value::Map(map) => self.0.push(Holder::Map(map.downgrade())),
            Value::Opaque(object) => object.0.held(&mut |held| {
                if !matches!(held, Value::Opaque(_)) {
                    self.note(held);
                }
            }),
            _ => {}
        }
    }

    /// Opens the circles.
    pub(crate) fn open(self) {
        let mut seen = HashMap::new();
        for holder in self.0 {
            let held = match holder {
                Holder::List(list) => list.upgrade().map(Value::List),
                Holder::Map(map) => map.upgrade().map(Value::Map),
            };
            if let Some(value) = held
                && !seen.contains_key(&identity(&value))
            {
                walk(value, &mut seen);
            }
        }
    }
}

/// Where a list or a map stands in another.
struct Child {
    place: usize,
    in_key: bool,
    value: Value,
}

struct Open {
    value: Value,
    /// Those that have not been looked at, the last one next: a key that is taken away moves only what is behind it.
    children: Vec<Child>,
}

impl Open {
    fn new(value: Value) -> Open {
        let mut children = Vec::new();
        let mut add = |place, in_key, element: &Value| {
            holders_in(element, &mut |value| children.push(Child { place, in_key, value }));
        };
        match &value {
            Value::List(list) => list.items().iter().enumerate().for_each(|(place, item)| add(place, false, item)),
            Value::Map(map) => {
                for (place, (key, value)) in map.entries().iter().enumerate() {
                    add(place, true, &key.value);
                    add(place, false, value);
                }
            }
            _ => {}
        }
        Open { value, children }
    }

    /// Takes out what leads back.
    fn cut(&self, place: usize, in_key: bool) {
        // What is taken out is dropped when nothing is borrowed any more.
        let _taken = match &self.value {
            Value::List(list) => {
                let mut items = list.items_mut();
                items.get_mut(place).map(|item| (Value::Null, std::mem::take(item)))
            }
            Value::Map(map) if in_key => {
                let mut entries = map.entries_mut();
                entries.shift_remove_index(place).map(|(key, value)| (key.value, value))
            }
            Value::Map(map) => {
                let mut entries = map.entries_mut();
                entries.get_index_mut(place).map(|(_, value)| (Value::Null, std::mem::take(value)))
            }
            _ => None,
        };
    }
}

/// The lists and maps that an element is, or that an object of the engine brings with it.
fn holders_in(element: &Value, found: &mut dyn FnMut(Value)) {
    match element {
        Value::List(_) | Value::Map(_) => found(element.clone()),
        Value::Opaque(object) => {
            let mut seen = HashSet::new();
            let mut rest = vec![object.clone()];
            while let Some(object) = rest.pop() {
                if !seen.insert(address(&object)) {
                    continue;
                }
                object.0.held(&mut |held| match held {
                    Value::Opaque(inner) => rest.push(inner.clone()),
                    Value::List(_) | Value::Map(_) => found(held.clone()),
                    _ => {}
                });
            }
        }
        _ => {}
    }
}

fn address(object: &Opaque) -> usize {
    std::rc::Rc::as_ptr(&object.0).addr()
}

/// Goes through all that `start` holds, without recursion. `seen` tells what stands on the way down and what is done.
fn walk(start: Value, seen: &mut HashMap<usize, bool>) {
    seen.insert(identity(&start), true);
    let mut way = vec![Open::new(start)];
    while let Some(open) = way.last_mut() {
        let Some(child) = open.children.pop() else {
            seen.insert(identity(&open.value), false);
            way.pop();
            continue;
        };
        match seen.get(&identity(&child.value)) {
            Some(true) => open.cut(child.place, child.in_key),
            Some(false) => {}
            None => {
                seen.insert(identity(&child.value), true);
                way.push(Open::new(child.value));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::List;
    use crate::{Context, Template};

    /// Renders with a list that the template must not keep alive, and tells whether it was freed.
    #[track_caller]
    fn frees(source: &str) {
        let probe = List::new(vec![Value::from(1)]);
        let watched = probe.downgrade();
        let mut context = Context::new();
        context.insert("probe", probe);
        let mut out = String::new();
        let rendered = Template::parse("test.vm", source).expect("a template").render(&context, &mut out);
        drop(context);
        assert!(watched.upgrade().is_none(), "{source} keeps it: {rendered:?} {out}");
    }

    #[test]
    fn what_holds_itself_is_freed() {
        for source in [
            "$probe",
            "#set($x = $probe.add($probe))",
            "#set($x = $probe.add(['a', $probe]))",
            "#set($a = [$probe])#set($x = $a.add($a))$a",
            "#set($a = [$probe, 0])#set($a[1] = $a)",
            "#set($a = [$probe])#set($x = $a.addAll([$a, $a]))",
            "#set($m = {'p': $probe})#set($m.self = $m)",
            "#set($m = {'p': $probe})#set($x = $m.put('self', {'inner': [$m]}))",
            "#set($m = {'p': $probe})#set($x = $m.put($m, 1))",
            "#set($m = {'p': $probe})#set($x = $m.putAll({'self': $m}))",
            "#set($m = {'p': $probe})#foreach($e in $m.entrySet())#set($x = $e.setValue($m))#end",
            "#set($m = {'p': $probe})#foreach($e in $m.entrySet())#set($m.entry = $e)#end",
            "#set($a = [$probe])#set($x = $a.add($a.iterator()))",
            "#set($a = [$probe])#set($x = $a.add($loop.watch($a)))",
            "#set($a = [$probe])#set($x = $a.add($loop))#set($w = $loop.watch($a))",
            "#set($a = [$probe])#foreach($i in $loop.watch($a))#stop#end",
            "#foreach($i in [1, 2])$!foreach.put('me', [$foreach, $probe])#end",
            "#foreach($i in [1..50])#set($a = [$probe])#set($b = [$a])#set($x = $a.add($b))#end",
            "#set($a = [$probe])#set($x = $a.add($a))$a.get(77)",
            "#set($a = [$probe])#set($x = $a.add($alternator.make($a)))",
            "#set($a = [$probe])#set($x = $a.add($esc.raw($a)))",
        ] {
            frees(source);
        }
    }

    #[test]
    fn what_does_not_hold_itself_stays() {
        let list = List::new(vec![Value::from(1)]);
        let mut context = Context::new();
        context.insert("list", list.clone());
        let template = Template::parse("test.vm", "#set($a = ['x'])#set($x = $list.add($a))#set($x = $list.add($a))");
        template.expect("a template").render(&context, &mut String::new()).expect("a text");
        assert_eq!(Value::List(list).to_string(), "[1, [x], [x]]");
    }
}
