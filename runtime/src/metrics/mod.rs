//! What the daemon counts, as OpenMetrics.
//!
//! Counting is an atomic addition on the way of an event; what is a state, such as how many runs wait, is asked for when
//! somebody looks. Names of labels come from programs and settings, never from callers, and are bounded all the same: a
//! program with very many hosts or workflows does not swell the answer.

mod labels;
mod process;
#[cfg(test)]
mod tests;
mod timing;

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use labels::{Attempt, Bounded, Ended, Hash, Kind, Reason, Status, Version, Workflow};
pub use timing::Timing;

use crate::machine::FailureClass;
use crate::store::{Pruned, RunStatus};

/// The type of the answer.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What the daemon counts.
#[derive(Debug)]
pub struct Metrics {
    events_accepted: Counter,
    events_duplicate: Counter,
    events_rejected: Family<Reason, Counter>,
    requests_turned_away: Family<Reason, Counter>,
    runs_started: Family<Workflow, Counter>,
    runs_ended: Family<Ended, Counter>,
    runs_parked: Family<Reason, Counter>,
    attempts: Family<Attempt, Counter>,
    attempt_time: Timing,
    messages: Family<Kind, Counter>,
    reloads: Family<Kind, Counter>,
    runs: Family<Status, Gauge>,
    timers_due: Gauge,
    queues: Family<Kind, Gauge>,
    open_circuits: Gauge,
    program: Mutex<Option<String>>,
    program_info: Family<Hash, Gauge>,
    store_full: Gauge,
    store_bytes: Gauge,
    history_removed: Family<Kind, Gauge>,
    hosts: Bounded,
    workflows: Bounded,
    process: process::Process,
    registry: Registry,
}

/// What is a state rather than a count, as it is when somebody looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Runs that go on, and runs that wait.
    pub running: u64,
    /// Runs that wait for a time or are parked.
    pub waiting: u64,
    /// Runs whose time has come and that have no turn yet.
    pub due: u64,
    /// Runs that have their turn.
    pub turns: usize,
    /// Runs that wait for their turn in memory.
    pub queued: usize,
    /// Runs that wait for their host in memory.
    pub at_gate: usize,
    /// Requests whose events are being read or kept.
    pub requests: usize,
    /// Hosts whose calls are paused.
    pub open_circuits: usize,
    /// Whether the disk is full.
    pub full: bool,
    /// How many bytes of the store's file are in use.
    pub store_bytes: u64,
    /// What retention has taken out.
    pub removed: Pruned,
}

impl Metrics {
    /// Nothing has been counted. `commits` is how long the store's commits take.
    pub fn new(commits: Timing) -> Metrics {
        let metrics = Metrics {
            events_accepted: Counter::default(),
            events_duplicate: Counter::default(),
            events_rejected: Family::default(),
            requests_turned_away: Family::default(),
            runs_started: Family::default(),
            runs_ended: Family::default(),
            runs_parked: Family::default(),
            attempts: Family::default(),
            attempt_time: Timing::calls(),
            messages: Family::default(),
            reloads: Family::default(),
            runs: Family::default(),
            timers_due: Gauge::default(),
            queues: Family::default(),
            open_circuits: Gauge::default(),
            program: Mutex::default(),
            program_info: Family::default(),
            store_full: Gauge::default(),
            store_bytes: Gauge::default(),
            history_removed: Family::default(),
            hosts: Bounded::default(),
            workflows: Bounded::default(),
            process: process::Process::default(),
            registry: Registry::default(),
        };
        metrics.register(&commits)
    }

    fn register(mut self, commits: &Timing) -> Metrics {
        let mut registry = Registry::with_prefix("wf");
        let into = &mut registry;
        into.register("events_accepted", "Events that were kept", self.events_accepted.clone());
        into.register("events_duplicate", "Events that had been kept before", self.events_duplicate.clone());
        into.register("events_rejected", "Events that were refused", self.events_rejected.clone());
        let help = "Requests that were turned away before their body was read";
        into.register("requests_turned_away", help, self.requests_turned_away.clone());
        into.register("runs_started", "Runs that were admitted", self.runs_started.clone());
        into.register("runs_ended", "Runs that ended", self.runs_ended.clone());
        into.register("runs_parked", "How often runs were parked", self.runs_parked.clone());
        into.register("attempts", "Attempts of calls", self.attempts.clone());
        let help = "How long attempts of calls take";
        into.register_with_unit("attempt_duration", help, Unit::Seconds, self.attempt_time.histogram());
        into.register(
            "messages",
            "Deliveries of messages by any channel: sent, failed for good, or left in the outbox",
            self.messages.clone(),
        );
        into.register("reloads", "Looks at the project that found a change", self.reloads.clone());
        into.register("runs", "Runs that have not ended", self.runs.clone());
        into.register("timers_due", "Runs whose time has come and that have no turn yet", self.timers_due.clone());
        into.register("queue_depth", "How many wait, by queue", self.queues.clone());
        into.register("open_circuits", "Hosts whose calls are paused", self.open_circuits.clone());
        let help = "How long commits of the store take, the fsync among it";
        into.register_with_unit("commit_duration", help, Unit::Seconds, commits.histogram());
        into.register("store_full", "Whether the disk of the store is full", self.store_full.clone());
        into.register_with_unit("store", "What is in use of the store's file", Unit::Bytes, self.store_bytes.clone());
        into.register("history_removed", "What retention has taken out, ever", self.history_removed.clone());
        into.register("program_info", "The program that new events are pinned to", self.program_info.clone());
        let build: Family<Version, Gauge> = Family::default();
        build.get_or_create(&Version { version: env!("CARGO_PKG_VERSION") }).set(1);
        into.register("build_info", "The version of wf", build);
        self.process.register(into);
        self.registry = registry;
        self
    }

    /// Events were kept, or had been kept before.
    pub fn accepted(&self, duplicate: bool) {
        if duplicate { &self.events_duplicate } else { &self.events_accepted }.inc();
    }

    /// An event was refused; the slug of the problem says why.
    pub fn rejected(&self, reason: &str) {
        self.events_rejected.get_or_create(&Reason { reason: reason.to_owned() }).inc();
    }

    /// A request was turned away before its body was read.
    pub fn turned_away(&self, reason: &str) {
        self.requests_turned_away.get_or_create(&Reason { reason: reason.to_owned() }).inc();
    }

    /// A run was admitted.
    pub fn started(&self, workflow: &str) {
        self.runs_started.get_or_create(&Workflow { workflow: self.workflows.name(workflow) }).inc();
    }

    /// A run ended.
    pub fn ended(&self, workflow: &str, status: RunStatus) {
        let workflow = self.workflows.name(workflow);
        self.runs_ended.get_or_create(&Ended { workflow, status: status.as_str() }).inc();
    }

    /// A run was parked.
    pub fn parked(&self, reason: &str) {
        self.runs_parked.get_or_create(&Reason { reason: reason.to_owned() }).inc();
    }

    /// An attempt of a call or a delivery was made; with what kind of failure, if it failed.
    pub fn attempted(&self, host: &str, failed: Option<FailureClass>, took: Duration) {
        let outcome = failed.map_or("succeeded", class);
        self.attempts.get_or_create(&Attempt { host: self.hosts.name(host), outcome }).inc();
        self.attempt_time.observe(took);
    }

    /// A message was delivered, or was not.
    pub fn delivered(&self, outcome: &'static str) {
        self.messages.get_or_create(&Kind { kind: outcome }).inc();
    }

    /// The project was looked at and had changed.
    pub fn reloaded(&self, result: &'static str) {
        self.reloads.get_or_create(&Kind { kind: result }).inc();
    }

    /// The answer to who looks, with the program's hash and the states.
    pub fn render(&self, program: Option<String>, state: &State) -> String {
        self.runs.get_or_create(&Status { status: "running" }).set(number(state.running));
        self.runs.get_or_create(&Status { status: "waiting" }).set(number(state.waiting));
        self.timers_due.set(number(state.due));
        for (kind, depth) in
            [("turns", state.turns), ("queued", state.queued), ("at_gate", state.at_gate), ("requests", state.requests)]
        {
            self.queues.get_or_create(&Kind { kind }).set(number(depth));
        }
        self.open_circuits.set(number(state.open_circuits));
        self.store_full.set(i64::from(state.full));
        self.store_bytes.set(number(state.store_bytes));
        for (kind, removed) in [
            ("events", state.removed.events),
            ("runs", state.removed.runs),
            ("attempts", state.removed.attempts),
            ("messages", state.removed.messages),
        ] {
            self.history_removed.get_or_create(&Kind { kind }).set(number(removed));
        }
        self.note_program(program);
        self.process.look();
        let mut text = String::new();
        match prometheus_client::encoding::text::encode(&mut text, &self.registry) {
            Ok(()) => text,
            // Writing to a string does not fail.
            Err(fmt::Error) => String::new(),
        }
    }

    /// One hash at a time is shown.
    fn note_program(&self, program: Option<String>) {
        let mut shown = self.program.lock().unwrap_or_else(PoisonError::into_inner);
        if *shown != program {
            self.program_info.clear();
            if let Some(hash) = &program {
                self.program_info.get_or_create(&Hash { hash: hash.clone() }).set(1);
            }
            *shown = program;
        }
    }
}

fn number(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

/// The name of a class, as in history.
const fn class(class: FailureClass) -> &'static str {
    match class {
        FailureClass::Request => "request",
        FailureClass::MissingSecret => "missing_secret",
        FailureClass::Blocked => "blocked",
        FailureClass::Dns => "dns",
        FailureClass::Connection => "connection",
        FailureClass::Certificate => "certificate",
        FailureClass::Timeout => "timeout",
        FailureClass::Status => "status",
        FailureClass::Body => "body",
        FailureClass::TooLarge => "too_large",
        FailureClass::Unknown => "unknown",
    }
}
