//! Handing a mail to the mail server (RFC 5321), step by step: only so is it known, when a connection breaks, whether the
//! server can have taken the mail.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use compiler::ir::Origin;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use secrecy::ExposeSecret;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::Delivery;
use super::mail::Mail;
use super::wire;
use crate::config::{Egress, Password, RootsError, Security, Smtp};
use crate::webhook::{self, ClientError, Masker, Secrets};

/// So many connections are open at once.
pub const CONNECTIONS: usize = 4;

/// How long connecting, TLS and greetings may take, each.
const CONNECT_LIMIT: Duration = Duration::from_secs(30);

/// How long an answer to a command may take (RFC 5321, section 4.5.3.2, allows five minutes; a run waits for it).
const COMMAND_LIMIT: Duration = Duration::from_secs(60);

/// How long the answer to a whole mail may take (RFC 5321, section 4.5.3.2.6: a shorter time makes mails arrive twice).
const DATA_LIMIT: Duration = Duration::from_secs(600);

/// Bytes that are written at a time.
const PIECE: usize = 16 * 1024;

/// A mail server.
pub struct SmtpServer {
    settings: Smtp,
    tls: Tls,
    secrets: Arc<Secrets>,
    idle: Mutex<Vec<AsyncSmtpConnection>>,
    connections: Semaphore,
}

/// How connections are made secret.
enum Tls {
    /// They are not.
    None,
    /// From the first byte.
    Wrapped(Arc<rustls::ClientConfig>),
    /// By `STARTTLS`.
    Upgraded(Box<TlsParameters>),
}

/// The connection to the mail server cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SmtpError {
    /// The additional root certificates cannot be used.
    #[error(transparent)]
    Roots(#[from] RootsError),
    /// The TLS of the client cannot be set up.
    #[error("the TLS for mail cannot be set up; has this system root certificates?")]
    Setup(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<ClientError> for SmtpError {
    fn from(error: ClientError) -> SmtpError {
        match error {
            ClientError::Roots(error) => SmtpError::Roots(error),
            ClientError::Setup(error) => SmtpError::Setup(error),
        }
    }
}

/// Shows neither the connections nor the password.
impl std::fmt::Debug for SmtpServer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("SmtpServer").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// A failure with what it means for the mail.
struct Failed {
    error: String,
    meaning: Meaning,
}

#[derive(Clone, Copy)]
enum Meaning {
    Refused,
    TryAgain,
    Unreachable,
    Unknown,
}

impl SmtpServer {
    /// The server of the settings. Nothing is connected to yet.
    ///
    /// # Errors
    /// When there are no usable root certificates.
    pub fn new(settings: Smtp, egress: &Egress, secrets: Arc<Secrets>) -> Result<SmtpServer, SmtpError> {
        let tls = match settings.security {
            Security::Plain => Tls::None,
            Security::Tls => Tls::Wrapped(Arc::new(webhook::tls(egress)?)),
            Security::StartTls | Security::StartTlsIfOffered => {
                let mut builder = TlsParameters::builder(settings.host.clone());
                if let Some(file) = egress.roots()? {
                    let none = || RootsError::NoCertificate { path: file.path.clone() };
                    // An empty file would be taken as a certificate file that adds nothing.
                    if !file.pem.windows(11).any(|window| window == b"-----BEGIN ") {
                        return Err(none().into());
                    }
                    builder = builder.add_root_certificate(Certificate::from_pem(&file.pem).map_err(|_| none())?);
                }
                Tls::Upgraded(Box::new(builder.build().map_err(|error| SmtpError::Setup(error.into()))?))
            }
        };
        let connections = Semaphore::new(CONNECTIONS);
        Ok(SmtpServer { settings, tls, secrets, idle: Mutex::new(Vec::new()), connections })
    }

    /// Where it is.
    pub fn origin(&self) -> Origin {
        Origin::new(&self.settings.host, self.settings.port)
    }

    /// Hands a mail over.
    pub async fn send(&self, mail: &Mail) -> Delivery {
        let mut masker = Masker::default();
        let delivered = match self.connections.acquire().await {
            Ok(_permit) => self.deliver(mail, &mut masker).await,
            Err(closed) => Err(Failed { error: closed.to_string(), meaning: Meaning::Unreachable }),
        };
        match delivered {
            Ok(reply) => Delivery::Sent { reply: masker.mask_start(&reply, 1000).into_owned() },
            Err(Failed { error, meaning }) => {
                let message = masker.mask_start(&error, 1000).into_owned();
                match meaning {
                    Meaning::Refused => Delivery::Refused { message },
                    Meaning::TryAgain => Delivery::TryAgain { message },
                    Meaning::Unreachable => Delivery::Unreachable { message },
                    Meaning::Unknown => Delivery::Unknown { message },
                }
            }
        }
    }

    async fn deliver(&self, mail: &Mail, masker: &mut Masker) -> Result<String, Failed> {
        let mut connection = self.connection(masker).await?;
        match hand_over(&mut connection, mail).await {
            Ok(reply) => {
                self.park(connection);
                Ok(reply)
            }
            Err((failed, usable)) => {
                // The server said no to this mail; the next one can have the connection.
                if usable && matches!(timeout(COMMAND_LIMIT, connection.command(Rset)).await, Ok(Ok(_))) {
                    self.park(connection);
                }
                Err(failed)
            }
        }
    }

    fn park(&self, connection: AsyncSmtpConnection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }

    /// A connection that is ready for a mail: an idle one that still answers, or a new one.
    async fn connection(&self, masker: &mut Masker) -> Result<AsyncSmtpConnection, Failed> {
        loop {
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(mut connection) = idle else { break };
            if matches!(timeout(CONNECT_LIMIT, connection.test_connected()).await, Ok(true)) {
                return Ok(connection);
            }
        }
        // Whatever goes wrong before the mail is spoken of is not the mail's fault: even a `5xx` is tried again, as it is
        // mended by a change of the settings or of the server.
        let unreachable = |error: String| Failed { error, meaning: Meaning::Unreachable };
        let again = |error: Error| unreachable(error.to_string());
        let broken = |error: std::io::Error| unreachable(format!("no connection to the mail server: {error}"));
        let late = |_| unreachable("no answer from the mail server in time".to_owned());
        let settings = &self.settings;
        let hello = settings.hello.clone().map_or_else(ClientId::default, ClientId::Domain);
        let stream = wire::connect(&settings.host, settings.port, CONNECT_LIMIT).await.map_err(broken)?;
        let stream: Box<dyn AsyncTokioStream> = match &self.tls {
            Tls::Wrapped(tls) => {
                let encrypted = wire::Encrypted::begin(stream, &settings.host, tls.clone());
                Box::new(timeout(CONNECT_LIMIT, encrypted).await.map_err(late)?.map_err(broken)?)
            }
            Tls::None | Tls::Upgraded(_) => Box::new(stream),
        };
        let greeting = AsyncSmtpConnection::connect_with_transport(stream, &hello);
        let mut connection = timeout(CONNECT_LIMIT, greeting).await.map_err(late)?.map_err(again)?;
        if let Tls::Upgraded(tls) = &self.tls
            && (settings.security == Security::StartTls || connection.can_starttls())
        {
            let tls = TlsParameters::clone(tls);
            timeout(CONNECT_LIMIT, connection.starttls(tls, &hello)).await.map_err(late)?.map_err(again)?;
        }
        if let (Some(login), Some(password)) = (&settings.login, &settings.password) {
            let (name, password) = match password {
                Password::Written(password) => ("smtp.url", password.clone()),
                Password::Secret(name) => match self.secrets.get(name).await {
                    Ok(password) => (name.as_str(), password),
                    Err(error) => return Err(unreachable(error.to_string())),
                },
            };
            masker.secret(name, password.expose_secret());
            masker.secret(name, &base64_plain(login, password.expose_secret()));
            let credentials = Credentials::new(login.clone(), password.expose_secret().to_owned());
            let login = connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials);
            timeout(COMMAND_LIMIT, login).await.map_err(late)?.map_err(again)?;
        }
        Ok(connection)
    }
}

/// What `AUTH PLAIN` sends (RFC 4616), in case the server repeats it.
fn base64_plain(login: &str, password: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(format!("\0{login}\0{password}"))
}

/// Hands a mail over. An error says whether the connection can be used for another mail.
async fn hand_over(connection: &mut AsyncSmtpConnection, mail: &Mail) -> Result<String, (Failed, bool)> {
    let refused = |error: &str| (Failed { error: error.to_owned(), meaning: Meaning::Refused }, true);
    let server = connection.server_info();
    let mut parameters = Vec::new();
    let mut addresses = mail.envelope().from().into_iter().chain(mail.envelope().to());
    if !addresses.all(|address| AsRef::<str>::as_ref(address).is_ascii()) {
        if !server.supports_feature(Extension::SmtpUtfEight) {
            return Err(refused(
                "the address is not ASCII, and the mail server does not take such (SMTPUTF8, RFC 6531)",
            ));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !mail.bytes().is_ascii() {
        if !server.supports_feature(Extension::EightBitMime) {
            return Err(refused("the mail is not ASCII, and the mail server does not take such (8BITMIME, RFC 6152)"));
        }
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    command(connection, MailFrom::new(mail.envelope().from().cloned(), parameters)).await?;
    for recipient in mail.envelope().to() {
        command(connection, Rcpt::new(recipient.clone(), Vec::new())).await?;
    }
    command(connection, Data).await?;

    // The connection asks for the next piece when the one before it is written, and for one more before it writes the final
    // dot. Up to then, the server cannot have the mail.
    let whole = AtomicBool::new(false);
    let end = std::iter::from_fn(|| {
        whole.store(true, Ordering::Relaxed);
        None
    });
    // The final dot comes with a line break of its own.
    let bytes = mail.bytes().strip_suffix(b"\r\n").unwrap_or(mail.bytes());
    let pieces = bytes.chunks(PIECE).chain(end);
    let sent = timeout(DATA_LIMIT, connection.message_iter(pieces)).await;
    let broken = if whole.load(Ordering::Relaxed) { Meaning::Unknown } else { Meaning::Unreachable };
    match sent {
        Ok(Ok(reply)) => {
            let text: Vec<&str> = reply.message().collect();
            Ok(format!("{} {}", reply.code(), text.join(" ")))
        }
        Ok(Err(error)) => Err(failed(&error, broken)),
        Err(_) => Err((Failed { error: "no answer from the mail server in time".to_owned(), meaning: broken }, false)),
    }
}

async fn command(connection: &mut AsyncSmtpConnection, command: impl std::fmt::Display) -> Result<(), (Failed, bool)> {
    match timeout(COMMAND_LIMIT, connection.command(command)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(failed(&error, Meaning::Unreachable)),
        Err(_) => {
            let error = "no answer from the mail server in time".to_owned();
            Err((Failed { error, meaning: Meaning::Unreachable }, false))
        }
    }
}

/// What an error means: a reply says it, anything else is a broken connection.
fn failed(error: &Error, broken: Meaning) -> (Failed, bool) {
    // The server wants us to log in first, or to do it in another way: the mail is not at fault.
    let login = error.status().is_some_and(|code| matches!(u16::from(code), 530 | 534 | 535 | 538));
    let closing = error.status().is_some_and(|code| u16::from(code) == 421);
    let (meaning, usable) = match (error.is_permanent(), error.is_transient()) {
        (true, _) if !login => (Meaning::Refused, true),
        (true, _) => (Meaning::Unreachable, false),
        (_, true) if closing => (Meaning::Unreachable, false),
        (_, true) => (Meaning::TryAgain, true),
        _ => (broken, false),
    };
    (Failed { error: error.to_string(), meaning }, usable)
}

#[cfg(test)]
#[path = "smtp_tests.rs"]
mod tests;
