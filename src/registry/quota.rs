//! How many leases may be evicted in one window, healthy or not: it bounds what any mistake can do in a minute.

/// What is left of a window's evictions.
#[derive(Debug, Default)]
pub(super) struct Quota {
    sweeps_left: u32,
    left: usize,
    of: usize,
}

/// How many of `owned` leases may go in one window: `n − ⌊85 n / 100⌋`, so at least one. In integers, because 0.85
/// has no exact binary form and every server must round alike.
pub fn allowance(owned: usize, share_kept_percent: u8) -> usize {
    owned - owned * usize::from(share_kept_percent) / 100
}

impl Quota {
    /// Counts a sweep. Every `sweeps_per_window` sweeps a window begins, with an allowance of what is owned then.
    pub(super) fn begin_sweep(
        &mut self,
        sweeps_per_window: u32,
        owned: usize,
        share_kept_percent: u8,
    ) {
        if self.sweeps_left == 0 {
            self.sweeps_left = sweeps_per_window.max(1);
            // A window that begins with nobody is as one with a single lease, which may come and go within it.
            self.of = allowance(owned.max(1), share_kept_percent);
            self.left = self.of;
        }
        self.sweeps_left -= 1;
    }

    /// How many may still go in this window.
    pub(super) const fn left(&self) -> usize {
        self.left
    }

    /// How many could go in this window when it began.
    pub(super) const fn of(&self) -> usize {
        self.of
    }

    /// How many more sweeps this window has.
    pub(super) const fn sweeps_left(&self) -> u32 {
        self.sweeps_left
    }

    /// Counts an eviction.
    pub(super) const fn spend(&mut self) {
        self.left = self.left.saturating_sub(1);
    }
}
