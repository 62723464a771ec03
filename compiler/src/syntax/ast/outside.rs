//! What is called and how it is authorised: connectors, webhooks, channels.

use super::{Duration, Expr, Name, Record, Text, Type};
use crate::source::Spanned;

/// `connector NAME KIND { setting value … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Connector {
    /// Its name.
    pub name: Name,
    /// `basic`, `bearer`, `api_key`: any word, known or not.
    pub kind: Name,
    /// The settings in the order written.
    pub settings: Vec<Spanned<Setting>>,
    /// A setting could not be read.
    pub broken: bool,
}

/// `login "svc"`, `token secret("TOKEN")`: one setting of a connector.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// `login`, `password`, `token`, `key`, `header`, `query`, `signing`: any word, known or not.
    pub name: Name,
    /// Its value.
    pub value: SettingValue,
}

/// The value of a connector's setting.
#[derive(Clone, Debug, PartialEq)]
pub enum SettingValue {
    /// A literal text. An interpolation in it is for the checks to refuse.
    Text(Spanned<Text>),
    /// `secret("NAME")`: the secret's name.
    Secret(Name),
    /// Could not be read.
    Broken,
}

/// The lines of a `webhook` or a `channel`. A line that is written twice is reported and its first writing kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Webhook {
    /// Its name.
    pub name: Name,
    /// `get "https://…"`: method and address.
    pub request: Option<Spanned<Request>>,
    /// `auth CONNECTOR`.
    pub auth: Option<Name>,
    /// `uses WEBHOOK, …`: whose results may be sent. Several lines add up.
    pub uses: Vec<Name>,
    /// `headers { "X-Order": … }`.
    pub headers: Option<Spanned<Record>>,
    /// `body json { … }`.
    pub body: Option<Spanned<Body>>,
    /// `returns json { … }`.
    pub returns: Option<Spanned<Returns>>,
    /// `timeout 5s`, for each attempt.
    pub timeout: Option<Spanned<Duration>>,
    /// `attempts 5 from 1s to 1min`.
    pub attempts: Option<Spanned<Attempts>>,
    /// `limit 10 per 1s`.
    pub limit: Option<Spanned<Limit>>,
    /// A line could not be read: what is missing may be that one.
    pub broken: bool,
}

/// `post "https://…"`.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The HTTP method.
    pub method: Spanned<Method>,
    /// The address, with interpolations.
    pub url: Spanned<Text>,
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// `get`.
    Get,
    /// `post`.
    Post,
    /// `put`.
    Put,
    /// `patch`.
    Patch,
    /// `delete`.
    Delete,
}

/// `body KIND value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// `json`, `xml`, `text`, `form`: any word, known or not.
    pub kind: Name,
    /// What is sent: a record for `json` and `form`, a text for `xml` and `text`; the checks hold them to it.
    pub value: Expr,
}

/// `returns KIND [type]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Returns {
    /// `json`, `xml`, `text`: any word, known or not.
    pub kind: Name,
    /// The shape of the answer; `text` has none.
    pub ty: Option<Type>,
}

/// `attempts 5 [from 1s] [to 1min]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempts {
    /// How many requests at most.
    pub count: Spanned<i64>,
    /// The first pause.
    pub from: Option<Spanned<Duration>>,
    /// The longest pause.
    pub to: Option<Spanned<Duration>>,
}

/// `limit 10 per 1s`.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// How many requests.
    pub count: Spanned<i64>,
    /// In which time.
    pub per: Spanned<Duration>,
}
