//! How connections of callers are served: the settings that the front and the inside of tunnels share.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::header::{CONNECTION, HeaderValue};
use http::{Method, Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::Service;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::flow::Served;
use crate::gate::Timeouts;
use crate::lifetime::Lifetime;
use crate::load::Held;

/// Heads beyond this are refused by the parser.
const HEAD_MAX_BYTES: usize = 64 << 10;
/// Requests at the same time on one HTTP/2 connection: each may hold a whole body.
const STREAMS_MAX: u32 = 64;

/// What one HTTP/2 stream, and one connection, may have under way. Fixed: windows that grow are measured by a ping for every
/// few frames, which costs more than it gains where both ends are near.
pub(crate) const STREAM_WINDOW_BYTES: u32 = 1 << 20;
pub(crate) const CONNECTION_WINDOW_BYTES: u32 = 4 << 20;
/// What belongs to a connection of a caller and outlives its requests.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) lifetime: Lifetime,
    /// The connection counts until nothing goes over it any more.
    pub(crate) held: Arc<Held>,
}

/// HTTP/1.1 settings. Names keep their letter case and answers get no date, so that they pass as they came.
pub(crate) fn http1(timeouts: &Timeouts) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(timeouts.head);
    builder
        .preserve_header_case(true)
        .auto_date_header(false)
        .max_buf_size(HEAD_MAX_BYTES);
    builder
}

/// Serves HTTP/1.1 on `stream`.
pub(crate) async fn serve_http1<S, A>(stream: S, answers: A, timeouts: &Timeouts, lifetime: &Lifetime)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    A: Service<Request<Incoming>, Response = Response<Served>, Error = Infallible> + Send,
    A::Future: Send + 'static,
{
    let connection = http1(timeouts)
        .serve_connection(TokioIo::new(stream), LastWords::new(answers, lifetime))
        .with_upgrades();
    lifetime.run(connection).await;
}

/// Serves HTTP/2 on `stream` until nothing went through for `idle`: a caller that only answers pings is no caller.
pub(crate) async fn serve_http2<S, A>(
    stream: S,
    answers: A,
    (timeouts, idle): (&Timeouts, Duration),
    lifetime: &Lifetime,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    A: Service<Request<Incoming>, Response = Response<Served>, Error = Infallible>,
    A::Future: Send + 'static,
{
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .auto_date_header(false)
        .max_concurrent_streams(STREAMS_MAX);
    builder
        .max_header_list_size(HEAD_MAX_BYTES as u32)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES);
    // A caller that is gone without a word is noticed by a ping that stays unanswered.
    builder
        .keep_alive_interval(timeouts.head)
        .keep_alive_timeout(timeouts.head);
    lifetime
        .run_while_used(builder.serve_connection(TokioIo::new(stream), answers), idle)
        .await;
}

/// Answers over HTTP/1.1 that say `Connection: close` once the gate is stopping, so that callers send what comes next to
/// whoever listens then, instead of into a connection that is about to close.
#[derive(Clone)]
pub(crate) struct LastWords<A> {
    answers: A,
    lifetime: Lifetime,
}

impl<A> LastWords<A> {
    pub(crate) fn new(answers: A, lifetime: &Lifetime) -> Self {
        Self {
            answers,
            lifetime: lifetime.clone(),
        }
    }
}

impl<A> Service<Request<Incoming>> for LastWords<A>
where
    A: Service<Request<Incoming>, Response = Response<Served>, Error = Infallible>,
    A::Future: Send + 'static,
{
    type Response = Response<Served>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Served>, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let is_tunnel = request.method() == Method::CONNECT;
        let (answer, lifetime) = (self.answers.call(request), self.lifetime.clone());
        Box::pin(async move {
            let mut response = answer.await?;
            if lifetime.is_ending() && !is_tunnel {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(CONNECTION, close);
            }
            Ok(response)
        })
    }
}
