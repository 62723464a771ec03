//! Reading what runs, and where runs stand.

use reqwest::Method;
use serde::Deserialize;

use super::{Client, ClientError};

/// Where runs stand that have not ended.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Standings {
    /// The steps with their runs.
    pub items: Vec<StandingRow>,
    /// Whether there are more runs than were counted.
    pub truncated: bool,
}

/// Runs that stand at one step.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct StandingRow {
    /// Their workflow.
    pub workflow: String,
    /// The hash of the program that they are pinned to.
    pub program: String,
    /// The step; nothing before the first.
    pub step: Option<String>,
    /// How many.
    pub runs: u64,
}

#[derive(Deserialize)]
struct Running {
    hash: Option<String>,
}

impl Client {
    /// The compiled program that runs, as canonical JSON; nothing while none does.
    ///
    /// # Errors
    /// When the daemon cannot be asked or refuses.
    pub async fn running_program(&self) -> Result<Option<String>, ClientError> {
        let answer = self.exchange(Method::GET, self.endpoint(&["v1", "program"]), None).await?;
        let running: Running = self.read(answer.status, &answer.text)?;
        let Some(hash) = running.hash else { return Ok(None) };
        let answer = self.exchange(Method::GET, self.endpoint(&["v1", "programs", &hash]), None).await?;
        Ok(Some(answer.text))
    }

    /// How many runs stand at which step.
    ///
    /// # Errors
    /// When the daemon cannot be asked or refuses.
    pub async fn standings(&self) -> Result<Standings, ClientError> {
        let answer = self.exchange(Method::GET, self.endpoint(&["v1", "standings"]), None).await?;
        self.read(answer.status, &answer.text)
    }
}
