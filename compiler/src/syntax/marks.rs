//! What the formatter has to know and the tokens alone do not tell: where the lines of blocks begin.
//!
//! The parser writes it down while it reads, so that the formatter needs no second grammar.

/// A place in the file that means something for its layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    /// The offset of the token that it is about.
    pub(crate) offset: u32,
    /// What it is.
    pub(crate) kind: MarkKind,
}

/// What a mark says of its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum MarkKind {
    /// Begins a header line of a workflow.
    Header,
    /// Begins a step, a line, a part: what has a line of its own wherever there are two of it.
    Step,
    /// Begins a piece of a short description, as of a stub's answer: several may share a line.
    Piece,
    /// A name that is a declaration's or leads to one.
    Name,
    /// A bracket that belongs to the name before it, without a blank between them.
    Close,
}
