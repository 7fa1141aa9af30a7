//! What a Java server does every so often.
//!
//! Here: ending leases, counting heartbeats and instances, making the list for readers anew. Not here: when each is due
//! for the first time (`model`). What must always hold: each is due again when it is done.

use super::model::{Due, MINUTE, Model};
use super::server::mix;
use crate::world::chance::Purpose;
use crate::world::timeline::Kind;

/// More names are not told one by one.
const NAMES_TOLD: usize = 8;

impl Model {
    pub(super) fn sweep(&mut self, host: usize) {
        let (at, every) = (self.moment(host), self.settings.eviction_every);
        let seed = self.plan.seed;
        let here = &mut self.hosts[host];
        let since = here
            .swept
            .replace(at.now)
            .map_or(every, |swept| at.now - swept);
        let late = i64::try_from(since.saturating_sub(every).as_millis()).unwrap_or(i64::MAX);
        let Some(server) = &mut here.server else {
            return;
        };
        let number = mix(server.start, at.now.as_secs());
        let mut chance = Purpose::Sweep(number).chance(seed);
        let percent = self.settings.renewal_percent;
        let (gone, over) = server.leases.evict(late, percent, at.wall, &mut chance);
        if !gone.is_empty() {
            server.evicted();
            let names: Vec<String> = gone
                .iter()
                .take(NAMES_TOLD)
                .map(|client| format!("i{client}"))
                .collect();
            let more = if gone.len() > NAMES_TOLD { " …" } else { "" };
            let text = format!(
                "evicts {} of {over} that are over: {}{more}",
                gone.len(),
                names.join(" ")
            );
            self.tell(Some(host), Kind::Evicted, text);
            self.tally.add("eviction", gone.len() as u64);
        }
        self.look_at_guard(host);
        self.set(host, every, Due::Sweep);
    }

    pub(super) fn minute(&mut self, host: usize) {
        if let Some(server) = &mut self.hosts[host].server {
            server.leases.guard.minute();
        }
        self.look_at_guard(host);
        self.set(host, MINUTE, Due::Minute);
    }

    fn look_at_guard(&mut self, host: usize) {
        let here = &mut self.hosts[host];
        let Some(server) = &here.server else { return };
        let guard = server.leases.guard;
        if std::mem::replace(&mut here.guarded, guard.on()) == guard.on() {
            return;
        }
        let (renewals, threshold) = (guard.renewals(), guard.threshold());
        let text = match guard.on() {
            true => format!(
                "evicts nobody: {renewals} heartbeats in the last minute, more than {threshold} are expected"
            ),
            false => format!(
                "evicts again: {renewals} heartbeats in the last minute, more than {threshold}"
            ),
        };
        self.tell(Some(host), Kind::Change, text);
        self.tally.count("self-preservation on or off");
    }

    pub(super) fn cache(&mut self, host: usize) {
        if let Some(server) = &mut self.hosts[host].server {
            server.refresh();
        }
        if let Some(every) = self.settings.cache_every {
            self.set(host, every, Due::Cache);
        }
    }

    pub(super) fn count(&mut self, host: usize) {
        let count = self.read_another(host).map(|all| all.len());
        if let Some(server) = &mut self.hosts[host].server {
            let count = count.unwrap_or_else(|| server.read_by_servers().len());
            server.leases.guard.counted(count);
        }
        self.set(host, self.settings.count_every, Due::Count);
    }
}
