//! What Apache Velocity makes of thousands of templates, case by case.
//!
//! Runs every `*.jsonl` file in the folder that `VELOCITY_CASES` names; without it in `tests/cases` and, where they lie
//! beside the repository, in the cases of other projects. The last line is `N passed, M failed`; before it stand the cases
//! that panic or do not end, a few of those that differ (`SHOW=1` for all), and the counts of each group.
//!
//! `known-failures.txt` holds the ids of the cases that deliberately differ, with the reason. They are counted as failed
//! and do not fail the run; a listed case that passes does, so that the list can only shrink. `UPDATE=1` writes it anew.
//! It is a program of its own rather than a test of the harness, which would keep its output to itself.
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
use std::process::ExitCode;
use std::sync::{Arc, mpsc};
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

/// What becomes of a case.
enum Outcome {
    Rendered(Result<String, String>),
    /// The engine has no such setting.
    Skipped(String),
    Panicked,
    Endless,
}

fn run(case: &Case) -> Outcome {
    let mut settings = Settings::default();
    for (name, value) in &case.config {
        if settings.set(name, value).is_err() {
            return Outcome::Skipped(name.clone());
        }
    }
    match std::panic::catch_unwind(|| render(case, &settings)) {
        Ok(rendered) => Outcome::Rendered(rendered),
        Err(_) => Outcome::Panicked,
    }
}

fn render(case: &Case, settings: &Settings) -> Result<String, String> {
    let template = Template::parse_with("main.vtl", &case.template, settings).map_err(|error| error.to_string())?;
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
    let options = RenderOptions { limits: Limits::default(), library: Arc::new(library), ..RenderOptions::default() };
    let mut out = String::new();
    template.render_with(&context, &options, &mut out).map_err(|error| error.to_string())?;
    Ok(out)
}

/// Says what differs; nothing when nothing does.
fn report(case: &Case, outcome: &Outcome) -> Option<String> {
    let actual = match (outcome, &case.expected) {
        (Outcome::Rendered(Ok(actual)), Some(expected)) if actual == expected => return None,
        (Outcome::Rendered(Err(_)), None) | (Outcome::Skipped(_), _) => return None,
        (Outcome::Rendered(Ok(actual)), _) => format!("{actual:?}"),
        (Outcome::Rendered(Err(error)), _) => format!("error {error}"),
        (Outcome::Panicked, _) => "PANIC".to_owned(),
        (Outcome::Endless, _) => format!("no end after {PATIENCE:?}"),
    };
    let mut report = format!("{}\n  template {:?}\n", case.id, case.template);
    if case.context != "{}" && case.context.len() < 600 {
        writeln!(report, "  context  {}", case.context).ok()?;
    }
    if !case.config.is_empty() {
        writeln!(report, "  config   {:?}", case.config).ok()?;
    }
    match &case.expected {
        Some(expected) => writeln!(report, "  expected {expected:?}").ok()?,
        None => writeln!(report, "  expected an error").ok()?,
    }
    writeln!(report, "  actual   {actual}").ok()?;
    Some(report)
}

/// Runs all cases in a thread; one that does not end is left behind, and another thread goes on after it.
fn outcomes(cases: &Arc<Vec<Case>>) -> Vec<Outcome> {
    let mut outcomes = Vec::with_capacity(cases.len());
    while outcomes.len() < cases.len() {
        let (sender, receiver) = mpsc::channel();
        let (worker, start) = (Arc::clone(cases), outcomes.len());
        std::thread::spawn(move || {
            for case in worker.iter().skip(start) {
                if sender.send(run(case)).is_err() {
                    return;
                }
            }
        });
        while outcomes.len() < cases.len() {
            match receiver.recv_timeout(PATIENCE) {
                Ok(outcome) => outcomes.push(outcome),
                Err(_) => {
                    outcomes.push(Outcome::Endless);
                    break;
                }
            }
        }
    }
    outcomes
}

#[derive(Default)]
struct Count {
    passed: usize,
    failed: usize,
    skipped: usize,
}

fn main() -> ExitCode {
    let cases: Arc<Vec<Case>> = Arc::new(read().into_values().collect());
    let known_path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/known-failures.txt");
    // A line is an id and the reason for the difference.
    let listed = std::fs::read_to_string(&known_path).unwrap_or_default();
    let known: BTreeMap<&str, &str> = listed.lines().map(|line| line.split_once(' ').unwrap_or((line, ""))).collect();
    let mut groups: BTreeMap<&str, Count> = BTreeMap::new();
    let mut failed = BTreeSet::new();
    let mut reports: Vec<(bool, &str, String)> = Vec::new();
    let outcomes = outcomes(&cases);
    for (case, outcome) in cases.iter().zip(&outcomes) {
        let count = groups.entry(&case.group).or_default();
        if let Outcome::Skipped(setting) = outcome {
            count.skipped += 1;
            println!("{}: skipped, there is no setting `{setting}`", case.id);
            continue;
        }
        match report(case, outcome) {
            None => count.passed += 1,
            Some(report) => {
                count.failed += 1;
                failed.insert(case.id.as_str());
                let own_kind = matches!(outcome, Outcome::Panicked | Outcome::Endless);
                if !known.contains_key(case.id.as_str()) {
                    reports.push((!own_kind, &case.group, report));
                }
            }
        }
    }
    reports.sort();
    let all = std::env::var_os("SHOW").is_some();
    let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
    for (differs, group, report) in &reports {
        let shown = shown.entry(group).or_default();
        *shown += 1;
        if all || !differs || *shown <= 5 {
            print!("{report}");
        }
    }
    let mut kinds: BTreeMap<&str, Count> = BTreeMap::new();
    for (group, Count { passed, failed, skipped }) in &groups {
        println!("{group}: {passed} passed, {failed} failed, {skipped} skipped");
        let kind = ["import", "gen"].into_iter().find(|kind| group.starts_with(&format!("{kind}-"))).unwrap_or("own");
        let count = kinds.entry(kind).or_default();
        count.passed += passed;
        count.failed += failed;
    }
    for (kind, Count { passed, failed, .. }) in &kinds {
        println!("all of `{kind}`: {passed} passed, {failed} failed");
    }
    let here: BTreeSet<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    let unexpected = failed.iter().filter(|id| !known.contains_key(**id)).count();
    let mended: Vec<&&str> = known.keys().filter(|id| here.contains(**id) && !failed.contains(**id)).collect();
    if std::env::var_os("UPDATE").is_some() {
        // Cases of other projects are known only where they lie beside the repository.
        let missing = known.keys().filter(|id| !here.contains(**id));
        let list: BTreeSet<&str> = failed.iter().chain(missing).copied().collect();
        let line = |id: &&str| format!("{id} {}", known.get(id).copied().unwrap_or_default());
        let text: String = list.iter().map(|id| format!("{}\n", line(id).trim_end())).collect();
        std::fs::write(&known_path, text).expect("the list of known failures");
    } else if !mended.is_empty() {
        println!("these cases pass now, take them out of the list (UPDATE=1): {mended:?}");
    }
    let passed: usize = groups.values().map(|count| count.passed).sum();
    println!("{passed} passed, {} failed", failed.len());
    let well = !cases.is_empty() && (std::env::var_os("UPDATE").is_some() || (unexpected == 0 && mended.is_empty()));
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
