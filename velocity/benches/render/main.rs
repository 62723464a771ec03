//! How fast templates are read and rendered: renders and megabytes per second of one thread's CPU time.
//!
//! Three shapes: a line for a messenger, the letter that confirms an order, a report of a thousand rows. The project's
//! own templates are always measured; beside them those that the reference engine was measured with, from the folder that
//! `VELOCITY_BENCH` names or where they lie beside the repository, and what they render is compared with what the
//! reference rendered. Every render gets a fresh context over shared data, as the reference got it. CPU time rather than
//! the clock, for other programs on the machine must not count; of several samples the median is shown.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a bench may fail loudly"
)]

#[path = "../../tests/support/bombs.rs"]
mod bombs;
mod data;
#[path = "../../tests/support/mod.rs"]
mod support;

use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use velocity::{Context, Library, Limits, RenderOptions, Template, Value};

/// How often each figure is taken.
const SAMPLES: usize = 9;

/// How long each sample is, in seconds of CPU time.
const SAMPLE: f64 = 0.25;

/// A template with its data, and how often per second the reference renders it.
struct Bench {
    name: String,
    source: String,
    data: Value,
    expected: Option<String>,
    reference: f64,
}

/// The names of the shapes, and the renders per CPU-second of the reference engine on the JVM, warmed up.
const SHAPES: [(&str, f64); 3] = [("promo", 796_000.0), ("order", 9_700.0), ("table", 475.0)];

fn own() -> Vec<Bench> {
    let sources = [
        (include_str!("templates/promo.vm"), data::promo()),
        (include_str!("templates/order.vm"), data::order()),
        (include_str!("templates/table.vm"), data::table()),
    ];
    SHAPES
        .iter()
        .zip(sources)
        .map(|((name, reference), (source, data))| Bench {
            name: format!("own/{name}"),
            source: source.to_owned(),
            data,
            expected: None,
            reference: *reference,
        })
        .collect()
}

fn shared() -> Vec<Bench> {
    let folder = match std::env::var_os("VELOCITY_BENCH") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/velocity-conformance/bench"),
    };
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
    let bench = |(name, reference): &(&str, f64)| {
        Some(Bench {
            name: format!("bench/{name}"),
            source: read(&format!("{name}.vtl"))?,
            data: support::json(&read(&format!("{name}.json"))?),
            expected: Some(read(&format!("{name}.expected.txt"))?),
            reference: *reference,
        })
    };
    SHAPES.iter().filter_map(bench).collect()
}

/// The CPU time of this thread, in seconds.
fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// How often `work` is done in a second of CPU time.
fn rate(mut work: impl FnMut()) -> f64 {
    let mut batch = 1u32;
    let mut timed = |batch: u32| {
        let start = cpu();
        for _ in 0..batch {
            work();
        }
        cpu() - start
    };
    while timed(batch) < SAMPLE / 4.0 {
        batch = batch.saturating_mul(2);
    }
    batch = batch.saturating_mul(4);
    let mut rates: Vec<f64> = (0..SAMPLES).map(|_| f64::from(batch) / timed(batch)).collect();
    rates.sort_by(f64::total_cmp);
    rates.get(SAMPLES / 2).copied().unwrap_or_default()
}

fn fresh(data: &Value) -> Context {
    match data {
        Value::Map(map) => map.iter().map(|(name, value)| (name.to_string(), value)).collect(),
        _ => Context::new(),
    }
}

fn measure(bench: &Bench) {
    let template = Template::parse(&bench.name, &bench.source).expect("a template");
    let options = RenderOptions { limits: Limits::default(), ..RenderOptions::default() };
    let data = fresh(&bench.data);
    let mut out = String::new();
    template.render_with(&data, &options, &mut out).expect("a rendering");
    if let Some(expected) = &bench.expected {
        assert!(out == *expected, "{} renders something else than the reference", bench.name);
    }
    let bytes = out.len() as f64;
    let mut render = || {
        out.clear();
        let context = black_box(&data).clone();
        template.render_with(&context, &options, &mut out).expect("a rendering");
        black_box(&out);
    };
    if let Some(count) = std::env::var("RENDERS").ok().and_then(|count| count.parse().ok()) {
        // For a profiler: so many renderings and nothing else.
        (0..count).for_each(|_: u32| render());
        return;
    }
    let renders = rate(&mut render);
    let parses = rate(|| {
        black_box(Template::parse(&bench.name, black_box(&bench.source)).expect("a template"));
    });
    println!(
        "{:<12} {:>10.0} renders/s {:>7.1} MB/s {:>6.2} x reference   parse {:>6.1} MB/s",
        bench.name,
        renders,
        renders * bytes / 1e6,
        renders / bench.reference,
        parses * bench.source.len() as f64 / 1e6,
    );
}

/// How long each bomb takes to be read and to end.
fn bombs() {
    for (name, source) in bombs::bombs() {
        let mut library = Library::new();
        library.insert("bomb.vm", source.as_str());
        let options = RenderOptions { library: Arc::new(library), ..RenderOptions::default() };
        let start = cpu();
        let ended = Template::parse("bomb.vm", &source)
            .and_then(|template| template.render_with(&Context::new(), &options, &mut String::new()));
        let took = cpu() - start;
        let ended = ended.map_or_else(|error| error.to_string(), |()| "rendered".to_owned());
        println!("{:>8.1} ms  {name}: {}", took * 1e3, ended.chars().take(100).collect::<String>());
    }
}

fn main() {
    // A name on the command line chooses; what cargo itself adds begins with a dash.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    if wanted.iter().any(|name| name == "bombs") {
        return bombs();
    }
    for bench in own().iter().chain(&shared()) {
        if wanted.is_empty() || wanted.iter().any(|name| bench.name.contains(name.as_str())) {
            measure(bench);
        }
    }
}
