//! A template as a tree, ready to be rendered.
//!
//! The tree holds what rendering needs and nothing of the tokens: white space that directives swallow is gone, text that
//! stands side by side is one node, names are numbers, literals are values, and macro bodies are shared.

use crate::cost;
use crate::program::Program;
use crate::span::Span;
use crate::value::{Decimal, Place, TextKey};
use num_bigint::BigInt;
use smol_str::SmolStr;
use std::sync::{Arc, OnceLock};

/// A root name's number: its slot in a rendering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Name(pub(crate) u32);

/// A whole text: what `Template::parse`, `#parse` and `#evaluate` read.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) name: Arc<str>,
    pub(crate) source: Arc<str>,
    /// The names by their numbers. A text that is read while rendering has none of its own: the rendering numbers its names.
    pub(crate) names: Vec<SmolStr>,
    /// Which of the names are tools'.
    pub(crate) tools: Vec<bool>,
    /// The name of `$bodyContent`, where the template has it.
    pub(crate) body: Option<Name>,
    pub(crate) root: Block,
    /// The macros in the order in which they are registered: those in blocks before those around them.
    pub(crate) macros: Vec<Arc<Macro>>,
}

/// Parts that are rendered one after the other.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// Its parts, the texts between them apart.
    pub(crate) nodes: Vec<Node>,
    /// What is run to render it. That of a branch of `#if` is part of the block around it.
    pub(crate) program: Program,
    /// How many operations one pass takes, the blocks inside it apart.
    pub(crate) cost: u64,
}

impl Block {
    pub(crate) fn new(mut nodes: Vec<Node>) -> Block {
        let cost = nodes.iter().map(cost::of_node).sum();
        let program = Program::new(&mut nodes);
        nodes.retain(|node| !matches!(node, Node::Text(_)));
        Block { nodes, program, cost }
    }

    /// The first place in it that is known.
    pub(crate) fn span(&self) -> Option<Span> {
        self.nodes.iter().find_map(Node::span)
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
    Reference(Arc<Output>),
    /// `#set`
    Set(Arc<Set>),
    /// `#if`
    If(Box<If>),
    /// `#foreach`
    Foreach(Arc<Foreach>),
    /// `#name(…)`
    Call(Arc<Call>),
    /// `#define`
    Define(Arc<Define>),
    /// `#evaluate`
    Evaluate(Arc<Expr>),
    /// `#parse`
    Parse(Option<Arc<Expr>>),
    /// `#include`
    Include(Arc<[Expr]>),
    /// `#break`
    Break(Span, Option<Arc<Expr>>),
    /// `#stop`
    Stop(Option<Arc<Expr>>),
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
    /// How its value is found.
    pub(crate) access: Access,
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
}

/// The shortest way to a reference's value that is known before rendering.
#[derive(Debug)]
#[repr(u8)] // Its kind is looked at all the time: it must not have to be computed.
pub(crate) enum Access {
    /// Step by step.
    Walk,
    /// The name alone.
    Name,
    /// One key of a map.
    Key(StepKey),
    /// What a loop tells, or one key of a map.
    Told(LoopProperty, StepKey),
    /// Keys, one after the other.
    Keys(Box<[StepKey]>),
}

impl Access {
    /// The way along these steps, when nothing else decides the value. It is gone in one go, which a long one must not be.
    pub(crate) fn along(steps: &[Step]) -> Access {
        const LONGEST: usize = 8;
        let way = match steps {
            [] => Some(Access::Name),
            [step] => step.key().map(|key| match key.loop_property {
                Some(property) => Access::Told(property, key),
                None => Access::Key(key),
            }),
            _ if steps.len() > LONGEST => None,
            _ => steps.iter().map(Step::key).collect::<Option<Box<[StepKey]>>>().map(Access::Keys),
        };
        way.unwrap_or(Access::Walk)
    }
}

/// The text that a step asks a map for, and where maps had it.
#[derive(Debug)]
pub(crate) struct StepKey {
    pub(crate) key: TextKey,
    pub(crate) place: Place,
    /// What it asks a loop's state for.
    pub(crate) loop_property: Option<LoopProperty>,
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
        Step { span, kind }
    }

    /// The key that it asks a map for, when that is known before rendering: `.name`, `.get('name')`, `['name']`.
    fn key(&self) -> Option<StepKey> {
        let text = |expression: &Expr| match &expression.kind {
            ExprKind::String(text, _) => Some(text.clone()),
            _ => None,
        };
        let (name, loop_property) = match &self.kind {
            StepKind::Property(name) => (name.clone(), LoopProperty::named(name)),
            StepKind::Method(method, arguments) if method == "get" => match arguments.as_slice() {
                [argument] => (text(argument)?, None),
                _ => return None,
            },
            StepKind::Method(..) => return None,
            StepKind::Index(argument) => (text(argument)?, None),
        };
        Some(StepKey { key: TextKey::new(name), place: Place::default(), loop_property })
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
    Index(Box<Expr>),
}

/// Something with a value.
#[derive(Debug)]
pub(crate) struct Expr {
    pub(crate) span: Span,
    pub(crate) kind: ExprKind,
}

/// What an expression is.
#[derive(Debug)]
#[repr(u8)] // As with `Access`.
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
    /// Whether the target is a name alone.
    pub(crate) names: bool,
}

/// `#if … #elseif … #else … #end`
#[derive(Debug)]
pub(crate) struct If {
    pub(crate) branches: Vec<(Arc<Expr>, Block)>,
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
