//! Every kind of finding, in one table.
//!
//! A code is words, stable for ever, and has a page that says why the rule is there, with a refused example and the
//! repaired one. The page is included here, so a code without its page does not compile.

/// How severe a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The program is refused.
    Error,
    /// The program runs, and is probably not what was meant.
    Warning,
}

impl Level {
    /// The word for it in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
        }
    }
}

macro_rules! catalogue {
    ($($(#[doc = $doc:literal])+ $code:ident $slug:literal $level:ident $title:literal;)+) => {
        /// A kind of finding.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[doc = $doc])+ $code),+ }

        impl Code {
            /// All of them, in the order of the pipeline.
            pub const ALL: &[Code] = &[$(Code::$code),+];

            /// The code as people and tools write it.
            pub const fn slug(self) -> &'static str {
                match self { $(Code::$code => $slug),+ }
            }

            /// How severe a finding of this kind is.
            pub const fn level(self) -> Level {
                match self { $(Code::$code => Level::$level),+ }
            }

            /// What is wrong, in one line.
            pub const fn title(self) -> &'static str {
                match self { $(Code::$code => $title),+ }
            }

            /// The page on it, Markdown: what `wf explain` prints.
            pub const fn page(self) -> &'static str {
                match self { $(Code::$code => include_str!(concat!("../../lang-spec/errors/", $slug, ".md"))),+ }
            }

            /// The code with this slug.
            pub fn find(slug: &str) -> Option<Code> {
                Code::ALL.iter().copied().find(|code| code.slug() == slug)
            }
        }
    };
}

catalogue! {
    // Reading: what can be said from the text of one file alone.
    /// A word or sign stands where the grammar has no place for it.
    UnexpectedToken "unexpected-token" Error "this is not expected here";
    /// A declaration or a line begins with a word that none begins with.
    UnknownKeyword "unknown-keyword" Error "no line begins with this word";
    /// A word of the language stands where a name does.
    ReservedWord "reserved-word" Error "this word belongs to the language";
    /// A header line of a workflow stands below its first step.
    HeaderBelowStep "header-below-step" Error "a header line stands below a step";
    /// A colon follows a word of the language.
    NeedlessColon "needless-colon" Error "no colon belongs here";
    /// A sign of another language: `;`, `&&`, single quotes.
    ForeignSign "foreign-sign" Error "this sign is not of this language";
    /// A comment in the fashion of another language.
    ForeignComment "foreign-comment" Error "a comment begins with `//`";
    /// What git leaves where two changes met.
    MergeConflict "merge-conflict" Error "two changes met here, and nobody has chosen";
    /// A character that no token has.
    UnknownCharacter "unknown-character" Error "this character means nothing here";
    /// A text without its closing quotes.
    UnclosedText "unclosed-text" Error "the closing quotes of a text are missing";
    /// Text on the line of a block's opening quotes.
    MalformedTextBlock "malformed-text-block" Error "the text of a block begins on its own line";
    /// A line of a block is indented less than the closing quotes.
    ShallowTextBlock "shallow-text-block" Error "this line is indented less than the closing quotes";
    /// A `${` without its closing brace.
    UnclosedInterpolation "unclosed-interpolation" Error "the closing brace of `${` is missing";
    /// A `${…}` in a text that must be literal.
    InterpolationNotAllowed "interpolation-not-allowed" Error "no value can stand in this text";
    /// A backslash and a character that are no escape.
    UnknownEscape "unknown-escape" Error "there is no such escape";
    /// Something that begins with a digit and is no number.
    MalformedNumber "malformed-number" Error "this is no number";
    /// A number with a unit that there is not, or with several.
    MalformedDuration "malformed-duration" Error "this is no duration";
    /// A number with more digits than its type has.
    NumberOutOfRange "number-out-of-range" Error "this number is out of range";
    /// A date or a time that no calendar and no clock has, or that is written otherwise.
    NoSuchDate "no-such-date" Error "there is no such date or time";
    /// A brace is missing or one too many.
    UnmatchedBrace "unmatched-brace" Error "the braces do not match";
    /// A union with `?` and without brackets.
    UnionNeedsBrackets "union-needs-brackets" Error "an optional union needs brackets";
    /// `=` between two values.
    AssignmentInCondition "assignment-in-condition" Error "`=` does not compare";
    /// A comparison of a comparison.
    ChainedComparison "chained-comparison" Error "comparisons do not chain";
    /// `?` behind a value.
    QuestionMark "question-mark" Error "`?` stands in types only";
    /// A name with characters that no name has.
    BadName "bad-name" Error "this cannot be a name";
    /// A character without width, or one that changes the direction of text.
    HiddenCharacter "hidden-character" Warning "a character that is not seen stands here";
    /// A `///` line with nothing below it to describe.
    StrayDescription "stray-description" Warning "this describes nothing";
    /// Braces, brackets or operators nest deeper than the limit.
    NestingTooDeep "nesting-too-deep" Error "this nests too deep";
    /// A file is longer than the limit.
    FileTooLarge "file-too-large" Error "this file is too large";

    // Names and types: what the project as a whole says.
    /// Two declarations, fields or entries have one name.
    DuplicateName "duplicate-name" Error "this name is taken";
    /// Two names differ in case only.
    SimilarNames "similar-names" Warning "these names differ in case only";
    /// A field has the name of a built-in one.
    ReservedField "reserved-field" Error "this field is built in";
    /// A name stands for nothing.
    UnknownName "unknown-name" Error "there is nothing of this name";
    /// An event, a contact or a record has no such field.
    UnknownField "unknown-field" Error "there is no field of this name";
    /// A type has a name that no type has.
    UnknownType "unknown-type" Error "there is no type of this name";
    /// Something is called that is no function.
    UnknownFunction "unknown-function" Error "there is no function of this name";
    /// Nothing refers to a declaration.
    UnusedDeclaration "unused-declaration" Warning "nothing uses this declaration";
    /// A union or a `match` has a value twice.
    DuplicateValue "duplicate-value" Error "this value is there already";
    /// A field's default is no literal of its type.
    DefaultDoesNotFit "default-does-not-fit" Error "the default does not fit the field";
    /// A value of another type is needed.
    WrongType "wrong-type" Error "a value of another type is needed here";
    /// A value that may be absent stands where one is needed.
    OptionalAsValue "optional-as-value" Error "this value may be absent";
    /// Two values are of types that do not go together.
    TypesDiffer "types-differ" Error "these types do not go together";
    /// A literal is not among the members of a union.
    NotAMember "not-a-member" Error "this is not among the values";
    /// `??` stands behind a value that is always there.
    NeedlessDefault "needless-default" Warning "this default is never taken";
    /// A sensitive value goes where it is not masked.
    SensitiveShown "sensitive-shown" Warning "a sensitive value is shown here";
    /// A value is used at a place where it is not known.
    NotAvailableHere "not-available-here" Error "this is not known here";
    /// A result is used where its call has not certainly succeeded.
    ResultNotCertain "result-not-certain" Error "this result may not be there";
    /// The result of a webhook without `returns` is used.
    NoResult "no-result" Error "this webhook has no result to use";
    /// A webhook reads another one's result and has no `uses` line for it.
    DataWithoutUses "data-without-uses" Error "a result is passed on without a `uses` line";
    /// A secret is used elsewhere than in a connector.
    SecretOutsideConnector "secret-outside-connector" Error "secrets belong into connectors only";

    // Workflows: triggers, steps and the ways through them.
    /// A workflow says nothing of what starts it.
    MissingTrigger "missing-trigger" Error "nothing starts this workflow";
    /// A workflow says nothing of whom it is about.
    MissingIdentification "missing-identification" Error "nothing says which contact this is about";
    /// `else` stands on an `identify` line that another one follows.
    ElseBeforeLast "else-before-last" Error "`else` belongs on the last `identify` line";
    /// `else create` where nothing but an `id` is known.
    CreateById "create-by-id" Error "a contact is not made from its number";
    /// Workflows start each other without end.
    EmitCycle "emit-cycle" Error "this event starts what raised it";
    /// A field of the contact is set that the store keeps itself.
    ReadOnlyField "read-only-field" Error "this field cannot be set";
    /// A workflow has no step.
    WorkflowWithoutSteps "workflow-without-steps" Warning "this workflow does nothing";
    /// A step that no way leads to.
    UnreachableStep "unreachable-step" Error "no way leads here";
    /// Calls of two webhooks store their results under one name.
    DuplicateResult "duplicate-result" Error "two webhooks store their results under this name";
    /// The shares of a `split` do not make 100 %.
    SharesNotWhole "shares-not-whole" Error "the shares do not make 100 %";
    /// A segment is defined by itself.
    SegmentCycle "segment-cycle" Error "this segment is defined by itself";
    /// A cron line that is none, or that never comes.
    ScheduleInvalid "schedule-invalid" Error "this is no schedule";
    /// A time zone that the database does not have.
    UnknownZone "unknown-zone" Error "there is no time zone of this name";
    /// A local time without a zone.
    ZoneMissing "zone-missing" Error "this time needs a time zone";
    /// A workflow says whom it is about although what starts it says so.
    NeedlessIdentification "needless-identification" Error "what starts this workflow brings its contact";
    /// A field of the contact whose change starts nothing.
    FieldNotWatched "field-not-watched" Error "a change of this field starts nothing";
    /// An event is raised without a parameter that it needs.
    ParameterMissing "parameter-missing" Error "a parameter is missing";
    /// A test expects nothing.
    TestExpectsNothing "test-expects-nothing" Warning "this test expects nothing";

    // Webhooks, connectors and messages: what leaves the house.
    /// A URL begins with `http:`.
    PlainHttp "plain-http" Error "requests go over `https:` only";
    /// An interpolation stands in the scheme, host or port of a URL.
    UrlHostNotLiteral "url-host-not-literal" Error "scheme, host and port of a URL are literal";
    /// A URL carries a user name or a password.
    UrlUserInfo "url-user-info" Error "a URL carries no user name and no password";
    /// A URL is none, or is written so that it would be repaired silently.
    UrlInvalid "url-invalid" Error "this is not a URL that can be called as written";
    /// An interpolation stands in the name of a query parameter.
    UrlQueryNameNotLiteral "url-query-name-not-literal" Error "the name of a parameter is literal";
    /// A header has a name or a value that HTTP does not allow.
    HeaderInvalid "header-invalid" Error "this cannot stand in a header";
    /// A header is set that the client sets itself.
    HeaderReserved "header-reserved" Error "this header is not the author's to set";
    /// A header or parameter is set twice.
    HeaderTwice "header-twice" Error "this header is set twice";
    /// A literal looks like a credential.
    CredentialLiteral "credential-literal" Error "this looks like a credential";
    /// A password, token or key is written out.
    SecretRequired "secret-required" Error "a password, token or key is never written out";
    /// A name that no secret can have.
    SecretName "secret-name" Error "this cannot name a secret";
    /// A connector or body is of a kind that does not exist.
    UnknownKind "unknown-kind" Error "there is no such kind";
    /// A block has a line that it does not know.
    UnknownSetting "unknown-setting" Error "this block has no such line";
    /// A block lacks a line that it needs.
    SettingMissing "setting-missing" Error "a line is missing";
    /// A block has a line twice, or two that exclude each other.
    SettingTwice "setting-twice" Error "this line is there already";
    /// A line has a value that it cannot have.
    SettingInvalid "setting-invalid" Error "this cannot stand here";
    /// A `get` has a body.
    BodyWithGet "body-with-get" Error "a `get` has no body";
    /// The body of the kind `json` is a text.
    JsonBodyIsText "json-body-is-text" Error "a JSON body is a value, not a text";
    /// The body of the kind `xml` or `text` is no text.
    BodyIsNoText "body-is-no-text" Error "this body is a text";
    /// An XML body is not well-formed.
    XmlMalformed "xml-malformed" Error "this XML is not well-formed";
    /// An interpolation stands where XML allows none.
    XmlInterpolation "xml-interpolation" Error "no value can stand here in XML";
    /// A number or a length of time is out of its range.
    OutOfRange "out-of-range" Error "this is out of range";
    /// A `uses` line names a webhook of which nothing is sent.
    UnusedUses "unused-uses" Warning "nothing of this result is sent";
    /// A file that is named does not exist.
    FileMissing "file-missing" Error "there is no such file";
    /// A file that would belong to the program is not read.
    FileSkipped "file-skipped" Warning "this file is not read";
    /// A path leads out of the project.
    FileOutside "file-outside" Error "this path leads out of the project";
    /// A literal e-mail address is none.
    AddressInvalid "address-invalid" Error "this is not one e-mail address";
    /// A template cannot be read.
    TemplateSyntax "template-syntax" Error "this template cannot be read";
    /// A template uses a directive that is off.
    TemplateDirective "template-directive" Error "this directive is off";
    /// A template calls a method that a value does not have.
    TemplateMethod "template-method" Error "this value has no such method";
    /// A reference without a value would print its own source.
    TemplateMayBeMissing "template-may-be-missing" Warning "where there is no value, people read the reference itself";
    /// A value is written as another language writes it, or a file's name stands where its text should.
    SentAsWritten "sent-as-written" Warning "this is sent as it is written";
    /// A bare name in a template is both an event's parameter and a contact's field.
    TemplateNameTwice "template-name-twice" Warning "this name is a parameter of the event and a field of the contact";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stages have their own tests that the refused example of a page is refused and the repaired one is not; this one
    /// holds for all pages.
    #[test]
    fn pages_have_title_and_both_examples() {
        for code in Code::ALL {
            let (slug, page) = (code.slug(), code.page());
            assert!(page.starts_with(&format!("# {}\n", code.title())), "{slug}: the page begins with the title");
            for fence in ["```wf refused\n", "```wf accepted\n"] {
                assert!(page.contains(fence), "{slug}: the page has a fence {fence:?}");
            }
            assert!(slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{slug}: words and hyphens");
            assert_eq!(Code::find(slug), Some(*code), "{slug}: two codes with one slug");
        }
    }
}
