//! The facts as they are shown beside an explanation.

use super::facts::{Facts, Gone, Guard, Keeper, Life, Listed, Overruled};
use super::spoken::{count, spoken};
use crate::clock::Timestamp;
use crate::native::documents::Fact;
use crate::native::rows::NO_ZONE;
use crate::registry::orphans::Orphan;
use crate::registry::preservation::Scope;

/// A fact, from its name, its value and its words.
fn fact(name: &str, value: impl ToString, text: String) -> Fact {
    Fact {
        name: name.to_owned(),
        value: value.to_string(),
        text,
    }
}

impl Facts {
    /// The facts that are shown, in the order in which people want them.
    pub(super) fn shown(&self) -> Vec<Fact> {
        match &self.life {
            Life::Listed(listed) => self.of_listed(listed),
            Life::Gone(gone) => self.of_gone(gone),
            Life::Unknown => {
                let text = match self.caught_up {
                    true => "this server has caught up with its peers",
                    false => "this server has not caught up with its peers yet",
                };
                vec![fact("caught_up", self.caught_up, text.to_owned())]
            }
        }
    }

    fn time(&self, name: &str, at: Timestamp, what: &str) -> Fact {
        let text = match at > self.now {
            true => format!("{what} in {}", self.left(at)),
            false => format!("{what} {} ago", self.ago(at)),
        };
        fact(name, at, text)
    }

    fn of_listed(&self, listed: &Listed) -> Vec<Fact> {
        let mut facts = vec![
            fact(
                "status",
                listed.status,
                format!("it is shown as {}", listed.status),
            ),
            fact(
                "own_status",
                listed.own_status,
                format!("its client says {}", listed.own_status),
            ),
        ];
        facts.extend(
            listed
                .overruled
                .iter()
                .flat_map(|set| self.of_override(set)),
        );
        facts.push(self.of_keeper(&listed.keeper));
        facts.extend(
            listed
                .heard_at
                .map(|at| self.time("last_heard", at, "its client was last heard here")),
        );
        facts.push(fact(
            "interval",
            spoken(listed.interval),
            format!("its client means to beat every {}", spoken(listed.interval)),
        ));
        let lease = spoken(listed.duration);
        facts.push(fact(
            "lease",
            &lease,
            format!("its lease lasts {lease} without a beat"),
        ));
        match &listed.keeper {
            Keeper::Here => facts.extend(self.of_own_lease(listed)),
            Keeper::There { .. } => {}
            Keeper::Lost {
                orphan, steward, ..
            } => facts.extend(self.of_orphan(orphan, *steward)),
        }
        facts.push(self.time("registered", listed.registered_at, "it registered"));
        let zone = listed.zone.as_deref().unwrap_or(NO_ZONE);
        facts.push(fact(
            "zone",
            zone,
            format!("its zone is {zone}, as told by {}", listed.zone_told.0),
        ));
        facts
    }

    fn of_override(&self, set: &Overruled) -> Vec<Fact> {
        let by = set
            .by
            .as_deref()
            .unwrap_or("somebody by Eureka's own call, which does not tell who");
        let mut facts = vec![
            fact(
                "override",
                set.status,
                format!("it was set to {} by {by}, at {}", set.status, set.set_on),
            ),
            self.time("override_set", set.set_at, "that was"),
        ];
        facts.extend(
            set.why
                .as_ref()
                .map(|why| fact("override_reason", why, format!("the reason given: {why}"))),
        );
        facts.extend(
            set.until
                .map(|until| self.time("override_until", until, "it ends by itself")),
        );
        facts
    }

    fn of_keeper(&self, keeper: &Keeper) -> Fact {
        let server = &self.server;
        match keeper {
            Keeper::Here => fact(
                "keeper",
                server,
                format!("{server}, which answers, keeps its lease"),
            ),
            Keeper::There { name, .. } => fact(
                "keeper",
                name,
                format!("{name} keeps its lease, and is there"),
            ),
            Keeper::Lost { name, .. } => fact(
                "keeper",
                name,
                format!("{name} kept its lease, and is gone"),
            ),
        }
    }

    fn of_own_lease(&self, listed: &Listed) -> Vec<Fact> {
        let over = if listed.deadline > self.now {
            "its lease is over"
        } else {
            "its lease was over"
        };
        let mut facts = vec![self.time("deadline", listed.deadline, over)];
        facts.extend(listed.guards.iter().map(|guard| self.of_guard(guard)));
        if listed.deadline <= self.now {
            let quota = listed.quota;
            let (left, next, window) = (quota.left, quota.next, spoken(quota.window));
            facts.push(fact(
                "quota_left",
                left,
                format!("{left} may still be evicted in this window"),
            ));
            facts.push(fact(
                "quota",
                next,
                format!("{next} may be evicted in a window of {window} that begins now"),
            ));
            let waiting = listed.waiting;
            facts.push(fact(
                "waiting",
                waiting,
                format!("{} over and held by nobody", leases(waiting)),
            ));
        }
        facts.extend(
            listed
                .next_sweep
                .map(|at| self.time("next_sweep", at, "leases are looked at next")),
        );
        facts
    }

    fn of_guard(&self, guard: &Guard) -> Fact {
        let Guard {
            scope,
            counted,
            silent,
            since,
            until,
        } = guard;
        let name = match scope {
            Scope::Server => "guard_server",
            Scope::Zone(_) => "guard_zone",
            Scope::Isolation => "guard_isolation",
        };
        let text = format!(
            "{scope} protected for {} with {silent} of {counted} leases silent, at the latest until {until}",
            self.ago(*since)
        );
        fact(name, format!("{silent}/{counted}"), text)
    }

    fn of_orphan(&self, orphan: &Orphan, steward: Option<u32>) -> Vec<Fact> {
        let mut facts = vec![self.time("owner_gone", orphan.since, "its server went")];
        facts.push(match orphan.told {
            Some(told) => fact(
                "owner_leases_told",
                told,
                format!("that server last told of {told} leases"),
            ),
            None => fact(
                "owner_leases_told",
                "unknown",
                "nobody knows how many leases that server had".to_owned(),
            ),
        });
        facts.push(fact(
            "owner_leases_left",
            orphan.left,
            format!("{} left of them", leases(orphan.left)),
        ));
        facts.push(self.time(
            "waits_until",
            orphan.waits_until,
            "its own lease has passed",
        ));
        facts.extend(
            orphan
                .kept
                .map(|kept| self.time("kept_until", kept.until, "the time of keeping is over")),
        );
        facts.push(match steward {
            Some(0) => fact(
                "steward",
                0,
                "this server is the one that ends such leases".to_owned(),
            ),
            Some(place) => fact(
                "steward",
                place,
                format!("this server ends such leases after {place} others"),
            ),
            None => fact(
                "steward",
                "none",
                "this server ends no such leases now".to_owned(),
            ),
        });
        facts
    }

    fn of_gone(&self, gone: &Gone) -> Vec<Fact> {
        let mut facts = vec![self.time("ended", gone.at, "it ended")];
        let by = |name: &str, text: String, value: &Option<String>| {
            value.as_ref().map(|value| fact(name, value, text))
        };
        let told = |value: &Option<String>| value.clone().unwrap_or_default();
        facts.extend(by(
            "operator",
            format!("operator {} ended it", told(&gone.operator)),
            &gone.operator,
        ));
        facts.extend(by(
            "told_by",
            format!("{} told this server", told(&gone.told_by)),
            &gone.told_by,
        ));
        facts.extend(by(
            "keeper",
            format!("{} kept its lease", told(&gone.keeper)),
            &gone.keeper,
        ));
        facts.extend(gone.duration.map(|lease| {
            let lease = spoken(lease);
            fact(
                "lease",
                &lease,
                format!("its lease lasted {lease} without a beat"),
            )
        }));
        facts.extend(
            gone.heard_at
                .map(|at| self.time("last_heard", at, "its client was last heard here")),
        );
        facts.extend(gone.overruled.iter().flat_map(|set| self.of_override(set)));
        facts.push(match gone.remembered_until {
            Some(until) => self.time("remembered_until", until, "its record is forgotten"),
            None => fact(
                "remembered_until",
                "",
                "its record is forgotten; events still tell of it".to_owned(),
            ),
        });
        facts
    }
}

fn leases(number: usize) -> String {
    count(number, "lease is", "leases are")
}
