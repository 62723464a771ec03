//! What stands for the network: hosts that answer, fail, hang and break off, and a mail server that does the same. It keeps a
//! list of all that reached it.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use compiler::ir::Returns;
use jiff::Timestamp;

use super::random::Random;
use super::scheduler::Scheduler;
use crate::deliver::{Delivery, Mail, Post};
use crate::machine::{CallFailure, CallOutcome, FailureClass};
use crate::value::{Value, read};
use crate::webhook::{AttemptResult, Prepared, Wire};

/// How long an attempt waits for an answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Something that reached the network.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    /// The idempotency key, or the `Message-ID`.
    pub(crate) key: String,
    /// The version of the program that sent it; nothing for a mail.
    pub(crate) version: Option<String>,
    /// `note`, `late`, `only`, `leave`, `metered`, or `mail`.
    pub(crate) what: String,
    /// The event's number.
    pub(crate) number: i64,
    pub(crate) wall: Timestamp,
    pub(crate) elapsed: Duration,
    /// When it was answered well, by both clocks; `None` when it was not.
    pub(crate) answered: Option<(Timestamp, Duration)>,
}

/// The network and all that is beyond it. It outlives daemons.
#[derive(Debug)]
pub(crate) struct Network {
    scheduler: Scheduler,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    random: Random,
    /// So many of a hundred requests go well.
    well: u64,
    seen: Vec<Seen>,
    /// How many of these were looked at.
    looked_at: usize,
}

/// What becomes of a request.
enum Fate {
    /// It is answered with this status, and perhaps `Retry-After`.
    Status(u16, Option<&'static str>),
    /// It breaks off.
    Break,
    /// Nothing comes.
    Hang,
}

impl Network {
    pub(crate) fn new(scheduler: Scheduler, random: Random, well: u64) -> Arc<Network> {
        let state = State { random, well, seen: vec![], looked_at: 0 };
        Arc::new(Network { scheduler, state: Mutex::new(state) })
    }

    /// From now on all goes well.
    pub(crate) fn heal(&self) {
        self.state.lock().unwrap().well = 100;
    }

    /// What has come in since the last call, and how many came before.
    pub(crate) fn news(&self) -> (usize, Vec<Seen>) {
        let mut state = self.state.lock().unwrap();
        let count = state.seen.len();
        let from = std::mem::replace(&mut state.looked_at, count);
        (from, state.seen[from..].to_vec())
    }

    /// All that has come in.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state.lock().unwrap().seen.clone()
    }

    fn take(&self, key: String, version: Option<String>, what: &str, number: i64) -> (usize, Fate, Duration) {
        let (wall, elapsed) = (self.scheduler.now(), self.scheduler.elapsed());
        let mut state = self.state.lock().unwrap();
        state.seen.push(Seen { key, version, what: what.to_owned(), number, wall, elapsed, answered: None });
        let well = state.well;
        let fate = match state.random.percent(well) {
            true => Fate::Status(200, None),
            false => match state.random.below(8) {
                0 => Fate::Status(404, None),
                1 => Fate::Status(429, Some("3")),
                2 | 3 => Fate::Status(503, None),
                4 => Fate::Hang,
                _ => Fate::Break,
            },
        };
        let took = match fate {
            Fate::Hang => TIMEOUT,
            _ => state.random.duration(Duration::from_millis(1), Duration::from_secs(4)),
        };
        (state.seen.len() - 1, fate, took)
    }

    fn went_well(&self, place: usize) {
        let answered = Some((self.scheduler.now(), self.scheduler.elapsed()));
        self.state.lock().unwrap().seen[place].answered = answered;
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    match value.field(name) {
        Some(Value::String(text)) => text,
        other => panic!("`{name}` is {other:?}"),
    }
}

impl Wire for Network {
    fn attempt<'a>(
        &'a self,
        prepared: Prepared,
        _: &'a Returns,
    ) -> Pin<Box<dyn Future<Output = AttemptResult> + Send + 'a>> {
        Box::pin(async move {
            let request = read(&prepared.request).unwrap();
            let key = text(request.field("headers").unwrap(), "idempotency-key").to_owned();
            let address = text(&request, "url").strip_prefix("https://").unwrap();
            let [_host, version, what, number] = address.split('/').collect::<Vec<_>>().try_into().unwrap();
            let number = number.parse().unwrap();
            let (place, fate, took) = self.take(key, Some(version.to_owned()), what, number);
            self.scheduler.sleep(took).await;
            let failed = |class, status, message: &str| {
                CallOutcome::Failed(CallFailure { class, status, message: message.to_owned() })
            };
            let (outcome, retry_after) = match fate {
                Fate::Status(200, _) => {
                    self.went_well(place);
                    (CallOutcome::Succeeded(Value::Null), None)
                }
                Fate::Status(status, again) => (failed(FailureClass::Status, Some(status), "refused"), again),
                Fate::Break => (failed(FailureClass::Connection, None, "broken"), None),
                Fate::Hang => (failed(FailureClass::Timeout, None, "late"), None),
            };
            let retry_after = retry_after.map(str::to_owned);
            AttemptResult { duration: took, address: None, response: None, outcome, retry_after }
        })
    }
}

impl Post for Network {
    fn deliver<'a>(&'a self, mail: &'a Mail) -> Pin<Box<dyn Future<Output = Delivery> + Send + 'a>> {
        Box::pin(async move {
            let text = String::from_utf8(mail.bytes().to_vec()).unwrap();
            let subject = text.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap();
            let number = subject.trim().parse().unwrap();
            let (place, fate, took) = self.take(mail.message_id().to_owned(), None, "mail", number);
            self.scheduler.sleep(took).await;
            let message = "as it happens".to_owned();
            match fate {
                Fate::Status(200, _) => {
                    self.went_well(place);
                    Delivery::Sent { reply: "250".to_owned() }
                }
                Fate::Status(404, _) => Delivery::Refused { message },
                Fate::Status(..) => Delivery::TryAgain { message },
                Fate::Break | Fate::Hang => Delivery::Unknown { message },
            }
        })
    }
}
