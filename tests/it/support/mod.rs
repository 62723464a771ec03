//! What the tests share: a project with the real daemon, a request to it, and the services that it calls.

mod daemon;
mod files;
mod http;
#[path = "../../support/https_stub.rs"]
#[allow(dead_code, unreachable_pub, reason = "the tests of `runtime` use the other half")]
mod https_stub;
mod program;
#[path = "../../support/smtp_stub.rs"]
#[allow(dead_code, unreachable_pub, reason = "the tests of `runtime` use the other half")]
mod smtp_stub;
mod stub;

pub(crate) use daemon::{Daemon, Project, patiently, until};
pub(crate) use files::files_with;
pub(crate) use http::{Answer, try_request};
pub(crate) use https_stub::{Received, Reply};
pub(crate) use program::program;
pub(crate) use smtp_stub::Behaviour;
pub(crate) use stub::{MailServer, Stub};
