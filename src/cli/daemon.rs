//! The daemon that a command talks to.

use clap::Args;
use runtime::client::{Client, ClientError, DEFAULT_URL};

use super::Ending;
use super::failure::{Exit, Failure};
use super::terminal::Terminal;

/// Which daemon, and as whom.
#[derive(Debug, Args)]
#[command(next_help_heading = "Daemon")]
pub(crate) struct Daemon {
    /// Address of the daemon.
    #[arg(long, env = "WF_URL", value_name = "URL", default_value = DEFAULT_URL)]
    url: String,
    /// Token to show it (prefer the environment: other users of the machine can see arguments).
    #[arg(long, env = "WF_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    token: Option<String>,
}

impl Daemon {
    /// A client for it.
    pub(crate) fn client(&self, terminal: &Terminal) -> Result<Client, Failure> {
        // A variable that is set to nothing is how scripts unset one.
        let url = if self.url.is_empty() { DEFAULT_URL } else { &self.url };
        let token = self.token.as_deref().filter(|token| !token.is_empty());
        let client = Client::new(url, token).map_err(failure)?;
        if client.shows_token_to_network() {
            terminal.warn(&format!("the token goes to {} unencrypted; use https", client.address()));
        }
        Ok(client)
    }
}

/// Runs a conversation with the daemon on this thread.
pub(crate) fn converse(conversation: impl Future<Output = Ending>) -> Ending {
    wait_for(conversation)?
}

/// Waits on this thread for something that is not done at once.
pub(crate) fn wait_for<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::file("cannot start the event loop", &error))?;
    Ok(runtime.block_on(work))
}

/// How a failed conversation ends the command.
pub(crate) fn failure(error: ClientError) -> Failure {
    match &error {
        ClientError::Url { url, .. } => {
            // `localhost:8080` is what people write in a browser.
            let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
            let host = rest.split(['?', '#']).next().unwrap_or_default().rsplit('@').next().unwrap_or_default();
            let likely = if host.is_empty() { DEFAULT_URL.to_owned() } else { format!("http://{host}") };
            Failure::caused(Exit::Usage, &error).hint(format!("write it like {likely}, with --url or WF_URL"))
        }
        ClientError::Token => Failure::caused(Exit::Usage, &error)
            .hint("a token is one word; look at --token and WF_TOKEN for blanks, quotes and ends of lines"),
        ClientError::Unreachable { .. } => Failure::caused(Exit::World, &error)
            .hint("look at the name, the port and http or https in --url or WF_URL; an authority of your own is trusted with SSL_CERT_FILE=FILE.pem, or where the system keeps such"),
        ClientError::NotDaemon { .. } => {
            Failure::caused(Exit::World, &error).hint("name the address that `wf serve` prints, with --url or WF_URL")
        }
        ClientError::Timeout { .. } | ClientError::Connection { .. } => {
            Failure::caused(Exit::World, &error).hint("the daemon's log says what it does; what was sent may have been taken")
        }
        ClientError::NoDaemon { .. } => Failure::caused(Exit::World, &error)
            .hint("start one with `wf serve`, or name its address with --url or WF_URL"),
        ClientError::Refused(problem) => match problem.status {
            401 | 403 => Failure::usage(format!("the daemon does not let you: {problem}"))
                .hint("show it a token with --token or WF_TOKEN that has the needed scope"),
            _ => {
                let failure = Failure::world(problem.to_string());
                match problem.kind.as_str() {
                    "urn:wf:unknown-contact" => {
                        failure.hint("`wf contacts search TEXT` finds contacts by a part of a name, address or number")
                    }
                    "urn:wf:unknown-run" => failure.hint("`wf runs list` shows the runs"),
                    "urn:wf:unknown-event" => failure.hint("`wf events list` shows the events that came in"),
                    "urn:wf:run-not-retryable" => failure.hint("`wf runs show ID` says where it stands"),
                    _ => failure,
                }
            }
        },
        _ => Failure::caused(Exit::World, &error),
    }
}
