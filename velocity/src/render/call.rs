//! Calls of macros.

use super::{Frame, Halt, Registered, Rendered, Renderer};
use crate::ast::{Call, Macro, Name};
use crate::cost;
use crate::error::{Error, ErrorKind};

use crate::scope::Slot;
use crate::value::Value;
use std::rc::Rc;
use std::sync::Arc;

/// What a parameter's name had before the call, and what the call gave it.
pub(super) struct Given {
    slot: Name,
    before: Option<Value>,
    value: Value,
}

/// Where a call's macro is defined.
enum Found<'f> {
    /// In the rendered template, to which the call belongs too.
    Own(&'f Macro),
    /// In a text that was read while rendering, or wherever settings make names depend on the text.
    Elsewhere(Registered),
}

impl Renderer<'_> {
    /// `#name(…)`: the macro's body, or the call's own text when there is no such macro.
    pub(super) fn call(&mut self, frame: &Frame, call: &Call, out: &mut String) -> Rendered {
        let Some(found) = self.lookup(frame, call) else {
            if self.settings.strict && call.definite {
                let error = Error::new(ErrorKind::Macro, format!("there is no macro `#{}`", call.name));
                return Err(frame.place(error, call.span).into());
            }
            out.push_str(&call.literal);
            return Ok(());
        };
        if let Some(word) = &call.bad_argument {
            let message = format!("the word `{word}` cannot be a macro's argument");
            let error = Error::new(ErrorKind::Macro, message).with_hint("put it in quotes, or write `$` before it");
            return Err(frame.place(error, call.span).into());
        }
        let owner = std::ptr::from_ref(call).addr();
        let scope = self.open_scope("macro", owner);
        let rendered = match &found {
            Found::Own(definition) => self.expand(frame, call, frame, definition, out),
            Found::Elsewhere(registered) => self.expand(frame, call, &registered.frame, &registered.definition, out),
        };
        if scope.is_some() {
            self.close_scope(scope);
        }
        match rendered {
            Err(halt) if !Renderer::ends(&halt, owner) => Err(halt),
            _ => Ok(()),
        }
    }

    fn lookup<'f>(&self, frame: &'f Frame, call: &Call) -> Option<Found<'f>> {
        if self.settings.macro_local_scope {
            let read = self.read.as_deref()?;
            let local = |text: &Arc<str>| read.local_macros.get(&(Arc::clone(text), call.name.clone())).cloned();
            let found = local(&frame.tree.name).or_else(|| read.libraries.iter().rev().find_map(local));
            return found.map(Found::Elsewhere);
        }
        if self.own_macros && Arc::ptr_eq(&frame.tree, &self.root.tree) {
            let own = call.own.get_or_init(|| self.own_macro(&call.name));
            if let Some(definition) = own.and_then(|number| frame.tree.macros.get(number)) {
                return Some(Found::Own(definition));
            }
        } else if let Some(definition) = self.own_macro(&call.name).and_then(|number| self.root.tree.macros.get(number))
        {
            let (definition, frame) = (Arc::clone(definition), self.root.clone());
            return Some(Found::Elsewhere(Registered { definition, frame }));
        }
        self.read.as_deref()?.macros.get(&call.name).cloned().map(Found::Elsewhere)
    }

    /// Renders a macro's body; `home` is the text that defines it.
    fn expand(&mut self, frame: &Frame, call: &Call, home: &Frame, definition: &Macro, out: &mut String) -> Rendered {
        let body_slot = match self.body_slot {
            Some(slot) => slot,
            None => self.scope.slot_named(&self.settings.body_reference),
        };
        self.body_slot = Some(body_slot);
        let most = self.settings.macro_max_depth;
        let body = call.body.as_ref().map(|body| self.block_value(frame, body, most, &call.name));
        // Most calls have no body and stand in none.
        let bodies = body.is_some() || !matches!(self.scope.slot(body_slot), Some(Slot::Absent));
        let old_body = if bodies { self.scope.get(body_slot).filter(|value| !value.is_null()).cloned() } else { None };
        if bodies {
            self.scope.restore(body_slot, body.clone());
        }
        if self.settings.macro_arguments_strict && call.arguments.len() > definition.parameters.len() {
            let message = format!(
                "`#{}` takes {} arguments at most, not {}",
                definition.name,
                definition.parameters.len(),
                call.arguments.len()
            );
            return Err(frame.place(Error::new(ErrorKind::Macro, message), call.span).into());
        }
        if most > 0 && self.macro_depth >= most {
            let message = format!("macros call each other more than {most} deep");
            return Err(frame.place(Error::new(ErrorKind::Macro, message), call.span).into());
        }
        let first = self.given.len();
        self.arguments(frame, call, home, definition)?;
        self.macro_depth += 1;
        self.machine.enter()?;
        let literals = self.push_literals(call, definition, first);
        let rendered = self.block(home, &definition.body, out);
        self.pop_literals(literals);
        self.machine.leave();
        self.macro_depth -= 1;
        if matches!(rendered, Err(Halt::Error(_))) {
            return rendered;
        }
        if bodies {
            self.restore_body(body_slot, body.as_ref(), old_body);
        }
        self.restore_arguments(first);
        rendered
    }

    /// Computes the arguments, then gives the parameters' names their values.
    fn arguments(&mut self, frame: &Frame, call: &Call, home: &Frame, definition: &Macro) -> Result<(), Halt> {
        let first = self.given.len();
        for (index, parameter) in definition.parameters.iter().enumerate() {
            let slot = parameter.name;
            let before = self.scope.get(slot).cloned();
            let value = if let Some(argument) = call.arguments.get(index) {
                self.value(frame, argument)?
            } else if let Some(default) = &parameter.default {
                self.machine.spend(cost::of_expression(default))?;
                self.value(home, default)?
            } else if self.settings.macro_arguments_strict {
                let message = format!("`#{}` needs more arguments", definition.name);
                return Err(frame.place(Error::new(ErrorKind::Macro, message), call.span).into());
            } else if self.settings.macro_backward_compatible {
                before.clone().unwrap_or_default()
            } else {
                Value::Null
            };
            self.given.push(Given { slot, before, value });
        }
        for given in self.given.iter().skip(first) {
            self.scope.put(given.slot, given.value.clone());
        }
        Ok(())
    }

    fn restore_body(&mut self, slot: Name, body: Option<&Value>, old: Option<Value>) {
        let current = self.scope.get(slot).filter(|value| !value.is_null());
        let untouched = match (current, body) {
            (None, None) => true,
            (Some(current), Some(body)) => same(current, body),
            _ => false,
        };
        if untouched {
            self.scope.restore(slot, old);
        }
    }

    /// Gives the parameters' names back what they had, unless the macro has set them.
    fn restore_arguments(&mut self, first: usize) {
        while self.given.len() > first {
            let Some(Given { slot, before, value }) = self.given.pop() else { break };
            let untouched = match (self.scope.get(slot), &value) {
                (Some(Value::Integer(current)), Value::Integer(value)) => current == value,
                (Some(Value::String(current)), Value::String(value)) => current == value,
                (Some(current), value) => same(current, value),
                (None, value) => value.is_null(),
            };
            if untouched {
                self.scope.restore(slot, before);
            }
        }
    }

    /// With `velocimacro.enable_bc_mode` a parameter without a value prints as the call wrote it.
    fn push_literals(&mut self, call: &Call, definition: &Macro, first: usize) -> usize {
        if !self.settings.macro_backward_compatible {
            return 0;
        }
        let mut pushed = 0;
        for (argument, given) in call.arguments.iter().zip(self.given.iter().skip(first)) {
            use crate::ast::ExprKind;
            let name = definition.parameters.get(pushed).map(|parameter| parameter.name);
            let written = match &argument.kind {
                ExprKind::Reference(reference) => reference.literal.to_string(),
                ExprKind::String(_, image) | ExprKind::Interpolated(_, image) => image.to_string(),
                _ => {
                    let name = name.and_then(|name| self.scope.name(name));
                    format!("${}", name.map_or("", |name| name.as_str()))
                }
            };
            self.literals.push((given.slot, Rc::from(written)));
            pushed += 1;
        }
        pushed
    }

    fn pop_literals(&mut self, count: usize) {
        self.literals.truncate(self.literals.len().saturating_sub(count));
    }

    /// How the innermost call wrote the argument of this name.
    pub(super) fn argument_literal(&self, name: Name) -> Option<Rc<str>> {
        self.literals.iter().rev().find(|(given, _)| *given == name).map(|(_, literal)| Rc::clone(literal))
    }
}

/// Whether two values are one and the same, as far as a template can tell.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::List(left), Value::List(right)) => left.same(right),
        (Value::Map(left), Value::Map(right)) => left.same(right),
        (left, right) => left == right,
    }
}
