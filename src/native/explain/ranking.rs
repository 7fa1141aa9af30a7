//! Which code it is.

use crate::clock::Timestamp;
use crate::native::documents::Code;
use crate::registry::entry::Entry;
use crate::registry::oversight::Outlook;
use crate::registry::preservation::{Protection, Scope};
use crate::registry::record::{Ended, EndedBy};

/// Why an instance of which something is stored is shown as it is, or is gone.
pub fn code(entry: &Entry, outlook: &Outlook<'_>, now: Timestamp) -> Code {
    if let Some(Ended { by, .. }) = entry.record().lease.value.ended {
        return match by {
            EndedBy::Cancel => Code::Cancelled,
            EndedBy::Eviction => Code::Evicted,
        };
    }
    let overridden = entry.record().overridden().is_some();
    match outlook {
        Outlook::Over(guards) => over(guards),
        Outlook::Orphaned(orphan) if now > orphan.waits_until && orphan.kept.is_some() => {
            Code::OrphanKept
        }
        Outlook::Orphaned(_) => Code::OrphanAwaitingAdoption,
        Outlook::Running if now > entry.late_at() => Code::Late,
        Outlook::Running | Outlook::Elsewhere if overridden => Code::Overridden,
        Outlook::Running => Code::Fresh,
        Outlook::Elsewhere => Code::LearnedFromPeer,
    }
}

/// Of several guards that hold a lease the one that says most about why.
fn over(guards: &[&Protection]) -> Code {
    let rank = |guard: &&Protection| match guard.scope {
        Scope::Isolation => (0, Code::ProtectedIsolated),
        Scope::Zone(_) => (1, Code::ProtectedZone),
        Scope::Server => (2, Code::ProtectedServer),
    };
    let first = guards.iter().map(rank).min();
    first.map_or(Code::ExpiredAwaitingQuota, |(_, code)| code)
}
