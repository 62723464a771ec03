//! The encodings that the text of an answer may be in.
//!
//! What tells the encoding is, in this order (RFC 7303): a byte order mark, the `charset` of the media type, the declaration of
//! an XML document. Else it is UTF-8.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1251, WINDOWS_1252};

/// How bytes become a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Charset {
    /// Each byte is a character of the same number. What browsers read instead, windows-1252, has others from 0x80 to 0x9f.
    Latin1,
    Known(&'static Encoding),
}

const UTF8: Charset = Charset::Known(UTF_8);
const UTF16_LITTLE: Charset = Charset::Known(UTF_16LE);
const UTF16_BIG: Charset = Charset::Known(UTF_16BE);

/// The names of encodings, in small letters.
const NAMES: &[(&str, Charset)] = &[
    ("utf-8", UTF8),
    ("utf8", UTF8),
    ("us-ascii", UTF8),
    // Without a mark the big end is first (RFC 2781).
    ("utf-16", UTF16_BIG),
    ("utf-16be", UTF16_BIG),
    ("utf-16le", UTF16_LITTLE),
    ("iso-8859-1", Charset::Latin1),
    ("latin1", Charset::Latin1),
    ("windows-1251", Charset::Known(WINDOWS_1251)),
    ("cp1251", Charset::Known(WINDOWS_1251)),
    ("windows-1252", Charset::Known(WINDOWS_1252)),
    ("cp1252", Charset::Known(WINDOWS_1252)),
];

/// What is read, for people.
pub(super) const READ: &str = "UTF-8, UTF-16, ISO-8859-1, windows-1251 and windows-1252";

/// How far the declaration of an XML document is looked for, in bytes.
const DECLARATION: usize = 256;

/// The text of a body. `named` is the encoding that the media type names; `declared` says whether the document itself is asked
/// too. `None` when its bytes are not of the encoding that they should be in.
pub(super) fn text<'a>(bytes: &'a [u8], named: Option<&[u8]>, declared: bool) -> Option<Cow<'a, str>> {
    if let Some(bytes) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return UTF8.read(bytes);
    }
    let named_encoding = named.and_then(find);
    let is_wide = matches!(named_encoding, Some(it) if it == UTF16_BIG || it == UTF16_LITTLE);
    // Other texts have no right to begin with these two bytes, nor a reason.
    match bytes {
        [0xff, 0xfe, rest @ ..] if is_wide || rest.starts_with(b"<\0") => return UTF16_LITTLE.read(rest),
        [0xfe, 0xff, rest @ ..] if is_wide || rest.starts_with(b"\0<") => return UTF16_BIG.read(rest),
        _ => {}
    }
    let encoding = match named {
        Some(_) => named_encoding,
        None if declared => declaration(bytes).and_then(find),
        None => None,
    };
    match encoding {
        // The document could not have been asked if it were true.
        Some(it) if named.is_none() && (it == UTF16_BIG || it == UTF16_LITTLE) => UTF8.read(bytes),
        // Of many other encodings letters without accents are the same.
        encoding => encoding.unwrap_or(UTF8).read(bytes),
    }
}

/// The encoding that a body says to be in, for people, where it is none that is read or its bytes are not of it.
pub(super) fn told(bytes: &[u8], named: Option<&[u8]>) -> Option<String> {
    let name = named.or_else(|| declaration(bytes))?;
    (find(name) != Some(UTF8)).then(|| String::from_utf8_lossy(name).to_ascii_lowercase())
}

/// Whether an encoding is read at all.
pub(super) fn is_read(name: &str) -> bool {
    find(name.as_bytes()).is_some()
}

fn find(name: &[u8]) -> Option<Charset> {
    NAMES.iter().find(|(other, _)| name.eq_ignore_ascii_case(other.as_bytes())).map(|(_, encoding)| *encoding)
}

/// The encoding that the declaration of an XML document names.
fn declaration(bytes: &[u8]) -> Option<&[u8]> {
    let rest = bytes.strip_prefix(b"<?xml").filter(|rest| rest.first().is_some_and(u8::is_ascii_whitespace))?;
    let rest = rest.get(..DECLARATION).unwrap_or(rest);
    let end = rest.windows(2).position(|two| two == b"?>")?;
    let rest = rest.get(..end)?;
    let word = b"encoding";
    let at = rest.windows(word.len()).position(|part| part == word)?;
    let value = rest.get(at + word.len()..)?.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (quote, value) = value.split_first().filter(|(quote, _)| matches!(quote, b'"' | b'\''))?;
    let end = value.iter().position(|byte| byte == quote)?;
    value.get(..end)
}

impl Charset {
    /// The text; nothing where the bytes are not of this encoding.
    fn read(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        match self {
            Charset::Latin1 => Some(encoding_rs::mem::decode_latin1(bytes)),
            Charset::Known(encoding) => encoding.decode_without_bom_handling_and_without_replacement(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_that_of_the_mark_the_media_type_or_the_declaration() {
        let xml = |name: &str, text: &[u8]| {
            [format!("<?xml version='1.0' encoding=\"{name}\"?><a>").as_bytes(), text, b"</a>"].concat()
        };
        let wide = |text: &str, unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        let little = |text: &str| wide(text, u16::to_le_bytes);
        let big = |text: &str| wide(text, u16::to_be_bytes);
        let document = "<?xml version='1.0' encoding='UTF-16'?><a>\u{457}</a>";
        let kyiv: &[u8] = b"\xca\xe8\xbf\xe2";
        let cases: &[(Vec<u8>, Option<&str>, Option<&str>)] = &[
            // The media type.
            (kyiv.to_vec(), Some("Windows-1251"), Some("Київ")),
            (b"\x80 5".to_vec(), Some("cp1252"), Some("€ 5")),
            (b"\xe4".to_vec(), Some("latin1"), Some("ä")),
            (big("ї"), Some("utf-16"), Some("ї")),
            (little("ї"), Some("UTF-16LE"), Some("ї")),
            ([b"\xff\xfe".to_vec(), little("ї")].concat(), Some("utf-16"), Some("ї")),
            (b"\x04".to_vec(), Some("utf-16"), None),
            (b"\xd8\x00".to_vec(), Some("utf-16"), None),
            ("ї".into(), Some("koi8-u"), Some("ї")),
            (kyiv.to_vec(), Some("koi8-u"), None),
            (kyiv.to_vec(), Some("utf-8"), None),
            // The declaration, if there is no media type that says it.
            (xml("windows-1251", kyiv), None, Some("Київ")),
            (xml("ISO-8859-1", b"\xe4"), None, Some("ä")),
            (xml("windows-1251", "ї".as_bytes()), Some("utf-8"), Some("ї")),
            (xml("utf-16", "ї".as_bytes()), None, Some("ї")),
            (xml("koi8-u", kyiv), None, None),
            (xml("windows-1251?", kyiv), None, None),
            (b"<?xml version='1.0'?><a encoding='windows-1251'>\xe4</a>".to_vec(), None, None),
            (kyiv.to_vec(), None, None),
            // The mark, before both.
            ([b"\xef\xbb\xbf".to_vec(), xml("windows-1251", "ї".as_bytes())].concat(), Some("cp1251"), Some("ї")),
            ([b"\xff\xfe".to_vec(), little(document)].concat(), None, Some("ї")),
            ([b"\xfe\xff".to_vec(), big(document)].concat(), Some("utf-8"), Some("ї")),
            (b"\xff\xfe".to_vec(), None, None),
        ];
        for (bytes, named, expected) in cases {
            let read = text(bytes, named.map(str::as_bytes), true);
            match expected {
                Some(part) => {
                    assert!(read.as_ref().is_some_and(|read| read.contains(part)), "{named:?} {read:?}: {part}")
                }
                None => assert_eq!(read, None, "{named:?} {bytes:?}"),
            }
        }
        // A text that was read already is not read again.
        assert!(text(&xml("windows-1251", "ї".as_bytes()), None, false).is_some_and(|text| text.contains('ї')));
    }
}
