//! What leaves the house, as an author writes it: whole programs in, codes and underlined texts out.

mod connector;
mod message;
mod size;
mod template;
mod url;
mod webhook;

use crate::catalogue::Level;
use crate::diagnostic::Diagnostic;
use crate::source::Sources;

/// A finding as a test names it: its code and the text that is underlined.
type Mark<'m> = (&'m str, &'m str);

/// The only place that calls the compiler.
fn compiled(sources: &Sources) -> (Option<crate::ir::Program>, Vec<Diagnostic>) {
    let compiled = crate::compile(sources);
    (compiled.program, compiled.diagnostics)
}

fn marks<'s>(sources: &'s Sources, diagnostics: &[Diagnostic], level: Level) -> Vec<(&'static str, &'s str)> {
    let wanted = diagnostics.iter().filter(|finding| finding.level() == level);
    let marks = wanted.map(|finding| (finding.code.slug(), sources.slice(finding.span)));
    marks.filter(|(code, _)| *code != "unused-declaration").collect()
}

/// The errors in a program are these, in the order of their places; every fix mends one of them.
#[track_caller]
fn refuses(program: &str, expected: &[Mark<'_>]) {
    refuses_sources(&Sources::single("a.wf", program), expected);
}

#[track_caller]
fn refuses_sources(sources: &Sources, expected: &[Mark<'_>]) {
    let (program, diagnostics) = compiled(sources);
    assert_eq!(
        marks(sources, &diagnostics, Level::Error),
        expected,
        "\n{}\n{diagnostics:#?}",
        sources.text(first(sources))
    );
    assert!(program.is_none(), "a refused program is not compiled");
    mends(sources, &diagnostics);
}

/// A program has no errors, and no warnings but that something is unused.
#[track_caller]
fn accepts(program: &str) -> crate::ir::Program {
    accepts_sources(&Sources::single("a.wf", program))
}

#[track_caller]
fn accepts_sources(sources: &Sources) -> crate::ir::Program {
    warns_sources(sources, &[])
}

/// A program has no errors, and these warnings.
#[track_caller]
fn warns(program: &str, expected: &[Mark<'_>]) {
    warns_sources(&Sources::single("a.wf", program), expected);
}

#[track_caller]
fn warns_sources(sources: &Sources, expected: &[Mark<'_>]) -> crate::ir::Program {
    let (program, diagnostics) = compiled(sources);
    let text = sources.text(first(sources));
    assert_eq!(marks(sources, &diagnostics, Level::Error), [], "\n{text}\n{diagnostics:#?}");
    assert_eq!(marks(sources, &diagnostics, Level::Warning), expected, "\n{text}\n{diagnostics:#?}");
    mends(sources, &diagnostics);
    program.expect("a program without errors is compiled")
}

/// Each fix alone takes away the finding that it is for.
#[track_caller]
fn mends(sources: &Sources, diagnostics: &[Diagnostic]) {
    let count = |diagnostics: &[Diagnostic], wanted: &Diagnostic| {
        let same = |other: &&Diagnostic| other.code == wanted.code && other.message == wanted.message;
        diagnostics.iter().filter(same).count()
    };
    for finding in diagnostics {
        for fix in &finding.fixes {
            let mut mended = Sources::new();
            for (file, source) in sources.iter() {
                mended.add(source.path(), fix.apply(file, source.text()));
            }
            let (_, after) = compiled(&mended);
            let slug = finding.code.slug();
            let text = mended.text(first(&mended));
            assert!(count(&after, finding) < count(diagnostics, finding), "{slug}: {}\n{text}\n{after:#?}", fix.title);
        }
    }
}

fn first(sources: &Sources) -> crate::source::FileId {
    sources.programs().next().expect("there is a program").0
}

/// A program with one webhook that has these lines.
fn webhook(lines: &str) -> String {
    format!("webhook w {{\n  {lines}\n}}\n")
}
