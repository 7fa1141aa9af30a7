//! What passes between which servers.
//!
//! Here: a rule for each direction between two servers, changed while bytes flow. Not here: moving bytes (`proxy`). What
//! must always hold: a cut swallows in silence, as a broken network does; what was held back in a stream comes whole
//! and in order once it is mended.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// Headers of a datagram: Internet protocol and user datagram protocol.
const DATAGRAM_HEADER: u64 = 28;
/// Headers of a segment of a stream, and of the empty segment that acknowledges it.
const SEGMENT_HEADERS: u64 = 66 + 66;
/// A segment carries no more.
const SEGMENT_BYTES: u64 = 1448;

/// What passes in one direction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// Whether datagrams do.
    pub(crate) datagrams: bool,
    /// Whether streams do. Else they stand still.
    pub(crate) streams: bool,
    /// How many bytes of streams a second at most.
    pub(crate) rate: Option<u32>,
}

impl Rule {
    pub(crate) const OPEN: Self = Self {
        datagrams: true,
        streams: true,
        rate: None,
    };
    pub(crate) const CUT: Self = Self {
        datagrams: false,
        streams: false,
        rate: None,
    };
    pub(crate) const NO_DATAGRAMS: Self = Self {
        datagrams: false,
        streams: true,
        rate: None,
    };
    pub(crate) const NO_STREAMS: Self = Self {
        datagrams: true,
        streams: false,
        rate: None,
    };

    pub(crate) const fn slow(rate: u32) -> Self {
        Self {
            datagrams: true,
            streams: true,
            rate: Some(rate),
        }
    }
}

/// The network among some servers, who are numbered.
#[derive(Debug, Default)]
pub(crate) struct Links {
    state: Mutex<State>,
    changed: Condvar,
    carried: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    rules: BTreeMap<(usize, usize), Rule>,
    closing: bool,
}

impl Links {
    /// From now on this holds in this direction.
    pub(crate) fn set(&self, from: usize, to: usize, rule: Rule) {
        self.state().rules.insert((from, to), rule);
        self.changed.notify_all();
    }

    /// From now on this holds between these two, in both directions.
    pub(crate) fn between(&self, one: usize, other: usize, rule: Rule) {
        self.set(one, other, rule);
        self.set(other, one, rule);
    }

    /// Parts these from those.
    pub(crate) fn part(&self, these: &[usize], those: &[usize]) {
        for one in these {
            those
                .iter()
                .for_each(|other| self.between(*one, *other, Rule::CUT));
        }
    }

    /// Everything passes again.
    pub(crate) fn mend(&self) {
        self.state().rules.clear();
        self.changed.notify_all();
    }

    /// How many bytes were sent so far, with the headers they would have on a real network.
    pub(crate) fn carried(&self) -> u64 {
        self.carried.load(Ordering::Relaxed)
    }

    pub(super) fn count_datagram(&self, bytes: usize) {
        self.carried
            .fetch_add(bytes as u64 + DATAGRAM_HEADER, Ordering::Relaxed);
    }

    pub(super) fn count_stream(&self, bytes: usize) {
        let bytes = bytes as u64;
        let headers = bytes.div_ceil(SEGMENT_BYTES) * SEGMENT_HEADERS;
        self.carried.fetch_add(bytes + headers, Ordering::Relaxed);
    }

    /// Nothing passes any more, and nobody waits for it.
    pub(super) fn close(&self) {
        self.state().closing = true;
        self.changed.notify_all();
    }

    pub(super) fn closing(&self) -> bool {
        self.state().closing
    }

    pub(super) fn passes_datagrams(&self, from: usize, to: usize) -> bool {
        self.state().rule(from, to).datagrams
    }

    /// Waits until streams pass, and for as long as so many bytes take. Answers whether they may still be sent.
    pub(super) fn admit(&self, from: usize, to: usize, bytes: usize) -> bool {
        let mut state = self.state();
        while !state.closing && !state.rule(from, to).streams {
            state = self
                .changed
                .wait(state)
                .expect("nobody panics with the rules in hand");
        }
        if let Some(rate) = state.rule(from, to).rate {
            let time = Duration::from_secs(bytes as u64) / rate;
            let open = |state: &mut State| !state.closing;
            let waited = self.changed.wait_timeout_while(state, time, open);
            state = waited.expect("nobody panics with the rules in hand").0;
        }
        !state.closing
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("nobody panics with the rules in hand")
    }
}

impl State {
    fn rule(&self, from: usize, to: usize) -> Rule {
        self.rules.get(&(from, to)).copied().unwrap_or(Rule::OPEN)
    }
}
