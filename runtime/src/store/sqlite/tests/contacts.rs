//! Contacts: made, changed and found by their identifiers.

use std::sync::Arc;

use rusqlite::ffi;

use super::writing::{hold, queue, sqlite_error};
use super::*;

fn change(fields: &[(&str, &str)]) -> ContactChange {
    let fields = fields.iter().map(|(name, json)| ((*name).into(), (*json).into())).collect();
    ContactChange { id: None, fields, at: at(5), watching: None }
}

/// The number that the caller gives, the fields, and what becomes of it.
type Case = (Option<i64>, &'static [(&'static str, &'static str)], &'static str);

/// Puts contacts one after the other and compares what became of each.
async fn puts(store: &SqliteStore, cases: &[Case]) {
    for (number, (id, fields, expected)) in cases.iter().enumerate() {
        let told = match store.put_contact(ContactChange { id: *id, ..change(fields) }).await {
            Ok(Ok(put)) => {
                let word = if put.created { "made" } else { "changed" };
                assert_eq!(store.contact(put.contact.id).await.unwrap().unwrap().fields, put.contact.fields);
                format!("{word} {} {}", put.contact.id, put.contact.fields)
            }
            Ok(Err(conflict)) => format!("{conflict:?}"),
            Err(error) => format!("{error}"),
        };
        assert_eq!(&told, expected, "case {number}");
    }
}

#[tokio::test]
async fn a_contact_is_found_by_any_identifier_it_is_given() {
    let store = opened();
    puts(
        &store,
        &[
            (None, &[("email", r#""ann@example.com""#), ("town", r#""Jena""#)], r#"made 1 {"email":"ann@example.com","town":"Jena"}"#),
            (None, &[("phone", r#""+49151""#)], r#"made 2 {"phone":"+49151"}"#),
            // Found by one, given another.
            (
                None,
                &[("email", r#""ann@example.com""#), ("external_id", "12345678901234567890123")],
                r#"changed 1 {"email":"ann@example.com","external_id":12345678901234567890123,"town":"Jena"}"#,
            ),
            (None, &[("external_id", "12345678901234567890123"), ("town", "null")], r#"changed 1 {"email":"ann@example.com","external_id":12345678901234567890123}"#),
            // Near, but rounded it would be the same number.
            (None, &[("external_id", "12345678901234567890124")], r#"made 3 {"external_id":12345678901234567890124}"#),
            (Some(2), &[("score", "0.10")], r#"changed 2 {"phone":"+49151","score":0.10}"#),
            (Some(9), &[("phone", r#""+49151""#)], "Unknown(9)"),
            (None, &[("phone", r#""+49151""#), ("email", r#""ann@example.com""#)], "Several([1, 2])"),
            (Some(3), &[("phone", r#""+49151""#), ("email", r#""ann@example.com""#)], "Several([1, 2, 3])"),
            (None, &[("town", r#""Jena""#)], "NoIdentifier"),
            (None, &[("email", "null")], "NoIdentifier"),
            (None, &[("email", r#""""#)], "NoIdentifier"),
            // What the store knows itself is no field.
            (Some(2), &[("id", "7"), ("created_at", "1"), ("updated_at", "1")], r#"changed 2 {"phone":"+49151","score":0.10}"#),
            // An identifier that was given up is somebody else's to have.
            (Some(2), &[("phone", "null")], r#"changed 2 {"score":0.10}"#),
            (None, &[("phone", r#""+49151""#)], r#"made 4 {"phone":"+49151"}"#),
            (None, &[("phone", r#""+49151"#)], "the store refused: the value of the field `phone` is not JSON: EOF while parsing a string at line 1 column 7"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_change_moves_the_time_of_change_alone() {
    let store = opened();
    let put = |seconds, town: &str| ContactChange {
        at: at(seconds),
        ..change(&[("email", r#""ann@example.com""#), ("town", &format!("\"{town}\""))])
    };
    let times = |put: PutContact| (put.contact.created_at, put.contact.updated_at);
    assert_eq!(times(store.put_contact(put(1, "Jena")).await.unwrap().unwrap()), (at(1), at(1)));
    assert_eq!(times(store.put_contact(put(2, "Jena")).await.unwrap().unwrap()), (at(1), at(1)));
    assert_eq!(times(store.put_contact(put(3, "Gera")).await.unwrap().unwrap()), (at(1), at(3)));
    let kept = store.contact(1).await.unwrap().unwrap();
    assert_eq!((kept.created_at, kept.updated_at), (at(1), at(3)));
}

#[tokio::test]
async fn a_run_cannot_take_another_contacts_identifier() {
    let store = opened();
    let (run, _) = begin(&store, "1", "ann@example.com").await;
    let (_, bob) = begin(&store, "2", "bob@example.com").await;
    let fields = |fields: &[(&str, &str)]| Progress {
        contact_fields: fields.iter().map(|(name, json)| ((*name).into(), (*json).into())).collect(),
        contact: Some(1),
        ..turn(run)
    };
    let written = fields(&[("email", r#""bob@example.com""#), ("phone", r#""+49151""#), ("town", r#""Jena""#)]);
    let Recorded::Kept { contact, taken, .. } = record(&store, written).await else { panic!() };
    assert_eq!(taken, ["email"]);
    let contact = contact.unwrap();
    assert_eq!(contact.fields, r#"{"email":"ann@example.com","phone":"+49151","town":"Jena"}"#);
    assert_eq!(contact.updated_at, at(10));
    // The rest of the turn is kept, and the contact is found by what it was given.
    assert!(store.run(run).await.unwrap().unwrap().saved.is_some());
    let found = store.put_contact(change(&[("phone", r#""+49151""#)])).await.unwrap().unwrap();
    assert_eq!(found.contact.id, 1);
    // Removing, and keeping one's own, take nothing from anybody.
    let Recorded::Kept { contact, taken, .. } =
        record(&store, fields(&[("phone", "null"), ("email", r#""ann@example.com""#)])).await
    else {
        panic!()
    };
    assert_eq!((contact.unwrap().fields.as_str(), taken.len()), (r#"{"email":"ann@example.com","town":"Jena"}"#, 0));
    assert_eq!(store.contact(bob.id).await.unwrap().unwrap().fields, r#"{"email":"bob@example.com"}"#);
}

#[tokio::test]
async fn contacts_are_searched_by_identifier_or_name() {
    let store = opened();
    for fields in [
        &[("email", r#""ann@example.com""#), ("first_name", r#""Ann""#), ("last_name", r#""Archer""#)][..],
        &[("email", r#""bob@example.com""#), ("first_name", r#""Bob""#), ("last_name", r#""O'Ann_y""#)],
        &[("external_id", r#""1""#), ("last_name", r#""100%""#)],
        &[("phone", r#""+49151""#)],
        &[
            ("external_id", r#""CRM-5""#),
            ("first_name", r#""Олена""#),
            ("last_name", r#""Ткач""#),
            ("town", r#""Annaberg""#),
        ],
    ] {
        store.put_contact(change(fields)).await.unwrap().unwrap();
    }
    for (text, expected) in [
        (None, vec![1, 2, 3, 4, 5]),
        (Some("  "), vec![1, 2, 3, 4, 5]),
        (Some("ann@EXAMPLE.com"), vec![1]),
        (Some("+49151"), vec![4]),
        // One's number, and the other's in another system.
        (Some("1"), vec![1, 3]),
        (Some("ann"), vec![1, 2]),
        // Letters of any script are found in any case.
        (Some("ОЛЕНА тка"), vec![5]),
        (Some("crm-"), vec![5]),
        (Some("n arch"), vec![1]),
        (Some("n_y"), vec![2]),
        (Some("0%"), vec![3]),
        (Some("%"), vec![3]),
        (Some("'; DROP TABLE contact; --"), vec![]),
    ] {
        let query = ContactQuery { text: text.map(Into::into), ..Default::default() };
        let page = store.contacts(query).await.unwrap();
        assert_eq!(page.items.iter().map(|contact| contact.id).collect::<Vec<_>>(), expected, "{text:?}");
        assert_eq!(page.next, None);
    }
}

/// Not after a restart, nor after a crash; and where nobody was erased, none is left out.
#[tokio::test]
async fn the_number_of_whoever_was_erased_is_given_to_nobody_else() {
    let mut store = opened();
    let mut numbers = vec![];
    let make = async |store: &SqliteStore, name: &str| {
        let email = serde_json::Value::from(format!("{name}@example.com")).to_string();
        store.put_contact(change(&[("email", &email)])).await.unwrap().unwrap().contact.id
    };
    for round in 0..3 {
        for name in ["a", "b", "c"] {
            numbers.push(make(&store, &format!("{name}{round}")).await);
        }
        store.forget(*numbers.last().unwrap(), at(9)).await.unwrap().unwrap();
        numbers.push(make(&store, &format!("d{round}")).await);
        store.forget(*numbers.last().unwrap(), at(9)).await.unwrap().unwrap();
        store = durability::after_crash(&store, u64::MAX);
    }
    assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_undone_takes_no_number() {
    let store = Arc::new(opened());
    for (round, expected) in [(0, [1, 2]), (1, [3, 4])] {
        let release = hold(&store);
        let email = |name: &str| format!(r#""{name}{round}@example.com""#);
        let (ann, bob) = (email("ann"), email("bob"));
        let mut ann = store.put_contact(change(&[("email", &ann)]));
        let mut bob = store.put_contact(change(&[("email", &bob)]));
        let mut fails = store.write::<()>(|_| Err(sqlite_error(ffi::SQLITE_CONSTRAINT)));
        queue(&mut ann).await;
        queue(&mut bob).await;
        queue(&mut fails).await;
        drop(release);
        let made = [ann.await.unwrap().unwrap().contact.id, bob.await.unwrap().unwrap().contact.id];
        assert_eq!(made, expected);
        assert!(fails.await.is_err());
    }
}
