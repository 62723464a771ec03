//! Connectors.

use super::{accepts, refuses};

#[test]
fn connectors_are_complete_and_keep_their_secrets_outside() {
    let table: &[(&str, &[(&str, &str)])] = &[
        ("connector c basik { login \"a\" password secret(\"P\") }", &[("unknown-kind", "basik")]),
        ("connector c basic { password secret(\"P\") }", &[("setting-missing", "c")]),
        ("connector c basic { }", &[("setting-missing", "c"), ("setting-missing", "c")]),
        ("connector c basic { login \"a\" pasword secret(\"P\") }", &[("unknown-setting", "pasword")]),
        ("connector c basic { login \"a\" password \"hunter\" }", &[("secret-required", "\"hunter\"")]),
        ("connector c basic { login \"a:b\" password secret(\"P\") }", &[("setting-invalid", "\"a:b\"")]),
        ("connector c basic { login \"\" password secret(\"P\") }", &[("setting-invalid", "\"\"")]),
        (
            "connector c basic { login \"${contact.town}\" password secret(\"P\") }",
            &[("setting-invalid", "${contact.town}")],
        ),
        ("connector c bearer { token secret(\"my-token\") }", &[("secret-name", "\"my-token\"")]),
        ("connector c bearer { token secret(\"\") }", &[("secret-name", "\"\"")]),
        ("connector c bearer { token secret(\"A\") token secret(\"B\") }", &[("setting-twice", "token secret(\"B\")")]),
        ("connector c api_key { key secret(\"K\") }", &[("setting-missing", "c")]),
        (
            "connector c api_key { header \"X-Key\" query \"key\" key secret(\"K\") }",
            &[("setting-twice", "query \"key\"")],
        ),
        ("connector c api_key { header \"X Key\" key secret(\"K\") }", &[("header-invalid", "\"X Key\"")]),
        (
            "connector c api_key { header \"Authorization\" key secret(\"K\") }",
            &[("header-reserved", "\"Authorization\"")],
        ),
        ("connector c api_key { header \"webhook-id\" key secret(\"K\") }", &[("header-reserved", "\"webhook-id\"")]),
        ("connector c api_key { header secret(\"H\") key secret(\"K\") }", &[("setting-invalid", "\"H\"")]),
        ("connector c api_key { query \"a=b\" key secret(\"K\") }", &[("setting-invalid", "\"a=b\"")]),
        ("connector c bearer { token secret(\"A\") signing \"key\" }", &[("secret-required", "\"key\"")]),
    ];
    for (program, expected) in table {
        refuses(program, expected);
    }
}

#[test]
fn connectors_of_every_kind_compile() {
    let program = accepts(
        "connector a basic { login \"svc\" password secret(\"A_1\") }
         connector b basic { login secret(\"B_LOGIN\") password secret(\"B_2\") }
         connector c bearer { token secret(\"C\") }
         connector d api_key { header \"X-Api-Key\" key secret(\"D\") }
         connector e api_key { query \"api_key\" key secret(\"E\") }",
    );
    assert_eq!(program.connectors.len(), 5);
}
