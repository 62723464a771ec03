//! Accepting: dedup keys, identification and re-entry.

use std::sync::Arc;
use std::time::Duration;

use compiler::ir::Duration as Length;

use super::*;
use crate::machine::{Ending, ReasonCode};

/// Accepts one event after the other and compares what became of each: `new`, `duplicate N` or `reused`.
#[track_caller]
fn becomes(accepted: &[Accepted], expected: &[&str]) {
    let told: Vec<String> = accepted
        .iter()
        .map(|accepted| match accepted {
            Accepted::New { acceptance, .. } => format!("new {acceptance}"),
            Accepted::Duplicate { acceptance } => format!("duplicate {acceptance}"),
            Accepted::KeyReused => "reused".into(),
            Accepted::Withheld => "withheld".into(),
        })
        .collect();
    assert_eq!(told, expected);
}

/// What became of each run that an event asked for: `admitted CONTACT`, the ending, or the reason for keeping it out.
fn admissions(accepted: &Accepted) -> Vec<String> {
    let Accepted::New { runs, .. } = accepted else { panic!("not new: {accepted:?}") };
    let tell = |run: &Admission| match run {
        Admission::Admitted { contact, .. } => format!("admitted {}", contact.id),
        Admission::Ended { ending: Ending::Failed { reason_code, reason }, .. } => {
            format!("failed {reason_code:?}: {reason}")
        }
        Admission::Ended { ending: Ending::Stopped { reason_code, .. }, .. } => format!("stopped {reason_code:?}"),
        Admission::Ended { ending, .. } => format!("{ending:?}"),
        Admission::KeptOut { reason_code } => format!("kept out: {reason_code}"),
    };
    runs.iter().map(tell).collect()
}

#[tokio::test]
async fn a_key_is_known_by_its_source_and_its_payload() {
    let store = opened();
    let other_payload = Acceptance { payload_hash: [8; 32], ..event("a") };
    let other_source = Acceptance { source: "crm".into(), ..event("a") };
    let without_key = |id: &str| Acceptance { key: None, event_id: id.into(), ..event(id) };
    let batch = vec![event("a"), event("a"), other_payload.clone(), other_source, without_key("x"), without_key("x")];
    let accepted = store.accept(batch, false).await.unwrap();
    becomes(&accepted, &["new 1", "duplicate 1", "reused", "new 2", "new 3", "new 4"]);
    // The same in calls of their own, and a key that only an event without a key has as its id.
    let accepted =
        [accept(&store, event("a")).await, accept(&store, other_payload).await, accept(&store, event("x")).await];
    becomes(&accepted, &["duplicate 1", "reused", "new 5"]);
}

#[tokio::test]
async fn a_key_is_free_again_after_the_window() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { dedup_window: Duration::from_secs(100) };
    let store = SqliteStore::open_with(folder.path(), options).unwrap();
    let later = |seconds| Acceptance { received_at: at(seconds), ..event("a") };
    let mut accepted = vec![];
    // The clock is set back in the second: the event was then accepted "later", and is known all the same.
    for seconds in [0, -5000, 99, 100, 199] {
        accepted.push(accept(&store, later(seconds)).await);
    }
    becomes(&accepted, &["new 1", "duplicate 1", "duplicate 1", "new 2", "duplicate 2"]);
}

#[tokio::test]
async fn all_or_none_keeps_nothing_of_an_array_with_a_reused_key() {
    let store = opened();
    accept(&store, event("old")).await;
    let other = |key: &str| Acceptance { payload_hash: [8; 32], ..event(key) };
    let accepted = store.accept(vec![event("new"), event("old"), other("new")], true).await.unwrap();
    becomes(&accepted, &["withheld", "duplicate 1", "reused"]);
    assert!(store.event("new".into()).await.unwrap().is_none());
    let accepted = store.accept(vec![event("new"), event("old"), event("new")], true).await.unwrap();
    becomes(&accepted, &["new 2", "duplicate 1", "duplicate 2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_from_many_callers_makes_one_event_and_one_run() {
    let store = Arc::new(opened());
    let callers = (0..32).map(|_| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            accept(&store, Acceptance { starts: vec![welcome("ann@example.com")], ..event("a") }).await
        })
    });
    let mut new = 0;
    for caller in callers.collect::<Vec<_>>() {
        match caller.await.unwrap() {
            Accepted::New { .. } => new += 1,
            Accepted::Duplicate { acceptance } => assert_eq!(acceptance, 1),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(new, 1);
    assert_eq!(
        store.counts().await.unwrap(),
        Counts { events: 1, unfinished_runs: 1, contacts: 1, ..Counts::default() }
    );
}

#[tokio::test]
async fn an_event_is_kept_as_it_was() {
    let store = opened();
    // Times beyond what 64 bits of nanoseconds hold are the caller's right.
    for (key, occurred_at) in [("a", at(0)), ("b", "9999-12-30T22:00:00.5Z".parse().unwrap()), ("c", Timestamp::MIN)] {
        let starts = vec![welcome("ann@example.com"), start("audit", &[], NotFound::Stop)];
        let kept_out = vec![("vip".into(), "where")];
        let accepted = accept(&store, Acceptance { occurred_at, starts, kept_out, ..event(key) }).await;
        let Accepted::New { acceptance, .. } = accepted else { panic!() };
        let kept = store.event(key.into()).await.unwrap().unwrap();
        assert_eq!((kept.acceptance, kept.id.as_str(), kept.name.as_str()), (acceptance, key, "ordered"));
        assert_eq!((kept.occurred_at, kept.received_at), (occurred_at, at(0)));
        assert_eq!((kept.params.as_str(), &kept.program), (r#"{"total":99.50}"#, &hash()));
        assert_eq!(kept.runs, [RunId::new(acceptance, "welcome"), RunId::new(acceptance, "audit")]);
        assert_eq!(kept.kept_out, [("vip".into(), "where".into())]);
    }
    assert!(store.event("d".into()).await.unwrap().is_none());
}

#[tokio::test]
async fn ways_are_tried_in_their_order() {
    let store = opened();
    let by_email = |email| [(Identifier::Email, email)];
    begin(&store, "1", "ann@example.com").await;
    begin(&store, "2", "bob@example.com").await;
    type Ways = Vec<(Identifier, &'static str)>;
    let cases: [(Ways, NotFound, &str); 9] = [
        (by_email("bob@example.com").into(), NotFound::Fail, "admitted 2"),
        (vec![(Identifier::Id, "1"), (Identifier::Email, "bob@example.com")], NotFound::Fail, "admitted 1"),
        (vec![(Identifier::Id, "77"), (Identifier::Email, "bob@example.com")], NotFound::Fail, "admitted 2"),
        (vec![(Identifier::Id, "bob")], NotFound::Stop, "stopped ContactNotFound"),
        (
            vec![(Identifier::Phone, "+49151"), (Identifier::Email, "eve@example.com")],
            NotFound::Fail,
            "failed ContactNotFound: no contact has this `phone` or `email`",
        ),
        (vec![], NotFound::Create, "failed IdentifierMissing: no identifier has a value"),
        // A number is the store's to give.
        (vec![(Identifier::Id, "77")], NotFound::Create, "failed ContactNotFound: no contact has this `id`"),
        (vec![(Identifier::Phone, "+49151"), (Identifier::ExternalId, "x\"7")], NotFound::Create, "admitted 3"),
        (vec![(Identifier::ExternalId, "x\"7")], NotFound::Fail, "admitted 3"),
    ];
    for (number, (ways, otherwise, expected)) in cases.into_iter().enumerate() {
        let starts = vec![start("welcome", &ways, otherwise)];
        let accepted = accept(&store, Acceptance { starts, ..event(&format!("case {number}")) }).await;
        assert_eq!(admissions(&accepted), [expected], "case {number}");
    }
    let made = store.contact(3).await.unwrap().unwrap();
    assert_eq!(made.fields, r#"{"external_id":"x\"7","phone":"+49151"}"#);
}

#[tokio::test]
async fn runs_without_anybody_are_kept_with_their_reason() {
    let store = opened();
    let ending =
        Ending::Failed { reason: "`event.email` has no value".into(), reason_code: ReasonCode::IdentifierMissing };
    let nobody = Start { contact: StartContact::Nobody(ending), ..welcome("") };
    let starts = vec![nobody, start("audit", &[(Identifier::Phone, "+491")], NotFound::Stop)];
    accept(&store, Acceptance { starts, ..event("a") }).await;
    let run = |workflow| RunId::new(1, workflow);
    let failed = store.run(run("welcome")).await.unwrap().unwrap().summary;
    assert_eq!(failed.status, RunStatus::Failed);
    assert_eq!(failed.reason.as_deref(), Some("`event.email` has no value"));
    assert_eq!(failed.reason_code.as_deref(), Some("identifier_missing"));
    let stopped = store.run(run("audit")).await.unwrap().unwrap();
    assert_eq!(stopped.summary.status, RunStatus::Stopped);
    assert_eq!(stopped.summary.reason_code.as_deref(), Some("contact_not_found"));
    assert!(stopped.contact.is_none() && stopped.saved.is_none());
    assert_eq!(store.counts().await.unwrap().unfinished_runs, 0);
}

#[tokio::test]
async fn re_entry_counts_from_the_start_of_the_last_run() {
    let once_per = |seconds: u64| Reentry::OncePer(Length { milliseconds: seconds * 1000 });
    for (reentry, times, expected) in [
        (Reentry::Always, vec![0, 0, 1], "in in in"),
        (Reentry::OnceEver, vec![0, 1, 1_000_000_000], "in out out"),
        // The clock is set back in the last one: not enough time has passed.
        (once_per(60), vec![0, 59, 60, 119, 120, 30], "in out in out in out"),
        (once_per(u64::MAX / 1000), vec![0, 1_000_000_000], "in out"),
    ] {
        let store = opened();
        let mut told = vec![];
        for (number, seconds) in times.into_iter().enumerate() {
            let starts = vec![Start { reentry, ..welcome("ann@example.com") }, welcome("ann@example.com")];
            let mut starts = starts;
            starts[1].workflow = "other".into();
            let key = format!("{number}");
            let accepted = accept(&store, Acceptance { starts, received_at: at(seconds), ..event(&key) }).await;
            let admissions = admissions(&accepted);
            assert_eq!(admissions[1], "admitted 1", "the rule of one workflow is nothing to another");
            let kept = store.event(key).await.unwrap().unwrap();
            if admissions[0] == "admitted 1" {
                assert!(kept.kept_out.is_empty());
                told.push("in");
            } else {
                assert_eq!(admissions[0], "kept out: once");
                assert_eq!(kept.kept_out, [("welcome".into(), "once".into())]);
                assert_eq!(kept.runs, [RunId::new(kept.acceptance, "other")]);
                told.push("out");
            }
        }
        assert_eq!(told.join(" "), expected, "{reentry:?}");
    }
}

#[tokio::test]
async fn one_at_a_time_looks_at_every_run_that_goes_on() {
    let store = opened();
    let again = |key: &str| Acceptance {
        starts: vec![Start { one_at_a_time: true, ..welcome("ann@example.com") }],
        ..event(key)
    };
    // Two runs of a program without the rule; the newer one ends first.
    let (first, _) = begin(&store, "1", "ann@example.com").await;
    let (second, _) = begin(&store, "2", "ann@example.com").await;
    assert_eq!(admissions(&accept(&store, again("3")).await), ["kept out: one_at_a_time"]);
    record(&store, last_turn(second, RunStatus::Completed)).await;
    assert_eq!(admissions(&accept(&store, again("4")).await), ["kept out: one_at_a_time"]);
    let waits = Progress { status: RunStatus::Waiting, wake_at: Some((step("wait"), at(60))), ..turn(first) };
    record(&store, waits).await;
    assert_eq!(admissions(&accept(&store, again("5")).await), ["kept out: one_at_a_time"]);
    record(&store, last_turn(first, RunStatus::Failed)).await;
    assert_eq!(admissions(&accept(&store, again("6")).await), ["admitted 1"]);
    // Somebody else is somebody else.
    begin(&store, "7", "bob@example.com").await;
}

#[tokio::test]
async fn two_workflows_with_one_key_are_refused_and_spoil_nothing() {
    let store = opened();
    let twice = Acceptance { starts: vec![welcome("a@example.com"), welcome("b@example.com")], ..event("a") };
    let refused = store.accept(vec![event("b"), twice], false).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    assert_eq!(store.counts().await.unwrap(), Counts::default());
    becomes(&[accept(&store, event("a")).await], &["new 1"]);
}

#[tokio::test]
async fn what_runs_remember_before_their_first_turn_gives_way_to_it() {
    let store = opened();
    let first_state = Some(r#"{"format":1,"cursor":[0]}"#.to_owned());
    let accepted = accept(&store, Acceptance { starts: vec![welcome("ann@example.com")], first_state, ..event("a") });
    let Accepted::New { runs, .. } = accepted.await else { panic!("not new") };
    let Admission::Admitted { run, .. } = &runs[0] else { panic!("not admitted: {runs:?}") };
    let again = durability::after_crash(&store, u64::MAX);
    for store in [&store, &again] {
        let kept = store.run(*run).await.unwrap().unwrap();
        assert_eq!((kept.summary.revision, kept.saved.as_deref()), (0, Some(r#"{"format":1,"cursor":[0]}"#)));
        let first = Progress { revision: Some(0), ..turn(*run) };
        assert!(matches!(record(store, first.clone()).await, Recorded::Kept { .. }));
        assert!(matches!(record(store, first).await, Recorded::Stale), "there is one first turn");
        let kept = store.run(*run).await.unwrap().unwrap();
        assert_eq!((kept.summary.revision, kept.saved.as_deref()), (1, Some(r#"{"format":1}"#)));
    }
}
