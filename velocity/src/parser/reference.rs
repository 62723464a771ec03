//! References: `$name`, `$!{order.items[0].get('x')|'none'}`.

use super::layout::Raw;
use super::{Parsed, Parser};
use crate::ast::{Access, Form, Output, Reference, Step, StepKind};
use crate::lexer::Kind;
use smol_str::SmolStr;
use std::sync::Arc;

/// What the first token of a reference says about it.
pub(super) struct Head {
    slashes: usize,
    prefix: String,
    escaped: bool,
    /// What is printed without a value, where that is not the reference itself.
    fallback: Option<String>,
}

impl Parser<'_, '_> {
    /// A reference in the text.
    pub(super) fn output(&mut self, nodes: &mut Vec<Raw>) -> Parsed<()> {
        let first = self.index;
        let (reference, head) = self.reference()?;
        let leftover = self.tokens.get(first).and_then(|token| token.leftover.as_deref()).unwrap_or_default();
        let fallback = match head.fallback {
            Some(fallback) => fallback,
            None => [leftover, &*reference.literal].concat(),
        };
        nodes.push(Raw::Output(Arc::new(Output {
            reference,
            slashes: "\\".repeat(head.slashes).into_boxed_str(),
            bare: head.slashes == 0 && !head.escaped && head.prefix.is_empty(),
            prefix: head.prefix.into_boxed_str(),
            escaped: head.escaped,
            fallback: fallback.into_boxed_str(),
        })));
        Ok(())
    }

    /// A reference, here and in expressions.
    pub(super) fn reference(&mut self) -> Parsed<(Reference, Head)> {
        self.nested(Self::reference_unguarded)
    }

    fn reference_unguarded(&mut self) -> Parsed<(Reference, Head)> {
        let first = self.advance()?;
        let braces = self.token(first).0 == Kind::ReferenceLeft;
        let name_token = if braces { self.expect(Kind::Identifier, "a name")? } else { first };
        let mut steps = Vec::new();
        self.indexes(&mut steps)?;
        while self.kind(1)? == Kind::Dot && self.kind(2)? == Kind::Identifier {
            let dot = self.advance()?;
            let name = self.advance()?;
            let text = SmolStr::new(self.image(name));
            let kind = if self.method_follows()? {
                StepKind::Method(text, self.method_arguments()?)
            } else {
                StepKind::Property(text)
            };
            steps.push(Step::new(self.span_from(dot), kind));
            self.indexes(&mut steps)?;
        }
        let mut alternate = None;
        if braces {
            if self.accept(Kind::Pipe)?.is_some() {
                alternate = Some(Box::new(self.expression()?));
            }
            if !matches!(self.kind(1)?, Kind::ReferenceRight | Kind::RightCurly) {
                return Err(self.unexpected("`}`").with_hint("a reference in braces is written `${name}`"));
            }
            self.advance()?;
        }
        Ok(self.finish_reference(first, name_token, braces, steps, alternate))
    }

    fn finish_reference(
        &mut self,
        first: usize,
        name_token: usize,
        braces: bool,
        steps: Vec<Step>,
        alternate: Option<Box<crate::ast::Expr>>,
    ) -> (Reference, Head) {
        let (_, start, first_end) = self.token(first);
        let (_, _, end) = self.token(self.index - 1);
        let image = self.image(first);
        let mut head = Head { slashes: 0, prefix: String::new(), escaped: false, fallback: None };
        let mut computable = true;
        let (_, name_start, name_end) = self.token(name_token);
        if image.contains("\\!") {
            // `$\!name` prints itself without the backslash and has no value.
            let literal = self.source.get(start..end).unwrap_or_default();
            let (written, escaped) =
                if self.shared.settings.strict_escape { (literal.to_owned(), true) } else { (bang(image), false) };
            head.escaped = escaped;
            computable = escaped;
            let root = self.name(&written);
            head.fallback = Some(written);
            let reference = Reference {
                span: self.span_of(start, end),
                root_span: self.span_of(start, first_end),
                root,
                form: Form::Normal,
                access: self.access(&steps, computable && alternate.is_none()),
                braces,
                computable,
                steps,
                alternate,
                lenient: false,
                literal: literal.into(),
            };
            return (reference, head);
        }
        let slashes = image.bytes().take_while(|byte| *byte == b'\\').count();
        head.escaped = slashes % 2 == 1;
        head.slashes = slashes / 2;
        let stripped = image.get(slashes..).unwrap_or_default();
        let curly = stripped.rfind('{').unwrap_or(stripped.len());
        let dollar = stripped.get(..curly).and_then(|text| text.rfind('$')).unwrap_or_default();
        head.prefix = stripped.get(..dollar).unwrap_or_default().to_owned();
        let written = stripped.get(dollar..).unwrap_or_default();
        let begin = start + slashes + dollar;
        let (form, skip) = if written.starts_with("$!") {
            (Form::Quiet, 2)
        } else if written == "${" || written == "${$" {
            (Form::Formal, 1)
        } else if written.starts_with('$') {
            (Form::Normal, 1)
        } else {
            (Form::Runt, 0)
        };
        let name_start = if braces { name_start } else { begin + skip };
        let root = {
            let text = self.source.get(name_start..name_end).unwrap_or_default();
            self.name(text)
        };
        if form == Form::Quiet && !head.escaped {
            head.fallback = Some(String::new());
        }
        // From here on the token is the reference alone, for those that this one stands in too.
        if let Some(token) = self.tokens.get_mut(first) {
            token.start = begin;
        }
        let mut literal = String::with_capacity(end.saturating_sub(begin));
        literal.push_str(self.image(first));
        for number in first + 1..self.index {
            self.push_literal(number, &mut literal);
        }
        let reference = Reference {
            span: self.span_of(begin, end),
            root_span: self.span_of(name_start, name_end),
            root,
            form,
            access: self.access(&steps, computable && form != Form::Runt && alternate.is_none()),
            braces,
            computable,
            steps,
            alternate,
            lenient: false,
            literal: literal.into_boxed_str(),
        };
        (reference, head)
    }

    /// How the value along these steps is found; `short` when nothing else decides it.
    fn access(&self, steps: &[Step], short: bool) -> Access {
        // Where they are strict, or a map's methods may be meant, every step is looked at.
        let settings = self.shared.settings;
        if short && !settings.strict && !settings.map_methods_without_parentheses {
            return Access::along(steps);
        }
        Access::Walk
    }

    /// `[…][…]`
    fn indexes(&mut self, steps: &mut Vec<Step>) -> Parsed<()> {
        while self.kind(1)? == Kind::IndexLeft {
            let bracket = self.advance()?;
            let argument = self.expression()?;
            self.expect(Kind::IndexRight, "`]`")?;
            steps.push(Step::new(self.span_from(bracket), StepKind::Index(Box::new(argument))));
        }
        Ok(())
    }

    /// Whether `(` comes next and something that can be an argument, or `)`, after it.
    fn method_follows(&mut self) -> Parsed<bool> {
        Ok(self.kind(1)? == Kind::LeftParen
            && matches!(
                self.kind(2)?,
                Kind::ArgumentsRight
                    | Kind::Whitespace
                    | Kind::Newline
                    | Kind::Not
                    | Kind::Minus
                    | Kind::String
                    | Kind::Identifier
                    | Kind::ReferenceLeft
                    | Kind::Integer
                    | Kind::LeftBracket
                    | Kind::Float
                    | Kind::LeftCurly
                    | Kind::True
                    | Kind::False
                    | Kind::LeftParen
            ))
    }

    fn method_arguments(&mut self) -> Parsed<Vec<crate::ast::Expr>> {
        self.advance()?;
        let mut arguments = Vec::new();
        if self.accept(Kind::ArgumentsRight)?.is_some() {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression()?);
            if self.accept(Kind::Comma)?.is_none() {
                self.expect(Kind::ArgumentsRight, "`,` or `)`")?;
                return Ok(arguments);
            }
        }
    }
}

/// `$\\!name` without the last of the backslashes that stand before `!`.
fn bang(image: &str) -> String {
    let dollar = image.find('$').unwrap_or_default();
    let Some(slash) = image.get(dollar..).and_then(|rest| rest.find('\\')).map(|at| dollar + at) else {
        return image.to_owned();
    };
    let count = image.bytes().skip(slash).take_while(|byte| *byte == b'\\').count();
    let before = image.get(..slash + count - 1).unwrap_or_default();
    let after = image.get(slash + count..).unwrap_or_default();
    format!("{before}{after}")
}
