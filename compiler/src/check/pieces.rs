//! Texts with holes: what is literal in them, and how each hole is escaped.
//!
//! A `${…}` is escaped for the place that it stands in, and the place is known from the literal text around it alone. So a
//! text is read in two steps: its structure once ([`Piece`]s, without a type), its values in each environment that uses it.

use crate::catalogue::Code;
use crate::diagnostic::Diagnostic;
use crate::ir::{Escape, Part};
use crate::source::Span;
use crate::syntax::ast::{Expr, Text, TextPart};
use crate::types::{self, Environment, Typed};

/// A character of a text or a hole in it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Atom<'a> {
    /// A literal character.
    Char(char),
    /// `${…}`.
    Hole(&'a Expr),
}

/// A text as a row of atoms, each with its place in the file.
#[derive(Clone, Debug)]
pub(crate) struct Atoms<'a> {
    text: &'a Text,
    atoms: Vec<Placed<'a>>,
    whole: Span,
}

/// An atom and where in the text it stands; where that is in the file is asked for few of them.
#[derive(Clone, Copy, Debug)]
struct Placed<'a> {
    atom: Atom<'a>,
    /// The index of the part that it belongs to.
    part: u32,
    /// Its offset in a literal part.
    offset: u32,
}

/// How many atoms a part of a text has at most.
const fn most_atoms(part: &TextPart) -> usize {
    match part {
        TextPart::Literal(block) => block.text.len(),
        TextPart::Interpolation(_) => 1,
    }
}

impl<'a> Atoms<'a> {
    /// The atoms of a text that stands at `whole`, quotes included.
    pub(crate) fn of(text: &'a Text, whole: Span) -> Atoms<'a> {
        let mut atoms = Vec::with_capacity(text.parts.iter().map(most_atoms).sum());
        for (part, of) in (0..).zip(&text.parts) {
            match of {
                TextPart::Literal(block) => {
                    let mut offset = 0;
                    atoms.extend(block.text.chars().map(|letter| {
                        let placed = Placed { atom: Atom::Char(letter), part, offset };
                        offset += letter.len_utf8() as u32;
                        placed
                    }));
                }
                TextPart::Interpolation(hole) => atoms.push(Placed { atom: Atom::Hole(&hole.node), part, offset: 0 }),
            }
        }
        Atoms { text, atoms, whole }
    }

    fn place(&self, of: &Placed<'_>) -> Span {
        match (self.text.parts.get(of.part as usize), of.atom) {
            (Some(TextPart::Literal(block)), Atom::Char(letter)) => {
                let start = of.offset as usize;
                block.span(start..start + letter.len_utf8())
            }
            (Some(TextPart::Interpolation(hole)), _) => hole.span,
            _ => self.whole,
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.atoms.len()
    }

    /// The atom at an index.
    pub(crate) fn get(&self, index: usize) -> Option<Atom<'a>> {
        self.atoms.get(index).map(|placed| placed.atom)
    }

    /// The literal character at an index; nothing for a hole and behind the end.
    pub(crate) fn char(&self, index: usize) -> Option<char> {
        match self.get(index) {
            Some(Atom::Char(character)) => Some(character),
            _ => None,
        }
    }

    /// The first literal character in `from..to` that `wanted` holds for.
    pub(crate) fn find(&self, from: usize, to: usize, wanted: impl Fn(char) -> bool) -> Option<usize> {
        (from..to.min(self.len())).find(|&index| self.char(index).is_some_and(&wanted))
    }

    /// Whether the literal text `wanted` begins at `index`.
    pub(crate) fn starts_with(&self, index: usize, wanted: &str) -> bool {
        wanted.chars().zip(index..).all(|(character, at)| self.char(at) == Some(character))
    }

    /// The place of the atoms `from..to`; where there are none, the place of the whole text.
    pub(crate) fn span(&self, from: usize, to: usize) -> Span {
        match (self.atoms.get(from), to.checked_sub(1).and_then(|last| self.atoms.get(last))) {
            (Some(first), Some(last)) if from < to => self.place(first).to(self.place(last)),
            _ => self.whole,
        }
    }

    /// The holes in `from..to` with their places.
    pub(crate) fn holes(&self, from: usize, to: usize) -> impl Iterator<Item = (&'a Expr, Span)> + '_ {
        self.atoms.get(from..to.min(self.len())).unwrap_or(&[]).iter().filter_map(|placed| match placed.atom {
            Atom::Hole(value) => Some((value, self.place(placed))),
            Atom::Char(_) => None,
        })
    }

    /// The literal characters in `from..to`, holes left out.
    pub(crate) fn literal(&self, from: usize, to: usize) -> String {
        let mut literal = String::with_capacity(to.saturating_sub(from));
        literal.extend(self.letters(from, to));
        literal
    }

    fn letters(&self, from: usize, to: usize) -> impl Iterator<Item = char> + '_ {
        self.atoms.get(from..to.min(self.len())).unwrap_or(&[]).iter().filter_map(|placed| match placed.atom {
            Atom::Char(letter) => Some(letter),
            Atom::Hole(_) => None,
        })
    }
}

/// A piece of a text whose structure has been checked.
#[derive(Clone, Debug)]
pub(crate) enum Piece<'a> {
    /// In the form that its place needs.
    Literal(String),
    /// A value that is still to be typed.
    Hole {
        /// The value.
        value: &'a Expr,
        /// How it is escaped.
        escape: Escape,
    },
}

/// Adds literal text to `pieces`, to the last one if that is literal too.
pub(crate) fn push_literal(pieces: &mut Vec<Piece<'_>>, text: &str) {
    match pieces.last_mut() {
        Some(Piece::Literal(last)) => last.push_str(text),
        _ if text.is_empty() => {}
        _ => pieces.push(Piece::Literal(text.to_owned())),
    }
}

/// Adds the literal characters of `atoms` in `from..to` to `pieces`.
pub(crate) fn push_letters(pieces: &mut Vec<Piece<'_>>, atoms: &Atoms<'_>, from: usize, to: usize) {
    let mut letters = atoms.letters(from, to);
    if let Some(Piece::Literal(last)) = pieces.last_mut() {
        last.extend(letters);
    } else if let Some(first) = letters.next() {
        pieces.push(Piece::Literal(std::iter::once(first).chain(letters).collect()));
    }
}

/// The pieces of a text that needs no escaping.
pub(crate) fn plain(text: &Text) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for part in &text.parts {
        match part {
            TextPart::Literal(block) => push_literal(&mut pieces, &block.text),
            TextPart::Interpolation(hole) => pieces.push(Piece::Hole { value: &hole.node, escape: Escape::None }),
        }
    }
    pieces
}

/// Types the values in a text: each must be there and be something that can be written.
pub(crate) fn fill(
    pieces: &[Piece<'_>],
    environment: &Environment<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Part> {
    let mut parts = Vec::with_capacity(pieces.len());
    for piece in pieces {
        parts.push(match piece {
            Piece::Literal(text) => Part::Literal(text.clone()),
            Piece::Hole { value, escape } => {
                let typed = types::printable(environment, value, diagnostics);
                if matches!(escape, Escape::PathSegment | Escape::QueryValue) && typed.sensitive {
                    diagnostics.push(in_address(&typed));
                }
                Part::Value { value: typed.expression, escape: *escape }
            }
        });
    }
    parts
}

/// The finding that a sensitive value stands in an address, which every server on the way writes into its log.
fn in_address(typed: &Typed) -> Diagnostic {
    let finding = Diagnostic::new(Code::SensitiveShown, typed.span)
        .message("a sensitive value in an address is read by every log on its way")
        .hint("send it in the body, with `post`");
    match typed.declared {
        Some(declared) => finding.also(declared, "declared as sensitive"),
        None => finding,
    }
}
