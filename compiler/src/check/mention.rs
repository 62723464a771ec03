//! Which results a webhook mentions and which parts of a message a channel, whatever they are.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use crate::source::Span;
use crate::syntax::ast::{BinaryOperator, Expr, ExprKind, Record, Text, TextPart, Webhook};

/// The results that a webhook mentions as `data.NAME` or `data["NAME"]`.
pub(crate) fn results_of_webhook(webhook: &Webhook, found: &mut BTreeSet<SmolStr>) {
    let mut mentions = Mentions { root: "data", found: BTreeMap::new(), whole: false };
    mentions.in_webhook(webhook);
    found.extend(mentions.found.into_keys());
}

/// The parts of a message that the request of a channel mentions.
pub(crate) fn parts_of_channel(channel: &Webhook) -> Mentions {
    let mut mentions = Mentions { root: "message", found: BTreeMap::new(), whole: false };
    mentions.in_webhook(channel);
    mentions
}

/// What is mentioned below one root name.
#[derive(Clone, Debug)]
pub(crate) struct Mentions {
    root: &'static str,
    /// Each name with its first place.
    pub(crate) found: BTreeMap<SmolStr, Mention>,
    /// The root stands alone somewhere: all that is below it is mentioned.
    pub(crate) whole: bool,
}

/// A name that is mentioned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mention {
    /// The first place.
    pub(crate) span: Span,
    /// Somewhere it is asked whether it is there: `is set`, `??`.
    pub(crate) asked: bool,
}

impl Mentions {
    fn in_webhook(&mut self, webhook: &Webhook) {
        if let Some(request) = &webhook.request {
            self.in_text(&request.node.url.node);
        }
        if let Some(headers) = &webhook.headers {
            self.in_record(&headers.node);
        }
        if let Some(body) = &webhook.body {
            self.in_expression(&body.node.value, false);
        }
    }

    fn in_record(&mut self, record: &Record) {
        for entry in &record.entries {
            self.in_expression(&entry.value, false);
        }
    }

    fn in_text(&mut self, text: &Text) {
        for part in &text.parts {
            if let TextPart::Interpolation(hole) = part {
                self.in_expression(&hole.node, false);
            }
        }
    }

    fn add(&mut self, name: SmolStr, span: Span, asked: bool) {
        let mention = self.found.entry(name).or_insert(Mention { span, asked });
        mention.asked |= asked;
    }

    fn in_expression(&mut self, expression: &Expr, asked: bool) {
        let is_root = |of: &Expr| matches!(&of.node, ExprKind::Name(name) if name == self.root);
        match &expression.node {
            ExprKind::Name(_) if is_root(expression) => self.whole = true,
            ExprKind::Text(text) => self.in_text(text),
            ExprKind::List(items) => items.iter().for_each(|item| self.in_expression(item, false)),
            ExprKind::Record(record) => self.in_record(record),
            ExprKind::Field { of, name } if is_root(of) => self.add(name.node.clone(), expression.span, asked),
            ExprKind::Field { of, .. } => self.in_expression(of, asked),
            ExprKind::Index { of, index } => {
                match &index.node {
                    ExprKind::Text(text) if is_root(of) => {
                        if let Some(name) = text.literal() {
                            self.add(SmolStr::new(name), expression.span, asked);
                        }
                    }
                    _ => self.in_expression(of, asked),
                }
                self.in_expression(index, false);
            }
            ExprKind::Call { function, arguments } => {
                self.in_expression(function, false);
                arguments.iter().for_each(|argument| self.in_expression(argument, false));
            }
            ExprKind::Unary { operand, .. } => self.in_expression(operand, false),
            ExprKind::IsSet { operand, .. } => self.in_expression(operand, true),
            ExprKind::Binary { operator, left, right } => {
                self.in_expression(left, operator.node == BinaryOperator::Coalesce);
                self.in_expression(right, false);
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
}
