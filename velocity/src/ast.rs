//! A template as a tree, ready to be rendered.
//!
//! The tree holds what rendering needs and nothing of the tokens: white space that directives swallow is gone, text that
//! stands side by side is one node, names are numbers, literals are values, and macro bodies are shared.

use crate::cost;
use crate::span::Span;
use crate::value::{Decimal, Place};
use num_bigint::BigInt;
use smol_str::SmolStr;
use std::sync::{Arc, OnceLock};

/// A root name's number in its tree's table of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Name(pub(crate) u32);

/// A whole text: what `Template::parse`, `#parse` and `#evaluate` read.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) name: Arc<str>,
    pub(crate) source: Arc<str>,
    pub(crate) names: Vec<SmolStr>,
    /// Which of the names are tools'.
    pub(crate) tools: Vec<bool>,
    /// The name of `$bodyContent`, where macros are called.
    pub(crate) body: Option<Name>,
    pub(crate) root: Block,
    /// The macros in the order in which they are registered: those in blocks before those around them.
    pub(crate) macros: Vec<Arc<Macro>>,
}

/// Parts that are rendered one after the other.
#[derive(Debug, Default)]
pub(crate) struct Block {
    pub(crate) parts: Vec<Part>,
    /// The text behind the last of them.
    pub(crate) tail: Box<str>,
    /// How many operations one pass takes, the blocks inside it apart.
    pub(crate) cost: u64,
}

/// A node with the text before it: most nodes have one, and to render both in one go takes less than one by one.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) before: Box<str>,
    pub(crate) node: Node,
}

impl Block {
    pub(crate) fn new(nodes: Vec<Node>) -> Block {
        let cost = nodes.iter().map(cost::of_node).sum();
        let mut parts = Vec::with_capacity(nodes.len());
        let mut before: Box<str> = Box::default();
        for node in nodes {
            match node {
                Node::Text(text) if before.is_empty() => before = text,
                // Texts side by side are one, so this does not happen; nothing would be lost if it did.
                Node::Text(text) => before = [&*before, &*text].concat().into_boxed_str(),
                node => parts.push(Part { before: std::mem::take(&mut before), node }),
            }
        }
        parts.shrink_to_fit();
        Block { parts, tail: before, cost }
    }

    /// Its nodes, without the texts between them.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.parts.iter().map(|part| &part.node)
    }
}

impl Node {
    /// Where it stands; text does not know.
    pub(crate) fn span(&self) -> Option<Span> {
        match self {
            Node::Text(_) | Node::Macro(_) => None,
            Node::Reference(output) => Some(output.reference.span),
            Node::Set(set) => Some(set.target.span),
            Node::If(statement) => statement.branches.first().map(|(condition, _)| condition.span),
            Node::Foreach(foreach) => Some(foreach.span),
            Node::Call(call) => Some(call.span),
            Node::Define(define) => Some(define.name_span),
            Node::Evaluate(expression) => Some(expression.span),
            Node::Parse(expression) | Node::Stop(expression) => expression.as_ref().map(|expression| expression.span),
            Node::Include(names) => names.first().map(|name| name.span),
            Node::Break(span, _) => Some(*span),
        }
    }
}

/// A part of a template.
#[derive(Debug)]
pub(crate) enum Node {
    /// Text as it is printed: part of a [`Block`] only while that is read.
    Text(Box<str>),
    /// A reference in the text.
    Reference(Box<Output>),
    /// `#set`
    Set(Box<Set>),
    /// `#if`
    If(Box<If>),
    /// `#foreach`
    Foreach(Box<Foreach>),
    /// `#name(…)`
    Call(Box<Call>),
    /// `#define`
    Define(Box<Define>),
    /// `#evaluate`
    Evaluate(Box<Expr>),
    /// `#parse`
    Parse(Option<Box<Expr>>),
    /// `#include`
    Include(Vec<Expr>),
    /// `#break`
    Break(Span, Option<Box<Expr>>),
    /// `#stop`
    Stop(Option<Box<Expr>>),
    /// `#macro`: it renders nothing, its body is in `Tree::macros`.
    Macro(Arc<Macro>),
}

/// A reference in the text, with what stands around it.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) reference: Reference,
    /// Half of the backslashes before it.
    pub(crate) slashes: Box<str>,
    /// `$` and the like that turned out to be text.
    pub(crate) prefix: Box<str>,
    /// Whether a backslash makes it text, if it has a value.
    pub(crate) escaped: bool,
    /// What is printed when it has no value.
    pub(crate) fallback: Box<str>,
    /// Whether its value alone is printed: there are neither slashes nor a prefix.
    pub(crate) bare: bool,
}

/// How a reference is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `$name`
    Normal,
    /// `${name}`
    Formal,
    /// `$!name`, `$!{name}`
    Quiet,
    /// A name without `$`: text that the lexer took for a reference.
    Runt,
}

/// `$root.step.step`
#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) span: Span,
    pub(crate) root_span: Span,
    pub(crate) root: Name,
    pub(crate) form: Form,
    /// Whether nothing but its steps decides its value: it is no runt and has no alternate value.
    pub(crate) simple: bool,
    /// Whether it stands in braces.
    pub(crate) braces: bool,
    /// Whether it can be a value: `$\!name` cannot.
    pub(crate) computable: bool,
    pub(crate) steps: Vec<Step>,
    pub(crate) alternate: Option<Box<Expr>>,
    /// Strict mode lets it be undefined: it stands alone in a condition.
    pub(crate) lenient: bool,
    /// The reference as it is written.
    pub(crate) literal: Box<str>,
}

/// One step of a reference.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) span: Span,
    pub(crate) kind: StepKind,
    /// The text that it asks a map for, when that is known before rendering: `.name`, `.get('name')`.
    pub(crate) key: Option<StepKey>,
    /// What it asks a loop's state for.
    pub(crate) loop_property: Option<LoopProperty>,
}

/// The key of a step, and where maps had it.
#[derive(Debug)]
pub(crate) struct StepKey {
    pub(crate) name: SmolStr,
    pub(crate) place: Place,
}

/// What `$foreach` tells of its loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LoopProperty {
    Index,
    Count,
    HasNext,
    First,
    Last,
}

impl LoopProperty {
    fn named(name: &str) -> Option<LoopProperty> {
        Some(match name {
            "index" => LoopProperty::Index,
            "count" => LoopProperty::Count,
            "hasNext" => LoopProperty::HasNext,
            "first" => LoopProperty::First,
            "last" => LoopProperty::Last,
            _ => return None,
        })
    }
}

impl Step {
    pub(crate) fn new(span: Span, kind: StepKind) -> Step {
        let key = match &kind {
            StepKind::Property(name) => Some(name),
            StepKind::Method(method, arguments) if method == "get" => match arguments.as_slice() {
                [Expr { kind: ExprKind::String(text, _), .. }] => Some(text),
                _ => None,
            },
            _ => None,
        };
        let key = key.map(|name| StepKey { name: name.clone(), place: Place::default() });
        let loop_property = match &kind {
            StepKind::Property(name) => LoopProperty::named(name),
            _ => None,
        };
        Step { span, kind, key, loop_property }
    }
}

/// What a step does.
#[derive(Debug)]
pub(crate) enum StepKind {
    /// `.name`
    Property(SmolStr),
    /// `.name(…)`
    Method(SmolStr, Vec<Expr>),
    /// `[…]`
    Index(Expr),
}

/// Something with a value.
#[derive(Debug)]
pub(crate) struct Expr {
    pub(crate) span: Span,
    pub(crate) kind: ExprKind,
}

/// What an expression is.
#[derive(Debug)]
pub(crate) enum ExprKind {
    Boolean(bool),
    Integer(i32),
    Long(i64),
    BigInteger(BigInt),
    Float(f64),
    Decimal(Decimal),
    /// A quoted text without anything to replace; the second is its source with the quotes.
    String(SmolStr, Box<str>),
    /// A text in which references are replaced; the second is its source with the quotes.
    Interpolated(Block, Box<str>),
    Reference(Box<Reference>),
    List(Vec<Expr>),
    Map(Vec<(Expr, Expr)>),
    Range(Box<(Expr, Expr)>),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    And(Box<(Expr, Expr)>),
    Or(Box<(Expr, Expr)>),
    Math(Math, Box<(Expr, Expr)>),
    Compare(Comparison, Box<(Expr, Expr)>),
    /// A bare word among a directive's arguments.
    Word(SmolStr),
}

/// The arithmetic operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Math {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

/// The comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// `#set($target = value)`
#[derive(Debug)]
pub(crate) struct Set {
    pub(crate) target: Reference,
    pub(crate) value: Expr,
}

/// `#if … #elseif … #else … #end`
#[derive(Debug)]
pub(crate) struct If {
    pub(crate) branches: Vec<(Expr, Block)>,
    pub(crate) otherwise: Option<Block>,
}

/// `#foreach($variable in source) … #else … #end`
#[derive(Debug)]
pub(crate) struct Foreach {
    pub(crate) span: Span,
    pub(crate) variable: Name,
    pub(crate) variable_span: Span,
    pub(crate) source: Expr,
    pub(crate) body: Block,
    pub(crate) otherwise: Option<Block>,
    /// The name of its scope: `foreach`.
    pub(crate) scope: Name,
}

/// `#name(arguments)`, or `#@name(arguments) body #end`.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) span: Span,
    pub(crate) name: SmolStr,
    pub(crate) arguments: Vec<Expr>,
    pub(crate) body: Option<Arc<Block>>,
    /// What is printed when there is no such macro.
    pub(crate) literal: Box<str>,
    /// A bare word among the arguments, which no macro takes.
    pub(crate) bad_argument: Option<SmolStr>,
    /// Whether strict mode asks for a macro of this name: the call has parentheses, or a body.
    pub(crate) definite: bool,
    /// The number of the macro in this call's own tree, once it was looked up there.
    pub(crate) own: OnceLock<Option<usize>>,
}

/// `#define($name) body #end`
#[derive(Debug)]
pub(crate) struct Define {
    pub(crate) name: Name,
    pub(crate) name_span: Span,
    pub(crate) body: Arc<Block>,
}

/// `#macro(name $parameters) body #end`
#[derive(Debug)]
pub(crate) struct Macro {
    pub(crate) span: Span,
    pub(crate) name: SmolStr,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Block,
}

/// A macro's parameter.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: Name,
    pub(crate) span: Span,
    pub(crate) default: Option<Expr>,
}
