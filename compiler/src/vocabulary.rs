//! The words of the language, in one table.
//!
//! It drives the lexer's reserved words, and completion, hover and highlighting read it too: a word exists here or
//! nowhere.

use crate::syntax::token::Token;

/// A reserved word.
#[derive(Clone, Copy, Debug)]
pub struct Keyword {
    /// The word.
    pub word: &'static str,
    /// Where it stands.
    pub role: Role,
    /// What it says, in one line.
    pub help: &'static str,
    /// How the parser sees it.
    pub(crate) token: Token,
}

/// Where a reserved word stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Begins a declaration.
    Declaration,
    /// Begins a line of a webhook or a channel.
    WebhookLine,
    /// Begins a header line of a workflow.
    Header,
    /// Begins a step of a workflow.
    Step,
    /// Begins a step of a test.
    TestStep,
    /// Stands inside a line.
    Clause,
    /// An operator or a value of expressions.
    Expression,
    /// Has no meaning yet; reserved so that a later version can give it one.
    Later,
}

/// The words that begin steps of tests and are reserved nowhere.
pub(crate) const ACTS: &[&str] = &["crash", "cancel", "reload"];

macro_rules! keywords {
    ($($token:ident $word:literal $role:ident $help:literal;)+) => {
        /// All reserved words, in the order in which the language's reference tells of them.
        pub const KEYWORDS: &[Keyword] =
            &[$(Keyword { word: $word, role: Role::$role, help: $help, token: Token::$token }),+];

        /// The token of a reserved word; nothing if the word is free.
        pub(crate) fn reserved(word: &str) -> Option<Token> {
            match word {
                $($word => Some(Token::$token),)+
                _ => None,
            }
        }

        /// Where a token's reserved word stands; nothing for what is none.
        #[expect(unreachable_patterns, reason = "the words that are reserved for later are one token")]
        pub(crate) const fn role(token: Token) -> Option<Role> {
            match token {
                $(Token::$token => Some(Role::$role),)+
                _ => None,
            }
        }
    };
}

keywords! {
    Event "event" Declaration "a type of event and its parameters; in expressions, the event that started the run";
    Contact "contact" Declaration "additional fields of the contact card; in expressions, the run's contact";
    Connector "connector" Declaration "how requests are authorised";
    Webhook "webhook" Declaration "an HTTPS call";
    Channel "channel" Declaration "a gateway that delivers messages over HTTPS";
    Segment "segment" Declaration "a condition on contacts, with a name";
    Message "message" Declaration "what is sent, by channel; in a channel's body, the rendered parts";
    Workflow "workflow" Declaration "triggers and the steps that they start";
    Test "test" Declaration "a rehearsal on a virtual clock, and what must come of it";

    Get "get" WebhookLine "GET from this address";
    Post "post" WebhookLine "POST to this address";
    Put "put" WebhookLine "PUT to this address";
    Patch "patch" WebhookLine "PATCH this address";
    Delete "delete" WebhookLine "DELETE this address";
    Auth "auth" WebhookLine "the connector that authorises the request";
    Uses "uses" WebhookLine "the webhooks whose results may be sent";
    Headers "headers" WebhookLine "HTTP headers of the request, or of a stubbed answer";
    Body "body" WebhookLine "what is sent: `json`, `xml`, `text` or `form`, then the value";
    Returns "returns" WebhookLine "the shape of a good answer: `json` or `xml` with a type, or `text`";
    Timeout "timeout" WebhookLine "how long one attempt may take; in `on timeout`, what to do when nothing came";
    Attempts "attempts" WebhookLine "how many requests at most, and the pauses between them";
    Limit "limit" WebhookLine "how many requests in which time";

    On "on" Header "what starts the workflow";
    Identify "identify" Header "which contact the run is for";
    Once "once" Header "how soon the same contact may come again: `per DURATION` or `ever`";
    One "one" Header "`one at a time`: not while a run of the same contact goes on";
    Exit "exit" Header "the event that ends a run at once";

    Call "call" Step "calls a webhook";
    Send "send" Step "renders a message and delivers it";
    Wait "wait" Step "waits for a time, a moment or an event";
    If "if" Step "goes on only where a condition holds";
    Match "match" Step "goes on by the value of an expression";
    Split "split" Step "divides contacts by shares";
    Set "set" Step "writes a field of the contact";
    Emit "emit" Step "makes a new event";
    Stop "stop" Step "ends the run normally";
    Fail "fail" Step "ends the run as failed";

    Given "given" TestStep "a contact that is there";
    Stub "stub" TestStep "what a webhook answers";
    Receive "receive" TestStep "an event arrives";
    Advance "advance" TestStep "moves the virtual clock";
    Expect "expect" TestStep "what must have come of it";
    Cases "cases" TestStep "a table: the test is played once for each of its rows";
    At "at" TestStep "the virtual start; in a header, part of `one at a time`";

    Per "per" Clause "in which time";
    From "from" Clause "the first pause; in a message, the sender";
    To "to" Clause "the longest pause, the recipient, or the end of `up to`";
    By "by" Clause "the field that identifies the contact";
    Where "where" Clause "only if this holds";
    As "as" Clause "the name for what came";
    Until "until" Clause "the moment to wait for";
    For "for" Clause "the event to wait for";
    Up "up" Clause "`up to`: how long at most";
    Else "else" Clause "what to do otherwise";
    Rest "rest" Clause "whoever no share took";
    Between "between" Clause "the hours at which a message may go out";
    Create "create" Clause "make the contact that was not found";
    Failure "failure" Clause "in `on failure`: what to do when the call failed after its attempts";
    Then "then" Clause "the answer to the next call";
    Sensitive "sensitive" Clause "masked in history, logs and console";
    File "file" Clause "a template in a file of its own";

    And "and" Expression "both hold";
    Or "or" Expression "one of both holds";
    Not "not" Expression "does not hold";
    In "in" Expression "is an element of a list, or belongs to a segment; before a zone, where the clock hangs";
    Is "is" Expression "`is set`, `is not set`";
    Contains "contains" Expression "has the other as a part";
    True "true" Expression "the truth value";
    False "false" Expression "the truth value";
    Null "null" Expression "no value";

    Later "let" Later "reserved for later";
    Later "goal" Later "reserved for later";
    Later "within" Later "reserved for later";
    Later "did" Later "reserved for later";
    Later "topic" Later "reserved for later";
    Later "include" Later "reserved for later";
}

/// A word that is not reserved but means something where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Builtin {
    /// The word.
    pub word: &'static str,
    /// Its type, as the language writes it; empty where it has none.
    pub ty: &'static str,
    /// What it says, in one line.
    pub help: &'static str,
}

macro_rules! builtins {
    ($(#[doc = $doc:literal])+ $name:ident: $($word:literal $ty:literal $help:literal;)+) => {
        $(#[doc = $doc])+
        pub const $name: &[Builtin] = &[$(Builtin { word: $word, ty: $ty, help: $help }),+];
    };
}

builtins! {
    /// The types that have a name.
    TYPES:
    "string" "" "text";
    "int" "" "a whole number of at most 64 bits";
    "decimal" "" "an exact decimal number of at most 28 digits";
    "bool" "" "`true` or `false`";
    "date" "" "a day, such as 2026-11-24";
    "datetime" "" "a point in time";
    "duration" "" "a stretch of time, such as 90min";
    "email" "" "an e-mail address";
    "phone" "" "a telephone number with its country";
    "url" "" "an HTTPS address";
    "json" "" "any JSON, unchecked";
}

builtins! {
    /// The fields that every contact card has.
    CONTACT_FIELDS:
    "id" "int" "the contact's number";
    "external_id" "string?" "the contact's key in another system";
    "email" "email?" "the e-mail address";
    "phone" "phone?" "the telephone number";
    "first_name" "string?" "the first name";
    "last_name" "string?" "the last name";
    "birthday" "date?" "the day of birth";
    "gender" "string?" "the gender";
    "town" "string?" "the town";
    "region" "string?" "the region";
    "country" "string?" "the country";
    "postcode" "string?" "the postcode";
    "address" "string?" "street and house";
    "language" "string?" "the language";
    "timezone" "string?" "the time zone, such as Europe/Kyiv";
    "created_at" "datetime" "when the contact was made";
    "updated_at" "datetime" "when it last changed";
}

builtins! {
    /// The fields that every event has besides its parameters.
    EVENT_FIELDS:
    "id" "string" "the event's key, unique at its sender";
    "occurred_at" "datetime" "when it happened";
}

builtins! {
    /// The fields by which a contact can be identified.
    IDENTIFIERS:
    "id" "int" "the contact's number";
    "external_id" "string" "the contact's key in another system";
    "phone" "phone" "the telephone number";
    "email" "email" "the e-mail address";
}

/// The words for the methods of requests.
pub(crate) const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

builtins! {
    /// The kinds of connectors.
    CONNECTORS:
    "basic" "" "a login and a password";
    "bearer" "" "a token in the `Authorization` header";
    "api_key" "" "a key in a header or in the query";
}

builtins! {
    /// The kinds of bodies that a request can have.
    BODIES:
    "json" "" "a record or a list, as JSON";
    "xml" "" "an XML text";
    "text" "" "plain text";
    "form" "" "a record, as an HTML form sends it";
}

builtins! {
    /// The kinds of answers that a webhook can return.
    ANSWERS:
    "json" "" "JSON of a type";
    "xml" "" "XML, the root's children by name";
    "text" "" "plain text";
}

builtins! {
    /// The parts that a message can have.
    PARTS:
    "from" "" "the sender";
    "to" "" "the recipient, if not the contact";
    "reply_to" "" "where an answer goes";
    "subject" "" "the subject line";
    "html" "" "the HTML body";
    "text" "" "the plain text";
    "title" "" "the title of a push message";
    "image" "" "the address of an image";
    "link" "" "where a tap leads";
    "data" "" "data for the application";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lexer_reserves_these_words_and_no_other() {
        for keyword in KEYWORDS {
            assert_eq!(reserved(keyword.word), Some(keyword.token), "{}", keyword.word);
            assert!(keyword.token.is_reserved(), "{}", keyword.word);
            let lexed = crate::syntax::lexer::lex(crate::source::FileId::new(0), keyword.word, 0).lexemes;
            assert_eq!(
                lexed.iter().map(|lexeme| lexeme.token).collect::<Vec<_>>(),
                [keyword.token],
                "{}",
                keyword.word
            );
            assert_eq!(keyword.token.declares(), keyword.role == Role::Declaration, "{}", keyword.word);
        }
        // Everyday words stay free: they are names of aliases, events and variables.
        for word in ["order", "status", "data", "email", "text", "schedule", "changed", "a", "time", "ever", "later"] {
            assert_eq!(reserved(word), None, "{word}");
        }
        for builtin in [TYPES, CONTACT_FIELDS, EVENT_FIELDS, IDENTIFIERS, CONNECTORS, ANSWERS].concat() {
            assert_eq!(reserved(builtin.word), None, "{}", builtin.word);
        }
    }

    #[test]
    fn every_reserved_token_has_its_word() {
        let first = Token::Event as u8;
        let last = Token::Later as u8;
        let mut seen: Vec<u8> = KEYWORDS.iter().map(|keyword| keyword.token as u8).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, (first..=last).collect::<Vec<_>>());
    }
}
