//! `wf render`: a Velocity template over a JSON object, to try one out.

use std::path::{Path, PathBuf};

use clap::Args;
use runtime::value::{self, Value};
use velocity::{Context, RenderOptions, Template};

use super::Ending;
use super::clean::clean;
use super::excerpt::{self, Excerpt};
use super::failure::{Exit, Failure};
use super::input;
use super::terminal::{HINT, Terminal, WRONG};

/// Render a Velocity template.
///
/// The fields of the data's object are the template's names: `{"town": "Kyiv"}` is `$town`. Numbers keep their digits.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wf render welcome.vm --data ann.json\n  echo 'Hello $name' | wf render - --data ann.json"
)]
pub(crate) struct Arguments {
    /// The template; `-` for standard input.
    template: PathBuf,
    /// A JSON object with the data; `-` for standard input.
    #[arg(long, value_name = "FILE.json")]
    data: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Ending {
    if arguments.data.as_deref() == Some(Path::new("-")) && arguments.template == Path::new("-") {
        return Err(Failure::usage("template and data cannot both be standard input"));
    }
    let source = input::text(&arguments.template)?;
    let context = match &arguments.data {
        Some(path) => context(path)?,
        None => Context::new(),
    };
    let name = input::name(&arguments.template);
    let options = RenderOptions { now: Some(jiff::Timestamp::now()), ..RenderOptions::default() };
    let mut text = String::new();
    let rendered =
        Template::parse(&name, &source).and_then(|template| template.render_with(&context, &options, &mut text));
    match rendered {
        Ok(()) => {
            // What was rendered, and nothing more: no line end is added.
            terminal.write(&text)?;
            Ok(Exit::Ok)
        }
        Err(error) => {
            terminal.note(&drawn(&error, &source, terminal));
            Ok(Exit::Findings)
        }
    }
}

/// The mistake with its place in the template, where it has one.
fn drawn(error: &velocity::Error, source: &str, terminal: &Terminal) -> String {
    let heading = terminal.paint_note(WRONG, format!("error[{}]", error.code()));
    let mut text = format!("{heading}: {}\n", clean(error.message()));
    if error.line() > 0 {
        text.push_str(&Excerpt { name: error.template(), text: source, place: error.span().range() }.draw());
    }
    if let Some(hint) = error.hint() {
        text.push_str(&format!("{}: {}", terminal.paint_note(HINT, "hint"), clean(hint)));
    }
    text
}

/// The names that a file of data gives.
fn context(path: &Path) -> Result<Context, Failure> {
    let name = input::name(path);
    let text = input::text(path)?;
    let data = value::read(&text).map_err(|error| {
        let (message, place) = excerpt::json_place(&text, &error.message);
        let excerpt = Excerpt { name: &name, text: &text, place };
        Failure::usage(format!("the data is not JSON: {message}\n{}", excerpt.draw().trim_end()))
    })?;
    match data {
        Value::Record(record) => Ok(record.iter().map(|(name, value)| (name.clone(), template_value(value))).collect()),
        _ => Err(Failure::usage(format!("`{name}` must hold a JSON object: its fields are the template's names"))),
    }
}

/// A value of JSON as templates see it; numbers are Java's, with every digit.
fn template_value(value: &Value) -> velocity::Value {
    let number = |text: &str| velocity::Value::integer(text).or_else(|| velocity::Value::decimal(text));
    match value {
        Value::Null => velocity::Value::Null,
        Value::Bool(value) => velocity::Value::from(*value),
        Value::Int(value) => velocity::Value::from(*value),
        Value::Decimal(value) => velocity::Value::decimal(&value.to_string()).unwrap_or_default(),
        Value::Number(text) => number(text).unwrap_or_else(|| velocity::Value::from(text.clone())),
        Value::String(text) => velocity::Value::from(text.clone()),
        Value::List(items) => velocity::Value::list(items.iter().map(template_value)),
        Value::Record(record) => {
            velocity::Value::map(record.iter().map(|(name, value)| (name.clone(), template_value(value))))
        }
        // JSON has no other kinds.
        other => velocity::Value::from(value::display(other)),
    }
}
