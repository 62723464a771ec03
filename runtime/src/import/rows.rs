//! Rows out of bytes as they come.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::quotes::Quotes;

/// A longer row is refused, in bytes.
pub const LONGEST_ROW: usize = 256 << 10;

/// Separators that are looked for in a header.
const SEPARATORS: [u8; 4] = *b",;\t|";

/// What other programs put before a text in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Separated values; the first row names the columns.
    Csv,
    /// One JSON object a line.
    Ndjson,
}

/// A row of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line that it begins on, from 1; where a quote is at fault, the one that the quote opens on.
    pub line: u64,
    /// How many bytes of the file there are up to its end.
    pub end: u64,
    /// What it holds.
    pub content: Content,
}

/// What a row holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// The cells of CSV.
    Cells(Vec<String>),
    /// A text that should be a JSON object.
    Json(String),
    /// It cannot be read; why.
    Unreadable(String),
}

/// Cuts bytes into rows. Empty lines are none.
#[derive(Debug)]
pub struct Rows {
    splitter: Splitter,
    /// Bytes at the beginning that are not looked at yet.
    held: Vec<u8>,
    begun: bool,
    lines: Lines,
    /// Bytes that were looked at.
    consumed: u64,
}

#[derive(Debug)]
enum Splitter {
    Csv(Box<Csv>),
    Ndjson { line: Vec<u8>, too_long: bool },
}

#[derive(Debug)]
struct Csv {
    reader: Reader,
    quotes: Quotes,
    cells: Vec<u8>,
    written: usize,
    ends: Vec<usize>,
    ended: usize,
    too_long: bool,
}

/// Counts the lines of what was looked at.
#[derive(Debug)]
struct Lines {
    /// The line at hand.
    now: u64,
    /// Where the row at hand began, once it has.
    row: Option<u64>,
}

impl Lines {
    fn pass(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if !matches!(byte, b'\n' | b'\r') && self.row.is_none() {
                self.row = Some(self.now);
            }
            self.now += u64::from(*byte == b'\n');
        }
    }

    fn take(&mut self) -> u64 {
        self.row.take().unwrap_or(self.now)
    }
}

impl Rows {
    /// The rows of a file from its beginning.
    pub fn new(format: Format) -> Rows {
        let splitter = match format {
            Format::Csv => Splitter::Csv(Box::new(Csv::new(b','))),
            Format::Ndjson => Splitter::Ndjson { line: Vec::new(), too_long: false },
        };
        Rows { splitter, held: Vec::new(), begun: false, lines: Lines { now: 1, row: None }, consumed: 0 }
    }

    /// The rows that are complete with the next bytes of the file.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Row> {
        if self.begun {
            return self.split(bytes);
        }
        // The first line tells the separator.
        self.held.extend_from_slice(bytes);
        if !self.held.contains(&b'\n') && self.held.len() < LONGEST_ROW {
            return vec![];
        }
        self.begin()
    }

    /// The rows that are left when the file has ended.
    pub fn finish(&mut self) -> Vec<Row> {
        let mut rows = if self.begun { vec![] } else { self.begin() };
        match &mut self.splitter {
            Splitter::Csv(csv) => rows.extend(csv.end(&mut self.lines, self.consumed)),
            Splitter::Ndjson { line, too_long } => {
                let ended = std::mem::take(line);
                rows.extend(json_row(&ended, std::mem::take(too_long), self.lines.take(), self.consumed));
            }
        }
        rows
    }

    fn begin(&mut self) -> Vec<Row> {
        self.begun = true;
        let held = std::mem::take(&mut self.held);
        let rest = held.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&held);
        self.consumed = (held.len() - rest.len()) as u64;
        if let Splitter::Csv(csv) = &mut self.splitter {
            **csv = Csv::new(separator(rest));
        }
        self.split(rest)
    }

    fn split(&mut self, bytes: &[u8]) -> Vec<Row> {
        let mut rows = Vec::new();
        match &mut self.splitter {
            Splitter::Csv(csv) => csv.split(bytes, &mut self.lines, &mut self.consumed, &mut rows),
            Splitter::Ndjson { line, too_long } => {
                for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
                    self.lines.pass(piece);
                    self.consumed += piece.len() as u64;
                    if line.len() + piece.len() > LONGEST_ROW {
                        *too_long = true;
                        line.clear();
                    }
                    if !*too_long {
                        line.extend_from_slice(piece);
                    }
                    if piece.ends_with(b"\n") {
                        let ended = std::mem::take(line);
                        rows.extend(json_row(&ended, std::mem::take(too_long), self.lines.take(), self.consumed));
                    }
                }
            }
        }
        rows
    }
}

fn json_row(bytes: &[u8], too_long: bool, line: u64, end: u64) -> Option<Row> {
    let content = match std::str::from_utf8(bytes) {
        _ if too_long => Content::Unreadable(TOO_LONG.to_owned()),
        Ok(text) if text.trim().is_empty() => return None,
        Ok(text) => Content::Json(text.trim().to_owned()),
        Err(_) => Content::Unreadable(NOT_UTF8.to_owned()),
    };
    Some(Row { line, end, content })
}

const TOO_LONG: &str = "the row has more than 256 KiB; is a quote not closed?";

/// Why a row cannot be read that is not in the encoding of all text.
pub const NOT_UTF8: &str = "the row is not UTF-8";

impl Csv {
    fn new(separator: u8) -> Csv {
        Csv {
            reader: ReaderBuilder::new().delimiter(separator).build(),
            quotes: Quotes::new(separator),
            cells: vec![0; 1024],
            written: 0,
            ends: vec![0; 64],
            ended: 0,
            too_long: false,
        }
    }

    fn split(&mut self, bytes: &[u8], lines: &mut Lines, consumed: &mut u64, rows: &mut Vec<Row>) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let (result, read) = self.step(rest);
            let (passed, behind) = rest.split_at_checked(read).unwrap_or((rest, &[]));
            self.quotes.pass(passed, lines.now);
            lines.pass(passed);
            *consumed += passed.len() as u64;
            rest = behind;
            if result == ReadRecordResult::Record {
                rows.extend(self.row(lines.take(), *consumed));
            }
        }
    }

    /// The last row, where no line end stands behind it.
    fn end(&mut self, lines: &mut Lines, consumed: u64) -> Option<Row> {
        loop {
            match self.step(&[]).0 {
                ReadRecordResult::Record => return self.row(lines.take(), consumed),
                ReadRecordResult::End => return None,
                ReadRecordResult::InputEmpty | ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {}
            }
        }
    }

    fn step(&mut self, input: &[u8]) -> (ReadRecordResult, usize) {
        let cells = self.cells.get_mut(self.written..).unwrap_or_default();
        let ends = self.ends.get_mut(self.ended..).unwrap_or_default();
        let (result, read, written, ended) = self.reader.read_record(input, cells, ends);
        self.written += written;
        self.ended += ended;
        match result {
            ReadRecordResult::OutputFull if self.cells.len() >= LONGEST_ROW => {
                // What comes of it is refused; it is only read to its end.
                self.too_long = true;
                self.written = 0;
            }
            ReadRecordResult::OutputFull => self.cells.resize(self.cells.len() * 2, 0),
            ReadRecordResult::OutputEndsFull if self.ends.len() >= LONGEST_ROW => {
                self.too_long = true;
                self.ended = 0;
            }
            ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
            ReadRecordResult::InputEmpty | ReadRecordResult::Record | ReadRecordResult::End => {}
        }
        (result, read)
    }

    fn row(&mut self, line: u64, end: u64) -> Option<Row> {
        let ends = self.ends.get(..std::mem::take(&mut self.ended)).unwrap_or_default();
        let bytes = self.cells.get(..std::mem::take(&mut self.written)).unwrap_or_default();
        let too_long = std::mem::take(&mut self.too_long);
        if let Some((line, fault)) = self.quotes.take() {
            return Some(Row { line, end, content: Content::Unreadable(fault.to_owned()) });
        }
        if too_long {
            return Some(Row { line, end, content: Content::Unreadable(TOO_LONG.to_owned()) });
        }
        let mut cells = Vec::with_capacity(ends.len());
        let mut begin = 0;
        for cell_end in ends {
            let cell = bytes.get(begin..*cell_end).unwrap_or_default();
            let Ok(text) = std::str::from_utf8(cell) else {
                return Some(Row { line, end, content: Content::Unreadable(NOT_UTF8.to_owned()) });
            };
            cells.push(text.to_owned());
            begin = *cell_end;
        }
        let is_blank = cells.iter().all(|cell| cell.trim().is_empty());
        (!is_blank).then_some(Row { line, end, content: Content::Cells(cells) })
    }
}

/// The separator that the first line has most of, outside of quotes.
fn separator(bytes: &[u8]) -> u8 {
    let mut counts = [0_usize; SEPARATORS.len()];
    let mut quoted = false;
    for byte in bytes {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            byte if !quoted => {
                for (count, separator) in counts.iter_mut().zip(SEPARATORS) {
                    *count += usize::from(*byte == separator);
                }
            }
            _ => {}
        }
    }
    // Of equals the first.
    let most = counts.iter().copied().max().unwrap_or(0);
    SEPARATORS.into_iter().zip(counts).find(|(_, count)| *count == most).map_or(b',', |(separator, _)| separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows are the same, however the bytes are cut.
    fn check(format: Format, bytes: &[u8], expected: &[(u64, &[&str])]) {
        let mut whole = None;
        for size in [1, 2, 3, 7, bytes.len().max(1)] {
            let mut rows = Rows::new(format);
            let mut found = Vec::new();
            for piece in bytes.chunks(size) {
                found.extend(rows.feed(piece));
            }
            found.extend(rows.finish());
            let told: Vec<(u64, Vec<String>)> = found
                .iter()
                .map(|row| match &row.content {
                    Content::Cells(cells) => (row.line, cells.clone()),
                    Content::Json(text) | Content::Unreadable(text) => (row.line, vec![text.clone()]),
                })
                .collect();
            let expected: Vec<(u64, Vec<String>)> = expected
                .iter()
                .map(|(line, cells)| (*line, cells.iter().map(|cell| (*cell).to_owned()).collect()))
                .collect();
            assert_eq!(told, expected, "in pieces of {size}: {:?}", String::from_utf8_lossy(bytes));
            assert_eq!(whole.get_or_insert_with(|| found.clone()), &found);
            if let Some(last) = found.last() {
                assert!(last.end <= bytes.len() as u64);
            }
        }
    }

    #[test]
    fn rows_of_any_writer_are_found() {
        check(Format::Csv, b"", &[]);
        check(Format::Csv, b"a,b\n1,2\n", &[(1, &["a", "b"]), (2, &["1", "2"])]);
        check(Format::Csv, b"a,b\n1,2", &[(1, &["a", "b"]), (2, &["1", "2"])]);
        // A byte order mark, line ends of two characters, the separator of other countries, empty lines.
        check(
            Format::Csv,
            b"\xef\xbb\xbfa;b\r\n\r\n1;\"x;y\"\r\n;\r\n3;4\r\n",
            &[(1, &["a", "b"]), (3, &["1", "x;y"]), (5, &["3", "4"])],
        );
        // Line ends and quotes in quotes.
        check(
            Format::Csv,
            b"a\tb\n\"1\n2\r\n3\"\t\"say \"\"hi\"\"\"\n5\t6\" pipe\n",
            &[(1, &["a", "b"]), (2, &["1\n2\r\n3", "say \"hi\""]), (5, &["5", "6\" pipe"])],
        );
        check(Format::Csv, b"\"a,b\";c\n1;2\n", &[(1, &["a,b", "c"]), (2, &["1", "2"])]);
        check(Format::Csv, b"a,b\n\xff,2\n3,4\n", &[(1, &["a", "b"]), (2, &[NOT_UTF8]), (3, &["3", "4"])]);
        check(Format::Ndjson, b"{}\r\n\n {\"a\":1} \n[", &[(1, &["{}"]), (3, &["{\"a\":1}"]), (4, &["["])]);
    }

    #[test]
    fn a_quote_that_takes_in_other_rows_is_refused_where_it_opens() {
        use crate::import::quotes::{CLOSED_EARLY, NOT_CLOSED};
        type Told<'a> = &'a [(u64, &'a [&'a str])];
        let cases: &[(&[u8], Told<'_>)] = &[
            // The file ends within a quote: after other rows, in the middle of one, behind the quote, in a header.
            (b"a,b\n1,\"x\n2,y\n", &[(1, &["a", "b"]), (2, &[NOT_CLOSED])]),
            (b"a,b\n1,2\n3,\"x", &[(1, &["a", "b"]), (2, &["1", "2"]), (3, &[NOT_CLOSED])]),
            (b"a\n\"", &[(1, &["a"]), (2, &[NOT_CLOSED])]),
            (b"a\n\"x\"\"", &[(1, &["a"]), (2, &[NOT_CLOSED])]),
            (b"\"a,b\n1,2\n", &[(1, &[NOT_CLOSED])]),
            (b"\xef\xbb\xbf\"a,b\n1,2\n", &[(1, &[NOT_CLOSED])]),
            (b"\xef\xbb\xbf\"a,\"\n1\n", &[(1, &["a,"]), (2, &["1"])]),
            // The line is that of the quote, not that of the row.
            (b"a,b\r\n\"1\r\n2\",\"x\r\n", &[(1, &["a", "b"]), (3, &[NOT_CLOSED])]),
            // The next row's quote closes it.
            (b"a,b\n1,\"x\n2,\"y\"\n3,z\n", &[(1, &["a", "b"]), (2, &[CLOSED_EARLY]), (4, &["3", "z"])]),
            (b"a;b\n\"x\"y;1\n2;3", &[(1, &["a", "b"]), (2, &[CLOSED_EARLY]), (3, &["2", "3"])]),
            // None of that.
            (b"a,b\n\"x\" ,\"\"\n", &[(1, &["a", "b"]), (2, &["x ", ""])]),
            (b"a,b\n5\" pipe,\"\"\"\"\"\"", &[(1, &["a", "b"]), (2, &["5\" pipe", "\"\""])]),
        ];
        for (bytes, expected) in cases {
            check(Format::Csv, bytes, expected);
        }
        // Longer than a row may be.
        let long = format!("a\n\"{}\n2\n", "x\n".repeat(LONGEST_ROW));
        check(Format::Csv, long.as_bytes(), &[(1, &["a"]), (2, &[NOT_CLOSED])]);
    }

    #[test]
    fn a_row_that_never_ends_is_refused_and_the_next_one_read() {
        let long = "x".repeat(LONGEST_ROW + 1);
        let csv = format!("a\n{long}\n2\n");
        check(Format::Csv, csv.as_bytes(), &[(1, &["a"]), (2, &[TOO_LONG]), (3, &["2"])]);
        let json = format!("{{}}\n{long}\n{{}}\n");
        check(Format::Ndjson, json.as_bytes(), &[(1, &["{}"]), (2, &[TOO_LONG]), (3, &["{}"])]);
    }
}
