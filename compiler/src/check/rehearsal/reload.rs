//! `reload { … }`: another program in the middle of a test.
//!
//! It is the project with some declarations in the place of those of the same name, or beside them. What a test says below it
//! is held to that project; the program itself is made when the project has none of its own mistakes.

use std::sync::Arc;

use smol_str::{SmolStr, format_smolstr};

use super::Rehearsed;
use crate::check::{Checks, data};
use crate::diagnostic::Diagnostic;
use crate::ir::Program;
use crate::ir::test::{Test, TestStep};
use crate::names::{Changes, Index, Unit, spelled};
use crate::source::{Sources, Span};
use crate::syntax::ast::{self, DeclarationKind, Reload, TestStepKind};

/// A `reload` of a test that changes something.
#[derive(Debug)]
pub(crate) struct Change {
    /// Where it stands.
    pub(crate) span: Span,
    /// Its declarations.
    pub(crate) units: Vec<Arc<Unit>>,
}

/// The reloads of a test in the order written; `None` for one that changes nothing.
pub(super) fn reloads(test: &Unit, steps: &[ast::TestStep], diagnostics: &mut Vec<Diagnostic>) -> Vec<Option<Change>> {
    let mut reloads = Vec::new();
    for step in steps {
        let TestStepKind::Reload(reload) = &step.node else { continue };
        reloads.push(reload.as_ref().map(|reload| reloaded(test, reload, step.span, diagnostics)));
    }
    reloads
}

fn reloaded(test: &Unit, reload: &Reload, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Change {
    let units = reload.declarations.iter().map(|declaration| {
        let mut findings = Vec::new();
        let shape = data::shape(&declaration.node.kind, &mut findings);
        diagnostics.extend(findings.iter().cloned());
        Arc::new(test.inner(declaration.clone(), shape, findings))
    });
    Change { span, units: units.collect() }
}

/// The project after each reload, one for each; of one that changes nothing that before.
pub(super) fn indexes(project: &Index, reloads: &[Option<Change>]) -> Vec<Index> {
    let mut indexes: Vec<Index> = Vec::new();
    for reload in reloads {
        let before = indexes.last().unwrap_or(project);
        let units = reload.as_ref().map_or(&[][..], |reload| &reload.units);
        let after = before.with(units);
        indexes.push(after);
    }
    indexes
}

/// The tests with the programs of their reloads. What is wrong with these is reported; a project with a test whose program is
/// not made has an error.
pub(crate) fn programs<'c>(
    checked: impl Iterator<Item = &'c Rehearsed>,
    project: &Index,
    sources: &Sources,
    tests: &[Arc<Test>],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Arc<Test>> {
    let mut tests: Vec<Arc<Test>> = tests.to_vec();
    for checked in checked.filter(|checked| checked.reloads.iter().any(Option::is_some)) {
        let indexes = indexes(project, &checked.reloads);
        let made: Vec<Option<Arc<Program>>> = checked
            .reloads
            .iter()
            .zip(&indexes)
            .map(|(reload, index)| program(reload.as_ref()?, index, sources, diagnostics))
            .collect();
        for test in &mut tests {
            if !checked.tests.iter().any(|one| one.name.span == test.name.span) {
                continue;
            }
            let mut filled = Test::clone(test);
            let steps = filled.steps.iter_mut().filter_map(|step| match &mut step.node {
                TestStep::Reload(reloaded) => Some(reloaded),
                _ => None,
            });
            for (reloaded, made) in steps.zip(&made) {
                reloaded.iter_mut().for_each(|reloaded| reloaded.program.clone_from(made));
            }
            *test = Arc::new(filled);
        }
    }
    tests
}

/// The program after a reload. The project itself has no error, so whatever is one here comes of the reload.
fn program(
    reload: &Change,
    index: &Index,
    sources: &Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Arc<Program>> {
    let mut found = Vec::new();
    let program = Checks::default().run(index, sources, &Changes::default(), false, &mut found);
    let inside =
        |span: Span| span.file == reload.span.file && reload.span.start <= span.start && span.end <= reload.span.end;
    for mut finding in found {
        let here = inside(finding.span);
        if !here && !finding.is_error() || diagnostics.contains(&finding) {
            continue;
        }
        if !here {
            finding.fixes.clear();
            finding = finding.also(reload.span, "so it is after this reload");
        }
        diagnostics.push(finding);
    }
    program.map(Arc::new)
}

/// What a declaration declares, in words: `workflow greet`.
pub(super) fn declared(declaration: &ast::Declaration) -> Option<SmolStr> {
    let word = match &declaration.node.kind {
        DeclarationKind::Event(_) => "event",
        DeclarationKind::Contact(_) => return Some("contact".into()),
        DeclarationKind::Connector(_) => "connector",
        DeclarationKind::Webhook(_) => "webhook",
        DeclarationKind::Channel(_) => "channel",
        DeclarationKind::Segment(_) => "segment",
        DeclarationKind::Message(_) => "message",
        DeclarationKind::Workflow(_) => "workflow",
        DeclarationKind::Test(_) => "test",
        DeclarationKind::Broken(_) => return None,
    };
    let name = declaration.node.kind.name()?;
    Some(format_smolstr!("{word} {}", spelled(&name.node)))
}
