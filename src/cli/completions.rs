//! `wf completions`: a script that completes this command line in a shell.
//!
//! The script asks this program what can stand where the cursor is, so it knows the names of the project in the current
//! folder, and the same options as the program that is installed.

pub(crate) mod names;

use clap::{Args, CommandFactory, ValueEnum};
use clap_complete::CompleteEnv;
use clap_complete::env::Shells;

use super::failure::{Exit, Failure};
use super::inventory::Kind;
use super::terminal::Terminal;
use super::{CommandLine, Ending};

/// The variable by which a shell's script asks. Settings of the daemon begin without the underscore.
const ASKS: &str = "_WF_COMPLETE";

/// Print a script that completes `wf` in a shell, the names of the project's workflows, webhooks, messages and segments too.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wf completions bash > ~/.local/share/bash-completion/completions/wf\n  wf completions zsh > ~/.zfunc/_wf\n  wf completions fish > ~/.config/fish/completions/wf.fish"
)]
pub(crate) struct Arguments {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// A shell that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Ending {
    let shell = arguments.shell.to_possible_value();
    let name = shell.as_ref().map(|shell| shell.get_name()).unwrap_or_default();
    let shells = Shells::builtins();
    let Some(shell) = shells.completer(name) else {
        return Err(Failure::usage(format!("nothing is known of the shell `{name}`")));
    };
    let mut script = Vec::new();
    shell
        .write_registration(ASKS, "wf", "wf", "wf", &mut script)
        .map_err(|error| Failure::file("cannot write the script", &error))?;
    terminal.write(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Ok)
}

/// The command line, with the names that stand behind commands which several kinds of declarations share.
fn command() -> clap::Command {
    let kinds = [
        ("webhooks", Kind::Webhooks),
        ("connectors", Kind::Connectors),
        ("messages", Kind::Messages),
        ("workflows", Kind::Workflows),
    ];
    kinds.into_iter().fold(CommandLine::command(), |command, (word, kind)| {
        let named = |show: clap::Command| show.mut_arg("name", |name| name.add(names::of(kind)));
        command.mut_subcommand(word, |list| list.mut_subcommand("show", named))
    })
}

/// Answers a shell that asks what can stand where its cursor is; whether it was one.
pub(crate) fn answer() -> Result<bool, clap::Error> {
    let folder = std::env::current_dir().ok();
    let asks = CompleteEnv::with_factory(command).var(ASKS).bin("wf").completer("wf");
    asks.try_complete(std::env::args_os(), folder.as_deref())
}
