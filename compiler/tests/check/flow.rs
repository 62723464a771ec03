//! What is certain on which way, and where no way leads.

use super::{accepts, refuses, steps};

#[test]
fn a_result_is_used_where_its_call_has_succeeded() {
    for way in [
        "call score\n if data.score.points > 1 { stop \"${data.score.points}\" }",
        "call score as s\n if data.s.points > 1 { stop }",
        "call \"Any name!\"\n stop \"${data[\"Any name!\"]}\"",
        "call score on failure { stop }\n if data.score.points > 1 { stop }",
        "call score on failure { fail \"x\" }\n if data.score.points > 1 { stop }",
        "call score on failure { if event.agreed { stop } else { fail \"x\" } }\n if data.score.points > 1 { stop }",
        "if event.agreed { call score } else { call score }\n if data.score.points > 1 { stop }",
        "if event.agreed { call score } else { stop }\n if data.score.points > 1 { stop }",
        "match event.plan { \"pro\" { call score } \"free\" { call score } }\n if data.score.points > 1 { stop }",
        "split \"t\" { 50% \"a\" { call score } rest \"b\" { call score } }\n if data.score.points > 1 { stop }",
        "call score\n call score on failure { wait 1h }\n if data.score.points > 1 { stop }",
        "call score on failure { call score }\n if data.score.points > 1 { stop }",
        "call score\n wait 1d\n if data.score.points > 1 { stop }",
    ] {
        accepts(&steps(way));
    }
    for way in [
        "if ⟦result-not-certain: data.score⟧.points > 1 { stop }\n call score",
        "call score on failure { wait 1h }\n if ⟦result-not-certain: data.score⟧.points > 1 { stop }",
        "call score on failure { stop \"${⟦result-not-certain: data.score⟧.points}\" }",
        "if event.agreed { call score }\n if ⟦result-not-certain: data.score⟧.points > 1 { stop }",
        "match event.plan { \"pro\" { call score } }\n if ⟦result-not-certain: data.score⟧.points > 1 { stop }",
        "split \"t\" { 50% \"a\" { call score } rest \"b\" { } }\n if ⟦result-not-certain: data.score⟧.points > 1 { stop }",
        "call score as s\n if ⟦result-not-certain: data.score⟧.points > 1 { stop }",
        "call score\n if ⟦result-not-certain: data.scor⟧.points > 1 { stop }",
        "call ping\n if ⟦no-result: data.ping⟧.points > 1 { stop }",
        "call score\n if data.score.⟦unknown-field: point⟧ > 1 { stop }",
        "call score\n if ⟦optional-as-value: data.score.name⟧ contains \"x\" { stop }",
        "call score\n if ⟦optional-as-value: data.score.rows[0].id⟧ > 1 { stop }",
        "call score as s\n call ping as ⟦duplicate-result: s⟧",
        "call score as ping\n call ⟦duplicate-result: ping⟧",
    ] {
        refuses(&steps(way));
    }
}

#[test]
fn what_a_branch_knows_ends_with_it() {
    accepts(&steps("if event.note is not set { stop }\n  stop \"${event.note}\""));
    accepts(&steps("if event.note is set { wait 1h } else { stop }\n  stop \"${event.note}\""));
    accepts(&steps(
        "if event.note is not set { stop } else if event.note contains \"x\" { stop } else { stop \"${event.note}\" }",
    ));
    refuses(&steps("if event.note is set { wait 1h }\n  stop \"${⟦optional-as-value: event.note⟧}\""));
    refuses(&steps(
        "if event.agreed { stop } else if event.note is set { wait 1h } else { stop \"${⟦optional-as-value: event.note⟧}\" }",
    ));
    // Another answer of the same webhook may lack what the first one had.
    refuses(&steps(
        "call score\n if data.score.name is set {\n call score\n stop \"${⟦optional-as-value: data.score.name⟧}\" }",
    ));
}

#[test]
fn no_step_stands_where_no_way_leads() {
    refuses(&steps("stop\n  ⟦unreachable-step: wait 1h⟧\n  wait 2h"));
    refuses(&steps("fail \"x\"\n  ⟦unreachable-step: send hello⟧"));
    refuses(&steps("if event.agreed { stop } else { fail \"x\" }\n  ⟦unreachable-step: send hello⟧"));
    refuses(&steps("if event.agreed {\n stop\n ⟦unreachable-step: wait 1h⟧ }\n  send hello"));
    refuses(&steps("split \"t\" { rest \"a\" { stop } }\n  ⟦unreachable-step: send hello⟧"));
    // What stands behind is still read.
    refuses(&steps(
        "stop\n  ⟦unreachable-step: wait 1h⟧\n  send ⟦unknown-name: helo⟧\n  if data.score.points > 1 { wait 1h }",
    ));
    accepts(&steps("if event.agreed { stop } else if event.visits > 1 { stop }\n  send hello"));
    accepts(&steps("call score on failure { stop }\n  send hello"));
}
