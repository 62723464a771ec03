//! `wf test`: the `test` blocks of a project, rehearsed.

mod coverage;
mod github;
mod init;
mod json;
mod junit;
mod marks;
mod pretty;
mod snapshot;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use clap::{Args, ValueEnum};
use compiler::ir::{Program, Test};
use compiler::places::Places as Addresses;
use compiler::report;
use compiler::source::{Sources, Span};
use indicatif::{ProgressBar, ProgressStyle};
use runtime::rehearsal::{Coverage, Play, Point, Report, perform_all};

use super::Ending;
use super::check::Counts;
use super::check::place::Places;
use super::completions::names;
use super::failure::{Exit, Failure};
use super::project;
use super::terminal::Terminal;

/// Rehearse the tests of a project: on a virtual clock, with stubs for all that it calls, without a network.
///
/// A test fails when an expectation is not met, and also when a webhook without a stub is called, a message goes out or a run
/// fails that nothing expects. Messages of tests that have a file in `snapshots/` are compared with it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The project's folder; else the nearest one upwards with a `wf.toml`, else the current one.
    path: Option<PathBuf>,
    /// Only tests with this in their name.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// How to show what came of them.
    #[arg(long, value_enum, default_value_t = Format::Pretty)]
    format: Format,
    /// Show which branches, error paths, waits and forms of messages had their turn.
    #[arg(long)]
    coverage: bool,
    /// How to show the coverage. Other forms than text go to standard output alone, and the tests to standard error; or to a
    /// file.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = coverage::Format::Text)]
    coverage_format: coverage::Format,
    /// Where to write the coverage.
    #[arg(long, value_name = "FILE")]
    coverage_file: Option<PathBuf>,
    /// Fail when fewer than so many percent of them had their turn.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    fail_under: Option<u8>,
    /// Write the messages that go out as what is expected from now on; refused where `CI` is set.
    #[arg(long)]
    update: bool,
    /// Show how long each test took.
    #[arg(long)]
    timings: bool,
    /// Write a first test of a workflow, which passes.
    #[arg(long, value_name = "WORKFLOW", add = names::workflows(), conflicts_with_all = ["filter", "coverage", "update"])]
    init: Option<String>,
}

const EXAMPLES: &str = "Examples:\n  wf test --filter fallback\n  wf test --coverage --fail-under 90\n  \
                        wf test --format junit > report.xml\n  wf test --init abandoned_cart";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Pretty,
    /// An object on each line, `wf.test/1`.
    Json,
    /// A JUnit report.
    Junit,
    /// Annotations of a GitHub workflow, on the lines that failed.
    Github,
}

/// A project and what came of its tests.
struct Rehearsed<'a> {
    sources: &'a Sources,
    places: Places<'a>,
    addresses: &'a Addresses,
    program: &'a Program,
    reports: &'a [Report],
    /// The ways that conditions and loops of messages went.
    templates: &'a Coverage,
    /// The difference of each test's messages from its snapshot, if there is one.
    snapshots: &'a [Option<snapshot::Difference>],
    timings: bool,
}

impl Rehearsed<'_> {
    /// A place as `file:line`, as the current folder sees it.
    fn place(&self, span: Span) -> String {
        let (path, line, _) = self.position(span);
        format!("{path}:{line}")
    }

    /// File, line and column of a place, both from 1.
    fn position(&self, span: Span) -> (String, u32, u32) {
        let path = self.places.path(self.sources.path(span.file));
        let position = self.sources.get(span.file).map(|file| file.position(span.start));
        position.map_or((path.clone(), 1, 1), |position| (path, position.line, position.column))
    }

    /// File and line of a part of the program that a test may have its turn.
    fn point(&self, point: &Point) -> Option<(String, u32)> {
        let address = point.address();
        let within =
            point.template(self.program).map(|(source, at)| (source.get(..at).unwrap_or_default(), address.as_str()));
        let Some((before, address)) = within else {
            let (file, line, _) = self.position(self.statement(&address)?);
            return Some((file, line));
        };
        let lines = u32::try_from(before.matches('\n').count()).unwrap_or(u32::MAX);
        if let Some(file) = self.addresses.file(address) {
            return Some((self.places.path(file.strip_prefix("./").unwrap_or(file)), lines.saturating_add(1)));
        }
        let span = self.statement(address)?;
        let (file, line, _) = self.position(span);
        // The text of a block begins on the line below its quotes.
        let block = self.sources.slice(span).lines().next().is_some_and(|first| first.trim_end().ends_with("\"\"\""));
        Some((file, line.saturating_add(lines).saturating_add(u32::from(block))))
    }

    /// The place of a statement.
    fn statement(&self, address: &str) -> Option<Span> {
        self.addresses.find(address)
    }

    fn passed(&self, number: usize) -> bool {
        let same = self.snapshots.get(number).is_none_or(Option::is_none);
        same && self.reports.get(number).is_some_and(Report::passed)
    }

    /// Tests that passed, and that did not.
    fn counts(&self) -> (usize, usize) {
        let passed = (0..self.reports.len()).filter(|number| self.passed(*number)).count();
        (passed, self.reports.len() - passed)
    }

    /// Tests with what their snapshots say.
    fn each(&self) -> impl Iterator<Item = (usize, &Report, Option<&snapshot::Difference>)> {
        let snapshot = |number: usize| self.snapshots.get(number).and_then(Option::as_ref);
        self.reports.iter().enumerate().map(move |(number, report)| (number, report, snapshot(number)))
    }
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Ending {
    if arguments.update && std::env::var_os("CI").is_some_and(|set| !set.is_empty()) {
        return Err(Failure::usage("`--update` is refused where `CI` is set")
            .hint("update the snapshots where a person looks at them, and commit them"));
    }
    let path = project::locate(arguments.path.as_deref());
    let mut workspace = project::load(&path)?;
    let compiled = workspace.compile();
    let counts = Counts::of(&compiled.diagnostics, workspace.sources());
    let Some(program) = compiled.program else {
        let sources = workspace.sources();
        terminal.note(&report::human(&compiled.diagnostics, sources, terminal.colour_notes()));
        terminal.note(&counts.told(terminal));
        return Ok(counts.exit());
    };
    if let Some(workflow) = &arguments.init {
        return init::run(workflow, &path, &mut workspace, &program, terminal);
    }
    let addresses = workspace.places(&program);
    let sources = workspace.sources();
    let tests = chosen(&compiled.tests, arguments.filter.as_deref())?;
    let play = Play::new(program.clone());
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    let watch = Instant::now();
    let progress = progress(tests.len());
    let reports = perform_all(&play, &tests, at_once, &|| watch.elapsed(), &|| progress.inc(1));
    progress.finish_and_clear();
    let reports = reports.map_err(|error| Failure::caused(Exit::Internal, &error))?;
    let templates = play.coverage();
    let folder = snapshot::Folder::of(&path, &compiled.tests);
    let snapshots = if arguments.update {
        let written = folder.update(&reports, arguments.filter.is_none())?;
        terminal.note(&written);
        vec![]
    } else {
        folder.compare(&reports)?
    };
    let places = Places::new(sources, &path);
    let rehearsed = Rehearsed {
        sources,
        places,
        addresses: &addresses,
        program: &program,
        reports: &reports,
        templates: &templates,
        snapshots: &snapshots,
        timings: arguments.timings,
    };
    show(arguments, &rehearsed, terminal)
}

/// So many tests are over before anybody asks how far they are.
const FEW: usize = 200;

/// How far many tests are, on a terminal.
fn progress(tests: usize) -> ProgressBar {
    if tests <= FEW || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(tests.try_into().unwrap_or(u64::MAX));
    bar.with_style(
        ProgressStyle::with_template("{bar:40} {pos} of {len} tests").unwrap_or_else(|_| ProgressStyle::default_bar()),
    )
}

/// The tests with this in their name.
fn chosen(tests: &[Arc<Test>], filter: Option<&str>) -> Result<Vec<Arc<Test>>, Failure> {
    let Some(filter) = filter else { return Ok(tests.to_vec()) };
    let wanted = filter.to_lowercase();
    let chosen: Vec<Arc<Test>> =
        tests.iter().filter(|test| test.name.node.to_lowercase().contains(&wanted)).cloned().collect();
    if chosen.is_empty() && !tests.is_empty() {
        let names = tests.iter().map(|test| test.name.node.as_str());
        let hint = match compiler::suggest::nearest(filter, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`wf test` without --filter names all tests".to_owned(),
        };
        return Err(Failure::usage(format!("no test has `{filter}` in its name")).hint(hint));
    }
    Ok(chosen)
}

fn show(arguments: &Arguments, rehearsed: &Rehearsed<'_>, terminal: &Terminal) -> Ending {
    let wants_coverage = arguments.coverage
        || arguments.fail_under.is_some()
        || arguments.coverage_file.is_some()
        || arguments.coverage_format != coverage::Format::Text;
    let coverage = wants_coverage.then(|| coverage::Measured::of(rehearsed));
    let text = match arguments.format {
        Format::Pretty => pretty::text(rehearsed, coverage.as_ref(), terminal),
        Format::Json => json::lines(rehearsed, coverage.as_ref()),
        Format::Junit => junit::report(rehearsed),
        Format::Github => github::annotations(rehearsed),
    };
    let apart = coverage
        .as_ref()
        .filter(|_| arguments.coverage_file.is_some() || arguments.coverage_format != coverage::Format::Text);
    match (apart, &arguments.coverage_file) {
        (Some(coverage), Some(file)) => {
            terminal.print(&text)?;
            let written = super::replace::write_whole(file, &coverage.written(arguments.coverage_format, rehearsed));
            written.map_err(|error| Failure::file(format!("cannot write `{}`", file.display()), &error))?;
        }
        (Some(coverage), None) => {
            terminal.note(&text);
            terminal.print(&coverage.written(arguments.coverage_format, rehearsed))?;
        }
        (None, _) => terminal.print(&text)?,
    }
    let (passed, failed) = rehearsed.counts();
    if passed + failed == 0 {
        terminal.note("there is no test; `wf test --init WORKFLOW` writes a first one");
    }
    let under = coverage.as_ref().zip(arguments.fail_under).filter(|(coverage, least)| coverage.is_under(*least));
    if let Some((coverage, least)) = under {
        terminal.note(&format!("{} had their turn, which is under {least} %", coverage.told()));
    }
    Ok(if failed > 0 || under.is_some() { Exit::Findings } else { Exit::Ok })
}
