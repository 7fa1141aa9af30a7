//! What waits for a host that does not read.

use std::net::SocketAddr;

use crate::world::calls::Call;
use crate::world::streams::{End, Told};

/// Datagrams that a socket holds for a process that does not read.
const DATAGRAMS_WAITING_MAX: usize = 256;

/// What comes to a host.
#[derive(Clone, Debug)]
pub enum Input {
    /// A datagram.
    Datagram(Vec<u8>),
    /// News of a stream.
    Stream(End, Told),
    /// What the seeds resolve to.
    Seeds(Vec<SocketAddr>),
    /// A call, whose caller waits no longer.
    Call(Call),
}

/// What waits, oldest first. Streams are bounded by their windows.
#[derive(Debug, Default)]
pub struct Inbox {
    waiting: Vec<Input>,
    datagrams: usize,
}

impl Inbox {
    /// Whether nothing waits.
    pub const fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Keeps something, if there is room.
    pub fn keep(&mut self, input: Input) {
        match input {
            Input::Datagram(_) if self.datagrams >= DATAGRAMS_WAITING_MAX => return,
            Input::Datagram(_) => self.datagrams += 1,
            Input::Seeds(_) => return,
            Input::Stream(..) | Input::Call(_) => {}
        }
        self.waiting.push(input);
    }

    /// All that waits.
    pub fn take(&mut self) -> Vec<Input> {
        self.datagrams = 0;
        std::mem::take(&mut self.waiting)
    }
}
