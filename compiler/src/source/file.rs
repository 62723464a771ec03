//! One file: its text, and its places as people count them.

use std::sync::{Arc, OnceLock};

/// A place as people count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1. Only `\n` ends a line.
    pub line: u32,
    /// The column in characters, from 1. A byte order mark does not count.
    pub column: u32,
}

/// A file: its path and its text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    path: String,
    text: Arc<str>,
    skipped: Option<Skipped>,
    /// Counted when the first place is asked for: where nothing is found, nobody asks.
    counts: OnceLock<Counts>,
}

/// Why a file that is there is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Skipped {
    /// It is a symbolic link, and what it leads to is outside the project.
    LeadsOutside,
    /// It is a symbolic link to nothing.
    LeadsNowhere,
    /// It is a pipe, a socket, or a device.
    NoRegularFile,
}

impl Skipped {
    /// What the file is.
    pub const fn what(self) -> &'static str {
        match self {
            Skipped::LeadsOutside => "a symbolic link that leads out of the project",
            Skipped::LeadsNowhere => "a symbolic link that leads nowhere",
            Skipped::NoRegularFile => "no regular file",
        }
    }

    /// The way out.
    pub const fn way_out(self) -> &'static str {
        match self {
            Skipped::LeadsOutside => {
                "put a copy of what it leads to in its place, or make a folder that holds both the project"
            }
            Skipped::LeadsNowhere => "have it lead to a file of the project, or remove it",
            Skipped::NoRegularFile => "put a file with text in its place, or give it another name",
        }
    }
}

/// What turns offsets into places as people count them.
#[derive(Clone, Debug)]
struct Counts {
    /// The offset of each line's first byte.
    lines: Vec<u32>,
    /// The characters before each stride of the text, and how many of them are two units of UTF-16: on one long line,
    /// counting each of many places from its beginning would take quadratic time.
    strides: Vec<(u32, u32)>,
}

/// How many bytes a stride has.
const STRIDE: usize = 256;

impl SourceFile {
    pub(super) fn new(path: String, text: Arc<str>) -> SourceFile {
        SourceFile { path, text, skipped: None, counts: OnceLock::new() }
    }

    pub(super) fn skipped_for(path: String, why: Skipped) -> SourceFile {
        SourceFile { path, text: Arc::from(""), skipped: Some(why), counts: OnceLock::new() }
    }

    /// Why it is not read, if it is not; it has no text then.
    pub const fn skipped(&self) -> Option<Skipped> {
        self.skipped
    }

    fn counts(&self) -> &Counts {
        self.counts.get_or_init(|| Counts::of(&self.text))
    }

    /// The offset of the first byte of a line, by its index.
    fn line_start(&self, index: usize) -> Option<u32> {
        self.counts().lines.get(index).copied()
    }

    /// The characters before `offset`, which lies in the text.
    fn characters(&self, offset: usize) -> u32 {
        let stride = offset / STRIDE;
        let (before, _) = self.counts().strides.get(stride).copied().unwrap_or((0, 0));
        before + letters(self.text.as_bytes(), stride * STRIDE, offset)
    }

    /// The characters before `offset` that are two units of UTF-16.
    fn pairs(&self, offset: usize) -> u32 {
        let stride = offset / STRIDE;
        let (_, before) = self.counts().strides.get(stride).copied().unwrap_or((0, 0));
        before + pairs(self.text.as_bytes(), stride * STRIDE, offset)
    }

    /// The path below the project folder, with `/` between its parts.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The whole text, as it is in the file.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The whole text, to be kept beside what was read from it.
    pub(crate) fn shared_text(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    /// Where `offset` is, as people count. An offset behind the end is the end.
    pub fn position(&self, offset: u32) -> Position {
        let index = self.counts().lines.partition_point(|&start| start <= offset).saturating_sub(1);
        let start = self.line_start(index).unwrap_or(0);
        let offset = (offset as usize).min(self.text.len());
        let column = self.characters(offset) - self.characters(start as usize);
        Position { line: count(index) + 1, column: column + 1 }
    }

    /// Where `offset` is, with the column in units of UTF-16, as editors and other tools count.
    pub fn position_in_utf16(&self, offset: u32) -> Position {
        let position = self.position(offset);
        let index = (position.line as usize).saturating_sub(1);
        let start = self.line_start(index).unwrap_or(0);
        let pairs = self.pairs((offset as usize).min(self.text.len())) - self.pairs(start as usize);
        Position { column: position.column + pairs, ..position }
    }

    /// The offset of a place as people count it; the end of the line where the column lies behind it.
    ///
    /// Nothing if the file has no such line.
    pub fn offset(&self, position: Position) -> Option<u32> {
        let index = (position.line as usize).checked_sub(1)?;
        let start = self.line_start(index)?;
        let line = self.line(position.line)?;
        let mut places = line.char_indices().filter(|&(_, letter)| letter != '\u{feff}');
        let within = places.nth((position.column as usize).saturating_sub(1)).map_or(line.len(), |(place, _)| place);
        Some(start + count(within))
    }

    /// The text of a line, from 1, without its line end.
    pub fn line(&self, number: u32) -> Option<&str> {
        let index = (number as usize).checked_sub(1)?;
        let start = self.line_start(index)? as usize;
        let end = self.line_start(index + 1).map_or(self.text.len(), |next| next as usize);
        let line = self.text.get(start..end)?;
        let line = line.strip_suffix('\n').unwrap_or(line);
        Some(line.strip_suffix('\r').unwrap_or(line))
    }
}

impl Counts {
    fn of(text: &str) -> Counts {
        let bytes = text.as_bytes();
        let strides = (0..=bytes.len() / STRIDE).scan((0, 0), |before, stride| {
            let counted = *before;
            let (from, to) = (stride * STRIDE, bytes.len().min((stride + 1) * STRIDE));
            *before = (counted.0 + letters(bytes, from, to), counted.1 + pairs(bytes, from, to));
            Some(counted)
        });
        Counts { lines: line_starts(text).collect(), strides: strides.collect() }
    }
}

/// The offset of each line's first byte.
pub(crate) fn line_starts(text: &str) -> impl Iterator<Item = u32> {
    std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|end| count(end) + 1))
}

/// The characters that begin in a stretch of a text; byte order marks are none.
fn letters(text: &[u8], from: usize, to: usize) -> u32 {
    let stretch = text.get(from..to).unwrap_or(&[]);
    if stretch.is_ascii() {
        return count(stretch.len());
    }
    let begins = |at: &usize| match text.get(*at..) {
        Some([0xef, 0xbb, 0xbf, ..]) => false,
        Some([byte, ..]) => byte & 0b1100_0000 != 0b1000_0000,
        _ => false,
    };
    count((from..to).filter(begins).count())
}

/// The characters that begin in a stretch of a text and are two units of UTF-16: those of four bytes.
fn pairs(text: &[u8], from: usize, to: usize) -> u32 {
    count(text.get(from..to).unwrap_or(&[]).iter().filter(|&&byte| byte >= 0xf0).count())
}

/// Offsets and counts within a file fit 32 bits: longer files are refused before anything counts in them.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
