//! One simulation: daemons on one store, one after the other, each cut off somewhere, and a last one that may end.

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsString;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::check::Checks;
use super::network::Network;
use super::plant::{Plant, Planted};
use super::random::Random;
use super::scheduler::Scheduler;
use super::story::{self, Given, Sent};
use crate::clock::Clock;
use crate::config::{Egress, Flags, Settings};
use crate::deliver::{Incoming, Mailer, outgoing};
use crate::directory::Directory;
use crate::engine::{Embedded, Programs, Taken};
use crate::metrics::{Metrics, Timing};
use crate::store::hooked::Hooked;
use crate::store::sqlite::simulated::{Disk, Platters};
use crate::store::{RunId, RunQuery, RunStatus, Store};
use crate::webhook::{Calls, Client, Gate, Secrets};

/// How long the last daemon may take for all that is left.
const PATIENCE: Duration = Duration::from_secs(60 * 60);

/// How long a daemon that is cut off lives at most.
const LIFE: Duration = Duration::from_secs(5 * 60);

/// What a simulation came to.
pub(crate) struct Outcome {
    /// What was found to be wrong.
    pub(crate) wrong: Vec<String>,
    /// All that happened outside, for comparing two simulations.
    pub(crate) trace: String,
    /// How often a daemon was cut off.
    pub(crate) crashes: u32,
}

struct World {
    random: Random,
    scheduler: Scheduler,
    network: Arc<Network>,
    sent: Arc<Mutex<Vec<Sent>>>,
    given: Arc<Mutex<Vec<Given>>>,
    plant: Option<Plant>,
    states: Arc<Mutex<HashMap<RunId, Arc<str>>>>,
    checks: Checks,
    /// Whether mail goes to a server, and whether what nobody knows waits for a person.
    mail: (bool, bool),
    /// How many calls a host gets at once, how many turns there are, and how much room.
    narrow: (usize, usize, usize),
    jumps: bool,
    /// How often in a hundred the disk is full.
    refusals: u64,
    life: u32,
    /// How often a daemon was cut off, or the disk refused.
    interruptions: usize,
}

/// Runs the simulation of a seed.
pub(crate) fn simulate(seed: u64, plant: Option<Plant>) -> Outcome {
    let mut random = Random::new(seed);
    let start = Timestamp::from_second(1_790_000_000).unwrap();
    let scheduler = Scheduler::new(random.next(), start);
    let well = [30, 60, 90, 100][random.below(4)];
    let network = Network::new(scheduler.clone(), random.fork(), well);
    let sent = story::events(&mut random);
    let given = Arc::new(Mutex::new(story::levels(&mut random, &sent)));
    let sent = Arc::new(Mutex::new(sent));
    let jumps = random.percent(40);
    let mut world = World {
        mail: (random.percent(50), random.percent(50)),
        narrow: (1 + random.below(3), 1 + random.below(4), 1 + random.below(6)),
        jumps,
        refusals: [0, 0, 3, 15][random.below(4)],
        checks: Checks::new(jumps),
        life: 0,
        interruptions: 0,
        states: Arc::default(),
        plant,
        sent,
        given,
        network,
        scheduler,
        random,
    };
    let mut platters = Platters::new(i64::try_from(world.random.next() >> 1).unwrap());
    for _ in 0..world.random.below(7) {
        platters = world.live(platters, false);
        if world.checks.has_failed() {
            break;
        }
    }
    let crashes = world.life;
    if !world.checks.has_failed() {
        world.network.heal();
        (world.jumps, world.refusals) = (false, 0);
        platters = world.live(platters, true);
    }
    let seen = world.network.seen();
    if !world.checks.has_failed() {
        let (sent, given) = (world.sent.lock().unwrap(), world.given.lock().unwrap());
        world.checks.at_the_end(&platters, (&sent, &given), &seen, world.mail);
    }
    let trace = format!("{seen:?}\n{:?}\n{:?}", world.sent.lock().unwrap(), world.scheduler.elapsed());
    Outcome { wrong: world.checks.wrong, trace, crashes }
}

impl World {
    /// Lets a daemon live until it is cut off, or has nothing left to do.
    fn live(&mut self, platters: Platters, last: bool) -> Platters {
        self.life += 1;
        let (store, mut disk) = platters.open();
        let clock = Clock::Simulated(self.scheduler.clone());
        let hooks = Planted::new(self.plant, self.life, clock.clone(), self.states.clone());
        let store: Arc<dyn Store> = Arc::new(Hooked { store: Arc::new(store), hooks });
        let (engine, programs, directory, _incoming) = self.daemon(&clock, &store);
        let failed: Arc<Mutex<Vec<String>>> = Arc::default();
        let starting = self.start(engine.clone(), programs.clone(), failed.clone());
        self.scheduler.spawn(starting);
        self.callers(&engine);
        self.editors(&programs, &directory);
        self.people(&engine, &programs, &store, last);

        let begun = self.scheduler.elapsed();
        let (until, mut steps) = match last {
            true => (begun + PATIENCE, u64::MAX),
            false => (begun + LIFE, self.random.duration(Duration::from_secs(3), Duration::from_secs(6_000)).as_secs()),
        };
        let mut disk_at = None;
        while steps > 0 && !self.checks.has_failed() {
            steps -= 1;
            if disk_at.is_none() && disk.is_busy() {
                let pause = self.random.duration(Duration::from_micros(10), Duration::from_millis(20));
                disk_at = Some(self.scheduler.elapsed() + pause);
            }
            let now = self.scheduler.elapsed();
            let disk_goes = disk_at.is_some_and(|at| at <= now);
            if disk_goes && (self.scheduler.ready() == 0 || self.random.percent(50)) {
                disk_at = None;
                self.step(&mut disk);
            } else if self.scheduler.ready() > 0 {
                self.scheduler.run_one();
                self.checks.after_a_step(&disk, &self.network, self.interruptions);
            } else {
                if last && self.is_done(&disk) {
                    break;
                }
                let next = [disk_at, self.scheduler.next_waking()].into_iter().flatten().min();
                let Some(next) = next.filter(|next| *next <= until) else {
                    if last {
                        self.checks.fail("runs stand still, or take for ever".to_owned());
                    }
                    break;
                };
                self.scheduler.pass_until(next);
            }
        }
        for failure in failed.lock().unwrap().drain(..) {
            self.checks.fail(failure);
        }
        self.scheduler.kill();
        self.interruptions += 1;
        drop((engine, programs, directory, store));
        disk.crash()
    }

    /// The disk does something.
    fn step(&mut self, disk: &mut Disk) {
        if self.random.percent(self.refusals) {
            self.interruptions += 1;
            disk.refuse();
        } else {
            let jobs = 1 + self.random.below(6);
            disk.go_on(self.random.percent(50), jobs);
        }
    }

    /// Whether all that was sent is accepted, and all runs have ended.
    fn is_done(&self, disk: &Disk) -> bool {
        let accepted = self.sent.lock().unwrap().iter().all(|sent| sent.accepted > 0);
        accepted && self.given.lock().unwrap().iter().all(|given| given.answered) && disk.unfinished() == 0
    }

    /// A daemon, put together as the real one is.
    fn daemon(&mut self, clock: &Clock, store: &Arc<dyn Store>) -> (Embedded, Arc<Programs>, Directory, Incoming) {
        let programs = Arc::new(Programs::new(store.clone()));
        let directory = Directory::new(store.clone());
        let gate =
            Arc::new(Gate::new(clock.clone(), Calls { per_host: self.narrow.0, per_fast_host: 2 * self.narrow.0 }));
        let (outgoing, incoming) = outgoing();
        let mailer = match self.mail {
            (true, holds) => Mailer::Simulated { post: self.network.clone(), holds },
            (false, _) => {
                let folder = std::env::temp_dir();
                let settings = Settings::load(&folder, Vec::<(OsString, OsString)>::new(), &Flags::default()).unwrap();
                Mailer::new(&settings, Arc::default()).unwrap()
            }
        };
        let metrics = Arc::new(Metrics::new(Timing::commits()));
        let client = client().over(self.network.clone());
        let engine = Embedded::new(
            clock.clone(),
            store.clone(),
            programs.clone(),
            directory.clone(),
            client,
            gate,
            mailer,
            metrics,
            outgoing,
        );
        (engine.narrowed(self.narrow.1, self.narrow.2), programs, directory, incoming)
    }

    /// What a daemon does first.
    fn start(
        &mut self,
        engine: Embedded,
        programs: Arc<Programs>,
        failed: Arc<Mutex<Vec<String>>>,
    ) -> impl Future<Output = ()> + Send + 'static {
        let version = self.random.below(story::VERSIONS);
        let scheduler = self.scheduler.clone();
        async move {
            // A disk that refuses is one to try again on; a daemon would end and be started again.
            while programs.activate(story::program(version)).await.is_err() {
                scheduler.sleep(Duration::from_millis(10)).await;
            }
            if let Err(error) = engine.start().await {
                failed.lock().unwrap().push(format!("the daemon does not start: {error}"));
            }
        }
    }

    /// Those who send what was not answered yet, some of it twice at once, and some of it again after its answer.
    fn callers(&mut self, engine: &Embedded) {
        let count = self.sent.lock().unwrap().len();
        for place in 0..count {
            let answered = self.sent.lock().unwrap()[place].accepted > 0;
            if answered && self.random.percent(80) {
                continue;
            }
            for _ in 0..1 + usize::from(self.random.percent(30)) {
                let pause = self.random.duration(Duration::from_millis(1), Duration::from_secs(100));
                let other = answered && self.random.percent(30);
                let (engine, sent, scheduler) = (engine.clone(), self.sent.clone(), self.scheduler.clone());
                let wrong = self.checks.said.clone();
                self.scheduler.spawn(async move {
                    scheduler.sleep(pause).await;
                    loop {
                        let event = sent.lock().unwrap()[place].event(other);
                        if let Ok(taken) = engine.accept(vec![event], false).await {
                            let mut sent = sent.lock().unwrap();
                            match (&taken[0], other) {
                                (Taken::Accepted { duplicate, .. }, false) => {
                                    sent[place].accepted += 1;
                                    sent[place].new += u32::from(!duplicate);
                                    return;
                                }
                                (Taken::Refused(crate::engine::EventRefusal::KeyReused { .. }), true) => return,
                                (Taken::Refused(crate::engine::EventRefusal::NoProgram), _) => {}
                                (taken, _) => {
                                    let key = sent[place].key();
                                    wrong
                                        .lock()
                                        .unwrap()
                                        .push(format!("{key} (other: {other}) was answered {taken:?}"));
                                    return;
                                }
                            }
                        }
                        scheduler.sleep(Duration::from_millis(300)).await;
                    }
                });
            }
        }
    }

    /// Those who give contacts that there are their levels, one after the other.
    fn editors(&mut self, programs: &Arc<Programs>, directory: &Directory) {
        let contacts: BTreeSet<usize> = self.given.lock().unwrap().iter().map(|given| given.contact).collect();
        for contact in contacts {
            let (programs, directory) = (programs.clone(), directory.clone());
            let (given, scheduler, mut random) = (self.given.clone(), self.scheduler.clone(), self.random.fork());
            self.scheduler.spawn(async move {
                loop {
                    scheduler.sleep(random.duration(Duration::from_millis(1), Duration::from_secs(40))).await;
                    let next = |given: &Given| given.contact == contact && !given.answered;
                    let Some(place) = given.lock().unwrap().iter().position(next) else { return };
                    let level = given.lock().unwrap()[place].clone();
                    let found = directory.find(&format!("email={}", level.email())).await;
                    let (Ok(Some(_)), Some(active)) = (found, programs.active()) else { continue };
                    let (card, watching) = (&active.loaded.ir.contact, active.watching(None, 0));
                    if directory.put(card, watching, &level.fields(), scheduler.now()).await.is_ok() {
                        given.lock().unwrap()[place].answered = true;
                    }
                }
            });
        }
    }

    /// Those who set the clock, change the project, and let runs go on that wait for a person.
    fn people(&mut self, engine: &Embedded, programs: &Arc<Programs>, store: &Arc<dyn Store>, last: bool) {
        if self.jumps {
            let scheduler = self.scheduler.clone();
            let mut random = self.random.fork();
            self.scheduler.spawn(async move {
                for _ in 0..random.below(12) {
                    scheduler.sleep(random.duration(Duration::from_millis(100), Duration::from_secs(60))).await;
                    let by = i64::try_from(random.within(0..600)).unwrap() - 300;
                    scheduler.set_clock(SignedDuration::from_secs(by));
                }
            });
        }
        if self.random.percent(50) {
            let (programs, scheduler) = (programs.clone(), self.scheduler.clone());
            let mut random = self.random.fork();
            self.scheduler.spawn(async move {
                for _ in 0..random.below(4) {
                    scheduler.sleep(random.duration(Duration::from_millis(100), Duration::from_secs(60))).await;
                    let _ = programs.activate(story::program(random.below(story::VERSIONS))).await;
                }
            });
        }
        if last {
            let (engine, store, scheduler) = (engine.clone(), store.clone(), self.scheduler.clone());
            self.scheduler.spawn(async move {
                loop {
                    scheduler.sleep(Duration::from_secs(20)).await;
                    let query = RunQuery { status: vec![RunStatus::Waiting], limit: 100, ..RunQuery::default() };
                    for run in store.runs(query).await.unwrap().items {
                        if run.reason_code.is_some_and(|code| code == "parked_mail_unknown") {
                            engine.release(run.id).await.unwrap();
                        }
                    }
                }
            });
        }
    }
}

/// A client without a way to any network; making one takes long.
fn client() -> Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    CLIENT.get_or_init(|| Client::new(&Egress::default(), Arc::new(Secrets::new(vec![], None))).unwrap()).clone()
}
