//! What is wrong with the settings, and where it was written. All of it is reported at once.

use std::fmt;
use std::path::PathBuf;

/// Where a setting was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the built-in defaults.
    Default,
    /// In a file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// In this variable of the environment.
    Environment(String),
    /// In this flag of the command line.
    Flag(&'static str),
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Default => out.write_str("built-in default"),
            Place::File { path, line } => write!(out, "{}:{line}", path.display()),
            Place::Environment(name) => write!(out, "environment variable {name}"),
            Place::Flag(flag) => out.write_str(flag),
        }
    }
}

/// A mistake in the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// What. Shows no password.
    pub message: String,
    /// The way out.
    pub hint: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.place, self.message)?;
        match &self.hint {
            Some(hint) => write!(out, "; {hint}"),
            None => Ok(()),
        }
    }
}

/// The settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There are mistakes in them: one line each.
    #[error("{}", lines(.0))]
    Mistakes(Vec<Problem>),
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}

/// Collects mistakes.
#[derive(Debug, Default)]
pub(super) struct Problems(pub(super) Vec<Problem>);

impl Problems {
    /// A mistake without a hint.
    pub(super) fn add(&mut self, place: &Place, message: impl Into<String>) {
        self.0.push(Problem { place: place.clone(), message: message.into(), hint: None });
    }

    /// A mistake with a way out.
    pub(super) fn add_with(&mut self, place: &Place, message: impl Into<String>, hint: impl Into<String>) {
        self.0.push(Problem { place: place.clone(), message: message.into(), hint: Some(hint.into()) });
    }
}
