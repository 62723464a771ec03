//! A workflow as a picture: what it is made of, and three ways to write it down.
//!
//! Mermaid and DOT leave the layout to whoever draws them; SVG is laid out here. All of them are deterministic: the same
//! workflow gives the same bytes.

// What it is made of.
mod merged;

// Ways to write it down.
mod dot;
mod mermaid;
mod svg;

use std::collections::BTreeMap;

use smol_str::SmolStr;

pub use dot::dot;
pub use mermaid::mermaid;
pub use svg::svg;

use crate::diff::{Diff, Risk, step_words, trigger_words};
use crate::ir::{Block, MatchArm, SplitArm, Statement, Step, Trigger, Workflow, Written};

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
    /// The identity of the step, which the history of a run and tests name it by; triggers and the end have none.
    pub step: Option<String>,
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
    /// It was there, and is gone.
    Removed,
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
    /// Whether it was taken, and is not any more.
    pub removed: bool,
}

impl Graph {
    /// The picture of a workflow.
    pub fn of(name: &SmolStr, workflow: &Workflow) -> Graph {
        let mut drawer = Drawer::new(name);
        let mut open: Open = Vec::new();
        for trigger in &workflow.triggers {
            open.push((drawer.trigger(trigger, false), None));
        }
        let open = drawer.block(&workflow.steps, open, false);
        drawer.end(open, Open::new());
        drawer.graph
    }

    /// The picture of what became of a workflow, either side of which may be nothing: as it is, with what a difference says of
    /// it, and with what is gone from where it was.
    pub fn compared(name: &SmolStr, old: Option<&Workflow>, new: Option<&Workflow>, diff: &Diff) -> Graph {
        let mut drawer = Drawer::new(name);
        drawer.merge(old, new);
        drawer.graph.mark(diff);
        drawer.graph
    }

    /// Marks the nodes that a difference has something to say of.
    pub fn mark(&mut self, diff: &Diff) {
        let mut marks: BTreeMap<&str, Mark> = BTreeMap::new();
        // The address of what is gone may be that of another step now.
        for change in diff.changes.iter().filter(|change| change.accepted.is_none() && !change.gone) {
            let mark = match change.risk {
                Risk::Danger => Mark::Danger,
                _ if change.before.is_none() => Mark::Added,
                _ => Mark::Changed,
            };
            let known = marks.entry(change.address.as_str()).or_insert(mark);
            *known = (*known).max(mark);
        }
        for node in self.nodes.iter_mut().filter(|node| node.mark != Some(Mark::Removed)) {
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
    fn new(name: &SmolStr) -> Drawer {
        let graph = Graph { name: name.clone(), nodes: Vec::new(), edges: Vec::new() };
        Drawer { graph, prefix: format!("workflow.{name}") }
    }

    fn node(&mut self, address: String, shape: Shape, label: String, removed: bool) -> usize {
        let mark = removed.then_some(Mark::Removed);
        self.graph.nodes.push(Node { address, step: None, shape, label, uses: None, mark });
        self.graph.nodes.len() - 1
    }

    fn trigger(&mut self, trigger: &Trigger, removed: bool) -> usize {
        self.node(format!("{}.on", self.prefix), Shape::Start, trigger_words(trigger), removed)
    }

    fn step(&mut self, step: &Step, removed: bool) -> usize {
        let (shape, label) = looks(&step.statement);
        let node = self.node(format!("{}/{}", self.prefix, step.id.0), shape, label, removed);
        if let Some(node) = self.graph.nodes.get_mut(node) {
            node.step = Some(step.id.0.to_string());
            node.uses = match &step.statement {
                Statement::Call { webhook, .. } => Some(format!("webhook.{webhook}")),
                Statement::Send { message, .. } => Some(format!("message.{message}")),
                _ => None,
            };
        }
        node
    }

    /// The end behind what is open, if anything is: the ways that are, and those that were.
    fn end(&mut self, open: Open, lost: Open) {
        if open.is_empty() && lost.is_empty() {
            return;
        }
        let end = self.node(format!("{}/end", self.prefix), Shape::End, "end".to_owned(), open.is_empty());
        self.join(open, end, false);
        self.join(lost, end, true);
    }

    fn join(&mut self, open: Open, to: usize, removed: bool) {
        for (from, label) in open {
            self.graph.edges.push(Edge { from, to, label, removed });
        }
    }

    /// Draws a block behind what is open, and gives back what is open behind it. `removed`: as something that was.
    fn block(&mut self, block: &Block, mut open: Open, removed: bool) -> Open {
        for step in block {
            let node = self.step(step, removed);
            self.join(std::mem::take(&mut open), node, removed);
            open = self.behind(&step.statement, node, removed);
        }
        open
    }

    fn behind(&mut self, statement: &Statement, node: usize, removed: bool) -> Open {
        let mut open = Open::new();
        for (label, block) in ways(statement) {
            open.extend(self.block(block, vec![(node, Some(label))], removed));
        }
        if goes_on(statement) {
            open.push((node, None));
        }
        open
    }
}

/// The ways that a statement has, each with the words on it.
fn ways(statement: &Statement) -> Vec<(String, &Block)> {
    let otherwise = |block| ("else".to_owned(), block);
    match statement {
        Statement::Call { on_failure, .. } => on_failure.iter().map(|block| ("failed".to_owned(), block)).collect(),
        Statement::If { branches, otherwise: block } => branches
            .iter()
            .map(|branch| (Written(&branch.condition).to_string(), &branch.block))
            .chain([otherwise(block)])
            .collect(),
        Statement::Match { arms, otherwise: block, .. } => {
            let values = |arm: &MatchArm| arm.values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            arms.iter().map(|arm| (values(arm), &arm.block)).chain([otherwise(block)]).collect()
        }
        Statement::Split(split) => {
            let share = |arm: &SplitArm| format!("{}% {}", f64::from(arm.share) / 100.0, arm.label);
            split.arms.iter().map(|arm| (share(arm), &arm.block)).collect()
        }
        Statement::WaitFor { then, on_timeout, .. } => {
            vec![("came".to_owned(), then), ("timeout".to_owned(), on_timeout)]
        }
        Statement::Stop { .. }
        | Statement::Fail { .. }
        | Statement::Send { .. }
        | Statement::Wait { .. }
        | Statement::WaitUntil { .. }
        | Statement::Set { .. }
        | Statement::Emit { .. } => Vec::new(),
    }
}

/// Whether a way leads on from a statement itself, beside its ways.
const fn goes_on(statement: &Statement) -> bool {
    match statement {
        Statement::Call { .. }
        | Statement::Send { .. }
        | Statement::Wait { .. }
        | Statement::WaitUntil { .. }
        | Statement::Set { .. }
        | Statement::Emit { .. } => true,
        Statement::If { .. }
        | Statement::Match { .. }
        | Statement::Split(_)
        | Statement::WaitFor { .. }
        | Statement::Stop { .. }
        | Statement::Fail { .. } => false,
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
