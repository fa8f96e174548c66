//! Two proxies to compare the gate with: one that opens TLS and forwards, and one that also reads each JSON body into a
//! tree, masks the identifiers of people and writes it again. They decide nothing and record nothing.
//!
//! Start at [`Proxy::serve`]. `proxy-peers ADDRESS SINK SINK.pem OWN.pem [PEOPLE.csv]`: with people it redacts.

mod redact;
mod tls;
mod upstream;

use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

use http_body_util::{BodyExt as _, Either, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_LENGTH, HeaderValue};
use hyper::service::service_fn;
use hyper::upgrade::Upgraded;
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use redact::Redactor;
use tls::Authority;
use upstream::Client;

/// An error of any room: it ends a request or the program, and is told.
type Failure = Box<dyn Error + Send + Sync>;
type Answer = Response<Either<Incoming, Full<Bytes>>>;

/// One proxy; cheap to clone.
#[derive(Clone)]
struct Proxy {
    authority: Arc<Authority>,
    upstream: Client,
    redactor: Option<Arc<Redactor>>,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, sink, trusted, own, people @ ..] = arguments.as_slice() else {
        return Err("expected ADDRESS SINK SINK.pem OWN.pem [PEOPLE.csv]".into());
    };
    let proxy = Proxy {
        authority: Arc::new(Authority::new()?),
        upstream: upstream::client(sink.parse()?, trusted.as_ref())?,
        redactor: people
            .first()
            .map(|file| Redactor::read(file.as_ref()).map(Arc::new))
            .transpose()?,
    };
    std::fs::write(own, proxy.authority.pem())?;
    proxy.serve(address.parse()?).await
}

impl Proxy {
    /// Takes connections for ever.
    async fn serve(self, address: SocketAddr) -> Result<(), Failure> {
        let listener = TcpListener::bind(address).await?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let proxy = self.clone();
            tokio::spawn(async move {
                let tunnels = service_fn(move |request| proxy.clone().connect(request));
                let served = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), tunnels)
                    .with_upgrades();
                tell(served.await);
            });
        }
    }

    /// Opens a tunnel; nothing but `CONNECT` is answered.
    async fn connect(self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        let host = request.uri().host().map(str::to_owned);
        let Some(host) = host.filter(|_| request.method() == Method::CONNECT) else {
            let mut refused = Response::new(Full::default());
            *refused.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            return Ok(refused);
        };
        tokio::spawn(async move {
            match hyper::upgrade::on(request).await {
                Ok(upgraded) => tell(self.inside(upgraded, host).await),
                Err(error) => tell(Err::<(), _>(error)),
            }
        });
        Ok(Response::new(Full::default()))
    }

    async fn inside(self, upgraded: Upgraded, host: String) -> Result<(), Failure> {
        let acceptor = TlsAcceptor::from(self.authority.server_config(&host)?);
        let stream = acceptor.accept(TokioIo::new(upgraded)).await?;
        let host: Arc<str> = host.into();
        let answers = service_fn(move |request| self.clone().forward(request, Arc::clone(&host)));
        let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answers);
        Ok(connection.await?)
    }

    async fn forward(self, request: Request<Incoming>, host: Arc<str>) -> Result<Answer, Failure> {
        let (mut head, body) = request.into_parts();
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
        head.uri = Uri::try_from(format!("https://{host}{target}"))?;
        let body = match &self.redactor {
            None => Either::Left(body),
            Some(redactor) => {
                let Ok(redacted) = redactor.body(&body.collect().await?.to_bytes()) else {
                    let mut refused = Response::new(Either::Right(Full::default()));
                    *refused.status_mut() = StatusCode::UNSUPPORTED_MEDIA_TYPE;
                    return Ok(refused);
                };
                head.headers.insert(CONTENT_LENGTH, HeaderValue::from(redacted.len()));
                Either::Right(Full::new(Bytes::from(redacted)))
            }
        };
        let answer = self.upstream.request(Request::from_parts(head, body)).await?;
        Ok(answer.map(Either::Left))
    }
}

/// A benchmark that loses requests is worthless, so every error is told.
fn tell<T, E: std::fmt::Display>(ended: Result<T, E>) {
    if let Err(error) = ended {
        eprintln!("a connection ended: {error}");
    }
}
