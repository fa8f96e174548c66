//! The sink's side of the wire.

use std::convert::Infallible;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, HeaderValue};
use http::{HeaderMap, Request, Response, request};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::LazyConfigAcceptor;
use tokio_util::sync::CancellationToken;

use super::keep::{Kept, Received};
use crate::authority::Authority;
use crate::host::Host;

/// First byte of a TLS handshake record (RFC 8446 5.1).
const HANDSHAKE: u8 = 0x16;
/// Larger bodies are cut: the sink must not eat the machine.
const BODY_MAX_BYTES: usize = 64 << 20;
/// Callers of event services look for `code`; nobody else minds it.
const ANSWER: &str = "{\"code\":200}";

pub(super) async fn accept(listener: TcpListener, authority: Authority, kept: Kept, stop: CancellationToken) {
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        let Ok((stream, _)) = accepted else { continue };
        let (authority, kept, stop) = (authority.clone(), kept.clone(), stop.clone());
        tokio::spawn(async move {
            _ = stop.run_until_cancelled(serve(stream, authority, kept)).await;
        });
    }
}

async fn serve(stream: TcpStream, authority: Authority, kept: Kept) {
    _ = stream.set_nodelay(true);
    let mut first = [0];
    match stream.peek(&mut first).await {
        Ok(1) if first[0] == HANDSHAKE => serve_tls(stream, &authority, kept).await,
        Ok(1) => serve_http1(stream, kept, Encrypted::No).await,
        _ => {}
    }
}

async fn serve_tls(stream: TcpStream, authority: &Authority, kept: Kept) {
    let Ok(start) = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream).await else {
        return;
    };
    let name = start
        .client_hello()
        .server_name()
        .map_or("127.0.0.1", |name| name)
        .to_owned();
    let Some(host) = Host::parse(&name) else { return };
    let Ok(config) = authority.server_config(&host) else {
        return;
    };
    let Ok(stream) = start.into_stream(config).await else {
        return;
    };
    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
        serve_http2(stream, kept).await;
    } else {
        serve_http1(stream, kept, Encrypted::Yes).await;
    }
}

#[derive(Clone, Copy)]
enum Encrypted {
    Yes,
    No,
}

async fn serve_http1(stream: impl AsyncRead + AsyncWrite + Unpin, kept: Kept, encrypted: Encrypted) {
    let answers = service_fn(move |request| answer(request, kept.clone(), encrypted));
    _ = http1::Builder::new()
        .preserve_header_case(true)
        .serve_connection(TokioIo::new(stream), answers)
        .await;
}

async fn serve_http2(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, kept: Kept) {
    let answers = service_fn(move |request| answer(request, kept.clone(), Encrypted::Yes));
    _ = http2::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), answers)
        .await;
}

async fn answer(
    request: Request<Incoming>,
    kept: Kept,
    encrypted: Encrypted,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    // A body that breaks off is no request; nothing is kept of it.
    if let Ok(body) = http_body_util::Limited::new(body, BODY_MAX_BYTES).collect().await {
        let trailers = body.trailers().map(fields).unwrap_or_default();
        kept.keep(received(&head, body.to_bytes(), trailers, encrypted));
    }
    let mut response = Response::new(Full::from(ANSWER));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

fn fields(headers: &HeaderMap) -> Vec<(String, Vec<u8>)> {
    headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
        .collect()
}

fn received(head: &request::Parts, body: Bytes, trailers: Vec<(String, Vec<u8>)>, encrypted: Encrypted) -> Received {
    let from_target = head.uri.host().map(str::to_owned);
    let from_field = || {
        head.headers
            .get(HOST)
            .and_then(|host| host.to_str().ok())
            .map(str::to_owned)
    };
    Received {
        version: head.version,
        encrypted: matches!(encrypted, Encrypted::Yes),
        method: head.method.to_string(),
        host: from_target.or_else(from_field).unwrap_or_default(),
        target: head
            .uri
            .path_and_query()
            .map_or("/", |target| target.as_str())
            .to_owned(),
        headers: fields(&head.headers),
        body,
        trailers,
    }
}
