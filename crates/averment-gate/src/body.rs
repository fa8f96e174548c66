//! Bodies: what a caller sends is read whole within a bound of bytes while it keeps coming, and in pieces (`stream.rs`)
//! beyond it or when it pauses; what a recipient answers streams through.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use tokio::time::Instant;

use crate::load::Allowance;
use crate::pace::Pace;
use crate::stream::Begins;
use crate::turn_back::TurnedBack;

/// How many times what has come of a body there is room for from the second piece on.
const ROOM_FACTOR: usize = 8;
/// What is taken in of a body that nobody will look at.
const DISCARD_MAX_BYTES: usize = 64 << 20;
const DISCARD_TIME: Duration = Duration::from_secs(1);

/// Why a body could not be read whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unread {
    /// All bodies together are larger than theirs.
    Overloaded,
    /// It took too long.
    TooSlow,
    /// It ended early, or its framing is broken.
    Broken,
}

/// What was read.
pub(crate) enum Read {
    /// All of it, and what follows it.
    Whole(Bytes, Option<HeaderMap>),
    /// The beginning of something larger than the bound; the rest is still to come.
    Beginning(Bytes, Allowance),
    /// The beginning of something that pauses.
    Paused(Bytes, Allowance),
}

/// How a body is read whole.
pub(crate) struct Bounds {
    pub(crate) max_bytes: usize,
    pub(crate) pace: Pace,
    /// When it is not waited for any more; none: it is.
    pub(crate) pause: Option<Pause>,
}

/// When a body that nobody announced the length of goes on in pieces.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pause {
    /// After so long without a byte.
    pub(crate) time: Duration,
    /// Only where it begins like words, and not like a document.
    pub(crate) of_words: bool,
}

/// Reads a body to its end, or as far as the bounds go.
///
/// # Errors
/// [`Unread`]; what was read until then is dropped, and the rest is left in `body`.
pub(crate) async fn read(body: &mut Incoming, bounds: Bounds, mut allowance: Allowance) -> Result<Read, Unread> {
    if body.size_hint().lower() > bounds.max_bytes as u64 {
        return Ok(Read::Beginning(Bytes::new(), allowance));
    }
    Ok(match collect(body, bounds, &mut allowance).await? {
        Collected::Whole(bytes, trailers) => Read::Whole(allowance.bind(bytes), trailers),
        Collected::Beginning(bytes) => Read::Beginning(bytes, allowance),
        Collected::Paused(bytes) => Read::Paused(bytes, allowance),
    })
}

/// Takes in what still comes, for a moment: a caller that is still writing when its connection closes may never read
/// the answer.
pub(crate) async fn discard(mut body: Incoming) {
    let rest = async {
        let mut left_bytes = DISCARD_MAX_BYTES;
        while let Some(Ok(frame)) = body.frame().await {
            left_bytes = left_bytes.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
            if left_bytes == 0 {
                break;
            }
        }
    };
    _ = tokio::time::timeout(DISCARD_TIME, rest).await;
}

enum Collected {
    Whole(Bytes, Option<HeaderMap>),
    Beginning(Bytes),
    Paused(Bytes),
}

async fn collect(body: &mut Incoming, mut bounds: Bounds, allowance: &mut Allowance) -> Result<Collected, Unread> {
    let first = match next(body, &[], &mut bounds, allowance).await? {
        Next::Data(first) => first,
        Next::End(trailers) => return Ok(Collected::Whole(Bytes::new(), trailers)),
        Next::Pause => return Ok(Collected::Paused(Bytes::new())),
    };
    if first.len() > bounds.max_bytes {
        return Ok(Collected::Beginning(first));
    }
    // Most bodies arrive as one piece, which is then used as it is.
    let second = match next(body, &first, &mut bounds, allowance).await? {
        Next::Data(second) => second,
        Next::End(trailers) => return Ok(Collected::Whole(first, trailers)),
        Next::Pause => return Ok(Collected::Paused(first)),
    };
    // Room for what was announced, up to some times what has come: growing anew would copy everything again and again.
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let come = first.len() + second.len();
    let mut whole = BytesMut::with_capacity(come + announced.min(ROOM_FACTOR * come));
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&second);
    while whole.len() <= bounds.max_bytes {
        match next(body, &whole, &mut bounds, allowance).await? {
            Next::Data(bytes) => whole.extend_from_slice(&bytes),
            Next::End(trailers) => return Ok(Collected::Whole(whole.freeze(), trailers)),
            Next::Pause => return Ok(Collected::Paused(whole.freeze())),
        }
    }
    Ok(Collected::Beginning(whole.freeze()))
}

type FrameOrError = Result<Frame<Bytes>, hyper::Error>;

enum Next {
    Data(Bytes),
    End(Option<HeaderMap>),
    /// Nothing for a while.
    Pause,
}

/// What comes behind `so_far`.
async fn next(
    body: &mut Incoming,
    so_far: &[u8],
    bounds: &mut Bounds,
    allowance: &mut Allowance,
) -> Result<Next, Unread> {
    let Some(frame) = frame(body, so_far, bounds, allowance).await? else {
        return Ok(Next::Pause);
    };
    let Some(frame) = frame else {
        return Ok(Next::End(None));
    };
    match frame.map_err(|_| Unread::Broken)?.into_data() {
        Ok(data) if allowance.grow(data.len()) => {
            bounds.pace.came(data.len());
            Ok(Next::Data(data))
        }
        Ok(_) => Err(Unread::Overloaded),
        Err(frame) => Ok(Next::End(
            frame.into_trailers().ok().filter(|trailers| !trailers.is_empty()),
        )),
    }
}

/// The next frame, if any comes any more; none when there is a pause, or it comes more slowly than a body has to and may.
async fn frame(
    body: &mut Incoming,
    so_far: &[u8],
    bounds: &mut Bounds,
    allowance: &mut Allowance,
) -> Result<Option<Option<FrameOrError>>, Unread> {
    loop {
        let left = bounds.pace.left();
        let time = bounds.pause.map_or(left, |pause| pause.time.min(left));
        let since = Instant::now();
        let frame = tokio::time::timeout(time, body.frame()).await;
        bounds.pace.waited(since);
        if let Ok(frame) = frame {
            return Ok(Some(frame));
        }
        let going_on = bounds.pause.map_or(GoingOn::Never, |pause| pause.goes_on(so_far));
        match going_on {
            GoingOn::Now if time < left || allowance.become_slow() => return Ok(None),
            _ if time == left => return Err(Unread::TooSlow),
            GoingOn::Now | GoingOn::Perhaps => {}
            GoingOn::Never => bounds.pause = None,
        }
    }
}

/// Whether a body can go on in pieces behind what has come of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GoingOn {
    Now,
    /// Too little of it has come to say.
    Perhaps,
    /// It is read in a whole only.
    Never,
}

impl Pause {
    fn goes_on(self, so_far: &[u8]) -> GoingOn {
        match Begins::of(so_far) {
            // Other character sets are read in a whole only.
            _ if !is_utf_8(so_far) => GoingOn::Never,
            // Its caller may want to hear something first.
            _ if !self.of_words || so_far.is_empty() => GoingOn::Now,
            Begins::Words => GoingOn::Now,
            Begins::Unsaid => GoingOn::Perhaps,
            Begins::Document => GoingOn::Never,
        }
    }
}

/// Whether `bytes` are the beginning of a text in UTF-8.
pub(crate) fn is_utf_8(bytes: &[u8]) -> bool {
    let is_text = std::str::from_utf8(bytes).map_or_else(|error| error.error_len().is_none(), |_| true);
    is_text && !bytes.contains(&0)
}

/// The body of an answer: the gate's own, or the recipient's as it streams in.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The gate's own.
    Own(Full<Bytes>),
    /// The recipient's.
    Forwarded(Incoming),
    /// The recipient's, with pseudonyms turned back.
    TurnedBack(Box<TurnedBack<Incoming>>),
}

/// Why the body of an answer ends early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AnswerError {
    /// The recipient broke off.
    #[error(transparent)]
    Recipient(#[from] hyper::Error),
    /// The content is not in the encoding that its head names.
    #[error("the answer is not in the encoding that it names")]
    Encoding,
}

impl Answer {
    /// A body of the gate's own.
    pub(crate) fn own(bytes: impl Into<Bytes>) -> Self {
        Self::Own(Full::new(bytes.into()))
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = AnswerError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, AnswerError>>> {
        match self.get_mut() {
            Self::Own(body) => Pin::new(body).poll_frame(cx).map_err(|never| match never {}),
            Self::Forwarded(body) => Pin::new(body).poll_frame(cx).map_err(AnswerError::from),
            Self::TurnedBack(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Own(body) => body.is_end_stream(),
            Self::Forwarded(body) => body.is_end_stream(),
            Self::TurnedBack(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Own(body) => body.size_hint(),
            Self::Forwarded(body) => body.size_hint(),
            Self::TurnedBack(body) => body.size_hint(),
        }
    }
}
