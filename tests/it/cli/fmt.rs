//! `wf fmt` and `wf check --fix`: what they write, and what they leave alone.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use super::Bench;

const LOOSE: &str = "event  a {x:int}\r\n";
const NEAT: &str = "event a {\n  x: int\n}\n";

impl Bench {
    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }
}

#[test]
fn files_that_are_not_canonical_are_written() {
    let bench =
        Bench::with(&[("wf.toml", ""), ("a.wf", LOOSE), ("deep/b.wf", NEAT), ("deep/.c.wf", LOOSE), ("x.vm", LOOSE)]);
    let script = bench.path().join("a.wf");
    fs::set_permissions(&script, Permissions::from_mode(0o640)).unwrap();
    bench.check("fmt --check", 1, Some("a.wf\n"), "1 file not formatted, 1 file formatted already");
    let told = bench.run(&["fmt", "--diff"]);
    told.check("fmt --diff", 1, None, "1 file not formatted");
    assert_eq!(told.out, "--- a/a.wf\n+++ b/a.wf\n@@ -1 +1,3 @@\n-event  a {x:int}\r\n+event a {\n+  x: int\n+}\n");
    assert_eq!(bench.read("a.wf"), LOOSE);
    let untouched = fs::metadata(bench.path().join("deep/b.wf")).unwrap().modified().unwrap();
    bench.check("fmt", 0, Some("a.wf\n"), "ok: 1 file formatted, 1 file formatted already\n");
    assert_eq!((bench.read("a.wf").as_str(), bench.read("deep/.c.wf").as_str()), (NEAT, LOOSE));
    assert_eq!(fs::metadata(&script).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::metadata(bench.path().join("deep/b.wf")).unwrap().modified().unwrap(), untouched);
    assert_eq!(fs::read_dir(bench.path()).unwrap().count(), 4, "nothing is left beside");
    bench.check("fmt", 0, Some(""), "ok: 2 files formatted already\n");
    bench.check("fmt --check --diff", 0, Some(""), "ok: 2 files formatted already\n");
}

#[test]
fn paths_may_be_files_folders_and_links() {
    let bench = Bench::with(&[("one/a.wf", LOOSE), ("one/b.wf", LOOSE), ("two/c.wf", LOOSE), ("x.vm", "")]);
    symlink("../one/a.wf", bench.path().join("two/link.wf")).unwrap();
    bench.check("fmt one/a.wf one/a.wf", 0, Some("one/a.wf\n"), "ok: 1 file formatted\n");
    assert_eq!(bench.read("one/b.wf"), LOOSE);
    bench.check(
        "fmt one two/link.wf two",
        0,
        Some("one/b.wf\ntwo/c.wf\n"),
        "ok: 2 files formatted, 1 file formatted already",
    );
    bench.write("one/a.wf", LOOSE);
    bench.check("fmt two/link.wf", 0, None, "ok: 1 file formatted\n");
    assert!(fs::symlink_metadata(bench.path().join("two/link.wf")).unwrap().is_symlink());
    assert_eq!(bench.read("one/a.wf"), NEAT);

    bench.check("fmt x.vm", 2, Some(""), "`x.vm` is no `.wf` file");
    bench.check("fmt nowhere", 3, Some(""), "cannot read `nowhere`");
    fs::create_dir(bench.path().join("empty")).unwrap();
    bench.check("fmt empty", 2, Some(""), "has no `.wf` file");
    fs::write(bench.path().join("one/latin.wf"), b"// \xe9").unwrap();
    bench.check("fmt one/latin.wf", 3, Some(""), "cannot read `one/latin.wf`: line 1 is not UTF-8");
}

#[test]
fn standard_input_goes_to_standard_output() {
    let bench = Bench::new();
    bench.feed(&["fmt", "-"], LOOSE).check("fmt -", 0, Some(NEAT), "");
    bench.feed(&["fmt", "-"], NEAT).check("fmt -", 0, Some(NEAT), "");
    bench.feed(&["fmt", "--check", "-"], LOOSE).check("fmt --check -", 1, Some("<stdin>\n"), "");
    bench.feed(&["fmt", "--check", "-"], NEAT).check("fmt --check -", 0, Some(""), "");
    let told = bench.feed(&["fmt", "-"], "event a{x:int}\nevent b {x: }\n");
    told.check("fmt -", 1, Some("event a {\n  x: int\n}\n\nevent b {x: }\n"), "error[unexpected-token]");
    assert!(told.err.contains("<stdin>:5:"), "{}", told.err);
}

#[test]
fn what_cannot_be_read_is_shown_and_left() {
    let bench = Bench::with(&[("wf.toml", ""), ("a.wf", "event  b {x: }\n\nevent a{x:int}\n"), ("c.wf", LOOSE)]);
    let told = bench.run(&["fmt"]);
    told.check("fmt", 1, Some("a.wf\nc.wf\n"), "2 files formatted, 1 file with errors");
    assert!(told.err.contains("a.wf:1:"), "{}", told.err);
    assert_eq!(bench.read("a.wf"), format!("event  b {{x: }}\n\n{NEAT}"));
    bench.check("fmt --check", 1, Some(""), "1 file formatted already, 1 file with errors");
}

#[test]
fn what_may_not_be_written_is_not() {
    let bench = Bench::with(&[("a.wf", LOOSE)]);
    fs::set_permissions(bench.path().join("a.wf"), Permissions::from_mode(0o440)).unwrap();
    bench.check("fmt a.wf", 3, Some(""), "cannot write `a.wf`: it is read-only");
    assert_eq!(bench.read("a.wf"), LOOSE);
}

const MISTAKES: &str = r#"event signup { email: email  plan: strng? }

webhook w {
  get "http://a.example.com/${event.plam ?? ""}"
}

message hello {
  email {
    from "a@example.com"
    subject "Hello"
    text file "hello.vm"
  }
}

workflow welcome {
  on signup
  identify by email event.email else create

  wait 5m
  call w
  send helo
}
"#;

#[test]
fn fixes_are_made_and_told() {
    let bench =
        Bench::with(&[("wf.toml", ""), ("deep/a.wf", MISTAKES), ("hello.vm", "Hello, $!contact.frist_name!\n")]);
    let told = bench.run(&["check", "--fix", "--format", "json"]);
    told.check("check --fix", 0, None, "fixed deep/a.wf:4:8: plain-http: write `https` instead\n");
    assert!(told.err.contains("fixed hello.vm:1:18: unknown-field: write `first_name` instead\n"), "{}", told.err);
    let document: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(document["errors"], 0, "{document:#}");
    assert_eq!(document["fixed"].as_array().unwrap().len(), 6, "{document:#}");
    let right = MISTAKES.replace("http:", "https:").replace("strng", "string").replace("plam", "plan");
    assert_eq!(bench.read("deep/a.wf"), right.replace("5m\n", "5min\n").replace("helo\n", "hello\n"));
    assert_eq!(bench.read("hello.vm"), "Hello, $!contact.first_name!\n");
    // Nothing is left to be done, and nothing is written.
    fs::set_permissions(bench.path().join("deep/a.wf"), Permissions::from_mode(0o440)).unwrap();
    bench.check("check --fix", 0, Some(""), "ok: 1 file checked\n");
}

#[test]
fn what_is_left_is_shown() {
    let two = "event a { town: string }\n\nmessage m {\n  email {\n    from \"a@example.com\"\n    subject \"$town\"\n    text \"x\"\n  }\n}\n\nworkflow w {\n  on a where event.town = \"x\"\n\n  send m\n}\n";
    let bench = Bench::with(&[("wf.toml", ""), ("a.wf", two)]);
    let told = bench.run(&["check", "--fix", "--format", "concise"]);
    told.check("check --fix", 1, None, "fixed a.wf:12:25: assignment-in-condition: write `==` instead\n");
    // Whose name it is, and how the contact is found, is the author's to say.
    assert!(told.out.contains("missing-identification") && told.out.contains("template-name-twice"), "{}", told.out);
    assert_eq!(bench.read("a.wf"), two.replace("town = ", "town == "));
}
