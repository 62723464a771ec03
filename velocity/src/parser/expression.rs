//! Expressions: what stands in `#if(…)`, `#set(…)`, indexes and arguments.

use super::{Parsed, Parser};
use crate::ast::{Comparison, Expr, ExprKind, Math};
use crate::lexer::Kind;
use crate::value::Decimal;
use num_bigint::BigInt;

impl Parser<'_, '_> {
    /// Anything with a value.
    pub(super) fn expression(&mut self) -> Parsed<Expr> {
        let mut expression = self.nested(Self::or)?;
        if self.inside_if > 0 {
            make_lenient(&mut expression);
        }
        Ok(expression)
    }

    fn or(&mut self) -> Parsed<Expr> {
        let mut left = self.and()?;
        while matches!(self.kind(1)?, Kind::Or | Kind::ReferenceOr) {
            self.advance()?;
            let height = self.shared.height;
            let right = self.and()?;
            self.joined(height)?;
            left = Expr { span: left.span.to(right.span), kind: ExprKind::Or(Box::new((left, right))) };
        }
        Ok(left)
    }

    fn and(&mut self) -> Parsed<Expr> {
        let mut left = self.equality()?;
        while self.accept(Kind::And)?.is_some() {
            let height = self.shared.height;
            let right = self.equality()?;
            self.joined(height)?;
            left = Expr { span: left.span.to(right.span), kind: ExprKind::And(Box::new((left, right))) };
        }
        Ok(left)
    }

    fn equality(&mut self) -> Parsed<Expr> {
        let mut left = self.relation()?;
        loop {
            let comparison = match self.kind(1)? {
                Kind::Equal => Comparison::Equal,
                Kind::NotEqual => Comparison::NotEqual,
                _ => return Ok(left),
            };
            self.advance()?;
            let height = self.shared.height;
            let right = self.relation()?;
            self.joined(height)?;
            left = compare(comparison, left, right);
        }
    }

    fn relation(&mut self) -> Parsed<Expr> {
        let mut left = self.sum()?;
        loop {
            let comparison = match self.kind(1)? {
                Kind::Less => Comparison::Less,
                Kind::LessEqual => Comparison::LessEqual,
                Kind::Greater => Comparison::Greater,
                Kind::GreaterEqual => Comparison::GreaterEqual,
                _ => return Ok(left),
            };
            self.advance()?;
            let height = self.shared.height;
            let right = self.sum()?;
            self.joined(height)?;
            left = compare(comparison, left, right);
        }
    }

    fn sum(&mut self) -> Parsed<Expr> {
        let mut left = self.product()?;
        loop {
            let operator = match self.kind(1)? {
                Kind::Plus => Math::Add,
                Kind::Minus => Math::Subtract,
                _ => return Ok(left),
            };
            self.advance()?;
            let height = self.shared.height;
            let right = self.product()?;
            self.joined(height)?;
            left = math(operator, left, right);
        }
    }

    fn product(&mut self) -> Parsed<Expr> {
        let mut left = self.unary()?;
        loop {
            let operator = match self.kind(1)? {
                Kind::Multiply => Math::Multiply,
                Kind::Divide => Math::Divide,
                Kind::Modulus => Math::Modulo,
                _ => return Ok(left),
            };
            self.advance()?;
            let height = self.shared.height;
            let right = self.unary()?;
            self.joined(height)?;
            left = math(operator, left, right);
        }
    }

    fn unary(&mut self) -> Parsed<Expr> {
        self.skip_blanks()?;
        match self.kind(1)? {
            Kind::Not => {
                let operator = self.advance()?;
                let inner = self.nested(Self::unary)?;
                Ok(Expr { span: self.span_from(operator), kind: ExprKind::Not(Box::new(inner)) })
            }
            Kind::Minus => {
                let operator = self.advance()?;
                let inner = self.primary()?;
                Ok(Expr { span: self.span_from(operator), kind: ExprKind::Negate(Box::new(inner)) })
            }
            _ => self.primary(),
        }
    }

    fn primary(&mut self) -> Parsed<Expr> {
        self.skip_blanks()?;
        let expression = if self.accept(Kind::LeftParen)?.is_some() {
            let inner = self.expression()?;
            self.expect(Kind::RightParen, "an operator or `)`")?;
            inner
        } else {
            self.simple()?
        };
        self.skip_blanks()?;
        Ok(expression)
    }

    /// An element of a list or a map, with the blanks around it.
    fn parameter(&mut self) -> Parsed<Expr> {
        self.skip_blanks()?;
        let value = self.simple()?;
        self.skip_blanks()?;
        Ok(value)
    }

    /// A literal or a reference.
    pub(super) fn simple(&mut self) -> Parsed<Expr> {
        self.shared.height = 0;
        match self.kind(1)? {
            Kind::Identifier => {}
            Kind::ReferenceLeft => {}
            Kind::String => return self.text_literal(),
            Kind::Integer => {
                let number = self.advance()?;
                let Some(kind) = integer(self.image(number)) else { return Err(self.no_number(number)) };
                return Ok(Expr { span: self.token_span(number), kind });
            }
            Kind::Float => {
                let number = self.advance()?;
                let Some(kind) = float(self.image(number)) else { return Err(self.no_number(number)) };
                return Ok(Expr { span: self.token_span(number), kind });
            }
            Kind::True | Kind::False => {
                let number = self.advance()?;
                let value = self.token(number).0 == Kind::True;
                return Ok(Expr { span: self.token_span(number), kind: ExprKind::Boolean(value) });
            }
            Kind::LeftBracket => return self.nested(Self::list_or_range),
            Kind::LeftCurly => return self.nested(Self::map),
            _ => return Err(self.unexpected("a value")),
        }
        let (reference, _) = self.reference()?;
        Ok(Expr { span: reference.span, kind: ExprKind::Reference(Box::new(reference)) })
    }

    /// A number with a `#` or `$` before it.
    fn no_number(&self, number: usize) -> Box<super::Mistake> {
        self.mistake(self.token_span(number), format!("`{}` is no number", self.image(number)))
    }

    /// `[a, b]` or `[a..b]`
    fn list_or_range(&mut self) -> Parsed<Expr> {
        let bracket = self.advance()?;
        if self.accept(Kind::RightBracket)?.is_some() {
            return Ok(Expr { span: self.span_from(bracket), kind: ExprKind::List(Vec::new()) });
        }
        let first = self.parameter()?;
        let whole = matches!(
            first.kind,
            ExprKind::Reference(_) | ExprKind::Integer(_) | ExprKind::Long(_) | ExprKind::BigInteger(_)
        );
        if whole && self.accept(Kind::DoubleDot)?.is_some() {
            self.skip_blanks()?;
            if !matches!(self.kind(1)?, Kind::Identifier | Kind::ReferenceLeft | Kind::Integer) {
                return Err(self.unexpected("a whole number or a reference"));
            }
            let last = self.parameter()?;
            self.expect(Kind::RightBracket, "`]`")?;
            return Ok(Expr { span: self.span_from(bracket), kind: ExprKind::Range(Box::new((first, last))) });
        }
        let mut items = vec![first];
        while self.accept(Kind::Comma)?.is_some() {
            items.push(self.parameter()?);
        }
        self.expect(Kind::RightBracket, "`,` or `]`")?;
        Ok(Expr { span: self.span_from(bracket), kind: ExprKind::List(items) })
    }

    /// `{a: b}`
    fn map(&mut self) -> Parsed<Expr> {
        let bracket = self.advance()?;
        self.skip_blanks()?;
        let mut entries = Vec::new();
        if !matches!(self.kind(1)?, Kind::RightCurly | Kind::ReferenceRight) {
            loop {
                let key = self.parameter()?;
                self.expect(Kind::Colon, "`:`")?;
                let value = self.parameter()?;
                entries.push((key, value));
                if self.accept(Kind::Comma)?.is_none() {
                    break;
                }
            }
        }
        if !matches!(self.kind(1)?, Kind::RightCurly | Kind::ReferenceRight) {
            return Err(self.unexpected("`,` or `}`"));
        }
        self.advance()?;
        Ok(Expr { span: self.span_from(bracket), kind: ExprKind::Map(entries) })
    }
}

fn compare(comparison: Comparison, left: Expr, right: Expr) -> Expr {
    Expr { span: left.span.to(right.span), kind: ExprKind::Compare(comparison, Box::new((left, right))) }
}

fn math(operator: Math, left: Expr, right: Expr) -> Expr {
    Expr { span: left.span.to(right.span), kind: ExprKind::Math(operator, Box::new((left, right))) }
}

fn integer(image: &str) -> Option<ExprKind> {
    if let Ok(number) = image.parse::<i32>() {
        Some(ExprKind::Integer(number))
    } else if let Ok(number) = image.parse::<i64>() {
        Some(ExprKind::Long(number))
    } else {
        image.parse::<BigInt>().ok().map(ExprKind::BigInteger)
    }
}

fn float(image: &str) -> Option<ExprKind> {
    match image.parse::<f64>() {
        Ok(number) => Some(ExprKind::Float(number)),
        Err(_) => Decimal::parse(image).map(ExprKind::Decimal),
    }
}

/// Strict mode allows an undefined name that is asked for its truth inside an `#if`.
fn make_lenient(expression: &mut Expr) {
    match &mut expression.kind {
        ExprKind::Reference(reference) if reference.steps.is_empty() => reference.lenient = true,
        ExprKind::Not(inner) => make_lenient(inner),
        ExprKind::And(pair) | ExprKind::Or(pair) => {
            make_lenient(&mut pair.0);
            make_lenient(&mut pair.1);
        }
        _ => {}
    }
}
