//! `#foreach`

use super::block::Loop;
use super::{Frame, Halt, Rendered, Renderer};
use crate::ast::{ExprKind, Foreach};
use crate::error::{Error, ErrorKind};
use crate::machine::limit;
use crate::methods::Cursor;
use crate::scope::Scope;
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
        let Some(cursor) = cursor.filter(Cursor::has_next) else {
            return match &foreach.otherwise {
                Some(block) => self.nested_block(frame, block, out),
                None => Ok(()),
            };
        };
        let variable = Scope::slot(&frame.names, foreach.variable);
        let before = self.scope.get(variable).cloned().filter(|value| !value.is_null());
        let owner = std::ptr::from_ref(foreach).addr();
        let slot = Scope::slot(&frame.names, foreach.scope);
        let state = self.settings.scopes.iter().any(|scope| scope == "foreach").then(|| {
            let state = Rc::new(Loop::new(owner, self.scope.get(slot).cloned(), true));
            let object: Rc<dyn Object> = state.clone();
            self.scope.put(slot, Value::from(object));
            state
        });
        let rendered = self.turns(frame, foreach, &cursor, variable, state.as_deref(), out);
        self.scope.restore(variable, before);
        if state.is_some() {
            self.close_scope(Some(slot));
        }
        match rendered {
            Err(halt) if !Renderer::ends(&halt, owner) => Err(halt),
            _ => Ok(()),
        }
    }

    fn turns(
        &mut self,
        frame: &Frame,
        foreach: &Foreach,
        cursor: &Cursor,
        variable: u32,
        state: Option<&Loop>,
        out: &mut String,
    ) -> Rendered {
        let most = self.settings.foreach_max_loops;
        let allowed = self.machine.options.limits.loop_turns;
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
            if let Some(state) = state {
                state.index.set(state.index.get().saturating_add(1));
                state.has_next.set(cursor.has_next());
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
