//! Which results a webhook mentions, whatever they are.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use crate::syntax::ast::{Expr, ExprKind, Record, Text, TextPart, Webhook};

/// The results that a webhook mentions as `data.NAME` or `data["NAME"]`.
pub(crate) fn results_of_webhook(webhook: &Webhook, found: &mut BTreeSet<SmolStr>) {
    if let Some(request) = &webhook.request {
        in_text(&request.node.url.node, found);
    }
    if let Some(headers) = &webhook.headers {
        in_record(&headers.node, found);
    }
    if let Some(body) = &webhook.body {
        in_expression(&body.node.value, found);
    }
}

fn in_record(record: &Record, found: &mut BTreeSet<SmolStr>) {
    for entry in &record.entries {
        in_expression(&entry.value, found);
    }
}

fn in_text(text: &Text, found: &mut BTreeSet<SmolStr>) {
    for part in &text.parts {
        if let TextPart::Interpolation(hole) = part {
            in_expression(&hole.node, found);
        }
    }
}

fn in_expression(expression: &Expr, found: &mut BTreeSet<SmolStr>) {
    let is_data = |of: &Expr| matches!(&of.node, ExprKind::Name(name) if name == "data");
    match &expression.node {
        ExprKind::Text(text) => in_text(text, found),
        ExprKind::List(items) => items.iter().for_each(|item| in_expression(item, found)),
        ExprKind::Record(record) => in_record(record, found),
        ExprKind::Field { of, name } => {
            if is_data(of) {
                found.insert(name.node.clone());
            }
            in_expression(of, found);
        }
        ExprKind::Index { of, index } => {
            if let ExprKind::Text(text) = &index.node
                && is_data(of)
                && let Some(name) = text.literal()
            {
                found.insert(SmolStr::new(name));
            }
            in_expression(of, found);
            in_expression(index, found);
        }
        ExprKind::Call { function, arguments } => {
            in_expression(function, found);
            arguments.iter().for_each(|argument| in_expression(argument, found));
        }
        ExprKind::Unary { operand, .. } | ExprKind::IsSet { operand, .. } => in_expression(operand, found),
        ExprKind::Binary { left, right, .. } => {
            in_expression(left, found);
            in_expression(right, found);
        }
        ExprKind::Int(_)
        | ExprKind::Decimal(_)
        | ExprKind::Bool(_)
        | ExprKind::Null
        | ExprKind::Date(_)
        | ExprKind::DateTime(_)
        | ExprKind::Time(_)
        | ExprKind::Duration(_)
        | ExprKind::Name(_)
        | ExprKind::Broken => {}
    }
}
