//! Where text goes: results to standard output, words about the work to standard error.

use std::io::{ErrorKind, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use console::Term;

use super::clean::clean;
use super::failure::Failure;

/// Red and bold: what is wrong.
pub(crate) const WRONG: Style = AnsiColor::Red.on_default().bold();
/// Yellow and bold: what is probably wrong.
pub(crate) const DOUBTFUL: Style = AnsiColor::Yellow.on_default().bold();
/// Green: what went well.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// Cyan: the way out.
pub(crate) const HINT: Style = AnsiColor::Cyan.on_default();
/// Bold: a heading.
pub(crate) const STRONG: Style = Style::new().bold();
/// Faint: what is there for completeness.
pub(crate) const FAINT: Style = Style::new().dimmed();

/// The two streams, and whether each takes colour.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terminal {
    colour_out: bool,
    colour_err: bool,
    /// Columns of the terminal that results go to.
    width: Option<usize>,
}

impl Terminal {
    /// The streams of this process.
    pub(crate) fn detect() -> Terminal {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let wish = Wish {
            no_color: set("NO_COLOR").is_some(),
            forced: set("CLICOLOR_FORCE").is_some_and(|value| value != "0"),
            clicolor: set("CLICOLOR").is_none_or(|value| value != "0"),
            dumb: set("TERM").is_some_and(|value| value == "dumb"),
        };
        Terminal {
            colour_out: wish.colours(std::io::stdout().is_terminal()),
            colour_err: wish.colours(std::io::stderr().is_terminal()),
            width: Term::stdout()
                .size_checked()
                .map(|(_, columns)| usize::from(columns))
                .filter(|columns| *columns > 0),
        }
    }

    /// Streams that take no colour.
    pub(crate) const fn plain() -> Terminal {
        Terminal { colour_out: false, colour_err: false, width: None }
    }

    /// The same, with lines of so many columns.
    #[cfg(test)]
    pub(crate) const fn of_width(self, width: Option<usize>) -> Terminal {
        Terminal { width, ..self }
    }

    /// How many columns a line of a result may have; `None` where results go to no terminal.
    pub(crate) fn width(&self) -> Option<usize> {
        self.width
    }

    /// Whether standard output takes colour.
    pub(crate) fn colour(&self) -> bool {
        self.colour_out
    }

    /// Whether standard error takes colour.
    pub(crate) fn colour_notes(&self) -> bool {
        self.colour_err
    }

    /// `text` in `style` for standard output.
    pub(crate) fn paint(&self, style: Style, text: impl std::fmt::Display) -> String {
        paint(self.colour_out, style, text)
    }

    /// `text` in `style` for standard error.
    pub(crate) fn paint_note(&self, style: Style, text: impl std::fmt::Display) -> String {
        paint(self.colour_err, style, text)
    }

    /// Writes a result as it is. A reader that has gone away, such as `head`, is no failure: how the command ends is still
    /// its own matter.
    pub(crate) fn write(&self, text: &str) -> Result<(), Failure> {
        let mut stream = std::io::stdout().lock();
        match stream.write_all(text.as_bytes()).and_then(|()| stream.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(Failure::file("cannot write to standard output", &error))
            }
            _ => Ok(()),
        }
    }

    /// Writes a result and ends the line, if the text does not.
    pub(crate) fn print(&self, text: &str) -> Result<(), Failure> {
        if text.is_empty() || text.ends_with('\n') { self.write(text) } else { self.write(&format!("{text}\n")) }
    }

    /// Says something about the work.
    pub(crate) fn note(&self, text: &str) {
        // Nobody is left to tell when standard error is closed.
        let _ = writeln!(std::io::stderr().lock(), "{}", text.trim_end_matches('\n'));
    }

    /// Warns of something that does not stop the work.
    pub(crate) fn warn(&self, text: &str) {
        self.note(&format!("{}: {}", self.paint_note(DOUBTFUL, "warning"), clean(text)));
    }

    /// Tells why a command failed.
    pub(crate) fn failure(&self, failure: &Failure) {
        let mut text = format!("{}: {}", self.paint_note(WRONG, "error"), clean(failure.message()));
        if let Some(hint) = failure.way_out() {
            text.push_str(&format!("\n{}: {}", self.paint_note(HINT, "hint"), clean(hint)));
        }
        self.note(&text);
    }
}

/// What the environment says about colour.
#[derive(Clone, Copy)]
struct Wish {
    /// `NO_COLOR` has a value (no-color.org).
    no_color: bool,
    /// `CLICOLOR_FORCE` has a value other than `0` (bixense.com/clicolors).
    forced: bool,
    /// `CLICOLOR` is not `0`.
    clicolor: bool,
    /// The terminal is `dumb`.
    dumb: bool,
}

impl Wish {
    /// Whether a stream gets colour.
    fn colours(self, is_terminal: bool) -> bool {
        !self.no_color && (self.forced || (is_terminal && self.clicolor && !self.dumb))
    }
}

fn paint(colour: bool, style: Style, text: impl std::fmt::Display) -> String {
    if colour { format!("{style}{text}{style:#}") } else { text.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_can_be_refused() {
        let plain = Wish { no_color: false, forced: false, clicolor: true, dumb: false };
        let cases = [
            (plain, true, true),
            (plain, false, false),
            (Wish { no_color: true, ..plain }, true, false),
            (Wish { no_color: true, forced: true, ..plain }, true, false),
            (Wish { forced: true, ..plain }, false, true),
            (Wish { clicolor: false, ..plain }, true, false),
            (Wish { clicolor: false, forced: true, ..plain }, false, true),
            (Wish { dumb: true, ..plain }, true, false),
        ];
        for (wish, is_terminal, wanted) in cases {
            assert_eq!(wish.colours(is_terminal), wanted);
        }
        assert_eq!(paint(false, WRONG, "x"), "x");
        assert_eq!(paint(true, FAINT, "x"), "\u{1b}[2mx\u{1b}[0m");
    }
}
