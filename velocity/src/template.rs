//! A compiled template.

use crate::ast::Tree;
use crate::{
    Binding, Collected, Context, Lookup, Reference, RenderOptions, Result, Settings, Way, meaning, parser, references,
    render, ways,
};
use std::sync::{Arc, LazyLock};

/// The names of the tools that every template reaches, in both spellings and in alphabetical order.
pub const TOOLS: &[&str] = &[
    "alternator",
    "alternatorTool",
    "collection",
    "collectionTool",
    "conversionTool",
    "convert",
    "date",
    "dateTool",
    "display",
    "displayTool",
    "esc",
    "escTool",
    "escapeTool",
    "loop",
    "loopTool",
    "math",
    "mathTool",
    "number",
    "numberTool",
    "sortTool",
    "sorter",
];

/// A template, read once and rendered many times; cheap to clone and safe to share between threads.
#[derive(Clone)]
pub struct Template {
    tree: Arc<Tree>,
    settings: Arc<Settings>,
}

impl Template {
    /// Reads a template with the default settings. `name` is used in errors.
    ///
    /// # Errors
    /// When the text is not a template; the error has a place and a hint.
    pub fn parse(name: &str, source: &str) -> Result<Template> {
        static SETTINGS: LazyLock<Arc<Settings>> = LazyLock::new(Arc::default);
        Template::parse_sharing(name, source, &SETTINGS)
    }

    /// Reads a template.
    ///
    /// # Errors
    /// When the text is not a template; the error has a place and a hint.
    pub fn parse_with(name: &str, source: &str, settings: &Settings) -> Result<Template> {
        Template::parse_sharing(name, source, &Arc::new(settings.clone()))
    }

    /// Reads a template with settings that it shares with others.
    ///
    /// # Errors
    /// When the text is not a template; the error has a place and a hint.
    pub fn parse_sharing(name: &str, source: &str, settings: &Arc<Settings>) -> Result<Template> {
        let tree = parser::parse_template(&Arc::from(name), &Arc::from(source), settings)?;
        Ok(Template { tree: Arc::new(tree), settings: Arc::clone(settings) })
    }

    /// The name the template was given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.tree.name
    }

    /// The text it was read from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.tree.source
    }

    /// Renders over `context` with the default options, appending to `out`.
    ///
    /// # Errors
    /// When a called method fails or a limit is exceeded; `out` then holds what was rendered before.
    pub fn render(&self, context: &Context, out: &mut String) -> Result<()> {
        static DEFAULTS: LazyLock<RenderOptions> = LazyLock::new(RenderOptions::default);
        self.render_with(context, &DEFAULTS, out)
    }

    /// Renders over `context`, appending to `out`.
    ///
    /// Lists and maps of the data are the template's too: what it adds to them stays. Only what a template has put into
    /// itself is taken out again in the end.
    ///
    /// # Errors
    /// When a called method fails or a limit is exceeded; `out` then holds what was rendered before.
    pub fn render_with(&self, context: &dyn Lookup, options: &RenderOptions, out: &mut String) -> Result<()> {
        render::render(&self.tree, &self.settings, context, options, out)
    }

    /// Every reference, in the order of the source.
    #[must_use]
    pub fn references(&self) -> Vec<Reference> {
        references::collect(&self.tree, &self.settings).references
    }

    /// Every reference behind a backslash, in the order of the source. It prints as it is written, and the backslash with it
    /// where it has no value.
    #[must_use]
    pub fn escaped_references(&self) -> Vec<Reference> {
        references::collect(&self.tree, &self.settings).escaped
    }

    /// Everything in the template that gives a name a value, in the order of the source.
    #[must_use]
    pub fn bindings(&self) -> Vec<Binding> {
        references::collect(&self.tree, &self.settings).bindings
    }

    /// [`Template::references`], [`Template::bindings`] and what is compared, in one walk.
    #[must_use]
    pub fn collected(&self) -> Collected {
        references::collect(&self.tree, &self.settings)
    }

    /// All that its conditions and loops can come to, in the order of the source.
    #[must_use]
    pub fn ways(&self) -> Vec<Way> {
        ways::of(&self.tree)
    }

    /// Whether it renders as another one does, whatever the data: how names are put in braces, comments and macros that
    /// nothing calls make no difference. `false` says only that there may be one. The letters that a reference without a
    /// value leaves do not count.
    #[must_use]
    pub fn renders_as(&self, other: &Template) -> bool {
        self.source() == other.source() || meaning::of(&self.tree) == meaning::of(&other.tree)
    }

    /// Whether `name` is a tool's.
    #[must_use]
    pub fn is_tool(name: &str) -> bool {
        TOOLS.binary_search(&name).is_ok()
    }
}
