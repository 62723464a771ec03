//! A compiled program, linked for running: workflows by event, templates parsed once.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use compiler::ir::{self, Program, ProgramHash, Statement, Step, Trigger, Workflow};
use sha2::{Digest, Sha256};
use smol_str::SmolStr;

use super::gateway::LoadedParts;
use super::mail::LoadedEmail;
use super::schedule::Schedule;
use super::template::LoadedTemplate;

/// A compiled program, linked for running.
#[derive(Debug)]
pub struct LoadedProgram {
    /// Its content hash: what runs are pinned to.
    pub hash: ProgramHash,
    /// The program.
    pub ir: Arc<Program>,
    workflows: HashMap<SmolStr, Arc<LoadedWorkflow>>,
    by_event: HashMap<SmolStr, Vec<Arc<LoadedWorkflow>>>,
    heard_in: HashMap<SmolStr, Vec<Arc<LoadedWorkflow>>>,
    emails: HashMap<SmolStr, LoadedEmail>,
    /// What its workflows are started by at times.
    schedules: Vec<LoadedSchedule>,
    sensitive: bool,
    /// The parts of messages by message and channel.
    parts: HashMap<(SmolStr, SmolStr), LoadedParts>,
}

/// A workflow, linked for running.
#[derive(Debug)]
pub struct LoadedWorkflow {
    /// Its name.
    pub name: SmolStr,
    /// What it does.
    pub ir: Arc<Workflow>,
    /// The event types that its `wait for` steps name.
    pub awaits: BTreeSet<SmolStr>,
    /// The events that its runs listen to.
    pub listening: Option<Arc<Listening>>,
    /// Whether its first turn renders no message, whatever its conditions say: then it is done in a moment.
    pub begins_lightly: bool,
}

/// A schedule of a workflow.
#[derive(Debug)]
pub struct LoadedSchedule {
    /// What tells it from every other one: its workflow and all that it says. One that is changed is a new one.
    pub name: String,
    /// The workflow.
    pub workflow: Arc<LoadedWorkflow>,
    /// When.
    pub times: Schedule,
    /// For whom.
    pub segment: SmolStr,
}

/// The events that the runs of a workflow listen to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listening {
    /// Tells the workflow of one program from that of another.
    pub key: i64,
    /// Event types, and whether a run leaves on them: an exit is heard from the admission to the end.
    pub events: Vec<(SmolStr, bool)>,
}

impl LoadedWorkflow {
    fn new(program: &ProgramHash, name: &SmolStr, ir: &Arc<Workflow>) -> LoadedWorkflow {
        let mut awaits = BTreeSet::new();
        collect_awaited(&ir.steps, &mut awaits);
        let exits: BTreeSet<&SmolStr> = ir.exits.iter().map(|exit| &exit.event).collect();
        let exits = exits.into_iter().map(|event| (event.clone(), true));
        let events: Vec<(SmolStr, bool)> = exits.chain(awaits.iter().map(|event| (event.clone(), false))).collect();
        let listening = (!events.is_empty()).then(|| Arc::new(Listening { key: listening_key(program, name), events }));
        let begins_lightly = is_light(&ir.steps) != Light::No;
        LoadedWorkflow { name: name.clone(), ir: Arc::clone(ir), awaits, listening, begins_lightly }
    }
}

impl LoadedSchedule {
    fn new(workflow: &Arc<LoadedWorkflow>, trigger: &Trigger) -> Option<LoadedSchedule> {
        let Trigger::Schedule { cron, zone, segment } = trigger else { return None };
        let name = serde_json::json!([workflow.name, cron, zone, segment]).to_string();
        let times = Schedule::read(cron, zone)?;
        Some(LoadedSchedule { name, workflow: Arc::clone(workflow), times, segment: segment.clone() })
    }
}

/// The first eight bytes of a hash of program and workflow.
fn listening_key(program: &ProgramHash, workflow: &str) -> i64 {
    let digest = Sha256::new().chain_update(program.as_str()).chain_update(workflow).finalize();
    digest.iter().take(8).fold(0, |key, byte| key << 8 | i64::from(*byte))
}

/// What a turn does that begins at a block.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Light {
    /// It may render a message.
    No,
    /// It waits in the block, or ends.
    Ends,
    /// It may come to the end of the block, having rendered nothing.
    GoesOn,
}

fn is_light(block: &[Step]) -> Light {
    for step in block {
        match &step.statement {
            Statement::Send { .. } => return Light::No,
            Statement::Call { .. }
            | Statement::Wait { .. }
            | Statement::WaitUntil { .. }
            | Statement::WaitFor { .. }
            | Statement::Stop { .. }
            | Statement::Fail { .. } => return Light::Ends,
            Statement::Set { .. } | Statement::Emit { .. } => {}
            Statement::If { .. } | Statement::Match { .. } | Statement::Split(_) => {
                if step.statement.blocks().any(|block| is_light(block) == Light::No) {
                    return Light::No;
                }
            }
        }
    }
    Light::GoesOn
}

fn collect_awaited(block: &[Step], awaited: &mut BTreeSet<SmolStr>) {
    for step in block {
        if let Statement::WaitFor { event, .. } = &step.statement {
            awaited.insert(event.clone());
        }
        for inner in step.statement.blocks() {
            collect_awaited(inner, awaited);
        }
    }
}

impl LoadedProgram {
    /// Links a program. Templates are parsed when they are first rendered.
    pub fn new(ir: Program) -> LoadedProgram {
        let hash = ir.hash();
        LoadedProgram::with_hash(ir, hash)
    }

    /// The same for a program whose hash is known.
    pub(crate) fn with_hash(ir: Program, hash: ProgramHash) -> LoadedProgram {
        LoadedProgram::link(ir, hash, false)
    }

    /// Links a program whose templates count the ways of their conditions and loops.
    pub(crate) fn counting(ir: Program) -> LoadedProgram {
        let hash = ir.hash();
        LoadedProgram::link(ir, hash, true)
    }

    fn link(ir: Program, hash: ProgramHash, counting: bool) -> LoadedProgram {
        let sensitive = has_sensitive(&ir);
        let mut workflows = HashMap::new();
        let mut by_event: HashMap<SmolStr, Vec<Arc<LoadedWorkflow>>> = HashMap::new();
        let mut heard_in: HashMap<SmolStr, Vec<Arc<LoadedWorkflow>>> = HashMap::new();
        let mut schedules: Vec<LoadedSchedule> = Vec::new();
        for (name, workflow) in &ir.workflows {
            let loaded = Arc::new(LoadedWorkflow::new(&hash, name, workflow));
            for trigger in &workflow.triggers {
                schedules.extend(LoadedSchedule::new(&loaded, trigger));
                let Trigger::Event { event, .. } = trigger else { continue };
                let started = by_event.entry(event.clone()).or_default();
                // Two triggers of one event, with different conditions, start one run.
                if started.last().is_none_or(|last| last.name != *name) {
                    started.push(Arc::clone(&loaded));
                }
            }
            let events = loaded.listening.iter().flat_map(|listening| &listening.events);
            let listened: BTreeSet<SmolStr> = events.map(|(event, _)| event.clone()).collect();
            for event in listened {
                heard_in.entry(event).or_default().push(Arc::clone(&loaded));
            }
            workflows.insert(name.clone(), Arc::clone(&loaded));
        }
        let emails = ir.messages.iter().filter_map(|(name, message)| {
            message.email.as_ref().map(|email| (name.clone(), LoadedEmail::new(email, counting)))
        });
        let parts = ir.messages.iter().flat_map(|(message, forms)| {
            forms
                .channels
                .iter()
                .map(|(channel, parts)| ((message.clone(), channel.clone()), LoadedParts::new(parts, counting)))
        });
        let parts = parts.collect();
        schedules.dedup_by(|one, other| one.name == other.name);
        LoadedProgram {
            schedules,
            sensitive,
            parts,
            hash,
            emails: emails.collect(),
            ir: Arc::new(ir),
            workflows,
            by_event,
            heard_in,
        }
    }

    /// All workflows, by name.
    pub fn workflows(&self) -> impl Iterator<Item = &Arc<LoadedWorkflow>> {
        self.ir.workflows.keys().filter_map(|name| self.workflows.get(name))
    }

    /// The workflow of a name.
    pub fn workflow(&self, name: &str) -> Option<&Arc<LoadedWorkflow>> {
        self.workflows.get(name)
    }

    /// The workflows that an event type may start, by name. Their conditions (`where`) are still to be looked at.
    pub fn started_by(&self, event: &str) -> &[Arc<LoadedWorkflow>] {
        self.by_event.get(event).map_or(&[], Vec::as_slice)
    }

    /// The e-mail form of a message.
    pub(super) fn email(&self, message: &str) -> Option<&LoadedEmail> {
        self.emails.get(message)
    }

    /// The parts of a message that goes through a channel.
    pub(super) fn parts(&self, message: &SmolStr, channel: &SmolStr) -> Option<&LoadedParts> {
        self.parts.get(&(message.clone(), channel.clone()))
    }

    /// The templates of all messages: message, channel, part. Of a mail the channel is `email`.
    pub(crate) fn templates(&self) -> impl Iterator<Item = (&SmolStr, SmolStr, &'static str, &LoadedTemplate)> {
        let emails = self.emails.iter().flat_map(|(message, email)| {
            email.templates().map(move |(part, template)| (message, SmolStr::new_static("email"), part, template))
        });
        let parts = self.parts.iter().flat_map(|((message, channel), parts)| {
            parts.templates().map(move |(part, template)| (message, channel.clone(), part, template))
        });
        emails.chain(parts)
    }

    /// Whether anything that it reads may be sensitive.
    pub(super) fn has_sensitive(&self) -> bool {
        self.sensitive
    }

    /// What its workflows are started by at times.
    pub fn schedules(&self) -> &[LoadedSchedule] {
        &self.schedules
    }

    /// The workflows whose runs listen to an event type.
    pub fn heard_in(&self, event: &str) -> &[Arc<LoadedWorkflow>] {
        self.heard_in.get(event).map_or(&[], Vec::as_slice)
    }

    /// Whether runs of any workflow listen to events.
    pub fn listens(&self) -> bool {
        !self.heard_in.is_empty()
    }
}

/// Whether a program has a `sensitive` field anywhere.
fn has_sensitive(ir: &Program) -> bool {
    let returned = |webhook: &ir::Webhook| match &webhook.returns {
        ir::Returns::Json(ty) | ir::Returns::Xml(ty) => crate::value::has_sensitive(ty),
        ir::Returns::Text | ir::Returns::Nothing => false,
    };
    let inside = |field: &ir::Field| field.sensitive || crate::value::has_sensitive(&field.ty);
    ir.contact.fields.values().any(|field| field.sensitive || crate::value::has_sensitive(&field.ty))
        || ir.events.values().any(|event| event.fields.values().any(inside))
        || ir.webhooks.values().any(|webhook| returned(webhook))
}
