//! What peers say to each other on streams, and how a stream is cut into it.
//!
//! Here: the frames, their bytes, and a reader that finds them in a stream. Not here: who says what when (`node`). What
//! must always hold: a frame is a length, a kind and a body; one of a kind this release does not know is passed over,
//! and what a later release appends to a body too; and no stream makes a reader keep more than [`FRAME_MAX`] bytes.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use bytes::{Buf, Bytes, BytesMut};
use serde::{Deserialize, Serialize};

use crate::agreement::{Delta, Page, Told};
use crate::envelope::Introduction;
use crate::membership::Standing;
use crate::record::Key;
use crate::replica::Relayed;
use crate::vector::Vector;
use crate::version::{Epoch, Hlc, NodeId, Origin};

/// The longest frame. A record may have a megabyte and is never cut up.
pub const FRAME_MAX: usize = 8 << 20;

/// The release of the protocol spoken here.
pub const PROTOCOL: u16 = 1;
/// The oldest that is understood here.
pub const PROTOCOL_OLDEST: u16 = 1;

/// Something one peer says to another. The place of a variant is its kind on the wire: new ones come last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Frame {
    /// Who speaks. The first frame of either side.
    Hello(Hello),
    /// This stream ends, for a reason.
    Bye(Bye),
    /// An answer is wanted.
    Ping(Sample),
    /// The answer: the sample that came, and one's own.
    Pong(Sample, Sample),
    /// What membership knows of everybody.
    Standings(Vec<Standing>),
    /// A head, as an item.
    Head(Vec<u8>),
    /// What the speaker has seen.
    Seen(Seen),
    /// Writes of an origin, pushed or pulled.
    Delta(Delta),
    /// How many of the listener's own writes the speaker has applied.
    Followed(u64),
    /// Asks for an origin's writes after one.
    Pull(Origin, u64),
    /// The answer, if the log does not reach back so far.
    BelowFloor(Origin),
    /// Asks for what the listener has, after a key.
    Read(Option<Key>),
    /// The answer: a page, and with the first one what the speaker has seen.
    Page(Page, Option<Begun>),
    /// The answer, if too many read at once.
    Busy,
    /// Asks for records.
    Fetch(Vec<Key>),
    /// The answer: as many as fit, and which of them there are not.
    Records(Vec<Told>, Vec<Key>),
    /// The speaker has found cause to compare; the listener should, too.
    Compare,
    /// Beats heard of leases that others own.
    Relay(Relay),
    /// What the owner said to them.
    RelayAnswer(RelayAnswer),
    /// A question for the listener's pages.
    Ask(u64, Vec<u8>),
    /// The answer.
    Answer(u64, Vec<u8>),
    /// A process at this address goes by the listener's id, or did until now.
    Namesake(SocketAddr),
}

/// Who speaks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    /// The cluster it belongs to.
    pub cluster_name: String,
    /// The newest release of the protocol it speaks.
    pub protocol: u16,
    /// The oldest it speaks.
    pub oldest: u16,
    /// Its id and start.
    pub origin: Origin,
    /// By what its datagrams are opened.
    pub introduction: Introduction,
    /// When its process started, by its clock. Its epoch may have had to grow since.
    pub started: Epoch,
    /// Where peers find it.
    pub address: SocketAddr,
    /// What people call it.
    pub name: String,
    /// Its zone; empty if nobody said.
    pub zone: String,
    /// Where people and clients find it.
    pub url: String,
}

/// What a peer has seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// Whose writes, and how far.
    pub vector: Vector,
    /// The greatest epoch of the listener it ever heard of.
    pub epoch: Option<Epoch>,
    /// Whether this is an answer to the listener's own.
    pub answer: bool,
}

/// With what a page after page reading begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Begun {
    /// What the speaker had seen then.
    pub vector: Vector,
    /// From where on its logs served.
    pub floors: BTreeMap<Origin, u64>,
}

/// Why a stream ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Bye {
    /// There is another stream between the two.
    Duplicate,
    /// The speaker leaves the cluster.
    Leaving,
    /// The speaker belongs to another cluster, of this name.
    ForeignCluster(String),
    /// The speaker understands no release older than this one.
    ForeignProtocol(u16),
}

/// A moment at the speaker: microseconds of its own time, and its wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// Only the speaker can make sense of it.
    pub micros: u64,
    /// Its wall clock.
    pub clock: Hlc,
}

/// Beats that a peer heard of leases that another owns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relay {
    /// Who heard them.
    pub from: NodeId,
    /// Who owns the leases.
    pub to: Origin,
    /// Whether this has been passed on once.
    pub forwarded: bool,
    /// The hash of each key, and how many milliseconds ago the beat was heard.
    pub beats: Vec<(u64, u32)>,
}

/// What the owner made of relayed beats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelayAnswer {
    /// Who heard the beats.
    pub to: NodeId,
    /// Whether this has been passed on once.
    pub forwarded: bool,
    /// The hash of each key, and what became of its beat.
    pub answers: Vec<(u64, Relayed)>,
    /// The records the owner holds otherwise.
    pub records: Vec<Told>,
}

impl Frame {
    /// One more than the last kind known here.
    const KINDS: u8 = 22;

    /// The bytes of this frame on a stream.
    pub fn write(&self) -> Bytes {
        let space = vec![0; LENGTH_BYTES];
        let mut bytes =
            postcard::to_extend(self, space).expect("a vector takes any number of bytes");
        let length =
            u32::try_from(bytes.len() - LENGTH_BYTES).expect("no frame has four gigabytes");
        if let Some(space) = bytes.first_chunk_mut::<LENGTH_BYTES>() {
            *space = length.to_le_bytes();
        }
        Bytes::from(bytes)
    }

    /// The frame in these bytes; none if it is of an unknown kind.
    fn read(bytes: &[u8]) -> Result<Option<Self>, Senseless> {
        let kind = *bytes.first().ok_or(Senseless)?;
        if kind >= Self::KINDS {
            return Ok(None);
        }
        match postcard::from_bytes(bytes) {
            Ok(frame) => Ok(Some(frame)),
            Err(_) => Err(Senseless),
        }
    }
}

const LENGTH_BYTES: usize = 4;

/// A stream carried what no peer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Senseless;

/// Finds the frames in a stream, however it is cut up.
#[derive(Debug, Default)]
pub struct FrameReader {
    rest: BytesMut,
}

impl FrameReader {
    /// Takes in the next bytes of the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        self.rest.extend_from_slice(bytes);
    }

    /// The next frame that is whole; those of unknown kinds are passed over.
    ///
    /// # Errors
    ///
    /// If there is none in the stream, and never will be.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, Senseless> {
        while let Some(bytes) = self.take()? {
            if let Some(frame) = Frame::read(&bytes)? {
                return Ok(Some(frame));
            }
        }
        Ok(None)
    }

    fn take(&mut self) -> Result<Option<BytesMut>, Senseless> {
        let Some(length) = self.rest.first_chunk::<LENGTH_BYTES>() else {
            return Ok(None);
        };
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        if length > FRAME_MAX {
            return Err(Senseless);
        }
        if self.rest.len() < LENGTH_BYTES + length {
            return Ok(None);
        }
        self.rest.advance(LENGTH_BYTES);
        Ok(Some(self.rest.split_to(length)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frames() -> Vec<Frame> {
        vec![
            Frame::Busy,
            Frame::Followed(300),
            Frame::Ask(7, b"view".to_vec()),
            Frame::Read(None),
            Frame::Answer(7, vec![0; 1000]),
        ]
    }

    fn stream() -> Vec<u8> {
        frames()
            .iter()
            .flat_map(|frame| frame.write().to_vec())
            .collect()
    }

    fn read_all(chunks: &[&[u8]]) -> Result<Vec<Frame>, Senseless> {
        let (mut reader, mut read) = (FrameReader::default(), Vec::new());
        for chunk in chunks {
            reader.push(chunk);
            while let Some(frame) = reader.next_frame()? {
                read.push(frame);
            }
        }
        Ok(read)
    }

    proptest! {
        #[test]
        fn frames_are_found_however_the_stream_is_cut(size in 1..40usize) {
            let stream = stream();
            let chunks: Vec<_> = stream.chunks(size).collect();
            prop_assert_eq!(read_all(&chunks), Ok(frames()));
        }

        #[test]
        fn noise_is_refused_or_waited_for_and_never_kept_for_long(noise in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut reader = FrameReader::default();
            reader.push(&noise);
            while let Ok(Some(_)) = reader.next_frame() {}
            prop_assert!(reader.rest.len() <= noise.len());
        }

        #[test]
        fn a_damaged_frame_does_no_harm(at in any::<prop::sample::Index>(), by in 1..=255u8) {
            let mut stream = stream();
            let at = at.index(stream.len());
            stream[at] ^= by;
            let read = read_all(&[&stream]);
            prop_assert!(read.is_err() || read.is_ok_and(|read| read.len() <= frames().len()));
        }
    }

    #[test]
    fn frames_of_later_releases_are_passed_over() {
        let mut stream = vec![3, 0, 0, 0, Frame::KINDS, 1, 2];
        stream.extend_from_slice(&Frame::Busy.write());
        assert_eq!(read_all(&[&stream]), Ok(vec![Frame::Busy]));
    }

    #[test]
    fn what_a_later_release_appends_is_passed_over() {
        let mut longer = Frame::Followed(5).write().to_vec();
        longer.push(9);
        longer[0] += 1;
        assert_eq!(read_all(&[&longer]), Ok(vec![Frame::Followed(5)]));
    }

    #[test]
    fn the_last_kind_is_known() {
        let last = Frame::Namesake(([127, 0, 0, 1], 1).into());
        let bytes = postcard::to_allocvec(&last).expect("it is short");
        assert_eq!(bytes.first(), Some(&(Frame::KINDS - 1)));
    }

    #[test]
    fn a_length_beyond_the_bound_is_refused_at_once() {
        assert_eq!(read_all(&[&[255; 4]]), Err(Senseless));
    }
}
