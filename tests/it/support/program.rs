//! The built program, without the settings of whoever runs the tests.

use std::process::Command;

/// What the program, or a `git` that it calls, reads from the environment of a person or of a CI system.
fn is_setting(name: &str) -> bool {
    let alone = ["CI", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "BASE", "LOCAL", "REMOTE", "MERGED"];
    alone.contains(&name) || ["WF_", "GIT_", "GITHUB_", "GITLAB_"].iter().any(|prefix| name.starts_with(prefix))
}

/// `wf`, as it is for somebody who has set nothing.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wf"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_setting(&name.to_string_lossy())) {
        command.env_remove(name);
    }
    command
}
