//! Guards of a server among others: cut off, or with few leases of its own.

use super::super::preservation::{Protection, Scope};
use super::super::settings::RegistrySettings;
use super::super::surroundings::{LeaseSums, Surroundings};
use super::super::testing::{START, Stage, instance, zoned};
use super::cluster::secs;

fn surround(stage: &Stage, isolated: bool, others: (u64, u64)) {
    let (owned, silent) = others;
    stage.registry.surround(Surroundings {
        isolated,
        others: LeaseSums { owned, silent },
        ..Surroundings::default()
    });
}

/// A server that owns so many leases, of which all but the first so many beat from now on.
struct Server {
    stage: Stage,
    owned: usize,
    silent: usize,
}

impl Server {
    fn new(owned: usize, silent: usize) -> Self {
        let stage = Stage::new(RegistrySettings::DEFAULT);
        (0..owned).for_each(|id| drop(stage.register(instance("A", &id.to_string()))));
        Self {
            stage,
            owned,
            silent,
        }
    }

    fn evicts(&mut self, secs: u64) -> usize {
        let (owned, silent) = (self.owned, self.silent);
        let evicted = self.stage.run_with(secs, |stage, second| {
            if second.is_multiple_of(30) {
                (silent..owned).for_each(|id| drop(stage.beat(&id.to_string())));
            }
        });
        evicted.len()
    }

    fn scopes(&self) -> Vec<Scope> {
        let held = self.stage.registry.protections();
        held.into_iter().map(|held| held.scope).collect()
    }
}

#[test]
fn who_is_cut_off_protects_everything_at_once() {
    let mut server = Server::new(20, 1);
    surround(&server.stage, true, (0, 0));
    assert_eq!(server.evicts(1), 0);
    let held = Protection {
        scope: Scope::Isolation,
        since: START + secs(1),
        until: START + secs(601),
        owned: 20,
        silent: 0,
    };
    assert_eq!(server.stage.registry.protections(), [held]);
    assert_eq!(server.evicts(500), 0);
    assert!(server.stage.finds("0"), "its lease is over and held");
    assert!(server.stage.cancel("1").is_ok(), "cancels always pass");
}

#[test]
fn isolation_ends_a_minute_after_its_cause() {
    let mut server = Server::new(20, 1);
    surround(&server.stage, true, (0, 0));
    server.evicts(200);
    surround(&server.stage, false, (0, 0));
    assert_eq!(server.evicts(59), 0);
    assert_eq!(server.scopes(), [Scope::Isolation]);
    assert_eq!(server.evicts(1), 1);
    assert!(server.scopes().is_empty());
}

#[test]
fn isolation_ends_at_its_limit_though_its_cause_stays_and_does_not_begin_again() {
    // Trap 29, and trap 7's second part: of two servers one is lost for good.
    let mut server = Server::new(20, 1);
    surround(&server.stage, true, (0, 0));
    assert_eq!(server.evicts(600), 0);
    assert_eq!(server.evicts(1), 1);
    assert!(server.scopes().is_empty());
    server.silent = 3;
    assert_eq!(
        server.evicts(300),
        2,
        "who falls silent after that is not protected for it"
    );
    assert!(server.scopes().is_empty());
    surround(&server.stage, false, (0, 0));
    server.evicts(1);
    surround(&server.stage, true, (0, 0));
    server.evicts(1);
    assert_eq!(server.scopes(), [Scope::Isolation], "a new cause counts");
}

#[test]
fn isolation_lasts_for_an_hour_while_much_is_silent() {
    let mut server = Server::new(40, 20);
    surround(&server.stage, true, (0, 0));
    server.evicts(100);
    let held = server.stage.registry.protections();
    let isolation = held.iter().find(|held| held.scope == Scope::Isolation);
    assert_eq!(isolation.map(|held| held.until), Some(START + secs(3601)));
}

#[test]
fn what_isolation_gave_up_is_not_held_by_the_next_one_until_it_beats() {
    // One silent lease in each of two zones, and a quota of one a minute. No other guard is alarmed.
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    for (id, zone) in [("a", "x"), ("b", "x"), ("c", "y"), ("d", "y")] {
        stage.register(zoned(id, zone));
    }
    let half_beats = |stage: &Stage, second: u64| {
        if second.is_multiple_of(30) {
            ["b", "d"].into_iter().for_each(|id| drop(stage.beat(id)));
        }
    };
    let well = (1000, 0);
    surround(&stage, true, well);
    assert_eq!(stage.run_with(600, half_beats).len(), 0);
    assert_eq!(stage.run_with(1, half_beats).len(), 1);
    surround(&stage, false, well);
    stage.run_with(1, half_beats);
    surround(&stage, true, well);
    assert_eq!(
        stage.run_with(58, half_beats).len(),
        0,
        "the quota is spent"
    );
    assert_eq!(stage.registry.protections().len(), 1);
    assert_eq!(stage.run_with(1, half_beats).len(), 1);
}

#[test]
fn without_preservation_isolation_holds_no_own_lease() {
    let settings = RegistrySettings {
        preservation: false,
        ..RegistrySettings::DEFAULT
    };
    let mut stage = Stage::new(settings);
    stage.register(instance("A", "i"));
    surround(&stage, true, (0, 0));
    assert_eq!(stage.run(91).len(), 1);
    assert!(stage.registry.protections().is_empty());
}

#[test]
fn a_server_with_few_leases_judges_by_those_of_all_servers() {
    // Trap 30: one death of three is nothing where the others are well.
    let check = |owned, silent, others, protects: bool| {
        let mut server = Server::new(owned, silent);
        surround(&server.stage, false, others);
        server.evicts(61);
        assert_eq!(
            server.scopes().contains(&Scope::Server),
            protects,
            "{owned} {silent} {others:?}"
        );
    };
    check(3, 2, (0, 0), true);
    check(3, 2, (100, 0), false);
    check(9, 2, (100, 15), true);
    check(9, 2, (100, 13), false);
    check(3, 1, (17, 2), false);
    check(3, 1, (16, 2), true);
    check(3, 1, (100, 90), true);
    check(3, 0, (100, 90), false);
    check(10, 2, (1000, 0), true);
    check(10, 1, (1000, 900), false);
}

#[test]
fn a_single_death_goes_after_its_lease_at_each_of_twenty_small_servers() {
    let mut server = Server::new(3, 1);
    surround(&server.stage, false, (57, 5));
    assert_eq!(server.evicts(91), 1);
}

#[test]
fn a_guard_over_all_servers_says_what_it_counts_and_ends_at_its_limit() {
    let mut server = Server::new(4, 2);
    surround(&server.stage, false, (96, 30));
    server.evicts(62);
    let held = server.stage.registry.protections();
    let guard = held.iter().find(|held| held.scope == Scope::Server);
    assert_eq!(guard.map(|held| (held.owned, held.silent)), Some((100, 32)));
    assert_eq!(guard.map(|held| held.until), Some(START + secs(61 + 600)));
    assert_eq!(server.evicts(660 - 62), 0);
    assert_eq!(server.evicts(1), 1, "at the quota");
    server.evicts(60);
    assert!(
        !server.scopes().contains(&Scope::Server),
        "what was given up is not its cause again"
    );
}
