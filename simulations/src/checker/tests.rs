//! What the checker finds, and that nothing in it is idle.

use super::canonical::Key;
use super::event::Event;
use super::explore::{Clocks, EVENTS, Verdict, explore};
use super::properties::Property;
use super::rules::{Adoption, Eviction, Evidence, Rules};
use super::world::{Links, Place, World};

fn check(rules: &Rules, clocks: Clocks, properties: &[Property]) -> Verdict {
    explore(rules, clocks, properties, clocks.events(EVENTS))
}

/// The shortest story in which these rules break this property.
fn story(rules: &Rules, clocks: Clocks, property: Property) -> String {
    check(rules, clocks, &[property]).told(rules)
}

#[test]
fn our_rules_break_nothing_where_clocks_agree() {
    let verdict = check(&Rules::OURS, Clocks::Level, &Property::ALL);
    insta::assert_snapshot!(verdict, @"nothing is broken within 8 events: 74265 states, 1136243 steps");
}

#[test]
fn our_rules_break_nothing_where_a_clock_is_far_ahead() {
    let verdict = check(&Rules::OURS, Clocks::OneFast, &Property::ALL);
    insta::assert_snapshot!(verdict, @"nothing is broken within 6 events: 90423 states, 1467948 steps");
}

#[test]
fn evictions_by_anybody_hide_a_beating_client() {
    let told = story(&Rules::ANYBODY, Clocks::Level, Property::Shown);
    insta::assert_snapshot!(told, @r"
    broken: a beating client is shown by every peer its server reaches
      1  the client registers at A                       A: live, A's   B: live, A's   C: live, A's
      2  an interval passes                              A: live, A's   B: live, A's   C: live, A's
      3  A is cut off, the others are linked             A: live, A's   B: live, A's   C: live, A's
      4  an interval passes                              A: live, A's   B: evicted     C: evicted
      5  all links hold                                  A: evicted     B: evicted     C: evicted
    ");
}

#[test]
fn deaths_that_nobody_gainsays_hide_a_beating_client() {
    let told = story(&Rules::OWNER_ONLY, Clocks::Level, Property::Shown);
    insta::assert_snapshot!(told, @r"
    broken: a beating client is shown by every peer its server reaches
      1  the client registers at A                       A: live, A's   B: live, A's   C: live, A's
      2  all links are cut                               A: live, A's   B: live, A's   C: live, A's
      3  the client cancels at B                         A: live, A's   B: cancelled   C: live, A's
      4  the client registers at C                       A: live, A's   B: cancelled   C: live, C's
      5  the client moves to A and beats                 A: live, A's   B: cancelled   C: live, C's
      6  C is cut off, the others are linked             A: cancelled   B: cancelled   C: live, C's
    ");
}

#[test]
fn evictions_by_owners_alone_leave_orphans_for_ever() {
    let told = story(&Rules::OWNER_ONLY, Clocks::Level, Property::Unowned);
    insta::assert_snapshot!(told, @r"
    broken: nothing unowned lives for ever
      1  the client registers at A                       A: live, A's   B: live, A's   C: live, A's
      2  the client falls silent                         A: live, A's   B: live, A's   C: live, A's
      3  A is cut off, the others are linked             A: live, A's   B: live, A's   C: live, A's
      4  an interval passes                              A: live, A's   B: live, A's   C: live, A's
      5  an interval passes                              A: evicted     B: live, A's   C: live, A's
    ");
}

#[test]
fn evidence_of_this_very_lease_is_too_little() {
    let rules = Rules {
        evidence: Evidence::OfThisLease,
        ..Rules::OURS
    };
    let told = story(&rules, Clocks::Level, Property::Shown);
    insta::assert_snapshot!(told, @r"
    broken: a beating client is shown by every peer its server reaches
      1  A is cut off, the others are linked             A: -           B: -           C: -
      2  the client registers at A                       A: live, A's   B: -           C: -
      3  the client registers at B                       A: live, A's   B: live, B's   C: live, B's
      4  the client moves to A and beats                 A: live, A's   B: live, B's   C: live, B's
      5  an interval passes                              A: live, A's   B: live, B's   C: live, B's
      6  an interval passes                              A: live, A's   B: evicted     C: evicted
      7  all links hold                                  A: evicted     B: evicted     C: evicted
    ");
}

#[test]
fn evidence_that_outlives_a_cancel_brings_the_cancelled_back() {
    let rules = Rules {
        cancels_end_evidence: false,
        ..Rules::OURS
    };
    let told = story(&rules, Clocks::OneFast, Property::Gone);
    insta::assert_snapshot!(told, @r"
    broken: a cancelled instance does not come back
      1  A is cut off, the others are linked             A: -           B: -           C: -
      2  the client registers at A                       A: live, A's   B: -           C: -
      3  the client cancels at A                         A: cancelled   B: -           C: -
      4  the client registers at B                       A: cancelled   B: live, B's   C: live, B's
      5  the client cancels at B                         A: cancelled   B: cancelled   C: cancelled
      6  all links hold                                  A: live, B's   B: live, B's   C: live, B's
    ");
}

#[test]
fn without_the_steward_an_orphan_lives_for_ever() {
    let rules = Rules {
        eviction: Eviction::ByOwner,
        ..Rules::OURS
    };
    let told = story(&rules, Clocks::Level, Property::Unowned);
    insta::assert_snapshot!(told, @r"
    broken: nothing unowned lives for ever
      1  the client registers at A                       A: live, A's   B: live, A's   C: live, A's
      2  the client falls silent                         A: live, A's   B: live, A's   C: live, A's
      3  A is cut off, the others are linked             A: live, A's   B: live, A's   C: live, A's
      4  an interval passes                              A: live, A's   B: live, A's   C: live, A's
      5  an interval passes                              A: evicted     B: live, A's   C: live, A's
    ");
}

#[test]
fn without_refutation_a_beating_client_is_hidden() {
    let rules = Rules {
        evidence: Evidence::Nothing,
        ..Rules::OURS
    };
    let told = story(&rules, Clocks::Level, Property::Shown);
    insta::assert_snapshot!(told, @r"
    broken: a beating client is shown by every peer its server reaches
      1  the client registers at A                       A: live, A's   B: live, A's   C: live, A's
      2  A is cut off, the others are linked             A: live, A's   B: live, A's   C: live, A's
      3  an interval passes                              A: live, A's   B: live, A's   C: live, A's
      4  an interval passes                              A: live, A's   B: evicted     C: evicted
      5  all links hold                                  A: evicted     B: evicted     C: evicted
    ");
}

#[test]
fn a_refutation_that_renews_outlives_the_lease() {
    let rules = Rules {
        refutation_renews: true,
        ..Rules::OURS
    };
    let told = story(&rules, Clocks::Level, Property::Honest);
    insta::assert_snapshot!(told, @r"
    broken: a lease whose owner is up ends when it says
      1  the client registers at A                       A: live, A's   B: live, A's   C: live, A's
      2  A is cut off, the others are linked             A: live, A's   B: live, A's   C: live, A's
      3  an interval passes                              A: live, A's   B: live, A's   C: live, A's
      4  the client falls silent                         A: live, A's   B: live, A's   C: live, A's
      5  an interval passes                              A: live, A's   B: evicted     C: evicted
      6  all links hold                                  A: live, A's   B: live, A's   C: live, A's
      7  an interval passes                              A: live, A's   B: live, A's   C: live, A's
    ");
}

#[test]
fn a_relay_that_revives_undoes_a_cancel() {
    let rules = Rules {
        relays_revive: true,
        ..Rules::OURS
    };
    let told = story(&rules, Clocks::Level, Property::Gone);
    insta::assert_snapshot!(told, @r"
    broken: a cancelled instance does not come back
      1  the client registers at A                       A: live, A's   B: live, A's   C: live, A's
      2  the client moves to B and beats                 A: live, A's   B: live, A's   C: live, A's
      3  the client cancels at A                         A: live, A's   B: live, A's   C: live, A's
    ");
}

#[test]
fn an_adoption_that_rewrites_the_body_loses_what_the_client_said() {
    let rules = Rules {
        adoption: Adoption::OfWholeRecord,
        ..Rules::OURS
    };
    let told = story(&rules, Clocks::Level, Property::Acknowledged);
    insta::assert_snapshot!(told, @r"
    broken: no acknowledged write is below what is stored
      1  the client registers at A                       A: live, A's   B: live, A's   C: live, A's
      2  A is cut off, the others are linked             A: live, A's   B: live, A's   C: live, A's
      3  the client registers at A                       A: live, A's   B: live, A's   C: live, A's
      4  the client moves to B and beats                 A: live, A's   B: live, B's   C: live, B's
    ");
}

#[test]
fn a_cancel_without_a_clock_of_its_own_is_undone() {
    let rules = Rules {
        cancel_is_fresh: false,
        ..Rules::OURS
    };
    let told = story(&rules, Clocks::Level, Property::Gone);
    insta::assert_snapshot!(told, @r"
    broken: a cancelled instance does not come back
      1  A is cut off, the others are linked             A: -           B: -           C: -
      2  the client registers at A                       A: live, A's   B: -           C: -
      3  the client registers at B                       A: live, A's   B: live, B's   C: live, B's
      4  the client cancels at A                         A: cancelled   B: live, B's   C: live, B's
      5  all links hold                                  A: live, B's   B: live, B's   C: live, B's
    ");
}

#[test]
fn a_write_that_trusts_its_own_clock_is_dropped() {
    let rules = Rules {
        above_held: false,
        ..Rules::OURS
    };
    let told = story(&rules, Clocks::OneFast, Property::Acknowledged);
    insta::assert_snapshot!(told, @r"
    broken: no acknowledged write is below what is stored
      1  the client registers at A                       A: live, A's   B: live, A's   C: live, A's
      2  the client registers at B                       A: live, A's   B: live, A's   C: live, A's
    ");
}

#[test]
fn two_searches_agree() {
    for rules in [Rules::OURS, Rules::OWNER_ONLY, Rules::ANYBODY] {
        let search = || explore(&rules, Clocks::Level, &Property::ALL, 6);
        assert_eq!(search(), search());
    }
}

#[test]
fn worlds_that_differ_by_which_peer_is_which_are_one() {
    let after = |fast, place, cut| {
        let registered = World::new(fast).after(Event::Register(place), &Rules::OURS);
        registered.after(Event::Link(Links::Without(cut)), &Rules::OURS)
    };
    let [a, b, c] = Place::ALL;
    assert_eq!(Key::of(&after(None, a, b)), Key::of(&after(None, c, a)));
    assert_ne!(Key::of(&after(None, a, b)), Key::of(&after(None, a, a)));
    assert_ne!(
        Key::of(&after(Some(a), b, a)),
        Key::of(&after(Some(b), a, b))
    );
}
