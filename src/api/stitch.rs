//! Documents put together from blocks that were compressed apart.
//!
//! Here: blocks, and one gzip member made of many: pigz's construction. Each block is raw deflate ended by a sync
//! flush, so it begins and ends on a byte; the text between blocks is stored as it is. Several gzip members in a row
//! would be simpler, but Java's and curl's readers stop after the first. Not here: what the blocks say (`cache`).
//! What must always hold: inflating a document's pieces one by one gives the same text as inflating the member.

use std::io::Write as _;
use std::sync::Arc;

use actix_web::web::Bytes;
use flate2::write::{DeflateDecoder, DeflateEncoder};
use flate2::{Compression, Crc};

/// Bytes of a gzip header: no name, no time, unknown system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/// An empty final block: fixed codes, end of block.
const FINAL: [u8; 2] = [0x03, 0x00];
/// The most that one stored block holds.
const STORED_MAX: usize = 0xffff;
/// Documents up to this size are kept in one piece, which costs one copy less for each reader.
pub(crate) const WHOLE_MAX: usize = 1024 * 1024;

/// Text, compressed once.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    deflated: Bytes,
    crc: Arc<Crc>,
}

impl Block {
    /// Compresses some text.
    pub(crate) fn deflate(text: &[u8]) -> Self {
        let mut encoder =
            DeflateEncoder::new(Vec::with_capacity(text.len() / 8), Compression::new(3));
        let written = encoder.write_all(text).and_then(|()| encoder.flush());
        written.expect("writing to memory does not fail");
        // The encoder adds an end of stream when it is finished; what it has written until now ends on a byte.
        let mut deflated = std::mem::take(encoder.get_mut());
        deflated.shrink_to_fit();
        Self {
            deflated: deflated.into(),
            crc: Arc::new(crc(text)),
        }
    }

    /// Takes in text that is too short to be worth compressing.
    pub(crate) fn store(text: &[u8]) -> Self {
        let mut deflated = Vec::with_capacity(text.len() + 5);
        for chunk in text.chunks(STORED_MAX) {
            let len =
                u16::try_from(chunk.len()).expect("a chunk of a stored block fits its length");
            deflated.push(0);
            deflated.extend_from_slice(&len.to_le_bytes());
            deflated.extend_from_slice(&(!len).to_le_bytes());
            deflated.extend_from_slice(chunk);
        }
        Self {
            deflated: deflated.into(),
            crc: Arc::new(crc(text)),
        }
    }

    /// The text again.
    fn inflate(&self) -> Bytes {
        let mut decoder = DeflateDecoder::new(Vec::with_capacity(self.crc.amount() as usize));
        let written = decoder
            .write_all(&self.deflated)
            .and_then(|()| decoder.flush());
        written.expect("a block inflates to the text it was made of");
        std::mem::take(decoder.get_mut()).into()
    }
}

fn crc(text: &[u8]) -> Crc {
    let mut crc = Crc::new();
    crc.update(text);
    crc
}

/// A document made of blocks.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pieces: Arc<[Block]>,
    plain_len: u64,
    gzip_len: u64,
    trailer: Bytes,
    whole: Option<Bytes>,
}

impl Document {
    /// Puts blocks together.
    pub(crate) fn of(pieces: Vec<Block>) -> Self {
        let mut crc = Crc::new();
        for piece in &pieces {
            crc.combine(&piece.crc);
        }
        let plain_len: u64 = pieces
            .iter()
            .map(|piece| u64::from(piece.crc.amount()))
            .sum();
        let deflated: usize = pieces.iter().map(|piece| piece.deflated.len()).sum();
        let trailer = [
            &FINAL[..],
            &crc.sum().to_le_bytes(),
            &crc.amount().to_le_bytes(),
        ]
        .concat();
        let gzip_len = HEADER.len() + deflated + trailer.len();
        let mut document = Self {
            pieces: pieces.into(),
            plain_len,
            gzip_len: gzip_len as u64,
            trailer: trailer.into(),
            whole: None,
        };
        document.whole =
            (gzip_len <= WHOLE_MAX).then(|| document.gzip().collect::<Vec<_>>().concat().into());
        document
    }

    /// How long it is uncompressed.
    pub(crate) const fn plain_len(&self) -> u64 {
        self.plain_len
    }

    /// How long it is compressed.
    pub(crate) const fn gzip_len(&self) -> u64 {
        self.gzip_len
    }

    /// The gzip member in one piece, if it is small enough for that.
    pub(crate) const fn whole(&self) -> Option<&Bytes> {
        self.whole.as_ref()
    }

    /// The gzip member, piece by piece.
    pub(crate) fn gzip(&self) -> impl Iterator<Item = Bytes> + use<> {
        let Self {
            pieces, trailer, ..
        } = self.clone();
        let blocks = (0..pieces.len())
            .filter_map(move |place| pieces.get(place).map(|piece| piece.deflated.clone()));
        std::iter::once(Bytes::from_static(&HEADER))
            .chain(blocks)
            .chain(std::iter::once(trailer))
    }

    /// The text, inflated piece by piece, so that nobody holds all of it.
    pub(crate) fn plain(&self) -> impl Iterator<Item = Bytes> + use<> {
        let pieces = self.pieces.clone();
        (0..pieces.len()).filter_map(move |place| pieces.get(place).map(Block::inflate))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use proptest::prelude::*;

    use super::*;

    fn gunzip(member: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        flate2::bufread::GzDecoder::new(member)
            .read_to_end(&mut text)
            .unwrap();
        text
    }

    proptest! {
        #[test]
        fn a_document_reads_the_same_compressed_and_plain(
            texts in proptest::collection::vec((proptest::collection::vec(any::<u8>(), 0..3000), any::<bool>()), 0..8),
        ) {
            let block = |(text, stored): &(Vec<u8>, bool)| if *stored { Block::store(text) } else { Block::deflate(text) };
            let document = Document::of(texts.iter().map(block).collect());
            let expected: Vec<u8> = texts.iter().flat_map(|(text, _)| text.clone()).collect();
            let member: Vec<u8> = document.gzip().flatten().collect();
            prop_assert_eq!(gunzip(&member), expected.clone());
            prop_assert_eq!(document.plain().flatten().collect::<Vec<u8>>(), expected);
            prop_assert_eq!(document.gzip_len(), member.len() as u64);
            prop_assert_eq!(document.whole().map(|whole| whole.to_vec()), Some(member));
        }
    }

    #[test]
    fn text_longer_than_a_stored_block_is_kept_whole() {
        let text = vec![b'x'; STORED_MAX * 2 + 1];
        let document = Document::of(vec![Block::store(&text)]);
        assert_eq!(gunzip(document.whole().unwrap()), text);
        assert_eq!(document.plain_len(), text.len() as u64);
    }
}
