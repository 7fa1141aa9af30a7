//! Java's registry: leases by instance, overrides beside them, and the chain of rules that makes a status.
//!
//! Here: register, renew, cancel, status, metadata and eviction as Netflix's registry does them. Not here: what is told
//! to other servers (`server`), when expired leases are looked for (`model`). What must always hold: nothing is
//! remembered of an instance that is gone, not even that it went.
//!
//! Times are the wall clock of the server, in milliseconds: Java's leases live by it.

use std::collections::BTreeMap;

use peerage::registry::status::Status;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;

use super::guard::Guard;

/// An override that nobody has asked about for this long is forgotten, in milliseconds.
const OVERRIDE_KEPT: i64 = 60 * 60 * 1000;

/// An instance, as a server holds it and hands it on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    /// The status that is shown.
    pub(super) status: Status,
    /// What an operator said last.
    pub(super) overridden: Option<Status>,
    /// When the client last changed, by its own clock.
    pub(super) last_dirty: i64,
    /// What stands in the metadata.
    pub(super) note: Option<String>,
    /// How often it means to beat, in seconds.
    pub(super) interval_secs: u32,
    /// How long its lease lasts, in seconds.
    pub(super) duration_secs: u32,
}

/// A lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lease {
    /// Whose.
    pub(super) held: Held,
    /// When it was last renewed, and the duration of the lease more: Netflix's server adds it here and once more when
    /// it looks whether the lease is over.
    last_update: i64,
    /// When something was last heard of the client, by whatever way.
    pub(super) heard: i64,
}

/// Java's registry.
#[derive(Clone, Debug)]
pub(super) struct Leases {
    leases: BTreeMap<usize, Lease>,
    overrides: BTreeMap<usize, (Status, i64)>,
    /// What decides whether anybody is evicted.
    pub(super) guard: Guard,
}

/// What a heartbeat found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Renewed {
    /// The lease is renewed.
    Done,
    /// There is none, or its status is unknown: 404.
    Unknown,
    /// It is renewed, but the client has changed since it registered: 404.
    Outdated,
    /// It is renewed, but who beat knows less than is known here: 200 for a client, 409 for a server.
    Ahead,
}

impl Leases {
    /// A registry without instances.
    pub(super) const fn new(guard: Guard) -> Self {
        Self {
            leases: BTreeMap::new(),
            overrides: BTreeMap::new(),
            guard,
        }
    }

    /// All leases, by client.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &Lease)> {
        self.leases.iter().map(|(client, lease)| (*client, lease))
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.leases.len()
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.leases.is_empty()
    }

    /// An instance, if it is there.
    pub(super) fn held(&self, client: usize) -> Option<&Held> {
        self.leases.get(&client).map(|lease| &lease.held)
    }

    /// An override, which thereby lives on.
    pub(super) fn overriding(&mut self, client: usize, now: i64) -> Option<Status> {
        let (status, asked) = self.overrides.get_mut(&client)?;
        if now - *asked > OVERRIDE_KEPT {
            self.overrides.remove(&client);
            return None;
        }
        *asked = now;
        Some(*status)
    }

    /// An instance registers, or another server says that it did.
    pub(super) fn register(&mut self, client: usize, incoming: Held, replicated: bool, now: i64) {
        let present = self.leases.get(&client).map(|lease| lease.held.clone());
        let duration_secs = incoming.duration_secs;
        let mut held = match &present {
            Some(present) if present.last_dirty > incoming.last_dirty => present.clone(),
            Some(_) => incoming,
            None => {
                self.guard.more();
                incoming
            }
        };
        if let Some(status) = held.overridden {
            self.overrides.entry(client).or_insert((status, now));
        }
        held.overridden = self.overriding(client, now).or(held.overridden);
        let before = present.map(|present| present.status);
        held.status = self.rule(client, held.status, before, replicated, now);
        held.duration_secs = duration_secs;
        let lease = Lease {
            held,
            last_update: now,
            heard: now,
        };
        self.leases.insert(client, lease);
    }

    /// The first rule that matches says which status is shown.
    fn rule(
        &mut self,
        client: usize,
        own: Status,
        before: Option<Status>,
        replicated: bool,
        now: i64,
    ) -> Status {
        if !own.yields() {
            return own;
        }
        let stays = before.filter(|before| !replicated && before.yields());
        self.overriding(client, now).or(stays).unwrap_or(own)
    }

    /// A client beats, or another server says that it did.
    pub(super) fn renew(
        &mut self,
        client: usize,
        last_dirty: i64,
        replicated: bool,
        now: i64,
    ) -> Renewed {
        let Some(own) = self.held(client).map(|held| held.status) else {
            return Renewed::Unknown;
        };
        let status = self.rule(client, own, Some(own), replicated, now);
        let lease = self
            .leases
            .get_mut(&client)
            .filter(|_| status != Status::Unknown);
        let Some(lease) = lease else {
            return Renewed::Unknown;
        };
        lease.held.status = status;
        lease.restart(now);
        self.guard.beat();
        match last_dirty.cmp(&lease.held.last_dirty) {
            std::cmp::Ordering::Greater => Renewed::Outdated,
            std::cmp::Ordering::Less => Renewed::Ahead,
            std::cmp::Ordering::Equal => Renewed::Done,
        }
    }

    /// An instance goes. Answers whether it was there.
    pub(super) fn cancel(&mut self, client: usize) -> bool {
        self.overrides.remove(&client);
        let gone = self.leases.remove(&client).is_some();
        if gone {
            self.guard.less();
        }
        gone
    }

    /// An operator, or another server, says in which status an instance is shown. Answers whether it is there.
    pub(super) fn set_status(&mut self, client: usize, status: Status, now: i64) -> bool {
        let Some(lease) = self.leases.get_mut(&client) else {
            return false;
        };
        lease.restart(now);
        if lease.held.status != status {
            lease.held.status = status;
            lease.held.overridden = Some(status);
            self.overrides.insert(client, (status, now));
        }
        true
    }

    /// The override ends: the status is unknown until the client registers again, unless one is told.
    pub(super) fn remove_override(
        &mut self,
        client: usize,
        status: Option<Status>,
        now: i64,
    ) -> bool {
        let Some(lease) = self.leases.get_mut(&client) else {
            return false;
        };
        lease.restart(now);
        if self.overrides.remove(&client).is_some() {
            lease.held.overridden = None;
            lease.held.status = status.unwrap_or(Status::Unknown);
        }
        true
    }

    /// The metadata change; to Java that is a registration. Answers what is now there.
    pub(super) fn note(&mut self, client: usize, note: String, now: i64) -> Option<Held> {
        let held = Held {
            note: Some(note),
            ..self.held(client)?.clone()
        };
        self.register(client, held, false, now);
        self.held(client).cloned()
    }

    /// Another server holds an override of a newer registration, which will come by itself.
    pub(super) fn store_override(&mut self, client: usize, status: Status, now: i64) {
        if self.overriding(client, now) != Some(status) {
            self.overrides.insert(client, (status, now));
            if let Some(lease) = self.leases.get_mut(&client) {
                lease.held.overridden = Some(status);
            }
        }
    }

    /// Ends leases that are over by more than `late`, at most the share of all that the percentage leaves, whichever
    /// chance will have it. Answers who is gone and how many leases were over.
    pub(super) fn evict(
        &mut self,
        late: i64,
        percent: u32,
        now: i64,
        chance: &mut ChaCha8Rng,
    ) -> (Vec<usize>, usize) {
        if self.guard.on() {
            return (Vec::new(), 0);
        }
        let over = self.iter().filter(|(_, lease)| lease.over(now, late));
        let mut over: Vec<usize> = over.map(|(client, _)| client).collect();
        let count = over.len();
        over.shuffle(chance);
        over.truncate(self.len() - self.len() * percent as usize / 100);
        over.sort_unstable();
        over.iter().for_each(|client| {
            self.cancel(*client);
        });
        (over, count)
    }
}

impl Lease {
    fn restart(&mut self, now: i64) {
        self.heard = now;
        self.last_update = now + self.duration();
    }

    fn duration(&self) -> i64 {
        i64::from(self.held.duration_secs) * 1000
    }

    fn over(&self, now: i64, late: i64) -> bool {
        now > self.last_update + self.duration() + late
    }

    /// Whether two of the client's own intervals have passed without a word.
    pub(super) fn silent(&self, now: i64) -> bool {
        now - self.heard > i64::from(self.held.interval_secs) * 2000
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::java::settings::JavaSettings;
    use rand::SeedableRng;

    const UP: Held = Held {
        status: Status::Up,
        overridden: None,
        last_dirty: 1,
        note: None,
        interval_secs: 30,
        duration_secs: 90,
    };

    fn with(count: usize) -> Leases {
        let mut leases = Leases::new(Guard::opened(JavaSettings::DEFAULT, 0));
        (0..count).for_each(|client| leases.register(client, UP, false, 0));
        leases
    }

    fn unguarded(count: usize) -> Leases {
        let mut leases = with(count);
        (0..1000).for_each(|_| leases.guard.beat());
        leases.guard.minute();
        leases
    }

    fn evicted(leases: &mut Leases, now: i64) -> usize {
        let mut chance = ChaCha8Rng::seed_from_u64(1);
        leases.evict(0, 85, now, &mut chance).0.len()
    }

    #[test]
    fn a_lease_that_was_renewed_lives_twice_as_long_as_it_says() {
        let mut leases = unguarded(2);
        leases.renew(1, 1, false, 0);
        assert_eq!(evicted(&mut leases, 90_000), 0);
        assert_eq!(evicted(&mut leases, 90_001), 1);
        assert_eq!(evicted(&mut leases, 180_000), 0);
        assert_eq!(evicted(&mut leases, 180_001), 1);
    }

    #[test]
    fn at_most_fifteen_in_a_hundred_go_at_a_time() {
        let counts = [1, 2, 6, 7, 10, 20, 100].map(|count| evicted(&mut unguarded(count), 100_000));
        assert_eq!(counts, [1, 1, 1, 2, 2, 3, 15]);
    }

    #[test]
    fn too_few_heartbeats_stop_all_evictions() {
        assert_eq!(evicted(&mut with(10), 1_000_000), 0);
    }

    #[test]
    fn an_override_beats_what_the_client_says_unless_it_is_down() {
        let mut leases = with(1);
        leases.set_status(0, Status::OutOfService, 0);
        let again = Held {
            last_dirty: 2,
            ..UP
        };
        leases.register(0, again.clone(), false, 0);
        assert_eq!(
            leases.held(0).map(|held| held.status),
            Some(Status::OutOfService)
        );
        let down = Held {
            status: Status::Down,
            last_dirty: 3,
            ..UP
        };
        leases.register(0, down, false, 0);
        assert_eq!(leases.held(0).map(|held| held.status), Some(Status::Down));
    }

    #[test]
    fn the_end_of_an_override_has_the_client_register_again() {
        let mut leases = with(1);
        leases.set_status(0, Status::OutOfService, 0);
        leases.remove_override(0, None, 0);
        assert_eq!(leases.renew(0, 1, false, 0), Renewed::Unknown);
    }

    #[test]
    fn an_instance_that_went_leaves_no_trace() {
        let mut leases = with(1);
        leases.set_status(0, Status::Down, 0);
        assert!(leases.cancel(0) && !leases.cancel(0));
        assert_eq!(leases.renew(0, 1, true, 0), Renewed::Unknown);
        leases.register(0, UP, true, 0);
        assert_eq!(leases.held(0).map(|held| held.status), Some(Status::Up));
    }

    #[test]
    fn who_knows_less_or_more_than_is_held_is_told() {
        let mut leases = with(1);
        let told = [0, 1, 2].map(|last_dirty| leases.renew(0, last_dirty, true, 0));
        assert_eq!(told, [Renewed::Ahead, Renewed::Done, Renewed::Outdated]);
    }

    #[test]
    fn an_older_registration_changes_nothing_but_the_lease() {
        let mut leases = with(1);
        leases.register(
            0,
            Held {
                last_dirty: 5,
                note: Some("new".into()),
                ..UP
            },
            true,
            0,
        );
        leases.register(0, UP, true, 0);
        assert_eq!(
            leases.held(0).and_then(|held| held.note.as_deref()),
            Some("new")
        );
    }
}
