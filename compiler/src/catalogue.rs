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
    /// A field of the contact is set that the store keeps itself.
    ReadOnlyField "read-only-field" Error "this field cannot be set";
    /// A step that no way leads to.
    UnreachableStep "unreachable-step" Error "no way leads here";
    /// Calls of two webhooks store their results under one name.
    DuplicateResult "duplicate-result" Error "two webhooks store their results under this name";
    /// The shares of a `split` do not make 100 %.
    SharesNotWhole "shares-not-whole" Error "the shares do not make 100 %";
    /// A segment is defined by itself.
    SegmentCycle "segment-cycle" Error "this segment is defined by itself";
    /// Something that the language has and this version does not run.
    NotSupportedYet "not-supported-yet" Error "this is not supported yet";
    /// Tests are read and not run by this version.
    TestNotRunYet "test-not-run-yet" Warning "tests are not run yet";

    // Webhooks, connectors and messages: what leaves the house.
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
