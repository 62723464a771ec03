//! References in the text.

use super::block::BlockValue;
use super::{Frame, Rendered, Renderer};
use crate::ast::{Form, Output};
use crate::error::{Error, ErrorKind};
use crate::escape::Escape;
use crate::value::{Value, print};

impl Renderer<'_> {
    /// Prints a reference: its value, or what stands for it.
    pub(super) fn output(&mut self, frame: &Frame, output: &Output, out: &mut String) -> Rendered {
        let before = out.len();
        self.any_output(frame, output, out)?;
        self.spend_written(before, out)
    }

    /// Prints a reference whatever it is.
    fn any_output(&mut self, frame: &Frame, output: &Output, out: &mut String) -> Rendered {
        let reference = &output.reference;
        if reference.form == Form::Runt {
            out.push_str(&output.fallback);
            return Ok(());
        }
        if output.escaped {
            let live = self.settings.strict_escape || !self.reference_value(frame, reference)?.is_null();
            out.push_str(&output.slashes);
            if !live {
                out.push('\\');
            }
            out.push_str(&output.fallback);
            return Ok(());
        }
        let value = self.reference_value(frame, reference)?;
        if let Value::Opaque(object) = &value
            && let Some(block) = object.downcast::<BlockValue>()
        {
            out.push_str(&output.slashes);
            out.push_str(&output.prefix);
            if self.block_use(block, out)? {
                return Ok(());
            }
            return self.missing(frame, output, out);
        }
        if value.is_null() {
            return self.missing(frame, output, out);
        }
        // The date tool prints the present moment.
        let value = match crate::methods::Class::of(&value) {
            Some(crate::methods::Class::Tool(crate::tools::Tool::Date)) => {
                let text = crate::methods::call(&mut self.machine, &value, "toString", Vec::new());
                text.map_err(|error| frame.place(error, reference.span))?.unwrap_or(value)
            }
            _ => value,
        };
        out.push_str(&output.slashes);
        out.push_str(&output.prefix);
        match self.escape {
            Escape::None => print(&value, out),
            escape => match &value {
                Value::Integer(_) | Value::Long(_) | Value::Boolean(_) => print(&value, out),
                Value::String(text) => escape.write(text, out),
                Value::Opaque(object) if let Some(raw) = object.downcast::<crate::escape::Raw>() => {
                    print(&raw.0, out);
                }
                other => escape.write(&other.to_string(), out),
            },
        }
        Ok(())
    }

    fn missing(&mut self, frame: &Frame, output: &Output, out: &mut String) -> Rendered {
        if self.settings.strict {
            if output.reference.form == Form::Quiet {
                return Ok(());
            }
            let message = format!("`{}` has no value", output.reference.literal);
            let error = Error::new(ErrorKind::Strict, message).with_hint("`$!name` prints nothing without a value");
            return Err(frame.place(error, output.reference.span).into());
        }
        if !self.settings.strict_escape {
            out.push_str(&output.slashes);
        }
        out.push_str(&output.slashes);
        out.push_str(&output.prefix);
        if self.settings.macro_backward_compatible
            && let Some(literal) = self.argument_literal(output.reference.root)
            && output.reference.steps.is_empty()
        {
            out.push_str(&literal);
            return Ok(());
        }
        out.push_str(&output.fallback);
        Ok(())
    }
}
