//! How fast sources are read and checked, beside what logos alone needs for the same bytes.
//!
//! `cargo bench -p compiler`; each part that belongs to a text is told in MiB/s of `.wf` text. Times are of the processor, all
//! threads together, for others use this machine too; the allocator is that of `wf`.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a bench fails loudly")]

mod corpus;
mod cpu;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use compiler::source::{FileId, Sources};
use compiler::{Workspace, format, syntax};
use cpu::CpuTime;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

#[global_allocator]
static ALLOCATOR: snmalloc_rs::SnMalloc = snmalloc_rs::SnMalloc;

fn sources(files: &corpus::Files) -> Sources {
    files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect()
}

/// One text after the other, on one core.
fn texts(criterion: &mut Criterion<CpuTime>) {
    let files = corpus::project(100, 10);
    let texts: Vec<&str> =
        files.iter().filter(|(path, _)| path.ends_with(".wf")).map(|(_, text)| text.as_str()).collect();
    let bytes: usize = texts.iter().map(|text| text.len()).sum();
    let mut group = criterion.benchmark_group("one core");
    group.sample_size(20).throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("logos alone", |bencher| {
        bencher.iter(|| texts.iter().map(|text| syntax::measure::tokens(text)).sum::<usize>());
    });
    group.bench_function("lex", |bencher| {
        bencher.iter(|| texts.iter().map(|text| syntax::measure::lexemes(text)).sum::<usize>());
    });
    group.bench_function("parse", |bencher| {
        bencher.iter(|| texts.iter().map(|text| syntax::parse(FileId::new(0), text).declarations.len()).sum::<usize>());
    });
    let form = |text: &str| format::format(FileId::new(0), text).expect("the formatter is faithful").text;
    let canonical: Vec<String> = texts.iter().map(|text| form(text)).collect();
    group.bench_function("format what is in form", |bencher| {
        bencher.iter(|| canonical.iter().map(|text| form(text).len()).sum::<usize>());
    });
    let wide: Vec<String> = canonical.iter().map(|text| text.replace("\n  ", "\n    ")).collect();
    group.bench_function("format what is not", |bencher| {
        bencher.iter(|| wide.iter().map(|text| form(text).len()).sum::<usize>());
    });
    group.finish();
}

/// The whole project, on all cores.
fn projects(criterion: &mut Criterion<CpuTime>) {
    let files = corpus::project(1_000, 10);
    let bytes: usize = files.iter().map(|(_, text)| text.len()).sum();
    let sources = sources(&files);
    let compiled = compiler::compile(&sources);
    assert_eq!(compiled.diagnostics, [], "the corpus is a program without a finding");
    let mut group = criterion.benchmark_group("all cores, 10,000 workflows in 1,000 files");
    group.sample_size(10).throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("check", |bencher| bencher.iter(|| compiler::compile(black_box(&sources))));
    group.finish();
    let began = |_| {
        let start = Instant::now();
        black_box(compiler::compile(black_box(&sources)));
        start.elapsed()
    };
    let best = (0..5).map(began).min().unwrap_or_default();
    println!("{bytes} bytes are checked in {best:.2?} by the clock, at best");

    let mut group = criterion.benchmark_group("one file of 1,000 changed");
    group.sample_size(20);
    let mut edit = |name: &str, path: &str, from: &str, to: &str| {
        let text = &files.iter().find(|(other, _)| other == path).expect("it is there").1;
        let texts: [Arc<str>; 2] = [text.as_str().into(), text.replace(from, to).into()];
        assert_ne!(texts[0], texts[1], "{name}");
        let mut workspace = Workspace::from(sources.clone());
        workspace.compile();
        let mut turn = 0;
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                || {
                    turn += 1;
                    Arc::clone(&texts[turn % 2])
                },
                |text| {
                    workspace.set(path, text);
                    workspace.compile()
                },
                BatchSize::PerIteration,
            );
        });
    };
    let area = "areas/10/area_0500.wf";
    edit("a step", area, "attempts 4", "attempts 5");
    edit("a word of a message", area, "go fast", "go very fast");
    edit("a line above all others", area, "// Area", "//\n// Area");
    edit("what a webhook returns", area, "percent: int,", "percent: decimal,");
    edit("a mistake", area, "contact.favourite", "contact.favorite");
    edit("a text that cannot be read", area, "auth shop", "auth {");
    edit("a comment above the contact card", "shared.wf", "// What all", "// A line.\n// What all");
    edit("a template file", "mail/letter_10.html.vm", "Total", "In total");
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(CpuTime);
    targets = texts, projects
}
criterion_main!(benches);
