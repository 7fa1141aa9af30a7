//! Lease and override of a record as bytes.

use std::time::Duration;

use peers::record::Bytes;
use serde::{Deserialize, Serialize};

use super::{open, seal, status, status_code};
use crate::clock::Timestamp;
use crate::registry::record::{Ended, EndedBy, Lease, Override};

#[derive(Serialize, Deserialize)]
struct LeaseFields {
    registered_at: u64,
    duration_millis: u64,
    ended: Option<(EndedByField, u64)>,
}

#[derive(Serialize, Deserialize)]
enum EndedByField {
    Cancel,
    Eviction,
}

#[derive(Serialize, Deserialize)]
struct OverrideFields {
    status: Option<u8>,
}

pub(super) fn write_lease(lease: &Lease) -> Bytes {
    let fields = LeaseFields {
        registered_at: lease.registered_at.as_millis(),
        duration_millis: u64::try_from(lease.duration.as_millis()).unwrap_or(u64::MAX),
        ended: lease.ended.map(|ended| {
            let by = match ended.by {
                EndedBy::Cancel => EndedByField::Cancel,
                EndedBy::Eviction => EndedByField::Eviction,
            };
            (by, ended.at.as_millis())
        }),
    };
    seal(&fields, &lease.further)
}

pub(super) fn read_lease(bytes: &[u8]) -> Option<Lease> {
    let (fields, further) = open::<LeaseFields>(bytes)?;
    let ended = fields.ended.map(|(by, at)| Ended {
        by: match by {
            EndedByField::Cancel => EndedBy::Cancel,
            EndedByField::Eviction => EndedBy::Eviction,
        },
        at: Timestamp::from_millis(at),
    });
    Some(Lease {
        registered_at: Timestamp::from_millis(fields.registered_at),
        duration: Duration::from_millis(fields.duration_millis),
        ended,
        further,
    })
}

pub(super) fn write_override(set: Option<&Override>) -> Bytes {
    let status = set.map(|set| status_code(set.status));
    let further = set.map(|set| &*set.further).unwrap_or_default();
    seal(&OverrideFields { status }, further)
}

pub(super) fn read_override(bytes: &[u8]) -> Option<Option<Override>> {
    let (fields, further) = open::<OverrideFields>(bytes)?;
    Some(match fields.status {
        Some(code) => Some(Override {
            status: status(code)?,
            further,
        }),
        None => None,
    })
}
