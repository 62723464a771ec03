//! Expressions, literals and types: what a text is read as.

use compiler::syntax::ast::{
    BinaryOperator, DeclarationKind, Expr, ExprKind, Fields, Literal, StatementKind, TextPart, Type, TypeKind,
    UnaryOperator,
};

use super::{accepts, findings};

/// The condition of a segment, with brackets around every operation.
fn read(expression: &str) -> String {
    let parsed = accepts(&format!("segment s {{ {expression} }}"));
    match &parsed.declarations[0].node.kind {
        DeclarationKind::Segment(segment) => shown(&segment.condition),
        other => panic!("{other:?}"),
    }
}

fn shown(expression: &Expr) -> String {
    let list = |values: &[Expr]| values.iter().map(shown).collect::<Vec<_>>().join(", ");
    match &expression.node {
        ExprKind::Text(text) => {
            let part = |part: &TextPart| match part {
                TextPart::Literal(block) => block.text.escape_debug().to_string(),
                TextPart::Interpolation(value) => format!("${{{}}}", shown(&value.node)),
            };
            format!("\"{}\"", text.parts.iter().map(part).collect::<String>())
        }
        ExprKind::Int(value) => value.to_string(),
        ExprKind::Decimal(value) => value.to_string(),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Null => "null".to_owned(),
        ExprKind::Date(date) => date.to_string(),
        ExprKind::DateTime(at) => {
            format!("{}{}", at.civil, at.offset.map(|offset| offset.to_string()).unwrap_or_default())
        }
        ExprKind::Time(time) => time.to_string(),
        ExprKind::Duration(duration) => format!("{}ms", duration.milliseconds()),
        ExprKind::List(values) => format!("[{}]", list(values)),
        ExprKind::Record(record) => {
            let entries = record.entries.iter().map(|entry| format!("{:?}: {}", entry.name.node, shown(&entry.value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        ExprKind::Name(name) => name.to_string(),
        ExprKind::Field { of, name } => format!("{}.{}", shown(of), name.node),
        ExprKind::Index { of, index } => format!("{}[{}]", shown(of), shown(index)),
        ExprKind::Call { function, arguments } => format!("{}({})", shown(function), list(arguments)),
        ExprKind::Unary { operator, operand } => match operator.node {
            UnaryOperator::Not => format!("(not {})", shown(operand)),
            UnaryOperator::Negate => format!("(-{})", shown(operand)),
        },
        ExprKind::Binary { operator, left, right } => {
            let sign = match operator.node {
                BinaryOperator::Or => "or",
                BinaryOperator::And => "and",
                BinaryOperator::Equal => "==",
                BinaryOperator::NotEqual => "!=",
                BinaryOperator::Less => "<",
                BinaryOperator::LessOrEqual => "<=",
                BinaryOperator::Greater => ">",
                BinaryOperator::GreaterOrEqual => ">=",
                BinaryOperator::In => "in",
                BinaryOperator::NotIn => "not in",
                BinaryOperator::Contains => "contains",
                BinaryOperator::Add => "+",
                BinaryOperator::Subtract => "-",
                BinaryOperator::Multiply => "*",
                BinaryOperator::Divide => "/",
                BinaryOperator::Coalesce => "??",
            };
            format!("({} {sign} {})", shown(left), shown(right))
        }
        ExprKind::IsSet { operand, negated } => {
            format!("({} is{} set)", shown(operand), if *negated { " not" } else { "" })
        }
        ExprKind::Broken => "BROKEN".to_owned(),
    }
}

#[test]
fn operators_bind_as_the_reference_says() {
    for (written, read_as) in [
        ("a or b and not c == d", "(a or (b and (not (c == d))))"),
        ("a and b or c and d", "((a and b) or (c and d))"),
        ("a or b or c", "((a or b) or c)"),
        ("not not a", "(not (not a))"),
        ("a + b * c - d / e", "((a + (b * c)) - (d / e))"),
        ("a - b - c", "((a - b) - c)"),
        ("a ?? 0 + 1", "((a ?? 0) + 1)"),
        ("1 + a ?? 0", "(1 + (a ?? 0))"),
        ("a ?? b ?? c", "(a ?? (b ?? c))"),
        ("-a ?? b", "(-(a ?? b))"),
        ("a ?? -1 * 2", "((a ?? (-1)) * 2)"),
        ("a + 1 > b and c", "(((a + 1) > b) and c)"),
        ("a is set and b is not set", "((a is set) and (b is not set))"),
        ("a ?? b is set", "((a ?? b) is set)"),
        ("a in [1, 2,] or contact in loyal", "((a in [1, 2]) or (contact in loyal))"),
        ("a not in []", "(a not in [])"),
        ("not a in b", "(not (a in b))"),
        ("a contains \"x\"", "(a contains \"x\")"),
        ("(a or b) and (a == b) == c", "((a or b) and ((a == b) == c))"),
        ("contact.a.b[0].c[\"d\"](1, 2).e", "contact.a.b[0].c[\"d\"](1, 2).e"),
        ("(a).b", "a.b"),
        ("f()", "f()"),
        // Any word is a field, also the reserved ones.
        ("contact.in + event.or.true.if == data.set", "((contact.in + event.or.true.if) == data.set)"),
        (
            "{ in: 1 or: 2, if: { \"a b\": 3 } \"\": 4 } == message",
            "({\"in\": 1, \"or\": 2, \"if\": {\"a b\": 3}, \"\": 4} == message)",
        ),
        ("[{ a: [] }, {}]", "[{\"a\": []}, {}]"),
    ] {
        assert_eq!(read(written), read_as, "{written}");
    }
}

#[test]
fn literals_are_what_they_say() {
    for (written, read_as) in [
        ("0042", "42"),
        ("9223372036854775807", "9223372036854775807"),
        ("250.00", "250.00"),
        ("0.0000000000000000000000000001", "0.0000000000000000000000000001"),
        ("2026-11-24", "2026-11-24"),
        ("2024-02-29", "2024-02-29"),
        ("2026-11-24T09:30", "2026-11-24T09:30:00"),
        ("2026-11-24T09:30:15Z", "2026-11-24T09:30:15+00"),
        ("2026-11-24T09:30+02:00", "2026-11-24T09:30:00+02"),
        ("2026-11-24T09:30-05:30", "2026-11-24T09:30:00-05:30"),
        ("2026-11-24T09:30 + 3d", "(2026-11-24T09:30:00 + 259200000ms)"),
        ("00:00", "00:00:00"),
        ("23:59", "23:59:00"),
        ("500ms", "500ms"),
        ("5s", "5000ms"),
        ("10min", "600000ms"),
        ("1h", "3600000ms"),
        ("7d", "604800000ms"),
        ("2w", "1209600000ms"),
        ("true == false", "(true == false)"),
        ("null", "null"),
    ] {
        assert_eq!(read(written), read_as, "{written}");
    }
}

/// One finding, with this code and place.
#[track_caller]
fn refuses(expression: &str, code: &str, place: &str) {
    let found = findings(&format!("segment s {{ {expression} }}"));
    let expected = format!("{code} at {place:?}: ");
    assert!(found.len() == 1 && found[0].starts_with(&expected), "{expression}: {found:?}");
}

#[test]
fn what_is_no_literal_is_refused_once() {
    for (written, code) in [
        ("9223372036854775808", "number-out-of-range"),
        ("1.00000000000000000000000000001", "number-out-of-range"),
        ("99999999999999999999.99999999999", "number-out-of-range"),
        ("36526d", "number-out-of-range"),
        ("99999999999999999999ms", "number-out-of-range"),
        ("2026-02-29", "no-such-date"),
        ("2026-13-01", "no-such-date"),
        ("2026-1-5", "no-such-date"),
        ("24:00", "no-such-date"),
        ("9:30", "no-such-date"),
        ("09:30:00", "no-such-date"),
        ("2026-11-24T9:30", "no-such-date"),
        ("2026-11-24T09", "no-such-date"),
        ("2026-11-24T09:30:00.5Z", "no-such-date"),
        ("2026-11-24t09:30z", "no-such-date"),
        ("2026-11-24T09:30+25:00", "no-such-date"),
        ("2026-11-24T09:30+0200", "no-such-date"),
        ("5m", "malformed-duration"),
        ("1h30min", "malformed-duration"),
        ("1.5h", "malformed-duration"),
        ("5minutes", "malformed-duration"),
        ("5S", "malformed-duration"),
        ("1_000", "malformed-number"),
        ("0x1F", "malformed-number"),
        ("1e5", "malformed-number"),
        ("2fa", "malformed-number"),
    ] {
        refuses(written, code, written);
    }
    refuses("50%", "unexpected-token", "50%");
    refuses("a > .5", "malformed-number", ".5");
}

#[test]
fn a_fix_says_what_is_meant() {
    for (written, meant) in [
        ("5m", "5min"),
        ("1h30min", "90min"),
        ("1h30m", "90min"),
        ("1.5h", "90min"),
        ("2d12h", "60h"),
        ("90sec", "90s"),
        ("5 minutes", "5min"),
        ("1_000", "1000"),
        ("9:30", "09:30"),
        ("2026-1-5", "2026-01-05"),
        ("2026-11-24 09:30", "2026-11-24T09:30"),
        ("a = b", "a == b"),
        ("a && b", "a and b"),
        ("a || !b", "a or !b"),
        ("a === b", "a == b"),
        ("a == 'b'", "a == \"b\""),
        ("a == “b”", "a == \"b\""),
        ("a?", "a is set"),
        ("a;", "a"),
    ] {
        let text = format!("segment s {{ {written} }}");
        let parsed = super::parse(&text);
        let fix = parsed.diagnostics.iter().find_map(|diagnostic| diagnostic.fixes.first());
        let fixed = fix.unwrap_or_else(|| panic!("{written}: {:?}", findings(&text))).apply(super::FILE, &text);
        assert_eq!(fixed, format!("segment s {{ {meant} }}"), "{written}");
    }
}

fn type_shown(ty: &Type) -> String {
    match &ty.node {
        TypeKind::Named(name) => name.to_string(),
        TypeKind::List(of) => format!("[{}]", type_shown(of)),
        TypeKind::Record(fields) => format!("{{{}}}", fields_shown(fields)),
        TypeKind::Union(members) => {
            let member = |member: &Literal| match member {
                Literal::Text(text) => format!("{text:?}"),
                Literal::Int(value) => value.to_string(),
                Literal::Decimal(value) => value.to_string(),
                Literal::Bool(value) => value.to_string(),
                Literal::Null => "null".to_owned(),
                Literal::Broken => "BROKEN".to_owned(),
            };
            format!("<{}>", members.iter().map(|found| member(&found.node)).collect::<Vec<_>>().join("|"))
        }
        TypeKind::Optional(of) => format!("{}?", type_shown(of)),
        TypeKind::Broken => "BROKEN".to_owned(),
    }
}

fn fields_shown(fields: &Fields) -> String {
    let field = fields.fields.iter().map(|field| {
        let field = &field.node;
        let sensitive = field.sensitive.map_or("", |_| " sensitive");
        let default = field.default.as_ref().map(|value| format!(" = {}", shown(value))).unwrap_or_default();
        format!("{}: {}{sensitive}{default}", field.name.node, type_shown(&field.ty))
    });
    field.collect::<Vec<_>>().join(", ")
}

#[test]
fn types_are_read_as_written() {
    for (written, read_as) in [
        ("a: string", "a: string"),
        ("a: string?", "a: string?"),
        ("a: [string?]?", "a: [string?]?"),
        ("a: [{ b: int, c: { d: date } e: x }]", "a: [{b: int, c: {d: date}, e: x}]"),
        ("a: \"x\"", "a: <\"x\">"),
        ("a: \"x\"?", "a: <\"x\">?"),
        ("a: \"x\" | \"y\" | 3 | -2 | 1.5 | -0.5 | true | null", "a: <\"x\"|\"y\"|3|-2|1.5|-0.5|true|null>"),
        ("a: (\"x\" | \"y\")?", "a: <\"x\"|\"y\">?"),
        ("a: ((string?)?)?", "a: string?"),
        ("a: string sensitive", "a: string sensitive"),
        ("a: \"x\" | \"y\" sensitive = \"x\"", "a: <\"x\"|\"y\"> sensitive = \"x\""),
        ("a: int = 1 + 2 b: int", "a: int = (1 + 2), b: int"),
        ("in: int, or: int true: int \"@id\": string", "in: int, or: int, true: int, @id: string"),
        ("event: event, string: string", "event: event, string: string"),
    ] {
        // `event` is a reserved word, and no type.
        let written = written.replace(": event,", ": e,");
        let read_as = read_as.replace(": event,", ": e,");
        let parsed = accepts(&format!("event e {{ {written} }}"));
        let DeclarationKind::Event(event) = &parsed.declarations[0].node.kind else { panic!("{written}") };
        assert_eq!(fields_shown(&event.fields), read_as, "{written}");
    }
}

/// The steps of a workflow, by kind.
#[test]
fn operands_end_where_a_word_of_the_step_begins() {
    let parsed = accepts(
        "workflow w {
           on e
           wait until 09:30 + 1h in \"Europe/Kyiv\"
           wait until contact.birthday ?? 2026-01-01 in contact.timezone ?? \"UTC\"
           send m to a == b between 09:00 and 21:00 in z
           wait for e as later where later.id == a or b up to 2d { stop } on timeout { stop \"x\" }
           call W identify by email a ?? b else create as result on failure { fail \"x\" }
           set contact.in = a in b
           emit e { at: 1 on: 2 }
         }",
    );
    let DeclarationKind::Workflow(workflow) = &parsed.declarations[0].node.kind else { panic!() };
    let steps: Vec<String> = workflow
        .steps
        .node
        .iter()
        .map(|step| match &*step.node {
            StatementKind::WaitUntil(moment) => {
                format!("until {} in {}", shown(&moment.at), moment.zone.as_ref().map(shown).unwrap())
            }
            StatementKind::Send(send) => {
                let between = &send.between.as_ref().unwrap().node;
                let zone = between.zone.as_ref().map(shown).unwrap();
                let to = send.to.as_ref().map(shown).unwrap();
                format!("to {to} between {} and {} in {zone}", shown(&between.from), shown(&between.to))
            }
            StatementKind::WaitFor(wait) => {
                let condition = wait.condition.as_ref().map(shown).unwrap();
                let timeout = wait.on_timeout.as_ref().unwrap().node.len();
                format!("for {} where {condition} up to {} {timeout}", wait.event.node, shown(&wait.up_to))
            }
            StatementKind::Call(call) => {
                let identify = &call.identify.as_ref().unwrap().node;
                let otherwise = identify.otherwise.unwrap().node;
                let alias = &call.alias.as_ref().unwrap().node;
                format!("call by {} {} {otherwise:?} as {alias}", identify.key.node, shown(&identify.value))
            }
            StatementKind::Set(set) => format!("set {} {}", set.field.node, shown(&set.value)),
            StatementKind::Emit { event, parameters } => {
                format!("emit {} {}", event.node, parameters.node.entries.len())
            }
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(
        steps,
        [
            "until (09:30:00 + 3600000ms) in \"Europe/Kyiv\"",
            "until (contact.birthday ?? 2026-01-01) in (contact.timezone ?? \"UTC\")",
            "to (a == b) between 09:00:00 and 21:00:00 in z",
            "for e where ((later.id == a) or b) up to 172800000ms 1",
            "call by email (a ?? b) Create as result",
            "set in (a in b)",
            "emit e 2",
        ]
    );
}
