//! What happens in a simulation: the program in two versions, and the events that come in.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use compiler::ir::{Program, ProgramHash};
use compiler::source::Sources;

use super::random::Random;
use crate::engine::NewEvent;
use crate::store::EventRecord;
use crate::value::{Record, Value, read};

/// `VERSION` stands for the version: what a run calls tells which one it is on.
const PROGRAM: &str = r#"
    contact { trail: string = ""  visits: int = 0  raised: int = 0  level: int = 0  levels: int = 0  ticks: int = 0 }
    event step { email: email, n: int, way: string }
    event paid { email: email, n: int }
    event echo { email: email, n: int }
    event question { email: email, n: int }
    event answer { email: email, n: int }
    segment visitors { contact.visits > 0 }

    webhook note { post "https://api.example.com/VERSION/note/${event.n}" attempts 3 from 500ms to 20s }
    webhook late { post "https://api.example.com/VERSION/late/${event.n}" attempts 4 from 20s to 60s }
    webhook leave { post "https://api.example.com/VERSION/leave/${event.n}" attempts 4 from 2s to 20s }
    webhook only { post "https://api.example.com/VERSION/only/${event.n}" attempts 2 from 200ms to 1s }
    webhook metered {
      post "https://metered.example.com/VERSION/metered/${event.n}" limit 2 per 10s attempts 3 from 500ms to 5s
    }
    message mail { email { from "shop@example.com" subject "$event.n" text "x" } }

    workflow main {
      on step
      identify by email event.email else create
      set contact.trail = "${contact.trail},${event.n}"
      set contact.visits = contact.visits + 1
      emit echo { email: event.email, n: event.n }
      call note on failure { stop "no note" }
      wait 30s
      call late on failure { stop "not late" }
      send mail
    }
    workflow ear {
      on echo
      identify by email event.email
      set contact.raised = contact.raised + 1
      set contact.trail = "${contact.trail},echo ${event.n}"
    }
    workflow eye {
      on contact.visits changed
      set contact.trail = "${contact.trail},visit"
    }
    workflow listener {
      on step where event.way == "listen"
      identify by email event.email else create
      wait for paid as payment where payment.n == event.n up to 90s { stop "heard" } on timeout { stop "unheard" }
    }
    workflow leaver {
      on step where event.way == "leave"
      identify by email event.email else create
      exit on paid as payment where payment.n == event.n
      call leave on failure { }
      wait 2min
      stop "stayed"
    }
    workflow single {
      on step where event.way == "single"
      identify by email event.email else create
      one at a time
      wait 1min
    }
    workflow asker {
      on step where event.way == "ask"
      identify by email event.email else create
      emit question { email: event.email, n: event.n }
      wait for answer as reply where reply.n == event.n up to 60s { stop "answered" } on timeout { stop "unanswered" }
    }
    workflow answerer {
      on question
      identify by email event.email
      emit answer { email: event.email, n: event.n }
    }
    workflow meter {
      on step where event.way == "meter"
      identify by email event.email else create
      call metered on failure { }
    }
    workflow level {
      on contact.level changed
      set contact.levels = contact.levels + 1
      set contact.trail = "${contact.trail},level"
    }
    workflow tick {
      on schedule "*/2 * * * *" in "UTC" for segment visitors
      set contact.ticks = contact.ticks + 1
      set contact.trail = "${contact.trail},tick"
    }
    workflow only {
      on step
      identify by email event.email else create
      once ever
      call only on failure { }
    }
"#;

/// How many versions there are.
pub(crate) const VERSIONS: usize = 2;

fn versions() -> &'static [Program] {
    static COMPILED: OnceLock<Vec<Program>> = OnceLock::new();
    COMPILED.get_or_init(|| {
        let compile = |version: usize| {
            let mut sources = Sources::new();
            sources.add("a.wf", PROGRAM.replace("VERSION", &format!("v{version}")));
            let compiled = compiler::compile(&sources);
            compiled.program.unwrap_or_else(|| panic!("{:#?}", compiled.diagnostics))
        };
        (0..VERSIONS).map(compile).collect()
    })
}

/// A version of the program.
pub(crate) fn program(version: usize) -> Program {
    versions()[version].clone()
}

/// Its hash.
pub(crate) fn hash(version: usize) -> ProgramHash {
    static HASHES: OnceLock<Vec<ProgramHash>> = OnceLock::new();
    HASHES.get_or_init(|| versions().iter().map(Program::hash).collect())[version].clone()
}

/// The workflow whose run makes a call.
pub(crate) fn workflow_of(what: &str) -> &'static str {
    match what {
        "note" | "late" | "mail" => "main",
        "leave" => "leaver",
        "only" => "only",
        "metered" => "meter",
        other => panic!("nothing calls `{other}`"),
    }
}

/// What the first turn of a run adds to the trail of its contact.
pub(crate) fn mark_of(workflow: &str, event: &EventRecord) -> Option<String> {
    let number = || match read(&event.params).ok()?.field("n") {
        Some(Value::Int(number)) => Some(*number),
        _ => None,
    };
    match workflow {
        "main" => Some(format!(",{}", number()?)),
        "ear" => Some(format!(",echo {}", number()?)),
        "eye" => Some(",visit".to_owned()),
        "level" | "tick" => Some(format!(",{workflow}")),
        _ => None,
    }
}

fn email(contact: usize) -> String {
    format!("p{contact}@example.com")
}

/// An event that somebody sends until it is accepted.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) name: &'static str,
    pub(crate) contact: usize,
    pub(crate) number: i64,
    pub(crate) way: &'static str,
    /// How often it was answered as accepted, and how often as new.
    pub(crate) accepted: u32,
    pub(crate) new: u32,
}

impl Sent {
    pub(crate) fn key(&self) -> String {
        format!("{}-{}", self.name, self.number)
    }

    pub(crate) fn email(&self) -> String {
        email(self.contact)
    }

    /// As a caller sends it; `other` with the same key and something else in it.
    pub(crate) fn event(&self, other: bool) -> NewEvent {
        let number = if other { self.number + 1_000_000 } else { self.number };
        let mut params = format!(r#"{{"email": "{}", "n": {number}"#, self.email());
        if self.name == "step" {
            params.push_str(&format!(r#", "way": "{}""#, self.way));
        }
        params.push('}');
        NewEvent {
            source: "".into(),
            name: self.name.into(),
            key: Some(self.key().into()),
            occurred_at: None,
            params: read(&params).unwrap(),
            trace: None,
        }
    }
}

/// A level that somebody gives a contact, after the one before it, until it is answered.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) contact: usize,
    pub(crate) level: i64,
    pub(crate) answered: bool,
}

impl Given {
    pub(crate) fn email(&self) -> String {
        email(self.contact)
    }

    /// The contact's fields as a caller sends them.
    pub(crate) fn fields(&self) -> Record {
        let fields = [("email".into(), Value::from(self.email().as_str())), ("level".into(), Value::Int(self.level))];
        fields.into_iter().collect()
    }
}

/// The levels that contacts are given.
pub(crate) fn levels(random: &mut Random, sent: &[Sent]) -> Vec<Given> {
    let contacts: BTreeSet<usize> = sent.iter().filter(|sent| sent.name == "step").map(|sent| sent.contact).collect();
    let levels = contacts.into_iter().flat_map(|contact| (1..=random.below(4)).map(move |level| (contact, level)));
    levels.map(|(contact, level)| Given { contact, level: i64::try_from(level).unwrap(), answered: false }).collect()
}

/// The events of a simulation.
pub(crate) fn events(random: &mut Random) -> Vec<Sent> {
    let contacts = 1 + random.below(4);
    let mut events = vec![];
    for number in 0..i64::try_from(4 + random.below(12)).unwrap() {
        let way = ["plain", "listen", "leave", "single", "ask", "meter"][random.below(6)];
        let contact = random.below(contacts);
        let sent = |name| Sent { name, contact, number, way, accepted: 0, new: 0 };
        events.push(sent("step"));
        if random.percent(50) {
            events.push(sent("paid"));
        }
    }
    events
}
