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
    bench.check("render latin.vm", 3, Some(""), "error: cannot read `latin.vm`: stream did not contain valid UTF-8");
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
