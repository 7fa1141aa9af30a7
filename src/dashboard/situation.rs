//! How things stand, gathered once for a page from the documents of the API.

use peers::node::view as seen;

use crate::clock::Timestamp;
use crate::cluster;
use crate::cluster::view::Cluster;
use crate::native::documents::{Protection, Services};
use crate::native::query::Query;
use crate::native::{protection, services};
use crate::server::State;

/// How things stand when a page is made.
pub(super) struct Situation {
    pub(super) now: Timestamp,
    /// The state of the registry: what comes after is told by the stream.
    pub(super) revision: String,
    pub(super) seen: seen::Cluster,
    pub(super) cluster: Cluster,
    pub(super) services: Services,
    pub(super) protection: Protection,
}

impl Situation {
    pub(super) async fn of(state: &State) -> Self {
        let seen = cluster::seen(state).await;
        let services = services::list(state, &Query::default());
        Self {
            now: state.clock.now(),
            revision: services.revision.to_string(),
            cluster: cluster::document(state, &seen),
            seen,
            services,
            protection: protection::of(state),
        }
    }

    /// How many instances are listed.
    pub(super) const fn instances(&self) -> u64 {
        self.cluster.server.instances
    }
}
