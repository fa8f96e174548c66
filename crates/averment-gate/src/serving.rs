//! How connections of callers are served: the settings that the front and the inside of tunnels share.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::header::{CONNECTION, HeaderValue};
use http::{HeaderMap, Method, Request, Response, StatusCode, Version};
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
/// How much longer a connection is kept than its caller is told.
const KEPT_LONGER: Duration = Duration::from_secs(2);

/// What belongs to a connection of a caller and outlives its requests.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) lifetime: Lifetime,
    /// The connection counts until nothing goes over it any more.
    pub(crate) held: Arc<Held>,
}

/// HTTP/1.1 settings. What bounds heads is `framing.rs`; here is how long nothing may be asked. Names keep their letter case and answers get no date, so that they pass as they came.
pub(crate) fn http1(timeouts: &Timeouts) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(timeouts.keep_alive.max(timeouts.head));
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
        .serve_connection(TokioIo::new(stream), LastWords::new(answers, lifetime, timeouts))
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
        .enable_connect_protocol()
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
/// whoever listens then, instead of into a connection that is about to close; and before that, how long the connection is
/// kept (`Keep-Alive`, RFC 2068 19.7.1.1, which many programs go by).
#[derive(Clone)]
pub(crate) struct LastWords<A> {
    answers: A,
    lifetime: Lifetime,
    kept: HeaderValue,
}

impl<A> LastWords<A> {
    pub(crate) fn new(answers: A, lifetime: &Lifetime, timeouts: &Timeouts) -> Self {
        // A request may be under way while a connection is about to close, so callers are told less.
        let told = timeouts.keep_alive.saturating_sub(KEPT_LONGER).as_secs();
        let kept = HeaderValue::try_from(format!("timeout={told}"));
        Self {
            answers,
            lifetime: lifetime.clone(),
            kept: kept.unwrap_or(HeaderValue::from_static("timeout=0")),
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
        let is_last = request.version() != Version::HTTP_11 || asks_to_close(request.headers());
        let (answer, lifetime, kept) = (self.answers.call(request), self.lifetime.clone(), self.kept.clone());
        Box::pin(async move {
            let mut response = answer.await?;
            let is_switch = is_tunnel || response.status() == StatusCode::SWITCHING_PROTOCOLS;
            let headers = response.headers_mut();
            if lifetime.is_ending() && !is_tunnel {
                headers.insert(CONNECTION, HeaderValue::from_static("close"));
            } else if !is_switch && !is_last && !headers.contains_key(CONNECTION) {
                headers.insert(CONNECTION, HeaderValue::from_static("keep-alive"));
                headers.insert("keep-alive", kept);
            }
            Ok(response)
        })
    }
}

/// Whether a caller says that this is its last request on the connection.
fn asks_to_close(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(CONNECTION).iter();
    values.any(|value| {
        let mut words = value.as_bytes().split(|byte| *byte == b',');
        words.any(|word| word.trim_ascii().eq_ignore_ascii_case(b"close"))
    })
}
