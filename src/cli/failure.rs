//! How commands end.

use std::error::Error;
use std::io::ErrorKind;
use std::process::ExitCode;

/// The exit codes that scripts rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Ok = 0,
    /// Done, and it found something: errors in the sources, events that were refused.
    Findings = 1,
    /// The command line or the settings are wrong.
    Usage = 2,
    /// The world did not let it: files, network, a daemon that says no.
    World = 3,
    /// A mistake in `wf` itself.
    Internal = 4,
    /// The daemon's store failed (`EX_IOERR` of sysexits).
    Storage = 74,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// Why a command could not do its work: one message, and perhaps the way out.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    hint: Option<String>,
}

impl Failure {
    fn new(exit: Exit, message: impl Into<String>) -> Failure {
        Failure { exit, message: message.into(), hint: None }
    }

    /// What was asked for makes no sense.
    pub(crate) fn usage(message: impl Into<String>) -> Failure {
        Failure::new(Exit::Usage, message)
    }

    /// The world did not let it.
    pub(crate) fn world(message: impl Into<String>) -> Failure {
        Failure::new(Exit::World, message)
    }

    /// An error of a lower layer with its cause.
    pub(crate) fn caused(exit: Exit, error: &(dyn Error + 'static)) -> Failure {
        let hint = of_cause(error);
        Failure { hint: hint.map(str::to_owned), ..Failure::new(exit, with_cause(error)) }
    }

    /// A file could not be read or written; `doing` says what was tried: "cannot read `a.json`".
    pub(crate) fn file(doing: impl std::fmt::Display, error: &std::io::Error) -> Failure {
        let failure = Failure::world(format!("{doing}: {error}"));
        match of_file(error.kind()) {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }

    /// Says the way out.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hint = Some(hint.into());
        self
    }

    /// Says the way out, behind what was said of it already.
    pub(crate) fn also_hint(mut self, hint: &str) -> Failure {
        self.hint = Some(match self.hint {
            Some(first) => format!("{first}; {hint}"),
            None => hint.to_owned(),
        });
        self
    }

    /// Says first what was done before it failed.
    pub(crate) fn after(mut self, done: &str) -> Failure {
        self.message = format!("{done}; then: {}", self.message);
        self
    }

    /// The code to end with.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// What went wrong.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// The way out, where there is one.
    pub(crate) fn way_out(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

/// What to do about the file that an error is about.
fn of_cause(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(hint) = error.downcast_ref::<std::io::Error>().and_then(|error| of_file(error.kind())) {
            return Some(hint);
        }
        next = error.source();
    }
    None
}

/// What to do about a file that cannot be used; `None` where the error says all.
fn of_file(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::PermissionDenied => {
            "the user that runs this may not use it; `ls -ld` shows who may, of the file and of each folder above it"
        }
        ErrorKind::NotFound => "a path counts from the folder that the command is run in",
        ErrorKind::IsADirectory => "that is a folder; name a file in it",
        ErrorKind::NotADirectory => "a part of the path is a file, and no folder",
        ErrorKind::InvalidData => "it must be text in UTF-8; `iconv -f ENCODING -t UTF-8 FILE` writes it as that",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "there is no room left on the disk",
        ErrorKind::ReadOnlyFilesystem => "nothing can be written there; name another folder",
        _ => return None,
    })
}

/// An error and the first of its causes, the one that says most; layers between them repeat each other.
fn with_cause(error: &dyn Error) -> String {
    let message = error.to_string();
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let cause = cause.to_string();
    if message.contains(&cause) { message } else { format!("{message}: {cause}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Layer(&'static str, Option<Box<Layer>>);

    impl std::fmt::Display for Layer {
        fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            out.write_str(self.0)
        }
    }

    impl Error for Layer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|layer| layer as _)
        }
    }

    #[test]
    fn the_deepest_cause_is_told_once() {
        let refused = || Some(Box::new(Layer("connection refused", None)));
        let middle = Layer("error sending request", refused());
        assert_eq!(with_cause(&Layer("no answer", Some(Box::new(middle)))), "no answer: connection refused");
        assert_eq!(with_cause(&Layer("a: connection refused", refused())), "a: connection refused");
        assert_eq!(with_cause(&Layer("alone", None)), "alone");
    }
}
