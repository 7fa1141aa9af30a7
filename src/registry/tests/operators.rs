//! Overrides that end by themselves, evictions now, the release of protection, and two senders of one name.

use super::super::change::{Sender, What};
use super::super::entry::Entry;
use super::super::instance::Instance;
use super::super::oversight::Outlook;
use super::super::preservation::Scope;
use super::super::record::Override;
use super::super::settings::RegistrySettings;
use super::super::status::Status;
use super::super::surroundings::Surroundings;
use super::super::testing::{Stage, instance, lasting, origin, zoned};
use super::super::{Heartbeat, Operator, Refusal, lock};
use super::cluster::{Cluster, secs};

const ANN: Operator<'_> = Operator {
    name: "ann",
    why: Some("new disk"),
};

fn until(stage: &Stage, secs_left: u64) -> Override {
    Override {
        by: Some("ann".into()),
        why: Some("new disk".into()),
        until: Some(stage.now + secs(secs_left)),
        ..Override::of(Status::OutOfService)
    }
}

fn overrule(stage: &Stage, id: &str, set: Override) {
    let change = stage
        .registry
        .overrule("A", id, set, ANN, stage.now)
        .unwrap()
        .unwrap();
    assert_eq!(
        (change.what, change.by),
        (What::Overridden, Some(Sender::Operator))
    );
    assert_eq!(
        (change.actor.as_deref(), change.reason.as_deref()),
        (Some("ann"), Some("new disk"))
    );
}

#[test]
fn an_override_ends_when_its_time_is_over() {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    stage.register(lasting("i", 900));
    overrule(&stage, "i", until(&stage, 60));
    assert_eq!(stage.shown("i"), Some(Status::OutOfService));
    stage.run(59);
    assert_eq!(stage.shown("i"), Some(Status::OutOfService));
    stage.pass(secs(1));
    let swept = stage.sweep();
    let told: Vec<_> = swept
        .expired
        .iter()
        .map(|change| (change.what, change.by))
        .collect();
    assert_eq!(told, [(What::OverrideExpired, None)]);
    assert_eq!(stage.shown("i"), Some(Status::Up));
    assert!(stage.sweep().expired.is_empty());
}

#[test]
fn a_later_word_outlives_the_end_of_an_override_whatever_the_clocks_say() {
    let mut cluster = Cluster::of(2);
    cluster.at[0].register(lasting("i", 9000));
    overrule(&cluster.at[0], "i", until(&cluster.at[0], 60));
    cluster.tell_all(0, 1);
    // One is told anew in time, the other ends it meanwhile.
    overrule(&cluster.at[0], "i", until(&cluster.at[0], 6000));
    cluster.at[1].registry.surround(Surroundings {
        met: true,
        steward: Some(0),
        up: [origin(1)].into(),
        ..Surroundings::default()
    });
    cluster.at[1].run(61);
    assert_eq!(cluster.at[1].shown("i"), Some(Status::Up));
    cluster.tell_all(1, 0);
    cluster.tell_all(0, 1);
    for stage in &cluster.at {
        assert_eq!(stage.shown("i"), Some(Status::OutOfService));
    }
}

#[test]
fn two_servers_that_end_one_override_write_the_same() {
    let mut cluster = Cluster::of(2);
    cluster.at[0].register(lasting("i", 9000));
    overrule(&cluster.at[0], "i", until(&cluster.at[0], 60));
    cluster.tell_all(0, 1);
    for (place, stage) in cluster.at.iter_mut().enumerate() {
        let other = origin(2 - place as u64);
        stage.registry.surround(Surroundings {
            met: true,
            steward: Some(0),
            up: [other].into(),
            ..Surroundings::default()
        });
        stage.run(61);
    }
    let records: Vec<_> = cluster
        .at
        .iter()
        .map(|stage| stage.record("i").unwrap())
        .collect();
    assert_eq!(records[0].overriding, records[1].overriding);
    assert!(records[0].override_expired());
}

/// After how many seconds a server with this place among the stewards ends an override of a minute.
fn ends_after(steward: Option<u32>) -> u64 {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    stage.register(lasting("i", 9000));
    stage.registry.surround(Surroundings {
        met: true,
        steward,
        up: [origin(9)].into(),
        ..Surroundings::default()
    });
    overrule(&stage, "i", until(&stage, 60));
    let secs = (1..1000).find(|_| {
        stage.run(1);
        stage.shown("i") == Some(Status::Up)
    });
    secs.unwrap()
}

#[test]
fn the_first_steward_ends_overrides_and_the_others_wait_for_it() {
    assert_eq!(ends_after(Some(0)), 60);
    assert_eq!(ends_after(Some(2)), 120);
    assert_eq!(ends_after(None), 360);
}

#[test]
fn an_override_that_waits_for_a_return_ends_all_the_same() {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    stage.register(lasting("i", 10));
    overrule(&stage, "i", until(&stage, 60));
    stage.run(30);
    assert!(!stage.lists("i"));
    stage.run(40);
    stage.register(lasting("i", 10));
    assert_eq!(stage.shown("i"), Some(Status::Up));
}

#[test]
fn nothing_is_left_of_overrides_that_were_taken_back_or_forgotten() {
    let settings = RegistrySettings {
        preservation: false,
        ..RegistrySettings::DEFAULT
    };
    let mut stage = Stage::new(settings);
    for id in ["a", "b"] {
        stage.register(lasting(id, 10));
        overrule(&stage, id, until(&stage, 1_000_000));
    }
    stage
        .registry
        .give_back("A", "a", ANN, |_| true, stage.now)
        .unwrap()
        .unwrap();
    stage.run(90);
    assert!(!stage.lists("b"));
    stage.pass(RegistrySettings::DEFAULT.remember_overridden + secs(10));
    stage.sweep();
    assert_eq!(lock(&stage.registry.leases).expiries(), 0);
}

#[test]
fn only_what_is_still_the_same_is_given_back() {
    let stage = Stage::new(RegistrySettings::DEFAULT);
    stage.register(instance("A", "i"));
    overrule(&stage, "i", until(&stage, 60));
    let no = stage
        .registry
        .give_back("A", "i", ANN, |_| false, stage.now);
    assert!(matches!(no, Ok(None)));
    assert_eq!(stage.shown("i"), Some(Status::OutOfService));
    let yes = stage
        .registry
        .give_back("A", "i", ANN, |_| true, stage.now)
        .unwrap()
        .unwrap();
    assert_eq!(
        (yes.what, yes.by, yes.status),
        (What::OverrideRemoved, Some(Sender::Operator), Status::Up)
    );
}

#[test]
fn an_eviction_now_ends_a_lease_that_runs_and_its_client_may_return() {
    let stage = Stage::new(RegistrySettings::DEFAULT);
    stage.register(instance("A", "i"));
    let change = stage
        .registry
        .evict_now("A", "i", ANN, |_| true, stage.now)
        .unwrap();
    assert_eq!(
        (change.what, change.by, change.actor.as_deref()),
        (What::Evicted, Some(Sender::Operator), Some("ann"))
    );
    assert!(!stage.lists("i"));
    let again = stage.registry.evict_now("A", "i", ANN, |_| true, stage.now);
    assert_eq!(again.unwrap_err(), Refusal::NotRegistered);
    stage.register(instance("A", "i"));
    assert!(stage.lists("i"));
    let no = stage
        .registry
        .evict_now("A", "i", ANN, |_: &Entry| false, stage.now);
    assert_eq!(no.unwrap_err(), Refusal::NotRegistered);
}

#[test]
fn an_eviction_now_is_gainsaid_by_the_server_that_hears_the_client() {
    let mut cluster = Cluster::of(2);
    cluster.at[0].register(lasting("i", 90));
    cluster.tell_all(0, 1);
    cluster.at[1]
        .registry
        .evict_now("A", "i", ANN, |_| true, cluster.at[1].now)
        .unwrap();
    cluster.tell_all(1, 0);
    cluster.tell_all(0, 1);
    for stage in &cluster.at {
        assert!(stage.lists("i"));
    }
    // Once its lease is over at its keeper too, nobody gainsays.
    for stage in &mut cluster.at {
        stage.pass(secs(91));
    }
    cluster.at[1]
        .registry
        .evict_now("A", "i", ANN, |_| true, cluster.at[1].now)
        .unwrap();
    cluster.tell_all(1, 0);
    assert!(!cluster.at[0].lists("i"));
}

/// Ten instances of which all but the first three fell silent, and whose leases are over and held.
fn held() -> Stage {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    for id in 0..10 {
        stage.register(zoned(&id.to_string(), if id < 5 { "a" } else { "b" }));
    }
    stage.run_with(95, |stage, _| {
        for id in ["0", "1", "2"] {
            stage.beat(id);
        }
    });
    stage
}

#[test]
fn what_is_foretold_of_a_lease_is_what_the_sweep_does() {
    let stage = held();
    let oversight = stage.registry.oversee(stage.now);
    let outlook = |id: &str| format!("{:?}", oversight.outlook(&stage.entry(id)));
    assert_eq!(outlook("0"), "Running");
    let holders = |id: &str| match oversight.outlook(&stage.entry(id)) {
        Outlook::Over(guards) => guards.iter().map(|guard| guard.scope.clone()).collect(),
        _ => Vec::new(),
    };
    assert_eq!(holders("3"), [Scope::Server]);
    assert_eq!(holders("7"), [Scope::Server, Scope::Zone(Some("b".into()))]);
    assert_eq!(stage.registry.over(stage.now).len(), 7);
    assert_eq!(oversight.next_sweep(), Some(stage.now + secs(1)));
}

#[test]
fn released_leases_go_as_the_quota_allows_and_each_guard_is_released_for_itself() {
    let mut stage = held();
    assert_eq!(stage.registry.release(&Scope::Zone(None)), None);
    assert_eq!(stage.registry.release(&Scope::Server), Some(7));
    assert_eq!(stage.registry.release(&Scope::Server), None);
    let alive = |stage: &Stage, _| ["0", "1", "2"].iter().for_each(|id| drop(stage.beat(id)));
    // Zone a has two silent ones, which nobody holds any more; zone b's guard holds on.
    let gone = stage.run_with(1, alive);
    assert!(
        gone.iter().all(|key| ["3", "4"].contains(&&*key.id)),
        "{gone:?}"
    );
    let dealt = stage.registry.oversee(stage.now).quota();
    assert_eq!((dealt.left + gone.len(), dealt.of, dealt.next), (2, 2, 2));
    let gone = stage.run_with(70, alive);
    assert!(
        gone.iter().all(|key| ["3", "4"].contains(&&*key.id)),
        "{gone:?}"
    );
    assert_eq!(
        stage.registry.release(&Scope::Zone(Some("b".into()))),
        Some(5)
    );
    assert!(!stage.run_with(70, alive).is_empty());
}

#[test]
fn a_spent_quota_is_foretold_with_the_time_it_is_renewed() {
    let settings = RegistrySettings {
        preservation: false,
        ..RegistrySettings::DEFAULT
    };
    let mut stage = Stage::new(settings);
    for id in 0..20 {
        stage.register(lasting(&id.to_string(), 30));
    }
    let mut gone = 0;
    while gone == 0 {
        gone = stage.run(1).len();
    }
    let dealt = stage.registry.oversee(stage.now).quota();
    assert_eq!((gone, dealt.left, dealt.of), (3, 0, 3));
    let renewed_at = dealt.renewed_at.unwrap();
    let wait = renewed_at.since(stage.now).as_secs();
    assert!(stage.run(wait - 1).is_empty());
    assert_eq!(stage.run(1).len(), dealt.next);
}

fn dirty(id: &str, last_dirty: i64, ip: &str) -> Instance {
    Instance {
        last_dirty,
        ip_addr: ip.into(),
        ..instance("A", id)
    }
}

fn beat(stage: &Stage, id: &str, last_dirty: i64) {
    let beat = Heartbeat {
        last_dirty: Some(last_dirty),
        carried_override: None,
        by: Sender::Client,
    };
    stage.registry.renew("A", id, &beat, stage.now);
}

#[test]
fn two_processes_of_one_id_are_noticed_by_their_beats() {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    stage.register(dirty("i", 10, "10.0.0.1"));
    stage.register(dirty("i", 20, "10.0.0.1"));
    for round in 1..=3 {
        assert!(!stage.entry("i").doubtful(stage.now), "{round}");
        stage.pass(secs(30));
        beat(&stage, "i", 20);
        beat(&stage, "i", 10);
    }
    assert!(stage.entry("i").doubtful(stage.now));
    // The other process ends: that is forgotten after a while.
    stage.pass(secs(601));
    assert!(!stage.entry("i").doubtful(stage.now));
}

#[test]
fn two_processes_of_one_id_are_noticed_by_their_addresses_and_a_move_is_not() {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    stage.register(dirty("i", 10, "10.0.0.1"));
    stage.register(dirty("i", 20, "10.0.0.2"));
    assert!(!stage.entry("i").doubtful(stage.now));
    for (number, ip) in ["10.0.0.1", "10.0.0.2"].iter().enumerate() {
        stage.pass(secs(30));
        stage.register(dirty("i", 30 + number as i64, ip));
    }
    assert!(stage.entry("i").doubtful(stage.now));
    stage.cancel("i").unwrap();
    stage.register(dirty("j", 10, "10.0.0.1"));
    for number in 0..5 {
        stage.pass(secs(30));
        stage.register(dirty("j", 20 + number, "10.0.0.1"));
        beat(&stage, "j", 20 + number);
    }
    assert!(!stage.entry("j").doubtful(stage.now));
}
