//! Steps of tests that begin with words which are not reserved: what is given, and what befalls the daemon.

use super::readable_unboxed;
use crate::catalogue::Code;
use crate::diagnostic::Diagnostic;
use crate::source::Spanned;
use crate::syntax::ast::{
    Declaration, DeclarationKind, DeclarationNode, Expr, GivenPart, GivenRun, Name, Record, Reload, TestStepKind,
};
use crate::syntax::reader::Reader;
use crate::vocabulary::ACTS;

impl Reader<'_> {
    /// A word by itself.
    pub(crate) fn test_act(&mut self, word: Name) -> TestStepKind {
        match word.node.as_str() {
            "crash" => TestStepKind::Crash,
            "cancel" => TestStepKind::Cancel { workflow: None, contact: None },
            "reload" => TestStepKind::Reload(None),
            _ => TestStepKind::Broken,
        }
    }

    /// `given seed 7`.
    pub(crate) fn given_value(&mut self, word: Name, value: Expr) -> TestStepKind {
        if self.soft(&word, &["seed", "contact", "run at"]) && word.node == "seed" {
            return TestStepKind::GivenSeed(value);
        }
        TestStepKind::Broken
    }

    /// `given run at "STEP" in W [for ann] { … }`.
    pub(crate) fn given_run(
        &mut self,
        word: Name,
        step: Name,
        workflow: Name,
        contact: Option<Name>,
        parts: Vec<Option<Box<Spanned<GivenPart>>>>,
    ) -> TestStepKind {
        // A wrong word leaves no doubt about what is meant.
        self.soft(&word, &["run"]);
        let (parts, broken) = readable_unboxed(parts);
        TestStepKind::GivenRun(Box::new(GivenRun { step, workflow, contact, parts, broken }))
    }

    /// `data { … }`.
    pub(crate) fn given_data(
        &mut self,
        start: u32,
        word: Name,
        results: Spanned<Record>,
        end: u32,
    ) -> Option<Box<Spanned<GivenPart>>> {
        self.soft(&word, &["data", "event"]).then(|| Box::new(self.at(start, GivenPart::Data(results), end)))
    }

    /// `cancel [workflow W] [for ann]`.
    pub(crate) fn cancel(&mut self, word: Name, workflow: Option<Name>, contact: Option<Name>) -> TestStepKind {
        if self.is_act(&word, "cancel") { TestStepKind::Cancel { workflow, contact } } else { TestStepKind::Broken }
    }

    /// `reload { … }`.
    pub(crate) fn reload(&mut self, word: Name, declarations: Vec<Option<Box<Declaration>>>) -> TestStepKind {
        let (declarations, broken) = readable_unboxed(declarations);
        let reload = Reload { declarations, broken };
        if self.is_act(&word, "reload") { TestStepKind::Reload(Some(reload)) } else { TestStepKind::Broken }
    }

    /// A declaration of a `reload`.
    pub(crate) fn inner_declaration(
        &mut self,
        start: u32,
        kind: DeclarationKind,
        end: u32,
    ) -> Option<Box<Declaration>> {
        let docs = self.description_above(start);
        if let DeclarationKind::Test(test) = &kind {
            self.report_on_line(
                Diagnostic::new(Code::UnexpectedToken, test.name.span)
                    .message("a test stands in no other test")
                    .hint("a `reload` has what runs: events, webhooks, messages, workflows"),
            );
            return None;
        }
        Some(Box::new(self.at(start, DeclarationNode { docs, kind }, end)))
    }

    /// Whether a word is the one of such a step. What stands for another word was reported before.
    fn is_act(&mut self, word: &Name, meant: &str) -> bool {
        ACTS.contains(&word.node.as_str()) && self.soft(word, &[meant])
    }
}
