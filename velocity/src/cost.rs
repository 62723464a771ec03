//! How many operations a pass through a block takes.
//!
//! Nothing in an expression repeats itself, so all that a block's own nodes can cost is known when the template is read and
//! paid for when the block is entered: rendering need not count each of them. What depends on the data, such as the
//! length of a text or of a list, is paid for where it happens.

use crate::ast::{Expr, ExprKind, Node, Reference, StepKind};

/// A node without the blocks inside it: they pay when they are entered.
pub(crate) fn of_node(node: &Node) -> u64 {
    1 + match node {
        Node::Text(_) | Node::Define(_) | Node::Macro(_) => 0,
        Node::Reference(output) => of_reference(&output.reference),
        Node::Set(set) => of_reference(&set.target) + of_expression(&set.value),
        Node::If(statement) => statement.branches.iter().map(|(condition, _)| of_expression(condition)).sum(),
        Node::Foreach(foreach) => of_expression(&foreach.source),
        // The parameters' defaults, which are not known here, are paid for when they are used.
        Node::Call(call) => 4 + of_expressions(&call.arguments),
        Node::Evaluate(expression) => of_expression(expression),
        Node::Parse(expression) | Node::Stop(expression) | Node::Break(_, expression) => {
            expression.as_deref().map_or(0, of_expression)
        }
        Node::Include(names) => of_expressions(names),
    }
}

fn of_expressions(expressions: &[Expr]) -> u64 {
    expressions.iter().map(of_expression).sum()
}

/// An expression with all that it is made of.
pub(crate) fn of_expression(expression: &Expr) -> u64 {
    1 + match &expression.kind {
        ExprKind::Boolean(_)
        | ExprKind::Integer(_)
        | ExprKind::Long(_)
        | ExprKind::BigInteger(_)
        | ExprKind::Float(_)
        | ExprKind::Decimal(_)
        | ExprKind::String(..)
        | ExprKind::Interpolated(..)
        | ExprKind::Word(_) => 0,
        ExprKind::Reference(reference) => of_reference(reference),
        ExprKind::List(items) => of_expressions(items),
        ExprKind::Map(entries) => entries.iter().map(|(key, value)| of_expression(key) + of_expression(value)).sum(),
        ExprKind::Not(inner) | ExprKind::Negate(inner) => of_expression(inner),
        ExprKind::Range(pair)
        | ExprKind::And(pair)
        | ExprKind::Or(pair)
        | ExprKind::Math(_, pair)
        | ExprKind::Compare(_, pair) => of_expression(&pair.0) + of_expression(&pair.1),
    }
}

fn of_reference(reference: &Reference) -> u64 {
    let alternate = reference.alternate.as_deref().map_or(0, of_expression);
    let steps = reference.steps.iter().map(|step| match &step.kind {
        StepKind::Property(_) => 1,
        // A search among a class's methods, and the call.
        StepKind::Method(_, arguments) => 2 + of_expressions(arguments),
        StepKind::Index(argument) => 2 + of_expression(argument),
    });
    alternate + steps.sum::<u64>()
}
