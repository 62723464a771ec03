//! The place in git: drivers, tools, hunk headers, odd repositories.

use std::process::Command;

use super::{Bench, SHOP, git, repository};

/// Runs git and gives its output and exit code.
fn ask(bench: &Bench, arguments: &[&str], environment: &[(&str, &str)]) -> (i32, String) {
    let mut command = Command::new("git");
    command.args(arguments).current_dir(bench.path()).envs(environment.iter().copied());
    command.env("GIT_PAGER", "cat").env("LC_ALL", "C");
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap(), text)
}

const WF: &str = env!("CARGO_BIN_EXE_wf");

#[test]
fn an_external_driver_compares_a_file_in_its_project() {
    let bench = repository();
    let driver = format!("'{WF}' git-external-diff");
    bench.write("shop/shop.wf", &SHOP.replace("wait 1h", "wait   2h"));
    let (code, told) = ask(&bench, &["diff"], &[("GIT_EXTERNAL_DIFF", &driver)]);
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("shop/shop.wf\nwf diff before .. after") && told.contains("wait-changed"), "{told}");
    // git itself asks for the exit code of the driver only where it is told to trust it.
    assert_eq!(ask(&bench, &["diff", "--exit-code"], &[("GIT_EXTERNAL_DIFF", &driver)]).0, 1);
    // As a driver of `.gitattributes`, for a template, a new file and one that is gone.
    bench.write(".gitattributes", "*.wf diff=wf\n*.vm diff=wf\n");
    git(&bench, &["config", "diff.wf.command", &driver]);
    bench.write("shop/offer.vm", "Dear customer: $data.promo.code\n");
    let (code, told) = ask(&bench, &["diff", "--", "shop/offer.vm"], &[]);
    assert!(code == 0 && told.contains("message-text-changed"), "{told}");
    bench.write("shop/more.wf", "event seen {\n  order: string\n}\n");
    git(&bench, &["add", "--all"]);
    let (code, told) = ask(&bench, &["diff", "--cached", "--", "shop/more.wf"], &[]);
    assert!(code == 0 && told.contains("declaration-added"), "{told}");
    git(&bench, &["rm", "--quiet", "--force", "shop/more.wf"]);
    // A renamed file is called with nine arguments, and says the same in another place.
    git(&bench, &["mv", "shop/shop.wf", "shop/cart.wf"]);
    let (code, told) = ask(&bench, &["diff", "--cached", "-M", "HEAD", "--", "shop/shop.wf", "shop/cart.wf"], &[]);
    assert!(code == 0 && told.contains("shop/shop.wf -> shop/cart.wf"), "{told}");
    // What does not compile is shown line by line, and git does not die of it.
    bench.write("shop/cart.wf", "workflow {");
    let (code, told) = ask(&bench, &["diff", "--", "shop/cart.wf"], &[]);
    assert!(code == 0 && told.contains("line by line") && told.contains("+workflow {"), "{told}");
}

#[test]
fn difftool_compares_files_and_folders() {
    let bench = repository();
    bench.write("shop/shop.wf", &SHOP.replace("wait 1h", "wait 2h"));
    let tool = format!("'{WF}' diff --files");
    let (code, told) = ask(&bench, &["difftool", "--no-prompt", "-x", &tool], &[]);
    assert!(code == 0 && told.contains("wait-changed"), "{told}");
    git(&bench, &["commit", "--quiet", "--all", "--message=two"]);
    let (code, told) = ask(&bench, &["difftool", "--no-prompt", "-x", &tool, "HEAD~1", "HEAD"], &[]);
    assert!(code == 0 && told.contains("wait-changed"), "{told}");
    // A folder with the files that changed, and no others: git runs a tool for it by its name only.
    git(&bench, &["config", "difftool.wf.cmd", &format!("{tool} \"$LOCAL\" \"$REMOTE\"")]);
    let (code, told) = ask(&bench, &["difftool", "--dir-diff", "-t", "wf", "HEAD~1", "HEAD"], &[]);
    assert!(code == 0 && told.contains("wait-changed"), "{told}");
}

/// `wf init` says how hunks are named: git takes the pattern, and names the block.
#[test]
fn heads_of_hunks_name_the_block() {
    let bench = Bench::new();
    bench.check("init shop", 0, None, "next: cd shop");
    let attributes = std::fs::read_to_string(bench.path().join("shop/.gitattributes")).unwrap();
    let line = attributes.lines().find(|line| line.contains("xfuncname")).unwrap();
    let pattern = line.split('\'').nth(1).unwrap();
    bench
        .write("shop/long.wf", &SHOP.replace("\n  wait 1h\n", &"\n  wait 1h\n".repeat(12)).replace("offer.vm", "o.vm"));
    bench.write("shop/o.vm", "x");
    git(&bench, &["init", "--quiet", "shop"]);
    git(&bench, &["-C", "shop", "config", "diff.wf.xfuncname", pattern]);
    git(&bench, &["-C", "shop", "add", "--all"]);
    git(&bench, &["-C", "shop", "commit", "--quiet", "--message=one"]);
    let text = std::fs::read_to_string(bench.path().join("shop/long.wf")).unwrap();
    bench.write("shop/long.wf", &text.replace("    send offer", "    send  offer"));
    let (_, told) = ask(&bench, &["-C", "shop", "diff", "-U1"], &[]);
    assert!(told.lines().any(|line| line.starts_with("@@ ") && line.ends_with("@@ workflow cart {")), "{told}");
}

#[test]
fn odd_repositories_are_read_too() {
    let bench = repository();
    // A file that is a link inside of the project, over others and over a folder, one that leads out of it, and one that leads in a circle.
    bench.write("shop/letters/first.txt", "");
    for (target, link) in [("../offer.vm", "letters/again.vm"), ("letters", "folder"), ("folder/again.vm", "linked.vm")]
    {
        std::os::unix::fs::symlink(target, bench.path().join("shop").join(link)).unwrap();
    }
    std::os::unix::fs::symlink("circle", bench.path().join("shop/circle")).unwrap();
    std::os::unix::fs::symlink("../README.md", bench.path().join("shop/outside.wf")).unwrap();
    bench.write("shop/shop.wf", &SHOP.replace("offer.vm", "linked.vm"));
    std::fs::remove_file(bench.path().join("shop/outside.wf")).unwrap();
    git(&bench, &["add", "--all"]);
    git(&bench, &["commit", "--quiet", "--message=link"]);
    let told = bench.run(&["diff", "--project", "shop", "HEAD~1..HEAD"]);
    assert_eq!(told.exit, 0, "{}", told.err);
    assert!(told.out.contains("0 danger, 0 review, 1 note"), "{}", told.out);
    // A submodule is somebody else's: what is in it is none of ours.
    git(&bench, &["-c", "protocol.file.allow=always", "clone", "--quiet", ".", "other"]);
    git(&bench, &["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "./other", "shop/module"]);
    git(&bench, &["commit", "--quiet", "--message=module"]);
    let told = bench.run(&["diff", "--project", "shop", "HEAD~1..HEAD"]);
    assert_eq!(told.exit, 0, "{}", told.err);
    // A bare repository has no work tree; two revisions of it can be compared.
    git(&bench, &["clone", "--quiet", "--bare", ".", "bare.git"]);
    let told = bench.run(&["diff", "--project", "bare.git/shop", "HEAD~2..HEAD~1"]);
    assert_eq!(told.exit, 0, "{}{}", told.out, told.err);
}

/// git names objects by SHA-256 where it was told to.
#[test]
fn repositories_with_longer_names_are_read_too() {
    let bench = Bench::with(&[("wf.toml", ""), ("shop.wf", SHOP), ("offer.vm", "Code: $data.promo.code\n")]);
    git(&bench, &["init", "--quiet", "--object-format=sha256"]);
    git(&bench, &["add", "--all"]);
    git(&bench, &["commit", "--quiet", "--message=one"]);
    assert!(bench.run(&["diff"]).out.contains("no changes"));
    bench.write("shop.wf", &SHOP.replace("wait 1h", "wait 2h"));
    let told = bench.run(&["diff"]);
    assert!(told.out.contains("wait-changed"), "{}{}", told.out, told.err);
}

/// Without an upstream nothing says where a branch begins: what is committed is not shown, and that is said.
#[test]
fn a_branch_without_an_upstream_is_told_as_such() {
    let bench = repository();
    let diff = |more: &[&str]| bench.run(&[&["diff", "--project", "shop"], more].concat());
    let told = diff(&[]);
    assert!(told.err.contains("no upstream") && told.err.contains("`wf diff REVISION`"), "{}", told.err);
    git(&bench, &["switch", "--quiet", "--create", "longer"]);
    bench.write("shop/shop.wf", &SHOP.replace("wait 1h", "wait 2h"));
    git(&bench, &["commit", "--quiet", "--all", "--message=two"]);
    let told = diff(&[]);
    assert!(told.exit == 0 && told.out.contains("no changes"), "{}{}", told.out, told.err);
    for expected in ["no upstream", "`wf diff main...HEAD`", "--set-upstream-to=main"] {
        assert!(told.err.contains(expected), "{}", told.err);
    }
    // What was compared is said beside the answer; a gate that sees none of the branch is none.
    assert!(told.out.contains("no changes: HEAD and the working tree do the same"), "{}", told.out);
    let gate = diff(&["--fail-on", "danger"]);
    assert!(gate.exit == 2 && gate.err.contains("`wf diff main...HEAD`"), "{}{}", gate.out, gate.err);
    assert_eq!(diff(&["HEAD", "--fail-on", "danger"]).exit, 0);
    assert_eq!(diff(&["main...HEAD", "--fail-on", "any"]).exit, 1);
    // What it names does what it says.
    let told = diff(&["main...HEAD"]);
    assert!(told.out.contains("wait-changed") && !told.err.contains("upstream"), "{}{}", told.out, told.err);
    git(&bench, &["branch", "--quiet", "--set-upstream-to=main"]);
    let told = diff(&[]);
    assert!(told.out.contains("wait-changed") && !told.err.contains("upstream"), "{}{}", told.out, told.err);
    // What is staged is always compared with what is committed.
    git(&bench, &["branch", "--quiet", "--unset-upstream"]);
    assert!(!diff(&["--staged"]).err.contains("upstream"));
}

#[test]
fn files_that_were_split_or_moved_say_the_same() {
    let bench = repository();
    let (first, rest) = SHOP.split_once("message offer").unwrap();
    bench.write("shop/shop.wf", first);
    bench.write("shop/flows/messages.wf", &format!("message offer{rest}"));
    let told = bench.run(&["diff", "--project", "shop", "--fail-on", "any"]);
    assert!(told.exit == 0 && told.out.contains("no changes"), "{}{}", told.out, told.err);
    git(&bench, &["add", "--all"]);
    git(&bench, &["commit", "--quiet", "--message=split"]);
    git(&bench, &["mv", "shop", "store"]);
    git(&bench, &["commit", "--quiet", "--message=moved"]);
    // Before, the project stood elsewhere: that is said, and all of it is new.
    let told = bench.run(&["diff", "--project", "store", "HEAD~1..HEAD"]);
    assert!(told.exit == 0 && told.err.contains("HEAD~1 holds no workflows in `store/`: all is new"), "{}", told.err);
    assert!(told.out.contains("workflow-added") && told.out.contains("send-added"), "{}", told.out);
    let told = bench.run(&["diff", "--project", "shop", "HEAD~1..HEAD"]);
    assert!(told.exit == 0 && told.err.contains("HEAD holds no workflows in `shop/`: all is gone"), "{}", told.err);
    assert!(told.out.contains("workflow-removed"), "{}", told.out);
    // A folder that is gone can be looked at where it still is.
    let told = bench.run(&["diff", "--project", "shop", "HEAD~2..HEAD~1"]);
    assert!(told.exit == 0 && told.out.contains("no changes"), "{}{}", told.out, told.err);
}

/// A project that is gone, in whatever form it is looked at, is one of which all is gone; where neither side has one, the folder
/// is the wrong one.
#[test]
fn a_project_that_is_gone_is_told_as_that() {
    let gone = |told: &super::super::Told, what: &str| {
        assert!(told.exit == 0 && told.err.contains("all is gone"), "{what}: {}{}", told.out, told.err);
        assert!(told.out.contains("workflow-removed"), "{what}: {}", told.out);
    };
    for folder_too in [false, true] {
        let bench = repository();
        bench.write("empty/keep.txt", "");
        bench.write("other/shop.wf", SHOP);
        bench.write("other/offer.vm", "Code: $data.promo.code\n");
        std::fs::remove_file(bench.path().join("shop/shop.wf")).unwrap();
        if folder_too {
            std::fs::remove_dir_all(bench.path().join("shop")).unwrap();
        }
        gone(&bench.run(&["diff", "--project", "shop"]), "work tree");
        gone(&bench.run(&["diff", "--project", "shop", "HEAD"]), "HEAD");
        git(&bench, &["add", "--all"]);
        gone(&bench.run(&["diff", "--project", "shop", "--staged"]), "index");
        gone(&bench.run(&["diff", "--files", "other", "empty"]), "folders");
        let told = bench.run(&["diff", "--files", "empty", "other"]);
        assert!(told.exit == 0 && told.err.contains("all is new"), "{}", told.err);
        for wrong in [
            &["diff", "--files", "empty", "empty"][..],
            &["diff", "--project", "empty", "HEAD"],
            &["diff", "--files", "other", "nowhere"],
        ] {
            let told = bench.run(wrong);
            assert!(told.exit == 2 || told.exit == 3, "{wrong:?}: {} {}{}", told.exit, told.out, told.err);
        }
    }
}

/// What git does not have here is not passed over in silence: a submodule, and a file that is not merged.
#[test]
fn what_git_does_not_hold_is_told() {
    let bench = repository();
    let commit = |number: char| format!("160000,{},shop/shared", number.to_string().repeat(40));
    for number in ['1', '2'] {
        git(&bench, &["update-index", "--add", "--cacheinfo", &commit(number)]);
        git(&bench, &["commit", "--quiet", "--message=shared"]);
    }
    let told = bench.run(&["diff", "--project", "shop", "HEAD~1..HEAD"]);
    assert!(told.err.contains("`shared` is a submodule, and went from 111111111 to 222222222"), "{}", told.err);
    let told = bench.run(&["diff", "--project", "shop", "HEAD"]);
    assert!(told.err.contains("`shared` is a submodule: git has no files"), "{}", told.err);
    git(&bench, &["branch", "other"]);
    for (branch, wait) in [("", "wait 2h"), ("other", "wait 3h")] {
        if !branch.is_empty() {
            git(&bench, &["checkout", "--quiet", branch]);
        }
        bench.write("shop/shop.wf", &SHOP.replace("wait 1h", wait));
        git(&bench, &["commit", "--quiet", "--message=wait", "shop/shop.wf"]);
    }
    assert_eq!(ask(&bench, &["merge", "--quiet", "@{-1}"], &[]).0, 1, "a conflict");
    let told = bench.run(&["diff", "--project", "shop", "--staged"]);
    assert!(
        told.exit == 3 && told.err.contains("`shop/shop.wf` is not merged"),
        "{} {}{}",
        told.exit,
        told.out,
        told.err
    );
}

/// What recipes, the action and the hooks call is there: each command, and each of its options.
#[test]
fn recipes_call_what_there_is() {
    let files = [
        "action.yml",
        ".pre-commit-hooks.yaml",
        "src/cli/init/project/check.yml",
        "src/cli/init/project/gitlab-ci.yml",
    ];
    let bench = Bench::new();
    let mut calls = 0;
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
            let mut rest = line;
            while let Some((_, behind)) = rest.split_once("wf ") {
                rest = behind;
                let mut words = behind.split_whitespace();
                let command = words.next().unwrap_or_default().trim_matches(|it: char| !it.is_ascii_alphabetic());
                if !matches!(command, "check" | "fmt" | "build" | "diff" | "audit" | "graph" | "git-external-diff") {
                    continue;
                }
                let help = bench.run(&[command, "--help"]);
                assert_eq!(help.exit, 0, "{file}: {line}");
                for option in words.take_while(|word| !matches!(*word, "|" | ">" | "||" | "#")) {
                    let name = option.trim_matches(|it: char| !it.is_ascii_alphanumeric() && it != '-');
                    if name.starts_with("--") && name.len() > 2 {
                        calls += 1;
                        assert!(help.out.contains(name), "{file}: `wf {command}` has no {name}: {line}");
                    }
                }
            }
        }
    }
    assert!(calls > 8, "{calls} options");
}
