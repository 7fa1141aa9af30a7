//! Whether a server has lost the others, or they their lives.
//!
//! Here: the judgement, as a value that is asked again and again. Not here: what follows from it. What must always
//! hold: a lone server and the survivor of two never judge so, for they cannot tell; and it ends, for of a cluster
//! that shrank for good the rest must go on.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::settings::Rules;
use crate::replica::Leases;
use crate::version::NodeId;

/// With fewer silent leases than this nothing large has happened.
const SILENT_MANY: u32 = 10;
/// The longest it lasts while little is silent.
const LIMIT_SHORT: Duration = Duration::from_secs(10 * 60);
/// The longest it lasts otherwise.
const LIMIT_LONG: Duration = Duration::from_secs(60 * 60);

/// Another server that was ever heard of and has not said goodbye.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) node: NodeId,
    /// Whether a stream reaches it.
    pub(super) connected: bool,
    /// Whether it is up.
    pub(super) up: bool,
}

/// What is known of losses.
#[derive(Clone, Debug, Default)]
pub(super) struct Isolation {
    alone_since: Option<Duration>,
    lost_at: BTreeMap<NodeId, Duration>,
    /// Those that went at once, while that is believed to be this server's own isolation.
    mass: BTreeSet<NodeId>,
    /// Lost for longer than it may last: no longer counted, until they are up again.
    written_off: BTreeSet<NodeId>,
    since: Option<Duration>,
}

impl Isolation {
    /// Since when this server is isolated.
    pub(super) const fn since(&self) -> Option<Duration> {
        self.since
    }

    /// Takes in how things stand.
    pub(super) fn ask(&mut self, now: Duration, known: &[Known], leases: Leases, rules: &Rules) {
        self.written_off
            .retain(|lost| known.iter().any(|known| known.node == *lost && !known.up));
        let counted: Vec<_> = known
            .iter()
            .filter(|known| !self.written_off.contains(&known.node))
            .copied()
            .collect();
        let isolated = self.cut_off(now, &counted, rules) | self.most_lost(now, &counted, rules);
        self.since = isolated.then(|| self.since.unwrap_or(now));
        if self.since.is_some_and(|since| now >= since + limit(leases)) {
            let lost = counted.iter().filter(|known| !known.up || !known.connected);
            self.written_off.extend(lost.map(|known| known.node));
            self.mass.clear();
            (self.since, self.alone_since) = (None, None);
        }
    }

    /// No stream to any of at least two, for some time.
    fn cut_off(&mut self, now: Duration, known: &[Known], rules: &Rules) -> bool {
        let alone = known.len() >= 2 && known.iter().all(|known| !known.connected);
        self.alone_since = alone.then(|| self.alone_since.unwrap_or(now));
        self.alone_since
            .is_some_and(|since| now >= since + rules.isolation)
    }

    /// More than half of the cluster, counted with this server, went within a short time.
    fn most_lost(&mut self, now: Duration, known: &[Known], rules: &Rules) -> bool {
        let lost = |node: &NodeId| known.iter().any(|known| known.node == *node && !known.up);
        self.lost_at.retain(|node, _| lost(node));
        self.mass.retain(lost);
        for gone in known.iter().filter(|known| !known.up) {
            self.lost_at.entry(gone.node).or_insert(now);
        }
        let window = rules.isolation * 3;
        let lately: BTreeSet<_> = self
            .lost_at
            .iter()
            .filter(|(_, at)| now < **at + window)
            .map(|(node, _)| *node)
            .collect();
        let up = known.iter().filter(|known| known.up).count();
        if known.len() >= 2 && most(lately.len(), 1 + up + lately.len()) {
            self.mass.extend(lately);
        }
        most(self.mass.len(), 1 + up + self.mass.len())
    }
}

const fn most(part: usize, whole: usize) -> bool {
    part * 2 > whole
}

fn limit(leases: Leases) -> Duration {
    let little = leases.silent.saturating_mul(2) < leases.owned || leases.silent < SILENT_MANY;
    if little { LIMIT_SHORT } else { LIMIT_LONG }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: fn() -> Rules = Rules::default;

    fn known(up: &[bool]) -> Vec<Known> {
        let known = |(node, up): (u64, &bool)| Known {
            node: NodeId(node),
            connected: *up,
            up: *up,
        };
        (1..).zip(up).map(known).collect()
    }

    /// Asks every second over this stretch of time, and tells at which second it is isolated and at which no longer.
    fn story(
        isolation: &mut Isolation,
        seconds: std::ops::Range<u64>,
        up: impl Fn(u64) -> Vec<bool>,
    ) -> Vec<(u64, bool)> {
        let mut told = Vec::new();
        for second in seconds {
            let before = isolation.since().is_some();
            isolation.ask(
                Duration::from_secs(second),
                &known(&up(second)),
                Leases::default(),
                &RULES(),
            );
            let after = isolation.since().is_some();
            told.extend((before != after).then_some((second, after)));
        }
        told
    }

    #[test]
    fn a_lone_server_and_the_survivor_of_two_are_never_isolated() {
        assert_eq!(story(&mut Isolation::default(), 0..900, |_| vec![]), []);
        assert_eq!(
            story(&mut Isolation::default(), 0..900, |second| vec![second < 5]),
            []
        );
    }

    #[test]
    fn who_loses_most_of_the_others_at_once_is_isolated_until_they_are_back() {
        let up = |second| vec![!(5..50).contains(&second); 2];
        assert_eq!(
            story(&mut Isolation::default(), 0..900, up),
            [(5, true), (50, false)]
        );
    }

    #[test]
    fn half_of_a_cluster_is_not_most_of_it() {
        let up = |second: u64| vec![second < 5, second < 5, true];
        assert_eq!(story(&mut Isolation::default(), 0..900, up), []);
    }

    #[test]
    fn servers_that_go_one_after_another_are_no_sign() {
        let up = |second: u64| vec![second < 5, second < 100, second < 200, true, true];
        assert_eq!(story(&mut Isolation::default(), 0..900, up), []);
    }

    #[test]
    fn it_ends_when_the_loss_is_for_good_and_the_rest_is_the_cluster() {
        let up = |second: u64| vec![second < 5, second < 5, second < 5, second < 5, true];
        assert_eq!(
            story(&mut Isolation::default(), 0..5000, up),
            [(5, true), (605, false)]
        );
    }

    #[test]
    fn no_stream_to_anybody_for_ten_seconds_is_isolation_though_gossip_goes_on() {
        let mut isolation = Isolation::default();
        let deaf: Vec<_> = known(&[true, true])
            .into_iter()
            .map(|known| Known {
                connected: false,
                ..known
            })
            .collect();
        for second in 0..10 {
            isolation.ask(
                Duration::from_secs(second),
                &deaf,
                Leases::default(),
                &RULES(),
            );
            assert_eq!(isolation.since(), None);
        }
        isolation.ask(Duration::from_secs(10), &deaf, Leases::default(), &RULES());
        assert!(isolation.since().is_some());
    }
}
