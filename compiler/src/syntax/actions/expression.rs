//! Expressions. Everything here watches the depth.

use super::Deep;
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::{Span, Spanned};
use crate::syntax::MAX_DEPTH;
use crate::syntax::ast::{BinaryOperator, Entry, Expr, ExprKind, Name, Record, Text, UnaryOperator};
use crate::syntax::reader::Reader;

pub(crate) fn entry(name: Name, value: Deep<Expr>) -> Deep<Entry> {
    value.map(|value| Entry { name, value })
}

impl Reader<'_> {
    /// A node over others of the given depth; a broken one where that is too deep.
    fn over(&mut self, depth: usize, span: Span, kind: ExprKind) -> Deep<Expr> {
        if depth < MAX_DEPTH {
            return Deep::new(span.with(kind), depth + 1);
        }
        self.too_deep(span);
        Deep::leaf(span.with(ExprKind::Broken))
    }

    pub(crate) fn value(&mut self, start: u32, kind: ExprKind, end: u32) -> Deep<Expr> {
        Deep::leaf(self.at(start, kind, end))
    }

    pub(crate) fn name(&mut self, name: Name) -> Deep<Expr> {
        let name = if self.is_alias(&name.node) { name.span.with("event".into()) } else { name };
        Deep::leaf(name.map(ExprKind::Name))
    }

    pub(crate) fn name_at(&mut self, start: u32, end: u32) -> Deep<Expr> {
        let name = self.word(start, end);
        self.name(name)
    }

    pub(crate) fn field_of(&mut self, start: u32, of: Deep<Expr>, name: Name, end: u32) -> Deep<Expr> {
        let span = self.span(start, end);
        self.over(of.depth, span, ExprKind::Field { of: Box::new(of.node), name })
    }

    pub(crate) fn index(&mut self, start: u32, of: Deep<Expr>, index: Deep<Expr>, end: u32) -> Deep<Expr> {
        let span = self.span(start, end);
        let depth = of.depth.max(index.depth);
        self.over(depth, span, ExprKind::Index { of: Box::new(of.node), index: Box::new(index.node) })
    }

    pub(crate) fn call(
        &mut self,
        start: u32,
        function: Deep<Expr>,
        arguments: Deep<Vec<Expr>>,
        end: u32,
    ) -> Deep<Expr> {
        let span = self.span(start, end);
        let depth = function.depth.max(arguments.depth);
        self.over(depth, span, ExprKind::Call { function: Box::new(function.node), arguments: arguments.node })
    }

    pub(crate) fn list(&mut self, start: u32, values: Deep<Vec<Expr>>, end: u32) -> Deep<Expr> {
        let span = self.span(start, end);
        self.over(values.depth, span, ExprKind::List(values.node))
    }

    pub(crate) fn record(
        &mut self,
        start: u32,
        entries: Vec<Option<Box<Deep<Entry>>>>,
        end: u32,
    ) -> Deep<Spanned<Record>> {
        let depth = entries.iter().flatten().map(|entry| entry.depth).max().unwrap_or(0);
        let (entries, broken) = super::readable_as(entries, |entry| super::unbox(entry).node);
        Deep::new(self.at(start, Record { entries, broken }, end), depth)
    }

    pub(crate) fn record_value(&mut self, record: Deep<Spanned<Record>>) -> Deep<Expr> {
        self.over(record.depth, record.node.span, ExprKind::Record(record.node.node))
    }

    pub(crate) fn text_value(&mut self, text: Deep<Spanned<Text>>) -> Deep<Expr> {
        self.over(text.depth, text.node.span, ExprKind::Text(text.node.node))
    }

    /// `( … )`: no node of its own, but the place grows by the brackets.
    pub(crate) fn bracketed(&mut self, start: u32, inner: Deep<Expr>, end: u32) -> Deep<Expr> {
        Deep::new(self.at(start, inner.node.node, end), inner.depth)
    }

    pub(crate) fn unary(
        &mut self,
        start: u32,
        operator: Spanned<()>,
        kind: UnaryOperator,
        operand: Deep<Expr>,
        end: u32,
    ) -> Deep<Expr> {
        let span = self.span(start, end);
        let operator = operator.map(|()| kind);
        self.over(operand.depth, span, ExprKind::Unary { operator, operand: Box::new(operand.node) })
    }

    pub(crate) fn binary(
        &mut self,
        start: u32,
        left: Deep<Expr>,
        operator: Spanned<()>,
        kind: BinaryOperator,
        right: Deep<Expr>,
        end: u32,
    ) -> Deep<Expr> {
        let span = self.span(start, end);
        let depth = left.depth.max(right.depth);
        let (left, right) = (Box::new(left.node), Box::new(right.node));
        self.over(depth, span, ExprKind::Binary { operator: operator.map(|()| kind), left, right })
    }

    pub(crate) fn compare(
        &mut self,
        start: u32,
        left: Deep<Expr>,
        operator: Spanned<BinaryOperator>,
        right: Deep<Expr>,
        end: u32,
    ) -> Deep<Expr> {
        if left.comparison {
            return self.chain(start, operator.span, end);
        }
        let kind = operator.node;
        let compared = self.binary(start, left, operator.map(|_| ()), kind, right, end);
        Deep { comparison: true, ..compared }
    }

    /// `a = b`, read as the comparison that it stands for.
    pub(crate) fn assign(
        &mut self,
        start: u32,
        left: Deep<Expr>,
        operator: Spanned<()>,
        right: Deep<Expr>,
        end: u32,
    ) -> Deep<Expr> {
        self.report(
            Diagnostic::new(Code::AssignmentInCondition, operator.span)
                .hint("two values are compared with `==`")
                .fix(Fix::replace(operator.span, "==")),
        );
        self.compare(start, left, operator.map(|()| BinaryOperator::Equal), right, end)
    }

    pub(crate) fn is_set(&mut self, start: u32, operand: Deep<Expr>, negated: bool, end: u32) -> Deep<Expr> {
        if operand.comparison {
            let place = operand.node.span.after();
            return self.chain(start, place, end);
        }
        let span = self.span(start, end);
        let asked = self.over(operand.depth, span, ExprKind::IsSet { operand: Box::new(operand.node), negated });
        Deep { comparison: true, ..asked }
    }

    /// `a < b < c`: reported; what it should mean is not guessed.
    fn chain(&mut self, start: u32, place: Span, end: u32) -> Deep<Expr> {
        self.report(
            Diagnostic::new(Code::ChainedComparison, place)
                .hint("compare twice and join both with `and`, or put one of them in brackets"),
        );
        Deep { comparison: true, ..self.value(start, ExprKind::Broken, end) }
    }

    /// `x?`, read as the question whether it is set; and `x ? a : b`, of which the rest is an echo.
    pub(crate) fn question(&mut self, start: u32, of: Deep<Expr>, mark: Spanned<()>, end: u32) -> Deep<Expr> {
        let behind = self.text.get(mark.span.end as usize..).unwrap_or("");
        let line = behind.lines().next().unwrap_or("").trim_start();
        let diagnostic = Diagnostic::new(Code::QuestionMark, mark.span);
        let alternative = line.starts_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '"')
            && line.contains(':')
            && !["and ", "or ", "in "].iter().any(|word| line.starts_with(word));
        self.report_on_line(if alternative {
            diagnostic.hint("there is no `a ? b : c`; steps choose with `if`, and `??` gives a default")
        } else {
            let blank = self.text.get(..mark.span.start as usize).is_some_and(|before| before.ends_with(' '));
            diagnostic
                .hint("ask with `is set`, give a default with `?? …`")
                .fix(Fix::replace(mark.span, if blank { "is set" } else { " is set" }))
        });
        let span = self.span(start, end);
        self.over(of.depth, span, ExprKind::IsSet { operand: Box::new(of.node), negated: false })
    }

    /// `x?.y`: what it should mean is not guessed.
    pub(crate) fn question_dot(&mut self, start: u32, of: Deep<Expr>, mark: Spanned<()>, end: u32) -> Deep<Expr> {
        self.report(
            Diagnostic::new(Code::QuestionMark, mark.span)
                .hint("there is no `?.`: a field behind something optional is read where `if … is set { … }` holds"),
        );
        drop(of);
        self.value(start, ExprKind::Broken, end)
    }
}
