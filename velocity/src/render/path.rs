//! The value of a reference: a name and the steps after it.

use super::block::BlockValue;
use super::truth::is_true;
use super::{Frame, Halt, Renderer};
use crate::ast::{Expr, Form, Reference, Set, Step, StepKind};
use crate::error::{Error, ErrorKind};
use crate::methods;
use crate::value::Value;

impl Renderer<'_> {
    /// The value of a reference; null when it has none.
    #[inline]
    pub(crate) fn reference_value(&mut self, frame: &Frame, reference: &Reference) -> Result<Value, Halt> {
        match self.quick_value(reference) {
            Some(value) => Ok(value),
            None => self.walked_value(frame, reference),
        }
    }

    /// The value of a reference, step by step.
    #[inline(never)]
    fn walked_value(&mut self, frame: &Frame, reference: &Reference) -> Result<Value, Halt> {
        if reference.form == Form::Runt {
            return Ok(Value::Null);
        }
        let strict = self.settings.strict && !reference.lenient;
        let slot = reference.root;
        let mut current = match self.scope.get(slot) {
            Some(value) => value.clone(),
            None if strict && reference.alternate.is_none() => {
                let name = self.scope.name(reference.root).map_or("", |name| name.as_str());
                let error = Error::new(ErrorKind::Strict, format!("`${name}` is not defined"));
                return Err(frame.place(error, reference.root_span).into());
            }
            None => Value::Null,
        };
        for step in &reference.steps {
            if current.is_null() {
                if !strict {
                    break;
                }
                let error = Error::new(ErrorKind::Strict, "a null has nothing to ask for");
                return Err(frame.place(error, step.span).into());
            }
            current = self.step(frame, &current, step)?;
        }
        if let Some(alternate) = &reference.alternate
            && !is_true(&current, true)
        {
            return self.value(frame, alternate);
        }
        Ok(current)
    }

    fn step(&mut self, frame: &Frame, target: &Value, step: &Step) -> Result<Value, Halt> {
        match &step.kind {
            StepKind::Property(name) => {
                if let Value::Map(map) = target
                    && !self.settings.map_methods_without_parentheses
                    && let Some(value) = map.get(name)
                {
                    return Ok(value);
                }
                let found = methods::property(&mut self.machine, target, name);
                let found = found.map_err(|error| frame.place(error, step.span))?;
                self.found(frame, found, step, name)
            }
            StepKind::Method(name, arguments) => self.method(frame, target, step, name, arguments),
            StepKind::Index(argument) => {
                let argument = self.value(frame, argument)?;
                let argument = self.counted_from_end(frame, target, argument, step)?;
                let found = methods::call(&mut self.machine, target, "get", vec![argument]);
                let found = found.map_err(|error| frame.place(error, step.span))?;
                self.found(frame, found, step, "get")
            }
        }
    }

    fn method(
        &mut self,
        frame: &Frame,
        target: &Value,
        step: &Step,
        name: &str,
        arguments: &[Expr],
    ) -> Result<Value, Halt> {
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(self.value(frame, argument)?);
        }
        if let Value::Opaque(object) = target
            && let Some(block) = object.downcast::<BlockValue>()
            && name == "toString"
            && values.is_empty()
        {
            let (text, used) = self.buffered(|renderer, text| renderer.block_use(block, text));
            return Ok(if used? { self.machine.text(text)? } else { Value::Null });
        }
        let found = methods::call(&mut self.machine, target, name, values);
        let found = found.map_err(|error| frame.place(error, step.span))?;
        self.found(frame, found, step, name)
    }

    fn found(&self, frame: &Frame, found: Option<Value>, step: &Step, name: &str) -> Result<Value, Halt> {
        match found {
            Some(value) => Ok(value),
            None if self.settings.strict => {
                let error = Error::new(ErrorKind::Strict, format!("there is no `{name}` for these arguments"));
                Err(frame.place(error, step.span).into())
            }
            None => Ok(Value::Null),
        }
    }

    /// A negative index counts from the end.
    fn counted_from_end(&mut self, frame: &Frame, target: &Value, index: Value, step: &Step) -> Result<Value, Halt> {
        let Value::Integer(number) = index else { return Ok(index) };
        if number >= 0 {
            return Ok(index);
        }
        let size = methods::call(&mut self.machine, target, "size", Vec::new());
        match size.map_err(|error| frame.place(error, step.span))? {
            Some(Value::Integer(size)) => Ok(Value::Integer(size + number)),
            _ => {
                let error = Error::new(ErrorKind::Method, "a negative index needs something with a size");
                Err(frame.place(error, step.span).into())
            }
        }
    }

    /// `#set`
    pub(super) fn set(&mut self, frame: &Frame, set: &Set) -> Result<(), Halt> {
        let value = self.value(frame, &set.value)?;
        let target = &set.target;
        if target.alternate.is_some() || (value.is_null() && !self.settings.set_null_allowed) {
            return Ok(());
        }
        let slot = target.root;
        let Some((last, steps)) = target.steps.split_last() else {
            self.scope.put(slot, value);
            return Ok(());
        };
        let strict = self.settings.strict;
        let mut current = match self.scope.get(slot) {
            Some(value) => value.clone(),
            None if strict => {
                let error = Error::new(ErrorKind::Strict, "the name is not defined");
                return Err(frame.place(error, target.root_span).into());
            }
            None => Value::Null,
        };
        for (index, step) in steps.iter().enumerate() {
            if current.is_null() {
                return Ok(());
            }
            current = self.step(frame, &current, step)?;
            if current.is_null() && strict && index < steps.len() {
                let error = Error::new(ErrorKind::Strict, "a null has nothing to set");
                return Err(frame.place(error, step.span).into());
            }
        }
        if current.is_null() {
            return Ok(());
        }
        let done = match &last.kind {
            StepKind::Index(argument) => {
                let argument = self.value(frame, argument)?;
                let argument = self.counted_from_end(frame, &current, argument, last)?;
                methods::set_index(&mut self.machine, &current, argument, value)
            }
            StepKind::Property(name) | StepKind::Method(name, _) => {
                methods::set_property(&mut self.machine, &current, name, value)
            }
        };
        if !done.map_err(|error| frame.place(error, last.span))? && strict {
            let error = Error::new(ErrorKind::Strict, "this cannot be set");
            return Err(frame.place(error, last.span).into());
        }
        Ok(())
    }
}
