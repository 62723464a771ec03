//! Secrets that a program names and nobody has set: told when it becomes active, not with the first call that fails.

use std::collections::BTreeSet;
use std::sync::Arc;

use compiler::ir::{Credentials, Login, Program, SecretName};

use crate::machine::LoadedProgram;
use crate::webhook::Secrets;

/// Warns of each secret of the program that cannot be had.
pub async fn tell_of_missing(loaded: Arc<LoadedProgram>, secrets: Arc<Secrets>) {
    for name in named(&loaded.ir) {
        if let Err(error) = secrets.get(&name).await {
            tracing::warn!("{error}; calls that need it will fail");
        }
    }
}

/// The secrets that a program's connectors name.
fn named(program: &Program) -> BTreeSet<SecretName> {
    let mut names = BTreeSet::new();
    for connector in program.connectors.values() {
        names.extend(connector.signing.clone());
        match &connector.credentials {
            Credentials::Basic { login, password } => {
                names.insert(password.clone());
                if let Login::Secret(login) = login {
                    names.insert(login.clone());
                }
            }
            Credentials::Bearer { token: secret } | Credentials::ApiKey { key: secret, .. } => {
                names.insert(secret.clone());
            }
        }
    }
    names
}
