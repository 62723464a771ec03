//! The walk over a tree that finds its references and bindings.

use super::{
    Argument, ArgumentKind, Binding, BindingId, BindingKind, BindingValue, Collected, MacroCall, MacroParameter, Place,
    Reference, ReferenceId, Segment, SegmentKind,
};
use crate::ast::{self, Block, Comparison, Expr, ExprKind, Form, Name, Node, StepKind, Tree};
use crate::settings::Settings;
use crate::span::Span;
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap};

type FastMap<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// Everything a template refers to and everything it binds.
pub(crate) fn collect(tree: &Tree, settings: &Settings) -> Collected {
    let counters = [&settings.foreach_counter, &settings.foreach_has_next];
    let mut collector = Collector {
        tree,
        body_reference: SmolStr::new(&settings.body_reference),
        counters: counters.into_iter().flatten().map(SmolStr::new).collect(),
        references: Vec::new(),
        escaped: Vec::new(),
        bindings: Vec::new(),
        bound: FastMap::default(),
        tested: Vec::new(),
        in_string: false,
        macros: BTreeMap::new(),
        given: Vec::new(),
        calls: Vec::new(),
        equalities: Vec::new(),
    };
    collector.block(&tree.root);
    collector.hand_over();
    Collected {
        references: collector.references,
        escaped: collector.escaped,
        bindings: collector.bindings,
        equalities: collector.equalities,
        macros: collector.macros,
        calls: collector.calls,
    }
}

/// A name and the source of the steps after it: what two references to the same thing share.
type Path<'t> = Vec<&'t str>;

struct Collector<'t> {
    tree: &'t Tree,
    body_reference: SmolStr,
    /// The names that loops give beside `$foreach`, as in Velocity 1.x.
    counters: Vec<SmolStr>,
    references: Vec<Reference>,
    escaped: Vec<Reference>,
    bindings: Vec<Binding>,
    /// What binds each name at this place.
    bound: FastMap<SmolStr, BindingId>,
    /// What is known to be true at this place.
    tested: Vec<Path<'t>>,
    in_string: bool,
    /// The parameters of each macro; `None` of one that is defined several times.
    macros: BTreeMap<SmolStr, Option<Vec<MacroParameter>>>,
    /// What macros are called with.
    given: Vec<(SmolStr, Vec<Argument>)>,
    calls: Vec<MacroCall>,
    equalities: Vec<(Argument, Argument)>,
}

impl<'t> Collector<'t> {
    fn name(&self, name: Name) -> SmolStr {
        self.tree.names.get(name.0 as usize).cloned().unwrap_or_default()
    }

    fn block(&mut self, block: &Block) {
        for node in &block.nodes {
            self.node(node);
        }
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Text(_) => {}
            Node::Reference(output) => {
                let place = if self.in_string { Place::String } else { Place::Text };
                if !output.escaped {
                    self.reference(&output.reference, place);
                } else if output.reference.form != Form::Runt && output.reference.computable {
                    let escaped = self.made(&output.reference, place);
                    self.escaped.push(escaped);
                }
            }
            Node::Set(set) => self.set(set),
            Node::If(statement) => self.branches(statement),
            Node::Foreach(foreach) => self.foreach(foreach),
            Node::Call(call) => {
                let arguments = call.arguments.iter().map(|argument| self.expression(argument, Place::Argument));
                let arguments: Vec<Argument> = arguments.collect();
                let count = arguments.len();
                self.given.push((call.name.clone(), arguments));
                let ast::Call { span, name, definite, bad_argument, .. } = &**call;
                let (name, bare_word) = (name.clone(), bad_argument.clone());
                self.calls.push(MacroCall { span: *span, name, arguments: count, definite: *definite, bare_word });
                if let Some(body) = &call.body {
                    self.block(body);
                }
            }
            Node::Define(define) => {
                let name = self.name(define.name);
                self.bind(name, define.name_span, BindingKind::Define, BindingValue::Unknown);
                self.block(&define.body);
            }
            Node::Evaluate(text) => drop(self.expression(text, Place::Argument)),
            Node::Parse(text) | Node::Stop(text) | Node::Break(_, text) => {
                if let Some(text) = text {
                    self.expression(text, Place::Argument);
                }
            }
            Node::Include(names) => {
                for name in names.iter() {
                    self.expression(name, Place::Argument);
                }
            }
            Node::Macro(definition) => self.macro_definition(definition),
        }
    }

    fn bind(&mut self, name: SmolStr, span: Span, kind: BindingKind, value: BindingValue) -> BindingId {
        let id = BindingId(u32::try_from(self.bindings.len()).unwrap_or(u32::MAX));
        self.bindings.push(Binding { name: name.clone(), span, kind, value });
        self.bound.insert(name, id);
        id
    }

    /// Gives a name back the binding it had before a block.
    fn restore(&mut self, name: &SmolStr, before: Option<BindingId>) {
        match before {
            Some(id) => drop(self.bound.insert(name.clone(), id)),
            None => drop(self.bound.remove(name)),
        }
    }

    fn set(&mut self, set: &ast::Set) {
        let target = self.reserve();
        let value = self.expression(&set.value, Place::SetValue);
        if set.target.steps.is_empty() {
            let name = self.name(set.target.root);
            let value = BindingValue::Expression(value);
            self.bind(name, set.target.root_span, BindingKind::Set, value);
        }
        self.fill(target, &set.target, Place::SetTarget);
    }

    fn branches(&mut self, statement: &ast::If) {
        let depth = self.tested.len();
        for (condition, block) in &statement.branches {
            self.expression(condition, Place::Condition);
            let before = self.tested.len();
            self.assume(condition, true);
            self.block(block);
            self.tested.truncate(before);
            // The branches after this one are reached only when its condition is false.
            self.assume(condition, false);
        }
        if let Some(block) = &statement.otherwise {
            self.block(block);
        }
        self.tested.truncate(depth);
    }

    fn foreach(&mut self, foreach: &ast::Foreach) {
        let source = self.expression(&foreach.source, Place::ForeachSource);
        let (variable, scope) = (self.name(foreach.variable), self.name(foreach.scope));
        let before = (self.bound.get(&variable).copied(), self.bound.get(&scope).copied());
        let value = BindingValue::Expression(source);
        self.bind(variable.clone(), foreach.variable_span, BindingKind::Foreach, value);
        self.bind(scope.clone(), foreach.span, BindingKind::Scope, BindingValue::Unknown);
        let counters = self.counters.clone();
        let counted: Vec<_> = counters.iter().map(|name| (name, self.bound.get(name).copied())).collect();
        for name in &counters {
            self.bind(name.clone(), foreach.span, BindingKind::Scope, BindingValue::Unknown);
        }
        self.block(&foreach.body);
        for (name, before) in counted {
            self.restore(name, before);
        }
        self.restore(&variable, before.0);
        self.restore(&scope, before.1);
        if let Some(block) = &foreach.otherwise {
            self.block(block);
        }
    }

    fn macro_definition(&mut self, definition: &ast::Macro) {
        let (mut before, mut parameters) = (Vec::new(), Vec::new());
        for parameter in &definition.parameters {
            if let Some(default) = &parameter.default {
                self.expression(default, Place::Argument);
            }
            let name = self.name(parameter.name);
            before.push((name.clone(), self.bound.get(&name).copied()));
            let binding = self.bind(name, parameter.span, BindingKind::MacroArgument, BindingValue::Unknown);
            parameters.push(MacroParameter { binding, has_default: parameter.default.is_some() });
        }
        let known = self.macros.entry(definition.name.clone());
        known.and_modify(|twice| *twice = None).or_insert(Some(parameters));
        let body = self.body_reference.clone();
        before.push((body.clone(), self.bound.get(&body).copied()));
        self.bind(body, definition.span, BindingKind::Scope, BindingValue::Unknown);
        // A macro is called from anywhere: what its definition stands in says nothing.
        let tested = std::mem::take(&mut self.tested);
        self.block(&definition.body);
        self.tested = tested;
        for (name, id) in before.into_iter().rev() {
            self.restore(&name, id);
        }
    }

    /// Gives the parameters of macros what these are called with. Of a macro that is not called, or by one call with fewer
    /// arguments, a parameter has a value that is not known.
    fn hand_over(&mut self) {
        let mut given: BTreeMap<BindingId, Vec<Argument>> = BTreeMap::new();
        for (name, arguments) in std::mem::take(&mut self.given) {
            let Some(Some(parameters)) = self.macros.get(&name) else { continue };
            let mut arguments = arguments.into_iter();
            for parameter in parameters {
                let missing = || Argument { span: Span::default(), kind: ArgumentKind::Other };
                given.entry(parameter.binding).or_default().push(arguments.next().unwrap_or_else(missing));
            }
        }
        for (parameter, arguments) in given {
            if let Some(binding) = self.bindings.get_mut(parameter.0 as usize) {
                binding.value = BindingValue::Arguments(arguments);
            }
        }
    }

    fn reserve(&mut self) -> usize {
        self.references.push(Reference {
            span: Span::default(),
            root: SmolStr::default(),
            root_span: Span::default(),
            path: Vec::new(),
            quiet: false,
            formal: false,
            fallback: false,
            place: Place::Text,
            found: 0,
            binding: None,
        });
        self.references.len() - 1
    }

    fn reference(&mut self, reference: &ast::Reference, place: Place) -> Option<ReferenceId> {
        if reference.form == Form::Runt || !reference.computable {
            return None;
        }
        let at = self.reserve();
        self.fill(at, reference, place);
        u32::try_from(at).ok().map(ReferenceId)
    }

    fn fill(&mut self, at: usize, reference: &ast::Reference, place: Place) {
        let made = self.made(reference, place);
        if let Some(slot) = self.references.get_mut(at) {
            *slot = made;
        }
    }

    fn made(&mut self, reference: &ast::Reference, place: Place) -> Reference {
        let root = self.name(reference.root);
        let binding = self.bound.get(&root).copied();
        let path = if self.tested.is_empty() { Path::new() } else { self.path(reference) };
        let shared = |known: &Path<'_>| known.iter().zip(&path).take_while(|(one, other)| one == other).count();
        let found = self.tested.iter().map(shared).max().unwrap_or_default();
        let segments = reference.steps.iter().map(|step| self.segment(step)).collect();
        if let Some(alternate) = &reference.alternate {
            self.expression(alternate, Place::Fallback);
        }
        Reference {
            span: reference.span,
            root,
            root_span: reference.root_span,
            path: segments,
            quiet: reference.form == Form::Quiet,
            formal: reference.braces,
            fallback: reference.alternate.is_some(),
            place,
            found,
            binding,
        }
    }

    fn segment(&mut self, step: &ast::Step) -> Segment {
        let kind = match &step.kind {
            StepKind::Property(name) => SegmentKind::Property { name: name.clone() },
            StepKind::Index(argument) => SegmentKind::Index { argument: self.expression(argument, Place::Argument) },
            StepKind::Method(name, arguments) => SegmentKind::Method {
                name: name.clone(),
                arguments: arguments.iter().map(|argument| self.expression(argument, Place::Argument)).collect(),
            },
        };
        Segment { span: step.span, kind }
    }

    fn path(&self, reference: &ast::Reference) -> Path<'t> {
        let root = self.tree.names.get(reference.root.0 as usize).map_or("", SmolStr::as_str);
        let steps = reference.steps.iter().map(|step| self.tree.source.get(step.span.range()).unwrap_or_default());
        std::iter::once(root).chain(steps).collect()
    }

    /// Notes what a condition says about references when it holds, or when it does not.
    fn assume(&mut self, condition: &Expr, holds: bool) {
        match (&condition.kind, holds) {
            (ExprKind::Reference(reference), true) if reference.alternate.is_none() => {
                let path = self.path(reference);
                self.tested.push(path);
            }
            (ExprKind::Not(inner), _) => self.assume(inner, !holds),
            (ExprKind::And(pair), true) | (ExprKind::Or(pair), false) => {
                self.assume(&pair.0, holds);
                self.assume(&pair.1, holds);
            }
            _ => {}
        }
    }

    fn expression(&mut self, expression: &Expr, place: Place) -> Argument {
        let kind = match &expression.kind {
            ExprKind::Boolean(value) => ArgumentKind::Boolean(*value),
            ExprKind::Integer(number) => ArgumentKind::Integer(SmolStr::from(number.to_string())),
            ExprKind::Long(number) => ArgumentKind::Integer(SmolStr::from(number.to_string())),
            ExprKind::BigInteger(number) => ArgumentKind::Integer(SmolStr::from(number.to_string())),
            ExprKind::Float(number) => ArgumentKind::Float(*number),
            ExprKind::Decimal(number) => ArgumentKind::Float(number.to_f64()),
            ExprKind::String(text, _) => ArgumentKind::String(text.clone()),
            ExprKind::Interpolated(block, _) => {
                let outer = std::mem::replace(&mut self.in_string, true);
                self.block(block);
                self.in_string = outer;
                ArgumentKind::Interpolated
            }
            ExprKind::Reference(reference) => match self.reference(reference, place) {
                Some(id) => ArgumentKind::Reference(id),
                None => ArgumentKind::Other,
            },
            ExprKind::List(items) => {
                for item in items {
                    self.expression(item, Place::Element);
                }
                ArgumentKind::List
            }
            ExprKind::Map(entries) => {
                for (key, value) in entries {
                    self.expression(key, Place::Element);
                    self.expression(value, Place::Element);
                }
                ArgumentKind::Map
            }
            ExprKind::Range(ends) => {
                self.expression(&ends.0, Place::Element);
                self.expression(&ends.1, Place::Element);
                ArgumentKind::Range
            }
            ExprKind::Not(inner) | ExprKind::Negate(inner) => {
                self.expression(inner, place);
                ArgumentKind::Other
            }
            ExprKind::And(pair) | ExprKind::Or(pair) => {
                let before = self.tested.len();
                self.expression(&pair.0, place);
                self.assume(&pair.0, matches!(expression.kind, ExprKind::And(_)));
                self.expression(&pair.1, place);
                self.tested.truncate(before);
                ArgumentKind::Other
            }
            ExprKind::Compare(Comparison::Equal | Comparison::NotEqual, pair) => {
                let sides = (self.expression(&pair.0, place), self.expression(&pair.1, place));
                self.equalities.push(sides);
                ArgumentKind::Other
            }
            ExprKind::Math(_, pair) | ExprKind::Compare(_, pair) => {
                self.expression(&pair.0, place);
                self.expression(&pair.1, place);
                ArgumentKind::Other
            }
            ExprKind::Word(_) => ArgumentKind::Other,
        };
        Argument { span: expression.span, kind }
    }
}
