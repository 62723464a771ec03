//! The daemon's settings: built-in defaults, overridden by `wf.toml`, by the environment, and by flags.
//!
//! `config.default.toml` is both the defaults and their manual, and is read by the same code as a project's file. Every
//! mistake is found in one go and placed, and nothing that was set is ignored: an unknown key, a misspelt variable and a
//! setting that does nothing yet are refused.

mod keys;

mod egress;
mod error;
mod layer;
mod smtp;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use egress::{Egress, HostRule, Network, PrivateRule, Roots, RootsError, RuleError};
pub use error::{Place, Problem, SettingsError};
pub(crate) use keys::SECRET_PREFIX;
use layer::{FilePlace, Layer, Placed, Raw, RawToken};
pub use smtp::{Password, Security, Smtp, SmtpUrlError};

use crate::log::Format;
use crate::retention::Rules;
use crate::store::sqlite::Options;
use error::Problems;

/// The default settings as a commented file.
pub const DEFAULTS: &str = include_str!("../../config.default.toml");

/// The name of a project's settings file.
pub const FILE_NAME: &str = "wf.toml";

/// More calls to one host at once than there are turns would mean nothing.
const MOST_CALLS_PER_HOST: u64 = 4_096;

/// The daemon's settings, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the API listens.
    pub listen: SocketAddr,
    /// The folder of the store.
    pub data: PathBuf,
    /// Whether an address off loopback is served without TLS.
    pub insecure_plaintext: bool,
    /// Further names that the API answers to.
    pub hosts: Vec<String>,
    /// Who may call the API; without any, everybody on this machine.
    pub tokens: Vec<Token>,
    /// The API's certificate.
    pub tls: Option<Tls>,
    /// The mail server; without one, mail goes to the outbox.
    pub smtp: Option<Smtp>,
    /// Whether a mail waits for a person when nobody knows whether the server has taken it; else it is sent again.
    pub hold_unknown_mail: bool,
    /// The outbox folder, a Maildir.
    pub outbox: PathBuf,
    /// What webhooks may call.
    pub egress: Egress,
    /// The largest body of a request to the API, in bytes.
    pub event_bytes: u64,
    /// How many requests with events or contacts may be open at once.
    pub requests: u64,
    /// How many of them a caller may make in a second; `None` is any number.
    pub requests_per_second: Option<u32>,
    /// How the log is written; `None` is as suits where it goes.
    pub log: Option<Format>,
    /// How much history is kept.
    pub retention: Rules,
    /// How many calls a host may have at once.
    pub calls_per_host: u64,
    /// The same for a host that answers within 50 milliseconds.
    pub calls_per_fast_host: u64,
    /// The folder of files with secrets.
    pub secrets: Option<PathBuf>,
    /// Variables that begin with `WF_` and mean nothing to us; worth a warning.
    pub strangers: Vec<String>,
}

/// A caller of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its name, which stands in logs and is the source of its events.
    pub name: String,
    /// SHA-256 of each text that is accepted as this token.
    pub sha256: Vec<[u8; 32]>,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
}

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Post events and contacts.
    Ingest,
    /// Every GET.
    Read,
    /// Everything else.
    Admin,
}

/// The API's certificate and key: PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The certificate chain.
    pub cert: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// Settings from the command line.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--listen`.
    pub listen: Option<String>,
    /// `--data`.
    pub data: Option<PathBuf>,
}

impl Settings {
    /// Reads the settings of the project in a folder, which need not have a file of its own. The environment is an
    /// argument: `std::env::vars_os()`.
    ///
    /// # Errors
    /// When the file cannot be read, and with all mistakes in file, environment and flags.
    pub fn load(
        project: &Path,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        flags: &Flags,
    ) -> Result<Settings, SettingsError> {
        let path = project.join(FILE_NAME);
        match std::fs::read_to_string(&path) {
            Ok(text) => Settings::read(Some(&text), project, environment, flags),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Settings::read(None, project, environment, flags)
            }
            Err(source) => Err(SettingsError::Unreadable { path, source }),
        }
    }

    /// The same, with the text of the project's file.
    ///
    /// # Errors
    /// With all mistakes in file, environment and flags.
    pub fn read(
        text: Option<&str>,
        project: &Path,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        flags: &Flags,
    ) -> Result<Settings, SettingsError> {
        let mut problems = Problems::default();
        let mut strangers = Vec::new();
        let mut layer = layer::from_toml(DEFAULTS, &FilePlace::Default, project, &mut problems);
        if let Some(text) = text {
            let path = project.join(FILE_NAME);
            layer.extend(layer::from_toml(text, &FilePlace::File(&path), project, &mut problems));
        }
        layer.extend(layer::from_environment(environment, &mut problems, &mut strangers));
        if let Some(listen) = &flags.listen {
            let place = Place::Flag("--listen");
            layer.insert("listen", Placed { raw: Raw::Text(listen.clone()), place });
        }
        if let Some(data) = &flags.data {
            layer.insert("data", Placed { raw: Raw::Path(data.clone()), place: Place::Flag("--data") });
        }
        let checked = Checker { layer, problems: &mut problems }.settings(strangers);
        match checked {
            Some(settings) if problems.0.is_empty() => Ok(settings),
            _ => Err(SettingsError::Mistakes(problems.0)),
        }
    }
}

/// Turns what was written into what it means.
struct Checker<'a> {
    layer: Layer,
    problems: &'a mut Problems,
}

impl Checker<'_> {
    fn settings(mut self, strangers: Vec<String>) -> Option<Settings> {
        let (listen, listen_place) = self.listen()?;
        let data = self.path("data")?;
        let tokens = self.tokens();
        let tls = self.tls();
        let insecure_plaintext = matches!(self.raw("insecure_plaintext"), Some((Raw::Switch(true), _)));
        if !listen.ip().to_canonical().is_loopback() {
            if tokens.is_empty() {
                let message = format!("`{listen}` can be reached from other machines, and there are no tokens");
                self.problems.add_with(&listen_place, message, "add `[[tokens]]`, or listen on `127.0.0.1`");
            }
            if tls.is_none() && !insecure_plaintext {
                let message = format!("`{listen}` can be reached from other machines, and there is no TLS");
                let hint =
                    "set `[tls] cert` and `key`, or `insecure_plaintext = true` behind something that speaks TLS";
                self.problems.add_with(&listen_place, message, hint);
            }
        }
        Some(Settings {
            listen,
            insecure_plaintext,
            hosts: self.texts("hosts").0,
            tokens,
            tls,
            smtp: self.smtp(),
            hold_unknown_mail: self.hold_unknown_mail(),
            outbox: self.path("outbox.dir").unwrap_or_else(|| data.join("outbox")),
            egress: Egress {
                allow_hosts: self.rules("egress.allow_hosts"),
                allow_private: self.rules("egress.allow_private"),
                ca_file: self.path("egress.ca_file"),
            },
            event_bytes: self.number("limits.event_bytes")?,
            requests: self.number("limits.requests")?,
            requests_per_second: self
                .number("limits.requests_per_second")
                .map(|number| u32::try_from(number).unwrap_or(u32::MAX)),
            log: self.log(),
            retention: self.retention(),
            calls_per_host: self.number("limits.calls_per_host")?.min(MOST_CALLS_PER_HOST),
            calls_per_fast_host: self.number("limits.calls_per_fast_host")?.min(MOST_CALLS_PER_HOST),
            secrets: self.path("secrets.dir"),
            data,
            strangers,
        })
    }

    fn raw(&self, key: &str) -> Option<(Raw, Place)> {
        self.layer.get(key).map(|placed| (placed.raw.clone(), placed.place.clone()))
    }

    fn text(&self, key: &str) -> Option<(String, Place)> {
        match self.raw(key)? {
            (Raw::Text(text), place) => Some((text, place)),
            _ => None,
        }
    }

    fn path(&mut self, key: &str) -> Option<PathBuf> {
        match self.raw(key)? {
            (Raw::Path(path), place) if path.as_os_str().is_empty() => {
                self.problems.add(&place, format!("`{key}` is empty"));
                None
            }
            (Raw::Path(path), _) => Some(path),
            _ => None,
        }
    }

    fn texts(&self, key: &str) -> (Vec<String>, Place) {
        match self.raw(key) {
            Some((Raw::Texts(texts), place)) => (texts, place),
            _ => (Vec::new(), Place::Default),
        }
    }

    fn number(&mut self, key: &str) -> Option<u64> {
        match self.raw(key)? {
            (Raw::Number(0), place) => {
                self.problems.add(&place, format!("`{key}` is at least 1"));
                None
            }
            (Raw::Number(number), _) => Some(number),
            _ => None,
        }
    }

    fn listen(&mut self) -> Option<(SocketAddr, Place)> {
        let (text, place) = self.text("listen")?;
        match text.parse() {
            Ok(listen) => Some((listen, place)),
            Err(_) => {
                let message = format!("`{text}` is no IP address with a port");
                self.problems.add_with(&place, message, "write it as `127.0.0.1:8080` or `[::1]:8080`");
                None
            }
        }
    }

    fn tls(&mut self) -> Option<Tls> {
        match (self.path("tls.cert"), self.path("tls.key")) {
            (Some(cert), Some(key)) => Some(Tls { cert, key }),
            (None, None) => None,
            (cert, _) => {
                let (there, missing) = if cert.is_some() { ("tls.cert", "tls.key") } else { ("tls.key", "tls.cert") };
                let place = self.raw(there).map_or(Place::Default, |(_, place)| place);
                self.problems.add(&place, format!("`{there}` needs `{missing}` beside it"));
                None
            }
        }
    }

    fn log(&mut self) -> Option<Format> {
        let (text, place) = self.text("log.format")?;
        match text.as_str() {
            "json" => Some(Format::Json),
            "text" => Some(Format::Text),
            _ => {
                self.problems.add(&place, "`log.format` is `json` or `text`");
                None
            }
        }
    }

    fn retention(&mut self) -> Rules {
        let least = Options::default().dedup_window;
        let mut days = None;
        if let Some((Raw::Number(number), place)) = self.raw("retention.days") {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            if Duration::from_secs(u64::from(number) * 24 * 60 * 60) < least {
                let message =
                    "`retention.days` is at least 7: for so long an event's id keeps a second one with it out";
                self.problems.add(&place, message);
            }
            days = Some(number);
        }
        let bytes = self.number("retention.max_bytes");
        Rules { days, bytes, least }
    }

    fn hold_unknown_mail(&mut self) -> bool {
        match self.text("smtp.on_unknown") {
            Some((text, _)) if text == "hold" => true,
            Some((text, place)) if text != "resend" => {
                self.problems.add(&place, "`smtp.on_unknown` is `resend` or `hold`");
                false
            }
            _ => false,
        }
    }

    fn smtp(&mut self) -> Option<Smtp> {
        let secret = self.text("smtp.password_secret");
        let Some((url, place)) = self.text("smtp.url") else {
            if let Some((_, place)) = secret {
                self.problems.add(&place, "`smtp.password_secret` needs `smtp.url` beside it");
            }
            return None;
        };
        match Smtp::read(&url, secret.as_ref().map(|(name, _)| name.as_str())) {
            Ok(smtp) => Some(smtp),
            Err(error) => {
                let message = format!("`smtp.url`: {error}");
                match error.way_out() {
                    Some(hint) => self.problems.add_with(&place, message, hint),
                    None => self.problems.add(&place, message),
                }
                None
            }
        }
    }

    fn rules<T: std::str::FromStr<Err = RuleError>>(&mut self, key: &str) -> Vec<T> {
        let (texts, place) = self.texts(key);
        let mut rules = Vec::with_capacity(texts.len());
        for text in texts {
            if egress::is_switch(&text) {
                let message = format!("`{key}` is a list of hosts, and `{text}` is a switch");
                let example = keys::example(key);
                let none = if key == "egress.allow_hosts" { "every public host" } else { "none" };
                let hint = format!("write the hosts themselves, such as `{example}`, or leave it out for {none}");
                self.problems.add_with(&place, message, hint);
                continue;
            }
            match text.parse() {
                Ok(rule) => rules.push(rule),
                Err(error) => self.problems.add(&place, format!("`{key}`: {error}")),
            }
        }
        rules
    }

    fn tokens(&mut self) -> Vec<Token> {
        let Some((Raw::Tokens(written), _)) = self.raw("tokens") else { return Vec::new() };
        let mut tokens: Vec<Token> = Vec::with_capacity(written.len());
        for raw in written {
            if tokens.iter().any(|token| token.name == raw.name) {
                self.problems.add(&raw.place, format!("two tokens have the name `{}`", raw.name));
            }
            tokens.push(self.token(&raw));
        }
        tokens
    }

    fn token(&mut self, raw: &RawToken) -> Token {
        if raw.name.is_empty() {
            self.problems.add(&raw.place, "a token needs a `name`");
        }
        if raw.sha256.is_empty() {
            self.problems.add(&raw.place, format!("the token `{}` has no `sha256`", raw.name));
        }
        if raw.scopes.is_empty() {
            let message = format!("the token `{}` has no `scopes`", raw.name);
            self.problems.add_with(&raw.place, message, "they are `ingest`, `read` and `admin`");
        }
        let mut token = Token { name: raw.name.clone(), sha256: Vec::new(), scopes: BTreeSet::new() };
        for text in &raw.sha256 {
            match digest(text) {
                Some(digest) => token.sha256.push(digest),
                // The text is not shown: somebody may have written the token itself.
                None => self.problems.add_with(
                    &raw.place,
                    format!("a `sha256` of the token `{}` is not 64 hexadecimal digits", raw.name),
                    "write the SHA-256 of the token, not the token",
                ),
            }
        }
        for text in &raw.scopes {
            match text.as_str() {
                "ingest" => token.scopes.insert(Scope::Ingest),
                "read" => token.scopes.insert(Scope::Read),
                "admin" => token.scopes.insert(Scope::Admin),
                other => {
                    let message = format!("`{other}` is no scope");
                    self.problems.add_with(&raw.place, message, "they are `ingest`, `read` and `admin`");
                    false
                }
            };
        }
        token
    }
}

fn digest(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let bytes: Vec<u8> = digits
        .chunks_exact(2)
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    bytes.try_into().ok()
}
