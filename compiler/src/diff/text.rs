//! Word-level differences of texts.

use serde::Serialize;
use similar::{ChangeTag, TextDiff};

/// A text before and after, cut into runs of words that are the same, gone or new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Words(pub Vec<Run>);

/// Words that share one fate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Run {
    /// What became of them.
    pub fate: Fate,
    /// The words with the blanks between them.
    pub text: String,
}

/// What became of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// They are there before and after.
    Kept,
    /// They were there before.
    Removed,
    /// They are there after.
    Added,
}

impl Words {
    /// The difference of two texts.
    pub fn between(before: &str, after: &str) -> Words {
        let mut runs: Vec<Run> = Vec::new();
        for change in TextDiff::from_words(before, after).iter_all_changes() {
            let fate = match change.tag() {
                ChangeTag::Equal => Fate::Kept,
                ChangeTag::Delete => Fate::Removed,
                ChangeTag::Insert => Fate::Added,
            };
            match runs.last_mut() {
                Some(last) if last.fate == fate => last.text.push_str(change.value()),
                _ => runs.push(Run { fate, text: change.value().to_owned() }),
            }
        }
        Words(runs)
    }

    /// The line of the new text, from 1, in which it differs first.
    pub fn first_difference(&self) -> usize {
        let kept = self.0.iter().take_while(|run| run.fate == Fate::Kept);
        1 + kept.map(|run| run.text.matches('\n').count()).sum::<usize>()
    }

    /// In one text: `[-gone-]` and `{+new+}`.
    pub fn marked(&self) -> String {
        let mut out = String::new();
        for run in &self.0 {
            match run.fate {
                Fate::Kept => out.push_str(&run.text),
                Fate::Removed => {
                    out.push_str("[-");
                    out.push_str(&run.text);
                    out.push_str("-]");
                }
                Fate::Added => {
                    out.push_str("{+");
                    out.push_str(&run.text);
                    out.push_str("+}");
                }
            }
        }
        out
    }
}
