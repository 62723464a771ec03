//! What is left of a stretch that could not be read.

use smol_str::SmolStr;

use super::Deep;
use crate::source::Span;
use crate::syntax::ast::{Entry, Expr, ExprKind, Name};
use crate::syntax::reader::{Bad, Reader};
use crate::syntax::token::Token;

impl Reader<'_> {
    /// Reports a mistake of which nothing is left.
    pub(crate) fn broken(&mut self, bad: Bad) -> Option<()> {
        self.mistake(bad);
        None
    }

    /// Reports a mistake in an item of a list.
    pub(crate) fn broken_item<T>(&mut self, bad: Bad) -> Option<T> {
        self.mistake(bad);
        None
    }

    /// Reports a mistake in a value whose name was read.
    pub(crate) fn broken_entry(&mut self, name: Name, bad: Bad) -> Option<Box<Deep<Entry>>> {
        self.mistake(bad);
        let value = name.span.after().with(ExprKind::Broken);
        Some(Box::new(Deep::leaf(Entry { name, value })))
    }

    /// Reports a mistake in what stands before a block.
    pub(crate) fn broken_condition(&mut self, start: u32, bad: Bad, end: u32) -> Expr {
        self.mistake(bad);
        self.at(start, ExprKind::Broken, end)
    }

    /// Reports a mistake in a message's part whose name was read.
    pub(crate) fn broken_part(
        &mut self,
        start: u32,
        name: Name,
        bad: Bad,
        end: u32,
    ) -> Option<Box<crate::source::Spanned<crate::syntax::ast::Part>>> {
        self.mistake(bad);
        let value = crate::syntax::ast::PartValue::Broken;
        Some(Box::new(self.at(start, crate::syntax::ast::Part { name, value }, end)))
    }

    /// Reports a mistake in an expression.
    pub(crate) fn broken_deep(&mut self, bad: Bad) -> Deep<Expr> {
        let place = self.place_of(&bad.error);
        self.mistake(bad);
        Deep::leaf(place.with(ExprKind::Broken))
    }

    /// Reports a mistake in a declared name, and makes out the name that was meant: all that stands in its place.
    ///
    /// So `event my-event {` and `event test {` still declare something, and uses of it are not unknown.
    pub(crate) fn broken_name(&mut self, start: u32, bad: Bad, end: u32) -> Option<Name> {
        self.mistake(bad);
        let first = self.token_at(start)?;
        let span = match first.token {
            // What stands behind a text is the mistake.
            Token::String => return Some(self.plain_text(first.start, first.end)).filter(|name| !name.node.is_empty()),
            token if token.is_word() || token == Token::Key => self.span(start, end),
            _ => return None,
        };
        let text = self.slice(span).lines().next().unwrap_or("").trim();
        let name = SmolStr::from(text.split(['{', '(', ':']).next().unwrap_or("").trim());
        (!name.is_empty()).then(|| Span::new(span.file, span.start, span.start + text.len() as u32).with(name))
    }
}
