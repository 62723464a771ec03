//! Commands for reviewers: `diff`, `audit`, `graph`.

mod accept;
mod forms;
mod gitwise;
mod live;
mod pages;

use std::process::Command;

use super::Bench;

const SHOP: &str = r#"
event cart_abandoned {
  email: email
  order_id: string
}

webhook promo {
  post "https://promo.example.com/codes"
  body json { order: event.order_id }
  returns json { code: string }
}

message offer {
  email {
    from "Shop <hello@shop.example.com>"
    subject "Your code"
    text file "offer.vm"
  }
}

workflow cart {
  on cart_abandoned
  identify by email event.email else create

  wait 1h
  call promo
  if contact.town is set {
    send offer
  }
}
"#;

fn git(bench: &Bench, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]);
    let output = command.args(arguments).current_dir(bench.path()).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A repository with a project in the folder `shop`, committed.
fn repository() -> Bench {
    let bench = Bench::with(&[
        ("shop/wf.toml", ""),
        ("shop/shop.wf", SHOP),
        ("shop/offer.vm", "Code: $data.promo.code\n"),
        ("shop/.hidden/broken.wf", "{"),
        ("README.md", "x"),
    ]);
    git(&bench, &["init", "--quiet", "--initial-branch=main"]);
    git(&bench, &["add", "--all", "--force"]);
    git(&bench, &["commit", "--quiet", "--message=one"]);
    bench
}

#[test]
fn diff_compares_what_git_has_with_what_is_there() {
    let bench = repository();
    let diff = |more: &str| bench.run(&format!("diff --project shop {more}").split_whitespace().collect::<Vec<_>>());
    assert!(diff("").out.contains("no changes"), "nothing was touched");
    // Layout and comments are no change; a template is one.
    bench.write("shop/shop.wf", &format!("// Soon more.\n{}", SHOP.replace("  wait 1h", "      wait   60min")));
    assert!(diff("--fail-on any").out.contains("no changes"));
    bench.write("shop/offer.vm", "Your code: $data.promo.code\n");
    bench.write(
        "shop/shop.wf",
        &SHOP.replace("{ order: event.order_id }", "{ order: event.order_id, mail: contact.email }"),
    );
    let told = diff("HEAD --fail-on danger");
    assert_eq!(told.exit, 1, "{}{}", told.out, told.err);
    for expected in
        ["DANGER  shop/shop.wf:9 ", "field-sent-added", "contact.email → https://promo.example.com (body.mail)"]
    {
        assert!(told.out.contains(expected), "{expected}: {}", told.out);
    }
    assert!(told.out.contains("message-text-changed") && told.out.contains("[-Code:-]{+Your code:+}"), "{}", told.out);
    // The index has the old text until it is told otherwise.
    assert!(diff("--staged").out.contains("no changes"));
    git(&bench, &["add", "--all"]);
    assert!(diff("--staged").out.contains("field-sent-added"));
    git(&bench, &["commit", "--quiet", "--message=two"]);
    assert!(diff("HEAD").out.contains("no changes"));
    assert!(diff("HEAD~1..HEAD").out.contains("field-sent-added"));
    assert!(diff("HEAD..HEAD~1").out.contains("field-sent-removed"));
    assert!(diff("HEAD~1...HEAD").out.contains("field-sent-added"));
    // As `git diff` takes two revisions.
    assert!(diff("HEAD~1 HEAD").out.contains("field-sent-added"));
    // What the work tree has is that of no revision, even where it is laid out as one.
    bench.write("shop/offer.vm", "Nobody has committed this: $data.promo.code\n");
    assert!(diff("HEAD~1..HEAD").out.contains("{+Your code:+}") && diff("HEAD").out.contains("Nobody has committed"));
    bench.write("shop/offer.vm", "Your code: $data.promo.code\n");
    let told = bench.run(&["audit", "shop", "--against", "HEAD~1"]);
    assert!(told.out.contains("contact.email") && !told.out.contains("order_id"), "{}", told.out);
    let told = bench.run(&["graph", "--project", "shop", "--diff", "HEAD~1", "--format", "mermaid"]);
    assert!(told.out.starts_with("flowchart TD\n") && told.out.contains("call promo"), "{}", told.out);
}

#[test]
fn diff_says_what_it_cannot_compare() {
    let bench = repository();
    bench.check("diff nope --project shop", 3, Some(""), "git knows no revision `nope`");
    bench.check("diff --upload-pack=x --project shop", 2, Some(""), "unexpected argument");
    bench.write("shop/shop.wf", &SHOP.replace("wait 1h", "wait 1m"));
    // A side with errors is never "no changes".
    bench.check("diff --project shop", 3, Some(""), "the working tree does not compile");
    git(&bench, &["commit", "--quiet", "--all", "--message=broken"]);
    bench.write("shop/shop.wf", SHOP);
    bench.check("diff --project shop", 3, Some(""), "HEAD does not compile");
    bench.check("diff HEAD~1 --project shop", 0, None, "");
    let alone = Bench::with(&[("shop/shop.wf", "event x {}"), ("other/shop.wf", "event y {}")]);
    alone.check("diff --project shop", 3, Some(""), "--files OLD NEW");
    assert!(alone.run(&["diff", "--files", "shop", "other"]).out.contains("declaration-removed"));
    // Paths in place of revisions.
    bench.check("diff shop README.md", 3, Some(""), "wf diff --files shop README.md");
    bench.check("diff shop", 3, Some(""), "wf diff --project shop");
    bench.check("diff HEAD..HEAD HEAD", 2, Some(""), "a range names both sides already");
    bench.check("diff a b c", 2, Some(""), "found");
}

#[test]
fn diff_works_in_a_shallow_clone_or_says_how() {
    let bench = repository();
    bench.write("shop/offer.vm", "Other: $data.promo.code\n");
    git(&bench, &["commit", "--quiet", "--all", "--message=two"]);
    let url = format!("file://{}", bench.path().display());
    git(&bench, &["clone", "--quiet", "--depth=1", &url, "shallow"]);
    bench.check("diff HEAD --project shallow/shop", 0, None, "");
    bench.check("diff HEAD~1 --project shallow/shop", 3, Some(""), "git fetch --deepen=100`");
    bench.check(
        "diff feature --project shallow/shop",
        3,
        Some(""),
        "git fetch --depth=100 origin feature:refs/remotes/origin/feature",
    );
}

#[test]
fn every_form_of_a_difference_is_whole() {
    let bench = repository();
    bench.write("shop/shop.wf", &SHOP.replace("wait 1h", "wait 2h").replace("Your code", "A|code `for` <you>"));
    let json = bench.run(&["diff", "--project", "shop", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(document["schema"], "wf.diff/1");
    let slugs: Vec<&str> =
        document["changes"].as_array().unwrap().iter().filter_map(|it| it["slug"].as_str()).collect();
    assert_eq!(slugs, ["message-subject-changed", "wait-changed", "longest-wait-changed"]);
    assert_eq!(document["changes"][1]["locations"]["head"]["line"], 25);
    let markdown = bench.run(&["diff", "--project", "shop", "--format", "markdown"]).out;
    assert!(
        markdown.starts_with("<!-- wf-diff -->\n") && markdown.contains("A\\|code \\`for\\` &lt;you>"),
        "{markdown}"
    );
    let github = bench.run(&["diff", "--project", "shop", "--format", "github"]).out;
    assert!(github.contains("::warning file=shop/shop.wf,line=25,col=3,title=wait-changed::"), "{github}");
    for format in ["table", "json", "csv", "markdown"] {
        let told = bench.run(&["audit", "shop", "--format", format]);
        assert!(told.exit == 0 && told.out.contains("order_id"), "{format}: {}", told.out);
    }
    let svg = bench.run(&["graph", "cart", "--project", "shop"]).out;
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n") && svg.contains("wait 2h"), "{svg}");
    assert_eq!(svg, bench.run(&["graph", "cart", "--project", "shop"]).out, "the same bytes each time");
    let dot = bench.run(&["graph", "--project", "shop", "--format", "dot"]).out;
    assert!(dot.starts_with("digraph \"cart\" {\n"), "{dot}");
    bench.check("graph card --project shop", 2, Some(""), "did you mean `cart`?");
    bench.check("explain wait-changed", 0, None, "");
}
