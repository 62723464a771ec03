//! The two jobs that a messaging platform does with webhooks, from the event to the e-mail, over real HTTPS.

use serde_json::json;

use crate::support::{Project, Reply, Stub};

/// The example with the service's port in it.
fn example(name: &str, port: &str, stub: &Stub) -> Project {
    let actual = stub.port().to_string();
    Project::copy(&format!("examples/{name}"), |text| text.replace(port, &actual)).calls(stub)
}

#[test]
fn a_contact_is_looked_up_with_get_and_its_number_goes_into_the_mail() {
    let stub = Stub::json(r#"[{"id": 1234567.0, "segment": null}]"#);
    let project = example("get-contact-by-email", "8444", &stub).set("WF_SECRET_CRM_PASSWORD", "pa:ss wörd");
    let daemon = project.serve();
    daemon.send("signed_up", "e-1", json!({ "email": "ann+wf@Example.com", "source": "a b&c=d/е" }));

    let mails = project.wait_for_mails(1);
    let request = &stub.received()[0];
    assert_eq!(request.method, "GET");
    assert_eq!(request.target, "/api/contacts?email=ann%2Bwf%40example.com&source=a%20b%26c%3Dd%2F%D0%B5");
    assert_eq!(request.header("x-event-id"), Some("e-1"));
    assert_eq!(request.header("x-contact-language"), Some("en"));
    assert_eq!(request.header("authorization"), Some("Basic c3ZjLW1lc3NhZ2luZzpwYTpzcyB3w7ZyZA=="));
    assert!(request.body.is_empty());
    assert!(mails[0].contains("Your customer number: 1234567\r\n"), "{}", mails[0]);
    assert!(mails[0].contains("To: ann+wf@example.com"), "{}", mails[0]);

    let run = daemon.ended_run();
    assert_eq!(run["status"], "completed", "{run:#}");
    assert_eq!(run["event"], "e-1");
    let attempt = &run["steps"][0]["attempts"][0];
    assert_eq!(attempt["request"]["method"], "GET");
    assert_eq!(attempt["response"]["status"], 200);
    assert_eq!(attempt["response"]["body"], r#"[{"id": 1234567.0, "segment": null}]"#);
    let history = run.to_string();
    for secret in ["pa:ss wörd", "c3ZjLW1lc3NhZ2luZzpwYTpzcyB3w7ZyZA"] {
        assert!(!history.contains(secret), "{history}");
    }
    assert!(history.contains("{{secret:CRM_PASSWORD}}"), "{history}");
}

#[test]
fn a_promo_code_is_asked_for_with_post_and_goes_into_the_mail() {
    let stub = Stub::start(|_, earlier| match earlier {
        0 => Reply::status("503 Service Unavailable", "text/plain", "warming up"),
        _ => Reply::ok("application/json", r#"{"promocode": "KYIV-<15>", "percent": 15, "more": [1]}"#),
    });
    let project = example("post-promo-code", "8443", &stub).set("WF_SECRET_PROMO_TOKEN", "canary-token");
    let daemon = project.serve();
    // As text, for a JSON library would make 99.5 of the total.
    let event = r#"{"type": "cart_abandoned", "id": "cart-1", "params": {"email": "ann@example.com", "first_name": "Ann",
        "town": "Київ \"2\"", "order_id": "o-17", "total": 99.50}}"#;
    assert_eq!(daemon.request("POST", "/v1/events", &[], event).status, 202);

    let mails = project.wait_for_mails(1);
    let received = stub.received();
    let [first, second] = received.as_slice() else { panic!("{received:?}") };
    for request in [first, second] {
        assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/v1/codes"));
        assert_eq!(request.header("authorization"), Some("Bearer canary-token"));
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(request.header("x-order"), Some("o-17"));
        assert_eq!(request.text(), r#"{"town":"Київ \"2\"","order":{"id":"o-17","total":99.50}}"#);
    }
    let key = first.header("idempotency-key");
    assert!(key.is_some_and(|key| !key.is_empty()));
    assert_eq!(key, second.header("idempotency-key"), "every attempt carries the same key");
    let mail = &mails[0];
    assert!(mail.contains("Subject: Your code is KYIV-<15>\r\n"), "{mail}");
    assert!(mail.contains("Hello Ann,"), "{mail}");
    assert!(mail.contains("<strong>KYIV-&lt;15&gt;</strong> takes a generous 15 % off."), "{mail}");

    let run = daemon.ended_run();
    assert_eq!(run["status"], "completed", "{run:#}");
    let call = run["steps"].as_array().unwrap().iter().find(|step| step["kind"] == "call").unwrap();
    let attempts = call["attempts"].as_array().unwrap();
    let statuses: Vec<_> = attempts.iter().map(|attempt| attempt["response"]["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [503, 200]);
    assert!(!run.to_string().contains("canary-token"));
    let contact = daemon.get(&format!("/v1/contacts/{}", run["contact"]));
    assert_eq!(contact["town"], "Київ \"2\"");
    assert_eq!(contact["last_promo"], "KYIV-<15>");
    assert_eq!(contact["email"], "ann@example.com");
}

#[test]
fn a_contact_that_is_known_is_found_and_its_card_is_sent() {
    let stub = Stub::json(r#"{"promocode": "LVIV"}"#);
    let program = r#"
        event left { email: email }
        connector promo api_key { header "X-Api-Key" key secret("KEY") }
        webhook WH5 {
          post "ORIGIN/codes"
          auth promo
          body json { town: contact.town, name: contact.first_name }
          returns json { promocode: string }
        }
        message code { email { from "shop@example.com" subject "$data.get('WH5').get('promocode')" text "$town" } }
        workflow w { on left identify by email event.email call WH5 send code }
    "#;
    let project =
        Project::new(&[("a.wf", &program.replace("ORIGIN", &stub.origin()))]).calls(&stub).set("WF_SECRET_KEY", "k-1");
    let daemon = project.serve();
    let body = json!({ "email": "ann@example.com", "town": "Lviv" });
    let answer = daemon.request("PUT", "/v1/contacts", &[], &body.to_string());
    assert_eq!((answer.status, answer.json()["created"].clone()), (201, json!(true)));
    daemon.send("left", "1", json!({ "email": "ann@EXAMPLE.com" }));

    let mails = project.wait_for_mails(1);
    assert!(mails[0].contains("Subject: LVIV\r\n") && mails[0].ends_with("Lviv\r\n"), "{}", mails[0]);
    let request = &stub.received()[0];
    assert_eq!(request.text(), r#"{"town":"Lviv","name":null}"#);
    assert_eq!(request.header("x-api-key"), Some("k-1"));
}
