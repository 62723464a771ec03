//! `#foreach`, `#macro`, `#define` and the rest, and calls of macros.

use super::layout::{Layout, Raw, RawBlock, RawDirective};
use super::{Parsed, Parser};
use crate::ast::{Call, Expr, ExprKind, Node, Parameter};
use crate::lexer::{Kind, State};
use crate::settings::SpaceGobbling;
use crate::span::Span;
use smol_str::SmolStr;
use std::sync::{Arc, OnceLock};

/// The directives beside `#set`, `#if` and what belongs to it.
pub(super) const DIRECTIVES: &[&str] = &["macro", "foreach", "include", "parse", "define", "break", "stop", "evaluate"];

/// An argument, with `$name =` before it in a macro's definition.
struct Given {
    target: Option<(String, Span)>,
    value: Expr,
    /// The first token of the value.
    image: String,
}

impl Parser<'_, '_> {
    /// A directive or a macro's call; tells whether a line begins after it.
    pub(super) fn directive(&mut self, line_began: bool, nodes: &mut Vec<Raw>) -> Parsed<bool> {
        let first = self.index;
        let mut layout = Layout { prefix: self.indentation()?, ..Layout::default() };
        let word = self.advance()?;
        layout.more = self.before_hash(word);
        let opened = self.token_span(word);
        let name = self.directive_name(word);
        let known = DIRECTIVES.contains(&name.as_str());
        let is_macro = name == "macro";
        let block = matches!(name.as_str(), "macro" | "foreach" | "define") || name.starts_with('@');
        self.lexer.enter_directive();
        let parentheses = self.lexer.followed_by(b'(');
        let mut given = Vec::new();
        if parentheses {
            given = self.nested(|parser| parser.arguments(is_macro, known, &name))?;
        } else {
            self.lexer.leave();
        }
        let mut line_begins = false;
        let mode = self.gobbling_mode();
        let backward = mode == SpaceGobbling::BackwardCompatible;
        let swallows = block
            || (line_began && !backward)
            || (backward && parentheses)
            || matches!(name.as_str(), "include" | "parse");
        let mut prefix = String::new();
        if swallows && let Some(end) = self.line_end()? {
            line_begins = true;
            if block {
                prefix = end;
            } else {
                layout.postfix = end;
            }
        }
        let span = self.span_from(word);
        if known {
            self.check(&name, &given, opened)?;
        }
        if !block {
            let node = if known {
                RawDirective::Line(self.line_directive(&name, given, opened)?)
            } else {
                let literal = self.call_literal(first, word, &layout);
                RawDirective::Call(Box::new(self.call(&name, given, span, literal)?), None)
            };
            nodes.push(Raw::Directive(Box::new(layout), Box::new(node)));
            return Ok(line_begins);
        }
        let enders = &[Kind::End, Kind::Else];
        let mut body = RawBlock { prefix, ..RawBlock::default() };
        line_begins = self.statements(line_begins, enders, opened, &mut body.nodes)?;
        if line_begins {
            self.indentation_into(&mut body)?;
        }
        let mut otherwise = None;
        if name == "foreach" && self.kind(1)? == Kind::Else {
            let number = self.advance()?;
            body.more = self.before_hash(number);
            let mut block = RawBlock::default();
            if let Some(end) = self.line_end()? {
                block.prefix = end;
                line_begins = true;
            }
            line_begins = self.statements(line_begins, &[Kind::End], opened, &mut block.nodes)?;
            otherwise = Some(block);
        }
        let last = otherwise.as_mut().unwrap_or(&mut body);
        if line_begins {
            self.indentation_into(last)?;
        }
        let end = self.expect(Kind::End, "`#end`")?;
        last.more = self.before_hash(end);
        line_begins = false;
        if (line_began || backward)
            && let Some(postfix) = self.line_end()?
        {
            layout.postfix = postfix;
            line_begins = true;
        }
        let directive = match name.as_str() {
            "macro" => self.macro_definition(given, body, opened)?,
            "foreach" => self.foreach(given, body, otherwise, opened)?,
            "define" => self.define(given, body, opened)?,
            called => {
                let literal = self.call_literal(first, word, &layout);
                let called = called.get(1..).unwrap_or_default();
                RawDirective::Call(Box::new(self.call(called, given, span, literal)?), Some(body))
            }
        };
        nodes.push(Raw::Directive(Box::new(layout), Box::new(directive)));
        Ok(line_begins)
    }

    fn gobbling_mode(&self) -> SpaceGobbling {
        self.shared.settings.space_gobbling
    }

    fn indentation_into(&mut self, block: &mut RawBlock) -> Parsed<()> {
        let indentation = self.indentation()?;
        if !indentation.is_empty() {
            block.postfix = indentation;
        }
        Ok(())
    }

    fn directive_name(&self, word: usize) -> SmolStr {
        let image = self.image(word);
        let after = image.rfind('#').and_then(|at| image.get(at + 1..)).unwrap_or_default();
        let name = after.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(after);
        SmolStr::new(name)
    }

    /// `( a, b c )`: commas are optional.
    fn arguments(&mut self, is_macro: bool, known: bool, name: &str) -> Parsed<Vec<Given>> {
        self.skip_blanks()?;
        self.expect(Kind::LeftParen, "`(`")?;
        let mut given = Vec::new();
        while !self.right_parenthesis_follows()? {
            self.skip_blanks()?;
            if self.accept(Kind::Comma)?.is_some() {
                self.skip_blanks()?;
            }
            if self.kind(1)? == Kind::LineCommentStart && is_macro {
                self.advance()?;
                self.accept(Kind::LineComment)?;
                continue;
            }
            if self.right_parenthesis_follows()? {
                return Err(self.unexpected("an argument"));
            }
            let mut target = None;
            if is_macro && self.assignment_follows()? {
                let at = self.index;
                self.reference()?;
                let image = self.image(at).trim_start_matches('\\');
                target = Some((image.to_owned(), self.token_span(at)));
                self.skip_blanks()?;
                self.expect(Kind::Assign, "`=`")?;
                self.skip_blanks()?;
            }
            let at = self.index;
            let value = self.directive_argument(name)?;
            let image = self.image(at).to_owned();
            if !known && matches!(value.kind, ExprKind::Word(_)) && self.shared.registered.contains(name) {
                return Err(self.mistake(value.span, format!("a macro's argument cannot be the word `{image}`")));
            }
            given.push(Given { target, value, image });
        }
        self.skip_blanks()?;
        self.expect(Kind::RightParen, "`,` or `)`")?;
        Ok(given)
    }

    fn right_parenthesis_follows(&mut self) -> Parsed<bool> {
        Ok(match self.kind(1)? {
            Kind::RightParen => true,
            // The lexer has read this blank already, so what follows it is still text for it.
            Kind::Whitespace | Kind::Newline if self.tokens.len() == self.index + 1 => self.lexer.followed_by(b')'),
            Kind::Whitespace | Kind::Newline => {
                let mut ahead = 2;
                while matches!(self.kind(ahead)?, Kind::Whitespace | Kind::Newline) {
                    ahead += 1;
                }
                self.kind(ahead)? == Kind::RightParen
            }
            _ => false,
        })
    }

    /// Whether `$name =` comes next.
    fn assignment_follows(&mut self) -> Parsed<bool> {
        self.kind(1)?;
        Ok(self.lexer.state() == State::Reference && self.lexer.followed_by(b'='))
    }

    fn directive_argument(&mut self, name: &str) -> Parsed<Expr> {
        match self.kind(1)? {
            Kind::Word => {
                let number = self.advance()?;
                Ok(Expr { span: self.token_span(number), kind: ExprKind::Word(SmolStr::new(self.image(number))) })
            }
            Kind::Identifier
            | Kind::ReferenceLeft
            | Kind::String
            | Kind::Integer
            | Kind::Float
            | Kind::LeftBracket
            | Kind::LeftCurly
            | Kind::True
            | Kind::False => self.simple(),
            _ => Err(self.unexpected(&format!("an argument of `#{name}`")).with_hint(
                "arguments are references, texts, numbers, lists, maps and ranges: put anything else into a `#set` first",
            )),
        }
    }

    /// What Velocity says at once about a directive's arguments.
    fn check(&self, name: &str, given: &[Given], opened: Span) -> Parsed<()> {
        let is_word = |index: usize| matches!(given.get(index), Some(Given { value, .. }) if matches!(value.kind, ExprKind::Word(_)));
        let is_reference = |given: &Given| matches!(given.value.kind, ExprKind::Reference(_));
        let wrong = |message: &str, hint: &str| -> Parsed<()> { Err(self.mistake(opened, message).with_hint(hint)) };
        match name {
            "foreach" => {
                let well = given.len() >= 3 && given.first().is_some_and(is_reference) && is_word(1) && !is_word(2);
                if !well {
                    return wrong(
                        "`#foreach` needs a reference, `in` and what to walk over",
                        "write `#foreach($item in $list)`",
                    );
                }
            }
            "define" if given.len() != 1 || !given.first().is_some_and(is_reference) => {
                return wrong("`#define` needs one reference", "write `#define($name) … #end`");
            }
            "parse" if given.len() != 1 || is_word(0) => {
                return wrong("`#parse` needs one name", "write `#parse(\"name.vm\")`");
            }
            "evaluate" => {
                let well = given.len() == 1
                    && given.first().is_some_and(|given| {
                        matches!(
                            given.value.kind,
                            ExprKind::Reference(_) | ExprKind::String(..) | ExprKind::Interpolated(..)
                        )
                    });
                if !well {
                    return wrong("`#evaluate` needs one text or reference", "write `#evaluate($text)`");
                }
            }
            "break" | "stop" if given.len() > 1 => {
                return wrong(&format!("`#{name}` takes one argument at most"), "write it without an argument");
            }
            "macro" => {
                if !is_word(0) {
                    return wrong("`#macro` needs a name", "write `#macro(name $first $second) … #end`");
                }
                let mut defaults = false;
                for parameter in given.iter().skip(1) {
                    match parameter.target {
                        Some(_) => defaults = true,
                        None if !is_reference(parameter) => {
                            return Err(self.mistake(parameter.value.span, "a macro's parameter is a reference"));
                        }
                        None if defaults => {
                            return Err(self.mistake(
                                parameter.value.span,
                                "a parameter without a default follows one with a default",
                            ));
                        }
                        None => {}
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn line_directive(&mut self, name: &str, given: Vec<Given>, opened: Span) -> Parsed<Node> {
        let mut values = given.into_iter().map(|given| given.value);
        if name == "include" {
            return Ok(Node::Include(values.collect()));
        }
        let first = values.next().map(Arc::new);
        Ok(match name {
            "break" => Node::Break(opened, first),
            "stop" => Node::Stop(first),
            "parse" => Node::Parse(first),
            _ => Node::Evaluate(first.ok_or_else(|| self.mistake(opened, "`#evaluate` needs a text"))?),
        })
    }

    fn foreach(
        &mut self,
        given: Vec<Given>,
        body: RawBlock,
        otherwise: Option<RawBlock>,
        span: Span,
    ) -> Parsed<RawDirective> {
        let scope = self.name("foreach");
        let mut values = given.into_iter().map(|given| given.value);
        let (variable, variable_span) = match values.next().map(|value| value.kind) {
            Some(ExprKind::Reference(reference)) => (reference.root, reference.root_span),
            _ => return Err(self.mistake(span, "`#foreach` needs a reference")),
        };
        let Some(source) = values.nth(1) else {
            return Err(self.mistake(span, "`#foreach` needs something to walk over"));
        };
        Ok(RawDirective::Foreach { span, variable, variable_span, source, body, otherwise, scope })
    }

    fn define(&mut self, given: Vec<Given>, body: RawBlock, span: Span) -> Parsed<RawDirective> {
        let Some(first) = given.into_iter().next() else {
            return Err(self.mistake(span, "`#define` needs a reference"));
        };
        let (name, name_span) = match first.value.kind {
            ExprKind::Reference(reference) if !reference.braces => (self.key(&first.image), reference.root_span),
            _ => (self.key(&first.image), first.value.span),
        };
        Ok(RawDirective::Define { name, name_span, body })
    }

    /// The name under which a written reference is stored: its first token without `$`.
    fn key(&mut self, image: &str) -> crate::ast::Name {
        let image = image.trim_start_matches('\\');
        let mut characters = image.chars();
        characters.next();
        let rest = characters.as_str().to_owned();
        self.name(&rest)
    }

    fn macro_definition(&mut self, given: Vec<Given>, body: RawBlock, span: Span) -> Parsed<RawDirective> {
        let mut given = given.into_iter();
        let name = match given.next().map(|given| given.value.kind) {
            Some(ExprKind::Word(name)) => name,
            _ => return Err(self.mistake(span, "`#macro` needs a name")),
        };
        self.shared.defined.insert(name.clone());
        let mut parameters = Vec::new();
        for parameter in given {
            let Given { target, value, image } = parameter;
            let (image, place, default) = match target {
                Some((image, place)) => (image, place, Some(value)),
                None => (image, value.span, None),
            };
            let key = image.strip_prefix('$').unwrap_or(&image).to_owned();
            parameters.push(Parameter { name: self.name(&key), span: place, default });
        }
        Ok(RawDirective::Macro { span, name, parameters, body })
    }

    fn call(&mut self, name: &str, given: Vec<Given>, span: Span, literal: String) -> Parsed<Call> {
        let bad_argument = given.iter().find_map(|given| match &given.value.kind {
            ExprKind::Word(word) => Some(word.clone()),
            _ => None,
        });
        let last = self.image(self.index.saturating_sub(1));
        let definite = last.starts_with(')') || last.starts_with("#end");
        if let Some(word) = &bad_argument
            && definite
            && self.shared.settings.strict
        {
            return Err(self.mistake(span, format!("a macro's argument cannot be the word `{word}`")));
        }
        let settings = self.shared.settings;
        self.name(&settings.body_reference);
        Ok(Call {
            span,
            name: SmolStr::new(name),
            arguments: given.into_iter().map(|given| given.value).collect(),
            body: None,
            literal: literal.into_boxed_str(),
            bad_argument,
            definite,
            own: OnceLock::new(),
        })
    }

    /// What a call prints when there is no such macro: its tokens, from `#` on.
    fn call_literal(&self, first: usize, word: usize, layout: &Layout) -> String {
        let mode = self.gobbling_mode();
        let lines = matches!(mode, SpaceGobbling::Lines | SpaceGobbling::Structured);
        let mut literal = String::new();
        if layout.more.is_empty() && lines && first < word {
            literal.push_str(self.image(first));
        }
        let image = self.image(word);
        literal.push_str(image.rfind('#').and_then(|at| image.get(at..)).unwrap_or_default());
        for number in word + 1..self.index {
            match self.token(number) {
                (Kind::EscapedDirective, ..) => literal.push_str(&self.escaped_directive(self.image(number))),
                _ => literal.push_str(self.image(number)),
            }
        }
        if (!layout.more.is_empty() || mode == SpaceGobbling::None) && literal.ends_with(&layout.postfix) {
            literal.truncate(literal.len() - layout.postfix.len());
        }
        literal
    }
}
