//! Peers that come to an end at any moment and start again from what they remembered some time before.

use super::*;

/// What happens, ends and returns included.
#[derive(Clone, Copy, Debug)]
enum Turn {
    Happens(Event),
    /// A peer remembers what it holds; meanwhile another writes.
    Remembers(usize),
    /// It ends without a word, and starts again as another origin.
    Returns(usize),
}

/// What one peer remembers.
#[derive(Clone, Default)]
struct Memory {
    vector: Vector,
    records: Vec<Told>,
}

impl Memory {
    /// In parts of two records, with a write between each, as there may be.
    fn of(world: &mut World, peer: usize) -> Self {
        let vector = world.peers[peer].vector().clone();
        let (mut records, mut next) = (Vec::new(), None);
        loop {
            let Peer { agreement, shelf } = &mut world.peers[peer];
            let part = agreement.part(NOW, shelf, next.as_ref(), 2);
            records.extend(part.records);
            next = part.next;
            if next.is_none() {
                return Self { vector, records };
            }
            world.happen(Event::Write(peer, 0, What::Register));
        }
    }
}

/// Ends a peer and has it return. Answers of which keys nobody knows any more what it alone knew.
fn end_and_return(world: &mut World, peer: usize, memory: &Memory, epoch: u64) -> Vec<Key> {
    let known = |dot: &Dot| {
        let mut others = (0..PEERS).filter(|other| *other != peer);
        memory.vector.covers(*dot) || others.any(|other| world.peers[other].vector().covers(*dot))
    };
    let lost = world.writes.iter().filter(|(_, dot)| !known(dot));
    let lost = lost.map(|(key, _)| key.clone()).collect();
    let own = Origin {
        epoch: Epoch(epoch),
        ..origin(peer)
    };
    let (mut agreement, mut shelf) = (Agreement::new(own), Shelf::default());
    let remembered = (&memory.vector, memory.records.clone());
    agreement.restore(NOW, &mut shelf, remembered);
    world.peers[peer] = Peer { agreement, shelf };
    lost
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        12 => event().prop_map(Turn::Happens),
        1 => (0..PEERS).prop_map(Turn::Remembers),
        1 => (0..PEERS).prop_map(Turn::Returns),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn who_returns_from_what_it_remembered_agrees_with_all_and_brings_nothing_back(
        turns in proptest::collection::vec(turn(), 0..80),
    ) {
        let mut world = World::new();
        let mut memories = vec![Memory::default(); PEERS];
        let mut unsure = BTreeSet::new();
        for (number, turn) in (2..).zip(turns) {
            match turn {
                Turn::Happens(event) => world.happen(event),
                Turn::Remembers(peer) => memories[peer] = Memory::of(&mut world, peer),
                Turn::Returns(peer) => {
                    unsure.extend(end_and_return(&mut world, peer, &memories[peer], number));
                }
            }
            world.check_claims();
        }
        world.heal();
        let live = |peer: &Peer| {
            let live = peer.shelf.records.iter().filter(|(_, record)| record.live());
            live.map(|(key, record)| (key.clone(), record.versions())).collect::<Vec<_>>()
        };
        let first = live(&world.peers[0]);
        for peer in &world.peers {
            prop_assert_eq!(&live(peer), &first);
            prop_assert_eq!(peer.digest(), world.peers[0].digest());
        }
        for (key, written) in world.written.iter().filter(|(key, _)| !unsure.contains(*key)) {
            let shown = first.iter().any(|(shown, _)| shown == key);
            prop_assert!(shown || !written.record.live(), "{:?} is lost, whose last lease lives", key);
            prop_assert!(!shown || !world.ended_for_good(key), "{:?} came back", key);
        }
    }
}
