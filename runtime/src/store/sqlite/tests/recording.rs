//! Progress of runs: states, timers, attempts and messages.

use super::*;
use crate::machine::{CallFailure, FailureClass};

async fn status(store: &SqliteStore, run: RunId) -> RunStatus {
    store.run(run).await.unwrap().unwrap().summary.status
}

fn started(number: u32) -> AttemptStarted {
    AttemptStarted { step: step("call:WH5"), number, at: at(10), request: format!(r#"{{"attempt":{number}}}"#) }
}

fn failed(number: u32) -> AttemptEnded {
    AttemptEnded {
        step: step("call:WH5"),
        number,
        duration_ms: 250,
        address: Some("203.0.113.7:443".into()),
        response: Some(r#"{"status":503}"#.into()),
        error: Some(CallFailure {
            class: FailureClass::Status,
            status: Some(503),
            message: "the answer was 503".into(),
        }),
    }
}

#[tokio::test]
async fn a_run_carries_its_state_its_event_and_its_contact() {
    let store = opened();
    let (run, contact) = begin(&store, "a", "ann@example.com").await;
    let before = store.run(run).await.unwrap().unwrap();
    assert_eq!((before.saved, before.summary.updated_at), (None, at(0)));
    let parked = Progress {
        status: RunStatus::Waiting,
        reason: Some("the circuit is open".into()),
        reason_code: Some("parked_circuit".into()),
        ..turn(run)
    };
    record(&store, parked).await;
    let kept = store.run(run).await.unwrap().unwrap();
    assert_eq!(kept.saved.as_deref(), Some(r#"{"format":1}"#));
    assert_eq!(kept.event.id, "a");
    assert_eq!(kept.contact.unwrap().id, contact.id);
    let summary = kept.summary;
    assert_eq!((summary.id, summary.workflow.as_str(), summary.event.as_str()), (run, "welcome", "a"));
    assert_eq!((summary.status, summary.started_at, summary.updated_at), (RunStatus::Waiting, at(0), at(10)));
    assert_eq!(
        (summary.reason.as_deref(), summary.reason_code.as_deref()),
        (Some("the circuit is open"), Some("parked_circuit"))
    );
    // Going on takes the reason away, though nothing else of the row may change.
    record(&store, Progress { status: RunStatus::Waiting, ..turn(run) }).await;
    let summary = store.run(run).await.unwrap().unwrap().summary;
    assert_eq!((summary.reason, summary.reason_code), (None, None));
}

#[tokio::test]
async fn a_run_that_has_ended_stays_as_it_is() {
    let store = opened();
    let (run, _) = begin(&store, "a", "ann@example.com").await;
    let call = Progress { attempts_started: vec![started(1)], ..turn(run) };
    let send = Progress { messages: vec![mail(step("send:promo"), "m1", MessageStatus::Sending)], ..turn(run) };
    record(&store, call).await;
    record(&store, send).await;
    record(&store, last_turn(run, RunStatus::Cancelled)).await;
    let late = Progress {
        saved: "late".into(),
        status: RunStatus::Completed,
        wake_at: Some((step("wait"), at(60))),
        attempts_started: vec![started(2)],
        attempts_ended: vec![failed(1)],
        messages: vec![
            mail(step("send:promo"), "m1", MessageStatus::Sent),
            mail(step("send:more"), "m2", MessageStatus::Outbox),
        ],
        contact_fields: vec![("town".into(), "\"Jena\"".into())],
        contact: Some(1),
        ..turn(run)
    };
    assert!(matches!(record(&store, late).await, Recorded::Stale));
    let kept = store.run(run).await.unwrap().unwrap();
    assert_eq!((kept.summary.status, kept.saved.as_deref()), (RunStatus::Cancelled, Some(r#"{"format":1}"#)));
    assert_eq!(kept.summary.wake_at, None);
    assert!(!kept.contact.unwrap().fields.contains("Jena"));
    // What had begun before has its outcome; what was to begin has not begun.
    let attempts = store.attempts(run).await.unwrap();
    assert_eq!(
        attempts.iter().map(|attempt| (attempt.number, attempt.duration_ms)).collect::<Vec<_>>(),
        [(1, Some(250))]
    );
    let messages = store.messages(MessageQuery::default()).await.unwrap().items;
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].change.status, MessageStatus::Sent);
}

#[tokio::test]
async fn progress_of_a_run_that_is_not_there_is_stale() {
    let store = opened();
    for run in ["1-00000000", "-5-9f3a01bc", "9223372036854775807-9f3a01bc"] {
        let run: RunId = run.parse().unwrap_or(RunId { acceptance: -5, workflow: 7 });
        assert!(matches!(record(&store, turn(run)).await, Recorded::Stale));
        assert!(store.run(run).await.unwrap().is_none());
        assert!(store.attempts(run).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn attempts_are_kept_once_in_their_order() {
    let store = opened();
    let (run, _) = begin(&store, "a", "ann@example.com").await;
    for _ in 0..2 {
        record(&store, Progress { attempts_started: vec![started(1)], ..turn(run) }).await;
        record(&store, Progress { attempts_ended: vec![failed(1)], attempts_started: vec![started(2)], ..turn(run) })
            .await;
    }
    let other = AttemptEnded { duration_ms: 1, error: None, ..failed(1) };
    record(&store, Progress { attempts_ended: vec![other], ..turn(run) }).await;
    let attempts = store.attempts(run).await.unwrap();
    assert_eq!(attempts.iter().map(|attempt| attempt.number).collect::<Vec<_>>(), [1, 2]);
    let [first, second] = &attempts[..] else { panic!() };
    assert_eq!((first.started_at, first.duration_ms), (at(10), Some(250)));
    assert_eq!(first.request, r#"{"attempt":1}"#);
    assert_eq!(first.response.as_deref(), Some(r#"{"status":503}"#));
    assert_eq!(first.error, failed(1).error);
    assert_eq!(first.address, failed(1).address);
    assert_eq!((second.duration_ms, &second.response), (None, &None));
    // An outcome that nobody announced is not lost.
    record(&store, Progress { attempts_ended: vec![failed(4)], ..turn(run) }).await;
    let attempts = store.attempts(run).await.unwrap();
    assert_eq!((attempts[2].number, attempts[2].request.as_str()), (4, "null"));
    assert_eq!(attempts[2].started_at, at(10) - SignedDuration::from_millis(250));
}

/// Which attempts a crash has cut off is told by the starts of the daemon, not by the clock; each is counted once.
#[tokio::test]
async fn an_attempt_that_was_cut_off_is_told_by_the_starts() {
    let store = opened();
    let (run, _) = begin(&store, "a", "ann@example.com").await;
    let own = async || -> Vec<bool> {
        store.attempts(run).await.unwrap().iter().map(|attempt| attempt.of_this_start).collect()
    };
    let unknown = async || store.counts().await.unwrap().unknown_attempts;
    store.note_start().await.unwrap();
    record(&store, Progress { attempts_started: vec![started(1)], ..turn(run) }).await;
    assert_eq!((own().await, unknown().await), (vec![true], 0));
    store.note_start().await.unwrap();
    assert_eq!((own().await, unknown().await), (vec![false], 1));
    // The daemon dies again before the run goes on.
    store.note_start().await.unwrap();
    assert_eq!((own().await, unknown().await), (vec![false], 0));
    // The clock was set back.
    let late = AttemptStarted { at: at(-1_000_000), ..started(2) };
    record(&store, Progress { attempts_started: vec![late], ..turn(run) }).await;
    assert_eq!((own().await, unknown().await), (vec![false, true], 0));
    store.note_start().await.unwrap();
    assert_eq!((own().await, unknown().await), (vec![false, false], 1));
}

#[tokio::test]
async fn timers_come_in_the_order_of_their_times() {
    let store = opened();
    let mut runs = vec![];
    for (number, seconds) in [30, 10, 20, 20].into_iter().enumerate() {
        let (run, _) = begin(&store, &format!("{number}"), &format!("{number}@example.com")).await;
        let wake_at = Some((step("wait"), at(seconds)));
        record(&store, Progress { status: RunStatus::Waiting, wake_at, ..turn(run) }).await;
        runs.push(run);
    }
    // A time far beyond the clock's is waited for, not lost.
    let (far, _) = begin(&store, "far", "far@example.com").await;
    let wake_at = Some((step("wait"), Timestamp::MAX));
    record(&store, Progress { status: RunStatus::Waiting, wake_at, ..turn(far) }).await;
    let due = async |seconds, limit| {
        let (runs, next) = store.due(at(seconds), limit).await.unwrap();
        (runs.iter().map(|run| run.summary.id).collect::<Vec<_>>(), next)
    };
    let early = at(10) - SignedDuration::from_nanos(1);
    let (none, next) = store.due(early, 10).await.unwrap();
    assert!(none.is_empty());
    assert_eq!(next, Some(at(10)));
    assert_eq!(due(10, 10).await, (vec![runs[1]], Some(at(20))));
    assert_eq!(due(25, 2).await, (vec![runs[1], runs[2]], Some(at(20))));
    assert_eq!(due(25, 3).await, (vec![runs[1], runs[2], runs[3]], Some(at(30))));
    assert_eq!(due(25, 0).await, (vec![], Some(at(10))));
    let (all, next) = due(30, 10).await;
    assert_eq!(all, [runs[1], runs[2], runs[3], runs[0]]);
    assert!(next.unwrap() > at(1_000_000_000));
    // A run that was woken, or has ended, is due no more.
    record(&store, turn(runs[1])).await;
    record(&store, Progress { wake_at: Some((step("wait"), at(1))), ..last_turn(runs[2], RunStatus::Completed) }).await;
    assert_eq!(due(30, 10).await.0, [runs[3], runs[0]]);
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.unfinished_runs, counts.waiting_runs), (4, 3));
}

#[tokio::test]
async fn unfinished_runs_come_oldest_first_and_in_parts() {
    let store = opened();
    let mut going = vec![];
    for number in 0..10 {
        let (run, _) = begin(&store, &format!("{number}"), "ann@example.com").await;
        match number % 4 {
            0 => drop(record(&store, last_turn(run, RunStatus::Completed)).await),
            1 => {
                let wake_at = Some((step("wait"), at(60)));
                record(&store, Progress { status: RunStatus::Waiting, wake_at, ..turn(run) }).await;
            }
            // One that waits for an event, or is parked, and one that goes on.
            2 => {
                record(&store, Progress { status: RunStatus::Waiting, ..turn(run) }).await;
                going.push(run);
            }
            _ => going.push(run),
        }
    }
    let mut found = vec![];
    loop {
        let part = store.unfinished(found.last().copied(), 3).await.unwrap();
        if part.is_empty() {
            break;
        }
        found.extend(part.iter().map(|run| run.summary.id));
    }
    assert_eq!(found, going);
    let gone = RunId { workflow: 1, ..going[0] };
    assert_eq!(store.unfinished(Some(gone), 1).await.unwrap()[0].summary.id, going[1]);
}

#[tokio::test]
async fn a_message_follows_its_delivery() {
    let store = opened();
    let (run, contact) = begin(&store, "a", "ann@example.com").await;
    let send = step("send:promo");
    for status in [MessageStatus::Sending, MessageStatus::Sending, MessageStatus::Sent, MessageStatus::Sending] {
        record(&store, Progress { messages: vec![mail(send.clone(), "m1", status)], ..turn(run) }).await;
    }
    let refused = MessageChange {
        error: Some("550 no such user".into()),
        ..mail(step("send:sorry"), "m2", MessageStatus::Failed)
    };
    record(&store, Progress { messages: vec![refused], ..turn(run) }).await;
    let messages = store.messages(MessageQuery { run: Some(run), ..Default::default() }).await.unwrap().items;
    let [second, first] = &messages[..] else { panic!("{messages:?}") };
    assert_eq!((first.number, first.run, first.contact), (1, run, Some(contact.id)));
    assert_eq!(first.change.status, MessageStatus::Sent, "what is sent is not sent again");
    assert_eq!(first.change.mail, mail(send, "m1", MessageStatus::Sent).mail);
    assert_eq!(
        (second.change.status, second.change.error.as_deref()),
        (MessageStatus::Failed, Some("550 no such user"))
    );
}

#[tokio::test]
async fn the_outbox_is_read_from_its_mark() {
    let store = opened();
    let (run, _) = begin(&store, "a", "ann@example.com").await;
    for number in 1..=5 {
        let status = if number == 2 { MessageStatus::Sent } else { MessageStatus::Outbox };
        let message = mail(step(&format!("send:{number}")), &format!("m{number}"), status);
        record(&store, Progress { messages: vec![message], ..turn(run) }).await;
    }
    let after = async |number, limit| {
        let messages = store.outbox_after(number, limit).await.unwrap();
        messages.iter().map(|message| message.number).collect::<Vec<_>>()
    };
    assert_eq!(store.outbox_mark().await.unwrap(), 0);
    assert_eq!(after(0, 10).await, [1, 3, 4, 5]);
    assert_eq!(after(1, 2).await, [3, 4]);
    store.outbox_written(4).await.unwrap();
    store.outbox_written(3).await.unwrap();
    assert_eq!(store.outbox_mark().await.unwrap(), 4);
    assert_eq!(after(4, 10).await, [5]);
}

#[tokio::test]
async fn programs_are_kept_under_their_hashes() {
    let store = opened();
    let program = program();
    let json = serde_json::to_string(&program).unwrap();
    assert_eq!(store.program(program.hash()).await.unwrap(), None);
    // An event may be pinned to a program whose text comes later.
    accept(&store, Acceptance { program: program.hash(), ..event("a") }).await;
    assert_eq!(store.program(program.hash()).await.unwrap(), None);
    store.put_program(program.hash(), json.clone(), at(0)).await.unwrap();
    store.put_program(program.hash(), "again".into(), at(1)).await.unwrap();
    assert_eq!(store.program(program.hash()).await.unwrap(), Some(json));
    assert_eq!(store.event("a".into()).await.unwrap().unwrap().program, program.hash());
    let (run, _) = begin(&store, "b", "ann@example.com").await;
    assert_eq!(store.run(run).await.unwrap().unwrap().summary.program, hash());
    assert_eq!(status(&store, run).await, RunStatus::Running);
}

#[tokio::test]
async fn of_two_turns_that_know_the_same_the_first_counts() {
    let store = opened();
    let (run, _) = begin(&store, "a", "ann@example.com").await;
    let first = Progress { revision: Some(0), saved: r#"{"turn":1}"#.into(), ..turn(run) };
    assert!(matches!(record(&store, first.clone()).await, Recorded::Kept { .. }));
    let late = Progress { saved: r#"{"turn":2}"#.into(), ..first };
    assert!(matches!(record(&store, late).await, Recorded::Stale));
    let kept = store.run(run).await.unwrap().unwrap();
    assert_eq!((kept.summary.revision, kept.saved.as_deref()), (1, Some(r#"{"turn":1}"#)));
}

#[tokio::test]
async fn the_program_that_was_activated_last_is_known() {
    let store = opened();
    assert_eq!(store.last_program().await.unwrap(), None);
    let hashes = ["{}", "[]", "{}"].map(compiler::ir::ProgramHash::of);
    for hash in hashes {
        store.put_program(hash.clone(), "{}".into(), at(0)).await.unwrap();
        assert_eq!(store.last_program().await.unwrap(), Some(hash));
    }
}

/// A run whose program only another version can read must not be found out about half-way.
#[tokio::test]
async fn programs_of_another_version_are_known_while_a_run_needs_them() {
    let store = opened();
    let (run, _) = begin(&store, "a", "ann@example.com").await;
    store.put_program(hash(), r#"{"ir_version":2,"events":{}}"#.to_owned(), at(0)).await.unwrap();
    assert_eq!(store.foreign_programs(1).await.unwrap(), [hash()]);
    assert_eq!(store.foreign_programs(2).await.unwrap(), []);
    record(&store, last_turn(run, RunStatus::Completed)).await;
    assert_eq!(store.foreign_programs(1).await.unwrap(), []);
}

#[tokio::test]
async fn a_run_is_parked_and_woken_whatever_is_remembered_of_it() {
    let store = opened();
    let (run, _) = begin(&store, "a", "ann@example.com").await;
    assert!(!store.wake(run, at(30)).await.unwrap(), "it does not wait");
    store.park(run, "why".into(), "parked_x").await.unwrap();
    assert!(store.unfinished(None, 10).await.unwrap().is_empty());
    assert!(store.due(at(1_000), 10).await.unwrap().0.is_empty());
    let summary = store.run(run).await.unwrap().unwrap().summary;
    assert_eq!((summary.status, summary.reason_code.as_deref()), (RunStatus::Waiting, Some("parked_x")));
    assert!(store.wake(run, at(30)).await.unwrap());
    assert_eq!(store.due(at(30), 10).await.unwrap().0.len(), 1);
    // The turn that goes on is recorded as if nothing had been.
    record(&store, Progress { revision: Some(0), ..turn(run) }).await;
    let summary = store.run(run).await.unwrap().unwrap().summary;
    assert_eq!((summary.status, summary.reason_code, summary.wake_at), (RunStatus::Running, None, None));
    record(&store, last_turn(run, RunStatus::Completed)).await;
    assert!(!store.wake(run, at(40)).await.unwrap());
}
