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

/// What waits, oldest first. Streams are bounded by their windows. Calls wait at another door, where clients are answered
/// though peers may not be read.
#[derive(Debug, Default)]
pub struct Inbox {
    waiting: Vec<Input>,
    calls: Vec<Call>,
    datagrams: usize,
}

impl Inbox {
    /// Whether nothing waits from peers.
    pub const fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Keeps something, if there is room.
    pub fn keep(&mut self, input: Input) {
        match input {
            Input::Datagram(_) if self.datagrams >= DATAGRAMS_WAITING_MAX => return,
            Input::Datagram(_) => self.datagrams += 1,
            Input::Seeds(_) => return,
            Input::Call(call) => return self.calls.push(call),
            Input::Stream(..) => {}
        }
        self.waiting.push(input);
    }

    /// All calls that wait.
    pub fn take_calls(&mut self) -> Vec<Call> {
        std::mem::take(&mut self.calls)
    }

    /// All that waits from peers.
    pub fn take(&mut self) -> Vec<Input> {
        self.datagrams = 0;
        std::mem::take(&mut self.waiting)
    }
}
