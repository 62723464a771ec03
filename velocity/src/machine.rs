//! What a rendering may still use, and what methods and tools see of it.

use crate::error::{Error, ErrorKind, Result};
use crate::methods::Expressions;
use crate::options::RenderOptions;
use crate::settings::Settings;
use crate::value::{Holders, Value};

/// The counters and settings of one rendering.
pub(crate) struct Machine<'r> {
    pub(crate) options: &'r RenderOptions,
    pub(crate) settings: &'r Settings,
    steps: u64,
    depth: u32,
    /// Where values that hold others were put.
    pub(crate) holders: Holders,
    /// The regular expressions that were compiled last.
    pub(crate) expressions: Expressions,
}

/// Bytes of text that cost as much as one operation.
const BYTES_PER_STEP: usize = 64;

impl<'r> Machine<'r> {
    pub(crate) fn new(options: &'r RenderOptions, settings: &'r Settings) -> Machine<'r> {
        Machine {
            options,
            settings,
            steps: options.limits.steps,
            depth: 0,
            holders: Holders::default(),
            expressions: Expressions::default(),
        }
    }

    /// Pays for `count` operations.
    #[inline]
    pub(crate) fn spend(&mut self, count: u64) -> Result<()> {
        match self.steps.checked_sub(count) {
            Some(rest) => {
                self.steps = rest;
                Ok(())
            }
            None => Err(self.exhausted()),
        }
    }

    #[cold]
    fn exhausted(&self) -> Error {
        limit(format!("the template needs more than {} operations", self.options.limits.steps))
    }

    /// Pays for text that was written into the output, which is as long as `output` now. What is short costs nothing;
    /// the end of the block checks how much it came to.
    #[inline]
    pub(crate) fn spend_written(&mut self, bytes: usize, output: usize) -> Result<()> {
        if bytes < BYTES_PER_STEP {
            return Ok(());
        }
        self.spend((bytes / BYTES_PER_STEP) as u64)?;
        self.check_output(output)
    }

    /// Pays for a text that is read.
    pub(crate) fn spend_read(&mut self, bytes: usize) -> Result<()> {
        self.spend((bytes / BYTES_PER_STEP) as u64)
    }

    /// Pays for comparing a value with so many others.
    pub(crate) fn spend_compared(&mut self, value: &Value, others: usize) -> Result<()> {
        self.spend(weight(value, self.steps).saturating_mul(others as u64))
    }

    /// Pays for putting values in order.
    pub(crate) fn spend_sorted(&mut self, items: &[Value]) -> Result<()> {
        let total = items.iter().map(|item| weight(item, self.steps)).fold(0, u64::saturating_add);
        // How often each of them is looked at.
        self.spend(total.saturating_mul(1 + u64::from(items.len().checked_ilog2().unwrap_or(0)) / 2))
    }

    /// Pays for elements that are copied.
    pub(crate) fn spend_items(&mut self, count: usize) -> Result<()> {
        self.spend(count as u64)
    }

    /// Pays for a text that was made, and checks its size.
    pub(crate) fn spend_text(&mut self, bytes: usize) -> Result<()> {
        self.check_text(bytes)?;
        self.spend((bytes / BYTES_PER_STEP) as u64)
    }

    /// Refuses a text before it is made.
    pub(crate) fn check_text(&self, bytes: usize) -> Result<()> {
        if bytes > self.options.limits.string_bytes {
            return Err(limit(format!("a text is longer than {} bytes", self.options.limits.string_bytes)));
        }
        Ok(())
    }

    #[inline]
    pub(crate) fn check_output(&self, bytes: usize) -> Result<()> {
        if bytes > self.options.limits.output_bytes {
            return Err(self.too_much_output());
        }
        Ok(())
    }

    #[cold]
    pub(crate) fn too_much_output(&self) -> Error {
        limit(format!("the output is longer than {} bytes", self.options.limits.output_bytes))
    }

    /// A value that holds others is put into `target`.
    pub(crate) fn note_holder(&mut self, target: &Value) -> Result<()> {
        // Each note stays until the end.
        self.spend(4)?;
        self.holders.note(target);
        Ok(())
    }

    /// Goes one level deeper.
    #[inline]
    pub(crate) fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > self.options.limits.depth {
            return Err(self.too_deep());
        }
        Ok(())
    }

    #[cold]
    fn too_deep(&self) -> Error {
        limit(format!("calls are nested more than {} deep", self.options.limits.depth))
    }

    #[inline]
    pub(crate) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// How many levels deep it is.
    #[inline]
    pub(crate) fn depth(&self) -> u32 {
        self.depth
    }

    /// Leaves all levels below this one.
    pub(crate) fn rise(&mut self, depth: u32) {
        self.depth = depth;
    }

    /// A text that a method made, within the limits.
    pub(crate) fn text(&mut self, text: impl Into<String>) -> Result<Value> {
        let text = text.into();
        self.spend_text(text.len())?;
        Ok(Value::String(text.into()))
    }
}

/// How much work it is to look at all of a value, in operations; no more than a little over `most`.
fn weight(value: &Value, most: u64) -> u64 {
    fn add(value: &Value, total: &mut u64, most: u64, depth: u32) {
        *total += 1;
        let Some(depth) = depth.checked_sub(1) else { return };
        match value {
            Value::String(text) => *total += (text.len() / BYTES_PER_STEP) as u64,
            Value::List(list) => {
                for item in list.items().iter() {
                    if *total > most {
                        return;
                    }
                    add(item, total, most, depth);
                }
            }
            Value::Map(map) => {
                for (key, value) in map.entries().iter() {
                    if *total > most {
                        return;
                    }
                    add(&key.value, total, most, depth);
                    add(value, total, most, depth);
                }
            }
            _ => {}
        }
    }
    let mut total = 0;
    // As deep as values are compared and printed.
    add(value, &mut total, most, 64);
    total
}

/// A limit is exceeded.
pub(crate) fn limit(message: String) -> Error {
    Error::new(ErrorKind::Limit, message).with_hint("limits protect the machine from a template gone wild")
}
