//! Snapshots are read as they were written, or refused.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::heads::Report;
use crate::item::Stamp;
use crate::record::{Bytes, Dot, Key, Record, Register};
use crate::version::{Epoch, Hlc, NodeId, Rank, Version};

fn origin(node: u64) -> Origin {
    Origin {
        node: NodeId(node),
        epoch: Epoch(7),
    }
}

fn register(millis: u64, bytes: &[u8]) -> Register {
    Register {
        version: Version {
            clock: Hlc::at(millis),
            origin: origin(millis % 3),
            rank: Rank::Live,
        },
        bytes: Bytes::from(bytes),
    }
}

fn told(number: u64, bytes: &[u8]) -> Told {
    let dot = Dot {
        origin: origin(1),
        sequence: number,
    };
    Told {
        key: Key(Bytes::from(&number.to_be_bytes()[..])),
        record: Record {
            body: Some(register(number, bytes)),
            lease: Some(register(number, &[])),
            overriding: None,
            ended_for: number
                .is_multiple_of(2)
                .then_some(Duration::from_millis(number)),
        },
        dots: [Some(dot), Some(dot), None],
    }
}

fn snapshot(records: usize, bytes: &[u8]) -> Snapshot {
    let mut vector = Vector::default();
    vector.advance(origin(1), 500);
    vector.retire(origin(2));
    let head = Head {
        stamp: Stamp {
            origin: origin(1),
            counter: 3,
        },
        report: Report {
            leases_owned: 9,
            zone: "a".to_owned(),
            ..Report::default()
        },
    };
    Snapshot {
        taken: Taken {
            cluster_name: "test".to_owned(),
            origin: origin(1),
            name: "peer-1".to_owned(),
            at: 1_000_000,
            vector,
            heads: vec![head],
        },
        records: (0..records as u64)
            .map(|number| told(number, bytes))
            .collect(),
    }
}

/// The same with this inserted before the last item, under a digest that fits.
fn with_item(snapshot: &Snapshot, item: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = Writer::begin(&snapshot.taken, &mut bytes);
    writer.append(&mut bytes, |into| into.extend_from_slice(item));
    for told in &snapshot.records {
        writer.record(told, &mut bytes);
    }
    writer.finish(&mut bytes);
    bytes
}

proptest! {
    #[test]
    fn what_is_written_reads_back_as_the_same(records in 0..40usize, body in prop::collection::vec(any::<u8>(), 0..300)) {
        let snapshot = snapshot(records, &body);
        prop_assert_eq!(Snapshot::read(&snapshot.write()), Ok(snapshot));
    }

    #[test]
    fn whatever_is_changed_is_noticed(at in any::<prop::sample::Index>(), by in 1..=255u8) {
        let mut bytes = snapshot(5, b"body").write();
        let at = at.index(bytes.len());
        bytes[at] ^= by;
        prop_assert!(Snapshot::read(&bytes).is_err());
    }

    #[test]
    fn whatever_is_cut_short_is_noticed(at in any::<prop::sample::Index>()) {
        let bytes = snapshot(5, b"body").write();
        prop_assert!(Snapshot::read(&bytes[..at.index(bytes.len())]).is_err());
    }

    #[test]
    fn no_items_whatever_make_reading_panic(noise in prop::collection::vec(any::<u8>(), 0..200)) {
        drop(Snapshot::read(&noise));
        drop(Snapshot::read(&with_item(&snapshot(2, b"body"), &noise)));
    }
}

#[test]
fn a_later_format_is_told_from_damage_and_from_something_else() {
    let mut bytes = snapshot(1, b"body").write();
    bytes[MAGIC.len()] = 2;
    assert_eq!(Snapshot::read(&bytes), Err(Unusable::Newer(2)));
    bytes[MAGIC.len()] = 0;
    assert_eq!(Snapshot::read(&bytes), Err(Unusable::Damaged));
    assert_eq!(Snapshot::read(MAGIC), Err(Unusable::Damaged));
    assert_eq!(Snapshot::read(b"{\"format\": 1}"), Err(Unusable::Foreign));
    assert_eq!(Snapshot::read(b""), Err(Unusable::Foreign));
}

#[test]
fn items_of_later_releases_and_what_they_append_are_passed_over() {
    let plain = snapshot(3, b"body");
    let mut later = Vec::new();
    put_bytes(&mut later, 200, b"something");
    assert_eq!(
        Snapshot::read(&with_item(&plain, &later)),
        Ok(plain.clone())
    );
    let mut longer = postcard::to_allocvec(&told(0, b"body")).unwrap();
    longer.extend_from_slice(b"more");
    let mut item = Vec::new();
    put_bytes(&mut item, RECORD, &longer);
    // One record more than was counted: the end says how many there are.
    assert_eq!(
        Snapshot::read(&with_item(&plain, &item)),
        Err(Unusable::Damaged)
    );
    assert_eq!(postcard::from_bytes::<Told>(&longer), Ok(told(0, b"body")));
}

#[test]
fn the_layout_stays_as_it_is() {
    let bytes = snapshot(2, b"body").write();
    let digest: Vec<_> = digest_of(&bytes).as_ref()[..8].to_vec();
    assert_eq!(
        digest,
        [15, 81, 221, 40, 2, 12, 195, 36],
        "the layout has changed: a later format needs another number"
    );
}
