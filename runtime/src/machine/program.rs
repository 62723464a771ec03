//! A compiled program, linked for running: workflows by event, templates parsed once.

use std::collections::HashMap;
use std::sync::Arc;

use compiler::ir::{Program, ProgramHash, Trigger, Workflow};
use smol_str::SmolStr;

use super::mail::LoadedEmail;

/// A compiled program, linked for running.
#[derive(Debug)]
pub struct LoadedProgram {
    /// Its content hash: what runs are pinned to.
    pub hash: ProgramHash,
    /// The program.
    pub ir: Arc<Program>,
    workflows: HashMap<SmolStr, Arc<LoadedWorkflow>>,
    by_event: HashMap<SmolStr, Vec<Arc<LoadedWorkflow>>>,
    emails: HashMap<SmolStr, LoadedEmail>,
}

/// A workflow, linked for running.
#[derive(Debug)]
pub struct LoadedWorkflow {
    /// Its name.
    pub name: SmolStr,
    /// What it does.
    pub ir: Arc<Workflow>,
}

impl LoadedProgram {
    /// Links a program. Templates are parsed when they are first rendered.
    pub fn new(ir: Program) -> LoadedProgram {
        let mut workflows = HashMap::new();
        let mut by_event: HashMap<SmolStr, Vec<Arc<LoadedWorkflow>>> = HashMap::new();
        for (name, workflow) in &ir.workflows {
            let loaded = Arc::new(LoadedWorkflow { name: name.clone(), ir: Arc::clone(workflow) });
            for trigger in &workflow.triggers {
                let Trigger::Event { event, .. } = trigger else { continue };
                let started = by_event.entry(event.clone()).or_default();
                // Two triggers of one event, with different conditions, start one run.
                if started.last().is_none_or(|last| last.name != *name) {
                    started.push(Arc::clone(&loaded));
                }
            }
            workflows.insert(name.clone(), loaded);
        }
        let emails = ir
            .messages
            .iter()
            .filter_map(|(name, message)| message.email.as_ref().map(|email| (name.clone(), LoadedEmail::new(email))));
        LoadedProgram { hash: ir.hash(), emails: emails.collect(), ir: Arc::new(ir), workflows, by_event }
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
}
