//! When a server that starts opens which of its doors.
//!
//! Here: the stages from joining to ready, as a value that is asked again and again. Not here: finding peers, reading
//! what they have. What must always hold: lists open only when they are whole, or when waiting any longer would help
//! nobody.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use super::settings::Rules;
use crate::version::NodeId;

/// How far a server has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Looks for anybody who is ready.
    Joining,
    /// Takes over what those have who are ready.
    Syncing,
    /// Nobody is ready: collects registrations until lists are whole again.
    Collecting,
    /// Serves.
    Ready,
    /// Is about to leave.
    Draining,
}

/// What a server serves at its stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doors {
    /// Whether lists are served.
    pub lists: bool,
    /// Whether calls about unknown instances are answered by "not found". Else they are sent elsewhere.
    pub not_found: bool,
    /// Whether anything may be written.
    pub writes: bool,
    /// Whether new leases are taken.
    pub new_leases: bool,
}

/// From so many ready peers a joiner takes what they have.
const GIVERS: usize = 3;
/// Registrations are calm when they grow by less than this, in percent.
const CALM_PERCENT: usize = 5;

/// What readiness depends on.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    /// The peers that are ready and reachable, in the order of their ids.
    pub(super) ready: Vec<NodeId>,
    /// Whether any peer is known to be ready, reachable or not.
    pub(super) anybody_ready: bool,
    /// How many records are live.
    pub(super) live: usize,
    /// Whether a client has called here or at any peer in reach.
    pub(super) called: bool,
}

/// How far this server has come.
#[derive(Clone, Debug)]
pub(super) struct Readiness {
    rules: Rules,
    stage: Stage,
    /// Whether it was ready when it began to leave.
    left_ready: bool,
    /// Whether any peer has told what it has seen.
    answered: bool,
    /// Whether it began with what it held before.
    remembers: bool,
    /// Since when nobody has been ready.
    nobody_since: Duration,
    collecting_since: Duration,
    givers: BTreeSet<NodeId>,
    read: BTreeSet<NodeId>,
    lives: VecDeque<(Duration, usize)>,
}

impl Readiness {
    /// A server that starts; one without seeds has nothing to wait for.
    pub(super) fn new(now: Duration, seeded: bool, rules: Rules) -> Self {
        Self {
            rules,
            stage: if seeded { Stage::Joining } else { Stage::Ready },
            left_ready: false,
            answered: !seeded,
            remembers: false,
            nobody_since: now,
            collecting_since: now,
            givers: BTreeSet::new(),
            read: BTreeSet::new(),
            lives: VecDeque::new(),
        }
    }

    pub(super) const fn stage(&self) -> Stage {
        self.stage
    }

    pub(super) const fn doors(&self) -> Doors {
        let open = match self.stage {
            Stage::Ready => true,
            Stage::Draining => self.left_ready,
            Stage::Joining | Stage::Syncing | Stage::Collecting => false,
        };
        let collecting = matches!(self.stage, Stage::Collecting);
        Doors {
            lists: open,
            not_found: open || collecting,
            writes: open || collecting || self.answered,
            new_leases: !matches!(self.stage, Stage::Draining),
        }
    }

    /// A peer has told what it has seen, so this server knows which epochs were its own.
    pub(super) const fn answer(&mut self) {
        self.answered = true;
    }

    /// It begins with what it held before, which is whole, though not of this moment: where nobody is ready there is
    /// nothing better to wait for.
    pub(super) const fn remember(&mut self) {
        self.remembers = true;
    }

    /// Whether any peer has told what it has seen since this server started.
    pub(super) const fn answered(&self) -> bool {
        self.answered
    }

    /// All that a peer has was taken over.
    pub(super) fn read(&mut self, peer: NodeId) {
        self.read.insert(peer);
    }

    /// Is about to leave. One that was not ready yet does not open for that.
    pub(super) const fn drain(&mut self) {
        self.left_ready |= matches!(self.stage, Stage::Ready);
        self.stage = Stage::Draining;
    }

    /// The peers whose records are to be taken over and were not yet.
    pub(super) fn unread(&self) -> impl Iterator<Item = NodeId> {
        self.givers.difference(&self.read).copied()
    }

    /// Goes on as far as the facts allow.
    pub(super) fn ask(&mut self, now: Duration, facts: &Facts) {
        if !facts.ready.is_empty() {
            self.nobody_since = now;
        }
        match self.stage {
            Stage::Joining if !facts.ready.is_empty() => self.sync(facts),
            Stage::Joining if now >= self.nobody_since + self.rules.join_wait => {
                self.go_on_alone(now);
            }
            Stage::Syncing => self.go_on_syncing(facts),
            Stage::Collecting if !facts.ready.is_empty() => self.sync(facts),
            Stage::Collecting => self.go_on_collecting(now, facts),
            _ => {}
        }
    }

    fn go_on_collecting(&mut self, now: Duration, facts: &Facts) {
        if self.whole(now, facts) {
            self.stage = Stage::Ready;
        }
    }

    fn sync(&mut self, facts: &Facts) {
        self.stage = Stage::Syncing;
        self.read.clear();
        self.givers = facts.ready.iter().copied().take(GIVERS).collect();
    }

    /// A giver that is no longer ready is not waited for; its last writes are exchanged among the others.
    fn go_on_syncing(&mut self, facts: &Facts) {
        self.givers.retain(|giver| facts.ready.contains(giver));
        if self.givers.is_empty() {
            match facts.ready.is_empty() {
                true => self.stage = Stage::Joining,
                false => self.sync(facts),
            }
        } else if self.unread().next().is_none() {
            self.stage = Stage::Ready;
        }
    }

    fn go_on_alone(&mut self, now: Duration) {
        if self.remembers {
            self.stage = Stage::Ready;
        } else {
            self.collect(now);
        }
    }

    fn collect(&mut self, now: Duration) {
        self.stage = Stage::Collecting;
        self.collecting_since = now;
        self.lives.clear();
    }

    /// Whether lists are as whole as waiting makes them.
    fn whole(&mut self, now: Duration, facts: &Facts) -> bool {
        self.lives.push_back((now, facts.live));
        let begin = now.saturating_sub(self.rules.calm);
        while self.lives.get(1).is_some_and(|(at, _)| *at <= begin) {
            self.lives.pop_front();
        }
        let before = self.lives.front().filter(|(at, _)| *at <= begin);
        let calm =
            before.is_some_and(|(_, before)| facts.live * 100 <= before * (100 + CALM_PERCENT));
        let waited = now.saturating_sub(self.collecting_since);
        // Where nobody calls nobody is missing. Whoever lives calls once an interval, which is over by now; one whose
        // call failed just then has tried again within the calm.
        let long = !facts.called || waited >= self.rules.collect_min;
        // Whoever is ready has more; a stream to it is a matter of a second, or it is cut off. And where nobody of whom
        // this server was told has ever answered, it may be a part of a cluster that serves elsewhere.
        let missed = facts.anybody_ready || !self.answered;
        (calm && long && !missed) || waited >= self.rules.collect_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: NodeId = NodeId(1);

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    /// One that was told of others, none of whom has answered.
    fn unanswered() -> Readiness {
        Readiness::new(secs(0), true, Rules::default())
    }

    fn joiner() -> Readiness {
        let mut joiner = unanswered();
        joiner.answer();
        joiner
    }

    fn facts(ready: &[NodeId], live: usize, called: bool) -> Facts {
        Facts {
            ready: ready.to_vec(),
            anybody_ready: !ready.is_empty(),
            live,
            called,
        }
    }

    /// Asks every second up to `end`, with as many live records as `live` says, and tells when lists opened.
    fn opened(
        readiness: &mut Readiness,
        end: u64,
        live: impl Fn(u64) -> usize,
        called: bool,
    ) -> Option<u64> {
        (0..=end).find(|second| {
            readiness.ask(secs(*second), &facts(&[], live(*second), called));
            readiness.doors().lists
        })
    }

    #[test]
    fn a_lone_server_is_ready_at_once() {
        let doors = Readiness::new(secs(0), false, Rules::default()).doors();
        assert!(doors.lists && doors.not_found && doors.writes && doors.new_leases);
    }

    #[test]
    fn a_server_that_leaves_serves_lists_only_if_it_did_before() {
        let mut ready = Readiness::new(secs(0), false, Rules::default());
        ready.drain();
        ready.drain();
        assert!(ready.doors().lists && !ready.doors().new_leases);
        let mut joining = joiner();
        joining.drain();
        assert!(!joining.doors().lists && !joining.doors().not_found);
    }

    #[test]
    fn a_joiner_writes_nothing_before_a_peer_has_answered() {
        let mut readiness = unanswered();
        assert!(!readiness.doors().writes);
        readiness.answer();
        assert!(
            readiness.doors().writes && !readiness.doors().lists && !readiness.doors().not_found
        );
    }

    #[test]
    fn a_joiner_is_ready_when_it_has_read_all_who_are_still_ready() {
        let mut readiness = joiner();
        readiness.ask(secs(1), &facts(&[PEER, NodeId(2)], 0, true));
        assert_eq!(readiness.unread().collect::<Vec<_>>(), [PEER, NodeId(2)]);
        readiness.read(PEER);
        readiness.ask(secs(2), &facts(&[PEER, NodeId(2)], 5, true));
        assert_eq!(readiness.stage(), Stage::Syncing);
        readiness.ask(secs(3), &facts(&[PEER], 5, true));
        assert_eq!(readiness.stage(), Stage::Ready);
    }

    #[test]
    fn a_joiner_whose_giver_goes_joins_anew_and_waits_anew() {
        let mut readiness = joiner();
        readiness.ask(secs(29), &facts(&[PEER], 0, true));
        readiness.ask(secs(30), &facts(&[], 0, true));
        assert_eq!(readiness.stage(), Stage::Joining);
        readiness.ask(secs(58), &facts(&[], 0, true));
        assert_eq!(readiness.stage(), Stage::Joining);
    }

    #[test]
    fn a_cold_cluster_that_nobody_calls_opens_after_an_interval_and_its_retries() {
        assert_eq!(opened(&mut joiner(), 100, |_| 0, false), Some(41));
    }

    #[test]
    fn who_is_answered_by_nobody_may_be_a_part_and_opens_after_five_minutes() {
        assert_eq!(opened(&mut unanswered(), 400, |_| 9, false), Some(330));
        assert_eq!(opened(&mut unanswered(), 400, |_| 9, true), Some(330));
    }

    #[test]
    fn a_cold_cluster_that_is_called_at_the_last_moment_waits_for_all() {
        let mut readiness = joiner();
        let called = |second| second >= 40;
        let opened = (0..=200).find(|second| {
            readiness.ask(secs(*second), &facts(&[], 0, called(*second)));
            readiness.doors().lists
        });
        assert_eq!(opened, Some(90));
    }

    #[test]
    fn a_cold_server_that_remembers_opens_when_nobody_was_ready_for_half_a_minute() {
        let mut readiness = joiner();
        readiness.remember();
        assert_eq!(opened(&mut readiness, 100, |_| 9, true), Some(30));
    }

    #[test]
    fn a_server_that_remembers_still_takes_over_what_those_have_who_are_ready() {
        let mut readiness = joiner();
        readiness.remember();
        readiness.ask(secs(1), &facts(&[PEER], 9, true));
        assert_eq!(readiness.stage(), Stage::Syncing);
        readiness.read(PEER);
        readiness.ask(secs(2), &facts(&[PEER], 9, true));
        assert_eq!(readiness.stage(), Stage::Ready);
    }

    #[test]
    fn a_cold_cluster_opens_when_registrations_are_calm() {
        let growing = |second| usize::try_from(second).expect("it is small").min(100);
        assert_eq!(opened(&mut joiner(), 200, growing, true), Some(106));
    }

    #[test]
    fn a_cold_server_does_not_open_while_another_is_ready_whom_it_will_reach_in_a_moment() {
        let mut readiness = joiner();
        let known = Facts {
            anybody_ready: true,
            ..facts(&[], 0, false)
        };
        (0..100).for_each(|second| readiness.ask(secs(second), &known));
        assert_eq!(readiness.stage(), Stage::Collecting);
        readiness.ask(secs(100), &facts(&[PEER], 0, false));
        assert_eq!(readiness.stage(), Stage::Syncing);
    }

    #[test]
    fn a_cold_cluster_opens_after_five_minutes_at_the_latest() {
        let doubling = |second: u64| 1usize << (second / 8).min(62);
        assert_eq!(opened(&mut joiner(), 400, doubling, true), Some(330));
    }

    #[test]
    fn a_cold_cluster_tells_clients_to_register() {
        let mut readiness = joiner();
        readiness.ask(secs(30), &facts(&[], 0, true));
        let doors = readiness.doors();
        assert!(doors.not_found && doors.writes && !doors.lists);
    }

    #[test]
    fn a_server_about_to_leave_serves_but_takes_no_new_leases() {
        let mut readiness = Readiness::new(secs(0), false, Rules::default());
        readiness.drain();
        assert!(readiness.doors().lists && !readiness.doors().new_leases);
    }
}
