//! The numbers of Java's server that matter here, with their usual values.
//!
//! Here: settings of Spring Cloud's Eureka server. Not here: those of clients, which come with the plan of a run.

use std::time::Duration;

/// The numbers of a Java server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JavaSettings {
    /// How often expired leases are looked for; 60 s (`eviction-interval-timer-in-ms`).
    pub eviction_every: Duration,
    /// How often a server believes its clients to beat; 30 s (`expected-client-renewal-interval-seconds`).
    pub interval_expected: Duration,
    /// Heartbeats below this share of those expected stop all evictions; 85 % (`renewal-percent-threshold`).
    pub renewal_percent: u32,
    /// Whether they do (`enable-self-preservation`).
    pub self_preservation: bool,
    /// How often the number of clients to expect is counted anew; 15 min (`renewal-threshold-update-interval-ms`).
    pub count_every: Duration,
    /// How often what readers get is made anew; 30 s (`response-cache-update-interval-ms`). `None`: they get what is
    /// there (`use-read-only-response-cache = false`).
    pub cache_every: Option<Duration>,
    /// How often a server reads the list of another for itself; 30 s (`registry-fetch-interval-seconds`).
    pub fetch_every: Duration,
    /// How long a starting server waits before it looks again whether it has read anybody; 30 s
    /// (`registry-sync-retry-wait-ms`).
    pub sync_wait: Duration,
    /// How often it looks again; 5 (`registry-sync-retries`, where the server registers itself).
    pub sync_retries: u32,
    /// How long a server waits for another's answer, and for a connection to it; 200 ms
    /// (`peer-node-read-timeout-ms`, `peer-node-connect-timeout-ms`).
    pub peer_timeout: Duration,
    /// From the start of the process to its first answer. Measured: 19 to 33 s.
    pub boot: Duration,
    /// From the order to stop until the process has ended. Measured: 5.6 s.
    pub leaving: Duration,
}

impl JavaSettings {
    /// A server nobody has touched.
    pub const DEFAULT: Self = Self {
        eviction_every: Duration::from_secs(60),
        interval_expected: Duration::from_secs(30),
        renewal_percent: 85,
        self_preservation: true,
        count_every: Duration::from_secs(15 * 60),
        cache_every: Some(Duration::from_secs(30)),
        fetch_every: Duration::from_secs(30),
        sync_wait: Duration::from_secs(30),
        sync_retries: 5,
        peer_timeout: Duration::from_millis(200),
        boot: Duration::from_secs(20),
        leaving: Duration::from_millis(5_600),
    };

    /// Settings that people often shorten: no cache for readers, expired leases looked for every 5 s, clients expected
    /// to beat every 10 s.
    pub const FAST: Self = Self {
        eviction_every: Duration::from_secs(5),
        interval_expected: Duration::from_secs(10),
        cache_every: None,
        fetch_every: Duration::from_secs(5),
        sync_wait: Duration::from_secs(5),
        ..Self::DEFAULT
    };
}

impl Default for JavaSettings {
    fn default() -> Self {
        Self::DEFAULT
    }
}
