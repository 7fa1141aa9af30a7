//! Which guard holds whom, for how long, and what is let go: against tables worked out by hand from the rules.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::Renewal;
use super::super::preservation::{Protection, Scope};
use super::super::settings::RegistrySettings;
use super::super::status::Status;
use super::super::testing::{START, Stage, instance, zoned};

/// Leases; evictions a window allows; from how many silent ones on the server's guard protects (`NEVER`).
const SERVER: [(usize, usize, usize); 9] = [
    (1, 1, NEVER),
    (2, 1, 2),
    (3, 1, 2),
    (5, 1, 2),
    (7, 2, 2),
    (9, 2, 2),
    (10, 2, 2),
    (20, 3, 4),
    (100, 15, 16),
];
/// Leases; the zones they are in, each as how many leases and from how many silent ones on its guard protects.
const ONE_ZONE: [(usize, [(usize, usize); 1]); 9] = [
    (1, [(1, NEVER)]),
    (2, [(2, 2)]),
    (3, [(3, 2)]),
    (5, [(5, 3)]),
    (7, [(7, 4)]),
    (9, [(9, 5)]),
    (10, [(10, 6)]),
    (20, [(20, 11)]),
    (100, [(100, 51)]),
];
const THREE_ZONES: [(usize, [(usize, usize); 3]); 9] = [
    (1, [(1, NEVER), (0, NEVER), (0, NEVER)]),
    (2, [(1, NEVER), (1, NEVER), (0, NEVER)]),
    (3, [(1, NEVER), (1, NEVER), (1, NEVER)]),
    (5, [(2, 2), (2, 2), (1, NEVER)]),
    (7, [(3, 2), (2, 2), (2, 2)]),
    (9, [(3, 2), (3, 2), (3, 2)]),
    (10, [(4, 3), (3, 2), (3, 2)]),
    (20, [(7, 4), (7, 4), (6, 4)]),
    (100, [(34, 18), (33, 17), (33, 17)]),
];
const NEVER: usize = usize::MAX;

/// A server with zones of so many leases each, of which the first so many fall silent at the start.
struct Zones {
    stage: Stage,
    sizes: Vec<usize>,
    silent: Vec<usize>,
}

fn name(zone: usize, number: usize) -> String {
    format!("{}-{number}", zone_name(zone))
}

fn zone_name(zone: usize) -> &'static str {
    ["a", "b", "c"][zone]
}

impl Zones {
    fn new(settings: RegistrySettings, sizes: &[usize], silent: &[usize]) -> Self {
        let stage = Stage::new(settings);
        for (zone, size) in sizes.iter().enumerate() {
            for number in 0..*size {
                stage.register(zoned(&name(zone, number), zone_name(zone)));
            }
        }
        Self {
            stage,
            sizes: sizes.to_vec(),
            silent: silent.to_vec(),
        }
    }

    /// Lets seconds pass in which those who are not silent beat. Answers how many were evicted in each zone.
    fn run(&mut self, secs: u64) -> BTreeMap<String, usize> {
        let (sizes, silent) = (&self.sizes, &self.silent);
        let beating: Vec<_> = (0..sizes.len())
            .flat_map(|zone| (silent[zone]..sizes[zone]).map(move |number| name(zone, number)))
            .collect();
        let evicted = self.stage.run_with(secs, |stage, second| {
            if second.is_multiple_of(30) {
                beating.iter().for_each(|id| drop(stage.beat(id)));
            }
        });
        let mut by_zone = BTreeMap::new();
        for key in evicted {
            let zone = key.id.split('-').next().unwrap_or_default().to_owned();
            *by_zone.entry(zone).or_default() += 1;
        }
        by_zone
    }

    fn evicts(&mut self, secs: u64) -> usize {
        self.run(secs).values().sum()
    }

    /// Which guards protect now: the server's as `server`, a zone's by its name.
    fn protecting(&self) -> Vec<String> {
        self.stage
            .registry
            .protections()
            .iter()
            .map(|held| scope_name(&held.scope))
            .collect()
    }

    fn protection(&self, of: &str) -> Option<Protection> {
        let held = self.stage.registry.protections();
        held.into_iter().find(|held| scope_name(&held.scope) == of)
    }

    /// From now on so many are silent in each zone.
    fn silence(&mut self, silent: &[usize]) {
        self.silent = silent.to_vec();
        self.beat_all();
    }

    fn beat_all(&self) {
        for (zone, size) in self.sizes.iter().enumerate() {
            (self.silent[zone]..*size)
                .for_each(|number| drop(self.stage.beat(&name(zone, number))));
        }
    }

    fn since_start(&self) -> u64 {
        self.stage.now.since(START).as_secs()
    }
}

fn scope_name(scope: &Scope) -> String {
    match scope {
        Scope::Server => "server".to_owned(),
        Scope::Zone(zone) => zone.as_deref().unwrap_or("no zone").to_owned(),
        Scope::Isolation => "isolation".to_owned(),
    }
}

/// The first so many of all, zone by zone.
fn spread(mut silent: usize, sizes: &[usize]) -> Vec<usize> {
    let take = |size: &usize| {
        let here = silent.min(*size);
        silent -= here;
        here
    };
    sizes.iter().map(take).collect()
}

/// Silences the first `silent` of all and compares who protects, and how many are evicted in the window in which
/// their leases end, with the tables.
fn check_tables(rows: &[(usize, usize)], server: (usize, usize, usize), silent: usize) {
    let (_, quota, server_from) = server;
    let sizes: Vec<_> = rows.iter().map(|(size, _)| *size).collect();
    let silent_in = spread(silent, &sizes);
    let (guarded, free): (Vec<_>, Vec<_>) =
        (0..rows.len()).partition(|zone| silent_in[*zone] >= rows[*zone].1);
    let mut protecting: Vec<_> = guarded.into_iter().map(zone_name).collect();
    let mut evicted = quota.min(free.into_iter().map(|zone| silent_in[zone]).sum());
    if silent >= server_from {
        protecting.insert(0, "server");
        evicted = 0;
    }
    let mut zones = Zones::new(RegistrySettings::DEFAULT, &sizes, &silent_in);
    assert_eq!(zones.evicts(61), 0);
    assert_eq!(
        zones.protecting(),
        protecting,
        "{silent} silent of {rows:?}"
    );
    assert_eq!(
        zones.evicts(120 - 61),
        evicted,
        "{silent} silent of {rows:?}"
    );
}

#[test]
fn guards_and_evictions_are_as_the_tables_say_in_one_zone() {
    for (server, (owned, zones)) in SERVER.into_iter().zip(ONE_ZONE) {
        assert_eq!(server.0, owned);
        for silent in (0..=owned.min(21)).chain((50..=51).filter(|silent| *silent <= owned)) {
            check_tables(&zones, server, silent);
        }
    }
}

#[test]
fn guards_and_evictions_are_as_the_tables_say_in_three_zones() {
    for (server, (owned, zones)) in SERVER.into_iter().zip(THREE_ZONES) {
        assert_eq!(server.0, owned);
        assert_eq!(zones.iter().map(|(size, _)| size).sum::<usize>(), owned);
        for silent in (0..=owned.min(20)).chain((50..=52).filter(|silent| *silent <= owned)) {
            check_tables(&zones, server, silent);
        }
    }
}

#[test]
fn instances_without_a_zone_share_one() {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    for id in 0..3 {
        stage.register(instance("A", &id.to_string()));
    }
    for id in 0..30 {
        stage.register(zoned(&format!("z{id}"), "z"));
    }
    let the_zone_beats = |stage: &Stage, second: u64| {
        if second.is_multiple_of(30) {
            (0..30).for_each(|id| drop(stage.beat(&format!("z{id}"))));
        }
    };
    assert!(stage.run_with(300, the_zone_beats).is_empty());
    let scopes: Vec<_> = stage
        .registry
        .protections()
        .into_iter()
        .map(|held| held.scope)
        .collect();
    assert_eq!(scopes, [Scope::Zone(None)]);
    assert_eq!(stage.registry.silent(), [(None, 3)]);
}

#[test]
fn a_lost_zone_is_kept_while_single_deaths_in_a_healthy_one_are_not() {
    let mut zones = Zones::new(RegistrySettings::DEFAULT, &[10, 45, 45], &[10, 3, 0]);
    assert_eq!(zones.run(120), BTreeMap::from([("b".to_owned(), 3)]));
    assert_eq!(zones.protecting(), ["a"]);
    let kept = zones.protection("a").expect("the zone is lost");
    assert_eq!((kept.owned, kept.silent), (10, 10));
}

#[test]
fn what_is_protected_is_found_though_its_lease_is_over() {
    let mut zones = Zones::new(RegistrySettings::DEFAULT, &[10], &[5]);
    zones.run(100);
    assert!(zones.stage.finds("a-0"));
    assert_eq!(zones.stage.sweep().held, 5);
    assert!(zones.stage.overrule("a-0", Status::Down).is_ok());
}

#[test]
fn cancels_pass_whatever_is_protected() {
    let mut zones = Zones::new(RegistrySettings::DEFAULT, &[10], &[5]);
    zones.run(100);
    assert!(zones.stage.cancel("a-0").is_ok());
    assert!(zones.stage.cancel("a-9").is_ok());
    assert!(!zones.stage.lists("a-0") && !zones.stage.lists("a-9"));
    assert_eq!(zones.stage.registry.last_cancelled().len(), 2);
}

#[test]
fn protection_ends_a_minute_after_its_cause() {
    let mut zones = Zones::new(RegistrySettings::DEFAULT, &[10], &[5]);
    zones.run(100);
    assert_eq!(zones.protecting(), ["server"]);
    zones.silence(&[0]);
    zones.run(59);
    assert_eq!(zones.protecting(), ["server"]);
    assert_eq!(zones.protection("server").map(|held| held.silent), Some(0));
    zones.run(1);
    assert!(zones.protecting().is_empty());
}

#[test]
fn a_cause_that_returns_within_the_minute_prolongs_the_protection() {
    let mut zones = Zones::new(RegistrySettings::DEFAULT, &[10], &[5]);
    zones.run(100);
    (0..5).for_each(|number| drop(zones.stage.beat(&name(0, number))));
    zones.silent = vec![10];
    zones.run(50);
    assert_eq!(zones.protection("server").map(|held| held.silent), Some(0));
    // The others, last heard at second 90, fall silent after 150.
    zones.run(10);
    let held = zones.protection("server").expect("it was prolonged");
    assert_eq!(
        (held.since, held.silent),
        (START + Duration::from_secs(61), 5)
    );
}

/// The second of the first eviction when so many of a zone fall silent. They are silent from second 61.
fn first_eviction(owned: usize, silent: usize) -> u64 {
    let mut zones = Zones::new(RegistrySettings::DEFAULT, &[owned], &[silent]);
    while zones.evicts(1) == 0 {
        if zones.since_start().is_multiple_of(30) {
            zones.beat_all();
        }
    }
    zones.since_start()
}

#[test]
fn protection_ends_at_ten_minutes_where_little_is_silent_and_at_an_hour_otherwise() {
    let check = |owned, silent, minutes: u64| {
        assert_eq!(
            first_eviction(owned, silent),
            61 + minutes * 60,
            "{silent} of {owned}"
        );
    };
    check(20, 8, 10);
    check(10, 9, 10);
    check(12, 9, 10);
    check(21, 10, 10);
    check(20, 10, 60);
    check(12, 12, 60);
}

#[test]
fn what_was_given_up_goes_at_the_quota() {
    let mut zones = Zones::new(RegistrySettings::DEFAULT, &[20], &[8]);
    assert_eq!(zones.evicts(660), 0);
    // Of 20, of 17 and of 14 leases: three, three and the remaining two. Windows begin with seconds 661 and so on.
    assert_eq!(zones.evicts(60), 3);
    assert_eq!(zones.evicts(60), 3);
    assert_eq!(zones.evicts(60), 2);
    assert!(
        zones.protecting().is_empty(),
        "it does not switch the guard on again"
    );
    assert_eq!(zones.stage.registry.census().live, 12);
}

#[test]
fn what_was_given_up_counts_again_once_it_has_beaten() {
    let mut zones = Zones::new(RegistrySettings::DEFAULT, &[20], &[12]);
    assert_eq!(zones.evicts(3660), 0);
    assert_eq!(zones.evicts(1), 3, "given up");
    assert!(zones.protecting().is_empty());
    let comes_back =
        |number: &usize| matches!(zones.stage.beat(&name(0, *number)), Renewal::Renewed);
    assert_eq!((0..12).filter(comes_back).count(), 9);
    zones.run(59);
    assert!(zones.protecting().is_empty());
    zones.run(2);
    assert_eq!(zones.protecting(), ["server", "a"]);
    let held = zones.protection("server").expect("nine are silent again");
    assert_eq!((held.owned, held.silent), (17, 9));
}

#[test]
fn each_guard_ends_by_itself_and_a_lease_is_held_while_one_holds_it() {
    // Of 48, 12 in a zone of 12 and one in another: a quarter of the server's, all of a zone's.
    let mut zones = Zones::new(RegistrySettings::DEFAULT, &[12, 18, 18], &[12, 1, 0]);
    assert_eq!(zones.evicts(660), 0);
    assert_eq!(zones.protecting(), ["server", "a"]);
    assert_eq!(zones.run(60), BTreeMap::from([("b".to_owned(), 1)]));
    assert_eq!(zones.protecting(), ["a"]);
    assert_eq!(zones.evicts(3660 - 720), 0);
    assert_eq!(zones.run(120), BTreeMap::from([("a".to_owned(), 12)]));
}

#[test]
fn without_preservation_only_the_quota_holds() {
    let settings = RegistrySettings {
        preservation: false,
        ..RegistrySettings::DEFAULT
    };
    let mut zones = Zones::new(settings, &[50, 50], &[50, 50]);
    // Of 100, of 85 and of 72 leases.
    assert_eq!(zones.evicts(120), 15);
    assert_eq!(zones.evicts(60), 13);
    assert_eq!(zones.evicts(60), 11);
    assert!(zones.protecting().is_empty());
}

#[test]
fn a_protection_says_what_it_holds_since_when_and_until_when() {
    let after = |secs| START + Duration::from_secs(secs);
    let mut zones = Zones::new(RegistrySettings::DEFAULT, &[20], &[8]);
    zones.run(70);
    let held = Protection {
        scope: Scope::Server,
        since: after(61),
        until: after(661),
        owned: 20,
        silent: 8,
    };
    assert_eq!(zones.stage.registry.protections(), [held]);
}
