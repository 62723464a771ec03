//! The egress rules: which host a webhook may call, and which address that host may have.
//!
//! A webhook's host is literal, but its addresses are whatever the host's owner says, so the rule is applied where the name
//! is resolved for the connection. An address that is written in the URL is never resolved and is looked at before.
//! `reqwest` resolves a name without its port, so hosts with an exception by name go through a client of their own; see
//! [`Route`].

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use compiler::ir::Origin;

use crate::config::{Egress, Network, PrivateRule};

/// Addresses that no stranger's name may lead to, with what they are (IANA special-purpose registries, RFC 6890, and the
/// metadata services of clouds).
const INTERNAL: &[(Network, &str)] = &[
    (Network::v4([0, 0, 0, 0], 8), "this network"),
    (Network::v4([10, 0, 0, 0], 8), "a private address"),
    (Network::v4([100, 64, 0, 0], 10), "a shared address of a provider"),
    (Network::v4([127, 0, 0, 0], 8), "a loopback address"),
    (Network::v4([168, 63, 129, 16], 32), "a cloud's service address"),
    (Network::v4([169, 254, 0, 0], 16), "a link-local address"),
    (Network::v4([172, 16, 0, 0], 12), "a private address"),
    (Network::v4([192, 0, 0, 0], 24), "a protocol's address"),
    (Network::v4([192, 0, 2, 0], 24), "an address for documentation"),
    (Network::v4([192, 88, 99, 0], 24), "a relay's address"),
    (Network::v4([192, 168, 0, 0], 16), "a private address"),
    (Network::v4([198, 18, 0, 0], 15), "an address for measurements"),
    (Network::v4([198, 51, 100, 0], 24), "an address for documentation"),
    (Network::v4([203, 0, 113, 0], 24), "an address for documentation"),
    (Network::v4([224, 0, 0, 0], 4), "a multicast address"),
    (Network::v4([240, 0, 0, 0], 4), "a reserved address"),
    (Network::v6([0, 0, 0, 0, 0, 0, 0, 0], 128), "the unspecified address"),
    (Network::v6([0, 0, 0, 0, 0, 0, 0, 1], 128), "a loopback address"),
    (Network::v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48), "a local translator's address"),
    (Network::v6([0x100, 0, 0, 0, 0, 0, 0, 0], 64), "a discarded address"),
    (Network::v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), "a protocol's address"),
    (Network::v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), "an address for documentation"),
    (Network::v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), "an address for documentation"),
    (Network::v6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16), "a routing segment"),
    (Network::v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), "a private address"),
    (Network::v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), "a link-local address"),
    (Network::v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10), "a site-local address"),
    (Network::v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), "a multicast address"),
];

/// All that is handed out as global IPv6 addresses (RFC 4291, section 2.4, and IANA's registry).
const GLOBAL_V6: Network = Network::v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// What makes an address internal; `None` for a public one. An IPv6 address that carries an IPv4 one is what that is.
pub fn internal(address: IpAddr) -> Option<&'static str> {
    let address = match address {
        IpAddr::V6(address) => embedded(address).map_or(IpAddr::V6(address), IpAddr::V4),
        address => address,
    };
    let listed = INTERNAL.iter().find(|(network, _)| network.contains(address)).map(|(_, what)| *what);
    let strange = address.is_ipv6() && !GLOBAL_V6.contains(address);
    listed.or(strange.then_some("an address outside the global range"))
}

/// The IPv4 address that an IPv6 address stands for: mapped or translated (RFC 4291, RFC 2765), compatible (RFC 4291),
/// NAT64 (RFC 6052), 6to4 (RFC 3056). Teredo is internal as a whole.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0, 0, 0, 0, 0, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => Some(v4(high, low)),
        _ => None,
    }
}

/// The egress rules forbid a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// What is forbidden and why; names no secret.
    reason: String,
}

impl fmt::Display for Blocked {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.reason)
    }
}

impl std::error::Error for Blocked {}

/// How a request may go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// To public addresses, and to private ones whose network is listed.
    Guarded,
    /// To any address of this host, which is listed by its name.
    Excepted,
}

/// The egress rules.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    rules: Egress,
}

impl Guard {
    /// The rules of the settings.
    pub fn new(rules: Egress) -> Guard {
        Guard { rules }
    }

    /// Whether any host is excepted by its name.
    pub fn has_exceptions(&self) -> bool {
        self.rules.allow_private.iter().any(|rule| matches!(rule, PrivateRule::Host(_)))
    }

    /// How a request to this origin may go out.
    ///
    /// # Errors
    /// When the host is not among those that may be called, or is written as an internal address.
    pub fn route(&self, origin: &Origin) -> Result<Route, Blocked> {
        let (host, port) = (origin.host(), origin.port());
        let excepted = self.rules.allow_private.iter().any(|rule| match rule {
            PrivateRule::Host(rule) => rule.covers(host, port),
            PrivateRule::Network(_) => false,
        });
        if excepted {
            return Ok(Route::Excepted);
        }
        let hosts = &self.rules.allow_hosts;
        if !hosts.is_empty() && !hosts.iter().any(|rule| rule.covers(host, port)) {
            return Err(Blocked { reason: format!("`{host}:{port}` is not among `[egress] allow_hosts`") });
        }
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = bare.parse() {
            self.address(host, address)?;
        }
        Ok(Route::Guarded)
    }

    /// Whether a guarded request to this host may go to an address.
    ///
    /// # Errors
    /// When the address is internal and its network is not listed.
    pub fn address(&self, host: &str, address: IpAddr) -> Result<(), Blocked> {
        let listed = self.rules.allow_private.iter().any(|rule| match rule {
            PrivateRule::Network(network) => network.contains(address),
            PrivateRule::Host(_) => false,
        });
        match internal(address) {
            Some(what) if !listed => {
                let reason = format!("`{host}` is at {address}, {what} that `[egress] allow_private` does not list");
                Err(Blocked { reason })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(allow_hosts: &[&str], allow_private: &[&str]) -> Guard {
        Guard::new(Egress {
            allow_hosts: allow_hosts.iter().map(|rule| rule.parse().unwrap()).collect(),
            allow_private: allow_private.iter().map(|rule| rule.parse().unwrap()).collect(),
            ca_file: None,
        })
    }

    #[test]
    fn internal_addresses_are_known() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:0:10.0.0.1",
            "::127.0.0.1",
            "::169.254.169.254",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::808:808",
            "100::1",
            "2001::1",
            "2001:0:4136:e378::",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "2002:c0a8:101::",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fdff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "4000::1",
            "1::1",
            "64:ff9b:2::1",
        ] {
            assert!(internal(address.parse().unwrap()).is_some(), "{address} is internal");
        }
    }

    #[test]
    fn public_addresses_are_public() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "192.167.1.1",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::1",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "2a00:1450::1",
        ] {
            assert_eq!(internal(address.parse().unwrap()), None, "{address}");
        }
    }

    /// Every spelling that the URL standard reads as an address.
    #[test]
    fn written_addresses_are_seen_through() {
        for url in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0x7f.1/",
            "https://127.1/",
            "https://0177.0.0.1/",
            "https://0/",
            "https://127.0.0.1./",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://[0:0:0:0:0:0:0:1]/",
            "https://[64:ff9b::127.0.0.1]/",
            "https://[2002:7f00:1::]/",
            "https://[::127.0.0.1]/",
            "https://127。0。0。1/",
            "https://１２７.0.0.1/",
            "https://①②⑦.0.0.1/",
            "https://169.254.169.254/",
            "https://0xa9fea9fe/",
            "https://[fd00:ec2::254]/",
            "https://[fe80::1]/",
            "https://10.1/",
            "https://%31%32%37.0.0.1/",
        ] {
            let origin = Origin::from_literal(url).unwrap();
            assert!(guard(&[], &[]).route(&origin).is_err(), "{url} is {}", origin.host());
        }
        let public = Origin::from_literal("https://8.8.8.8/").unwrap();
        assert_eq!(guard(&[], &[]).route(&public), Ok(Route::Guarded));
    }

    #[test]
    fn rules_decide_the_route() {
        let route = |url: &str, hosts: &[&str], private: &[&str]| {
            guard(hosts, private).route(&Origin::from_literal(url).unwrap()).ok()
        };
        assert_eq!(route("https://api.example.com", &[], &[]), Some(Route::Guarded));
        assert_eq!(route("https://api.example.com", &["api.example.com"], &[]), Some(Route::Guarded));
        assert_eq!(route("https://api.example.com.", &["api.example.com"], &[]), Some(Route::Guarded));
        assert_eq!(route("https://evil.example.com", &["api.example.com"], &[]), None);
        assert_eq!(route("https://api.example.com.evil.com", &["api.example.com"], &[]), None);
        assert_eq!(route("https://api.example.com:8443", &["api.example.com:443"], &[]), None);
        assert_eq!(route("https://api.example.com", &["api.example.com:443"], &[]), Some(Route::Guarded));
        assert_eq!(route("https://localhost:8443", &[], &["localhost"]), Some(Route::Excepted));
        assert_eq!(route("https://localhost:8443", &[], &["localhost:8443"]), Some(Route::Excepted));
        // Its addresses are then looked at when it is resolved.
        assert_eq!(route("https://localhost:9", &[], &["localhost:8443"]), Some(Route::Guarded));
        assert_eq!(route("https://127.0.0.1:9", &[], &["127.0.0.1:9"]), Some(Route::Excepted));
        assert_eq!(route("https://127.0.0.1:9", &[], &["127.0.0.1:8"]), None);
        assert_eq!(route("https://127.0.0.1:9", &[], &["127.0.0.0/8"]), Some(Route::Guarded));
        assert_eq!(route("https://[::1]:9", &[], &["::1"]), Some(Route::Guarded));
        assert_eq!(route("https://127.0.0.1:9", &[], &["localhost"]), None);
        assert_eq!(route("https://erp.internal", &["api.example.com"], &["erp.internal"]), Some(Route::Excepted));
        assert_eq!(route("https://10.0.0.1", &["api.example.com"], &["10.0.0.0/8"]), None);
    }
}
