//! A network that loses, delays and is cut.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

/// What stands between hosts.
pub(crate) struct Network {
    /// How long a datagram takes one way.
    pub(crate) latency: Range<Duration>,
    /// The share of datagrams lost, between 0 and 1.
    pub(crate) loss: f64,
    parts: BTreeMap<usize, usize>,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            latency: Duration::from_micros(200)..Duration::from_micros(600),
            loss: 0.0,
            parts: BTreeMap::new(),
        }
    }
}

impl Network {
    /// Cuts the network into parts: hosts reach each other if `part` says the same of both.
    pub(crate) fn cut(&mut self, hosts: usize, part: impl Fn(usize) -> usize) {
        self.parts = (0..hosts).map(|host| (host, part(host))).collect();
    }

    /// Mends all cuts.
    pub(crate) fn heal(&mut self) {
        self.parts.clear();
    }

    /// How long a datagram takes, if it arrives.
    pub(crate) fn carry(
        &self,
        from: usize,
        to: usize,
        chance: &mut ChaCha8Rng,
    ) -> Option<Duration> {
        let latency = chance.random_range(self.latency.clone());
        let lost = chance.random_bool(self.loss);
        let connected = self.parts.get(&from) == self.parts.get(&to);
        (connected && !lost).then_some(latency)
    }
}
