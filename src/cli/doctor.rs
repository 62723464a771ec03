//! `wf doctor`: what would keep the daemon from doing its work, found before it does.

mod checks;
mod world;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use runtime::config::{Flags, Settings, SettingsError};
use serde_json::json;

use super::Ending;
use super::clean::one_line;
use super::daemon;
use super::failure::Exit;
use super::project;
use super::terminal::{DOUBTFUL, GOOD, HINT, Terminal, WRONG};

/// Look at everything that the daemon needs: the project, its settings, the data folder, secrets, the mail server, and the
/// hosts that webhooks call.
///
/// Nothing is changed and no request is made; names are looked up, and the mail server is connected to. It looks with the
/// environment that it is called in: call it as the daemon is called.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wf doctor\n  wf doctor shop\n\nExit code 1: something is wrong, and the daemon would not start or could not do its work."
)]
pub(crate) struct Arguments {
    /// The project's folder; else the nearest one upwards with a `wf.toml`, else the current one.
    path: Option<PathBuf>,
    /// Folder for events, runs and contacts [setting: data].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// IP address and port of the API [setting: listen].
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// How to print what was found.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line each.
    Text,
    /// As a list of objects.
    Json,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    /// As it should be.
    Good,
    /// It works, and is worth a look.
    Doubtful,
    /// It keeps the daemon from its work.
    Wrong,
}

/// One thing that was looked at.
#[derive(Debug)]
struct Finding {
    level: Level,
    /// What was looked at.
    what: &'static str,
    /// How it is.
    told: String,
    /// The way out.
    hint: Option<String>,
}

impl Finding {
    fn good(what: &'static str, told: impl Into<String>) -> Finding {
        Finding { level: Level::Good, what, told: told.into(), hint: None }
    }

    fn doubtful(what: &'static str, told: impl Into<String>, hint: &str) -> Finding {
        Finding { level: Level::Doubtful, what, told: told.into(), hint: Some(hint.to_owned()) }
    }

    fn wrong(what: &'static str, told: impl Into<String>, hint: &str) -> Finding {
        Finding { level: Level::Wrong, what, told: told.into(), hint: Some(hint.to_owned()) }
    }
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Ending {
    let path = project::locate(arguments.path.as_deref());
    let flags = Flags { listen: arguments.listen.clone(), data: arguments.data.clone() };
    let environment: Vec<_> = std::env::vars_os().collect();
    let (program, mut findings) = checks::program(&path);
    match Settings::load(&path, environment.clone(), &flags) {
        Ok(settings) => {
            findings.push(checks::settings(&settings));
            findings.push(checks::tokens(&settings));
            findings.extend(checks::data(&settings.data));
            findings.push(checks::clock());
            findings.push(checks::zones());
            findings.extend(daemon::wait_for(async {
                let mut found = world::secrets(program.as_ref(), &settings, environment).await;
                found.extend(world::listen(&settings).await);
                found.extend(world::mail(&settings).await);
                found.extend(world::hosts(program.as_ref(), &settings).await);
                found
            })?);
        }
        Err(error) => {
            let hint = match error {
                SettingsError::Unreadable { .. } => "the file has to be readable for whoever runs the daemon",
                SettingsError::Mistakes(_) => "`runtime/config.default.toml` is the manual of all settings",
            };
            findings.push(Finding::wrong("settings", error.to_string(), hint));
        }
    }
    terminal.print(&match arguments.format {
        Format::Text => text(&findings, terminal),
        Format::Json => json(&findings),
    })?;
    let wrong = findings.iter().any(|finding| finding.level == Level::Wrong);
    Ok(if wrong { Exit::Findings } else { Exit::Ok })
}

fn text(findings: &[Finding], terminal: &Terminal) -> String {
    let mut text = String::new();
    for finding in findings {
        let (style, word) = match finding.level {
            Level::Good => (GOOD, "ok   "),
            Level::Doubtful => (DOUBTFUL, "look "),
            Level::Wrong => (WRONG, "wrong"),
        };
        let told = finding.told.lines().map(one_line).collect::<Vec<_>>().join("\n                  ");
        text.push_str(&format!("{} {:<11} {told}\n", terminal.paint(style, word), finding.what));
        if let Some(hint) = finding.hint.as_ref().filter(|_| finding.level != Level::Good) {
            text.push_str(&format!("                  {}: {}\n", terminal.paint(HINT, "hint"), one_line(hint)));
        }
    }
    text
}

fn json(findings: &[Finding]) -> String {
    let level = |level| match level {
        Level::Good => "ok",
        Level::Doubtful => "look",
        Level::Wrong => "wrong",
    };
    let items: serde_json::Value = findings
        .iter()
        .map(|it| json!({ "level": level(it.level), "what": it.what, "told": it.told, "hint": it.hint }))
        .collect();
    format!("{items:#}")
}
