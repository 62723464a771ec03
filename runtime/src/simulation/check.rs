//! What must hold at any moment of a simulation, and what at its end. The names are those of the guarantees.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;

use super::network::{Network, Seen};
use super::story::{self, Given, Sent};
use crate::store::sqlite::simulated::{Disk, Platters};
use crate::store::{EventRecord, RunId, RunStatus, RunSummary};
use crate::value::{Value, read};

/// What was found out so far.
pub(crate) struct Checks {
    pub(crate) wrong: Vec<String>,
    /// What tasks found to be wrong.
    pub(crate) said: Arc<Mutex<Vec<String>>>,
    /// Whether the wall clock is set now and then.
    jumps: bool,
    keys: HashMap<(String, i64), String>,
    /// When each was seen last, and after how many interruptions.
    last: HashMap<(String, i64), (Duration, usize)>,
}

impl Checks {
    pub(crate) fn new(jumps: bool) -> Checks {
        Checks { wrong: vec![], said: Arc::default(), jumps, keys: HashMap::new(), last: HashMap::new() }
    }

    pub(crate) fn has_failed(&mut self) -> bool {
        self.wrong.append(&mut self.said.lock().unwrap());
        !self.wrong.is_empty()
    }

    pub(crate) fn fail(&mut self, what: String) {
        self.wrong.push(what);
    }

    /// Looks at what has just reached the network: nothing was committed since.
    pub(crate) fn after_a_step(&mut self, disk: &Disk, network: &Network, interruptions: usize) {
        let (before, news) = network.news();
        if news.is_empty() {
            return;
        }
        let all = network.seen();
        for (seen, place) in news.iter().zip(before..) {
            if let Err(wrong) = self.look_at(disk, seen, &all[..place], interruptions) {
                self.fail(format!("{wrong}: {seen:?}"));
            }
        }
    }

    fn look_at(&mut self, disk: &Disk, seen: &Seen, earlier: &[Seen], interruptions: usize) -> Result<(), String> {
        let key = self.keys.entry((seen.what.clone(), seen.number)).or_insert_with(|| seen.key.clone());
        if *key != seen.key {
            return Err(format!("G3: the same step had the key {key} before"));
        }
        let Some(event) = disk.event(&format!("step-{}", seen.number)) else {
            return Err("G1: nothing is known of its event".to_owned());
        };
        let id = RunId::new(event.acceptance, story::workflow_of(&seen.what));
        let run = disk.run(id).ok_or("G5: nothing is known of its run")?.summary;
        if run.status.has_ended() {
            return Err("G6: its run has ended".to_owned());
        }
        if let Some(version) = &seen.version
            && *version != version_of(&run)
        {
            return Err(format!("G10: its run is pinned to {}", version_of(&run)));
        }
        let attempts = disk.attempts(id);
        let own: Vec<_> = attempts.iter().filter(|attempt| attempt.request.contains(&seen.key)).collect();
        let open = own.iter().filter(|attempt| attempt.duration_ms.is_none()).count();
        if open == 0 {
            return Err("G5: history does not have it".to_owned());
        }
        if open > interruptions + 1 {
            return Err(format!("G5: {open} attempts of one step have no outcome after {interruptions} interruptions"));
        }
        if own.iter().any(|attempt| attempt.duration_ms.is_some() && attempt.error.is_none()) {
            return Err("G6: the step was done before".to_owned());
        }
        let last = self.last.insert((seen.what.clone(), seen.number), (seen.elapsed, interruptions));
        if let Some((last, same)) = last
            && same == interruptions
            && seen.what == "late"
        {
            let pause = seen.elapsed - last;
            // From 20 s to 60 s, give or take a fifth, and so much that a clock may be set by and nobody notices.
            if pause < Duration::from_secs(14) || pause > Duration::from_secs(72 + 120) {
                return Err(format!("G9: its pause was {pause:?}"));
            }
        }
        if seen.what == "late" && !self.jumps {
            let noted = earlier.iter().filter(|other| other.what == "note" && other.number == seen.number);
            let noted = noted.filter_map(|note| note.answered).next_back();
            let (_, noted) = noted.ok_or("G6: what comes before it was not done")?;
            if seen.elapsed < noted + Duration::from_secs(30) {
                return Err("G9: its time had not come".to_owned());
            }
        }
        Ok(())
    }

    /// Looks at all that is kept, when all runs have ended.
    pub(crate) fn at_the_end(
        &mut self,
        platters: &Platters,
        (sent, given): (&[Sent], &[Given]),
        seen: &[Seen],
        mail: (bool, bool),
    ) {
        let mut runs: HashMap<String, Vec<RunSummary>> = HashMap::new();
        for run in platters.runs() {
            runs.entry(run.event.to_string()).or_default().push(run);
        }
        let events: Vec<EventRecord> = platters.events();
        let of_key = |key: &str| events.iter().filter(|event| event.id == key).collect::<Vec<_>>();
        let mut wrong = vec![];
        for sent in sent {
            let key = sent.key();
            let kept = of_key(&key);
            if kept.len() != 1 {
                let names = if kept.is_empty() { "G1" } else { "G2" };
                wrong.push(format!("{names}: {key} is kept {} times", kept.len()));
                continue;
            }
            if sent.new > 1 {
                wrong.push(format!("G2: {key} was answered as new {} times", sent.new));
            }
            if sent.name == "step" {
                let own = runs.get(&key).map(Vec::as_slice).unwrap_or_default();
                if let Err(failure) = runs_of(sent, kept[0], own, &events, self.jumps) {
                    let own = own.iter().map(|run| format!("{} {:?} {:?}", run.workflow, run.status, run.reason));
                    wrong.push(format!("{failure} ({key}: {})", own.collect::<Vec<_>>().join(", ")));
                }
            }
        }
        wrong.extend(contacts(platters, (sent, given), &events, &runs));
        wrong.extend(calls(&runs, sent, seen, mail));
        wrong.extend(ticks(&events, &runs, self.jumps));
        if !self.jumps {
            wrong.extend(limited(seen));
        }
        if !mail.0 {
            let mut mails: BTreeMap<String, usize> = BTreeMap::new();
            for message in platters.messages() {
                *mails.entry(message.change.mail.subject.clone()).or_default() += 1;
            }
            for sent in sent.iter().filter(|sent| sent.name == "step") {
                let completed = ended(&runs, sent, "main", RunStatus::Completed);
                let count = mails.get(&sent.number.to_string()).copied().unwrap_or(0);
                if count != usize::from(completed) {
                    wrong.push(format!("G4: {} has {count} mails", sent.key()));
                }
            }
        }
        self.wrong.append(&mut wrong);
    }
}

fn version_of(run: &RunSummary) -> String {
    let version = (0..story::VERSIONS).find(|version| story::hash(*version) == run.program);
    version.map_or_else(|| "no version".to_owned(), |version| format!("v{version}"))
}

fn ended(runs: &HashMap<String, Vec<RunSummary>>, sent: &Sent, workflow: &str, status: RunStatus) -> bool {
    let own = runs.get(&sent.key()).into_iter().flatten();
    own.into_iter().any(|run| run.workflow == workflow && run.status == status)
}

/// The runs that an event must have started, and how they may have ended.
fn runs_of(
    sent: &Sent,
    event: &EventRecord,
    runs: &[RunSummary],
    events: &[EventRecord],
    jumps: bool,
) -> Result<(), String> {
    let named = |name: &str| runs.iter().filter(move |run| run.workflow == name).collect::<Vec<_>>();
    let [main] = named("main")[..] else { return Err("G2: it has not one run of `main`".to_owned()) };
    if !matches!(main.status, RunStatus::Completed | RunStatus::Stopped | RunStatus::Failed) {
        return Err("its `main` has not ended as it can".to_owned());
    }
    if main.program != event.program {
        return Err("G10: its run is on another program than its event".to_owned());
    }
    let paid = events.iter().find(|paid| paid.id == format!("paid-{}", sent.number));
    let way = |way: &str, name: &str| named(name).len() == usize::from(sent.way == way);
    if !way("listen", "listener") || !way("leave", "leaver") || !way("ask", "asker") || !way("meter", "meter") {
        return Err("it has not the runs of its way".to_owned());
    }
    // Where nobody set the clock, it is known which of two things came first: surely so with a little distance.
    let limit = |seconds: i64| {
        paid.filter(|paid| paid.acceptance > event.acceptance).map(|paid| {
            let after = paid.received_at.duration_since(event.received_at).as_secs();
            (after < seconds - 5, after)
        })
    };
    for run in named("listener") {
        let heard = run.reason.as_deref() == Some("heard");
        if heard && paid.is_none() {
            return Err("it heard of what never was".to_owned());
        }
        if !heard && run.reason.as_deref() != Some("unheard") {
            return Err("its `listener` has ended otherwise".to_owned());
        }
        if let (false, false, Some((true, after))) = (jumps, heard, limit(90)) {
            return Err(format!("it did not hear of what came {after} s after it"));
        }
    }
    let answer = events.iter().find(|answer| {
        answer.name == "answer" && read(&answer.params).unwrap().field("n") == Some(&Value::Int(sent.number))
    });
    for run in named("asker") {
        let answered = run.reason.as_deref() == Some("answered");
        let Some(answer) = answer else { return Err("its question was not answered".to_owned()) };
        let after = answer.received_at.duration_since(event.received_at).as_secs();
        if !jumps && !answered && after < 55 {
            return Err(format!("it did not hear the answer that came {after} s after it"));
        }
    }
    for run in named("leaver") {
        if run.status == RunStatus::Exited && paid.is_none() {
            return Err("it left without a reason".to_owned());
        }
        if let (false, RunStatus::Stopped, Some((true, after))) = (jumps, run.status, limit(120)) {
            return Err(format!("it stayed though the event came {after} s after it"));
        }
    }
    Ok(())
}

/// What runs wrote to contacts: each once, and in the order of their events.
fn contacts(
    platters: &Platters,
    (sent, given): (&[Sent], &[Given]),
    events: &[EventRecord],
    runs: &HashMap<String, Vec<RunSummary>>,
) -> Vec<String> {
    let mut wrong = vec![];
    let kept = platters.contacts();
    let emails: BTreeSet<String> = sent.iter().filter(|sent| sent.name == "step").map(Sent::email).collect();
    for email in emails {
        let records = kept.iter().map(|contact| (contact.id, read(&contact.fields).unwrap()));
        let own: Vec<(i64, Value)> =
            records.filter(|(_, card)| card.field("email") == Some(&Value::from(email.as_str()))).collect();
        let [(contact, card)] = &own[..] else {
            wrong.push(format!("{email} is {} contacts", own.len()));
            continue;
        };
        let steps = sent.iter().filter(|sent| sent.name == "step" && sent.email() == email).count();
        let trail = trail(*contact, events, runs);
        if card.field("trail") != Some(&Value::from(trail.as_str())) {
            wrong.push(format!("G14: the trail of {email} is {:?} and not {trail}", card.field("trail")));
        }
        let ran = |workflow: &str| {
            runs.values().flatten().filter(|run| run.contact == Some(*contact) && run.workflow == workflow).count()
        };
        let levels = given.iter().filter(|given| given.email() == email).count();
        let counts = [("visits", steps), ("raised", steps), ("levels", levels), ("ticks", ran("tick"))];
        for (field, count) in counts {
            let (kept, count) = (card.field(field), Value::Int(i64::try_from(count).unwrap()));
            if *kept.unwrap_or(&Value::Int(0)) != count {
                wrong.push(format!("G6: `{field}` of {email} is {kept:?} and not {count:?}"));
            }
        }
        let only = sent.iter().filter(|sent| sent.email() == email && sent.name == "step");
        let only = only.flat_map(|sent| runs.get(&sent.key()).into_iter().flatten());
        let only = only.filter(|run| run.workflow == "only").count();
        if only != 1 {
            wrong.push(format!("{email} had {only} runs of what is `once ever`"));
        }
    }
    wrong
}

/// A schedule starts a run for each visitor at each of its times that it starts any at, and no second one.
fn ticks(events: &[EventRecord], runs: &HashMap<String, Vec<RunSummary>>, jumps: bool) -> Vec<String> {
    let mut wrong = vec![];
    let mut times: BTreeMap<Timestamp, BTreeSet<i64>> = BTreeMap::new();
    for run in runs.values().flatten().filter(|run| run.workflow == "tick") {
        let Some(event) = events.iter().find(|event| event.acceptance == run.id.acceptance) else { continue };
        let contact = run.contact.unwrap_or_default();
        if !times.entry(event.occurred_at).or_default().insert(contact) {
            wrong.push(format!("G6: the contact {contact} has two runs of {}", event.occurred_at));
        }
    }
    // The last one may go on still.
    times.pop_last();
    for (time, contacts) in times.into_iter().filter(|_| !jumps) {
        let visited = runs.values().flatten().filter(|run| run.workflow == "eye" && run.status.has_ended());
        let visited = visited.filter(|run| run.updated_at + Duration::from_secs(1) < time);
        for contact in visited.filter_map(|run| run.contact).filter(|contact| !contacts.contains(contact)) {
            wrong.push(format!("G7: the contact {contact} has no run of {time}"));
        }
    }
    wrong
}

/// No more requests than the limit of two in 10 s allows; a request leaves a little after it is counted.
fn limited(seen: &[Seen]) -> Vec<String> {
    let times: Vec<Duration> = seen.iter().filter(|seen| seen.what == "metered").map(|seen| seen.elapsed).collect();
    let close = times.windows(3).filter(|three| three[2] - three[0] < Duration::from_secs(8));
    close.map(|three| format!("three requests within {:?}, at {:?}", three[2] - three[0], three[0])).collect()
}

/// What a contact's runs leave in its trail, when they begin in the order of the events that started them.
fn trail(contact: i64, events: &[EventRecord], runs: &HashMap<String, Vec<RunSummary>>) -> String {
    let mut own: Vec<&RunSummary> = runs.values().flatten().filter(|run| run.contact == Some(contact)).collect();
    own.sort_unstable_by_key(|run| run.id.acceptance);
    let events: HashMap<i64, &EventRecord> = events.iter().map(|event| (event.acceptance, event)).collect();
    own.iter().filter_map(|run| story::mark_of(&run.workflow, events.get(&run.id.acceptance)?)).collect()
}

/// What must have reached the network.
fn calls(runs: &HashMap<String, Vec<RunSummary>>, sent: &[Sent], seen: &[Seen], mail: (bool, bool)) -> Vec<String> {
    let mut wrong = vec![];
    for sent in sent.iter().filter(|sent| sent.name == "step") {
        let answered = |what: &str| {
            seen.iter()
                .filter(|seen| seen.what == what && seen.number == sent.number && seen.answered.is_some())
                .count()
        };
        if ended(runs, sent, "main", RunStatus::Completed) {
            for what in ["note", "late"].into_iter().chain(mail.0.then_some("mail")) {
                if answered(what) == 0 {
                    wrong.push(format!("G3: `{what}` of {} was never answered, and its run went on", sent.key()));
                }
            }
        }
        let unsent = seen.iter().all(|seen| seen.what != "note" || seen.number != sent.number);
        if unsent {
            wrong.push(format!("G3: {} never called", sent.key()));
        }
    }
    wrong
}
