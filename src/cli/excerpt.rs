//! A place in a file that is no `.wf` source: a template under trial, the data for it, events to be sent.
//!
//! Findings about a project are drawn by the compiler; these are about one text that no project names.

use std::fmt::Write as _;
use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use super::clean::clean;

/// A mistake and where it is.
#[derive(Debug)]
pub(crate) struct Excerpt<'a> {
    /// What the file is called.
    pub(crate) name: &'a str,
    /// The whole text of the file.
    pub(crate) text: &'a str,
    /// The bytes that are wrong.
    pub(crate) place: Range<usize>,
}

impl Excerpt<'_> {
    /// `name:line:column`, the line with the wrong part underlined. Columns count characters.
    pub(crate) fn draw(&self) -> String {
        let start = floor_boundary(self.text, self.place.start);
        let before = self.text.get(..start).unwrap_or("");
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        let number = before.matches('\n').count() + 1;
        let lead = before.get(line_start..).unwrap_or("");
        let line = self.text.get(line_start..).unwrap_or("").lines().next().unwrap_or("");
        let rest = line.get(lead.len()..).unwrap_or("");
        let length = self.place.end.saturating_sub(start).min(rest.len());
        let wrong = rest.get(..floor_boundary(rest, length)).unwrap_or("");

        let gutter = number.to_string().len();
        let (line, lead_width) = (shown(line), shown(lead).width());
        let marks = "^".repeat(shown(wrong).width().max(1));
        let column = lead.chars().count() + 1;
        let mut text = format!("{:gutter$}--> {}:{number}:{column}\n", "", clean(self.name));
        // Writing to a `String` does not fail.
        let _ = writeln!(text, "{:gutter$} |", "");
        let _ = writeln!(text, "{number} | {line}");
        let _ = writeln!(text, "{:gutter$} | {:lead_width$}{marks}", "", "");
        text
    }
}

/// A tab is as wide as the terminal likes; here it is four blanks, so that the marks stand below what they mean.
fn shown(text: &str) -> String {
    clean(text).replace('\t', "    ")
}

/// What `serde_json` says about a text, apart: the message, and the place that it names at its end.
///
/// Its errors give the place as numbers too, but not behind the reader of values, which hands on the message only.
pub(crate) fn json_place<'m>(text: &str, message: &'m str) -> (&'m str, Range<usize>) {
    let numbers = |place: &str| {
        let (line, column) = place.split_once(" column ")?;
        Some((line.parse().ok()?, column.parse().ok()?))
    };
    let Some((message, place)) = message.rsplit_once(" at line ") else { return (message, 0..0) };
    let start = numbers(place).map_or(0, |(line, column)| offset(text, line, column));
    (message, start..start + 1)
}

/// The byte offset of a line and a column from 1, the column counted in bytes.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    floor_boundary(text, start + column.saturating_sub(1))
}

/// The nearest character boundary at or before an offset.
fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(text: &str, place: Range<usize>) -> String {
        Excerpt { name: "a.vm", text, place }.draw()
    }

    #[test]
    fn marks_stand_below_what_they_mean() {
        let text = "first\r\nПривіт\t漢 $x.y!\r\nlast";
        let start = text.find('$').unwrap();
        assert_eq!(
            draw(text, start..start + 4),
            " --> a.vm:2:10\n  |\n2 | Привіт    漢 $x.y!\n  |              ^^^^\n"
        );
    }

    #[test]
    fn any_place_can_be_drawn() {
        assert_eq!(draw("", 0..0), " --> a.vm:1:1\n  |\n1 | \n  | ^\n");
        assert_eq!(draw("ab\n", 99..200), " --> a.vm:2:1\n  |\n2 | \n  | ^\n");
        assert_eq!(draw("й", 1..2), " --> a.vm:1:1\n  |\n1 | й\n  | ^\n", "inside a character");
        let several = "#if(\n$x)";
        assert_eq!(draw(several, 0..8), " --> a.vm:1:1\n  |\n1 | #if(\n  | ^^^^\n", "beyond the line");
    }

    #[test]
    fn the_place_of_a_json_mistake_is_found() {
        let text = "{\"a\":\n \"й\" x}";
        let error = serde_json::from_str::<serde_json::Value>(text).unwrap_err().to_string();
        let (message, place) = json_place(text, &error);
        assert_eq!((message, text.get(place)), ("expected `,` or `}`", Some("x")));
        assert_eq!(json_place("ab", "odd at line 9 column 9"), ("odd", 2..3));
        assert_eq!(json_place("ab", "odd"), ("odd", 0..0));
    }
}
