//! Leases that a subscriber follows: the one place where a renewal is told of, and only to who asks for it by name.

use std::task::Context;
use std::time::Duration;

use bytes::BytesMut;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::message;
use super::wanted::Format;
use crate::clock::Timestamp;
use crate::native::documents::LeaseMoved;
use crate::native::rows::Rows;
use crate::registry::entry::Key;
use crate::registry::instance::AppName;
use crate::server::State;

/// How often leases are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// The leases, each as it was told last.
#[derive(Debug)]
pub(super) struct Leases {
    looks: Interval,
    followed: Vec<Followed>,
}

#[derive(Debug)]
struct Followed {
    key: Key,
    told: Option<Standing>,
}

/// When the client was heard and until when the lease lasts; `None`: it is not listed.
type Standing = Option<(Timestamp, Timestamp)>;

impl Leases {
    /// None, if none is asked for.
    pub(super) fn following(names: Vec<(String, String)>) -> Option<Self> {
        let followed: Vec<_> = names
            .into_iter()
            .map(|(app, id)| Followed {
                key: Key {
                    app: AppName::new(&app),
                    id: id.into(),
                },
                told: None,
            })
            .collect();
        (!followed.is_empty()).then(|| {
            let mut looks = interval(LOOK);
            looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            Self { looks, followed }
        })
    }

    /// Tells of those that moved since the last time; nothing, if it is not yet time to look or none did.
    pub(super) fn tell(
        &mut self,
        context: &mut Context<'_>,
        out: &mut BytesMut,
        state: &State,
        format: Format,
    ) {
        while self.looks.poll_tick(context).is_ready() {
            let rows = Rows::of(state);
            for followed in &mut self.followed {
                followed.tell(out, state, &rows, format);
            }
        }
    }
}

impl Followed {
    fn tell(&mut self, out: &mut BytesMut, state: &State, rows: &Rows, format: Format) {
        let entry = state.registry.stored(&self.key);
        let entry = entry.filter(|entry| entry.record().live());
        let standing = entry
            .as_deref()
            .map(|entry| (entry.heard_at(), entry.deadline()));
        if self.told.replace(standing) == Some(standing) {
            return;
        }
        let moved = LeaseMoved {
            app: self.key.app.to_string(),
            id: self.key.id.to_string(),
            as_of: state.clock.now().to_string(),
            lease: entry.as_deref().map(|entry| rows.row(entry).lease),
        };
        message::write(out, format, "lease", None, &moved);
    }
}
