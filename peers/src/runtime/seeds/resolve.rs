//! From names to addresses.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;
use tokio::net::lookup_host;
use tokio::time::timeout;

use super::Seed;

/// How long resolving one seed may take.
const RESOLVE_MAX: Duration = Duration::from_secs(5);
/// Addresses taken of one seed.
const ADDRESSES_MAX: usize = 256;

/// Who is asked for what names mean in DNS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Names {
    /// Whoever the system asks, as it is set at the time.
    #[default]
    OfSystem,
    /// These name servers.
    At(Vec<SocketAddr>),
}

/// The addresses of a seed now, or why there are none.
pub(super) async fn resolve(seed: &Seed, names: &Names) -> Result<BTreeSet<SocketAddr>, String> {
    let resolving = async {
        match seed {
            Seed::Host { host, port } => by_system(host, *port).await,
            Seed::Dns { name, port } => by_dns(names, name, *port).await,
        }
    };
    let found = match timeout(RESOLVE_MAX, resolving).await {
        Ok(found) => found?,
        Err(_) => return Err(format!("no answer within {} s", RESOLVE_MAX.as_secs())),
    };
    let addresses: BTreeSet<_> = found.into_iter().take(ADDRESSES_MAX).collect();
    if addresses.is_empty() {
        return Err("the name has no address".to_owned());
    }
    Ok(addresses)
}

async fn by_system(host: &str, port: u16) -> Result<Vec<SocketAddr>, String> {
    let found = lookup_host((host, port)).await;
    found
        .map(Iterator::collect)
        .map_err(|cause| cause.to_string())
}

async fn by_dns(names: &Names, name: &str, port: Option<u16>) -> Result<Vec<SocketAddr>, String> {
    let resolver = resolver(names).map_err(|cause| cause.to_string())?;
    match port {
        Some(port) => addresses(&resolver, name, port).await,
        None => match services(&resolver, name).await {
            found if found.is_empty() => addresses(&resolver, name, Seed::PORT).await,
            found => Ok(found),
        },
    }
}

/// Made anew each time, since the system's settings of it may change, and remembers nothing: the others may have come
/// a moment ago.
fn resolver(names: &Names) -> Result<TokioResolver, NetError> {
    let mut builder = match names {
        Names::OfSystem => TokioResolver::builder_tokio()?,
        Names::At(servers) => {
            let servers = servers.iter().map(name_server).collect();
            let config = ResolverConfig::from_parts(None, Vec::new(), servers);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        }
    };
    builder.options_mut().cache_size = 0;
    builder.build()
}

fn name_server(at: &SocketAddr) -> NameServerConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
    let connections = connections.map(|mut connection| {
        connection.port = at.port();
        connection
    });
    NameServerConfig::new(at.ip(), true, connections.to_vec())
}

/// The addresses and ports of a name's SRV records; none if it has no such records.
async fn services(resolver: &TokioResolver, name: &str) -> Vec<SocketAddr> {
    let Ok(found) = resolver.srv_lookup(name).await else {
        return Vec::new();
    };
    let services = found
        .answers()
        .iter()
        .filter_map(|record| match &record.data {
            RData::SRV(service) => Some((service.target.to_utf8(), service.port)),
            _ => None,
        });
    let mut all = Vec::new();
    for (target, port) in services.take(ADDRESSES_MAX) {
        // One target that is gone does not hide the others.
        all.extend(addresses(resolver, &target, port).await.unwrap_or_default());
    }
    all
}

async fn addresses(
    resolver: &TokioResolver,
    name: &str,
    port: u16,
) -> Result<Vec<SocketAddr>, String> {
    let found = resolver.lookup_ip(name).await;
    let found = found.map_err(|cause| cause.to_string())?;
    let sockets = found.iter().map(|address| SocketAddr::new(address, port));
    Ok(sockets.collect())
}
