//! The table of settings: one row a key feeds the reader of `wf.toml`, the environment and the suggestions.

use strsim::damerau_levenshtein;

/// What a setting holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text.
    Text,
    /// A path; a relative one starts at a folder that depends on where it was written.
    Path,
    /// Texts.
    Texts,
    /// A whole number that is not negative.
    Number,
    /// `true` or `false`.
    Switch,
    /// The `[[tokens]]` tables.
    Tokens,
}

/// A setting.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    /// Its name, dots between its tables.
    pub(super) name: &'static str,
    /// What it holds.
    pub(super) kind: Kind,
}

/// Every setting.
pub(super) const KEYS: &[Key] = &[
    Key { name: "listen", kind: Kind::Text },
    Key { name: "data", kind: Kind::Path },
    Key { name: "insecure_plaintext", kind: Kind::Switch },
    Key { name: "hosts", kind: Kind::Texts },
    Key { name: "tokens", kind: Kind::Tokens },
    Key { name: "tls.cert", kind: Kind::Path },
    Key { name: "tls.key", kind: Kind::Path },
    Key { name: "smtp.url", kind: Kind::Text },
    Key { name: "smtp.password_secret", kind: Kind::Text },
    Key { name: "smtp.on_unknown", kind: Kind::Text },
    Key { name: "outbox.dir", kind: Kind::Path },
    Key { name: "egress.allow_hosts", kind: Kind::Texts },
    Key { name: "egress.allow_private", kind: Kind::Texts },
    Key { name: "egress.ca_file", kind: Kind::Path },
    Key { name: "limits.event_bytes", kind: Kind::Number },
    Key { name: "limits.requests", kind: Kind::Number },
    Key { name: "limits.requests_per_second", kind: Kind::Number },
    Key { name: "limits.calls_per_fast_host", kind: Kind::Number },
    Key { name: "limits.calls_per_host", kind: Kind::Number },
    Key { name: "log.format", kind: Kind::Text },
    Key { name: "retention.days", kind: Kind::Number },
    Key { name: "retention.max_bytes", kind: Kind::Number },
    Key { name: "secrets.dir", kind: Kind::Path },
];

/// The keys of a `[[tokens]]` table.
pub(super) const TOKEN_KEYS: &[&str] = &["name", "sha256", "scopes"];

/// Variables that begin with `WF_` and are no settings: the command line's own.
const OTHER_VARIABLES: &[&str] = &["WF_URL", "WF_TOKEN"];

/// What secrets' variables begin with.
pub(crate) const SECRET_PREFIX: &str = "WF_SECRET_";

impl Key {
    /// The environment variable that sets it.
    pub(super) fn variable(&self) -> String {
        format!("WF_{}", self.name.replace('.', "_").to_ascii_uppercase())
    }
}

/// The key of a name.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// What one of the texts of a setting looks like.
pub(super) fn example(name: &str) -> &'static str {
    match name {
        "egress.allow_private" => "10.0.0.0/8",
        "egress.allow_hosts" => "api.example.com",
        _ => "wf.example.com",
    }
}

/// The tables that keys stand in, such as `egress`.
pub(super) fn is_table(name: &str) -> bool {
    KEYS.iter().any(|key| key.name.split_once('.').is_some_and(|(table, _)| table == name))
}

/// What a variable of the environment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    /// A setting.
    Setting(&'static Key),
    /// Not ours, or not a setting.
    Other,
    /// Begins with `WF_`, and is no setting.
    Unknown,
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        self.name == other.name
    }
}

impl Eq for Key {}

/// What a variable of this name is.
pub(super) fn variable(name: &str) -> Variable {
    if !name.starts_with("WF_") || name.starts_with(SECRET_PREFIX) || OTHER_VARIABLES.contains(&name) {
        return Variable::Other;
    }
    KEYS.iter().find(|key| key.variable() == name).map_or(Variable::Unknown, Variable::Setting)
}

/// The name that is nearest to the one written, if one is near: at most a third of it differs.
pub(super) fn nearest<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    names
        .into_iter()
        .map(|name| (damerau_levenshtein(written, name), name))
        .filter(|(distance, name)| *distance <= name.chars().count().max(3) / 3)
        .min()
        .map(|(_, name)| name)
}
