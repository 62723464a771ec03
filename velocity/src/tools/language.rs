//! Languages: the names, signs and patterns of CLDR as the reference uses them, for English, Ukrainian, German and French.
//!
//! A language that is not here is treated as English. The tables are those of CLDR 39, which Java 17 has and so the
//! reference prints. Newer releases differ in what people see: another blank before `PM`, `січ.` for `січ`, other names of
//! time zones. The ICU crates carry the newest release alone, for all languages at once (4 MB), and neither patterns of
//! dates in their stable interface nor those of money and percents in any; so the tables stand here.

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
    /// Whether a blank rather than a comma stands before or after a short form.
    pub(crate) blank_by_short: bool,
    pub(crate) decimal: char,
    pub(crate) grouping: char,
    /// The same two in amounts of money.
    pub(crate) money: (char, char),
    pub(crate) exponent: &'static str,
    pub(crate) currency: &'static str,
    pub(crate) percent: &'static str,
    /// The zones' short names that differ from the usual ones.
    pub(crate) zones: &'static [(&'static str, &'static str)],
    /// The zones' long names by their short ones.
    pub(crate) long_zones: &'static [(&'static str, &'static str)],
}

const ENGLISH: Language = Language {
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
    blank_by_short: false,
    decimal: '.',
    grouping: ',',
    money: ('.', ','),
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
        ("IST", "India Standard Time"),
        ("MSK", "Moscow Standard Time"),
        ("MST", "Mountain Standard Time"),
        ("MDT", "Mountain Daylight Time"),
        ("AEST", "Australian Eastern Standard Time"),
        ("AEDT", "Australian Eastern Daylight Time"),
    ],
};

const UKRAINIAN: Language = Language {
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
    blank_by_short: false,
    decimal: ',',
    grouping: '\u{a0}',
    money: (',', '\u{a0}'),
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
        ("BST", "за літнім часом у Великій Британії"),
        ("EST", "за північноамериканським східним стандартним часом"),
        ("EDT", "за північноамериканським східним літнім часом"),
        ("CST", "за північноамериканським центральним стандартним часом"),
        ("CDT", "за північноамериканським центральним літнім часом"),
        ("PST", "за північноамериканським тихоокеанським стандартним часом"),
        ("PDT", "за північноамериканським тихоокеанським літнім часом"),
        ("JST", "за японським стандартним часом"),
        ("IST", "за індійським стандартним часом"),
        ("MSK", "за московським стандартним часом"),
    ],
};

const GERMAN: Language = Language {
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
    blank_by_short: false,
    decimal: ',',
    grouping: '.',
    money: (',', '.'),
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
        ("EST", "Nordamerikanische Ostküsten-Normalzeit"),
        ("EDT", "Nordamerikanische Ostküsten-Sommerzeit"),
        ("CST", "Nordamerikanische Inland-Normalzeit"),
        ("CDT", "Nordamerikanische Inland-Sommerzeit"),
        ("PST", "Nordamerikanische Westküsten-Normalzeit"),
        ("PDT", "Nordamerikanische Westküsten-Sommerzeit"),
        ("JST", "Japanische Normalzeit"),
        ("IST", "Indische Normalzeit"),
        ("MSK", "Moskauer Normalzeit"),
    ],
};

const FRENCH: Language = Language {
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
    blank_by_short: true,
    decimal: ',',
    grouping: '\u{202f}',
    money: (',', '\u{202f}'),
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
        ("EST", "heure normale de l’Est nord-américain"),
        ("EDT", "heure d’été de l’Est"),
        ("CST", "heure normale du centre nord-américain"),
        ("CDT", "heure d’été du Centre"),
        ("PST", "heure normale du Pacifique nord-américain"),
        ("PDT", "heure d’été du Pacifique"),
        ("JST", "heure normale du Japon"),
        ("IST", "heure de l’Inde"),
        ("MSK", "heure normale de Moscou"),
    ],
};

static UNITED_STATES: Language = ENGLISH;

static GREAT_BRITAIN: Language = Language {
    short_months: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"],
    lone_short_months: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"],
    half_days: ["am", "pm"],
    dates: ["EEEE, d MMMM y", "d MMMM y", "d MMM y", "dd/MM/y"],
    times: ["HH:mm:ss zzzz", "HH:mm:ss z", "HH:mm:ss", "HH:mm"],
    ..ENGLISH
};

static ENGLISH_CANADA: Language = Language {
    short_months: ["Jan.", "Feb.", "Mar.", "Apr.", "May", "Jun.", "Jul.", "Aug.", "Sep.", "Oct.", "Nov.", "Dec."],
    lone_short_months: ["Jan.", "Feb.", "Mar.", "Apr.", "May", "Jun.", "Jul.", "Aug.", "Sep.", "Oct.", "Nov.", "Dec."],
    short_days: ["Sun.", "Mon.", "Tue.", "Wed.", "Thu.", "Fri.", "Sat."],
    half_days: ["a.m.", "p.m."],
    dates: ["EEEE, MMMM d, y", "MMMM d, y", "MMM d, y", "y-MM-dd"],
    exponent: "e",
    ..ENGLISH
};

static UKRAINE: Language = UKRAINIAN;

static GERMANY: Language = GERMAN;

static AUSTRIA: Language = Language {
    months: [
        "Jänner",
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
    short_months: ["Jän.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sep.", "Okt.", "Nov.", "Dez."],
    lone_months: [
        "Jänner",
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
    lone_short_months: ["Jän", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"],
    grouping: '\u{a0}',
    currency: "¤\u{a0}#,##0.00",
    ..GERMAN
};

static GERMAN_SWITZERLAND: Language = Language {
    decimal: '.',
    grouping: '’',
    money: ('.', '’'),
    currency: "¤\u{a0}#,##0.00;¤-#,##0.00",
    percent: "#,##0%",
    ..GERMAN
};

static FRANCE: Language = FRENCH;

static CANADA: Language = Language {
    short_months: ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juill.", "août", "sept.", "oct.", "nov.", "déc."],
    lone_short_months: [
        "janv.", "févr.", "mars", "avr.", "mai", "juin", "juill.", "août", "sept.", "oct.", "nov.", "déc.",
    ],
    half_days: ["a.m.", "p.m."],
    dates: ["EEEE d MMMM y", "d MMMM y", "d MMM y", "y-MM-dd"],
    times: ["HH 'h' mm 'min' ss 's' zzzz", "HH 'h' mm 'min' ss 's' z", "HH 'h' mm 'min' ss 's'", "HH 'h' mm"],
    grouping: '\u{a0}',
    money: (',', '\u{a0}'),
    long_zones: &[("UTC", "temps universel coordonné")],
    ..FRENCH
};

static FRENCH_SWITZERLAND: Language = Language {
    dates: ["EEEE, d MMMM y", "d MMMM y", "d MMM y", "dd.MM.yy"],
    times: ["HH.mm:ss 'h' zzzz", "HH:mm:ss z", "HH:mm:ss", "HH:mm"],
    money: ('.', '\u{202f}'),
    percent: "#,##0%",
    ..FRENCH
};

/// What a language is in a country; English where it is none of these.
pub(crate) fn of(language: &str, country: &str) -> &'static Language {
    match (language, country) {
        ("uk", _) => &UKRAINE,
        ("de", "AT") => &AUSTRIA,
        ("de", "CH") => &GERMAN_SWITZERLAND,
        ("de", _) => &GERMANY,
        ("fr", "CA") => &CANADA,
        ("fr", "CH") => &FRENCH_SWITZERLAND,
        ("fr", _) => &FRANCE,
        ("en", "GB" | "IE") => &GREAT_BRITAIN,
        ("en", "CA") => &ENGLISH_CANADA,
        _ => &UNITED_STATES,
    }
}

impl Language {
    /// The pattern of a date and a time, by their styles from 0 for full to 3 for short.
    pub(crate) fn date_time(&self, date: usize, time: usize) -> String {
        let joiner = match (date, time) {
            (0 | 1, 0 | 1) => self.at,
            (3, _) | (_, 3) if self.blank_by_short => " ",
            _ => ", ",
        };
        let date = self.dates.get(date).copied().unwrap_or_default();
        let time = self.times.get(time).copied().unwrap_or_default();
        format!("{date}{joiner}{time}")
    }
}
