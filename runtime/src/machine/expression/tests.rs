use std::sync::Arc;

use compiler::ir::{Literal, Program, Segment};

use super::*;
use crate::machine::input::{Card, Event};
use crate::machine::sample;
use crate::value::{read, to_json};

fn literal(json: &str) -> Expression {
    Expression::Literal(match json.strip_prefix('@') {
        Some(date) if date.len() == 10 => Literal::Date(date.parse().unwrap()),
        Some(datetime) => Literal::Datetime(datetime.parse().unwrap()),
        None => match read(json).unwrap() {
            Value::Null => Literal::Null,
            Value::Bool(value) => Literal::Bool(value),
            Value::Int(value) => Literal::Int(value),
            Value::Decimal(value) => Literal::Decimal(value),
            Value::String(text) => match text.strip_prefix("ms:") {
                Some(milliseconds) => {
                    Literal::Duration(compiler::ir::Duration { milliseconds: milliseconds.parse().unwrap() })
                }
                None => Literal::String(text.to_string()),
            },
            other => panic!("{other:?} is no literal"),
        },
    })
}

fn binary(left: Expression, operator: BinaryOperator, right: Expression) -> Expression {
    Expression::Binary { operator, left: Box::new(left), right: Box::new(right) }
}

fn path(root: Root, path: &[&str]) -> Expression {
    Expression::Reference { root, path: path.iter().map(|name| Access::Field((*name).into())).collect() }
}

/// Evaluates over a sample event, contact and answer; what comes out is JSON, or the error.
fn check(expression: &Expression, expected: &str) {
    let mut program = sample::program();
    let segment = |condition| std::sync::Arc::new(Segment { description: None, condition });
    program.segments.insert("round".into(), segment(Expression::InSegment("round".into())));
    program.segments.insert(
        "gold".into(),
        segment(binary(path(Root::Contact, &["tier"]), BinaryOperator::Equal, literal("\"gold\""))),
    );
    let got = evaluate_over(expression, &program);
    assert_eq!(got, expected, "{}", Written(expression));
}

fn evaluate_over(expression: &Expression, program: &Program) -> String {
    let (event, card) = (sample::event(), sample::card());
    let data = [Answer {
        name: "offer".into(),
        webhook: "offer".into(),
        value: read(r#"{"codes":["A","B"],"deep":{"n":1.50}}"#).unwrap(),
    }];
    let aliases: [(smol_str::SmolStr, Arc<Event>); 1] = [("later".into(), Arc::new(sample::event()))];
    let card: Option<&Card> = Some(&card);
    let mut scope = Scope::of_event(&event, sample::start());
    scope.program = Some(program);
    scope.contact = card;
    scope.data = &data;
    scope.aliases = &aliases;
    match evaluate(expression, &scope) {
        Ok(value) => to_json(&value),
        Err(error) => error.to_string(),
    }
}

#[test]
fn references_lead_to_values_or_to_nothing() {
    let index = |root: Root, keys: &[&str]| Expression::Reference {
        root,
        path: keys.iter().map(|key| Access::Index(Box::new(literal(key)))).collect(),
    };
    let offer = || Root::Data("offer".into());
    for (expression, expected) in [
        (path(Root::Event, &["total"]), "250.00"),
        (path(Root::Event, &["id"]), "\"e-1\""),
        (path(Root::Event, &["occurred_at"]), "\"2026-01-01T00:00:00Z\""),
        (path(Root::Event, &["nothing", "further"]), "null"),
        (path(Root::Event, &["total", "further"]), "null"),
        (path(Root::Alias("later".into()), &["order_id"]), "\"o-1\""),
        (path(Root::Alias("unknown".into()), &["order_id"]), "null"),
        (path(Root::Contact, &["town"]), "\"Kyiv\""),
        (path(Root::Contact, &["tier"]), "\"bronze\""),
        (path(offer(), &["deep", "n"]), "1.50"),
        (index(offer(), &["\"codes\"", "1"]), "\"B\""),
        (index(offer(), &["\"codes\"", "2"]), "null"),
        (index(offer(), &["\"codes\"", "-1"]), "null"),
        (index(offer(), &["0"]), "null"),
        (path(Root::Data("other".into()), &[]), "null"),
        (Expression::InSegment("gold".into()), "false"),
        (Expression::InSegment("round".into()), "`contact in round` names no segment that can be decided"),
        (Expression::InSegment("none".into()), "`contact in none` names no segment that can be decided"),
    ] {
        check(&expression, expected);
    }
}

#[test]
fn operators() {
    use BinaryOperator::*;
    for (left, operator, right, expected) in [
        ("1", Add, "2", "3"),
        ("1", Add, "0.10", "1.10"),
        ("0.1", Add, "0.2", "0.3"),
        ("9223372036854775807", Add, "1", "`9223372036854775807 + 1` is out of range"),
        ("9999999999999999999999999999", Multiply, "10.0", "`9999999999999999999999999999 * 10.0` is out of range"),
        ("2.50", Multiply, "4", "10.00"),
        ("1", Divide, "3", "0.3333333333333333333333333333"),
        ("20", Divide, "3", "6.666666666666666666666666667"),
        ("6", Divide, "2", "3"),
        ("1", Divide, "0", "`1 / 0` divides by zero"),
        ("1", Divide, "0.00", "`1 / 0.00` divides by zero"),
        ("1", Subtract, "null", "`1 - null` subtracts a number and nothing"),
        ("\"a\"", Add, "\"b\"", "`\"a\" + \"b\"` adds a text and a text"),
        ("@2026-01-31", Add, "\"ms:86400000\"", "\"2026-02-01\""),
        ("@2026-01-31", Add, "\"ms:1\"", "`2026-01-31 + 1ms` moves a date by a part of a day"),
        ("@2026-01-31T00:00Z", Subtract, "\"ms:1000\"", "\"2026-01-30T23:59:59Z\""),
        (
            "@2026-01-31T00:00Z",
            Add,
            "\"ms:9223372036854775807\"",
            "`2026-01-31T00:00:00Z + 9223372036854775807ms` is out of range",
        ),
        ("\"ms:1000\"", Subtract, "\"ms:1001\"", "`1s - 1001ms` is a duration below zero"),
        ("\"ms:1000\"", Add, "\"ms:500\"", "\"1500ms\""),
        ("1", Equal, "1.00", "true"),
        ("1", Equal, "\"1\"", "false"),
        ("null", Equal, "null", "true"),
        ("null", NotEqual, "1", "true"),
        ("null", Less, "1", "false"),
        ("1", GreaterOrEqual, "null", "false"),
        ("1", Less, "1.5", "true"),
        ("\"b\"", Greater, "\"a\"", "true"),
        ("\"b\"", Greater, "1", "`\"b\" > 1` compares a text with a number"),
        ("@2026-01-31", Less, "@2026-02-01", "true"),
        ("null", Default, "5", "5"),
        ("false", Default, "true", "false"),
        ("\"town\"", Contains, "\"ow\"", "true"),
        ("null", Contains, "\"ow\"", "false"),
        ("1", In, "2", "`1 in 2` looks for an item in a number"),
        ("false", And, "true", "false"),
        ("null", Or, "true", "true"),
        ("1", And, "true", "`1` is a number, not `true` or `false`"),
    ] {
        check(&binary(literal(left), operator, literal(right)), expected);
    }
    let failing = || binary(literal("1"), Divide, literal("0"));
    check(&binary(literal("false"), And, failing()), "false");
    check(&binary(literal("true"), Or, failing()), "true");
    check(&binary(literal("1"), Default, failing()), "1");
    let list = || Expression::List(vec![literal("1"), literal("\"x\"")]);
    check(&binary(literal("1.0"), In, list()), "true");
    check(&binary(list(), Contains, literal("2")), "false");
    check(&binary(list(), Equal, list()), "true");
    check(&Expression::Negate(Box::new(literal("-9223372036854775808"))), "`--9223372036854775808` is out of range");
    check(&Expression::Not(Box::new(literal("null"))), "true");
    check(&Expression::IsSet(Box::new(path(Root::Event, &["note"]))), "false");
}

#[test]
fn texts_are_escaped_for_their_place() {
    let part = |value: Expression, escape| Part::Value { value, escape };
    let parts = vec![
        Part::Literal("<a t='".into()),
        part(literal("\"5 o'clock\""), compiler::ir::Escape::XmlAttribute),
        Part::Literal("'/>".into()),
        part(path(Root::Event, &["missing"]), compiler::ir::Escape::None),
    ];
    check(&Expression::Text(parts), "\"<a t='5 o&#39;clock'/>\"");
    let refused = Expression::Text(vec![part(literal("\"a\\nb\""), compiler::ir::Escape::HeaderValue)]);
    check(&refused, "`\"a\\nb\"` holds the character U+000A, which a header cannot");
}

#[test]
fn expressions_are_written_as_an_author_writes_them() {
    use BinaryOperator::*;
    let town = || path(Root::Contact, &["town"]);
    for (expression, expected) in [
        (binary(binary(literal("1"), Add, literal("2")), Multiply, literal("3")), "(1 + 2) * 3"),
        (binary(literal("1"), Subtract, binary(literal("2"), Subtract, literal("3"))), "1 - (2 - 3)"),
        (binary(binary(town(), Default, literal("\"\"")), Equal, literal("\"x\"")), "contact.town ?? \"\" == \"x\""),
        (Expression::Not(Box::new(Expression::IsSet(Box::new(town())))), "contact.town is not set"),
        (
            binary(Expression::InSegment("vip".into()), And, binary(literal("true"), Or, literal("false"))),
            "contact in vip and (true or false)",
        ),
        (path(Root::Data("Notify ERP!".into()), &["odd name"]), "data[\"Notify ERP!\"][\"odd name\"]"),
    ] {
        assert_eq!(Written(&expression).to_string(), expected);
    }
}

#[test]
fn texts_of_sensitive_fields_are_noted_wherever_they_were_read() {
    let program = sample::program();
    let (event, card) = (sample::event(), sample::card());
    let mut scope = Scope::of_event(&event, sample::start());
    scope.program = Some(&program);
    scope.contact = Some(&card);
    let scope = scope.noting_sensitive();
    evaluate(&path(Root::Event, &["order_id"]), &scope).unwrap();
    assert_eq!(scope.sensitive_texts(), Vec::<String>::new());
    evaluate(&path(Root::Event, &["pin"]), &scope).unwrap();
    evaluate(&path(Root::Contact, &[]), &scope).unwrap();
    assert_eq!(scope.sensitive_texts(), ["4711", "secret-note"]);
}
