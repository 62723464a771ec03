//! What an unknown name may have been meant to be.
//!
//! Each search looks at all names of a kind, and nobody reads hundreds of hints: it is done after the checks, for the first
//! findings that people see.

use super::{Index, Kind, spelled};
use crate::diagnostic::{Diagnostic, Fix, Guess};
use crate::suggest::nearest_of_all;

/// For how many unknown names a near one is looked for.
const MOST_GUESSES: usize = 50;

/// Says of unknown names which one may have been meant. The findings are in the order in which people read.
pub(crate) fn guess(index: &Index, diagnostics: &mut [Diagnostic]) {
    let mut guesses = 0;
    for finding in diagnostics {
        let Some(guess) = finding.guess.take() else { continue };
        guesses += 1;
        if guesses > MOST_GUESSES {
            continue;
        }
        let (Guess::Meant { kind, name } | Guess::Other { kind, name }) = &*guess;
        let Some(near) = nearest_of_all(name, index.units(*kind).map(|(name, _)| name.as_str())) else { continue };
        match *guess {
            Guess::Meant { .. } => {
                finding.hint = Some(format!("did you mean `{near}`?"));
                // What stands in quotes may have to: `expect exit "paid"`.
                let quoted = finding.span.len() as usize != name.len();
                let instead = if quoted { format!("{near:?}") } else { spelled(near).into_owned() };
                finding.fixes.push(Fix::replace(finding.span, instead));
            }
            Guess::Other { kind, .. } => finding.hint = Some(there_is(kind, near)),
        }
    }
}

fn there_is(kind: Kind, name: &str) -> String {
    format!("there is a {} `{name}`", kind.word())
}
