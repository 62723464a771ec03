//! `#foreach`

use super::block::Loop;
use super::{Frame, Halt, Rendered, Renderer};
use crate::ast::{ExprKind, Foreach, Name};
use crate::error::{Error, ErrorKind};
use crate::machine::limit;
use crate::methods::Cursor;
use crate::value::{Object, Value};
use std::rc::Rc;

impl Renderer<'_> {
    /// Walks over a list, a map's values, or what else has elements.
    pub(super) fn foreach(&mut self, frame: &Frame, foreach: &Foreach, out: &mut String) -> Rendered {
        let source = match &foreach.source.kind {
            ExprKind::Range(ends) => self.range(frame, ends, &foreach.source, true)?,
            _ => self.value(frame, &foreach.source)?,
        };
        let cursor = Cursor::over(&source);
        if cursor.is_none() && !source.is_null() {
            let skips = self.settings.foreach_skip_invalid && !self.settings.strict;
            if !skips {
                let error = Error::new(ErrorKind::Operation, "this cannot be walked over");
                return Err(frame.place(error, foreach.source.span).into());
            }
        }
        let cursor = cursor.filter(Cursor::has_next);
        self.note_way(frame, foreach.source.span, cursor.is_some());
        let Some(cursor) = cursor else {
            return match &foreach.otherwise {
                Some(block) => self.nested_block(frame, block, out),
                None => Ok(()),
            };
        };
        let variable = foreach.variable;
        let before = self.scope.get(variable).cloned().filter(|value| !value.is_null());
        let owner = std::ptr::from_ref(foreach).addr();
        let slot = foreach.scope;
        let state = self.settings.scopes.iter().any(|scope| scope == "foreach").then(|| {
            let state = Rc::new(Loop::new(owner, self.scope.get(slot).cloned(), true));
            let object: Rc<dyn Object> = state.clone();
            self.scope.put(slot, Value::from(object));
            state
        });
        let counters = self.counters();
        let rendered = self.turns(frame, foreach, &cursor, variable, state.as_deref(), out);
        for (slot, before) in counters {
            self.scope.restore(slot, before);
        }
        self.scope.restore(variable, before);
        if state.is_some() {
            self.close_scope(Some(slot));
        }
        match rendered {
            Err(halt) if !Renderer::ends(&halt, owner) => Err(halt),
            _ => Ok(()),
        }
    }

    /// What the names had that count a loop's turns in Velocity 1.x, where the settings ask for them.
    fn counters(&mut self) -> Vec<(Name, Option<Value>)> {
        let names = [&self.settings.foreach_counter, &self.settings.foreach_has_next];
        let slots = names.into_iter().flatten();
        slots
            .map(|name| {
                let slot = self.scope.slot_named(name);
                (slot, self.scope.get(slot).cloned())
            })
            .collect()
    }

    /// Gives the names of Velocity 1.x their values for the turn that begins.
    fn count(&mut self, turn: u32, has_next: bool) {
        let settings = self.settings;
        if let Some(name) = &settings.foreach_counter {
            let count = i64::from(turn).saturating_add(i64::from(settings.foreach_counter_initial)).saturating_sub(1);
            let slot = self.scope.slot_named(name);
            self.scope.put(slot, Value::Integer(i32::try_from(count).unwrap_or(i32::MAX)));
        }
        if let Some(name) = &settings.foreach_has_next {
            let slot = self.scope.slot_named(name);
            self.scope.put(slot, Value::Boolean(has_next));
        }
    }

    fn turns(
        &mut self,
        frame: &Frame,
        foreach: &Foreach,
        cursor: &Cursor,
        variable: Name,
        state: Option<&Loop>,
        out: &mut String,
    ) -> Rendered {
        let most = self.settings.foreach_max_loops;
        let allowed = self.machine.options.limits.loop_turns;
        let counts = self.settings.foreach_counter.is_some() || self.settings.foreach_has_next.is_some();
        let mut turns: u32 = 0;
        self.machine.enter()?;
        while cursor.has_next() && (most < 1 || i64::from(turns) < most) {
            turns = turns.saturating_add(1);
            if turns > allowed {
                let error = limit(format!("the loop takes more than {allowed} turns"));
                return Err(frame.place(error, foreach.span).into());
            }
            let element = cursor.next().map_err(|error| frame.place(error, foreach.source.span))?;
            self.scope.put(variable, element.unwrap_or_default());
            let has_next = cursor.has_next();
            if let Some(state) = state {
                state.index.set(state.index.get().saturating_add(1));
                state.has_next.set(has_next);
            }
            if counts {
                self.count(turns, has_next);
            }
            match self.block(frame, &foreach.body, out) {
                Ok(()) => {}
                Err(halt) => {
                    if matches!(halt, Halt::Break | Halt::BreakScope(_) | Halt::Stop) {
                        self.machine.leave();
                    }
                    return Err(halt);
                }
            }
        }
        self.machine.leave();
        Ok(())
    }
}
