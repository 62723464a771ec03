//! How names become addresses for connections, under the egress rules.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::guard::Guard;

/// Resolves names for connections and refuses a name if any of its addresses is internal: a host with one public and one
/// private address is either an attack or a mistake.
#[derive(Clone)]
pub(super) struct Resolver {
    names: Arc<dyn Resolve>,
    guard: Option<Arc<Guard>>,
    resolved: Resolved,
}

/// What names have last led to: so that history can say where an attempt without an answer went. As many as programs name.
#[derive(Clone, Debug, Default)]
pub(super) struct Resolved(Arc<Mutex<HashMap<String, IpAddr>>>);

impl Resolved {
    /// The address that a URL's host is written as, or the first one that its name has led to.
    pub(super) fn address(&self, host: &str) -> Option<IpAddr> {
        let written = host.trim_start_matches('[').trim_end_matches(']').parse().ok();
        written.or_else(|| self.0.lock().unwrap_or_else(PoisonError::into_inner).get(host).copied())
    }

    fn note(&self, name: String, address: IpAddr) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name, address);
    }
}

impl Resolver {
    /// Resolves under the rules.
    pub(super) fn guarded(names: Arc<dyn Resolve>, guard: Arc<Guard>, resolved: Resolved) -> Resolver {
        Resolver { names, guard: Some(guard), resolved }
    }

    /// Resolves hosts that are excepted by their names.
    pub(super) fn excepted(names: Arc<dyn Resolve>, resolved: Resolved) -> Resolver {
        Resolver { names, guard: None, resolved }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let (guard, resolved) = (self.guard.clone(), self.resolved.clone());
        let resolving = self.names.resolve(name);
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = resolving.await?.collect();
            if let Some(guard) = guard {
                for address in &addresses {
                    guard.address(&host, address.ip())?;
                }
            }
            let Some(first) = addresses.first() else {
                return Err(Box::new(NoAddress) as Box<dyn std::error::Error + Send + Sync>);
            };
            resolved.note(host, first.ip());
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// A name without an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name has no address")]
pub(super) struct NoAddress;

/// Resolves names as the system does.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SystemNames;

impl Resolve for SystemNames {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Egress;

    /// Names that change their addresses: one answer a question.
    struct Scripted(Mutex<Vec<Vec<&'static str>>>);

    impl Resolve for Scripted {
        fn resolve(&self, _: Name) -> Resolving {
            let answer = self.0.lock().unwrap().remove(0);
            let addresses: Vec<SocketAddr> = answer.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect();
            Box::pin(async move { Ok(Box::new(addresses.into_iter()) as Addrs) })
        }
    }

    fn resolver(answers: Vec<Vec<&'static str>>, allow_hosts: &[&str], allow_private: &[&str]) -> Resolver {
        let egress = Egress {
            allow_hosts: allow_hosts.iter().map(|rule| rule.parse().unwrap()).collect(),
            allow_private: allow_private.iter().map(|rule| rule.parse().unwrap()).collect(),
            ca_file: None,
        };
        let names = Arc::new(Scripted(Mutex::new(answers)));
        Resolver::guarded(names, Arc::new(Guard::new(egress)), Resolved::default())
    }

    #[tokio::test]
    async fn names_are_refused_for_one_internal_address() {
        let answers = vec![
            vec!["8.8.8.8", "2606:4700::1111"],
            vec!["127.0.0.1"],
            vec!["8.8.8.8", "10.0.0.1"],
            vec!["8.8.8.8", "::ffff:10.0.0.1"],
            vec![],
        ];
        let resolver = resolver(answers, &[], &["other.test"]);
        let mut outcomes = Vec::new();
        for _ in 0..5 {
            let answer = resolver.resolve("host.test".parse().unwrap()).await;
            outcomes.push(answer.map(Iterator::count).map_err(|error| error.to_string()));
        }
        let blocked = |address: &str, what: &str| {
            Err(format!("`host.test` is at {address}, {what} that `[egress] allow_private` does not list"))
        };
        assert_eq!(
            outcomes,
            [
                Ok(2),
                blocked("127.0.0.1", "a loopback address"),
                blocked("10.0.0.1", "a private address"),
                blocked("::ffff:10.0.0.1", "a private address"),
                Err("the name has no address".to_owned()),
            ]
        );
    }

    #[tokio::test]
    async fn a_listed_network_may_have_any_name() {
        let resolver =
            resolver(vec![vec!["10.1.2.3", "10.0.0.9"], vec!["11.0.0.1", "192.168.0.1"]], &[], &["10.0.0.0/8"]);
        assert!(resolver.resolve("a.test".parse().unwrap()).await.is_ok());
        assert!(resolver.resolve("a.test".parse().unwrap()).await.is_err());
        // What was refused is not where anything went.
        assert_eq!(resolver.resolved.address("a.test"), Some("10.1.2.3".parse().unwrap()));
        assert_eq!(resolver.resolved.address("b.test"), None);
        assert_eq!(resolver.resolved.address("[::1]"), Some("::1".parse().unwrap()));
        assert_eq!(resolver.resolved.address("127.0.0.1"), Some("127.0.0.1".parse().unwrap()));
    }
}
