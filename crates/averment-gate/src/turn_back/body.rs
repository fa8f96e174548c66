//! The body of an answer on its way back: undone, looked at, and handed on as it comes.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame};

use super::undo::Undo;
use super::window::Window;
use crate::body::AnswerError;

/// The body of an answer whose pseudonyms are turned back.
pub(crate) struct TurnedBack<B> {
    recipients: B,
    undo: Undo,
    window: Window,
    /// What came and was not looked at yet.
    input: Bytes,
    state: State,
}

enum State {
    Coming,
    /// All of the content is out; this follows.
    Ending(Option<HeaderMap>),
    Ended,
}

impl<B> std::fmt::Debug for TurnedBack<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TurnedBack(<answer>)")
    }
}

impl<B> TurnedBack<B> {
    pub(super) fn new(recipients: B, undo: Undo, window: Window) -> Self {
        Self {
            recipients,
            undo,
            window,
            input: Bytes::new(),
            state: State::Coming,
        }
    }

    /// Looks at the next of what came.
    fn look(&mut self) -> Result<Vec<u8>, AnswerError> {
        let step = self.input.split_to(self.input.len().min(self.undo.step()));
        Ok(self.window.feed(&self.undo.feed(&step)?))
    }

    fn finish(&mut self, trailers: Option<HeaderMap>) -> Result<Vec<u8>, AnswerError> {
        self.state = State::Ending(trailers);
        let last = self.undo.finish()?;
        let mut out = self.window.feed(&last);
        out.extend(self.window.finish());
        Ok(out)
    }
}

impl<B> Body for TurnedBack<B>
where
    B: Body<Data = Bytes> + Unpin,
    AnswerError: From<B::Error>,
{
    type Data = Bytes;
    type Error = AnswerError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, AnswerError>>> {
        let this = self.get_mut();
        loop {
            let out = match &mut this.state {
                State::Ended => return Poll::Ready(None),
                State::Ending(trailers) => {
                    let trailers = trailers.take();
                    this.state = State::Ended;
                    return Poll::Ready(trailers.map(|trailers| Ok(Frame::trailers(trailers))));
                }
                State::Coming if !this.input.is_empty() => this.look(),
                State::Coming => match ready!(Pin::new(&mut this.recipients).poll_frame(cx)) {
                    None => this.finish(None),
                    Some(Err(error)) => Err(error.into()),
                    Some(Ok(frame)) => match frame.into_data() {
                        Ok(data) => {
                            this.input = data;
                            continue;
                        }
                        Err(frame) => this.finish(frame.into_trailers().ok()),
                    },
                },
            };
            match out {
                Ok(out) if out.is_empty() => {}
                Ok(out) => return Poll::Ready(Some(Ok(Frame::data(Bytes::from(out))))),
                Err(error) => {
                    this.state = State::Ended;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.state, State::Ended)
    }
}
