//! Old mistakes, put back: by a value that only a simulation hands in.
//!
//! Here: which mistakes there are, and those that a host's shell makes. Not here: those of what is kept in agreement
//! (`replica`). What must always hold: without a flaw nothing is other than it is.

mod replica;

pub use replica::Flawed;

use std::time::Duration;

use peerage::registry::settings::RegistrySettings;
use peers::node::view::Standing;

use super::calls::{Answer, Ask, Call};
use super::host::Host;

/// Something that hosts do wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Every so many records that come are lost.
    LosesMerges(u32),
    /// What comes last wins, not what is greater.
    LastArrivalWins,
    /// What clients say of themselves is changed on the way.
    GarblesBodies,
    /// No beat is handed on to the owner of the lease.
    LosesRelays,
    /// What others have deleted is kept.
    KeepsDeleted,
    /// Others never hear of a death.
    HidesTheDead,
    /// Others never hear of an override.
    HidesOverrides,
    /// Nobody is a steward.
    NoSteward,
    /// Whoever ever wrote anything counts as named by leases for ever.
    NamesTheGone,
    /// Lists are served from the start.
    OpensAtOnce,
    /// In a cold start nobody is waited for.
    OpensCold,
    /// Whoever reaches nobody refuses writes.
    ClosesAlone,
    /// Every so many calls are acknowledged and not done.
    IgnoresCalls(u32),
    /// A beat of a lease that another keeps is answered by 404.
    KnowsOnlyItsOwn,
    /// Leases last twice as long as they say, as on Netflix's server.
    DoublesLeases,
    /// Mass silence protects nobody.
    NoProtection,
    /// Protection has no limit, and goes on when its cause is gone.
    ProtectsForEver,
    /// Any number may be evicted at once.
    NoQuota,
    /// The dead are remembered for ever.
    RemembersForEver,
    /// Datagrams are longer than a packet.
    LongDatagrams,
}

const FOR_EVER: Duration = Duration::from_secs(1 << 40);

impl Flaw {
    /// The numbers of a registry with this flaw.
    pub fn numbers(self, right: &RegistrySettings) -> RegistrySettings {
        let right = right.clone();
        match self {
            Self::DoublesLeases => RegistrySettings {
                lease_doubled: true,
                ..right
            },
            Self::NoProtection => RegistrySettings {
                preservation: false,
                ..right
            },
            Self::ProtectsForEver => RegistrySettings {
                protection_hold: FOR_EVER,
                protection_limit_short: FOR_EVER,
                protection_limit_long: FOR_EVER,
                ..right
            },
            Self::NoQuota => RegistrySettings {
                quota_window: right.sweep_interval,
                preservation: false,
                ..right
            },
            Self::RemembersForEver => RegistrySettings {
                remember_dead: FOR_EVER,
                remember_overridden: FOR_EVER,
                ..right
            },
            _ => right,
        }
    }

    /// What a host with this flaw answers, where it does not answer as it should.
    pub fn answer(self, host: &Host, call: &Call) -> Option<Answer> {
        let beat = matches!(call.what, Ask::Beat(_));
        match self {
            Self::ClosesAlone => {
                let view = host.node().view(Duration::ZERO);
                let up = |standing| matches!(standing, Standing::Up | Standing::Suspect);
                let alone = !view.members.iter().any(|member| up(member.standing));
                (alone && view.members.len() > 1).then_some(Answer::NotNow)
            }
            Self::IgnoresCalls(every) => {
                (!beat && host.calls().is_multiple_of(every)).then_some(Answer::Done)
            }
            Self::KnowsOnlyItsOwn if beat => {
                let entry = host.registry.refresh();
                let mut entries = entry.registered.application(&call.app);
                let entry = entries.find(|entry| *entry.key().id == *call.id)?;
                (!entry.owned_by(host.registry.origin())).then_some(Answer::NotFound)
            }
            _ => None,
        }
    }
}
