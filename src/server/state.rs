//! What the parts of a server share, and what it tells of what happens.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use peers::node::Doors;
use peers::runtime::Handle;
use peers::version::{Epoch, NodeId, Origin};
use tokio::sync::Notify;
use tracing::{debug, info, warn};

use super::protections::{News, Protections};
use super::snapshots::Snapshots;
use super::stall::Stalls;
use super::{FILES_RESERVED, peer_streams_max};
use crate::account::{Account, Bounds, Notice, Revision, Topic};
use crate::api::cache::Cache;
use crate::api::v1::stream::Feed;
use crate::api::v1::watch::Shared;
use crate::api::{Connections, Name};
use crate::clock::{Clock, Timestamp};
use crate::cluster::Urls;
use crate::config::Config;
use crate::metrics::Metrics;
use crate::native::documents::Settings;
use crate::native::drains::Drains;
use crate::native::fetches::Fetches;
use crate::pace::Pace;
use crate::process;
use crate::registry::change::{Change, Sender, What};
use crate::registry::instance::{Instance, Registration, Text};
use crate::registry::preservation::Scope;
use crate::registry::{Heartbeat, Registry, Renewal};

/// What the parts of a server share.
pub struct State {
    /// The settings.
    pub config: Config,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The instances.
    pub registry: Arc<Registry>,
    /// What happened.
    pub account: Arc<Account>,
    pub(crate) feed: Feed,
    pub(crate) watched: Shared,
    pub(crate) cache: Cache,
    pub(crate) metrics: Metrics,
    pub(crate) connections: Connections,
    pub(crate) refusals: Pace,
    pub(crate) started_at: Timestamp,
    /// Where it listens, once it does.
    pub(crate) address: OnceLock<SocketAddr>,
    /// Where peers reach it, if it has any part in a cluster.
    pub(crate) peer_address: OnceLock<SocketAddr>,
    /// Where the other servers are found.
    pub(crate) urls: Urls,
    /// Its part in a cluster, if it has any.
    pub(crate) peers: OnceLock<Handle>,
    /// Something may have changed that the data directory is to remember.
    pub(crate) to_remember: Notify,
    /// Who writes down what is registered, if anybody does.
    pub(crate) snapshots: OnceLock<Arc<Snapshots>>,
    pub(crate) stalls: Stalls,
    /// The settings with where each comes from, as they are shown.
    pub(crate) settings: OnceLock<Settings>,
    /// Who reads the registry.
    pub(crate) fetches: Fetches,
    /// What is drained.
    pub(crate) drains: Arc<Drains>,
    stop: Notify,
    stopped_for: OnceLock<String>,
    protections: Protections,
    draining: AtomicBool,
}

impl State {
    /// A server that has just started, alone, and goes by its name.
    pub fn new(config: Config, clock: Arc<dyn Clock>) -> Self {
        let origin = Origin {
            node: NodeId(name_hash(&config.name)),
            epoch: Epoch(clock.now().as_millis()),
        };
        Self::of(origin, config, clock)
    }

    /// A server that has just started as this origin.
    pub(super) fn of(origin: Origin, config: Config, clock: Arc<dyn Clock>) -> Self {
        let started_at = clock.now();
        let registry = Registry::new(config.registry_settings(), origin);
        let registry = Arc::new(registry.zoned(config.zone_rules()));
        let account = Arc::new(Account::new(started_at, bounds(&config)));
        let drains = Arc::new(Drains::default());
        let (listening, following) = (account.clone(), drains.clone());
        registry.on_change(move |change, after| {
            let event = listening.enter(change);
            following.hear(change, after, event);
            event
        });
        Self {
            registry,
            account,
            feed: Feed::default(),
            watched: Shared::default(),
            cache: Cache::new(config.reads.rebuilds_per_second),
            metrics: Metrics::default(),
            connections: Connections::new(connections_max(&config)),
            refusals: Pace::default(),
            started_at,
            address: OnceLock::new(),
            peer_address: OnceLock::new(),
            urls: Urls::default(),
            peers: OnceLock::new(),
            to_remember: Notify::new(),
            snapshots: OnceLock::new(),
            stalls: Stalls::default(),
            settings: OnceLock::new(),
            fetches: Fetches::every(config.drain.fetch_interval),
            drains,
            stop: Notify::new(),
            stopped_for: OnceLock::new(),
            protections: Protections::default(),
            draining: AtomicBool::new(false),
            config,
            clock,
        }
    }

    /// What is served at present.
    pub fn doors(&self) -> Doors {
        let mut doors = self.peers.get().map_or(ALL_OPEN, Handle::doors);
        doors.lists &= self.warm();
        doors
    }

    fn warm(&self) -> bool {
        self.clock.now().since(self.started_at) >= self.config.warm_up.lists_closed_for
    }

    /// Whether lists are served.
    pub fn lists_open(&self) -> bool {
        self.doors().lists
    }

    /// Whether the exchange with peers goes on. Without it what is served would grow old.
    pub fn in_touch(&self) -> bool {
        !self.peers.get().is_some_and(Handle::broken)
    }

    /// Whether this registration is taken: a server that leaves takes no new instances.
    pub(crate) fn takes(&self, registration: &Registration, now: Timestamp) -> bool {
        let Instance { app, .. } = &registration.instance;
        let id = registration.instance.key_id();
        self.doors().new_leases || self.registry.find(app.as_str(), id, now).is_some()
    }

    /// The server must not go on, for this reason. The first one counts.
    pub(crate) fn stop(&self, reason: &str) {
        self.stopped_for.get_or_init(|| reason.to_owned());
        self.stop.notify_one();
    }

    /// Waits until the server must not go on, and tells why.
    pub(crate) async fn must_stop(&self) -> String {
        self.stop.notified().await;
        self.stopped_for.get().cloned().unwrap_or_default()
    }

    /// Whether this server is about to stop.
    pub fn draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// From now on clients are sent elsewhere.
    pub(crate) fn drain(&self) {
        if !self.draining.swap(true, Ordering::Relaxed) {
            let text = "this server is about to stop; its clients are sent to others";
            self.note(Notice::new("stopping", Topic::Cluster, text));
        }
    }

    /// Notes what is no change of an instance.
    pub(crate) fn note(&self, notice: Notice) -> Revision {
        self.account.note(notice, self.clock.now())
    }

    /// Ends all streams, and answers whoever waits for something to happen.
    pub(crate) fn end_streams(&self) {
        self.feed.close();
        self.account.wake_all();
    }

    /// Tells subscribers what happened since the last time, all of them at once; a server that runs tells them a few at
    /// a time.
    pub fn publish(&self) {
        self.feed.publish(self);
        self.feed.let_all_look();
    }

    /// Whether to send clients here.
    pub fn ready(&self) -> bool {
        self.lists_open() && self.in_touch() && !self.draining()
    }

    pub(crate) fn renew(&self, name: Name<'_>, beat: &Heartbeat) -> Renewal {
        let renewal = self
            .registry
            .renew(name.app, name.id, beat, self.clock.now());
        if matches!(renewal, Renewal::Unknown) {
            self.metrics.renewal_of_nobody();
        }
        renewal
    }

    /// Ends what is over and forgets what is old; to be called every `lease.sweep-interval`.
    pub fn sweep(&self, chance: &mut impl rand::Rng) {
        let swept = self.registry.sweep(self.clock.now(), chance);
        if let Some(gap) = swept.stalled {
            let gap = gap.as_secs_f64();
            let text =
                format!("this server did not run for {gap:.1} s, all leases are moved by that");
            self.note(Notice::new("stalled", Topic::Notice, &text));
            warn!(
                event = "stalled",
                "this server did not run for {gap:.1} s, all leases are moved by that"
            );
        }
        let changes = swept
            .adopted
            .iter()
            .chain(&swept.evicted)
            .chain(&swept.expired);
        changes.for_each(|change| self.record(change));
        self.metrics.held(swept.held);
        let news = self.protections.tell(self.registry.protections());
        news.into_iter().for_each(|news| self.note_guard(&news));
        self.registry.refresh();
    }

    fn note_guard(&self, news: &News) {
        self.note(Notice {
            zone: zone(&news.scope),
            ..Notice::new(news.event, Topic::Notice, &news.sentence)
        });
    }

    /// Drops old changes from the delta; to be called every `delta.prune-interval`.
    pub fn prune_delta(&self) {
        self.registry.prune_delta(self.clock.now());
        self.registry.refresh();
    }

    /// Counts a change and tells of it. Registering again is what clients do all day, and no news; nor is who keeps a
    /// lease, which moves by thousands when a server is lost; and what a peer agreed on, that peer has told of.
    pub(crate) fn record(&self, change: &Change) {
        self.metrics.changed(change.what);
        let (app, id) = (change.key.app.as_str(), &*change.key.id);
        let event = change.what.code();
        let quiet = matches!(
            change.what,
            What::RegisteredAgain | What::Adopted | What::Restated | What::Moved
        );
        if quiet || change.by == Some(Sender::Cluster) {
            debug!(event, %app, %id, "{change}");
        } else {
            info!(event, %app, %id, status = %change.status, rev = change.revision, "{change}");
        }
    }
}

/// How much is remembered of what happened.
fn bounds(config: &Config) -> Bounds {
    Bounds {
        events: config.events.keep.get(),
        age: config.events.keep_for,
    }
}

/// The zone a guard watches over, if it is one zone.
fn zone(scope: &Scope) -> Option<Text> {
    match scope {
        Scope::Zone(zone) => zone.clone(),
        Scope::Server | Scope::Isolation => None,
    }
}

/// What a server serves that has no part in a cluster.
const ALL_OPEN: Doors = Doors {
    lists: true,
    not_found: true,
    writes: true,
    new_leases: true,
};

/// A number for a name, the same on every machine (FNV-1a).
pub(super) fn name_hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// How many connections there may be: what is set, or what the limit of open files leaves.
fn connections_max(config: &Config) -> usize {
    let set = config.http.max_connections.get();
    let files = process::files_max().and_then(|files| usize::try_from(files).ok());
    files.map_or(set, |files| {
        let reserved = FILES_RESERVED + peer_streams_max();
        set.min(files.saturating_sub(reserved).max(1))
    })
}
