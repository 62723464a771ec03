//! Places: files as small numbers, stretches of them, and nodes that know where they were written.

/// One file of a [`Sources`](super::Sources), as a small number. Of two files, the one whose path comes first has the smaller number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(i32);

impl FileId {
    /// The file with this number in its [`Sources`](super::Sources); the first file that is added has the number 0.
    pub const fn new(number: i32) -> FileId {
        FileId(number)
    }

    /// The number of the file in its [`Sources`](super::Sources).
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
