//! The program that comes out: the same for the same meaning, and of a form that is known.

use compiler::compile;
use compiler::source::Sources;
use proptest::prelude::*;

use super::accepts;

/// The program of the language's description, as far as it runs.
pub(crate) const LANGUAGE: &str = r#"
/// A shopper left a filled cart.
event cart_abandoned {
  email: email
  order_id: string
  total: decimal
  items: [{ sku: string, name: string, qty: int, price: decimal }]
}

/// Additional fields of the contact card; the standard ones are built in.
contact {
  loyalty_tier: "bronze" | "silver" | "gold" = "bronze"
  messenger_id: string?
  last_promo: string? sensitive
}

connector crm basic {
  login "svc-messaging"
  password secret("CRM_PASSWORD")
}

connector promo_api bearer {
  token secret("PROMO_TOKEN")
}

connector loyalty api_key {
  header "X-Api-Key"
  key secret("LOYALTY_KEY")
}

/// Looks the contact up in the CRM.
webhook contacts_get_by_email {
  get "https://crm.example.com/api/contacts?email=${event.email}"
  auth crm
  returns json [{ id: int, segment: string? }]
}

/// Asks the promo service for a personal code.
webhook WH5 {
  post "https://promo.example.com/v1/codes?town=${contact.town ?? "unknown"}"
  auth promo_api
  headers {
    "X-Order": event.order_id
  }
  body json {
    town: contact.town
    tier: contact.loyalty_tier
    order: { id: event.order_id, total: event.total }
  }
  returns json { promocode: string, expires: date? }
  timeout 5s
  attempts 5 from 1s to 1min
}

webhook "Notify ERP (v2)!" {
  post "https://erp.example.com/in"
  auth loyalty
  uses WH5
  body xml """
    <order id="${event.order_id}"><code>${data.WH5.promocode}</code></order>
    """
  returns text
}

segment loyal {
  contact.loyalty_tier == "gold" and contact.town in ["Kyiv", "Lviv"]
}

message promo {
  email {
    from "Shop <hello@shop.example.com>"
    subject "$!contact.first_name, your code is $data.get('WH5').get('promocode')"
    text """
      CRM id: $!mathTool.toInteger($data.contacts_get_by_email.get(0).id)
      Your code: $data.get('WH5').get('promocode')
      """
  }
}

/// Brings a shopper back with a personal promo code.
workflow abandoned_cart {
  on cart_abandoned where event.total > 0
  identify by email event.email else create

  wait 1h
  call contacts_get_by_email
  call WH5 on failure {
    fail "no promo code"
  }
  if contact in loyal and event.total > 100 {
    send promo
  } else {
    split "promo test" {
      50% "control" { stop }
      rest "offer" { send promo to event.email }
    }
  }
  set contact.last_promo = data.WH5.promocode
  match contact.loyalty_tier {
    "gold" { call "Notify ERP (v2)!" as erp }
    else { stop "did not buy ${event.total}" }
  }
}
"#;

#[test]
fn the_program_of_the_description_compiles() {
    let program = accepts(LANGUAGE);
    assert_eq!(program.webhooks.len(), 3);
    assert_eq!(program.workflows["abandoned_cart"].steps.len(), 6);
    assert_eq!(
        program.workflows["abandoned_cart"].description.as_deref(),
        Some("Brings a shopper back with a personal promo code.")
    );
}

#[test]
fn the_compiled_form_is_known() {
    let program = accepts(LANGUAGE);
    let value: serde_json::Value = serde_json::from_str(&program.to_json()).unwrap();
    insta::assert_snapshot!("language", serde_json::to_string_pretty(&value).unwrap());
}

/// The declarations of a program, each with the description above it.
fn declarations(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for paragraph in text.split("\n\n") {
        let starts = ["event", "contact", "connector", "webhook", "segment", "message", "workflow", "///"];
        if starts.iter().any(|word| paragraph.trim_start_matches('\n').starts_with(word)) {
            parts.push(paragraph.to_owned());
        } else if let Some(last) = parts.last_mut() {
            last.push_str("\n\n");
            last.push_str(paragraph);
        }
    }
    parts
}

#[test]
fn files_and_order_mean_nothing() {
    let whole = accepts(LANGUAGE).to_json();
    let parts = declarations(LANGUAGE);
    assert_eq!(parts.len(), 11);
    let backwards: String = parts.iter().rev().map(|part| format!("{part}\n\n")).collect();
    assert_eq!(accepts(&backwards).to_json(), whole, "the order of declarations");
    let split: Sources =
        parts.iter().enumerate().map(|(number, part)| (format!("{}/{number}.wf", number % 3), part.as_str())).collect();
    let compiled = compile(&split);
    assert_eq!(compiled.program.expect("a program").to_json(), whole, "a file for each declaration");
    let indented = LANGUAGE.replace("\n  ", "\n\n    // A comment.\n      ");
    let indented = indented.replace("\n      \"\"\"", "\n  \"\"\"");
    let sources = Sources::single("main.wf", &indented);
    // Blocks of text are what they are; everything else may be laid out as one likes.
    if let Some(program) = compile(&sources).program {
        assert_eq!(program.workflows, compile(&Sources::single("main.wf", LANGUAGE)).program.unwrap().workflows);
    }
}

#[test]
fn findings_do_not_depend_on_the_order_of_files() {
    let a = "workflow w { on nothing identify by id event.x }\n";
    let b = "event e { a: strng }\n";
    let said = |files: [(&str, &str); 2]| {
        let sources: Sources = files.into_iter().collect();
        compile(&sources)
            .diagnostics
            .iter()
            .map(|said| (sources.path(said.span.file).to_owned(), said.span.start))
            .collect::<Vec<_>>()
    };
    let mut one = said([("a.wf", a), ("b.wf", b)]);
    let mut other = said([("b.wf", b), ("a.wf", a)]);
    one.sort();
    other.sort();
    assert_eq!(one, other);
}

#[test]
fn the_files_that_a_project_names_are_known() {
    let text =
        "message m { email { from \"a@b.co\" subject \"x\" html file \"mail/m.html.vm\" text file \"m.txt.vm\" } }";
    let sources = Sources::single("deep/down/a.wf", text);
    let mut workspace = compiler::Workspace::from(sources);
    let files: Vec<&str> = workspace.referenced_files().map(|path| path.node.as_str()).collect();
    assert_eq!(files, ["mail/m.html.vm", "m.txt.vm"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// However the declarations are ordered and divided into files.
    #[test]
    fn the_layout_of_a_project_is_no_part_of_the_program(
        parts in Just(declarations(LANGUAGE)).prop_shuffle(),
        files in prop::collection::vec(0_usize..4, 11),
    ) {
        let mut texts = vec![String::new(); 4];
        for (part, file) in parts.iter().zip(files) {
            texts[file].push_str(&format!("\n{part}\n\n"));
        }
        let sources: Sources = texts.into_iter().enumerate().map(|(number, text)| (format!("{number}.wf"), text)).collect();
        let program = compile(&sources).program.expect("a program");
        prop_assert_eq!(program.to_json(), accepts(LANGUAGE).to_json());
    }
}

/// What two workflows use: all of it, and each of its own.
const TWO: &str = r#"
event e { email: email }
event other { email: email }
contact { tier: string? color: string? size: string? unread: int = 0 }
connector key bearer { token secret("KEY") }
segment big { contact.size == "big" }
webhook a { get "https://a.example.com/${contact.id}" auth key returns text }
webhook b { get "https://b.example.com/" returns text }
message m { email { from "a@b.co" subject "$!Color" text "Hi" } }
workflow first { on e identify by email event.email call a if contact in big { send m } }
workflow second { on other identify by email event.email call b if contact.tier is set { stop } }
"#;

#[test]
fn the_hash_of_a_workflow_is_that_of_what_it_uses() {
    let hashes = |text: &str| {
        let program = accepts(text);
        ["first", "second"].map(|name| program.workflow_hash(name).expect("the workflow"))
    };
    let before = hashes(TWO);
    assert_ne!(before[0], before[1]);
    assert_eq!(accepts(TWO).workflow_hash("third"), None);
    for (from, to, changed) in [
        ("event e { email: email }", "event e { email: email more: int? }", [true, false]),
        ("secret(\"KEY\")", "secret(\"OTHER\")", [true, false]),
        ("\"big\"", "\"large\"", [true, false]),
        ("size: string?", "size: \"big\"?", [true, false]),
        ("color: string?", "color: string? = \"red\"", [true, false]),
        ("\"Hi\"", "\"Ho\"", [true, false]),
        ("tier: string?", "tier: int?", [false, true]),
        ("https://b.", "https://c.", [false, true]),
        ("unread: int = 0", "unread: int = 1", [false, false]),
        ("workflow second {", "// A comment.\nworkflow second {", [false, false]),
        ("event e { email: email }", "event e { email: email }\nevent f { x: int }", [false, false]),
    ] {
        let text = TWO.replacen(from, to, 1);
        assert_ne!(text, TWO, "{from}");
        let after = hashes(&text);
        let found = [before[0] != after[0], before[1] != after[1]];
        assert_eq!(found, changed, "{from} becomes {to}");
    }
}
