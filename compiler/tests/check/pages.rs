//! The pages of the catalogue say what is so: the refused example is refused for that one reason, the accepted one compiles.

use compiler::catalogue::{Code, Level};
use compiler::compile;
use compiler::source::{FileId, Sources};

/// The examples of a page under a fence, in order.
fn examples<'p>(page: &'p str, kind: &str) -> Vec<&'p str> {
    let fence = format!("```wf {kind}\n");
    let parts = page.split(fence.as_str()).skip(1);
    parts.map(|part| part.split("```").next().expect("a closed fence")).collect()
}

#[test]
fn examples_are_what_they_say() {
    let mut wrong = Vec::new();
    // Pages on the texts of single files are held by the tests of the syntax: their examples are no whole projects.
    for code in Code::ALL.iter().skip_while(|code| **code != Code::DuplicateName) {
        for example in examples(code.page(), "refused") {
            let said = compile(&Sources::single("page.wf", example)).diagnostics;
            let errors: Vec<_> = said.iter().filter(|said| said.is_error()).map(|said| said.code).collect();
            let as_said = match code.level() {
                Level::Error => errors == [*code],
                Level::Warning => errors.is_empty() && said.iter().any(|said| said.code == *code),
            };
            if !as_said {
                wrong.push(format!("{}: the refused example: {said:#?}", code.slug()));
            }
        }
        for example in examples(code.page(), "refused") {
            let said = compile(&Sources::single("page.wf", example)).diagnostics;
            for finding in said.iter().filter(|said| said.code == *code) {
                for fix in &finding.fixes {
                    let mended = fix.apply(FileId::new(0), example);
                    let left = compile(&Sources::single("page.wf", &mended)).diagnostics;
                    if left.iter().any(|left| (left.code, &left.message) == (finding.code, &finding.message)) {
                        wrong.push(format!("{}: `{}` does not mend it:\n{mended}", code.slug(), fix.title));
                    }
                }
            }
        }
        for example in examples(code.page(), "accepted") {
            let said = compile(&Sources::single("page.wf", example)).diagnostics;
            if said.iter().any(|said| said.is_error() || said.code == *code) {
                wrong.push(format!("{}: the accepted example: {said:#?}", code.slug()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
