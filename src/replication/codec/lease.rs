//! Lease and override of a record as bytes.

use std::time::Duration;

use peers::record::Bytes;
use serde::{Deserialize, Serialize};

use super::{open, seal, status, status_code};
use crate::clock::Timestamp;
use crate::registry::instance::Text;
use crate::registry::record::{Ended, EndedBy, Further, Lease, Override, Overriding};

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
struct OverrideFields<'a> {
    status: Option<u8>,
    #[serde(borrow)]
    told: Told<'a>,
    drain: Option<u64>,
}

/// The same before there were drains' numbers.
#[derive(Deserialize)]
struct Undrained<'a> {
    status: Option<u8>,
    #[serde(borrow)]
    told: Told<'a>,
}

/// What came to the override later. The first layout ends before it.
#[derive(Default, Serialize, Deserialize)]
struct Told<'a> {
    by: Option<&'a str>,
    why: Option<&'a str>,
    until: Option<u64>,
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

pub(super) fn write_override(Overriding { set, further }: &Overriding) -> Bytes {
    let set = set.as_ref();
    let told = set.map(|set| Told {
        by: set.by.as_deref(),
        why: set.why.as_deref(),
        until: set.until.map(Timestamp::as_millis),
    });
    let fields = OverrideFields {
        status: set.map(|set| status_code(set.status)),
        told: told.unwrap_or_default(),
        drain: set.and_then(|set| set.drain),
    };
    seal(&fields, further)
}

pub(super) fn read_override(bytes: &[u8]) -> Option<Overriding> {
    let fields = open::<OverrideFields<'_>>(bytes).or_else(|| undrained(bytes));
    let Some((fields, further)) = fields else {
        return without_told(bytes);
    };
    let OverrideFields {
        told,
        status: code,
        drain,
    } = fields;
    let set = match code {
        Some(code) => Some(Override {
            status: status(code)?,
            by: told.by.map(Text::from),
            why: told.why.map(Text::from),
            until: told.until.map(Timestamp::from_millis),
            drain,
        }),
        None => None,
    };
    Some(Overriding { set, further })
}

/// An override that ends before the drain's number.
fn undrained(bytes: &[u8]) -> Option<(OverrideFields<'_>, Further)> {
    let (Undrained { status, told }, further) = open(bytes)?;
    let fields = OverrideFields {
        status,
        told,
        drain: None,
    };
    further.is_empty().then_some((fields, further))
}

/// An override of which nothing but the status was told.
fn without_told(bytes: &[u8]) -> Option<Overriding> {
    let (code, further) = open::<Option<u8>>(bytes)?;
    let set = match code {
        Some(code) => Some(Override::of(status(code)?)),
        None => None,
    };
    further.is_empty().then(|| set.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::status::Status;

    #[test]
    fn an_override_that_ends_before_its_drain_is_read() {
        let told = (Some("ann"), None::<&str>, Some(7_u64));
        let fields = (Some(status_code(Status::Down)), told);
        let expected = Override {
            by: Some("ann".into()),
            until: Some(Timestamp::from_millis(7)),
            ..Override::of(Status::Down)
        };
        let read = read_override(&seal(&fields, &[]).0);
        assert_eq!(read, Some(Some(expected).into()));
    }

    #[test]
    fn an_override_without_more_than_its_status_is_read() {
        for (status, expected) in [
            (None, None),
            (Some(Status::Down), Some(Override::of(Status::Down))),
        ] {
            let bytes = seal(&status.map(status_code), &[]);
            assert_eq!(read_override(&bytes.0), Some(expected.into()));
        }
    }
}
