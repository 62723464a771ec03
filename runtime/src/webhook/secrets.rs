//! Where secrets come from: the environment, or a folder of files, at the moment they are needed.
//!
//! A file is read again for each request, so that a new value takes effect without a restart. The environment is read
//! once, at the start, as it cannot change from outside.
//!
//! What a file held before is remembered for as long as the daemon runs, to be masked: a service may still show it.

use std::collections::{HashMap, VecDeque};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use secrecy::{ExposeSecret, SecretString};
use tokio::io::AsyncReadExt;

use crate::config::SECRET_PREFIX;

/// The largest file that is taken for a secret, in bytes.
const MAX_BYTES: u64 = 64 * 1024;

/// So many earlier values of a secret are remembered.
const FORMER: usize = 4;

/// So many secrets are looked after in this way; no project has as many.
const NAMES: usize = 1_024;

/// The secrets that the daemon was given.
#[derive(Debug, Default)]
pub struct Secrets {
    environment: HashMap<String, SecretString>,
    /// Variables whose value is no text.
    unreadable: Vec<String>,
    folder: Option<PathBuf>,
    /// What the files held when they were read, the newest first.
    seen: Mutex<HashMap<String, VecDeque<SecretString>>>,
}

/// A secret that cannot be had. Says where it was looked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the secret `{name}` {problem}")]
pub struct SecretError {
    /// Its name.
    pub name: String,
    /// What is the matter, and where.
    pub problem: SecretProblem,
}

/// Why a secret cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretProblem {
    /// It is neither in the environment nor in the folder.
    #[error("is not set: there is no variable {variable} and {}", no_file(.file.as_deref()))]
    Missing {
        /// The variable that was looked at.
        variable: String,
        /// The file that was looked at; `None` when no folder is set.
        file: Option<PathBuf>,
    },
    /// It is there, and empty.
    #[error("is empty in {0}")]
    Empty(String),
    /// It is there, and no UTF-8.
    #[error("is not UTF-8 in {0}")]
    NotText(String),
    /// It is larger than a secret is.
    #[error("is larger than 64 KiB in {0}")]
    TooLarge(String),
    /// Its file is there and cannot be read.
    #[error("cannot be read from {file}: {reason}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
    /// Its name could lead out of the folder.
    #[error("has a name that is not letters, digits, `_`, `-` and `.`")]
    Name,
}

fn no_file(file: Option<&Path>) -> String {
    match file {
        Some(file) => format!("no file {}", file.display()),
        None => "no folder is set as `[secrets] dir`".to_owned(),
    }
}

impl Secrets {
    /// The secrets in an environment (`std::env::vars_os()`) and in a folder.
    pub fn new(environment: impl IntoIterator<Item = (OsString, OsString)>, folder: Option<PathBuf>) -> Secrets {
        let mut secrets = Secrets { folder, ..Secrets::default() };
        for (variable, value) in environment {
            let Some(name) = variable.to_str().and_then(|variable| variable.strip_prefix(SECRET_PREFIX)) else {
                continue;
            };
            match value.into_string() {
                Ok(text) => {
                    secrets.environment.insert(name.to_owned(), text.into());
                }
                Err(_) => secrets.unreadable.push(name.to_owned()),
            }
        }
        secrets
    }

    /// The secret of a name, as it is now.
    ///
    /// # Errors
    /// When it is not set, is empty or cannot be read.
    pub async fn get(&self, name: &str) -> Result<SecretString, SecretError> {
        self.find(name).await.map_err(|problem| SecretError { name: name.to_owned(), problem })
    }

    async fn find(&self, name: &str) -> Result<SecretString, SecretProblem> {
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
        if !plain || name.is_empty() || name.starts_with('.') {
            return Err(SecretProblem::Name);
        }
        let variable = format!("{SECRET_PREFIX}{name}");
        if self.unreadable.iter().any(|unreadable| unreadable == name) {
            return Err(SecretProblem::NotText(variable));
        }
        if let Some(secret) = self.environment.get(name) {
            return not_empty(secret, || variable).cloned();
        }
        let Some(file) = self.folder.as_ref().map(|folder| folder.join(name)) else {
            return Err(SecretProblem::Missing { variable, file: None });
        };
        let shown = file.display().to_string();
        let bytes = match read(&file).await {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(SecretProblem::Missing { variable, file: Some(file) });
            }
            Err(error) => return Err(SecretProblem::Unreadable { file: shown, reason: error.to_string() }),
        };
        if bytes.len() as u64 > MAX_BYTES {
            return Err(SecretProblem::TooLarge(shown));
        }
        let text = String::from_utf8(bytes).map_err(|_| SecretProblem::NotText(shown.clone()))?;
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let secret = SecretString::from(line.strip_suffix('\r').unwrap_or(line));
        not_empty(&secret, || shown)?;
        self.note(name, &secret);
        Ok(secret)
    }

    /// What else the secret has been than it is now, as far as it was asked for then.
    pub fn former(&self, name: &str, now: &SecretString) -> Vec<SecretString> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let is_other = |value: &&SecretString| value.expose_secret() != now.expose_secret();
        seen.get(name).into_iter().flatten().filter(is_other).cloned().collect()
    }

    fn note(&self, name: &str, secret: &SecretString) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= NAMES && !seen.contains_key(name) {
            return;
        }
        let values = seen.entry(name.to_owned()).or_default();
        let same = |value: &SecretString| value.expose_secret() == secret.expose_secret();
        if values.front().is_some_and(same) {
            return;
        }
        values.retain(|value| !same(value));
        values.push_front(secret.clone());
        values.truncate(1 + FORMER);
    }
}

fn not_empty(secret: &SecretString, place: impl FnOnce() -> String) -> Result<&SecretString, SecretProblem> {
    if secret.expose_secret().is_empty() { Err(SecretProblem::Empty(place())) } else { Ok(secret) }
}

/// The file's bytes, up to one more than is allowed.
async fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    tokio::fs::File::open(file).await?.take(MAX_BYTES + 1).read_to_end(&mut bytes).await?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(name: &str, value: &str) -> [(OsString, OsString); 1] {
        [(OsString::from(name), OsString::from(value))]
    }

    #[tokio::test]
    async fn the_environment_comes_before_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("A"), "from the file\n").unwrap();
        std::fs::write(folder.path().join("B"), "two\nlines\r\n").unwrap();
        let secrets = Secrets::new(environment("WF_SECRET_A", "from the variable"), Some(folder.path().into()));
        assert_eq!(secrets.get("A").await.unwrap().expose_secret(), "from the variable");
        assert_eq!(secrets.get("B").await.unwrap().expose_secret(), "two\nlines");
    }

    #[tokio::test]
    async fn a_changed_file_counts_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::new([], Some(folder.path().into()));
        for value in ["old", "new"] {
            std::fs::write(folder.path().join("A"), value).unwrap();
            assert_eq!(secrets.get("A").await.unwrap().expose_secret(), value);
        }
    }

    #[tokio::test]
    async fn what_a_secret_was_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::new(environment("WF_SECRET_B", "always"), Some(folder.path().into()));
        for value in ["1", "2", "2", "3", "1", "4", "5", "6", "7"] {
            std::fs::write(folder.path().join("A"), value).unwrap();
            secrets.get("A").await.unwrap();
        }
        secrets.get("B").await.unwrap();
        let former = |now: &str| -> Vec<String> {
            let former = secrets.former("A", &SecretString::from(now));
            former.iter().map(|value| value.expose_secret().to_owned()).collect()
        };
        assert_eq!(former("7"), ["6", "5", "4", "1"]);
        assert_eq!(former("6"), ["7", "5", "4", "1"], "one who has read it before the last change");
        let none = SecretString::from("x");
        assert!(secrets.former("B", &none).is_empty() && secrets.former("C", &none).is_empty());
        // The folder's name is made of letters and digits.
        assert!(!format!("{secrets:?}").contains("\"6\""), "{secrets:?}");
    }

    #[tokio::test]
    async fn what_is_missing_is_said_with_its_places() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("A");
        let with = Secrets::new([], Some(folder.path().into()));
        let said = with.get("A").await.unwrap_err().to_string();
        assert_eq!(
            said,
            format!("the secret `A` is not set: there is no variable WF_SECRET_A and no file {}", file.display())
        );
        let said = Secrets::default().get("A").await.unwrap_err().to_string();
        assert_eq!(
            said,
            "the secret `A` is not set: there is no variable WF_SECRET_A and no folder is set as `[secrets] dir`"
        );
    }

    #[tokio::test]
    async fn what_is_no_secret_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("EMPTY"), "\n").unwrap();
        std::fs::write(folder.path().join("BYTES"), [0xff]).unwrap();
        std::fs::write(folder.path().join("LARGE"), "x".repeat(70_000)).unwrap();
        std::fs::create_dir(folder.path().join("FOLDER")).unwrap();
        let secrets = Secrets::new(environment("WF_SECRET_NONE", ""), Some(folder.path().into()));
        let problem = async |name: &str| secrets.get(name).await.unwrap_err().problem;
        assert!(matches!(problem("EMPTY").await, SecretProblem::Empty(_)));
        assert!(matches!(problem("NONE").await, SecretProblem::Empty(_)));
        assert!(matches!(problem("BYTES").await, SecretProblem::NotText(_)));
        assert!(matches!(problem("LARGE").await, SecretProblem::TooLarge(_)));
        assert!(matches!(problem("FOLDER").await, SecretProblem::Unreadable { .. }));
        for name in ["", "../A", "a/b", ".hidden", "/etc/passwd", "a\0b"] {
            assert_eq!(problem(name).await, SecretProblem::Name, "{name}");
        }
    }
}
