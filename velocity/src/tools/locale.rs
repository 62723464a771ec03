//! Languages: the names, signs and patterns of CLDR as the reference uses them, for en, uk, de and fr.
//!
//! A language that is not here is treated as English. The tables are CLDR's of Java 17, whose output is the reference;
//! newer releases differ, for example in the blank before `PM`.

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
        match self.language.as_str() {
            "uk" => &UKRAINIAN,
            "de" => &GERMAN,
            "fr" => &FRENCH,
            _ => &ENGLISH,
        }
    }

    /// The sign of the country's currency.
    pub(crate) fn currency(&self) -> &'static str {
        match self.country.as_str() {
            "US" => "$",
            "UA" => "₴",
            "DE" | "FR" | "AT" => "€",
            "GB" => "£",
            _ => "¤",
        }
    }

    /// The letters of the country's currency, for `¤¤`.
    pub(crate) fn currency_code(&self) -> &'static str {
        match self.country.as_str() {
            "US" => "USD",
            "UA" => "UAH",
            "DE" | "FR" | "AT" => "EUR",
            "GB" => "GBP",
            _ => "XXX",
        }
    }

    /// The first day of a week, 1 for Sunday, and how many days the first week of a year has at least.
    pub(crate) fn week(&self) -> (i32, i32) {
        match self.country.as_str() {
            "UA" => (2, 1),
            "DE" | "FR" | "AT" | "GB" => (2, 4),
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

/// What a language needs to show numbers and dates.
pub(crate) struct Language {
    pub(crate) months: [&'static str; 12],
    pub(crate) short_months: [&'static str; 12],
    /// Months that stand alone, without a day.
    pub(crate) lone_months: [&'static str; 12],
    pub(crate) lone_short_months: [&'static str; 12],
    /// From Sunday on.
    pub(crate) days: [&'static str; 7],
    pub(crate) short_days: [&'static str; 7],
    pub(crate) half_days: [&'static str; 2],
    pub(crate) eras: [&'static str; 2],
    /// Full, long, medium, short.
    pub(crate) dates: [&'static str; 4],
    pub(crate) times: [&'static str; 4],
    /// Between a full or long date and a full or long time.
    pub(crate) at: &'static str,
    pub(crate) decimal: char,
    pub(crate) grouping: char,
    pub(crate) exponent: &'static str,
    pub(crate) currency: &'static str,
    pub(crate) percent: &'static str,
    /// The zones' short names that differ from the usual ones.
    pub(crate) zones: &'static [(&'static str, &'static str)],
    /// The zones' long names by their short ones.
    pub(crate) long_zones: &'static [(&'static str, &'static str)],
}

static ENGLISH: Language = Language {
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    short_months: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    lone_months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    lone_short_months: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    days: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
    short_days: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
    half_days: ["AM", "PM"],
    eras: ["BC", "AD"],
    dates: ["EEEE, MMMM d, y", "MMMM d, y", "MMM d, y", "M/d/yy"],
    times: ["h:mm:ss a zzzz", "h:mm:ss a z", "h:mm:ss a", "h:mm a"],
    at: " 'at' ",
    decimal: '.',
    grouping: ',',
    exponent: "E",
    currency: "¤#,##0.00",
    percent: "#,##0%",
    zones: &[],
    long_zones: &[
        ("UTC", "Coordinated Universal Time"),
        ("GMT", "Greenwich Mean Time"),
        ("BST", "British Summer Time"),
        ("EET", "Eastern European Standard Time"),
        ("EEST", "Eastern European Summer Time"),
        ("CET", "Central European Standard Time"),
        ("CEST", "Central European Summer Time"),
        ("EST", "Eastern Standard Time"),
        ("EDT", "Eastern Daylight Time"),
        ("CST", "Central Standard Time"),
        ("CDT", "Central Daylight Time"),
        ("PST", "Pacific Standard Time"),
        ("PDT", "Pacific Daylight Time"),
        ("JST", "Japan Standard Time"),
    ],
};

static UKRAINIAN: Language = Language {
    months: [
        "січня",
        "лютого",
        "березня",
        "квітня",
        "травня",
        "червня",
        "липня",
        "серпня",
        "вересня",
        "жовтня",
        "листопада",
        "грудня",
    ],
    short_months: [
        "січ.",
        "лют.",
        "бер.",
        "квіт.",
        "трав.",
        "черв.",
        "лип.",
        "серп.",
        "вер.",
        "жовт.",
        "лист.",
        "груд.",
    ],
    lone_months: [
        "січень",
        "лютий",
        "березень",
        "квітень",
        "травень",
        "червень",
        "липень",
        "серпень",
        "вересень",
        "жовтень",
        "листопад",
        "грудень",
    ],
    lone_short_months: ["січ", "лют", "бер", "кві", "тра", "чер", "лип", "сер", "вер", "жов", "лис", "гру"],
    days: ["неділя", "понеділок", "вівторок", "середа", "четвер", "п\u{2bc}ятниця", "субота"],
    short_days: ["нд", "пн", "вт", "ср", "чт", "пт", "сб"],
    half_days: ["дп", "пп"],
    eras: ["до н. е.", "н. е."],
    dates: ["EEEE, d MMMM y 'р'.", "d MMMM y 'р'.", "d MMM y 'р'.", "dd.MM.yy"],
    times: ["HH:mm:ss zzzz", "HH:mm:ss z", "HH:mm:ss", "HH:mm"],
    at: " 'о' ",
    decimal: ',',
    grouping: '\u{a0}',
    exponent: "Е",
    currency: "#,##0.00\u{a0}¤",
    percent: "#,##0%",
    zones: &[],
    long_zones: &[
        ("UTC", "за всесвітнім координованим часом"),
        ("GMT", "за Гринвічем"),
        ("EET", "за східноєвропейським стандартним часом"),
        ("EEST", "за східноєвропейським літнім часом"),
        ("CET", "за центральноєвропейським стандартним часом"),
        ("CEST", "за центральноєвропейським літнім часом"),
    ],
};

static GERMAN: Language = Language {
    months: [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    short_months: ["Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."],
    lone_months: [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    lone_short_months: ["Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"],
    days: ["Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"],
    short_days: ["So.", "Mo.", "Di.", "Mi.", "Do.", "Fr.", "Sa."],
    half_days: ["AM", "PM"],
    eras: ["v. Chr.", "n. Chr."],
    dates: ["EEEE, d. MMMM y", "d. MMMM y", "dd.MM.y", "dd.MM.yy"],
    times: ["HH:mm:ss zzzz", "HH:mm:ss z", "HH:mm:ss", "HH:mm"],
    at: " 'um' ",
    decimal: ',',
    grouping: '.',
    exponent: "E",
    currency: "#,##0.00\u{a0}¤",
    percent: "#,##0\u{a0}%",
    zones: &[("EET", "OEZ"), ("EEST", "OESZ"), ("CET", "MEZ"), ("CEST", "MESZ")],
    long_zones: &[
        ("UTC", "Koordinierte Weltzeit"),
        ("GMT", "Mittlere Greenwich-Zeit"),
        ("BST", "Britische Sommerzeit"),
        ("EET", "Osteuropäische Normalzeit"),
        ("EEST", "Osteuropäische Sommerzeit"),
        ("CET", "Mitteleuropäische Normalzeit"),
        ("CEST", "Mitteleuropäische Sommerzeit"),
    ],
};

static FRENCH: Language = Language {
    months: [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    short_months: ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
    lone_months: [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    lone_short_months: [
        "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
    ],
    days: ["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"],
    short_days: ["dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."],
    half_days: ["AM", "PM"],
    eras: ["av. J.-C.", "ap. J.-C."],
    dates: ["EEEE d MMMM y", "d MMMM y", "d MMM y", "dd/MM/y"],
    times: ["HH:mm:ss zzzz", "HH:mm:ss z", "HH:mm:ss", "HH:mm"],
    at: " 'à' ",
    decimal: ',',
    grouping: '\u{202f}',
    exponent: "E",
    currency: "#,##0.00\u{a0}¤",
    percent: "#,##0\u{a0}%",
    zones: &[],
    long_zones: &[
        ("UTC", "Temps universel coordonné"),
        ("GMT", "heure moyenne de Greenwich"),
        ("BST", "heure d’été britannique"),
        ("EET", "heure normale d’Europe de l’Est"),
        ("EEST", "heure d’été d’Europe de l’Est"),
        ("CET", "heure normale d’Europe centrale"),
        ("CEST", "heure d’été d’Europe centrale"),
    ],
};

impl Language {
    /// The pattern of a date and a time, by their styles from 0 for full to 3 for short.
    pub(crate) fn date_time(&self, date: usize, time: usize) -> String {
        let joiner = if std::ptr::eq(self, &FRENCH) {
            match (date, time) {
                (0 | 1, 0 | 1) => self.at,
                (3, _) | (_, 3) => " ",
                _ => ", ",
            }
        } else if date < 2 && time < 2 {
            self.at
        } else {
            ", "
        };
        let date = self.dates.get(date).copied().unwrap_or_default();
        let time = self.times.get(time).copied().unwrap_or_default();
        format!("{date}{joiner}{time}")
    }
}
