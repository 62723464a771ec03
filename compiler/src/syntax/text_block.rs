//! Text as it is meant, with the way back to where it was typed.
//!
//! A `"""` block loses the indentation of its closing quotes, an escape becomes one character: an offset in the cooked
//! text is no offset in the file. A mistake that is found in cooked text (a Velocity reference, a tag of an XML body) must
//! still be underlined where the author typed it, so the text carries a map of its bytes.

use crate::source::{FileId, Span};

/// Cooked text and the map of its bytes to the file.
#[derive(Clone, Debug)]
pub struct TextBlock {
    /// The text as it is meant: without common indentation, escapes replaced.
    pub text: String,
    /// Where each byte of `text` came from.
    pub map: SourceMap,
}

impl TextBlock {
    /// A text that stands in the file exactly as it is meant.
    pub fn verbatim(text: impl Into<String>, span: Span) -> TextBlock {
        let text = text.into();
        let mut map = SourceMap::new(span.file);
        map.verbatim(0, span.start);
        map.finish(count(text.len()), span.end);
        TextBlock { text, map }
    }

    /// The place in the file of a stretch of the cooked text.
    pub fn span(&self, cooked: std::ops::Range<usize>) -> Span {
        self.map.span(cooked)
    }
}

impl std::hash::Hash for TextBlock {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl PartialEq for TextBlock {
    /// Two texts are equal when they say the same, wherever they stand.
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for TextBlock {}

/// From offsets in a cooked text to offsets in the file it was written in.
///
/// One piece for each stretch that stands in the file as it is meant (a line of a block, say) and one for each escape.
#[derive(Clone, Debug)]
pub struct SourceMap {
    file: FileId,
    /// In ascending order of both offsets. The last piece begins at the end of the text.
    pieces: Vec<Piece>,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    /// Offset in the cooked text where the piece begins.
    cooked: u32,
    /// Offset in the file where the piece begins.
    source: u32,
    /// For a piece that reads otherwise in the file, as an escape does: where it ends there.
    replaced_end: Option<u32>,
}

impl SourceMap {
    /// A map without a piece, to be filled from the front.
    pub(crate) const fn new(file: FileId) -> SourceMap {
        SourceMap { file, pieces: Vec::new() }
    }

    /// The file that it leads to.
    pub const fn file(&self) -> FileId {
        self.file
    }

    /// From `cooked` on, text is as it stands in the file from `source` on.
    pub(crate) fn verbatim(&mut self, cooked: u32, source: u32) {
        self.pieces.push(Piece { cooked, source, replaced_end: None });
    }

    /// What begins at `cooked` stands for the stretch `start..end` of the file.
    pub(crate) fn replaced(&mut self, cooked: u32, start: u32, end: u32) {
        self.pieces.push(Piece { cooked, source: start, replaced_end: Some(end) });
    }

    /// The text ends at `cooked`, in the file at `source`.
    pub(crate) fn finish(&mut self, cooked: u32, source: u32) {
        self.pieces.push(Piece { cooked, source, replaced_end: Some(source) });
    }

    /// The offset in the file of the byte at `cooked`; an offset behind the end is the end.
    pub fn to_source(&self, cooked: u32) -> u32 {
        let last = self.pieces.partition_point(|piece| piece.cooked <= cooked);
        let Some(piece) = last.checked_sub(1).and_then(|index| self.pieces.get(index)) else { return 0 };
        match piece.replaced_end {
            Some(_) => piece.source,
            None => piece.source + (cooked - piece.cooked),
        }
    }

    /// The offset in the file where the byte before `cooked` ends. It differs from [`SourceMap::to_source`] at the end of
    /// a line of a block, where that one is already behind the next line's indentation.
    fn to_source_end(&self, cooked: u32) -> u32 {
        let Some(inner) = cooked.checked_sub(1) else { return self.to_source(cooked) };
        let last = self.pieces.partition_point(|piece| piece.cooked <= inner);
        let Some(piece) = last.checked_sub(1).and_then(|index| self.pieces.get(index)) else { return 0 };
        piece.replaced_end.unwrap_or(piece.source + (cooked - piece.cooked))
    }

    /// The place in the file of a stretch of the cooked text. Several lines of a block give one stretch over all of
    /// them, indentation included.
    pub fn span(&self, cooked: std::ops::Range<usize>) -> Span {
        let start = self.to_source(count(cooked.start));
        if cooked.start >= cooked.end {
            return Span::at(self.file, start);
        }
        Span::new(self.file, start, self.to_source_end(count(cooked.end)))
    }
}

/// Offsets within a file fit 32 bits: longer files are refused before they are read.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
