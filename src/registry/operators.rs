//! What operators may do, beyond what Eureka's clients may.
//!
//! Here: overrides with a reason and an end, evictions now, the release of protection. Not here: whether somebody may
//! (`api`), what it leads to (`oversight`). What must always hold: everything here is entered with the operator's name.

use std::sync::Arc;

use super::Registry;
use super::calls::Refusal;
use super::change::{Change, Sender, What};
use super::entry::Entry;
use super::instance::Text;
use super::journal::Asked;
use super::lock;
use super::preservation::Scope;
use super::record::Override;
use super::status::Status;
use crate::clock::Timestamp;

/// Who acts, and why.
#[derive(Clone, Copy, Debug)]
pub struct Operator<'a> {
    /// By name.
    pub name: &'a str,
    /// In their words, if they said.
    pub why: Option<&'a str>,
}

impl From<Operator<'_>> for Asked {
    fn from(operator: Operator<'_>) -> Self {
        Self {
            by: Some(Sender::Operator),
            actor: Some(operator.name.into()),
            reason: operator.why.map(Text::from),
        }
    }
}

impl Registry {
    /// Shows an instance in another status than its own, for as long as the override says. Unlike Eureka's call it is
    /// written though the status is shown already: the reason and the end are news.
    ///
    /// # Errors
    ///
    /// If no such instance is registered.
    pub fn overrule(
        &self,
        app: &str,
        id: &str,
        set: Override,
        operator: Operator<'_>,
        now: Timestamp,
    ) -> Result<Option<Change>, Refusal> {
        self.call(
            app,
            id,
            What::Overridden,
            operator.into(),
            now,
            |write, entry| Some(entry.with(write.set_override(entry.record(), set, None))),
        )
    }

    /// Shows an instance in its own status again, if `still` says so of what holds. `None`: there was nothing to take
    /// away.
    ///
    /// # Errors
    ///
    /// If no such instance is registered.
    pub fn give_back(
        &self,
        app: &str,
        id: &str,
        operator: Operator<'_>,
        still: impl Fn(&Entry) -> bool,
        now: Timestamp,
    ) -> Result<Option<Change>, Refusal> {
        self.call(
            app,
            id,
            What::OverrideRemoved,
            operator.into(),
            now,
            |write, entry| {
                let held = entry.record();
                let overridden: Option<Status> = held.overridden();
                overridden.filter(|_| still(entry))?;
                Some(entry.with(write.remove_override(held, None, None)))
            },
        )
    }

    /// Ends a lease now, whoever keeps it, if `still` says so. What was heard of the client here is no evidence any more;
    /// another server that heard it within its lease gainsays this all the same.
    ///
    /// # Errors
    ///
    /// If no such instance is listed, or `still` says no.
    pub fn evict_now(
        &self,
        app: &str,
        id: &str,
        operator: Operator<'_>,
        still: impl Fn(&Entry) -> bool,
        now: Timestamp,
    ) -> Result<Change, Refusal> {
        let mut books = self.books_of(now, Some(operator.name));
        books.reason = operator.why.map(Text::from);
        let write = books.write;
        let end = |entry: &Entry| {
            (entry.record().live() && still(entry)).then(|| {
                entry.forget_witness();
                entry.with(write.evict(entry.record()))
            })
        };
        let written = self
            .store
            .rewrite(app, id, end)
            .ok_or(Refusal::NotRegistered)?;
        Ok(self.enter(&mut books, &written, What::Evicted, Some(Sender::Operator)))
    }

    /// Ends the protection of a guard: the leases that are silent now no longer count for it, until they beat, and go as
    /// the quota allows once they are over. Answers how many they are. `None`: that guard protects nothing.
    pub fn release(&self, scope: &Scope) -> Option<usize> {
        lock(&self.leases).release(scope)
    }

    /// The records of all instances of an application and id, dead or alive: what is stored.
    pub fn stored_as(&self, app: &str, id: &str) -> Option<Arc<Entry>> {
        self.store.find(app, id)
    }
}
