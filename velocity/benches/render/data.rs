//! What the project's own templates are rendered over: as much and of the same kinds as in the reference's benches.

use velocity::Value;

const GOODS: [&str; 10] = [
    "Linen shirt",
    "Rain boots",
    "Wooden lamp",
    "Tea set",
    "Road bicycle bell",
    "Wool blanket",
    "Notebook",
    "Desk clock",
    "Garden chair",
    "Cork mat",
];

fn goods(number: i32) -> String {
    let name = usize::try_from(number).ok().and_then(|number| GOODS.get(number % GOODS.len()));
    format!("{} {number}", name.copied().unwrap_or_default())
}

/// A pair of texts as a map has them.
fn entry(name: &'static str, value: impl Into<Value>) -> (&'static str, Value) {
    (name, value.into())
}

/// One line of text for a messenger.
pub(crate) fn promo() -> Value {
    Value::map([
        entry("client", Value::map([entry("name", "Taras"), entry("gold", true)])),
        entry(
            "data",
            Value::map([
                entry("coupon", Value::map([entry("code", "SPRING-30")])),
                entry("percent", 30),
                entry("lastDay", "31.03.2026"),
            ]),
        ),
    ])
}

/// The letter that confirms an order of twenty lines.
pub(crate) fn order() -> Value {
    let line = |number: i32| {
        let page = format!("https://store.example.org/goods/{}", 500 + number);
        let mut fields = vec![
            entry("id", 500 + number),
            entry("goods", goods(number)),
            entry("price", 90 + number * 37 % 900),
            entry("count", 1 + number % 4),
            entry("stock", number * 7 % 23),
            entry("page", page),
            entry("before", if number % 3 == 0 { 1000 } else { 0 }),
        ];
        if number % 2 == 0 {
            let choice =
                |name: &'static str, value: &'static str| Value::map([entry("name", name), entry("value", value)]);
            fields.push(entry("choices", Value::list([choice("Size", "M"), choice("Colour", "green")])));
        }
        Value::map(fields)
    };
    let other = |number: i32| {
        Value::map([
            entry("goods", goods(number)),
            entry("price", 150 + number),
            entry("page", format!("https://store.example.org/goods/{}", 700 + number)),
            entry("picture", format!("https://static.example.org/goods/{}.jpg", 700 + number)),
        ])
    };
    let shipping = Value::map([
        entry("means", "post"),
        entry("town", "Lviv"),
        entry("street", "Rynok Square 1"),
        entry("price", 65),
        entry("wish", "Please call before you come"),
    ]);
    let purchase = Value::map([
        entry("number", "P-2026-00481"),
        entry("day", "02.02.2026"),
        entry("settled", false),
        entry("means", "card"),
        entry("deadline", "05.02.2026"),
        entry("currency", "UAH"),
        entry("points", 84),
        entry("sum", 8400),
        entry("lines", Value::list((0..20).map(line))),
        entry("shipping", shipping),
    ]);
    let client = Value::map([
        entry("id", 4711),
        entry("name", "Taras"),
        entry("mail", "taras@example.org"),
        entry("language", "uk"),
        entry("gold", true),
    ]);
    Value::map([
        entry("client", client),
        entry("letter", Value::map([entry("id", "purchase")])),
        entry("purchase", purchase),
        entry("others", Value::list((20..26).map(other))),
    ])
}

/// A report of a thousand rows.
pub(crate) fn table() -> Value {
    let line = |number: i32| {
        let state = match number % 4 {
            0 => Value::Null,
            1 => Value::from("fresh"),
            _ => Value::from("good"),
        };
        let mut fields = vec![
            entry("code", format!("C-{number:05}")),
            entry("goods", goods(number)),
            entry("stock", [0, 4, 8, 15, 42].get(number.unsigned_abs() as usize % 5).copied().unwrap_or(0)),
            entry("price", 10 + number * 61 % 990),
            entry("listed", number % 3 != 0),
            entry("state", state),
        ];
        if number % 5 == 0 {
            fields.push(entry("remark", format!("remark {number}")));
        }
        Value::map(fields)
    };
    Value::map([entry("heading", "What is in store"), entry("lines", Value::list((0..1000).map(line)))])
}
