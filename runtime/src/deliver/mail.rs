//! The mail as it travels (RFC 5322, MIME).
//!
//! What comes from events and contacts is checked here, before the mail library sees it: `lettre` panics on a line break in
//! a display name, and takes addresses that a mail program could misread.

use jiff::Timestamp;
use lettre::address::Envelope;
use lettre::message::header::{ContentTransferEncoding, ContentType};
use lettre::message::{Body, Mailbox, MultiPart, MultiPartKind, SinglePart};
use lettre::{Address, Message};
use sha2::{Digest, Sha256};

use super::plain;
use crate::hex;
use crate::machine::MailSpec;
use crate::value;

/// The last second that a mail's date can name: the end of the year 9999.
const LAST_SECOND: i64 = 253_402_300_799;

/// A mail that is ready to go.
#[derive(Clone, Debug)]
pub struct Mail {
    message_id: String,
    envelope: Envelope,
    bytes: Vec<u8>,
}

/// A mail that cannot be made of its parts. The author or the data is wrong, so another try would not help.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// A field is not one address.
    #[error("`{field}` is not one e-mail address: {text:?}")]
    Address {
        /// `from`, `to` or `reply_to`.
        field: &'static str,
        /// What it is.
        text: String,
    },
    /// The subject holds a control character, such as a line break.
    #[error("the subject holds a control character: {0:?}")]
    Subject(String),
    /// A name or the subject has a word so long that it fits no line (RFC 5322, section 2.1.1).
    #[error("a name or the subject has a word of more than 900 characters")]
    TooLong,
    /// There is neither a text nor an HTML body.
    #[error("the mail has no body")]
    NoBody,
    /// The mail library refused it.
    #[error("the mail cannot be put together: {0}")]
    Refused(String),
}

impl Mail {
    /// Makes the mail that a step of a run sends; `key` is the step's ([`crate::machine::idempotency_key`]), which its
    /// `Message-ID` is made of. The same arguments make the same bytes.
    ///
    /// # Errors
    /// When an address is not one address, the subject holds a control character, or there is no body.
    pub fn build(spec: &MailSpec, key: &str, date: Timestamp) -> Result<Mail, MailError> {
        let from = mailbox("from", &spec.from)?;
        let to = mailbox("to", &spec.to)?;
        let reply_to = spec.reply_to.as_deref().map(|text| mailbox("reply_to", text)).transpose()?;
        if spec.subject.contains(|char: char| char.is_control() || matches!(char, '\u{2028}' | '\u{2029}')) {
            return Err(MailError::Subject(spec.subject.clone()));
        }
        let message_id = message_id(key, &to.email, &from.email);
        let seconds = date.as_second().clamp(0, LAST_SECOND);
        let envelope = Envelope::new(Some(from.email.clone()), vec![to.email.clone()])
            .map_err(|error| MailError::Refused(error.to_string()))?;
        let head = Head { message_id: &message_id, seconds, from, to, reply_to, subject: &spec.subject };
        let bytes = match plain::format(&head, spec) {
            Some(bytes) => bytes,
            None => format(head, &envelope, spec)?,
        };
        Ok(Mail { message_id, envelope, bytes })
    }

    /// The stable `Message-ID`, without the angle brackets.
    pub fn message_id(&self) -> &str {
        &self.message_id
    }

    /// Who it is from and to, for the server.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// The whole mail; every line ends in CRLF.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// What stands in the head of a mail.
pub(super) struct Head<'a> {
    pub(super) message_id: &'a str,
    /// The date, in seconds since 1970; from then to the year 9999.
    pub(super) seconds: i64,
    pub(super) from: Mailbox,
    pub(super) to: Mailbox,
    pub(super) reply_to: Option<Mailbox>,
    pub(super) subject: &'a str,
}

/// Any mail, by the mail library.
pub(super) fn format(head: Head<'_>, envelope: &Envelope, spec: &MailSpec) -> Result<Vec<u8>, MailError> {
    let Head { message_id, seconds, from, to, reply_to, subject } = head;
    let seconds = std::time::Duration::from_secs(seconds.unsigned_abs());
    let mut builder = Message::builder()
        .message_id(Some(format!("<{message_id}>")))
        .date(std::time::UNIX_EPOCH + seconds)
        .envelope(envelope.clone())
        .from(from)
        .to(to);
    if let Some(reply_to) = reply_to {
        builder = builder.reply_to(reply_to);
    }
    builder = builder.subject(subject);
    let part = |kind: ContentType, text: &str| SinglePart::builder().header(kind).body(body(text));
    let message = match (&spec.text, &spec.html) {
        (Some(text), Some(html)) => {
            let parts = MultiPart::builder()
                .kind(MultiPartKind::Alternative)
                .boundary(boundary(message_id, text, html))
                .singlepart(part(ContentType::TEXT_PLAIN, text))
                .singlepart(part(ContentType::TEXT_HTML, html));
            builder.multipart(parts)
        }
        (Some(text), None) => builder.singlepart(part(ContentType::TEXT_PLAIN, text)),
        (None, Some(html)) => builder.singlepart(part(ContentType::TEXT_HTML, html)),
        (None, None) => return Err(MailError::NoBody),
    };
    let message = message.map_err(|error| MailError::Refused(error.to_string()))?;
    let bytes = message.formatted();
    if has_long_header(&bytes) {
        return Err(MailError::TooLong);
    }
    Ok(bytes)
}

/// Whether a line of the head is longer than a line may be. Long texts are folded at their blanks, words are not.
fn has_long_header(bytes: &[u8]) -> bool {
    let lines = bytes.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines.take_while(|line| !line.is_empty()).any(|line| line.len() > 998)
}

fn mailbox(field: &'static str, text: &str) -> Result<Mailbox, MailError> {
    let refused = || MailError::Address { field, text: text.to_owned() };
    let read = value::mailbox(text).ok_or_else(refused)?;
    let (local, domain) = read.address.rsplit_once('@').ok_or_else(refused)?;
    let address = Address::new(local, domain).map_err(|_| refused())?;
    Ok(Mailbox::new(read.name, address))
}

/// The same for each try of one step of one run, and another for each recipient.
fn message_id(key: &str, to: &Address, from: &Address) -> String {
    let digest = Sha256::digest(format!("{key}\n{to}"));
    format!("{}@{}", digits(&digest, 16), from.domain())
}

/// What stands between the parts. It depends on their texts, so that no text can hold it.
fn boundary(message_id: &str, text: &str, html: &str) -> String {
    let mut digest = Sha256::new();
    for part in [message_id, text, html] {
        digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        digest.update(part);
    }
    digits(&digest.finalize(), 20)
}

fn digits(digest: &[u8], count: usize) -> String {
    hex::of(digest.get(..count).unwrap_or(digest))
}

/// A body in UTF-8 whose lines end in CRLF, in an encoding that all servers take: control characters never go out bare.
pub(super) fn body(text: &str) -> Body {
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n");
    let odd = text.contains(|char: char| char.is_control() && !matches!(char, '\t' | '\r' | '\n'));
    if odd && let Ok(body) = Body::new_with_encoding(text.clone(), ContentTransferEncoding::Base64) {
        return body;
    }
    Body::new(text)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A plain mail, for tests of this room.
    pub(in crate::deliver) fn spec() -> MailSpec {
        MailSpec {
            message: "promo".into(),
            from: "Shop <hello@shop.example.com>".to_owned(),
            to: "ann@example.com".to_owned(),
            reply_to: None,
            subject: "Your code".to_owned(),
            html: None,
            text: Some("Hello".to_owned()),
            sensitive: vec![],
        }
    }

    pub(in crate::deliver) fn build(spec: &MailSpec) -> Result<Mail, MailError> {
        Mail::build(spec, "key", Timestamp::from_second(1_790_000_000).unwrap())
    }

    fn text_of(spec: &MailSpec) -> String {
        String::from_utf8(build(spec).unwrap().bytes).unwrap()
    }

    #[test]
    fn a_mail_is_made_of_its_parts() {
        let mail = build(&MailSpec { reply_to: Some("help@shop.example.com".to_owned()), ..spec() }).unwrap();
        let text = String::from_utf8(mail.bytes().to_vec()).unwrap();
        assert_eq!(
            text,
            format!(
                "Message-ID: <{}>\r\nDate: Mon, 21 Sep 2026 14:13:20 +0000\r\nFrom: Shop <hello@shop.example.com>\r\n\
                 To: ann@example.com\r\nReply-To: help@shop.example.com\r\nSubject: Your code\r\nMIME-Version: 1.0\r\n\
                 Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\nHello\r\n",
                mail.message_id()
            )
        );
        assert!(mail.message_id().ends_with("@shop.example.com"));
        assert_eq!(mail.envelope().to()[0].to_string(), "ann@example.com");
    }

    #[test]
    fn the_same_send_is_the_same_mail() {
        let both = MailSpec { html: Some("<p>Hello</p>".to_owned()), ..spec() };
        assert_eq!(text_of(&both), text_of(&both));
        let other = MailSpec { to: "bob@example.com".to_owned(), ..spec() };
        assert_ne!(build(&spec()).unwrap().message_id(), build(&other).unwrap().message_id());
        let named = MailSpec { to: "Ann <ann@EXAMPLE.com>".to_owned(), ..spec() };
        assert_eq!(build(&spec()).unwrap().message_id(), build(&named).unwrap().message_id());
    }

    #[test]
    fn text_and_html_are_alternatives() {
        let text = text_of(&MailSpec { html: Some("<p>Grüße</p>".to_owned()), ..spec() });
        let kind = text.find("multipart/alternative").unwrap();
        let (plain, html) =
            (text.find("text/plain; charset=utf-8").unwrap(), text.find("text/html; charset=utf-8").unwrap());
        assert!(kind < plain && plain < html, "{text}");
        assert!(text.contains("<p>Gr=C3=BC=C3=9Fe</p>"), "{text}");
        assert_eq!(
            text_of(&MailSpec { text: None, html: Some("<p>".to_owned()), ..spec() }).matches("text/").count(),
            1
        );
        assert_eq!(build(&MailSpec { text: None, ..spec() }).unwrap_err(), MailError::NoBody);
    }

    /// All that a contact's name, an address or a subject can hold: refused or harmless, never a second header.
    #[test]
    fn nothing_becomes_a_header() {
        let pieces = [
            "A\r\nBcc: v@x.y",
            "A\nBcc: v@x.y",
            "A\rBcc: v@x.y",
            "A\0",
            "A\u{b}B",
            "A\u{85}Bcc: v@x.y",
            "A\u{2028}Bcc: v@x.y",
            "\r\n\r\nbody",
            "\"",
            "\\",
            "\"\r\n",
            "=?utf-8?q?A=0D=0ABcc:_v@x.y?=",
            "A, B",
            "(comment",
            "a;b:c",
            "Бцц",
            "\u{202e}evil",
            "é\r\n",
            "\t",
            "",
        ];
        let long = ["x".repeat(5_000), "ü ".repeat(5_000), "\"".repeat(999)];
        for piece in pieces.iter().map(|piece| (*piece).to_owned()).chain(long) {
            for spec in [
                MailSpec { to: format!("{piece} <ann@example.com>"), ..spec() },
                MailSpec { from: format!("{piece} <ann@example.com>"), ..spec() },
                MailSpec { from: format!("\"{piece}\" <ann@example.com>"), ..spec() },
                MailSpec { reply_to: Some(format!("{piece}<ann@example.com>")), ..spec() },
                MailSpec { subject: piece.clone(), ..spec() },
                MailSpec { to: format!("ann{piece}@example.com"), ..spec() },
                MailSpec { to: format!("ann@example.com{piece}"), ..spec() },
                MailSpec { text: Some(piece.clone()), ..spec() },
            ] {
                let Ok(mail) = build(&spec) else { continue };
                let text = String::from_utf8_lossy(mail.bytes()).into_owned();
                let (head, _) = text.split_once("\r\n\r\n").unwrap();
                for line in head.split("\r\n") {
                    assert!(!line.to_ascii_lowercase().starts_with("bcc"), "{spec:?}\n{head}");
                    assert!(line.len() <= 998 && !line.contains(['\n', '\r', '\0']), "{spec:?}\n{head}");
                }
                assert_eq!(mail.envelope().to().len(), 1);
            }
        }
    }

    #[test]
    fn one_address_and_no_other() {
        for text in [
            "",
            "ann",
            "ann@localhost",
            "a@[127.0.0.1]",
            "\"a b\"@c.de",
            "-oQ@b.example",
            "ann@example.com, bob@example.com",
            "ann@example.com; bob@example.com",
            "<ann@example.com> <bob@example.com>",
            "ann@example.com\r\nRCPT TO:<x@y.z>",
            "ann@example.com> SIZE=1",
            "a b@example.com",
        ] {
            let refused = build(&MailSpec { to: text.to_owned(), ..spec() }).unwrap_err();
            assert!(matches!(refused, MailError::Address { field: "to", .. }), "{text}");
        }
    }

    #[test]
    fn lines_of_a_body_end_alike() {
        for body in ["a\nb\rc\r\nd", "a\r\nb\nc\rd"] {
            assert!(
                text_of(&MailSpec { text: Some(body.to_owned()), ..spec() }).ends_with("\r\n\r\na\r\nb\r\nc\r\nd\r\n")
            );
        }
        for body in ["a\0b", "a\u{1b}[2J", "ü\u{7}"] {
            let text = text_of(&MailSpec { text: Some(body.to_owned()), ..spec() });
            assert!(text.bytes().all(|byte| matches!(byte, b'\r' | b'\n' | b' '..=b'~')), "{text:?}");
        }
        let long = text_of(&MailSpec { text: Some("x".repeat(5_000)), ..spec() });
        assert!(long.split("\r\n").all(|line| line.len() <= 998));
    }

    #[test]
    fn a_word_that_fits_no_line_is_refused() {
        for spec in [
            MailSpec { subject: "x".repeat(5_000), ..spec() },
            MailSpec { to: format!("{} <ann@example.com>", "x".repeat(5_000)), ..spec() },
        ] {
            assert_eq!(build(&spec).unwrap_err(), MailError::TooLong);
        }
        assert!(build(&MailSpec { subject: "word ".repeat(1_000), ..spec() }).is_ok());
    }

    #[test]
    fn any_date_can_be_written() {
        for date in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
            assert!(Mail::build(&spec(), "key", date).is_ok());
        }
    }
}
