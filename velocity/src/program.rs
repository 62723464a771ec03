//! What is run to render a block.
//!
//! A block is lowered once, when it is read: its nodes lie one after the other, each with the text before it, and the
//! branches of `#if` lie among them, with jumps around those that are not taken. Rendering a block is one loop that calls
//! itself only for the bodies of loops and macros. What an operation works on is shared with the tree.

use crate::ast::{Block, Call, Define, Expr, Foreach, If, Node, Output, Set};
use crate::span::Span;
use std::sync::Arc;

/// The operations of a block.
#[derive(Debug, Default)]
pub(crate) struct Program {
    pub(crate) operations: Vec<Operation>,
    /// The text behind the last of them.
    pub(crate) tail: Box<str>,
}

/// An operation with the text before it: most have one, and to render both in one go takes less than one by one.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) before: Box<str>,
    pub(crate) action: Action,
}

/// What an operation does.
#[derive(Debug)]
#[repr(u8)] // Its kind is looked at all the time: it must not have to be computed.
pub(crate) enum Action {
    /// Prints a reference.
    Print(Arc<Output>),
    /// `#set`
    Set(Arc<Set>),
    /// `#if`, `#elseif`: goes on into the branch, or jumps over it.
    Test(Box<Test>),
    /// `#else`
    Enter(Box<Branch>),
    /// The end of a branch: jumps over those behind it.
    Leave { skip: usize, span: Option<Span> },
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
}

/// A condition and its branch.
#[derive(Debug)]
pub(crate) struct Test {
    pub(crate) condition: Arc<Expr>,
    /// How many operations lie in the branch, its end included.
    pub(crate) skip: usize,
    pub(crate) branch: Branch,
}

/// A branch of `#if`.
#[derive(Debug)]
pub(crate) struct Branch {
    /// As of a [`Block`].
    pub(crate) cost: u64,
    /// The first place in it that is known.
    pub(crate) inside: Option<Span>,
    /// Where the whole `#if` stands.
    pub(crate) span: Option<Span>,
}

impl Action {
    /// Where it stands.
    pub(crate) fn span(&self) -> Option<Span> {
        match self {
            Action::Print(output) => Some(output.reference.span),
            Action::Set(set) => Some(set.target.span),
            Action::Test(test) => test.branch.span,
            Action::Enter(branch) => branch.span,
            Action::Leave { span, .. } => *span,
            Action::Foreach(foreach) => Some(foreach.span),
            Action::Call(call) => Some(call.span),
            Action::Define(define) => Some(define.name_span),
            Action::Evaluate(expression) => Some(expression.span),
            Action::Parse(expression) | Action::Stop(expression) => {
                expression.as_ref().map(|expression| expression.span)
            }
            Action::Include(names) => names.first().map(|name| name.span),
            Action::Break(span, _) => Some(*span),
        }
    }
}

impl Program {
    /// The program of these nodes. The programs of the branches of `#if` become part of it.
    pub(crate) fn new(nodes: &mut [Node]) -> Program {
        let mut program = Program { operations: Vec::with_capacity(nodes.len()), tail: Box::default() };
        for node in nodes {
            let action = match node {
                Node::Text(text) if program.tail.is_empty() => {
                    program.tail = std::mem::take(text);
                    continue;
                }
                // Texts side by side are one, so this does not happen; nothing would be lost if it did.
                Node::Text(text) => {
                    program.tail = [&*program.tail, &**text].concat().into_boxed_str();
                    continue;
                }
                Node::Macro(_) => continue,
                Node::If(statement) => {
                    program.branches(statement);
                    continue;
                }
                Node::Reference(output) => Action::Print(Arc::clone(output)),
                Node::Set(set) => Action::Set(Arc::clone(set)),
                Node::Foreach(foreach) => Action::Foreach(Arc::clone(foreach)),
                Node::Call(call) => Action::Call(Arc::clone(call)),
                Node::Define(define) => Action::Define(Arc::clone(define)),
                Node::Evaluate(expression) => Action::Evaluate(Arc::clone(expression)),
                Node::Parse(expression) => Action::Parse(expression.clone()),
                Node::Include(names) => Action::Include(Arc::clone(names)),
                Node::Break(span, expression) => Action::Break(*span, expression.clone()),
                Node::Stop(expression) => Action::Stop(expression.clone()),
            };
            program.push(action);
        }
        program.operations.shrink_to_fit();
        program
    }

    /// The text that has gathered stands before the operation.
    fn push(&mut self, action: Action) {
        self.operations.push(Operation { before: std::mem::take(&mut self.tail), action });
    }

    fn branches(&mut self, statement: &mut If) {
        let span = statement.branches.first().map(|(condition, _)| condition.span);
        let branch = |block: &Block| Branch { cost: block.cost, inside: block.span(), span };
        let inside = |block: &Block| block.program.operations.len() + 1;
        // Behind each branch lie the later ones, each with its beginning and its end.
        let mut behind: usize = statement.branches.iter().map(|(_, block)| inside(block) + 1).sum();
        behind += statement.otherwise.as_ref().map_or(0, |block| inside(block) + 1);
        for (condition, block) in &mut statement.branches {
            behind = behind.saturating_sub(inside(block) + 1);
            let test = Test { condition: Arc::clone(condition), skip: inside(block), branch: branch(block) };
            self.push(Action::Test(Box::new(test)));
            self.inline(block, behind, span);
        }
        if let Some(block) = &mut statement.otherwise {
            self.push(Action::Enter(Box::new(branch(block))));
            self.inline(block, 0, span);
        }
    }

    /// Takes over the program of a branch.
    fn inline(&mut self, block: &mut Block, skip: usize, span: Option<Span>) {
        let Program { operations, tail } = std::mem::take(&mut block.program);
        self.operations.extend(operations);
        self.tail = tail;
        self.push(Action::Leave { skip, span });
    }
}
