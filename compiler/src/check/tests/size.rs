//! Workflows of thousands of steps: what is known at one of them is not copied to the next one, and not read over again.

use super::{Level, marks};
use crate::Workspace;
use crate::report;
use crate::source::Sources;

/// Of so many, each with what the ones before it have stored or told, time that grows with the square is felt: a minute, not seconds.
const MANY: usize = 10_000;

/// Compiles a workflow with these steps, then with another word in its first line; neither has an error.
#[track_caller]
fn check(steps: impl IntoIterator<Item = String>) {
    let steps: String = steps.into_iter().collect();
    let program = format!(
        r#"
event order {{ id_of: string, mail: email, code: string?, extra: json? }}
webhook price {{ get "https://a.example.com/${{event.id_of}}" returns json {{ percent: int }} }}
message letter {{ email {{ from "a@example.com" subject "S" text "$data.first.percent" }} }}
workflow long {{
  on order where event.id_of == "first"
  identify by email event.mail else create
  call price as first on failure {{ stop "none" }}
{steps}}}
"#
    );
    let mut workspace = Workspace::new();
    for word in ["first", "second"] {
        workspace.set("a.wf", program.replacen("\"first\"", &format!("{word:?}"), 1));
        let compiled = workspace.compile();
        let sources = Sources::single("a.wf", &program);
        let wrong = marks(&sources, &compiled.diagnostics, Level::Error);
        assert_eq!(wrong, [], "{:?}", compiled.diagnostics.first());
    }
}

#[test]
fn calls_and_sends_by_turns() {
    check((0..MANY).map(|number| format!("call price as r{number} on failure {{ send letter }}\nsend letter\n")));
}

#[test]
fn a_way_each_that_stores_a_result_of_its_own() {
    let ways = (0..MANY).map(|number| format!("  \"c{number}\" {{ call price as r{number}\n send letter }}\n"));
    check(["match event.id_of {\n".to_owned()].into_iter().chain(ways).chain(["else { send letter }\n}\n".to_owned()]));
}

#[test]
fn lines_that_say_the_same_are_found_without_comparing_each_with_each() {
    let exits = |number| format!("exit on order as o where o.id_of == \"{number}\"\n");
    let lines: String = (0..MANY).map(exits).collect();
    let starts = |number| format!("on order where event.id_of == \"{number}\"\n");
    let starts: String = (0..MANY).map(starts).collect();
    let program = format!(
        "event order {{ id_of: string, mail: email }}\nworkflow w {{\n{starts}identify by email event.mail\n{lines}\
         exit on order as o where o.id_of == \"7\"\nstop\n}}\n"
    );
    let compiled = crate::compile(&Sources::single("a.wf", &program));
    let said: Vec<&str> = compiled.diagnostics.iter().map(|finding| finding.code.slug()).collect();
    assert_eq!(said, ["setting-twice"]);
}

#[test]
fn near_names_of_many_unknown_ones_among_many() {
    const FIELDS: usize = 1_500;
    let fields: String = (0..FIELDS).map(|number| format!("field_{number}: int ")).collect();
    let steps: String = (0..FIELDS).map(|number| format!("if event.other_{number} == 1 {{ stop }}\n")).collect();
    let program = format!(
        "event order {{ mail: email {fields} }}\nworkflow w {{\non order\nidentify by email event.mail\n{steps}send nothing\n}}\n"
    );
    let compiled = crate::compile(&Sources::single("a.wf", &program));
    let unknown = compiled.diagnostics.iter().filter(|finding| finding.code.slug() == "unknown-field");
    assert_eq!(unknown.count(), FIELDS);
}

#[test]
fn conditions_that_each_tell_more() {
    check((0..MANY).map(|number| format!("if event.extra.f{number} == null {{ stop \"none\" }}\nsend letter\n")));
}

/// As many findings as there are steps, one to a line and all of them on one line, in each form.
#[test]
fn findings_by_the_thousand_are_shown() {
    for between in ["\n", " "] {
        let kinds = ["if event.plam == \"й\" { stop }", "set contact.twon = \"x\"", "send ghost", "wait 0s"];
        let steps: Vec<&str> = kinds.into_iter().cycle().take(MANY).collect();
        let program = format!(
            "event order {{ mail: email }}\nworkflow w {{\non order\nidentify by email event.mail\n{} }}\n",
            steps.join(between)
        );
        let sources = Sources::single("a.wf", &program);
        let said = crate::compile(&sources).diagnostics;
        assert_eq!(said.len(), MANY);
        assert_eq!(report::concise(&said, &sources).lines().count(), MANY);
        assert_eq!(report::json(&said, &sources).len(), MANY);
        let human = report::human(&said, &sources, false);
        assert_eq!(human.lines().filter(|line| line.starts_with("error[")).count(), MANY);
    }
}
