//! Which parts of a program had their turn: branches, error paths, waits, the forms of messages.

use std::collections::{BTreeMap, BTreeSet};

use compiler::ir::{Block, Message, Program, Statement, Step, Template, Written, WrittenText};
use smol_str::{SmolStr, format_smolstr};
use velocity::WayKind;

use super::log::{Fact, Log};

/// A part of a program that a test may have its turn.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    /// A branch of a statement was entered.
    Branch {
        /// The workflow.
        workflow: SmolStr,
        /// The statement.
        step: SmolStr,
        /// The number of the branch.
        branch: u32,
    },
    /// The attempts of a call were used up.
    Exhausted {
        /// The workflow.
        workflow: SmolStr,
        /// The statement.
        step: SmolStr,
    },
    /// A wait ended.
    Waited {
        /// The workflow.
        workflow: SmolStr,
        /// The statement.
        step: SmolStr,
    },
    /// A run was left because of an event.
    Left {
        /// The workflow.
        workflow: SmolStr,
        /// The event's type.
        event: SmolStr,
    },
    /// A message went out in one of its forms.
    Sent {
        /// The message.
        message: SmolStr,
        /// The channel; `email` for a mail.
        channel: SmolStr,
    },
    /// A condition or a loop in a message went one of its ways.
    Way {
        /// The message.
        message: SmolStr,
        /// The channel; `email` for a mail.
        channel: SmolStr,
        /// The part: `subject`, `html`, …
        part: &'static str,
        /// The way.
        way: velocity::Way,
    },
}

/// How often each part had its turn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// The count of each part that had one.
    pub counts: BTreeMap<Point, u64>,
}

impl Coverage {
    /// What had its turn in a rehearsal.
    pub fn of(log: &Log) -> Coverage {
        let mut coverage = Coverage::default();
        for entry in log.entries.iter().filter(|entry| entry.ours) {
            let point = match &entry.fact {
                Fact::Step { workflow, step, .. } => match (step.branch, step.kind.as_str()) {
                    (Some(branch), _) => {
                        Some(Point::Branch { workflow: workflow.clone(), step: step.id.0.clone(), branch })
                    }
                    (None, "wait" | "wait until") => {
                        Some(Point::Waited { workflow: workflow.clone(), step: step.id.0.clone() })
                    }
                    _ => None,
                },
                Fact::Attempt(attempt) if attempt.exhausted => {
                    Some(Point::Exhausted { workflow: attempt.workflow.clone(), step: attempt.step.0.clone() })
                }
                Fact::Sent(sent) => Some(Point::Sent { message: sent.message.clone(), channel: sent.channel.clone() }),
                Fact::Ended { workflow, ending: crate::machine::Ending::Exited { event }, .. } => {
                    Some(Point::Left { workflow: workflow.clone(), event: event.clone() })
                }
                _ => None,
            };
            if let Some(point) = point {
                *coverage.counts.entry(point).or_default() += 1;
            }
        }
        coverage
    }

    /// Adds what had its turn elsewhere.
    pub fn add(&mut self, other: &Coverage) {
        for (point, count) in &other.counts {
            *self.counts.entry(point.clone()).or_default() += count;
        }
    }

    /// How often a part had its turn.
    pub fn count(&self, point: &Point) -> u64 {
        self.counts.get(point).copied().unwrap_or_default()
    }
}

impl Point {
    /// Every part of a program, in the order of its workflows and their statements; messages last.
    pub fn all(program: &Program) -> Vec<Point> {
        let mut points = Vec::new();
        let mut messages = BTreeSet::new();
        for (name, workflow) in &program.workflows {
            collect(program, name, &workflow.steps, &mut points, &mut messages);
            let exits: BTreeSet<&SmolStr> = workflow.exits.iter().map(|exit| &exit.event).collect();
            points.extend(exits.into_iter().map(|event| Point::Left { workflow: name.clone(), event: event.clone() }));
        }
        for name in messages {
            let Some(message) = program.messages.get(&name) else { continue };
            let email = message.email.as_ref().map(|_| SmolStr::new_static("email"));
            let channels = email.into_iter().chain(message.channels.keys().cloned());
            points.extend(channels.map(|channel| Point::Sent { message: name.clone(), channel }));
            for (channel, part, template) in parts(message) {
                let ways = crate::machine::template::ways(&template.source);
                points.extend(ways.into_iter().map(|way| Point::Way {
                    message: name.clone(),
                    channel: channel.clone(),
                    part,
                    way,
                }));
            }
        }
        points
    }

    /// The address of the part, as `compiler::places::Places` knows it.
    pub fn address(&self) -> String {
        match self {
            Point::Branch { workflow, step, .. }
            | Point::Exhausted { workflow, step }
            | Point::Waited { workflow, step } => {
                format!("workflow.{workflow}/{step}")
            }
            Point::Left { workflow, .. } => format!("workflow.{workflow}.exit"),
            Point::Sent { message, channel } => format!("message.{message}.{channel}"),
            Point::Way { message, channel, part, .. } => format!("message.{message}.{channel}.{part}"),
        }
    }

    /// The template that it is in, and the byte of it; none of a part that is in no template.
    pub fn template<'p>(&self, program: &'p Program) -> Option<(&'p str, usize)> {
        let Point::Way { message, channel, part, way } = self else { return None };
        let mut all = parts(program.messages.get(message)?);
        let (.., template) = all.find(|(of, name, _)| of == channel && name == part)?;
        Some((&template.source, way.span.start()))
    }

    /// What of its statement is meant, in the author's words.
    pub fn told(&self, program: &Program) -> String {
        let statement = |workflow: &SmolStr, step: &SmolStr| {
            program.workflows.get(workflow).and_then(|workflow| find(&workflow.steps, step)).map(|step| &step.statement)
        };
        match self {
            Point::Branch { workflow, step, branch } => {
                statement(workflow, step).map(|statement| way(statement, *branch)).unwrap_or_default()
            }
            Point::Exhausted { workflow, step } => match statement(workflow, step) {
                Some(Statement::Call { webhook, .. }) => format!("attempts of `{webhook}` used up"),
                _ => "attempts used up".to_owned(),
            },
            Point::Waited { workflow, step } => match statement(workflow, step) {
                Some(Statement::Wait { duration }) => format!("wait {}", Written(duration)),
                Some(Statement::WaitUntil { time, .. }) => format!("wait until {}", Written(time)),
                _ => "wait".to_owned(),
            },
            Point::Left { event, .. } => format!("exit on {event}"),
            Point::Sent { message, channel } => format!("`{message}` as {channel}"),
            Point::Way { message, part, way, .. } => {
                let written = self.template(program).and_then(|(source, _)| source.get(way.span.range()));
                let written = written.unwrap_or_default();
                let way = match way.kind {
                    WayKind::If => format!("#if({written})"),
                    WayKind::ElseIf => format!("#elseif({written})"),
                    WayKind::Else => format!("#else of #if({written})"),
                    WayKind::Loop => format!("#foreach(… in {written})"),
                    WayKind::Empty => format!("#foreach(… in {written}) over nothing"),
                };
                format!("{part} of `{message}`: {way}")
            }
        }
    }
}

/// The templates of a message: channel, part.
fn parts(message: &Message) -> impl Iterator<Item = (SmolStr, &'static str, &Template)> {
    let mail = |(part, template)| (SmolStr::new_static("email"), part, template);
    let email = message.email.iter().flat_map(move |email| email.parts().map(mail));
    let channels = message
        .channels
        .iter()
        .flat_map(|(channel, parts)| parts.iter().map(|(part, template)| (channel.clone(), part.word(), template)));
    email.chain(channels)
}

fn collect(
    program: &Program,
    workflow: &SmolStr,
    block: &Block,
    points: &mut Vec<Point>,
    messages: &mut BTreeSet<SmolStr>,
) {
    for step in block {
        let branch = |branch: usize| Point::Branch {
            workflow: workflow.clone(),
            step: step.id.0.clone(),
            branch: u32::try_from(branch).unwrap_or(u32::MAX),
        };
        let mut below = |block: &Block, points: &mut Vec<Point>| collect(program, workflow, block, points, messages);
        match &step.statement {
            Statement::Call { webhook, on_failure, .. } => {
                if let Some(block) = on_failure {
                    points.push(branch(0));
                    below(block, points);
                }
                if program.webhooks.get(webhook).is_some_and(|webhook| webhook.attempts.count > 1) {
                    points.push(Point::Exhausted { workflow: workflow.clone(), step: step.id.0.clone() });
                }
            }
            Statement::WaitFor { then, on_timeout, .. } => {
                for (number, block) in [then, on_timeout].into_iter().enumerate() {
                    points.push(branch(number));
                    below(block, points);
                }
            }
            Statement::If { branches, otherwise } => {
                for (number, one) in branches.iter().enumerate() {
                    points.push(branch(number));
                    below(&one.block, points);
                }
                // Also where none is written: then nothing is done for whom no condition holds.
                points.push(branch(branches.len()));
                below(otherwise, points);
            }
            Statement::Match { arms, otherwise, .. } => {
                for (number, arm) in arms.iter().enumerate() {
                    points.push(branch(number));
                    below(&arm.block, points);
                }
                // One without `else` may name all values that there are.
                if !otherwise.is_empty() {
                    points.push(branch(arms.len()));
                    below(otherwise, points);
                }
            }
            Statement::Split(split) => {
                for (number, arm) in split.arms.iter().enumerate().filter(|(_, arm)| arm.share > 0) {
                    points.push(branch(number));
                    below(&arm.block, points);
                }
            }
            Statement::Wait { .. } | Statement::WaitUntil { .. } => {
                points.push(Point::Waited { workflow: workflow.clone(), step: step.id.0.clone() });
            }
            Statement::Send { message, .. } => {
                messages.insert(message.clone());
            }
            Statement::Set { .. } | Statement::Emit { .. } | Statement::Stop { .. } | Statement::Fail { .. } => {}
        }
    }
}

/// The statement of an id.
pub(super) fn find<'b>(block: &'b Block, id: &str) -> Option<&'b Step> {
    block.iter().find_map(|step| {
        if step.id.0 == id {
            return Some(step);
        }
        step.statement.blocks().find_map(|block| find(block, id))
    })
}

/// A branch of a statement, in the author's words.
fn way(statement: &Statement, branch: u32) -> String {
    let number = usize::try_from(branch).unwrap_or(usize::MAX);
    match statement {
        Statement::Call { webhook, .. } => format!("`{webhook}` on failure"),
        Statement::WaitFor { event, .. } if branch == 0 => format!("wait for {event}: it came"),
        Statement::WaitFor { event, .. } => format!("wait for {event}: on timeout"),
        Statement::If { branches, .. } => match branches.get(number) {
            Some(one) => format!("if {}", Written(&one.condition)),
            None => format!(
                "else of if {}",
                branches.first().map(|one| Written(&one.condition).to_string()).unwrap_or_default()
            ),
        },
        Statement::Match { value, arms, .. } => match arms.get(number) {
            Some(arm) => {
                let values: Vec<String> = arm.values.iter().map(ToString::to_string).collect();
                format!("match {}: {}", Written(value), values.join(", "))
            }
            None => format!("match {}: else", Written(value)),
        },
        Statement::Split(split) => {
            let label = split.arms.get(number).map(|arm| arm.label.as_str()).unwrap_or_default();
            format!("split {:?}: {label:?}", split.name.as_str())
        }
        Statement::Stop { reason: Some(reason) } => WrittenText(reason).to_string(),
        _ => format_smolstr!("branch {branch}").to_string(),
    }
}
