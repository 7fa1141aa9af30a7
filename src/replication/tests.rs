//! What travels between peers is what was registered, and nothing that travels can do harm.

use std::sync::Arc;
use std::time::Duration;

use peers::record::{Bytes, Key as KeyBytes, Record as RecordBytes};
use peers::replica::Replica as _;
use peers::version::{Epoch, Hlc, NodeId, Origin, Rank, Version};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::{Replication, codec, key};
use crate::clock::Timestamp;
use crate::registry::Registry;
use crate::registry::change::Sender;
use crate::registry::entry::Key;
use crate::registry::instance::{
    AppName, DataCenter, Instance, LeaseTerms, Metadata, Port, Registration, Text,
};
use crate::registry::record::{
    Body, Ended, EndedBy, Lease, Override, Overriding, Record, Register,
};
use crate::registry::settings::RegistrySettings;
use crate::registry::status::Status;

fn text() -> impl Strategy<Value = Text> {
    ".{0,12}".prop_map(Text::from)
}

fn metadata() -> impl Strategy<Value = Metadata> {
    vec((text(), text()), 0..4).prop_map(|pairs| {
        pairs
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect()
    })
}

fn port() -> impl Strategy<Value = Port> {
    any::<(i32, bool)>().prop_map(|(number, enabled)| Port { number, enabled })
}

fn status() -> impl Strategy<Value = Status> {
    proptest::sample::select(&Status::ALL)
}

fn data_center() -> impl Strategy<Value = DataCenter> {
    prop_oneof![
        Just(DataCenter::Netflix),
        Just(DataCenter::MyOwn),
        metadata().prop_map(DataCenter::Amazon),
    ]
}

fn app() -> impl Strategy<Value = AppName> {
    "[A-Z\u{0}\u{1}\u{2}é]{0,8}".prop_map(|name| AppName::new(&name))
}

fn named() -> impl Strategy<Value = Instance> {
    let names = (app(), option::of(text()), text(), text());
    let rest = (
        status(),
        port(),
        port(),
        data_center(),
        metadata(),
        any::<(u32, u32, i64)>(),
    );
    (names, rest, vec(option::of(text()), 9)).prop_map(|(names, rest, texts)| {
        let (app, id, host_name, ip_addr) = names;
        let (status, port, secure_port, data_center, metadata, numbers) = rest;
        let mut texts = texts.into_iter().flatten();
        Instance {
            id,
            status,
            port,
            secure_port,
            data_center,
            metadata,
            lease: LeaseTerms {
                interval_secs: numbers.0,
                duration_secs: numbers.1,
            },
            last_dirty: numbers.2,
            country_id: port.number,
            sid: texts.next(),
            app_group: texts.next(),
            home_page_url: texts.next(),
            status_page_url: texts.next(),
            health_check_url: texts.next(),
            secure_health_check_url: texts.next(),
            vip_address: texts.next(),
            secure_vip_address: texts.next(),
            asg_name: texts.next(),
            ..Instance::new(app, &host_name, &ip_addr)
        }
    })
}

fn moment() -> impl Strategy<Value = Timestamp> {
    any::<u64>().prop_map(Timestamp::from_millis)
}

fn further() -> impl Strategy<Value = Box<[u8]>> {
    vec(any::<u8>(), 0..6).prop_map(Vec::into_boxed_slice)
}

fn version(rank: Rank) -> impl Strategy<Value = Version> {
    any::<(u64, u64, u64)>().prop_map(move |(millis, node, epoch)| Version {
        clock: Hlc::at(millis),
        origin: origin(node, epoch),
        rank,
    })
}

const fn origin(node: u64, epoch: u64) -> Origin {
    Origin {
        node: NodeId(node),
        epoch: Epoch(epoch),
    }
}

fn body() -> impl Strategy<Value = Body> {
    (
        named(),
        any::<bool>(),
        moment(),
        option::of(moment()),
        further(),
    )
        .prop_map(
            |(instance, status_predates_override, registered_at, up_since, further)| Body {
                instance,
                status_predates_override,
                registered_at,
                up_since,
                further,
            },
        )
}

fn lease() -> impl Strategy<Value = Register<Lease>> {
    let ended = (any::<bool>(), moment()).prop_map(|(cancelled, at)| Ended {
        by: if cancelled {
            EndedBy::Cancel
        } else {
            EndedBy::Eviction
        },
        at,
    });
    let fields = (
        version(Rank::Live),
        moment(),
        any::<u64>(),
        option::of(ended),
        further(),
    );
    fields.prop_map(
        |(version, registered_at, millis, ended, further)| Register {
            version: if ended.is_some() {
                version.ended()
            } else {
                version
            },
            value: Lease {
                registered_at,
                duration: Duration::from_millis(millis),
                ended,
                further,
            },
        },
    )
}

fn overriding() -> impl Strategy<Value = Register<Overriding>> {
    let told = (option::of(text()), option::of(text()), option::of(moment()));
    let set = (status(), told, option::of(any::<u64>()));
    let set = set.prop_map(|(status, (by, why, until), drain)| Override {
        status,
        by,
        why,
        until,
        drain,
    });
    (version(Rank::Live), option::of(set), further()).prop_map(|(version, set, further)| Register {
        version,
        value: Overriding { set, further },
    })
}

fn record() -> impl Strategy<Value = Record> {
    (
        version(Rank::Live),
        body(),
        lease(),
        option::of(overriding()),
    )
        .prop_map(|(version, body, lease, overriding)| Record {
            body: Register {
                version,
                value: Arc::new(body),
            },
            lease,
            overriding,
        })
}

fn key_of(record: &Record) -> Key {
    let instance = &record.body.value.instance;
    Key {
        app: instance.app.clone(),
        id: instance.key_id().into(),
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_back_and_what_is_unknown_is_kept(record in record(), secs in option::of(0..9u64)) {
        let age = secs.map(Duration::from_secs);
        let bytes = codec::write(&record, age);
        prop_assert_eq!(bytes.ended_for, age);
        let read = codec::read(&key_of(&record), &bytes, None);
        prop_assert_eq!(read, Some(codec::Read { record, whole: true }));
    }

    #[test]
    fn keys_read_back_and_no_two_have_the_same_bytes(app in app(), id in text(), other in app(), id_of_other in text()) {
        let (one, other) = (Key { app, id }, Key { app: other, id: id_of_other });
        let read = key::read(&key::write(&one));
        prop_assert_eq!(read.as_deref(), Some(&one));
        prop_assert_eq!(key::write(&one) == key::write(&other), one == other);
    }

    #[test]
    fn bytes_of_a_key_are_in_the_order_of_keys(app in "[A-Z]{1,3}", id in "[a-z]{1,3}", other in "[A-Z]{1,3}", id_of_other in "[a-z]{1,3}") {
        let key = |app: &str, id: &str| Key { app: AppName::new(app), id: id.into() };
        let (one, other) = (key(&app, &id), key(&other, &id_of_other));
        prop_assert_eq!(key::write(&one).cmp(&key::write(&other)), one.cmp(&other));
    }

    #[test]
    fn damaged_bytes_never_panic(record in record(), cut in any::<prop::sample::Index>(), flip in any::<u8>()) {
        let whole = codec::write(&record, None);
        let damage = |register: &peers::record::Register| {
            let mut bytes = register.bytes.0.to_vec();
            let place = cut.index(bytes.len());
            bytes[place] ^= flip;
            bytes.truncate(place + 1);
            peers::record::Register { bytes: Bytes::from(bytes.as_slice()), ..register.clone() }
        };
        let damaged = RecordBytes {
            body: whole.body.as_ref().map(damage),
            lease: whole.lease.as_ref().map(damage),
            overriding: whole.overriding.as_ref().map(damage),
            ended_for: None,
        };
        // Whatever it reads as, if anything, is written without harm.
        if let Some(read) = codec::read(&key_of(&record), &damaged, None) {
            codec::write(&read.record, None);
        }
    }

    #[test]
    fn bytes_of_no_sense_are_counted_kept_and_passed_on(key in vec(any::<u8>(), 0..20), bytes in vec(any::<u8>(), 0..40)) {
        let mut replication = replication(1);
        let register = peers::record::Register {
            version: Version { clock: Hlc::at(1), origin: origin(2, 1), rank: Rank::Live },
            bytes: Bytes::from(bytes.as_slice()),
        };
        let theirs = RecordBytes {
            body: Some(register.clone()),
            lease: Some(register),
            ..RecordBytes::default()
        };
        let key = KeyBytes(Bytes::from(key.as_slice()));
        replication.merge(Duration::ZERO, &key, theirs.clone());
        prop_assert_eq!(replication.unreadable(), 1);
        prop_assert_eq!(replication.read(Duration::ZERO, &key), Some(theirs));
    }
}

const BEGAN: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const NOW: Duration = Duration::from_secs(5);

/// A registry of its own behind a bridge that tells nobody.
fn replication(node: u64) -> Replication {
    let registry = Registry::new(RegistrySettings::DEFAULT, origin(node, 1));
    registry.on_write(|| {});
    Replication::new(Arc::new(registry), BEGAN, Arc::new(|_| {}))
}

fn register(replication: &Replication, id: &str) {
    let instance = Instance {
        id: Some(id.into()),
        ..Instance::new(AppName::new("A"), "host", "10.0.0.1")
    };
    let registration = Registration {
        instance,
        carried_override: None,
    };
    let registry = &replication.registry;
    registry.register(registration, Sender::Client, BEGAN + NOW);
}

/// Hands over all that was written at one to the other.
fn pass(from: &mut Replication, to: &mut Replication) {
    for key in from.take_written() {
        let record = from.read(NOW, &key).expect("what was written is there");
        to.merge(NOW, &key, record);
    }
}

#[test]
fn what_is_registered_at_one_peer_is_found_at_the_other() {
    let (mut one, mut other) = (replication(1), replication(2));
    register(&one, "i");
    pass(&mut one, &mut other);
    let found = other.registry.find("A", "i", BEGAN + NOW).unwrap();
    assert_eq!(found.record().owner(), origin(1, 1));
    assert_eq!(
        other.owners().into_iter().collect::<Vec<_>>(),
        [(origin(1, 1), 1)]
    );
    assert_eq!((one.leases().owned, other.leases().owned), (1, 0));
    assert!(other.take_written().is_empty(), "a merge is no write");
}

#[test]
fn a_change_that_came_from_a_peer_is_told_once() {
    let mut one = replication(1);
    let told = Arc::new(std::sync::Mutex::new(Vec::new()));
    let heard = told.clone();
    let registry = Arc::new(Registry::new(RegistrySettings::DEFAULT, origin(2, 1)));
    let tell: super::Tell = Arc::new(move |change| heard.lock().unwrap().push(change.to_string()));
    let mut other = Replication::new(registry, BEGAN, tell);
    register(&one, "i");
    let key = one.take_written().remove(0);
    let record = one.read(NOW, &key).unwrap();
    other.merge(NOW, &key, record.clone());
    other.merge(NOW, &key, record);
    assert_eq!(told.lock().unwrap().len(), 1);
}

#[test]
fn a_register_that_did_not_come_is_as_it_is_held() {
    let (mut one, mut other) = (replication(1), replication(2));
    register(&one, "i");
    pass(&mut one, &mut other);
    one.registry
        .cancel("A", "i", Sender::Client, BEGAN + NOW)
        .unwrap();
    let key = one.take_written().remove(0);
    let whole = one.read(NOW, &key).unwrap();
    let lease_alone = RecordBytes {
        body: None,
        ..whole
    };
    other.merge(NOW, &key, lease_alone);
    assert!(other.registry.find("A", "i", BEGAN + NOW).is_none());
}

#[test]
fn registers_that_come_one_by_one_are_a_record_once_all_are_there() {
    let (mut one, mut other) = (replication(1), replication(2));
    register(&one, "i");
    let key = one.take_written().remove(0);
    let whole = one.read(NOW, &key).unwrap();
    let lease_alone = RecordBytes {
        body: None,
        ..whole.clone()
    };
    let body_alone = RecordBytes {
        lease: None,
        ..whole.clone()
    };
    other.merge(NOW, &key, lease_alone);
    assert!(other.registry.find("A", "i", BEGAN + NOW).is_none());
    other.merge(NOW, &key, body_alone);
    assert!(other.registry.find("A", "i", BEGAN + NOW).is_some());
    assert_eq!(other.read(NOW, &key), Some(whole));
}

#[test]
fn a_body_of_a_later_release_is_passed_on_and_the_older_one_shown() {
    let (mut one, mut other) = (replication(1), replication(2));
    register(&one, "i");
    pass(&mut one, &mut other);
    let key = key::write(&Key {
        app: AppName::new("A"),
        id: "i".into(),
    });
    let mut later = one.read(NOW, &key).unwrap();
    let body = later.body.as_mut().unwrap();
    body.version = Version::above(Some(body.version), Hlc::at(0), origin(3, 1));
    body.bytes = Bytes::from([9, 9, 9].as_slice());
    other.merge(NOW, &key, later.clone());
    assert_eq!(other.read(NOW, &key), Some(later.clone()));
    assert!(other.registry.find("A", "i", BEGAN + NOW).is_some());
    one.registry
        .cancel("A", "i", Sender::Client, BEGAN + NOW)
        .unwrap();
    later.lease = one.read(NOW, &key).unwrap().lease;
    other.merge(NOW, &key, later);
    let found = other.registry.find("A", "i", BEGAN + NOW);
    assert!(found.is_none(), "what can be read of it counts");
}

#[test]
fn heartbeats_of_the_last_minute_are_counted() {
    let mut pulse = super::Pulse::default();
    for second in 0..200_u64 {
        pulse.feel(Duration::from_secs(second), second * 3);
    }
    assert!((150..=180).contains(&pulse.per_minute()), "{pulse:?}");
}
