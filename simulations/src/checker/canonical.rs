//! When two worlds are the same as far as anything that can still happen goes.
//!
//! Here: a world as a short key. Turns count by their order alone, intervals and lives by their distance from the
//! present ones. Where clocks agree, no two peers write the same clock, so nothing depends on node ids, and
//! worlds that differ by which peer is which are one. Where one is fast, ids may settle a tie, and no two are one.

use peers::version::{Hlc, Rank, Version};

use super::record::{Ended, EndedBy, Heard, Written};
use super::world::{LEASE, Links, PEERS, Peer, Phase, Place, World};

const PEER_BYTES: usize = 12;
const BYTES: usize = PEERS * PEER_BYTES + 5;
/// Stands for "none".
const NONE: u8 = u8::MAX;

/// A world, told apart from all that behave differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key([u8; BYTES]);

/// Which peer stands at each place.
type Order = [u8; PEERS];

const ORDERS: [Order; 6] = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
];

impl Key {
    /// The key of a world.
    pub(super) fn of(world: &World) -> Self {
        let scribe = Scribe::of(world);
        let own = scribe.key(ORDERS[0]);
        if world.clocks_differ() {
            return own;
        }
        let others = ORDERS[1..].iter().map(|order| scribe.key(*order));
        others.fold(own, Key::min)
    }
}

/// Knows the order of all turns and clocks in a world.
struct Scribe<'a> {
    world: &'a World,
    turns: u32,
    clocks: [Hlc; 3 * PEERS],
}

impl<'a> Scribe<'a> {
    fn of(world: &'a World) -> Self {
        let mut clocks = [Hlc::default(); 3 * PEERS];
        let mut turns = 0;
        for (peer, clocks) in world.peers.iter().zip(clocks.chunks_exact_mut(3)) {
            if let Some(record) = peer.record {
                clocks[0] = of_turn(record.lease.version.clock);
                clocks[1] = of_turn(record.body.version.clock);
                turns |= 1 << record.body.said;
                turns |= record.lease.ended.map_or(0, |ended| 1 << ended.at.turn);
            }
            if let Some(heard) = peer.heard {
                clocks[2] = of_turn(heard.holding.clock);
                turns |= 1 << heard.at.turn;
            }
        }
        clocks.sort_unstable();
        Self {
            world,
            turns,
            clocks,
        }
    }

    fn key(&self, order: Order) -> Key {
        let mut key = [0; BYTES];
        let (of_peers, rest) = key.split_at_mut(PEERS * PEER_BYTES);
        for (bytes, place) in of_peers.chunks_exact_mut(PEER_BYTES).zip(order) {
            bytes.copy_from_slice(&self.peer(Place(place), order));
        }
        rest.copy_from_slice(&self.rest(order));
        Key(key)
    }

    fn peer(&self, place: Place, order: Order) -> [u8; PEER_BYTES] {
        let peer = self.world.peer(place);
        let Peer { fast, told, .. } = *peer;
        let mut bytes = [NONE; PEER_BYTES];
        bytes[0] = u8::from(fast) | u8::from(told) << 1;
        bytes[1] = self.age(peer.seen);
        bytes[2] = peer.orphaned.map_or(NONE, |since| self.age(since));
        if let Some(record) = peer.record {
            let lease = record.lease;
            bytes[3..5].copy_from_slice(&self.version(lease.version, order));
            bytes[5] = lease.ended.map_or(NONE, |ended| self.ended(ended)) ^ written(lease.written);
            bytes[6..8].copy_from_slice(&self.version(record.body.version, order));
            bytes[8] = self.turn(record.body.said);
        }
        if let Some(Heard { at, holding }) = peer.heard {
            bytes[9] = self.turn(at.turn) << 2 | self.age(at.interval);
            bytes[10..12].copy_from_slice(&self.version(holding, order));
        }
        bytes
    }

    fn rest(&self, order: Order) -> [u8; BYTES - PEERS * PEER_BYTES] {
        let World {
            client,
            links,
            relay,
            calm,
            ..
        } = *self.world;
        let linked = match links {
            Links::Whole => 0,
            Links::Cut => 1,
            Links::Without(place) => 2 + stands(order, place.0),
        };
        let relayed = relay.map_or(NONE, |relay| {
            stands(order, relay.from.0) << 2 | self.age(relay.interval)
        });
        let (phase, at) = match client.phase {
            Phase::Unborn => (0, NONE),
            Phase::Silent => (1, NONE),
            Phase::Cancelled => (2, NONE),
            Phase::Beating => {
                let answered = u8::from(client.answered) << 2;
                (
                    3 | answered | client.in_a_row << 3,
                    stands(order, client.at.0),
                )
            }
        };
        let spoke = self.age(client.spoke.interval);
        [phase, at, linked, relayed, spoke << 4 | calm.min(LEASE)]
    }

    fn version(&self, version: Version, order: Order) -> [u8; 2] {
        let Version { clock, .. } = version;
        let earlier = self.clocks.partition_point(|other| *other < of_turn(clock));
        let earlier = self.clocks[..earlier].chunk_by(|one, other| one == other);
        let ahead = u8::from(World::ran_ahead(clock));
        let dead = u8::from(version.rank == Rank::Dead);
        let node = version.origin.node;
        let place = Place::ALL.into_iter().find(|place| place.node() == node);
        let place = place.unwrap_or(Place(0));
        let lives = u64::from(self.world.peer(place).epoch) - version.origin.epoch.0;
        let lives = u8::try_from(lives).unwrap_or(NONE);
        let rank = small(earlier.count());
        [
            rank << 4 | counted(clock),
            stands(order, place.0) | dead << 2 | lives << 3 | ahead << 7,
        ]
    }

    fn ended(&self, Ended { by, at }: Ended) -> u8 {
        self.turn(at.turn) << 1 | u8::from(by == EndedBy::Cancel)
    }

    const fn turn(&self, turn: u8) -> u8 {
        small((self.turns & ((1 << turn) - 1)).count_ones() as usize)
    }

    fn age(&self, interval: u8) -> u8 {
        self.world.since(interval).min(LEASE)
    }
}

/// A clock without its counter: the turn that its writer's own clock told.
const fn of_turn(clock: Hlc) -> Hlc {
    Hlc::at(clock.millis())
}

/// How many writes were counted on from a turn to this clock. The next write on top of one that ran ahead may tie with
/// another of as many, so order alone does not tell them apart.
fn counted(clock: Hlc) -> u8 {
    let counts = std::iter::successors(Some(of_turn(clock)), |count| Some(count.next()));
    small(counts.take_while(|count| *count < clock).count())
}

fn stands(order: Order, place: u8) -> u8 {
    small(
        order
            .iter()
            .position(|other| *other == place)
            .unwrap_or(PEERS),
    )
}

const fn written(written: Written) -> u8 {
    match written {
        Written::Registration => 0,
        Written::Adoption => 1 << 6,
        Written::Refutation => 2 << 6,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "ranks within so few are small"
)]
const fn small(rank: usize) -> u8 {
    rank as u8
}
