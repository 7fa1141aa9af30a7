//! Bodies: request bodies within their limits, and long answers a piece at a time.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::RequestHead;
use actix_web::error::PayloadError;
use actix_web::http::Version;
use actix_web::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use actix_web::web::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _};

use super::error::Refusal;

/// A body on its way.
pub(crate) trait Chunks: Stream<Item = Result<Bytes, PayloadError>> + Unpin {}

impl<S: Stream<Item = Result<Bytes, PayloadError>> + Unpin> Chunks for S {}

/// Takes the body of a request in, if it keeps within these limits. One that announces itself as too long is not
/// waited for.
pub(crate) async fn collect(
    head: &RequestHead,
    payload: impl Chunks,
    max: usize,
    timeout: Duration,
) -> Result<Bytes, Refusal> {
    match announced(head) {
        Announced::Nothing => Ok(Bytes::new()),
        Announced::Length(length) if length > max as u64 => Err(Refusal::BodyTooLong),
        Announced::Length(_) | Announced::Something => {
            let collected = tokio::time::timeout(timeout, gather(payload, max)).await;
            collected.unwrap_or(Err(Refusal::BodyTooSlow))
        }
    }
}

/// What a head says of the body.
enum Announced {
    Nothing,
    Something,
    Length(u64),
}

/// Without a length and without chunks there is no body in HTTP/1. What follows the head of a `CONNECT` or of an
/// upgrade has no end, and must not be waited for.
fn announced(head: &RequestHead) -> Announced {
    let length = head.headers().get(CONTENT_LENGTH);
    match length.and_then(|length| length.to_str().ok()?.parse().ok()) {
        Some(length) => Announced::Length(length),
        None if head.version == Version::HTTP_2 => Announced::Something,
        None if head.headers().contains_key(TRANSFER_ENCODING) => Announced::Something,
        None => Announced::Nothing,
    }
}

async fn gather(mut payload: impl Chunks, max: usize) -> Result<Bytes, Refusal> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_broken| Refusal::BodyBrokenOff)?;
        if body.len() + chunk.len() > max {
            return Err(Refusal::BodyTooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// A long answer, handed out a piece at a time so that a slow reader costs one piece and not the whole.
pub(crate) struct Pieces<I> {
    len: u64,
    pieces: I,
}

impl<I> Pieces<I> {
    /// An answer of `len` bytes in these pieces.
    pub(crate) const fn new(len: u64, pieces: I) -> Self {
        Self { len, pieces }
    }
}

impl<I: Iterator<Item = Bytes> + Unpin> MessageBody for Pieces<I> {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.len)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(self.pieces.find(|piece| !piece.is_empty()).map(Ok))
    }
}
