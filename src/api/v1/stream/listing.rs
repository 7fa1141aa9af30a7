//! What a stream without a position begins with.

use std::sync::Arc;

use bytes::BytesMut;

use super::filter::Filter;
use super::message;
use super::wanted::Format;
use crate::account::Revision;
use crate::native::documents::Snapshot;
use crate::native::rows::Rows;
use crate::registry;
use crate::server::State;

/// So many leaves of the list make one message: a few hundred instances.
const LEAVES: usize = 4;

/// A list that is being told.
#[derive(Debug)]
pub(super) struct Listing {
    revision: Revision,
    snapshot: Arc<registry::snapshot::Snapshot>,
    /// The next leaf; none, if the instances are not wanted.
    leaf: Option<usize>,
}

impl Listing {
    /// A list with every change up to a revision, which was taken before.
    pub(super) fn new(state: &State, revision: Revision, rows: bool) -> Self {
        Self {
            revision,
            snapshot: state.registry.refresh(),
            leaf: rows.then_some(0),
        }
    }

    /// Tells the next part. Answers whether that was the last.
    pub(super) fn tell(
        &mut self,
        out: &mut BytesMut,
        state: &State,
        format: Format,
        filter: Option<&Filter>,
    ) -> bool {
        let leaves = self.snapshot.registered.leaves();
        let from = self.leaf.unwrap_or(leaves.len());
        let to = from.saturating_add(LEAVES).min(leaves.len());
        let rows = Rows::of(state);
        let entries = leaves
            .get(from..to)
            .unwrap_or_default()
            .iter()
            .flat_map(|leaf| leaf.entries.iter());
        let admitted =
            entries.filter(|entry| filter.is_none_or(|filter| filter.admits(&rows, entry)));
        let statuses = self.snapshot.registered.statuses();
        let present = statuses.iter().filter(|(_, count)| *count > 0);
        let document = Snapshot {
            revision: self.revision.to_string(),
            as_of: state.clock.now().to_string(),
            total: statuses.iter().map(|(_, count)| count as u64).sum(),
            statuses: present
                .map(|(status, count)| (status.to_string(), count as u64))
                .collect(),
            last: to == leaves.len(),
            rows: admitted.map(|entry| rows.row(entry)).collect(),
        };
        self.leaf = Some(to);
        let id = document.last.then_some(self.revision);
        message::write(out, format, "snapshot", id, &document);
        document.last
    }
}
