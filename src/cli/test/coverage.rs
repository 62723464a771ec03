//! Which parts of the program had their turn: as a list of those that had none, as JSON, and as LCOV and Cobertura for other
//! tools.

use std::collections::BTreeMap;
use std::fmt::Write;

use clap::ValueEnum;
use runtime::rehearsal::{Coverage, Point};
use serde_json::{Value, json};

use super::super::clean::one_line;
use super::super::terminal::{DOUBTFUL, Terminal};
use super::Rehearsed;

/// How coverage is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// What had no turn, with the results of the tests.
    Text,
    /// One object.
    Json,
    /// Branches by line, as `genhtml` and editors read them.
    Lcov,
    /// Branches by line as XML, as CI servers read them.
    Cobertura,
}

/// What had its turn, of a whole program.
pub(super) struct Measured {
    points: Vec<(Point, u64)>,
}

impl Measured {
    pub(super) fn of(rehearsed: &Rehearsed<'_>) -> Measured {
        let mut coverage = Coverage::default();
        rehearsed.reports.iter().for_each(|report| coverage.add(&report.coverage));
        coverage.add(rehearsed.templates);
        let points = Point::all(rehearsed.program).into_iter();
        Measured {
            points: points
                .map(|point| {
                    let count = coverage.count(&point);
                    (point, count)
                })
                .collect(),
        }
    }

    fn covered(&self) -> usize {
        self.points.iter().filter(|(_, count)| *count > 0).count()
    }

    /// In a few words.
    pub(super) fn told(&self) -> String {
        format!("branches {}/{}", self.covered(), self.points.len())
    }

    /// Whether it is less than so many percent, by whole numbers: 899 of 1000 is under 90 %.
    pub(super) fn is_under(&self, percent: u8) -> bool {
        self.covered() * 100 < self.points.len() * usize::from(percent)
    }

    /// What had no turn, a line each.
    pub(super) fn missing(&self, rehearsed: &Rehearsed<'_>, terminal: &Terminal) -> String {
        let mut out = String::new();
        for (point, _) in self.points.iter().filter(|(_, count)| *count == 0) {
            let place = rehearsed.point(point).map(|(file, line)| format!("{file}:{line}"));
            let told = point.told(rehearsed.program);
            let (place, told) = (place.unwrap_or_default(), one_line(&told).into_owned());
            // Writing to a string cannot fail.
            let _ = writeln!(out, "  {} {place}  {told}", terminal.paint(DOUBTFUL, "never"));
        }
        out
    }

    /// All of it, as an object.
    pub(super) fn object(&self, rehearsed: &Rehearsed<'_>) -> Value {
        let points: Vec<Value> = self
            .points
            .iter()
            .map(|(point, count)| {
                let (file, line) = rehearsed.point(point).unzip();
                json!({ "kind": kind(point), "what": point.told(rehearsed.program), "file": file, "line": line, "count": count })
            })
            .collect();
        json!({ "format": "wf.test/1", "type": "coverage", "covered": self.covered(), "total": self.points.len(),
                "points": points })
    }

    /// In a form for other programs.
    pub(super) fn written(&self, format: Format, rehearsed: &Rehearsed<'_>) -> String {
        match format {
            Format::Text => {
                let plain = Terminal::plain();
                format!("{}\n{}", self.told(), self.missing(rehearsed, &plain))
            }
            Format::Json => format!("{:#}\n", self.object(rehearsed)),
            Format::Lcov => self.lcov(rehearsed),
            Format::Cobertura => self.cobertura(rehearsed),
        }
    }

    /// How often each part had its turn, by file and line.
    fn by_line(&self, rehearsed: &Rehearsed<'_>) -> BTreeMap<String, BTreeMap<u32, Vec<u64>>> {
        let mut files: BTreeMap<String, BTreeMap<u32, Vec<u64>>> = BTreeMap::new();
        for (point, count) in &self.points {
            let Some((file, line)) = rehearsed.point(point) else { continue };
            files.entry(file).or_default().entry(line).or_default().push(*count);
        }
        files
    }

    /// The format of Cobertura (its `coverage-04.dtd`): a class for each file, the parts of a line as its branches. It says when
    /// it was made, which two runs of the same tests must not differ in, so it says the beginning of time.
    fn cobertura(&self, rehearsed: &Rehearsed<'_>) -> String {
        let files = self.by_line(rehearsed);
        let whole = Share::of(files.values().flat_map(BTreeMap::values));
        let mut out = format!(
            "<?xml version=\"1.0\"?>\n\
             <!DOCTYPE coverage SYSTEM \"http://cobertura.sourceforge.net/xml/coverage-04.dtd\">\n\
             <coverage {} lines-covered=\"{}\" lines-valid=\"{}\" branches-covered=\"{}\" branches-valid=\"{}\" \
             complexity=\"0\" version=\"{}\" timestamp=\"0\">\n  <sources><source>.</source></sources>\n  <packages>\n    \
             <package name=\"wf\" {} complexity=\"0\">\n      <classes>\n",
            whole.rates(),
            whole.lines.0,
            whole.lines.1,
            whole.branches.0,
            whole.branches.1,
            env!("CARGO_PKG_VERSION"),
            whole.rates(),
        );
        for (file, lines) in &files {
            let (name, share) = (escape(file), Share::of(lines.values()));
            let _ = writeln!(
                out,
                "        <class name=\"{name}\" filename=\"{name}\" {} complexity=\"0\">\n          <methods/>\n          <lines>",
                share.rates()
            );
            for (line, counts) in lines {
                let (hit, all) = (counts.iter().filter(|count| **count > 0).count(), counts.len());
                let _ = writeln!(
                    out,
                    "            <line number=\"{line}\" hits=\"{}\" branch=\"true\" condition-coverage=\"{}% ({hit}/{all})\"/>",
                    counts.iter().sum::<u64>(),
                    hit * 100 / all.max(1),
                );
            }
            out.push_str("          </lines>\n        </class>\n");
        }
        out.push_str("      </classes>\n    </package>\n  </packages>\n</coverage>\n");
        out
    }

    /// The format of `lcov` (its man page `geninfo(1)`): a record for each file, its branches by line.
    fn lcov(&self, rehearsed: &Rehearsed<'_>) -> String {
        let mut out = String::new();
        for (file, lines) in self.by_line(rehearsed) {
            let _ = writeln!(out, "TN:\nSF:{file}");
            let (mut found, mut hit) = (0, 0);
            for (line, counts) in &lines {
                for (branch, count) in counts.iter().enumerate() {
                    let taken = if counts.iter().all(|count| *count == 0) { "-".to_owned() } else { count.to_string() };
                    let _ = writeln!(out, "BRDA:{line},0,{branch},{taken}");
                    found += 1;
                    hit += usize::from(*count > 0);
                }
            }
            let _ = writeln!(out, "BRF:{found}\nBRH:{hit}");
            for (line, counts) in &lines {
                let _ = writeln!(out, "DA:{line},{}", counts.iter().sum::<u64>());
            }
            let reached = lines.values().filter(|counts| counts.iter().any(|count| *count > 0)).count();
            let _ = writeln!(out, "LF:{}\nLH:{reached}\nend_of_record", lines.len());
        }
        out
    }
}

/// How many lines and parts had their turn, and how many there are.
#[derive(Default)]
struct Share {
    lines: (usize, usize),
    branches: (usize, usize),
}

impl Share {
    fn of<'c>(lines: impl Iterator<Item = &'c Vec<u64>>) -> Share {
        let mut share = Share::default();
        for counts in lines {
            let hit = counts.iter().filter(|count| **count > 0).count();
            share.lines.0 += usize::from(hit > 0);
            share.lines.1 += 1;
            share.branches.0 += hit;
            share.branches.1 += counts.len();
        }
        share
    }

    /// The two attributes that every element has.
    fn rates(&self) -> String {
        // A file without any part has none that is missing.
        let rate = |(hit, all): (usize, usize)| if all == 0 { 1.0 } else { hit as f64 / all as f64 };
        format!("line-rate=\"{:.4}\" branch-rate=\"{:.4}\"", rate(self.lines), rate(self.branches))
    }
}

/// A text as an attribute's value (XML 1.0, section 2.4).
fn escape(text: &str) -> String {
    one_line(text).replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// What sort of a part it is, for programs.
fn kind(point: &Point) -> &'static str {
    match point {
        Point::Branch { .. } => "branch",
        Point::Exhausted { .. } => "exhausted",
        Point::Waited { .. } => "wait",
        Point::Left { .. } => "exit",
        Point::Sent { .. } => "message",
        Point::Way { .. } => "template",
    }
}
