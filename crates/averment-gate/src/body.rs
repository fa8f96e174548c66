//! Bodies: what a caller sends is read whole within a bound of bytes and time; what a recipient answers streams through.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;

use crate::load::Allowance;

/// What is taken in of a body that nobody will look at.
const DISCARD_MAX_BYTES: usize = 64 << 20;
const DISCARD_TIME: Duration = Duration::from_secs(1);

/// Why a body could not be read whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It is larger than the bound.
    TooLarge,
    /// All bodies together are larger than theirs.
    Overloaded,
    /// It took too long.
    TooSlow,
    /// It ended early, or its framing is broken.
    Broken,
    /// Trailers follow it.
    Trailers,
}

/// Reads a body to its end.
///
/// # Errors
/// [`Unread`]; what was read until then is dropped, and the rest is left in `body`.
pub(crate) async fn read(
    body: &mut Incoming,
    max_bytes: usize,
    time: Duration,
    mut allowance: Allowance,
) -> Result<Bytes, Unread> {
    if body.size_hint().lower() > max_bytes as u64 {
        return Err(Unread::TooLarge);
    }
    let read = tokio::time::timeout(time, collect(body, max_bytes, &mut allowance)).await;
    Ok(allowance.bind(read.unwrap_or(Err(Unread::TooSlow))?))
}

/// Takes in what still comes, for a moment: a caller that is still writing when its connection closes may never read
/// the answer.
pub(crate) async fn discard(mut body: Incoming) {
    let rest = async {
        let mut left_bytes = DISCARD_MAX_BYTES;
        while let Ok(Some(bytes)) = next(&mut body).await {
            left_bytes = left_bytes.saturating_sub(bytes.len());
            if left_bytes == 0 {
                break;
            }
        }
    };
    _ = tokio::time::timeout(DISCARD_TIME, rest).await;
}

async fn collect(body: &mut Incoming, max_bytes: usize, allowance: &mut Allowance) -> Result<Bytes, Unread> {
    let Some(first) = next(body).await? else {
        return Ok(Bytes::new());
    };
    if first.len() > max_bytes {
        return Err(Unread::TooLarge);
    }
    take(allowance, first.len())?;
    // Most bodies arrive as one piece, which is then used as it is.
    let Some(second) = next(body).await? else {
        return Ok(first);
    };
    let mut whole = BytesMut::from(first);
    let mut piece = Some(second);
    while let Some(bytes) = piece {
        if whole.len() + bytes.len() > max_bytes {
            return Err(Unread::TooLarge);
        }
        take(allowance, bytes.len())?;
        whole.extend_from_slice(&bytes);
        piece = next(body).await?;
    }
    Ok(whole.freeze())
}

fn take(allowance: &mut Allowance, bytes: usize) -> Result<(), Unread> {
    allowance.grow(bytes).then_some(()).ok_or(Unread::Overloaded)
}

async fn next(body: &mut Incoming) -> Result<Option<Bytes>, Unread> {
    let Some(frame) = body.frame().await else {
        return Ok(None);
    };
    match frame.map_err(|_| Unread::Broken)?.into_data() {
        Ok(data) => Ok(Some(data)),
        Err(frame) if frame.trailers_ref().is_some_and(http::HeaderMap::is_empty) => Ok(None),
        Err(_) => Err(Unread::Trailers),
    }
}

/// The body of an answer: the gate's own, or the recipient's as it streams in.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The gate's own.
    Own(Full<Bytes>),
    /// The recipient's.
    Forwarded(Incoming),
}

impl Answer {
    /// A body of the gate's own.
    pub(crate) fn own(bytes: impl Into<Bytes>) -> Self {
        Self::Own(Full::new(bytes.into()))
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match self.get_mut() {
            Self::Own(body) => Pin::new(body).poll_frame(cx).map_err(|never| match never {}),
            Self::Forwarded(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Own(body) => body.is_end_stream(),
            Self::Forwarded(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Own(body) => body.size_hint(),
            Self::Forwarded(body) => body.size_hint(),
        }
    }
}
