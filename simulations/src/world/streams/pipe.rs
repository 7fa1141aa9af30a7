//! One direction of a stream: what waits in the sender's socket, and what is on the wire.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

/// How much is on the wire, or in the two sockets' buffers, before a sender has to wait.
const WINDOW: usize = 256 * 1024;

/// What goes through a pipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Some bytes.
    Bytes(Bytes),
    /// The sender has closed.
    End,
}

impl Piece {
    const fn length(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::End => 0,
        }
    }
}

/// One direction of a stream.
#[derive(Debug, Default)]
pub(super) struct Pipe {
    waiting: VecDeque<Piece>,
    flying: VecDeque<Piece>,
    flying_bytes: usize,
    /// What has arrived and was not read.
    unread_bytes: usize,
    free_at: Duration,
    last_landing: Duration,
    /// How many pieces would have landed, were there no cut.
    pub(super) held: usize,
}

impl Pipe {
    pub(super) fn wait(&mut self, piece: Piece) {
        self.waiting.push_back(piece);
    }

    /// Puts the next piece on the wire, if there is one and it fits. Answers its length.
    pub(super) fn fly(&mut self) -> Option<usize> {
        if self.flying_bytes + self.unread_bytes >= WINDOW {
            return None;
        }
        let piece = self.waiting.pop_front()?;
        let length = piece.length();
        self.flying_bytes += length;
        self.flying.push_back(piece);
        Some(length)
    }

    /// When that piece lands: after those before, even if it is faster.
    pub(super) fn landing(&mut self, now: Duration, busy: Duration, delay: Duration) -> Duration {
        self.free_at = self.free_at.max(now) + busy;
        self.not_before(self.free_at + delay);
        self.last_landing
    }

    /// Nothing lands before this.
    pub(super) fn not_before(&mut self, time: Duration) {
        self.last_landing = self.last_landing.max(time);
    }

    /// Takes the first piece off the wire.
    pub(super) fn land(&mut self) -> Option<Piece> {
        let piece = self.flying.pop_front()?;
        self.flying_bytes -= piece.length();
        Some(piece)
    }

    /// So many bytes have arrived at one that does not read.
    pub(super) const fn leave_unread(&mut self, bytes: usize) {
        self.unread_bytes += bytes;
    }

    /// What has arrived is read. Answers whether there was anything.
    pub(super) const fn read_all(&mut self) -> bool {
        let any = self.unread_bytes > 0;
        self.unread_bytes = 0;
        any
    }

    /// Forgets what waits, but that the sender has closed.
    pub(super) fn give_up(&mut self) {
        self.waiting.retain(|piece| *piece == Piece::End);
    }
}
