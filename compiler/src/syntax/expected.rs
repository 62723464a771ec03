//! The tokens that could have come, in the author's words.

use crate::vocabulary::{KEYWORDS, Role};

/// What the parser would have taken. The names are the grammar's terminals, in quotes.
pub(crate) struct Expected {
    names: Vec<String>,
}

impl Expected {
    pub(crate) fn new(names: &[String]) -> Expected {
        Expected { names: names.to_vec() }
    }

    /// This one, among others or not.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|found| found == name)
    }

    fn all(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.has(name))
    }

    /// Only this one.
    pub(crate) fn only(&self, name: &str) -> bool {
        self.names.iter().all(|found| found == name) && !self.names.is_empty()
    }

    /// A value can begin here.
    pub(crate) fn value(&self) -> bool {
        self.all(&["\"word\"", "\"event\"", "\"duration\"", "\"[\""])
    }

    /// A name can stand here.
    pub(crate) fn name(&self) -> bool {
        self.all(&["\"word\"", "\"string\""])
    }

    /// A field can begin here.
    pub(crate) fn field(&self) -> bool {
        self.has("\"key\"")
    }

    /// A step can begin here.
    pub(crate) fn step(&self) -> bool {
        self.all(&["\"call\"", "\"wait\"", "\"set\""])
    }

    /// An operator can stand here.
    pub(crate) fn operator(&self) -> bool {
        self.all(&["\"+\"", "\"*\""])
    }

    /// A block or a record can begin here, and nothing else that has braces.
    pub(crate) fn block(&self) -> bool {
        self.has("\"{\"") && !self.value() && !self.step()
    }

    /// The arm of a `match` can begin here.
    pub(crate) fn pattern(&self) -> bool {
        self.all(&["\"string\"", "\"true\"", "\"else\""]) && !self.value()
    }

    /// The one word or sign that can come, if there is only one and it stands for itself.
    pub(crate) fn forgotten(&self) -> Option<&str> {
        let [only] = self.names.as_slice() else { return None };
        let word = only.trim_matches('"');
        let keyword = KEYWORDS.iter().any(|keyword| keyword.word == word);
        (keyword || word == "=").then_some(word)
    }

    /// What is being read is complete: a line may end here.
    pub(crate) fn can_end(&self) -> bool {
        self.has("\"}\"")
    }

    /// The reserved words among them.
    pub(crate) fn keywords(&self) -> impl Iterator<Item = &str> {
        let words = self.names.iter().map(|name| name.trim_matches('"'));
        words.filter(|word| word.len() > 1 && KEYWORDS.iter().any(|keyword| keyword.word == *word))
    }

    /// What could have come, as few words as say it; nothing where that would be a list of everything.
    pub(crate) fn words(&self, same_line: bool) -> Option<String> {
        let mut groups = Vec::new();
        let mut rest: Vec<&str> = self.names.iter().map(|name| name.trim_matches('"')).collect();
        // A word that is reserved nowhere; its step is named by those beside it.
        rest.retain(|name| *name != "#act");
        let mut group = |rest: &mut Vec<&str>, words: &str, needed: &[&str], covered: &[&str]| {
            if needed.iter().all(|name| rest.contains(name)) {
                rest.retain(|name| !covered.contains(name));
                groups.push(words.to_owned());
            }
        };
        group(&mut rest, "a step", &["call", "wait", "set"], &words(Role::Step));
        group(&mut rest, "a header line", &["identify", "once", "exit"], &words(Role::Header));
        group(&mut rest, "a line of the webhook", &["auth", "returns"], &words(Role::WebhookLine));
        group(&mut rest, "a step of the test", &["given", "receive"], &words(Role::TestStep));
        group(
            &mut rest,
            "`call`, `send`, `contact`, `event`, `workflow`, `stop`, `fail`, `exit`, `complete` or `in order`",
            &["call", "send", "contact", "event", "stop"],
            &["call", "send", "contact", "event", "workflow", "stop", "fail", "exit", "in", "word"],
        );
        group(&mut rest, "a declaration", &["webhook", "workflow", "event"], &words(Role::Declaration));
        group(&mut rest, "a value", &["word", "event", "duration", "["], VALUE);
        group(&mut rest, "a type", &["word", "[", "{", "("], TYPE);
        group(&mut rest, "a literal value", &["string", "int", "true"], VALUE);
        group(&mut rest, "a field", &["key", "string key"], &["key", "string key"]);
        group(
            &mut rest,
            "a template, `file \"…\"` or a field",
            &["string", "file", "contact"],
            &["string", "block", "file", "word", "event", "contact", "message", "["],
        );
        group(&mut rest, "a text or `secret(\"NAME\")`", &["string", "block", "word"], &["string", "block", "word"]);
        group(
            &mut rest,
            "a part of the answer",
            &["word", "headers", "body", "timeout"],
            &["word", "headers", "body", "timeout"],
        );
        group(&mut rest, "a part of the message", &["word", "from", "to"], &["word", "from", "to"]);
        group(&mut rest, "a text", &["string", "block"], &["string", "block"]);
        group(&mut rest, "a name", &["word", "string"], &["word", "string"]);
        group(&mut rest, "an operator", &["+", "*"], OPERATORS);
        // Behind a value an operator can always come; that is worth saying only if nothing else can.
        let others =
            rest.iter().any(|name| !OPERATORS.contains(name)) || groups.iter().any(|words| words != "an operator");
        if others {
            groups.retain(|words| words != "an operator");
            rest.retain(|name| !OPERATORS.contains(name));
        }
        // What could have continued the line before is not what is missing on this one.
        if !same_line && rest.contains(&"}") {
            let continues = |name: &str| {
                matches!(name, "?" | "=" | "|" | "identify" | "sensitive" | "where" | "as" | "to" | "between" | "in")
            };
            rest.retain(|name| !continues(name));
        }
        if !groups.is_empty() {
            rest.retain(|name| *name != "," && *name != "on outcome");
        }
        groups.extend(rest.into_iter().filter_map(single));
        if groups.is_empty() || groups.len() > 5 { None } else { Some(alternatives(&groups)) }
    }
}

const VALUE: &[&str] = &[
    "word", "event", "contact", "message", "string", "block", "int", "decimal", "duration", "date", "datetime", "time",
    "true", "false", "null", "[", "{", "(", "-", "not", "#missing",
];

const TYPE: &[&str] = &["word", "[", "{", "(", "string", "int", "decimal", "-", "true", "false", "null"];

const OPERATORS: &[&str] = &[
    "+", "-", "*", "/", "??", "==", "!=", "<", "<=", ">", ">=", "=", "and", "or", "not", "in", "is", "contains", ".",
    "[", "(", "?",
];

fn words(role: Role) -> Vec<&'static str> {
    KEYWORDS.iter().filter(|keyword| keyword.role == role).map(|keyword| keyword.word).collect()
}

fn single(name: &str) -> Option<String> {
    Some(match name {
        "word" => "a word".to_owned(),
        "key" => "a field".to_owned(),
        "string" => "a text in quotes".to_owned(),
        "block" => "a `\"\"\"` block".to_owned(),
        "int" => "a whole number".to_owned(),
        "decimal" => "a decimal number".to_owned(),
        "percent" => "a share such as `50%`".to_owned(),
        "duration" => "a duration such as `10min`".to_owned(),
        "date" => "a date".to_owned(),
        "datetime" => "a date with time".to_owned(),
        "time" => "a time of day".to_owned(),
        "on outcome" => "`on`".to_owned(),
        "string key" | "#declaration" | "#expression" | "#missing" => return None,
        name => format!("`{name}`"),
    })
}

/// `a, b or c`.
pub(crate) fn alternatives(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
