//! What git leaves where two changes met is one finding, wherever it stands, and hides nothing else.

use compiler::compile;
use compiler::source::{FileId, Sources};

use super::refuses;

/// An event with a field of each side, and a workflow that reads what the first side has.
fn program(conflict: &str) -> String {
    format!(
        "event e {{\n  email: email\n{conflict}\n}}\n\nworkflow w {{\n  on e where event.plan == \"pro\"\n  identify by email event.email else create\n\n  set contact.town = ⟦unknown-name: nothing⟧\n}}\n"
    )
}

#[test]
fn a_conflict_is_one_finding_and_the_first_side_is_read() {
    for conflict in [
        "⟦merge-conflict: <<<<<<< HEAD⟧\n  plan: string\n=======\n  plan: int }\n>>>>>>> other/branch",
        "⟦merge-conflict: <<<<<<<⟧\n  plan: string\n=======\n>>>>>>>",
        "⟦merge-conflict: <<<<<<< ours⟧\n  plan: string\n||||||| 1f2e3d4\n  plan: \"\n=======\n  plan: «int»\n>>>>>>> theirs",
        "⟦merge-conflict: <<<<<<< ours⟧\n  plan: string\n  more: int\n=======\n  more: int\n>>>>>>> theirs\n⟦merge-conflict: <<<<<<< ours⟧\n=======\n  plan: \"Ж\"\n>>>>>>> theirs",
        // What is left of one that was settled by half.
        "⟦merge-conflict: <<<<<<< HEAD⟧\n  plan: string",
        "⟦merge-conflict: <<<<<<< HEAD⟧\n  plan: string\n=======",
        "  plan: string\n⟦merge-conflict: >>>>>>> other⟧",
    ] {
        refuses(&program(conflict));
    }
    // Lines end as the editor wrote them.
    let marked = program("⟦merge-conflict: <<<<<<< HEAD⟧\n  plan: string\n=======\n  plan: int\n>>>>>>> other");
    refuses(&marked.replace('\n', "\r\n"));
}

#[test]
fn a_conflict_in_the_text_of_a_message_reaches_nobody() {
    let program = "event e {\n  email: email\n}\n\nmessage m {\n  email {\n    from \"a@b.example.com\"\n    subject \"x\"\n    text file \"mail.txt\"\n  }\n}\n\nworkflow w {\n  on e\n  identify by email event.email else create\n\n  send m\n}\n";
    let found = |text: &str| {
        let mut sources = Sources::default();
        sources.add("main.wf", program);
        let file: FileId = sources.add("mail.txt", text);
        let found = compile(&sources).diagnostics;
        assert!(found.iter().all(|finding| finding.span.file == file), "{found:#?}");
        found.iter().map(|finding| (finding.code.slug(), sources.slice(finding.span).to_owned())).collect::<Vec<_>>()
    };
    let conflict = "Hello\n<<<<<<< HEAD\n#if($event.email)\n=======\n$event.mail\n>>>>>>> other\nBye\n";
    assert_eq!(found(conflict), [("merge-conflict", "<<<<<<< HEAD".to_owned())]);
    assert_eq!(found("Hello\n>>>>>>> other\n"), [("merge-conflict", ">>>>>>> other".to_owned())]);
    // A heading, an arrow and a quotation are no conflict.
    for text in
        ["Our shop\n=======\nHello\n", "<<<<<<<<<< less\n>>>>>>>more\n", "  <<<<<<< HEAD\n", "> > > > > > > quoted\n"]
    {
        assert_eq!(found(text), []);
    }
}

#[test]
fn a_heading_in_a_block_is_no_conflict() {
    let text = "\"\"\"\nOur shop\n=======\n\n<<<<<<<<<< $event.email >>>>>>>\n\"\"\"";
    super::accepts(&format!(
        "event e {{\n  email: email\n}}\n\nmessage m {{\n  email {{\n    from \"a@b.example.com\"\n    subject \"x\"\n    text {text}\n  }}\n}}\n\nworkflow w {{\n  on e\n  identify by email event.email else create\n\n  send m\n}}\n"
    ));
}
