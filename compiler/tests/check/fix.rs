//! Fixes, made by themselves: several mistakes at once, those that hide others, those that cannot be helped.

use std::convert::Infallible;

use compiler::Workspace;
use compiler::fix::{Mended, mend};
use compiler::source::Sources;
use proptest::prelude::*;

const PROGRAM: &str = include_str!("../data/language.wf");
const TEMPLATE: &str = "<p>$!contact.first_name, $data.get('WH5').get('promocode')</p>\n";

/// Mistakes of which the fix is what was there, in the program and in its template.
const MISTAKES: &[(&str, &str)] = &[
    ("get \"https://crm.", "get \"http://crm."),
    ("to 1min", "to 1m"),
    ("timeout 5s", "timeout: 5s"),
    ("and event.total > 100", "&& event.total > 100"),
    ("wait 1h", "wait 1 h"),
    ("call contacts_get_by_email", "call contacts_get_by_emial"),
    ("\"X-Order\": event.order_id", "\"X-Order\": event.order_di"),
    ("messenger_id: string?", "messenger_id: strng?"),
    ("contact.loyalty_tier == \"gold\"", "contact.loyalty_tier = \"gold\""),
    ("tier: contact.loyalty_tier", "tier: contact.loyality_tier"),
    ("returns text", "returns txt"),
    ("stop \"did not buy\"", "stop 'did not buy'"),
    ("auth promo_api", "auth promoapi"),
    ("$!contact.first_name, your", "$!contact.frist_name, your"),
    ("<p>$!contact.first_name", "<p>$!contact.first_nam"),
    ("email: email\n  order_id: string\n  total", "email: email\n  order_id: string;\n  total"),
];

/// A project after its fixes, and what they were.
struct Project {
    workspace: Workspace,
    mended: Mended,
}

fn mended(program: &str, template: &str) -> Project {
    let sources: Sources = [("main.wf", program), ("promo.html.vm", template)].into_iter().collect();
    let mut workspace = Workspace::from(sources);
    let Ok(mended) = mend(&mut workspace, |_| Ok::<_, Infallible>(()));
    Project { workspace, mended }
}

impl Project {
    fn texts(&self) -> (&str, &str) {
        let sources = self.workspace.sources();
        let text = |path: &str| sources.find(path).map_or("", |file| sources.text(file));
        (text("main.wf"), text("promo.html.vm"))
    }
}

/// Makes these mistakes, and sees them mended.
fn check(mistakes: &[usize]) -> Result<(), TestCaseError> {
    let (mut program, mut template) = (PROGRAM.to_owned(), TEMPLATE.to_owned());
    for (right, wrong) in mistakes.iter().filter_map(|&index| MISTAKES.get(index)) {
        prop_assert!(program.contains(right) || template.contains(right), "{}", right);
        program = program.replacen(right, wrong, 1);
        template = template.replacen(right, wrong, 1);
    }
    let found = mended(&program, &template);
    let Mended { compiled, taken, left } = &found.mended;
    let said = compiler::report::concise(&compiled.diagnostics, found.workspace.sources());
    prop_assert_eq!(found.texts(), (PROGRAM, TEMPLATE), "{:?}\n{:#?}\n{}", mistakes, left, said);
    prop_assert!(taken.len() >= mistakes.len(), "{:#?}", taken);
    prop_assert!(left.is_empty());
    Ok(())
}

#[test]
fn each_mistake_is_mended() {
    for index in 0..MISTAKES.len() {
        check(&[index]).unwrap();
    }
    check(&(0..MISTAKES.len()).collect::<Vec<_>>()).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_mistakes_are_mended_together(mistakes in proptest::sample::subsequence((0..MISTAKES.len()).collect::<Vec<_>>(), 0..8)) {
        check(&mistakes)?;
    }
}

#[test]
fn a_line_of_which_nothing_is_left_goes() {
    let twice = "connector c bearer {\n  token secret(\"TOKEN\")\n  token secret(\"TOKEN\")\n}\n";
    assert_eq!(mended(twice, "").texts().0, "connector c bearer {\n  token secret(\"TOKEN\")\n}\n");
}

/// A choice is the author's, and nothing gets worse.
#[test]
fn what_leaves_a_choice_is_left() {
    let program = "event e {\n  town: string\n}\n\nmessage m {\n  email {\n    from \"a@example.com\"\n    subject \"$town\"\n    text \"x\"\n  }\n}\n\nworkflow w {\n  on e\n  identify by id 1\n\n  send m\n}\n";
    let found = mended(program, "");
    assert_eq!(found.texts().0, program);
    assert!(found.mended.taken.is_empty() && found.mended.left.is_empty());
}

/// What is written in a fix only so that something stands there is offered, and its author chooses it.
#[test]
fn what_only_stands_for_a_value_is_left() {
    for (right, wrong) in [
        (
            "between 09:00 and 21:00 in contact.timezone ?? \"Europe/Kyiv\"",
            "between 09:00 and 21:00 in contact.timezone",
        ),
        ("between 09:00 and 21:00 in contact.timezone ?? \"Europe/Kyiv\"", "between 09:00 and 21:00"),
    ] {
        let program = PROGRAM.replacen(right, wrong, 1);
        assert_ne!(program, PROGRAM, "{right}");
        left(&program);
    }
    let around = "event e {\n  note: string?\n  items: [{ sku: string }]\n}\n\ncontact {\n  nick: string?\n}\n";
    for rest in [
        "workflow w {\n  on e\n  identify by id 1\n\n  emit f {\n    note: event.note\n  }\n}\n\nevent f {\n  note: string\n}\n",
        "workflow w {\n  on e\n  identify by id 1\n\n  set contact.nick = event.items.sku\n}\n",
        "workflow w {\n  on e\n  identify by id 1\n\n  wait until 09:00\n  stop\n}\n",
        "workflow w {\n  on e\n  identify by id 1\n\n  stop\n}\n\ntest \"t\" {\n  at 2026-05-04T06:00\n  given contact { id: 1 }\n  receive e { items: [] }\n  expect complete\n}\n",
        "segment s {\n  contact.id > 1\n}\n\nworkflow w {\n  on schedule \"0 9 * * *\" for segment s\n\n  stop\n}\n",
        "webhook h {\n  post \"https://a.example.com/\"\n  body xml \"<a>${contact.nick}</a>\"\n}\n",
        "webhook h {\n  url \"https://a.example.com/\"\n}\n",
        "webhook h {\n  url \"https://a.example.com/\"\n  body text \"a\"\n}\n",
        "message m {\n  email {\n    from \"a@example.com\"\n    subject \"Hi $contact.nick\"\n    text \"x\"\n  }\n}\n",
    ] {
        left(&format!("{around}\n{rest}"));
    }
    left("contact {\n  ok = false\n}\n");
    // Where the method is said elsewhere, nothing is left to choose.
    let said = "webhook h {\n  url \"https://a.example.com/\"\n  method: PUT\n}\n";
    assert_eq!(mended(said, "").texts().0, "webhook h {\n  put \"https://a.example.com/\"\n}\n");
}

/// Each finding of a program that is worth a change has a fix, and none of them is made.
#[track_caller]
pub(super) fn left(program: &str) {
    let found = mended(program, "");
    assert_eq!(found.texts().0, program, "{:#?}", found.mended.taken);
    let said = &found.mended.compiled.diagnostics;
    assert!(said.iter().any(|finding| !finding.fixes.is_empty()), "{program}\n{said:#?}");
    assert!(found.mended.taken.is_empty() && found.mended.left.is_empty());
}
