//! What a client's `lastDirtyTimestamp` decides, and the times readers are shown.

use std::time::Duration;

use super::super::change::{Sender, What};
use super::super::instance::Instance;
use super::super::settings::RegistrySettings;
use super::super::status::Status;
use super::super::testing::{START, Stage, instance, registration};
use super::super::view::LeaseTimes;
use super::super::{Heartbeat, MetadataLimits, Renewal, StatusCall};
use crate::clock::Timestamp;

const SECOND: Duration = Duration::from_secs(1);

fn dirty(host_name: &str, last_dirty: i64) -> Instance {
    Instance {
        host_name: host_name.into(),
        last_dirty,
        ..instance("A", "i")
    }
}

fn after(secs: u64) -> Timestamp {
    START + Duration::from_secs(secs)
}

fn times(stage: &Stage) -> LeaseTimes {
    let entry = stage.registry.store.find("A", "i");
    entry.expect("it is remembered").shown().times
}

#[test]
fn a_registration_replaces_what_is_not_newer() {
    let check = |first, second, expected: &str| {
        let stage = Stage::new(RegistrySettings::DEFAULT);
        stage.register(dirty("old", first));
        stage.register(dirty("new", second));
        let record = stage.record("i").expect("it is registered");
        assert_eq!(
            &*record.body.value.instance.host_name, expected,
            "{first} then {second}"
        );
        assert_eq!(record.body.value.instance.last_dirty, first.max(second));
    };
    check(5, 6, "new");
    check(5, 5, "new");
    check(5, 4, "old");
    check(i64::MAX, i64::MIN, "old");
    check(i64::MIN, i64::MAX, "new");
}

#[test]
fn who_has_left_is_replaced_whatever_its_timestamp() {
    let stage = Stage::new(RegistrySettings::DEFAULT);
    stage.register(dirty("old", 5));
    stage.cancel("i").expect("it is registered");
    stage.register(dirty("new", 4));
    let record = stage.record("i").expect("it is registered");
    assert_eq!(&*record.body.value.instance.host_name, "new");
}

/// The word for what a heartbeat with this timestamp is told, where 5 is registered. It is heard in any case.
fn told(settings: RegistrySettings, last_dirty: Option<i64>, by: Sender) -> &'static str {
    let mut stage = Stage::new(settings);
    stage.register(dirty("host", 5));
    stage.pass(SECOND);
    let beat = Heartbeat {
        last_dirty,
        carried_override: None,
        by,
    };
    let renewal = stage.registry.renew("A", "i", &beat, stage.now);
    assert_eq!(times(&stage).renewed_at, stage.now);
    assert_eq!(stage.registry.renewals(), 1);
    match renewal {
        Renewal::Renewed => "renewed",
        Renewal::Unknown => "unknown",
        Renewal::Outdated => "outdated",
        Renewal::Ahead(entry) => {
            assert_eq!(entry.instance().last_dirty, 5);
            "ahead"
        }
    }
}

#[test]
fn a_heartbeat_compares_timestamps_by_who_sends_it() {
    let told = |last_dirty, by| told(RegistrySettings::DEFAULT, last_dirty, by);
    for (last_dirty, client, peer) in [
        (None, "renewed", "renewed"),
        (Some(4), "renewed", "ahead"),
        (Some(5), "renewed", "renewed"),
        (Some(6), "outdated", "outdated"),
        (Some(i64::MAX), "outdated", "outdated"),
        (Some(i64::MIN), "renewed", "ahead"),
    ] {
        assert_eq!(told(last_dirty, Sender::Client), client, "{last_dirty:?}");
        assert_eq!(told(last_dirty, Sender::Peer), peer, "{last_dirty:?}");
    }
}

#[test]
fn timestamps_are_not_compared_where_that_is_off() {
    let settings = RegistrySettings {
        compare_timestamps: false,
        ..RegistrySettings::DEFAULT
    };
    for last_dirty in [None, Some(4), Some(5), Some(6)] {
        for by in [Sender::Client, Sender::Peer] {
            assert_eq!(told(settings.clone(), last_dirty, by), "renewed");
        }
    }
}

#[test]
fn a_status_call_moves_the_timestamp_forward_only() {
    let check = |call, expected| {
        let stage = Stage::new(RegistrySettings::DEFAULT);
        stage.register(dirty("host", 5));
        let call = StatusCall {
            status: Some(Status::Down),
            last_dirty: call,
            by: Sender::Client,
        };
        stage
            .registry
            .set_override("A", "i", call, stage.now)
            .expect("it is registered");
        let record = stage.record("i").expect("it is registered");
        assert_eq!(record.body.value.instance.last_dirty, expected);
    };
    check(None, 5);
    check(Some(4), 5);
    check(Some(6), 6);
}

#[test]
fn when_it_was_first_up_is_kept_over_registrations_and_forgotten_by_a_cancel() {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    let mut then = |status, expected: Option<u64>| {
        stage.register(Instance {
            status,
            ..instance("A", "i")
        });
        assert_eq!(times(&stage).up_since, expected.map(after));
        stage.pass(SECOND);
        if status == Status::OutOfService {
            stage.cancel("i").expect("it is registered");
        }
    };
    then(Status::Starting, None);
    then(Status::Up, Some(1));
    then(Status::Down, Some(1));
    then(Status::Up, Some(1));
    then(Status::Down, Some(1));
    then(Status::OutOfService, Some(1));
    then(Status::Down, None);
    then(Status::Up, Some(7));
}

#[test]
fn a_status_call_may_be_what_brings_it_up() {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    stage.register(Instance {
        status: Status::Starting,
        ..instance("A", "i")
    });
    stage.pass(SECOND);
    stage.overrule("i", Status::Up).expect("it is registered");
    assert_eq!(times(&stage).up_since, Some(after(1)));
}

#[test]
fn when_it_registered_moves_with_registrations_and_metadata_and_nothing_else() {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    let mut then = |call: &dyn Fn(&Stage), expected| {
        call(&stage);
        assert_eq!(times(&stage).registered_at, after(expected));
        stage.pass(SECOND);
    };
    let generous = MetadataLimits { keys: 9, bytes: 99 };
    let metadata = [("k", "v")].into_iter().collect();
    then(&|stage| drop(stage.register(dirty("host", 5))), 0);
    then(&|stage| drop(stage.beat("i")), 0);
    then(&|stage| drop(stage.overrule("i", Status::Down)), 0);
    then(&|stage| drop(stage.give_back("i", None)), 0);
    then(
        &|stage| {
            drop(
                stage
                    .registry
                    .update_metadata("A", "i", &metadata, generous, stage.now),
            )
        },
        4,
    );
    then(&|stage| drop(stage.register(dirty("host", 5))), 5);
    then(&|stage| drop(stage.register(dirty("host", 4))), 6);
    then(&|stage| drop(stage.cancel("i")), 6);
    assert_eq!(times(&stage).ended_at, Some(after(7)));
}

#[test]
fn metadata_beyond_the_limits_are_refused_and_change_nothing() {
    let stage = Stage::new(RegistrySettings::DEFAULT);
    stage.register(instance("A", "i"));
    let before = stage.record("i");
    let check = |keys, bytes, fits| {
        let metadata = [("k", "v"), ("l", "ww")].into_iter().collect();
        let done = stage.registry.update_metadata(
            "A",
            "i",
            &metadata,
            MetadataLimits { keys, bytes },
            stage.now,
        );
        assert_eq!(done.is_ok(), fits, "{keys} {bytes}");
    };
    check(1, 5, false);
    check(2, 4, false);
    assert_eq!(stage.record("i"), before);
    check(2, 5, true);
}

#[test]
fn a_change_says_what_happened_and_who_asked() {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    let by_peer = registration(instance("A", "i"));
    stage.registry.register(by_peer, Sender::Peer, stage.now);
    stage.register(instance("A", "i"));
    stage.overrule("i", Status::Down).expect("it is registered");
    stage.give_back("i", None).expect("it is registered");
    stage.cancel("i").expect("it is registered");
    stage.register(instance("A", "i"));
    stage.run(91);
    let account = stage.registry.account(9);
    let told: Vec<_> = account
        .iter()
        .rev()
        .map(|change| (change.revision, change.what, change.by))
        .collect();
    let expected = [
        (1, What::Registered, Some(Sender::Peer)),
        (2, What::RegisteredAgain, Some(Sender::Client)),
        (3, What::Overridden, Some(Sender::Client)),
        (4, What::OverrideRemoved, Some(Sender::Client)),
        (5, What::Cancelled, Some(Sender::Client)),
        (6, What::Registered, Some(Sender::Client)),
        (7, What::Evicted, None),
    ];
    assert_eq!(told, expected);
    assert_eq!(stage.registry.account(2).len(), 2);
}
