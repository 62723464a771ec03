//! Literals that look like credentials.
//!
//! A key in a `.wf` file is in the repository, in every review and in every backup. The test is careful: what it refuses
//! must be recognisable as a key by its issuer's prefix, by its form, or by the name that it stands under together with
//! its form. Identifiers such as UUIDs, hashes in a path and ordinary words pass.

use crate::catalogue::Code;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::{Expr, ExprKind, TextPart};

/// What issuers begin their keys with, and how many characters of a key follow at least.
const PREFIXES: &[(&str, usize, &str)] = &[
    ("sk_live_", 8, "a Stripe key"),
    ("sk_test_", 8, "a Stripe key"),
    ("rk_live_", 8, "a Stripe key"),
    ("rk_test_", 8, "a Stripe key"),
    ("whsec_", 16, "a key that webhooks are signed with"),
    ("ghp_", 20, "a GitHub token"),
    ("gho_", 20, "a GitHub token"),
    ("ghu_", 20, "a GitHub token"),
    ("ghs_", 20, "a GitHub token"),
    ("ghr_", 20, "a GitHub token"),
    ("github_pat_", 20, "a GitHub token"),
    ("glpat-", 16, "a GitLab token"),
    ("xoxb-", 10, "a Slack token"),
    ("xoxp-", 10, "a Slack token"),
    ("xoxa-", 10, "a Slack token"),
    ("xoxr-", 10, "a Slack token"),
    ("xoxs-", 10, "a Slack token"),
    ("AIza", 30, "a Google key"),
    ("ya29.", 20, "a Google token"),
    ("SG.", 30, "a SendGrid key"),
    ("shpat_", 20, "a Shopify token"),
    ("npm_", 30, "an npm token"),
    ("sk-ant-", 20, "an API key"),
    ("sk-proj-", 20, "an API key"),
];

/// How short such a key may be.
const SHORTEST: usize = 15;

/// The last word of names under which keys stand.
const NAMES: &[&str] = &[
    "apikey",
    "auth",
    "authorization",
    "credential",
    "credentials",
    "key",
    "passwd",
    "password",
    "pwd",
    "secret",
    "signature",
    "token",
];

/// Reports `text` if it looks like a credential. `name` is the header, parameter or field that it stands under.
pub(crate) fn check(text: &str, span: Span, name: Option<&str>, diagnostics: &mut Vec<Diagnostic>) {
    let Some(what) = recognise(text, name) else { return };
    diagnostics.push(
        Diagnostic::new(Code::CredentialLiteral, span)
            .label(format!("this looks like {what}"))
            .hint("keep it outside the project: name it with `secret(\"NAME\")` in a `connector`, and revoke this one"),
    );
}

/// Reports literal texts in an expression that look like credentials. `name` is the field that the value stands under.
pub(crate) fn in_expression(value: &Expr, name: Option<&str>, diagnostics: &mut Vec<Diagnostic>) {
    match &value.node {
        ExprKind::Text(text) => {
            for part in &text.parts {
                if let TextPart::Literal(block) = part {
                    check(&block.text, block.span(0..block.text.len()), name, diagnostics);
                }
            }
        }
        ExprKind::List(items) => items.iter().for_each(|item| in_expression(item, name, diagnostics)),
        ExprKind::Record(record) => {
            for entry in &record.entries {
                in_expression(&entry.value, Some(&entry.name.node), diagnostics);
            }
        }
        ExprKind::Binary { left, right, .. } => {
            in_expression(left, name, diagnostics);
            in_expression(right, name, diagnostics);
        }
        // Nothing else holds a text that is sent or kept.
        _ => {}
    }
}

/// Where the key of a known issuer stands in a long text, such as a template, and what it is. Random words are left alone
/// there: addresses of pictures are full of them.
pub(crate) fn issued(text: &str) -> Option<(std::ops::Range<usize>, &'static str)> {
    if let Some(at) = text.find("-----BEGIN ")
        && text.get(at..).is_some_and(|rest| rest.contains("PRIVATE KEY-----"))
    {
        return Some((at..at + "-----BEGIN ".len(), "a private key"));
    }
    words(text).filter(|(_, word)| word.len() >= SHORTEST).find_map(|(at, word)| {
        let what = by_issuer(word)?;
        Some((at..at + word.trim_end_matches(['.', '/', '=']).len(), what))
    })
}

/// Whether a key may have this byte. Every byte of every template is asked for, hence the table.
fn inside(byte: u8) -> bool {
    #[expect(clippy::indexing_slicing, reason = "worked out when this is compiled")]
    const INSIDE: [bool; 256] = {
        let mut inside = [false; 256];
        let mut byte = 0u8;
        while byte < 128 {
            let sign = matches!(byte, b'-' | b'_' | b'.' | b'+' | b'/' | b'=' | b'~');
            inside[byte as usize] = sign || byte.is_ascii_alphanumeric();
            byte += 1;
        }
        inside
    };
    INSIDE.get(usize::from(byte)).is_some_and(|inside| *inside)
}

/// The stretches of a text that a key may be, with their offsets. All of them are ASCII, and none is empty.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let bytes = text.as_bytes();
    let mut end = 0;
    std::iter::from_fn(move || {
        let start = end + bytes.get(end..)?.iter().position(|byte| inside(*byte))?;
        let length = bytes.get(start..)?.iter().position(|byte| !inside(*byte));
        end = length.map_or(bytes.len(), |length| start + length);
        Some((start, text.get(start..end)?))
    })
}

/// What a text looks like, if it looks like a credential.
pub(crate) fn recognise(text: &str, name: Option<&str>) -> Option<&'static str> {
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----") {
        return Some("a private key");
    }
    let mut previous = "";
    for (_, word) in words(text) {
        if let Some(what) = by_form(word) {
            return Some(what);
        }
        if ["bearer", "basic", "token"].iter().any(|scheme| previous.eq_ignore_ascii_case(scheme))
            && (word.len() >= 16 && (has_digit(word) || mixed_case(word)))
        {
            return Some("credentials with their scheme");
        }
        previous = word;
    }
    if name.is_some_and(names_a_key) && stands_for_a_key(text.trim()) {
        return Some("a key, by the name that it stands under");
    }
    None
}

/// Whether one word has the form of a key.
fn by_form(word: &str) -> Option<&'static str> {
    by_issuer(word).or_else(|| random(word).then_some("a random key"))
}

/// Whether one word is a key by what its issuer writes before it, or by its structure.
fn by_issuer(word: &str) -> Option<&'static str> {
    // A prefix counts at the beginning of the word and behind `/` or `=`: in a path and a query.
    for part in word.split(['/', '=']).filter(|part| part.len() >= SHORTEST && begins_like_a_key(part)) {
        for (prefix, more, what) in PREFIXES {
            if let Some(rest) = part.strip_prefix(prefix)
                && rest.len() >= *more
                && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            {
                return Some(what);
            }
        }
        if let Some(rest) = part.strip_prefix("AKIA").or_else(|| part.strip_prefix("ASIA"))
            && rest.len() == 16
            && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        {
            return Some("an AWS key");
        }
        if is_jwt(part) {
            return Some("a JSON web token");
        }
    }
    None
}

/// Whether a word begins with the letters that some key begins with.
fn begins_like_a_key(word: &str) -> bool {
    /// Three letters tell nearly all words from all keys.
    const BEGINNINGS: &[&[u8]] = &[
        b"sk_", b"rk_", b"whs", b"ghp", b"gho", b"ghu", b"ghs", b"ghr", b"git", b"glp", b"xox", b"AIz", b"ya2", b"SG.",
        b"shp", b"npm", b"sk-", b"AKI", b"ASI", b"eyJ",
    ];
    word.as_bytes().first_chunk::<3>().is_some_and(|begins| BEGINNINGS.contains(&begins.as_slice()))
}

/// RFC 7519: three base64url parts, the first of which is a JSON object.
fn is_jwt(word: &str) -> bool {
    if !word.starts_with("eyJ") {
        return false;
    }
    let parts: Vec<&str> = word.split('.').collect();
    let base64url = |part: &&str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    matches!(parts.as_slice(), [head, claims, _] if head.len() > 10 && claims.len() > 10) && parts.iter().all(base64url)
}

/// Whether a word is so long and so mixed that nobody made it up: capitals, small letters and digits in an even mix.
/// Words, identifiers in camel case, UUIDs and hexadecimal hashes are not.
fn random(word: &str) -> bool {
    let word = word.trim_end_matches('=');
    if word.len() < 24
        || word.contains(['.', '/', '~'])
        || word.bytes().filter(|byte| b"-_+".contains(byte)).count() > 3
    {
        return false;
    }
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let capitals = word.bytes().filter(u8::is_ascii_uppercase).count();
    let small = word.bytes().filter(u8::is_ascii_lowercase).count();
    let changes = word.bytes().zip(word.bytes().skip(1)).filter(|&(a, b)| class(a) != class(b)).count();
    digits >= 2 && capitals >= 4 && small >= 4 && changes * 3 >= word.len() && entropy(word) > 3.5
}

fn class(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => 0,
        b'A'..=b'Z' => 1,
        b'a'..=b'z' => 2,
        _ => 3,
    }
}

/// Shannon's measure: bits a character.
fn entropy(word: &str) -> f64 {
    let mut counts = std::collections::BTreeMap::new();
    for byte in word.bytes() {
        *counts.entry(byte).or_insert(0u32) += 1;
    }
    let length = f64::from(u32::try_from(word.len()).unwrap_or(u32::MAX));
    counts.values().map(|&count| f64::from(count) / length).map(|share| -share * share.log2()).sum()
}

/// Whether the last word of a name is one of [`NAMES`]: `X-Api-Key`, `access_token`, `apiKey`, not `monkey`.
fn names_a_key(name: &str) -> bool {
    let mut last = String::new();
    let mut before = ' ';
    for character in name.chars() {
        let starts = !character.is_alphanumeric() || (character.is_uppercase() && before.is_lowercase());
        if starts {
            last.clear();
        }
        if character.is_alphanumeric() {
            last.extend(character.to_lowercase());
        }
        before = character;
    }
    NAMES.contains(&last.as_str())
}

/// Whether a value under such a name is more than a word or a version.
fn stands_for_a_key(text: &str) -> bool {
    let one_word = text.bytes().all(|byte| byte.is_ascii_graphic());
    let version = text.bytes().all(|byte| byte.is_ascii_digit() || b"-.:TZv".contains(&byte));
    one_word && text.len() >= 8 && !version && (has_digit(text) || (text.len() >= 12 && mixed_case(text)))
}

fn has_digit(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
}

fn mixed_case(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_lowercase()) && word.bytes().any(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::recognise;

    #[test]
    fn no_key_is_shorter_than_the_shortest() {
        let shortest = super::PREFIXES.iter().map(|(prefix, more, _)| prefix.len() + more).min();
        assert_eq!(shortest, Some(super::SHORTEST));
    }

    #[test]
    fn every_prefix_is_looked_for() {
        for (prefix, ..) in super::PREFIXES {
            assert!(super::begins_like_a_key(prefix), "{prefix}");
        }
    }

    #[test]
    fn keys_are_recognised_and_ordinary_text_is_not() {
        // Put together here, so that no scanner takes this file for a leak.
        let keys = [
            (format!("sk_{}_51H8abcdEFGH", "live"), None),
            (format!("https://x/{}_{}", "ghp", "abcdefghijklmnopqrstuvwxyz0123456789"), None),
            (format!("AK{}", "IAIOSFODNN7EXAMPLE"), None),
            (format!("xo{}-123456789012-abcdef", "xb"), None),
            (format!("eyJ{}.eyJzdWIiOiIxMjM0NTY3ODkwIn0.{}", "hbGciOiJIUzI1NiJ9", "dozjgNryP4J3jVmNHl0w5N"), None),
            ("Bearer 3f1a9c7e5b2d4f60".to_owned(), None),
            ("Basic c3ZjOmh1bnRlcjJodW50ZXI=".to_owned(), None),
            ("q7Lk2Zp9Xw4Rt8Vb3Nm6Hs1D".to_owned(), None),
            ("-----BEGIN RSA PRIVATE KEY-----".to_owned(), None),
            ("hunter2hunter2".to_owned(), Some("password")),
            ("3f1a9c7e5b2d4f60".to_owned(), Some("X-Api-Key")),
            ("3f1a9c7e5b2d4f60".to_owned(), Some("accessToken")),
        ];
        for (text, name) in &keys {
            assert!(recognise(text, *name).is_some(), "{text} under {name:?}");
        }
        let ordinary = [
            ("Bearer of bad news", None),
            ("Basic information about internationalisation", None),
            ("123e4567-e89b-12d3-a456-426614174000", None),
            ("d41d8cd98f00b204e9800998ecf8427e", None),
            ("notifyCustomerAboutAbandonedCart2Version3", None),
            ("svc-messaging", Some("login")),
            ("authorization_code", Some("grant_type")),
            ("banana-split-2", Some("monkey")),
            ("2024-01-01", Some("X-Key")),
            ("required", Some("auth")),
            ("application/vnd.example.order-v2+json", None),
            ("", Some("token")),
            ("https://crm.example.com/api/contacts/by-email/Customers2024Archive", None),
        ];
        for (text, name) in ordinary {
            assert_eq!(recognise(text, name), None, "{text} under {name:?}");
        }
    }
}
