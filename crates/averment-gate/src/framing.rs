//! A second, strict look at HTTP/1.1 framing while bytes pass on their way to the parser.
//!
//! Start at [`Guarded`]: it hands every byte on unchanged and follows heads, lengths and chunks. When a head can be framed
//! in two ways (both lengths, two lengths, bare line feeds, folded lines, unknown transfer codings, two hosts) it marks
//! that request in [`Framing`] and lets nothing more in. An end of the connection is not shown either: the parser would
//! close at once and drop the answer that says why. What still waits for bytes is bounded by the timeouts of heads and
//! bodies. The parser alone would not do: it quietly drops
//! `Content-Length` beside `Transfer-Encoding`, and what it drops nobody can refuse.
//!
//! It also bounds how long a head may take from its first byte on, and the first one of a connection from its beginning: the
//! parser has one timer for heads and for connections on which nothing is asked, and those may take longer.
//!
//! Invariant: no request whose framing is marked is forwarded; nothing that follows it is read as a request.
//!
//! Source: RFC 9112 2.2, 3.2, 5.2, 6.1-6.3, 7.1.

mod head;
mod scan;

use std::io::{Error, ErrorKind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};
use tokio_util::sync::CancellationToken;

use scan::{Scanner, Step};

/// What the look at one connection has shown; shared with whoever answers its requests.
#[derive(Debug, Clone, Default)]
pub(crate) struct Framing(Arc<Marks>);

#[derive(Debug, Default)]
struct Marks {
    /// Number of the ambiguous request, counted from 1; 0 for none.
    ambiguous: AtomicU32,
    /// Cancelled once a request is marked.
    marked: CancellationToken,
    /// Requests taken so far.
    taken: AtomicU32,
    /// Whether the connection speaks another protocol by now.
    tunnel: AtomicBool,
}

impl Framing {
    /// Takes the next request of the connection.
    pub(crate) fn take(&self) -> Framed {
        Framed {
            number: self.0.taken.fetch_add(1, Ordering::AcqRel) + 1,
            framing: self.clone(),
        }
    }
}

/// One request of a connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Framed {
    number: u32,
    framing: Framing,
}

impl Framed {
    /// Whether its framing is ambiguous. Ask again after its body was read.
    pub(crate) fn is_ambiguous(&self) -> bool {
        let ambiguous = self.framing.0.ambiguous.load(Ordering::Acquire);
        ambiguous != 0 && self.number >= ambiguous
    }

    /// What follows this request on its connection is no HTTP any more.
    pub(crate) fn open_tunnel(&self) {
        self.framing.0.tunnel.store(true, Ordering::Release);
    }

    /// Resolves once its framing is ambiguous; no more of its body will come then.
    pub(crate) async fn ambiguous(&self) {
        self.framing.0.marked.cancelled().await;
        if !self.is_ambiguous() {
            // A later request was marked, and this one's bytes were all let in before it.
            std::future::pending::<()>().await;
        }
    }
}

/// A connection with the look.
#[derive(Debug)]
pub(crate) struct Guarded<S> {
    inner: S,
    scanner: Scanner,
    framing: Framing,
    shut: bool,
    head_time: Duration,
    /// When the head that is under way has to be there.
    head_end: Option<Pin<Box<Sleep>>>,
    /// The request that this is the head of.
    head_of: u32,
}

impl<S> Guarded<S> {
    /// `head_time`: for each head.
    pub(crate) fn new(inner: S, head_time: Duration) -> Self {
        Self::since(inner, head_time, Instant::now())
    }

    /// The same where the first head may have begun already.
    pub(crate) fn since(inner: S, head_time: Duration, begun: Instant) -> Self {
        Self {
            inner,
            scanner: Scanner::default(),
            framing: Framing::default(),
            shut: false,
            head_time,
            head_end: Some(Box::pin(tokio::time::sleep_until(begun + head_time))),
            head_of: 0,
        }
    }

    /// The shared result.
    pub(crate) fn framing(&self) -> Framing {
        self.framing.clone()
    }

    fn look(&mut self, bytes: &[u8]) {
        if bytes.is_empty() || self.framing.0.tunnel.load(Ordering::Acquire) {
            return;
        }
        if let Step::Ambiguous { request } = self.scanner.feed(bytes) {
            self.framing.0.ambiguous.store(request, Ordering::Release);
            self.framing.0.marked.cancel();
            self.shut = true;
        }
        self.bound_head();
    }

    /// Begins to count when a head begins, and ends when it is there.
    fn bound_head(&mut self) {
        let head = self.scanner.head_under_way();
        if head != Some(self.head_of) {
            self.head_end = None;
        }
        if let Some(number) = head.filter(|_| self.head_end.is_none()) {
            self.head_of = number;
            self.head_end = Some(Box::pin(tokio::time::sleep(self.head_time)));
        }
    }

    /// For a read that has to wait.
    fn poll_head_time(&mut self, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        let Some(end) = &mut self.head_end else {
            return Poll::Pending;
        };
        end.as_mut()
            .poll(cx)
            .map(|()| Err(Error::new(ErrorKind::TimedOut, "a head took too long")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        let is_tunnel = self.framing.0.tunnel.load(Ordering::Acquire);
        if is_tunnel {
            self.head_end = None;
        }
        if self.shut && is_tunnel {
            // What came too early for the other protocol was taken for a broken request; it is neither.
            return Poll::Ready(Ok(()));
        }
        if self.shut {
            // Nothing more is let in: the answer, or a timeout, ends the connection.
            return self.poll_head_time(cx);
        }
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(cx, buf);
        self.look(&buf.filled()[before..]);
        if polled.is_pending() {
            return self.poll_head_time(cx);
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

#[cfg(test)]
mod tests;
