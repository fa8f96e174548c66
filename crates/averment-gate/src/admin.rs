//! The address for whoever runs the gate: is it alive, is it ready, what does it count; read the register again, cut off.
//!
//! Start at [`Gate::serve_admin`]. Looking needs no token, changing does. What reading the files again takes is done by the
//! [`Operator`], whom the program supplies.
//!
//! Invariants: nothing here names a person or holds a value. A browser that was pointed here by somebody else's page is not
//! answered. A kill switch works before it is kept: it takes effect, then it is written down.
//!
//! Source: RFC 9457; RFC 6750 for the token; the answers in full are in `admin/openapi.json`.

mod answer;
mod change;
mod guard;
mod look;

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use averment_register::Digest;
use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::gate::{Gate, Shared};
use crate::settings::CutOff;
use answer::Problem;

/// Whoever asks has this long for a head or a body.
const PATIENCE: Duration = Duration::from_secs(10);
/// When the machine has no more sockets, trying again at once would only burn time.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Connections at once; more are closed.
const CONNECTIONS_MAX: usize = 64;

/// Why an operator could not do it, in words for whoever asked. Never a value.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct OperatorError(pub String);

/// What is in force after a reload.
#[derive(Debug, Clone, Copy)]
pub struct Reloaded {
    /// The charter's digest.
    pub charter: Digest,
    /// Whether it is another than before.
    pub is_changed: bool,
}

/// What the program does when it is asked through the admin address. Both may block.
pub trait Operator: Send + Sync + 'static {
    /// Reads register and settings again and puts them in force together; leaves everything as it is on an error.
    ///
    /// # Errors
    /// What is wrong with the files.
    fn reload(&self) -> Result<Reloaded, OperatorError>;

    /// Keeps what is cut off, so that it outlasts a restart.
    ///
    /// # Errors
    /// Why it cannot be kept.
    fn keep_cut_off(&self, cut_off: &CutOff) -> Result<(), OperatorError>;
}

/// What an admin address is made of.
#[derive(Clone)]
pub struct AdminAddress {
    /// File with the token that changes ask for; read anew each time. Without one nothing can be changed.
    pub token_file: Option<PathBuf>,
    /// Who does what is asked for.
    pub operator: Arc<dyn Operator>,
    /// Version of the program.
    pub version: &'static str,
}

impl std::fmt::Debug for AdminAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AdminAddress")
            .field("token_file", &self.token_file)
            .finish_non_exhaustive()
    }
}

impl Gate {
    /// Answers operators on `listener` until `shutdown` is cancelled. The gate never connects to that address itself.
    ///
    /// # Errors
    /// When the listener's address cannot be read.
    pub async fn serve_admin(
        &self,
        listener: TcpListener,
        admin: AdminAddress,
        shutdown: CancellationToken,
    ) -> std::io::Result<()> {
        self.shared().upstream.add_own_listener(listener.local_addr()?);
        let desk = Desk {
            gate: self.clone(),
            admin: Arc::new(admin),
            seats: Arc::new(tokio::sync::Semaphore::new(CONNECTIONS_MAX)),
        };
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return Ok(()),
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => desk.clone().take(stream, shutdown.clone()),
                    Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
                },
            }
        }
    }
}

/// Where operators are answered.
#[derive(Clone)]
struct Desk {
    gate: Gate,
    admin: Arc<AdminAddress>,
    seats: Arc<tokio::sync::Semaphore>,
}

impl Desk {
    fn take(self, stream: TcpStream, shutdown: CancellationToken) {
        let Ok(seat) = Arc::clone(&self.seats).try_acquire_owned() else {
            return;
        };
        let answers = service_fn(move |request| {
            let desk = self.clone();
            async move { Ok::<_, Infallible>(desk.answer(request).await) }
        });
        tokio::spawn(async move {
            let mut builder = http1::Builder::new();
            builder.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
            let connection = builder.serve_connection(TokioIo::new(stream), answers);
            _ = shutdown.run_until_cancelled(connection).await;
            drop(seat);
        });
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let answered = match guard::check(&request) {
            Ok(()) => self.route(request).await,
            Err(problem) => Err(problem),
        };
        answered.unwrap_or_else(Problem::into_response)
    }

    async fn route(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Problem> {
        let path = request.uri().path().to_owned();
        let is_look = matches!(*request.method(), Method::GET | Method::HEAD);
        match (path.as_str(), request.method()) {
            ("/healthz", _) if is_look => Ok(answer::text("ok\n")),
            ("/readyz", _) if is_look => look::ready(self.shared()),
            ("/metrics", _) if is_look => Ok(look::metrics(self.shared(), self.admin.version)),
            ("/openapi.json", _) if is_look => Ok(answer::json(include_str!("admin/openapi.json"))),
            ("/cut-off", _) if is_look => Ok(look::cut_off(self.shared())),
            ("/cut-off", &Method::POST) => self.cut_off(request).await,
            ("/cut-off", &Method::DELETE) => self.lift_all(&request).await,
            ("/reload", &Method::POST) => self.reload(&request).await,
            ("/healthz" | "/readyz" | "/metrics" | "/openapi.json", _) => Err(answer::wrong_method("GET, HEAD")),
            ("/cut-off", _) => Err(answer::wrong_method("GET, HEAD, POST, DELETE")),
            ("/reload", _) => Err(answer::wrong_method("POST")),
            (path, method) => match path.strip_prefix("/cut-off/") {
                Some(recipient) if method == Method::DELETE => self.lift(&request, recipient).await,
                Some(_) => Err(answer::wrong_method("DELETE")),
                None => Err(answer::nothing_there()),
            },
        }
    }

    fn shared(&self) -> &Shared {
        self.gate.shared()
    }
}

#[cfg(test)]
mod tests;
