//! A mail server on loopback that answers what a test tells it to.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// How the server behaves.
#[derive(Clone, Default)]
pub struct Behaviour {
    /// With this, the server offers STARTTLS.
    pub starttls: Option<TlsAcceptor>,
    /// With this, the server speaks TLS from the first byte.
    pub tls: Option<TlsAcceptor>,
    /// Further lines of the answer to `EHLO`.
    pub extensions: &'static [&'static str],
    /// Answers that differ from the ordinary ones, by the beginning of the command; `.` is the end of a mail. An empty
    /// answer closes the connection.
    pub replies: &'static [(&'static str, &'static str)],
    /// The same, each given one time, before those above.
    pub once: &'static [(&'static str, &'static str)],
    /// How long it takes to answer when it is told of a mail.
    pub pause: Duration,
}

/// What the server was told.
#[derive(Default)]
pub struct Log {
    /// Every command, with a `tls ` before those that came through TLS.
    pub commands: Vec<String>,
    /// Every mail that came in whole, dots undone.
    pub mails: Vec<Vec<u8>>,
    /// How many connections there were.
    pub connections: usize,
    /// Which of the answers that are given one time were given.
    given: BTreeSet<usize>,
}

/// The server. It stops with the runtime that it was started in.
pub struct SmtpStub {
    /// Where it listens.
    pub address: SocketAddr,
    log: Arc<Mutex<Log>>,
}

impl SmtpStub {
    /// Starts a server.
    pub async fn start(behaviour: Behaviour) -> SmtpStub {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let log = Arc::new(Mutex::new(Log::default()));
        let shared = log.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.lock().unwrap().connections += 1;
                let (behaviour, log) = (behaviour.clone(), shared.clone());
                tokio::spawn(async move {
                    match &behaviour.tls {
                        Some(acceptor) => {
                            talk(acceptor.accept(stream).await.ok()?, &behaviour, &log, true).await.map(drop)
                        }
                        None => {
                            let stream = talk(stream, &behaviour, &log, false).await?;
                            let stream = behaviour.starttls.as_ref()?.accept(stream).await.ok()?;
                            talk(stream, &behaviour, &log, true).await.map(drop)
                        }
                    }
                });
            }
        });
        SmtpStub { address, log }
    }

    /// The commands so far.
    pub fn commands(&self) -> Vec<String> {
        self.log.lock().unwrap().commands.clone()
    }

    /// The mails so far.
    pub fn mails(&self) -> Vec<Vec<u8>> {
        self.log.lock().unwrap().mails.clone()
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        self.log.lock().unwrap().connections
    }
}

/// Speaks until the end of the connection, or until TLS is to begin: then the stream comes back.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    behaviour: &Behaviour,
    log: &Mutex<Log>,
    secure: bool,
) -> Option<S> {
    let mut stream = BufReader::new(stream);
    let reply_to = |command: &str, ordinary: &str| {
        let mut log = log.lock().unwrap();
        for (number, (prefix, reply)) in behaviour.once.iter().enumerate() {
            if command.starts_with(prefix) && log.given.insert(number) {
                return (*reply).to_owned();
            }
        }
        let special = behaviour.replies.iter().find(|(prefix, _)| command.starts_with(prefix));
        special.map_or_else(|| ordinary.to_owned(), |(_, reply)| (*reply).to_owned())
    };
    let is_upgraded = secure && behaviour.tls.is_none();
    if !is_upgraded {
        say(&mut stream, &reply_to("CONNECT", "220 stub ready")).await?;
    }
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let command = line.trim_end_matches(['\r', '\n']).to_owned();
        let prefix = if secure { "tls " } else { "" };
        log.lock().unwrap().commands.push(format!("{prefix}{command}"));
        let verb = command.split(' ').next().unwrap_or_default();
        if verb == "MAIL" {
            tokio::time::sleep(behaviour.pause).await;
        }
        match verb {
            "EHLO" => {
                let mut lines = vec!["stub"];
                lines.extend(behaviour.extensions);
                if behaviour.starttls.is_some() && !secure {
                    lines.push("STARTTLS");
                }
                let last = lines.len() - 1;
                let answer: Vec<String> = lines
                    .iter()
                    .enumerate()
                    .map(|(number, line)| format!("250{}{line}", if number == last { ' ' } else { '-' }))
                    .collect();
                say(&mut stream, &reply_to(&command, &answer.join("\r\n"))).await?;
            }
            "STARTTLS" => {
                say(&mut stream, &reply_to(&command, "220 go on")).await?;
                return Some(stream.into_inner());
            }
            "DATA" => {
                let reply = reply_to(&command, "354 go on");
                say(&mut stream, &reply).await?;
                if reply.starts_with('3') {
                    let mail = read_mail(&mut stream).await?;
                    log.lock().unwrap().mails.push(mail);
                    say(&mut stream, &reply_to(".", "250 taken as 1")).await?;
                }
            }
            "AUTH" => say(&mut stream, &reply_to(&command, "235 welcome")).await?,
            "QUIT" => {
                say(&mut stream, "221 bye").await?;
                return None;
            }
            _ => say(&mut stream, &reply_to(&command, "250 fine")).await?,
        }
    }
}

/// `None` closes the connection.
async fn say(stream: &mut (impl AsyncWrite + Unpin), text: &str) -> Option<()> {
    if text.is_empty() {
        return None;
    }
    stream.write_all(format!("{text}\r\n").as_bytes()).await.ok()?;
    stream.flush().await.ok()
}

/// A mail up to the line with the dot, as RFC 5321 says: only CRLF ends a line.
async fn read_mail(stream: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let mut mail = Vec::new();
    while !(mail.ends_with(b"\r\n.\r\n") || mail == b".\r\n") {
        mail.push(stream.read_u8().await.ok()?);
    }
    mail.truncate(mail.len() - 3);
    let text = String::from_utf8_lossy(&mail).into_owned();
    let lines: Vec<&str> = text.split("\r\n").map(|line| line.strip_prefix('.').unwrap_or(line)).collect();
    Some(lines.join("\r\n").into_bytes())
}
