//! One event: what happened, to whom, when, and who brought it about.
//!
//! Here: [`Event`], its place in the account ([`Revision`]), and what is noted that is no change of an instance
//! ([`Notice`]). Not here: keeping events (`ring`). What must always hold: an event never changes.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::registry::change::{Change, Sender, Sentence, What};
use crate::registry::entry::Key;
use crate::registry::instance::Text;
use crate::registry::status::Status;

/// A place in the account of one server since one start of it. Those of other servers, or of other starts, say nothing
/// of this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision {
    /// When the server started, in milliseconds since the Unix epoch.
    pub epoch: u64,
    /// How many events there were until then.
    pub sequence: u64,
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.epoch, self.sequence)
    }
}

/// A text that is no revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRevision;

impl FromStr for Revision {
    type Err = NoRevision;

    fn from_str(text: &str) -> Result<Self, NoRevision> {
        let (epoch, sequence) = text.split_once('-').ok_or(NoRevision)?;
        let number = |digits: &str| {
            let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            plain
                .then(|| digits.parse().ok())
                .flatten()
                .ok_or(NoRevision)
        };
        Ok(Self {
            epoch: number(epoch)?,
            sequence: number(sequence)?,
        })
    }
}

/// What brought an event about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// A client asked for it.
    Client,
    /// A peer of this server's own cluster wrote it, or became what it says.
    Replication,
    /// A lease ran out.
    Eviction,
    /// An operator asked for it.
    Operator,
    /// A server that speaks Eureka's own replication asked for it.
    EurekaPeer,
    /// This server did it by itself.
    Server,
}

impl Cause {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Client,
        Self::Replication,
        Self::Eviction,
        Self::Operator,
        Self::EurekaPeer,
        Self::Server,
    ];

    /// A stable name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Replication => "replication",
            Self::Eviction => "eviction",
            Self::Operator => "operator",
            Self::EurekaPeer => "eureka_peer",
            Self::Server => "server",
        }
    }

    fn of(change: &Change) -> Self {
        match (change.by, change.what) {
            (Some(Sender::Client), _) => Self::Client,
            (Some(Sender::Peer), _) => Self::EurekaPeer,
            (Some(Sender::Cluster), _) => Self::Replication,
            (Some(Sender::Operator), _) => Self::Operator,
            (None, What::Evicted) => Self::Eviction,
            (None, _) => Self::Server,
        }
    }
}

/// Something to be noted that is no change of an instance: protection, peers, the stages of a server, actions of
/// operators.
#[derive(Clone, Debug)]
pub struct Notice {
    /// A stable name of what happened, as in the log.
    pub kind: &'static str,
    /// Whether it is about the servers rather than about what they serve.
    pub topic: Topic,
    /// What brought it about.
    pub cause: Cause,
    /// The operator, by name.
    pub actor: Option<Text>,
    /// Why, in the operator's own words.
    pub reason: Option<Text>,
    /// The peer, by name.
    pub peer: Option<Text>,
    /// The instance it is about, if it is about one.
    pub key: Option<Arc<Key>>,
    /// The zone it is about.
    pub zone: Option<Text>,
    /// What happened, as a fragment that reads well alone.
    pub text: Text,
}

impl Notice {
    /// Something this server did or found.
    pub fn new(kind: &'static str, topic: Topic, text: &str) -> Self {
        Self {
            kind,
            topic,
            cause: Cause::Server,
            actor: None,
            reason: None,
            peer: None,
            key: None,
            zone: None,
            text: text.into(),
        }
    }

    /// The same, asked for by an operator.
    #[must_use]
    pub fn by(self, actor: Option<&str>) -> Self {
        Self {
            cause: Cause::Operator,
            actor: actor.map(Text::from),
            ..self
        }
    }
}

/// What an event is about, for those who ask for a part of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// An instance changed.
    Registry,
    /// Servers: who came and went, how far this one is.
    Cluster,
    /// What people should know of: protection, actions of operators.
    Notice,
}

/// One event.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its place among the events since the server started, from 1.
    pub sequence: u64,
    /// When it happened.
    pub at: Timestamp,
    /// What it is about.
    pub topic: Topic,
    /// What happened to the instance, if anything did.
    pub what: Option<What>,
    /// A stable name of what happened.
    pub kind: &'static str,
    /// The instance.
    pub key: Option<Arc<Key>>,
    /// Its zone, or that of which something is said.
    pub zone: Option<Text>,
    /// The status it was shown in before, if it was listed.
    pub before: Option<Status>,
    /// The status it is shown in since then, if it is listed; else the last one.
    pub status: Option<Status>,
    /// Whether it is listed after it.
    pub listed: bool,
    /// What brought it about.
    pub cause: Cause,
    /// The operator, by name.
    pub actor: Option<Text>,
    /// Why, in the operator's own words.
    pub reason: Option<Text>,
    /// The peer that wrote it or that it is about, by name.
    pub peer: Option<Text>,
    said: Option<Text>,
}

impl Event {
    /// The event of a change. `peer` is the name of who wrote it, if it came from one.
    pub(super) fn of_change(sequence: u64, change: &Change, peer: Option<Text>) -> Self {
        Self {
            sequence,
            at: change.at,
            topic: Topic::Registry,
            what: Some(change.what),
            kind: change.what.code(),
            key: Some(change.key.clone()),
            zone: change.zone.clone(),
            before: change.before,
            status: Some(change.status),
            listed: change.listed(),
            cause: Cause::of(change),
            actor: change.actor.clone(),
            reason: change.reason.clone(),
            peer,
            said: None,
        }
    }

    /// The event of something noted.
    pub(super) fn of_notice(sequence: u64, notice: Notice, at: Timestamp) -> Self {
        Self {
            sequence,
            at,
            topic: notice.topic,
            what: None,
            kind: notice.kind,
            key: notice.key,
            zone: notice.zone,
            before: None,
            status: None,
            listed: false,
            cause: notice.cause,
            actor: notice.actor,
            reason: notice.reason,
            peer: notice.peer,
            said: Some(notice.text),
        }
    }

    /// Whether the status that is shown changed.
    pub fn changes_status(&self) -> bool {
        self.before.is_some() && self.listed && self.before != self.status
    }

    /// What happened and who brought it about, as a sentence without its full stop.
    pub fn text(&self) -> String {
        let by = self.by();
        match (&self.said, self.what, &self.key, self.status) {
            (Some(said), ..) => said.to_string(),
            (None, Some(what), Some(key), Some(status)) => {
                let by_operator = self.actor.is_some();
                let sentence = Sentence {
                    what,
                    key,
                    status,
                    by_operator,
                };
                format!("{sentence}{by}")
            }
            _ => self.kind.to_owned(),
        }
    }

    fn by(&self) -> String {
        let name =
            |name: &Option<Text>, unnamed: &str| name.as_deref().unwrap_or(unnamed).to_owned();
        match self.cause {
            Cause::Client | Cause::Eviction | Cause::Server => String::new(),
            Cause::Replication => match &self.actor {
                Some(actor) => format!(
                    "; operator {actor} asked for it at peer {}",
                    name(&self.peer, "unknown")
                ),
                None => format!("; peer {} wrote it", name(&self.peer, "unknown")),
            },
            Cause::EurekaPeer => "; a server that speaks Eureka's replication told it".to_owned(),
            Cause::Operator => format!(
                "; operator {} asked for it",
                name(&self.actor, "without a name")
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_is_read_back_and_nothing_else_is_one() {
        let revision = Revision {
            epoch: 1_800_000_000_000,
            sequence: 42,
        };
        assert_eq!(revision.to_string().parse(), Ok(revision));
        for wrong in [
            "",
            "1",
            "-",
            "1-",
            "-1",
            "1-+2",
            "1-2-3",
            "a-b",
            "1-99999999999999999999",
        ] {
            assert_eq!(wrong.parse::<Revision>(), Err(NoRevision), "{wrong:?}");
        }
    }
}
