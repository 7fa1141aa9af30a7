//! A whole run, as values: what was planned, what it looked like from above every half second, and what happened.
//!
//! Here: the pictures and the film that is made of them; the same for every model of servers. Not here: how a picture
//! comes about (`picture`), what it is to look like on a page. What must always hold: a film says everything that a
//! story may expect, so that expectations are pure functions of films.

use std::time::Duration;

use super::plan::Plan;
use super::tally::Tally;
use super::timeline::Line;
use crate::invariants::Broken;

/// A whole run.
#[derive(Clone, Debug)]
pub struct Film {
    /// What was to be.
    pub plan: Plan,
    /// Which servers played in it: `peerage`, or another model's name.
    pub model: &'static str,
    /// What it looked like, from the beginning on.
    pub pictures: Vec<Picture>,
    /// What happened.
    pub lines: Vec<Line>,
    /// What did not hold; the first of each kind.
    pub broken: Vec<Broken>,
    /// A number that is equal for equal runs.
    pub trace: u64,
    /// How often things of each kind happened.
    pub tally: Tally,
}

/// All hosts and clients at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// When.
    pub at: Duration,
    /// The hosts, in their order.
    pub hosts: Vec<HostPicture>,
    /// The clients that read the list, in sum.
    pub readers: Readers,
    /// How many clients live.
    pub alive: usize,
    /// Whether all hosts that are up show the same and have seen the same.
    pub equal: bool,
}

/// One host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostPicture {
    /// Whether it runs.
    pub power: Running,
    /// Whether it serves lists.
    pub ready: bool,
    /// Whether it thinks that it has lost the others.
    pub isolated: bool,
    /// How many instances it shows.
    pub shown: usize,
    /// Clients that live, were told so within their lease and more than two seconds ago, and are not shown.
    pub missing: usize,
    /// Those that are shown, and have cancelled, or died longer ago than their lease.
    pub stale: usize,
    /// The same by crowd, in the plan's order.
    pub crowds: Vec<Counts>,
    /// How it sees each host.
    pub sees: Vec<Sight>,
    /// What it holds back from eviction, for people; nothing if it does not.
    pub protects: Vec<String>,
    /// Leases it owns.
    pub owned: usize,
    /// How many of these are silent.
    pub silent: usize,
    /// Bytes it has sent to other hosts since the world began, over all its starts.
    pub sent: u64,
    /// Bytes it got from them.
    pub received: u64,
    /// Equal where records are equal.
    pub digest: u64,
}

/// Whether a host runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Running {
    /// It does.
    Up,
    /// It, or a part of it, stands still.
    Stalled,
    /// It does not.
    #[default]
    Down,
}

/// How a host sees another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sight {
    /// That is the host itself.
    Itself,
    /// It is up.
    Up,
    /// It does not answer, and is given time to gainsay.
    Suspect,
    /// It is up, and could not be followed for half a minute.
    Behind,
    /// It is not up.
    Down,
    /// It said goodbye.
    Left,
    /// The host has never heard of it, or does not run.
    #[default]
    Unknown,
}

/// Clients of one crowd, as one host shows them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// How many are shown.
    pub shown: usize,
    /// How many of these as up.
    pub up: usize,
    /// How many are missing, as in [`HostPicture::missing`].
    pub missing: usize,
    /// How many are shown that are gone.
    pub stale: usize,
}

/// The clients that read the list, in sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Readers {
    /// How many there are that live and have read anything.
    pub caches: usize,
    /// How many entries are missing in these caches.
    pub missing: usize,
    /// How many entries they have of clients that are gone.
    pub stale: usize,
}
