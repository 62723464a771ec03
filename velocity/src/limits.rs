//! How much work and memory one rendering may take: templates and data come from strangers.

/// What one rendering may use; exceeding it is an error with a place. The defaults suit untrusted templates.
///
/// ```
/// use velocity::{Limits, RenderOptions};
///
/// let limits = Limits { output_bytes: 64 * 1024, ..Limits::default() };
/// let options = RenderOptions { limits, ..RenderOptions::default() };
/// # let _ = options;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Operations: every statement, every operator and every call is at least one, long strings count by length.
    pub steps: u64,
    /// Turns of one `#foreach`.
    pub loop_turns: u32,
    /// Elements of one range `[a..b]`, checked before it is built.
    pub range_elements: u32,
    /// Nested calls of any sort: macros, blocks, evaluated and parsed texts, expressions.
    pub depth: u32,
    /// Bytes of output.
    pub output_bytes: usize,
    /// Bytes of one string that a template makes; a list or map prints 32 MiB at most.
    pub string_bytes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            steps: 1_000_000,
            loop_turns: 10_000,
            range_elements: 10_000,
            depth: 100,
            output_bytes: 1024 * 1024,
            string_bytes: 1024 * 1024,
        }
    }
}

impl Limits {
    /// Limits that only a template gone wild reaches, for trusted templates and for comparisons with other engines.
    #[must_use]
    pub fn generous() -> Limits {
        Limits {
            steps: u64::MAX,
            loop_turns: u32::MAX,
            range_elements: 10_000_000,
            depth: 200,
            output_bytes: 1 << 24,
            string_bytes: 1 << 24,
        }
    }
}
