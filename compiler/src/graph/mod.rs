//! A workflow as a picture: what it is made of, and three ways to write it down.
//!
//! Mermaid and DOT leave the layout to whoever draws them; SVG is laid out here. All of them are deterministic: the same
//! workflow gives the same bytes.

mod dot;
mod mermaid;
mod svg;

use std::collections::BTreeMap;

use smol_str::SmolStr;

pub use dot::dot;
pub use mermaid::mermaid;
pub use svg::svg;

use crate::diff::{Diff, Risk, step_words, trigger_words};
use crate::ir::{Block, Statement, Workflow, Written};

/// A workflow's steps and the ways between them.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    /// The workflow.
    pub name: SmolStr,
    /// What it is made of, in the order written.
    pub nodes: Vec<Node>,
    /// The ways between, in the order written.
    pub edges: Vec<Edge>,
}

/// A step, a trigger or the end.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What the changes of a difference name it by.
    pub address: String,
    /// What it looks like.
    pub shape: Shape,
    /// Its text.
    pub label: String,
    /// What it makes use of, by the address that changes name it by: `webhook.promo`.
    pub uses: Option<String>,
    /// What a difference says of it.
    pub mark: Option<Mark>,
}

/// What a node looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// What starts a run.
    Start,
    /// A call of another system.
    Call,
    /// A message.
    Send,
    /// A wait.
    Wait,
    /// A choice.
    Choice,
    /// A write or an event.
    Write,
    /// An end.
    End,
}

/// What a difference says of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// Something about it changed.
    Changed,
    /// It is new.
    Added,
    /// Something dangerous changed.
    Danger,
}

/// A way from one node to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// The index of the node that it leaves.
    pub from: usize,
    /// The index of the node that it leads to.
    pub to: usize,
    /// When it is taken.
    pub label: Option<String>,
}

impl Graph {
    /// The picture of a workflow.
    pub fn of(name: &SmolStr, workflow: &Workflow) -> Graph {
        let graph = Graph { name: name.clone(), nodes: Vec::new(), edges: Vec::new() };
        let mut drawer = Drawer { graph, prefix: format!("workflow.{name}") };
        let mut open: Open = Vec::new();
        for trigger in &workflow.triggers {
            let start = drawer.node(format!("{}.on", drawer.prefix), Shape::Start, trigger_words(trigger));
            open.push((start, None));
        }
        let open = drawer.block(&workflow.steps, open);
        if !open.is_empty() {
            let end = drawer.node(format!("{}/end", drawer.prefix), Shape::End, "end".to_owned());
            drawer.join(open, end);
        }
        drawer.graph
    }

    /// Marks the nodes that a difference has something to say of.
    pub fn mark(&mut self, diff: &Diff) {
        let mut marks: BTreeMap<&str, Mark> = BTreeMap::new();
        for change in diff.changes.iter().filter(|change| change.accepted.is_none()) {
            let mark = match change.risk {
                Risk::Danger => Mark::Danger,
                _ if change.before.is_none() => Mark::Added,
                _ => Mark::Changed,
            };
            let known = marks.entry(change.address.as_str()).or_insert(mark);
            *known = (*known).max(mark);
        }
        for node in &mut self.nodes {
            let own = marks.get(node.address.as_str()).copied();
            // What changed in something that it uses, such as the text of its message, is no addition to the workflow.
            let shared = node.uses.as_deref().and_then(|uses| {
                let of_it = |address: &&str| {
                    address.strip_prefix(uses).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                };
                marks.iter().filter(|(address, _)| of_it(address)).map(|(_, mark)| *mark).max()
            });
            let shared = shared.map(|mark| if mark == Mark::Added { Mark::Changed } else { mark });
            node.mark = own.max(shared);
        }
    }
}

/// The nodes that the next step follows, each with the words on its way.
type Open = Vec<(usize, Option<String>)>;

struct Drawer {
    graph: Graph,
    prefix: String,
}

impl Drawer {
    fn node(&mut self, address: String, shape: Shape, label: String) -> usize {
        self.graph.nodes.push(Node { address, shape, label, uses: None, mark: None });
        self.graph.nodes.len() - 1
    }

    fn join(&mut self, open: Open, to: usize) {
        for (from, label) in open {
            self.graph.edges.push(Edge { from, to, label });
        }
    }

    /// Draws a block behind what is open, and gives back what is open behind it.
    fn block(&mut self, block: &Block, mut open: Open) -> Open {
        for step in block {
            let (shape, label) = looks(&step.statement);
            let node = self.node(format!("{}/{}", self.prefix, step.id.0), shape, label);
            if let Some(node) = self.graph.nodes.get_mut(node) {
                node.uses = match &step.statement {
                    Statement::Call { webhook, .. } => Some(format!("webhook.{webhook}")),
                    Statement::Send { message, .. } => Some(format!("message.{message}")),
                    _ => None,
                };
            }
            self.join(std::mem::take(&mut open), node);
            open = self.behind(&step.statement, node);
        }
        open
    }

    fn behind(&mut self, statement: &Statement, node: usize) -> Open {
        let mut open = Open::new();
        let mut way = |drawer: &mut Drawer, block: &Block, label: String| {
            open.extend(drawer.block(block, vec![(node, Some(label))]));
        };
        match statement {
            Statement::Stop { .. } | Statement::Fail { .. } => {}
            Statement::Call { on_failure: Some(block), .. } => {
                way(self, block, "failed".to_owned());
                open.push((node, None));
            }
            Statement::If { branches, otherwise } => {
                for branch in branches {
                    way(self, &branch.block, Written(&branch.condition).to_string());
                }
                way(self, otherwise, "else".to_owned());
            }
            Statement::Match { arms, otherwise, .. } => {
                for arm in arms {
                    let values: Vec<String> = arm.values.iter().map(ToString::to_string).collect();
                    way(self, &arm.block, values.join(", "));
                }
                way(self, otherwise, "else".to_owned());
            }
            Statement::Split(split) => {
                for arm in &split.arms {
                    way(self, &arm.block, format!("{}% {}", f64::from(arm.share) / 100.0, arm.label));
                }
            }
            Statement::WaitFor { then, on_timeout, .. } => {
                way(self, then, "came".to_owned());
                way(self, on_timeout, "timeout".to_owned());
            }
            Statement::Call { on_failure: None, .. }
            | Statement::Send { .. }
            | Statement::Wait { .. }
            | Statement::WaitUntil { .. }
            | Statement::Set { .. }
            | Statement::Emit { .. } => open.push((node, None)),
        }
        open
    }
}

/// The shape of a statement and its text. What its ways say is not said again.
fn looks(statement: &Statement) -> (Shape, String) {
    match statement {
        Statement::Call { webhook, .. } => (Shape::Call, format!("call {webhook}")),
        Statement::Send { .. } => (Shape::Send, step_words(statement)),
        Statement::Wait { .. } | Statement::WaitUntil { .. } | Statement::WaitFor { .. } => {
            (Shape::Wait, step_words(statement))
        }
        Statement::If { .. } => (Shape::Choice, "if".to_owned()),
        Statement::Match { value, .. } => (Shape::Choice, format!("match {}", Written(value))),
        Statement::Split(split) => (Shape::Choice, format!("split {}", split.name)),
        Statement::Set { .. } | Statement::Emit { .. } => (Shape::Write, step_words(statement)),
        Statement::Stop { .. } | Statement::Fail { .. } => (Shape::End, step_words(statement)),
    }
}

/// Text of at most so many characters.
fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}
