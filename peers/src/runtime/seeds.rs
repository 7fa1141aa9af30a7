//! Where to look for the others: addresses and names, resolved again and again, for ever.
//!
//! Here: [`Seed`] and the task that resolves them. What must always hold: a name that does not resolve keeps the
//! addresses it had, and is told of once until that changes; nothing here ends a server.

mod resolve;

use std::collections::BTreeSet;
use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use rand::RngExt as _;
use rand::rngs::ChaCha8Rng;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::SendError;
use tokio::task::JoinSet;
use tracing::{info, warn};

pub use self::resolve::Names;
use self::resolve::resolve;
use super::Aborted;
use super::handle::{Command, Shared};

/// How often seeds are resolved while peers are up.
const CALM: Duration = Duration::from_secs(10);
/// How often while nobody is.
const EAGER: Duration = Duration::from_millis(500);
/// Resolving comes early or late by up to this share, in percent, so that servers started together do not ask
/// together.
const JITTER_PERCENT: u32 = 20;

/// Where to look for others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seed {
    /// `host:port`: an address, or a name this machine can resolve.
    Host {
        /// The address or name.
        host: String,
        /// The port.
        port: u16,
    },
    /// `dns:name[:port]`, by DNS alone. Without a port the SRV records of the name are taken, else its addresses and
    /// the usual port. With a port its addresses are taken: a name's SRV records may be those of another service.
    Dns {
        /// The name.
        name: String,
        /// The port.
        port: Option<u16>,
    },
}

impl Seed {
    /// The port of peers where nobody says another.
    pub const PORT: u16 = 8764;
}

impl FromStr for Seed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!("'{text}' is no seed; write host:8764, 10.0.0.7:8764, [::1]:8764 or dns:name")
        };
        match text.strip_prefix("dns:") {
            Some(name) => dns(name).ok_or_else(wrong),
            None => host(text).ok_or_else(wrong),
        }
    }
}

fn dns(text: &str) -> Option<Seed> {
    let (name, port) = match text.split_once(':') {
        Some((name, port)) => (name, Some(port_of(port)?)),
        None => (text, None),
    };
    named(name).map(|name| Seed::Dns { name, port })
}

fn host(text: &str) -> Option<Seed> {
    let (host, port) = text.rsplit_once(':')?;
    let port = port_of(port)?;
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let host = match bare {
        Some(address) => address
            .parse::<std::net::Ipv6Addr>()
            .ok()
            .map(|address| address.to_string()),
        None => named(host),
    };
    host.map(|host| Seed::Host { host, port })
}

fn named(name: &str) -> Option<String> {
    let plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    (!name.is_empty() && name.chars().all(plain)).then(|| name.to_owned())
}

fn port_of(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port != 0)
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Host { host, port } => write!(f, "{host}:{port}"),
            Self::Dns { name, port: None } => write!(f, "dns:{name}"),
            Self::Dns {
                name,
                port: Some(port),
            } => write!(f, "dns:{name}:{port}"),
        }
    }
}

/// Looks for seeds until the task is dropped.
pub(super) fn look(
    seeds: Vec<Seed>,
    names: Names,
    mut jitter: ChaCha8Rng,
    shared: Arc<Shared>,
    commands: mpsc::Sender<Command>,
) -> Aborted {
    Aborted::spawn(async move {
        let mut found: Vec<_> = seeds.into_iter().map(Found::new).collect();
        while !found.is_empty() {
            if resolve_all(&mut found, &names, &commands).await.is_err() {
                return;
            }
            let pause = if shared.in_company() { CALM } else { EAGER };
            let percent = jitter.random_range(100 - JITTER_PERCENT..=100 + JITTER_PERCENT);
            tokio::time::sleep(pause * percent / 100).await;
        }
    })
}

/// What is known of a seed.
struct Found {
    seed: Seed,
    addresses: BTreeSet<SocketAddr>,
    failure: Option<String>,
}

/// Resolves all, and hands in what they mean as it comes: one that takes long hinders no other.
async fn resolve_all(
    found: &mut [Found],
    names: &Names,
    commands: &mpsc::Sender<Command>,
) -> Result<(), SendError<Command>> {
    let mut asked = JoinSet::new();
    for (place, found) in found.iter().enumerate() {
        let (seed, names) = (found.seed.clone(), names.clone());
        asked.spawn(async move { (place, resolve(&seed, &names).await) });
    }
    while let Some(answered) = asked.join_next().await {
        // A fault in resolving one seed does not hide the others.
        let Ok((place, answer)) = answered else {
            continue;
        };
        if found.get_mut(place).is_some_and(|found| found.hear(answer)) {
            let addresses: BTreeSet<_> = found.iter().flat_map(|found| &found.addresses).collect();
            let addresses = addresses.into_iter().copied().collect();
            commands.send(Command::Seeds(addresses)).await?;
        }
    }
    Ok(())
}

impl Found {
    const fn new(seed: Seed) -> Self {
        Self {
            seed,
            addresses: BTreeSet::new(),
            failure: None,
        }
    }

    /// Takes in what a seed means now. Answers whether that is news.
    fn hear(&mut self, answer: Result<BTreeSet<SocketAddr>, String>) -> bool {
        let seed = &self.seed;
        let failure = answer.as_ref().err().cloned();
        if failure.is_some() != self.failure.is_some() {
            match &failure {
                Some(cause) => {
                    warn!(event = "seed_unresolved", %seed, "cannot resolve seed {seed}, will go on trying: {cause}");
                }
                None => info!(event = "seed_resolved", %seed, "seed {seed} resolves again"),
            }
        }
        self.failure = failure;
        match answer {
            Ok(addresses) => std::mem::replace(&mut self.addresses, addresses) != self.addresses,
            Err(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, seed: &Seed) {
        assert_eq!(text.parse::<Seed>().as_ref(), Ok(seed));
        assert_eq!(seed.to_string(), text);
    }

    #[test]
    fn a_seed_is_a_host_with_a_port_or_a_name_for_dns() {
        let host = |host: &str, port| Seed::Host {
            host: host.to_owned(),
            port,
        };
        let dns = |name: &str, port| Seed::Dns {
            name: name.to_owned(),
            port,
        };
        check("peerage-1:8764", &host("peerage-1", 8764));
        check("10.0.0.7:1", &host("10.0.0.7", 1));
        check("[::1]:8764", &host("::1", 8764));
        check(
            "dns:_peerage._tcp.example.org",
            &dns("_peerage._tcp.example.org", None),
        );
        check("dns:peers.local:8764", &dns("peers.local", Some(8764)));
    }

    #[test]
    fn what_is_no_seed_is_refused_with_examples() {
        for text in [
            "",
            "host",
            ":8764",
            "host:0",
            "host:x",
            "host:99999",
            "dns:",
            "dns::1",
            "dns:a:b",
            "http://a:1",
            "a b:1",
            "::1:8764",
            "[nonsense]:1",
        ] {
            let refused = text.parse::<Seed>().expect_err(text);
            assert!(refused.contains("dns:name"), "{refused}");
        }
    }

    #[test]
    fn a_name_that_no_longer_resolves_keeps_its_addresses() {
        let address = SocketAddr::from(([127, 0, 0, 1], Seed::PORT));
        let mut found = Found::new(Seed::Dns {
            name: "peers.local".to_owned(),
            port: None,
        });
        assert!(found.hear(Ok(BTreeSet::from([address]))), "that is news");
        assert!(!found.hear(Ok(BTreeSet::from([address]))), "that is not");
        assert!(!found.hear(Err("nobody answers".to_owned())));
        assert_eq!(found.addresses, BTreeSet::from([address]));
        assert!(found.failure.is_some());
    }
}
