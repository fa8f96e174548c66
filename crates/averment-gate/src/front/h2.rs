//! HTTP/2 in clear on the gate's own address, for programs that speak it from the first byte on (gRPC): routes, and nothing else.
//!
//! Start at [`serve`]. A tunnel over HTTP/2, or an absolute target, would be another way in; nobody has asked for one.
//!
//! Source: RFC 9113 3.3, 3.4.

use std::convert::Infallible;
use std::sync::Arc;

use http::{Method, Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use tokio::io::{AsyncRead, AsyncWrite};

use super::not_for_a_proxy;
use crate::flow::Served;
use crate::framing::Framed;
use crate::gate::Shared;
use crate::host::Destination;
use crate::lifetime::Lifetime;
use crate::load::Held;
use crate::problem::Problem;
use crate::route;
use crate::serving::{self, Link};
use crate::way::Arrival;

/// What a client says first, and nobody who speaks HTTP/1.1 does.
pub(super) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Serves one connection to its end, with the limits of those in tunnels.
pub(super) async fn serve<S>(stream: S, shared: Arc<Shared>, lifetime: Lifetime, held: Arc<Held>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (timeouts, lifetime) = (shared.timeouts(), lifetime.of_connection());
    let idle = shared.terms().settings.limits.idle();
    let front = Front {
        shared,
        link: Link {
            lifetime: lifetime.clone(),
            held,
        },
    };
    let answers = service_fn(move |request| {
        let front = front.clone();
        async move { Ok::<_, Infallible>(front.answer(request).await) }
    });
    serving::serve_http2(stream, answers, (&timeouts, idle), &lifetime).await;
}

#[derive(Clone)]
struct Front {
    shared: Arc<Shared>,
    link: Link,
}

impl Front {
    async fn answer(&self, mut request: Request<Incoming>) -> Response<Served> {
        match self.destination(&mut request) {
            Ok(destination) => {
                self.shared
                    .serve(Arrival {
                        request,
                        destination,
                        framed: Framed::default(),
                        link: self.link.clone(),
                    })
                    .await
            }
            Err(problem) => {
                self.shared.metrics.problem(problem.slug());
                let idle = self.shared.terms().settings.limits.idle();
                let answer = problem.into_response();
                answer.map(|answer| Served::new(answer, (self.link.lifetime.clone(), idle), None))
            }
        }
    }

    fn destination(&self, request: &mut Request<Incoming>) -> Result<Destination, Problem> {
        let terms = self.shared.terms();
        if request.method() == Method::CONNECT {
            return Err(not_for_a_proxy());
        }
        // A path of the recipient's own may begin as those of routes do.
        if let Some(named) = route::by_authority(request, &terms) {
            return named;
        }
        if route::has_its_path(request) {
            return route::reverse(request, &terms);
        }
        Err(not_for_a_proxy())
    }
}
