//! E-mail addresses: the one syntax check, for identification as well as for delivery.

use email_address::{EmailAddress, Options};
use smol_str::SmolStr;

/// An address with the name that stands before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// The name, without its quotes.
    pub name: Option<String>,
    /// The address in normal form.
    pub address: SmolStr,
}

/// An e-mail address in normal form: the domain in lower case and ASCII (IDNA), the local part as it is, for only its
/// host knows whether case counts (RFC 5321, section 2.4).
///
/// Refused although RFC 5321 has them: quoted local parts, address literals, a domain of one label. Refused because a
/// mail program could take it for an option: a local part that begins with `-`.
pub fn email(text: &str) -> Option<SmolStr> {
    if is_plain(text) {
        return Some(lower_domain(text));
    }
    read(text)
}

/// Whether a text is seen to be an address without the full readers, as nearly all are: letters, digits and `._+-` before
/// the `@`, and after it two labels or more, of letters, digits and `-`, the last of which begins with a letter. One look
/// at each byte, because an event's addresses are read again wherever they are used.
fn is_plain(text: &str) -> bool {
    let mut bytes = text.bytes();
    // As if a dot stood before the address: none may come first, nor behind another.
    let (mut local, mut before) = (0, b'.');
    loop {
        match bytes.next() {
            Some(b'@') if before != b'.' => break,
            Some(b'.') if before == b'.' => return false,
            Some(b'-') if local == 0 => return false,
            Some(byte) if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'-' | b'.') => before = byte,
            _ => return false,
        }
        local += 1;
    }
    let (mut domain, mut label, mut dots, mut begins_with_letter) = (0, 0, 0, false);
    for byte in bytes {
        domain += 1;
        match byte {
            b'.' if before != b'-' && (1..=63).contains(&label) => (label, dots) = (0, dots + 1),
            // `--` in a label may stand for another script (`xn--`), which the host reader looks at.
            b'-' if label > 0 && before != b'-' => label += 1,
            _ if byte.is_ascii_alphanumeric() => {
                if label == 0 {
                    begins_with_letter = byte.is_ascii_alphabetic();
                }
                label += 1;
            }
            _ => return false,
        }
        before = byte;
    }
    local <= 64 && domain <= 250 && dots > 0 && (1..=63).contains(&label) && before != b'-' && begins_with_letter
}

/// A plain address in normal form.
fn lower_domain(text: &str) -> SmolStr {
    match text.split_once('@') {
        Some((local, domain)) if domain.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            SmolStr::from(format!("{local}@{}", domain.to_ascii_lowercase()))
        }
        _ => SmolStr::new(text),
    }
}

/// Any address, by the full readers.
fn read(text: &str) -> Option<SmolStr> {
    let options = Options::default().without_display_text().without_domain_literal().with_minimum_sub_domains(2);
    let parsed = EmailAddress::parse_with_options(text, options).ok()?;
    let (local, domain) = (parsed.local_part(), parsed.domain());
    let suspicious = |character: char| character.is_control() || character.is_whitespace();
    // The host reader would decode `%61` to `a`.
    if local.starts_with(['"', '-']) || local.contains(suspicious) || domain.contains('%') {
        return None;
    }
    let Ok(url::Host::Domain(domain)) = url::Host::parse(domain) else { return None };
    (domain.contains('.') && !domain.ends_with('.')).then(|| SmolStr::from(format!("{local}@{domain}")))
}

/// One address, bare or as `Name <address>`. A second one, a control character or a missing address is refused.
pub fn mailbox(text: &str) -> Option<Mailbox> {
    let text = text.trim_matches(' ');
    if !text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && text.contains(|character: char| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}'))
    {
        return None;
    }
    let Some(rest) = text.strip_suffix('>') else {
        return Some(Mailbox { name: None, address: email(text)? });
    };
    let (name, address) = rest.rsplit_once('<')?;
    let name = name.trim_matches(' ');
    let name = match name.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"')?.replace("\\\"", "\"").replace("\\\\", "\\"),
        // A `<` or `@` outside quotes is the beginning of another address.
        None if name.contains(['<', '>', '@']) => return None,
        None => name.to_owned(),
    };
    Some(Mailbox { name: (!name.is_empty()).then_some(name), address: email(address)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_one_normal_form() {
        for (text, expected) in [
            ("ann@example.com", Some("ann@example.com")),
            ("Ann.B+x@EXAMPLE.Com", Some("Ann.B+x@example.com")),
            ("ann@exämple.de", Some("ann@xn--exmple-cua.de")),
            ("анна@example.com", Some("анна@example.com")),
            ("", None),
            ("ann", None),
            ("ann@localhost", None),
            ("ann@example.com.", None),
            ("ann@@example.com", None),
            ("ann@[127.0.0.1]", None),
            ("ann@127.0.0.1", None),
            ("\"a b\"@example.com", None),
            ("-oQ/tmp@example.com", None),
            ("Ann <ann@example.com>", None),
            ("ann@example.com, bob@example.com", None),
            ("ann@example.com\r\nBcc: x@example.com", None),
            ("ann@exa\tmple.com", None),
            ("ann@ex%61mple.com", None),
        ] {
            assert_eq!(email(text).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_mailbox_is_one_address() {
        for (text, expected) in [
            ("ann@example.com", Some((None, "ann@example.com"))),
            (" Ann B <ann@example.com> ", Some((Some("Ann B"), "ann@example.com"))),
            ("\"B, Ann \\\"A\\\"\" <ann@example.com>", Some((Some("B, Ann \"A\""), "ann@example.com"))),
            ("<ann@example.com>", Some((None, "ann@example.com"))),
            ("Ann <>", None),
            ("x@example.com <ann@example.com>", None),
            ("A <x@example.com>, B <ann@example.com>", None),
            ("A\r\nBcc: v@x.y <ann@example.com>", None),
            ("A\u{2028}B <ann@example.com>", None),
        ] {
            let found = mailbox(text);
            let found = found.as_ref().map(|mailbox| (mailbox.name.as_deref(), mailbox.address.as_str()));
            assert_eq!(found, expected, "{text:?}");
        }
    }
    proptest::proptest! {
        /// What is taken for plain is what the full readers take, and they read it alike.
        #[test]
        fn plain_addresses_are_addresses(text in "[a-zA-Z0-9_.+-]{0,5}@?[a-zA-Z0-9-]{1,4}(\\.[a-zA-Z0-9-]{0,5}){0,3}") {
            if is_plain(&text) {
                proptest::prop_assert_eq!(Some(lower_domain(&text)), read(&text));
            }
        }

        /// And what people's addresses look like is taken for plain.
        #[test]
        fn usual_addresses_are_plain(text in "[a-z0-9]([_.+-]?[a-zA-Z0-9]){0,6}@([a-z0-9](-?[a-zA-Z0-9]){0,4}\\.){1,3}[a-z]{2,6}") {
            proptest::prop_assert!(is_plain(&text));
        }
    }

    #[test]
    fn long_addresses_are_read_alike() {
        for (local, labels, label) in [(64, 2, 63), (65, 2, 63), (64, 3, 64), (1, 4, 61), (64, 4, 62), (1, 5, 50)] {
            let domain = vec!["x".repeat(label); labels].join(".");
            let text = format!("{}@{domain}", "l".repeat(local));
            assert_eq!(email(&text), read(&text), "{text}");
        }
    }
}
