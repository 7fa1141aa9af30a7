//! What a server remembers from start to start: who it is, when it last started, where it knew its peers, and what it
//! held.
//!
//! Here: the data directory, the small file of identity in it, and where the registry's snapshot is kept. Not here: when
//! to write, what a snapshot says, and what is told of a disk that takes nothing (`server`). What must always hold: of two processes one has the directory; a file is
//! either the old one or the new one, whole; and one that makes no sense is set aside, never a reason not to start.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, ErrorKind, Read as _};
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use peers::version::{Epoch, NodeId, Origin};
use serde::{Deserialize, Serialize};

use crate::draft::{Draft, FILE_MODE, beside};

const FILE: &str = "identity.json";
const SNAPSHOT: &str = "registry.snapshot";
const LOCK: &str = "lock";

/// The format written here. A later release that writes another counts on.
const FORMAT: u32 = 1;
/// A file that is longer is nobody's identity.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// Nor is a longer one a snapshot: one of a million instances has less than a quarter of this.
const SNAPSHOT_BYTES_MAX: u64 = 4 << 30;
/// What is in the directory is nobody's business but the server's.
const DIRECTORY_MODE: u32 = 0o700;

/// What is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The server.
    pub node: NodeId,
    /// Its last start.
    pub epoch: Epoch,
    /// The cluster it belonged to. In another nobody whom it knew is to be found.
    pub cluster: String,
    /// Where it last knew others to be, each once.
    pub known: Vec<Known>,
}

/// Where a peer was last known to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Known {
    /// Which one.
    pub node: NodeId,
    /// Where it heard its peers.
    pub address: SocketAddr,
}

impl Identity {
    /// The origin of what is written during the last start.
    pub const fn origin(&self) -> Origin {
        Origin {
            node: self.node,
            epoch: self.epoch,
        }
    }

    /// The epoch of a start after this one, which the clock dates at `now`: later, though the clock went back.
    pub fn next_epoch(&self, now: Epoch) -> Epoch {
        now.max(Epoch(self.epoch.0.saturating_add(1)))
    }
}

/// Why a directory cannot be used at all: whoever chose it made a mistake.
#[derive(Debug)]
pub enum Unusable {
    /// Another process has it.
    Taken,
    /// There can be no such directory.
    Impossible(io::Error),
}

/// A directory that belongs to this process.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    /// The lock goes with the process. None could be had where the disk takes no writes.
    lock: io::Result<File>,
}

impl DataDir {
    /// Opens a directory, which is made if it is not there.
    ///
    /// A disk that is full, read-only or broken is no reason to refuse: then the directory goes without its lock, see
    /// [`unlocked`](Self::unlocked).
    ///
    /// # Errors
    ///
    /// If another process has it, or if there can be no directory at that path.
    pub fn open(path: &Path) -> Result<Self, Unusable> {
        let lock = match make(path)
            .map_err(TryLockError::Error)
            .and_then(|()| lock(path))
        {
            Ok(lock) => Ok(lock),
            Err(TryLockError::WouldBlock) => return Err(Unusable::Taken),
            Err(TryLockError::Error(error)) if impossible(&error) => {
                return Err(Unusable::Impossible(error));
            }
            Err(TryLockError::Error(error)) => Err(error),
        };
        let path = path.to_owned();
        Ok(Self { path, lock })
    }

    /// Why there is no lock, if there is none: a second process would not be kept out.
    pub fn unlocked(&self) -> Option<&io::Error> {
        self.lock.as_ref().err()
    }

    /// What was remembered. A file that makes no sense is set aside.
    ///
    /// # Errors
    ///
    /// If there is a file and it cannot be read, in words; the server can start all the same.
    pub fn read(&self) -> Result<Option<Identity>, String> {
        let file = self.path.join(FILE);
        let read = match bytes(&file, FILE_BYTES_MAX) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => Err(format!("cannot be read: {error}")),
            Ok(bytes) => understand(&bytes),
        };
        read.map(Some)
            .map_err(|why| format!("{} {why}; {}", file.display(), self.set_aside(&file)))
    }

    /// Remembers, so that it is on the disk when this returns.
    ///
    /// # Errors
    ///
    /// If the disk is full or takes no writes; what was remembered before stays.
    pub fn write(&self, identity: &Identity) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(&Written::of(identity))?;
        text.push(b'\n');
        make(&self.path)?;
        let mut draft = Draft::begin(&self.path.join(FILE))?;
        draft.write(&text)?;
        draft.finish()
    }

    /// Where the registry's snapshot is kept.
    pub fn snapshot_file(&self) -> PathBuf {
        self.path.join(SNAPSHOT)
    }

    /// The bytes of the registry's snapshot, if there is one.
    ///
    /// # Errors
    ///
    /// If there is a file that cannot be read.
    pub fn snapshot(&self) -> io::Result<Option<Vec<u8>>> {
        match bytes(&self.snapshot_file(), SNAPSHOT_BYTES_MAX) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    }

    /// Begins another snapshot of the registry.
    ///
    /// # Errors
    ///
    /// If the disk is full or takes no writes.
    pub(crate) fn draft_snapshot(&self) -> io::Result<Draft> {
        make(&self.path)?;
        Draft::begin(&self.snapshot_file())
    }

    /// Puts a file that is of no use out of the way, for people to look at, and says where.
    pub fn set_aside(&self, file: &Path) -> String {
        let aside = beside(file, "set-aside").unwrap_or_default();
        match fs::rename(file, &aside) {
            Ok(()) => format!("it was set aside as {}", aside.display()),
            Err(error) => format!("it could not be set aside either: {error}"),
        }
    }
}

fn make(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(DIRECTORY_MODE).create(path)
}

/// Where the disk takes no writes, a lock file of earlier days does as well.
fn lock(path: &Path) -> Result<File, TryLockError> {
    let path = path.join(LOCK);
    let mut private = File::options();
    let private = private.write(true).create(true).truncate(false);
    let opened = private.mode(FILE_MODE).open(&path);
    let lock = opened.or_else(|error| File::open(&path).map_err(|_missing| error));
    let lock = lock.map_err(TryLockError::Error)?;
    lock.try_lock()?;
    Ok(lock)
}

/// Whether the path is wrong, rather than the disk in a bad state.
fn impossible(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::AlreadyExists
            | ErrorKind::NotADirectory
            | ErrorKind::NotFound
            | ErrorKind::InvalidInput
            | ErrorKind::InvalidFilename
    )
}

fn bytes(file: &Path, max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(file)?;
    file.take(max + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What the file says. Ids are written as people read them elsewhere.
#[derive(Serialize, Deserialize)]
struct Written {
    format: u32,
    node: String,
    epoch: u64,
    cluster: String,
    known: Vec<WrittenKnown>,
}

#[derive(Serialize, Deserialize)]
struct WrittenKnown {
    node: String,
    address: SocketAddr,
}

/// What files of all releases begin with.
#[derive(Deserialize)]
struct AnyFormat {
    format: u32,
}

fn understand(bytes: &[u8]) -> Result<Identity, String> {
    let senseless = |why: &dyn std::fmt::Display| format!("is no identity of a server: {why}");
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(senseless(&"it is too long"));
    }
    let any: AnyFormat = serde_json::from_slice(bytes).map_err(|error| senseless(&error))?;
    if any.format != FORMAT {
        return Err(format!(
            "was written by another release, in format {} where this one knows {FORMAT}",
            any.format
        ));
    }
    let written: Written = serde_json::from_slice(bytes).map_err(|error| senseless(&error))?;
    written
        .identity()
        .ok_or_else(|| senseless(&"its numbers are out of bounds"))
}

impl Written {
    fn of(identity: &Identity) -> Self {
        let known = identity.known.iter().map(|known| WrittenKnown {
            node: id(known.node),
            address: known.address,
        });
        Self {
            format: FORMAT,
            node: id(identity.node),
            epoch: identity.epoch.0,
            cluster: identity.cluster.clone(),
            known: known.collect(),
        }
    }

    /// None if it has an id that is none, or an epoch after which there is no other.
    fn identity(self) -> Option<Identity> {
        let known = self.known.iter().map(|known| {
            Some(Known {
                node: node(&known.node)?,
                address: known.address,
            })
        });
        let known = known.collect::<Option<_>>()?;
        self.epoch.checked_add(1)?;
        Some(Identity {
            node: node(&self.node)?,
            epoch: Epoch(self.epoch),
            cluster: self.cluster,
            known,
        })
    }
}

fn id(node: NodeId) -> String {
    format!("{:016x}", node.0)
}

fn node(id: &str) -> Option<NodeId> {
    u64::from_str_radix(id, 16).ok().map(NodeId)
}

#[cfg(test)]
mod tests;
