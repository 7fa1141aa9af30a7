//! What a record from a peer makes of what is held, and what readers see of it.

use std::time::Duration;

use peers::version::Rank;

use super::super::change::{Sender, What};
use super::super::entry::Key;
use super::super::record::{EndedBy, Record};
use super::super::settings::RegistrySettings;
use super::super::status::Status;
use super::super::testing::{START, Stage, instance, lasting, origin};
use super::super::view::Action;
use super::super::{MetadataLimits, Registry, StatusCall};
use super::cluster::{Cluster, key, secs};

const LIMITS: MetadataLimits = MetadataLimits { keys: 9, bytes: 99 };

fn set_metadata(stage: &Stage, value: &str) {
    let changes = [("k", value)].into_iter().collect();
    let done = stage
        .registry
        .update_metadata("A", "i", &changes, LIMITS, stage.now);
    assert!(done.is_ok_and(|change| change.is_some()));
}

/// The delta as keys and what happened to them.
fn delta(registry: &Registry) -> Vec<(Key, Action)> {
    let snapshot = registry.refresh();
    let recent = snapshot.recent.iter();
    recent
        .map(|entry| (Key::clone(entry.key()), entry.shown().action))
        .collect()
}

#[test]
fn every_call_at_one_server_is_the_same_change_at_the_other() {
    let mut cluster = Cluster::of(2);
    cluster.at[0].register(instance("A", "other"));
    cluster.tell("other", 0, 1);
    cluster.pass(secs(1));
    let (here, there) = (&cluster.at[0], &cluster.at[1]);
    let mut revision = there.registry.revision();
    let mut check = |what: What| {
        let change = cluster.tell("i", 0, 1).change.expect("it is seen");
        assert_eq!((change.what, change.by), (what, Some(Sender::Cluster)));
        revision += 1;
        assert_eq!(
            (change.revision, there.registry.revision()),
            (revision, revision)
        );
        assert!(cluster.tell("i", 0, 1).change.is_none(), "once");
        assert_eq!(there.registry.revision(), revision);
        assert_eq!(here.record("i"), there.record("i"));
        assert_eq!(
            here.registry.refresh().hash_code,
            there.registry.refresh().hash_code
        );
        assert_eq!(delta(&here.registry), delta(&there.registry));
    };
    here.register(instance("A", "i"));
    check(What::Registered);
    here.register(lasting("i", 60));
    check(What::RegisteredAgain);
    here.overrule("i", Status::OutOfService)
        .expect("it is registered");
    check(What::Overridden);
    here.give_back("i", None).expect("it is registered");
    check(What::OverrideRemoved);
    set_metadata(here, "v");
    check(What::MetadataChanged);
    here.cancel("i").expect("it is registered");
    check(What::Cancelled);
    here.register(instance("A", "i"));
    check(What::Registered);
}

#[test]
fn an_eviction_elsewhere_is_an_eviction_here() {
    let mut cluster = Cluster::of(2);
    cluster.at[0].register(instance("A", "i"));
    cluster.tell("i", 0, 1);
    cluster.at[0].run(91);
    let change = cluster.tell("i", 0, 1).change.expect("it is seen");
    assert_eq!(change.what, What::Evicted);
    assert_eq!(cluster.at[1].registry.census().live, 0);
    assert!(cluster.at[1].registry.owners().is_empty());
    assert_eq!(cluster.at[1].registry.last_cancelled().len(), 1);
}

#[test]
fn an_adoption_elsewhere_shows_readers_nothing_new() {
    let cluster = Cluster::of(2);
    cluster.at[0].register(instance("A", "i"));
    cluster.tell("i", 0, 1);
    cluster.part(1, None);
    cluster.at[1].beat("i");
    let before = cluster.at[0].registry.refresh();
    let merged = cluster.tell("i", 1, 0);
    let told = merged.change.map(|change| change.what);
    assert_eq!((told, merged.refuted), (Some(What::Moved), false));
    assert_eq!(cluster.at[0].registry.revision(), before.revision);
    assert_eq!(cluster.at[0].owner("i"), origin(2));
}

#[test]
fn a_death_of_somebody_unknown_is_remembered_and_shown_to_nobody() {
    let cluster = Cluster::of(2);
    cluster.at[0].register(instance("A", "i"));
    cluster.at[0].cancel("i").expect("it is registered");
    assert!(cluster.tell("i", 0, 1).change.is_none());
    assert_eq!(cluster.at[1].registry.revision(), 0);
    assert!(delta(&cluster.at[1].registry).is_empty());
    assert_eq!(cluster.at[0].record("i"), cluster.at[1].record("i"));
}

#[test]
fn calls_about_status_and_metadata_elsewhere_restart_the_lease_at_its_owner_and_are_no_sign_of_life()
 {
    let check = |call: &dyn Fn(&Stage)| {
        let mut cluster = Cluster::of(3);
        cluster.at[0].register(lasting("i", 90));
        cluster.tell("i", 0, 1);
        cluster.tell("i", 0, 2);
        cluster.pass(secs(50));
        call(&cluster.at[1]);
        cluster.tell("i", 1, 0);
        cluster.tell("i", 1, 2);
        let owners = cluster.at[0].entry("i");
        assert_eq!(owners.deadline(), START + secs(50 + 90));
        assert_eq!(owners.heard_at(), START);
        assert_eq!(owners.witnessed_at(), Some(START));
        assert_eq!(cluster.at[2].entry("i").deadline(), START + secs(90));
    };
    check(&|stage| drop(stage.overrule("i", Status::Down)));
    check(&|stage| set_metadata(stage, "v"));
}

#[test]
fn presence_is_told_by_the_lease_alone() {
    // Trap 25: cancelled at the first, metadata changed later at the second, which has not heard of it.
    let mut cluster = Cluster::of(2);
    cluster.at[0].register(instance("A", "i"));
    cluster.tell("i", 0, 1);
    cluster.at[0].cancel("i").expect("it is registered");
    cluster.pass(secs(5));
    set_metadata(&cluster.at[1], "later");
    cluster.settle();
    for stage in &cluster.at {
        assert!(!stage.lists("i"));
        assert_eq!(
            stage.entry("i").instance().metadata.value("k"),
            Some("later")
        );
    }
}

#[test]
fn a_cancel_takes_away_an_override_it_has_not_heard_of() {
    // Trap 26: set at the first, cancelled later at the second, which holds no override.
    let mut cluster = Cluster::of(2);
    cluster.at[0].register(instance("A", "i"));
    cluster.tell("i", 0, 1);
    cluster.at[0]
        .overrule("i", Status::OutOfService)
        .expect("it is registered");
    cluster.pass(secs(1));
    cluster.at[1].cancel("i").expect("it is registered");
    cluster.settle();
    cluster.at[0].register(instance("A", "i"));
    assert_eq!(cluster.at[0].shown("i"), Some(Status::Up));
}

#[test]
fn a_late_news_of_a_death_changes_nothing_of_a_newer_lease() {
    let mut cluster = Cluster::of(2);
    cluster.at[0].register(instance("A", "i"));
    cluster.tell("i", 0, 1);
    cluster.pass(secs(10));
    cluster.at[1].register(instance("A", "i"));
    cluster.at[0].run(85);
    let before = cluster.at[1].record("i");
    let merged = cluster.tell("i", 0, 1);
    assert!(merged.change.is_none() && !merged.refuted);
    assert_eq!(cluster.at[1].record("i"), before);
}

#[test]
fn the_dead_are_forgotten_by_their_age_and_not_by_the_clock_of_who_ended_them() {
    let mut cluster = Cluster::of(2);
    // The first server's clock is an hour ahead.
    cluster.at[0].pass(secs(3600));
    cluster.at[0].register(instance("A", "i"));
    cluster.tell("i", 0, 1);
    cluster.at[0].cancel("i").expect("it is registered");
    cluster.pass(secs(100));
    cluster.tell("i", 0, 1);
    let entry = cluster.at[1].entry("i");
    assert_eq!(entry.ended_for(cluster.at[1].now), Some(secs(100)));
    let rest = RegistrySettings::DEFAULT.remember_dead - secs(100);
    cluster.pass(rest - Duration::from_millis(1));
    cluster.at[1].sweep();
    assert!(cluster.at[1].record("i").is_some());
    cluster.pass(Duration::from_millis(1));
    cluster.at[1].sweep();
    assert!(cluster.at[1].record("i").is_none());
}

#[test]
fn what_is_told_twice_is_as_old_as_it_was() {
    let mut cluster = Cluster::of(2);
    cluster.at[0].register(instance("A", "i"));
    cluster.at[0].cancel("i").expect("it is registered");
    cluster.tell("i", 0, 1);
    cluster.pass(secs(60));
    let entry = cluster.at[0].entry("i");
    let again = |stage: &Stage| {
        let fresh = Some(Duration::ZERO);
        stage
            .registry
            .merge(entry.key(), entry.record().clone(), fresh, stage.now)
    };
    assert!(again(&cluster.at[1]).change.is_none());
    let held = cluster.at[1].entry("i");
    assert_eq!(held.ended_for(cluster.at[1].now), Some(secs(60)));
}

#[test]
fn of_two_evictions_of_one_lease_both_servers_keep_the_earlier() {
    let cluster = Cluster::of(2);
    cluster.at[0].register(instance("A", "i"));
    cluster.tell("i", 0, 1);
    let ended = |stage: &Stage, after: u64| {
        let mut record = stage.record("i").expect("it is stored");
        record.lease.version = record.lease.version.ended();
        let at = START + secs(after);
        record.lease.value.ended = Some(super::super::record::Ended {
            by: EndedBy::Eviction,
            at,
        });
        stage
            .registry
            .merge(&key("i"), record, None, stage.now + secs(100));
    };
    ended(&cluster.at[0], 100);
    ended(&cluster.at[1], 95);
    cluster.settle();
    let at = |stage: &Stage| {
        stage
            .record("i")
            .and_then(|record| record.lease.value.ended)
    };
    assert_eq!(
        at(&cluster.at[0]).map(|ended| ended.at),
        Some(START + secs(95))
    );
}

#[test]
fn a_lease_that_comes_back_to_an_owner_who_had_lost_it_starts_anew() {
    let mut cluster = Cluster::of(2);
    cluster.at[0].register(lasting("i", 90));
    cluster.tell("i", 0, 1);
    let again = origin(1);
    cluster.at[0] = Stage::of(again, RegistrySettings::DEFAULT);
    cluster.pass(secs(50));
    cluster.tell("i", 1, 0);
    assert_eq!(cluster.at[0].registry.owned().0, 1);
    assert_eq!(
        cluster.at[0].entry("i").deadline(),
        cluster.at[0].now + secs(90)
    );
    assert_eq!(cluster.at[0].run(90).len(), 0);
    assert_eq!(cluster.at[0].run(1).len(), 1);
}

#[test]
fn a_write_on_top_of_a_clock_that_is_ahead_is_above_it() {
    // Trap 8: registered by a clock 30 minutes ahead, adopted and cancelled by one that is right.
    let mut cluster = Cluster::of(2);
    cluster.at[0].pass(secs(1800));
    cluster.at[0].register(instance("A", "i"));
    cluster.tell("i", 0, 1);
    let held = |stage: &Stage| stage.record("i").map(|record| record.newest());
    let before = held(&cluster.at[1]);
    cluster.part(1, None);
    cluster.at[1].beat("i");
    let adopted = held(&cluster.at[1]);
    assert!(adopted > before);
    cluster.at[1].cancel("i").expect("it is registered");
    assert!(held(&cluster.at[1]) > adopted);
    cluster.settle();
    assert!(!cluster.at[0].lists("i"));
    let record: Record = cluster.at[0].record("i").expect("it is remembered");
    assert_eq!(record.lease.version.rank, Rank::Dead);
}

#[test]
fn a_status_call_that_changes_nothing_here_is_a_later_word_than_one_that_did_elsewhere() {
    for removal in [false, true] {
        let mut cluster = Cluster::of(2);
        cluster.at[0].register(instance("A", "i"));
        cluster.tell("i", 0, 1);
        let call = |status| StatusCall {
            status,
            last_dirty: None,
            by: Sender::Client,
        };
        let at = |cluster: &Cluster, place: usize| cluster.at[place].now;
        let out = call(Some(Status::OutOfService));
        let set = cluster.at[0]
            .registry
            .set_override("A", "i", out, at(&cluster, 0));
        assert!(set.is_ok_and(|change| change.is_some()));
        cluster.pass(secs(1));
        let (registry, now) = (&cluster.at[1].registry, at(&cluster, 1));
        let nothing_new = match removal {
            true => registry.remove_override("A", "i", call(None), now),
            false => registry.set_override("A", "i", call(Some(Status::Up)), now),
        };
        assert!(nothing_new.is_ok_and(|change| change.is_none()));
        cluster.tell("i", 0, 1);
        cluster.tell("i", 1, 0);
        let shown = |place: usize| cluster.at[place].entry("i").record().status();
        assert_eq!([shown(0), shown(1)], [Status::Up; 2]);
    }
}
