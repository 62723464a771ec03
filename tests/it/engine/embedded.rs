//! The daemon, its HTTPS stub, and its outbox.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Answer, Driver, Scenario, answer};
use crate::support::{Daemon, Project, Received, Reply, Stub, patiently, until};

/// A daemon on a scenario's program.
pub(super) struct Embedded {
    project: Project,
    stub: Stub,
    daemon: Option<Daemon>,
}

impl Embedded {
    pub(super) fn start(scenario: &Scenario) -> Embedded {
        let stub = Stub::start(|request, _| {
            let Answer { status, kind, body, after } = answer(&request.target);
            Reply::status(status, kind, body).after(Duration::from_millis(after))
        });
        let program = scenario.program.replace("ORIGIN", &stub.origin());
        let project = Project::new(&[("a.wf", &program)]).calls(&stub).set("WF_SECRET_KEY", "k-1");
        let daemon = Some(project.serve());
        Embedded { project, stub, daemon }
    }

    fn daemon(&self) -> &Daemon {
        self.daemon.as_ref().unwrap()
    }

    fn all_runs(&self) -> Vec<Value> {
        self.daemon().get("/v1/runs?limit=500")["items"].as_array().unwrap().clone()
    }
}

impl Driver for Embedded {
    fn contact(&mut self, fields: &str) {
        let answer = self.daemon().request("PUT", "/v1/contacts", &[], fields);
        assert!([200, 201].contains(&answer.status), "{answer:?}");
    }

    fn event(&mut self, name: &str, id: &str, params: &str) {
        let params: Value = serde_json::from_str(params).unwrap();
        let answer = self.daemon().post("/v1/events", &json!({ "type": name, "id": id, "params": params }));
        assert_eq!(answer.status, 202, "{answer:?}");
    }

    fn crash(&mut self) {
        self.daemon.take().unwrap().kill();
        self.daemon = Some(self.project.serve());
    }

    fn await_runs(&mut self, workflow: &str, status: &str, count: usize) {
        let stand = |run: &&Value| run["workflow"] == workflow && run["status"] == status;
        let found = patiently(|| (self.all_runs().iter().filter(stand).count() >= count).then_some(()));
        assert!(found.is_some(), "{count} × {workflow} {status}: {:#?} {}", self.all_runs(), self.daemon().log());
    }

    fn await_calls(&mut self, count: usize) {
        until("the calls", || (self.stub.received().len() >= count).then_some(()));
    }

    fn pass(&mut self, milliseconds: u64) {
        std::thread::sleep(Duration::from_millis(milliseconds));
    }

    fn runs(&mut self) -> Vec<String> {
        let told = |run: &Value| {
            let reason = run["reason"].as_str().map(|reason| format!(": {reason}")).unwrap_or_default();
            format!("{} {}{reason}", run["workflow"].as_str().unwrap(), run["status"].as_str().unwrap())
        };
        self.all_runs().iter().rev().map(told).collect()
    }

    fn calls(&mut self) -> Vec<String> {
        let told = |request: &Received| {
            format!("{} {} {}", request.method, request.target, request.text()).trim_end().to_owned()
        };
        self.stub.received().iter().map(told).collect()
    }

    fn mails(&mut self) -> Vec<String> {
        // The outbox is written behind the run that is durable already.
        let count = self.daemon().get("/v1/messages?limit=500")["items"].as_array().unwrap().len();
        let mails = self.project.wait_for_mails(count);
        let subject = |mail: &String| Some(mail.lines().find_map(|line| line.strip_prefix("Subject: "))?.to_owned());
        let mut subjects: Vec<String> = mails.iter().filter_map(subject).collect();
        subjects.sort();
        subjects
    }

    fn kept_out(&mut self, event_id: &str) -> Vec<String> {
        let event = self.daemon().get(&format!("/v1/events/{event_id}"));
        let kept = event["kept_out"].as_array().cloned().unwrap_or_default();
        kept.iter()
            .map(|entry| format!("{} {}", entry["workflow"].as_str().unwrap(), entry["reason_code"].as_str().unwrap()))
            .collect()
    }
}
