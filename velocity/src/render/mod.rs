//! Rendering: the tree is walked and its text written straight into the caller's buffer.

mod arithmetic;
mod block;
mod call;
mod expression;
mod foreach;
mod output;
mod path;
mod quick;
mod resource;
mod truth;

pub(crate) use block::Loop;

use crate::ast::{Block, Macro, Name, Tree};
use crate::context::Lookup;
use crate::error::{Error, Result};
use crate::escape::Escape;
use crate::machine::Machine;
use crate::options::RenderOptions;
use crate::program::{Action, Branch, Operation};
use crate::scope::Scope;
use crate::settings::Settings;
use crate::span::Span;
use crate::value::Value;
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

/// Why rendering stops before the end of a block.
pub(crate) enum Halt {
    Error(Error),
    /// `#break`: leaves the nearest block that can be left.
    Break,
    /// `#break($scope)`: leaves the block of this number.
    BreakScope(usize),
    /// `#stop`: ends the rendering.
    Stop,
}

impl From<Error> for Halt {
    fn from(error: Error) -> Halt {
        Halt::Error(error)
    }
}

/// A rendering of a part: done, or halted.
pub(crate) type Rendered = std::result::Result<(), Halt>;

/// Whose text is rendered.
#[derive(Clone)]
pub(crate) struct Frame {
    pub(crate) tree: Arc<Tree>,
}

impl Frame {
    /// Gives an error its place in this text.
    pub(crate) fn place(&self, error: Error, span: Span) -> Error {
        error.at(&self.tree.name, &self.tree.source, span)
    }
}

/// A macro that can be called.
#[derive(Clone)]
pub(crate) struct Registered {
    definition: Arc<Macro>,
    frame: Frame,
}

/// One rendering.
pub(crate) struct Renderer<'r> {
    pub(crate) machine: Machine<'r>,
    pub(crate) scope: Scope<'r>,
    pub(crate) settings: &'r Settings,
    /// The template that is rendered.
    root: &'r Frame,
    /// Whether the template's own macros come before all others, so that a call finds its macro once and for all.
    own_macros: bool,
    /// What was read while rendering, if anything was.
    read: Option<Box<Read>>,
    macro_depth: u32,
    /// The slot of `$bodyContent`, once a macro was called.
    body_slot: Option<Name>,
    /// How the running calls wrote their arguments, for `velocimacro.enable_bc_mode`.
    literals: Vec<(Name, Rc<str>)>,
    /// The parameters of the running calls, the innermost last.
    given: Vec<call::Given>,
    /// How many texts are being rendered, one in the other.
    texts: usize,
    /// Whether other directives than `#foreach` offer a scope.
    scopes: bool,
    /// The length of the buffer before the rendering.
    start: usize,
    /// The length that the buffer may get.
    most: usize,
    /// How references are escaped: not in a buffer of its own, which becomes a value.
    escape: Escape,
}

/// The texts and macros that a rendering has met beside its own template's.
#[derive(Default)]
struct Read {
    /// The macros of the texts that were read while rendering; those of the template itself are found in its tree.
    macros: BTreeMap<SmolStr, Registered>,
    /// Macros of each text, by the text's name, when they are not shared between texts.
    local_macros: BTreeMap<(Arc<str>, SmolStr), Registered>,
    /// Texts that `#parse` has brought, the last one first to be asked for macros.
    libraries: Vec<Arc<str>>,
    /// The texts of the library that were parsed.
    parsed: BTreeMap<SmolStr, Frame>,
}

/// An error that knows no place yet gets that of the operation it came from, if that knows one.
#[cold]
fn placed(frame: &Frame, operation: &Operation, halt: Halt) -> Halt {
    match (halt, operation.action.span()) {
        (Halt::Error(error), Some(span)) => Halt::Error(frame.place(error, span)),
        (halt, _) => halt,
    }
}

/// A block cannot be paid for: the error stands where the block begins, if that is known.
#[cold]
fn unpaid(frame: &Frame, error: Error, span: Option<Span>) -> Halt {
    match span {
        Some(span) => Halt::Error(frame.place(error, span)),
        None => Halt::Error(error),
    }
}

/// Renders a tree over a context.
pub(crate) fn render(
    tree: &Arc<Tree>,
    settings: &Settings,
    context: &dyn Lookup,
    options: &RenderOptions,
    out: &mut String,
) -> Result<()> {
    let frame = Frame { tree: Arc::clone(tree) };
    let mut renderer = Renderer {
        machine: Machine::new(options, settings),
        scope: Scope::new(context, tree),
        settings,
        root: &frame,
        own_macros: settings.macro_inline_allow && !settings.macro_local_scope && !settings.macro_replace_global,
        read: None,
        macro_depth: 0,
        body_slot: tree.body,
        literals: Vec::new(),
        given: Vec::new(),
        texts: 1,
        scopes: settings.scopes.iter().any(|scope| scope != "foreach"),
        start: out.len(),
        most: out.len().saturating_add(options.limits.output_bytes),
        escape: options.escape,
    };
    if !renderer.own_macros {
        renderer.register(&frame);
    }
    let owner = Arc::as_ptr(tree).addr();
    let scope = renderer.open_scope("template", owner);
    let rendered = renderer.block(&frame, &tree.root, out);
    renderer.close_scope(scope);
    let holders = std::mem::take(&mut renderer.machine.holders);
    drop(renderer);
    holders.open();
    match rendered {
        Ok(()) | Err(Halt::Break | Halt::BreakScope(_) | Halt::Stop) => Ok(()),
        Err(Halt::Error(error)) => Err(frame.place(error, Span::default())),
    }
}

impl Renderer<'_> {
    /// Makes the macros of a text known.
    pub(crate) fn register(&mut self, frame: &Frame) {
        if !self.settings.macro_inline_allow {
            return;
        }
        for definition in &frame.tree.macros {
            let name = &definition.name;
            let registered = Registered { definition: Arc::clone(definition), frame: frame.clone() };
            let own = self.own_macro(name).is_some();
            let read = self.read.get_or_insert_default();
            if self.settings.macro_local_scope {
                read.local_macros.insert((Arc::clone(&frame.tree.name), name.clone()), registered);
            } else if self.settings.macro_replace_global || !(read.macros.contains_key(name) || own) {
                read.macros.insert(name.clone(), registered);
            }
        }
    }

    /// The names of all macros, for texts that are read while rendering.
    pub(crate) fn macro_names(&self) -> HashSet<SmolStr> {
        let own = self.root.tree.macros.iter().filter(|_| self.own_macros).map(|definition| &definition.name);
        let read = self.read.iter().flat_map(|read| read.macros.keys());
        read.chain(own).cloned().collect()
    }

    /// The macro of this name that the rendered template itself defines first.
    fn own_macro(&self, name: &str) -> Option<usize> {
        if !self.own_macros {
            return None;
        }
        self.root.tree.macros.iter().position(|definition| definition.name == name)
    }

    /// Runs a block's program.
    pub(crate) fn block(&mut self, frame: &Frame, block: &Block, out: &mut String) -> Rendered {
        if let Err(error) = self.machine.spend(block.cost) {
            return Err(unpaid(frame, error, block.span()));
        }
        let depth = self.machine.depth();
        let operations = &*block.program.operations;
        let mut at = 0;
        // A template is not so long that a block's own text could grow out of hand before the block's end.
        while let Some(operation) = operations.get(at) {
            at += 1;
            if !operation.before.is_empty() {
                out.push_str(&operation.before);
            }
            let done = match &operation.action {
                Action::Print(output) if self.print(output, out) => continue,
                Action::Set(set) if self.quick_set(set) => continue,
                Action::Test(test) => match self.test(frame, &test.condition) {
                    Ok(true) => {
                        self.note_way(frame, test.condition.span, true);
                        self.enter(frame, &test.branch)
                    }
                    Ok(false) => {
                        self.note_way(frame, test.condition.span, false);
                        at += test.skip;
                        continue;
                    }
                    Err(halt) => Err(halt),
                },
                Action::Leave { skip, .. } => {
                    at += skip;
                    self.machine.leave();
                    self.check_output(out)
                }
                _ => self.act(frame, operation, out),
            };
            if let Err(halt) = done {
                self.machine.rise(depth);
                return Err(placed(frame, operation, halt));
            }
        }
        if !block.program.tail.is_empty() {
            out.push_str(&block.program.tail);
        }
        self.check_output(out)
    }

    /// Tells whoever asked which way a condition or a loop of the template itself goes.
    #[inline]
    pub(crate) fn note_way(&self, frame: &Frame, place: Span, held: bool) {
        if let Some(trace) = &self.machine.options.trace
            && Arc::ptr_eq(&frame.tree, &self.root.tree)
        {
            trace.tell(place, held);
        }
    }

    /// Begins a branch.
    #[inline]
    fn enter(&mut self, frame: &Frame, branch: &Branch) -> Rendered {
        self.machine.enter()?;
        match self.machine.spend(branch.cost) {
            Ok(()) => Ok(()),
            Err(error) => Err(unpaid(frame, error, branch.inside)),
        }
    }

    /// An operation that takes more than a few steps.
    #[inline(never)]
    fn act(&mut self, frame: &Frame, operation: &Operation, out: &mut String) -> Rendered {
        match &operation.action {
            Action::Print(output) => self.output(frame, output, out),
            Action::Set(set) => self.set(frame, set),
            Action::Test(_) | Action::Leave { .. } => Ok(()),
            Action::Enter(branch) => self.enter(frame, branch),
            Action::Foreach(foreach) => self.foreach(frame, foreach, out),
            Action::Call(call) => self.call(frame, call, out),
            Action::Define(define) => {
                self.define(frame, define);
                Ok(())
            }
            Action::Evaluate(text) => self.evaluate(frame, text, out),
            Action::Parse(name) => self.parse(frame, name.as_deref(), out),
            Action::Include(names) => self.include(frame, names, out),
            Action::Break(span, scope) => self.break_out(frame, *span, scope.as_deref()),
            Action::Stop(message) => {
                if let Some(message) = message {
                    self.value(frame, message)?;
                }
                Err(Halt::Stop)
            }
        }
    }

    /// A block that is part of an operation.
    fn nested_block(&mut self, frame: &Frame, block: &Block, out: &mut String) -> Rendered {
        self.machine.enter()?;
        let rendered = self.block(frame, block, out);
        self.machine.leave();
        rendered
    }

    /// Pays for what a reference has written behind `before`.
    #[inline]
    fn spend_written(&mut self, before: usize, out: &str) -> Rendered {
        let written = out.len().saturating_sub(before);
        Ok(self.machine.spend_written(written, out.len().saturating_sub(self.start))?)
    }

    #[inline]
    fn check_output(&self, out: &str) -> Rendered {
        if out.len() > self.most {
            return Err(self.machine.too_much_output().into());
        }
        Ok(())
    }

    fn break_out(&mut self, frame: &Frame, span: Span, scope: Option<&crate::ast::Expr>) -> Rendered {
        let Some(scope) = scope else { return Err(Halt::Break) };
        let state = self.value(frame, scope)?;
        match &state {
            Value::Opaque(object) if let Some(state) = object.downcast::<Loop>() => Err(Halt::BreakScope(state.owner)),
            _ => {
                let error = Error::new(crate::error::ErrorKind::Operation, "`#break` takes a scope such as `$foreach`");
                Err(Halt::Error(frame.place(error, span)))
            }
        }
    }

    /// Renders into a buffer that becomes a value.
    pub(crate) fn buffered<T>(&mut self, render: impl FnOnce(&mut Self, &mut String) -> T) -> (String, T) {
        let mut text = String::new();
        let start = std::mem::replace(&mut self.start, 0);
        let most = std::mem::replace(&mut self.most, self.machine.options.limits.output_bytes);
        let escape = std::mem::replace(&mut self.escape, Escape::None);
        let result = render(self, &mut text);
        self.start = start;
        self.most = most;
        self.escape = escape;
        (text, result)
    }

    /// Whether a halt ends at the block of this number.
    pub(crate) fn ends(halt: &Halt, owner: usize) -> bool {
        match halt {
            Halt::Break => true,
            Halt::BreakScope(scope) => *scope == owner,
            Halt::Stop | Halt::Error(_) => false,
        }
    }
}
