//! DOT, the language of Graphviz.

use super::{Graph, Mark, Shape, shortened};

/// The longest text of a node.
const LONGEST: usize = 80;

/// The picture as a DOT digraph.
pub fn dot(graph: &Graph) -> String {
    let mut out = format!("digraph {} {{\n  node [fontname=\"sans-serif\"];\n", quoted(&graph.name));
    for (index, node) in graph.nodes.iter().enumerate() {
        let shape = match node.shape {
            Shape::Start => "oval",
            Shape::Call => "component",
            Shape::Send => "note",
            Shape::Wait => "parallelogram",
            Shape::Choice => "diamond",
            Shape::Write => "box",
            Shape::End => "doublecircle",
        };
        let mark = match node.mark {
            None => "",
            Some(Mark::Removed) => ", color=\"#c62828\", fontcolor=\"#7b8794\", style=dashed",
            Some(Mark::Changed) => ", color=\"#b58900\", penwidth=3",
            Some(Mark::Added) => ", color=\"#2e7d32\", penwidth=3",
            Some(Mark::Danger) => ", color=\"#c62828\", penwidth=4",
        };
        // Without one, Graphviz would show the label once more.
        let tooltip = node.step.as_ref().map(|step| format!(", tooltip={}", quoted(step))).unwrap_or_default();
        let label = quoted(&shortened(&node.label, LONGEST));
        out.push_str(&format!("  n{index} [shape={shape}, label={label}{tooltip}{mark}];\n"));
    }
    for edge in &graph.edges {
        let label = edge.label.as_ref().map(|label| format!("label={}", quoted(&shortened(label, LONGEST))));
        let gone = edge.removed.then(|| "style=dashed, color=\"#c62828\"".to_owned());
        let looks: Vec<String> = label.into_iter().chain(gone).collect();
        let looks = if looks.is_empty() { String::new() } else { format!(" [{}]", looks.join(", ")) };
        out.push_str(&format!("  n{} -> n{}{looks};\n", edge.from, edge.to));
    }
    out.push_str("}\n");
    out
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            letter if letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}
