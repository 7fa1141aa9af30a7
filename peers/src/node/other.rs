//! Another server, as this one knows it.

use std::net::SocketAddr;
use std::time::Duration;

use super::ways::{Way, Ways};
use super::{LinkId, Named};
use crate::version::{Epoch, NodeId, Origin};

/// A stream that carried anything this recently tells that its other end is up.
const HEARD_LATELY: Duration = Duration::from_secs(5);

/// One of whom gossip tells is given so long to say its name on a stream before it is spoken of.
const INTRODUCTION: Duration = Duration::from_secs(2);

/// What is remembered of another server.
#[derive(Clone, Debug)]
pub(super) struct Other {
    pub(super) node: NodeId,
    pub(super) address: SocketAddr,
    pub(super) name: Option<String>,
    pub(super) zone: String,
    pub(super) url: String,
    /// The greatest epoch it was heard under.
    pub(super) epoch: Option<Epoch>,
    /// Whether membership holds it to be there.
    pub(super) active: bool,
    /// Whether it has ever answered what this server asked. Else it may be a recording, or noise.
    pub(super) proven: bool,
    /// Whether it has said goodbye.
    pub(super) left: bool,
    /// Whether it was up when last looked at.
    pub(super) up: bool,
    pub(super) link: Option<LinkId>,
    /// When there was last no stream to it, or when it was last heard of if there is one.
    pub(super) unlinked_since: Duration,
    pub(super) heard: Option<Duration>,
    pub(super) clock_offset: Option<i64>,
    pub(super) clock_told: bool,
    /// When its vector was last seen to be equal to this server's.
    pub(super) equal_at: Duration,
    /// When vectors were last exchanged with it.
    pub(super) exchanged_at: Duration,
    /// Since when its records have differed under an equal vector.
    pub(super) differs_since: Option<Duration>,
    pub(super) behind_since: Option<Duration>,
    /// How it reaches this server.
    pub(super) ways: Ways,
}

impl Other {
    pub(super) fn new(now: Duration, node: NodeId, address: SocketAddr) -> Self {
        Self {
            node,
            address,
            name: None,
            zone: String::new(),
            url: String::new(),
            epoch: None,
            active: false,
            proven: false,
            left: false,
            up: false,
            link: None,
            unlinked_since: now,
            heard: None,
            clock_offset: None,
            clock_told: false,
            equal_at: now,
            exchanged_at: now,
            differs_since: None,
            behind_since: None,
            ways: Ways::new(now),
        }
    }

    /// Who it is, for people.
    pub(super) fn named(&self) -> Named {
        let hexadecimal = || format!("{:016x}", self.node.0);
        Named {
            node: self.node,
            name: self.name.clone().unwrap_or_else(hexadecimal),
            url: self.url.clone(),
        }
    }

    /// Its present start, once it was heard of.
    pub(super) fn origin(&self) -> Option<Origin> {
        let node = self.node;
        self.epoch.map(|epoch| Origin { node, epoch })
    }

    /// Whether it is there: membership says so, or a stream to it has carried something lately.
    pub(super) fn is_up(&self, now: Duration) -> bool {
        let heard = self.heard.is_some_and(|heard| now < heard + HEARD_LATELY);
        let introduced = self.name.is_some() || now >= self.unlinked_since + INTRODUCTION;
        !self.left && introduced && (self.active || (self.link.is_some() && self.proven && heard))
    }

    /// A stream carried something from it.
    pub(super) const fn spoke(&mut self, now: Duration) {
        self.heard = Some(now);
        self.ways.carried(now, Way::Streams);
    }

    /// It was heard under an epoch. Answers whether that is a start of which nobody knew.
    pub(super) fn started(&mut self, epoch: Epoch) -> bool {
        let later = self.epoch.is_none_or(|known| epoch > known);
        if later {
            self.epoch = Some(epoch);
            self.left = false;
        }
        later
    }
}
