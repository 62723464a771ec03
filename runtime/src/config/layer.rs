//! One layer of settings: what a file or the environment says, by key, each value with its place.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{Place, Problems};
use super::keys::{self, Key, Kind, Variable};

/// A value as it was written.
#[derive(Clone, Debug)]
pub(super) enum Raw {
    Text(String),
    Path(PathBuf),
    Texts(Vec<String>),
    Number(u64),
    Switch(bool),
    Tokens(Vec<RawToken>),
}

/// A token as it was written.
#[derive(Clone, Debug)]
pub(super) struct RawToken {
    pub(super) place: Place,
    pub(super) name: String,
    pub(super) sha256: Vec<String>,
    pub(super) scopes: Vec<String>,
}

/// A value with its place.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) raw: Raw,
    pub(super) place: Place,
}

/// Values by key.
pub(super) type Layer = BTreeMap<&'static str, Placed>;

/// Reads a file's text. Relative paths in it start at `folder`.
pub(super) fn from_toml(text: &str, place: &FilePlace<'_>, folder: &Path, problems: &mut Problems) -> Layer {
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let message = error.message().lines().collect::<Vec<_>>().join(", ");
        problems.add(&place.at(text, error.span()), message);
    }
    let mut reader = FileReader { text, place, folder, problems, layer: Layer::new() };
    reader.table("", root.get_ref());
    reader.layer
}

/// How a file is named in its places.
#[derive(Clone, Copy, Debug)]
pub(super) enum FilePlace<'a> {
    /// The built-in defaults.
    Default,
    /// A file.
    File(&'a Path),
}

impl FilePlace<'_> {
    fn at(&self, text: &str, span: Option<Range<usize>>) -> Place {
        match self {
            FilePlace::Default => Place::Default,
            FilePlace::File(path) => {
                let before = text.bytes().take(span.map_or(0, |span| span.start));
                Place::File { path: path.to_path_buf(), line: 1 + before.filter(|byte| *byte == b'\n').count() }
            }
        }
    }
}

struct FileReader<'a> {
    text: &'a str,
    place: &'a FilePlace<'a>,
    folder: &'a Path,
    problems: &'a mut Problems,
    layer: Layer,
}

impl FileReader<'_> {
    fn place<T>(&self, spanned: &Spanned<T>) -> Place {
        self.place.at(self.text, Some(spanned.span()))
    }

    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (name, value) in table.iter() {
            let full = format!("{prefix}{}", name.get_ref());
            if let Some(key) = keys::find(&full) {
                self.value(key, value, self.place(name));
            } else if let (true, "", DeValue::Table(inner)) = (keys::is_table(&full), prefix, value.get_ref()) {
                self.table(&format!("{full}."), inner);
            } else if keys::is_table(&full) && prefix.is_empty() {
                let message = format!("`{full}` is a table, not {}", article(value.get_ref()));
                self.problems.add_with(&self.place(name), message, format!("write `[{full}]` and its keys below it"));
            } else {
                unknown(&full, &self.place(name), self.problems);
            }
        }
    }

    fn value(&mut self, key: &'static Key, value: &Spanned<DeValue<'_>>, place: Place) {
        let raw = match (key.kind, value.get_ref()) {
            (Kind::Text, DeValue::String(text)) => Some(Raw::Text(text.to_string())),
            (Kind::Path, DeValue::String(text)) => Some(Raw::Path(self.folder.join(text.as_ref()))),
            (Kind::Texts, DeValue::Array(_)) => texts(value.get_ref()).map(Raw::Texts),
            (Kind::Number, DeValue::Integer(number)) => {
                u64::from_str_radix(&number.as_str().replace('_', ""), number.radix()).ok().map(Raw::Number)
            }
            (Kind::Switch, DeValue::Boolean(on)) => Some(Raw::Switch(*on)),
            (Kind::Tokens, DeValue::Array(tokens)) => {
                Some(Raw::Tokens(tokens.iter().filter_map(|token| self.token(token)).collect()))
            }
            _ => None,
        };
        match raw {
            Some(raw) => {
                self.layer.insert(key.name, Placed { raw, place });
            }
            None => {
                let message = format!("`{}` is {}, not {}", key.name, expected(key.kind), article(value.get_ref()));
                match (key.kind, value.get_ref()) {
                    (Kind::Texts, DeValue::String(text)) => {
                        self.problems.add_with(&place, message, format!("write it as `[{:?}]`", text.as_ref()));
                    }
                    (Kind::Texts, _) => {
                        let hint = format!("write it as `[\"{}\"]`", keys::example(key.name));
                        self.problems.add_with(&place, message, hint);
                    }
                    _ => self.problems.add(&place, message),
                }
            }
        }
    }

    fn token(&mut self, value: &Spanned<DeValue<'_>>) -> Option<RawToken> {
        let place = self.place(value);
        let DeValue::Table(table) = value.get_ref() else {
            self.problems.add_with(
                &place,
                "a token is a table",
                "write `[[tokens]]` with `name`, `sha256` and `scopes`",
            );
            return None;
        };
        let mut token = RawToken { place, name: String::new(), sha256: Vec::new(), scopes: Vec::new() };
        for (name, value) in table.iter() {
            let place = self.place(name);
            match (name.get_ref().as_ref(), value.get_ref(), texts(value.get_ref())) {
                ("name", DeValue::String(text), _) => token.name = text.to_string(),
                ("sha256", _, Some(texts)) => token.sha256 = texts,
                ("scopes", _, Some(texts)) => token.scopes = texts,
                ("name", other, _) => self.problems.add(&place, format!("`name` is a text, not {}", article(other))),
                (name @ ("sha256" | "scopes"), other, _) => {
                    self.problems.add(&place, format!("`{name}` is a list of texts, not {}", article(other)));
                }
                (name, ..) => {
                    let message = format!("unknown key `tokens.{name}`");
                    match keys::nearest(name, keys::TOKEN_KEYS.iter().copied()) {
                        Some(near) => self.problems.add_with(&place, message, format!("did you mean `{near}`?")),
                        None => self.problems.add(&place, message),
                    }
                }
            }
        }
        Some(token)
    }
}

fn texts(value: &DeValue<'_>) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect()
}

fn unknown(name: &str, place: &Place, problems: &mut Problems) {
    let message = format!("unknown key `{name}`");
    let tables = keys::KEYS.iter().filter_map(|key| key.name.split_once('.').map(|(table, _)| table));
    // A key that was written in another table than its own is found by its last word.
    let last = name.rsplit('.').next().unwrap_or(name);
    let same_word = keys::KEYS.iter().map(|key| key.name).find(|key| key.rsplit('.').next() == Some(last));
    let near = keys::nearest(name, keys::KEYS.iter().map(|key| key.name).chain(tables)).or(same_word);
    match near {
        Some(near) => problems.add_with(place, message, format!("did you mean `{near}`?")),
        None => problems.add(place, message),
    }
}

fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "a text",
        Kind::Path => "a path in quotes",
        Kind::Texts => "a list of texts",
        Kind::Number => "a whole number, not negative",
        Kind::Switch => "`true` or `false`",
        Kind::Tokens => "a list of tables",
    }
}

fn article(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "this whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "`true` or `false`",
        DeValue::Datetime(_) => "a date or a time",
        DeValue::Array(_) => "this list",
        DeValue::Table(_) => "a table",
    }
}

/// Reads the environment. Variables that begin with `WF_` and are near to a setting's are mistakes; others like them are
/// answered as strangers, for an orchestrator may have made them (`WF_SERVICE_HOST` for a service of the name `wf`).
pub(super) fn from_environment(
    environment: impl IntoIterator<Item = (OsString, OsString)>,
    problems: &mut Problems,
    strangers: &mut Vec<String>,
) -> Layer {
    let mut layer = Layer::new();
    for (name, value) in environment {
        let Some(name) = name.to_str() else { continue };
        let place = Place::Environment(name.to_owned());
        let key = match keys::variable(name) {
            Variable::Other => continue,
            Variable::Setting(key) => key,
            Variable::Unknown => {
                let variables: Vec<String> = keys::KEYS.iter().map(Key::variable).collect();
                match keys::nearest(name, variables.iter().map(String::as_str)) {
                    Some(near) => problems.add_with(&place, "no such setting", format!("did you mean `{near}`?")),
                    None => strangers.push(name.to_owned()),
                }
                continue;
            }
        };
        if let Some(raw) = from_variable(key, value, &place, problems) {
            layer.insert(key.name, Placed { raw, place });
        }
    }
    layer
}

fn from_variable(key: &Key, value: OsString, place: &Place, problems: &mut Problems) -> Option<Raw> {
    if key.kind == Kind::Path {
        return Some(Raw::Path(PathBuf::from(value)));
    }
    let Some(text) = value.to_str() else {
        problems.add(place, "the value is not UTF-8");
        return None;
    };
    let raw = match key.kind {
        Kind::Text => Some(Raw::Text(text.to_owned())),
        Kind::Path => Some(Raw::Path(PathBuf::from(text))),
        Kind::Texts => Some(Raw::Texts(items(text, ','))),
        Kind::Number => text.trim().parse().ok().map(Raw::Number),
        Kind::Switch => text.trim().parse().ok().map(Raw::Switch),
        Kind::Tokens => {
            items(text, ',').iter().map(|token| token_from_text(token, place)).collect::<Option<_>>().map(Raw::Tokens)
        }
    };
    if raw.is_none() {
        match key.kind {
            Kind::Tokens => problems.add(place, "a token is written `NAME:SCOPE+SCOPE:SHA256+SHA256`"),
            kind => problems.add(place, format!("the value is not {}", expected(kind))),
        }
    }
    raw
}

fn items(text: &str, separator: char) -> Vec<String> {
    text.split(separator).map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

fn token_from_text(text: &str, place: &Place) -> Option<RawToken> {
    let (name, rest) = text.split_once(':')?;
    let (scopes, sha256) = rest.split_once(':')?;
    Some(RawToken {
        place: place.clone(),
        name: name.trim().to_owned(),
        sha256: items(sha256, '+'),
        scopes: items(scopes, '+'),
    })
}
