//! The front: HTTP/1.1 on a plain socket, where callers ask for tunnels (`CONNECT`) or send absolute targets.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request, Response, Uri};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use crate::body::Answer;
use crate::framing::{Framed, Framing, Guarded};
use crate::gate::Shared;
use crate::head;
use crate::host::{Destination, Scheme};
use crate::lifetime::Lifetime;
use crate::problem::{Kind, Problem};
use crate::serving::{self, LastWords};
use crate::tunnel;
use crate::way::Arrival;

/// When the machine has no more sockets, trying again at once would only burn time.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Takes connections until it is time to stop.
pub(crate) async fn accept(listener: &TcpListener, shared: &Arc<Shared>, lifetime: &Lifetime) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = lifetime.stopped() => return,
        };
        match accepted {
            Ok((stream, _)) => lifetime.spawn(serve(stream, Arc::clone(shared), lifetime.clone())),
            Err(error) => {
                tracing::warn!(%error, "cannot take a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>, lifetime: Lifetime) {
    _ = stream.set_nodelay(true);
    let stream = Guarded::new(stream);
    let front = Front {
        shared: Arc::clone(&shared),
        lifetime: lifetime.clone(),
        framing: stream.framing(),
    };
    let answers = service_fn(move |request| {
        let front = front.clone();
        async move { Ok::<_, Infallible>(front.answer(request).await) }
    });
    let connection = serving::http1(&shared.timeouts)
        .serve_connection(TokioIo::new(stream), LastWords::new(answers, &lifetime))
        .with_upgrades();
    lifetime.run(connection).await;
}

#[derive(Clone)]
struct Front {
    shared: Arc<Shared>,
    lifetime: Lifetime,
    framing: Framing,
}

impl Front {
    async fn answer(&self, request: Request<Incoming>) -> Response<Answer> {
        let framed = self.framing.take();
        if request.method() == Method::CONNECT {
            return self
                .connect(request, &framed)
                .unwrap_or_else(|problem| problem.closing().into_response());
        }
        match destination(request.uri()) {
            Ok(destination) => {
                self.shared
                    .answer(Arrival {
                        request,
                        destination,
                        framed,
                    })
                    .await
            }
            Err(problem) => problem.closing().into_response(),
        }
    }

    /// Opens a tunnel. What comes through it has to be TLS, and what is in that is inspected.
    fn connect(&self, request: Request<Incoming>, framed: &Framed) -> Result<Response<Answer>, Problem> {
        let destination = tunnel_destination(&request, framed)?;
        let shared = Arc::clone(&self.shared);
        let lifetime = self
            .lifetime
            .clone()
            .of_tunnel(&shared.tunnels, destination.host.as_str());
        self.lifetime.spawn(async move {
            if let Ok(upgraded) = hyper::upgrade::on(request).await {
                let inside = tunnel::serve(TokioIo::new(upgraded), shared, lifetime.clone(), destination);
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
    let authority = request.uri().authority().map_or("", |authority| authority.as_str());
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
