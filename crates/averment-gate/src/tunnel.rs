//! The inside of a tunnel: TLS with a leaf for the host that was asked for, then HTTP/1.1 or HTTP/2.
//!
//! Invariant: bytes that are not TLS are never passed on; the tunnel is closed. TLS that is not opened goes the way of
//! `passing.rs`.

mod failed;

use std::convert::Infallible;
use std::sync::Arc;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use crate::authority::AuthorityError;
use crate::body::Answer;
use crate::caller::Introduced;
use crate::flow::Served;
use crate::framing::{Framing, Guarded};
use crate::gate::Shared;
use crate::host::{Destination, Host};
use crate::lifetime::Lifetime;
use crate::outgoing::Outgoing;
use crate::passing;
use crate::problem::{Kind, Problem};
use crate::serving::{self, Link};
use crate::way::Arrival;
pub(crate) use failed::{Failed, FailureNotes};

/// Refuses, and records, a tunnel to a host that the gate's authority may not speak for: programs that hold it to its certificate
/// would only see a handshake that fails. One that is passed on unread needs nobody to speak.
pub(crate) async fn may_open(
    shared: &Arc<Shared>,
    lifetime: &Lifetime,
    destination: &Destination,
    introduced: Option<&Introduced>,
) -> Result<(), Problem> {
    let is_outside = matches!(
        shared.authority().server_config(&destination.host),
        Err(AuthorityError::Outside)
    );
    if !is_outside || passing::is_declared(&shared.terms(), destination) {
        return Ok(());
    }
    let problem = Box::pin(refuse(shared, lifetime, destination, introduced)).await;
    shared.tunnel_failed(&destination.host, problem.slug());
    Err(problem)
}

/// Refuses within the bounds of any request, until what it leads to is taken away.
async fn refuse(
    shared: &Arc<Shared>,
    lifetime: &Lifetime,
    destination: &Destination,
    introduced: Option<&Introduced>,
) -> Problem {
    let terms = shared.terms();
    let party = shared.party_of(&terms, &destination.host, introduced);
    let _entered = match party.enter(&shared.load, &terms.settings.limits) {
        Ok(entered) => entered,
        Err(problem) => return problem,
    };
    let lifetime = lifetime.of_request(&shared.flows, destination.host.as_str());
    let _work = lifetime.work();
    let sender = introduced.map(Introduced::sender).unwrap_or_default();
    let tunnel = Outgoing::tunnel(destination.clone()).sent_by(sender);
    let refused = lifetime.unless_cut(shared.refuse_tunnel(tunnel)).await;
    refused.unwrap_or_else(|| Problem::from(Kind::CutOff))
}

/// Serves one tunnel, which `introduced` asked for, to its end.
pub(crate) async fn serve<S>(
    stream: S,
    shared: Arc<Shared>,
    link: Link,
    destination: Destination,
    introduced: Option<Introduced>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    if passing::is_declared(&shared.terms(), &destination) {
        let sender = introduced.as_ref().map(Introduced::sender).unwrap_or_default();
        passing::serve(stream, &shared, destination, sender).await;
        return;
    }
    let shaken = tokio::time::timeout(shared.timeouts.handshake, shake_hands(stream, &shared, &destination)).await;
    let (stream, misdirected) = match shaken.unwrap_or(Err(Failed::TooSlow)) {
        Ok(shaken) => shaken,
        Err(failed) => return shared.tunnel_failed(&destination.host, failed.as_str()),
    };
    if misdirected {
        shared.tunnel_failed(&destination.host, Failed::OtherName.as_str());
    }
    let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let (timeouts, lifetime) = (shared.timeouts(), link.lifetime.clone());
    let idle = shared.terms().settings.limits.idle();
    let inside = Inside {
        shared,
        destination,
        misdirected,
        introduced,
        link,
    };
    if is_http2 {
        let answers = service_fn(move |request| inside.clone().answer(request, Framing::default()));
        serving::serve_http2(stream, answers, (&timeouts, idle), &lifetime).await;
    } else {
        let stream = Guarded::new(stream, timeouts.head);
        let framing = stream.framing();
        let answers = service_fn(move |request| inside.clone().answer(request, framing.clone()));
        serving::serve_http1(stream, answers, &timeouts, &lifetime).await;
    }
}

/// TLS as the host that the caller believes to speak to, and whether that is another one than the tunnel's.
async fn shake_hands<S>(stream: S, shared: &Shared, destination: &Destination) -> Result<(TlsStream<S>, bool), Failed>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let start = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream).await?;
    let asked = match start.client_hello().server_name() {
        Some(name) => Host::parse(name).ok_or(Failed::OtherName)?,
        None => destination.host.clone(),
    };
    let config = shared.authority().server_config(&asked);
    let config = config.map_err(|error| match error {
        // For the tunnel's own host there would be none.
        AuthorityError::Outside => Failed::OtherName,
        error => {
            tracing::error!(%error, "no leaf could be made");
            Failed::NoLeaf
        }
    })?;
    let stream = start.into_stream(config).await?;
    Ok((stream, asked != destination.host))
}

#[derive(Clone)]
struct Inside {
    shared: Arc<Shared>,
    destination: Destination,
    misdirected: bool,
    introduced: Option<Introduced>,
    link: Link,
}

impl Inside {
    async fn answer(self, mut request: Request<Incoming>, framing: Framing) -> Result<Response<Served>, Infallible> {
        if self.misdirected {
            let problem = Problem::from(Kind::Misdirected);
            self.shared.metrics.problem(problem.slug());
            return Ok(self.own(problem.into_response()));
        }
        if let Some(introduced) = self.introduced {
            request.extensions_mut().insert(introduced);
        }
        let arrival = Arrival {
            request,
            destination: self.destination,
            framed: framing.take(),
            link: self.link,
        };
        Ok(self.shared.serve(arrival).await)
    }

    fn own(&self, answer: Response<Answer>) -> Response<Served> {
        let idle = self.shared.terms().settings.limits.idle();
        answer.map(|answer| Served::new(answer, (self.link.lifetime.clone(), idle), None))
    }
}
