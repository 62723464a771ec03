//! Texts that are given by name: a file, or `-` for standard input.

use std::io::Read;
use std::path::Path;

use super::failure::Failure;

/// The text of a file; `-` is standard input.
pub(crate) fn text(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let result = if path == Path::new("-") {
        std::io::stdin().lock().read_to_string(&mut text).map(drop)
    } else {
        std::fs::read_to_string(path).map(|read| text = read)
    };
    result.map_err(|error| Failure::file(format!("cannot read `{}`", name(path)), &error))?;
    Ok(text)
}

/// What to call a file in messages.
pub(crate) fn name(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}
