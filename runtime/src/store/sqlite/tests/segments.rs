//! Segments: what SQL finds is what the machine decides, for any condition and whatever is kept.

use std::sync::Arc;

use compiler::ir::{
    Access, BinaryOperator, Contact, ContactField, Expression, Literal, Root, Type, contact::standard_field,
};
use proptest::prelude::*;
use proptest::sample::select;
use smol_str::SmolStr;

use super::*;
use crate::directory;
use crate::machine::LoadedProgram;
use crate::store::sqlite::segment::conditions;

/// Fields of every type, some with a default.
fn card() -> Contact {
    let text = |text: &str| Literal::String(text.to_owned());
    let decimal = |text: &str| Literal::Decimal(text.parse().unwrap());
    let fields: [(&str, Type, Option<Literal>); 14] = [
        ("tier", Type::Union(vec![text("bronze"), text("silver"), text("go'ld")]), Some(text("bronze"))),
        ("mood", Type::Union(vec![text("good"), text("bad")]), None),
        ("level", Type::Union(vec![Literal::Int(1), text("2")]), None),
        ("note", Type::String, None),
        ("word", Type::String, Some(text("é\"x"))),
        ("vip", Type::Bool, Some(Literal::Bool(true))),
        ("new", Type::Bool, None),
        ("orders", Type::Int, None),
        ("points", Type::Int, Some(Literal::Int(7))),
        ("total", Type::Decimal, Some(decimal("1.50"))),
        ("since", Type::Date, None),
        ("seen", Type::Datetime, None),
        ("tags", Type::List(Box::new(Type::String)), None),
        ("site", Type::Url, None),
    ];
    let fields = fields.into_iter().map(|(name, ty, default)| {
        let ty = if default.is_some() { ty } else { ty.optional() };
        (name.into(), ContactField { ty, default, sensitive: false })
    });
    Contact { fields: fields.collect() }
}

const FIELDS: &[&str] = &[
    "tier",
    "mood",
    "level",
    "note",
    "word",
    "vip",
    "new",
    "orders",
    "points",
    "total",
    "since",
    "seen",
    "tags",
    "site",
    "town",
    "email",
    "birthday",
    "id",
    "created_at",
    "updated_at",
];

/// Literals of a type, near to each other.
fn literal(ty: &Type) -> BoxedStrategy<Literal> {
    let texts =
        |texts: &'static [&'static str]| select(texts).prop_map(|text| Literal::String(text.to_owned())).boxed();
    match ty.required() {
        Type::Union(members) => prop_oneof![select(members.clone()), Just(Literal::String("none".into()))].boxed(),
        Type::String => texts(&["", "a", "b", "é\"x", "it's", "a\u{0}b", "\u{1}", "5", "true"]),
        Type::Email => texts(&["ann@example.com", "bob@example.com"]),
        Type::Url => texts(&["https://a.example/", "https://b.example/"]),
        Type::Bool => any::<bool>().prop_map(Literal::Bool).boxed(),
        Type::Int => select(vec![-1, 0, 1, 2, 7, i64::MAX]).prop_map(Literal::Int).boxed(),
        Type::Decimal => prop_oneof![
            select(vec!["1.5", "1.50", "0", "-2.25", "1.4999999999999999999999999", "7922816251426433759354395033"])
                .prop_map(|text| Literal::Decimal(text.parse().unwrap())),
            select(vec![0, 1, 7]).prop_map(Literal::Int),
        ]
        .boxed(),
        Type::Date => select(vec!["2026-02-28", "2026-03-01", "1999-12-31"])
            .prop_map(|text| Literal::Date(text.parse().unwrap()))
            .boxed(),
        Type::Datetime => select(vec![
            "2026-03-28T09:00:05.123456789Z",
            "2026-03-28T09:00:05Z",
            "2026-03-28T09:00:06.5+00:00",
            "1969-01-01T00:00:00Z",
        ])
        .prop_map(|text| Literal::Datetime(text.parse().unwrap()))
        .boxed(),
        Type::List(_) => texts(&["a", "b", "é\"x"]),
        _ => Just(Literal::Null).boxed(),
    }
}

fn type_of(field: &str) -> Type {
    standard_field(field).or_else(|| card().fields.get(field).map(|field| field.ty.clone())).unwrap()
}

fn field(name: &str) -> Expression {
    Expression::Reference { root: Root::Contact, path: vec![Access::Field(name.into())] }
}

/// A field, sometimes with something that stands for it.
fn operand(name: &'static str) -> BoxedStrategy<Expression> {
    let plain = Just(field(name));
    let with = literal(&type_of(name)).prop_map(move |fallback| Expression::Binary {
        operator: BinaryOperator::Default,
        left: Box::new(field(name)),
        right: Box::new(Expression::Literal(fallback)),
    });
    prop_oneof![3 => plain, 1 => with].boxed()
}

fn comparison() -> BoxedStrategy<Expression> {
    use BinaryOperator::*;
    let operators = vec![Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual, In, Contains];
    (select(FIELDS), select(operators), any::<bool>())
        .prop_flat_map(|(name, operator, flipped)| {
            let literals = proptest::collection::vec(literal(&type_of(name)), 1..3);
            (operand(name), literals, Just(operator), Just(flipped))
        })
        .prop_map(|(operand, literals, operator, flipped)| {
            let mut literals: Vec<Expression> = literals.into_iter().map(Expression::Literal).collect();
            let right = if operator == In { Expression::List(literals) } else { literals.remove(0) };
            let (left, right) = if flipped { (right, operand) } else { (operand, right) };
            Expression::Binary { operator, left: Box::new(left), right: Box::new(right) }
        })
        .boxed()
}

fn condition() -> BoxedStrategy<Expression> {
    let leaf = prop_oneof![
        8 => comparison(),
        2 => select(FIELDS).prop_map(|name| Expression::IsSet(Box::new(field(name)))),
        1 => select(vec!["vip", "new"]).prop_map(field),
        1 => any::<bool>().prop_map(|value| Expression::Literal(Literal::Bool(value))),
        1 => Just(Expression::InSegment("other".into())),
        1 => Just(Expression::InSegment("missing".into())),
    ];
    leaf.prop_recursive(4, 16, 2, |inner| {
        let two = || (inner.clone(), inner.clone());
        let join = |operator| {
            move |(left, right)| Expression::Binary { operator, left: Box::new(left), right: Box::new(right) }
        };
        prop_oneof![
            two().prop_map(join(BinaryOperator::And)),
            two().prop_map(join(BinaryOperator::Or)),
            inner.prop_map(|inner| Expression::Not(Box::new(inner))),
        ]
    })
    .boxed()
}

/// What may be kept in a field: mostly what fits its type, sometimes what is left of another one.
fn kept(name: &'static str) -> BoxedStrategy<Option<String>> {
    let fits = match type_of(name).required() {
        Type::List(_) => {
            select(vec![r#"["a"]"#, r#"["b","é\"x"]"#, "[]", r#"["a",5]"#]).prop_map(str::to_owned).boxed()
        }
        ty => literal(ty).prop_map(|literal| crate::value::to_json(&crate::value::Value::from(&literal))).boxed(),
    };
    let strange = vec![
        "5",
        "5.0",
        "1.50",
        "15e-1",
        "1e300",
        "12345678901234567890",
        "-0",
        "\"5\"",
        "\"5.0\"",
        "true",
        "false",
        "\"true\"",
        "[]",
        "[1]",
        "{}",
        "{\"a\":1}",
        "\"2026-02-31\"",
        "\"2026-02-28\"",
        "\"hello\"",
        "\"bronze\"",
        "\"2026-03-28T09:00:05+02:00\"",
        "\"2026-03-28T09:00:05.5Z\"",
        "\"2026-02-31T09:00:05Z\"",
        "\"HTTPS://a.example\"",
        "\"a\\u0000b\"",
        "0.1234567890123456789012345678901",
        "\"\"",
    ];
    prop_oneof![
        1 => Just(None),
        4 => fits.prop_map(Some),
        2 => select(strange).prop_map(|json| Some(json.to_owned())),
    ]
    .boxed()
}

fn contact() -> BoxedStrategy<Vec<(SmolStr, String)>> {
    let names: Vec<&'static str> =
        FIELDS.iter().copied().filter(|name| !matches!(*name, "id" | "created_at" | "updated_at" | "email")).collect();
    let fields: Vec<_> =
        names.into_iter().map(|name| kept(name).prop_map(move |json| json.map(|json| (name.into(), json)))).collect();
    // Fields of the card itself have never had another type.
    let card = ["town", "birthday"];
    fields
        .prop_map(move |fields| {
            let fields = fields.into_iter().flatten();
            fields
                .filter(|(name, json): &(SmolStr, String)| {
                    let ty = standard_field(name);
                    let value = crate::value::read(json).unwrap();
                    !card.contains(&name.as_str())
                        || ty.is_none_or(|ty| {
                            crate::value::fit(value.clone(), &ty)
                                .is_ok_and(|fitted| crate::value::to_json(&fitted) == *json)
                        })
                })
                .collect()
        })
        .boxed()
}

fn program(condition: Expression) -> Arc<LoadedProgram> {
    let other = r#"segment other { contact.town == "a" or contact.postcode is set }"#;
    let mut sources = compiler::source::Sources::new();
    sources.add("a.wf", other);
    let mut ir = compiler::compile(&sources).program.unwrap();
    ir.contact = card();
    ir.segments.insert("s".into(), Arc::new(compiler::ir::Segment { description: None, condition }));
    Arc::new(LoadedProgram::new(ir))
}

/// The members by the store, in parts, and those by the machine alone.
async fn members(store: &SqliteStore, program: &Arc<LoadedProgram>, count: i64) -> (Vec<i64>, Vec<i64>) {
    let segment = directory::segment(program, &"s".into());
    let (mut found, mut after) = (vec![], 0);
    loop {
        let part = store.members(segment.clone(), after, count, 2).await.unwrap();
        found.extend(part.contacts.iter().map(|contact| contact.id));
        match part.come_to {
            Some(come_to) => after = come_to,
            None => break,
        }
    }
    let mut decided = vec![];
    for id in 1..=count {
        let contact = store.contact(id).await.unwrap().unwrap();
        if directory::belongs(program, "s", &contact) {
            decided.push(id);
        }
    }
    (found, decided)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn sql_and_the_machine_agree(
        contacts in proptest::collection::vec(contact(), 6..10),
        wanted in proptest::collection::vec(condition(), 40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let store = opened();
            let count = i64::try_from(contacts.len()).unwrap();
            for (number, mut fields) in contacts.into_iter().enumerate() {
                fields.push(("email".into(), format!("\"p{number}@example.com\"")));
                let change = ContactChange { id: None, fields, at: at(number as i64), watching: None };
                store.put_contact(change).await.unwrap().unwrap();
            }
            for (number, condition) in wanted.into_iter().enumerate() {
                let written = compiler::ir::Written(&condition).to_string();
                let program = program(condition);
                let (found, decided) = members(&store, &program, count).await;
                assert_eq!(found, decided, "{written}\n{:#?}", conditions(&program, "s"));
                // An index each time would take most of the time.
                if number % 8 != 0 {
                    continue;
                }
                while store.index_segments(program.clone()).await.unwrap() {}
                let connection = rusqlite::Connection::open(store.folder.path().join("store.db")).unwrap();
                let segment = directory::segment(&program, &"s".into());
                if let Some(indexed) = list::indexed(&connection, &segment, 0, 100).unwrap() {
                    let indexed: Vec<i64> = indexed.iter().map(|contact| contact.id).collect();
                    assert_eq!(indexed, decided, "{written} by its index");
                }
            }
        });
    }
}

/// Usual segments are decided by SQL alone.
#[test]
fn usual_conditions_need_no_machine() {
    let source = r#"
        contact {
          tier: "bronze" | "silver" | "gold" = "bronze"
          orders: int = 0
          vip: bool = false
          tags: [string]?
        }
        segment other { contact.vip }
        segment s { CONDITION }
    "#;
    for (condition, exact) in [
        (r#"contact.tier == "gold" and contact.town in ["Kyiv", "Lviv"]"#, true),
        (r#"contact.tier != "bronze" or not (contact in other)"#, true),
        (r#"contact.first_name is set and contact.birthday is not set"#, true),
        (r#"contact.created_at > 2026-01-01T00:00Z and contact.id < 7"#, true),
        (r#"(contact.town ?? "Kyiv") == "Kyiv" and contact.email == "ann@example.com""#, true),
        (r#"(contact.town ?? "") contains "yi""#, true),
        (r#"(contact.tags ?? []) contains "x""#, false),
        (r#"contact.orders + 1 > 5"#, false),
    ] {
        let mut sources = compiler::source::Sources::new();
        sources.add("a.wf", source.replace("CONDITION", condition));
        let compiled = compiler::compile(&sources);
        let program = LoadedProgram::new(compiled.program.unwrap_or_else(|| panic!("{:#?}", compiled.diagnostics)));
        let found = conditions(&program, "s").unwrap();
        assert_eq!(found.is_exact(), exact, "{condition}: {found:#?}");
    }
    assert!(conditions(&program(field("vip")), "nothing").is_none());
}

/// Few members among many contacts: found by the index as without it, until a program does not have the segment.
#[tokio::test]
async fn an_index_finds_the_same_members() {
    let store = opened();
    let changes = (0..5_000).map(|number| {
        let town = if number % 1_000 == 7 { "a" } else { "b" };
        let fields = vec![
            ("email".into(), format!("\"p{number}@example.com\"")),
            ("town".into(), format!("\"{town}\"")),
            ("orders".into(), number.to_string()),
        ];
        ContactChange { id: None, fields, at: at(1), watching: None }
    });
    store.put_contacts(changes.collect()).await.unwrap();
    let compiled = |condition: &str| {
        let mut sources = compiler::source::Sources::new();
        sources.add("a.wf", format!("contact {{ orders: int? }} segment s {{ {condition} }}"));
        Arc::new(LoadedProgram::new(compiler::compile(&sources).program.unwrap()))
    };
    let program = compiled(r#"contact.town == "a" and (contact.orders ?? 0) > 100"#);
    let find = async || {
        let segment = Some(directory::segment(&program, &"s".into()));
        let query = ContactQuery { text: None, segment, cursor: None, limit: 3 };
        let page = store.contacts(query.clone()).await.unwrap();
        let mut found = page.items;
        if page.next.is_some() {
            let rest = store.contacts(ContactQuery { cursor: page.next, ..query }).await.unwrap();
            assert_eq!(rest.next, None);
            found.extend(rest.items);
        }
        found.iter().map(|contact| contact.id).collect::<Vec<_>>()
    };
    assert_eq!(find().await, [1_008, 2_008, 3_008, 4_008]);
    while store.index_segments(program.clone()).await.unwrap() {}
    let indexes = || {
        let connection = rusqlite::Connection::open(store.folder.path().join("store.db")).unwrap();
        let sql = "SELECT count(*) FROM sqlite_schema WHERE name GLOB 'segment_*'";
        connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(indexes(), 1);
    assert_eq!(find().await, [1_008, 2_008, 3_008, 4_008]);
    let change = vec![("email".into(), r#""p2007@example.com""#.into()), ("orders".into(), "1".into())];
    store.put_contact(ContactChange { id: None, fields: change, at: at(2), watching: None }).await.unwrap().unwrap();
    assert_eq!(find().await, [1_008, 3_008, 4_008], "it follows the contacts");
    let other = compiled("(contact.orders ?? 0) + 1 > 5");
    while store.index_segments(other.clone()).await.unwrap() {}
    assert_eq!(indexes(), 0);
    assert_eq!(find().await, [1_008, 3_008, 4_008]);
}

#[tokio::test]
async fn a_page_of_a_segment_is_searched_and_gone_on_with() {
    let store = opened();
    for number in 0..40 {
        let town = if number % 2 == 0 { "a" } else { "b" };
        let fields = vec![
            ("email".into(), format!("\"p{number}@example.com\"")),
            ("town".into(), format!("\"{town}\"")),
            ("first_name".into(), format!("\"Ann {}\"", number % 4)),
        ];
        store.put_contact(ContactChange { id: None, fields, at: at(1), watching: None }).await.unwrap().unwrap();
    }
    let town = Expression::Binary {
        operator: BinaryOperator::Equal,
        left: Box::new(field("town")),
        right: Box::new(Expression::Literal(Literal::String("a".to_owned()))),
    };
    let segment = directory::segment(&program(town), &"s".into());
    for (text, expected) in [
        (None, (0..20).map(|number| number * 2 + 1).collect::<Vec<i64>>()),
        (Some("ann 2"), (0..10).map(|number| number * 4 + 3).collect()),
        (Some("p1@example.com"), vec![]),
        (Some("p2@example.com"), vec![3]),
        (Some("p3"), vec![31, 33, 35, 37, 39]),
    ] {
        let (mut found, mut cursor) = (vec![], None);
        loop {
            let query = ContactQuery {
                text: text.map(str::to_owned),
                segment: Some(segment.clone()),
                cursor: cursor.take(),
                limit: 3,
            };
            let page = store.contacts(query).await.unwrap();
            assert!(page.items.len() <= 3);
            found.extend(page.items.iter().map(|contact| contact.id));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(found, expected, "{text:?}");
    }
}
