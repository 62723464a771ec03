//! Text, comments, `#set` and `#if`.
//!
//! Every function that reads a statement is told whether a line begins here and tells whether one begins after it: a
//! directive that begins its line takes its indentation and its line end with it.

use super::layout::{Layout, Raw, RawBlock, Settle};
use super::{Parsed, Parser, structured};
use crate::ast::{self, Block, Expr};
use crate::lexer::Kind;
use crate::settings::SpaceGobbling;
use crate::span::Span;
use std::sync::Arc;

impl Parser<'_, '_> {
    /// The whole text.
    pub(super) fn run(mut self) -> Parsed<Block> {
        let mut nodes = Vec::new();
        let mut line_begins = true;
        while self.kind(1)? != Kind::End0 {
            line_begins = self.statement(line_begins, &mut nodes)?;
        }
        let mode = self.shared.settings.space_gobbling;
        if mode == SpaceGobbling::Structured {
            structured::unindent(&mut nodes);
        }
        let mut settle = Settle { mode, macros: &mut self.shared.macros };
        Ok(settle.root(nodes))
    }

    fn gobbling(&self) -> SpaceGobbling {
        self.shared.settings.space_gobbling
    }

    /// One statement; tells whether a line begins after it.
    pub(super) fn statement(&mut self, line_begins: bool, nodes: &mut Vec<Raw>) -> Parsed<bool> {
        let first = self.kind(1)?;
        // A directive may have its indentation before it.
        let opener = if line_begins && first == Kind::Whitespace { self.kind(2)? } else { first };
        match (opener, first) {
            (Kind::If, _) => {
                self.inside_if += 1;
                let after = self.nested(|parser| parser.if_statement(line_begins, nodes))?;
                self.inside_if -= 1;
                return Ok(after);
            }
            (Kind::Set, _) => return self.set(line_begins, nodes),
            (Kind::Word | Kind::BracketedWord, _) => {
                return self.nested(|parser| parser.directive(line_begins, nodes));
            }
            (_, Kind::Identifier) => {
                self.output(nodes)?;
                return Ok(false);
            }
            (_, Kind::ReferenceLeft) if self.kind(2)? == Kind::Identifier => {
                self.output(nodes)?;
                return Ok(false);
            }
            (_, Kind::LineCommentStart | Kind::BlockComment | Kind::FormalComment) => return self.comment(nodes),
            (_, Kind::DoubleEscape) => {
                self.escapes(nodes)?;
                return Ok(false);
            }
            _ => {}
        }
        let begins = match first {
            Kind::TextBlock => {
                let number = self.advance()?;
                let image = self.image(number);
                // The reference drops three characters at either end, also when a `$` before the block is one of them.
                let begin = if image.starts_with('$') { 3 } else { image.find("#[[").map_or(0, |at| at + 3) };
                let text = image.get(begin..image.len().saturating_sub(3)).unwrap_or_default();
                let slashes = if image.starts_with('$') { "" } else { image.split("#[[").next().unwrap_or_default() };
                nodes.push(Raw::Verbatim(format!("{slashes}{text}")));
                return Ok(false);
            }
            Kind::EscapedDirective => {
                let number = self.advance()?;
                let text = self.escaped_directive(self.image(number));
                nodes.push(Raw::Verbatim(text));
                return Ok(false);
            }
            Kind::Text | Kind::Newline | Kind::Suffix => true,
            Kind::Dot
            | Kind::RightParen
            | Kind::LeftParen
            | Kind::Integer
            | Kind::Float
            | Kind::String
            | Kind::Escape
            | Kind::ReferenceLeft
            | Kind::ReferenceRight
            | Kind::EmptyIndex
            | Kind::Pipe
            | Kind::LoneSymbol
            | Kind::Whitespace => false,
            Kind::ReferenceOr => line_begins,
            Kind::InlineText => {
                let number = self.advance()?;
                let mut text = self.literal(number);
                let more = self.accept(Kind::Text)?;
                if let Some(number) = more {
                    self.push_literal(number, &mut text);
                }
                nodes.push(Raw::Text(text));
                return Ok(more.is_some());
            }
            Kind::ZeroWidth => {
                let number = self.advance()?;
                if self.kind(1)? != Kind::End0 {
                    nodes.push(Raw::Text(self.literal(number)));
                }
                return Ok(false);
            }
            _ => return Err(self.unexpected("text or a directive")),
        };
        let number = self.advance()?;
        nodes.push(Raw::Text(self.literal(number)));
        Ok(begins)
    }

    fn comment(&mut self, nodes: &mut Vec<Raw>) -> Parsed<bool> {
        let number = self.advance()?;
        let (kind, ..) = self.token(number);
        let image = self.image(number);
        let start = image.find("##").or_else(|| image.find("#*"));
        if let Some(before) = start.and_then(|at| image.get(..at))
            && !before.is_empty()
        {
            nodes.push(Raw::Verbatim(before.to_owned()));
        } else {
            // A comment parts the texts around it, which the modes of white space can tell.
            nodes.push(Raw::Verbatim(String::new()));
        }
        if kind == Kind::LineCommentStart {
            self.accept(Kind::LineComment)?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Pairs of backslashes: halved before a directive, text elsewhere.
    fn escapes(&mut self, nodes: &mut Vec<Raw>) -> Parsed<()> {
        let mut count = 0;
        while self.accept(Kind::DoubleEscape)?.is_some() {
            count += 1;
        }
        let next = self.kind(1)?;
        let image = self.image(self.index);
        let name = image.get(1..).unwrap_or_default();
        let live = matches!(next, Kind::If | Kind::Else | Kind::ElseIf | Kind::End)
            || self.shared.settings.strict_escape
            || self.is_known(name);
        nodes.push(Raw::Verbatim("\\".repeat(if live { count } else { 2 * count })));
        Ok(())
    }

    /// `\#name`: the backslash goes when there is such a directive.
    pub(super) fn escaped_directive(&self, image: &str) -> String {
        let last = image.rfind('\\').unwrap_or_default();
        let directive = image.get(last + 1..).unwrap_or_default();
        let name = directive.get(1..).unwrap_or_default();
        let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
        let live = self.shared.settings.strict_escape
            || self.is_known(name)
            || matches!(name, "if" | "end" | "set" | "else" | "elseif");
        if live { format!("{}{directive}", "\\".repeat(last / 2)) } else { image.to_owned() }
    }

    fn is_known(&self, name: &str) -> bool {
        super::directive::DIRECTIVES.contains(&name)
            || self.shared.defined.contains(name)
            || self.shared.registered.contains(name)
    }

    /// The blanks and the line end that come next, if a line ends here.
    pub(super) fn line_end(&mut self) -> Parsed<Option<String>> {
        if self.kind(1)? == Kind::Newline {
            let newline = self.advance()?;
            return Ok(Some(self.image(newline).to_owned()));
        }
        if self.kind(1)? == Kind::Whitespace && self.kind(2)? == Kind::Newline {
            let blanks = self.advance()?;
            let newline = self.advance()?;
            return Ok(Some(format!("{}{}", self.image(blanks), self.image(newline))));
        }
        Ok(None)
    }

    /// The indentation before a directive.
    pub(super) fn indentation(&mut self) -> Parsed<String> {
        Ok(self.accept(Kind::Whitespace)?.map(|number| self.image(number).to_owned()).unwrap_or_default())
    }

    /// What stands before the `#` of a directive's token.
    pub(super) fn before_hash(&self, number: usize) -> String {
        let image = self.image(number);
        image.rfind('#').and_then(|at| image.get(..at)).unwrap_or_default().to_owned()
    }

    /// Whether a directive that ends or continues a block comes next, with its indentation if a line begins.
    fn block_ends(&mut self, line_begins: bool, enders: &[Kind]) -> Parsed<bool> {
        let first = self.kind(1)?;
        if enders.contains(&first) {
            return Ok(true);
        }
        Ok(line_begins && first == Kind::Whitespace && enders.contains(&self.kind(2)?))
    }

    /// Statements up to one of `enders`; `opened` is where the block's directive stands.
    pub(super) fn statements(
        &mut self,
        mut line_begins: bool,
        enders: &[Kind],
        opened: Span,
        nodes: &mut Vec<Raw>,
    ) -> Parsed<bool> {
        while !self.block_ends(line_begins, enders)? {
            if self.kind(1)? == Kind::End0 {
                return Err(self.unclosed(opened));
            }
            line_begins = self.statement(line_begins, nodes)?;
        }
        Ok(line_begins)
    }

    fn unclosed(&self, opened: Span) -> Box<super::Mistake> {
        self.mistake(opened, "this directive has no `#end`")
            .with_hint("a name glued to the next letter is another directive: write `#{end}` before a letter")
    }

    fn if_statement(&mut self, line_began: bool, nodes: &mut Vec<Raw>) -> Parsed<bool> {
        let mut layout = Layout { prefix: self.indentation()?, ..Layout::default() };
        let directive = self.expect(Kind::If, "`#if`")?;
        layout.more = self.before_hash(directive);
        let opened = self.token_span(directive);
        let enders = &[Kind::ElseIf, Kind::Else, Kind::End];
        let condition = self.condition()?;
        let (mut block, mut line_begins) = self.branch(line_began, enders, opened)?;
        // Most have one.
        let mut branches = Vec::with_capacity(1);
        let mut pending = condition;
        while self.block_ends(line_begins, &[Kind::ElseIf])? {
            block.postfix = self.indentation()?;
            let number = self.expect(Kind::ElseIf, "`#elseif`")?;
            block.more = self.before_hash(number);
            branches.push((pending, block));
            pending = self.condition()?;
            (block, line_begins) = self.branch(line_begins, enders, opened)?;
        }
        let mut otherwise = None;
        if self.block_ends(line_begins, &[Kind::Else])? {
            block.postfix = self.indentation()?;
            let number = self.expect(Kind::Else, "`#else`")?;
            block.more = self.before_hash(number);
            branches.push((pending, block));
            let (mut last, after) = self.branch(line_begins, &[Kind::End], opened)?;
            line_begins = after;
            self.end_of_if(&mut last, line_begins)?;
            otherwise = Some(last);
        } else {
            self.end_of_if(&mut block, line_begins)?;
            branches.push((pending, block));
        }
        line_begins = false;
        if (line_began || self.gobbling() == SpaceGobbling::BackwardCompatible)
            && let Some(postfix) = self.line_end()?
        {
            layout.postfix = postfix;
            line_begins = true;
        }
        nodes.push(Raw::If(Box::new(layout), branches, otherwise.map(Box::new)));
        Ok(line_begins)
    }

    fn end_of_if(&mut self, block: &mut RawBlock, line_begins: bool) -> Parsed<()> {
        if line_begins {
            let indentation = self.indentation()?;
            if !indentation.is_empty() {
                block.postfix = indentation;
            }
        }
        let end = self.expect(Kind::End, "`#end`")?;
        block.more = self.before_hash(end);
        Ok(())
    }

    /// `( expression )` after `#if` or `#elseif`.
    fn condition(&mut self) -> Parsed<Expr> {
        self.skip_blanks()?;
        self.expect(Kind::LeftParen, "`(`")?;
        let condition = self.expression()?;
        self.expect(Kind::RightParen, "an operator or `)`")?;
        Ok(condition)
    }

    fn branch(&mut self, line_began: bool, enders: &[Kind], opened: Span) -> Parsed<(RawBlock, bool)> {
        let mut block = RawBlock::default();
        let mut line_begins = line_began;
        if let Some(prefix) = self.line_end()? {
            block.prefix = prefix;
            line_begins = true;
        }
        line_begins = self.statements(line_begins, enders, opened, &mut block.nodes)?;
        block.ends_with_newline = line_begins;
        Ok((block, line_begins))
    }

    fn set(&mut self, line_began: bool, nodes: &mut Vec<Raw>) -> Parsed<bool> {
        let mut layout = Layout { prefix: self.indentation()?, ..Layout::default() };
        let directive = self.expect(Kind::Set, "`#set(`")?;
        layout.more = self.before_hash(directive);
        self.skip_blanks()?;
        if !matches!(self.kind(1)?, Kind::Identifier | Kind::ReferenceLeft) {
            return Err(self.unexpected("a reference").with_hint("`#set` is written `#set($name = value)`"));
        }
        let (target, _) = self.reference()?;
        self.skip_blanks()?;
        self.expect(Kind::Assign, "`=`")?;
        let value = self.expression()?;
        self.expect(Kind::RightParen, "an operator or `)`")?;
        self.lexer.end_set();
        let mut line_begins = false;
        let backward = self.gobbling() == SpaceGobbling::BackwardCompatible;
        if (line_began || backward)
            && let Some(postfix) = self.line_end()?
        {
            layout.postfix = postfix;
            line_begins = true;
        }
        if backward {
            // As Velocity 1.x: an indentation before `#set` goes.
            match nodes.last_mut() {
                Some(Raw::Text(text)) => {
                    if text.bytes().all(|byte| matches!(byte, b' ' | b'\t')) {
                        text.clear();
                    }
                }
                _ => layout.prefix.clear(),
            }
        }
        let names = target.steps.is_empty() && target.alternate.is_none();
        nodes.push(Raw::Set(Box::new(layout), Arc::new(ast::Set { target, value, names })));
        Ok(line_begins)
    }
}
