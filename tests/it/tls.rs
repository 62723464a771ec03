//! The API over TLS, which speaks HTTP/1.1 and HTTP/2.

use std::fs;

use crate::support::Project;

/// The SHA-256 of `tokR`.
const READER: &str = "b6c9f5383aa226ef62945ea6dded0d940e2072865f26f1cadb1c8905832f9adb";

/// A refusal reaches the caller, also where it comes before the caller's body has: the caller of G1 would send again for ever.
#[test]
fn refusals_are_answers_in_both_versions() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let project = Project::new(&[("a.wf", "event left { email: email }\n")]);
    let (certificate, key) = (project.path().join("tls.pem"), project.path().join("tls.key"));
    fs::write(&certificate, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    project.write(
        "wf.toml",
        &format!(
            "[tls]\ncert = {certificate:?}\nkey = {key:?}\n[[tokens]]\nname = \"reader\"\nsha256 = [\"{READER}\"]\nscopes = [\"read\"]\n"
        ),
    );
    let daemon = project.serve();
    let trusted = || reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap();
    let builder = || reqwest::Client::builder().tls_certs_only([trusted()]).no_proxy();
    let event = r#"{"type":"left","params":{}}"#.to_owned();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        for (version, client) in [("1.1", builder().http1_only()), ("2", builder())] {
            let client = client.build().unwrap();
            for (target, token, body, expected) in [
                ("/v1/events", "tokR", event.clone(), 403),
                ("/v1/events", "else", event.clone(), 401),
                ("/v1/events", "tokR", "x".repeat(300_000), 403),
                ("/v1/reload", "tokR", event.clone(), 403),
                ("/v1/nothing", "tokR", event.clone(), 404),
            ] {
                for round in 0..20 {
                    let url = format!("https://localhost:{}{target}", daemon.address.port());
                    let request = client.post(url).bearer_auth(token).header("content-type", "application/json");
                    let answer = request.body(body.clone()).send().await;
                    let answer = answer.unwrap_or_else(|error| panic!("HTTP/{version} {target} {round}: {error:?}"));
                    let shown = format!("{:?}", answer.version());
                    assert_eq!(shown.contains("2.0"), version == "2", "{shown}");
                    assert_eq!(answer.status(), expected, "HTTP/{version} {target} {round}");
                    let text = answer.text().await;
                    let text = text.unwrap_or_else(|error| panic!("HTTP/{version} {target} {round}: {error:?}"));
                    assert!(text.contains("\"status\""), "HTTP/{version} {target} {round}: {text}");
                }
            }
        }
    });
}
