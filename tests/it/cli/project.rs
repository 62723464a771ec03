//! Commands about files: `init`, `render`.

use super::Bench;

#[test]
fn init_begins_a_project_and_touches_nobodys_files() {
    let bench = Bench::with(&[("full/mine.txt", "mine"), ("cloned/.git/HEAD", "x"), ("file", "x")]);
    bench.check("init full", 2, Some(""), "`full` is not empty: it holds `mine.txt`");
    bench.check("init file", 3, Some(""), "cannot use `file`: Not a directory");
    assert_eq!(std::fs::read_dir(bench.path().join("full")).unwrap().count(), 1);
    for folder in ["deep/er", "cloned"] {
        let told = bench.run(&["init", folder]);
        assert_eq!(told.exit, 0, "{}", told.err);
        for path in told.out.lines() {
            assert!(path.starts_with(folder) && bench.path().join(path).is_file(), "{path}");
        }
        assert!(told.out.contains("welcome.wf") && told.out.contains(".github/workflows/check.yml"), "{}", told.out);
        bench.check(&format!("init {folder}"), 2, Some(""), "is not empty");
    }
}

#[test]
fn render_keeps_every_digit_and_adds_nothing() {
    let data =
        r#"{"name": "Енн", "total": 99.50, "big": 12345678901234567890123, "items": [{"sku": "a"}, {"sku": "b"}]}"#;
    let bench =
        Bench::with(&[("d.json", data), ("a.vm", "$name: $total, $big#foreach($item in $items) $item.sku#end")]);
    bench.check("render a.vm --data d.json", 0, Some("Енн: 99.50, 12345678901234567890123 a b"), "");
    bench.check("render a.vm", 0, Some("$name: $total, $big"), "");
    bench.feed(&["render", "-"], "#set($x = 2)$x\n").check("render -", 0, Some("2\n"), "");
    let told = bench.feed(&["render", "-", "--data", "d.json"], "a\n  $name.substring(9)\n");
    told.check(
        "a call that fails",
        1,
        Some(""),
        " --> standard input:2:8\n  |\n2 |   $name.substring(9)\n  |        ^^^",
    );
    assert!(told.err.starts_with("error[template-method]: "), "{}", told.err);
    let told = bench.feed(&["render", "-"], "й #if($x)");
    told.check("a template that does not end", 1, Some(""), "error[template-syntax]: ");
}

#[test]
fn render_says_what_it_cannot_use() {
    let bench = Bench::with(&[
        ("a.vm", "Hi"),
        ("list.json", "[1]"),
        ("broken.json", "{\n  \"a\": 1,\n}"),
        ("twice.json", "{\"a\": 1, \"a\": 2}"),
        ("latin.vm", "x"),
    ]);
    std::fs::write(bench.path().join("latin.vm"), b"caf\xe9").unwrap();
    bench.check("render nothing.vm", 3, Some(""), "error: cannot read `nothing.vm`: No such file");
    bench.check("render latin.vm", 3, Some(""), "error: cannot read `latin.vm`: line 1 is not UTF-8");
    bench.check("render a.vm --data nothing.json", 3, Some(""), "cannot read `nothing.json`");
    bench.check("render a.vm --data list.json", 2, Some(""), "`list.json` must hold a JSON object");
    bench.check("render a.vm --data twice.json", 2, Some(""), "--> twice.json:1:");
    bench.check("render - --data -", 2, Some(""), "cannot both be standard input");
    let told = bench.run(&["render", "a.vm", "--data", "broken.json"]);
    told.check(
        "a mistake in the data",
        2,
        Some(""),
        "error: the data is not JSON: trailing comma\n --> broken.json:3:1\n  |\n3 | }\n  | ^\n",
    );
}

/// A project with one mistake, in a folder below the one with the settings.
const WRONG: &[(&str, &str)] = &[
    ("shop/wf.toml", ""),
    ("shop/deep/a.wf", "event x {}\n\nwebhook w {\n  get \"http://example.com/\"\n}\n"),
    ("empty/notes.txt", ""),
];

#[test]
fn what_init_makes_is_a_whole_project() {
    let bench = Bench::new();
    assert_eq!(bench.run(&["init", "shop"]).exit, 0);
    // Neither errors nor warnings.
    bench.check("check shop", 0, Some(""), "ok: 5 files checked\n");
    let told = bench.run(&["build", "shop"]);
    assert!(told.out.starts_with("shop.wfc\n") && told.out.ends_with("1 workflow, 1 event, 1 webhook, 1 message\n"));
    assert!(bench.path().join("shop.wfc").is_file());
}

#[test]
fn check_shows_findings_in_every_format() {
    let bench = Bench::with(WRONG);
    let told = bench.run(&["check", "shop"]);
    told.check("check shop", 1, None, "1 error, 2 warnings in 1 file\n");
    assert!(told.out.contains("error[plain-http]") && told.out.contains("Help: write `https`"), "{}", told.out);

    let told = bench.run(&["check", "shop", "--format", "concise"]);
    let lines: Vec<&str> = told.out.lines().collect();
    assert!(
        lines.iter().any(|line| line.starts_with("deep/a.wf:4:") && line.contains(": error[plain-http]: ")),
        "{lines:?}"
    );

    let told = bench.run(&["check", "shop", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!((&document["errors"], &document["warnings"]), (&1.into(), &2.into()), "{document:#}");
    let codes: Vec<_> = document["findings"].as_array().unwrap().iter().map(|finding| &finding["code"]).collect();
    assert!(codes.contains(&&serde_json::json!("plain-http")), "{codes:?}");

    let told = bench.run(&["check", "shop", "--format", "github"]);
    let annotation = told.out.lines().find(|line| line.starts_with("::error ")).unwrap();
    assert!(annotation.starts_with("::error file=shop/deep/a.wf,line=4,col="), "{annotation}");
    assert!(annotation.contains(",title=plain-http::"), "{annotation}");

    let told = bench.run(&["check", "shop", "--format", "sarif"]);
    let log: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    let rules: Vec<_> = log["runs"][0]["results"].as_array().unwrap().iter().map(|result| &result["ruleId"]).collect();
    assert!(told.exit == 1 && rules.contains(&&serde_json::json!("plain-http")), "{log:#}");

    let told = bench.run(&["check", "shop", "--format", "junit"]);
    assert!(told.exit == 1 && told.out.contains("name=\"plain-http at 4:"), "{}", told.out);
    bench.check(
        "check shop --format xml",
        2,
        Some(""),
        "[possible values: human, concise, json, github, sarif, junit]",
    );
}

#[test]
fn the_project_is_found_from_inside() {
    let bench = Bench::with(WRONG);
    let output = bench.command(&["check", "--format", "concise"]).current_dir(bench.path().join("shop/deep")).output();
    let told = super::told(output.unwrap());
    assert!(told.exit == 1 && told.out.contains("deep/a.wf:4:"), "{told:?}");
    bench.check("check empty", 2, Some(""), "has no `.wf` file\nhint: name the project's folder, or begin a new one");
    bench.check("check nowhere", 3, Some(""), "error: cannot read `nowhere`: No such file");
}

#[test]
fn build_gives_one_file_for_one_program() {
    let parts = ["event a { email: email }\n", "contact { plan: string? }\n"];
    let bench = Bench::with(&[("one/all.wf", &parts.concat()), ("two/z.wf", parts[0]), ("two/deep/a.wf", parts[1])]);
    let one = bench.run(&["build", "one", "-o", "one.wfc"]);
    let two = bench.run(&["build", "two", "-o", "two.wfc"]);
    assert_eq!((one.exit, two.exit), (0, 0), "{one:?} {two:?}");
    assert_eq!(one.out.replace("one.wfc", ""), two.out.replace("two.wfc", ""), "the hash is that of the program");
    let read = |path: &str| std::fs::read_to_string(bench.path().join(path)).unwrap();
    assert_eq!(read("one.wfc"), read("two.wfc"));
    assert_eq!(bench.run(&["build", "one", "-o", "-"]).out, read("one.wfc"));
    let program: serde_json::Value = serde_json::from_str(&read("one.wfc")).unwrap();
    assert!(program["ir_version"].is_u64() && program["events"]["a"].is_object(), "{program}");

    bench.check("build one -o one", 2, Some(""), "error: `one` is a folder\nhint: name a file in it");
    bench.check("build one -o nowhere/x.wfc", 3, Some(""), "cannot write `nowhere/x.wfc`: No such file");
    let wrong = Bench::with(WRONG);
    let told = wrong.run(&["build", "shop", "-o", "shop.wfc"]);
    told.check("build of a refused project", 1, Some(""), "plain-http");
    assert!(!wrong.path().join("shop.wfc").exists());
}

#[test]
fn explain_knows_every_code() {
    let bench = Bench::new();
    let list = bench.run(&["explain"]);
    for code in compiler::catalogue::Code::ALL {
        assert!(list.out.lines().any(|line| line.split(' ').next() == Some(code.slug())), "{}", code.slug());
    }
    let told = bench.run(&["explain", "plain-http"]);
    assert!(told.exit == 0 && told.out.starts_with("# ") && told.out.contains("```wf"), "{told:?}");
    bench.check("explain plain-htp", 2, Some(""), "there is no code `plain-htp`\nhint: did you mean `plain-http`?");
    bench.check("explain zzz", 2, Some(""), "`wf explain` alone lists them all");
}

#[test]
fn serve_does_not_start_with_wrong_settings() {
    let bench = Bench::with(&[
        ("shop/a.wf", "event x {}\n"),
        ("shop/wf.toml", "listen = \"0.0.0.0:8080\"\nlisten_on = 1\n"),
        ("plain/a.wf", "event x {}\n"),
        ("program.wfc", "{\"ir_version\": 999}"),
        ("empty/notes.txt", ""),
    ]);
    let told = bench.run(&["serve", "shop"]);
    told.check("serve shop", 2, Some(""), "shop/wf.toml:2: ");
    assert!(told.err.contains("there are no tokens") && told.err.contains("`listen_on`"), "{}", told.err);
    bench.check("serve plain --listen nonsense", 2, Some(""), "--listen: `nonsense` is no IP address with a port");
    bench.check("serve plain --listen 192.0.2.1:1 --data d", 2, Some(""), "there are no tokens");
    bench.check("serve nowhere --listen 127.0.0.1:0 --data d", 3, Some(""), "cannot read `nowhere`");
    bench.check("serve empty --listen 127.0.0.1:0 --data d", 2, Some(""), "has no `.wf` file");
    bench.check("serve program.wfc --listen 127.0.0.1:0 --data d", 3, Some(""), "ir_version 999");
    bench.write("taken", "");
    bench.check("serve plain --listen 127.0.0.1:0 --data taken", 74, Some(""), "the data folder `taken`: File exists");
}

#[test]
fn a_doctor_finds_what_keeps_the_daemon_from_its_work() {
    let program = "event e { n: int }\nconnector c bearer { token secret(\"DOCTOR\") }\nwebhook w { get \"https://127.0.0.1/\" auth c }\nworkflow f { on e identify by id event.n call w }\n";
    let bench = Bench::with(&[("a.wf", program), ("wf.toml", "listen = \"127.0.0.1:0\"\n")]);
    let sick = bench.run(&["doctor", "--data", "data"]);
    for part in ["wrong secrets", "WF_SECRET_DOCTOR", "wrong hosts", "`[egress]`", "look  tokens", "ok    project"] {
        assert!(sick.exit == 1 && sick.out.contains(part), "{part}: {sick:?}");
    }
    let bench = bench.set("WF_SECRET_DOCTOR", "canary").set("WF_EGRESS_ALLOW_PRIVATE", "127.0.0.0/8");
    let well = bench.run(&["doctor", "--data", "data", "--format", "json"]);
    let found: serde_json::Value = serde_json::from_str(&well.out).unwrap();
    assert!(well.out.contains("tzdata 20"), "the edition of the zones: {well:?}");
    let wrong = found.as_array().unwrap().iter().filter(|finding| finding["level"] == "wrong").count();
    assert!(well.exit == 0 && wrong == 0 && !well.out.contains("canary"), "{well:?}");
    bench.write("data/store.db", "dear diary ".repeat(100).as_str());
    bench.write("a.wf", "event e { n: }\n");
    let sick = bench.run(&["doctor", "--data", "data"]);
    for part in ["does not compile", "is not a store of wf"] {
        assert!(sick.exit == 1 && sick.out.contains(part), "{part}: {sick:?}");
    }
    bench.write("wf.toml", "lisen = 1\n");
    let sick = bench.run(&["doctor"]);
    assert!(sick.exit == 1 && sick.out.contains("did you mean `listen`?"), "{sick:?}");
}
