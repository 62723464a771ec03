//! What a shell is told that asks what can stand where its cursor is.

use std::process::Command;

use super::Bench;

const PROGRAM: &str = r#"
    /// Somebody signed up.
    event signed_up { email: email }
    contact { tier: string? }
    segment loyal { contact.tier == "gold" }
    connector shop bearer { token secret("T") }
    webhook score { get "https://example.com/" auth shop }
    webhook "odd name" { get "https://example.com/odd" }
    channel sms { post "https://example.com/sms" body json { text: message.text } }
    message hello { sms { text "x" } }
    workflow greet { on signed_up identify by email event.email call score call "odd name" if contact in loyal { send hello } }
"#;

/// What stands behind the words of a line, up to the cursor, in one of the shells.
fn told(bench: &Bench, shell: &str, words: &[&str]) -> Vec<String> {
    let mut command = bench.command(&["--"]);
    command.args(["wf"]).args(words).env("_WF_COMPLETE", shell);
    command.env("_CLAP_COMPLETE_INDEX", words.len().to_string()).env("_CLAP_IFS", "\n");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    let out = String::from_utf8(output.stdout).unwrap();
    // A shell that shows descriptions has them behind the word.
    out.lines().map(|line| line.split(['\t', ':']).next().unwrap_or_default().to_owned()).collect()
}

#[track_caller]
fn check(bench: &Bench, words: &[&str], expected: &[&str]) {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let told: Vec<String> = told(bench, shell, words).into_iter().filter(|word| !word.starts_with('-')).collect();
        assert_eq!(told, expected, "{shell}: {words:?}");
    }
}

#[test]
fn names_of_the_project_are_completed() {
    let bench = Bench::with(&[("a.wf", PROGRAM)]);
    for (words, expected) in [
        (&["webhooks", "show", ""][..], &["odd name", "score"][..]),
        (&["connectors", "show", ""], &["shop"]),
        (&["messages", "show", "he"], &["hello"]),
        (&["workflows", "show", "g"], &["greet"]),
        (&["graph", ""], &["greet"]),
        (&["send-test", "s"], &["score", "sms"]),
        (&["send-test", "score", "--segment", ""], &["loyal"]),
        (&["send-test", "score", "--last", ""], &["signed_up"]),
        (&["contacts", "list", "--segment", "l"], &["loyal"]),
        (&["runs", "list", "--workflow", ""], &["greet"]),
        (&["events", "list", "--type", ""], &["signed_up"]),
        (&["test", "--init", "gr"], &["greet"]),
        (&["explain", "unknown-na"], &["unknown-name"]),
        (&["runs", "list", "--status", "fa"], &["failed"]),
        (&["runs", "ca"], &["cancel"]),
    ] {
        check(&bench, words, expected);
    }
    // A program that is being written has the names that can be read; a folder without one has none.
    bench.write("a.wf", &format!("{PROGRAM} workflow broken {{ on"));
    check(&bench, &["webhooks", "show", "sc"], &["score"]);
    check(&Bench::new(), &["webhooks", "show", "sc"], &[]);
}

#[test]
fn the_script_of_bash_works_in_bash() {
    let bench = Bench::with(&[("a.wf", PROGRAM)]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = bench.run(&["completions", shell]);
        script.check(shell, 0, None, "");
        assert!(script.out.contains("_WF_COMPLETE"), "{}", script.out);
    }
    let script = bench.run(&["completions", "bash"]).out;
    bench.write("completions", &script);
    let path = std::path::Path::new(env!("CARGO_BIN_EXE_wf")).parent().unwrap();
    let mut folders = vec![path.to_owned()];
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let ask = r#"
        source ./completions
        COMP_WORDS=(wf workflows show gr) COMP_CWORD=3 COMP_TYPE=9
        eval "$(complete -p wf | sed 's/.*-F \([^ ]*\).*/\1/') wf gr show"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let output = Command::new("bash")
        .args(["--norc", "-c", ask])
        .current_dir(bench.path())
        .env("PATH", std::env::join_paths(folders).unwrap())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "greet\n", "{}", String::from_utf8_lossy(&output.stderr));
}
