//! The brackets of a declaration and what stands in them, measured: all that the layout decides by.

use super::leaves::{Leaf, blank_between};
use super::run;
use crate::syntax::marks::MarkKind;
use crate::syntax::token::Token;

/// A line's worth of a block, a field, an element of a list.
#[derive(Debug)]
pub(super) struct Item {
    /// At least one.
    pub(super) pieces: Vec<Piece>,
    /// Cannot be on one line.
    pub(super) broken: bool,
    /// The width on one line.
    pub(super) flat: usize,
}

/// A part of an item.
#[derive(Debug)]
pub(super) enum Piece {
    /// A token, by its index.
    Leaf(usize),
    /// Brackets.
    Group(Group),
}

impl Piece {
    /// The index of its first leaf.
    pub(super) fn first(&self) -> usize {
        match self {
            Piece::Leaf(leaf) => *leaf,
            Piece::Group(group) => group.open,
        }
    }

    /// The width on one line.
    pub(super) fn flat(&self, leaves: &[Leaf<'_>]) -> usize {
        match self {
            Piece::Leaf(leaf) => leaves.get(*leaf).map_or(0, |leaf| leaf.width),
            Piece::Group(group) => group.flat,
        }
    }
}

/// Brackets and what stands in them.
#[derive(Debug)]
pub(super) struct Group {
    /// The index of the opening bracket.
    pub(super) open: usize,
    /// The index of the closing bracket.
    pub(super) close: usize,
    pub(super) items: Vec<Item>,
    pub(super) shape: Shape,
    /// Cannot be on one line.
    pub(super) broken: bool,
    /// The width on one line.
    pub(super) flat: usize,
}

/// What kind of group it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Steps, lines, parts: what makes a statement of the words before it.
    Block,
    /// Fields, or the pieces of a short description.
    Braces,
    /// A list, brackets around a value.
    Brackets,
    /// An index, the arguments of a function: they belong to the name before them.
    Close,
    /// Brackets around brackets: `[{ … }]`. The inner ones are broken, the outer ones stand close to them.
    Hug,
}

impl Group {
    /// Whether nothing stands in it, not even a comment.
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty() && !self.broken
    }

    /// Whether it may be broken only to make a line shorter.
    pub(super) fn is_breakable(&self) -> bool {
        match self.hugged() {
            Some((inner, _)) => inner.is_breakable(),
            None => !self.items.is_empty() && self.shape != Shape::Close,
        }
    }

    /// The brackets that these stand close around, and what is behind them.
    pub(super) fn hugged(&self) -> Option<(&Group, &[Piece])> {
        match (self.shape, self.items.as_slice()) {
            (Shape::Hug, [Item { pieces, .. }]) => match pieces.split_first()? {
                (Piece::Group(inner), rest) => Some((inner, rest)),
                (Piece::Leaf(_), _) => None,
            },
            _ => None,
        }
    }

    /// The width of its first line if it is broken: `[{`.
    pub(super) fn opening(&self) -> usize {
        1 + self.hugged().map_or(0, |(inner, _)| inner.opening())
    }

    /// The width of its last line if it is broken: `}]`.
    pub(super) fn closing(&self, leaves: &[Leaf<'_>]) -> usize {
        let within = |(inner, rest): (&Group, &[Piece])| {
            inner.closing(leaves) + rest.iter().map(|piece| piece.flat(leaves)).sum::<usize>()
        };
        1 + self.hugged().map_or(0, within)
    }

    /// What stands between two items on one line.
    pub(super) fn separated_by_commas(&self, leaves: &[Leaf<'_>]) -> bool {
        !matches!(leaves.get(self.open).map(|leaf| leaf.token), Some(Token::BraceOpen)) || self.is_record(leaves)
    }

    fn is_record(&self, leaves: &[Leaf<'_>]) -> bool {
        leaves.get(self.open + 1).is_some_and(|leaf| is_key(leaf.token))
    }
}

fn is_key(token: Token) -> bool {
    matches!(token, Token::Key | Token::StringKey)
}

/// The declaration that these leaves are, as one item. Commas that the layout puts where they belong are left out of the
/// items; what stood before them is then before what follows.
pub(super) fn outline(leaves: &mut [Leaf<'_>]) -> Item {
    let mut outliner = Outliner { leaves, at: 0 };
    let mut pieces = Vec::new();
    while outliner.at < outliner.leaves.len() {
        let piece = outliner.piece();
        pieces.push(piece);
    }
    // A declaration is never one line, unless nothing is in it.
    if let Some(Piece::Group(group)) = pieces.last_mut()
        && !group.is_empty()
    {
        group.broken = true;
        group.shape = Shape::Block;
    }
    outliner.item(pieces)
}

struct Outliner<'leaves, 'text> {
    leaves: &'leaves mut [Leaf<'text>],
    at: usize,
}

impl Outliner<'_, '_> {
    fn token(&self, index: usize) -> Option<Token> {
        self.leaves.get(index).map(|leaf| leaf.token)
    }

    fn piece(&mut self) -> Piece {
        match self.token(self.at) {
            Some(Token::BraceOpen | Token::BracketOpen | Token::ParenOpen) => Piece::Group(self.group()),
            _ => {
                self.at += 1;
                Piece::Leaf(self.at - 1)
            }
        }
    }

    fn group(&mut self) -> Group {
        let open = self.at;
        let braces = self.token(open) == Some(Token::BraceOpen);
        self.at += 1;
        let record = self.token(self.at).is_some_and(is_key);
        let mut items = Vec::new();
        let mut pieces = Vec::new();
        let (mut steps, mut block, mut comment) = (0, false, false);
        while let Some(leaf) = self.leaves.get(self.at) {
            match leaf.token {
                Token::BraceClose | Token::BracketClose | Token::ParenClose => break,
                Token::Comma if !braces || record => {
                    self.take_item(&mut pieces, &mut items);
                    self.drop_comma();
                    continue;
                }
                _ => {}
            }
            if braces && (leaf.begins.is_some() || (record && is_key(leaf.token))) {
                block |= matches!(leaf.begins, Some(MarkKind::Step | MarkKind::Header));
                steps += usize::from(matches!(leaf.begins, Some(MarkKind::Step | MarkKind::Header)));
                self.take_item(&mut pieces, &mut items);
            }
            comment |= pieces.is_empty() && self.leaves.get(self.at).is_some_and(|leaf| leaf.comment);
            let piece = self.piece();
            pieces.push(piece);
        }
        self.take_item(&mut pieces, &mut items);
        let close = self.at;
        self.at += 1;
        let leaf = |index: usize| self.leaves.get(index);
        comment |= leaf(close).is_some_and(|leaf| leaf.comment);
        let line_behind_opening = leaf(open + 1).is_some_and(|leaf| leaf.line_before) && !items.is_empty();
        let stands_close = leaf(open).is_some_and(|leaf| leaf.close);
        let hugs = !braces && !comment && self.hugs(&items);
        let kept = match (braces, items.len()) {
            (true, _) => line_behind_opening,
            (false, 0 | 1) => false,
            (false, _) => line_behind_opening && self.token(open) == Some(Token::BracketOpen),
        };
        let shape = match () {
            () if hugs => Shape::Hug,
            () if stands_close => Shape::Close,
            () if block => Shape::Block,
            () if braces => Shape::Braces,
            () => Shape::Brackets,
        };
        let broken = comment || kept || steps > 1 || items.iter().any(|item| item.broken);
        let padding = if braces && !items.is_empty() { 2 } else { 0 };
        let mut group = Group { open, close, items, shape, broken, flat: 0 };
        let separator = if group.separated_by_commas(self.leaves) { 2 } else { 1 };
        let within: usize = group.items.iter().map(|item| item.flat).sum();
        group.flat = 2 + padding + within + group.items.len().saturating_sub(1) * separator;
        group
    }

    /// Whether the one thing within brackets is a pair of brackets of its own.
    fn hugs(&self, items: &[Item]) -> bool {
        let [item] = items else { return false };
        let Some((Piece::Group(_), rest)) = item.pieces.split_first() else { return false };
        rest.iter().all(|piece| match piece {
            Piece::Leaf(leaf) => {
                self.leaves.get(*leaf).is_some_and(|leaf| leaf.token == Token::Question && !leaf.comment)
            }
            Piece::Group(_) => false,
        })
    }

    /// The comma is put where the layout wants it; what stood before it stands before what follows.
    fn drop_comma(&mut self) {
        let Some(comma) = self.leaves.get(self.at) else { return };
        let (first, comment, line) = (comma.trivia.start, comma.comment, comma.line_before);
        self.at += 1;
        if let Some(next) = self.leaves.get_mut(self.at) {
            next.trivia.start = first;
            next.comment |= comment;
            next.line_before |= line;
        }
    }

    fn take_item(&self, pieces: &mut Vec<Piece>, items: &mut Vec<Item>) {
        if !pieces.is_empty() {
            let pieces = std::mem::take(pieces);
            items.push(self.item(pieces));
        }
    }

    fn item(&self, pieces: Vec<Piece>) -> Item {
        let mut flat = 0;
        let mut broken = false;
        for (index, piece) in pieces.iter().enumerate() {
            let first = piece.first();
            let Some(leaf) = self.leaves.get(first) else { continue };
            let before = first.checked_sub(1).and_then(|before| self.leaves.get(before)).filter(|_| index > 0);
            flat += usize::from(before.is_some_and(|before| blank_between(before, leaf))) + piece.flat(self.leaves);
            broken |= index > 0 && leaf.comment;
            broken |= match piece {
                Piece::Leaf(_) => leaf.token == Token::Block,
                Piece::Group(group) => group.broken,
            };
        }
        broken |= run::is_divided(&pieces, self.leaves);
        Item { pieces, broken, flat }
    }
}
