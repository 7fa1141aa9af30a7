//! Who keeps a lease when its client beats elsewhere, and what passes between that server and the owner.

use std::time::Duration;

use peers::version::Epoch;

use super::super::change::What;
use super::super::instance::Instance;
use super::super::settings::RegistrySettings;
use super::super::status::Status;
use super::super::testing::{Stage, instance, lasting, origin, zoned};
use super::super::{RelayAnswer, Relayed, Renewal};
use super::cluster::{Cluster, key, secs};

/// Two servers; the first owns `i`, the second has heard of it.
fn two() -> Cluster {
    let cluster = Cluster::of(2);
    cluster.at[0].register(instance("A", "i"));
    cluster.tell("i", 0, 1);
    cluster
}

fn beat(stage: &Stage, id: &str) {
    assert!(matches!(stage.beat(id), Renewal::Renewed));
}

/// Beats at one server so often, an interval apart, each relayed and answered. Answers who owns the lease then.
fn beat_relayed(cluster: &mut Cluster, at: usize, times: usize) {
    for _ in 0..times {
        cluster.pass(secs(30));
        beat(&cluster.at[at], "i");
        cluster.relay(at);
    }
}

#[test]
fn the_owner_is_who_wrote_the_lease() {
    let cluster = two();
    assert_eq!(cluster.at[1].owner("i"), origin(1));
    assert_eq!(cluster.at[0].registry.owned(), (1, 0));
    assert_eq!(cluster.at[1].registry.owned(), (0, 0));
    assert_eq!(
        cluster.at[1]
            .registry
            .owners()
            .into_iter()
            .collect::<Vec<_>>(),
        [(origin(1), 1)]
    );
    assert!(cluster.at[0].registry.owners().is_empty());
}

#[test]
fn who_is_registered_with_owns_the_lease_from_then_on() {
    let cluster = two();
    cluster.at[1].register(instance("A", "i"));
    assert_eq!(cluster.at[1].owner("i"), origin(2));
    cluster.tell("i", 1, 0);
    assert_eq!(cluster.at[0].registry.owned(), (0, 0));
    assert_eq!(cluster.at[1].registry.owned(), (1, 0));
}

#[test]
fn status_and_metadata_calls_do_not_move_a_lease() {
    let cluster = two();
    let set = cluster.at[1].overrule("i", Status::OutOfService);
    assert!(set.is_ok_and(|change| change.is_some()));
    assert_eq!(cluster.at[1].owner("i"), origin(1));
    cluster.tell("i", 1, 0);
    assert_eq!(cluster.at[0].shown("i"), Some(Status::OutOfService));
    assert_eq!(cluster.at[0].registry.owned(), (1, 0));
}

#[test]
fn an_own_lease_is_renewed_without_a_word_to_anybody() {
    let cluster = two();
    beat(&cluster.at[0], "i");
    assert!(
        cluster.at[0]
            .registry
            .take_relays(cluster.at[0].now)
            .is_empty()
    );
}

#[test]
fn a_beat_of_another_servers_lease_is_relayed_once_with_its_age() {
    let mut cluster = two();
    beat(&cluster.at[1], "i");
    cluster.pass(Duration::from_millis(50));
    beat(&cluster.at[1], "i");
    cluster.pass(Duration::from_millis(200));
    let stage = &cluster.at[1];
    let relays = stage.registry.take_relays(stage.now);
    let told: Vec<_> = relays
        .iter()
        .map(|relay| (relay.owner, &*relay.key.id, relay.age))
        .collect();
    assert_eq!(told, [(origin(1), "i", Duration::from_millis(200))]);
    assert!(stage.registry.take_relays(stage.now).is_empty());
    assert_eq!(stage.registry.renewals(), 2);
}

#[test]
fn a_relay_counts_as_heard_at_the_owner_when_it_was_heard() {
    let mut cluster = two();
    cluster.pass(secs(60));
    let owner = &cluster.at[0];
    let relayed = |age| owner.registry.relayed(&key("i"), secs(age), owner.now);
    assert_eq!(relayed(10), Relayed::Seen);
    let heard = owner.entry("i").heard_at();
    assert_eq!(owner.now.since(heard), secs(10));
    assert_eq!(owner.entry("i").deadline(), heard + secs(90));
    assert_eq!(relayed(20), Relayed::Seen);
    assert_eq!(
        owner.entry("i").heard_at(),
        heard,
        "an older one changes nothing"
    );
    assert_eq!(owner.entry("i").deadline(), heard + secs(90));
}

#[test]
fn relays_keep_a_lease_alive_for_as_long_as_its_client_beats() {
    let mut cluster = two();
    for second in 1..=280 {
        if second % 60 == 30 {
            beat(&cluster.at[1], "i");
            assert_eq!(cluster.relay(1), [Relayed::Seen]);
        }
        assert_eq!(cluster.run(1), 0, "{second}");
    }
    assert_eq!(
        cluster.at[1].owner("i"),
        origin(1),
        "a gap restarts the row"
    );
}

#[test]
fn a_relay_revives_nothing_and_is_answered_by_the_record() {
    // Trap 27: a beat at the second server, then a cancel at the owner, then the relay of the beat.
    let mut cluster = two();
    beat(&cluster.at[1], "i");
    cluster.pass(Duration::from_millis(100));
    cluster.at[0].cancel("i").expect("it is registered");
    cluster.pass(Duration::from_millis(150));
    assert_eq!(cluster.relay(1), [Relayed::HeldOtherwise]);
    assert!(!cluster.at[0].lists("i"));
    assert!(
        !cluster.at[1].lists("i"),
        "the beat is no younger than the cancel"
    );
}

#[test]
fn a_relay_for_a_lease_that_moved_on_is_answered_by_the_record() {
    let cluster = Cluster::of(3);
    cluster.at[0].register(instance("A", "i"));
    cluster.tell("i", 0, 1);
    cluster.at[2].register(instance("A", "i"));
    cluster.tell("i", 2, 0);
    beat(&cluster.at[1], "i");
    assert_eq!(cluster.relay(1), [Relayed::HeldOtherwise]);
    assert_eq!(cluster.at[1].owner("i"), cluster.at[2].owner("i"));
}

#[test]
fn a_lease_whose_owner_is_not_up_is_adopted_by_the_first_beat() {
    let mut cluster = two();
    let before = cluster.at[1].entry("i").record().clone();
    cluster.part(1, None);
    cluster.pass(secs(40));
    beat(&cluster.at[1], "i");
    let stage = &mut cluster.at[1];
    let (entry, after) = (stage.entry("i"), stage.entry("i").record().clone());
    assert_eq!(after.owner(), origin(2));
    assert!(after.lease.version > before.newest());
    assert_eq!(after.lease.value, before.lease.value);
    assert_eq!(
        (after.body, after.overriding),
        (before.body, before.overriding)
    );
    assert_eq!(entry.deadline(), stage.now + secs(90));
    assert_eq!(stage.registry.owned(), (1, 0));
    assert!(stage.registry.owners().is_empty());
    assert!(stage.registry.take_relays(stage.now).is_empty());
}

#[test]
fn an_adoption_shows_readers_nothing_new_and_is_told_by_the_next_sweep() {
    let mut cluster = two();
    cluster.part(1, None);
    let stage = &mut cluster.at[1];
    let before = stage.registry.refresh();
    beat(stage, "i");
    assert_eq!(stage.registry.revision(), before.revision);
    let swept = stage.sweep();
    let told: Vec<_> = swept
        .adopted
        .iter()
        .map(|change| (change.what, &*change.key.id))
        .collect();
    assert_eq!(told, [(What::Adopted, "i")]);
    assert!(stage.sweep().adopted.is_empty(), "once");
    assert_eq!(stage.registry.account(1)[0].what, What::Adopted);
    let after = stage.registry.refresh();
    assert_eq!(after.revision, before.revision);
    let listed: Vec<_> = after
        .registered
        .iter()
        .map(|entry| entry.record().owner())
        .collect();
    assert_eq!(
        listed,
        [origin(2)],
        "yet the list has the entry that beats reach"
    );
}

#[test]
fn an_adopted_lease_ends_when_its_client_stops() {
    let mut cluster = two();
    cluster.part(1, None);
    beat(&cluster.at[1], "i");
    assert_eq!(cluster.at[1].run(90).len(), 0);
    assert_eq!(cluster.at[1].run(1).len(), 1);
}

#[test]
fn a_server_that_restarts_takes_over_from_its_former_self() {
    // Trap 5: the former life's leases belong to nobody who is up.
    let mut cluster = two();
    let mut again = origin(1);
    again.epoch = Epoch(2);
    cluster.at[0] = Stage::of(again, RegistrySettings::DEFAULT);
    cluster.connect();
    cluster.tell("i", 1, 0);
    assert_eq!(cluster.at[0].registry.owned(), (0, 0));
    beat(&cluster.at[0], "i");
    assert_eq!(cluster.at[0].owner("i"), again);
    assert_eq!(cluster.at[0].registry.owned(), (1, 0));
}

#[test]
fn an_owner_that_acknowledges_nothing_loses_the_lease_at_the_second_beat() {
    let mut cluster = two();
    for owner in [origin(1), origin(2)] {
        cluster.pass(secs(30));
        beat(&cluster.at[1], "i");
        assert_eq!(cluster.at[1].owner("i"), owner);
        let stage = &cluster.at[1];
        let lost = stage.registry.take_relays(stage.now).len();
        assert_eq!(lost, usize::from(owner == origin(1)));
    }
}

#[test]
fn a_relay_is_sent_again_until_it_is_acknowledged() {
    let mut cluster = two();
    for _ in 0..3 {
        cluster.pass(secs(30));
        beat(&cluster.at[1], "i");
        let lost = |cluster: &Cluster| cluster.at[1].registry.take_relays(cluster.at[1].now).len();
        assert_eq!([lost(&cluster), lost(&cluster)], [1, 0]);
        cluster.pass(secs(1));
        assert_eq!(lost(&cluster), 1);
        cluster.pass(secs(1));
        assert_eq!(lost(&cluster), 0, "more rarely");
        cluster.pass(secs(1));
        assert_eq!(cluster.relay(1), [Relayed::Seen]);
        cluster.pass(secs(60));
        assert_eq!(lost(&cluster), 0);
    }
    assert_eq!(cluster.at[1].owner("i"), origin(1));
}

#[test]
fn of_two_owners_the_one_that_is_no_longer_tells_the_other_what_it_heard() {
    let mut cluster = two();
    cluster.part(1, None);
    beat(&cluster.at[1], "i");
    assert_eq!(cluster.at[1].owner("i"), origin(2));
    cluster.pass(secs(10));
    cluster.at[0].register(instance("A", "i"));
    cluster.connect();
    cluster.tell("i", 0, 1);
    assert_eq!(cluster.at[1].owner("i"), origin(1));
    assert_eq!(cluster.relay(1), [Relayed::Seen]);
}

#[test]
fn a_beat_that_no_owner_is_left_for_is_taken_over_and_renews_nothing() {
    let mut cluster = two();
    beat(&cluster.at[1], "i");
    let heard_at = cluster.at[1].now;
    cluster.pass(secs(10));
    cluster.part(1, None);
    let stage = &cluster.at[1];
    assert!(stage.registry.take_relays(stage.now).is_empty());
    assert_eq!(stage.owner("i"), origin(2));
    assert_eq!(stage.entry("i").deadline(), heard_at + secs(90));
}

#[test]
fn a_relay_older_than_the_lease_is_of_no_use() {
    let mut cluster = two();
    beat(&cluster.at[1], "i");
    cluster.pass(secs(91));
    assert!(
        cluster.at[1]
            .registry
            .take_relays(cluster.at[1].now)
            .is_empty()
    );
}

#[test]
fn beats_that_go_in_one_relay_count_once() {
    let cluster = two();
    (0..5).for_each(|_| beat(&cluster.at[1], "i"));
    assert_eq!(cluster.at[1].owner("i"), origin(1));
}

#[test]
fn an_owner_that_knows_nothing_of_an_instance_loses_it_to_whoever_heard_the_client() {
    let mut cluster = two();
    let stage = &cluster.at[1];
    let unknown = |stage: &Stage| {
        stage
            .registry
            .relay_answered(&key("i"), RelayAnswer::Unknown, stage.now)
    };
    assert!(unknown(stage).is_none(), "nothing was heard of it here");
    beat(stage, "i");
    let heard_at = stage.now;
    cluster.pass(secs(1));
    let change = unknown(&cluster.at[1]).expect("it is adopted");
    assert_eq!(change.what, What::Adopted);
    assert_eq!(cluster.at[1].owner("i"), origin(2));
    assert_eq!(
        cluster.at[1].entry("i").deadline(),
        heard_at + secs(90),
        "from the beat on"
    );
    assert!(unknown(&cluster.at[1]).is_none(), "once");
}

#[test]
fn a_lease_moves_with_the_tenth_beat_in_a_row() {
    let mut cluster = two();
    beat_relayed(&mut cluster, 1, 9);
    assert_eq!(cluster.at[1].owner("i"), origin(1));
    beat_relayed(&mut cluster, 1, 1);
    assert_eq!(cluster.at[1].owner("i"), origin(2));
}

#[test]
fn a_gap_of_more_than_one_and_a_half_intervals_starts_the_row_again() {
    let check = |gap_millis: u64, owner: u64| {
        let mut cluster = two();
        beat_relayed(&mut cluster, 1, 9);
        cluster.pass(Duration::from_millis(gap_millis));
        beat(&cluster.at[1], "i");
        assert_eq!(cluster.at[1].owner("i"), origin(owner), "{gap_millis}");
    };
    check(45_000, 2);
    check(45_001, 1);
}

#[test]
fn a_client_that_beats_each_of_two_servers_in_turn_stays_with_one() {
    // Trap 33.
    let mut cluster = two();
    for _ in 0..50 {
        beat_relayed(&mut cluster, 1, 1);
        cluster.pass(secs(30));
        beat(&cluster.at[0], "i");
        assert_eq!(cluster.at[1].owner("i"), origin(1));
    }
}

#[test]
fn a_lease_that_was_written_elsewhere_meanwhile_starts_the_row_again() {
    let mut cluster = two();
    beat_relayed(&mut cluster, 1, 9);
    cluster.at[0].register(instance("A", "i"));
    cluster.tell("i", 0, 1);
    beat_relayed(&mut cluster, 1, 1);
    assert_eq!(cluster.at[1].owner("i"), origin(1));
}

#[test]
fn an_adoption_does_not_carry_an_old_body_over_a_newer_one() {
    // Trap 11: metadata change at the first server while the second, which has the old ones, adopts.
    let mut cluster = two();
    let metadata = [("k", "new")].into_iter().collect();
    let limits = super::super::MetadataLimits { keys: 9, bytes: 99 };
    let owner = &cluster.at[0];
    let done = owner
        .registry
        .update_metadata("A", "i", &metadata, limits, owner.now);
    assert!(done.is_ok());
    cluster.part(1, None);
    cluster.pass(secs(30));
    beat(&cluster.at[1], "i");
    cluster.settle();
    for stage in &cluster.at {
        let entry = stage.entry("i");
        assert_eq!(entry.instance().metadata.value("k"), Some("new"));
        assert_eq!(entry.record().owner(), origin(2));
    }
}

#[test]
fn a_body_whose_owner_is_gone_does_not_win_over_what_the_client_says() {
    // Trap 24: the host came back with its clock behind.
    let check = |gone: bool, kept: &str| {
        let cluster = Cluster::of(2);
        let said = |host: &str, last_dirty| Instance {
            host_name: host.into(),
            last_dirty,
            ..instance("A", "i")
        };
        cluster.at[0].register(said("before", 9));
        cluster.tell("i", 0, 1);
        if gone {
            cluster.part(1, None);
        }
        cluster.at[1].register(said("after", 5));
        assert_eq!(&*cluster.at[1].entry("i").instance().host_name, kept);
    };
    check(false, "before");
    check(true, "after");
}

#[test]
fn leases_of_others_are_neither_swept_nor_silent_nor_counted() {
    let mut cluster = Cluster::of(2);
    (0..20).for_each(|id| drop(cluster.at[0].register(zoned(&id.to_string(), "x"))));
    cluster.tell_all(0, 1);
    let other = &mut cluster.at[1];
    assert!(other.run(600).is_empty());
    assert!(other.registry.protections().is_empty());
    assert!(other.registry.silent().iter().all(|(_, count)| *count == 0));
    assert_eq!(other.registry.owned(), (0, 0));
    assert_eq!(other.registry.census().live, 20, "but shown");
    assert!(other.finds("0"), "only the owner says that a lease is over");
}

#[test]
fn a_lease_that_leaves_takes_its_silence_along() {
    let mut cluster = two();
    cluster.at[0].run(70);
    assert_eq!(cluster.at[0].registry.owned(), (1, 1));
    cluster.part(1, None);
    beat(&cluster.at[1], "i");
    cluster.tell("i", 1, 0);
    assert_eq!(cluster.at[0].registry.owned(), (0, 0));
    assert!(cluster.at[0].run(300).is_empty());
}

#[test]
fn the_times_of_another_servers_lease_are_those_of_its_registration_unless_it_was_heard_here() {
    let mut cluster = Cluster::of(2);
    cluster.at[0].register(lasting("i", 90));
    let registered_at = cluster.at[0].now;
    cluster.pass(secs(20));
    cluster.tell("i", 0, 1);
    let entry = cluster.at[1].entry("i");
    assert_eq!(
        (entry.heard_at(), entry.witnessed_at()),
        (crate::clock::Timestamp::default(), None)
    );
    assert_eq!(entry.deadline(), registered_at + secs(90));
    beat(&cluster.at[1], "i");
    let now = cluster.at[1].now;
    let entry = cluster.at[1].entry("i");
    assert_eq!((entry.heard_at(), entry.witnessed_at()), (now, Some(now)));
    assert_eq!(entry.deadline(), now + secs(90));
}

#[test]
fn a_new_epoch_writes_the_own_leases_anew_and_leaves_their_times() {
    let mut cluster = two();
    cluster.at[1].register(instance("A", "j"));
    cluster.tell("j", 1, 0);
    cluster.pass(secs(40));
    let stage = &cluster.at[0];
    let before = stage.entry("i");
    let revision = stage.registry.revision();
    let mut again = origin(1);
    again.epoch = Epoch(5);
    let changes = stage.registry.restate(again, stage.now);
    let told: Vec<_> = changes
        .iter()
        .map(|change| (change.what, &*change.key.id))
        .collect();
    assert_eq!(told, [(What::Restated, "i")]);
    let after = stage.entry("i");
    assert_eq!(after.record().owner(), again);
    assert!(after.record().lease.version > before.record().newest());
    assert_eq!(after.record().lease.value, before.record().lease.value);
    assert_eq!(
        (after.heard_at(), after.deadline()),
        (before.heard_at(), before.deadline())
    );
    assert_eq!(stage.registry.owned(), (1, 0));
    assert_eq!(stage.owner("j"), origin(2));
    assert_eq!(stage.registry.revision(), revision);
    assert!(stage.registry.restate(again, stage.now).is_empty());
    assert_eq!(cluster.at[0].run(51).len(), 1, "it renews nothing");
}

#[test]
fn it_is_known_whether_any_client_was_heard() {
    let stage = Stage::new(RegistrySettings::DEFAULT);
    assert!(!stage.registry.heard_clients());
    stage.beat("nobody");
    assert!(stage.registry.heard_clients());
    let cluster = two();
    assert!(cluster.at[0].registry.heard_clients());
    assert!(
        !cluster.at[1].registry.heard_clients(),
        "records are no clients"
    );
}
