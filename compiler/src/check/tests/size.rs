//! Workflows of thousands of steps: what is known at one of them is not copied to the next one, and not read over again.

use super::{Level, marks};
use crate::Workspace;
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
fn conditions_that_each_tell_more() {
    check((0..MANY).map(|number| format!("if event.extra.f{number} == null {{ stop \"none\" }}\nsend letter\n")));
}
