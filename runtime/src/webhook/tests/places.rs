//! Which places are called, and which are not.

use super::*;

#[tokio::test]
async fn only_the_right_certificate_is_accepted() {
    let reply = |_: &Received, _| Reply::ok("text/plain", "never");
    let stranger = World::with(&["localhost"], |_| Some(Authority::new()), &["localhost"], reply).await;
    let other_name = World::with(&["other.test"], |_| None, &["localhost"], reply).await;
    for world in [stranger, other_name] {
        let kept = world.call(&Call { spec: world.spec(), connector: None, returns: Returns::Nothing }).await;
        assert_eq!(kept.failure().class, FailureClass::Certificate, "{:?}", kept.failure());
        assert!(world.stub.received().is_empty());
    }
}

#[tokio::test]
async fn private_places_need_to_be_listed() {
    let reply = |_: &Received, _| Reply::ok("text/plain", "hello");
    for (rules, host, allowed) in [
        (vec!["localhost"], "localhost", true),
        (vec!["127.0.0.0/8", "::1"], "localhost", true),
        (vec!["127.0.0.1"], "127.0.0.1", true),
        (vec![], "localhost", false),
        (vec!["localhost:1"], "localhost", false),
        (vec!["localhost"], "127.0.0.1", false),
        (vec!["10.0.0.0/8"], "127.0.0.1", false),
        (vec!["10.0.0.0/8"], "2130706433", false),
    ] {
        let world = World::with(&["localhost", "127.0.0.1"], |_| None, &rules, reply).await;
        let spec = spec(&format!("https://{host}:{}", world.stub.address.port()), "/");
        let kept = world.call(&Call { spec, connector: None, returns: Returns::Text }).await;
        if allowed {
            assert_eq!(kept.value(), "\"hello\"", "{rules:?} {host}");
        } else {
            assert_eq!(kept.failure().class, FailureClass::Blocked, "{rules:?} {host}: {:?}", kept.failure());
            assert!(world.stub.received().is_empty());
        }
    }
}

#[tokio::test]
async fn places_that_are_not_there() {
    let world = World::new(|_, _| Reply::ok("text/plain", "never")).await;
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let closed = spec(&format!("https://localhost:{port}"), "/");
    let kept = world.call(&Call { spec: closed, connector: None, returns: Returns::Nothing }).await;
    assert_eq!(kept.failure().class, FailureClass::Connection, "{:?}", kept.failure());
    assert_eq!(kept.result.response, None);

    let nameless = spec("https://no-such-host.invalid", "/secret-path");
    let kept = world.call(&Call { spec: nameless, connector: None, returns: Returns::Nothing }).await;
    assert_eq!(kept.failure().class, FailureClass::Dns, "{:?}", kept.failure());
    assert!(!kept.failure().message.contains("secret-path"));
}

/// The name leads to a public address when it is looked at and to a private one when it is used.
#[tokio::test]
async fn a_name_that_changes_its_address_is_refused() {
    use reqwest::dns::{Addrs, Name, Resolve, Resolving};
    struct Loopback;
    impl Resolve for Loopback {
        fn resolve(&self, _: Name) -> Resolving {
            let address = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
            Box::pin(async move { Ok(Box::new(std::iter::once(address)) as Addrs) })
        }
    }
    let world = World::with(&["public.example"], |_| None, &[], |_, _| Reply::ok("text/plain", "never")).await;
    let ca_file = Some(world._folder.path().join("ca.pem"));
    let client = Client::with_names(&egress(&[], ca_file), Arc::default(), Arc::new(Loopback)).unwrap();
    let spec = spec(&format!("https://public.example:{}", world.stub.address.port()), "/");
    let (returns, at) = (Returns::Nothing, Timestamp::UNIX_EPOCH);
    let prepared = client.prepare(AttemptInput { spec: &spec, connector: None, key: "k", traceparent: "", at }).await;
    let result = client.attempt(prepared, &returns).await;
    let CallOutcome::Failed(failure) = result.outcome else { panic!("it succeeded") };
    assert_eq!(failure.class, FailureClass::Blocked, "{failure:?}");
    assert!(world.stub.received().is_empty());
}

#[test]
fn root_certificates_that_are_none_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    let attempt = || Client::new(&egress(&[], Some(file.clone())), Arc::default()).unwrap_err();
    assert!(attempt().to_string().starts_with("cannot read the root certificates in "));
    std::fs::write(&file, "nonsense").unwrap();
    assert!(attempt().to_string().starts_with("there is no certificate in "));
}
