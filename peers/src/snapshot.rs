//! What a server holds and has seen, as bytes that outlive it.
//!
//! Here: [`Snapshot`] as a value, and its form as bytes, written part by part and read as a whole. Not here: files and
//! clocks; how one is taken and how a server starts from it (`node::snapshots`). What must always hold: what is written
//! reads back as the same; bytes that were cut short or changed are refused as a whole; and what a later release adds,
//! as further items or at the end of known ones, is passed over.
//!
//! | bytes | |
//! |---|---|
//! | 17 | `peerage snapshot` and a line feed |
//! | 4 | format, little-endian: [`FORMAT`] |
//! | … | items: kind, length, body, in postcard |
//! | 32 | SHA-256 of all before |
//!
//! The first item tells whose snapshot it is, the last one how many records are in it.

#[cfg(test)]
mod tests;

use std::fmt;

use ring::digest::{Context, Digest, SHA256, SHA256_OUTPUT_LEN};
use serde::{Deserialize, Serialize};

use crate::agreement::Told;
use crate::heads::Head;
use crate::item::Item;
use crate::record::Key;
use crate::vector::Vector;
use crate::version::Origin;

/// The format written here. A layout that items cannot express counts on.
pub const FORMAT: u32 = 1;

const MAGIC: &[u8; 17] = b"peerage snapshot\n";
const FORMAT_BYTES: usize = 4;

/// Kinds of items. Their numbers never change.
const TAKEN: u8 = 1;
const HEAD: u8 = 2;
const RECORD: u8 = 3;
const END: u8 = 4;

/// All that a server held and had seen at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// Whose it is, and when it was taken.
    pub taken: Taken,
    /// The records, dead ones included, in the order of their keys.
    pub records: Vec<Told>,
}

/// What a snapshot begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The cluster its server belonged to.
    pub cluster_name: String,
    /// The server, and which of its starts.
    pub origin: Origin,
    /// What people called it.
    pub name: String,
    /// When it was begun: milliseconds since the Unix epoch, by the server's clock.
    pub at: u64,
    /// What the server had seen when it was begun. Records may be later than that, and are never earlier.
    pub vector: Vector,
    /// What it had heard of all servers that owned records, itself included: without a head nobody can tell later
    /// how many leases a lost server left.
    pub heads: Vec<Head>,
}

/// A part of what a server holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// Its records, in the order of their keys.
    pub records: Vec<Told>,
    /// After which key the next part begins, if there is one.
    pub next: Option<Key>,
}

/// Why bytes are no snapshot that can be used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// They are something else.
    Foreign,
    /// A later release wrote them, in this format.
    Newer(u32),
    /// They were cut short, or changed since.
    Damaged,
}

/// Writes a snapshot, part by part, into buffers that the caller empties as it likes.
pub struct Writer {
    digest: Context,
    records: u64,
}

#[derive(Serialize, Deserialize)]
struct TakenFields {
    cluster_name: String,
    origin: Origin,
    name: String,
    at: u64,
    vector: Vector,
}

impl Writer {
    /// Writes what a snapshot begins with.
    pub fn begin(taken: &Taken, into: &mut Vec<u8>) -> Self {
        let mut writer = Self {
            digest: Context::new(&SHA256),
            records: 0,
        };
        let fields = TakenFields {
            cluster_name: taken.cluster_name.clone(),
            origin: taken.origin,
            name: taken.name.clone(),
            at: taken.at,
            vector: taken.vector.clone(),
        };
        writer.append(into, |into| {
            into.extend_from_slice(MAGIC);
            into.extend_from_slice(&FORMAT.to_le_bytes());
            put(into, TAKEN, &fields);
            // One that was too long to be told of by gossip is too long to be remembered.
            let heads = taken.heads.iter().filter_map(|head| head.write().ok());
            heads.for_each(|head| put_bytes(into, HEAD, &head));
        });
        writer
    }

    /// Writes a record.
    pub fn record(&mut self, told: &Told, into: &mut Vec<u8>) {
        self.records += 1;
        self.append(into, |into| put(into, RECORD, told));
    }

    /// Writes what a snapshot ends with.
    pub fn finish(mut self, into: &mut Vec<u8>) {
        let records = self.records;
        self.append(into, |into| put(into, END, &records));
        into.extend_from_slice(self.digest.finish().as_ref());
    }

    fn append(&mut self, into: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
        let before = into.len();
        write(into);
        self.digest
            .update(into.get(before..).expect("writing appends"));
    }
}

impl Snapshot {
    /// The whole of it as bytes.
    pub fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = Writer::begin(&self.taken, &mut bytes);
        for told in &self.records {
            writer.record(told, &mut bytes);
        }
        writer.finish(&mut bytes);
        bytes
    }

    /// The snapshot that has these bytes.
    ///
    /// # Errors
    ///
    /// If they are none, a later release's, or not whole.
    pub fn read(bytes: &[u8]) -> Result<Self, Unusable> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(Unusable::Foreign)?;
        let (format, _) = rest
            .split_first_chunk::<FORMAT_BYTES>()
            .ok_or(Unusable::Damaged)?;
        match u32::from_le_bytes(*format) {
            FORMAT => read_items(bytes).ok_or(Unusable::Damaged),
            0 => Err(Unusable::Damaged),
            newer => Err(Unusable::Newer(newer)),
        }
    }
}

/// What follows the format, once all is known to be as it was written.
fn read_items(bytes: &[u8]) -> Option<Snapshot> {
    let (whole, digest) = bytes.split_last_chunk::<SHA256_OUTPUT_LEN>()?;
    if digest_of(whole).as_ref() != digest {
        return None;
    }
    let mut rest = whole.get(MAGIC.len() + FORMAT_BYTES..)?;
    let (mut taken, mut records, mut end) = (None, Vec::new(), None);
    while !rest.is_empty() {
        let ((kind, body), further) = postcard::take_from_bytes::<(u8, &[u8])>(rest).ok()?;
        rest = further;
        match kind {
            TAKEN => taken = Some(read_taken(body)?),
            HEAD => {
                let head = Item::read(body).and_then(|item| Head::of(&item));
                taken.as_mut()?.heads.extend(head);
            }
            RECORD => records.push(postcard::from_bytes(body).ok()?),
            END => end = Some(postcard::from_bytes::<u64>(body).ok()?),
            _ => {}
        }
    }
    let complete = end.and_then(|end| usize::try_from(end).ok()) == Some(records.len());
    let taken = taken.filter(|_| complete)?;
    Some(Snapshot { taken, records })
}

fn read_taken(body: &[u8]) -> Option<Taken> {
    let fields: TakenFields = postcard::from_bytes(body).ok()?;
    Some(Taken {
        cluster_name: fields.cluster_name,
        origin: fields.origin,
        name: fields.name,
        at: fields.at,
        vector: fields.vector,
        heads: Vec::new(),
    })
}

fn digest_of(bytes: &[u8]) -> Digest {
    ring::digest::digest(&SHA256, bytes)
}

fn put(into: &mut Vec<u8>, kind: u8, fields: &impl Serialize) {
    let body = postcard::to_allocvec(fields).expect("a vector takes any number of bytes");
    put_bytes(into, kind, &body);
}

fn put_bytes(into: &mut Vec<u8>, kind: u8, body: &[u8]) {
    let item = postcard::to_extend(&(kind, body), std::mem::take(into));
    *into = item.expect("a vector takes any number of bytes");
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("records", &self.records)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign => f.write_str("is no snapshot"),
            Self::Newer(format) => write!(
                f,
                "was written by a later release, in format {format} where this one knows {FORMAT}"
            ),
            Self::Damaged => f.write_str("was cut short, or changed since it was written"),
        }
    }
}

impl std::error::Error for Unusable {}
