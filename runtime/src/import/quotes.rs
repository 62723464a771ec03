//! Where the quotes of a row open and close, and what is wrong with them.
//!
//! The reader of separated values finds cells in anything: a quote that is not closed takes the rows behind it into its cell,
//! and nobody is told. Here the quotes are followed beside it.

/// The file ends within a quote.
pub(super) const NOT_CLOSED: &str = "the quote that opens on this line is not closed before the end of the file; all that stands behind it was taken into it";

/// A quote closes in the middle of a cell.
pub(super) const CLOSED_EARLY: &str = "behind the quote that opens on this line and closes, there is neither a separator nor a \
     line end; is a quote not closed? (one within a quoted cell is written twice)";

/// The quotes of the row at hand.
#[derive(Debug, Default)]
pub(super) struct Quotes {
    separator: u8,
    place: Place,
    /// The first fault of the row, and the line where its quote opened.
    fault: Option<u64>,
}

/// Where the byte stands that comes next.
#[derive(Clone, Copy, Debug, Default)]
enum Place {
    /// At the beginning of a cell.
    #[default]
    Begin,
    /// In a cell without quotes, or behind what is wrong in one that had them.
    Bare,
    /// In a quote that opened on this line.
    Quoted(u64),
    /// Behind a quote that closes, or is the first of two.
    Closed(u64),
}

impl Quotes {
    pub(super) fn new(separator: u8) -> Quotes {
        Quotes { separator, ..Quotes::default() }
    }

    /// Goes through bytes, the first of which stands on a line.
    pub(super) fn pass(&mut self, bytes: &[u8], mut line: u64) {
        for byte in bytes {
            self.place = match (self.place, byte) {
                (Place::Quoted(opened), b'"') => Place::Closed(opened),
                (Place::Closed(opened), b'"') => Place::Quoted(opened),
                (Place::Begin, b'"') => Place::Quoted(line),
                (quoted @ Place::Quoted(_), _) => quoted,
                (_, b'\n' | b'\r') => Place::Begin,
                (_, byte) if *byte == self.separator => Place::Begin,
                // Some writers put blanks before the separator.
                (closed @ Place::Closed(_), b' ' | b'\t') => closed,
                (Place::Closed(opened), _) => {
                    self.fault.get_or_insert(opened);
                    Place::Bare
                }
                (Place::Begin | Place::Bare, _) => Place::Bare,
            };
            line += u64::from(*byte == b'\n');
        }
    }

    /// What is wrong in the row that has ended, and the line where its quote opened. Within a quote, it is the file that has.
    pub(super) fn take(&mut self) -> Option<(u64, &'static str)> {
        let early = self.fault.take().map(|line| (line, CLOSED_EARLY));
        match std::mem::take(&mut self.place) {
            Place::Quoted(line) => Some((line, NOT_CLOSED)),
            Place::Begin | Place::Bare | Place::Closed(_) => early,
        }
    }
}
