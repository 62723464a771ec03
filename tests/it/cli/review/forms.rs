//! What comments, code hosts and programs are given.

use serde_json::Value;

use super::{Bench, SHOP, repository};

/// What `--format json` says conforms to the schema that is published with it.
#[test]
fn json_is_as_its_schema_says() {
    let bench = repository();
    let schema = bench.run(&["diff", "--schema"]).out;
    assert_eq!(schema, std::fs::read_to_string("lang-spec/diff.schema.json").unwrap());
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let accept = ["diff", "--project", "shop", "--accept", "wait-changed@workflow.cart/wait", "--reason", "asked for"];
    let edits: [(&str, &str); 6] = [
        ("", ""),
        ("wait 1h", "wait 2h"),
        ("Your code", "The code of $!contact.first_name"),
        ("promo.example.com", "promo.example.net"),
        ("  on cart_abandoned", "  on cart_abandoned\n  once per 7d"),
        ("    send offer\n", "    call promo as again\n"),
    ];
    let mut text = SHOP.to_owned();
    for (old, new) in edits {
        text = text.replace(old, new);
        bench.write("shop/shop.wf", &text);
        if new == "wait 2h" {
            assert_eq!(bench.run(&accept).exit, 0);
        }
        let told = bench.run(&["diff", "--project", "shop", "--format", "json"]);
        let document: Value = serde_json::from_str(&told.out).unwrap_or_else(|error| panic!("{error}: {}", told.err));
        let wrong = misfits(&schema, &schema, &document, "");
        assert!(wrong.is_empty(), "{wrong:#?}\n{}", told.out);
        let mut broken = document.clone();
        broken["changes"] = serde_json::json!([{ "slug": 1 }]);
        broken["facts"]["more"] = Value::Null;
        assert!(misfits(&schema, &schema, &broken, "").len() > 2, "a schema that takes everything is none");
    }
}

/// What of a document does not fit a schema. Knows the keywords that ours has, and no others; patterns are left to
/// `tests/ci-files.sh`, which holds real differences to the schema with a whole validator.
fn misfits(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (keyword, rule) in schema.as_object().unwrap() {
        let fits = match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" | "pattern" | "additionalProperties" => true,
            "$ref" => {
                let target = root.pointer(rule.as_str().unwrap().trim_start_matches('#')).unwrap();
                found.extend(misfits(root, target, value, at));
                true
            }
            "const" => value == rule,
            "enum" => rule.as_array().unwrap().contains(value),
            "minimum" => value.as_i64().is_none_or(|value| value >= rule.as_i64().unwrap()),
            "type" => {
                let word = match value {
                    Value::Null => "null",
                    Value::Bool(_) => "boolean",
                    Value::Number(_) => "integer",
                    Value::String(_) => "string",
                    Value::Array(_) => "array",
                    Value::Object(_) => "object",
                };
                rule == word || rule.as_array().is_some_and(|words| words.iter().any(|it| it == word))
            }
            "required" => value.as_object().is_none_or(|object| {
                rule.as_array().unwrap().iter().all(|name| object.contains_key(name.as_str().unwrap()))
            }),
            "properties" => {
                for (name, value) in value.as_object().into_iter().flatten() {
                    let other = &schema["additionalProperties"];
                    match rule.get(name) {
                        Some(rule) => found.extend(misfits(root, rule, value, &format!("{at}/{name}"))),
                        None if other == false => found.push(format!("{at}: {name} is not known")),
                        None => {}
                    }
                }
                true
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    found.extend(misfits(root, rule, item, &format!("{at}/{index}")));
                }
                true
            }
            "oneOf" => {
                let choices = rule.as_array().unwrap().iter();
                choices.filter(|rule| misfits(root, rule, value, at).is_empty()).count() == 1
            }
            other => panic!("the test does not know {other:?}"),
        };
        if !fits {
            found.push(format!("{at}: {value} is not {keyword} {rule}"));
        }
    }
    found
}

#[test]
fn sarif_names_rules_places_and_what_was_accepted() {
    let bench = repository();
    bench.write("shop/shop.wf", &SHOP.replace("wait 1h", "wait 2h").replace("promo.example.com", "promo.example.net"));
    bench.run(&["diff", "--project", "shop", "--accept", "wait-changed@workflow.cart/wait", "--reason", "asked for"]);
    let told = bench.run(&["diff", "--project", "shop", "--format", "sarif"]);
    let log: Value = serde_json::from_str(&told.out).unwrap();
    let run = &log["runs"][0];
    assert_eq!((log["version"].as_str(), run["tool"]["driver"]["name"].as_str()), (Some("2.1.0"), Some("wf diff")));
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        // What is accepted in advance may stand in no `.wf` file.
        if result["ruleId"] != "suppression-added" {
            assert_eq!(place["artifactLocation"]["uri"], "shop/shop.wf", "{result}");
        }
        let accepted = result["ruleId"] == "wait-changed";
        assert_eq!(result["suppressions"][0]["justification"] == "asked for", accepted, "{result}");
    }
    assert!(rules.iter().any(|rule| rule["id"] == "host-changed"), "{}", told.out);
}

/// A comment tells what counts first, shows texts as people read them, and draws what changed.
#[test]
fn markdown_tells_texts_and_pictures() {
    let bench = repository();
    bench.write("shop/offer.vm", "Hello $!contact.first_name,\nyour code: $data.promo.code\n");
    bench.write("shop/shop.wf", &SHOP.replace("wait 1h", "wait 2h"));
    let told = bench.run(&["diff", "--project", "shop", "--format", "markdown"]).out;
    for part in [
        "### What this change does: 0 danger, ",
        "shop/offer.vm:1",
        "```diff\n-Code: $data.promo.code\n+Hello $!contact.first_name,\n",
        "As a sample contact reads it:",
        "+Hello Ann,\n",
        "```mermaid\nflowchart TD\n",
        ":::changed",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    // The tests of the project say who the sample is.
    let test = "\ntest \"x\" {\n  given contact { email: \"bo@example.com\", first_name: \"Bohdan\" }\n  \
                stub promo { status 200 body { code: \"ABC\" } }\n  \
                receive cart_abandoned { email: \"bo@example.com\", order_id: \"7\" }\n}\n";
    bench.write("shop/shop.wf", &format!("{SHOP}{test}"));
    let told = bench.run(&["diff", "--project", "shop", "--format", "markdown"]).out;
    assert!(told.contains("+Hello Bohdan,\n"), "{told}");
}

/// A comment says what the text form says: in which workflows, and what it would mean for runs in the middle.
#[test]
fn markdown_names_workflows_and_letters() {
    let bench = repository();
    let second = SHOP.split_once("workflow cart").unwrap().1.replace("wait 1h", "wait 3h");
    let base = format!("{SHOP}\nworkflow later{second}");
    bench.write("shop/shop.wf", &base);
    super::git(&bench, &["commit", "--quiet", "--all", "--message=two"]);
    bench.write("shop/shop.wf", &base.replace("Your code", "Our code").replace("  wait 1h\n", ""));
    let rows = |format: &str| bench.run(&["diff", "--project", "shop", "--format", format]).out;
    let (markdown, text) = (rows("markdown"), rows("text"));
    for (slug, workflow, letter) in
        [("message-subject-changed", "in workflows cart, later", "C"), ("wait-removed", "workflow cart", "B")]
    {
        let row = |told: &str| told.lines().find(|line| line.contains(slug)).unwrap().replace('\\', "");
        for row in [row(&markdown), row(&text)] {
            assert!(row.contains(workflow) && row.contains(&format!("[{letter}]")), "{row}");
        }
    }
    assert!(markdown.contains("HEAD → the working tree") && markdown.contains("N new runs only"), "{markdown}");
}

/// However much changes, a comment holds it, and every fold that it opens it closes.
#[test]
fn markdown_stops_where_a_comment_does() {
    let bench = repository();
    let many = |text: &str, host: &str| -> String {
        let mut out = SHOP.to_owned();
        for number in 0..400 {
            out.push_str(&format!(
                "\n/// {text}\nmessage m{number} {{\n  email {{\n    from \"a@shop.example.com\"\n    subject \"{text} {number}\"\n    \
                 text \"{text}, number {number}\"\n  }}\n}}\n\nwebhook w{number} {{\n  post \"https://{host}/{number}\"\n  \
                 body json {{ a: event.order_id }}\n}}\n\nworkflow f{number} {{\n  on cart_abandoned\n  \
                 identify by email event.email\n\n  call w{number}\n  send m{number}\n}}\n"
            ));
        }
        out
    };
    bench.write("shop/shop.wf", &many("Hello", "one.example.com"));
    super::git(&bench, &["commit", "--quiet", "--all", "--message=many"]);
    bench.write("shop/shop.wf", &many("Hello | `you` <b>@all</b>", "two.example.com"));
    let told = bench.run(&["diff", "--project", "shop", "--format", "markdown"]);
    assert_eq!(told.exit, 0, "{}", told.err);
    assert!(told.out.len() < 60_000 && told.out.len() > 20_000, "{} bytes", told.out.len());
    assert_eq!(told.out.matches("<details>").count(), told.out.matches("</details>").count());
    assert!(told.out.lines().last().unwrap().contains("more: `wf diff"), "{}", told.out.lines().last().unwrap());
    // A table that lost all of its rows is none.
    let lines: Vec<&str> = told.out.lines().collect();
    assert!(lines.windows(2).all(|two| !two[0].starts_with("| --- |") || two[1].starts_with('|')), "{}", told.out);
    let table: String = told.out.lines().filter(|line| line.starts_with('|')).collect();
    assert!(!table.contains("@all") && !table.contains("<b>"), "a message speaks in the comment");
}

/// A table names a few of many workflows; the forms for programs name them all.
#[test]
fn a_table_stays_readable_with_many_workflows() {
    let bench = Bench::new();
    let flows: String = (0..9)
        .map(|number| {
            format!("\nworkflow flow{number} {{\n  on cart_abandoned\n  identify by email event.email else create\n\n  call promo\n}}\n")
        })
        .collect();
    bench.write("shop/shop.wf", &format!("{SHOP}{flows}"));
    bench.write("shop/offer.vm", "Code: $data.promo.code\n");
    let table = bench.run(&["audit", "shop"]).out;
    assert!(table.contains("cart, flow0, flow1, flow2, flow3 and 5 more"), "{table}");
    for format in ["csv", "markdown", "json"] {
        let told = bench.run(&["audit", "shop", "--format", format]).out;
        assert!(told.contains("flow8") && !told.contains("more"), "{format}: {told}");
    }
}
