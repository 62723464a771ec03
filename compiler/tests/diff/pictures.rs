//! Pictures of what became of a workflow.

use compiler::diff::{self, Side};
use compiler::graph::{Graph, Mark, dot, mermaid, svg};

use super::compiled;

const BEFORE: &str = r#"
event cart { email: email }

event bought { email: email }

workflow rescue {
  on cart
  on bought
  identify by email event.email else create

  wait 1h
  set contact.town = "Kyiv"
  if contact.phone is set {
    wait 2h
  } else {
    stop "no phone"
  }
}
"#;

/// The picture of what became of the workflow.
#[track_caller]
fn picture(before: &str, after: &str) -> Graph {
    let (base, head) = (compiled(before), compiled(after));
    let (old, new) = (base.program.unwrap(), head.program.unwrap());
    let difference = diff::diff(Side { program: &old, tests: None }, Side { program: &new, tests: None });
    let old = difference.renamed.clone().unwrap_or(old);
    let side = |program: &compiler::ir::Program| program.workflows.values().next().cloned();
    Graph::compared(&"rescue".into(), side(&old).as_deref(), side(&new).as_deref(), &difference)
}

/// The nodes that a difference says something of.
fn marked(graph: &Graph) -> Vec<(Mark, &str)> {
    graph.nodes.iter().filter_map(|node| Some((node.mark?, node.label.as_str()))).collect()
}

#[test]
fn what_is_gone_stands_where_it_was() {
    let graph = picture(BEFORE, &BEFORE.replace("  set contact.town = \"Kyiv\"\n", ""));
    assert_eq!(marked(&graph), [(Mark::Removed, "set contact.town = \"Kyiv\"")]);
    let edge = |from: &str, to: &str| {
        let label = |index: usize| graph.nodes[index].label.as_str();
        graph.edges.iter().find(|it| label(it.from) == from && label(it.to) == to).map(|it| it.removed)
    };
    assert_eq!(edge("wait 1h", "set contact.town = \"Kyiv\""), Some(true));
    assert_eq!(edge("set contact.town = \"Kyiv\"", "if"), Some(true));
    assert_eq!(edge("wait 1h", "if"), Some(false));
    for (drawn, part) in
        [(svg(&graph), "class=\"node write removed\""), (mermaid(&graph), "-.->"), (dot(&graph), "style=dashed")]
    {
        assert!(drawn.contains(part), "{drawn}");
    }
}

#[test]
fn ways_and_triggers_go_too() {
    let graph =
        picture(BEFORE, &BEFORE.replace("  on bought\n", "").replace(" else {\n    stop \"no phone\"\n  }", ""));
    assert_eq!(marked(&graph).iter().filter(|(mark, _)| *mark == Mark::Removed).count(), 2, "{graph:#?}");
    let graph = picture(BEFORE, &BEFORE.replace("    wait 2h\n", "    wait 3h\n"));
    assert_eq!(marked(&graph), [(Mark::Changed, "wait 3h")]);
    // A new step marks itself and nothing else.
    let graph = picture(BEFORE, &BEFORE.replace("  wait 1h\n", "  wait 1h\n  set contact.region = \"x\"\n"));
    assert_eq!(marked(&graph), [(Mark::Added, "set contact.region = \"x\"")]);
}

/// Without a difference it is the picture of the workflow.
#[test]
fn nothing_changed_is_the_plain_picture() {
    let program = compiled(BEFORE).program.unwrap();
    let plain = Graph::of(&"rescue".into(), program.workflows.values().next().unwrap());
    assert_eq!(picture(BEFORE, BEFORE), plain);
    // All of a workflow that is gone is drawn as gone, and of a new one as it is.
    let nothing =
        "event cart { email: email }\nworkflow other {\n  on cart\n  identify by email event.email\n\n  wait 5d\n}\n";
    let (base, head) = (compiled(BEFORE).program.unwrap(), compiled(nothing).program.unwrap());
    let difference = diff::diff(Side { program: &base, tests: None }, Side { program: &head, tests: None });
    let gone = Graph::compared(&"rescue".into(), base.workflows.get("rescue").map(|it| &**it), None, &difference);
    assert!(gone.nodes.iter().all(|node| node.mark == Some(Mark::Removed)), "{gone:#?}");
    assert_eq!(gone.nodes.len(), plain.nodes.len());
}
