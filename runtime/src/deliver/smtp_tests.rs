//! Deliveries to a real mail server on loopback.

use super::super::mail::tests::{build, spec};
use super::*;
use crate::machine::MailSpec;
use crate::webhook::tests::https_stub::Authority;

use self::smtp_stub::{Behaviour, SmtpStub};

#[path = "../../../tests/support/smtp_stub.rs"]
#[allow(dead_code, unreachable_pub, reason = "shared with other test programs")]
mod smtp_stub;

/// Stands for the password; nothing that is said may hold it.
const CANARY: &str = "canary-7f3a";

/// A client of the server; `url` has `PORT` where the port goes.
fn client(stub: &SmtpStub, url: &str, authority: Option<&Authority>, password_secret: Option<&str>) -> SmtpServer {
    let folder = tempfile::tempdir().unwrap();
    let ca_file = authority.map(|authority| {
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, authority.pem()).unwrap();
        file
    });
    let url = url.replace("PORT", &stub.address.port().to_string());
    let settings = Smtp::read(&url, password_secret).unwrap();
    let secrets = Secrets::new([("WF_SECRET_MAIL".into(), CANARY.into())], None);
    SmtpServer::new(settings, &Egress { ca_file, ..Egress::default() }, Arc::new(secrets)).unwrap()
}

async fn send(server: &SmtpServer) -> Delivery {
    fn on_any_thread<F: Future + Send>(future: F) -> F {
        future
    }
    let mail = build(&spec()).unwrap();
    let delivery = on_any_thread(server.send(&mail)).await;
    let said = format!("{delivery:?}");
    assert!(!said.contains(CANARY) && !said.contains("AG1haWxlcgBjYW5hcnkt"), "{said}");
    delivery
}

/// One mail to a plain server that answers so.
async fn outcome(replies: &'static [(&'static str, &'static str)]) -> (Delivery, SmtpStub) {
    let stub = SmtpStub::start(Behaviour { replies, ..Behaviour::default() }).await;
    let delivery = send(&client(&stub, "smtp://127.0.0.1:PORT", None, None)).await;
    (delivery, stub)
}

#[tokio::test]
async fn a_mail_is_handed_over() {
    let (delivery, stub) = outcome(&[]).await;
    assert_eq!(delivery, Delivery::Sent { reply: "250 taken as 1".to_owned() });
    assert_eq!(
        stub.commands(),
        ["EHLO [127.0.0.1]", "MAIL FROM:<hello@shop.example.com>", "RCPT TO:<ann@example.com>", "DATA"]
    );
    assert_eq!(stub.mails(), [build(&spec()).unwrap().bytes()]);
}

#[tokio::test]
async fn replies_say_what_became_of_it() {
    for (replies, expected) in [
        (&[("RCPT", "550 no such user")][..], "refused: permanent error (550): no such user"),
        (&[("MAIL", "553 not from you")], "refused: permanent error (553): not from you"),
        (&[("DATA", "554 no")], "refused: permanent error (554): no"),
        (&[(".", "554 spam")], "refused: permanent error (554): spam"),
        (&[("MAIL", "530 log in first")], "unreachable: permanent error (530): log in first"),
        (&[("RCPT", "450 greylisted")], "try again: transient error (450): greylisted"),
        (&[(".", "451 later")], "try again: transient error (451): later"),
        (&[("CONNECT", "554 go away")], "unreachable: permanent error (554): go away"),
        (&[("CONNECT", "421 busy")], "unreachable: transient error (421): busy"),
        (&[("EHLO", "502 what")], "unreachable: permanent error (502): what"),
        (&[("CONNECT", "")], "unreachable: "),
        (&[("MAIL", "")], "unreachable: "),
        (&[("DATA", "")], "unreachable: "),
        (&[("RCPT", "garbage")], "unreachable: "),
        (&[(".", "")], "unknown: "),
        (&[(".", "garbage")], "unknown: "),
    ] {
        let (delivery, _stub) = outcome(replies).await;
        let said = match delivery {
            Delivery::Sent { reply } => format!("sent: {reply}"),
            Delivery::Refused { message } => format!("refused: {message}"),
            Delivery::TryAgain { message } => format!("try again: {message}"),
            Delivery::Unreachable { message } => format!("unreachable: {message}"),
            Delivery::Unknown { message } => format!("unknown: {message}"),
        };
        assert!(said.starts_with(expected), "{replies:?}: {said}");
    }
}

#[tokio::test]
async fn no_server_is_no_answer() {
    let stub = SmtpStub::start(Behaviour::default()).await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = client(&stub, &format!("smtp://127.0.0.1:{port}"), None, None);
    assert!(matches!(send(&server).await, Delivery::Unreachable { .. }));
}

/// Lines that look like the end of a mail, or like commands, are a mail's text.
#[tokio::test]
async fn dots_smuggle_nothing() {
    let stub = SmtpStub::start(Behaviour::default()).await;
    let server = client(&stub, "smtp://127.0.0.1:PORT", None, None);
    for text in [
        "a\r\n.\r\nMAIL FROM:<evil@example.com>\r\n",
        "a\n.\nMAIL FROM:<evil@example.com>\n",
        "a\r.\rMAIL FROM:<evil@example.com>\r",
        "a\n.\r\nMAIL FROM:<evil@example.com>",
        ".\r\nMAIL FROM:<evil@example.com>",
        "..",
        ".",
    ] {
        let mail = build(&MailSpec { text: Some(text.to_owned()), ..spec() }).unwrap();
        assert!(matches!(server.send(&mail).await, Delivery::Sent { .. }), "{text:?}");
        let arrived = stub.mails().pop().unwrap();
        assert_eq!(String::from_utf8_lossy(&arrived), String::from_utf8_lossy(mail.bytes()), "{text:?}");
    }
    assert!(!stub.commands().iter().any(|command| command.contains("evil")));
    // Longer than what is written at a time, with dots at the borders.
    let text = "x\r\n.".repeat(20_000);
    let mail = build(&MailSpec { text: Some(text), ..spec() }).unwrap();
    assert!(matches!(server.send(&mail).await, Delivery::Sent { .. }));
    assert_eq!(stub.mails().pop().unwrap(), mail.bytes());
}

#[tokio::test]
async fn tls_is_as_the_url_says() {
    let authority = Authority::new();
    let acceptor = authority.acceptor(&["127.0.0.1"]);
    let plain = Behaviour::default();
    let offers = Behaviour { starttls: Some(acceptor.clone()), ..Behaviour::default() };
    let wrapped = Behaviour { tls: Some(acceptor), ..Behaviour::default() };
    for (behaviour, url, trusted, arrives) in [
        (&wrapped, "smtps://127.0.0.1:PORT", true, Some("tls DATA")),
        (&wrapped, "smtps://127.0.0.1:PORT", false, None),
        (&plain, "smtps://127.0.0.1:PORT", true, None),
        (&offers, "smtp://127.0.0.1:PORT?tls=required", true, Some("tls DATA")),
        (&offers, "smtp://127.0.0.1:PORT?tls=required", false, None),
        (&plain, "smtp://127.0.0.1:PORT?tls=required", true, None),
        (&offers, "smtp://127.0.0.1:PORT", true, Some("tls DATA")),
        (&offers, "smtp://127.0.0.1:PORT", false, None),
        (&plain, "smtp://127.0.0.1:PORT", true, Some("DATA")),
        (&offers, "smtp://127.0.0.1:PORT?tls=none", true, Some("DATA")),
    ] {
        let stub = SmtpStub::start(behaviour.clone()).await;
        let delivery = send(&client(&stub, url, trusted.then_some(&authority), None)).await;
        match arrives {
            Some(command) => {
                assert!(matches!(delivery, Delivery::Sent { .. }), "{url} {delivery:?}");
                assert!(stub.commands().iter().any(|said| said == command), "{url} {:?}", stub.commands());
            }
            None => {
                assert!(matches!(delivery, Delivery::Unreachable { .. }), "{url} {delivery:?}");
                assert!(!stub.commands().iter().any(|said| said.contains("MAIL")), "{url} {:?}", stub.commands());
            }
        }
    }
}

#[tokio::test]
async fn the_certificate_is_of_the_host() {
    let authority = Authority::new();
    let tls = Some(authority.acceptor(&["other.test"]));
    let stub = SmtpStub::start(Behaviour { tls, ..Behaviour::default() }).await;
    let delivery = send(&client(&stub, "smtps://127.0.0.1:PORT", Some(&authority), None)).await;
    assert!(matches!(delivery, Delivery::Unreachable { .. }), "{delivery:?}");
    assert!(stub.commands().is_empty());
}

#[tokio::test]
async fn the_password_comes_from_the_url_or_a_secret() {
    let behaviour = Behaviour { extensions: &["AUTH PLAIN LOGIN"], ..Behaviour::default() };
    // The Base64 of `\0mailer\0` and the password.
    let expected = "AUTH PLAIN AG1haWxlcgBjYW5hcnktN2YzYQ==".to_owned();
    for (url, secret) in [
        (format!("smtp://mailer:{CANARY}@127.0.0.1:PORT"), None),
        ("smtp://mailer@127.0.0.1:PORT".to_owned(), Some("MAIL")),
    ] {
        let stub = SmtpStub::start(behaviour.clone()).await;
        assert!(matches!(send(&client(&stub, &url, None, secret)).await, Delivery::Sent { .. }));
        assert!(stub.commands().contains(&expected), "{:?}", stub.commands());
    }

    // A server that repeats what it was told.
    let replies = &[("AUTH", "535 no: AG1haWxlcgBjYW5hcnktN2YzYQ== canary-7f3a")];
    let stub = SmtpStub::start(Behaviour { replies, ..behaviour }).await;
    let delivery = send(&client(&stub, &format!("smtp://mailer:{CANARY}@127.0.0.1:PORT"), None, None)).await;
    assert!(matches!(delivery, Delivery::Unreachable { .. }), "a wrong password is no fault of the mail: {delivery:?}");

    let missing = send(&client(&stub, "smtp://mailer@127.0.0.1:PORT", None, Some("NOWHERE"))).await;
    let Delivery::Unreachable { message } = missing else { panic!("{missing:?}") };
    assert!(message.contains("`NOWHERE` is not set"), "{message}");
}

#[tokio::test]
async fn connections_are_used_again() {
    let stub = SmtpStub::start(Behaviour { replies: &[("RCPT TO:<bad", "550 no")], ..Behaviour::default() }).await;
    let server = client(&stub, "smtp://127.0.0.1:PORT?hello=shop.example.com", None, None);
    let bad = build(&MailSpec { to: "bad@example.com".to_owned(), ..spec() }).unwrap();
    for _ in 0..3 {
        assert!(matches!(send(&server).await, Delivery::Sent { .. }));
        assert!(matches!(server.send(&bad).await, Delivery::Refused { .. }));
    }
    assert_eq!(stub.connections(), 1);
    assert_eq!(stub.mails().len(), 3);
    assert_eq!(stub.commands()[0], "EHLO shop.example.com");
}

#[tokio::test]
async fn addresses_beyond_ascii_need_a_server_that_takes_them() {
    let mail = build(&MailSpec { to: "анна@example.com".to_owned(), ..spec() }).unwrap();
    let stub = SmtpStub::start(Behaviour::default()).await;
    let refused = client(&stub, "smtp://127.0.0.1:PORT", None, None).send(&mail).await;
    assert!(matches!(refused, Delivery::Refused { .. }), "{refused:?}");
    let stub = SmtpStub::start(Behaviour { extensions: &["SMTPUTF8", "8BITMIME"], ..Behaviour::default() }).await;
    let sent = client(&stub, "smtp://127.0.0.1:PORT", None, None).send(&mail).await;
    assert!(matches!(sent, Delivery::Sent { .. }), "{sent:?}");
    assert!(stub.commands().contains(&"RCPT TO:<анна@example.com>".to_owned()), "{:?}", stub.commands());
}
