//! The callers: connections that are kept, one event at a time on each.

use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::stub::Stub;

/// The timer of this process is late by that, which is not the daemon's.
const TIMER: Duration = Duration::from_millis(2);

/// Events of one request, where there are very many.
const ARRAY: usize = 500;

/// What became of events.
pub(crate) struct Load {
    /// How long each acceptance took.
    pub(crate) latencies: Vec<Duration>,
}

/// The event of a number. Warm-up events are events too: no number is sent twice to one daemon.
fn event(number: usize) -> String {
    format!(
        r#"{{"type":"cart_abandoned","id":"{number}","params":{{"email":"u{number}@example.com","town":"Kyiv","order_id":"o-{number}","total":"99.50"}}}}"#
    )
}

/// One connection.
struct Caller {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Caller {
    async fn connect(address: SocketAddr) -> Caller {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Caller { stream, answer: Vec::with_capacity(4096) }
    }

    /// Sends an event and waits for its 202.
    async fn send(&mut self, number: usize) {
        let answer = self.request("POST", "/v1/events", &event(number)).await;
        assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    }

    /// Sends a request and waits for its answer.
    async fn request(&mut self, method: &str, path: &str, body: &str) -> String {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await.unwrap();
        self.answer.clear();
        loop {
            let more = self.stream.read_buf(&mut self.answer).await.unwrap();
            assert!(more > 0, "the daemon closed the connection");
            let Ok(text) = std::str::from_utf8(&self.answer) else { continue };
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            if body.len() >= length.parse::<usize>().unwrap() {
                return text.to_owned();
            }
        }
    }
}

/// Starts so many runs that sleep for a month, and waits until all of them do.
pub(crate) async fn put_to_sleep(address: SocketAddr, runs: usize) {
    let mut caller = Caller::connect(address).await;
    for first in (0..runs).step_by(ARRAY) {
        let event = |number| {
            format!(r#"{{"type":"slept","id":"s{number}","params":{{"email":"sleeper{number}@example.com"}}}}"#)
        };
        let events: Vec<String> = (first..runs.min(first + ARRAY)).map(event).collect();
        let answer = caller.request("POST", "/v1/events", &format!("[{}]", events.join(","))).await;
        assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    }
    while !caller.request("GET", "/v1/runs?status=running&limit=1", "").await.contains(r#""items":[]"#) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Each caller sends the next event when the last was accepted.
pub(crate) async fn closed(address: SocketAddr, events: Range<usize>, callers: usize) -> Load {
    let next = Arc::new(AtomicUsize::new(events.start));
    let mut tasks = JoinSet::new();
    for _ in 0..callers {
        let (next, end) = (next.clone(), events.end);
        tasks.spawn(async move {
            let mut caller = Caller::connect(address).await;
            let mut latencies = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= end {
                    return latencies;
                }
                let begun = Instant::now();
                caller.send(number).await;
                latencies.push(begun.elapsed());
            }
        });
    }
    Load { latencies: tasks.join_all().await.concat() }
}

/// Events come at a rate, whether earlier ones were accepted or not: the time that one waits for a caller counts too.
pub(crate) async fn open(address: SocketAddr, first: usize, rate: usize, time: Duration, callers: usize) -> Load {
    let events = (rate as f64 * time.as_secs_f64()) as usize;
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..callers {
        let next = next.clone();
        tasks.spawn(async move {
            let mut caller = Caller::connect(address).await;
            let mut latencies = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= events {
                    return latencies;
                }
                let due = begun + Duration::from_secs_f64(number as f64 / rate as f64);
                tokio::time::sleep_until(due.into()).await;
                let sent = Instant::now();
                let late = sent.saturating_duration_since(due + TIMER);
                caller.send(first + number).await;
                latencies.push(sent.elapsed() + late);
            }
        });
    }
    Load { latencies: tasks.join_all().await.concat() }
}

/// Calls a second of a bare loop with the daemon's client library: what this machine can do at all.
pub(crate) async fn bare(stub: &Stub, calls: usize, callers: usize) -> f64 {
    let certificate = reqwest::Certificate::from_pem(stub.authority.as_bytes()).unwrap();
    let client = reqwest::Client::builder()
        .tls_certs_only([certificate])
        .pool_max_idle_per_host(callers)
        .no_proxy()
        .build()
        .unwrap();
    let url = format!("https://localhost:{}/promo", stub.port);
    let next = Arc::new(AtomicUsize::new(0));
    let call = |client: reqwest::Client, url: String, number: usize| async move {
        let body = format!(r#"{{"id":"{number}","email":"u{number}@example.com","town":"Kyiv"}}"#);
        let answer = client.post(url).header("content-type", "application/json").body(body).send().await.unwrap();
        answer.bytes().await.unwrap();
    };
    for number in 0..callers {
        call(client.clone(), url.clone(), number).await;
    }
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..callers {
        let (client, url, next) = (client.clone(), url.clone(), next.clone());
        tasks.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= calls {
                    return;
                }
                call(client.clone(), url.clone(), number).await;
            }
        });
    }
    tasks.join_all().await;
    let rate = calls as f64 / begun.elapsed().as_secs_f64();
    stub.forget();
    rate
}
