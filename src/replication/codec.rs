//! Registers as bytes.
//!
//! Here: one byte that names the layout, the fields in postcard, and whatever a later release has appended, which is
//! kept and written again. Not here: keys. What must always hold: what is written reads back as the same, and no
//! bytes whatever make reading panic. A layout that cannot be extended by appending gets another first byte.

mod body;
mod lease;

use std::sync::Arc;
use std::time::Duration;

use peers::record::{Bytes, Record as RecordBytes, Register as RegisterBytes};
use peers::version::{Rank, Version};
use serde::{Deserialize, Serialize};

use self::body::{read_body, write_body};
use self::lease::{read_lease, read_override, write_lease, write_override};
use crate::registry::entry::Key;
use crate::registry::record::{Further, Lease, Record, Register};
use crate::registry::status::Status;

/// The only layout so far.
const LAYOUT: u8 = 1;

/// A record as bytes. `ended_for` is how long its lease has been over.
pub(super) fn write(record: &Record, ended_for: Option<Duration>) -> RecordBytes {
    let Record {
        body,
        lease,
        overriding,
    } = record;
    RecordBytes {
        body: Some(written(body.version, write_body(&body.value))),
        lease: Some(written(lease.version, write_lease(&lease.value))),
        overriding: overriding
            .as_ref()
            .map(|overriding| written(overriding.version, write_override(&overriding.value))),
        ended_for,
    }
}

fn written(version: Version, bytes: Bytes) -> RegisterBytes {
    RegisterBytes { version, bytes }
}

/// What could be read of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) record: Record,
    /// Whether every register that came could be read.
    pub(super) whole: bool,
}

/// The record that has these bytes. Registers that did not come, or cannot be read, are as they are held; none if they
/// are not held either.
pub(super) fn read(key: &Key, bytes: &RecordBytes, held: Option<&Record>) -> Option<Read> {
    let body = bytes.body.as_ref();
    let body = body.map(|body| read_as(body, |bytes| read_body(key, bytes).map(Arc::new)));
    let lease = bytes.lease.as_ref().map(read_whole_lease);
    let overriding = bytes.overriding.as_ref();
    let overriding = overriding.map(|overriding| read_as(overriding, read_override));
    let whole = ![
        body.as_ref().map(Option::is_none),
        lease.as_ref().map(Option::is_none),
        overriding.as_ref().map(Option::is_none),
    ]
    .contains(&Some(true));
    let record = Record {
        body: body
            .flatten()
            .or_else(|| held.map(|held| held.body.clone()))?,
        lease: lease
            .flatten()
            .or_else(|| held.map(|held| held.lease.clone()))?,
        overriding: overriding.flatten().or_else(|| held?.overriding.clone()),
    };
    Some(Read { record, whole })
}

/// A lease is over if its version says so, and only then.
fn read_whole_lease(bytes: &RegisterBytes) -> Option<Register<Lease>> {
    let lease = read_as(bytes, read_lease)?;
    let ended = lease.value.ended.is_some();
    (ended == (lease.version.rank == Rank::Dead)).then_some(lease)
}

fn read_as<T>(bytes: &RegisterBytes, read: impl Fn(&[u8]) -> Option<T>) -> Option<Register<T>> {
    Some(Register {
        version: bytes.version,
        value: read(&bytes.bytes.0)?,
    })
}

/// Puts the layout before the fields, and what is not known after them.
fn seal(fields: &impl Serialize, further: &[u8]) -> Bytes {
    let sealed = postcard::to_extend(fields, vec![LAYOUT]);
    let mut sealed = sealed.expect("memory takes any bytes, and every field can be written");
    sealed.extend_from_slice(further);
    Bytes::from(sealed.as_slice())
}

fn open<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Option<(T, Further)> {
    let fields = bytes.strip_prefix(&[LAYOUT])?;
    let (fields, further) = postcard::take_from_bytes(fields).ok()?;
    Some((fields, further.into()))
}

/// Statuses by their numbers, which never change.
const STATUSES: [Status; 5] = [
    Status::Unknown,
    Status::Up,
    Status::Down,
    Status::Starting,
    Status::OutOfService,
];

fn status_code(status: Status) -> u8 {
    match status {
        Status::Unknown => 0,
        Status::Up => 1,
        Status::Down => 2,
        Status::Starting => 3,
        Status::OutOfService => 4,
    }
}

fn status(code: u8) -> Option<Status> {
    STATUSES.get(usize::from(code)).copied()
}
