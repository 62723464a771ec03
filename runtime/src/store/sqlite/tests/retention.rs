//! What is taken out of history, and what stays.

use std::time::Duration;

use super::super::list::Filter;
use super::super::stretch;
use super::*;
use crate::deliver::Outbox;
use crate::retention::{Rules, round};

/// A run that has ended, with an attempt and a message of which `sent` says whether it was sent.
async fn over(store: &SqliteStore, key: &str, status: MessageStatus) -> RunId {
    let (run, _) = begin(store, key, &format!("{key}@example.com")).await;
    let started = AttemptStarted { step: step("call:w"), number: 1, at: at(10), request: "{}".into() };
    let messages = vec![mail(step("send:m"), key, status)];
    record(store, Progress { attempts_started: vec![started], ..turn(run) }).await;
    record(store, Progress { messages, ..last_turn(run, RunStatus::Completed) }).await;
    run
}

/// Takes out what is old; where to go on.
async fn prune(store: &SqliteStore, after: i64, limit: usize) -> Option<i64> {
    let aged = store.aged(at(100), after, limit).await.unwrap();
    store.prune(aged.events.into_iter().map(|(acceptance, _)| acceptance).collect()).await.unwrap();
    aged.next
}

async fn ids(store: &SqliteStore) -> Vec<String> {
    let events = store.events(EventQuery { limit: 100, ..EventQuery::default() }).await.unwrap();
    events.items.into_iter().rev().map(|event| event.id.to_string()).collect()
}

#[tokio::test]
async fn what_is_old_and_over_goes_and_nothing_else() {
    let store = opened();
    let gone = over(&store, "old", MessageStatus::Sent).await;
    let (waits, _) = begin(&store, "waits", "waits@example.com").await;
    let wake_at = Some((step("wait"), at(1_000_000)));
    record(&store, Progress { status: RunStatus::Waiting, wake_at, ..turn(waits) }).await;
    over(&store, "unwritten", MessageStatus::Outbox).await;
    accept(&store, event("nothing")).await;
    accept(&store, Acceptance { received_at: at(500), ..event("young") }).await;
    accept(&store, Acceptance { received_at: at(0), ..event("newest") }).await;

    let mut after = Some(0);
    let mut looks = 0;
    while let Some(from) = after {
        after = prune(&store, from, 2).await;
        looks += 1;
    }
    assert!(looks > 2, "in slices");
    assert_eq!(ids(&store).await, ["waits", "unwritten", "young", "newest"]);
    assert!(store.run(gone).await.unwrap().is_none() && store.attempts(gone).await.unwrap().is_empty());
    assert_eq!(store.messages(MessageQuery { limit: 10, ..MessageQuery::default() }).await.unwrap().items.len(), 1);
    let expected = Pruned { events: 2, runs: 1, attempts: 1, messages: 1 };
    assert_eq!(store.pruned().await.unwrap(), expected);
    for table in ["run_state", "attempt", "attempt_outcome"] {
        let left = look(
            store.folder.path(),
            &format!(
                "SELECT count(*) FROM {table} WHERE {} = {}",
                match table {
                    "attempt_outcome" => "attempt",
                    _ => "run",
                },
                gone.acceptance * 4096
            ),
        );
        assert_eq!(left, ["Integer(0)"], "{table}");
    }
    // No number is given twice.
    assert!(matches!(accept(&store, event("next")).await, Accepted::New { acceptance: 7, .. }));
    // What waited goes in its turn; behind a young one nothing is looked at.
    store.outbox_written(2).await.unwrap();
    record(&store, last_turn(waits, RunStatus::Stopped)).await;
    over(&store, "later", MessageStatus::Sent).await;
    prune(&store, 0, 100).await;
    assert_eq!(ids(&store).await, ["young", "newest", "next", "later"]);
}

#[tokio::test]
async fn the_files_of_mails_go_with_their_messages() {
    let store = opened();
    let folder = store.folder.path().join("outbox");
    for name in ["new", "cur", "tmp"] {
        std::fs::create_dir_all(folder.join(name)).unwrap();
    }
    let files = || {
        let mut names = vec![];
        for place in ["new", "cur", "tmp"] {
            for entry in std::fs::read_dir(folder.join(place)).unwrap() {
                names.push(format!("{place}/{}", entry.unwrap().file_name().to_string_lossy()));
            }
        }
        names.sort();
        names
    };
    for key in ["unread", "read", "stuck", "unwritten", "newest"] {
        over(&store, key, MessageStatus::Outbox).await;
    }
    accept(&store, event("last")).await;
    store.outbox_written(3).await.unwrap();
    let strange = ["cur/a note.txt", "new/somebody-elses.eml", "new/unwritten.eml"];
    for name in ["new/unread.eml", "tmp/7.1.unread.eml", "cur/read.eml:2,S"].iter().chain(&strange) {
        std::fs::write(folder.join(name), "Dear Ann").unwrap();
    }
    // What is no file cannot be removed as one.
    std::fs::create_dir(folder.join("new/stuck.eml")).unwrap();
    let rules = Rules { days: Some(1), ..Rules::default() };
    let outbox = Outbox::new(folder.clone());
    round(&store.store, &outbox, rules, at(1_000_000)).await.unwrap();
    let kept = ["cur/a note.txt", "new/somebody-elses.eml", "new/stuck.eml", "new/unwritten.eml"];
    assert_eq!(files(), kept);
    assert_eq!(ids(&store).await, ["stuck", "unwritten", "newest", "last"], "whose file is there is known");

    std::fs::remove_dir(folder.join("new/stuck.eml")).unwrap();
    store.outbox_written(5).await.unwrap();
    round(&store.store, &outbox, rules, at(1_000_000)).await.unwrap();
    assert_eq!(files(), ["cur/a note.txt", "new/somebody-elses.eml"]);
    assert_eq!(ids(&store).await, ["newest", "last"]);
}

#[tokio::test]
async fn once_ever_looks_back_further_than_history() {
    let store = opened();
    let enter = async |key: &str| {
        let start = Start { reentry: Reentry::OnceEver, ..welcome("ann@example.com") };
        let accepted = accept(&store, Acceptance { starts: vec![start], ..event(key) }).await;
        let Accepted::New { mut runs, .. } = accepted else { panic!("{accepted:?}") };
        runs.remove(0)
    };
    let Admission::Admitted { run, .. } = enter("first").await else { panic!("it is the first") };
    record(&store, last_turn(run, RunStatus::Completed)).await;
    accept(&store, event("newest")).await;
    prune(&store, 0, 100).await;
    assert!(store.run(run).await.unwrap().is_none());
    assert!(matches!(enter("second").await, Admission::KeptOut { reason_code: "once" }));
}

#[tokio::test]
async fn rules_are_an_age_and_a_size_and_spare_what_keys_are_compared_with() {
    let store = opened();
    let large = format!("\"{}\"", "x".repeat(50_000));
    for number in 0..40 {
        let received_at = at(number * 86_400);
        accept(&store, Acceptance { received_at, params: large.clone(), ..event(&number.to_string()) }).await;
    }
    let now = at(40 * 86_400);
    let least = Duration::from_secs(7 * 86_400);
    let keep = async |days, bytes| {
        let outbox = Outbox::new(store.folder.path().join("outbox"));
        round(&store.store, &outbox, Rules { days, bytes, least }, now).await.unwrap();
        ids(&store).await.len()
    };
    assert_eq!(keep(None, None).await, 40);
    assert_eq!(keep(Some(30), None).await, 30);
    let size = store.size().await.unwrap();
    assert_eq!(keep(None, Some(size)).await, 30, "it is not more than that");
    let left = keep(None, Some(size - 1)).await;
    assert!(left < 30, "a slice goes");
    assert_eq!(keep(None, Some(1)).await, 7, "what is younger than the window stays, whatever the size");
}

#[tokio::test]
async fn long_requests_and_answers_stand_apart_and_come_back_whole() {
    let store = opened();
    let (run, _) = begin(&store, "a", "ann@example.com").await;
    let request = format!(r#"{{"body":"{}"}}"#, "ü1 ".repeat(20_000));
    let response = format!(r#"{{"body":"{}"}}"#, "abcdefgh".repeat(5_000));
    let started = AttemptStarted { step: step("call:w"), number: 1, at: at(10), request: request.clone() };
    let ended = AttemptEnded {
        step: step("call:w"),
        number: 1,
        duration_ms: 5,
        address: None,
        response: Some(response.clone()),
        error: None,
    };
    record(&store, Progress { attempts_started: vec![started.clone()], ..turn(run) }).await;
    record(&store, Progress { attempts_started: vec![started], attempts_ended: vec![ended], ..turn(run) }).await;
    let attempts = store.attempts(run).await.unwrap();
    assert_eq!((attempts[0].request.as_str(), attempts[0].response.as_deref()), (&*request, Some(&*response)));
    let path = store.folder.path();
    assert_eq!(look(path, "SELECT length(request) FROM attempt"), ["Integer(0)"]);
    assert_eq!(look(path, "SELECT count(*), sum(length(bytes)) < 10000 FROM body"), ["Integer(2)"]);
    record(&store, last_turn(run, RunStatus::Completed)).await;
    accept(&store, event("newest")).await;
    prune(&store, 0, 100).await;
    assert_eq!(look(path, "SELECT count(*) FROM body"), ["Integer(0)"]);
}

/// `WF_LARGE_STORE=10000000 cargo test --release -p runtime large_store -- --nocapture` builds a store of so many attempts
/// and times its lists; without the variable a small one shows that each list has its index.
#[tokio::test]
async fn a_large_store_answers_its_lists() {
    let attempts: i64 = std::env::var("WF_LARGE_STORE").ok().and_then(|number| number.parse().ok()).unwrap_or(2_000);
    let store = opened();
    begin(&store, "first", "ann@example.com").await;
    let runs = attempts / 2;
    let [welcome, seldom] = ["welcome", "seldom"].map(|name| RunId::new(0, name).workflow);
    store
        .write(move |connection| {
            // Many runs of one workflow and one type of event, and a few of others in between.
            connection.execute_batch(&format!(
                "WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i <= {runs})
                 INSERT INTO event (acceptance, id, source, name, occurred_at, received_at, program, params)
                 SELECT i, 'e' || i, 's', iif(i % 100000 = 7, 'rare', 'often'), i, i, 1, '{{}}' FROM n;
                 INSERT INTO run (number, workflow_key, workflow, program, contact, status, started_at)
                 SELECT acceptance * 4096, iif(name = 'rare', {seldom}, {welcome}),
                        iif(name = 'rare', 'seldom', 'welcome'), 1, acceptance % 20000,
                        iif(acceptance % 1000 = 3, 5, 2), received_at FROM event WHERE acceptance > 1;
                 INSERT INTO attempt (run, step, number, started_at, request)
                 SELECT number, 'call:w', k.column1, started_at, '{{}}' FROM run, (VALUES (1), (2)) AS k;
                 INSERT OR IGNORE INTO workflow_stretch SELECT workflow_key, number / 1048576 FROM run;
                 INSERT OR IGNORE INTO event_stretch SELECT name, acceptance / 256 FROM event;"
            ))?;
            Ok(())
        })
        .await
        .unwrap();
    let run_query = |query: RunQuery| RunQuery { limit: 50, ..query };
    let queries = [
        ("all", RunQuery::default()),
        ("a workflow that is seldom run", RunQuery { workflow: Some("seldom".into()), ..RunQuery::default() }),
        ("a workflow", RunQuery { workflow: Some("welcome".into()), ..RunQuery::default() }),
        ("failed", RunQuery { status: vec![RunStatus::Failed], ..RunQuery::default() }),
        ("waiting", RunQuery { status: vec![RunStatus::Waiting], ..RunQuery::default() }),
        ("a contact", RunQuery { contact: Some(7), ..RunQuery::default() }),
    ];
    for (what, query) in queries {
        let begun = std::time::Instant::now();
        let found = store.runs(run_query(query)).await.unwrap().items.len();
        println!("{what}: {found} runs in {:?}", begun.elapsed());
    }
    for name in ["rare", "often"] {
        let begun = std::time::Instant::now();
        let query = EventQuery { name: Some(name.into()), limit: 50, ..EventQuery::default() };
        let found = store.events(query).await.unwrap().items.len();
        println!("{name}: {found} events in {:?}", begun.elapsed());
    }
    let (mut of_workflow, mut of_type) = (Filter::default(), Filter::default());
    let runs = stretch::runs(&mut of_workflow, 2, 0, Some(1 << 40));
    let events = stretch::events(&mut of_type, "rare", Some(1 << 20));
    let runs = of_workflow.sql(&format!("SELECT r.number FROM {}", runs.from), runs.order);
    let events = of_type.sql(&format!("SELECT e.acceptance FROM {}", events.from), events.order);
    for (sql, index) in [(runs, "workflow_key=? AND stretch>? AND stretch<?"), (events, "name=? AND stretch<?")] {
        let connection = Connection::open(store.folder.path().join("store.db")).unwrap();
        let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let (mut rows, mut steps) = (plan.raw_query(), vec![]);
        while let Some(row) = rows.next().unwrap() {
            steps.push(row.get::<_, String>(3).unwrap());
        }
        assert!(steps.len() == 2 && steps[0].contains(index) && steps[1].contains("rowid>? AND rowid<?"), "{steps:?}");
    }
}
