//! The form of membership messages on the wire.
//!
//! Here: postcard, and the one thing it cannot know: who speaks, or is spoken of, has a name. Only a receiver may be
//! without one, for seeds are called by address. What must always hold: no nameless identity becomes a member; two
//! of them may share a slot with one that has a name.

use crate::identity::{Identity, Peer};
use bytes::{Buf, BufMut};
use foca::{Codec, Header, Member, PostcardCodec};
use postcard::{Error, Result};

pub(super) struct NamedOnly;

impl NamedOnly {
    /// Who speaks in a message.
    pub(super) fn sender(mut self, message: &[u8]) -> Option<Peer> {
        self.decode_header(message).ok()?.src.peer()
    }
}

impl Codec<Identity> for NamedOnly {
    type Error = Error;

    fn encode_header(&mut self, header: &Header<Identity>, buf: impl BufMut) -> Result<()> {
        PostcardCodec.encode_header(header, buf)
    }

    fn decode_header(&mut self, buf: impl Buf) -> Result<Header<Identity>> {
        let header: Header<Identity> = PostcardCodec.decode_header(buf)?;
        named(&header.src)?;
        Ok(header)
    }

    fn encode_member(&mut self, member: &Member<Identity>, buf: impl BufMut) -> Result<()> {
        PostcardCodec.encode_member(member, buf)
    }

    fn decode_member(&mut self, buf: impl Buf) -> Result<Member<Identity>> {
        let member: Member<Identity> = PostcardCodec.decode_member(buf)?;
        named(member.id())?;
        Ok(member)
    }
}

fn named(identity: &Identity) -> Result<()> {
    identity.peer().map(drop).ok_or(Error::DeserializeBadOption)
}
