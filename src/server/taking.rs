//! A snapshot on its way from the node to wherever it is kept.
//!
//! Here: [`Taking`], which asks for part after part and makes bytes of them. Not here: where the bytes go. What must
//! always hold: never more than one part is in memory, and the node does other things between two parts.

use peers::record::Key;
use peers::runtime::Handle;
use peers::snapshot::{Taken, Writer};

/// A snapshot that is being taken.
pub(crate) struct Taking {
    peers: Handle,
    next: Next,
    /// How many records are in what was taken so far.
    pub(crate) records: usize,
}

/// What comes next of it.
enum Next {
    Beginning(Taken),
    Part(Writer, Option<Key>),
    End(Writer),
    Nothing,
}

/// The exchange with peers has ended, and with it who knows what is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended;

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the exchange with peers has ended")
    }
}

impl std::error::Error for Ended {}

impl Taking {
    /// Begins a snapshot of what is held now.
    pub(crate) async fn begin(peers: &Handle) -> Result<Self, Ended> {
        let taken = peers.begin_snapshot().await.ok_or(Ended)?;
        Ok(Self {
            peers: peers.clone(),
            next: Next::Beginning(taken),
            records: 0,
        })
    }

    /// The next bytes; none when all were handed out.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<u8>>, Ended> {
        let mut bytes = Vec::new();
        self.next = match std::mem::replace(&mut self.next, Next::Nothing) {
            Next::Beginning(taken) => Next::Part(Writer::begin(&taken, &mut bytes), None),
            Next::Part(mut writer, after) => {
                let part = self.peers.snapshot_part(after).await.ok_or(Ended)?;
                self.records += part.records.len();
                for told in &part.records {
                    writer.record(told, &mut bytes);
                }
                match part.next {
                    Some(next) => Next::Part(writer, Some(next)),
                    None => Next::End(writer),
                }
            }
            Next::End(writer) => {
                writer.finish(&mut bytes);
                Next::Nothing
            }
            Next::Nothing => return Ok(None),
        };
        Ok(Some(bytes))
    }
}
