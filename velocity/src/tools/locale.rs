//! Locales: a language, and the country whose currency and week it goes with.

use super::language::{self, Language};
use crate::methods::Type;
use crate::value::{Object, Value};
use std::any::Any;
use std::rc::Rc;

/// A language, with a country if it was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Locale {
    pub(crate) language: String,
    pub(crate) country: String,
}

impl Locale {
    /// `uk`, `uk_UA`; a third part is kept out. `None` when there are more.
    pub(crate) fn parse(text: &str) -> Option<Locale> {
        let mut parts = text.split('_');
        let language = parts.next().unwrap_or_default().to_ascii_lowercase();
        let country = parts.next().unwrap_or_default().to_ascii_uppercase();
        (parts.count() <= 1).then_some(Locale { language, country })
    }

    /// `uk`, `uk_UA`, `_UA`, `uk_UA_variant`, and nothing else: how a text becomes a locale argument.
    pub(crate) fn strict(text: &str) -> Option<Locale> {
        let is_language =
            |part: &str| matches!(part.len(), 2 | 3) && part.bytes().all(|byte| byte.is_ascii_lowercase());
        let is_country = |part: &str| {
            (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_uppercase()))
                || (part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let parts: Vec<&str> = text.split('_').collect();
        let fits = match parts.as_slice() {
            [""] => true,
            [language] => is_language(language),
            ["", country] => is_country(country),
            ["", country, variant] => is_country(country) && !variant.is_empty(),
            [language, country] => is_language(language) && is_country(country),
            [language, country, variant] => {
                is_language(language) && (country.is_empty() || is_country(country)) && !variant.is_empty()
            }
            _ => false,
        };
        if fits { Locale::parse(text) } else { None }
    }

    /// The locale of the reference: English of the United States.
    pub(crate) fn us() -> Locale {
        Locale { language: "en".to_owned(), country: "US".to_owned() }
    }

    pub(crate) fn of(value: &Value) -> Option<Locale> {
        match value {
            Value::Opaque(object) => object.downcast::<Locale>().cloned(),
            Value::String(text) => Locale::parse(text),
            _ => None,
        }
    }

    pub(crate) fn into_value(self) -> Value {
        let object: Rc<dyn Object> = Rc::new(self);
        Value::from(object)
    }

    pub(crate) fn data(&self) -> &'static Language {
        language::of(&self.language, &self.country)
    }

    /// The sign of the country's currency.
    pub(crate) fn currency(&self) -> &'static str {
        match (self.currency_code(), self.language.as_str()) {
            ("USD", _) => "$",
            ("CAD", "fr") => "$\u{a0}CA",
            ("CAD", _) => "$",
            ("UAH", _) => "₴",
            ("EUR", _) => "€",
            ("GBP", _) => "£",
            ("CHF", _) => "CHF",
            _ => "¤",
        }
    }

    /// The letters of the country's currency, for `¤¤`.
    pub(crate) fn currency_code(&self) -> &'static str {
        match self.country.as_str() {
            "US" => "USD",
            "CA" => "CAD",
            "UA" => "UAH",
            "AT" | "BE" | "DE" | "FR" | "IE" | "LU" => "EUR",
            "GB" => "GBP",
            "CH" => "CHF",
            _ => "XXX",
        }
    }

    /// The first day of a week, 1 for Sunday, and how many days the first week of a year has at least.
    pub(crate) fn week(&self) -> (i32, i32) {
        match self.country.as_str() {
            "UA" => (2, 1),
            "AT" | "BE" | "CH" | "DE" | "FR" | "GB" | "IE" | "LU" => (2, 4),
            _ => (1, 1),
        }
    }
}

impl Object for Locale {
    fn kind(&self) -> &'static str {
        "locale"
    }

    fn print(&self) -> String {
        if self.country.is_empty() { self.language.clone() } else { format!("{}_{}", self.language, self.country) }
    }

    fn java_type(&self) -> Type {
        Type::Locale
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
