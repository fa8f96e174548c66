//! The front: HTTP/1.1 in clear or over TLS (`front/tls.rs`), where callers ask for tunnels (`CONNECT`), send absolute targets,
//! or name a reverse route; and HTTP/2 in clear for routes (`front/h2.rs`).

mod begun;
mod h2;
mod tls;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request, Response, Uri};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use crate::body::Answer;
use crate::flow::Served;
use crate::framing::{Framed, Framing, Guarded};
use crate::gate::Shared;
use crate::head;
use crate::host::{Destination, Scheme};
use crate::lifetime::{FlowKind, Lifetime};
use crate::load::{self, Held};
use crate::paced::Paced;
use crate::problem::{Kind, Problem};
use crate::route;
use crate::serving::{self, LastWords, Link};
use crate::tunnel;
use crate::way::Arrival;
use begun::Begun;

pub use tls::FrontTlsError;
pub(crate) use tls::{FrontTls, Shown};

/// When the machine has no more sockets, trying again at once would only burn time.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Connections that are told at the same time that there are too many.
const TURNED_AWAY_MAX: usize = 256;
const FAREWELL_TIME: Duration = Duration::from_secs(1);
const FAREWELL_MAX_BYTES: u64 = 1 << 20;

/// Takes connections until it is time to stop.
pub(crate) async fn accept(listener: &TcpListener, shared: &Arc<Shared>, lifetime: &Lifetime) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = lifetime.stopped() => return,
        };
        match accepted {
            Ok((stream, _)) => match shared
                .load
                .connections
                .take(1, shared.terms().settings.limits.connections_max)
            {
                Some(held) => lifetime.spawn(serve(stream, Arc::clone(shared), lifetime.clone(), Arc::new(held))),
                None => turn_away(stream, shared, lifetime),
            },
            Err(error) => {
                tracing::warn!(%error, "cannot take a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Says why and closes; beyond a bound of those, only closes. So it does over TLS, where saying anything is the work of a
/// handshake.
fn turn_away(mut stream: TcpStream, shared: &Shared, lifetime: &Lifetime) {
    shared.metrics.problem(load::overloaded().slug());
    if shared.terms().tls.is_some() {
        return;
    }
    let Some(held) = shared.load.turned_away.take(1, TURNED_AWAY_MAX) else {
        return;
    };
    lifetime.spawn(async move {
        let answer = load::overloaded().closing().into_bytes();
        let farewell = async {
            stream.write_all(&answer).await?;
            stream.shutdown().await?;
            // What was sent and stays unread would reset the connection, and the answer with it.
            tokio::io::copy(&mut stream.take(FAREWELL_MAX_BYTES), &mut tokio::io::sink()).await
        };
        _ = tokio::time::timeout(FAREWELL_TIME, farewell).await;
        drop(held);
    });
}

async fn serve(stream: TcpStream, shared: Arc<Shared>, lifetime: Lifetime, held: Arc<Held>) {
    _ = stream.set_nodelay(true);
    let (terms, begun) = (shared.terms(), Instant::now());
    let idle = terms.settings.limits.idle();
    let Some(tls) = terms.tls.clone() else {
        let mut stream = Begun::new(stream);
        let first = tokio::select! {
            is_http2 = stream.begins_with(h2::PREFACE) => Some(is_http2),
            () = tokio::time::sleep_until(begun + shared.timeouts().head) => None,
            // Whoever says something now is told that it is the last of the connection.
            () = lifetime.stopped() => Some(false),
        };
        let stream = Paced::new(stream, idle);
        return match first {
            Some(true) => h2::serve(stream, shared, lifetime, held).await,
            Some(false) => serve_on((stream, begun), None, shared, lifetime, held).await,
            None => {}
        };
    };
    let stream = Paced::new(stream, idle);
    match tokio::time::timeout(shared.timeouts.handshake, tls.accept(stream)).await {
        Ok(Ok((stream, shown))) => serve_on((stream, Instant::now()), shown, shared, lifetime, held).await,
        // The error names no values; a caller that shows a stranger's certificate is told by an alert.
        Ok(Err(error)) => tracing::info!(%error, "a caller's handshake failed"),
        Err(_) => tracing::debug!("a caller's handshake took too long"),
    }
}

/// `begun`: when its first head may have begun. `shown`: the certificate that the caller has proved to hold.
async fn serve_on<S>(
    (stream, begun): (S, Instant),
    shown: Option<Shown>,
    shared: Arc<Shared>,
    lifetime: Lifetime,
    held: Arc<Held>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let timeouts = shared.timeouts();
    let (stream, lifetime) = (Guarded::since(stream, timeouts.head, begun), lifetime.of_connection());
    let front = Front {
        shared: Arc::clone(&shared),
        link: Link {
            lifetime: lifetime.clone(),
            held,
        },
        framing: stream.framing(),
        shown,
    };
    let answers = service_fn(move |request| {
        let front = front.clone();
        async move { Ok::<_, Infallible>(front.answer(request).await) }
    });
    let connection = serving::http1(&timeouts)
        .serve_connection(TokioIo::new(stream), LastWords::new(answers, &lifetime, &timeouts))
        .with_upgrades();
    lifetime.run(connection).await;
}

#[derive(Clone)]
struct Front {
    shared: Arc<Shared>,
    link: Link,
    framing: Framing,
    /// The certificate that the caller has proved to hold.
    shown: Option<Shown>,
}

impl Front {
    async fn answer(&self, mut request: Request<Incoming>) -> Response<Served> {
        let framed = self.framing.take();
        if request.method() == Method::CONNECT {
            let answer = self.connect(request, &framed).await;
            return self.own(answer.unwrap_or_else(|problem| self.turn_down(problem)));
        }
        let destination = if route::is_reverse(&request) {
            route::reverse(&mut request, &self.shared.terms())
        } else {
            destination(request.uri())
        };
        if let Some(shown) = &self.shown {
            request.extensions_mut().insert(shown.clone());
        }
        match destination {
            Ok(destination) => {
                self.shared
                    .serve(Arrival {
                        request,
                        destination,
                        framed,
                        link: self.link.clone(),
                    })
                    .await
            }
            Err(problem) => self.own(self.turn_down(problem)),
        }
    }

    /// An answer of the gate's own, which leads nowhere.
    fn own(&self, answer: Response<Answer>) -> Response<Served> {
        let idle = self.shared.terms().settings.limits.idle();
        answer.map(|answer| Served::new(answer, (self.link.lifetime.clone(), idle), None))
    }

    fn turn_down(&self, problem: Problem) -> Response<Answer> {
        self.shared.metrics.problem(problem.slug());
        problem.closing().into_response()
    }

    /// Opens a tunnel. What comes through it has to be TLS, and what is in that is inspected.
    async fn connect(&self, request: Request<Incoming>, framed: &Framed) -> Result<Response<Answer>, Problem> {
        let destination = tunnel_destination(&request, framed)?;
        let introduced = self.shared.introduced(request.headers(), self.shown.as_ref())?;
        tunnel::may_open(&self.shared, &self.link.lifetime, &destination, introduced.as_ref()).await?;
        let (shared, mut link) = (Arc::clone(&self.shared), self.link.clone());
        link.lifetime = link
            .lifetime
            .leading_to(&shared.flows, destination.host.as_str(), FlowKind::Tunnel);
        self.link.lifetime.spawn(async move {
            if let Ok(upgraded) = hyper::upgrade::on(request).await {
                let lifetime = link.lifetime.clone();
                let inside = tunnel::serve(TokioIo::new(upgraded), shared, link, destination, introduced);
                lifetime.until_cut(inside).await;
            }
        });
        Ok(Response::new(Answer::own("")))
    }
}

fn tunnel_destination(request: &Request<Incoming>, framed: &Framed) -> Result<Destination, Problem> {
    if framed.is_ambiguous() {
        return Err(head::ambiguous());
    }
    // A scheme or a path would say something else than the tunnel is (RFC 9110 9.3.6).
    let authority = request.uri().authority().filter(|_| request.uri().scheme().is_none());
    let authority = authority.map_or("", |authority| authority.as_str());
    let destination = Destination::parse(Scheme::Https, authority).ok_or_else(bad_host)?;
    let mut hosts = request.headers().get_all(http::header::HOST).iter();
    let named = hosts.all(|host| host.to_str().is_ok_and(|host| destination.is_named_by(host)));
    if named {
        Ok(destination)
    } else {
        Err(Problem::from(Kind::Misdirected))
    }
}

/// Where an absolute target goes. `https` in clear up to the gate is what some clients send; it leaves over TLS.
fn destination(uri: &Uri) -> Result<Destination, Problem> {
    let scheme = match uri.scheme_str() {
        Some("http") => Scheme::Http,
        Some("https") => Scheme::Https,
        Some(_) => return Err(Problem::from(Kind::Malformed).detail("only `http` and `https` targets are forwarded")),
        None => return Err(not_for_a_proxy()),
    };
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    Destination::parse(scheme, authority).ok_or_else(bad_host)
}

fn bad_host() -> Problem {
    Problem::from(Kind::Malformed).detail("the target's host is not one host name or address with an optional port")
}

fn not_for_a_proxy() -> Problem {
    Problem::from(Kind::NotForAProxy).detail(
        "set this address as the proxy of your program (HTTPS_PROXY and HTTP_PROXY, or curl --proxy), \
         let it trust the gate's certificate `authority.pem`, and send requests to the third party as before",
    )
}
