//! The body of a request on its way to a recipient: whole, or in pieces that are released one by one.
//!
//! Start at [`Sending`]. Pieces come through [`Release`], and each release names the [`Cleared`] that it is under.
//!
//! Invariant: a body whose pieces stop coming without [`Release::end`] ends as an error, so that what is cut off never
//! arrives as something whole.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use averment_store::Cleared;
use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;

use crate::way::Traffic;

/// A body that was broken off.
#[derive(Debug, thiserror::Error)]
#[error("the body was broken off")]
pub(crate) struct BrokenOff;

/// A request body as the HTTP library takes it.
#[derive(Debug)]
pub(crate) enum Sending {
    /// All of it is there.
    Whole {
        /// Empty once it was handed over.
        body: Bytes,
        /// What follows it.
        trailers: Option<HeaderMap>,
    },
    /// It comes in pieces.
    Pieces {
        /// Where they come from; none after the last.
        pieces: Option<mpsc::Receiver<Piece>>,
    },
}

/// What comes next.
#[derive(Debug)]
pub(crate) enum Piece {
    Data(Bytes),
    Trailers(HeaderMap),
    End,
}

/// The end of a body that pieces are put into.
pub(crate) struct Release {
    pieces: mpsc::Sender<Piece>,
    traffic: Arc<Traffic>,
}

/// The recipient takes no more.
pub(crate) struct NotWanted;

impl Sending {
    /// A body in pieces, and where they are released.
    pub(crate) fn pieces(traffic: &Arc<Traffic>) -> (Self, Release) {
        let (sender, receiver) = mpsc::channel(1);
        let release = Release {
            pieces: sender,
            traffic: Arc::clone(traffic),
        };
        let body = Self::Pieces { pieces: Some(receiver) };
        (body, release)
    }
}

impl Release {
    /// Releases `bytes`, whose intent is `_under`.
    pub(crate) async fn data(&self, bytes: Bytes, _under: &Cleared) -> Result<(), NotWanted> {
        let count = bytes.len() as u64;
        self.put(Piece::Data(bytes)).await?;
        self.traffic.out.fetch_add(count, Ordering::AcqRel);
        Ok(())
    }

    /// Releases trailers.
    pub(crate) async fn trailers(&self, trailers: HeaderMap, _under: &Cleared) -> Result<(), NotWanted> {
        self.put(Piece::Trailers(trailers)).await
    }

    /// Says that this was all.
    pub(crate) async fn end(self) -> Result<(), NotWanted> {
        self.put(Piece::End).await
    }

    /// Resolves when the recipient takes no more.
    pub(crate) async fn not_wanted(&self) {
        self.pieces.closed().await;
    }

    async fn put(&self, piece: Piece) -> Result<(), NotWanted> {
        self.pieces.send(piece).await.map_err(|_| NotWanted)
    }
}

impl Body for Sending {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        match self.get_mut() {
            Self::Whole { body, .. } if !body.is_empty() => Poll::Ready(Some(Ok(Frame::data(std::mem::take(body))))),
            Self::Whole { trailers, .. } => Poll::Ready(trailers.take().map(|trailers| Ok(Frame::trailers(trailers)))),
            Self::Pieces { pieces } => {
                let Some(receiver) = pieces else {
                    return Poll::Ready(None);
                };
                let piece = std::task::ready!(receiver.poll_recv(cx));
                Poll::Ready(match piece {
                    Some(Piece::Data(bytes)) => Some(Ok(Frame::data(bytes))),
                    Some(Piece::Trailers(trailers)) => Some(Ok(Frame::trailers(trailers))),
                    Some(Piece::End) => {
                        *pieces = None;
                        None
                    }
                    None => Some(Err(BrokenOff)),
                })
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole { body, trailers } => body.is_empty() && trailers.is_none(),
            Self::Pieces { pieces } => pieces.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole { body, trailers: None } => SizeHint::with_exact(body.len() as u64),
            // A known length would leave no room for trailers.
            Self::Whole { .. } | Self::Pieces { .. } => SizeHint::default(),
        }
    }
}
