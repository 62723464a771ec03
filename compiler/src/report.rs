//! Findings, drawn for people or told to programs. The one place that knows ariadne.
//!
//! Whoever calls decides about colour. What is shown comes from files that anyone may have written, so control characters
//! and those that change the direction of text never reach the terminal.

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};
use std::ops::Range;

use ariadne::{Cache, Color, Config, IndexType, Label, Report, ReportKind, Source};
use serde_json::{Value, json};

use crate::catalogue::Level;
use crate::diagnostic::{Diagnostic, Edit};
use crate::source::{FileId, Position, Sources, Span};

/// The longest line that is drawn, in bytes: beyond, the drawing would hide what it shows.
const LONGEST_LINE: usize = 400;

/// The findings drawn into their sources, one after the other with a blank line between.
pub fn human(diagnostics: &[Diagnostic], sources: &Sources, colour: bool) -> String {
    let mut drawer = Drawer { sources, drawn: BTreeMap::new(), colour };
    let drawings: Vec<String> = diagnostics.iter().map(|diagnostic| drawer.draw(diagnostic)).collect();
    drawings.join("\n")
}

/// One line each: `file:line:column: error[code]: message`.
pub fn concise(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut lines = String::new();
    for diagnostic in diagnostics {
        let (level, slug) = (diagnostic.level().word(), diagnostic.code.slug());
        let message = shown(&diagnostic.message);
        // Writing to a `String` does not fail.
        let _ = writeln!(lines, "{}: {level}[{slug}]: {message}", place(sources, diagnostic.span));
    }
    lines
}

/// One object each, with all that the finding has. Lines and columns count from 1, columns in characters, offsets in
/// bytes from 0.
pub fn json(diagnostics: &[Diagnostic], sources: &Sources) -> Vec<Value> {
    let edit = |edit: &Edit| json!({ "place": stretch(sources, edit.span), "text": edit.text });
    diagnostics
        .iter()
        .map(|diagnostic| {
            let also = diagnostic.also.iter();
            let also: Vec<Value> =
                also.map(|label| json!({ "place": stretch(sources, label.span), "text": label.text })).collect();
            let fixes = diagnostic.fixes.iter();
            let fixes: Vec<Value> = fixes
                .map(|fix| json!({ "title": fix.title, "edits": fix.edits.iter().map(edit).collect::<Vec<_>>() }))
                .collect();
            json!({
                "code": diagnostic.code.slug(),
                "level": diagnostic.level().word(),
                "message": diagnostic.message,
                "place": stretch(sources, diagnostic.span),
                "label": diagnostic.label,
                "also": also,
                "hint": diagnostic.hint,
                "fixes": fixes,
            })
        })
        .collect()
}

/// `file:line:column`.
fn place(sources: &Sources, span: Span) -> String {
    let path = shown(sources.path(span.file));
    match sources.get(span.file) {
        Some(file) => {
            let Position { line, column } = file.position(span.start);
            format!("{path}:{line}:{column}")
        }
        None => path,
    }
}

fn stretch(sources: &Sources, span: Span) -> Value {
    let position = |offset: u32| {
        let position = sources.get(span.file).map(|file| file.position(offset));
        let Position { line, column } = position.unwrap_or(Position { line: 1, column: 1 });
        json!({ "line": line, "column": column, "offset": offset })
    };
    json!({ "file": sources.path(span.file), "start": position(span.start), "end": position(span.end) })
}

struct Drawer<'sources> {
    sources: &'sources Sources,
    /// The files drawn from so far.
    drawn: BTreeMap<FileId, Drawn>,
    colour: bool,
}

/// A file as it is drawn.
struct Drawn {
    /// Its text, fit to be shown.
    source: Source<String>,
    /// Where each line begins: bytes and characters before it.
    lines: Vec<(usize, usize)>,
}

/// A place as ariadne takes it, counted in characters.
///
/// Its other way of counting, bytes, takes one for the other where a finding spans two files.
type Place = (FileId, Range<usize>);

impl Drawer<'_> {
    fn draw(&mut self, diagnostic: &Diagnostic) -> String {
        let spans = std::iter::once(diagnostic.span).chain(diagnostic.also.iter().map(|label| label.span));
        if spans.into_iter().all(|span| self.can_be_drawn(span)) {
            let mut drawing = Vec::new();
            let report = self.report(diagnostic);
            if report.write(&mut *self, &mut drawing).is_ok() {
                let drawing = String::from_utf8_lossy(&drawing);
                // The first line is ariadne's own form of the head, coloured whether wanted or not.
                let rest = drawing.split_once('\n').map_or("", |(_, rest)| rest);
                let rest: Vec<&str> = rest.lines().map(str::trim_end).filter(|line| !is_bare_arrow(line)).collect();
                return format!("{}\n{}\n", self.head(diagnostic), rest.join("\n"));
            }
        }
        self.told(diagnostic)
    }

    /// `error[code]: message`.
    fn head(&self, diagnostic: &Diagnostic) -> String {
        let (word, slug) = (diagnostic.level().word(), diagnostic.code.slug());
        let message = shown(&diagnostic.message);
        let colour = match diagnostic.level() {
            Level::Error => 31,
            Level::Warning => 33,
        };
        if self.colour {
            format!("\u{1b}[1;{colour}m{word}[{slug}]\u{1b}[0m: {message}")
        } else {
            format!("{word}[{slug}]: {message}")
        }
    }

    /// Whether a place lies in a file that is known, on lines that are not too long.
    fn can_be_drawn(&self, span: Span) -> bool {
        let Some(file) = self.sources.get(span.file) else { return false };
        if file.text().get(span.range()).is_none() {
            return false;
        }
        let (first, last) = (file.position(span.start).line, file.position(span.end).line);
        // Of a place of many lines, its first and its last one are drawn.
        [first, last].into_iter().all(|line| file.line(line).is_some_and(|line| line.len() <= LONGEST_LINE))
    }

    fn drawn(&mut self, file: FileId) -> &Drawn {
        let text = self.sources.text(file);
        self.drawn.entry(file).or_insert_with(|| {
            let mut lines = vec![(0, 0)];
            let (mut bytes, mut characters) = (0, 0);
            for line in text.split_inclusive('\n') {
                bytes += line.len();
                characters += line.chars().count();
                lines.push((bytes, characters));
            }
            Drawn { source: Source::from(drawable(text)), lines }
        })
    }

    fn place(&mut self, span: Span) -> Place {
        let text = self.sources.text(span.file);
        let drawn = self.drawn(span.file);
        let characters = |offset: u32| {
            let offset = offset as usize;
            let line = drawn.lines.partition_point(|(bytes, _)| *bytes <= offset).saturating_sub(1);
            let (bytes, characters) = drawn.lines.get(line).copied().unwrap_or((0, 0));
            characters + text.get(bytes..offset).map_or(0, |before| before.chars().count())
        };
        (span.file, characters(span.start)..characters(span.end))
    }

    fn report(&mut self, diagnostic: &Diagnostic) -> Report<'static, Place> {
        let (kind, colour) = match diagnostic.level() {
            Level::Error => (ReportKind::Error, Color::Red),
            Level::Warning => (ReportKind::Warning, Color::Yellow),
        };
        let config = Config::new().with_index_type(IndexType::Char).with_color(self.colour).with_tab_width(4);
        let place = self.place(diagnostic.span);
        // A label without a message would not even be underlined.
        let text = diagnostic.label.as_deref().map(shown).unwrap_or_default();
        let mut report = Report::build(kind, place.clone())
            .with_config(config)
            .with_label(Label::new(place).with_color(colour).with_message(text));
        for also in &diagnostic.also {
            let label = Label::new(self.place(also.span)).with_color(Color::Blue);
            report = report.with_label(label.with_message(shown(&also.text)));
        }
        if let Some(hint) = help(diagnostic) {
            report = report.with_help(hint);
        }
        report.finish()
    }

    /// Without a drawing: where the source cannot be shown.
    fn told(&self, diagnostic: &Diagnostic) -> String {
        let mut text = format!("{}\n  at {}\n", self.head(diagnostic), place(self.sources, diagnostic.span));
        if let Some(label) = &diagnostic.label {
            let _ = writeln!(text, "  {}", shown(label));
        }
        for also in &diagnostic.also {
            let _ = writeln!(text, "  {}: {}", place(self.sources, also.span), shown(&also.text));
        }
        if let Some(hint) = help(diagnostic) {
            let _ = writeln!(text, "  Help: {hint}");
        }
        text
    }
}

/// Whether a line of a drawing is the arrow to a label without a message.
fn is_bare_arrow(line: &str) -> bool {
    let mut escape = false;
    let mut letters = line.chars().filter(|&letter| {
        // What stands between ESC and `m` is colour.
        let hidden = escape || letter == '\u{1b}';
        escape = hidden && letter != 'm';
        !hidden
    });
    line.contains('╰') && letters.all(|letter| matches!(letter, ' ' | '│' | '╰' | '─'))
}

/// The way out: the hint, or else what the fix does.
fn help(diagnostic: &Diagnostic) -> Option<String> {
    let fix = || diagnostic.fixes.first().map(|fix| &fix.title);
    diagnostic.hint.as_ref().or_else(fix).map(|text| shown(text))
}

impl Cache<FileId> for Drawer<'_> {
    type Storage = String;

    fn fetch(&mut self, id: &FileId) -> Result<&Source<String>, impl std::fmt::Debug> {
        Ok::<_, std::convert::Infallible>(&self.drawn(*id).source)
    }

    fn display<'a>(&self, id: &'a FileId) -> Option<impl Display + 'a> {
        Some(shown(self.sources.path(*id)))
    }
}

/// The text with each character that must not be shown replaced by another one: places stay what they are.
///
/// ariadne takes more characters for line ends than we do, so these go as well.
fn drawable(text: &str) -> String {
    let mut letters = text.chars().peekable();
    let mut drawable = String::with_capacity(text.len());
    while let Some(letter) = letters.next() {
        let line_end = letter == '\n' || (letter == '\r' && letters.peek() == Some(&'\n'));
        let shown = line_end || letter == '\t' || !must_not_be_shown(letter);
        drawable.push(if shown { letter } else { '\u{fffd}' });
    }
    drawable
}

/// Text for one line of a terminal.
fn shown(text: &str) -> String {
    text.chars().map(|letter| if must_not_be_shown(letter) { '\u{fffd}' } else { letter }).collect()
}

/// Control characters, line ends of any kind, and characters that change the direction of text.
fn must_not_be_shown(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
