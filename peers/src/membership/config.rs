//! How the membership protocol is set, for a cluster of a given size.
//!
//! Here: every number of it, and why. Not here: when they are recomputed. What must always hold: the periods of
//! probing do not depend on the size, for the protocol refuses to change them while it runs.

use crate::envelope::CONTENT_MAX;
use foca::{Config, PeriodicParams};
use std::num::{NonZeroU8, NonZeroUsize};
use std::time::Duration;

/// Each member probes another one this often. A second is usual; then all of ten members know of a crash within
/// 8.8 s in 99 of 100 cases, and with this within 7.8.
pub const PROBE_PERIOD: Duration = Duration::from_millis(800);
/// From then on others are asked to probe too.
const PROBE_ANSWER: Duration = Duration::from_millis(400);
/// Suspects get this long to gainsay, in a cluster of up to [`SMALL`].
const SUSPICION_MIN: Duration = Duration::from_secs(4);
/// Never more than this, or a crash would be known too late.
const SUSPICION_MAX: Duration = Duration::from_secs(5);
/// News takes longer in larger clusters: so much more time per member beyond [`SMALL`].
const SUSPICION_PER_MEMBER: Duration = Duration::from_millis(125);
const SMALL: u32 = 10;

/// The setting for a cluster of so many members, this one included.
pub(super) fn config(members: u32) -> Config {
    Config {
        probe_period: PROBE_PERIOD,
        probe_rtt: PROBE_ANSWER,
        num_indirect_probes: count(3),
        max_transmissions: transmissions(members),
        suspect_to_down_after: suspicion(members),
        remove_down_after: Some(Duration::from_secs(24 * 60 * 60)),
        max_packet_size: count(CONTENT_MAX),
        notify_down_members: true,
        periodic_announce: every(Duration::from_secs(10), 1),
        periodic_announce_to_down_members: every(Duration::from_secs(10), 2),
        periodic_gossip: every(Duration::from_millis(100), 3),
    }
}

/// How often each piece of news is passed on by each member: ⌈ln N⌉ + 12, and at least 16.
///
/// With the usual four log N, one in ten broadcasts misses somebody in a cluster of ten, without any packet loss.
fn transmissions(members: u32) -> NonZeroU8 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the logarithm of 32 bits is at most 23"
    )]
    let spread = f64::from(members.max(1)).ln().ceil() as u8;
    NonZeroU8::new(spread + 12)
        .expect("twelve or more")
        .max(NonZeroU8::new(16).expect("sixteen"))
}

/// Counted in whole steps rather than by logarithm, so that it is the same to the nanosecond on every machine.
fn suspicion(members: u32) -> Duration {
    let longer = SUSPICION_PER_MEMBER.saturating_mul(members.saturating_sub(SMALL));
    SUSPICION_MAX.min(SUSPICION_MIN + longer)
}

fn every(frequency: Duration, members: usize) -> Option<PeriodicParams> {
    Some(PeriodicParams {
        frequency,
        num_members: count(members),
    })
}

fn count(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).expect("no setting is zero")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_is_passed_on_more_often_in_larger_clusters() {
        let spread = [1, 3, 54, 55, 1000].map(|members| transmissions(members).get());
        assert_eq!(spread, [16, 16, 16, 17, 19]);
    }

    #[test]
    fn suspects_get_four_to_five_seconds() {
        let millis = [1, 10, 14, 18, u32::MAX].map(|members| suspicion(members).as_millis());
        assert_eq!(millis, [4000, 4000, 4500, 5000, 5000]);
    }
}
