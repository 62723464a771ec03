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
