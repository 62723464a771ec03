//! Who is told of runs that were admitted, in the order in which they were: whoever opens a run, and of all others the one
//! who listens.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use smol_str::SmolStr;

use super::writer::Sequel;
use crate::store::{Acceptance, Accepted, Admission, Admissions, ContactRecord, Opening, PutContact, Recorded, RunId};

/// Who listens.
#[derive(Clone, Default)]
pub(super) struct Listener(Arc<Mutex<Option<Weak<dyn Admissions>>>>);

/// A run that was admitted, and who is told of it.
enum Told {
    Opened(Arc<dyn Opening>, RunId, ContactRecord, Option<Recorded>),
    Listened(RunId, i64, SmolStr),
}

impl Listener {
    /// Has this one told from now on.
    pub(super) fn set(&self, admissions: Weak<dyn Admissions>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(admissions);
    }

    /// What follows the acceptance of events; `None` when they admitted no run.
    pub(super) fn accepted(&self, acceptances: &[Acceptance], accepted: &[Accepted]) -> Option<Sequel> {
        let mut told = vec![];
        for (event, accepted) in acceptances.iter().zip(accepted) {
            let openings = event.starts.iter().map(|start| start.opening.as_ref());
            gather(openings, accepted, &mut told);
        }
        self.sequel(told)
    }

    /// What follows a turn.
    pub(super) fn recorded(&self, recorded: &Recorded) -> Option<Sequel> {
        let mut told = vec![];
        gather_raised(recorded, &mut told);
        self.sequel(told)
    }

    /// What follows changes of contacts.
    pub(super) fn put<'p>(&self, puts: impl Iterator<Item = &'p PutContact>) -> Option<Sequel> {
        let mut told = vec![];
        for accepted in puts.flat_map(|put| &put.raised) {
            gather(std::iter::empty(), accepted, &mut told);
        }
        self.sequel(told)
    }

    fn sequel(&self, told: Vec<Told>) -> Option<Sequel> {
        if told.is_empty() {
            return None;
        }
        let listener = self.clone();
        Some(Box::new(move || {
            let listening = listener.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(Weak::upgrade);
            for told in told {
                match told {
                    Told::Opened(opening, run, contact, opened) => opening.admitted(run, contact, opened),
                    Told::Listened(run, contact, workflow) => {
                        if let Some(listening) = &listening {
                            listening.admitted(run, contact, &workflow);
                        }
                    }
                }
            }
        }))
    }
}

/// The runs of an event, and behind them those of the events that their first turns have raised.
fn gather<'o>(openings: impl Iterator<Item = Option<&'o Arc<dyn Opening>>>, accepted: &Accepted, told: &mut Vec<Told>) {
    let Accepted::New { runs, .. } = accepted else { return };
    for (opening, admission) in openings.chain(std::iter::repeat(None)).zip(runs) {
        let Admission::Admitted { run, workflow, contact, opened } = admission else { continue };
        told.push(match opening {
            Some(opening) => Told::Opened(Arc::clone(opening), *run, contact.clone(), opened.clone()),
            None => Told::Listened(*run, contact.id, workflow.clone()),
        });
    }
    for admission in runs {
        if let Admission::Admitted { opened: Some(recorded), .. } = admission {
            gather_raised(recorded, told);
        }
    }
}

fn gather_raised(recorded: &Recorded, told: &mut Vec<Told>) {
    let Recorded::Kept { raised, .. } = recorded else { return };
    for accepted in raised {
        gather(std::iter::empty(), accepted, told);
    }
}
