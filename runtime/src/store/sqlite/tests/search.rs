//! Contacts by a part of a name: with the index of many as without it.

use std::sync::Arc;

use super::*;

/// Enough for an index.
const MANY: usize = 2_000;

/// Syllables of several scripts, so that parts meet by chance as they do in names.
const SYLLABLES: [&str; 12] = ["an", "na", "le", "Ол", "ена", "ТКА", "ч", "ß", "O'", "\"", "ko", "İ"];

/// Numbers that look like chance, the same each time.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn word(&mut self) -> String {
        (0..1 + self.throw(3)).map(|_| SYLLABLES[self.throw(SYLLABLES.len())]).collect()
    }
}

fn change(number: usize, first: &str, last: &str) -> ContactChange {
    let json = |text: &str| serde_json::Value::from(text).to_string();
    let fields = [
        ("email", json(&format!("{first}.{number}@example.com"))),
        ("external_id", json(&format!("CRM-{number:05}"))),
        ("first_name", json(first)),
        ("last_name", json(last)),
        ("town", json(last)),
    ];
    let fields = fields.into_iter().map(|(name, json)| (name.into(), json)).collect();
    ContactChange { id: None, fields, at: at(5), watching: None }
}

async fn put(stores: [&SqliteStore; 2], changes: &[ContactChange]) {
    for store in stores {
        for answer in store.put_contacts(changes.to_vec()).await.unwrap() {
            answer.unwrap();
        }
    }
}

async fn index(store: &SqliteStore) -> usize {
    let mut parts = 0;
    while store.index_contacts().await.unwrap() {
        parts += 1;
    }
    parts
}

/// All that are found, a few at a time.
async fn found(store: &SqliteStore, text: &str) -> Vec<i64> {
    let (mut found, mut cursor) = (vec![], None);
    loop {
        let query = ContactQuery { text: Some(text.into()), cursor, limit: 70, ..Default::default() };
        let page = store.contacts(query).await.unwrap();
        found.extend(page.items.iter().map(|contact| contact.id));
        cursor = page.next;
        if cursor.is_none() {
            return found;
        }
    }
}

#[tokio::test]
async fn the_index_finds_what_a_look_at_each_contact_finds() {
    let (plain, indexed) = (opened(), opened());
    let mut dice = Dice(7);
    let mut people: Vec<(usize, String, String)> = (0..MANY).map(|number| (number, dice.word(), dice.word())).collect();
    let changes = |people: &[(usize, String, String)]| -> Vec<ContactChange> {
        people.iter().map(|(number, first, last)| change(*number, first, last)).collect()
    };
    let mut compared = 0;
    let both = [&*plain, &*indexed];
    put(both, &changes(&people)).await;
    assert!(index(&indexed).await > 0);
    for round in 0..3 {
        for (number, first, last) in people.clone() {
            // A part of a name over its blank, of an address, of a number; what nobody has, and what is too short for the index.
            let texts = match number % 400 {
                0 => vec![format!("{} {}", first.to_uppercase(), last), format!("{first}.{number}@")],
                1 => vec![last.to_lowercase(), format!("rm-{:03}", number / 100)],
                2 => vec![format!("{first}{last}"), first.chars().take(2).collect()],
                _ => continue,
            };
            for text in texts {
                let expected = found(&plain, &text).await;
                assert_eq!(found(&indexed, &text).await, expected, "round {round}: {text:?}");
                compared += expected.len();
            }
        }
        match round {
            // Changed, erased, made: none of that is in the index.
            0 => {
                for person in people.iter_mut().filter(|(number, ..)| number % 20 == 0) {
                    (person.1, person.2) = (dice.word(), dice.word());
                }
                people.extend((MANY..MANY + 100).map(|number| (number, dice.word(), dice.word())));
                put(both, &changes(&people)).await;
                for store in both {
                    store.forget(5, at(9)).await.unwrap().unwrap();
                }
                assert_eq!(index(&indexed).await, 0, "a few are looked at as fast");
            }
            // So many that the index is gone on with.
            _ => {
                people.extend((people.len()..people.len() + MANY).map(|number| (number, dice.word(), dice.word())));
                put(both, &changes(&people)).await;
                assert!(index(&indexed).await > 0);
            }
        }
    }
    assert!(compared > 100, "{compared}");
}

#[tokio::test]
async fn the_index_waits_for_a_calm_time() {
    let store = Arc::new(opened());
    store.put_contacts((0..MANY).map(|number| change(number, "Ann", "Archer")).collect()).await.unwrap();
    let begun = std::time::Instant::now();
    while begun.elapsed() < Duration::from_millis(1_100) {
        let writers = std::iter::repeat_n(store.clone(), 100).map(|store| async move { store.write(|_| Ok(())).await });
        for answer in writers.collect::<tokio::task::JoinSet<_>>().join_all().await {
            answer.unwrap();
        }
    }
    assert_eq!(index(&store).await, 0, "others have much to do");
    assert_eq!(found(&store, "ann arch").await.len(), MANY);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert!(index(&store).await > 0);
}

#[tokio::test]
async fn only_a_change_of_what_is_searched_is_noted() {
    let store = opened();
    let noted = || look(store.folder.path(), "SELECT count(*) FROM search_stale").remove(0);
    let people: Vec<ContactChange> = (0..MANY).map(|number| change(number, "Ann", "Archer")).collect();
    store.put_contacts(people.clone()).await.unwrap();
    store.put_contacts(people).await.unwrap();
    assert_eq!(noted(), "Integer(0)", "a store without an index notes nothing");
    index(&store).await;
    let field = |name: &str, json: &str| ContactChange {
        id: Some(7),
        fields: vec![(name.into(), json.into())],
        at: at(9),
        watching: None,
    };
    for (name, json, expected) in [
        ("town", r#""Jena""#, "Integer(0)"),
        ("first_name", r#""Ann""#, "Integer(0)"),
        ("phone", "null", "Integer(0)"),
        ("phone", r#""+49151""#, "Integer(1)"),
        ("last_name", "null", "Integer(1)"),
    ] {
        store.put_contact(field(name, json)).await.unwrap().unwrap();
        assert_eq!(noted(), expected, "{name} {json}");
    }
    assert_eq!(found(&store, "+4915").await, [7]);
    assert_eq!(found(&store, "+49 (15) 1").await, [7]);
    assert_eq!(found(&store, "Archer").await.len(), MANY - 1);
}

#[tokio::test]
async fn whoever_is_erased_is_in_no_index() {
    let store = opened();
    let mut people: Vec<ContactChange> = (0..MANY).map(|number| change(number, "Ann", "Archer")).collect();
    people[41] = change(41, "Xqzvw", "Yqzvk");
    store.put_contacts(people).await.unwrap();
    index(&store).await;
    let rows = |piece: &str| {
        let sql = format!("SELECT rowid FROM contact_search WHERE contact_search MATCH '\"{piece}\"'");
        look(store.folder.path(), &sql)
    };
    assert_eq!(rows("qzv"), ["Integer(42)"]);
    store.forget(42, at(9)).await.unwrap().unwrap();
    assert!(rows("qzv").is_empty());
    let pieces = "SELECT count(*) FROM contact_search_data WHERE instr(block, 'qzv') > 0";
    assert_eq!(look(store.folder.path(), pieces), ["Integer(0)"], "not even what the name was made of");
    assert!(found(&store, "xqzvw").await.is_empty());
    assert_eq!(found(&store, "archer").await.len(), MANY - 1);
}

/// An index whose texts are folded in another way is made anew, and meanwhile nobody is left out.
#[tokio::test]
async fn an_index_of_another_folding_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path()).unwrap();
    let mut people: Vec<ContactChange> = (0..MANY).map(|number| change(number, "Ann", "Archer")).collect();
    people[7] = change(7, "José", "Núñez");
    store.put_contacts(people).await.unwrap();
    index(&store).await;
    let as_before = "DELETE FROM contact_search WHERE rowid = 8;
                     INSERT INTO contact_search (rowid, text) VALUES (8, 'josé núñez');
                     DELETE FROM mark WHERE name = 'search_folding'";
    store.write(move |connection| Ok(connection.execute_batch(as_before)?)).await.unwrap();
    assert!(found(&store, "jose nunez").await.is_empty(), "it is not looked for where the index says that nobody is");
    store.close().await;

    let store = SqliteStore::open(folder.path()).unwrap();
    let indexed = || look(folder.path(), "SELECT rowid FROM contact_search WHERE contact_search MATCH '\"nez\"'");
    for made in [false, true] {
        assert_eq!(found(&store, "jose nunez").await, [8]);
        assert_eq!(found(&store, "JOSÉ").await, [8]);
        assert_eq!(found(&store, "archer").await.len(), MANY - 1);
        assert_eq!(indexed().len(), usize::from(made));
        assert_eq!(index(&store).await > 0, !made);
    }
    store.forget(8, at(9)).await.unwrap().unwrap();
    assert!(indexed().is_empty() && found(&store, "nunez").await.is_empty());
    store.close().await;
    let store = SqliteStore::open(folder.path()).unwrap();
    assert_eq!(index(&store).await, 0, "once");
}

#[tokio::test]
async fn a_store_with_an_index_is_looked_through_after_a_crash() {
    let store = opened();
    store.put_contacts((0..MANY).map(|number| change(number, "Ann", "Archer")).collect()).await.unwrap();
    index(&store).await;
    let folder = tempfile::tempdir().unwrap();
    for name in ["store.db", "store.db-wal"] {
        std::fs::copy(store.folder.path().join(name), folder.path().join(name)).unwrap();
    }
    let again = SqliteStore::open(folder.path()).unwrap();
    again.soundness.lock().unwrap().wait();
    assert_eq!(found(&again, "ann archer").await.len(), MANY);
    again.put_contact(change(MANY, "Bob", "Archer")).await.unwrap().unwrap();
    assert_eq!(found(&again, "bob arch").await, [i64::try_from(MANY).unwrap() + 1]);
}
