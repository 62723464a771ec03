//! Values: texts, records, expressions with the brackets that they need.

use compiler::syntax::ast::*;

use super::{Writer, escaped};

impl Writer<'_, '_> {
    pub(super) fn duration(&mut self, duration: Duration) {
        let unit = match duration.unit {
            DurationUnit::Milliseconds => "ms",
            DurationUnit::Seconds => "s",
            DurationUnit::Minutes => "min",
            DurationUnit::Hours => "h",
            DurationUnit::Days => "d",
            DurationUnit::Weeks => "w",
        };
        self.put(&format!("{}{unit}", duration.amount));
    }

    pub(super) fn record(&mut self, record: &Record) {
        self.fields_of(&record.entries, |writer, entry| {
            writer.key(&entry.name);
            writer.expression(&entry.value);
        });
    }

    /// A text, on one line or as a block.
    pub(super) fn text(&mut self, text: &Text, may_be_block: bool) {
        let as_block = may_be_block && self.maker.below(4) == 3;
        let mut written = String::new();
        for part in &text.parts {
            match part {
                TextPart::Literal(block) if as_block => {
                    written.push_str(&block.text.split('\n').map(escaped).collect::<Vec<_>>().join("\n"));
                }
                TextPart::Literal(block) => written.push_str(&escaped(&block.text)),
                TextPart::Interpolation(value) => {
                    let mut inner = Writer { tokens: Vec::new(), maker: &mut *self.maker };
                    inner.value(&value.node, false);
                    let inner = inner.tokens.join(" ");
                    let blank = if self.maker.maybe() { " " } else { "" };
                    written.push_str(&format!("${{{blank}{inner}{blank}}}"));
                }
            }
        }
        // A line of blanks means an empty one in a block.
        let blank_line = written.split('\n').any(|line| !line.is_empty() && line.trim().is_empty());
        if as_block && !blank_line {
            let lines = if written.is_empty() { Vec::new() } else { written.split('\n').map(str::to_owned).collect() };
            self.block(lines);
        } else {
            self.tokens.push(format!("\"{}\"", written.replace('\n', "\\n")));
        }
    }

    pub(super) fn block(&mut self, lines: Vec<String>) {
        let indentation = self.maker.one_of(&["", "  ", "\t", "          "]);
        let mut block = "\"\"\"\n".to_owned();
        for line in lines {
            if !line.is_empty() {
                block.push_str(indentation);
            }
            block.push_str(&line);
            block.push('\n');
        }
        self.tokens.push(format!("{block}{indentation}\"\"\""));
    }

    /// A value where a block follows: a record would be taken for it.
    pub(super) fn condition(&mut self, value: &Expr) {
        self.bracketed(value, matches!(value.node, ExprKind::Record(_)));
    }

    /// A value where an operator may follow that is none of its own.
    pub(super) fn sum(&mut self, value: &Expr) {
        self.bracketed(value, is_above_sum(value));
    }

    pub(super) fn condition_sum(&mut self, value: &Expr) {
        self.bracketed(value, is_above_sum(value) || matches!(value.node, ExprKind::Record(_)));
    }

    pub(super) fn operand(&mut self, value: &Expr) {
        let compound = matches!(
            value.node,
            ExprKind::Binary { .. } | ExprKind::Unary { .. } | ExprKind::IsSet { .. } | ExprKind::Record(_)
        );
        self.bracketed(value, compound);
    }

    pub(super) fn bracketed(&mut self, value: &Expr, brackets: bool) {
        if brackets {
            self.put("(");
        }
        self.expression(value);
        if brackets {
            self.put(")");
        }
    }

    pub(super) fn expression(&mut self, value: &Expr) {
        self.value(value, true);
    }

    /// Blocks may not stand within a text.
    pub(super) fn value(&mut self, value: &Expr, blocks: bool) {
        match &value.node {
            ExprKind::Text(text) => self.text(text, blocks),
            ExprKind::Int(number) => self.put(&number.to_string()),
            ExprKind::Decimal(number) => self.put(&number.to_string()),
            ExprKind::Bool(value) => self.put(if *value { "true" } else { "false" }),
            ExprKind::Null => self.put("null"),
            ExprKind::Date(date) => self.put(&date.to_string()),
            ExprKind::DateTime(moment) => {
                let offset = moment.offset.map_or(String::new(), |offset| match offset.seconds() {
                    0 => "Z".to_owned(),
                    seconds => format!("+{:02}:00", seconds / 3600),
                });
                self.put(&format!("{}{offset}", moment.civil.strftime("%Y-%m-%dT%H:%M")));
            }
            ExprKind::Time(time) => self.put(&time.strftime("%H:%M").to_string()),
            ExprKind::Duration(duration) => self.duration(*duration),
            ExprKind::List(values) => {
                self.put("[");
                self.separated(values, true, |writer, value| writer.value(value, blocks));
                self.put("]");
            }
            ExprKind::Record(record) => self.fields_of(&record.entries, |writer, entry| {
                writer.key(&entry.name);
                writer.value(&entry.value, blocks);
            }),
            ExprKind::Name(name) => self.put(name),
            ExprKind::Field { of, name } => {
                self.value(of, blocks);
                self.tokens.push(format!(".{}", name.node));
            }
            ExprKind::Index { of, index } => {
                self.value(of, blocks);
                self.put("[");
                self.value(index, blocks);
                self.put("]");
            }
            ExprKind::Call { function, arguments } => {
                self.value(function, blocks);
                self.put("(");
                self.separated(arguments, true, |writer, value| writer.value(value, blocks));
                self.put(")");
            }
            ExprKind::Unary { operator, operand } => {
                self.put(match operator.node {
                    UnaryOperator::Not => "not",
                    UnaryOperator::Negate => "-",
                });
                self.within(operand, blocks);
            }
            ExprKind::IsSet { operand, negated } => {
                self.within(operand, blocks);
                self.put(if *negated { "is not set" } else { "is set" });
            }
            ExprKind::Binary { operator, left, right } => {
                let chain = matches!(&left.node, ExprKind::Binary { operator: inner, .. }
                    if inner.node == operator.node && chains(operator.node));
                if chain {
                    self.value(left, blocks);
                } else {
                    self.within(left, blocks);
                }
                self.put(sign(operator.node));
                self.within(right, blocks);
            }
            ExprKind::Broken => panic!("nothing is broken"),
        }
    }

    pub(super) fn within(&mut self, value: &Expr, blocks: bool) {
        if blocks {
            return self.operand(value);
        }
        self.put("(");
        self.value(value, false);
        self.put(")");
    }
}

fn is_above_sum(value: &Expr) -> bool {
    match &value.node {
        ExprKind::Binary { operator, .. } => !matches!(
            operator.node,
            BinaryOperator::Add
                | BinaryOperator::Subtract
                | BinaryOperator::Multiply
                | BinaryOperator::Divide
                | BinaryOperator::Coalesce
        ),
        ExprKind::Unary { operator, .. } => operator.node == UnaryOperator::Not,
        ExprKind::IsSet { .. } => true,
        _ => false,
    }
}

fn chains(operator: BinaryOperator) -> bool {
    matches!(
        operator,
        BinaryOperator::Or
            | BinaryOperator::And
            | BinaryOperator::Add
            | BinaryOperator::Subtract
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
    )
}

fn sign(operator: BinaryOperator) -> &'static str {
    match operator {
        BinaryOperator::Or => "or",
        BinaryOperator::And => "and",
        BinaryOperator::Equal => "==",
        BinaryOperator::NotEqual => "!=",
        BinaryOperator::Less => "<",
        BinaryOperator::LessOrEqual => "<=",
        BinaryOperator::Greater => ">",
        BinaryOperator::GreaterOrEqual => ">=",
        BinaryOperator::In => "in",
        BinaryOperator::NotIn => "not in",
        BinaryOperator::Contains => "contains",
        BinaryOperator::Add => "+",
        BinaryOperator::Subtract => "-",
        BinaryOperator::Multiply => "*",
        BinaryOperator::Divide => "/",
        BinaryOperator::Coalesce => "??",
    }
}
