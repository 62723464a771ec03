//! SVG: layers from top to bottom, readable on light and dark pages alike.

use std::fmt::Write;

use dagre::graph::{Graph as Layout, GraphOptions};
use dagre::layout::types::LabelPos;
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, Point, layout};
use unicode_width::UnicodeWidthStr;

use super::{Edge, Graph, Mark, Node, Shape, shortened};

/// The longest text of a node, in characters.
const LONGEST: usize = 44;
/// How wide a character is, in pixels: that of the widest usual font of 13 pixels.
const CHARACTER: f64 = 7.6;
/// The words on a way are smaller than those of nodes.
const SMALLER: f64 = 0.8;
/// The height of a node.
const HEIGHT: f64 = 38.0;
/// Around the picture.
const MARGIN: f64 = 16.0;

/// Colours stand at each class, without variables: not every viewer knows those. The paper is drawn as a rectangle, so that a
/// page that is neither light nor dark shows through nowhere.
const STYLE: &str = "\
text{fill:#1f2933;font:13px ui-sans-serif,system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;text-anchor:middle;\
dominant-baseline:central}.paper{fill:#ffffff}.edge{fill:none;stroke:#7b8794;stroke-width:1.4}.tip{fill:#7b8794}\
.way{font-size:11px;fill:#52606d}\
.node{stroke:#7b8794;stroke-width:1.2}.start{fill:#e3f2fd}.call{fill:#ede7f6}.send{fill:#e8f5e9}.wait{fill:#fff8e1}\
.choice{fill:#f5f5f5}.write{fill:#fbe9e7}.end{fill:#eceff1}\
.changed{stroke:#b58900;stroke-width:3}.added{stroke:#2e7d32;stroke-width:3}.danger{stroke:#d32f2f;stroke-width:4}\
.removed{fill:none;stroke:#d32f2f;stroke-width:1.4;stroke-dasharray:6 4}.lost{stroke:#d32f2f;stroke-dasharray:6 4}\
.gone{fill:#7b8794;text-decoration:line-through}\
@media(prefers-color-scheme:dark){text{fill:#e4e7eb}.paper{fill:#16191d}.edge{stroke:#9aa5b1}.tip{fill:#9aa5b1}\
.way{fill:#9aa5b1}.node{stroke:#9aa5b1}.start{fill:#12324a}.call{fill:#33264d}.send{fill:#173420}\
.wait{fill:#40351a}.choice{fill:#2a2e33}.write{fill:#43251f}.end{fill:#22272c}\
.changed{stroke:#d9a514}.added{stroke:#57b35c}.danger{stroke:#ff6b6b}.removed{fill:none;stroke:#ff6b6b}\
.lost{stroke:#ff6b6b}.gone{fill:#9aa5b1}}";

/// The picture as an SVG document.
pub fn svg(graph: &Graph) -> String {
    let placed = place(graph);
    let (width, height) = placed.size(graph);
    let mut out = String::new();
    // Writing to a `String` cannot fail.
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" role=\"img\"><title>{}</title><style>{STYLE}</style>\n<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" \
         refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path class=\"tip\" d=\"M0 0L8 4L0 8z\"/></marker></defs>\n\
         <rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n",
        escaped(&format!("workflow {}", graph.name))
    );
    // Words stand above all lines: a line that crosses them would make them hard to read.
    let mut words_above = String::new();
    for (index, edge) in graph.edges.iter().enumerate() {
        let Some(label) = placed.layout.edge(&node_id(edge.from), &node_id(edge.to), Some(&index.to_string())) else {
            continue;
        };
        let points = path(&placed.points(edge, &label.points));
        let class = if edge.removed { "edge lost" } else { "edge" };
        let _ = writeln!(out, "<path class=\"{class}\" marker-end=\"url(#tip)\" d=\"{points}\"/>");
        if let (Some(words), Some(x), Some(y)) = (&edge.label, label.x, label.y) {
            let (wide, x, y) = (text_width(words) * SMALLER, x + MARGIN, y + MARGIN);
            let words = escaped(&shortened(words, LONGEST));
            let left = x - wide / 2.0;
            let _ = writeln!(
                words_above,
                "<rect class=\"paper\" x=\"{left:.1}\" y=\"{:.1}\" width=\"{wide:.1}\" height=\"14\"/>",
                y - 7.0
            );
            let _ = writeln!(words_above, "<text class=\"way\" x=\"{x:.1}\" y=\"{y:.1}\">{words}</text>");
        }
    }
    out.push_str(&words_above);
    for (index, node) in graph.nodes.iter().enumerate() {
        let Some(label) = placed.layout.node(&node_id(index)) else { continue };
        let (Some(x), Some(y)) = (label.x, label.y) else { continue };
        draw(&mut out, node, (x + MARGIN, y + MARGIN), (label.width, label.height));
    }
    out.push_str("</svg>\n");
    out
}

struct Placed {
    layout: Layout<NodeLabel, EdgeLabel>,
}

fn node_id(index: usize) -> String {
    format!("n{index:05}")
}

fn text_width(text: &str) -> f64 {
    // No text is so long that its width would not be exact.
    let characters = u32::try_from(shortened(text, LONGEST).width()).unwrap_or(u32::MAX);
    f64::from(characters) * CHARACTER
}

fn place(graph: &Graph) -> Placed {
    let mut layers = Layout::with_options(GraphOptions { directed: true, multigraph: true, compound: true });
    for (index, node) in graph.nodes.iter().enumerate() {
        let padding = if node.shape == Shape::Choice { 44.0 } else { 28.0 };
        let size = NodeLabel { width: text_width(&node.label) + padding, height: HEIGHT, ..NodeLabel::default() };
        layers.set_node(node_id(index), Some(size));
    }
    for (index, edge) in graph.edges.iter().enumerate() {
        let mut size = EdgeLabel { labelpos: LabelPos::Center, ..EdgeLabel::default() };
        if let Some(label) = &edge.label {
            size.width = text_width(label);
            size.height = 16.0;
        }
        layers.set_edge(node_id(edge.from), node_id(edge.to), Some(size), Some(&index.to_string()));
    }
    let options = LayoutOptions { nodesep: 32.0, ranksep: 30.0, edgesep: 16.0, ..LayoutOptions::default() };
    layout(&mut layers, Some(options));
    let mut placed = Placed { layout: layers };
    if placed.is_backwards(graph) {
        placed.mirror(graph);
    }
    placed
}

impl Placed {
    /// Whether most choices have their first way on the right: people read the other way.
    fn is_backwards(&self, graph: &Graph) -> bool {
        let x = |index: usize| self.layout.node(&node_id(index)).and_then(|node| node.x);
        let mut balance = 0_i32;
        for index in 0..graph.nodes.len() {
            let mut ways = graph.edges.iter().filter(|edge| edge.from == index && edge.label.is_some());
            let (Some(first), Some(last)) = (ways.next(), ways.next_back()) else { continue };
            if let (Some(first), Some(last)) = (x(first.to), x(last.to)) {
                balance += if first > last { 1 } else { -1 };
            }
        }
        balance > 0
    }

    /// Swaps left and right.
    fn mirror(&mut self, graph: &Graph) {
        let (width, _) = self.size(graph);
        let turn = |x: f64| width - 2.0 * MARGIN - x;
        for index in 0..graph.nodes.len() {
            if let Some(node) = self.layout.node_mut(&node_id(index)) {
                node.x = node.x.map(turn);
            }
        }
        for (index, edge) in graph.edges.iter().enumerate() {
            let name = index.to_string();
            if let Some(label) = self.layout.edge_mut(&node_id(edge.from), &node_id(edge.to), Some(&name)) {
                label.x = label.x.map(turn);
                label.points.iter_mut().for_each(|point| point.x = turn(point.x));
            }
        }
    }

    /// The points of an edge, from the middle below one node to the middle above the other.
    fn points(&self, edge: &Edge, points: &[Point]) -> Vec<Point> {
        let mut points = points.to_vec();
        let centre = |index: usize| {
            let node = self.layout.node(&node_id(index))?;
            Some((node.x?, node.y?, node.height / 2.0))
        };
        if let (Some((x, y, half)), Some(first)) = (centre(edge.from), points.first_mut()) {
            (first.x, first.y) = (x, y + half);
        }
        if let (Some((x, y, half)), Some(last)) = (centre(edge.to), points.last_mut()) {
            (last.x, last.y) = (x, y - half);
        }
        points
    }

    fn size(&self, graph: &Graph) -> (f64, f64) {
        let (mut width, mut height) = (0.0_f64, 0.0_f64);
        for index in 0..graph.nodes.len() {
            let Some(node) = self.layout.node(&node_id(index)) else { continue };
            width = width.max(node.x.unwrap_or(0.0) + node.width / 2.0);
            height = height.max(node.y.unwrap_or(0.0) + node.height / 2.0);
        }
        for edge in graph.edges.iter().enumerate().filter_map(|(index, edge)| {
            self.layout.edge(&node_id(edge.from), &node_id(edge.to), Some(&index.to_string()))
        }) {
            width = width.max(edge.x.unwrap_or(0.0) + edge.width / 2.0);
            for point in &edge.points {
                width = width.max(point.x);
            }
        }
        (width + 2.0 * MARGIN, height + 2.0 * MARGIN)
    }
}

/// A smooth line through points.
fn path(points: &[Point]) -> String {
    let mut out = String::new();
    let mut last: Option<(f64, f64)> = None;
    for point in points {
        let (x, y) = (point.x + MARGIN, point.y + MARGIN);
        match last {
            None => {
                let _ = write!(out, "M{x:.1} {y:.1}");
            }
            Some((from_x, from_y)) => {
                let middle = f64::midpoint(from_y, y);
                let _ = write!(out, "C{from_x:.1} {middle:.1} {x:.1} {middle:.1} {x:.1} {y:.1}");
            }
        }
        last = Some((x, y));
    }
    out
}

fn draw(out: &mut String, node: &Node, (x, y): (f64, f64), (width, height): (f64, f64)) {
    let kind = match node.shape {
        Shape::Start => "start",
        Shape::Call => "call",
        Shape::Send => "send",
        Shape::Wait => "wait",
        Shape::Choice => "choice",
        Shape::Write => "write",
        Shape::End => "end",
    };
    let mark = match node.mark {
        None => "",
        Some(Mark::Removed) => " removed",
        Some(Mark::Changed) => " changed",
        Some(Mark::Added) => " added",
        Some(Mark::Danger) => " danger",
    };
    // Shown beside the pointer: the whole label, and what tests and the history call the step.
    let step = node.step.as_ref().map(|step| format!("&#10;{}", escaped(step))).unwrap_or_default();
    let _ = write!(out, "<g><title>{}{step}</title>", escaped(&node.label));
    let (left, top, right, bottom) = (x - width / 2.0, y - height / 2.0, x + width / 2.0, y + height / 2.0);
    let _ = match node.shape {
        Shape::Choice => write!(
            out,
            "<path class=\"node {kind}{mark}\" d=\"M{:.1} {top:.1}H{:.1}L{right:.1} {y:.1}L{:.1} {bottom:.1}H{:.1}L{left:.1} {y:.1}z\"/>",
            left + 14.0,
            right - 14.0,
            right - 14.0,
            left + 14.0
        ),
        _ => {
            let corner = if matches!(node.shape, Shape::Start | Shape::End) { height / 2.0 } else { 6.0 };
            write!(
                out,
                "<rect class=\"node {kind}{mark}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{corner:.1}\"/>"
            )
        }
    };
    let shown = escaped(&shortened(&node.label, LONGEST));
    let ghost = if node.mark == Some(Mark::Removed) { " class=\"gone\"" } else { "" };
    let _ = writeln!(out, "<text{ghost} x=\"{x:.1}\" y=\"{y:.1}\">{shown}</text></g>");
}

/// Text in XML; what XML has no place for is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            letter if letter.is_control() => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            letter => out.push(letter),
        }
    }
    out
}
