//! What clients and operators ask of a server, answered as its HTTP layer would.
//!
//! Here: the calls and the doors they go through. Not here: who calls when (`client`), what a call makes of a record
//! (the real registry). What must always hold: a closed door is answered by "not now", never by "not there".

use peerage::clock::Timestamp;
use peerage::registry::change::Sender;
use peerage::registry::instance::{Instance, Metadata, Registration};
use peerage::registry::status::Status;
use peerage::registry::{Heartbeat, MetadataLimits, Refusal, Registry, Renewal, StatusCall};
use peers::node::Doors;

/// A call about an instance.
#[derive(Clone, Debug)]
pub struct Call {
    /// Which client it is about.
    pub client: usize,
    /// The application.
    pub app: String,
    /// The id there.
    pub id: String,
    /// What is asked.
    pub what: Ask,
}

/// What is asked.
#[derive(Clone, Debug)]
pub enum Ask {
    /// To be listed.
    Register(Box<Instance>),
    /// To stay listed; when the client last changed, by its own clock.
    Beat(i64),
    /// To go.
    Cancel,
    /// To be shown in this status, or in its own again.
    Override(Option<Status>),
    /// To carry this value under the name `note`.
    Note(String),
}

/// What a call is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 2xx.
    Done,
    /// 404.
    NotFound,
    /// 404, since the client has changed and is to register again.
    Outdated,
    /// 503.
    NotNow,
    /// Nobody listens there.
    Refused,
}

impl Call {
    /// Does what is asked, if the doors let it.
    pub fn answer(&self, registry: &Registry, doors: Doors, now: Timestamp) -> Answer {
        if matches!(self.what, Ask::Register(_)) {
            registry.hear_client();
        }
        if self.refused(registry, doors) {
            return Answer::NotNow;
        }
        match self.done(registry, now) {
            Answer::NotFound if !doors.not_found => Answer::NotNow,
            answer => answer,
        }
    }

    fn refused(&self, registry: &Registry, doors: Doors) -> bool {
        match &self.what {
            Ask::Beat(_) => false,
            Ask::Register(_) if !doors.new_leases => !doors.writes || !self.listed(registry),
            _ => !doors.writes,
        }
    }

    fn listed(&self, registry: &Registry) -> bool {
        let snapshot = registry.refresh();
        let mut entries = snapshot.registered.application(&self.app);
        entries.any(|entry| *entry.key().id == *self.id)
    }

    fn done(&self, registry: &Registry, now: Timestamp) -> Answer {
        let (app, id, by) = (&*self.app, &*self.id, Sender::Client);
        match &self.what {
            Ask::Register(instance) => {
                registry.register(registration(instance), by, now);
                Answer::Done
            }
            Ask::Beat(last_dirty) => beat(registry, app, id, *last_dirty, now),
            Ask::Cancel => answered(&registry.cancel(app, id, by, now)),
            Ask::Override(Some(status)) => {
                let call = status_call(Some(*status));
                answered(&registry.set_override(app, id, call, now))
            }
            Ask::Override(None) => {
                answered(&registry.remove_override(app, id, status_call(None), now))
            }
            Ask::Note(note) => {
                let changes: Metadata = [("note", &**note)].into_iter().collect();
                answered(&registry.update_metadata(app, id, &changes, METADATA_LIMITS, now))
            }
        }
    }
}

const METADATA_LIMITS: MetadataLimits = MetadataLimits {
    keys: 1024,
    bytes: 256 * 1024,
};

fn beat(registry: &Registry, app: &str, id: &str, last_dirty: i64, now: Timestamp) -> Answer {
    let beat = Heartbeat {
        last_dirty: Some(last_dirty),
        carried_override: None,
        by: Sender::Client,
    };
    match registry.renew(app, id, &beat, now) {
        Renewal::Renewed | Renewal::Ahead(_) => Answer::Done,
        Renewal::Unknown => Answer::NotFound,
        Renewal::Outdated => Answer::Outdated,
    }
}

fn registration(instance: &Instance) -> Registration {
    Registration {
        instance: instance.clone(),
        carried_override: None,
    }
}

const fn status_call(status: Option<Status>) -> StatusCall {
    StatusCall {
        status,
        last_dirty: None,
        by: Sender::Client,
    }
}

const fn answered<T>(outcome: &Result<T, Refusal>) -> Answer {
    match outcome {
        Ok(_) => Answer::Done,
        Err(_) => Answer::NotFound,
    }
}
