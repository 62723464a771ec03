//! The identities of steps.
//!
//! A step is known by the kinds and labels of the blocks around it and by its own, not by its line: a step that is put
//! before it, or a comment, changes nothing for the runs that wait in it. Names may be any text, so what could be taken for
//! a part of the path (`/ ~ : % .`, blanks, control characters) is percent-encoded, byte by byte.

use std::collections::BTreeMap;
use std::fmt::Write;

use smol_str::SmolStr;

use crate::ir::StepId;

/// Gives the steps of one block their identities.
#[derive(Debug)]
pub(crate) struct StepIds {
    /// The path of the block with its final `/`; empty for the steps of the workflow itself.
    prefix: String,
    /// How many there were of each kind and label.
    seen: BTreeMap<SmolStr, u32>,
}

impl StepIds {
    /// For the outermost steps of a workflow.
    pub(crate) const fn root() -> StepIds {
        StepIds { prefix: String::new(), seen: BTreeMap::new() }
    }

    /// For a block of a step: `failure`, `else`, the number of a branch, the label of a way.
    pub(crate) fn block(of: &StepId, label: &str) -> StepIds {
        StepIds::below(of, "", label)
    }

    /// For the block that a `match` has for a value: `is:gold`, for a value may be called `else`.
    pub(crate) fn arm(of: &StepId, value: &str) -> StepIds {
        StepIds::below(of, "is:", value)
    }

    fn below(of: &StepId, kind: &str, label: &str) -> StepIds {
        let mut prefix = format!("{}/{kind}", of.0);
        encode(label, &mut prefix);
        prefix.push('/');
        StepIds { prefix, seen: BTreeMap::new() }
    }

    /// The identity of the next step of the block.
    pub(crate) fn next(&mut self, kind: &str, label: Option<&str>) -> StepId {
        let mut path = String::with_capacity(self.prefix.len() + kind.len() + 1 + label.map_or(0, str::len));
        path.push_str(&self.prefix);
        path.push_str(kind);
        if let Some(label) = label {
            path.push(':');
            encode(label, &mut path);
        }
        let own = SmolStr::new(path.get(self.prefix.len()..).unwrap_or(&path));
        let count = self.seen.entry(own).or_insert(0);
        *count += 1;
        if *count > 1 {
            // Writing to a `String` cannot fail.
            let _ = write!(path, "~{count}");
        }
        StepId(path.into())
    }
}

fn encode(label: &str, path: &mut String) {
    for letter in label.chars() {
        if letter.is_alphanumeric() || matches!(letter, '_' | '-') {
            path.push(letter);
        } else {
            for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
                let _ = write!(path, "%{byte:02X}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::StepIds;

    #[test]
    fn steps_are_known_by_kinds_and_labels() {
        let mut root = StepIds::root();
        let mut ids =
            vec![root.next("wait", None), root.next("call", Some("Notify ERP (v2)!")), root.next("wait", None)];
        let branch = root.next("if", None);
        let mut inner = StepIds::block(&branch, "1");
        ids.push(inner.next("send", Some("a.b/c~2")));
        ids.push(inner.next("send", Some("a.b/c~2")));
        let way = inner.next("split", Some("тест"));
        ids.push(StepIds::block(&way, "so %").next("stop", None));
        let shown: Vec<&str> = ids.iter().map(|id| id.0.as_str()).collect();
        assert_eq!(
            shown,
            [
                "wait",
                "call:Notify%20ERP%20%28v2%29%21",
                "wait~2",
                "if/1/send:a%2Eb%2Fc%7E2",
                "if/1/send:a%2Eb%2Fc%7E2~2",
                "if/1/split:тест/so%20%25/stop",
            ]
        );
    }
}
