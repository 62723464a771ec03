//! One slip, one finding: where it stands, and with the way out where there is one.

use super::authors::{mends_into, says, webhook};
use super::branches::mends_all;
use super::{AROUND, accepts, refuses, steps};

/// A test of the workflow that most steps are in.
fn test(lines: &str) -> String {
    format!("{}\ntest \"t\" {{\n  {lines}\n  expect complete\n}}\n", steps("call score\n  send hello"))
}

#[test]
fn within_an_arm_leave_the_others_alone() {
    let arms = |inner: &str| {
        steps(&format!(
            "match event.plan {{\n    \"pro\" {{\n      {inner}\n    }}\n    \"free\" {{ stop }}\n  }}\n  wait 1h"
        ))
    };
    let mends = |slip: &str, line: &str| mends_into(&arms(slip), line);
    mends(
        "wait for signup up to 1d { stop } ⟦unexpected-token: else⟧ { stop }",
        "wait for signup up to 1d { stop } on timeout { stop }",
    );
    mends("set contact.town ⟦unexpected-token: to⟧ \"v\"", "set contact.town = \"v\"");
    mends(
        "if event.agreed { set contact.town ⟦unexpected-token: to⟧ \"v\" }",
        "if event.agreed { set contact.town = \"v\" }",
    );
    refuses(&arms("wait 1h ⟦unexpected-token: 2⟧"));
    refuses(&arms("send hello ⟦unexpected-token: \"x\"⟧"));
    refuses(&arms("if event.agreed { wait 1h ⟦unexpected-token: 2⟧ } else { stop }"));
    refuses(&steps(
        "split \"s\" {\n    50% \"a\" {\n      wait 1h ⟦unexpected-token: 5%⟧\n    }\n    rest \"b\" { stop }\n  }\n  wait 1h",
    ));
    // The head of an arm may be the slip as well, and it may be the last one.
    refuses(&steps("match event.plan {\n    \"pro\" { stop }\n    ⟦unexpected-token: free⟧ { stop }\n  }\n  wait 1h"));
}
