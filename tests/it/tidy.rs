//! Rules about the repository itself, so that they are kept by a test and not by memory.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use compiler::catalogue::Code;

/// The packages and the packages of ours that each may use. They stand from the bottom up.
const LAYERS: &[(&str, &[&str])] = &[
    ("velocity", &[]),
    ("compiler", &["velocity"]),
    ("runtime", &["compiler", "velocity"]),
    (".", &["runtime", "compiler", "velocity"]),
];

/// Crates that one part alone knows, and the part.
const ONE_PLACE: &[(&str, &[&str])] = &[
    ("ariadne", &["compiler/src/report.rs"]),
    ("reqwest", &["runtime/src/webhook/", "runtime/src/client/"]),
    ("axum", &["runtime/src/api/"]),
    ("rusqlite", &["runtime/src/store/"]),
    ("notify", &["runtime/src/project/"]),
    ("lsp_types", &["src/lsp/"]),
];

const LONGEST_FILE: usize = 700;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of the repository with one of these endings, as a path below its root. What is built or hidden is not in it.
pub(crate) fn files(endings: &[&str]) -> Vec<String> {
    fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() {
                if name != "target" && (!name.starts_with('.') || name == ".ci") {
                    collect(&path, found);
                }
            } else {
                found.push(path);
            }
        }
    }

    let mut found = Vec::new();
    collect(root(), &mut found);
    let relative = |path: &PathBuf| path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
    let mut found: Vec<String> = found.iter().map(relative).collect();
    found.retain(|path| endings.iter().any(|ending| path.ends_with(ending)));
    found.sort();
    assert!(!found.is_empty(), "no file ends in {endings:?}");
    found
}

pub(crate) fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Fails with all findings at once.
#[track_caller]
pub(crate) fn none(findings: Vec<String>) {
    assert!(findings.is_empty(), "\n  {}\n", findings.join("\n  "));
}

#[test]
fn packages_depend_downwards_only() {
    let ours: BTreeSet<&str> = LAYERS.iter().map(|(folder, _)| *folder).chain(["wf"]).collect();
    let mut findings = Vec::new();
    for (folder, allowed) in LAYERS {
        let manifest: toml::Table = text(&format!("{folder}/Cargo.toml")).parse().unwrap();
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(dependencies) = manifest.get(section).and_then(toml::Value::as_table) else { continue };
            for name in dependencies.keys() {
                if ours.contains(name.as_str()) && !allowed.contains(&name.as_str()) {
                    findings.push(format!("{folder}/Cargo.toml: [{section}] {name} lies above or beside"));
                }
            }
        }
        assert!(manifest.contains_key("dependencies"), "{folder}/Cargo.toml was read");
    }
    none(findings);
}

/// Whether a line of code names a crate: `name::` or `use name`, which is not the end of another path.
fn names_crate(line: &str, name: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    let path = format!("{name}::");
    code.match_indices(&path).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        before.is_none_or(|letter| !letter.is_alphanumeric() && letter != '_' && letter != ':')
    }) || code.trim() == format!("use {name};")
}

#[test]
fn each_foreign_world_has_one_place() {
    assert!(names_crate("use axum::Router;", "axum") && names_crate("    Err(axum::Error)", "axum"));
    assert!(!names_crate("// axum::Router", "axum") && !names_crate("use crate::axum::x;", "axum"));
    let mut findings = Vec::new();
    let ours = |path: &&String| !path.starts_with("tests/") && !path.starts_with("examples/");
    for path in files(&[".rs"]).iter().filter(ours) {
        for (number, line) in (1..).zip(text(path).lines()) {
            for (name, places) in ONE_PLACE {
                if names_crate(line, name) && !places.iter().any(|place| path.starts_with(place)) {
                    findings.push(format!("{path}:{number}: {name} belongs to {}", places.join(", ")));
                }
            }
        }
    }
    none(findings);
}

/// A test of a program reaches no network: no type that could open a connection is named where tests are rehearsed.
#[test]
fn no_way_leads_out_of_a_rehearsal() {
    const WAYS: &[&str] = &[
        "reqwest",
        "hyper",
        "Client",
        "TcpStream",
        "TcpListener",
        "UdpSocket",
        "UnixStream",
        "tokio",
        "Mailer",
        "lettre",
    ];
    let named = |line: &str, way: &str| {
        let words = line.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        words.into_iter().any(|word| word == way)
    };
    assert!(named("use crate::webhook::Client;", "Client") && !named("the client", "Client"));
    let mut findings = Vec::new();
    let mut rooms = 0;
    for path in files(&[".rs"]).iter() {
        let rehearsed = path.starts_with("runtime/src/rehearsal/") || path == "runtime/src/webhook/rehearse.rs";
        if !rehearsed && path != "runtime/src/virtual_time.rs" {
            continue;
        }
        rooms += 1;
        for (number, line) in (1..).zip(text(path).lines()) {
            let code = line.split("//").next().unwrap_or_default();
            // The names and values of headers are no way out.
            let ways = WAYS.iter().filter(|way| named(code, way) && !code.starts_with("use reqwest::header::"));
            findings.extend(ways.map(|way| format!("{path}:{number}: {way}")));
        }
    }
    assert!(rooms > 8, "{rooms}");
    assert!(text("runtime/src/rehearsal/mod.rs").contains("#![deny(clippy::disallowed_methods)]"));
    none(findings);
}

#[test]
fn pure_rooms_deny_the_world() {
    for path in ["velocity/src/lib.rs", "compiler/src/lib.rs", "runtime/src/machine/mod.rs"] {
        assert!(text(path).contains("#![deny(clippy::disallowed_methods)]"), "{path}");
    }
}

/// A page without a code is never shown. (A code without its page does not compile.)
#[test]
fn every_page_has_a_code() {
    let pages = files(&[".md"]);
    let pages: Vec<&str> = pages.iter().filter_map(|path| path.strip_prefix("lang-spec/errors/")).collect();
    let stray = pages.iter().filter(|page| Code::find(page.trim_end_matches(".md")).is_none());
    none(stray.map(|page| format!("lang-spec/errors/{page} has no code")).collect());
    assert_eq!(pages.len(), Code::ALL.len());
}

/// Paths that a document names: links that lead into the repository, and words in backticks that begin with one of its
/// folders.
fn named_paths(document: &str) -> Vec<&str> {
    const FOLDERS: &[&str] =
        &["src/", "velocity/", "compiler/", "runtime/", "lang-spec/", "examples/", "tests/", ".ci/"];
    let mut paths = Vec::new();
    let mut fenced = false;
    for line in document.lines() {
        fenced ^= line.trim_start().starts_with("```");
        if fenced {
            continue;
        }
        for link in line.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap_or_default();
            if !path.is_empty() && !path.contains(':') {
                paths.push(path);
            }
        }
        let quoted = line.split('`').skip(1).step_by(2);
        paths
            .extend(quoted.filter(|word| FOLDERS.iter().any(|folder| word.starts_with(folder)) && !word.contains(' ')));
    }
    paths
}

#[test]
fn paths_in_documents_exist() {
    let sample = "a [link](src/x.rs#y), [out](https://a/b), `tests/it/`, `GET /v1/runs`\n```\n`src/no`\n```";
    assert_eq!(named_paths(sample), ["src/x.rs", "tests/it/"]);
    let mut findings = Vec::new();
    // What `wf init` writes speaks of the project that it makes.
    for document in files(&[".md"]).iter().filter(|path| !path.starts_with("src/cli/init/")) {
        let folder = root().join(document).parent().unwrap().to_owned();
        for path in named_paths(&text(document)) {
            // `a/{b,c}` and `a/*` name several.
            let sure = path.split(['{', '*', '<']).next().unwrap();
            if !root().join(sure).exists() && !folder.join(sure).exists() {
                findings.push(format!("{document}: `{path}` does not exist"));
            }
        }
    }
    none(findings);
}

#[test]
fn files_stay_readable() {
    let long = files(&[".rs"]).into_iter().map(|path| (text(&path).lines().count(), path));
    none(
        long.filter(|(lines, _)| *lines > LONGEST_FILE)
            .map(|(lines, path)| format!("{path} has {lines} lines; split it by topic"))
            .collect(),
    );
}

#[test]
fn nobodys_machine_is_named() {
    // Apart, so that this file does not name them.
    let places = [["/wo", "rk/"].concat(), ["/ro", "ot/."].concat(), ["/Us", "ers/"].concat(), ["/ho", "me/"].concat()];
    let mut findings = Vec::new();
    for path in files(&[".rs", ".md", ".toml", ".wf", ".vm", ".yml", ".lalrpop", ".ci/run", ".sh", ".json"]) {
        for (number, line) in (1..).zip(text(&path).lines()) {
            // The path of a URL is no path of a machine.
            if !line.contains("://") && places.iter().any(|place| line.contains(place.as_str())) {
                findings.push(format!("{path}:{number}: {}", line.trim()));
            }
        }
    }
    none(findings);
}
