//! The mode `structured`: a block's body loses the indentation that the block added.

use super::layout::{Raw, RawBlock, RawDirective};

/// Takes the indentation of blocks out of their bodies, the innermost first.
pub(super) fn unindent(nodes: &mut [Raw]) {
    for node in nodes {
        match node {
            Raw::If(layout, branches, otherwise) => {
                for (_, block) in branches.iter_mut() {
                    unindent(&mut block.nodes);
                }
                if let Some(block) = otherwise {
                    unindent(&mut block.nodes);
                }
                if !layout.postfix.is_empty() {
                    let mut fixer = Fixer::new(&layout.prefix);
                    fixer.branches(branches, otherwise);
                }
            }
            Raw::Directive(layout, directive) => {
                for block in blocks(directive) {
                    unindent(&mut block.nodes);
                }
                if layout.more.is_empty() {
                    let mut fixer = Fixer::new(&layout.prefix);
                    for block in blocks(directive) {
                        fixer.block(block);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The blocks of a directive of the kind whose body is unindented.
fn blocks(directive: &mut RawDirective) -> Vec<&mut RawBlock> {
    match directive {
        RawDirective::Foreach { body, otherwise, .. } => std::iter::once(body).chain(otherwise.as_mut()).collect(),
        RawDirective::Call(_, body) => body.as_mut().into_iter().collect(),
        RawDirective::Define { body, .. } | RawDirective::Macro { body, .. } => vec![body],
        RawDirective::Line(_) => Vec::new(),
    }
}

/// Replaces one indentation by another at the beginning of lines. The first text in a body tells how much it is.
struct Fixer {
    parent: String,
    /// What the body has more than its parent; unknown until the first text.
    extra: Option<String>,
}

impl Fixer {
    fn new(parent: &str) -> Fixer {
        Fixer { parent: parent.to_owned(), extra: None }
    }

    fn learn(&mut self, text: &str) -> bool {
        let parent = &self.parent;
        let extra = self.extra.get_or_insert_with(|| {
            let rest = text.strip_prefix(parent.as_str()).unwrap_or_default();
            let end = rest.find(|character: char| !is_blank(character)).unwrap_or(rest.len());
            rest.get(..end).unwrap_or_default().to_owned()
        });
        !extra.is_empty()
    }

    fn text(&mut self, text: &mut String) {
        if !self.learn(text) {
            return;
        }
        let indentation = format!("{}{}", self.parent, self.extra.as_deref().unwrap_or_default());
        let mut result = String::with_capacity(text.len());
        let mut rest = text.as_str();
        let mut at_start = true;
        while !rest.is_empty() {
            if at_start && let Some(after) = rest.strip_prefix(indentation.as_str()) {
                result.push_str(&self.parent);
                rest = after;
                // The indentation may itself hold line ends.
                at_start = indentation.ends_with('\n') || indentation.ends_with('\r');
                continue;
            }
            let end = rest.find(['\n', '\r']).map_or(rest.len(), |at| {
                if rest.get(at..).is_some_and(|tail| tail.starts_with("\r\n")) { at + 2 } else { at + 1 }
            });
            let (line, after) = rest.split_at(end);
            result.push_str(line);
            rest = after;
            at_start = true;
        }
        *text = result;
    }

    fn nodes(&mut self, nodes: &mut [Raw]) {
        for node in nodes {
            match node {
                Raw::Text(text) => self.text(text),
                Raw::Verbatim(_) | Raw::Output(_) => {}
                Raw::Set(layout, _) => {
                    if !layout.prefix.is_empty() {
                        self.text(&mut layout.prefix);
                    }
                }
                Raw::If(layout, branches, otherwise) => {
                    if !layout.prefix.is_empty() && self.learn(&layout.prefix) {
                        self.text(&mut layout.prefix);
                        self.branches(branches, otherwise);
                    }
                }
                Raw::Directive(layout, directive) => {
                    if !layout.prefix.is_empty() && self.learn(&layout.prefix) {
                        self.text(&mut layout.prefix);
                        for block in blocks(directive) {
                            self.block(block);
                        }
                    }
                }
            }
        }
    }

    fn block(&mut self, block: &mut RawBlock) {
        if !block.prefix.is_empty() {
            self.nodes(&mut block.nodes);
        }
    }

    /// The first branch is looked at always; the others only when there is something to take away.
    fn branches(&mut self, branches: &mut [(crate::ast::Expr, RawBlock)], otherwise: &mut Option<Box<RawBlock>>) {
        for (index, (_, block)) in branches.iter_mut().enumerate() {
            if index == 0 || self.extra.as_deref().is_some_and(|extra| !extra.is_empty()) {
                self.block(block);
            }
        }
        if let Some(block) = otherwise
            && self.extra.as_deref().is_some_and(|extra| !extra.is_empty())
        {
            self.block(block);
        }
    }
}

/// What Java's regular expressions call `\s`.
fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r')
}
