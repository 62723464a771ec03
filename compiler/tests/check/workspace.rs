//! A workspace says what a first compilation of the same texts says, whatever it has compiled before.

use compiler::{Workspace, compile};
use proptest::prelude::*;

/// What each file may hold. The files refer to each other, so that a change of one touches what was kept of the others.
const FILES: [(&str, &[&str]); 7] = [
    (
        "data.wf",
        &[
            "event signup { email: email plan: \"pro\" | \"free\" items: [{ sku: string }] }\ncontact { tier: string? }\n",
            "\n\nevent signup { email: email plan: \"pro\" | \"free\" items: [{ sku: string }] }\ncontact { tier: string? }\n",
            "event signup { email: email plan: \"pro\" }\nevent left { email: email }\ncontact { score: int = 0 }\n",
            "event signup { email: string? }\ncontact { tier: int = \"x\" }\nsegment loyal { contact.tier is set }\n",
            "event signup {",
            "event signup {\n<<<<<<< HEAD\n  email: email\n=======\n  plan: \"pro\"\n>>>>>>> other\n}\n",
        ],
    ),
    (
        "again.wf",
        &[
            "event signup { id: string }\ncontact { more: bool? }\nwebhook score { get \"https://b.example.com\" }\n",
            "event Signup { email: email }\nevent left { email: email }\n",
            "segment gold { contact in loyal }\n",
        ],
    ),
    (
        "calls.wf",
        &[
            "connector crm bearer { token secret(\"T\") }\nwebhook score { post \"https://a.example.com/${contact.tier ?? \"\"}\" auth crm body json { plan: event.plan } returns json { points: int } }\n",
            "// Moved.\n\nconnector crm bearer { token secret(\"T\") }\nwebhook score { post \"https://a.example.com/${contact.tier ?? \"\"}\" auth crm body json { plan: event.plan } returns json { points: int } }\n",
            "webhook score { get \"https://a.example.com\" returns json { points: string? } }\n",
            "webhook score { get \"https://a.example.com\" uses other }\nwebhook other { get \"https://a.example.com\" returns text }\n",
            "webhook score { post \"https://${event.email}\" auth crm }\n",
        ],
    ),
    (
        "segments.wf",
        &[
            "segment loyal { contact.tier == \"gold\" }\n",
            "segment loyal { contact in gold }\nsegment gold { contact in loyal }\n",
        ],
    ),
    (
        "messages.wf",
        &[
            "message hello { email { from \"a@b.co\" subject \"$contact.tier\" text \"$!data.score.points $email\" html file \"mail/hello.vm\" } }\n",
            "message hello { email { from \"a@b.co\" subject \"Hi\" text \"$event.items\" } push { text \"x\" } }\n",
            "channel push { post \"https://push.example.com\" body json { text: message.text, plan: event.plan } }\nmessage hello { push { text \"$!contact.score\" } }\n",
            "\nchannel push { post \"https://push.example.com\" body json { title: message.title, tier: contact.tier } }\nmessage hello { push { text \"$!contact.score\" } }\nmessage bye { email { from \"a@b.co\" subject \"x\" html file \"mail/hello.vm\" } }\n",
        ],
    ),
    (
        "flows.wf",
        &[
            "workflow w { on signup identify by email event.email else create call score send hello }\n",
            "// A line.\nworkflow w { on signup identify by email event.email else create call score send hello }\n",
            "workflow w { on signup where event.plan == \"pro\" identify by email event.email else create send hello if contact in loyal { call score on failure { stop } send hello } }\n",
            "workflow w { on signup on left identify by email event.email call scor as score set contact.tier = \"x\" send hello }\nworkflow v { on left identify by email event.email send bye }\n",
            "workflow w { on signup identify by email event.email else create emit left { email: event.email } }\nworkflow v { on left identify by email event.email emit signup { email: event.email plan: \"pro\" items: [] } }\nmessage Hello { email { from \"a@b.co\" subject \"x\" text \"y\" } }\n",
            "test \"u\" { receive signup { email: \"a@b.co\" plan: \"pro\" items: [] } expect path \"send:hello\" expect complete }\ntest \"t\" { receive signup { email: \"a@b.co\" plan: \"pro\" items: [] } expect path \"send:helo\" }\nworkflow w { on signup identify by email event.email else create send hello }\n",
            "test \"t\" { given contact { email: \"a@b.co\" } receive signup { email: \"a@b.co\" plan: \"pro\" items: [] } expect send hello }\nworkflow w { on signup identify by email event.email send hello }\n",
        ],
    ),
    ("mail/hello.vm", &["<p>$contact.tier</p>", "#foreach($item in $event.items)$item.sku#end", "#if(", "$nothing"]),
];

#[derive(Clone, Debug)]
struct Edit {
    file: usize,
    /// Which text it gets; none takes it away.
    text: Option<usize>,
    /// Whether the project is compiled behind it, or with the next edit only.
    compile: bool,
}

fn edit() -> impl Strategy<Value = Edit> {
    let one = (0..FILES.len(), prop::option::weighted(0.85, 0_usize..8), prop::bool::weighted(0.7));
    one.prop_map(|(file, text, compile)| Edit { file, text, compile })
}

fn apply(workspace: &mut Workspace, edit: &Edit) {
    let (path, texts) = FILES.get(edit.file).expect("one of the files");
    match edit.text {
        Some(text) => workspace.set(path, *texts.iter().cycle().nth(text).expect("a file has texts")),
        None => workspace.remove(path),
    }
}

#[track_caller]
fn holds(workspace: &mut Workspace, what: &str) {
    let kept = workspace.compile();
    assert_eq!(kept, compile(workspace.sources()), "{what}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn what_is_kept_changes_nothing(edits in prop::collection::vec(edit(), 1..20)) {
        let mut workspace = Workspace::new();
        for edit in &edits {
            apply(&mut workspace, edit);
            if edit.compile {
                holds(&mut workspace, &format!("{edits:#?}"));
            }
        }
        holds(&mut workspace, &format!("{edits:#?}"));
    }
}

/// From each text of each file to each other one, with all other files as they are first.
#[test]
fn every_single_edit_is_noticed() {
    for (file, (path, texts)) in FILES.iter().enumerate() {
        let mut workspace = Workspace::new();
        for other in 0..FILES.len() {
            apply(&mut workspace, &Edit { file: other, text: Some(0), compile: false });
        }
        for from in texts.iter() {
            for to in texts.iter() {
                workspace.set(path, *from);
                workspace.compile();
                workspace.set(path, *to);
                holds(&mut workspace, &format!("{path}: {from} becomes {to}"));
            }
            workspace.remove(path);
            holds(&mut workspace, path);
            apply(&mut workspace, &Edit { file, text: Some(0), compile: false });
        }
    }
}

#[test]
fn the_same_text_again_is_no_change() {
    let mut workspace = Workspace::new();
    workspace.set("a.wf", "event e { a: strng }");
    let first = workspace.compile();
    workspace.set("a.wf", "event e { a: strng }");
    assert_eq!(workspace.compile(), first);
}
