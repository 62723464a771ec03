//! What settings, rehearsals and accept lines say of a change: the pairs of their pages, and where they are shown.

use compiler::diff::Slug;
use serde_json::Value;

use super::{Bench, SHOP, repository};

/// What programs alone show is held to by the compiler's tests.
#[test]
fn each_page_shows_its_change() {
    for slug in Slug::ALL.iter().filter(|slug| !slug.is_of_programs()) {
        let bench = Bench::new();
        for side in ["before", "after"] {
            let (language, text) = slug.example(side).unwrap_or_else(|| panic!("{}: no {side}", slug.word()));
            let file = if language == "wf" { "shop.wf" } else { "wf.toml" };
            bench.write(&format!("{side}/events.wf"), "");
            bench.write(&format!("{side}/{file}"), text);
        }
        let told = bench.run(&["diff", "--files", "before", "after", "--coverage", "--format", "json"]);
        let document: Value =
            serde_json::from_str(&told.out).unwrap_or_else(|_| panic!("{}: {}", slug.word(), told.err));
        let slugs: Vec<&str> =
            document["changes"].as_array().unwrap().iter().filter_map(|it| it["slug"].as_str()).collect();
        assert!(slugs.contains(&slug.word()), "{}: {slugs:?}", slug.word());
    }
}

#[test]
fn settings_are_told_at_their_lines_and_can_be_accepted() {
    let bench = repository();
    bench.write("shop/wf.toml", "# Who is called.\n[egress]\nallow_private = [\n  \"10.0.0.0/8\",\n]\n");
    let diff = |more: &[&str]| bench.run(&[&["diff", "--project", "shop"], more].concat());
    let told = diff(&["--fail-on", "danger"]);
    assert_eq!(told.exit, 1, "{}{}", told.out, told.err);
    for part in ["shop/wf.toml:3 ", "policy-loosened", "+ 10.0.0.0/8"] {
        assert!(told.out.contains(part), "{part}: {}", told.out);
    }
    let accept = ["--accept", "policy-loosened@setting.egress.allow_private", "--reason", "the ERP is in there"];
    assert_eq!(diff(&accept).exit, 0);
    assert_eq!(diff(&["--fail-on", "danger"]).exit, 0);
    // The next network is another value.
    bench.write("shop/wf.toml", "egress.allow_private = [\"10.0.0.0/8\", \"192.168.0.0/16\"]\n");
    assert_eq!(diff(&["--fail-on", "danger"]).exit, 1);
    // The index and revisions have settings, too; text that is none is no side.
    super::git(&bench, &["add", "--all"]);
    assert!(diff(&["--staged"]).out.contains("192.168.0.0/16"));
    bench.write("shop/wf.toml", "[egress\n");
    let told = diff(&[]);
    assert!(told.exit != 0 && told.err.contains("`wf.toml` of the working tree"), "{}{}", told.out, told.err);
}

#[test]
fn coverage_is_compared_where_it_is_asked_for() {
    let test = "\ntest \"a cart\" {\n  given contact { email: \"a@example.com\", town: \"Kyiv\" }\n  \
                stub promo { status 200 body { code: \"ABC\" } }\n  \
                receive cart_abandoned { email: \"a@example.com\", order_id: \"7\" }\n  advance 2h\n}\n";
    let bench = repository();
    bench.write("shop/shop.wf", &format!("{SHOP}{test}"));
    super::git(&bench, &["commit", "--quiet", "--all", "--message=tests"]);
    let branch = SHOP.replace("  wait 1h\n", "  wait 1h\n  if contact.phone is set {\n    wait 5min\n  }\n");
    bench.write("shop/shop.wf", &format!("{branch}{test}"));
    let diff = |more: &[&str]| bench.run(&[&["diff", "--project", "shop"], more].concat()).out;
    assert!(!diff(&[]).contains("coverage-decreased"));
    let told = diff(&["--coverage"]);
    for part in ["coverage-decreased", "workflow cart", "never: if contact.phone is set (shop/shop.wf:26)"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    // A workflow that no test tries is told, one that is tried is not.
    for (wait, is_told) in [("3h", true), ("1h", false)] {
        let other = format!(
            "\nworkflow second {{\n  on cart_abandoned\n  identify by email event.email\n\n  wait {wait}\n}}\n"
        );
        bench.write("shop/shop.wf", &format!("{SHOP}{other}{test}"));
        let told = diff(&["--coverage"]);
        assert_eq!(told.contains("coverage-decreased"), is_told, "{wait}: {told}");
    }
}

#[test]
fn what_is_gone_is_shown_where_it_was() {
    let bench = repository();
    bench.write("shop/shop.wf", &SHOP.replace("  wait 1h\n", ""));
    let told = bench.run(&["diff", "--project", "shop"]).out;
    assert!(told.contains("shop/shop.wf:25 (was)") && told.contains("wait-removed"), "{told}");
    let json = bench.run(&["diff", "--project", "shop", "--format", "json"]).out;
    let document: Value = serde_json::from_str(&json).unwrap();
    let gone = document["changes"].as_array().unwrap().iter().find(|it| it["slug"] == "wait-removed").unwrap();
    assert_eq!(
        (&gone["locations"]["base"]["line"], &gone["locations"]["head"]["line"]),
        (&25.into(), &21.into()),
        "{gone}"
    );
    for format in ["mermaid", "dot", "svg"] {
        let picture = bench.run(&["graph", "cart", "--project", "shop", "--diff", "HEAD", "--format", format]).out;
        assert!(picture.contains("wait 1h"), "{picture}");
    }
    // Of a workflow that is gone, all of it.
    let (rest, _) = SHOP.split_once("workflow cart").unwrap();
    bench.write("shop/shop.wf", &format!("{rest}workflow other {{\n  on cart_abandoned\n  identify by email event.email\n\n  call promo\n  send offer\n}}\n"));
    let picture = bench.run(&["graph", "cart", "--project", "shop", "--diff", "HEAD", "--format", "mermaid"]);
    assert!(picture.out.contains("call promo\"]]:::removed"), "{}{}", picture.out, picture.err);
}

#[test]
fn a_schedule_shows_its_next_times() {
    let bench = repository();
    let weekly = |cron: &str| {
        format!(
            "{SHOP}\nsegment all {{ contact.email is set }}\n\nworkflow weekly {{\n  on schedule \"{cron}\" in \"Europe/Kyiv\" for segment all\n\n  wait 1h\n}}\n"
        )
    };
    bench.write("shop/shop.wf", &weekly("0 9 * * 1"));
    assert!(bench.run(&["diff", "--project", "shop"]).out.contains("· next: Mon "), "a new one");
    super::git(&bench, &["commit", "--quiet", "--all", "--message=weekly"]);
    bench.write("shop/shop.wf", &weekly("30 8 * * 2"));
    for format in ["text", "markdown", "json", "github", "sarif"] {
        let told = bench.run(&["diff", "--project", "shop", "--format", format]).out;
        for part in ["next until now: Mon 2", "09:00", "next from now on: Tue 2", "08:30 (Europe/Kyiv)"] {
            assert!(told.contains(part), "{format}: {part}: {told}");
        }
    }
    // In another zone the same hour is another one for who knows the old zone.
    bench.write("shop/shop.wf", &weekly("0 9 * * 1").replace("Europe/Kyiv", "Asia/Tokyo"));
    let told = bench.run(&["diff", "--project", "shop"]).out;
    let said = |hour: &str| told.lines().any(|line| line.contains("the first of these is ") && line.ends_with(hour));
    assert!(["02:00 in Europe/Kyiv", "03:00 in Europe/Kyiv"].into_iter().any(said), "{told}");
}

/// A change in a template is told at its line, of a text in the program as well.
#[test]
fn texts_are_told_at_their_lines() {
    let bench = repository();
    bench.write("shop/offer.vm", "Code: $data.promo.code\n\nCall $!contact.phone\nhttps://x.example.net/a\n");
    bench.write(
        "shop/shop.wf",
        &SHOP.replace(
            "subject \"Your code\"",
            "subject \"Your code\"\n    html \"\"\"\n      <p>\n      $!contact.last_name\n      </p>\n      \"\"\"",
        ),
    );
    let told = bench.run(&["diff", "--project", "shop"]).out;
    let line = |slug: &str, part: &str| {
        told.lines()
            .find(|line| line.contains(slug) && line.contains(part))
            .unwrap_or_else(|| panic!("{slug}: {told}"))
            .to_owned()
    };
    assert!(line("template-variable-added", "contact.phone").contains("shop/offer.vm:3 "), "{told}");
    assert!(line("link-", "x.example.net").contains("shop/offer.vm:4 "), "{told}");
    assert!(line("template-variable-added", "last_name").contains("shop/shop.wf:19 "), "{told}");
}
