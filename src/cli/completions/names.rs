//! The names that a shell can complete: those that the project in the current folder declares.
//!
//! They are read from the texts and not from a compiled program: whoever is in the middle of a change completes all the same.
//! What cannot be read has no names, and nothing is said of it.

use std::collections::BTreeSet;
use std::path::Path;

use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use compiler::catalogue::Code;
use compiler::source::FileId;
use compiler::syntax::ast::DeclarationKind;
use runtime::project::find_project;

use super::super::inventory::Kind;

/// A description is shown up to so many characters.
const SHOWN: usize = 60;

/// Completes the workflows of the project.
pub(crate) fn workflows() -> ArgValueCandidates {
    ArgValueCandidates::new(|| declared(|kind| matches!(kind, DeclarationKind::Workflow(_))))
}

/// Completes its webhooks.
pub(crate) fn webhooks() -> ArgValueCandidates {
    ArgValueCandidates::new(|| declared(|kind| matches!(kind, DeclarationKind::Webhook(_))))
}

/// Completes its webhooks and channels: what a request can be sent of.
pub(crate) fn requests() -> ArgValueCandidates {
    let is_one = |kind: &DeclarationKind| matches!(kind, DeclarationKind::Webhook(_) | DeclarationKind::Channel(_));
    ArgValueCandidates::new(move || declared(is_one))
}

/// Completes its segments.
pub(crate) fn segments() -> ArgValueCandidates {
    ArgValueCandidates::new(|| declared(|kind| matches!(kind, DeclarationKind::Segment(_))))
}

/// Completes its events.
pub(crate) fn events() -> ArgValueCandidates {
    ArgValueCandidates::new(|| declared(|kind| matches!(kind, DeclarationKind::Event(_))))
}

/// Completes the declarations of a kind that the daemon lists.
pub(crate) fn of(kind: Kind) -> ArgValueCandidates {
    match kind {
        Kind::Webhooks => webhooks(),
        Kind::Workflows => workflows(),
        Kind::Connectors => ArgValueCandidates::new(|| declared(|kind| matches!(kind, DeclarationKind::Connector(_)))),
        Kind::Messages => ArgValueCandidates::new(|| declared(|kind| matches!(kind, DeclarationKind::Message(_)))),
    }
}

/// Completes the codes of findings.
pub(crate) fn codes() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        Code::ALL.iter().map(|code| CompletionCandidate::new(code.slug()).help(Some(code.title().into()))).collect()
    })
}

fn declared(is_one: impl Fn(&DeclarationKind) -> bool) -> Vec<CompletionCandidate> {
    let Ok(workspace) = runtime::project::load(&find_project(Path::new("."))) else { return Vec::new() };
    let mut names = BTreeSet::new();
    for (_, file) in workspace.sources().iter().filter(|(_, file)| file.path().ends_with(".wf")) {
        for declaration in compiler::syntax::parse(FileId::new(0), file.text()).declarations {
            if let Some(name) = declaration.node.kind.name().filter(|_| is_one(&declaration.node.kind)) {
                let about = declaration.node.docs.as_ref().and_then(|docs| docs.node.lines().next());
                names
                    .insert((name.node.to_string(), about.unwrap_or_default().chars().take(SHOWN).collect::<String>()));
            }
        }
    }
    let candidate = |(name, about): (String, String)| {
        let about = (!about.is_empty()).then(|| about.into());
        CompletionCandidate::new(name).help(about)
    };
    names.into_iter().map(candidate).collect()
}
