//! Values: durations, records, texts and expressions.

use compiler::source::Spanned;
use compiler::syntax::ast::*;
use compiler::syntax::text_block::TextBlock;
use jiff::civil;
use jiff::tz::Offset;
use smol_str::SmolStr;

use super::{Maker, TEXTS, at};

impl Maker<'_> {
    pub(super) fn duration(&mut self) -> Spanned<Duration> {
        let units = [DurationUnit::Seconds, DurationUnit::Minutes, DurationUnit::Days, DurationUnit::Milliseconds];
        at(Duration { amount: self.one_of(&[1, 10, 90]), unit: self.one_of(&units) })
    }

    pub(super) fn record(&mut self) -> Record {
        let entry = |maker: &mut Self| Entry { name: maker.key(), value: maker.expression() };
        Record { entries: self.deeper(|_| Vec::new(), |maker| maker.some(0, 4, entry)), broken: false }
    }

    pub(super) fn text(&mut self) -> Spanned<Text> {
        let mut parts: Vec<TextPart> = Vec::new();
        for _ in 0..self.below(4) {
            let value = self.below(3) == 1 && self.depth < 4;
            match parts.last_mut() {
                _ if value => {
                    let value = self.deeper(Self::leaf, Self::expression);
                    parts.push(TextPart::Interpolation(at(value)));
                }
                Some(TextPart::Literal(block)) => block.text.push_str(self.one_of(TEXTS)),
                _ => parts.push(TextPart::Literal(TextBlock::verbatim(self.one_of(TEXTS), at(()).span))),
            }
        }
        at(Text { parts })
    }

    pub(super) fn leaf(&mut self) -> Expr {
        at(match self.below(9) {
            0 => ExprKind::Name(SmolStr::new(self.one_of(&["event", "contact", "message", "data", "loyal", "order"]))),
            1 => ExprKind::Int(self.one_of(&[0, 7, 2026])),
            2 => ExprKind::Decimal(self.one_of(&["9.90", "0.5"]).parse().unwrap()),
            3 => ExprKind::Bool(self.maybe()),
            4 => ExprKind::Null,
            5 => ExprKind::Date(civil::date(2026, 11, 24)),
            6 => {
                let offset = self.one_of(&[None, Some(Offset::UTC), Some(Offset::constant(2))]);
                ExprKind::DateTime(DateTime { civil: civil::date(2026, 11, 24).at(9, 30, 0, 0), offset })
            }
            7 => ExprKind::Time(civil::time(9, 30, 0, 0)),
            _ => ExprKind::Duration(self.duration().node),
        })
    }

    pub(crate) fn expression(&mut self) -> Expr {
        self.deeper(Self::leaf, |maker| {
            let operators = [
                BinaryOperator::Or,
                BinaryOperator::And,
                BinaryOperator::Equal,
                BinaryOperator::NotEqual,
                BinaryOperator::Less,
                BinaryOperator::GreaterOrEqual,
                BinaryOperator::In,
                BinaryOperator::NotIn,
                BinaryOperator::Contains,
                BinaryOperator::Add,
                BinaryOperator::Subtract,
                BinaryOperator::Multiply,
                BinaryOperator::Divide,
                BinaryOperator::Coalesce,
            ];
            match maker.below(12) {
                0 | 1 => maker.leaf(),
                2 | 3 => maker.path(),
                4 => at(ExprKind::Text(maker.text().node)),
                5 => at(ExprKind::List(maker.some(0, 4, Self::expression))),
                6 => at(ExprKind::Record(maker.record())),
                7 => at(ExprKind::Call {
                    function: Box::new(at(ExprKind::Name(SmolStr::new("round")))),
                    arguments: maker.some(0, 2, Self::expression),
                }),
                8 => {
                    let operator = at(maker.one_of(&[UnaryOperator::Not, UnaryOperator::Negate]));
                    at(ExprKind::Unary { operator, operand: Box::new(maker.expression()) })
                }
                9 => at(ExprKind::IsSet { operand: Box::new(maker.expression()), negated: maker.maybe() }),
                _ => {
                    let operator = maker.one_of(&operators);
                    let count = maker.below(4) + 1;
                    (0..count).fold(maker.expression(), |left, _| {
                        let (left, right) = (Box::new(left), Box::new(maker.expression()));
                        at(ExprKind::Binary { operator: at(operator), left, right })
                    })
                }
            }
        })
    }
}
