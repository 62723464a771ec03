//! Declared types and defaults.

use compiler::ir::Type;

use super::{accepts, refuses};

#[test]
fn every_form_of_a_type_is_lowered() {
    let program = accepts(
        "event e {
           a: string b: int c: decimal d: bool e: date f: datetime g: duration h: email i: phone j: url k: json
           l: [string?] m: { x: int = 3, y: [json?]? } n: (\"a\" | \"b\")? o: 1 | 2 p: json? sensitive
         }
         contact { a: int }",
    );
    let event = &program.events["e"];
    let shown: Vec<String> = event.fields.iter().map(|(name, field)| format!("{name}: {}", field.ty)).collect();
    assert_eq!(
        shown.join(" "),
        "a: string b: int c: decimal d: bool e: date f: datetime g: duration h: email i: phone j: url k: json \
         l: [string?] m: { x: int, y: [json?]? } n: (\"a\" | \"b\")? o: 1 | 2 p: json?"
    );
    assert!(event.fields["p"].sensitive);
    assert_eq!(program.contact.fields["a"].ty, Type::Int.optional(), "a contact's field without a default is optional");
}

#[test]
fn defaults_are_literals_of_their_type() {
    accepts(
        "contact {
           a: int = -3 b: decimal = 3 c: string = \"x\" d: bool = false e: date = 2026-11-24
           f: datetime = 2026-11-24T09:30Z g: duration = 5min h: \"a\" | \"b\" = \"b\" i: string? = null
           j: email = \"a@b.co\" k: phone = \"+380671234567\" l: url = \"https://a.example.com/\" m: json = 3
         }",
    );
    for field in [
        "int = ⟦default-does-not-fit: 1.5⟧",
        "int = ⟦default-does-not-fit: \"3\"⟧",
        "string = ⟦default-does-not-fit: null⟧",
        "\"a\" | \"b\" = ⟦default-does-not-fit: \"c\"⟧",
        "email = ⟦default-does-not-fit: \"nobody\"⟧",
        "phone = ⟦default-does-not-fit: \"12\"⟧",
        "datetime = ⟦default-does-not-fit: 2026-11-24T09:30⟧",
        "string = ⟦default-does-not-fit: \"${contact.town}\"⟧",
        "int = ⟦default-does-not-fit: 1 + 1⟧",
        "[string] = ⟦default-does-not-fit: \"a\"⟧",
        "⟦unknown-type: text⟧ = 3",
    ] {
        refuses(&format!("contact {{ x: {field} }}"));
    }
}

#[test]
fn unions_name_their_values_once() {
    refuses("event e { a: \"x\" | \"y\" | ⟦duplicate-value: \"x\"⟧ }");
    refuses("event e { a: \"x\" | ⟦wrong-type: null⟧ }");
}

#[test]
fn answers_have_a_shape() {
    for line in [
        "⟦wrong-type: returns json⟧",
        "returns xml ⟦wrong-type: [string]⟧",
        "returns text ⟦wrong-type: { a: int }⟧",
        "returns ⟦unknown-kind: jsn⟧ { a: int }",
        "returns json { a: ⟦unknown-type: intt⟧ }",
    ] {
        refuses(&format!("webhook w {{\n  get \"https://a.example.com/\"\n  {line}\n}}"));
    }
    accepts("webhook w { get \"https://a.example.com/\" returns xml { \"@id\": int, row: [{ name: string? }] } }");
}

#[test]
fn an_answer_in_xml_has_no_prefixes() {
    let says = |fields: &str, hint: &str| {
        let said = super::refuses(&format!(
            "webhook w {{\n  get \"https://a.example.com\"\n  returns xml {{ {fields} }}\n}}\n"
        ));
        assert!(said.iter().any(|finding| finding.hint.as_deref() == Some(hint)), "{said:#?}");
    };
    says("⟦bad-name: \"soap:Body\"⟧: { rate: decimal }", "write `Body`");
    says("Body: [{ ⟦bad-name: \"r:rate-now\"⟧: decimal? }]?", "write `\"rate-now\"`");
    says("⟦bad-name: \"@xsi:type\"⟧: string?", "write `\"@type\"`");
    super::accepts("webhook w {\n  get \"https://a.example.com\"\n  returns json { \"soap:Body\": string }\n}\n");
}

#[test]
fn a_list_or_a_record_has_no_default() {
    for (field, ty) in [
        ("tags: [string] = ⟦default-does-not-fit: []⟧", "`[string]?`"),
        ("of: { a: int } = ⟦default-does-not-fit: { a: 1 }⟧", "`{ a: int }?`"),
    ] {
        let said = super::refuses(&format!("event e {{\n  {field}\n}}\n"));
        let hint = said
            .into_iter()
            .filter(|finding| finding.code.slug() == "default-does-not-fit")
            .find_map(|finding| finding.hint);
        let hint = hint.unwrap_or_default();
        assert!(hint.contains(ty) && hint.contains("??"), "{hint}");
    }
}
