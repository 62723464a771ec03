//! Pauses before attempts when the wall clock was set.

use super::*;

const CALL: &str = r#"{"format":1,"waiting":{"call":{"step":"0","spec":{}}}}"#;
const SEND: &str = r#"{"format":1,"waiting":{"send":{"step":"0","spec":{}}}}"#;
const SLEEP: &str = r#"{"format":1,"waiting":{"sleep":{"step":"0","until":"2026-03-28T10:00:00Z"}}}"#;

/// A run that was put to rest at a time until another one, in seconds; when it rests until then, with the clock set at 1,000.
async fn check(saved: &str, kept: i64, until: i64, set: ClockSet, expected: i64) {
    let store = opened();
    let (run, _) = begin(&store, "a", "ann@example.com").await;
    let rests = Progress {
        status: RunStatus::Waiting,
        saved: saved.into(),
        wake_at: Some((step("0"), at(until))),
        at: at(kept),
        ..turn(run)
    };
    record(&store, rests).await;
    let shifted = store.shift_rests(set).await.unwrap();
    let wake_at = store.run(run).await.unwrap().unwrap().summary.wake_at;
    assert_eq!(wake_at, Some(at(expected)), "{saved} kept at {kept} until {until}, {set:?}");
    assert_eq!(shifted, u64::from(expected != until), "{saved} kept at {kept} until {until}, {set:?}");
    // It is right now, also for the next start.
    assert_eq!(
        store.shift_rests(ClockSet::Unseen { now: at(1_000) }).await.unwrap(),
        0,
        "{saved} kept at {kept}, {set:?}"
    );
    assert_eq!(store.run(run).await.unwrap().unwrap().summary.wake_at, Some(at(expected)));
    // It goes on from there as if nothing had been.
    let next = Progress { revision: Some(1), ..last_turn(run, RunStatus::Completed) };
    assert!(matches!(record(&store, next).await, Recorded::Kept { .. }));
    assert_eq!(store.run(run).await.unwrap().unwrap().summary.wake_at, None);
}

#[tokio::test]
async fn a_pause_keeps_its_length() {
    let by = |seconds| ClockSet::By { jump: SignedDuration::from_secs(seconds), now: at(1_000) };
    let unseen = ClockSet::Unseen { now: at(1_000) };
    for saved in [CALL, SEND] {
        check(saved, 400, 430, by(600), 1_030).await;
        check(saved, 100, 430, by(600), 1_030).await;
        check(saved, 1_600, 1_630, by(-600), 1_030).await;
        check(saved, 900, 1_700, by(-600), 1_100).await;
        // It was kept after the clock was set.
        check(saved, 999, 1_029, by(600), 1_029).await;
        check(saved, 999, 1_029, by(-600), 1_029).await;
        check(saved, 1_001, 1_031, by(600), 1_031).await;
        check(saved, 1_600, 1_630, unseen, 1_030).await;
        check(saved, 900, 930, unseen, 930).await;
        check(saved, 1_001, 1_030, unseen, 1_030).await;
    }
    // A time that the program waits for.
    check(SLEEP, 1_600, 1_630, by(-600), 1_630).await;
    check(SLEEP, 400, 430, by(600), 430).await;
    check(SLEEP, 1_600, 1_630, unseen, 1_630).await;
}

#[tokio::test]
async fn all_pauses_are_found_and_those_that_are_over_stay_so() {
    let store = opened();
    let mut runs = vec![];
    for number in 0..600 {
        let (run, _) = begin(&store, &number.to_string(), &format!("p{number}@example.com")).await;
        let wake_at = Some((step("0"), at(1_630)));
        record(
            &store,
            Progress { status: RunStatus::Waiting, saved: CALL.into(), wake_at, at: at(1_600), ..turn(run) },
        )
        .await;
        runs.push(run);
    }
    record(&store, Progress { revision: Some(1), ..last_turn(runs[7], RunStatus::Completed) }).await;
    let set = ClockSet::By { jump: SignedDuration::from_secs(-600), now: at(1_000) };
    assert_eq!(store.shift_rests(set).await.unwrap(), 599);
    let (due, next) = store.due(at(1_030), 10_000).await.unwrap();
    assert_eq!((due.len(), next), (599, None));
}
