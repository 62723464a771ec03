//! Changes that are accepted in advance.

use super::{Bench, SHOP, repository};

/// The shop with a field that goes to its promo service now.
fn sends_more() -> String {
    SHOP.replace("{ order: event.order_id }", "{ order: event.order_id, mail: contact.email }")
}

#[test]
fn an_accepted_change_no_longer_fails() {
    let bench = repository();
    bench.write("shop/shop.wf", &sends_more());
    let diff = |more: &[&str]| bench.run(&[&["diff", "--project", "shop"], more].concat());
    assert_eq!(diff(&["--fail-on", "danger"]).exit, 1);
    let asked = "field-sent-added@webhook.promo";
    assert!(diff(&[]).out.contains(&format!("wf diff --accept {asked} --reason")), "the way is shown");
    let told = diff(&["--accept", asked, "--reason", "DPA signed, LEGAL-12"]);
    assert_eq!(told.exit, 0, "{}", told.err);
    let written = std::fs::read_to_string(bench.path().join("shop/wf-accept.toml")).unwrap();
    for part in ["[[accept]]", "contact.email -> https://promo.example.com", "DPA signed, LEGAL-12"] {
        assert!(written.contains(part), "{written}");
    }
    let told = diff(&["--fail-on", "danger"]);
    assert_eq!(told.exit, 0, "{}", told.out);
    for part in ["0 danger", "1 accepted", "DPA signed, LEGAL-12", "suppression-added"] {
        assert!(told.out.contains(part), "{part}: {}", told.out);
    }
    // The next field, or another host, is not covered.
    bench
        .write("shop/shop.wf", &sends_more().replace("mail: contact.email", "mail: contact.email, tel: contact.phone"));
    let told = diff(&["--fail-on", "danger"]);
    assert!(told.exit == 1 && told.out.contains("DANGER") && told.out.contains("contact.phone"), "{}", told.out);
    // What covers nothing is reported; once it was committed, as something that may go.
    bench.write("shop/shop.wf", SHOP);
    let told = diff(&[]);
    assert!(told.out.contains("REVIEW") && told.out.contains("suppression-unused"), "{}", told.out);
    super::git(&bench, &["add", "--all"]);
    super::git(&bench, &["commit", "--quiet", "--message=accepted"]);
    let told = diff(&[]);
    assert!(told.out.contains("NOTE") && told.out.contains("suppression-unused"), "{}", told.out);
}

#[test]
fn comments_accept_too_and_days_pass() {
    let bench = repository();
    let accepting =
        |line: &str| sends_more().replace("webhook promo {", &format!("webhook promo {{\n  // wf: accept {line}"));
    let cases = [
        ("field-sent-added contact.email -> promo.example.com: asked for", 0, "1 accepted"),
        ("field-sent-added contact.email -> promo.example.com: asked for until 2999-01-31", 0, "1 accepted"),
        ("field-sent-added contact.email -> promo.example.com: asked for until 2020-01-31", 1, "held until 2020-01-31"),
        ("field-sent-added contact.phone -> promo.example.com: asked for", 1, "covers nothing"),
        ("field-sent-aded contact.email -> promo.example.com: asked for", 1, "there is no kind of change"),
        // Without a reason it is a comment like any other.
        ("field-sent-added contact.email -> promo.example.com", 1, "1 danger"),
    ];
    for (line, exit, part) in cases {
        bench.write("shop/shop.wf", &accepting(line));
        let told = bench.run(&["diff", "--project", "shop", "--fail-on", "danger"]);
        assert!(told.exit == exit && told.out.contains(part), "{line}: {}{}", told.out, told.err);
    }
    // A line is told where it stands, with what it covers.
    bench.write("shop/shop.wf", &accepting(cases[0].0));
    let at = |bench: &Bench| -> Vec<(String, u64)> {
        let told = bench.run(&["diff", "--project", "shop", "--format", "json"]).out;
        let document: serde_json::Value = serde_json::from_str(&told).unwrap();
        let lines = document["changes"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|it| it["slug"].as_str().unwrap().starts_with("suppression-"));
        let place = |it: &serde_json::Value| {
            let place = &it["locations"]["head"];
            (place["path"].as_str().unwrap().to_owned(), place["line"].as_u64().unwrap())
        };
        lines.map(place).collect()
    };
    let line = SHOP.lines().position(|line| line == "webhook promo {").unwrap() as u64 + 2;
    assert_eq!(at(&bench), [("shop/shop.wf".to_owned(), line)]);
    let entry =
        |change: &str| format!("[[accept]]\nchange = \"{change}\"\nat = \"webhook.promo\"\nreason = \"asked for\"\n");
    bench.write("shop/wf-accept.toml", &format!("# Two.\n{}\n{}", entry("host-added"), entry("host-changed")));
    bench.write("shop/shop.wf", SHOP);
    let file = "shop/wf-accept.toml".to_owned();
    assert_eq!(at(&bench), [(file.clone(), 3), (file, 8)]);
    std::fs::remove_file(bench.path().join("shop/wf-accept.toml")).unwrap();
    // Beside another declaration it says nothing of this one.
    let beside = "// wf: accept field-sent-added contact.email -> promo.example.com: asked for\nmessage offer {";
    bench.write("shop/shop.wf", &sends_more().replace("message offer {", beside));
    assert_eq!(bench.run(&["diff", "--project", "shop", "--fail-on", "danger"]).exit, 1);
}

#[test]
fn what_cannot_be_accepted_is_told() {
    let bench = repository();
    bench.write("shop/shop.wf", &sends_more());
    let refuse = |arguments: &[&str], exit: i32, part: &str| {
        let told = bench.run(&[&["diff", "--project", "shop"], arguments].concat());
        assert!(told.exit == exit && told.err.contains(part), "{arguments:?}: {}{}", told.out, told.err);
    };
    refuse(&["--accept", "field-sent-added@webhook.promo"], 2, "--reason");
    refuse(&["--accept", "field-sent-added@webhook.promo", "--reason", " "], 2, "for a reason");
    refuse(&["--accept", "field-sent-added", "--reason", "x"], 2, "SLUG@ADDRESS");
    refuse(&["--accept", "field-sent-added@webhook.prom", "--reason", "x"], 2, "did you mean");
    refuse(&["--accept", "field-sent-added@webhook.promo", "--reason", "x", "--until", "soon"], 2, "no date");
    bench.write("shop/wf-accept.toml", "[[accept]]\nchange = 1\n");
    refuse(&[], 2, "`wf-accept.toml` of the working tree");
    bench.write("shop/wf-accept.toml", "[[accept]]\nchange = \"a\"\nat = \"b\"\nreason = \"\"\n");
    refuse(&[], 2, "has no reason");
}

#[test]
fn accept_lines_of_a_revision_count_for_it() {
    let bench = repository();
    bench.write("shop/shop.wf", &sends_more());
    let asked = ["diff", "--project", "shop", "--accept", "field-sent-added@webhook.promo", "--reason", "asked for"];
    assert_eq!(bench.run(&asked).exit, 0);
    super::git(&bench, &["add", "--all"]);
    assert_eq!(bench.run(&["diff", "--project", "shop", "--staged", "--fail-on", "danger"]).exit, 0);
    super::git(&bench, &["commit", "--quiet", "--message=more"]);
    std::fs::remove_file(bench.path().join("shop/wf-accept.toml")).unwrap();
    let told = bench.run(&["diff", "--project", "shop", "HEAD~1..HEAD", "--fail-on", "danger"]);
    assert!(told.exit == 0 && told.out.contains("1 accepted"), "{}", told.out);
}

#[test]
fn a_bench_without_git_accepts_nothing_unasked() {
    let bench = Bench::with(&[("old/shop.wf", "event x { a: int }"), ("new/shop.wf", "event x { a: string }")]);
    let told = bench.run(&["diff", "--files", "old", "new", "--fail-on", "danger"]);
    assert!(told.exit == 1 && told.out.contains("field-type-changed"), "{}", told.out);
}
