//! The methods that the crate tells of are those that calls find, and give what is told.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test may fail loudly"
)]

use velocity::{Context, Receiver, RenderOptions, Returns, Signature, Template, Tool, Value};

/// Expressions of every type.
const SAMPLES: &[(&str, Receiver)] = &[
    ("$t", Receiver::Boolean),
    ("$n", Receiver::Integer),
    ("$n.longValue()", Receiver::Long),
    ("$b", Receiver::BigInteger),
    ("$n.floatValue()", Receiver::Float),
    ("$d", Receiver::Double),
    ("$decimal", Receiver::Decimal),
    ("$s.charAt(0)", Receiver::Character),
    ("$s", Receiver::String),
    ("$l", Receiver::List),
    ("$range", Receiver::Range),
    ("$s.split('l')", Receiver::Array),
    ("$m.keySet()", Receiver::Set),
    ("$m.values()", Receiver::Set),
    ("$m", Receiver::Map),
    ("$m.entrySet().iterator().next()", Receiver::Entry),
    ("$l.iterator()", Receiver::Iterator),
    ("$date.toDate(0)", Receiver::Date),
    ("$date.toCalendar(0)", Receiver::Calendar),
    ("$foreach", Receiver::Loop),
    ("$date.difference(0, 1)", Receiver::Comparison),
    ("$date.getTimeZone()", Receiver::TimeZone),
    ("$math", Receiver::Tool(Tool::Math)),
    ("$number", Receiver::Tool(Tool::Number)),
    ("$date", Receiver::Tool(Tool::Date)),
    ("$esc", Receiver::Tool(Tool::Esc)),
    ("$display", Receiver::Tool(Tool::Display)),
    ("$sorter", Receiver::Tool(Tool::Collection)),
    ("$convert", Receiver::Tool(Tool::Conversion)),
    ("$loop", Receiver::Tool(Tool::Loop)),
    ("$alternator", Receiver::Tool(Tool::Alternator)),
];

/// What calls are tried with.
const ARGUMENTS: &[&str] = &["1", "'l'", "'5'", "$l", "$m", "$d", "true", "$s", "$date.toDate(5)", "'yyyy'", "$b"];

/// The value of an expression, where it has one.
fn value(expression: &str) -> Option<Value> {
    let out = Value::list(Vec::<Value>::new());
    let context: Context = [
        ("t", Value::from(true)),
        ("n", Value::from(5)),
        ("b", Value::integer("123456789012345678901234567890").expect("a number")),
        ("d", Value::from(2.5)),
        ("s", Value::from("hello")),
        ("l", Value::list([1, 2, 3])),
        ("m", Value::map([("1", 1), ("l", 2)])),
        ("out", out.clone()),
    ]
    .into_iter()
    .collect();
    let source = format!(
        "#set($decimal = '1.50' * 1)#set($range = [1..4])#foreach($x in [1])#set($x = $out.add({expression}))#end"
    );
    let options = RenderOptions { now: "2026-03-01T10:00:00Z".parse().ok(), ..RenderOptions::default() };
    let template = Template::parse("test.vm", &source).expect("a template");
    template.render_with(&context, &options, &mut String::new()).ok()?;
    let Value::List(list) = out else { panic!("a list") };
    list.get(0).filter(|value| !value.is_null())
}

fn agrees(signature: &Signature, value: &Value) -> bool {
    match signature.returns {
        Returns::Value(receiver) => Receiver::of(value) == Some(receiver),
        Returns::Number => matches!(
            Receiver::of(value),
            Some(Receiver::Integer | Receiver::Long | Receiver::Double | Receiver::BigInteger | Receiver::Decimal)
        ),
        // A call without a result prints nothing.
        Returns::Nothing => value.as_str() == Some(""),
        _ => true,
    }
}

#[test]
fn samples_are_of_their_types() {
    for (sample, receiver) in SAMPLES {
        let value = value(sample).unwrap_or_else(|| panic!("{sample} has no value"));
        assert_eq!(Receiver::of(&value), Some(*receiver), "{sample}");
    }
}

#[test]
fn methods_give_what_is_told() {
    let mut answered = 0;
    for (sample, receiver) in SAMPLES {
        let methods = receiver.methods();
        for signature in &methods {
            // Where several methods of a name take as many arguments, the call may mean any of them.
            let arity = signature.least.max(1).min(signature.most.unwrap_or(2));
            let same = |other: &&Signature| other.name == signature.name && other.takes(arity);
            let candidates: Vec<&Signature> = methods.iter().filter(same).collect();
            let mut calls = vec![String::new()];
            for _ in 0..arity {
                // Each argument with some others after it, and beyond pairs a number.
                calls = match calls.as_slice() {
                    [only] => ARGUMENTS.iter().map(|argument| format!("{only}{argument}")).collect(),
                    all if all.len() > ARGUMENTS.len() => all.iter().map(|call| format!("{call}, 1")).collect(),
                    all => all
                        .iter()
                        .enumerate()
                        .flat_map(|(at, call)| [0, 1, at].map(|other| format!("{call}, {}", ARGUMENTS[other])))
                        .collect(),
                };
            }
            for call in calls {
                let expression = format!("{sample}.{}({call})", signature.name);
                if let Some(value) = value(&expression) {
                    answered += 1;
                    assert!(
                        candidates.iter().any(|candidate| agrees(candidate, &value)),
                        "{expression} gives {value:?}, not {:?}",
                        signature.returns
                    );
                }
            }
        }
    }
    assert!(answered > 2000, "{answered} calls have an answer");
}

#[test]
fn what_is_not_told_is_not_there() {
    for (sample, receiver) in SAMPLES {
        for name in ["getClass", "wait", "notify", "finalize", "forName", "length2", "ToString"] {
            if *receiver == Receiver::Map || *receiver == Receiver::Loop {
                continue;
            }
            assert!(!receiver.has(name), "{sample}.{name}");
            assert!(value(&format!("{sample}.{name}()")).is_none(), "{sample}.{name}()");
        }
        // Without brackets only what a getter gives.
        for name in ["length", "size", "empty", "toUpperCase", "time", "year", "index", "b", "quote"] {
            let told = receiver.property(name).is_some();
            let there = value(&format!("{sample}.{name}")).is_some();
            assert!(told || !there, "{sample}.{name} is there and not told of");
        }
    }
}

#[test]
fn arguments_are_counted() {
    let takes = |receiver: Receiver, name: &str, count: usize| {
        receiver.methods().iter().any(|method| method.name == name && method.takes(count))
    };
    assert!(takes(Receiver::String, "substring", 1) && takes(Receiver::String, "substring", 2));
    assert!(!takes(Receiver::String, "substring", 0) && !takes(Receiver::String, "substring", 3));
    assert!(takes(Receiver::String, "format", 1) && takes(Receiver::String, "format", 9));
    assert!(takes(Receiver::Tool(Tool::Math), "add", 7));
    assert_eq!(Receiver::tool("mathTool"), Some(Receiver::Tool(Tool::Math)));
    assert_eq!(Receiver::tool("order"), None);
    assert_eq!(Receiver::String.property("empty").map(|method| method.name), Some("isEmpty"));
    assert_eq!(Receiver::Map.property("size"), None);
}
