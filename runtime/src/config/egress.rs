//! The rules of what webhooks may call, as they are written in the settings.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::str::FromStr;

use url::Host;

/// A host by name, on one port or on all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostRule {
    /// The name in ASCII form and lower case, or an address as it stands in a URL, without brackets.
    pub host: String,
    /// The port; `None` for all.
    pub port: Option<u16>,
}

/// A private place that may be called all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrivateRule {
    /// A host that is written so in a webhook, whatever its addresses are.
    Host(HostRule),
    /// Addresses, whatever the host's name is.
    Network(Network),
}

/// A block of addresses (CIDR, RFC 4632).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// What webhooks may call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Egress {
    /// The hosts that may be called; empty for every public host.
    pub allow_hosts: Vec<HostRule>,
    /// Private and loopback places that may be called.
    pub allow_private: Vec<PrivateRule>,
    /// A PEM file with additional root certificates, for webhooks and mail.
    pub ca_file: Option<PathBuf>,
}

/// Additional root certificates as they were read.
#[derive(Clone, Debug)]
pub struct Roots {
    /// The file.
    pub path: PathBuf,
    /// Its content.
    pub pem: Vec<u8>,
}

/// The file with additional root certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RootsError {
    /// It cannot be read.
    #[error("cannot read the root certificates in {} (`egress.ca_file`)", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It holds no certificate.
    #[error("there is no certificate in {} (`egress.ca_file`), which is to be a PEM file", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
}

impl Egress {
    /// Reads the additional root certificates; `None` when there are none.
    ///
    /// # Errors
    /// When their file cannot be read.
    pub fn roots(&self) -> Result<Option<Roots>, RootsError> {
        let Some(path) = self.ca_file.clone() else { return Ok(None) };
        match std::fs::read(&path) {
            Ok(pem) => Ok(Some(Roots { path, pem })),
            Err(source) => Err(RootsError::Unreadable { path, source }),
        }
    }
}

/// A text that is no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a host name, `name:port`, an address nor a network")]
pub struct RuleError(String);

impl HostRule {
    /// Whether the rule is about this host and port. The host is as [`compiler::ir::Origin::host`] has it.
    pub fn covers(&self, host: &str, port: u16) -> bool {
        self.names(host) && self.port.is_none_or(|own| own == port)
    }

    /// Whether the rule is about this host, on whatever port.
    pub fn names(&self, host: &str) -> bool {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host.strip_suffix('.').unwrap_or(host).eq_ignore_ascii_case(&self.host)
    }
}

impl Network {
    /// Whether an address lies in the block. An IPv6 address that stands for an IPv4 one (`::ffff:10.0.0.1`) is that.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            _ => false,
        }
    }

    /// A block of IPv4 addresses; the prefix is at most 32.
    pub const fn v4(address: [u8; 4], prefix: u8) -> Network {
        let [a, b, c, d] = address;
        Network { address: IpAddr::V4(Ipv4Addr::new(a, b, c, d)), prefix }
    }

    /// A block of IPv6 addresses; the prefix is at most 128.
    pub const fn v6(address: [u16; 8], prefix: u8) -> Network {
        let [a, b, c, d, e, f, g, h] = address;
        Network { address: IpAddr::V6(Ipv6Addr::new(a, b, c, d, e, f, g, h)), prefix }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.address, self.prefix)
    }
}

impl FromStr for Network {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Network, RuleError> {
        let error = || RuleError(text.to_owned());
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u8>().map_err(|_| error())?)),
            None => (text, None),
        };
        let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address);
        let address = bare.parse::<IpAddr>().map_err(|_| error())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(longest);
        if prefix > longest { Err(error()) } else { Ok(Network { address, prefix }) }
    }
}

impl FromStr for HostRule {
    type Err = RuleError;

    /// Reads `name`, `name:port`, `address:port` or `[address]:port`.
    fn from_str(text: &str) -> Result<HostRule, RuleError> {
        let error = || RuleError(text.to_owned());
        let (host, port) = match text.rsplit_once(':') {
            // An IPv6 address without brackets has no port.
            Some((host, _)) if host.contains(':') && !host.ends_with(']') => (text, None),
            Some((host, port)) if !text.ends_with(']') => (host, Some(port.parse().map_err(|_| error())?)),
            _ => (text, None),
        };
        let host = match host.parse::<IpAddr>() {
            Ok(IpAddr::V6(address)) => Host::<String>::Ipv6(address),
            _ => Host::parse(host).map_err(|_| error())?,
        };
        let host = match host {
            Host::Domain(name) => name.strip_suffix('.').unwrap_or(&name).to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        // `Host` takes names such as `a*b` or `_x`; a name of a host here is letters, digits, hyphens and underscores.
        let named = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
        if named && !host.is_empty() { Ok(HostRule { host, port }) } else { Err(error()) }
    }
}

impl FromStr for PrivateRule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<PrivateRule, RuleError> {
        match text.parse::<Network>() {
            Ok(network) => Ok(PrivateRule::Network(network)),
            Err(_) => text.parse().map(PrivateRule::Host),
        }
    }
}

/// Whether a text is what switches something on or off elsewhere. A host of such a name is written with its port.
pub(super) fn is_switch(text: &str) -> bool {
    const WORDS: [&str; 6] = ["true", "false", "yes", "no", "on", "off"];
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)) || text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_their_addresses() {
        for (network, address, inside) in [
            ("10.0.0.0/8", "10.255.255.255", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("::1", "::1", true),
            ("[::1]", "::1", true),
            ("fd00::/8", "fdff::1", true),
            ("fd00::/8", "fe80::1", false),
            ("::/0", "fe80::1", true),
        ] {
            let network: Network = network.parse().unwrap();
            assert_eq!(network.contains(address.parse().unwrap()), inside, "{address} in {network}");
        }
    }

    #[test]
    fn rules_are_read_or_refused() {
        let host = |host: &str, port| PrivateRule::Host(HostRule { host: host.to_owned(), port });
        for (text, rule) in [
            ("localhost", host("localhost", None)),
            ("LocalHost:8443", host("localhost", Some(8443))),
            ("erp.internal.", host("erp.internal", None)),
            ("bücher.example", host("xn--bcher-kva.example", None)),
            ("127.0.0.1:8443", host("127.0.0.1", Some(8443))),
            ("[::1]:8443", host("::1", Some(8443))),
            ("10.0.0.0/8", PrivateRule::Network(Network::v4([10, 0, 0, 0], 8))),
            ("::1", PrivateRule::Network(Network::v6([0, 0, 0, 0, 0, 0, 0, 1], 128))),
        ] {
            assert_eq!(text.parse(), Ok(rule), "{text}");
        }
        for text in [
            "",
            "10.0.0.0/33",
            "::1/129",
            "a b",
            "host:port",
            "host:99999",
            "*.example.com",
            "https://x",
            "10.0.0/8",
            "a/b",
        ] {
            assert!(text.parse::<PrivateRule>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_host_rule_knows_its_port() {
        let rule: HostRule = "localhost:8443".parse().unwrap();
        assert!(rule.covers("localhost", 8443));
        assert!(rule.covers("localhost.", 8443));
        assert!(!rule.covers("localhost", 443));
        assert!(!rule.covers("notlocalhost", 8443));
        assert!("[::1]:1".parse::<HostRule>().unwrap().covers("[::1]", 1));
    }
}
