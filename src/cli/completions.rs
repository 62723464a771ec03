//! `wf completions`: a script that completes this command line in a shell.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::failure::Exit;
use super::terminal::Terminal;
use super::{CommandLine, Ending};

/// Print a script that completes `wf` in a shell, to be sourced by it.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wf completions bash > ~/.local/share/bash-completion/completions/wf\n  wf completions zsh > ~/.zfunc/_wf"
)]
pub(crate) struct Arguments {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Ending {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut CommandLine::command(), "wf", &mut script);
    terminal.write(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Ok)
}
