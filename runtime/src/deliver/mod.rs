//! Delivery of mail: to a mail server, or to an outbox folder when there is none.
//!
//! [`mail`] makes the message that both carry. A delivery ends in one of five ways ([`Delivery`]); what follows from each,
//! such as another try, is decided by whoever asked for it.

pub mod mail;
pub mod outbox;
mod plain;
pub mod smtp;
mod whole_file;
mod wire;
mod write_outbox;

use std::sync::Arc;

use compiler::ir::Origin;
pub use mail::{Mail, MailError};
pub use outbox::Outbox;
pub use smtp::{CONNECTIONS, SmtpError, SmtpServer};
pub use write_outbox::{Incoming, Outgoing, outgoing, write_outbox};

use crate::config::Settings;
use crate::webhook::Secrets;

/// How a delivery ended. The texts are for people and hold no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The next server has taken it, or it lies in the outbox.
    Sent {
        /// What the server said, or the name of the file.
        reply: String,
    },
    /// The mail was refused for good; another try would be refused too.
    Refused {
        /// Why.
        message: String,
    },
    /// The server puts this mail off. Nothing was taken.
    TryAgain {
        /// Why.
        message: String,
    },
    /// The server takes no mail now, whichever it is: no connection, or none that is good for anything. Nothing was taken.
    Unreachable {
        /// Why.
        message: String,
    },
    /// The connection broke when the whole mail had been sent, and before the server answered: it may have taken it.
    Unknown {
        /// How it broke.
        message: String,
    },
}

/// Delivers mail the way that the settings say.
#[derive(Debug)]
pub enum Mailer {
    /// Into a folder.
    Outbox(Outbox),
    /// To a mail server; `holds` when a mail of which nobody knows whether it was taken waits for a person.
    Smtp {
        /// The server.
        server: Box<SmtpServer>,
        /// Whether a person decides what nobody knows.
        holds: bool,
        /// Where mail went before there was a server.
        outbox: Outbox,
    },
    /// To whoever stands for a mail server in a simulation.
    #[cfg(test)]
    Simulated {
        /// The server.
        post: Arc<dyn Post>,
        /// As for a real one.
        holds: bool,
    },
}

/// What stands for a mail server in a simulation.
#[cfg(test)]
pub trait Post: std::fmt::Debug + Send + Sync {
    /// Takes a mail, or not.
    fn deliver<'a>(&'a self, mail: &'a Mail) -> std::pin::Pin<Box<dyn Future<Output = Delivery> + Send + 'a>>;
}

impl Mailer {
    /// The way of the settings.
    ///
    /// # Errors
    /// When the root certificates for the mail server cannot be used. Nothing is connected to yet.
    pub fn new(settings: &Settings, secrets: Arc<Secrets>) -> Result<Mailer, SmtpError> {
        Ok(match &settings.smtp {
            Some(smtp) => {
                let server = Box::new(SmtpServer::new(smtp.clone(), &settings.egress, secrets)?);
                let outbox = Outbox::new(settings.outbox.clone());
                Mailer::Smtp { server, holds: settings.hold_unknown_mail, outbox }
            }
            None => Mailer::Outbox(Outbox::new(settings.outbox.clone())),
        })
    }

    /// The outbox, where mail goes or may have gone.
    pub fn outbox(&self) -> Option<&Outbox> {
        match self {
            Mailer::Outbox(outbox) | Mailer::Smtp { outbox, .. } => Some(outbox),
            #[cfg(test)]
            Mailer::Simulated { .. } => None,
        }
    }

    /// The mail server, for those who count what it is asked for; `None` when mail goes to the outbox folder.
    pub fn origin(&self) -> Option<Origin> {
        match self {
            Mailer::Outbox(_) => None,
            Mailer::Smtp { server, .. } => Some(server.origin()),
            #[cfg(test)]
            Mailer::Simulated { .. } => Some(Origin::new("mail.example.com", 25)),
        }
    }

    /// Whether mail goes to the outbox folder.
    pub fn is_outbox(&self) -> bool {
        matches!(self, Mailer::Outbox(_))
    }

    /// Whether a mail of which nobody knows whether it was taken waits for a person.
    pub fn holds_unknown(&self) -> bool {
        match self {
            Mailer::Outbox(_) => false,
            Mailer::Smtp { holds, .. } => *holds,
            #[cfg(test)]
            Mailer::Simulated { holds, .. } => *holds,
        }
    }

    /// Delivers a mail, once.
    pub async fn deliver(&self, mail: &Mail) -> Delivery {
        match self {
            Mailer::Outbox(outbox) => match outbox.put(mail).await {
                Ok(file) => Delivery::Sent { reply: file.display().to_string() },
                Err(error) => Delivery::TryAgain { message: error.to_string() },
            },
            Mailer::Smtp { server, .. } => server.send(mail).await,
            #[cfg(test)]
            Mailer::Simulated { post, .. } => post.deliver(mail).await,
        }
    }
}
