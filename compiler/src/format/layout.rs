//! Lines: what is broken and what is not, and printing it.
//!
//! Brackets that were broken behind the opening one stay broken, and so does what was broken at an operator; all else is
//! one line as long as it fits. What does not is broken from the outside in. Each decision shows in the result as it
//! would in a text of the author's, so that the result is its own canonical form.

mod comments;

use super::leaves::{Leaf, blank_between, width};
use super::outline::{Group, Item, Piece, Shape};
use super::run::{self, Level};
use super::{INDENTATION, WIDTH};
use crate::syntax::marks::MarkKind;
use crate::syntax::token::Token;
use crate::syntax::trivia::Trivia;

/// Prints declarations.
pub(super) struct Printer<'a> {
    pub(super) out: String,
    /// Characters on the line that is being printed.
    column: usize,
    text: &'a str,
    trivia: &'a [Trivia],
}

/// Where the lines of a run begin.
#[derive(Clone, Copy)]
struct Lines {
    /// The line that the run is on: what is in its brackets is indented from here.
    own: usize,
    /// The lines on which it goes on.
    further: usize,
}

impl Lines {
    const fn of(indentation: usize) -> Lines {
        Lines { own: indentation, further: indentation + INDENTATION }
    }
}

impl<'a> Printer<'a> {
    pub(super) fn new(text: &'a str, trivia: &'a [Trivia]) -> Printer<'a> {
        Printer { out: String::with_capacity(text.len() + text.len() / 16), column: 0, text, trivia }
    }

    // ── Text ────────────────────────────────────────────────────────────────────────────────────────────────────────

    fn write(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += width(text);
    }

    fn line(&mut self, indentation: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', indentation));
        self.column = indentation;
    }

    /// Text as it stands, which may have several lines.
    pub(super) fn verbatim(&mut self, text: &str) {
        self.out.push_str(text);
        self.column = width(text.rsplit('\n').next().unwrap_or(text));
    }

    // ── Between leaves ──────────────────────────────────────────────────────────────────────────────────────────────

    // ── Items ───────────────────────────────────────────────────────────────────────────────────────────────────────

    /// An item, the line of which has begun. `behind` characters follow on its last line.
    pub(super) fn item(&mut self, leaves: &[Leaf<'_>], item: &Item, indentation: usize, behind: usize) {
        if !item.broken && self.column + item.flat + behind <= WIDTH {
            return self.flat(leaves, &item.pieces);
        }
        let mut lines = Lines::of(indentation);
        let mut rest = item.pieces.as_slice();
        // Whether a line of its own is due: what stands before has several.
        let mut apart = false;
        let mut first = true;
        while let Some(piece) = rest.first() {
            if !first {
                self.lead(
                    leaves,
                    piece,
                    apart.then_some(indentation),
                    Lines { own: indentation, further: indentation },
                );
            }
            if let Piece::Group(group) = piece
                && group.shape == Shape::Block
            {
                self.broken(leaves, group, indentation);
                apart = false;
                rest = rest.get(1..).unwrap_or(&[]);
            } else {
                let (run, after) = rest.split_at_checked(run_length(leaves, rest)).unwrap_or((rest, &[]));
                let behind = match after.first() {
                    None => behind,
                    Some(Piece::Group(_)) => " {".len(),
                    Some(Piece::Leaf(_)) => " on failure {".len(),
                };
                apart = self.run(leaves, run, lines, behind);
                apart |= matches!(after.first(), Some(Piece::Leaf(_))) && self.column + behind > WIDTH;
                rest = after;
            }
            first = false;
            lines = Lines::of(indentation);
        }
    }

    /// What stands before a piece: comments and a line end, a line end because one is due, a blank, or nothing.
    fn lead(&mut self, leaves: &[Leaf<'_>], piece: &Piece, line: Option<usize>, lines: Lines) -> bool {
        let first = piece.first();
        let Some(leaf) = leaves.get(first) else { return false };
        if leaf.comment {
            self.comments_within(&leaf.trivia, lines.further);
            self.line(line.unwrap_or(lines.further));
            return true;
        }
        match line {
            Some(line) => self.line(line),
            None => {
                let before = first.checked_sub(1).and_then(|before| leaves.get(before));
                if before.is_some_and(|before| blank_between(before, leaf)) {
                    self.write(" ");
                }
            }
        }
        line.is_some()
    }

    /// Everything on one line.
    fn flat(&mut self, leaves: &[Leaf<'_>], pieces: &[Piece]) {
        for (index, piece) in pieces.iter().enumerate() {
            let first = piece.first();
            let Some(leaf) = leaves.get(first) else { continue };
            let before = first.checked_sub(1).and_then(|before| leaves.get(before)).filter(|_| index > 0);
            if before.is_some_and(|before| blank_between(before, leaf)) {
                self.write(" ");
            }
            match piece {
                Piece::Leaf(_) => self.leaf(leaf, 0),
                Piece::Group(group) => self.flat_group(leaves, group),
            }
        }
    }

    fn flat_group(&mut self, leaves: &[Leaf<'_>], group: &Group) {
        let (Some(open), Some(close)) = (leaves.get(group.open), leaves.get(group.close)) else { return };
        let padding = if open.token == Token::BraceOpen && !group.items.is_empty() { " " } else { "" };
        let separator = if group.separated_by_commas(leaves) { ", " } else { " " };
        self.leaf(open, 0);
        self.write(padding);
        for (index, item) in group.items.iter().enumerate() {
            if index > 0 {
                self.write(separator);
            }
            self.flat(leaves, &item.pieces);
        }
        self.write(padding);
        self.leaf(close, 0);
    }

    fn broken(&mut self, leaves: &[Leaf<'_>], group: &Group, indentation: usize) {
        let (Some(open), Some(close)) = (leaves.get(group.open), leaves.get(group.close)) else { return };
        if group.is_empty() {
            return self.flat_group(leaves, group);
        }
        self.leaf(open, 0);
        if let Some((inner, rest)) = group.hugged() {
            self.broken(leaves, inner, indentation);
            self.flat(leaves, rest);
            return self.leaf(close, 0);
        }
        let commas = open.token != Token::BraceOpen && group.items.len() > 1;
        let mut before = None;
        for (index, item) in group.items.iter().enumerate() {
            let Some(leaf) = item.pieces.first().and_then(|piece| leaves.get(piece.first())) else { continue };
            let steps_begin = before == Some(MarkKind::Header) && leaf.begins == Some(MarkKind::Step);
            self.gap(&leaf.trivia, indentation + INDENTATION, index == 0, steps_begin);
            self.item(leaves, item, indentation + INDENTATION, usize::from(commas));
            if commas {
                self.write(",");
            }
            before = leaf.begins;
        }
        self.comments_between(&close.trivia, indentation + INDENTATION, group.items.is_empty(), false);
        self.line(indentation);
        self.leaf(close, 0);
    }

    // ── Runs ────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// The words of an item up to its block. Says whether it was divided, so that the block's brace stands on its own line.
    fn run(&mut self, leaves: &[Leaf<'_>], pieces: &[Piece], lines: Lines, behind: usize) -> bool {
        let outermost = run::outermost(pieces, leaves);
        if let Some(level) = outermost {
            let divided = run::is_divided(pieces, leaves);
            let long = || !self.fits(leaves, pieces, lines, behind, false);
            let too_long = || {
                if level.is_before_brackets() {
                    long()
                } else {
                    long() && !self.fits(leaves, pieces, lines, behind, true)
                }
            };
            if divided || too_long() {
                self.divided(leaves, pieces, lines, behind, level);
                return true;
            }
        }
        let greedy = !self.fits(leaves, pieces, lines, behind, false);
        self.undivided(leaves, pieces, lines, behind, greedy)
    }

    /// A run, broken at all places of a level.
    fn divided(&mut self, leaves: &[Leaf<'_>], pieces: &[Piece], lines: Lines, behind: usize, level: Level) {
        let places = run::places(pieces, leaves).filter(|(_, found)| *found == level).map(|(index, _)| index);
        let mut from = 0;
        let mut own = lines.own;
        for to in places.chain([pieces.len()]) {
            let segment = pieces.get(from..to).unwrap_or(&[]);
            if from > 0
                && let Some(piece) = segment.first()
            {
                self.lead(leaves, piece, Some(lines.further), lines);
                own = lines.further;
            }
            let behind = if to == pieces.len() { behind } else { 0 };
            self.run(leaves, segment, Lines { own, further: lines.further + INDENTATION }, behind);
            from = to;
        }
    }

    /// A run that is broken in brackets only: those of them that do not fit, if `greedy`. Says whether a comment made
    /// several lines of it.
    fn undivided(&mut self, leaves: &[Leaf<'_>], pieces: &[Piece], lines: Lines, behind: usize, greedy: bool) -> bool {
        let tails = if greedy { tails(leaves, pieces, behind) } else { Vec::new() };
        let mut own = lines.own;
        let mut apart = false;
        for (index, piece) in pieces.iter().enumerate() {
            if index > 0 && self.lead(leaves, piece, None, lines) {
                own = lines.further;
                apart = true;
            }
            match piece {
                Piece::Leaf(leaf) => {
                    if let Some(leaf) = leaves.get(*leaf) {
                        self.leaf(leaf, own);
                    }
                }
                Piece::Group(group) => {
                    let tail = tails.get(index).copied().unwrap_or(0);
                    let long = greedy && group.is_breakable() && self.column + group.flat + tail > WIDTH;
                    if group.broken || long {
                        self.broken(leaves, group, own);
                    } else {
                        self.flat_group(leaves, group);
                    }
                }
            }
        }
        apart
    }

    /// Whether every line of a run is within the width, if its brackets are broken as they must be or, `greedy`, where
    /// that helps.
    fn fits(&self, leaves: &[Leaf<'_>], pieces: &[Piece], lines: Lines, behind: usize, greedy: bool) -> bool {
        let tails = if greedy { tails(leaves, pieces, behind) } else { Vec::new() };
        let mut column = self.column;
        let mut own = lines.own;
        for (index, piece) in pieces.iter().enumerate() {
            let first = piece.first();
            let Some(leaf) = leaves.get(first) else { continue };
            if index > 0 && leaf.comment {
                column = lines.further;
                own = lines.further;
            } else if index > 0
                && let Some(before) = first.checked_sub(1).and_then(|before| leaves.get(before))
            {
                column += usize::from(blank_between(before, leaf));
            }
            match piece {
                Piece::Leaf(_) => {
                    column += leaf.width;
                    if leaf.token == Token::Block {
                        if column > WIDTH {
                            return false;
                        }
                        column = own + INDENTATION + 3;
                    }
                }
                Piece::Group(group) => {
                    let tail = tails.get(index).copied().unwrap_or(0);
                    let long = greedy && group.is_breakable() && column + group.flat + tail > WIDTH;
                    if group.broken || long {
                        if column + group.opening() > WIDTH {
                            return false;
                        }
                        column = own + group.closing(leaves);
                    } else {
                        column += group.flat;
                    }
                }
            }
            if column > WIDTH {
                return false;
            }
        }
        column + behind <= WIDTH
    }

    // ── Leaves ──────────────────────────────────────────────────────────────────────────────────────────────────────

    fn leaf(&mut self, leaf: &Leaf<'_>, indentation: usize) {
        match leaf.token {
            Token::Block => self.block(&leaf.text, indentation + INDENTATION),
            Token::Key | Token::StringKey => {
                self.write(&leaf.text);
                self.write(":");
            }
            _ => self.write(&leaf.text),
        }
    }

    /// A text block: its lines and its closing quotes move together, so that its text stays what it is.
    fn block(&mut self, text: &str, indentation: usize) {
        let mut lines = text.split('\n');
        lines.next();
        let closing = text.rsplit('\n').next().unwrap_or("");
        let removed = closing.strip_suffix("\"\"\"").unwrap_or("");
        self.write("\"\"\"");
        let mut lines = lines.peekable();
        while let Some(line) = lines.next() {
            let last = lines.peek().is_none();
            let content = if last { "\"\"\"" } else { line.strip_prefix(removed).unwrap_or(line) };
            if content.trim().is_empty() {
                self.out.push('\n');
            } else {
                self.line(indentation);
                self.write(content);
            }
        }
    }
}

/// How many of the pieces come before the next block, or before the second half of a step.
fn run_length(leaves: &[Leaf<'_>], pieces: &[Piece]) -> usize {
    let ends = |(index, piece): (usize, &Piece)| match piece {
        Piece::Group(group) => group.shape == Shape::Block,
        Piece::Leaf(leaf) => {
            let token = |index: usize| leaves.get(index).map(|leaf| leaf.token);
            index > 0
                && token(*leaf) == Some(Token::On)
                && matches!(token(leaf + 1), Some(Token::Failure | Token::Timeout))
        }
    };
    pieces.iter().enumerate().position(|(index, piece)| ends((index, piece))).unwrap_or(pieces.len())
}

/// What follows each piece on its line if the next brackets that can be broken are.
fn tails(leaves: &[Leaf<'_>], pieces: &[Piece], behind: usize) -> Vec<usize> {
    let mut tails = vec![0; pieces.len()];
    let mut tail = behind;
    for (slot, piece) in tails.iter_mut().zip(pieces).rev() {
        *slot = tail;
        let first = piece.first();
        let Some(leaf) = leaves.get(first) else { continue };
        let before = first.checked_sub(1).and_then(|before| leaves.get(before));
        let blank = usize::from(before.is_some_and(|before| blank_between(before, leaf)));
        tail = match piece {
            Piece::Group(group) if group.broken || group.is_breakable() => blank + group.opening(),
            Piece::Leaf(_) if leaf.token == Token::Block => blank + 3,
            piece => tail + blank + piece.flat(leaves),
        };
        if leaf.comment {
            tail = 0;
        }
    }
    tails
}
