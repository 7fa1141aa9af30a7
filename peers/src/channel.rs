//! What a stream's bytes are wrapped in.
//!
//! Here: with a key, Noise (`NNpsk0_25519_AESGCM_SHA256`: both ends prove that they have the cluster's key, and make a
//! secret of their own for this stream); without one, nothing. Not here: sockets, frames. What must always hold: with a
//! key nothing reaches the frames that was not sealed by one who has it, in order and once; what waits to be whole is
//! at most one message; and a stranger costs a hash per key, no more.
//!
//! A message is its length in two bytes, big endian, and as many bytes.

mod noise;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use snow::{HandshakeState, TransportState};

pub(crate) use self::noise::Seed;
use self::noise::{initiator, responder};
use crate::keys::{Fingerprint, Keyring};

/// The longest message of Noise.
const MESSAGE_MAX: usize = 65535;
const TAG_BYTES: usize = 16;
const LENGTH_BYTES: usize = 2;
/// A handshake's message is a public key and a tag.
const SHAKE_BYTES: usize = 32 + TAG_BYTES;
/// A message without anything in it, by which a caller learns that it was not believed.
pub(crate) const REFUSAL: Bytes = Bytes::from_static(&[0; LENGTH_BYTES]);

/// One end of a stream.
pub(crate) struct Channel {
    rest: BytesMut,
    state: State,
}

enum State {
    Clear,
    /// Has called, and waits for the answer.
    Calling(Box<HandshakeState>, Fingerprint),
    /// Waits for the caller to begin.
    Called,
    Sealed(Box<TransportState>, Fingerprint),
}

/// What came out of some bytes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken<'a> {
    /// What the other end said.
    pub(crate) plain: Cow<'a, [u8]>,
    /// What has to be sent as it is.
    pub(crate) reply: Option<Bytes>,
    /// From now on this end can speak.
    pub(crate) opened: bool,
}

/// The other end did not prove that it has a key that is accepted, or its words were changed on their way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unproved;

impl Channel {
    /// The end that was called.
    pub(crate) fn called(keys: Option<&Keyring>) -> Self {
        Self::of(keys.map_or(State::Clear, |_| State::Called))
    }

    /// The end that calls, and what it has to send first.
    pub(crate) fn calling(keys: Option<&Keyring>, seed: Seed) -> (Self, Option<Bytes>) {
        let Some(key) = keys.map(Keyring::used) else {
            return (Self::of(State::Clear), None);
        };
        let mut noise = initiator(key, seed);
        let first = handshake(&mut noise);
        let state = State::Calling(Box::new(noise), key.print());
        (Self::of(state), Some(first))
    }

    fn of(state: State) -> Self {
        let rest = BytesMut::new();
        Self { rest, state }
    }

    /// Whether this end can speak.
    pub(crate) const fn is_open(&self) -> bool {
        matches!(self.state, State::Clear | State::Sealed(..))
    }

    /// The key that both ends have proved to have.
    pub(crate) const fn key(&self) -> Option<Fingerprint> {
        match self.state {
            State::Sealed(_, print) => Some(print),
            _ => None,
        }
    }

    /// Wraps up what this end says. An end that cannot speak yet says nothing.
    pub(crate) fn seal(&mut self, plain: Bytes) -> Bytes {
        match &mut self.state {
            State::Clear => plain,
            State::Sealed(noise, _) => sealed(noise, &plain),
            State::Calling(..) | State::Called => Bytes::new(),
        }
    }

    /// Takes in bytes of the stream. With the `seed` a caller is answered.
    ///
    /// # Errors
    ///
    /// If the stream is not to be trusted. It has to be closed.
    pub(crate) fn take<'a>(
        &mut self,
        bytes: &'a [u8],
        keys: Option<&Keyring>,
        seed: impl FnOnce() -> Seed,
    ) -> Result<Taken<'a>, Unproved> {
        if matches!(self.state, State::Clear) {
            let plain = Cow::Borrowed(bytes);
            return Ok(Taken {
                plain,
                ..Taken::default()
            });
        }
        self.rest.extend_from_slice(bytes);
        let mut taken = Taken::default();
        if !self.is_open() {
            if self.length().is_some_and(|length| length != SHAKE_BYTES) {
                return Err(Unproved);
            }
            let Some(message) = self.message() else {
                return Ok(taken);
            };
            taken.reply = self.shake(&message, keys, seed)?;
            taken.opened = true;
        }
        while let Some(message) = self.message() {
            self.open(&message, taken.plain.to_mut())?;
        }
        Ok(taken)
    }

    /// How long the next message is.
    fn length(&self) -> Option<usize> {
        let length = self.rest.first_chunk()?;
        Some(usize::from(u16::from_be_bytes(*length)))
    }

    /// The next message that is whole.
    fn message(&mut self) -> Option<BytesMut> {
        let length = self.length()?;
        let whole = self.rest.len() >= LENGTH_BYTES + length;
        whole.then(|| {
            self.rest.advance(LENGTH_BYTES);
            self.rest.split_to(length)
        })
    }

    /// Takes in the other end's part of the handshake, and answers what it has to be sent.
    fn shake(
        &mut self,
        message: &[u8],
        keys: Option<&Keyring>,
        seed: impl FnOnce() -> Seed,
    ) -> Result<Option<Bytes>, Unproved> {
        let state = std::mem::replace(&mut self.state, State::Called);
        let (mut noise, print, reply) = match state {
            State::Calling(mut noise, print) => {
                noise.read_message(message, &mut []).or(Err(Unproved))?;
                (*noise, print, false)
            }
            _ => {
                let (noise, print) = recognised(message, keys, seed()).ok_or(Unproved)?;
                (noise, print, true)
            }
        };
        let reply = reply.then(|| handshake(&mut noise));
        let noise = noise.into_transport_mode().or(Err(Unproved))?;
        self.state = State::Sealed(Box::new(noise), print);
        Ok(reply)
    }

    fn open(&mut self, message: &[u8], plain: &mut Vec<u8>) -> Result<(), Unproved> {
        let State::Sealed(noise, _) = &mut self.state else {
            return Err(Unproved);
        };
        let length = message.len().checked_sub(TAG_BYTES).ok_or(Unproved)?;
        let start = plain.len();
        plain.resize(start + length, 0);
        let room = plain.get_mut(start..).unwrap_or_default();
        noise.read_message(message, room).or(Err(Unproved))?;
        Ok(())
    }
}

/// The first of the accepted keys by which this caller's first message can be read.
fn recognised(
    message: &[u8],
    keys: Option<&Keyring>,
    seed: Seed,
) -> Option<(HandshakeState, Fingerprint)> {
    keys?.accepted().find_map(|key| {
        let mut noise = responder(key, seed);
        noise.read_message(message, &mut []).ok()?;
        Some((noise, key.print()))
    })
}

fn sealed(noise: &mut TransportState, plain: &[u8]) -> Bytes {
    let parts = plain.chunks(MESSAGE_MAX - TAG_BYTES);
    let mut all = BytesMut::with_capacity(plain.len() + parts.len() * (LENGTH_BYTES + TAG_BYTES));
    for part in parts {
        write(&mut all, part.len() + TAG_BYTES, |room| {
            noise.write_message(part, room)
        });
    }
    all.freeze()
}

/// This end's part of the handshake.
fn handshake(noise: &mut HandshakeState) -> Bytes {
    let mut all = BytesMut::new();
    write(&mut all, SHAKE_BYTES, |room| noise.write_message(&[], room));
    all.freeze()
}

fn write(
    all: &mut BytesMut,
    length: usize,
    message: impl FnOnce(&mut [u8]) -> Result<usize, snow::Error>,
) {
    all.put_u16(u16::try_from(length).expect("no message is longer than Noise allows"));
    let start = all.len();
    all.resize(start + length, 0);
    let room = all.get_mut(start..).unwrap_or_default();
    let written = message(room).expect("it is this end's turn, and there is room");
    debug_assert_eq!(written, length, "a message is as long as its length says");
}

impl std::fmt::Debug for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Channel")
            .field("open", &self.is_open())
            .field("key", &self.key())
            .finish_non_exhaustive()
    }
}
