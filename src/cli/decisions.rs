//! What decided in a run, on paper: each condition, and below it what its parts were worth.

use std::fmt::Write as _;

use runtime::client::Decision;
use unicode_width::UnicodeWidthStr;

use super::clean::one_line;
use super::hang::hang;
use super::terminal::{FAINT, Terminal};

/// Conditions with their values, each line behind an indentation.
pub(crate) fn draw(decisions: &[Decision], indentation: usize, terminal: &Terminal) -> String {
    let indent = " ".repeat(indentation);
    let mut text = String::new();
    for decision in decisions {
        let expression = one_line(decision.expression.as_str());
        let head = format!("{indent}{} ", one_line(decision.of.as_str()));
        // Writing to a `String` does not fail; so in all of this module.
        let _ = writeln!(text, "{}{expression}", terminal.paint(FAINT, &head));
        // What is not written as it is has its characters elsewhere.
        let fits = head.width() + expression.width() <= terminal.width().unwrap_or(120);
        if fits && expression == decision.expression.as_str() {
            let words = decision.parts.iter().map(|part| {
                let before: String = expression.chars().take(part.at).collect();
                (head.width() + before.width(), one_line(part.value.as_str()).into_owned())
            });
            text.push_str(&hang(words.collect(), &|word| word.to_owned()));
        } else {
            for part in &decision.parts {
                let (part, value) = (one_line(part.expression.as_str()), one_line(part.value.as_str()));
                let _ = writeln!(text, "{indent}  {part}: {value}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(decision: &str, drawn: &str) {
        let decision: Decision = serde_json::from_str(decision).unwrap();
        assert_eq!(draw(&[decision], 2, &Terminal::plain()), drawn);
    }

    #[test]
    fn values_hang_below_their_parts() {
        check(
            r#"{"of":"if","expression":"contact.a == \"й\" and event.b","value":"false","parts":[
                {"at":0,"expression":"contact.a","value":"\"x\""},{"at":10,"expression":"","value":"false"}]}"#,
            "  if contact.a == \"й\" and event.b\n     |         |\n     |         false\n     \"x\"\n",
        );
        check(
            r#"{"of":"where","expression":"a == \"\u001b\"","parts":[{"at":0,"expression":"a","value":"1\n"}]}"#,
            "  where a == \"\\u{1b}\"\n    a: 1\\n\n",
        );
        check(r#"{"of":"for","expression":"event.days"}"#, "  for event.days\n");
    }
}
