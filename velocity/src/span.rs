//! Places in a template's source.

/// A range of bytes in a template's source; `start` is never after `end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// The bytes from `start` up to `end`, without `end`.
    #[must_use]
    pub const fn new(start: u32, end: u32) -> Span {
        if start <= end { Span { start, end } } else { Span { start: end, end: start } }
    }

    /// The first byte.
    #[must_use]
    pub const fn start(self) -> usize {
        self.start as usize
    }

    /// The byte after the last one.
    #[must_use]
    pub const fn end(self) -> usize {
        self.end as usize
    }

    /// The bytes as a range, for slicing the source.
    #[must_use]
    pub const fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// From byte offsets; a source is shorter than 4 GiB, which the parser checks.
    pub(crate) fn of(start: usize, end: usize) -> Span {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span::new(clamp(start), clamp(end))
    }
}

/// Line and column, both from 1, of a byte offset. A column counts characters; `\r\n`, `\n` and a lone `\r` end a line.
pub(crate) fn line_and_column(source: &str, offset: usize) -> (u32, u32) {
    let mut line = 1;
    let mut column = 1;
    let mut previous = '\0';
    for (at, character) in source.char_indices() {
        if at >= offset {
            break;
        }
        match character {
            '\n' if previous == '\r' => {}
            '\n' | '\r' => {
                line += 1;
                column = 1;
            }
            _ => column += 1,
        }
        previous = character;
    }
    (line, column)
}
