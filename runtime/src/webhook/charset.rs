//! The encodings that the text of an answer may be in.
//!
//! What tells the encoding is, in this order (RFC 7303): a byte order mark, the `charset` of the media type, the declaration of
//! an XML document. Else it is UTF-8.

use std::borrow::Cow;

/// An encoding that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Utf8,
    /// Two bytes a unit, the small end first.
    Utf16Little,
    Utf16Big,
    Latin1,
    Windows1251,
    Windows1252,
}

/// The names of encodings, in small letters.
const NAMES: &[(&str, Encoding)] = &[
    ("utf-8", Encoding::Utf8),
    ("utf8", Encoding::Utf8),
    ("us-ascii", Encoding::Utf8),
    // Without a mark the big end is first (RFC 2781).
    ("utf-16", Encoding::Utf16Big),
    ("utf-16be", Encoding::Utf16Big),
    ("utf-16le", Encoding::Utf16Little),
    ("iso-8859-1", Encoding::Latin1),
    ("latin1", Encoding::Latin1),
    ("windows-1251", Encoding::Windows1251),
    ("cp1251", Encoding::Windows1251),
    ("windows-1252", Encoding::Windows1252),
    ("cp1252", Encoding::Windows1252),
];

/// What is read, for people.
pub(super) const READ: &str = "UTF-8, UTF-16, ISO-8859-1, windows-1251 and windows-1252";

/// How far the declaration of an XML document is looked for, in bytes.
const DECLARATION: usize = 256;

/// The text of a body. `named` is the encoding that the media type names; `declared` says whether the document itself is asked
/// too. `None` when its bytes are not of the encoding that they should be in.
pub(super) fn text<'a>(bytes: &'a [u8], named: Option<&[u8]>, declared: bool) -> Option<Cow<'a, str>> {
    if let Some(bytes) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return Encoding::Utf8.read(bytes);
    }
    let named_encoding = named.and_then(find);
    let is_wide = matches!(named_encoding, Some(Encoding::Utf16Big | Encoding::Utf16Little));
    // Other texts have no right to begin with these two bytes, nor a reason.
    match bytes {
        [0xff, 0xfe, rest @ ..] if is_wide || rest.starts_with(b"<\0") => return Encoding::Utf16Little.read(rest),
        [0xfe, 0xff, rest @ ..] if is_wide || rest.starts_with(b"\0<") => return Encoding::Utf16Big.read(rest),
        _ => {}
    }
    let encoding = match named {
        Some(_) => named_encoding,
        None if declared => declaration(bytes).and_then(find),
        None => None,
    };
    match encoding {
        // The document could not have been asked if it were true.
        Some(Encoding::Utf16Big | Encoding::Utf16Little) if named.is_none() => Encoding::Utf8.read(bytes),
        // Of many other encodings letters without accents are the same.
        encoding => encoding.unwrap_or(Encoding::Utf8).read(bytes),
    }
}

/// The encoding that a body says to be in, for people, where it is none that is read or its bytes are not of it.
pub(super) fn told(bytes: &[u8], named: Option<&[u8]>) -> Option<String> {
    let name = named.or_else(|| declaration(bytes))?;
    (find(name) != Some(Encoding::Utf8)).then(|| String::from_utf8_lossy(name).to_ascii_lowercase())
}

/// Whether an encoding is read at all.
pub(super) fn is_read(name: &str) -> bool {
    find(name.as_bytes()).is_some()
}

fn find(name: &[u8]) -> Option<Encoding> {
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

impl Encoding {
    fn read(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        let single = |table: fn(u8) -> char| Some(bytes.iter().copied().map(table).collect());
        match self {
            Encoding::Utf8 => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Encoding::Utf16Little => wide(bytes, u16::from_le_bytes),
            Encoding::Utf16Big => wide(bytes, u16::from_be_bytes),
            Encoding::Latin1 => single(char::from),
            Encoding::Windows1251 => single(|byte| upper(byte, &WINDOWS_1251)),
            Encoding::Windows1252 => single(|byte| upper(byte, &WINDOWS_1252)),
        }
    }
}

fn wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<Cow<'_, str>> {
    let (units, rest) = bytes.as_chunks::<2>();
    let text = char::decode_utf16(units.iter().copied().map(unit)).collect::<Result<String, _>>().ok();
    text.filter(|_| rest.is_empty()).map(Cow::Owned)
}

/// A character of an encoding whose lower half is ASCII. What the table does not reach is as in ISO-8859-1.
fn upper(byte: u8, table: &[char]) -> char {
    let place = byte.checked_sub(0x80).map(usize::from);
    place.and_then(|place| table.get(place)).copied().unwrap_or(char::from(byte))
}

/// From 0x80; a byte that has no character is a control character.
#[rustfmt::skip]
const WINDOWS_1251: [char; 128] = [
    'Ђ', 'Ѓ', '‚', 'ѓ', '„', '…', '†', '‡',
    '€', '‰', 'Љ', '‹', 'Њ', 'Ќ', 'Ћ', 'Џ',
    'ђ', '‘', '’', '“', '”', '•', '–', '—',
    '\u{98}', '™', 'љ', '›', 'њ', 'ќ', 'ћ', 'џ',
    '\u{a0}', 'Ў', 'ў', 'Ј', '¤', 'Ґ', '¦', '§',
    'Ё', '©', 'Є', '«', '¬', '\u{ad}', '®', 'Ї',
    '°', '±', 'І', 'і', 'ґ', 'µ', '¶', '·',
    'ё', '№', 'є', '»', 'ј', 'Ѕ', 'ѕ', 'ї',
    'А', 'Б', 'В', 'Г', 'Д', 'Е', 'Ж', 'З',
    'И', 'Й', 'К', 'Л', 'М', 'Н', 'О', 'П',
    'Р', 'С', 'Т', 'У', 'Ф', 'Х', 'Ц', 'Ч',
    'Ш', 'Щ', 'Ъ', 'Ы', 'Ь', 'Э', 'Ю', 'Я',
    'а', 'б', 'в', 'г', 'д', 'е', 'ж', 'з',
    'и', 'й', 'к', 'л', 'м', 'н', 'о', 'п',
    'р', 'с', 'т', 'у', 'ф', 'х', 'ц', 'ч',
    'ш', 'щ', 'ъ', 'ы', 'ь', 'э', 'ю', 'я',
];

/// From 0x80 to 0x9f.
#[rustfmt::skip]
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡',
    'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—',
    '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

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
