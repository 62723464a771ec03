//! The commands: one a file, and what they share.
//!
//! A command's results go to standard output and everything else to standard error; how it ended is the exit code
//! ([`failure::Exit`]), the same for all commands.

mod audit;
mod build;
mod check;
mod completions;
mod contacts;
mod diff;
mod doctor;
mod events;
mod explain;
mod fmt;
mod graph;
mod init;
mod inventory;
mod render;
mod rules;
mod runs;
mod send_test;
mod serve;
mod test;

mod clean;
mod daemon;
mod decisions;
mod excerpt;
mod failure;
mod hang;
mod input;
mod listing;
mod panic;
mod project;
mod replace;
mod table;
mod terminal;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::{Exit, Failure};
use terminal::Terminal;

/// Workflows as code for customer messaging: compile `.wf` files and run them.
#[derive(Debug, Parser)]
#[command(name = "wf", version, max_term_width = 100, after_help = EXIT_CODES)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 ok · 1 findings · 2 usage or configuration · 3 could not do it (files, network) · \
                          4 internal error · 74 the daemon met a storage error";

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Arguments),
    Check(check::Arguments),
    Fmt(fmt::Arguments),
    Build(build::Arguments),
    Diff(diff::Arguments),
    Audit(audit::Arguments),
    Graph(graph::Arguments),
    SendTest(Box<send_test::Arguments>),
    Test(test::Arguments),
    GitExternalDiff(diff::external::Arguments),
    Serve(serve::Arguments),
    #[command(subcommand)]
    Events(events::Command),
    #[command(subcommand)]
    Contacts(contacts::Command),
    #[command(subcommand)]
    Runs(runs::Command),
    /// Look at the requests that the daemon's program makes: who makes them, where they go, how it went lately.
    #[command(subcommand)]
    Webhooks(inventory::Command),
    /// Look at the credentials that the daemon's program uses, and whether their secrets are set. Shows no secret.
    #[command(subcommand)]
    Connectors(inventory::Command),
    /// Look at the messages that the daemon's program declares, and how their delivery went lately.
    #[command(subcommand)]
    Messages(inventory::Command),
    /// Look at the workflows of the daemon's program.
    #[command(subcommand)]
    Workflows(inventory::Command),
    Render(render::Arguments),
    Explain(explain::Arguments),
    Rules(rules::Arguments),
    Completions(completions::Arguments),
    Doctor(doctor::Arguments),
}

/// How a command ended: a code without further words, or a failure that is still to be told.
type Ending = Result<Exit, Failure>;

/// Reads the arguments of the process, does what they say, and tells how it went.
pub(crate) fn main() -> ExitCode {
    panic::install();
    match completions::answer() {
        Ok(true) => return Exit::Ok.into(),
        Ok(false) => {}
        Err(message) => {
            let _ = message.print();
            return Exit::Usage.into();
        }
    }
    let command = match CommandLine::try_parse() {
        Ok(line) => line.command,
        Err(message) => {
            // Help and version are such messages too; their code is 0, that of wrong usage 2. Nobody is left to tell
            // when printing fails.
            let _ = message.print();
            return if message.use_stderr() { Exit::Usage.into() } else { Exit::Ok.into() };
        }
    };
    let terminal = Terminal::detect();
    let ending = match command {
        Command::Init(arguments) => init::run(&arguments, &terminal),
        Command::Check(arguments) => check::run(&arguments, &terminal),
        Command::Fmt(arguments) => fmt::run(&arguments, &terminal),
        Command::Build(arguments) => build::run(&arguments, &terminal),
        Command::Diff(arguments) => diff::run(&arguments, &terminal),
        Command::Audit(arguments) => audit::run(&arguments, &terminal),
        Command::Graph(arguments) => graph::run(&arguments, &terminal),
        Command::SendTest(arguments) => send_test::run(&arguments, &terminal),
        Command::Test(arguments) => test::run(&arguments, &terminal),
        Command::GitExternalDiff(arguments) => diff::external::run(&arguments, &terminal),
        Command::Serve(arguments) => serve::run(arguments, &terminal),
        Command::Events(command) => events::run(command, &terminal),
        Command::Contacts(command) => contacts::run(command, &terminal),
        Command::Runs(command) => runs::run(command, &terminal),
        Command::Webhooks(command) => inventory::run(inventory::Kind::Webhooks, &command, &terminal),
        Command::Connectors(command) => inventory::run(inventory::Kind::Connectors, &command, &terminal),
        Command::Messages(command) => inventory::run(inventory::Kind::Messages, &command, &terminal),
        Command::Workflows(command) => inventory::run(inventory::Kind::Workflows, &command, &terminal),
        Command::Render(arguments) => render::run(&arguments, &terminal),
        Command::Explain(arguments) => explain::run(&arguments, &terminal),
        Command::Rules(arguments) => rules::run(&arguments, &terminal),
        Command::Completions(arguments) => completions::run(&arguments, &terminal),
        Command::Doctor(arguments) => doctor::run(&arguments, &terminal),
    };
    match ending {
        Ok(exit) => exit.into(),
        Err(failure) => {
            terminal.failure(&failure);
            failure.exit().into()
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    /// clap checks its own definitions (two options with one name, for example) only when it is asked to.
    #[test]
    fn definitions_agree_with_each_other() {
        super::CommandLine::command().debug_assert();
    }

    #[test]
    fn every_command_has_an_example() {
        fn check(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            let mut inner = command.get_subcommands().filter(|inner| inner.get_name() != "help").peekable();
            // Git calls it, nobody else.
            if inner.peek().is_none() && !command.is_hide_set() && command.get_name() != "git-external-diff" {
                let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert!(after.contains("Examples:\n  wf "), "{path}: {after}");
            }
            inner.for_each(|inner| check(inner, &path));
        }
        super::CommandLine::command().get_subcommands().for_each(|command| check(command, "wf"));
    }
}
