//! The mail server as it is written in the settings: one URL.

use secrecy::SecretString;
use url::{Host, Url};

/// The mail server.
#[derive(Clone, Debug)]
pub struct Smtp {
    /// Its name or address, without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// The user that we log in as.
    pub login: Option<String>,
    /// Where the user's password is.
    pub password: Option<Password>,
    /// The name that we greet with; an address literal when there is none.
    pub hello: Option<String>,
}

/// Where the password of the mail server's user is.
#[derive(Clone, Debug)]
pub enum Password {
    /// It stood in the URL.
    Written(SecretString),
    /// In the secret of this name.
    Secret(String),
}

/// How a connection to the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (RFC 8314, section 3.3).
    Tls,
    /// STARTTLS, or nothing is sent (RFC 3207).
    StartTls,
    /// STARTTLS when the server offers it. On loopback only.
    StartTlsIfOffered,
    /// None. On loopback only.
    Plain,
}

/// Why a URL names no mail server. The texts show nothing of it, for it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmtpUrlError {
    /// It cannot be read.
    #[error("not a URL with a host, such as `smtps://mailer@mail.example.com`")]
    Malformed,
    /// Its scheme is another.
    #[error("the scheme is neither `smtps` nor `smtp`")]
    Scheme,
    /// It has a path or a fragment.
    #[error("a mail server's URL has no path")]
    Path,
    /// A parameter of its query is not known.
    #[error("its parameters are `tls=required`, `tls=none` and `hello=NAME`")]
    Parameter,
    /// It forgoes TLS for another machine.
    #[error("`tls=none` sends mail and password in the clear, and is for loopback only")]
    PlainOffLoopback,
    /// It has a password without a user, or two passwords.
    #[error("a password needs a user before it, and stands in one place only")]
    Password,
}

impl SmtpUrlError {
    /// What to write in its place.
    pub fn way_out(self) -> Option<&'static str> {
        match self {
            SmtpUrlError::PlainOffLoopback => {
                Some("left out, STARTTLS is required; an authority of your own is trusted with `egress.ca_file`")
            }
            _ => None,
        }
    }
}

impl Smtp {
    /// Reads the URL; `password_secret` is the name of the secret with the password.
    ///
    /// # Errors
    /// When it is no such URL, or its rules are broken.
    pub fn read(url: &str, password_secret: Option<&str>) -> Result<Smtp, SmtpUrlError> {
        let url = Url::parse(url).map_err(|_| SmtpUrlError::Malformed)?;
        let (implicit, default_port) = match url.scheme() {
            "smtps" => (true, 465),
            "smtp" => (false, 587),
            _ => return Err(SmtpUrlError::Scheme),
        };
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(SmtpUrlError::Malformed)?;
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(SmtpUrlError::Path);
        }
        // The scheme is not one of those whose hosts `url` reads itself, so addresses are read here.
        let host = Host::parse(&decode(host)).map_err(|_| SmtpUrlError::Malformed)?;
        let loopback = match &host {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.to_canonical().is_loopback(),
        };
        let mut security = match (implicit, loopback) {
            (true, _) => Security::Tls,
            (false, true) => Security::StartTlsIfOffered,
            (false, false) => Security::StartTls,
        };
        let mut hello = None;
        for (name, value) in url.query_pairs() {
            match (name.as_ref(), value.as_ref()) {
                ("tls", "required") if implicit => {}
                ("tls", "required") => security = Security::StartTls,
                ("tls", "none") if implicit => return Err(SmtpUrlError::Parameter),
                ("tls", "none") if !loopback => return Err(SmtpUrlError::PlainOffLoopback),
                ("tls", "none") => security = Security::Plain,
                ("hello", name) if is_host_name(name) => hello = Some(name.to_owned()),
                _ => return Err(SmtpUrlError::Parameter),
            }
        }
        let login = Some(decode(url.username())).filter(|login| !login.is_empty());
        let password = match (url.password(), password_secret) {
            (Some(_), Some(_)) => return Err(SmtpUrlError::Password),
            (Some(written), None) => Some(Password::Written(decode(written).into())),
            (None, Some(name)) => Some(Password::Secret(name.to_owned())),
            (None, None) => None,
        };
        if login.is_some() != password.is_some() {
            return Err(SmtpUrlError::Password);
        }
        let host = match host {
            Host::Domain(name) => name,
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        Ok(Smtp { host, port: url.port().unwrap_or(default_port), security, login, password, hello })
    }
}

fn is_host_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte))
}

/// Undoes percent-encoding (RFC 3986, section 2.1); what is no UTF-8 then is replaced.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn urls_say_how_the_connection_is_protected() {
        for (url, host, port, security) in [
            ("smtps://mail.example.com", "mail.example.com", 465, Security::Tls),
            ("smtp://mail.example.com", "mail.example.com", 587, Security::StartTls),
            ("smtp://mail.example.com:25?tls=required", "mail.example.com", 25, Security::StartTls),
            ("smtp://127.0.0.1:2525", "127.0.0.1", 2525, Security::StartTlsIfOffered),
            ("smtp://[::1]:2525", "::1", 2525, Security::StartTlsIfOffered),
            ("smtp://localhost?tls=none", "localhost", 587, Security::Plain),
            ("smtp://localhost?tls=required", "localhost", 587, Security::StartTls),
            // Spellings that other readers take for another address are read as addresses too.
            ("smtp://0x7f000001?tls=none", "127.0.0.1", 587, Security::Plain),
        ] {
            let smtp = Smtp::read(url, None).unwrap_or_else(|error| panic!("{url}: {error}"));
            assert_eq!((smtp.host.as_str(), smtp.port, smtp.security), (host, port, security), "{url}");
        }
    }

    #[test]
    fn wrong_urls_are_refused() {
        for (url, error) in [
            ("mail.example.com", SmtpUrlError::Malformed),
            ("smtp:///path", SmtpUrlError::Malformed),
            ("https://mail.example.com", SmtpUrlError::Scheme),
            ("smtp://mail.example.com?tls=none", SmtpUrlError::PlainOffLoopback),
            ("smtp://localhost.example.com?tls=none", SmtpUrlError::PlainOffLoopback),
            ("smtp://10.0.0.1?tls=none", SmtpUrlError::PlainOffLoopback),
            ("smtps://localhost?tls=none", SmtpUrlError::Parameter),
            ("smtp://mail.example.com?tls=opportunistic", SmtpUrlError::Parameter),
            ("smtp://mail.example.com?TLS=none", SmtpUrlError::Parameter),
            ("smtp://mail.example.com/ehlo", SmtpUrlError::Path),
            ("smtps://:secret@mail.example.com", SmtpUrlError::Password),
            ("smtps://mailer@mail.example.com", SmtpUrlError::Password),
            ("smtp://mail.example.com?hello=a%0d%0ab", SmtpUrlError::Parameter),
        ] {
            assert_eq!(Smtp::read(url, None).err(), Some(error), "{url}");
        }
    }

    #[test]
    fn the_password_is_decoded_and_hidden() {
        let smtp = Smtp::read("smtps://m%40x:p%25w%3A@mail.example.com", None).unwrap();
        assert_eq!(smtp.login.as_deref(), Some("m@x"));
        assert!(!format!("{smtp:?}").contains("p%w"));
        let Some(Password::Written(password)) = smtp.password else { panic!("no password") };
        assert_eq!(password.expose_secret(), "p%w:");

        let smtp = Smtp::read("smtps://m@mail.example.com", Some("SMTP_PASSWORD")).unwrap();
        assert!(matches!(smtp.password, Some(Password::Secret(name)) if name == "SMTP_PASSWORD"));
        assert_eq!(Smtp::read("smtps://m:p@mail.example.com", Some("X")).err(), Some(SmtpUrlError::Password));
    }
}
