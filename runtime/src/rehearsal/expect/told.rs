//! What was found in the place of what was expected, for people.

use compiler::ir::test::Expectation;
use smol_str::{SmolStr, format_smolstr};

use super::{Candidate, Found, Unmet, clock, name_of};
use crate::machine::Ending;
use crate::rehearsal::answers::Asked;
use crate::rehearsal::compare::Mark;
use crate::rehearsal::stage::Waits;

impl Found<'_> {
    pub(super) fn too_much(&self, what: &Expectation, candidates: &[Candidate], met: usize) -> Unmet {
        let first = candidates.iter().find(|candidate| candidate.marks.is_empty());
        let at = first.map(|candidate| self.at(candidate.position)).unwrap_or_default();
        let often = if met > 1 { format!(", {met} times in all") } else { String::new() };
        Unmet::new(format!("{} at {at}{often}", happened(what)))
    }

    pub(super) fn too_little(
        &self,
        what: &Expectation,
        candidates: Vec<Candidate>,
        met: usize,
        times: Option<u32>,
    ) -> Unmet {
        let count = candidates.len();
        let nearest = candidates.into_iter().min_by_key(|candidate| candidate.marks.len());
        match (times, nearest) {
            (Some(times), _) if met > 0 || times == 0 => {
                Unmet { marks: vec![Mark { path: vec!["times".into()], found: met.to_string() }], ..Unmet::new("") }
            }
            (_, Some(nearest)) => {
                let at = self.at(nearest.position);
                let message = match count {
                    1 => format!("{} at {at}, and it was otherwise", happened(what)),
                    _ => format!("{} {count} times, never like this; the nearest, at {at}:", happened(what)),
                };
                Unmet { marks: nearest.marks, ..Unmet::new(message) }
            }
            (_, None) => Unmet::new(self.nothing(what)),
        }
    }

    /// What there is in place of something that did not happen at all.
    fn nothing(&self, what: &Expectation) -> String {
        let ended: Vec<String> =
            self.log.endings().map(|(_, workflow, ending)| format!("`{workflow}` {}", told(ending))).collect();
        let standing = self.standing();
        let runs = match (ended.is_empty(), standing.is_empty()) {
            (true, true) => "no run was started".to_owned(),
            (true, false) => standing,
            (false, true) => ended.join("; "),
            (false, false) => format!("{}; {standing}", ended.join("; ")),
        };
        match what {
            Expectation::Call { callee, .. } => format!("`{}` was not called: {runs}", name_of(callee)),
            Expectation::Send { message, .. } => format!("`{message}` did not go out: {runs}"),
            Expectation::Event { event, .. } => format!("`{event}` was not raised: {runs}"),
            Expectation::Workflow { workflow, kept_out: None, .. } => {
                let kept_out: Vec<&str> = self.kept_out(workflow).map(|(_, code)| code.as_str()).collect();
                match kept_out.as_slice() {
                    [] => format!("`{workflow}` did not begin: nothing has started it"),
                    codes => format!("`{workflow}` did not begin: it was kept out because of {}", codes.join(", ")),
                }
            }
            Expectation::Workflow { workflow, .. } => format!("`{workflow}` was never kept from beginning: {runs}"),
            Expectation::Path(path) => {
                let mut steps: Vec<&str> = self.steps().map(|(_, step)| step.as_str()).collect();
                steps.dedup();
                let path = &path.node;
                if steps.is_empty() {
                    format!("no run came by `{path}`: {runs}")
                } else {
                    format!("no run came by `{path}`; they came by {}", steps.join(", "))
                }
            }
            _ => runs,
        }
    }

    /// How the runs stand that go on, for people.
    pub(super) fn standing(&self) -> String {
        (self.standing)().iter().map(|run| self.stands(run)).collect::<Vec<_>>().join("; ")
    }

    pub(super) fn stands(&self, run: &Waits) -> String {
        let until = run.until.map(|at| format!(" until {}", clock(self.start, at))).unwrap_or_default();
        match &run.step {
            Some(step) => format!("`{}` waits at `{step}`{until}", run.workflow),
            None => format!("`{}` goes on", run.workflow),
        }
    }

    /// The places in the log that an expectation is about.
    pub(super) fn about(&self, what: &Expectation, positions: &mut Vec<usize>) {
        if let Expectation::InOrder(parts) = what {
            for part in parts {
                self.about(&part.node, positions);
            }
        }
        let met = self.candidates(what).into_iter().filter(|candidate| candidate.marks.is_empty());
        positions.extend(met.map(|candidate| candidate.position));
    }
}

/// How a run ended, for people.
pub(in crate::rehearsal) fn told(ending: &Ending) -> String {
    match ending {
        Ending::Completed => "came to its end".to_owned(),
        Ending::Stopped { reason: Some(reason), .. } => format!("was stopped: {reason}"),
        Ending::Stopped { .. } => "was stopped".to_owned(),
        Ending::Exited { event } => format!("was left on `{event}`"),
        Ending::Failed { reason, .. } => format!("failed: {reason}"),
        Ending::Cancelled => "was cancelled".to_owned(),
    }
}

/// A call that has no stub, for people.
pub(in crate::rehearsal) fn unstubbed(asked: &Asked) -> String {
    let Asked { method, url, body, .. } = asked;
    let body = body.as_ref().map(|body| format!(" {body}")).unwrap_or_default();
    format!("`{}` was called and has no stub: {method} {url}{body}", name_of(&asked.callee))
}

/// What an expectation says, as something that has happened.
pub(super) fn happened(what: &Expectation) -> SmolStr {
    match what {
        Expectation::Call { callee, .. } => format_smolstr!("`{}` was called", name_of(callee)),
        Expectation::Send { message, .. } => format_smolstr!("`{message}` went out"),
        Expectation::Event { event, .. } => format_smolstr!("`{event}` was raised"),
        Expectation::Complete => "a run came to its end".into(),
        Expectation::Stop(_) => "a run was stopped".into(),
        Expectation::Fail(_) => "a run failed".into(),
        Expectation::Exit(_) => "a run was left".into(),
        Expectation::Path(path) => format_smolstr!("a run came by `{}`", path.node),
        Expectation::Workflow { workflow, kept_out: None, .. } => format_smolstr!("`{workflow}` began"),
        Expectation::Workflow { workflow, .. } => format_smolstr!("`{workflow}` was kept from beginning"),
        Expectation::Contact { .. } | Expectation::InOrder(_) | Expectation::Waiting(_) | Expectation::NothingElse => {
            "it was so".into()
        }
    }
}
