//! The store on a disk that is driven step by step, for the simulation: all that it does with the file is what the daemon does,
//! only who tells the threads to go on, and when, is another.

use std::collections::VecDeque;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use tempfile::TempDir;

use super::fault::{Failure, Fault};
use super::folder::Folder;
use super::known::Known;
use super::reader::{Question, Readers};
use super::soundness::Soundness;
use super::told::Listener;
use super::writer::Stepped;
use super::{Options, SqliteStore, open};
use crate::metrics::Timing;
use crate::store::*;

/// What outlives a crash.
pub(crate) struct Platters {
    connection: Connection,
    folder: Folder,
    _place: TempDir,
}

/// The disk of a store, while a daemon uses it.
pub(crate) struct Disk {
    writer: Stepped,
    questions: Receiver<Question>,
    /// What has come in of them.
    asked: VecDeque<Question>,
    place: TempDir,
    known: Arc<Known>,
}

impl Platters {
    /// With an empty store, whose keys are made with this number.
    pub(crate) fn new(identity: i64) -> Platters {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::take(&place.path().join("data")).unwrap();
        Platters { connection: open::in_memory(identity).unwrap(), folder, _place: place }
    }

    /// All events.
    pub(crate) fn events(&self) -> Vec<EventRecord> {
        self.all(|cursor| {
            super::event::list(&self.connection, &EventQuery { cursor, limit: 100, ..Default::default() })
        })
    }

    /// All runs.
    pub(crate) fn runs(&self) -> Vec<RunSummary> {
        self.all(|cursor| super::run::list(&self.connection, &RunQuery { cursor, limit: 100, ..Default::default() }))
    }

    /// All messages.
    pub(crate) fn messages(&self) -> Vec<MessageRecord> {
        self.all(|cursor| {
            super::message::list(&self.connection, &MessageQuery { cursor, limit: 100, ..Default::default() })
        })
    }

    /// All contacts.
    pub(crate) fn contacts(&self) -> Vec<ContactRecord> {
        self.all(|cursor| {
            super::list::contacts(&self.connection, &ContactQuery { cursor, limit: 100, ..Default::default() })
        })
    }

    fn all<T>(&self, list: impl Fn(Option<String>) -> Result<Page<T>, Fault>) -> Vec<T> {
        let (mut items, mut cursor) = (vec![], None);
        loop {
            let page = list(cursor).unwrap();
            items.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                return items;
            }
        }
    }

    /// A daemon opens the store.
    pub(crate) fn open(self) -> (SqliteStore, Disk) {
        let Platters { connection, folder, _place: place } = self;
        let failure = Failure::none();
        let keys = open::keys(&connection).unwrap();
        let (readers, questions) = Readers::assemble(failure.clone());
        let known = Arc::<Known>::default();
        let (writer, stepped) = Stepped::assemble(connection, folder, failure.clone(), known.clone()).unwrap();
        let (options, commits) = (Options::default(), Timing::commits());
        let soundness = Mutex::new(Soundness::assumed());
        let listener = Listener::default();
        let knows = known.clone();
        let store = SqliteStore { writer, readers, failure, keys, options, known, commits, soundness, listener };
        (store, Disk { writer: stepped, questions, asked: VecDeque::new(), place, known: knows })
    }
}

impl Disk {
    /// Whether there is anything to do.
    pub(crate) fn is_busy(&mut self) -> bool {
        self.asked.extend(self.questions.try_iter());
        self.writer.waiting() > 0 || !self.asked.is_empty()
    }

    /// Answers a question, when there is one and `reading` comes first, or else commits up to so many jobs.
    pub(crate) fn go_on(&mut self, reading: bool, jobs: usize) {
        let reads = reading || self.writer.waiting() == 0;
        match if reads { self.asked.pop_front() } else { None } {
            Some(question) => question(self.writer.connection()),
            None => self.writer.commit(jobs),
        }
    }

    /// Refuses a job.
    pub(crate) fn refuse(&mut self) {
        self.writer.refuse();
    }

    /// The power goes.
    pub(crate) fn crash(self) -> Platters {
        let (connection, folder) = self.writer.crash();
        Platters { connection, folder, _place: self.place }
    }

    /// A run as it is committed.
    pub(crate) fn run(&self, id: RunId) -> Option<RunRecord> {
        super::run::get(self.writer.connection(), id).unwrap()
    }

    /// A run's attempts as they are committed.
    pub(crate) fn attempts(&self, id: RunId) -> Vec<AttemptRecord> {
        let connection = self.writer.connection();
        let number = super::progress::run_number(connection, id).unwrap();
        number.map(|number| super::attempt::list(connection, &self.known, number).unwrap()).unwrap_or_default()
    }

    /// An event as it is committed.
    pub(crate) fn event(&self, id: &str) -> Option<EventRecord> {
        super::event::find(self.writer.connection(), id).unwrap()
    }

    /// How many runs have not ended.
    pub(crate) fn unfinished(&self) -> u64 {
        super::list::counts(self.writer.connection()).unwrap().unfinished_runs
    }
}
