//! The mail that nearly all are: one part, and a head in which nothing has to be encoded or folded.
//!
//! Its head is written here, as the mail library would write it: that builds a tree of header fields, each of which is
//! formatted, read again and searched for, which took a tenth of all the instructions that an event costs.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use lettre::message::Mailbox;
use lettre::message::header::ContentTransferEncoding;

use super::mail::{Head, body};
use crate::machine::MailSpec;

/// A line of the head is not folded up to here, in bytes (RFC 5322, section 2.1.1, without its end).
const LINE: usize = 76;

/// How many bytes a head has about.
const HEAD: usize = 512;

static DATES: DateTimePrinter = DateTimePrinter::new();

/// The bytes of a mail; `None` when it is not as plain as that.
pub(super) fn format(head: &Head<'_>, spec: &MailSpec) -> Option<Vec<u8>> {
    let (kind, text) = match (&spec.text, &spec.html) {
        (Some(text), None) => ("text/plain", text),
        (None, Some(html)) => ("text/html", html),
        _ => return None,
    };
    let mut out = String::with_capacity(HEAD);
    line(&mut out, "Message-ID", &["<", head.message_id, ">"])?;
    let date = DATES.timestamp_to_rfc9110_string(&Timestamp::from_second(head.seconds).ok()?).ok()?;
    // RFC 5322, section 4.3, calls `GMT` obsolete.
    line(&mut out, "Date", &[date.strip_suffix("GMT")?, "+0000"])?;
    mailbox(&mut out, "From", &head.from)?;
    mailbox(&mut out, "To", &head.to)?;
    if let Some(reply_to) = &head.reply_to {
        mailbox(&mut out, "Reply-To", reply_to)?;
    }
    let spaced = head.subject.split(' ').all(|word| !word.is_empty());
    line(&mut out, "Subject", &[Some(head.subject).filter(|_| spaced)?])?;
    let body = body(text);
    let encoding = match body.encoding() {
        ContentTransferEncoding::SevenBit => "7bit",
        ContentTransferEncoding::QuotedPrintable => "quoted-printable",
        ContentTransferEncoding::Base64 => "base64",
        _ => return None,
    };
    line(&mut out, "MIME-Version", &["1.0"])?;
    line(&mut out, "Content-Type", &[kind, "; charset=utf-8"])?;
    line(&mut out, "Content-Transfer-Encoding", &[encoding])?;
    let mut bytes = out.into_bytes();
    bytes.reserve_exact(body.len() + 4);
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(&body.into_vec());
    bytes.extend_from_slice(b"\r\n");
    Some(bytes)
}

/// A line of the head; `None` when it is too long, or holds what has to be encoded.
fn line(out: &mut String, name: &str, value: &[&str]) -> Option<()> {
    let begin = out.len();
    out.push_str(name);
    out.push_str(": ");
    for part in value {
        out.push_str(part);
    }
    let line = out.get(begin..)?;
    let plain = line.len() <= LINE && line.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    out.push_str("\r\n");
    plain.then_some(())
}

fn mailbox(out: &mut String, field: &str, mailbox: &Mailbox) -> Option<()> {
    let address: &str = mailbox.email.as_ref();
    let Some(name) = &mailbox.name else { return line(out, field, &[address]) };
    let atom = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if !name.is_empty() && name.bytes().all(atom) {
        return line(out, field, &[name, " <", address, ">"]);
    }
    // Words are quoted together.
    let words = name.split(' ').all(|word| !word.is_empty() && word.bytes().all(atom));
    if !words {
        return None;
    }
    line(out, field, &["\"", name, "\" <", address, ">"])
}

#[cfg(test)]
mod tests {
    use lettre::address::Envelope;
    use proptest::prelude::*;

    use super::super::mail::{self, tests::spec};
    use super::*;

    fn read(text: &str) -> Mailbox {
        let read = crate::value::mailbox(text).unwrap();
        Mailbox::new(read.name, read.address.parse().unwrap())
    }

    fn head<'a>(from: &str, to: &str, reply_to: Option<&str>, subject: &'a str, seconds: i64) -> Head<'a> {
        let message_id = "0123456789abcdef0123456789abcdef@shop.example.com";
        Head { message_id, seconds, from: read(from), to: read(to), reply_to: reply_to.map(read), subject }
    }

    /// Both ways to write a mail: the plain one, when there is one, and the library's.
    fn both(make: impl Fn() -> Head<'static>, spec: &MailSpec) -> (Option<String>, String) {
        let envelope = Envelope::new(Some(make().from.email), vec![make().to.email]).unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (format(&make(), spec).map(text), text(mail::format(make(), &envelope, spec).unwrap()))
    }

    #[test]
    fn a_plain_mail_is_written_as_the_library_would() {
        let long = "A line that is longer than any line of a mail may be, and that is therefore encoded. ".repeat(3);
        for text in ["Hello", "", "a\nb\r\nc\n", "Grüße", "日本語", "a\tb", long.as_str()] {
            for from in ["hello@shop.example.com", "Shop <hello@shop.example.com>", "The Shop <hello@shop.example.com>"]
            {
                for reply_to in [None, Some("Help <help@shop.example.com>")] {
                    for (text, html) in [(Some(text), None), (None, Some(text))] {
                        let (text, html) = (text.map(str::to_owned), html.map(str::to_owned));
                        let spec = MailSpec { text, html, ..spec() };
                        let make = || head(from, "ann@example.com", reply_to, "Your code", 1_790_000_000);
                        let (plain, library) = both(make, &spec);
                        assert_eq!(plain.as_deref(), Some(library.as_str()));
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_not_plain_is_left_to_the_library(
            name in "[ -~é]{0,12}",
            subject in "[ -~\u{e9}]{0,90}",
            text in "[ -~\n\ré]{0,200}",
            seconds in 0..253_402_300_799_i64,
        ) {
            let name = name.replace(['<', '>', '@', '"', '\\'], "");
            let from = format!("{name} <hello@shop.example.com>");
            let subject: &'static str = String::leak(subject);
            let spec = MailSpec { text: Some(text), ..spec() };
            let (plain, library) = both(|| head(&from, "ann@example.com", None, subject, seconds), &spec);
            if let Some(plain) = plain {
                prop_assert_eq!(plain, library);
            }
        }
    }
}
