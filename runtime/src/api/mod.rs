//! The HTTP API: one file a resource.
//!
//! JSON in and out, errors as `application/problem+json` (RFC 9457), lists with cursors, every answer bounded.

mod access;
mod cloudevents;
mod contacts;
mod events;
mod extract;
mod frames;
mod front;
mod history;
mod intake;
mod inventory;
mod json;
mod messages;
mod openapi;
mod patient;
mod problem;
mod program;
mod runs;
mod server;
mod stalled;
mod standing;
mod trial;

use std::sync::Arc;

use axum::Router;
use axum::http::{Method, Uri};
use axum::middleware;
use axum::routing::{delete, get, post, put};

pub use access::Access;
pub use front::Front;
pub use intake::Intake;
pub use openapi::OPENAPI;
pub use server::{Listener, ServeError, bind, tls};

use crate::config::Scope;
use crate::directory::Directory;
use crate::engine::{Embedded, Programs};
use crate::metrics::Metrics;
use crate::project::Reloader;
use crate::store::Store;
use crate::trial::Trials;
use crate::webhook::Secrets;
use extract::{BODY_TIME, BodyLimits, read_body};
use problem::Problem;

/// What the handlers need.
pub struct Api {
    /// Accepts events.
    pub engine: Arc<Embedded>,
    /// What runs.
    pub programs: Arc<Programs>,
    /// Looks at the project folder; `None` for a compiled program, which does not change.
    pub reloader: Option<Arc<Reloader>>,
    /// Contacts.
    pub directory: Directory,
    /// Everything that is kept.
    pub store: Arc<dyn Store>,
    /// Sends requests by hand.
    pub trials: Trials,
    /// Knows which secrets are set.
    pub secrets: Arc<Secrets>,
    /// Who may do what.
    pub access: Arc<Access>,
    /// How much may come in at once.
    pub intake: Arc<Intake>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// The largest body of a request, in bytes.
    pub max_body_bytes: usize,
}

/// The routes of the API.
fn router(api: Arc<Api>) -> Router {
    let body = BodyLimits { bytes: api.max_body_bytes, time: BODY_TIME };
    let ingest = Router::new()
        .route("/v1/events", post(events::accept))
        .route("/v1/contacts", put(contacts::put))
        .route_layer(middleware::from_fn_with_state(body, read_body))
        .route_layer(middleware::from_fn_with_state(api.clone(), intake::admit))
        .route_layer(middleware::from_fn_with_state((api.access.clone(), Scope::Ingest), access::require));
    // Its body is read as it comes.
    let import = Router::new()
        .route("/v1/contacts/import", post(contacts::import))
        .route_layer(middleware::from_fn_with_state(api.clone(), intake::admit))
        .route_layer(middleware::from_fn_with_state((api.access.clone(), Scope::Ingest), access::require));
    let read = Router::new()
        .route("/v1/events", get(events::list))
        .route("/v1/events/{id}", get(events::show))
        .route("/v1/contacts", get(contacts::list))
        .route("/v1/contacts/{id}", get(contacts::show))
        .route("/v1/contacts/{id}/runs", get(contacts::runs))
        .route("/v1/contacts/{id}/export", get(contacts::export))
        .route("/v1/runs", get(runs::list))
        .route("/v1/runs/{id}", get(runs::show))
        .route("/v1/messages", get(messages::list))
        .route("/v1/workflows", get(inventory::workflows))
        .route("/v1/workflows/{name}", get(inventory::workflow))
        .route("/v1/webhooks", get(inventory::webhooks))
        .route("/v1/webhooks/{name}", get(inventory::webhook))
        .route("/v1/connectors", get(inventory::connectors))
        .route("/v1/connectors/{name}", get(inventory::connector))
        .route("/v1/templates", get(inventory::templates))
        .route("/v1/templates/{name}", get(inventory::template))
        .route("/v1/program", get(program::show))
        .route("/v1/programs/{hash}", get(standing::program))
        .route("/v1/standings", get(standing::list))
        .route("/metrics", get(program::metrics))
        .route_layer(middleware::from_fn_with_state((api.access.clone(), Scope::Read), access::require));
    let admin = Router::new()
        .route("/v1/reload", post(program::reload))
        .route("/v1/runs/{id}/retry", post(runs::retry))
        .route("/v1/webhooks/{name}/test", post(trial::test))
        .route("/v1/runs/{id}/cancel", post(runs::cancel))
        .route("/v1/contacts/{id}", delete(contacts::forget))
        .route_layer(middleware::from_fn_with_state(body, read_body))
        .route_layer(middleware::from_fn_with_state((api.access.clone(), Scope::Admin), access::require));
    Router::new()
        .merge(ingest)
        .merge(import)
        .merge(read)
        .merge(admin)
        .route("/v1/openapi.json", get(openapi::show))
        .route("/healthz", get(program::alive))
        .route("/readyz", get(program::ready))
        .fallback(unknown_path)
        .method_not_allowed_fallback(unknown_method)
        .layer(middleware::from_fn_with_state(api.access.clone(), access::check_host))
        .with_state(api)
}

async fn unknown_path(uri: Uri) -> Problem {
    Problem::new(404, "unknown-path", format!("there is nothing at `{}`", uri.path()))
}

async fn unknown_method(method: Method, uri: Uri) -> Problem {
    Problem::new(405, "unknown-method", format!("`{}` does not take {method}", uri.path()))
}
