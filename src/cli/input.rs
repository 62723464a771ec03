//! Texts that are given by name: a file, or `-` for standard input.

use std::io::Read;
use std::path::Path;

use super::failure::Failure;

/// The text of a file; `-` is standard input. A byte order mark is left out.
pub(crate) fn text(path: &Path) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let result = if path == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes).map(drop)
    } else {
        std::fs::read(path).map(|read| bytes = read)
    };
    let cannot = |error: std::io::Error| Failure::file(format!("cannot read `{}`", name(path)), &error);
    result.map_err(cannot)?;
    refuse_foreign(path, &bytes)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let line =
            1 + error.as_bytes().iter().take(error.utf8_error().valid_up_to()).filter(|byte| **byte == b'\n').count();
        cannot(std::io::Error::new(std::io::ErrorKind::InvalidData, format!("line {line} is not UTF-8")))
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// What to call a file in messages.
pub(crate) fn name(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}

/// Refuses what begins like something else than text in UTF-8, and says how to make text of it.
pub(crate) fn refuse_foreign(path: &Path, beginning: &[u8]) -> Result<(), Failure> {
    let (what, hint) = match beginning {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 0x20..0x7f, ..] | [0x20..0x7f, 0, ..] => {
            ("text in UTF-16", "save it as UTF-8, or `iconv -f UTF-16 -t UTF-8 FILE` writes it as that")
        }
        [0x1f, 0x8b, ..] => ("compressed", "`zcat FILE |` before the command, and `-` in place of the file, reads it"),
        [b'P', b'K', 3, 4, ..] => ("an archive or a spreadsheet", "save the sheet as CSV in UTF-8"),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => ("a spreadsheet", "save the sheet as CSV in UTF-8"),
        _ => return Ok(()),
    };
    Err(Failure::usage(format!("`{}` is {what}, and not text in UTF-8", name(path))).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_says_how_to_make_text_of_it() {
        for (bytes, expected) in [
            (&b"\xff\xfee\0m\0"[..], "UTF-16"),
            (b"\xfe\xff\0e\0m", "UTF-16"),
            (b"e\0m\0", "UTF-16"),
            (b"\x1f\x8b\x08", "compressed"),
            (b"PK\x03\x04", "spreadsheet"),
            (b"\xd0\xcf\x11\xe0\xa1", "spreadsheet"),
        ] {
            let failure = refuse_foreign(Path::new("a.csv"), bytes).unwrap_err();
            assert!(failure.message().contains(expected) && failure.way_out().is_some(), "{}", failure.message());
        }
        for text in [&b""[..], b"e", b"email\n", b"\xef\xbb\xbfemail", b"PK", b"\xd0\x9e"] {
            assert!(refuse_foreign(Path::new("a.csv"), text).is_ok(), "{text:?}");
        }
    }

    #[test]
    fn a_mark_before_a_text_is_left_out_and_a_foreign_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.json");
        std::fs::write(&file, b"\xef\xbb\xbf{}").unwrap();
        assert_eq!(text(&file).unwrap(), "{}");
        std::fs::write(&file, b"{\n\"town\": \"\xca\xe8\"}").unwrap();
        let failure = text(&file).unwrap_err();
        assert!(failure.message().ends_with("line 2 is not UTF-8") && failure.way_out().is_some(), "{failure:?}");
        let failure = text(folder.path()).unwrap_err();
        assert!(failure.way_out().is_some_and(|hint| hint.contains("folder")), "{failure:?}");
    }
}
