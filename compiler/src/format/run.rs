//! Where a line may be broken outside of brackets, and which of these places come first.

use super::leaves::Leaf;
use super::outline::Piece;
use crate::syntax::token::Token;

/// How far out a place lies at which a line may be broken. The places of one level are broken together, the outermost
/// level first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// A part of a step that begins with a word of its own: `where`, `between`.
    Clause,
    /// `or`.
    Or,
    /// `and`.
    And,
    /// `==`, `in` and the like.
    Comparison,
    /// `+`, `-`.
    Sum,
    /// `*`, `/`.
    Product,
    /// `??`.
    Coalesce,
    /// `|`.
    Union,
    /// Behind a comma that no brackets are around.
    Comma,
}

impl Level {
    /// Whether a line is broken here rather than in the brackets on it.
    pub(super) const fn is_before_brackets(self) -> bool {
        matches!(self, Level::Clause | Level::Or | Level::And)
    }
}

/// Of which level the place before a piece is, if a line may be broken there.
fn level(leaf: &Leaf<'_>, before: &Leaf<'_>, next: Option<&Leaf<'_>>, between: &mut bool) -> Option<Level> {
    let next = next.map(|leaf| leaf.token);
    // `subject contains "…"` is one thing.
    if before.begins.is_some() {
        return None;
    }
    if before.token == Token::Comma {
        return Some(Level::Comma);
    }
    Some(match leaf.token {
        Token::Where | Token::Identify | Token::Up => Level::Clause,
        Token::Between => {
            *between = true;
            Level::Clause
        }
        Token::Else if matches!(next, Some(Token::Create | Token::Stop)) => Level::Clause,
        Token::For if next == Some(Token::Segment) => Level::Clause,
        Token::Or => Level::Or,
        // `between 09:00 and 21:00` is one thing.
        Token::And if *between => {
            *between = false;
            return None;
        }
        Token::And => Level::And,
        Token::In if before.token == Token::Not => return None,
        Token::Not if next == Some(Token::In) => Level::Comparison,
        Token::Equal
        | Token::NotEqual
        | Token::Less
        | Token::LessOrEqual
        | Token::Greater
        | Token::GreaterOrEqual
        | Token::In
        | Token::Contains => Level::Comparison,
        Token::Plus => Level::Sum,
        Token::Minus if !leaf.unary => Level::Sum,
        Token::Star | Token::Slash => Level::Product,
        Token::Coalesce => Level::Coalesce,
        Token::Pipe => Level::Union,
        _ => return None,
    })
}

/// The places of a run at which it may be broken: before which piece, and of which level.
pub(super) fn places<'run>(
    pieces: &'run [Piece],
    leaves: &'run [Leaf<'_>],
) -> impl Iterator<Item = (usize, Level)> + 'run {
    let mut between = false;
    pieces.iter().enumerate().filter_map(move |(index, piece)| {
        let Piece::Leaf(at) = piece else {
            let before = leaves.get(piece.first().checked_sub(1)?)?;
            return (index > 0 && before.token == Token::Comma).then_some((index, Level::Comma));
        };
        let leaf = leaves.get(*at)?;
        between |= index == 0 && leaf.token == Token::Between;
        if index == 0 {
            return None;
        }
        let level = level(leaf, leaves.get(at.checked_sub(1)?)?, leaves.get(at + 1), &mut between)?;
        Some((index, level))
    })
}

/// Whether the author broke a line at one of these places, before the sign or behind it.
pub(super) fn is_divided(pieces: &[Piece], leaves: &[Leaf<'_>]) -> bool {
    let line_before = |leaf: usize| leaves.get(leaf).is_some_and(|leaf| leaf.line_before);
    places(pieces, leaves).any(|(index, level)| {
        let Some(first) = pieces.get(index).map(Piece::first) else { return false };
        let behind = level != Level::Comma && pieces.get(index + 1).is_some() && line_before(first + 1);
        line_before(first) || behind
    })
}

/// The outermost level at which a run may be broken.
pub(super) fn outermost(pieces: &[Piece], leaves: &[Leaf<'_>]) -> Option<Level> {
    places(pieces, leaves).map(|(_, level)| level).min()
}
