//! The generator against a real TLS server in the same process, straight and through a CONNECT proxy.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Parser as _;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tempfile::NamedTempFile;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::arguments::Arguments;
use crate::measure::{self, Outcome};

const HOST: &str = "events.example";

/// A server that answers every body of 1024 bytes with `status`.
struct Server {
    address: SocketAddr,
    certificate: NamedTempFile,
    connections: Arc<AtomicUsize>,
}

impl Server {
    async fn start(alpn: &'static [u8], status: StatusCode) -> Self {
        let made = rcgen::generate_simple_self_signed([HOST.to_owned()]).unwrap();
        let certificate = NamedTempFile::new().unwrap();
        std::fs::write(certificate.path(), made.cert.pem()).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let versions = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap();
        let mut tls = versions
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        tls.alpn_protocols = vec![alpn.to_vec()];
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        tokio::spawn(serve(
            listener,
            TlsAcceptor::from(Arc::new(tls)),
            alpn,
            status,
            connections.clone(),
        ));
        Self {
            address,
            certificate,
            connections,
        }
    }

    async fn load(&self, words: &[&str]) -> Outcome {
        let target = format!("https://{HOST}/2/httpapi");
        let trust = self.certificate.path().to_str().unwrap();
        let fixed = [
            "averment-load",
            "--target",
            &target,
            "--trust",
            trust,
            "--connections",
            "3",
            "--seconds",
            "5",
        ];
        let arguments = Arguments::try_parse_from(fixed.iter().chain(words)).unwrap();
        measure::run(arguments.plan().unwrap()).await
    }
}

async fn serve(
    listener: TcpListener,
    tls: TlsAcceptor,
    alpn: &'static [u8],
    status: StatusCode,
    connections: Arc<AtomicUsize>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let tls = tls.clone();
        connections.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(async move {
            let Ok(stream) = tls.accept(stream).await else { return };
            let stream = TokioIo::new(stream);
            let service = service_fn(move |request| answer(request, status));
            if alpn == b"h2" {
                let serving = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                serving.serve_connection(stream, service).await.ok();
            } else {
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(stream, service)
                    .await
                    .ok();
            }
        });
    }
}

async fn answer(request: Request<Incoming>, status: StatusCode) -> Result<Response<Full<Bytes>>, Infallible> {
    let named = request.uri().host() == Some(HOST) || request.headers().get("host").is_some_and(|host| host == HOST);
    let length = request.into_body().collect().await.unwrap().to_bytes().len();
    let mut response = Response::new(Full::new(Bytes::from_static(b"seen")));
    *response.status_mut() = if named && length == 1024 {
        status
    } else {
        StatusCode::BAD_REQUEST
    };
    Ok(response)
}

/// A proxy that answers CONNECT with a tunnel to `upstream`.
async fn start_proxy(upstream: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut downstream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(downstream.read_u8().await.unwrap());
                }
                assert!(head.starts_with(b"CONNECT events.example:443 HTTP/1.1\r\n"));
                downstream
                    .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    .await
                    .unwrap();
                let mut upstream = TcpStream::connect(upstream).await.unwrap();
                tokio::io::copy_bidirectional(&mut downstream, &mut upstream).await.ok();
            });
        }
    });
    address
}

fn assert_all_answered(outcome: &Outcome, requests: usize) {
    assert!(outcome.first_error.is_none(), "{:?}", outcome.first_error);
    assert_eq!((outcome.summary.requests, outcome.summary.errors), (requests, 0));
    assert!(outcome.summary.p50_us <= outcome.summary.p99_us && outcome.summary.p99_us <= outcome.summary.max_us);
}

#[tokio::test]
async fn every_request_is_answered_on_kept_alive_connections() {
    let server = Server::start(b"http/1.1", StatusCode::OK).await;
    let outcome = server
        .load(&["--connect-to", &server.address.to_string(), "--requests-max", "60"])
        .await;
    assert_all_answered(&outcome, 60);
    assert_eq!(server.connections.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn at_a_rate_so_many_requests_are_due_and_no_more() {
    let server = Server::start(b"http/1.1", StatusCode::OK).await;
    let address = server.address.to_string();
    let outcome = server
        .load(&["--connect-to", &address, "--rate", "40", "--requests-max", "1000"])
        .await;
    assert_all_answered(&outcome, 200);
}

#[tokio::test]
async fn http2_is_spoken_when_asked_for() {
    let server = Server::start(b"h2", StatusCode::OK).await;
    let outcome = server
        .load(&[
            "--connect-to",
            &server.address.to_string(),
            "--requests-max",
            "60",
            "--http2",
        ])
        .await;
    assert_all_answered(&outcome, 60);
}

#[tokio::test]
async fn a_proxy_is_asked_for_a_tunnel() {
    let server = Server::start(b"http/1.1", StatusCode::NO_CONTENT).await;
    let proxy = start_proxy(server.address).await;
    let outcome = server
        .load(&["--proxy", &proxy.to_string(), "--requests-max", "60"])
        .await;
    assert_all_answered(&outcome, 60);
}

#[tokio::test]
async fn a_refusal_is_an_error_that_shows_status_and_text() {
    let server = Server::start(b"http/1.1", StatusCode::FORBIDDEN).await;
    let outcome = server.load(&["--connect-to", &server.address.to_string()]).await;
    assert_eq!((outcome.summary.requests, outcome.summary.errors), (0, 3));
    assert_eq!(
        outcome.first_error.unwrap().to_string(),
        "expected success, got 403 Forbidden: seen"
    );
}

#[tokio::test]
async fn a_certificate_for_another_name_is_an_error() {
    let server = Server::start(b"http/1.1", StatusCode::OK).await;
    let words = [
        "--connect-to",
        &server.address.to_string(),
        "--target",
        "https://other.example/",
    ];
    let trust = server.certificate.path().to_str().unwrap();
    let arguments = Arguments::try_parse_from(["averment-load", "--trust", trust].iter().chain(&words)).unwrap();
    let outcome = measure::run(arguments.plan().unwrap()).await;
    assert_eq!((outcome.summary.requests, outcome.summary.errors), (0, 1));
}

#[test]
fn other_machines_are_refused() {
    for route in ["--proxy", "--connect-to"] {
        let words = [
            "averment-load",
            "--target",
            "https://events.example/",
            "--trust",
            "a.pem",
            route,
            "192.0.2.7:443",
        ];
        assert!(
            Arguments::try_parse_from(words)
                .unwrap_err()
                .to_string()
                .contains("only loopback")
        );
    }
}

#[test]
fn one_route_is_needed_and_not_two() {
    let words = [
        "averment-load",
        "--target",
        "https://events.example/",
        "--trust",
        "a.pem",
    ];
    assert!(Arguments::try_parse_from(words).is_err());
    let both = ["--proxy", "127.0.0.1:1", "--connect-to", "127.0.0.1:2"];
    assert!(Arguments::try_parse_from(words.iter().chain(&both)).is_err());
}
