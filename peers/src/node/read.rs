//! Comparing with a peer: reading all it has, page by page.
//!
//! Here: one reading at a time, and the answers to others who read. Not here: what to make of a page (`agreement`).
//! What must always hold: what the peer had seen counts as seen here only when all it had was taken or dropped; and
//! whoever asks is answered in portions, so that nothing waits that was not asked for.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::{Event, LinkId, Node, Reason};
use crate::agreement::{Page, Told};
use crate::frame::{Begun, Frame};
use crate::record::Key;
use crate::replica::Replica;
use crate::version::NodeId;

/// Records on one page.
const LINES_MAX: usize = 512;
/// No further record is added to an answer of this size.
const RECORDS_BYTES: usize = 512 << 10;
/// So many may read at once; more would slow down everybody.
const READERS_MAX: usize = 4;
/// A reader that asked nothing for so long has gone.
const READER_GONE: Duration = Duration::from_secs(5);
/// A peer that answers nothing for so long is given up.
const PATIENCE: Duration = Duration::from_secs(10);
/// Whoever is busy is asked again after this.
const BUSY_PAUSE: Duration = Duration::from_millis(250);

/// A comparison to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) peer: NodeId,
    pub(super) reason: Reason,
}

/// What is being read, what is to be read, and who reads here.
#[derive(Clone, Debug, Default)]
pub(super) struct Readings {
    present: Option<Reading>,
    waiting: VecDeque<Wanted>,
    not_before: Duration,
    readers: BTreeMap<LinkId, Duration>,
}

#[derive(Clone, Debug)]
struct Reading {
    wanted: Wanted,
    link: LinkId,
    /// When the last answer came.
    heard: Duration,
    begun: Option<Begun>,
    /// After which key the page begins that is being read, and the last key on it if more follows.
    after: Option<Key>,
    next: Option<Key>,
    /// Records of that page that were asked for and have not come.
    missing: BTreeSet<Key>,
    taken: u64,
    dropped: u64,
}

impl Readings {
    /// A stream has ended.
    pub(super) fn lost(&mut self, link: LinkId) {
        self.readers.remove(&link);
        self.present.take_if(|reading| reading.link == link);
    }

    /// Whether a comparison with that peer is under way or waits.
    pub(super) fn concern(&self, peer: NodeId) -> bool {
        let present = self.present.iter().map(|reading| reading.wanted);
        present
            .chain(self.waiting.iter().copied())
            .any(|wanted| wanted.peer == peer)
    }

    /// Whether another one may read, too.
    fn admit(&mut self, now: Duration, link: LinkId) -> bool {
        self.readers.retain(|_, asked| now < *asked + READER_GONE);
        let admitted = self.readers.contains_key(&link) || self.readers.len() < READERS_MAX;
        if admitted {
            self.readers.insert(link, now);
        }
        admitted
    }
}

impl<R: Replica> Node<R> {
    /// Compares with a peer, when it is its turn.
    pub(super) fn compare_with(&mut self, now: Duration, wanted: Wanted) {
        if !self.readings.concern(wanted.peer) {
            self.readings.waiting.push_back(wanted);
            self.read_next(now);
        }
    }

    /// Begins the next reading, if none is under way.
    pub(super) fn read_next(&mut self, now: Duration) {
        self.readings
            .present
            .take_if(|reading| now >= reading.heard + PATIENCE);
        if self.readings.present.is_some() || now < self.readings.not_before {
            return;
        }
        while let Some(wanted) = self.readings.waiting.pop_front() {
            if let Some(link) = self.link_to(wanted.peer) {
                self.readings.present = Some(Reading::new(now, wanted, link));
                return self.say(link, &Frame::Read(None));
            }
        }
    }

    /// A peer reads what is here.
    pub(super) fn asked_for_page(&mut self, now: Duration, id: LinkId, after: Option<Key>) {
        if !self.readings.admit(now, id) {
            return self.say(id, &Frame::Busy);
        }
        // Before the first page what was written last must have its place, or it would seem to be of no origin.
        let begun = after.is_none().then(|| {
            self.flush(now);
            Begun {
                vector: self.agreement.vector().clone(),
                floors: self.agreement.floors(),
            }
        });
        let page = self.agreement.page(after, LINES_MAX);
        if !page.more {
            self.readings.readers.remove(&id);
        }
        self.say(id, &Frame::Page(page, begun));
    }

    pub(super) fn told_page(
        &mut self,
        now: Duration,
        id: LinkId,
        page: Page,
        begun: Option<Begun>,
    ) {
        let Some(reading) = self.readings.at(now, id) else {
            return;
        };
        reading.begun = reading.begun.take().or(begun);
        let Some(theirs) = reading.begun.as_ref().map(|begun| &begun.vector) else {
            return self.refuse(now, id);
        };
        if !page.in_order() || page.after != reading.after || (page.more && page.lines.is_empty()) {
            return self.refuse(now, id);
        }
        let plan = self.agreement.plan(theirs, &page);
        reading.next = page
            .lines
            .last()
            .filter(|_| page.more)
            .map(|line| line.key.clone());
        reading.missing = plan.wants.into_iter().collect();
        for (key, version) in &plan.drops {
            let drop = (key, *version);
            let dropped = self.agreement.drop_deleted(now, &mut self.replica, drop);
            reading.dropped += u64::from(dropped);
        }
        self.read_on(now);
    }

    /// Asks for what is missing of this page, or for the next one, or comes to an end.
    fn read_on(&mut self, now: Duration) {
        let Some(reading) = self.readings.present.as_mut() else {
            return;
        };
        let link = reading.link;
        if !reading.missing.is_empty() {
            let missing = reading.missing.iter().cloned().collect();
            return self.say(link, &Frame::Fetch(missing));
        }
        match reading.next.take() {
            Some(next) => {
                reading.after = Some(next.clone());
                self.say(link, &Frame::Read(Some(next)));
            }
            None => self.finish_reading(now),
        }
    }

    fn finish_reading(&mut self, now: Duration) {
        let Some(Reading {
            wanted,
            link,
            begun: Some(begun),
            taken,
            dropped,
            ..
        }) = self.readings.present.take()
        else {
            return;
        };
        self.agreement.agree(&begun.vector, &begun.floors);
        self.counts.compares += 1;
        self.readiness.read(wanted.peer);
        if let Some(other) = self.others.get_mut(&wanted.peer) {
            other.equal_at = now;
            let (peer, reason) = (other.named(), wanted.reason);
            self.tell(Event::Compared {
                peer,
                reason,
                taken,
                dropped,
            });
        }
        if !matches!(wanted.reason, Reason::Asked | Reason::Start) {
            self.say(link, &Frame::Compare);
        }
        self.wrote(now);
        self.exchange_with_all(now);
        self.read_next(now);
    }

    /// A peer asks for records.
    pub(super) fn asked_for_records(&mut self, now: Duration, id: LinkId, keys: &[Key]) {
        let (mut records, mut absent, mut bytes) = (Vec::new(), Vec::new(), 0);
        for key in keys {
            if bytes >= RECORDS_BYTES {
                break;
            }
            match self.agreement.notice(now, &self.replica, key) {
                Some(told) => {
                    bytes += told.bytes();
                    records.push(told);
                }
                None => absent.push(key.clone()),
            }
        }
        self.say(id, &Frame::Records(records, absent));
    }

    pub(super) fn told_records(
        &mut self,
        now: Duration,
        id: LinkId,
        records: Vec<Told>,
        absent: &[Key],
    ) {
        let Some(reading) = self.readings.at(now, id) else {
            return;
        };
        if records.is_empty() && absent.is_empty() {
            return self.refuse(now, id);
        }
        for key in records.iter().map(|told| &told.key).chain(absent) {
            reading.missing.remove(key);
        }
        reading.taken += records.len() as u64;
        for told in records {
            self.agreement.take(now, &mut self.replica, told);
        }
        self.wrote(now);
        self.read_on(now);
    }

    pub(super) fn told_busy(&mut self, now: Duration, id: LinkId) {
        if let Some(reading) = self.readings.present.take_if(|reading| reading.link == id) {
            self.readings.waiting.push_back(reading.wanted);
            self.readings.not_before = now + BUSY_PAUSE;
        }
    }

    pub(super) fn asked_to_compare(&mut self, now: Duration, peer: NodeId) {
        self.compare_with(
            now,
            Wanted {
                peer,
                reason: Reason::Asked,
            },
        );
    }
}

impl Reading {
    const fn new(now: Duration, wanted: Wanted, link: LinkId) -> Self {
        Self {
            wanted,
            link,
            heard: now,
            begun: None,
            after: None,
            next: None,
            missing: BTreeSet::new(),
            taken: 0,
            dropped: 0,
        }
    }
}

impl Readings {
    /// The reading under way on this stream, which has just been answered.
    fn at(&mut self, now: Duration, link: LinkId) -> Option<&mut Reading> {
        let reading = self
            .present
            .as_mut()
            .filter(|reading| reading.link == link)?;
        reading.heard = now;
        Some(reading)
    }
}
