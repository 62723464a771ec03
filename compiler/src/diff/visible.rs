//! What of a template's source people may read: comments are no part of it.

use std::borrow::Cow;

/// The source of a part with blanks in place of comments, so that every place in it stays where it is. What is a comment in HTML
/// stands in a text for all to read.
pub(super) fn visible<'s>(part: &str, source: &'s str) -> Cow<'s, str> {
    let html = part == "html";
    if !(source.contains("##") || source.contains("#*") || html && source.contains("<!--")) {
        return Cow::Borrowed(source);
    }
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(letter) = rest.chars().next() {
        // What is not read as a template has no comments of it, and an escaped sign begins none.
        let (taken, hidden) = if rest.starts_with("#[[") {
            (until(rest, "]]#"), false)
        } else if rest.starts_with("\\#") {
            (2, false)
        } else if rest.starts_with("##") {
            (rest.find('\n').unwrap_or(rest.len()), true)
        } else if rest.starts_with("#*") {
            (until(rest, "*#"), true)
        } else if html && rest.starts_with("<!--") && !rest.starts_with("<!--[if") {
            (until(rest, "-->").min(until(rest, "--!>")), true)
        } else {
            (letter.len_utf8(), false)
        };
        let (part, behind) = rest.split_at_checked(taken).unwrap_or((rest, ""));
        if hidden {
            out.extend(part.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        } else {
            out.push_str(part);
        }
        rest = behind;
    }
    Cow::Owned(out)
}

/// How long a text is until behind an end that follows its beginning.
fn until(text: &str, end: &str) -> usize {
    let begin = 2.min(text.len());
    text.get(begin..).and_then(|rest| rest.find(end)).map_or(text.len(), |at| begin + at + end.len())
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn comments_are_blanks() {
        let cases = [
            ("a ## b\nc", "a     \nc"),
            ("a#* b\nc *#d", "a    \n    d"),
            ("a <!-- é -->b", "a            b"),
            ("a <!--[if mso]>b<![endif]-->", "a <!--[if mso]>b<![endif]-->"),
            ("a <!-- b --!>c --> d", "a            c --> d"),
            ("#[[ ## a ]]#b", "#[[ ## a ]]#b"),
            ("\\## a", "\\## a"),
            ("a #* b", "a     "),
            ("plain é", "plain é"),
        ];
        for (source, expected) in cases {
            let found = visible("html", source);
            assert_eq!((found.as_ref(), found.len()), (expected, source.len()));
        }
        assert_eq!(visible("text", "a ## b\n<!-- c -->"), "a     \n<!-- c -->");
    }
}
