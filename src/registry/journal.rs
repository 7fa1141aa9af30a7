//! What changed lately: for the delta, for readers that rebuild, and for people who ask.
//!
//! Here: revisions, the changes of the last minutes by instance, the account, how many leases there are. Not here:
//! the instances themselves. What must always hold: every list is bounded, and an instance is listed once among
//! the recent ones, at its latest change.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::census::Census;
use super::change::{Change, Sender, What};
use super::ears::Ears;
use super::entry::{Entry, Key};
use super::instance::Text;
use super::store::Written;
use super::zones::ZoneRules;
use crate::clock::Timestamp;

/// How many changes the account keeps.
const ACCOUNT_MAX: usize = 10_000;
/// How many registrations and how many cancels are remembered, as on Eureka's own page.
const LAST_MAX: usize = 1000;

/// A registration or cancel as Eureka's page lists it.
pub type Noted = (Timestamp, Arc<Key>);

#[derive(Debug, Default)]
pub(super) struct Journal {
    revision: u64,
    recent: BTreeMap<u64, Noted>,
    latest: HashMap<Arc<Key>, u64>,
    /// Instances that changed, or left the recent ones, since the last reading.
    unread: BTreeSet<Arc<Key>>,
    /// Of the recent ones, those that were dropped, as they were last.
    dropped: BTreeMap<Arc<Key>, Arc<Entry>>,
    account: VecDeque<Change>,
    untold: VecDeque<Change>,
    registered: VecDeque<Noted>,
    cancelled: VecDeque<Noted>,
    census: Census,
    ears: Ears,
    zones: Arc<ZoneRules>,
}

/// Who asked for a change.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    pub(super) by: Option<Sender>,
    /// The operator's name, if one asked here.
    pub(super) actor: Option<Text>,
    /// Why, in the operator's own words.
    pub(super) reason: Option<Text>,
}

impl Asked {
    /// The same; of an override it is told by the override itself who set it and why, wherever that was.
    fn or_told(self, written: &Written, what: What) -> Self {
        let told = written
            .after
            .record()
            .overriding()
            .filter(|_| what == What::Overridden);
        Self {
            actor: self.actor.or_else(|| told?.by.clone()),
            reason: self.reason.or_else(|| told?.why.clone()),
            ..self
        }
    }
}

impl From<Sender> for Asked {
    fn from(by: Sender) -> Self {
        Self {
            by: Some(by),
            ..Self::default()
        }
    }
}

impl Journal {
    /// Nothing entered yet, in zones by these rules.
    pub(super) fn by(zones: Arc<ZoneRules>) -> Self {
        Self {
            census: Census::by(zones.clone()),
            zones,
            ..Self::default()
        }
    }

    /// Enters a change.
    pub(super) fn enter(
        &mut self,
        written: &Written,
        what: What,
        asked: Asked,
        at: Timestamp,
    ) -> Change {
        self.recount(written);
        let key = written.after.key().clone();
        self.unread.insert(key.clone());
        if !what.keeps_lease() || written.shown_change().is_some() {
            self.tell(&key, at);
        }
        match what {
            What::Registered | What::RegisteredAgain | What::MetadataChanged => {
                note(&mut self.registered, at, &key)
            }
            What::Cancelled | What::Evicted => note(&mut self.cancelled, at, &key),
            What::Dropped => {
                note(&mut self.cancelled, at, &key);
                self.dropped.insert(key.clone(), written.after.clone());
            }
            What::Overridden
            | What::OverrideRemoved
            | What::OverrideExpired
            | What::Adopted
            | What::Refuted
            | What::Restated
            | What::Moved => {}
        }
        let asked = asked.or_told(written, what);
        let mut change = Change {
            revision: self.revision,
            at,
            key,
            what,
            by: asked.by,
            status: written.after.record().status(),
            before: written.shown_before(),
            zone: self.zones.name(written.after.instance()).map(Text::from),
            from: written
                .writer()
                .filter(|_| asked.by == Some(Sender::Cluster)),
            actor: asked.actor,
            reason: asked.reason,
            event: 0,
        };
        change.event = self.ears.hear(&change, &written.after);
        push_bounded(&mut self.account, change.clone(), ACCOUNT_MAX);
        change
    }

    /// Readers can tell a difference: a revision of its own, and a place in the delta.
    fn tell(&mut self, key: &Arc<Key>, at: Timestamp) {
        self.revision += 1;
        self.dropped.remove(key);
        if let Some(earlier) = self.latest.insert(key.clone(), self.revision) {
            self.recent.remove(&earlier);
        }
        self.recent.insert(self.revision, (at, key.clone()));
    }

    /// From now on every change is told to `hear` in the order of the writes, before anybody else learns of it.
    pub(super) fn listen(&mut self, hear: impl Fn(&Change, &Entry) -> u64 + Send + 'static) {
        self.ears.open(hear);
    }

    /// Takes in a record that shows readers nothing new, for the next reading.
    pub(super) fn touch(&mut self, key: &Arc<Key>) {
        self.unread.insert(key.clone());
    }

    /// Keeps a change that no call can answer with, for the next sweep to tell.
    pub(super) fn tell_later(&mut self, change: Change) {
        push_bounded(&mut self.untold, change, ACCOUNT_MAX);
    }

    /// The changes kept so.
    pub(super) fn take_untold(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.untold).into()
    }

    /// What the delta shows of an instance that was dropped, though nothing is stored of it any more.
    pub(super) fn dropped(&self, key: &Key) -> Option<Arc<Entry>> {
        self.dropped.get(key).cloned()
    }

    /// Notes the cancel of somebody who is not here, as Eureka does.
    pub(super) fn enter_vain_cancel(&mut self, key: &Arc<Key>, at: Timestamp) {
        note(&mut self.cancelled, at, key);
    }

    /// Drops changes from the recent ones that are older than `retention`. That is a revision of its own: the delta
    /// is another one without them.
    pub(super) fn prune(&mut self, now: Timestamp, retention: Duration) {
        while let Some(oldest) = self.recent.first_entry() {
            if now.since(oldest.get().0) < retention {
                break;
            }
            let (_, key) = oldest.remove();
            self.drop_recent(&key);
        }
    }

    /// Drops an instance that is no longer remembered at all.
    pub(super) fn forget(&mut self, key: &Arc<Key>) {
        if let Some(revision) = self.latest.get(key) {
            self.recent.remove(revision);
            self.drop_recent(key);
        }
    }

    fn drop_recent(&mut self, key: &Arc<Key>) {
        self.latest.remove(key);
        self.dropped.remove(key);
        self.unread.insert(key.clone());
        self.revision += 1;
    }

    /// Counts the states that readers could tell apart.
    pub(super) const fn revision(&self) -> u64 {
        self.revision
    }

    /// What a reader that knows the last reading must look at again, and whether it is among the recent ones.
    pub(super) fn read(&mut self) -> Vec<(Arc<Key>, bool)> {
        let unread = std::mem::take(&mut self.unread);
        unread
            .into_iter()
            .map(|key| {
                let recent = self.latest.contains_key(&key);
                (key, recent)
            })
            .collect()
    }

    /// How many instances it remembers, as recent or for the next reading.
    #[cfg(test)]
    pub(super) fn remembered(&self) -> usize {
        assert_eq!(self.recent.len(), self.latest.len());
        self.latest.len() + self.unread.len()
    }

    pub(super) const fn census(&self) -> &Census {
        &self.census
    }

    /// The latest changes, newest first.
    pub(super) fn account(&self) -> impl Iterator<Item = &Change> {
        self.account.iter().rev()
    }

    pub(super) fn last_registered(&self) -> Vec<Noted> {
        self.registered.iter().rev().cloned().collect()
    }

    pub(super) fn last_cancelled(&self) -> Vec<Noted> {
        self.cancelled.iter().rev().cloned().collect()
    }

    fn recount(&mut self, written: &Written) {
        if let Some(before) = written.before.as_deref().filter(|entry| live(entry)) {
            self.census.leave(before);
        }
        if live(&written.after) {
            self.census.enter(&written.after);
        }
    }
}

fn live(entry: &Entry) -> bool {
    entry.record().live()
}

fn note(ring: &mut VecDeque<Noted>, at: Timestamp, key: &Arc<Key>) {
    push_bounded(ring, (at, key.clone()), LAST_MAX);
}

fn push_bounded<T>(ring: &mut VecDeque<T>, item: T, max: usize) {
    if ring.len() == max {
        ring.pop_front();
    }
    ring.push_back(item);
}
