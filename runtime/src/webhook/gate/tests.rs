//! The gate with times that are made up.

use super::*;

fn origin(host: &str) -> Origin {
    Origin::from_literal(&format!("https://{host}/")).unwrap()
}

fn ask(origin: &Origin) -> Ask<'_> {
    Ask { origin, webhook: "w", limit: None, came_again: false }
}

#[track_caller]
fn pass(gate: &Arc<Gate>, ask: Ask<'_>, now: Instant) -> Pass {
    match gate.enter(ask, None, now) {
        Entry::Pass(pass) => pass,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn rests(gate: &Arc<Gate>, ask: Ask<'_>, now: Instant) -> Rest {
    match gate.enter(ask, None, now) {
        Entry::Rest(rest) => rest,
        other => panic!("{other:?}"),
    }
}

/// Lets calls stand behind those that a host has, until one is to rest.
#[track_caller]
fn queue(gate: &Arc<Gate>, host: &Origin, now: Instant) -> Vec<Queued> {
    let mut queued = vec![];
    loop {
        match gate.enter(ask(host), None, now) {
            Entry::Queue(place) => queued.push(place),
            Entry::Rest(rest) => {
                assert_eq!(rest.reason, RestReason::HostBusy);
                return queued;
            }
            Entry::Pass(_) => panic!("all passes are out"),
        }
    }
}

#[tokio::test]
async fn a_slow_host_has_so_many_calls_and_a_queue_behind_them_and_no_other_host_notices() {
    let gate = Arc::new(Gate::new(Clock::System, Calls::alike(2)));
    let (slow, good) = (origin("slow.example"), origin("good.example"));
    let now = Instant::now();
    pass(&gate, ask(&slow), now).settle(Verdict::Answered, Duration::from_secs(1));
    let first = pass(&gate, ask(&slow), now);
    let _second = pass(&gate, ask(&slow), now);
    let mut queued = queue(&gate, &slow, now);
    assert_eq!((queued.len(), gate.load().waiting), (128, 128));
    drop(pass(&gate, ask(&good), now));

    // The first in the queue has the slot that comes back; who comes now stands behind it.
    first.settle(Verdict::Answered, Duration::from_secs(1));
    let slot = queued.remove(0).wait().await;
    assert!(matches!(gate.enter(ask(&slow), None, now), Entry::Queue(_)));
    let third = match gate.enter(ask(&slow), slot, now) {
        Entry::Pass(pass) => pass,
        other => panic!("{other:?}"),
    };
    drop(queued);
    assert_eq!(gate.load().waiting, 0, "who goes away waits no more");
    drop(third);
    let _again = pass(&gate, ask(&slow), now);
}

#[test]
fn many_wait_for_a_host_that_has_not_answered_yet_while_there_is_room_for_others() {
    let gate = Arc::new(Gate::new(Clock::System, Calls::alike(1)));
    let now = Instant::now();
    let (mut held, mut queued) = (vec![], vec![]);
    for (number, expected) in [1_024, 1_024, 128, 128].into_iter().enumerate() {
        let host = origin(&format!("new{number}.example"));
        held.push(pass(&gate, ask(&host), now));
        let waiting = queue(&gate, &host, now);
        assert_eq!(waiting.len(), expected, "host {number}");
        queued.extend(waiting);
    }
    // One that turns out to be slow has no more behind those.
    let slow = origin("new0.example");
    held.remove(0).settle(Verdict::Answered, Duration::from_secs(1));
    assert_eq!(rests(&gate, ask(&slow), now).reason, RestReason::HostBusy);
}

#[tokio::test]
async fn a_fast_host_has_more_calls_and_still_more_passes() {
    let gate = Arc::new(Gate::new(Clock::System, Calls { per_host: 2, per_fast_host: 4 }));
    let host = origin("fast.example");
    let now = Instant::now();
    pass(&gate, ask(&host), now).settle(Verdict::Answered, Duration::from_millis(1));
    let mut passes: Vec<Pass> = (0..16).map(|_| pass(&gate, ask(&host), now)).collect();
    assert!(matches!(gate.enter(ask(&host), None, now), Entry::Queue(_)));
    for pass in &mut passes[..4] {
        pass.wire().await;
    }
    let fifth = tokio::time::timeout(Duration::from_millis(20), passes[4].wire()).await;
    assert!(fifth.is_err(), "four calls at once, whoever has a pass");
    // It became slow: what is out comes back, and two are left.
    for pass in passes {
        pass.settle(Verdict::Failed, Duration::from_secs(10));
    }
    let mut both = [pass(&gate, ask(&host), now), pass(&gate, ask(&host), now)];
    for pass in &mut both {
        pass.wire().await;
    }
    assert!(matches!(gate.enter(ask(&host), None, now), Entry::Queue(_)));
    let [mut one, _other] = both;
    let more = tokio::time::timeout(Duration::from_millis(20), one.wire()).await;
    assert!(more.is_err(), "no more than two on the wire");
}

#[test]
fn runs_that_rest_for_a_fast_host_come_again_no_later_than_it_can_take_them() {
    let gate = Arc::new(Gate::new(Clock::System, Calls { per_host: 1, per_fast_host: 10 }));
    let host = origin("fast.example");
    let now = Instant::now();
    pass(&gate, ask(&host), now).settle(Verdict::Answered, Duration::from_millis(10));
    let held: Vec<Pass> = (0..40).map(|_| pass(&gate, ask(&host), now)).collect();
    let queued = queue(&gate, &host, now);
    assert_eq!(queued.len(), 2_048);
    // Ten calls of 10 ms each are one a millisecond, and they come twice as fast, when half of those who wait have gone.
    let pauses = [rests(&gate, ask(&host), now), rests(&gate, ask(&host), now)].map(|rest| rest.pause);
    assert_eq!(pauses[1] - pauses[0], Duration::from_micros(500));
    assert!(pauses[0] > Duration::from_secs(1) && pauses[0] < Duration::from_millis(1_050), "{pauses:?}");
    drop(held);
}

#[test]
fn an_open_circuit_lets_runs_rest_and_tries_one() {
    let gate = Arc::new(Gate::new(Clock::System, Calls::alike(8)));
    let host = origin("down.example");
    for _ in 0..20 {
        pass(&gate, ask(&host), Instant::now()).settle(Verdict::Failed, Duration::from_millis(1));
    }
    assert_eq!(gate.load().open_circuits, 1);
    let now = Instant::now();
    let rest = rests(&gate, ask(&host), now);
    assert_eq!(rest.reason, RestReason::CircuitOpen);
    assert!(rest.pause > Duration::from_secs(4) && rest.pause <= Duration::from_secs(6), "{rest:?}");
    let next = rests(&gate, ask(&host), now);
    assert!(next.pause > rest.pause, "they do not all come at once");
    let last = (0..2_000).map(|_| rests(&gate, ask(&host), now).pause).max().unwrap();
    assert!(last < Duration::from_secs(8), "thousands go on within seconds when it works again: {last:?}");
    // Somebody says that it works again: one is tried, and decides.
    gate.allow(&host, now);
    let tried = pass(&gate, ask(&host), now);
    assert_eq!(rests(&gate, ask(&host), now).reason, RestReason::CircuitOpen);
    drop(tried);
    let tried = pass(&gate, ask(&host), Instant::now());
    tried.settle(Verdict::Answered, Duration::from_millis(1));
    assert_eq!(gate.load().open_circuits, 0);
    drop(pass(&gate, ask(&host), Instant::now()));
}

#[test]
fn a_limit_is_its_webhooks_own_and_who_was_told_to_come_again_goes_first() {
    let gate = Arc::new(Gate::new(Clock::System, Calls::alike(8)));
    let host = origin("limited.example");
    let limit = Some(Limit { count: 2, period: compiler::ir::Duration { milliseconds: 1_000 } });
    let limited = Ask { limit, ..ask(&host) };
    let now = Instant::now();
    for _ in 0..2 {
        drop(pass(&gate, limited, now));
    }
    let rest = rests(&gate, limited, now);
    assert_eq!(rest.reason, RestReason::RateLimit);
    assert!(rest.pause >= Duration::from_secs(1) && rest.pause < Duration::from_millis(1_100), "{rest:?}");
    drop(pass(&gate, Ask { webhook: "other", ..limited }, now));
    drop(pass(&gate, ask(&host), now));
    let later = rests(&gate, limited, now);
    assert!(later.pause >= rest.pause + Duration::from_millis(500), "{later:?}");

    let then = now + rest.pause;
    assert_eq!(rests(&gate, limited, then).reason, RestReason::RateLimit, "a new one stands behind those");
    drop(pass(&gate, Ask { came_again: true, ..limited }, then));
}

#[test]
fn what_an_outcome_says_about_the_host() {
    let failed = |class, status| CallOutcome::Failed(CallFailure { class, status, message: String::new() });
    for (outcome, expected) in [
        (failed(FailureClass::Timeout, None), Verdict::Failed),
        (failed(FailureClass::Status, Some(503)), Verdict::Failed),
        (failed(FailureClass::Status, Some(429)), Verdict::Nothing),
        (failed(FailureClass::Status, Some(404)), Verdict::Answered),
        (failed(FailureClass::Body, Some(200)), Verdict::Answered),
        (failed(FailureClass::MissingSecret, None), Verdict::Nothing),
    ] {
        assert_eq!(Verdict::of(&outcome), expected, "{outcome:?}");
    }
}

#[test]
fn hosts_that_nothing_is_known_of_are_forgotten() {
    let gate = Arc::new(Gate::new(Clock::System, Calls::alike(8)));
    let kept = origin("kept.example");
    let _held = pass(&gate, ask(&kept), Instant::now());
    for number in 0..3 * HOSTS {
        drop(pass(&gate, ask(&origin(&format!("h{number}.example"))), Instant::now()));
    }
    let hosts = gate.lock();
    assert!(hosts.len() <= HOSTS && hosts.contains_key(&kept), "{}", hosts.len());
}

#[tokio::test]
async fn a_circuit_is_tried_when_its_pause_is_over_however_long_runs_rest_for_the_busy_host() {
    let gate = Arc::new(Gate::new(Clock::System, Calls::alike(1)));
    let host = origin("slow.example");
    let now = Instant::now();
    pass(&gate, ask(&host), now).settle(Verdict::Answered, Duration::from_secs(10));
    let held = pass(&gate, ask(&host), now);
    let (mut queued, mut longest) = (vec![], Duration::ZERO);
    for _ in 0..140 {
        match gate.enter(ask(&host), None, now) {
            Entry::Queue(place) => queued.push(place),
            Entry::Rest(rest) => longest = longest.max(rest.pause),
            Entry::Pass(_) => panic!("there is one already"),
        }
    }
    assert!(longest > Duration::from_secs(20), "{longest:?}");
    held.settle(Verdict::Failed, Duration::from_secs(1));
    drop(queued);
    while gate.load().open_circuits == 0 {
        pass(&gate, ask(&host), Instant::now()).settle(Verdict::Failed, Duration::from_secs(1));
    }
    let rest = rests(&gate, ask(&host), Instant::now());
    assert_eq!(rest.reason, RestReason::CircuitOpen);
    assert!(rest.pause <= Duration::from_secs(5), "{rest:?}");
}
