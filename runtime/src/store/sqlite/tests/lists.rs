//! Lists: filters, limits and cursors.

use super::*;

#[tokio::test]
async fn runs_are_filtered() {
    let store = opened();
    let statuses = [
        RunStatus::Completed,
        RunStatus::Failed,
        RunStatus::Running,
        RunStatus::Waiting,
        RunStatus::Stopped,
        RunStatus::Completed,
    ];
    for (number, status) in (0_i64..).zip(statuses) {
        let email = if number % 2 == 0 { "ann@example.com" } else { "bob@example.com" };
        let mut start = welcome(email);
        if number == 5 {
            start.workflow = "other".into();
        }
        let run = RunId::new(number + 1, &start.workflow);
        let acceptance = Acceptance { starts: vec![start], received_at: at(number), ..event(&number.to_string()) };
        accept(&store, acceptance).await;
        record(&store, Progress { status, ..turn(run) }).await;
    }
    let all = RunQuery::default;
    let with = |status: &[RunStatus]| RunQuery { status: status.into(), ..all() };
    for (number, (query, expected)) in [
        (all(), vec![6, 5, 4, 3, 2, 1]),
        (RunQuery { workflow: Some("welcome".into()), ..all() }, vec![5, 4, 3, 2, 1]),
        (RunQuery { workflow: Some("none".into()), ..all() }, vec![]),
        (RunQuery { contact: Some(1), ..all() }, vec![5, 3, 1]),
        (RunQuery { contact: Some(2), workflow: Some("other".into()), ..all() }, vec![6]),
        (RunQuery { from: Some(at(1)), to: Some(at(3)), ..all() }, vec![3, 2]),
        (with(&[RunStatus::Completed]), vec![6, 1]),
        (with(&[RunStatus::Failed]), vec![2]),
        (with(&[RunStatus::Failed, RunStatus::Stopped]), vec![5, 2]),
        (with(&[RunStatus::Running]), vec![3]),
        (with(&[RunStatus::Running, RunStatus::Waiting]), vec![4, 3]),
        (with(&[RunStatus::Waiting, RunStatus::Failed, RunStatus::Completed]), vec![6, 4, 2, 1]),
        (RunQuery { contact: Some(2), ..with(&[RunStatus::Running, RunStatus::Waiting]) }, vec![4]),
        (with(&RunStatus::ALL), vec![6, 5, 4, 3, 2, 1]),
    ]
    .into_iter()
    .enumerate()
    {
        let page = store.runs(query).await.unwrap();
        assert_eq!(page.items.iter().map(|run| run.id.acceptance).collect::<Vec<_>>(), expected, "query {number}");
    }
}

/// Over several stretches of history, and one that has lost its events.
#[tokio::test]
async fn the_lists_of_a_workflow_and_of_a_type_of_event_go_through_all_of_history() {
    let store = opened();
    let name_of = |number: i64| match number {
        40 | 300 | 301 | 511 | 512 | 899 => "rare",
        _ if number % 3 == 0 => "paid",
        _ => "ordered",
    };
    let numbers: Vec<i64> = (1..=900).collect();
    for some in numbers.chunks(100) {
        let events = some.iter().map(|number| {
            let start = Start { workflow: format!("on_{}", name_of(*number)).into(), ..welcome("ann@example.com") };
            Acceptance { name: name_of(*number).into(), starts: vec![start], ..event(&number.to_string()) }
        });
        store.accept(events.collect(), false).await.unwrap();
    }
    let check = async |from: i64| {
        for name in ["rare", "paid", "ordered", "none"] {
            let expected: Vec<i64> =
                numbers.iter().rev().copied().filter(|number| *number >= from && name_of(*number) == name).collect();
            for limit in [1, 7, 500] {
                let (mut events, mut runs, mut cursor) = (vec![], vec![], None);
                loop {
                    let query = EventQuery { name: Some(name.into()), limit, cursor, ..EventQuery::default() };
                    let page = store.events(query).await.unwrap();
                    events.extend(page.items.iter().map(|event| event.acceptance));
                    cursor = page.next;
                    if cursor.is_none() {
                        break;
                    }
                }
                loop {
                    let workflow = Some(format!("on_{name}"));
                    let page = store.runs(RunQuery { workflow, limit, cursor, ..RunQuery::default() }).await.unwrap();
                    runs.extend(page.items.iter().map(|run| run.id.acceptance));
                    cursor = page.next;
                    if cursor.is_none() {
                        break;
                    }
                }
                assert_eq!(events, expected, "{name}, {limit} at a time");
                assert_eq!(runs, expected, "on_{name}, {limit} at a time");
            }
        }
    };
    check(1).await;
    for number in 1..=600 {
        let run = RunId::new(number, &format!("on_{}", name_of(number)));
        record(&store, last_turn(run, RunStatus::Completed)).await;
    }
    let (mut completed, mut cursor, mut pages) = (vec![], None, 0);
    loop {
        let status = vec![RunStatus::Completed];
        let query = RunQuery { workflow: Some("on_rare".into()), status, cursor, limit: 3, ..RunQuery::default() };
        let page = store.runs(query).await.unwrap();
        completed.extend(page.items.iter().map(|run| run.id.acceptance));
        (cursor, pages) = (page.next, pages + 1);
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(completed, [512, 511, 301, 300, 40]);
    assert!(pages > 2, "a page that was looked for long enough is short, and gone on with");
    store.prune((1..=600).collect()).await.unwrap();
    check(601).await;
    for table in ["event_stretch", "workflow_stretch"] {
        let left = look(store.folder.path(), &format!("SELECT DISTINCT stretch FROM {table} ORDER BY stretch"));
        assert_eq!(left, ["Integer(2)", "Integer(3)"]);
    }
}

/// Pages of a contact's runs are merged from those of its workflows.
#[tokio::test]
async fn the_runs_of_a_contact_are_read_in_order_whatever_their_workflows() {
    let store = opened();
    let mut expected = vec![];
    for number in 0..60 {
        let mut start = welcome(if number % 7 == 0 { "bob@example.com" } else { "ann@example.com" });
        start.workflow = format!("w{}", (number * number) % 5).into();
        let run = RunId::new(number + 1, &start.workflow);
        accept(&store, Acceptance { starts: vec![start], ..event(&number.to_string()) }).await;
        if number % 7 != 0 {
            expected.insert(0, run);
        }
    }
    let ann = store.run(expected[0]).await.unwrap().unwrap().summary.contact;
    for limit in [1, 4, 50, 60] {
        let (mut found, mut cursor) = (vec![], None);
        loop {
            let query = RunQuery { contact: ann, limit, cursor, ..RunQuery::default() };
            let page = store.runs(query).await.unwrap();
            found.extend(page.items.iter().map(|run| run.id));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(found, expected, "{limit} at a time");
    }
}

#[tokio::test]
async fn events_and_messages_are_filtered() {
    let store = opened();
    for (key, name, email) in
        [("a", "ordered", "ann@example.com"), ("b", "paid", "bob@example.com"), ("c", "paid", "ann@example.com")]
    {
        accept(&store, Acceptance { name: name.into(), starts: vec![welcome(email)], ..event(key) }).await;
    }
    for acceptance in [1, 2, 3, 1] {
        let run = RunId::new(acceptance, "welcome");
        let number = store.messages(MessageQuery::default()).await.unwrap().items.len();
        let message = mail(step(&format!("send:{number}")), &format!("m{number}"), MessageStatus::Outbox);
        record(&store, Progress { messages: vec![message], ..turn(run) }).await;
    }
    for (query, expected) in [
        (EventQuery::default(), "cba"),
        (EventQuery { name: Some("paid".into()), ..Default::default() }, "cb"),
        (EventQuery { contact: Some(1), ..Default::default() }, "ca"),
        (EventQuery { contact: Some(1), name: Some("paid".into()), ..Default::default() }, "c"),
        (EventQuery { contact: Some(7), ..Default::default() }, ""),
    ] {
        let page = store.events(query).await.unwrap();
        assert_eq!(page.items.iter().map(|event| event.id.as_str()).collect::<String>(), expected);
        assert!(page.items.iter().all(|event| event.runs == [RunId::new(event.acceptance, "welcome")]));
    }
    for (query, expected) in [
        (MessageQuery::default(), vec![4, 3, 2, 1]),
        (MessageQuery { contact: Some(1), ..Default::default() }, vec![4, 3, 1]),
        (MessageQuery { run: Some(RunId::new(1, "welcome")), ..Default::default() }, vec![4, 1]),
        (MessageQuery { run: Some(RunId::new(2, "other")), ..Default::default() }, vec![]),
    ] {
        let page = store.messages(query).await.unwrap();
        assert_eq!(page.items.iter().map(|message| message.number).collect::<Vec<_>>(), expected);
    }
}

/// Reads a list page by page, while more comes in between the pages.
macro_rules! pages {
    ($store:expr, $verb:ident, $query:expr, $limit:expr, $number:expr) => {{
        let mut numbers: Vec<i64> = vec![];
        let mut cursor = None;
        loop {
            let mut query = $query;
            (query.limit, query.cursor) = ($limit, cursor);
            let page = $store.$verb(query).await.unwrap();
            assert!(page.items.len() <= $limit);
            numbers.extend(page.items.iter().map($number));
            let more = format!("more {}", numbers.len());
            let (run, _) = begin($store, &more, &format!("{more}@example.com")).await;
            record($store, Progress { messages: vec![mail(step("send"), &more, MessageStatus::Outbox)], ..turn(run) })
                .await;
            cursor = page.next;
            if cursor.is_none() {
                break numbers;
            }
        }
    }};
}

#[tokio::test]
async fn pages_have_neither_gaps_nor_repeats() {
    for verb in 0..4 {
        let store = &opened();
        for number in 1..=10 {
            let (run, _) = begin(store, &number.to_string(), &format!("{number}@example.com")).await;
            record(store, Progress { messages: vec![mail(step("send"), "m", MessageStatus::Outbox)], ..turn(run) })
                .await;
        }
        let newest_first: Vec<i64> = (1..=10).rev().collect();
        match verb {
            0 => assert_eq!(pages!(store, runs, RunQuery::default(), 3, |run| run.id.acceptance), newest_first),
            1 => assert_eq!(pages!(store, events, EventQuery::default(), 5, |event| event.acceptance), newest_first),
            2 => {
                assert_eq!(pages!(store, messages, MessageQuery::default(), 1, |message| message.number), newest_first)
            }
            // Oldest first: what comes in between is at the end, each once.
            _ => {
                let query = ContactQuery { text: Some("nobody".into()), ..Default::default() };
                assert!(store.contacts(query).await.unwrap().items.is_empty());
                let found = pages!(store, contacts, ContactQuery::default(), 4, |contact| contact.id);
                assert!(found.len() > 10);
                assert_eq!(found, (1..=found.len() as i64).collect::<Vec<_>>());
            }
        }
    }
}

#[tokio::test]
async fn every_page_is_bounded() {
    let store = opened();
    let events = (0..600).map(|number| event(&number.to_string())).collect();
    store.accept(events, false).await.unwrap();
    for (asked, given) in [(0, 50), (1, 1), (500, 500), (501, 500), (usize::MAX, 500)] {
        let page = store.events(EventQuery { limit: asked, ..Default::default() }).await.unwrap();
        assert_eq!((page.items.len(), page.next.is_some()), (given, true));
    }
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list() {
    let store = opened();
    for key in ["a", "b"] {
        begin(&store, key, "ann@example.com").await;
    }
    let of_runs = store.runs(RunQuery { limit: 1, ..Default::default() }).await.unwrap().next.unwrap();
    for cursor in [of_runs.as_str(), "", "!", "ZQ", "r", "ZQAAAAAAAAABAA"] {
        let events = store.events(EventQuery { cursor: Some(cursor.into()), ..Default::default() }).await;
        assert!(matches!(events, Err(StoreError::Cursor)), "{cursor}: {events:?}");
    }
    assert_eq!(store.runs(RunQuery { cursor: Some(of_runs), ..Default::default() }).await.unwrap().items.len(), 1);
}
