//! The catalogue's pages on reading: the refused example is refused for that reason, the repaired one is not.

use compiler::catalogue::Code;
use compiler::diagnostic::Diagnostic;
use compiler::syntax::MAX_FILE_SIZE;

use super::{FILE, accepts, findings, parse};

/// The text of a fence of a page.
fn fence(page: &str, mark: &str) -> String {
    let (_, rest) = page.split_once(mark).expect("the page has the fence");
    rest.split("```").next().expect("it ends").to_owned()
}

#[test]
fn pages_of_reading_refuse_and_accept() {
    let codes: Vec<Code> = Code::ALL.iter().copied().take_while(|code| *code != Code::DuplicateName).collect();
    assert!(codes.len() > 20, "the catalogue begins with the codes of reading");
    for code in codes {
        let (page, slug) = (code.page(), code.slug());
        let mut refused = fence(page, "```wf refused\n");
        if code == Code::FileTooLarge {
            refused.push_str(&"// a further line\n".repeat(MAX_FILE_SIZE / 18 + 1));
        }
        let diagnostics = parse(&refused).diagnostics;
        assert!(diagnostics.iter().any(|diagnostic| diagnostic.code == code), "{slug}: {:?}", findings(&refused));
        let accepted = fence(page, "```wf accepted\n");
        accepts(&accepted);
        // Where there is one finding with one fix, the fix turns one example into the other. A description that stands
        // at the wrong place may as well be moved.
        if let [Diagnostic { fixes, .. }] = diagnostics.as_slice()
            && let [fix] = fixes.as_slice()
            && code != Code::StrayDescription
        {
            assert_eq!(fix.apply(FILE, &refused), accepted, "{slug}");
        }
    }
}
