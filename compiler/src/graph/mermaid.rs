//! Mermaid's flowcharts, which Markdown on code hosts shows as pictures.

use super::{Graph, Mark, Shape, shortened};

/// The longest text of a node.
const LONGEST: usize = 80;

/// The picture as a Mermaid flowchart.
pub fn mermaid(graph: &Graph) -> String {
    let mut out = String::from("flowchart TD\n");
    for (index, node) in graph.nodes.iter().enumerate() {
        let (open, close) = match node.shape {
            Shape::Start => ("([", "])"),
            Shape::Call => ("[[", "]]"),
            Shape::Send => (">", "]"),
            Shape::Wait => ("[/", "/]"),
            Shape::Choice => ("{", "}"),
            Shape::Write => ("[", "]"),
            Shape::End => ("((", "))"),
        };
        let class = match node.mark {
            None => "",
            Some(Mark::Removed) => ":::removed",
            Some(Mark::Changed) => ":::changed",
            Some(Mark::Added) => ":::added",
            Some(Mark::Danger) => ":::danger",
        };
        out.push_str(&format!("  n{index}{open}\"{}\"{close}{class}\n", escaped(&shortened(&node.label, LONGEST))));
        if let Some(step) = &node.step {
            // A comment goes to the end of its line, and `{` and `}` would make a directive of it.
            out.push_str(&format!("  %% n{index} is {}\n", escaped(step).replace(['{', '}'], " ")));
        }
    }
    for edge in &graph.edges {
        let label = edge.label.as_ref().map(|label| format!("|\"{}\"|", escaped(&shortened(label, LONGEST))));
        let arrow = if edge.removed { "-.->" } else { "-->" };
        out.push_str(&format!("  n{} {arrow}{} n{}\n", edge.from, label.unwrap_or_default(), edge.to));
    }
    if graph.nodes.iter().any(|node| node.mark.is_some()) {
        out.push_str("  classDef removed stroke:#c62828,stroke-dasharray:6 4,color:#7b8794\n");
        out.push_str("  classDef changed stroke:#b58900,stroke-width:3px\n");
        out.push_str("  classDef added stroke:#2e7d32,stroke-width:3px\n");
        out.push_str("  classDef danger stroke:#c62828,stroke-width:4px\n");
    }
    out
}

/// Text inside of quotes: Mermaid reads entities there, and nothing else must act.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("#quot;"),
            '#' => out.push_str("#35;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '&' => out.push_str("#amp;"),
            '`' => out.push_str("#96;"),
            letter if letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}
