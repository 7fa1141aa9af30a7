//! The list of instances against a plain map that is changed alike.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;

use super::super::change::Sender;
use super::super::entry::{Entry, Key};
use super::super::listing::{Leaf, Listing};
use super::super::settings::RegistrySettings;
use super::super::testing::{Stage, instance};

// The sizes of leaves, as this test understands them.
const LEAF_MAX: usize = 128;
const LEAF_MIN: usize = 16;
const LEAF_FULL: usize = 64;

/// What happens to a run of instances of one application before the next snapshot.
#[derive(Clone, Debug)]
enum Step {
    Register(&'static str, u16, u16),
    Cancel(&'static str, u16, u16),
    /// Time passes, so that what changed so far leaves the delta.
    Prune,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let app = || select(&["A", "B", "C", "D"][..]);
    let len = || prop_oneof![3 => 1..4u16, 2 => 1..80u16, 1 => 1..400u16];
    let step = prop_oneof![
        5 => (app(), 0..300u16, len()).prop_map(|(app, from, len)| Step::Register(app, from, len)),
        4 => (app(), 0..300u16, len()).prop_map(|(app, from, len)| Step::Cancel(app, from, len)),
        1 => Just(Step::Prune),
    ];
    proptest::collection::vec(step, 1..25)
}

fn take(stage: &mut Stage, plain: &mut BTreeSet<Key>, step: &Step) {
    let name = |app, number| Key {
        app: instance(app, "").app,
        id: format!("{number:03}").into(),
    };
    match step {
        Step::Register(app, from, len) => (*from..from + len).for_each(|number| {
            let key = name(app, number);
            stage.register(instance(app, &key.id));
            plain.insert(key);
        }),
        Step::Cancel(app, from, len) => (*from..from + len).for_each(|number| {
            let key = name(app, number);
            let cancelled = stage
                .registry
                .cancel(app, &key.id, Sender::Client, stage.now);
            assert_eq!(cancelled.is_ok(), plain.remove(&key));
        }),
        Step::Prune => {
            stage.pass(Duration::from_secs(180));
            stage.registry.prune_delta(stage.now);
        }
    }
}

fn keys<'a>(entries: impl IntoIterator<Item = &'a Arc<Entry>>) -> Vec<Key> {
    entries
        .into_iter()
        .map(|entry| Key::clone(entry.key()))
        .collect()
}

fn check_leaves(listing: &Listing) {
    let leaves = listing.leaves();
    let sizes: Vec<_> = leaves.iter().map(|leaf| leaf.entries.len()).collect();
    assert!(
        sizes.iter().all(|size| (1..=LEAF_MAX).contains(size)),
        "{sizes:?}"
    );
    let could_be_one =
        |pair: &[usize]| pair[0].min(pair[1]) < LEAF_MIN && pair[0] + pair[1] <= LEAF_FULL;
    assert!(!sizes.windows(2).any(could_be_one), "{sizes:?}");
    let numbers: BTreeSet<_> = leaves.iter().map(|leaf| leaf.number).collect();
    assert_eq!(numbers.len(), leaves.len());
    assert!(listing.iter().is_sorted_by(|a, b| a.key() < b.key()));
}

/// From the first key of a leaf to the first of the next.
type Span<'a> = (&'a Key, Option<&'a Key>);

fn spans(listing: &Listing) -> BTreeMap<Span<'_>, &Leaf> {
    let leaves = listing.leaves();
    let firsts = leaves.iter().map(|leaf| &**leaf.entries[0].key());
    let nexts = firsts.clone().skip(1).map(Some).chain([None]);
    firsts
        .zip(nexts)
        .zip(leaves.iter().map(|leaf| &**leaf))
        .collect()
}

/// A leaf is known by its number: where nothing changed it is named as before, and where anything did it is not.
fn check_numbers(before: &Listing, after: &Listing) {
    let same = |a: &Leaf, b: &Leaf| {
        let alike = a
            .entries
            .iter()
            .zip(&b.entries)
            .all(|(a, b)| Arc::ptr_eq(a, b));
        a.entries.len() == b.entries.len() && alike
    };
    let known = spans(before);
    let numbered = before.leaves().iter().map(|leaf| (leaf.number, leaf));
    let numbered: BTreeMap<_, _> = numbered.collect();
    for (span, leaf) in spans(after) {
        let unchanged = known.get(&span).filter(|before| same(before, leaf));
        assert!(unchanged.is_none_or(|before| before.number == leaf.number));
        let namesake = numbered.get(&leaf.number);
        assert!(namesake.is_none_or(|before| same(before, leaf)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_list_is_what_a_plain_set_would_be(steps in steps()) {
        let (mut stage, mut plain) = (Stage::new(RegistrySettings::DEFAULT), BTreeSet::new());
        let mut before = stage.registry.refresh();
        for step in steps {
            take(&mut stage, &mut plain, &step);
            let after = stage.registry.refresh();
            let listing = &after.registered;
            prop_assert_eq!(keys(listing.iter()), plain.iter().cloned().collect::<Vec<_>>());
            for app in ["", "A", "B", "C", "D", "E"] {
                let of_app: Vec<_> = plain.iter().filter(|key| key.app.as_str() == app).cloned().collect();
                prop_assert_eq!(keys(listing.application(app)), of_app);
            }
            let apps: BTreeSet<_> = plain.iter().map(|key| &key.app).collect();
            prop_assert!(listing.applications().eq(apps));
            check_leaves(listing);
            check_leaves(&after.recent);
            check_numbers(&before.registered, listing);
            check_numbers(&before.recent, &after.recent);
            before = after;
        }
    }
}

#[test]
fn what_leaves_the_delta_does_not_touch_the_list() {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    (0..1000).for_each(|number| drop(stage.register(instance("A", &number.to_string()))));
    let numbers = |listing: &Listing| {
        listing
            .leaves()
            .iter()
            .map(|leaf| leaf.number)
            .collect::<Vec<_>>()
    };
    let before = stage.registry.refresh();
    take(&mut stage, &mut BTreeSet::new(), &Step::Prune);
    let after = stage.registry.refresh();
    assert!(after.recent.leaves().is_empty());
    assert_eq!(numbers(&after.registered), numbers(&before.registered));
}

#[test]
fn a_leaf_keeps_its_number_when_the_next_one_is_emptied() {
    let stage = Stage::new(RegistrySettings::DEFAULT);
    (100..300).for_each(|number| drop(stage.register(instance("A", &number.to_string()))));
    let before = stage.registry.refresh();
    let [first, second, rest @ ..] = before.registered.leaves() else {
        panic!("two hundred are several leaves");
    };
    for entry in &second.entries {
        stage.cancel(&entry.key().id).expect("it is registered");
    }
    let after = stage.registry.refresh();
    let expected = [first].into_iter().chain(rest).map(|leaf| leaf.number);
    assert!(
        after
            .registered
            .leaves()
            .iter()
            .map(|leaf| leaf.number)
            .eq(expected)
    );
}

#[test]
fn one_change_makes_one_leaf_anew() {
    let stage = Stage::new(RegistrySettings::DEFAULT);
    (0..1000).for_each(|number| drop(stage.register(instance("A", &number.to_string()))));
    let before = stage.registry.refresh();
    stage.register(instance("A", "500"));
    let after = stage.registry.refresh();
    let known: BTreeSet<_> = before
        .registered
        .leaves()
        .iter()
        .map(|leaf| leaf.number)
        .collect();
    let anew = after
        .registered
        .leaves()
        .iter()
        .filter(|leaf| !known.contains(&leaf.number));
    assert_eq!(anew.count(), 1);
}
