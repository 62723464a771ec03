//! Words that hang below a line, each under what it is about.

use unicode_width::UnicodeWidthStr;

/// Lines with a bar at each column and its word at the end of the bar, the rightmost word first. `paint` colours a word.
pub(crate) fn hang(mut words: Vec<(usize, String)>, paint: &dyn Fn(&str) -> String) -> String {
    words.sort_by_key(|(column, _)| *column);
    words.dedup_by_key(|(column, _)| *column);
    let mut out = String::new();
    if words.is_empty() {
        return out;
    }
    out.push_str(&bars(&words));
    out.push('\n');
    while let Some((column, word)) = words.pop() {
        let mut line = bars(&words);
        line.push_str(&" ".repeat(column.saturating_sub(line.width())));
        line.push_str(&paint(&word));
        out.push_str(&line);
        out.push('\n');
    }
    out
}

/// A bar at each column.
fn bars(words: &[(usize, String)]) -> String {
    let mut line = String::new();
    for (column, _) in words {
        line.push_str(&" ".repeat(column.saturating_sub(line.width())));
        line.push('|');
    }
    line
}
