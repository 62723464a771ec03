use super::super::{read, to_json};
use super::*;

fn field(ty: Type) -> Field {
    Field { ty, sensitive: false, default: None }
}

fn record<const N: usize>(fields: [(&str, Field); N]) -> Type {
    Type::Record(fields.into_iter().map(|(name, field)| (name.into(), field)).collect())
}

/// Fits a JSON text; what comes out is JSON again, or the mismatches one a line. What fits fits again, unchanged.
fn check(json: &str, ty: &Type, expected: &str) {
    let got = match fit(read(json).unwrap(), ty) {
        Ok(value) => {
            let again = fit(read(&to_json(&value)).unwrap(), ty).unwrap();
            assert_eq!(again, value, "{json} as {ty}, read again");
            to_json(&value)
        }
        Err(mismatches) => mismatches
            .iter()
            .map(|mismatch| format!("{}: {}", mismatch.path, mismatch.message))
            .collect::<Vec<_>>()
            .join("\n"),
    };
    assert_eq!(got, expected, "{json} as {ty}");
}

#[test]
fn single_values() {
    let tier = Type::Union(vec![Literal::String("gold".into()), Literal::Int(2), Literal::Bool(true)]);
    for (json, ty, expected) in [
        (r#""x""#, Type::String, r#""x""#),
        ("1", Type::String, ": expected `string`, got the number `1`"),
        ("null", Type::String, ": expected `string`, got nothing"),
        ("5", Type::Int, "5"),
        (r#""-12""#, Type::Int, "-12"),
        ("5.00", Type::Int, "5"),
        ("1e3", Type::Int, "1000"),
        ("5.5", Type::Int, ": expected `int`, got the number `5.5`"),
        (r#""5 ""#, Type::Int, ": expected `int`, got the text `\"5 \"`"),
        (r#""+5""#, Type::Int, ": expected `int`, got the text `\"+5\"`"),
        ("9223372036854775808", Type::Int, ": expected `int`, got the number `9223372036854775808`"),
        ("99.50", Type::Decimal, "99.50"),
        ("7", Type::Decimal, "7"),
        (r#""99.50""#, Type::Decimal, "99.50"),
        (r#""1,5""#, Type::Decimal, ": expected `decimal` of at most 28 digits, got the text `\"1,5\"`"),
        (
            "12345678901234567890123456789",
            Type::Decimal,
            ": expected `decimal` of at most 28 digits, got the number `12345678901234567890123456789`",
        ),
        ("true", Type::Bool, "true"),
        (r#""true""#, Type::Bool, ": expected `bool`, got the text `\"true\"`"),
        (r#""2026-02-28""#, Type::Date, r#""2026-02-28""#),
        (r#""2026-02-29""#, Type::Date, ": expected `date` such as `2026-11-24`, got the text `\"2026-02-29\"`"),
        (
            r#""2026-02-28T10:00""#,
            Type::Date,
            ": expected `date` such as `2026-11-24`, got the text `\"2026-02-28T10:00\"`",
        ),
        (r#""2026-11-24T09:30:00.5+02:00""#, Type::Datetime, r#""2026-11-24T07:30:00.5Z""#),
        (
            r#""2026-11-24T09:30:00""#,
            Type::Datetime,
            ": expected `datetime` such as `2026-11-24T09:30:00Z`, got the text `\"2026-11-24T09:30:00\"`",
        ),
        (r#""90min""#, Type::Duration, r#""90min""#),
        (r#""1m""#, Type::Duration, ": expected `duration` such as `90min`, got the text `\"1m\"`"),
        (
            r#""99999999999999999999w""#,
            Type::Duration,
            ": expected `duration` such as `90min`, got the text `\"99999999999999999999w\"`",
        ),
        (r#""Ann@Example.COM""#, Type::Email, r#""Ann@example.com""#),
        (r#""+38 (067) 123-45.67""#, Type::Phone, r#""+380671234567""#),
        (
            r#""067 123 45 67""#,
            Type::Phone,
            ": expected `phone` such as `+380671234567`, got the text `\"067 123 45 67\"`",
        ),
        (r#""+123456""#, Type::Phone, ": expected `phone` such as `+380671234567`, got the text `\"+123456\"`"),
        (r#""HTTPS://Example.com/ä b""#, Type::Url, r#""https://example.com/%C3%A4%20b""#),
        (
            r#""javascript:alert(1)""#,
            Type::Url,
            ": expected `url` such as `https://example.com/`, got the text `\"javascript:alert(1)\"`",
        ),
        (
            r#""https://a.example/\nx""#,
            Type::Url,
            ": expected `url` such as `https://example.com/`, got the text `\"https://a.example/\\nx\"`",
        ),
        (r#"{"a":[1,"x",null]}"#, Type::Json, r#"{"a":[1,"x",null]}"#),
        (r#""gold""#, tier.clone(), r#""gold""#),
        ("2.0", tier.clone(), "2"),
        (r#""Gold""#, tier.clone(), ": expected `\"gold\" | 2 | true`, got the text `\"Gold\"`"),
        ("null", tier.optional(), "null"),
    ] {
        check(json, &ty, expected);
    }
}

#[test]
fn all_mismatches_are_told_with_their_places() {
    let item = record([("sku", field(Type::String)), ("price", field(Type::Decimal))]);
    let order = record([
        ("items", field(Type::List(Box::new(item)))),
        ("note", field(Type::String.optional())),
        ("tier", Field { default: Some(Literal::String("bronze".into())), ..field(Type::String) }),
        ("odd name", field(Type::Int)),
    ]);
    check(
        r#"{"odd name":1,"extra":[1],"note":null,"items":[{"sku":"a","price":"1.50"}]}"#,
        &order,
        r#"{"items":[{"price":1.50,"sku":"a"}],"odd name":1,"tier":"bronze"}"#,
    );
    check(
        r#"{"odd name":"x","note":5,"tier":null,"items":[{"sku":"a","price":1},{"price":"x"},7]}"#,
        &order,
        "items[1].price: expected `decimal` of at most 28 digits, got the text `\"x\"`\n\
         items[1].sku: missing: expected `string`\n\
         items[2]: expected `{ price: decimal, sku: string }`, got the number `7`\n\
         note: expected `string`, got the number `5`\n\
         [\"odd name\"]: expected `int`, got the text `\"x\"`",
    );
    check("[]", &order, &format!(": expected `{order}`, got a list"));
}

#[test]
fn mismatches_are_bounded_and_hide_sensitive_values() {
    let secret = record([("card", Field { sensitive: true, ..field(Type::List(Box::new(Type::Int))) })]);
    check(
        r#"{"card":["4111x",1.5]}"#,
        &secret,
        "card[0]: expected `int`, got a text\ncard[1]: expected `int`, got another value",
    );
    let many = read(&format!("[{}0]", "\"x\",".repeat(5_000))).unwrap();
    assert_eq!(fit(many, &Type::List(Box::new(Type::Int))).unwrap_err().len(), 100);
}
