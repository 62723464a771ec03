//! Templates of strangers end: within the limits of work, and within 64 MiB.
//!
//! Each bomb goes off in a process of its own, so that its memory can be told, and so that a stack that overflows is one
//! failure among others. `cargo bench -p velocity -- bombs` shows how long each takes.
#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

#[path = "support/bombs.rs"]
mod bombs;

use std::process::Command;
use std::sync::Arc;
use velocity::{Context, ErrorKind, Library, RenderOptions, Template};

/// Tells a process which bomb is its.
const NUMBER: &str = "BOMB";

/// What a rendering may take, in KiB.
const MOST: u64 = 64 * 1024;

/// The most memory this process ever had, in KiB; `None` where the system does not tell.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().trim_end_matches(" kB").parse().ok()
}

fn render(source: &str) -> velocity::Result<()> {
    let mut library = Library::new();
    library.insert("bomb.vm", source);
    let options = RenderOptions { library: Arc::new(library), ..RenderOptions::default() };
    Template::parse("bomb.vm", source)?.render_with(&Context::new(), &options, &mut String::new())
}

/// What a process of its own does; nothing in the test run itself.
#[test]
fn one_bomb() {
    let Some(number) = std::env::var(NUMBER).ok().and_then(|number| number.parse::<usize>().ok()) else { return };
    let (_, source) = bombs::bombs().into_iter().nth(number).expect("a bomb");
    assert!(source.len() <= 101_000, "{} bytes", source.len());
    let before = peak();
    let result = render(&source);
    if let Err(error) = &result {
        assert!(error.line() > 0 && error.column() > 0, "no place: {error}");
        // A list that was changed on the way and the like are mistakes; what takes too much is a limit.
        assert_ne!(error.kind(), ErrorKind::Unsupported, "{error}");
    }
    if let (Some(before), Some(after)) = (before, peak()) {
        assert!(after - before <= MOST, "{} MiB: {result:?}", (after - before) / 1024);
    }
}

#[test]
fn bombs_end_within_their_memory() {
    let program = std::env::current_exe().expect("this program");
    let mut failures = Vec::new();
    for (number, (name, _)) in bombs::bombs().iter().enumerate() {
        let mut command = Command::new(&program);
        let output = command.args(["--exact", "one_bomb", "--nocapture"]).env(NUMBER, number.to_string()).output();
        let output = output.expect("a process");
        if !output.status.success() {
            failures.push(format!("{name}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr)));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
