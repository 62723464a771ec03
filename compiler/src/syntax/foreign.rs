//! The words of other languages, and what is written here instead.

use super::token::Token;
use crate::vocabulary::Role;

/// What other languages begin steps with.
pub(crate) fn step(token: Token, word: &str) -> Option<&'static str> {
    if token != Token::Word && token != Token::Key {
        return None;
    }
    Some(match word.to_ascii_lowercase().as_str() {
        "retry" | "retries" => "how often a webhook is tried is said in its declaration: `attempts 5 from 1s to 1min`",
        "while" | "loop" | "repeat" | "foreach" => "a workflow has no loops; a template repeats with `#foreach`",
        "every" | "daily" | "cron" | "schedule" => {
            "what starts by the clock is a header line: `on schedule \"0 9 * * 1\" in \"Europe/Kyiv\" for segment NAME`"
        }
        "var" | "const" => "there are no variables; what is to be kept goes into a field: `set contact.field = …`",
        "steps" | "actions" | "do" | "begin" => "steps stand below the header lines, in no braces of their own",
        "print" | "log" => "each step is in the run's history; there is no step for logging",
        "try" | "catch" | "finally" => "a call that failed is handled by `on failure { … }`",
        "elif" | "elseif" | "elsif" => "write `else if … { … }` behind the closing brace",
        "when" | "unless" => "a condition is written `if … { … }`, a condition on the trigger `on EVENT where …`",
        "goto" | "jump" => "there are no jumps; steps follow each other",
        "parallel" | "concurrently" | "async" | "fork" => {
            "steps follow each other; what goes on side by side are several workflows on one event"
        }
        "end" | "endif" | "fi" => "a block ends with `}`; a run ends with `stop` or `fail \"reason\"`",
        "random" | "percent" | "experiment" | "abtest" | "ab_test" => {
            "contacts are divided by `split \"name\" { 50% \"a\" { … } rest \"b\" { … } }`"
        }
        "return" | "exit" => "a run ends with `stop` or `fail \"reason\"`",
        "sms" | "push" | "email" => "a message is declared with `message` and sent with `send NAME`",
        "xpath" | "jsonpath" => "the shape of an answer is declared: `returns json { … }`",
        _ => return None,
    })
}

/// What people write into a webhook elsewhere.
pub(crate) fn line(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "url" | "uri" | "address" | "endpoint" | "method" | "host" => {
            "the method stands before the address: `get \"https://…\"`"
        }
        "query" | "params" | "parameters" => {
            "parameters stand in the address: `get \"https://…?town=${contact.town}\"`"
        }
        "json" | "xml" | "form" | "text" | "data" => "what is sent is written `body json { … }`",
        "name" | "description" | "title" | "doc" => {
            "what it is for is said in a line above it: `/// Looks the contact up.`"
        }
        "idempotency" | "idempotency_key" => "all attempts of a step carry the same `Idempotency-Key` by themselves",
        "request" | "http" | "call" | "fetch" => "the method begins the line: `get \"https://…\"`",
        "head" | "options" | "trace" => "there are `get`, `post`, `put`, `patch` and `delete`",
        "async" | "sync" | "wait" => "a step waits for the answer; what goes on side by side are several workflows",
        "backoff" | "delay" => "the pauses stand behind the attempts: `attempts 5 from 1s to 1min`",
        "username" | "login" | "password" | "token" | "secret" => {
            "credentials belong to a connector, which is named here: `auth NAME`"
        }
        _ => return None,
    })
}

/// What other languages begin declarations with.
pub(crate) fn declaration(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "import" | "use" | "require" | "include" | "from" => {
            "there are no imports: all `.wf` files of the project are one program"
        }
        "template" | "email" | "sms" => "what is sent is declared with `message`",
        "flow" | "scenario" | "automation" | "journey" => "what runs is declared with `workflow`",
        "trigger" | "on" | "when" => "a trigger is a header line of a `workflow`",
        "http" | "request" | "api" | "endpoint" => "an HTTPS call is declared with `webhook`",
        "secret" => "a secret is named where it is used: `password secret(\"NAME\")` in a connector",
        "var" | "let" | "const" | "function" | "def" | "fn" => "there are no variables and no functions",
        _ => return None,
    })
}

/// The unit that is meant by a word behind a number; `m` alone is none, for it could be minutes or months.
pub(crate) fn unit(word: &str) -> Option<&'static str> {
    Some(match word.to_lowercase().as_str() {
        "мс" => "ms",
        "с" | "сек" | "секунд" | "секунда" | "секунди" | "секунды" => "s",
        "хв" | "хвилин" | "хвилина" | "хвилини" | "мин" | "минут" | "минута" | "минуты" => {
            "min"
        }
        "г" | "год" | "годин" | "година" | "години" | "ч" | "час" | "часа" | "часов" => {
            "h"
        }
        "д" | "дн" | "день" | "дні" | "днів" | "доба" | "діб" | "дня" | "дней" => "d",
        "тиж" | "тиждень" | "тижні" | "тижнів" | "нед" | "неделя" | "недели" | "недель" => {
            "w"
        }
        "ms" | "msec" | "msecs" | "millis" | "millisecond" | "milliseconds" => "ms",
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "min" | "mins" | "minute" | "minutes" => "min",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        "w" | "wk" | "week" | "weeks" => "w",
        _ => return None,
    })
}

/// The hint for a unit of the calendar, which is not always as long: how many days `amount` of them mostly are.
pub(crate) fn calendar_hint(amount: u32, word: &str) -> Option<String> {
    let days: u32 = match word {
        "month" | "months" => 30,
        "quarter" | "quarters" => 90,
        "year" | "years" => 365,
        _ => return None,
    };
    let days = amount.checked_mul(days)?;
    Some(format!("months and years are not always as long; say how many days, such as `{days}d`"))
}

/// What a schedule is, for those who write it in words.
pub(crate) const SCHEDULE: &str =
    "a schedule is a cron line: `on schedule \"0 9 * * 1\" in \"Europe/Kyiv\" for segment NAME`";

/// What people call things elsewhere. Where header lines may still stand, their role is the first.
pub(crate) fn usual(word: &str, roles: &[Role]) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    let usual = if roles.first() == Some(&Role::Header) && matches!(word.as_str(), "trigger" | "when" | "whenever") {
        "on"
    } else if roles.contains(&Role::Step) {
        match word.as_str() {
            "sleep" | "delay" | "pause" => "wait",
            "switch" => "match",
            "invoke" | "request" | "fetch" => "call",
            "update" | "assign" => "set",
            "notify" | "deliver" => "send",
            "publish" | "trigger" => "emit",
            "throw" | "raise" | "abort" => "fail",
            "return" | "finish" => "stop",
            _ => return None,
        }
    } else if roles.contains(&Role::WebhookLine) {
        match word.as_str() {
            "retry" | "retries" | "attempt" => "attempts",
            "response" | "returning" | "answer" => "returns",
            "authorization" | "connector" | "authentication" => "auth",
            "payload" => "body",
            "use" => "uses",
            _ => return None,
        }
    } else {
        match word.as_str() {
            "assert" | "verify" | "should" => "expect",
            "mock" | "fake" => "stub",
            "trigger" => "receive",
            "setup" => "given",
            "now" | "clock" => "at",
            "wait" | "sleep" | "delay" => "advance",
            _ => return None,
        }
    };
    Some(usual)
}
