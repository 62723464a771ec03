//! Literal e-mail addresses: `ann@example.com` or `Ann <ann@example.com>`, one of them.
//!
//! The form is that of RFC 5321 without its rarities: no quoted local part, no domain in brackets, at least two labels,
//! and no leading hyphen, which mail programs take for an option.

use crate::catalogue::Code;
use crate::diagnostic::Diagnostic;
use crate::source::Spanned;
use crate::syntax::text_block::TextBlock;

/// Reports a literal text that is no address. A text with references is looked at when it is sent.
pub(crate) fn check(block: &Spanned<TextBlock>, diagnostics: &mut Vec<Diagnostic>) {
    let text = block.node.text.as_str();
    if text.contains(['$', '#']) || text.trim().is_empty() {
        return;
    }
    if let Err(message) = one(text.trim()) {
        diagnostics.push(
            Diagnostic::new(Code::AddressInvalid, block.node.span(0..text.len()))
                .message(message)
                .hint("write `hello@example.com` or `Shop <hello@example.com>`"),
        );
    }
}

/// Whether a text is one address, with or without a name.
fn one(text: &str) -> Result<(), &'static str> {
    let address = match text.split_once('<') {
        Some((name, rest)) => {
            let name = name.trim();
            let quoted = name.len() >= 2 && name.starts_with('"') && name.ends_with('"');
            if !quoted && name.contains([',', ';', ':', '@', '"', '(', ')', '[', ']', '\\']) {
                return Err("a sign in the name needs quotes, or these are several addresses");
            }
            rest.strip_suffix('>').ok_or("a `>` is missing behind the address")?
        }
        None => text,
    };
    if address.contains([',', ';']) || address.matches('@').count() > 1 {
        return Err("one address stands here, not several");
    }
    let (local, domain) = address.split_once('@').ok_or("an address has an `@`")?;
    let atom = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    if local.is_empty()
        || local.len() > 64
        || local.starts_with('-')
        || !local.split('.').all(|part| !part.is_empty() && part.chars().all(atom))
    {
        return Err("what stands before the `@` is no mailbox");
    }
    let label = |label: &str| {
        let inner = label.chars().all(|c| c.is_alphanumeric() || c == '-');
        inner && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    let labels: Vec<&str> = domain.split('.').collect();
    let numeric = labels.last().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    if labels.len() < 2 || numeric || domain.len() > 253 || !labels.iter().all(|part| label(part)) {
        return Err("what stands behind the `@` is no domain");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::one;

    #[test]
    fn one_address_with_or_without_a_name() {
        for good in
            ["a@b.co", "Shop <hello@shop.example.com>", "\"Shop, Inc.\" <a+b@c.d-e.org>", "Лавка <дім@приклад.укр>"]
        {
            assert_eq!(one(good), Ok(()), "{good}");
        }
        for bad in [
            "a",
            "a@b",
            "@b.co",
            "a@",
            "a@b.co, c@d.co",
            "a@b.co;c@d.co",
            "Shop <a@b.co",
            "Shop, Inc. <a@b.co>",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "-oQ@b.co",
            "\"a b\"@c.do",
            "a..b@c.do",
            "a@b..co",
            "a@-b.co",
            "a b@c.do",
            "a@b.co <c@d.co>",
            "a@b@c.do",
        ] {
            assert!(one(bad).is_err(), "{bad}");
        }
    }
}
