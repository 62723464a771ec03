//! What Apache Velocity makes of thousands of templates, case by case.
//!
//! Runs every `*.jsonl` file in the folder that `VELOCITY_CASES` names; without it in `tests/cases` and, where they lie
//! beside the repository, in the cases of other projects. `known-failures.txt` holds the ids of the cases that do not
//! pass yet, and of those that deliberately differ: a listed case that passes is a failure too, so the list can only
//! shrink. `UPDATE=1` writes it anew.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test may fail loudly"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;
use velocity::{Context, Library, Limits, RenderOptions, Settings, Template, Value};

struct Case {
    id: String,
    group: String,
    template: String,
    context: String,
    library: Vec<(String, String)>,
    config: Vec<(String, String)>,
    /// The output; `None` when the reference fails.
    expected: Option<String>,
}

/// Longer than this no case may take.
const PATIENCE: Duration = Duration::from_secs(10);

fn folders() -> Vec<PathBuf> {
    if let Some(folder) = std::env::var_os("VELOCITY_CASES") {
        return vec![PathBuf::from(folder)];
    }
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    vec![package.join("tests/cases"), package.join("../../shared/velocity-conformance")]
}

fn text(value: &Value, key: &str) -> String {
    field(value, key).to_string()
}

fn field(value: &Value, key: &str) -> Value {
    match value {
        Value::Map(map) => map.get(key).unwrap_or_default(),
        _ => Value::Null,
    }
}

fn pairs(value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Map(map) => map.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect(),
        _ => Vec::new(),
    }
}

fn read() -> BTreeMap<String, Case> {
    let mut cases = BTreeMap::new();
    for folder in folders() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.expect("an entry of the folder").path();
            if path.extension().is_none_or(|extension| extension != "jsonl") {
                continue;
            }
            let content = std::fs::read_to_string(&path).expect("a file of cases");
            for line in content.lines().filter(|line| !line.is_empty()) {
                let raw: serde_json::Value = serde_json::from_str(line).expect("a case is JSON");
                let case = support::json(line);
                // The context is read in the thread that renders: values stay where they are made.
                let context = line_of(line, "context");
                let expect = &raw["expect"];
                let case = Case {
                    id: text(&case, "id"),
                    group: text(&case, "group"),
                    template: raw["template"].as_str().expect("a template").to_owned(),
                    context,
                    library: pairs(&field(&case, "templates")),
                    config: pairs(&field(&case, "config")),
                    expected: expect["output"].as_str().map(str::to_owned),
                };
                cases.insert(case.id.clone(), case);
            }
        }
    }
    cases
}

/// The raw JSON under a key of the outermost object: numbers and the order of keys stay as they are written.
fn line_of(line: &str, key: &str) -> String {
    let fields: BTreeMap<&str, &serde_json::value::RawValue> = serde_json::from_str(line).expect("a case is JSON");
    fields.get(key).map_or_else(|| "{}".to_owned(), |raw| raw.get().to_owned())
}

fn render(case: &Case) -> Result<String, String> {
    let mut settings = Settings::default();
    for (name, value) in &case.config {
        settings.set(name, value).map_err(|error| error.to_string())?;
    }
    let template = Template::parse_with("main.vtl", &case.template, &settings).map_err(|error| error.to_string())?;
    // What the compiler asks for must not fail on any template.
    let _ = (template.references(), template.bindings());
    let mut library = Library::new();
    for (name, source) in &case.library {
        library.insert(name, source.as_str());
    }
    library.insert("main.vtl", case.template.as_str());
    let mut context = Context::new();
    if let Value::Map(map) = support::json(&case.context) {
        for (name, value) in map.iter() {
            context.insert(name.to_string(), value);
        }
    }
    let options =
        RenderOptions { limits: Limits::default(), library: std::sync::Arc::new(library), ..RenderOptions::default() };
    let mut out = String::new();
    template.render_with(&context, &options, &mut out).map_err(|error| error.to_string())?;
    Ok(out)
}

fn outcome(case: &Case, actual: &Result<String, String>) -> Option<String> {
    match (&case.expected, actual) {
        (Some(expected), Ok(actual)) if expected == actual => None,
        (None, Err(_)) => None,
        (expected, actual) => {
            let mut report = String::new();
            writeln!(report, "{}", case.id).ok()?;
            writeln!(report, "  template {:?}", case.template).ok()?;
            if case.context != "{}" && case.context.len() < 600 {
                writeln!(report, "  context  {}", case.context).ok()?;
            }
            if !case.config.is_empty() {
                writeln!(report, "  config   {:?}", case.config).ok()?;
            }
            match expected {
                Some(expected) => writeln!(report, "  expected {expected:?}").ok()?,
                None => writeln!(report, "  expected an error").ok()?,
            }
            match actual {
                Ok(actual) => writeln!(report, "  actual   {actual:?}").ok()?,
                Err(error) => writeln!(report, "  actual   error {error}").ok()?,
            }
            Some(report)
        }
    }
}

#[test]
fn renders_what_the_reference_renders() {
    let cases = read();
    assert!(!cases.is_empty(), "no cases found");
    let known_path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/known-failures.txt");
    // A line is an id and, where the difference is meant, the reason for it.
    let listed = std::fs::read_to_string(&known_path).unwrap_or_default();
    let reasons: BTreeMap<&str, &str> = listed.lines().map(|line| line.split_once(' ').unwrap_or((line, ""))).collect();
    let known: BTreeSet<String> = reasons.keys().map(|id| (*id).to_owned()).collect();
    let (sender, receiver) = mpsc::channel();
    let order: Vec<String> = cases.keys().cloned().collect();
    let shared = std::sync::Arc::new(cases);
    let worker = std::sync::Arc::clone(&shared);
    // One thread renders, this one watches how long each case takes.
    std::thread::spawn(move || {
        for case in worker.values() {
            let actual =
                std::panic::catch_unwind(|| render(case)).unwrap_or_else(|_| Ok(format!("PANIC in {}", case.id)));
            if sender.send(actual).is_err() {
                return;
            }
        }
    });
    let mut groups: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut failed = BTreeSet::new();
    let mut reports = String::new();
    for id in &order {
        let case = &shared[id];
        let actual = receiver.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{id} does not end"));
        let counts = groups.entry(&case.group).or_default();
        match outcome(case, &actual) {
            None => counts.0 += 1,
            Some(report) => {
                counts.1 += 1;
                if !known.contains(id) || std::env::var_os("SHOW").is_some() {
                    reports.push_str(&report);
                }
                failed.insert(id.clone());
            }
        }
    }
    for (group, (passed, failed)) in &groups {
        println!("{group}: {passed} passed, {failed} failed");
    }
    println!("{} passed, {} failed", order.len() - failed.len(), failed.len());
    if std::env::var_os("UPDATE").is_some() {
        // Cases of other projects are known only where they lie beside the repository.
        let missing = known.iter().filter(|id| !shared.contains_key(*id)).cloned();
        let list: BTreeSet<String> = failed.iter().cloned().chain(missing).collect();
        let line = |id: &String| format!("{id} {}", reasons.get(id.as_str()).copied().unwrap_or_default());
        let text: String = list.iter().map(|id| format!("{}\n", line(id).trim_end())).collect();
        std::fs::write(&known_path, text).expect("the list of known failures");
        println!("{reports}");
        return;
    }
    let mended: Vec<&String> = known.iter().filter(|id| shared.contains_key(*id) && !failed.contains(*id)).collect();
    let unexpected: Vec<&String> = failed.difference(&known).collect();
    assert!(unexpected.is_empty(), "{} cases fail:\n{reports}", unexpected.len());
    assert!(mended.is_empty(), "these cases pass now, take them out of the list (UPDATE=1): {mended:?}");
}
