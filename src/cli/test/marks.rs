//! What was found in place of what was expected, drawn below the line that expects it.

use runtime::rehearsal::Mark;
use unicode_width::UnicodeWidthStr;

use super::super::clean::{clean, one_line};
use super::super::hang::hang;

/// A step as it is written, its indentation taken off, and below each line what was found instead. Marks that have no place in
/// it come last. `paint` colours what was found.
pub(super) fn drawn(step: &str, indentation: usize, marks: &[Mark], paint: &dyn Fn(&str) -> String) -> String {
    let mut placed: Vec<(usize, usize, String)> = Vec::new();
    let mut without = Vec::new();
    for mark in marks {
        let found = one_line(&mark.found).into_owned();
        match place(step, mark) {
            Some((line, column)) => placed.push((line, column, found)),
            None => without.push(format!("{}: {}", mark.path.join("."), paint(&found))),
        }
    }
    let mut out = String::new();
    for (number, line) in step.lines().enumerate() {
        let cut = if number == 0 { 0 } else { indentation.min(line.len() - line.trim_start().len()) };
        let line_text = clean(line.get(cut..).unwrap_or_default()).into_owned();
        out.push_str(&line_text);
        out.push('\n');
        let below = placed.iter().filter(|(of, ..)| *of == number).map(|(_, column, found)| {
            let before = line.get(cut..(*column).max(cut)).unwrap_or_default();
            (clean(before).width(), found.clone())
        });
        out.push_str(&hang(below.collect(), paint));
    }
    for line in without {
        out.push_str(&line);
        out.push('\n');
    }
    out
}

/// Line and byte column of the name that a mark is about.
fn place(step: &str, mark: &Mark) -> Option<(usize, usize)> {
    let mut at = 0;
    let mut found = None;
    for name in &mark.path {
        // An item of a list has no name.
        if name.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        match word(step.get(at..)?, name) {
            Some(offset) => {
                found = Some(at + offset);
                at += offset + name.len();
            }
            None => break,
        }
    }
    let found = found?;
    let before = step.get(..found)?;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    Some((before.matches('\n').count(), found - start))
}

/// The offset of a word that is no part of another one.
fn word(text: &str, word: &str) -> Option<usize> {
    let part = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(word).map(|(offset, _)| offset).find(|offset| {
        let before = text.get(..*offset).and_then(|before| before.chars().next_back());
        let after = text.get(offset + word.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(step: &str, marks: &[(&str, &str)], expected: &str) {
        let mark = |(path, found): &(&str, &str)| Mark {
            path: path.split('.').map(Into::into).collect(),
            found: (*found).to_owned(),
        };
        let marks: Vec<Mark> = marks.iter().map(mark).collect();
        assert_eq!(drawn(step, 2, &marks, &|text| text.to_owned()), expected);
    }

    #[test]
    fn what_was_found_stands_below_its_name() {
        check(
            "expect contact ann { tier: \"gold\" }",
            &[("tier", "\"silver\"")],
            "expect contact ann { tier: \"gold\" }\n                     |\n                     \"silver\"\n",
        );
        check(
            "expect call a { attempts 2 body { town: 1, pos: { town: 2 } } }",
            &[("attempts", "3"), ("body.town", "nothing"), ("body.pos.town", "7"), ("odd", "9")],
            "expect call a { attempts 2 body { town: 1, pos: { town: 2 } } }\n\
             \x20               |                 |               |\n\
             \x20               |                 |               7\n\
             \x20               |                 nothing\n\
             \x20               3\n\
             odd: 9\n",
        );
        check(
            "expect call a {\n    body {\n      й: \"x\", list: [1]\n    }\n  }",
            &[("body.list.0", "2")],
            "expect call a {\n  body {\n    й: \"x\", list: [1]\n            |\n            2\n  }\n}\n",
        );
    }
}
