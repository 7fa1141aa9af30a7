//! What the registry lets itself be told.
//!
//! Here: [`RegistrySettings`], every number the registry's decisions depend on. Not here: where the values come from,
//! which is `config`'s, with the long explanations of each. What must always hold: the same records and the same
//! settings make the same decisions.

use std::time::Duration;

/// The numbers by which leases end, are protected and are remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrySettings {
    /// How often leases that are over are looked for.
    pub sweep_interval: Duration,
    /// The time for which the quota of evictions is dealt out.
    pub quota_window: Duration,
    /// The share of leases, in percent, that no window may take (the quota is n − ⌊share × n / 100⌋), and below
    /// which the share of leases still heard must fall for the server's guard to protect all of them.
    pub share_kept_percent: u8,
    /// Whether mass silence protects leases from eviction. The quota holds either way.
    pub preservation: bool,
    /// How long protection stays after its cause is gone.
    pub protection_hold: Duration,
    /// The longest protection may last while few leases are silent: less than half, or fewer than ten.
    pub protection_limit_short: Duration,
    /// The longest protection may last otherwise.
    pub protection_limit_long: Duration,
    /// How long a change is told to readers of the delta.
    pub delta_retention: Duration,
    /// Whether a heartbeat's `lastDirtyTimestamp` is compared with what is registered.
    pub compare_timestamps: bool,
    /// Whether a renewed lease lasts twice its duration, as on Netflix's server.
    pub lease_doubled: bool,
    /// How long the record of an instance that left or was evicted is remembered.
    pub remember_dead: Duration,
    /// How long it is remembered if it carries an override.
    pub remember_overridden: Duration,
}

impl RegistrySettings {
    /// What holds where nothing else was said.
    pub const DEFAULT: Self = Self {
        sweep_interval: Duration::from_secs(1),
        quota_window: Duration::from_secs(60),
        share_kept_percent: 85,
        preservation: true,
        protection_hold: Duration::from_secs(60),
        protection_limit_short: Duration::from_secs(10 * 60),
        protection_limit_long: Duration::from_secs(60 * 60),
        delta_retention: Duration::from_secs(180),
        compare_timestamps: true,
        lease_doubled: false,
        remember_dead: Self::remember_dead_for(Duration::from_secs(180)),
        remember_overridden: Duration::from_secs(60 * 60),
    };

    /// How long dead records are remembered when the delta remembers changes for `delta_retention`: ten minutes
    /// longer, so that whoever can still read of a death in the delta finds the record too.
    pub const fn remember_dead_for(delta_retention: Duration) -> Duration {
        delta_retention.saturating_add(Duration::from_secs(10 * 60))
    }
}

impl Default for RegistrySettings {
    fn default() -> Self {
        Self::DEFAULT
    }
}
