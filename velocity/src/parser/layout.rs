//! White space around directives: `parser.space_gobbling`.
//!
//! While a template is read, directives keep the indentation before them and the line end after them at hand. What the
//! mode leaves of it becomes text beside the directive; then text that stands side by side becomes one node.

use crate::ast::{self, Block, Expr, Node};
use crate::settings::SpaceGobbling;
use crate::span::Span;
use std::sync::Arc;

/// The white space of a directive.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// The indentation, when the directive begins its line.
    pub(super) prefix: String,
    /// `$` and the like that turned out to be text; the directive then does not stand alone.
    pub(super) more: String,
    /// The blanks and the line end after it.
    pub(super) postfix: String,
}

/// The nodes between a directive and its end, with the white space at both.
#[derive(Debug, Default)]
pub(super) struct RawBlock {
    pub(super) nodes: Vec<Raw>,
    pub(super) prefix: String,
    pub(super) postfix: String,
    /// `$` and the like before the directive that ends the block.
    pub(super) more: String,
    pub(super) ends_with_newline: bool,
}

/// A node with its white space. Most are texts: what is larger stands in a box.
#[derive(Debug)]
pub(super) enum Raw {
    Text(String),
    /// Text that keeps its indentation in every mode.
    Verbatim(String),
    Output(Arc<ast::Output>),
    Set(Box<Layout>, Arc<ast::Set>),
    If(Box<Layout>, Vec<(Expr, RawBlock)>, Option<Box<RawBlock>>),
    Directive(Box<Layout>, Box<RawDirective>),
}

/// A directive that is not part of the grammar.
#[derive(Debug)]
pub(super) enum RawDirective {
    Foreach {
        span: Span,
        variable: ast::Name,
        variable_span: Span,
        source: Expr,
        body: RawBlock,
        otherwise: Option<RawBlock>,
        scope: ast::Name,
    },
    Call(Box<ast::Call>, Option<RawBlock>),
    Define {
        name: ast::Name,
        name_span: Span,
        body: RawBlock,
    },
    Macro {
        span: Span,
        name: smol_str::SmolStr,
        parameters: Vec<ast::Parameter>,
        body: RawBlock,
    },
    /// A directive without a block.
    Line(Node),
}

/// Turns read nodes into the tree's.
pub(super) struct Settle<'m> {
    pub(super) mode: SpaceGobbling,
    /// Macros go here when their definition is complete.
    pub(super) macros: &'m mut Vec<Arc<ast::Macro>>,
}

impl Settle<'_> {
    fn keeps_indentation(&self) -> bool {
        matches!(self.mode, SpaceGobbling::None | SpaceGobbling::BackwardCompatible)
    }

    /// The nodes of the template itself.
    pub(super) fn root(&mut self, nodes: Vec<Raw>) -> Block {
        let mut built = Nodes::default();
        self.nodes(nodes, &mut built);
        built.finish()
    }

    fn block(&mut self, raw: RawBlock) -> Block {
        let mut nodes = Nodes::default();
        if self.mode == SpaceGobbling::None {
            nodes.text(&raw.prefix);
        }
        self.nodes(raw.nodes, &mut nodes);
        if !raw.more.is_empty() || self.keeps_indentation() {
            nodes.text(&raw.postfix);
        }
        nodes.text(&raw.more);
        nodes.finish()
    }

    fn nodes(&mut self, raws: Vec<Raw>, nodes: &mut Nodes) {
        for raw in raws {
            match raw {
                Raw::Text(piece) | Raw::Verbatim(piece) => nodes.text(&piece),
                Raw::Output(output) => nodes.push(Node::Reference(output)),
                Raw::Set(layout, set) => self.around(&layout, Node::Set(set), nodes),
                Raw::If(layout, branches, otherwise) => {
                    let branches = branches
                        .into_iter()
                        .map(|(condition, block)| (Arc::new(condition), self.block(block)))
                        .collect();
                    let otherwise = otherwise.map(|block| self.block(*block));
                    self.around(&layout, Node::If(Box::new(ast::If { branches, otherwise })), nodes);
                }
                Raw::Directive(layout, directive) => {
                    let node = self.directive(*directive);
                    self.around(&layout, node, nodes);
                }
            }
        }
    }

    fn around(&self, layout: &Layout, node: Node, nodes: &mut Nodes) {
        if !layout.more.is_empty() || self.keeps_indentation() {
            nodes.text(&layout.prefix);
        }
        nodes.text(&layout.more);
        nodes.push(node);
        if !layout.more.is_empty() || self.mode == SpaceGobbling::None {
            nodes.text(&layout.postfix);
        }
    }

    fn directive(&mut self, directive: RawDirective) -> Node {
        match directive {
            RawDirective::Foreach { span, variable, variable_span, source, body, otherwise, scope } => {
                let body = self.block(body);
                let otherwise = otherwise.map(|block| self.block(block));
                let foreach = ast::Foreach { span, variable, variable_span, source, body, otherwise, scope };
                Node::Foreach(Arc::new(foreach))
            }
            RawDirective::Call(mut call, body) => {
                call.body = body.map(|body| Arc::new(self.block(body)));
                Node::Call(Arc::new(*call))
            }
            RawDirective::Define { name, name_span, body } => {
                let body = Arc::new(self.block(body));
                Node::Define(Arc::new(ast::Define { name, name_span, body }))
            }
            RawDirective::Macro { span, name, parameters, body } => {
                let body = self.block(body);
                let definition = Arc::new(ast::Macro { span, name, parameters, body });
                self.macros.push(Arc::clone(&definition));
                Node::Macro(definition)
            }
            RawDirective::Line(node) => node,
        }
    }
}

/// Nodes in the making: text gathers until something else comes.
#[derive(Default)]
struct Nodes {
    done: Vec<Node>,
    gathered: String,
}

impl Nodes {
    fn text(&mut self, piece: &str) {
        self.gathered.push_str(piece);
    }

    fn push(&mut self, node: Node) {
        self.flush();
        self.done.push(node);
    }

    fn flush(&mut self) {
        if !self.gathered.is_empty() {
            self.done.push(Node::Text(self.gathered.as_str().into()));
            self.gathered.clear();
        }
    }

    fn finish(mut self) -> Block {
        self.flush();
        Block::new(self.done)
    }
}
