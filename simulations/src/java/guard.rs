//! Java's self-preservation: one count and one threshold for the whole server.
//!
//! Here: heartbeats of the last full minute against those expected. Not here: who is evicted when it is off
//! (`leases`). What must always hold: a minute that has not passed counts for nothing, so a server that has just opened
//! evicts nobody.

use super::settings::JavaSettings;

/// How many heartbeats come, and how many ought to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Guard {
    settings: JavaSettings,
    clients_expected: u32,
    this_minute: u32,
    last_minute: u32,
}

impl Guard {
    /// As of a server that opens with so many instances. With none, Spring's expects one.
    pub(super) fn opened(settings: JavaSettings, instances: usize) -> Self {
        Self {
            settings,
            clients_expected: u32::try_from(instances).unwrap_or(u32::MAX).max(1),
            this_minute: 0,
            last_minute: 0,
        }
    }

    /// As of a server that is not open yet: nobody is expected, and nobody evicted.
    pub(super) const fn closed(settings: JavaSettings) -> Self {
        Self {
            settings,
            clients_expected: 0,
            this_minute: 0,
            last_minute: 0,
        }
    }

    /// A heartbeat came, from a client or by way of another server.
    pub(super) const fn beat(&mut self) {
        self.this_minute += 1;
    }

    /// A minute is over.
    pub(super) const fn minute(&mut self) {
        (self.last_minute, self.this_minute) = (self.this_minute, 0);
    }

    /// There is an instance more.
    pub(super) const fn more(&mut self) {
        if self.clients_expected > 0 {
            self.clients_expected += 1;
        }
    }

    /// There is one less.
    pub(super) const fn less(&mut self) {
        self.clients_expected = self.clients_expected.saturating_sub(1);
    }

    /// Once in a while those that were read from another server are counted; a count that is too low is not believed.
    pub(super) fn counted(&mut self, instances: usize) {
        let percent = u64::from(self.settings.renewal_percent);
        let enough = instances as u64 * 100 > u64::from(self.clients_expected) * percent;
        if enough || !self.settings.self_preservation {
            self.clients_expected = u32::try_from(instances).unwrap_or(u32::MAX);
        }
    }

    /// So many heartbeats a minute are too few: those expected, times the percentage, cut off to a whole number.
    pub(super) fn threshold(&self) -> u32 {
        let every = self.settings.interval_expected.as_millis().max(1);
        let beats =
            u128::from(self.clients_expected) * 60_000 * u128::from(self.settings.renewal_percent);
        u32::try_from(beats / every / 100).unwrap_or(u32::MAX)
    }

    /// Heartbeats in the last full minute.
    pub(super) const fn renewals(&self) -> u32 {
        self.last_minute
    }

    /// Whether nobody is evicted.
    pub(super) fn on(&self) -> bool {
        let threshold = self.threshold();
        self.settings.self_preservation && (threshold == 0 || self.last_minute <= threshold)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_clients(clients: usize) -> Guard {
        Guard::opened(JavaSettings::DEFAULT, clients)
    }

    #[test]
    fn the_threshold_is_cut_off_to_a_whole_number() {
        let thresholds = [0, 1, 2, 3, 4, 5, 10].map(|clients| with_clients(clients).threshold());
        assert_eq!(thresholds, [1, 1, 3, 5, 6, 8, 17]);
    }

    #[test]
    fn nobody_is_evicted_in_the_first_minute_and_then_only_above_the_threshold() {
        let mut guard = with_clients(10);
        (0..18).for_each(|_| guard.beat());
        assert!(guard.on());
        guard.minute();
        assert!(!guard.on());
        (0..17).for_each(|_| guard.beat());
        guard.minute();
        assert!(guard.on());
    }

    #[test]
    fn a_single_client_is_never_enough() {
        let mut guard = with_clients(0);
        guard.more();
        (0..2).for_each(|_| guard.beat());
        guard.minute();
        assert!(
            guard.on(),
            "two beats a minute against a threshold of three"
        );
    }

    #[test]
    fn a_count_that_is_too_low_is_not_believed() {
        let mut guard = with_clients(100);
        guard.counted(85);
        assert_eq!(guard.threshold(), 170);
        guard.counted(86);
        assert_eq!(guard.threshold(), 146);
    }
}
