//! Tables in plain text: aligned columns, whatever script the cells are in.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::clean::one_line;
use super::terminal::{STRONG, Terminal};

/// Rows under a heading.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings and no row yet.
    pub(crate) fn new(headings: &[&str]) -> Table {
        Table { rows: vec![headings.iter().map(|heading| (*heading).to_owned()).collect()] }
    }

    /// Adds a row; a cell is shown on one line, and an empty one as `-`, so that columns can be cut apart by scripts.
    pub(crate) fn row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) {
        let shown = |cell: &str| if cell.is_empty() { "-".to_owned() } else { one_line(cell).into_owned() };
        self.rows.push(cells.into_iter().map(shown).collect());
    }

    /// The table as text, two blanks between the columns.
    pub(crate) fn draw(&self, terminal: &Terminal) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.width()).max().unwrap_or(0)
        };
        let mut widths: Vec<usize> = (0..columns).map(width).collect();
        if let Some(room) = terminal.width() {
            fit(&mut widths, room.saturating_sub(2 * columns.saturating_sub(1)));
        }
        let mut text = String::new();
        for (number, row) in self.rows.iter().enumerate() {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                let cell = cut(cell, *width);
                line.push_str(&cell);
                line.push_str(&" ".repeat(width.saturating_sub(cell.width()) + 2));
            }
            let line = line.trim_end();
            if number == 0 {
                text.push_str(&terminal.paint(STRONG, line));
            } else {
                text.push_str(line);
            }
            text.push('\n');
        }
        text
    }
}

/// No column is made narrower than this.
const NARROWEST: usize = 8;

/// Takes from the widest columns what is too much, until all have room.
fn fit(widths: &mut [usize], room: usize) {
    while widths.iter().sum::<usize>() > room {
        let Some(widest) = widths.iter_mut().max() else { return };
        if *widest <= NARROWEST {
            return;
        }
        *widest -= 1;
    }
}

/// A cell of at most so many columns; of a longer one the beginning and a `…`.
fn cut(cell: &str, width: usize) -> Cow<'_, str> {
    if cell.width() <= width {
        return Cow::Borrowed(cell);
    }
    let (mut taken, mut room) = (String::new(), width.saturating_sub(1));
    for letter in cell.chars() {
        let Some(left) = room.checked_sub(letter.width().unwrap_or(0)) else { break };
        room = left;
        taken.push(letter);
    }
    taken.push('…');
    Cow::Owned(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_no_wider_than_its_terminal() {
        let drawn = |room: Option<usize>| {
            let mut table = Table::new(&["ID", "NAME", "WHY"]);
            table.row(["1", "a name of some length", "because of something that takes very long to tell"]);
            table.row(["2", "漢字漢字漢字漢字漢字", "x"]);
            table.draw(&Terminal::plain().of_width(room))
        };
        assert!(drawn(None).contains("very long to tell"));
        assert_eq!(
            drawn(Some(40)),
            "ID  NAME               WHY\n1   a name of some l…  because of somet…\n2   漢字漢字漢字漢字…  x\n"
        );
        for room in 0..80 {
            let widest = drawn(Some(room)).lines().map(UnicodeWidthStr::width).max().unwrap();
            assert!(widest <= room.max(22), "{room}: {widest}");
        }
    }

    #[test]
    fn columns_are_aligned_in_any_script() {
        let mut table = Table::new(&["ID", "NAME", "WHY"]);
        table.row(["1", "абв", "a\nb"]);
        table.row(["22", "漢字", ""]);
        table.row(["3", "", "\u{1b}[2J"]);
        let text = table.draw(&Terminal::plain());
        assert_eq!(text, "ID  NAME  WHY\n1   абв   a\\nb\n22  漢字  -\n3   -     \\u{1b}[2J\n");
    }
}
