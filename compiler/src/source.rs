//! The texts of a project and the places in them.
//!
//! The compiler reads no files: whoever does hands over [`Sources`]. Every place that a diagnostic names is a [`Span`],
//! three small numbers that carry their file, so that a finding about two files needs nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// One file of a [`Sources`], as a small number. Of two files, the one whose path comes first has the smaller number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(i32);

impl FileId {
    /// The file with this number in its [`Sources`]; the first file that is added has the number 0.
    pub const fn new(number: i32) -> FileId {
        FileId(number)
    }

    /// The number of the file in its [`Sources`].
    pub const fn number(self) -> i32 {
        self.0
    }
}

/// A stretch of one file: byte offsets, `start` included, `end` not.
///
/// Both offsets lie on character boundaries of the file's text, and `start <= end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file that the offsets count in.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// The stretch from `start` to `end`; where `end` is the smaller one, the empty stretch at `start`.
    pub const fn new(file: FileId, start: u32, end: u32) -> Span {
        // INVARIANT: start <= end.
        Span { file, start, end: if end < start { start } else { end } }
    }

    /// The empty stretch at `offset`.
    pub const fn at(file: FileId, offset: u32) -> Span {
        Span::new(file, offset, offset)
    }

    /// The smallest stretch that holds both; `self` alone if `other` lies in another file.
    pub fn to(self, other: Span) -> Span {
        if self.file == other.file {
            Span::new(self.file, self.start.min(other.start), self.end.max(other.end))
        } else {
            self
        }
    }

    /// The number of bytes.
    pub const fn len(self) -> u32 {
        self.end - self.start
    }

    /// Whether there is no byte in it.
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The empty stretch where this one begins.
    pub const fn before(self) -> Span {
        Span::at(self.file, self.start)
    }

    /// The empty stretch where this one ends.
    pub const fn after(self) -> Span {
        Span::at(self.file, self.end)
    }

    /// The offsets as a range, to slice a text with `get`.
    pub const fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Attaches this place to `node`.
    pub const fn with<T>(self, node: T) -> Spanned<T> {
        Spanned { node, span: self }
    }
}

/// A node and the place where it was written.
///
/// The place is no part of what a node means: equality and hashing leave it out, so that a moved line is no change.
#[derive(Clone, Copy)]
pub struct Spanned<T> {
    /// What was written.
    pub node: T,
    /// Where it was written.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Another node at the same place.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { node: change(self.node), span: self.span }
    }

    /// The node by reference, at the same place.
    pub const fn as_ref(&self) -> Spanned<&T> {
        Spanned { node: &self.node, span: self.span }
    }
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    /// Two nodes are equal when they say the same, wherever they stand.
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

impl<T: Eq> Eq for Spanned<T> {}

impl<T: std::hash::Hash> std::hash::Hash for Spanned<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.node.hash(state);
    }
}

impl<T: std::fmt::Debug> std::fmt::Debug for Spanned<T> {
    /// The node and its offsets, `Name("a") @ 3..4`: the derived form would bury a tree in place numbers.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.node.fmt(f)?;
        write!(f, " @ {}..{}", self.span.start, self.span.end)
    }
}

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
    /// Counted when the first place is asked for: where nothing is found, nobody asks.
    counts: OnceLock<Counts>,
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
    fn new(path: String, text: Arc<str>) -> SourceFile {
        SourceFile { path, text, counts: OnceLock::new() }
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

/// All texts of a project: its `.wf` files and the files that these name, such as templates.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: BTreeMap<FileId, SourceFile>,
    /// The number of each file that is or was there: it comes back under the same one, and no other file gets it.
    by_path: BTreeMap<String, FileId>,
    taken: BTreeSet<FileId>,
}

/// The distance between the numbers of files that are added one after the other: files that come between them later get a
/// number between theirs.
const GAP: i32 = 1 << 14;

impl Sources {
    /// No file yet.
    pub fn new() -> Sources {
        Sources::default()
    }

    /// One `.wf` file: for tests and for text that comes from no folder.
    pub fn single(path: &str, text: &str) -> Sources {
        let mut sources = Sources::new();
        sources.add(path, text);
        sources
    }

    /// Adds a file by its path below the project folder (`/` between the parts). A path that is there already gets
    /// the new text and keeps its number: so an editor lays its unsaved text over the folder's.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let path = path.into();
        let file = SourceFile::new(path.clone(), text.into());
        let id = match self.by_path.get(&path) {
            Some(&id) => id,
            None => self.number_for(&path),
        };
        self.files.insert(id, file);
        self.by_path.insert(path, id);
        self.taken.insert(id);
        id
    }

    /// Takes a file out. Its number is given to no other one.
    pub fn remove(&mut self, path: &str) -> Option<FileId> {
        let id = self.find(path)?;
        self.files.remove(&id);
        Some(id)
    }

    /// A free number for a file that comes in: between those of its neighbours.
    fn number_for(&self, path: &str) -> FileId {
        use std::ops::Bound::{Excluded, Unbounded};
        let number = |found: Option<(&String, &FileId)>| found.map(|(_, id)| id.0);
        let before = number(self.by_path.range::<str, _>((Unbounded, Excluded(path))).next_back());
        let after = number(self.by_path.range::<str, _>((Excluded(path), Unbounded)).next());
        let between = match (before, after) {
            (None, None) => Some(0),
            (Some(before), None) => before.checked_add(GAP),
            (None, Some(after)) => after.checked_sub(GAP),
            (Some(before), Some(after)) => Some(before.midpoint(after)),
        };
        let free = |number: &i32| !self.taken.contains(&FileId(*number));
        // Where there is no room, the order of numbers is not that of paths: findings are then told in another order.
        let number = between.filter(free).or_else(|| (i32::MIN..=i32::MAX).rev().find(free));
        FileId(number.unwrap_or(i32::MAX))
    }

    /// A file by its number.
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(&id)
    }

    /// The number of the file with this path.
    pub fn find(&self, path: &str) -> Option<FileId> {
        self.by_path.get(path).copied().filter(|id| self.files.contains_key(id))
    }

    /// All files in the order of their paths, whatever order they were added in.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.by_path.values().filter_map(|&id| Some((id, self.get(id)?)))
    }

    /// The files of the program, those that end in `.wf`, in the order of their paths.
    pub fn programs(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.iter().filter(|(_, file)| file.path.ends_with(".wf"))
    }

    /// The text of a file, empty if there is no such file.
    pub fn text(&self, id: FileId) -> &str {
        self.get(id).map_or("", SourceFile::text)
    }

    /// The text at a place, empty where the place lies outside its file.
    pub fn slice(&self, span: Span) -> &str {
        self.text(span.file).get(span.range()).unwrap_or("")
    }

    /// The path of a file, empty if there is no such file.
    pub fn path(&self, id: FileId) -> &str {
        self.get(id).map_or("", SourceFile::path)
    }
}

impl<P: Into<String>, T: Into<Arc<str>>> FromIterator<(P, T)> for Sources {
    fn from_iter<I: IntoIterator<Item = (P, T)>>(files: I) -> Sources {
        let mut sources = Sources::new();
        for (path, text) in files {
            sources.add(path, text);
        }
        sources
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters() {
        let text = "\u{feff}aй\tx\r\n\n  😀b";
        let sources = Sources::single("a.wf", text);
        let file = sources.get(FileId::new(0)).unwrap();
        for (needle, line, column) in [("a", 1, 1), ("й", 1, 2), ("x", 1, 4), ("\r", 1, 5), ("😀", 3, 3), ("b", 3, 4)]
        {
            let offset = text.find(needle).unwrap() as u32;
            let position = Position { line, column };
            assert_eq!(file.position(offset), position, "{needle:?}");
            assert_eq!(file.offset(position), Some(offset), "{needle:?}");
        }
        assert_eq!(file.position(u32::MAX), Position { line: 3, column: 5 });
        assert_eq!(file.line(1), Some("\u{feff}aй\tx"));
        assert_eq!(file.line(2), Some(""));
        assert_eq!(file.line(4), None);
        assert_eq!(file.offset(Position { line: 2, column: 9 }), Some(text.find("\n  ").unwrap() as u32));
        assert_eq!(file.offset(Position { line: 9, column: 1 }), None);
    }

    #[test]
    fn columns_of_a_long_line_are_counted_in_characters() {
        let line = "aй\u{feff}😀".repeat(200);
        let sources = Sources::single("a.wf", &format!("{line}\n{line}"));
        let file = sources.get(FileId::new(0)).unwrap();
        for (line_start, line_number) in [(0, 1), (line.len() + 1, 2)] {
            let mut column = 1;
            for (place, letter) in line.char_indices() {
                let position = Position { line: line_number, column };
                assert_eq!(file.position((line_start + place) as u32), position);
                column += u32::from(letter != '\u{feff}');
            }
        }
    }

    #[test]
    fn a_path_added_twice_keeps_its_number() {
        let mut sources = Sources::new();
        let b = sources.add("b.wf", "1");
        let a = sources.add("a.vm", "2");
        assert_eq!(sources.add("b.wf", "3"), b);
        assert_eq!(sources.text(b), "3");
        assert_eq!(sources.iter().map(|(id, _)| id).collect::<Vec<_>>(), [a, b]);
        assert_eq!(sources.programs().map(|(id, _)| id).collect::<Vec<_>>(), [b]);
        assert_eq!(sources.slice(Span::new(b, 0, 9)), "");
    }
}
