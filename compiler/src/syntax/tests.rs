//! Reading, by example: the language's own program, the catalogue's pages, mistakes with marks under them.

use super::*;

const FILE: FileId = FileId::new(0);

/// The diagnostics of a text, drawn as `line:column code: message`.
fn found(text: &str) -> Vec<String> {
    let parsed = parse(FILE, text);
    let sources = crate::source::Sources::single("test.wf", text);
    let file = sources.get(FILE).unwrap();
    parsed
        .diagnostics
        .iter()
        .map(|diagnostic| {
            let at = file.position(diagnostic.span.start);
            let slug = diagnostic.code.slug();
            let hint = diagnostic.hint.as_deref().map(|hint| format!(" // {hint}")).unwrap_or_default();
            format!("{}:{} {slug}: {}{hint}", at.line, at.column, diagnostic.message)
        })
        .collect()
}

#[test]
fn the_program_of_the_reference_is_read_without_a_word() {
    let text = include_str!("../../tests/data/language.wf");
    let parsed = parse(FILE, text);
    assert_eq!(found(text), [] as [&str; 0]);
    assert_eq!(parsed.declarations.len(), 13);
}

/// The text of a fence of a page.
fn fence(page: &str, mark: &str) -> String {
    let start = page.find(mark).unwrap() + mark.len();
    page.get(start..).unwrap().split("```").next().unwrap().to_owned()
}

#[test]
fn pages_of_reading_refuse_and_accept() {
    let codes = Code::ALL.iter().take_while(|code| **code != Code::DuplicateName);
    for code in codes {
        let (page, slug) = (code.page(), code.slug());
        let mut refused = fence(page, "```wf refused\n");
        if *code == Code::FileTooLarge {
            refused.push_str(&"// a further line\n".repeat(MAX_FILE_SIZE / 18 + 1));
        }
        let diagnostics = parse(FILE, &refused).diagnostics;
        assert!(diagnostics.iter().any(|diagnostic| diagnostic.code == *code), "{slug}: {:?}", found(&refused));
        let accepted = fence(page, "```wf accepted\n");
        assert_eq!(found(&accepted), [] as [&str; 0], "{slug}");
        // Where there is one finding with one fix, the fix turns one example into the other.
        if let [Diagnostic { fixes, .. }] = diagnostics.as_slice()
            && let [fix] = fixes.as_slice()
            && *code != Code::StrayDescription
        {
            assert_eq!(fix.apply(FILE, &refused), accepted, "{slug}");
        }
    }
}
