//! What every engine must do: one list of scenarios, run against each driver.
//!
//! A scenario says what comes in and what must have come of it; how long anything takes is the driver's own, so a driver with
//! a virtual clock runs the same list.

mod embedded;
mod list;
mod rehearsal;

use std::sync::Mutex;

pub(crate) use list::{Act, Answer, Scenario, answer, scenarios};

/// What a scenario is run against.
pub(crate) trait Driver {
    /// Makes or changes a contact, given as a JSON object.
    fn contact(&mut self, fields: &str);
    /// Takes an event with its id and its parameters as a JSON object.
    fn event(&mut self, name: &str, id: &str, params: &str);
    /// Ends the engine as a crash does and starts it again, on the same program.
    fn crash(&mut self);
    /// Waits until so many runs of a workflow stand so.
    fn await_runs(&mut self, workflow: &str, status: &str, count: usize);
    /// Waits until so many requests have come in.
    fn await_calls(&mut self, count: usize);
    /// Waits until the time that this scenario's steps ask for has passed.
    fn pass(&mut self, milliseconds: u64);
    /// Every run: workflow, status and reason, in the order of their start.
    fn runs(&mut self) -> Vec<String>;
    /// Every request: method, path and body, in the order in which they came.
    fn calls(&mut self) -> Vec<String>;
    /// The subjects of all mails, sorted.
    fn mails(&mut self) -> Vec<String>;
    /// What an event started nothing for: workflow and reason code.
    fn kept_out(&mut self, event_id: &str) -> Vec<String>;
}

/// Runs a scenario; what is wrong with what came of it.
pub(crate) fn run(scenario: &Scenario, driver: &mut dyn Driver) -> Vec<String> {
    for act in scenario.acts {
        match act {
            Act::Contact(fields) => driver.contact(fields),
            Act::Event(name, id, params) => driver.event(name, id, params),
            Act::Crash => driver.crash(),
            Act::Await(workflow, status, count) => driver.await_runs(workflow, status, *count),
            Act::AwaitCalls(count) => driver.await_calls(*count),
            Act::Pass(milliseconds) => driver.pass(*milliseconds),
        }
    }
    let mut wrong = Vec::new();
    let mut compare = |what: &str, found: Vec<String>, expected: &[&str]| {
        if found != expected {
            wrong.push(format!("{}: {what}: found {found:#?}, expected {expected:#?}", scenario.name));
        }
    };
    compare("runs", driver.runs(), scenario.runs);
    compare("calls", driver.calls(), scenario.calls);
    compare("mails", driver.mails(), scenario.mails);
    for (event, kept_out) in scenario.kept_out {
        compare(&format!("kept out of {event}"), driver.kept_out(event), kept_out);
    }
    wrong
}

/// Runs the whole list, several at once.
fn run_all(driver: impl Fn(&Scenario) -> Box<dyn Driver> + Sync) {
    let todo = Mutex::new(scenarios());
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|threads| {
        for _ in 0..3 {
            threads.spawn(|| {
                loop {
                    let Some(scenario) = todo.lock().unwrap().next() else { return };
                    let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                        run(scenario, &mut *driver(scenario))
                    }));
                    let found = found.unwrap_or_else(|_| vec![format!("{}: gave up", scenario.name)]);
                    wrong.lock().unwrap().extend(found);
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_embedded_engine_does_what_every_engine_must() {
    run_all(|scenario| Box::new(embedded::Embedded::start(scenario)));
}

#[test]
fn the_rehearsal_does_what_every_engine_must() {
    run_all(|scenario| Box::new(rehearsal::Rehearsal::start(scenario)));
}

#[test]
fn scenarios_have_names_of_their_own() {
    let names: std::collections::BTreeSet<_> = scenarios().map(|scenario| scenario.name).collect();
    assert_eq!(names.len(), scenarios().count());
}
