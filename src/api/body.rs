//! Bodies: request bodies within their limits, and long answers a piece at a time.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{BodySize, MessageBody};
use actix_web::error::PayloadError;
use actix_web::web::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _};

use super::error::Refusal;

/// A body on its way.
pub(crate) trait Chunks: Stream<Item = Result<Bytes, PayloadError>> + Unpin {}

impl<S: Stream<Item = Result<Bytes, PayloadError>> + Unpin> Chunks for S {}

/// Takes a body in, if it keeps within these limits.
pub(crate) async fn collect(
    payload: impl Chunks,
    max: usize,
    timeout: Duration,
) -> Result<Bytes, Refusal> {
    let collected = tokio::time::timeout(timeout, gather(payload, max)).await;
    collected.unwrap_or(Err(Refusal::BodyTooSlow))
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
