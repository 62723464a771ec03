//! What the daemon does in a second, beside what this machine can do at all, in one run.
//!
//! `cargo bench -p wf --bench daemon [-- PART…]`; without parts the first three:
//!
//! * `load`: a bare loop of calls with the daemon's own client library, then the daemon: an event in over HTTP, kept, one
//!   HTTPS call, a mail in the outbox. Over HTTP/1.1 and HTTP/2. `WF_BENCH_EVENTS` (20,000) of them.
//! * `open`: 500 events a second, as they come: how long the acceptance of one takes.
//! * `cold`: from the start to the first 202, with one workflow and with `WF_BENCH_WORKFLOWS` (10,000).
//! * `sleeping`: `WF_BENCH_SLEEPING` (1,000,000) runs that wait: the start, and the memory.
//! * `soak`: 500 events a second for `WF_BENCH_SOAK` (600) seconds: the memory over the time.
//!
//! Others that use the machine make the rates worse, and the CPU time of an event hardly.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "as in tests: what is not as it should be ends the run"
)]

mod daemon;
mod load;
mod stub;

use std::time::{Duration, Instant};

use self::daemon::{Daemon, Folders};
use self::load::Load;
use self::stub::{Protocol, Stub};

/// Callers that send at once.
const CALLERS: usize = 64;
/// Events before the clock starts.
const WARM: usize = 500;

fn main() {
    let chosen: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let parts: Vec<&str> = match chosen.as_slice() {
        [] => vec!["load", "open", "cold"],
        chosen => chosen.iter().map(String::as_str).collect(),
    };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for part in parts {
            match part {
                "load" => load_both().await,
                "open" => open().await,
                "cold" => cold().await,
                "sleeping" => sleeping().await,
                "soak" => soak().await,
                other => panic!("`{other}` is none of load, open, cold, sleeping, soak"),
            }
        }
    });
}

/// A number from the environment.
fn number(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

async fn load_both() {
    let events = number("WF_BENCH_EVENTS", 20_000);
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let stub = Stub::start(protocol).await;
        let bare = load::bare(&stub, events, CALLERS).await;
        let daemon = Daemon::start(&stub, &daemon::one_workflow(&stub)).await;
        load::closed(daemon.address, 0..WARM, CALLERS).await;
        stub.delivered(WARM).await;
        let (idle, cpu, begun) = (daemon.resident(), daemon.cpu(), Instant::now());
        let Load { mut latencies, .. } = load::closed(daemon.address, WARM..WARM + events, CALLERS).await;
        stub.delivered(WARM + events).await;
        let took = begun.elapsed();
        let cpu = (daemon.cpu() - cpu).as_secs_f64() * 1e6 / events as f64;
        let rate = events as f64 / took.as_secs_f64();
        println!(
            "load {protocol:?}: bare {bare:.0}/s, daemon {rate:.0}/s, ratio {:.3}, {cpu:.0} µs of CPU an event, \
             acceptance p50 {:.2} ms, p99 {:.2} ms, resident {idle:.0} MB at first, {:.0} MB at most",
            rate / bare,
            percentile(&mut latencies, 0.5),
            percentile(&mut latencies, 0.99),
            daemon.resident_at_most(),
        );
        daemon.stop().await;
    }
}

async fn open() {
    let stub = Stub::start(Protocol::Http2).await;
    let daemon = Daemon::start(&stub, &daemon::one_workflow(&stub)).await;
    load::closed(daemon.address, 0..WARM, CALLERS).await;
    let cpu = daemon.cpu();
    let Load { mut latencies, .. } = load::open(daemon.address, WARM, 500, Duration::from_secs(10), CALLERS).await;
    let cpu = (daemon.cpu() - cpu).as_secs_f64() * 1e6 / latencies.len() as f64;
    println!(
        "open 500/s: acceptance p50 {:.2} ms, p99 {:.2} ms, {cpu:.0} µs of CPU an event, resident {:.0} MB at most",
        percentile(&mut latencies, 0.5),
        percentile(&mut latencies, 0.99),
        daemon.resident_at_most(),
    );
    daemon.stop().await;
}

async fn cold() {
    let stub = Stub::start(Protocol::Http2).await;
    let many = number("WF_BENCH_WORKFLOWS", 10_000);
    for (name, program) in [(1, daemon::one_workflow(&stub)), (many, daemon::many_workflows(&stub, many))] {
        for start in ["first", "second"] {
            let folders = match start {
                "first" => Folders::new(&program),
                // As a stop leaves them.
                _ => Daemon::start(&stub, &program).await.stop().await,
            };
            let begun = Instant::now();
            let daemon = Daemon::start_in(&stub, folders).await;
            load::closed(daemon.address, 0..1, 1).await;
            println!(
                "cold, {name} workflow(s), {start} start: {:.0} ms to the first 202, {:.0} ms of CPU, resident {:.0} MB",
                begun.elapsed().as_secs_f64() * 1e3,
                daemon.cpu().as_secs_f64() * 1e3,
                daemon.resident(),
            );
            daemon.stop().await;
        }
    }
}

async fn sleeping() {
    let runs = number("WF_BENCH_SLEEPING", 1_000_000);
    let stub = Stub::start(Protocol::Http2).await;
    let daemon = Daemon::start(&stub, &daemon::one_workflow(&stub)).await;
    let begun = Instant::now();
    load::put_to_sleep(daemon.address, runs).await;
    println!(
        "sleeping: {runs} runs went to sleep in {:.0} s, resident {:.0} MB at most",
        begun.elapsed().as_secs_f64(),
        daemon.resident_at_most()
    );
    let folders = daemon.stop().await;
    let begun = Instant::now();
    let daemon = Daemon::start_in(&stub, folders).await;
    load::closed(daemon.address, 0..1, 1).await;
    println!(
        "sleeping, {runs} runs: {:.0} ms to the first 202, resident {:.0} MB",
        begun.elapsed().as_secs_f64() * 1e3,
        daemon.resident(),
    );
    load::closed(daemon.address, 1..2_000, CALLERS).await;
    stub.delivered(2_000).await;
    println!("sleeping, {runs} runs, after 2,000 events: resident {:.0} MB at most", daemon.resident_at_most());
    daemon.stop().await;
}

async fn soak() {
    let seconds = number("WF_BENCH_SOAK", 600);
    let stub = Stub::start(Protocol::Http2).await;
    let daemon = Daemon::start(&stub, &daemon::one_workflow(&stub)).await;
    let slices = 10;
    let mut next = 0;
    for slice in 0..slices {
        let time = Duration::from_secs(seconds as u64) / slices;
        let Load { mut latencies, .. } = load::open(daemon.address, next, 500, time, CALLERS).await;
        next += latencies.len();
        println!(
            "soak, {} of {slices}: resident {:.1} MB, acceptance p50 {:.2} ms, p99 {:.2} ms",
            slice + 1,
            daemon.resident(),
            percentile(&mut latencies, 0.5),
            percentile(&mut latencies, 0.99),
        );
    }
    daemon.stop().await;
}

/// In milliseconds.
fn percentile(latencies: &mut [Duration], part: f64) -> f64 {
    latencies.sort_unstable();
    let last = latencies.len().saturating_sub(1);
    latencies.get((last as f64 * part).round() as usize).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1e3)
}
