//! Tables in plain text: aligned columns, whatever script the cells are in.

use unicode_width::UnicodeWidthStr;

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
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut text = String::new();
        for (number, row) in self.rows.iter().enumerate() {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(cell);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_in_any_script() {
        let mut table = Table::new(&["ID", "NAME", "WHY"]);
        table.row(["1", "абв", "a\nb"]);
        table.row(["22", "漢字", ""]);
        table.row(["3", "", "\u{1b}[2J"]);
        // Tests run without a terminal.
        let text = table.draw(&Terminal::detect());
        assert_eq!(text, "ID  NAME  WHY\n1   абв   a\\nb\n22  漢字  -\n3   -     \\u{1b}[2J\n");
    }
}
