//! Secrets that a program names and nobody has set: told when it becomes active, not with the first call that fails.

use std::collections::BTreeSet;
use std::sync::Arc;

use compiler::ir::SecretName;

use crate::machine::LoadedProgram;
use crate::webhook::Secrets;

/// Warns of each secret of the program that cannot be had.
pub async fn tell_of_missing(loaded: Arc<LoadedProgram>, secrets: Arc<Secrets>) {
    let named: BTreeSet<&SecretName> = loaded.ir.connectors.values().flat_map(|it| it.secrets()).collect();
    for name in named {
        if let Err(error) = secrets.get(name).await {
            tracing::warn!("{error}; calls that need it will fail");
        }
    }
}
