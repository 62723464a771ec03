//! The rehearsal: the same program on a virtual clock, with a made-up service.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use compiler::source::Sources;
use jiff::{SignedDuration, Timestamp};
use runtime::engine::NewEvent;
use runtime::rehearsal::{Answers, Asked, Fact, Given, Play, Stage};
use runtime::store::sqlite::MemoryStore;
use runtime::value::{Record, Value, read};
use runtime::webhook::Rehearsed;

use super::{Answer, Driver, Scenario, answer};

const ORIGIN: &str = "https://localhost:8443";

/// A rehearsal of a scenario's program.
pub(super) struct Rehearsal {
    stage: Stage,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// The made-up service, and what it was asked.
struct Service(Arc<Mutex<Vec<Asked>>>);

impl Answers for Service {
    fn answer(&mut self, asked: &Asked) -> Option<Given> {
        self.0.lock().unwrap().push(asked.clone());
        let Answer { status, kind, body, after } = answer(target(asked));
        let status = status.split(' ').next()?.parse().ok()?;
        let headers = vec![("content-type".to_owned(), kind.to_owned())];
        let met = Rehearsed::Answer { status, headers, body: body.as_bytes().to_vec(), truncated: false };
        Some(Given { delay: SignedDuration::try_from(Duration::from_millis(after)).ok()?, met })
    }
}

fn target(asked: &Asked) -> &str {
    asked.url.strip_prefix(ORIGIN).unwrap()
}

fn record(json: &str) -> Record {
    let Value::Record(record) = read(json).unwrap() else { panic!("{json}") };
    (*record).clone()
}

impl Rehearsal {
    pub(super) fn start(scenario: &Scenario) -> Rehearsal {
        let program = scenario.program.replace("ORIGIN", ORIGIN);
        let compiled = compiler::compile(&Sources::single("a.wf", &program));
        let play = Play::new(compiled.program.unwrap_or_else(|| panic!("{:#?}", compiled.diagnostics)));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let start: Timestamp = "2026-06-01T12:00:00Z".parse().unwrap();
        let store = Arc::new(MemoryStore::new().unwrap());
        let stage = Stage::new(&play, store, start, Box::new(Service(asked.clone()))).unwrap();
        Rehearsal { stage, asked }
    }

    /// Lets time pass until something is so, for a day at most.
    fn until(&mut self, what: &str, holds: impl Fn(&mut Rehearsal) -> bool) {
        let last = self.stage.now() + SignedDuration::from_hours(24);
        while !holds(self) {
            assert!(self.stage.step(last), "{what}: {:?} {:#?}", self.stage.trouble(), self.stage.log());
        }
    }
}

impl Driver for Rehearsal {
    fn contact(&mut self, fields: &str) {
        self.stage.contact(&record(fields), None).unwrap();
    }

    fn event(&mut self, name: &str, id: &str, params: &str) {
        let params = Value::Record(Arc::new(record(params)));
        let (source, key) = ("".into(), Some(id.into()));
        let event = NewEvent { source, name: name.into(), key, occurred_at: None, params, trace: None };
        self.stage.receive(event).unwrap();
    }

    fn crash(&mut self) {
        self.stage.crash().unwrap();
    }

    fn await_runs(&mut self, workflow: &str, status: &str, count: usize) {
        self.until(&format!("{count} × {workflow} {status}"), |rehearsal| {
            let runs = rehearsal.stage.runs().unwrap();
            runs.iter().filter(|run| run.workflow == workflow && run.status.as_str() == status).count() >= count
        });
    }

    fn await_calls(&mut self, count: usize) {
        self.until("the calls", |rehearsal| rehearsal.asked.lock().unwrap().len() >= count);
    }

    fn pass(&mut self, milliseconds: u64) {
        let milliseconds = i64::try_from(milliseconds).unwrap();
        self.stage.advance_to(self.stage.now() + SignedDuration::from_millis(milliseconds));
    }

    fn runs(&mut self) -> Vec<String> {
        let told = |run: &runtime::store::RunSummary| {
            let reason = run.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            format!("{} {}{reason}", run.workflow, run.status.as_str())
        };
        self.stage.runs().unwrap().iter().map(told).collect()
    }

    fn calls(&mut self) -> Vec<String> {
        let told = |asked: &Asked| {
            let body = asked.body.clone().unwrap_or_default();
            format!("{} {} {body}", asked.method, target(asked)).trim_end().to_owned()
        };
        self.asked.lock().unwrap().iter().map(told).collect()
    }

    fn mails(&mut self) -> Vec<String> {
        let subject = |fact: &Fact| match fact {
            Fact::Sent(sent) if sent.channel == "email" => {
                sent.parts.iter().find(|(name, _)| name == "subject").map(|(_, subject)| subject.clone())
            }
            _ => None,
        };
        let mut subjects: Vec<String> =
            self.stage.log().entries.iter().filter_map(|entry| subject(&entry.fact)).collect();
        subjects.sort();
        subjects
    }

    fn kept_out(&mut self, event_id: &str) -> Vec<String> {
        let kept = self.stage.kept_out(event_id).unwrap();
        kept.iter().map(|(workflow, reason_code)| format!("{workflow} {reason_code}")).collect()
    }
}
