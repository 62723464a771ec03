//! What can be said of a test when there is a program: the steps that it names, and the addresses that it answers for.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir::each_step;
use crate::ir::test::{Expectation, GivenRun, Stub, Stubbed, Test, TestStep};
use crate::ir::{Block, Method, Origin, Program, Returns, Statement, Step, Workflow};
use crate::names::near;
use crate::source::{Span, Spanned};

/// Reports what tests name and no program has. Each step of a test is held to the program that runs then.
pub(crate) fn report<'t>(
    tests: impl Iterator<Item = &'t Test>,
    program: &'t Program,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut report = Report { said: BTreeSet::new(), steps: BTreeMap::new(), diagnostics };
    for test in tests {
        // Runs stay with the program that they began with, so a step may be one of any program before.
        let mut programs = vec![program];
        for step in &test.steps {
            let now = programs.last().copied().unwrap_or(program);
            match &step.node {
                TestStep::Reload(Some(reloaded)) => programs.extend(reloaded.program.as_deref()),
                TestStep::Expect { what, .. } => report.expectation(what, &programs),
                TestStep::GivenRun(run) => report.given(run, now),
                TestStep::Stub(Stub { who: Stubbed::Address { method, url }, .. }) => {
                    report.address(*method, url, now);
                }
                _ => {}
            }
        }
    }
}

struct Report<'t, 'd> {
    /// A row of a table says what the others say.
    said: BTreeSet<(Span, String)>,
    /// The steps of each program that was looked at, by its place in memory.
    steps: BTreeMap<usize, BTreeSet<&'t str>>,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl<'t> Report<'t, '_> {
    fn say(&mut self, finding: Diagnostic) {
        if self.said.insert((finding.span, finding.message.clone())) {
            self.diagnostics.push(finding);
        }
    }

    fn expectation(&mut self, what: &'t Expectation, programs: &[&'t Program]) {
        match what {
            Expectation::Path(id) | Expectation::Waiting(Some(id)) => self.step(id, programs),
            Expectation::InOrder(several) => several.iter().for_each(|one| self.expectation(&one.node, programs)),
            _ => {}
        }
    }

    fn step(&mut self, id: &Spanned<SmolStr>, programs: &[&'t Program]) {
        for program in programs {
            self.steps.entry(std::ptr::from_ref(*program).addr()).or_insert_with(|| {
                let mut known = BTreeSet::new();
                for workflow in program.workflows.values() {
                    each_step(&workflow.steps, &mut |step| {
                        known.insert(step.id.0.as_str());
                    });
                }
                known
            });
        }
        let known =
            || programs.iter().filter_map(|program| self.steps.get(&std::ptr::from_ref(*program).addr())).flatten();
        if known().any(|known| *known == id.node) {
            return;
        }
        let finding =
            Diagnostic::new(Code::UnknownName, id.span).message(format!("no workflow has a step `{}`", id.node));
        let finding = meant(finding, id, known().copied());
        self.say(finding);
    }

    fn given(&mut self, run: &GivenRun, program: &Program) {
        let Some(workflow) = program.workflows.get(&run.workflow) else { return };
        let Some(before) = certain(program, workflow, &run.step.node) else {
            let mut known = Vec::new();
            each_step(&workflow.steps, &mut |step| known.push(step.id.0.as_str()));
            let id = &run.step;
            let finding = Diagnostic::new(Code::UnknownName, id.span)
                .message(format!("the workflow `{}` has no step `{}`", run.workflow, id.node));
            let finding = meant(finding, id, known.into_iter());
            return self.say(finding);
        };
        let data = before.results.iter().filter(|name| run.data.iter().all(|(given, ..)| given != **name));
        for name in data {
            self.say(
                Diagnostic::new(Code::SettingMissing, run.step.span)
                    .message(format!("a run that has come here knows what `{name}` has answered"))
                    .hint(format!("write it in the braces: `data {{ {}: … }}`", crate::names::spelled(name))),
            );
        }
        for (alias, event) in
            before.aliases.iter().filter(|(name, _)| run.aliases.iter().all(|(given, _)| given != *name))
        {
            self.say(
                Diagnostic::new(Code::SettingMissing, run.step.span)
                    .message(format!("a run that has come here has taken the event `{alias}`"))
                    .hint(format!("write it in the braces: `event {event} as {alias} {{ … }}`")),
            );
        }
    }

    fn address(&mut self, method: Method, url: &Spanned<SmolStr>, program: &Program) {
        let Ok(address) = url::Url::parse(&url.node) else { return };
        let channels = program.channels.values().map(|channel| (&channel.request.method, &channel.request.url.origin));
        let webhooks = program.webhooks.values().map(|webhook| (&webhook.method, &webhook.url.origin));
        let requests: Vec<(&Method, &Origin)> = webhooks.chain(channels).collect();
        let there =
            |origin: &Origin| url::Url::parse(&origin.to_string()).is_ok_and(|it| it.origin() == address.origin());
        if requests.iter().any(|(sent, origin)| **sent == method && there(origin)) {
            return;
        }
        let host = address.host_str().unwrap_or_default();
        let finding = Diagnostic::new(Code::UnknownName, url.span);
        let finding = if requests.iter().any(|(_, origin)| there(origin)) {
            finding
                .message(format!("nothing sends such a request to `{host}`"))
                .hint("the method is that of the webhook: `get`, `post`, `put`, `patch` or `delete`")
        } else {
            let origins: Vec<String> = requests.iter().map(|(_, origin)| origin.to_string()).collect();
            let finding = finding.message(format!("nothing sends a request to `{host}`"));
            match near(&address.origin().ascii_serialization(), origins.iter().map(String::as_str)) {
                Some(meant) => finding.hint(format!("did you mean `{meant}`?")),
                None => finding.hint("the address stands in a webhook or a channel"),
            }
        };
        self.say(finding);
    }
}

/// So many steps are named where none is called as a test says.
const NAMED: usize = 12;

fn meant<'n>(finding: Diagnostic, id: &Spanned<SmolStr>, known: impl Iterator<Item = &'n str>) -> Diagnostic {
    let known: Vec<&str> = known.collect();
    match near(&id.node, known.iter().copied()) {
        Some(meant) => {
            finding.hint(format!("did you mean `{meant}`?")).fix(Fix::replace(id.span, format!("{meant:?}")))
        }
        None if known.is_empty() => finding,
        None => {
            // Nothing else tells them while the project does not compile.
            let others = known.len().saturating_sub(NAMED);
            let named: Vec<&str> = known.into_iter().take(NAMED).collect();
            let others = if others == 0 { String::new() } else { format!(", and {others} more") };
            finding.hint(format!("the steps are called `{}`{others}", named.join("`, `")))
        }
    }
}

/// What a run certainly knows before a step.
#[derive(Clone, Default)]
struct Certain<'w> {
    /// The names of answers.
    results: Vec<&'w SmolStr>,
    /// The names of events that were taken, with their types.
    aliases: Vec<(&'w SmolStr, &'w SmolStr)>,
}

/// Nothing if the workflow has no such step.
fn certain<'w>(program: &Program, workflow: &'w Workflow, id: &str) -> Option<Certain<'w>> {
    walk(program, &workflow.steps, id, Certain::default())
}

fn walk<'w>(program: &Program, block: &'w Block, id: &str, mut known: Certain<'w>) -> Option<Certain<'w>> {
    for step in block {
        if step.id.0 == id {
            return Some(known);
        }
        for (number, inner) in step.statement.blocks().enumerate() {
            let mut inside = known.clone();
            if let (Statement::WaitFor { event, alias: Some(alias), .. }, 0) = (&step.statement, number) {
                inside.aliases.push((alias, event));
            }
            if let Some(found) = walk(program, inner, id, inside) {
                return Some(found);
            }
        }
        if let Statement::Call { webhook, store_as, on_failure, .. } = &step.statement
            && program.webhooks.get(webhook).is_some_and(|webhook| webhook.returns != Returns::Nothing)
            && on_failure.as_ref().is_none_or(|block| ends(block))
        {
            known.results.push(store_as);
        }
    }
    None
}

/// Whether nothing comes after a block.
fn ends(block: &[Step]) -> bool {
    block.last().is_some_and(|last| matches!(last.statement, Statement::Stop { .. } | Statement::Fail { .. }))
}
