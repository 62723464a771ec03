//! What others have to do with: secrets, the address, the mail server, the hosts.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::time::Duration;

use compiler::audit::Audit;
use compiler::ir::{Origin, Program};
use runtime::config::{Password, Settings};
use runtime::webhook::Secrets;
use runtime::webhook::guard::{Guard, Route};
use tokio::net::{TcpListener, TcpStream, lookup_host};
use tokio::time::timeout;

use super::Finding;

/// How long a name or a server may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether every secret that the program and the settings name has a value.
pub(super) async fn secrets(
    program: Option<&Program>,
    settings: &Settings,
    environment: Vec<(OsString, OsString)>,
) -> Vec<Finding> {
    let mut names: BTreeSet<String> = BTreeSet::new();
    if let Some(program) = program {
        names.extend(Audit::of(program).secrets.keys().map(ToString::to_string));
    }
    if let Some(Password::Secret(name)) = settings.smtp.as_ref().and_then(|smtp| smtp.password.as_ref()) {
        names.insert(name.clone());
    }
    let secrets = Secrets::new(environment, settings.secrets.clone());
    let mut found = Vec::new();
    for name in &names {
        if let Err(error) = secrets.get(name).await {
            let hint = format!("set WF_SECRET_{name}, or put it in the file `{name}` of the folder `[secrets] dir`");
            found.push(Finding::wrong("secrets", error.to_string(), &hint));
        }
    }
    if found.is_empty() {
        let told = match names.len() {
            0 => "none is needed".to_owned(),
            count => format!("all {count} are set"),
        };
        found.push(Finding::good("secrets", told));
    }
    found
}

/// Whether the API's address is free, or something answers there already.
pub(super) async fn listen(settings: &Settings) -> Option<Finding> {
    let address = settings.listen;
    Some(match TcpListener::bind(address).await {
        Ok(_) => Finding::good("listen", format!("{address} is free")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            Finding::good("listen", format!("something listens at {address}: the daemon, if it runs"))
        }
        Err(error) => {
            Finding::wrong("listen", format!("{address}: {error}"), "give another address with --listen or `listen`")
        }
    })
}

/// Whether the mail server can be reached.
pub(super) async fn mail(settings: &Settings) -> Option<Finding> {
    let Some(smtp) = &settings.smtp else {
        let told = format!("no mail server: mail goes to {}", settings.outbox.display());
        return Some(Finding::doubtful("mail", told, "set `[smtp] url` to have it delivered"));
    };
    let place = format!("{}:{}", smtp.host, smtp.port);
    Some(match timeout(PATIENCE, TcpStream::connect((smtp.host.as_str(), smtp.port))).await {
        Ok(Ok(_)) => Finding::good("mail", format!("{place} takes connections")),
        Ok(Err(error)) => {
            Finding::wrong("mail", format!("{place}: {error}"), "see `[smtp] url`, and what lies between")
        }
        Err(_) => Finding::wrong("mail", format!("{place} does not answer"), "see `[smtp] url`, and what lies between"),
    })
}

/// Whether the hosts of the program have addresses that the egress rules let requests go to.
pub(super) async fn hosts(program: Option<&Program>, settings: &Settings) -> Vec<Finding> {
    let Some(program) = program else { return Vec::new() };
    let guard = Guard::new(settings.egress.clone());
    let origins = program.webhooks.values().map(|webhook| &webhook.url.origin);
    let origins: BTreeSet<&Origin> =
        origins.chain(program.channels.values().map(|channel| &channel.request.url.origin)).collect();
    let mut found = Vec::new();
    for origin in &origins {
        found.extend(host(origin, &guard).await);
    }
    if found.is_empty() && !origins.is_empty() {
        found.push(Finding::good("hosts", format!("all {} resolve, and may be called", origins.len())));
    }
    found
}

/// What is wrong with a host.
async fn host(origin: &Origin, guard: &Guard) -> Option<Finding> {
    const LISTED: &str = "list it in `[egress]`, if it is to be called";
    let route = match guard.route(origin) {
        Ok(route) => route,
        Err(blocked) => return Some(Finding::wrong("hosts", blocked.to_string(), LISTED)),
    };
    let bare = origin.host().trim_start_matches('[').trim_end_matches(']');
    let resolved = timeout(PATIENCE, lookup_host((bare, origin.port()))).await;
    let addresses: Vec<_> = match resolved {
        Ok(Ok(addresses)) => addresses.collect(),
        Ok(Err(error)) => {
            let told = format!("{}: {error}", origin.host());
            return Some(Finding::wrong("hosts", told, "is the name right, and is there a resolver?"));
        }
        Err(_) => {
            let told = format!("{}: its name was not resolved in time", origin.host());
            return Some(Finding::wrong("hosts", told, "is there a resolver?"));
        }
    };
    if route == Route::Excepted {
        return None;
    }
    let blocked = addresses.iter().find_map(|address| guard.address(origin.host(), address.ip()).err())?;
    Some(Finding::wrong("hosts", blocked.to_string(), LISTED))
}
