//! `wf test`: what it shows in each form, and how it ends.

use super::Bench;

const PROGRAM: &str = r#"event e {
  email: email
  n: int
}

contact {
  tier: string?
}

webhook score {
  post "https://scoring.example.com/"
  body json { n: event.n }
  returns json { score: int }
}

message m {
  email {
    from "a@example.com"
    subject "Score $data.score.score"
    text """
      Hello,
      it is $event.n.
      """
  }
}

workflow w {
  on e
  identify by email event.email else create
  call score on failure {
    stop "no score"
  }
  if event.n > 5 {
    set contact.tier = "gold"
  }
  send m
}
"#;

const PASSES: &str = r#"test "it is sent" {
  stub score { body { score: 7 } }
  receive e { email: "a@example.com", n: 1 }
  expect send m { subject "Score 7" }
}
"#;

const FAILS: &str = r#"test "it is gold" {
  stub score { body { score: 7 } }
  receive e { email: "a@example.com", n: 1 }
  expect contact { tier: "gold" }
  expect send m
}
"#;

#[test]
fn init_projects_and_examples_pass_their_tests() {
    let bench = Bench::new();
    assert_eq!(bench.run(&["init", "new"]).exit, 0);
    let root = env!("CARGO_MANIFEST_DIR");
    for project in
        ["new", &format!("{root}/examples/get-contact-by-email"), &format!("{root}/examples/post-promo-code")]
    {
        let told = bench.run(&["test", project]);
        assert_eq!(told.exit, 0, "{}{}", told.out, told.err);
        assert!(told.out.contains(" passed"), "{}", told.out);
    }
}

#[test]
fn what_came_of_the_tests_is_shown_with_what_was_found() {
    let bench = Bench::with(&[("a.wf", PROGRAM), ("tests/a.wf", PASSES), ("tests/b.wf", FAILS)]);
    let told = bench.run(&["test"]);
    assert_eq!(told.exit, 1, "{}", told.err);
    let expected = " ok   it is sent\n FAIL it is gold  tests/b.wf:1\n      expect contact { tier: \"gold\" }\n                       |\n                       nothing\n      at tests/b.wf:4\n      timeline\n        00:00:00 receive e\n        00:00:00 `w` begins for contact 1\n        00:00:00 call score → 200 {\"score\":7}  ← a.wf:30\n        00:00:00 if: took `else`  ← a.wf:33\n        00:00:00 send m to a@example.com by email\n        00:00:00 `w` came to its end\n      rerun: wf test --filter \"it is gold\"\n1 failed, 1 passed\n";
    assert_eq!(told.out, expected);
    assert_eq!(bench.run(&["test"]).out, told.out, "the same bytes each time");
    bench.check("test --filter SENT", 0, Some(" ok   it is sent\n1 passed\n"), "");
    bench.check("test --filter nothing", 2, Some(""), "no test has `nothing` in its name");
    let json = bench.run(&["test", "--format", "json"]);
    let lines: Vec<serde_json::Value> = json.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3, "{}", json.out);
    assert!(lines.iter().all(|line| line["format"] == "wf.test/1"));
    assert_eq!(lines[0]["status"], "passed");
    assert_eq!(lines[1]["failures"][0]["line"], 4);
    assert_eq!(lines[1]["failures"][0]["found"][0]["path"][0], "tier");
    assert_eq!(lines[1]["timeline"][2]["line"], 30);
    assert_eq!((&lines[2]["passed"], &lines[2]["failed"]), (&1.into(), &1.into()));
    assert!(lines[0].get("duration_ms").is_none());
    let junit = bench.run(&["test", "--format", "junit"]).out;
    assert!(junit.contains("<testsuites name=\"wf test\" tests=\"2\" failures=\"1\">"), "{junit}");
    assert!(junit.contains("<testsuite name=\"tests/b.wf\" tests=\"1\" failures=\"1\""), "{junit}");
    assert!(
        junit.contains(
            "<testcase classname=\"tests/b.wf\" name=\"it is gold\" file=\"tests/b.wf\" line=\"1\"><failure "
        )
    );
    let github = bench.run(&["test", "--format", "github"]).out;
    assert!(
        github.starts_with("::error file=tests/b.wf,line=4,col=3,title=test it is gold::expect contact"),
        "{github}"
    );
    let timed = bench.run(&["test", "--timings", "--format", "json"]).out;
    assert!(timed.contains("duration_ms"), "{timed}");
}

#[test]
fn coverage_has_a_threshold_and_forms_for_other_tools() {
    let bench = Bench::with(&[("a.wf", PROGRAM), ("tests/a.wf", PASSES)]);
    let told = bench.run(&["test", "--coverage"]);
    let expected = " ok   it is sent\n1 passed · branches 2/5\n  never a.wf:30  `score` on failure\n  never a.wf:30  attempts of `score` used up\n  never a.wf:33  if event.n > 5\n";
    assert_eq!((told.exit, told.out.as_str()), (0, expected));
    bench.check("test --fail-under 40", 0, None, "");
    bench.check("test --fail-under 41", 1, None, "branches 2/5 had their turn, which is under 41 %");
    bench.check("test --fail-under 101", 2, None, "101 is not in 0..=100");
    let lcov = bench.run(&["test", "--coverage-format", "lcov"]);
    assert!(
        lcov.out.starts_with("TN:\nSF:a.wf\n") && lcov.out.contains("BRDA:33,0,0,0\nBRDA:33,0,1,1\n"),
        "{}",
        lcov.out
    );
    assert!(lcov.err.contains("1 passed"), "{}", lcov.err);
    bench.check("test --coverage-format json --coverage-file c.json", 0, None, "");
    let written = std::fs::read_to_string(bench.path().join("c.json")).unwrap();
    let coverage: serde_json::Value = serde_json::from_str(&written).unwrap();
    assert_eq!((&coverage["covered"], &coverage["total"]), (&2.into(), &5.into()));
}

#[test]
fn snapshots_hold_messages_to_what_was_agreed() {
    let bench = Bench::with(&[("a.wf", PROGRAM), ("tests/a.wf", PASSES)]);
    let snapshot = bench.path().join("snapshots/it-is-sent.snap");
    bench.check("test", 0, None, "");
    assert!(!snapshot.exists(), "nothing is compared before it is asked for");
    bench.check("test --update", 0, None, "snapshots: 1 written, 0 as they were, 0 removed");
    let kept = std::fs::read_to_string(&snapshot).unwrap();
    assert_eq!(
        kept,
        "=== 2026-01-01T00:00:00Z m by email\n--- from: a@example.com\n--- to: a@example.com\n--- subject: Score 7\n--- text: Hello,\nit is 1.\n"
            .replace("--- text: Hello,", "--- text\nHello,")
    );
    bench.check("test", 0, None, "");
    bench.write("a.wf", &PROGRAM.replace("Hello,", "Good morning,"));
    let told = bench.run(&["test"]);
    assert_eq!(told.exit, 1);
    assert!(told.out.contains("[-Hello,-]{+Good morning,+}"), "{}", told.out);
    assert!(told.out.contains("wf test --update"), "{}", told.out);
    let new = bench.path().join("snapshots/it-is-sent.snap.new");
    assert!(std::fs::read_to_string(&new).unwrap().contains("Good morning,"));
    let refused = Bench::with(&[("a.wf", PROGRAM), ("t.wf", PASSES)]).set("CI", "true");
    refused.check("test --update", 2, Some(""), "refused where `CI` is set");
    bench.check("test --update", 0, None, "snapshots: 1 written");
    assert!(!new.exists());
    bench.write("tests/a.wf", &PASSES.replace("it is sent", "other"));
    bench.check("test --update", 0, None, "snapshots: 1 written, 0 as they were, 1 removed");
    assert!(!snapshot.exists());
}

#[test]
fn a_first_test_is_written_and_passes() {
    let bench = Bench::with(&[("a.wf", PROGRAM)]);
    let told = bench.run(&["test"]);
    assert_eq!(told.exit, 0);
    assert!(told.err.contains("wf test --init WORKFLOW"), "{}", told.err);
    bench.check("test --init v", 2, Some(""), "there is no workflow `v`");
    bench.check("test --init w", 0, Some("tests/w.wf\n"), "it passes");
    bench.check("fmt --check tests/w.wf", 0, None, "ok: 1 file formatted already\n");
    bench.check("check", 0, None, "ok: 2 files checked\n");
    bench.check("test", 0, None, "");
    bench.check("test --init w", 2, Some(""), "`tests/w.wf` is there already");
}

#[test]
fn a_program_that_does_not_compile_is_not_tested() {
    let bench = Bench::with(&[("a.wf", "event e {\n")]);
    let told = bench.run(&["test", "--format", "json"]);
    assert_eq!((told.exit, told.out.as_str()), (1, ""));
    assert!(told.err.contains("error"), "{}", told.err);
}

#[test]
fn the_ways_of_conditions_in_messages_are_covered() {
    let program = PROGRAM
        .replace(
            "    subject \"Score $data.score.score\"\n",
            "    subject \"#if($event.n > 5)Much#else Little#end $data.score.score\"\n    html file \"m.vm\"\n",
        )
        .replace("      it is $event.n.\n", "      it is $event.n.\n      #if($event.n == 2) Two. #end\n");
    let page = "<p>\n#foreach($i in [1..$event.n])\n$i\n#end\n#if($contact.tier == 'gold')\nGold\n#end\n</p>\n";
    let bench = Bench::with(&[("a.wf", &program), ("tests/a.wf", PASSES), ("m.vm", page)]);
    bench.write("tests/a.wf", &PASSES.replace("subject \"Score 7\"", "subject contains \"7\""));
    let told = bench.run(&["test", "--coverage"]);
    let expected = " ok   it is sent\n1 passed · branches 6/13\n  never a.wf:32  `score` on failure\n  never a.wf:32  attempts of `score` used up\n  never a.wf:35  if event.n > 5\n  never a.wf:19  subject of `m`: #if($event.n > 5)\n  never m.vm:2  html of `m`: #foreach(… in [1..$event.n]) over nothing\n  never m.vm:5  html of `m`: #if($contact.tier == 'gold')\n  never a.wf:24  text of `m`: #if($event.n == 2)\n";
    assert_eq!((told.exit, told.out.as_str()), (0, expected), "{}", told.err);
    let json = bench.run(&["test", "--coverage-format", "json"]).out;
    let coverage: serde_json::Value = serde_json::from_str(&json).unwrap();
    let ways: Vec<&serde_json::Value> =
        coverage["points"].as_array().unwrap().iter().filter(|point| point["kind"] == "template").collect();
    assert_eq!(ways.len(), 8, "{json}");
    assert!(ways.iter().any(|way| way["file"] == "m.vm" && way["line"] == 2 && way["count"] == 1), "{json}");
    let lcov = bench.run(&["test", "--coverage-format", "lcov"]).out;
    assert!(lcov.contains("SF:m.vm\nBRDA:2,0,0,1\nBRDA:2,0,1,0\n"), "{lcov}");
}

#[test]
fn what_befalls_the_daemon_is_shown_with_what_was_found() {
    let test = r#"test "in the middle" {
  given seed 3
  given run at "send:m" in w {
    event e { email: "a@example.com", n: 1 }
    data { score: { score: 9 } }
  }
  reload {
    workflow w {
      on e
      identify by email event.email else create

      wait 1h
      stop "new"
    }
  }
  receive e { email: "b@example.com", n: 1 }
  crash
  cancel workflow w
  expect send m { subject "Score 8" }
  expect waiting "wait"
}
"#;
    let bench = Bench::with(&[("a.wf", PROGRAM), ("tests/a.wf", test)]);
    let told = bench.run(&["test"]);
    let expected = " FAIL in the middle  tests/a.wf:1\n      expect send m { subject \"Score 8\" }\n                      |\n                      \"Score 9\"\n      `m` went out at 00:00:00, and it was otherwise\n      at tests/a.wf:19\n";
    assert!(told.out.starts_with(expected), "{}{}", told.out, told.err);
    for line in [
        "no run waits at `wait`: `w` came to its end; `w` was cancelled",
        "        00:00:00 reload\n        00:00:00 receive e\n        00:00:00 `w` begins for contact 2\n        00:00:00 crash\n",
    ] {
        assert!(told.out.contains(line), "{line}\n{}", told.out);
    }
    bench.check("fmt --check tests/a.wf", 0, None, "ok: 1 file formatted already\n");
}
