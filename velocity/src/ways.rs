//! The ways through a template: what its conditions and loops can come to, and which of it a rendering came by.

use crate::ast::{Block, Node, Tree};
use crate::span::Span;
use std::fmt;
use std::sync::Arc;

/// One of the ways that a condition or a loop can go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Way {
    /// The condition, or what a loop walks over.
    pub span: Span,
    /// Which way.
    pub kind: WayKind,
}

/// Which way a condition or a loop goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WayKind {
    /// The condition of an `#if` holds.
    If,
    /// That of an `#elseif` does.
    ElseIf,
    /// None of them does; also where no `#else` is written. The place is that of the last condition.
    Else,
    /// A loop has something to walk over.
    Loop,
    /// It has nothing.
    Empty,
}

impl Way {
    /// Whether a rendering that told its [`Trace`] this came this way.
    #[must_use]
    pub const fn is(self, place: usize, held: bool) -> bool {
        self.span.start() == place && held != matches!(self.kind, WayKind::Else | WayKind::Empty)
    }
}

/// Is told of every condition and loop that a rendering comes to: the place where it begins in the template's source, and
/// whether it held, or had something to walk over. Of texts that the template reads it is told nothing.
#[derive(Clone)]
pub struct Trace(Arc<dyn Fn(usize, bool) + Send + Sync>);

impl Trace {
    /// A trace that calls a function.
    pub fn new(tell: impl Fn(usize, bool) + Send + Sync + 'static) -> Trace {
        Trace(Arc::new(tell))
    }

    pub(crate) fn tell(&self, place: Span, held: bool) {
        (self.0)(place.start(), held);
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Trace")
    }
}

/// All ways through a text, in the order of the source.
pub(crate) fn of(tree: &Tree) -> Vec<Way> {
    let mut ways = Vec::new();
    collect(&tree.root, &mut ways);
    tree.macros.iter().for_each(|definition| collect(&definition.body, &mut ways));
    ways.sort_unstable();
    ways.dedup();
    ways
}

fn collect(block: &Block, ways: &mut Vec<Way>) {
    for node in &block.nodes {
        match node {
            Node::If(statement) => {
                for (number, (condition, branch)) in statement.branches.iter().enumerate() {
                    let kind = if number == 0 { WayKind::If } else { WayKind::ElseIf };
                    ways.push(Way { span: condition.span, kind });
                    collect(branch, ways);
                }
                let last = statement.branches.last();
                ways.extend(last.map(|(condition, _)| Way { span: condition.span, kind: WayKind::Else }));
                statement.otherwise.iter().for_each(|block| collect(block, ways));
            }
            Node::Foreach(foreach) => {
                let span = foreach.source.span;
                ways.push(Way { span, kind: WayKind::Loop });
                ways.push(Way { span, kind: WayKind::Empty });
                collect(&foreach.body, ways);
                foreach.otherwise.iter().for_each(|block| collect(block, ways));
            }
            Node::Call(call) => call.body.iter().for_each(|block| collect(block, ways)),
            Node::Define(define) => collect(&define.body, ways),
            _ => {}
        }
    }
}
