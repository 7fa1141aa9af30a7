//! Which status is shown after which calls: Eureka's rules, with what this registry does differently on purpose.

use super::super::change::Sender;
use super::super::instance::{Instance, Registration};
use super::super::settings::RegistrySettings;
use super::super::status::Status;
use super::super::status::Status::{Down, OutOfService, Starting, Unknown, Up};
use super::super::testing::{Stage, instance};
use super::super::{Heartbeat, Renewal};
use Step::{Beat, Call, Cancel, CarryBeat, Evict, PeerSays, Remove, Say, SayUnder};

/// What happens to an instance.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Its client registers it in this status.
    Say(Status),
    /// The same, and believes to be under this override.
    SayUnder(Status, Status),
    /// A peer passes on a registration.
    PeerSays(Status),
    /// A status call.
    Call(Status),
    /// The override is removed; perhaps with a status to return to.
    Remove(Option<Status>),
    /// Its client beats.
    Beat,
    /// A peer, whose copy is newer, passes on a beat under this override.
    CarryBeat(Status),
    /// It is cancelled.
    Cancel,
    /// Its lease runs out, if it is there, and a sweep passes.
    Evict,
}

fn says(status: Status) -> Registration {
    Registration {
        instance: Instance {
            status,
            ..instance("A", "i")
        },
        carried_override: None,
    }
}

fn take(stage: &mut Stage, step: Step) {
    match step {
        Say(status) => drop(
            stage
                .registry
                .register(says(status), Sender::Client, stage.now),
        ),
        SayUnder(status, by_override) => {
            let registration = Registration {
                carried_override: Some(by_override),
                ..says(status)
            };
            stage
                .registry
                .register(registration, Sender::Client, stage.now);
        }
        PeerSays(status) => drop(
            stage
                .registry
                .register(says(status), Sender::Peer, stage.now),
        ),
        Call(status) => drop(stage.overrule("i", status)),
        Remove(own) => drop(stage.give_back("i", own)),
        Beat => drop(stage.beat("i")),
        CarryBeat(status) => {
            let beat = Heartbeat {
                last_dirty: Some(says(status).instance.last_dirty + 1),
                carried_override: Some(status),
                by: Sender::Peer,
            };
            let renewal = stage.registry.renew("A", "i", &beat, stage.now);
            assert!(matches!(renewal, Renewal::Outdated));
        }
        Cancel => drop(stage.cancel("i")),
        Evict => drop(stage.run(91)),
    }
}

/// Each step with what is shown after it; `None`: nothing.
fn check(story: &[(Step, Option<Status>)]) {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    for (place, (step, expected)) in story.iter().enumerate() {
        take(&mut stage, *step);
        assert_eq!(
            stage.shown("i"),
            *expected,
            "after step {place} of {story:?}"
        );
    }
}

#[test]
fn a_client_cannot_move_itself_between_up_and_out_of_service() {
    check(&[
        (Say(Up), Some(Up)),
        (Say(OutOfService), Some(Up)),
        (Say(Up), Some(Up)),
    ]);
    check(&[
        (Say(OutOfService), Some(OutOfService)),
        (Say(Up), Some(OutOfService)),
    ]);
}

#[test]
fn by_way_of_another_status_it_can() {
    for between in [Down, Starting, Unknown] {
        check(&[
            (Say(Up), Some(Up)),
            (Say(between), Some(between)),
            (Say(OutOfService), Some(OutOfService)),
            (Say(between), Some(between)),
            (Say(Up), Some(Up)),
        ]);
    }
}

#[test]
fn what_a_peer_passes_on_was_settled_there() {
    check(&[
        (Say(Up), Some(Up)),
        (PeerSays(OutOfService), Some(OutOfService)),
        (PeerSays(Up), Some(Up)),
    ]);
}

#[test]
fn an_instance_that_is_new_or_back_is_believed() {
    for end in [Cancel, Evict] {
        check(&[
            (Say(Up), Some(Up)),
            (end, None),
            (Say(OutOfService), Some(OutOfService)),
        ]);
    }
}

#[test]
fn a_status_call_moves_what_a_client_cannot() {
    check(&[
        (Say(Up), Some(Up)),
        (Call(OutOfService), Some(OutOfService)),
        (Say(Up), Some(OutOfService)),
        (Beat, Some(OutOfService)),
        (Call(Up), Some(Up)),
        (Say(OutOfService), Some(Up)),
    ]);
}

#[test]
fn under_an_override_what_the_client_says_is_kept_for_later() {
    check(&[
        (Say(Up), Some(Up)),
        (Call(Down), Some(Down)),
        (Say(OutOfService), Some(Down)),
        (Remove(None), Some(OutOfService)),
    ]);
    check(&[
        (Say(Up), Some(Up)),
        (Call(OutOfService), Some(OutOfService)),
        (Say(Up), Some(OutOfService)),
        (Remove(None), Some(Up)),
    ]);
}

#[test]
fn down_is_believed_under_any_override_and_the_override_waits() {
    for said in [Down, Starting] {
        check(&[
            (Say(Up), Some(Up)),
            (Call(OutOfService), Some(OutOfService)),
            (Say(said), Some(said)),
            (Beat, Some(said)),
            (Say(Up), Some(OutOfService)),
        ]);
    }
}

#[test]
fn a_status_call_lifts_who_was_starting_until_it_speaks_again() {
    for own in [Down, Starting, Unknown] {
        check(&[
            (Say(own), Some(own)),
            (Call(Up), Some(Up)),
            (Beat, Some(Up)),
            (Say(own), Some(own)),
            (Say(Up), Some(Up)),
        ]);
        check(&[
            (Say(own), Some(own)),
            (Call(Up), Some(Up)),
            (Remove(None), Some(own)),
        ]);
    }
}

#[test]
fn setting_the_status_that_is_shown_pins_nothing() {
    check(&[
        (Say(Up), Some(Up)),
        (Call(Up), Some(Up)),
        (Say(Down), Some(Down)),
        (Call(Down), Some(Down)),
        (Say(Up), Some(Up)),
    ]);
}

#[test]
fn a_removal_returns_to_the_instances_own_word_or_to_the_one_given() {
    for own in Status::ALL {
        check(&[(Say(own), Some(own)), (Remove(Some(Down)), Some(own))]);
        let other = if own == Down { Up } else { Down };
        check(&[
            (Say(own), Some(own)),
            (Call(other), Some(other)),
            (Remove(None), Some(own)),
            (Remove(Some(Up)), Some(own)),
        ]);
        check(&[
            (Say(own), Some(own)),
            (Call(other), Some(other)),
            (Remove(Some(Starting)), Some(Starting)),
        ]);
        check(&[
            (Say(own), Some(own)),
            (Call(other), Some(other)),
            (Remove(Some(Unknown)), Some(own)),
        ]);
    }
}

#[test]
fn an_override_survives_the_eviction_of_its_instance() {
    check(&[
        (Say(Up), Some(Up)),
        (Call(OutOfService), Some(OutOfService)),
        (Evict, None),
        (Say(Up), Some(OutOfService)),
        (Remove(None), Some(Up)),
    ]);
}

#[test]
fn any_cancel_ends_an_override() {
    check(&[
        (Say(Up), Some(Up)),
        (Call(Down), Some(Down)),
        (Cancel, None),
        (Say(Up), Some(Up)),
    ]);
    check(&[
        (Say(Up), Some(Up)),
        (Call(Down), Some(Down)),
        (Evict, None),
        (Cancel, None),
        (Say(Up), Some(Up)),
    ]);
}

#[test]
fn an_override_waits_for_an_evicted_instance_for_an_hour() {
    let check = |secs, expected| {
        let mut stage = Stage::new(RegistrySettings::DEFAULT);
        take(&mut stage, Say(Up));
        take(&mut stage, Call(Down));
        assert_eq!(stage.run(91).len(), 1);
        stage.run(secs);
        take(&mut stage, Say(Up));
        assert_eq!(stage.shown("i"), Some(expected), "after {secs} s");
    };
    check(3599, Down);
    check(3600, Up);
}

#[test]
fn a_carried_override_holds_unless_the_registry_knows_one() {
    check(&[
        (SayUnder(Up, OutOfService), Some(OutOfService)),
        (Say(Up), Some(OutOfService)),
    ]);
    check(&[
        (Say(Up), Some(Up)),
        (SayUnder(Up, OutOfService), Some(OutOfService)),
    ]);
    check(&[
        (Say(Up), Some(Up)),
        (Call(Down), Some(Down)),
        (SayUnder(Up, OutOfService), Some(Down)),
    ]);
    check(&[
        (SayUnder(Starting, OutOfService), Some(Starting)),
        (Say(Up), Some(OutOfService)),
    ]);
    check(&[
        (Say(Up), Some(Up)),
        (Call(Down), Some(Down)),
        (Remove(None), Some(Up)),
        (SayUnder(Up, OutOfService), Some(OutOfService)),
    ]);
}

#[test]
fn a_peers_beat_brings_its_override_along() {
    check(&[
        (Say(Up), Some(Up)),
        (CarryBeat(OutOfService), Some(OutOfService)),
        (CarryBeat(Down), Some(Down)),
    ]);
    check(&[
        (Say(Starting), Some(Starting)),
        (CarryBeat(Up), Some(Starting)),
        (Say(OutOfService), Some(Up)),
    ]);
}

#[test]
fn an_override_belongs_to_one_instance_of_one_application() {
    let stage = Stage::new(RegistrySettings::DEFAULT);
    stage.register(instance("A", "i"));
    stage.register(instance("A", "j"));
    stage.register(instance("B", "i"));
    stage.overrule("i", OutOfService).expect("it is registered");
    assert_eq!(stage.shown("i"), Some(OutOfService));
    assert_eq!(stage.shown("j"), Some(Up));
    let other = stage
        .registry
        .find("B", "i", stage.now)
        .expect("it is registered");
    assert_eq!(other.record().status(), Up);
}

#[test]
fn who_is_shown_as_unknown_is_to_register_again() {
    let check = |story: &[Step], known: bool| {
        let mut stage = Stage::new(RegistrySettings::DEFAULT);
        story.iter().for_each(|step| take(&mut stage, *step));
        assert_eq!(
            matches!(stage.beat("i"), Renewal::Renewed),
            known,
            "{story:?}"
        );
        assert_eq!(stage.registry.renewals(), u64::from(known));
    };
    check(&[Say(Unknown)], false);
    check(&[Say(Up), Call(Unknown)], false);
    check(&[Say(Up), Call(Unknown), Say(Down)], true);
    check(&[Say(Up), Call(Unknown), Remove(None)], true);
    check(&[Say(Up), Call(Down), Remove(None)], true);
    check(&[], false);
    check(&[Say(Up), Cancel], false);
}
