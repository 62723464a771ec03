//! What a template does, without how it is written.
//!
//! Comments, braces around names and macros that nothing calls are no part of it; nor is where anything stands. Two
//! templates of which the same is written here render alike, but for the letters that a reference without a value leaves.

use crate::ast::{Block, Expr, ExprKind, Form, Macro, Name, Output, Reference, StepKind, Tree};
use crate::program::Action;
use smol_str::SmolStr;
use std::collections::BTreeSet;
use std::fmt::Write;

/// All that rendering a text does.
pub(crate) fn of(tree: &Tree) -> String {
    let mut meaning = Meaning { tree, out: String::new(), called: BTreeSet::new() };
    meaning.block(&tree.root);
    // What a macro calls is called, too.
    let mut written: BTreeSet<usize> = BTreeSet::new();
    loop {
        let called = |definition: &Macro| meaning.called.contains(&definition.name);
        let next = tree.macros.iter().enumerate().find(|(at, it)| !written.contains(at) && called(it));
        let Some((at, definition)) = next else { break };
        written.insert(at);
        meaning.definition(at, definition);
    }
    meaning.out
}

struct Meaning<'t> {
    tree: &'t Tree,
    out: String,
    called: BTreeSet<SmolStr>,
}

impl Meaning<'_> {
    /// A word of the form's own. Nothing of the template stands unquoted, so neither can be taken for the other.
    fn word(&mut self, word: &str) {
        self.out.push(' ');
        self.out.push_str(word);
    }

    fn text(&mut self, text: &str) {
        // Writing to a `String` cannot fail.
        let _ = write!(self.out, " {text:?}");
    }

    fn name(&mut self, name: Name) {
        let tree = self.tree;
        let text = usize::try_from(name.0).ok().and_then(|place| tree.names.get(place));
        self.text(text.map_or("", SmolStr::as_str));
    }

    fn definition(&mut self, at: usize, definition: &Macro) {
        // Of two with one name the order decides.
        let before = self.tree.macros.iter().take(at).filter(|it| it.name == definition.name).count();
        self.word(&format!("\nmacro {before}"));
        self.text(&definition.name);
        for parameter in &definition.parameters {
            self.name(parameter.name);
            self.optional(parameter.default.as_ref());
        }
        self.block(&definition.body);
    }

    fn block(&mut self, block: &Block) {
        self.word("{");
        for operation in &block.program.operations {
            if !operation.before.is_empty() {
                self.text(&operation.before);
            }
            self.action(&operation.action);
        }
        self.text(&block.program.tail);
        self.word("}");
    }

    fn action(&mut self, action: &Action) {
        match action {
            Action::Print(output) => self.output(output),
            Action::Set(set) => {
                self.word("set");
                self.reference(&set.target);
                self.expression(&set.value);
            }
            Action::Test(test) => {
                self.word(&format!("test {}", test.skip));
                self.expression(&test.condition);
            }
            Action::Enter(_) => self.word("enter"),
            Action::Leave { skip, .. } => self.word(&format!("leave {skip}")),
            Action::Foreach(foreach) => {
                self.word("foreach");
                self.name(foreach.variable);
                self.expression(&foreach.source);
                self.block(&foreach.body);
                foreach.otherwise.iter().for_each(|block| self.block(block));
            }
            Action::Call(call) => {
                self.called.insert(call.name.clone());
                self.word(if call.definite { "call" } else { "maybe" });
                self.text(&call.name);
                self.text(&call.literal);
                self.all(&call.arguments);
                call.body.iter().for_each(|block| self.block(block));
            }
            Action::Define(define) => {
                self.word("define");
                self.name(define.name);
                self.block(&define.body);
            }
            Action::Evaluate(expression) => {
                self.word("evaluate");
                self.expression(expression);
            }
            Action::Parse(expression) => {
                self.word("parse");
                self.optional(expression.as_deref());
            }
            Action::Include(names) => {
                self.word("include");
                self.all(names);
            }
            Action::Break(_, expression) => {
                self.word("break");
                self.optional(expression.as_deref());
            }
            Action::Stop(expression) => {
                self.word("stop");
                self.optional(expression.as_deref());
            }
        }
    }

    fn output(&mut self, output: &Output) {
        self.word("print");
        if !output.bare || output.escaped {
            self.word(if output.escaped { "escaped" } else { "behind" });
            self.text(&output.slashes);
            self.text(&output.prefix);
            self.text(&output.reference.literal);
        }
        self.reference(&output.reference);
    }

    fn reference(&mut self, reference: &Reference) {
        self.word(match reference.form {
            Form::Normal | Form::Formal => "$",
            Form::Quiet => "$!",
            Form::Runt => "runt",
        });
        if !reference.computable || reference.form == Form::Runt {
            self.text(&reference.literal);
        }
        self.name(reference.root);
        for step in &reference.steps {
            match &step.kind {
                StepKind::Property(name) => {
                    self.word(".");
                    self.text(name);
                }
                StepKind::Method(name, arguments) => {
                    self.word("()");
                    self.text(name);
                    self.all(arguments);
                }
                StepKind::Index(index) => {
                    self.word("[]");
                    self.expression(index);
                }
            }
        }
        self.optional(reference.alternate.as_deref());
        self.word(";");
    }

    fn optional(&mut self, expression: Option<&Expr>) {
        if let Some(expression) = expression {
            self.word("|");
            self.expression(expression);
        }
    }

    fn all(&mut self, expressions: &[Expr]) {
        self.word("(");
        expressions.iter().for_each(|expression| self.expression(expression));
        self.word(")");
    }

    fn two(&mut self, word: &str, both: &(Expr, Expr)) {
        self.word(word);
        self.expression(&both.0);
        self.expression(&both.1);
    }

    fn expression(&mut self, expression: &Expr) {
        match &expression.kind {
            ExprKind::Boolean(value) => self.word(&value.to_string()),
            ExprKind::Integer(value) => self.word(&format!("integer {value}")),
            ExprKind::Long(value) => self.word(&format!("long {value}")),
            ExprKind::BigInteger(value) => self.word(&format!("big {value}")),
            ExprKind::Float(value) => self.word(&format!("float {value:?}")),
            ExprKind::Decimal(value) => self.word(&format!("decimal {value:?}")),
            ExprKind::String(text, _) => self.text(text),
            ExprKind::Interpolated(block, _) => self.block(block),
            ExprKind::Reference(reference) => self.reference(reference),
            ExprKind::List(items) => {
                self.word("list");
                self.all(items);
            }
            ExprKind::Map(entries) => {
                self.word("map (");
                entries.iter().for_each(|entry| self.two(":", entry));
                self.word(")");
            }
            ExprKind::Range(both) => self.two("range", both),
            ExprKind::Not(inner) => {
                self.word("not");
                self.expression(inner);
            }
            ExprKind::Negate(inner) => {
                self.word("negate");
                self.expression(inner);
            }
            ExprKind::And(both) => self.two("and", both),
            ExprKind::Or(both) => self.two("or", both),
            ExprKind::Math(operator, both) => self.two(&format!("{operator:?}"), both),
            ExprKind::Compare(comparison, both) => self.two(&format!("{comparison:?}"), both),
            ExprKind::Word(word) => {
                self.word("bare");
                self.text(word);
            }
        }
    }
}
