//! A connection of which the first bytes were read to see what is spoken on it. They are given again to whoever serves it.

use std::io::{IoSlice, Result};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};

/// How much is read at most before it is known.
const FIRST_MAX_BYTES: usize = 24;

/// The connection.
#[derive(Debug)]
pub(super) struct Begun<S> {
    inner: S,
    first: [u8; FIRST_MAX_BYTES],
    read: usize,
    given: usize,
}

impl<S: AsyncRead + Unpin> Begun<S> {
    pub(super) fn new(inner: S) -> Self {
        Self {
            inner,
            first: [0; FIRST_MAX_BYTES],
            read: 0,
            given: 0,
        }
    }

    /// Whether the caller begins with `words`: known by the first byte that differs, and waited for until then. May be dropped and
    /// asked again.
    pub(super) async fn begins_with(&mut self, words: &[u8; FIRST_MAX_BYTES]) -> bool {
        while self.read < words.len() {
            match self.inner.read(&mut self.first[self.read..]).await {
                Ok(count @ 1..) => self.read += count,
                _ => return false,
            }
            if !words.starts_with(&self.first[..self.read]) {
                return false;
            }
        }
        true
    }

    fn give_again(&mut self, buf: &mut ReadBuf<'_>) -> bool {
        let waiting = &self.first[self.given..self.read];
        let count = waiting.len().min(buf.remaining());
        buf.put_slice(&waiting[..count]);
        self.given += count;
        count > 0
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Begun<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        if !self.give_again(buf) {
            return Pin::new(&mut self.inner).poll_read(cx, buf);
        }
        if buf.remaining() > 0 {
            // What is there already comes along; an end or an error is told with the next read.
            _ = Pin::new(&mut self.inner).poll_read(cx, buf);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Begun<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

#[cfg(test)]
mod tests;
