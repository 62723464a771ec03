//! The texts of a project and the places in them.
//!
//! The compiler reads no files: whoever does hands over [`Sources`]. Every place that a diagnostic names is a [`Span`],
//! three small numbers that carry their file, so that a finding about two files needs nothing else.

mod file;
mod span;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(crate) use file::line_starts;
pub use file::{Position, Skipped, SourceFile};
pub use span::{FileId, Span, Spanned};

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
        self.put(SourceFile::new(path, text.into()))
    }

    /// Adds a file that is there and is not read, so that this can be told; a folder has `/` at its end.
    pub fn skip(&mut self, path: impl Into<String>, why: Skipped) -> FileId {
        self.put(SourceFile::skipped_for(path.into(), why))
    }

    fn put(&mut self, file: SourceFile) -> FileId {
        let path = file.path().to_owned();
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
        let number = |found: Option<(&String, &FileId)>| found.map(|(_, id)| id.number());
        let before = number(self.by_path.range::<str, _>((Unbounded, Excluded(path))).next_back());
        let after = number(self.by_path.range::<str, _>((Excluded(path), Unbounded)).next());
        let between = match (before, after) {
            (None, None) => Some(0),
            (Some(before), None) => before.checked_add(GAP),
            (None, Some(after)) => after.checked_sub(GAP),
            (Some(before), Some(after)) => Some(before.midpoint(after)),
        };
        let free = |number: &i32| !self.taken.contains(&FileId::new(*number));
        // Where there is no room, the order of numbers is not that of paths: findings are then told in another order.
        let number = between.filter(free).or_else(|| (i32::MIN..=i32::MAX).rev().find(free));
        FileId::new(number.unwrap_or(i32::MAX))
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

    /// The files of the program, those that end in `.wf` and are read, in the order of their paths.
    pub fn programs(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.iter().filter(|(_, file)| file.path().ends_with(".wf") && file.skipped().is_none())
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
