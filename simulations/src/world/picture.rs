//! How a picture of the world comes about.

use peerage::registry::status::Status;
use peers::node::view::Standing;

use super::World;
use super::fault::Crowd;
use super::film::{Counts, HostPicture, Picture, Readers, Running, Sight};
use super::host::Host;
use super::moment::{Known, Moment, Shown};
use super::oracle::{Deed, Heard};
use crate::invariants::{SETTLED, equal};

/// What is true of a client, whatever hosts think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Truth {
    /// It lives, was told so within its lease, and everybody had time to hear of it.
    Lives,
    /// It is gone, and its lease as well.
    Gone,
    /// Neither, or not yet.
    Unsettled,
}

impl World {
    /// What the world looks like at a moment that was just seen.
    pub fn picture(&self, moment: &Moment) -> Picture {
        let truth: Vec<Truth> = moment
            .clients
            .iter()
            .enumerate()
            .map(|(number, client)| truth(moment, client, self.oracle.of(number)))
            .collect();
        let hosts = (0..self.hosts.len()).map(|host| self.host_picture(moment, host, &truth));
        Picture {
            at: moment.at,
            hosts: hosts.collect(),
            readers: self.readers(&truth),
            alive: moment.clients.iter().filter(|client| client.alive).count(),
            equal: equal::apart(moment).is_none(),
        }
    }

    fn host_picture(&self, moment: &Moment, number: usize, truth: &[Truth]) -> HostPicture {
        let traffic = self.traffic(number);
        let dark = HostPicture {
            sent: traffic.sent,
            received: traffic.received,
            sees: self.sights(moment, number),
            crowds: vec![Counts::default(); self.plan.crowds.len()],
            ..HostPicture::default()
        };
        let Some(host) = &self.hosts[number] else {
            return dark;
        };
        let shown = host.shown();
        let crowds = self.plan.crowds.iter();
        let all = counts(&shown, truth, everybody(truth));
        let (owned, silent) = host.registry.owned();
        HostPicture {
            power: match host.whole(self.now) {
                true => Running::Up,
                false => Running::Stalled,
            },
            ready: host.lists(),
            isolated: moment
                .seen(number)
                .is_some_and(|seen| seen.isolated_for.is_some()),
            shown: shown.count + shown.strange.len(),
            missing: all.missing,
            stale: all.stale + shown.strange.len(),
            crowds: crowds
                .map(|(_, crowd)| counts(&shown, truth, *crowd))
                .collect(),
            protects: protects(host),
            owned,
            silent,
            digest: host.node().digest(),
            ..dark
        }
    }

    fn sights(&self, moment: &Moment, number: usize) -> Vec<Sight> {
        let seen = moment.seen(number);
        let sight = |other: usize| match seen {
            _ if other == number => Sight::Itself,
            Some(seen) => seen
                .sees
                .get(other)
                .map_or(Sight::Unknown, |held| sight_of(*held)),
            None => Sight::Unknown,
        };
        (0..self.hosts.len()).map(sight).collect()
    }

    fn readers(&self, truth: &[Truth]) -> Readers {
        let mut readers = Readers::default();
        let reading = self.clients.iter();
        for client in reading.filter(|client| client.alive && client.cache.filled()) {
            readers.caches += 1;
            for (number, truth) in truth.iter().enumerate() {
                let listed = client.cache.status(number).is_some();
                readers.missing += usize::from(*truth == Truth::Lives && !listed);
                readers.stale += usize::from(*truth == Truth::Gone && listed);
            }
        }
        readers
    }
}

fn protects(host: &Host) -> Vec<String> {
    let protections = host.registry.protections().into_iter();
    let kept = host.registry.kept_orphans().into_iter();
    let kept = kept.map(|kept| format!("{} orphans of {}", kept.count, kept.owner));
    protections
        .map(|protection| protection.scope.to_string())
        .chain(kept)
        .collect()
}

const fn sight_of(standing: Option<Standing>) -> Sight {
    match standing {
        Some(Standing::Up) => Sight::Up,
        Some(Standing::Suspect) => Sight::Suspect,
        Some(Standing::Behind) => Sight::Behind,
        Some(Standing::Down) => Sight::Down,
        Some(Standing::Left) => Sight::Left,
        None => Sight::Unknown,
    }
}

const fn everybody(truth: &[Truth]) -> Crowd {
    Crowd {
        first: 0,
        count: truth.len(),
    }
}

fn counts(shown: &Shown, truth: &[Truth], crowd: Crowd) -> Counts {
    let mut counts = Counts::default();
    let all = truth.iter().enumerate();
    for (number, truth) in all.filter(|(number, _)| crowd.has(*number)) {
        match shown.get(number) {
            Some(listed) => {
                counts.shown += 1;
                counts.up += usize::from(listed.status == Status::Up);
                counts.stale += usize::from(*truth == Truth::Gone);
            }
            None => counts.missing += usize::from(*truth == Truth::Lives),
        }
    }
    counts
}

fn truth(moment: &Moment, client: &Known, heard: &[Heard]) -> Truth {
    let life = |heard: &&Heard| heard.deed.life() && heard.acknowledged;
    let last = heard.iter().rfind(life);
    let cancelled = heard
        .iter()
        .rfind(|heard| heard.deed.life() || heard.deed == Deed::Cancel)
        .is_some_and(|heard| heard.deed == Deed::Cancel && heard.acknowledged);
    if !client.alive {
        let over = last.is_none_or(|last| last.at + client.lease < moment.at);
        let gone = cancelled || over;
        return if gone { Truth::Gone } else { Truth::Unsettled };
    }
    let settled = heard.iter().filter(|heard| heard.at + SETTLED <= moment.at);
    let mut settled = settled
        .filter(life)
        .filter(|heard| heard.at >= client.since);
    let told = settled.next_back();
    let good = told.is_some_and(|told| moment.at < told.at + client.lease);
    if good && !cancelled {
        Truth::Lives
    } else {
        Truth::Unsettled
    }
}
