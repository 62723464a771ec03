//! The daemon's log: lines that a program can read, and that nobody can forge.
//!
//! One event is one line, as a JSON object or as text. What comes from outside never ends a line, colours a terminal or turns
//! its text around: control and bidi characters are escaped, and a long value is cut. Lines carry ids, never what a contact
//! or an event holds, so that erasing a person need not rewrite them.

mod line;

use std::fmt;
use std::io::{IsTerminal, Write};

use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use self::line::Line;

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

impl Format {
    /// Text on a terminal, JSON anywhere else.
    pub fn of_stderr() -> Format {
        if std::io::stderr().is_terminal() { Format::Text } else { Format::Json }
    }
}

/// From now on the log goes to standard error. `RUST_LOG` says how much of it (`info` unless set).
pub fn start(format: Format, colour: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .event_format(Lines { format, colour: colour && format == Format::Text })
        .with_writer(|| Unheard(std::io::stderr()));
    // Somebody else's subscriber would be kept; there is none.
    let _ = subscriber.try_init();
    std::panic::set_hook(Box::new(|panic| {
        // Its message is left out: it may hold what a customer wrote.
        let place = panic.location().map(|place| format!("{}:{}", place.file(), place.line())).unwrap_or_default();
        tracing::error!(place, version = env!("CARGO_PKG_VERSION"), "internal error; this is a mistake in wf");
    }));
}

/// Logs an error, each line of it as one of the log; `false` when the log takes no errors.
pub fn error(text: &str) -> bool {
    if !tracing::enabled!(tracing::Level::ERROR) {
        return false;
    }
    lines(text).for_each(|line| tracing::error!("{line}"));
    true
}

/// Logs a warning, each line of it as one of the log.
pub fn warn(text: &str) {
    lines(text).for_each(|line| tracing::warn!("{line}"));
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim().is_empty())
}

/// Where a line cannot be written, there is nowhere to say so: who read it is gone, the terminal is closed, or the disk is
/// full. The work goes on.
struct Unheard<W>(W);

impl<W: Write> Write for Unheard<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        Ok(self.0.write(bytes).unwrap_or(bytes.len()))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let _ = self.0.flush();
        Ok(())
    }
}

/// Writes events.
struct Lines {
    format: Format,
    colour: bool,
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut line = Line::new(jiff::Timestamp::now(), *event.metadata().level());
        event.record(&mut line);
        let text = match self.format {
            Format::Json => line.json(),
            Format::Text => line.text(self.colour),
        };
        writeln!(writer, "{text}")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What is written for one event.
    fn written(format: Format, log: impl FnOnce()) -> String {
        let sink = Sink::default();
        let writer = sink.clone();
        let subscriber = tracing_subscriber::fmt()
            .event_format(Lines { format, colour: false })
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, log);
        let bytes = sink.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    const EVIL: &str = "Ann\n{\"level\":\"error\"}\u{1b}[31m\u{202e}\u{9b}\r\0";

    #[test]
    fn nobody_forges_a_line() {
        for format in [Format::Json, Format::Text] {
            let text = written(format, || tracing::warn!(run = "1-2", name = EVIL, error = %EVIL, "{EVIL}"));
            assert_eq!(text.lines().count(), 1, "{text}");
            assert!(text.ends_with('\n'));
            assert!(text.trim_end().bytes().all(|byte| (b' '..0x7f).contains(&byte)), "{text:?}");
        }
    }

    #[test]
    fn a_line_is_an_object_with_its_fields() {
        let text = written(Format::Json, || {
            tracing::info!(run = "1-2", count = 3_u64, share = 0.5, ok = true, debugged = ?Some(1), "a \"b\"");
        });
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(json["time"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
        assert_eq!(
            (&json["level"], &json["message"], &json["run"], &json["count"], &json["ok"], &json["debugged"]),
            (&"info".into(), &"a \"b\"".into(), &"1-2".into(), &3.into(), &true.into(), &"Some(1)".into())
        );
        let text = written(Format::Text, || tracing::error!(run = "1-2", why = "a b", "broken"));
        assert!(text.contains(" ERROR broken run=1-2 why=\"a b\"\n"), "{text}");
    }

    #[test]
    fn a_long_value_is_cut_and_says_so() {
        let long = "é".repeat(10_000);
        let text = written(Format::Json, || tracing::info!(long, "{long}"));
        assert!(text.len() < 30_000, "{}", text.len());
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        for field in ["long", "message"] {
            assert!(json[field].as_str().unwrap().ends_with('…') && json[field].as_str().unwrap().len() <= 4_100);
        }
    }
}
