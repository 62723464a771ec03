//! The specification is true: what it shows is compiled as it says.
//!
//! A fence `wf` holds a project that compiles without any finding. A page on a code has a fence `wf refused`, whose findings
//! are that code's alone, and a fence `wf accepted` with the repaired project; both are whole projects. A fence `vm PATH` on
//! the same page is the template file with that path.

use std::path::Path;
use std::time::Duration;

use compiler::catalogue::{Code, Level};
use compiler::diagnostic::{Diagnostic, apply};
use compiler::fix::mend;
use compiler::format::format;
use compiler::source::{FileId, Skipped, Sources};
use compiler::vocabulary::KEYWORDS;
use compiler::{Compiled, Workspace, compile, report};
use runtime::rehearsal::{Play, perform_all};

use crate::tidy::{files, none, text};

/// The file that an example is compiled as.
const EXAMPLE: &str = "example.wf";

/// Pages whose repaired example shows another way out than the fix takes: the fix compiles too.
const OTHER_WAY: &[Code] = &[
    Code::StrayDescription,
    Code::OptionalAsValue,
    Code::UnreachableStep,
    Code::UrlUserInfo,
    Code::XmlInterpolation,
    Code::TemplateMayBeMissing,
];

/// A fenced part of a document: what stands behind the backticks, and the lines in it.
#[derive(Debug, PartialEq)]
struct Fence {
    info: String,
    lines: String,
}

fn fences(document: &str) -> Vec<Fence> {
    let mut found = Vec::new();
    let mut open: Option<Fence> = None;
    for line in document.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(info), None) => open = Some(Fence { info: info.to_owned(), lines: String::new() }),
            (Some(_), Some(_)) => found.extend(open.take()),
            (None, Some(fence)) => fence.lines.extend([line, "\n"]),
            (None, None) => {}
        }
    }
    assert_eq!(open, None, "a fence is not closed");
    found
}

/// A document with examples, and the template files that it brings.
struct Document {
    path: String,
    fences: Vec<Fence>,
}

impl Document {
    fn read(path: &str) -> Document {
        Document { path: path.to_owned(), fences: fences(&text(path)) }
    }

    /// The examples behind fences of one kind.
    fn examples(&self, info: &str) -> impl Iterator<Item = &str> {
        self.fences.iter().filter(move |fence| fence.info == info).map(|fence| fence.lines.as_str())
    }

    /// A project of an example and the document's templates.
    fn project(&self, example: &str) -> Sources {
        let templates = self.fences.iter().filter_map(|fence| Some((fence.info.strip_prefix("vm ")?, &*fence.lines)));
        let mut sources: Sources = templates.chain([(EXAMPLE, example)]).collect();
        // What is accepted has no such links.
        if self.examples("wf refused").any(|refused| refused == example) {
            for link in self.fences.iter().filter_map(|fence| fence.info.strip_prefix("link ")) {
                sources.skip(link, Skipped::LeadsOutside);
            }
        }
        sources
    }

    fn compile(&self, example: &str) -> Compiled {
        compile(&self.project(example))
    }

    /// What the compiler says of an example that it should say something else of.
    fn wrong(&self, what: &str, example: &str) -> String {
        let sources = self.project(example);
        let said = report::concise(&compile(&sources).diagnostics, &sources);
        format!("{}: {what}\n{said}", self.path)
    }
}

/// The texts of an example with the fixes of its findings in it: one for each way out that is offered.
fn mended(document: &Document, example: &str, said: &[Diagnostic]) -> Vec<String> {
    let file = document.project(example).find(EXAMPLE).unwrap();
    let ways = said.iter().map(|finding| finding.fixes.len()).max().unwrap_or(0);
    let one = |way: usize| {
        let fixes: Vec<_> = said.iter().filter_map(|said| said.fixes.get(way).or(said.fixes.last())).collect();
        apply(&fixes, file, example)
    };
    (0..ways).map(one).collect()
}

/// The canonical form of a text.
fn canonical(text: &str) -> String {
    format(FileId::new(0), text).unwrap().text
}

#[test]
fn fences_are_found() {
    let found = fences("a\n```wf refused\nx {\n\n}\n```\n`b`\n```\n```");
    let fence = |info: &str, lines: &str| Fence { info: info.to_owned(), lines: lines.to_owned() };
    assert_eq!(found, [fence("wf refused", "x {\n\n}\n"), fence("", "")]);
}

#[test]
fn chapters_compile_without_a_word() {
    let mut findings = Vec::new();
    let mut examples = 0;
    for path in files(&[".md"]) {
        if !(path == "README.md" || Path::new(&path).parent() == Some(Path::new("lang-spec"))) {
            continue;
        }
        let document = Document::read(&path);
        for fence in document.fences.iter().filter(|fence| fence.info.starts_with("wf")) {
            examples += 1;
            if fence.info != "wf" || !document.compile(&fence.lines).diagnostics.is_empty() {
                findings.push(document.wrong(&fence.info, &fence.lines));
            }
        }
    }
    assert!(examples >= 6, "{examples} examples");
    none(findings);
}

/// What the chapters and pages show as tests is so.
#[test]
fn tests_that_are_shown_pass() {
    let mut findings = Vec::new();
    let mut performed = 0;
    for path in files(&[".md"]) {
        let document = Document::read(&path);
        for example in document.examples("wf").chain(document.examples("wf accepted")) {
            let compiled = document.compile(example);
            let Some(program) = compiled.program.filter(|_| !compiled.tests.is_empty()) else { continue };
            let reports = perform_all(&Play::new(program), &compiled.tests, 1, &|| Duration::ZERO, &|| ()).unwrap();
            performed += reports.len();
            for report in reports.iter().filter(|report| !report.passed()) {
                findings.push(format!("{path}: `{}`: {:#?}", report.name, report.failures));
            }
        }
    }
    assert!(performed >= 4, "{performed} tests");
    none(findings);
}

/// The README shows what `wf check` says of its program when two slips are made in it.
#[test]
fn the_readme_shows_what_is_said() {
    let readme = Document::read("README.md");
    let program = readme.examples("wf").next().unwrap();
    let mut slipped = program.to_owned();
    for (right, wrong) in
        [("order: event.order_id", "order: event.orderid"), ("contact.first_name|", "contact.frist_name|")]
    {
        assert!(slipped.contains(right), "{right}");
        slipped = slipped.replace(right, wrong);
    }
    let sources = Sources::single("shop.wf", &slipped);
    let said = report::human(&compile(&sources).diagnostics, &sources, false);
    let shown = readme.examples("text").next().unwrap();
    assert_eq!(shown.trim_end(), format!("$ wf check\n{}", said.trim_end()), "\n{said}");
}

#[test]
fn the_reserved_words_are_listed() {
    let chapter = Document::read("lang-spec/lexical.md");
    let listed: Vec<&str> = chapter.examples("text").flat_map(str::split_whitespace).collect();
    let reserved: Vec<&str> = KEYWORDS.iter().map(|keyword| keyword.word).collect();
    assert_eq!(listed, reserved);
}

#[test]
fn pages_refuse_and_accept_what_they_say() {
    let mut findings = Vec::new();
    for code in Code::ALL {
        let page = Document::read(&format!("lang-spec/errors/{}.md", code.slug()));
        let mut refused = 0;
        for example in page.examples("wf refused") {
            refused += 1;
            // Nobody wants to read the whole of it.
            let long = if *code == Code::FileTooLarge { "// and on\n".repeat(450_000) } else { String::new() };
            let example = &format!("{example}{long}");
            let said = page.compile(example).diagnostics;
            let errors = || said.iter().filter(|finding| finding.is_error()).map(|finding| finding.code);
            let as_said = match code.level() {
                Level::Error => errors().count() > 0 && errors().all(|error| error == *code),
                Level::Warning => errors().count() == 0 && said.iter().any(|finding| finding.code == *code),
            };
            if !as_said {
                findings.push(page.wrong("the refused example", example));
            }
            let about: Vec<Diagnostic> = said.into_iter().filter(|finding| finding.code == *code).collect();
            let mended = mended(&page, example, &about);
            if let [mended] = mended.as_slice()
                && (page.examples("wf accepted").next() == Some(&*canonical(mended))) == OTHER_WAY.contains(code)
            {
                findings.push(format!("{}: its fix makes this of the refused example:\n{mended}", page.path));
            }
            for mended in mended {
                let left = page.compile(&mended).diagnostics;
                if left.iter().any(|finding| finding.is_error() || finding.code == *code) {
                    findings.push(page.wrong(&format!("does not compile with its fix:\n{mended}"), &mended));
                }
            }
        }
        let mut accepted = 0;
        for example in page.examples("wf accepted").chain(page.examples("wf")) {
            accepted += 1;
            let said = page.compile(example);
            if said.program.is_none() || said.diagnostics.iter().any(|finding| finding.code == *code) {
                findings.push(page.wrong("the accepted example", example));
            }
        }
        if refused == 0 || accepted == 0 {
            findings.push(format!("{}: {refused} refused and {accepted} accepted examples", page.path));
        }
    }
    none(findings);
}

/// What we show is in the form that `wf fmt` gives it: the sources of the repository and the examples that are accepted.
#[test]
fn what_is_shown_is_canonical() {
    let mut findings = Vec::new();
    let mut check = |what: &str, text: &str| {
        let canonical = canonical(text);
        if canonical != text {
            findings.push(format!("{what} is not canonical; this is:\n{canonical}"));
        }
    };
    let sources = files(&[".wf"]);
    // The files of slips are broken on purpose, and marked.
    for path in sources.iter().filter(|path| !path.contains("/slips/")) {
        check(path, &text(path));
    }
    for path in files(&[".md"]) {
        let document = Document::read(&path);
        for info in ["wf", "wf accepted"] {
            document.examples(info).for_each(|example| check(&path, example));
        }
    }
    none(findings);
}

/// `wf check --fix` mends what the pages show, as far as a finding leaves no choice, and makes nothing worse.
#[test]
fn pages_are_mended() {
    let mut findings = Vec::new();
    for code in Code::ALL {
        let page = Document::read(&format!("lang-spec/errors/{}.md", code.slug()));
        for example in page.examples("wf refused") {
            let before = page.compile(example).diagnostics;
            let mut workspace = Workspace::from(page.project(example));
            let Ok(mended) = mend(&mut workspace, |_| Ok::<_, std::convert::Infallible>(()));
            let sources = workspace.sources();
            let after = &mended.compiled.diagnostics;
            let errors = |said: &[Diagnostic]| said.iter().filter(|said| said.is_error()).count();
            let left = |said: &Diagnostic| !matches!(said.fixes.as_slice(), [fix] if !fix.left_to_author);
            let choice = before.iter().any(|said| said.code == *code && left(said));
            if errors(after) > errors(&before) || !(choice || after.iter().all(|said| said.code != *code)) {
                let said = report::concise(after, sources);
                let text = sources.text(sources.find(EXAMPLE).unwrap());
                findings.push(format!("{}: {:#?}\n{text}\n{said}", page.path, mended.left));
            }
        }
    }
    none(findings);
}

/// Two pages that say the same are one.
#[test]
fn pages_say_different_things() {
    let mut told = std::collections::BTreeMap::new();
    let mut findings = Vec::new();
    for code in Code::ALL {
        let path = format!("lang-spec/errors/{}.md", code.slug());
        let page = text(&path);
        let mut fenced = false;
        for line in page.lines() {
            fenced ^= line.starts_with("```");
            if !fenced
                && line.len() > 40
                && let Some(other) = told.insert(line.to_owned(), path.clone())
            {
                findings.push(format!("{path} says what {other} says: {line}"));
            }
        }
        for example in fences(&page).into_iter().filter(|fence| fence.info == "wf refused") {
            if let Some(other) = told.insert(example.lines, path.clone()) {
                findings.push(format!("{path} refuses what {other} refuses"));
            }
        }
    }
    none(findings);
}
