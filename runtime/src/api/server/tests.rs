use axum::Router;
use axum::body::Bytes;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

use super::*;
use crate::api::extract::{BodyLimits, read_body};

const SHORT: Duration = Duration::from_millis(50);

/// Sends these bytes and then nothing more, and reads until the server closes the connection.
async fn stall(sent: &[u8]) -> String {
    converse(sent, false).await
}

/// The same; with `over`, the caller closes its direction behind them.
async fn converse(sent: &[u8], over: bool) -> String {
    let limits = BodyLimits { bytes: 100, time: SHORT };
    let router = Router::new()
        .route("/", post(|body: Bytes| async move { body.len().to_string() }))
        .route_layer(from_fn_with_state(limits, read_body));
    let listener = Listener { patience: SHORT, ..bind("127.0.0.1:0").await.unwrap() };
    let address = listener.address();
    let server = tokio::spawn(listener.serve(router, None, std::future::pending(), Duration::ZERO));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(sent).await.unwrap();
    if over {
        stream.shutdown().await.unwrap();
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    server.abort();
    answer
}

/// The answer to a caller who stalls is its first line, or nothing when there was no request yet.
#[tokio::test]
async fn nobody_holds_a_connection_by_keeping_still() {
    let cases: [(&[u8], &str); 6] = [
        (b"", ""),
        (b"P", ""),
        (b"PRI * HTTP/2.0\r\n", "HTTP/1.1 400 Bad Request"),
        (b"POST / HTTP/1.1\r\nhost: a\r\n", ""),
        (b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n{", "HTTP/1.1 408 Request Timeout"),
        (b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}", "HTTP/1.1 200 OK"),
    ];
    for (sent, expected) in cases {
        let answer = stall(sent).await;
        let found = answer.lines().next().unwrap_or_default();
        assert_eq!(found, expected, "{}", String::from_utf8_lossy(sent));
    }
    // Who closes its direction behind a request is answered.
    for (sent, expected) in [
        (b"".as_slice(), ""),
        (b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}", "HTTP/1.1 200 OK"),
        (b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n{", "HTTP/1.1 400 Bad Request"),
    ] {
        let answer = converse(sent, true).await;
        assert_eq!(answer.lines().next().unwrap_or_default(), expected, "{}", String::from_utf8_lossy(sent));
    }
    let large = [b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 101\r\n\r\n".as_slice(), &[b'x'; 101]].concat();
    assert!(stall(&large).await.starts_with("HTTP/1.1 413 "));
}

/// The beginning of a connection of HTTP/2 whose caller lets so much of each answer be sent, and asks for `/`.
fn asks(window: u8) -> Vec<u8> {
    let settings: &[u8] = &[0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, window];
    let request: &[u8] = &[0, 0, 6, 1, 5, 0, 0, 0, 1, 0x82, 0x84, 0x87, 0x41, 1, b'a'];
    [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", settings, request].concat()
}

/// A caller who asks over HTTP/2 and lets nothing be sent does not hold the connection, however alive it is.
#[tokio::test]
async fn who_never_lets_an_answer_be_sent_is_cut_off() {
    for (window, answer) in [(0, 10), (5, 10), (100, 100_000)] {
        let router = Router::new().route("/", get(move || async move { "x".repeat(answer) }));
        let (near, mut far) = duplex(1 << 20);
        let connection = Connection { service: router, watcher: GracefulShutdown::new().watcher(), patience: SHORT };
        let served = tokio::spawn(connection.speak(near, Version::HTTP_2));
        far.write_all(&asks(window)).await.unwrap();
        // A ping each moment.
        while far.write_all(&[0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]).await.is_ok() {
            tokio::time::sleep(SHORT / 10).await;
        }
        served.await.unwrap();
        let mut seen = vec![];
        far.read_to_end(&mut seen).await.unwrap();
        let sent = seen.iter().filter(|byte| **byte == b'x').count();
        assert!((usize::from(window)..usize::from(window) + 5).contains(&sent), "{sent}");
    }
}
