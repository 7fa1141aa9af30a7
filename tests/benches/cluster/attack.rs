//! What it costs to be attacked.

use std::time::Duration;

use peers::identity::Peer;
use peers::keys::{ClusterKey, KEY_BYTES, Keyring};
use peers::membership::{Membership, Settings};
use peers::version::NodeId;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt as _, SeedableRng as _};

use crate::Scale;
use crate::measure::cpu;
use crate::table::Row;

const NOW: Duration = Duration::from_secs(1);

fn member(number: u16) -> Membership {
    let peer = Peer {
        node: NodeId(number.into()),
        address: ([127, 0, 0, 1], number).into(),
    };
    let key = ClusterKey::new([7; KEY_BYTES]);
    let settings = Settings {
        keys: Some(Keyring::new([key]).expect("one is enough")),
        ..Settings::new(peer, 1, "attacked".to_owned())
    };
    let chance = ChaCha8Rng::seed_from_u64(number.into());
    Membership::new(Duration::ZERO, &settings, chance)
}

/// Datagrams of one who has introduced itself, each with one byte changed somewhere: as close to a real one as somebody
/// without the key can come.
pub(crate) fn mutated(scale: Scale) -> Vec<Row> {
    let (mut attacked, mut other) = (member(1), member(2));
    attacked.introduced(NodeId(2), other.introduction());
    let mut real = Vec::new();
    while real.len() < 1000 {
        other.announce(NOW, ([127, 0, 0, 1], 1).into());
        while let Some(datagram) = other.poll_datagram() {
            real.push(datagram.bytes);
        }
    }
    let mut chance = ChaCha8Rng::seed_from_u64(3);
    let count = scale.of(1_000_000, 10_000_000);
    let before = cpu(std::process::id());
    for number in 0..count {
        let mut datagram = real[number % real.len()].clone();
        let at = chance.random_range(0..datagram.len());
        datagram[at] ^= chance.random_range(1..=255);
        assert!(attacked.handle_datagram(NOW, &datagram).is_none());
    }
    let took = cpu(std::process::id()) - before;
    let counts = attacked.counts();
    assert_eq!(attacked.datagrams_refused(), count as u64, "none is taken");
    let each = took / u32::try_from(count).expect("it is small");
    vec![Row {
        what: format!("{} million spoilt datagrams", count / 1_000_000),
        target: "none taken, no panic",
        java: "no datagrams; any PUT is believed",
        ours: format!(
            "{:.1} s of CPU, {} ns each, spoiling them included; {} reached the cipher",
            took.as_secs_f64(),
            each.as_nanos(),
            counts.datagrams_forged
        ),
        met: Some(true),
    }]
}
