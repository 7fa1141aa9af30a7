//! What each call makes of a record. Eureka's rules are settled here, before anything is written.
//!
//! Here: from a record and a call to the next record. Not here: the store, the lease's local times.

use std::sync::Arc;

use peers::version::{Hlc, Origin, Version};

use super::change::Sender;
use super::instance::{Instance, Metadata, Registration};
use super::record::{Body, Ended, EndedBy, Further, Lease, Override, Overriding, Record, Register};
use super::status::{self, Status};
use crate::clock::Timestamp;

/// A write: by whom and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Write {
    pub(super) now: Timestamp,
    pub(super) origin: Origin,
}

/// Whether there is a server that keeps the lease of what is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// There is.
    Present,
    /// There is not. What it held may come from a clock that nobody can ask any more, so the client is believed.
    Gone,
}

impl Write {
    /// A version above everything this record holds.
    fn above(self, held: Option<&Record>) -> Version {
        Version::above(
            held.map(Record::newest),
            Hlc::at(self.now.as_millis()),
            self.origin,
        )
    }

    fn after(self, version: Version) -> Version {
        Version::above(Some(version), version.clock, self.origin)
    }

    /// The record of an instance that registers.
    pub(super) fn register(
        self,
        held: Option<&Record>,
        owner: Owner,
        registration: Registration,
        by: Sender,
    ) -> Record {
        let live = held.filter(|held| held.live());
        let kept = live
            .filter(|_| owner == Owner::Present)
            .filter(|live| live.body.value.instance.last_dirty > registration.instance.last_dirty);
        let version = self.above(held);
        let lease = Lease {
            registered_at: self.now,
            duration: registration.instance.lease.duration(),
            ended: None,
            further: Further::default(),
        };
        let overriding = self.carried(held, registration.carried_override, version);
        let written = overriding.as_ref().map_or(version, |overriding| {
            self.after(version.max(overriding.version))
        });
        let body = match kept {
            Some(kept) => kept.body.clone(),
            None => Register {
                version: written,
                value: self
                    .body(live, registration.instance, &overriding, by)
                    .into(),
            },
        };
        Record {
            body,
            lease: Register {
                version: written,
                value: lease,
            },
            overriding,
        }
    }

    /// The override of an instance that registers: the one held, or else the one it carries along.
    fn carried(
        self,
        held: Option<&Record>,
        carried: Option<Status>,
        version: Version,
    ) -> Option<Register<Overriding>> {
        let held = held.and_then(|held| held.overriding.clone());
        match (held, carried) {
            (Some(held), _) if held.value.set.is_some() => Some(held),
            (_, Some(status)) => Some(Register {
                version,
                value: Some(Override::of(status)).into(),
            }),
            (held, None) => held,
        }
    }

    fn body(
        self,
        live: Option<&Record>,
        mut instance: Instance,
        overriding: &Option<Register<Overriding>>,
        by: Sender,
    ) -> Body {
        let by_override = overriding
            .as_ref()
            .and_then(|register| register.value.set.as_ref())
            .map(|set| set.status);
        if let (Some(live), None, Sender::Client) = (live, by_override, by) {
            instance.status = settled(live.status(), instance.status);
        }
        let shown = status::shown(instance.status, false, by_override);
        let up_since = live.and_then(|live| live.body.value.up_since);
        Body {
            instance,
            status_predates_override: false,
            registered_at: self.now,
            up_since: up_since.or((shown == Status::Up).then_some(self.now)),
            further: Further::default(),
        }
    }

    /// A peer's heartbeat brings an override along.
    pub(super) fn carry_override(self, held: &Record, status: Status) -> Record {
        let value = Some(Override::of(status));
        Record {
            overriding: Some(Register {
                version: self.above(Some(held)),
                value: value.into(),
            }),
            ..held.clone()
        }
    }

    /// A status is set from outside. Of an instance that said it was down, starting or unknown it speaks as well,
    /// until the instance speaks again.
    pub(super) fn set_override(
        self,
        held: &Record,
        set: Override,
        last_dirty: Option<i64>,
    ) -> Record {
        let (body, status) = (&held.body.value, set.status);
        let next = Body {
            instance: touched(&body.instance, last_dirty),
            status_predates_override: !body.instance.status.yields(),
            up_since: body.up_since.or((status == Status::Up).then_some(self.now)),
            further: body.further.clone(),
            ..**body
        };
        self.with(held, next, Some(set))
    }

    /// What holds is said again: a later word than what another server may have been told meanwhile.
    pub(super) fn restate_override(self, held: &Record) -> Record {
        let value = held.overriding.as_ref();
        Record {
            overriding: Some(Register {
                version: self.above(Some(held)),
                value: value.map_or_else(Overriding::default, |register| register.value.clone()),
            }),
            ..held.clone()
        }
    }

    /// The override has lasted until its time. Its end carries the very version it ends, so it loses to whatever an
    /// operator says later, and whoever writes it writes the same.
    pub(super) fn expire_override(self, held: &Record) -> Option<Record> {
        let overriding = held.overriding.as_ref()?;
        let over = held
            .overridden_until()
            .is_some_and(|until| self.now >= until);
        over.then(|| Record {
            overriding: Some(Register {
                version: overriding.version.ended(),
                value: Overriding::default(),
            }),
            ..held.clone()
        })
    }

    /// The override is taken away; `own` becomes what the instance said of itself.
    pub(super) fn remove_override(
        self,
        held: &Record,
        own: Option<Status>,
        last_dirty: Option<i64>,
    ) -> Record {
        let body = &held.body.value;
        let mut instance = touched(&body.instance, last_dirty);
        instance.status = own
            .filter(|own| *own != Status::Unknown)
            .unwrap_or(instance.status);
        let up_since = body
            .up_since
            .or((instance.status == Status::Up).then_some(self.now));
        let next = Body {
            instance,
            status_predates_override: false,
            up_since,
            further: body.further.clone(),
            ..**body
        };
        self.with(held, next, None)
    }

    /// Writes the body if it changed, and the override above it.
    fn with(self, held: &Record, body: Body, value: Option<Override>) -> Record {
        let version = self.above(Some(held));
        let body = if body == *held.body.value {
            held.body.clone()
        } else {
            Register {
                version,
                value: Arc::new(body),
            }
        };
        Record {
            body,
            lease: held.lease.clone(),
            overriding: Some(Register {
                version: self.after(version),
                value: value.into(),
            }),
        }
    }

    /// Metadata were changed, which Eureka treats as a registration.
    pub(super) fn set_metadata(self, held: &Record, metadata: Metadata) -> Record {
        let body = &held.body.value;
        let instance = Instance {
            metadata,
            ..body.instance.clone()
        };
        let value = Arc::new(Body {
            instance,
            registered_at: self.now,
            further: body.further.clone(),
            ..**body
        });
        Record {
            body: Register {
                version: self.above(Some(held)),
                value,
            },
            ..held.clone()
        }
    }

    /// The instance leaves. Its override goes with it, also one that waits for an instance that was evicted;
    /// without either there is nothing to write.
    pub(super) fn cancel(self, held: &Record) -> Option<Record> {
        if !held.live() && held.overridden().is_none() {
            return None;
        }
        let version = self.above(Some(held));
        let ended = Ended {
            by: EndedBy::Cancel,
            at: self.now,
        };
        let lease = Lease {
            ended: Some(ended),
            ..held.lease.value.clone()
        };
        let overriding = Some(Register {
            version,
            value: Overriding::default(),
        });
        Some(Record {
            lease: Register {
                version: version.ended(),
                value: lease,
            },
            overriding,
            ..held.clone()
        })
    }

    /// The lease is this server's from now on, with everything else about it as it was: an adoption, a refutation
    /// where it was dead, or a restatement. An old body must not ride over a newer one, so only the lease is written.
    pub(super) fn own(self, held: &Record) -> Record {
        let value = Lease {
            ended: None,
            ..held.lease.value.clone()
        };
        Record {
            lease: Register {
                version: self.above(Some(held)),
                value,
            },
            ..held.clone()
        }
    }

    /// The lease is over. The eviction carries the very version it ends, so it loses to anything later.
    pub(super) fn evict(self, held: &Record) -> Record {
        let ended = Ended {
            by: EndedBy::Eviction,
            at: self.now,
        };
        let lease = Lease {
            ended: Some(ended),
            ..held.lease.value.clone()
        };
        Record {
            lease: Register {
                version: held.lease.version.ended(),
                value: lease,
            },
            ..held.clone()
        }
    }
}

/// A client cannot move itself between up and out of service, only by way of another status.
const fn settled(shown: Status, claimed: Status) -> Status {
    if shown.yields() && claimed.yields() {
        shown
    } else {
        claimed
    }
}

/// The same instance, changed at a later moment by its own clock, if that is later.
fn touched(instance: &Instance, last_dirty: Option<i64>) -> Instance {
    let last_dirty = last_dirty.map_or(instance.last_dirty, |dirty| dirty.max(instance.last_dirty));
    Instance {
        last_dirty,
        ..instance.clone()
    }
}
