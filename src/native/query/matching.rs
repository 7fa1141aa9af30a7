//! Whether an instance matches.

use std::time::Duration;

use super::pattern::Pattern;
use super::{Comparison, Overridden, Query, StatusKey, Term, Test, TimeKey, WordKey};
use crate::native::documents::{Code, LeaseState};
use crate::native::secrets::Secrets;
use crate::registry::instance::{Instance, Port};
use crate::registry::status::Status;

/// What a query can ask of an instance.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Which keys of its metadata nobody may ask for.
    pub secrets: &'a Secrets,
    /// What its client registered.
    pub instance: &'a Instance,
    /// Its id, as it is kept under.
    pub id: &'a str,
    /// Its zone.
    pub zone: &'a str,
    /// The status it is shown in.
    pub status: Status,
    /// The override in force.
    pub overridden: Option<Status>,
    /// Whether a guard keeps its lease, which is over.
    pub protected: bool,
    /// How its lease stands.
    pub lease: LeaseState,
    /// Who keeps its lease, by name.
    pub owner: &'a str,
    /// Why it is shown as it is.
    pub code: Code,
    /// For how long it has been registered.
    pub age: Duration,
    /// How long ago it was heard.
    pub heard_ago: Duration,
}

impl Query {
    /// Whether an instance matches.
    pub fn matches(&self, subject: &Subject<'_>) -> bool {
        self.terms.iter().all(|term| term.holds(subject))
    }
}

impl Term {
    fn holds(&self, subject: &Subject<'_>) -> bool {
        self.test.holds(subject) != self.negated
    }
}

impl Test {
    fn holds(&self, subject: &Subject<'_>) -> bool {
        match self {
            Self::Text(pattern) => subject.says(pattern),
            Self::Word(key, patterns) => any(patterns, |pattern| subject.word(*key, pattern)),
            Self::Metadata(key, patterns) => {
                let mut values = subject
                    .metadata()
                    .filter(|(known, _)| known.eq_ignore_ascii_case(key));
                values.any(|(known, value)| {
                    any(patterns, |pattern| pattern.matches(value)) && !subject.hides(known)
                })
            }
            Self::Status(StatusKey::Shown, statuses) => statuses.contains(&subject.status),
            Self::Status(StatusKey::Own, statuses) => statuses.contains(&subject.instance.status),
            Self::Overridden(kinds) => kinds.iter().any(|kind| match kind {
                Overridden::Any => subject.overridden.is_some(),
                Overridden::No => subject.overridden.is_none(),
                Overridden::By(status) => subject.overridden == Some(*status),
            }),
            Self::Protected(wanted) => subject.protected == *wanted,
            Self::Lease(states) => states.contains(&subject.lease),
            Self::Code(codes) => codes.contains(&subject.code),
            Self::Time(TimeKey::Age, comparison, time) => comparison.holds(subject.age, *time),
            Self::Time(TimeKey::Renewed, comparison, time) => {
                comparison.holds(subject.heard_ago, *time)
            }
        }
    }
}

fn any(patterns: &[Pattern], fits: impl Fn(&Pattern) -> bool) -> bool {
    patterns.iter().any(fits)
}

impl Subject<'_> {
    /// Whether text is found where people would look for it.
    fn says(&self, pattern: &Pattern) -> bool {
        let Self { instance, id, .. } = self;
        let named = [
            instance.app.as_str(),
            id,
            &instance.host_name,
            &instance.ip_addr,
        ];
        named.into_iter().any(|text| pattern.matches(text))
            || self
                .metadata()
                .any(|(key, value)| pattern.matches(value) && !self.hides(key))
    }

    fn metadata(&self) -> impl Iterator<Item = (&str, &str)> {
        self.instance.metadata.iter()
    }

    /// Whether a value is none of anybody's business: who may ask whether it matches can find it out.
    fn hides(&self, key: &str) -> bool {
        self.secrets.hide(key)
    }

    fn word(&self, key: WordKey, pattern: &Pattern) -> bool {
        let instance = self.instance;
        match key {
            WordKey::App => pattern.matches(instance.app.as_str()),
            WordKey::Id => pattern.matches(self.id),
            WordKey::Host => pattern.matches(&instance.host_name),
            WordKey::Ip => pattern.matches(&instance.ip_addr),
            WordKey::Zone => pattern.matches(self.zone),
            WordKey::Owner => pattern.matches(self.owner),
            WordKey::Port => {
                let used = [instance.port, instance.secure_port]
                    .into_iter()
                    .filter(|port| port.enabled);
                used.into_iter()
                    .any(|Port { number, .. }| pattern.matches(&number.to_string()))
            }
            WordKey::Vip => {
                let mut vips = instance.vips().chain(instance.secure_vips());
                vips.any(|vip| pattern.matches(vip))
            }
        }
    }
}

impl Comparison {
    fn holds(self, value: Duration, bound: Duration) -> bool {
        match self {
            Self::Less => value < bound,
            Self::AtMost => value <= bound,
            Self::More => value > bound,
            Self::AtLeast => value >= bound,
        }
    }
}
