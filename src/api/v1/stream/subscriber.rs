//! One subscriber: its place, and what it is told next.
//!
//! Here: the body of its answer. What must always hold: it keeps its place and at most one message, whatever it does not
//! read stays where all share it; and it says something only when it is its turn.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use actix_web::HttpRequest;
use actix_web::body::{BodySize, MessageBody};
use bytes::{Bytes, BytesMut};

use super::feed::Slot;
use super::filter::Filter;
use super::frame::{Frame, frames};
use super::leases::Leases;
use super::listing::Listing;
use super::message;
use super::wanted::{Format, Since, Topics, Wanted};
use crate::account::step::EVENTS_MAX;
use crate::account::turns::Seat;
use crate::account::{Overrun, Revision};
use crate::api::readers;
use crate::native::documents::{Bookmark, Bye, Resync, ResyncReason};
use crate::native::fetches::Following;
use crate::server::State;

/// A message is handed on in pieces of this size: what a reader does not take stays in the message all share.
const PIECE: usize = 16 * 1024;
/// What may be told in one turn, if there are several messages.
const TURN: usize = 64 * 1024;
/// Clients connect again after this time and up to as much more.
const RETRY_MS: u64 = 1000;
/// See [`RETRY_MS`].
const RETRY_SPREAD_MS: u64 = 4000;

/// A subscriber.
pub(super) struct Subscriber {
    slot: Slot,
    /// Where a drain sees how far it is.
    following: Option<Following>,
    format: Format,
    topics: Topics,
    filter: Option<Filter>,
    leases: Option<Leases>,
    seat: Arc<Seat>,
    /// Everything up to there was told.
    place: u64,
    beats: u64,
    opening: Option<Opening>,
    /// Whether it is in the queue, as it is from its first turn on.
    queued: bool,
    /// What is still to be handed on.
    rest: Bytes,
    ended: bool,
}

/// What a stream begins with.
enum Opening {
    List(Listing),
    Resync(ResyncReason),
    /// It goes on where it was.
    Bookmark,
}

impl Subscriber {
    pub(super) fn new(slot: Slot, wanted: Wanted, request: &HttpRequest) -> Self {
        let state = slot.state();
        let (place, opening) = beginning(state, &wanted);
        let filter = (!wanted.query.is_empty()).then(|| {
            let since = state.account.after(place, u64::MAX, usize::MAX);
            Filter::new(state, wanted.query, &since.unwrap_or_default())
        });
        Self {
            following: readers::follow(state, request),
            format: wanted.format,
            topics: wanted.topics,
            filter,
            leases: Leases::following(wanted.leases),
            seat: state.feed.turns().seat(),
            place,
            beats: state.feed.beats(),
            opening: Some(opening),
            queued: false,
            rest: Bytes::new(),
            ended: false,
            slot,
        }
    }

    /// The next piece of what is being told.
    fn piece(&mut self) -> Option<Bytes> {
        let piece = self.rest.split_to(self.rest.len().min(PIECE));
        let state = self.slot.state();
        let told = piece.len() as u64;
        state.feed.counts.bytes.fetch_add(told, Ordering::Relaxed);
        (!piece.is_empty()).then_some(piece)
    }

    /// What there is to be told in a turn.
    fn told(&mut self) -> Bytes {
        let state = self.slot.state().clone();
        let mut out = BytesMut::new();
        if let Some(opening) = self.opening.take() {
            self.open(&mut out, &state, opening);
            return out.freeze();
        }
        let mut single = Bytes::new();
        while self.place < state.feed.published() && out.len() + single.len() < TURN && !self.ended
        {
            // One message alone is passed on as it is.
            if !single.is_empty() {
                out.extend_from_slice(&std::mem::take(&mut single));
            }
            match self.next_frame(&state) {
                Ok(frame) => {
                    let next = self.encoded(&frame, &state);
                    self.place = frame.step.to;
                    if out.is_empty() {
                        single = next
                    } else {
                        out.extend_from_slice(&next)
                    }
                }
                Err(Overrun) => self.give_up(&mut out, &state),
            }
        }
        let beats = state.feed.beats();
        if self.beats != beats && out.is_empty() && single.is_empty() && !self.more() {
            self.bookmark(&mut out, &state);
        }
        self.beats = beats;
        if out.is_empty() {
            return single;
        }
        out.extend_from_slice(&single);
        out.freeze()
    }

    fn open(&mut self, out: &mut BytesMut, state: &State, opening: Opening) {
        if !self.queued {
            message::retry(out, self.format, self.retry_ms());
        }
        match opening {
            Opening::List(mut listing) => {
                if !listing.tell(out, state, self.format, self.filter.as_ref()) {
                    self.opening = Some(Opening::List(listing));
                }
            }
            Opening::Resync(reason) => self.resync(out, state, reason),
            Opening::Bookmark => self.bookmark(out, state),
        }
    }

    /// What comes next: what all are told, or as long as it has to catch up, its own.
    fn next_frame(&self, state: &State) -> Result<Arc<Frame>, Overrun> {
        if let Some(frame) = state.feed.frame(self.place) {
            return Ok(frame);
        }
        let published = state.feed.published();
        let events = state.account.after(self.place, published, EVENTS_MAX)?;
        let frame = frames(&events).next().ok_or(Overrun)?;
        Ok(Arc::new(frame))
    }

    fn encoded(&mut self, frame: &Frame, state: &State) -> Bytes {
        match &mut self.filter {
            Some(filter) => filter.encoded(frame, state, self.format, self.topics),
            None => frame.encoded(state, self.format, self.topics),
        }
    }

    /// It was too slow: what comes next is not kept any more.
    fn give_up(&mut self, out: &mut BytesMut, state: &State) {
        self.place = state.account.revision().sequence;
        self.resync(out, state, ResyncReason::TooSlow);
        self.ended = true;
    }

    fn resync(&self, out: &mut BytesMut, state: &State, reason: ResyncReason) {
        state.feed.counts.resync(reason);
        let revision = state.account.at(self.place);
        let document = Resync {
            revision: revision.to_string(),
            as_of: state.clock.now().to_string(),
            reason,
            text: why(reason).to_owned(),
        };
        message::write(out, self.format, "resync", Some(revision), &document);
    }

    fn bookmark(&self, out: &mut BytesMut, state: &State) {
        let revision = state.account.at(self.place);
        let document = Bookmark {
            revision: revision.to_string(),
            as_of: state.clock.now().to_string(),
            instances: state.registry.listed() as u64,
            renewals: state.registry.renewals(),
        };
        message::write(out, self.format, "bookmark", Some(revision), &document);
    }

    fn bye(&self) -> Bytes {
        let (mut out, retry_ms) = (BytesMut::new(), self.retry_ms());
        message::retry(&mut out, self.format, retry_ms);
        let as_of = self.slot.state().clock.now().to_string();
        message::write(&mut out, self.format, "bye", None, &Bye { as_of, retry_ms });
        out.freeze()
    }

    const fn retry_ms(&self) -> u64 {
        RETRY_MS + self.slot.spread(RETRY_SPREAD_MS)
    }

    /// Whether there is more to be told than was.
    fn more(&self) -> bool {
        let feed = &self.slot.state().feed;
        self.opening.is_some() || (self.place < feed.published() && !self.ended)
    }

    /// Has its turn, if it is one.
    fn turn(&mut self, context: &mut Context<'_>) {
        let state = self.slot.state().clone();
        // Read before looking: what is published after that is another round.
        let round = state.feed.turns().round();
        if !self.seat.take_turn(context.waker()) && self.queued {
            return;
        }
        self.rest = self.told();
        self.queued = true;
        if let Some(following) = self.following.as_ref().filter(|_| self.opening.is_none()) {
            following.told(self.place, state.clock.now());
        }
        if self.more() {
            state.feed.go_on(&self.seat, self.rest.len());
        } else {
            state.feed.rest(&self.seat, round);
        }
    }
}

impl MessageBody for Subscriber {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.get_mut();
        if let Some(piece) = this.piece() {
            return Poll::Ready(Some(Ok(piece)));
        }
        if this.ended {
            return Poll::Ready(None);
        }
        let state = this.slot.state().clone();
        if state.feed.closing() {
            this.rest = this.bye();
            this.ended = true;
        } else {
            this.turn(context);
            if let Some(leases) = this.leases.as_mut().filter(|_| this.rest.is_empty()) {
                let mut out = BytesMut::new();
                leases.tell(context, &mut out, &state, this.format);
                this.rest = out.freeze();
            }
        }
        this.piece()
            .map_or(Poll::Pending, |piece| Poll::Ready(Some(Ok(piece))))
    }
}

/// Where a stream begins, and with what.
fn beginning(state: &State, wanted: &Wanted) -> (u64, Opening) {
    let account = &state.account;
    // Taken before the list is read, which then has all up to there.
    let now = account.revision();
    let since = match wanted.since {
        Since::Now => {
            let listing = Listing::new(state, now, wanted.rows);
            return (now.sequence, Opening::List(listing));
        }
        Since::Revision(revision) => revision,
        Since::Elsewhere => Revision {
            epoch: 0,
            sequence: 0,
        },
    };
    match account.resume(since) {
        Ok(place) => (place, Opening::Bookmark),
        Err(Overrun) if since.epoch == now.epoch && since.sequence < now.sequence => {
            (now.sequence, Opening::Resync(ResyncReason::TooOld))
        }
        Err(Overrun) => (now.sequence, Opening::Resync(ResyncReason::OtherEpoch)),
    }
}

const fn why(reason: ResyncReason) -> &'static str {
    match reason {
        ResyncReason::OtherEpoch => {
            "the position is another server's, or of an earlier start of this one; read the list again, the stream goes on"
        }
        ResyncReason::TooOld => {
            "the position is older than what is kept; read the list again, the stream goes on"
        }
        ResyncReason::TooSlow => {
            "what came next is not kept any more, since it was read too slowly; connect again, and read the list again"
        }
    }
}
