//! The witness over HTTP: `POST /add-checkpoint`, and for monitors `GET /<SHA-256 of a log's name>/checkpoint`.
//!
//! Start at [`router`]. TLS is the business of whatever stands before it.

use std::future::IntoFuture as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use averment_ledger::{ADD_CHECKPOINT_BYTES_MAX, Refusal, TREE_SIZE_TYPE};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::keeper::{Keeper, NotSigned};

/// How long a body may take.
const BODY_WITHIN: Duration = Duration::from_secs(10);
/// How long open answers may take when the server stops.
const DRAIN: Duration = Duration::from_secs(3);
const TEXT: &str = "text/plain; charset=utf-8";

/// What handlers share. `now`: seconds since 1970 UTC.
#[derive(Clone)]
struct Shared {
    keeper: Arc<Mutex<Keeper>>,
    now: fn() -> u64,
}

impl Shared {
    /// The state is changed only after a file was, so that a panic leaves it as good as it was.
    fn keeper(&self) -> MutexGuard<'_, Keeper> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The addresses of a witness. `now`: gives seconds since 1970 UTC.
pub fn router(keeper: Keeper, now: fn() -> u64) -> Router {
    let keeper = Arc::new(Mutex::new(keeper));
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/{hash}/checkpoint", get(latest))
        .with_state(Shared { keeper, now })
}

/// Serves `router` until `stop` is cancelled, then lets open answers finish for a few seconds.
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) -> std::io::Result<()> {
    let served = axum::serve(listener, router).with_graceful_shutdown(stop.clone().cancelled_owned());
    let overdue = async move {
        stop.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        served = served.into_future() => served,
        () = overdue => Ok(()),
    }
}

async fn add_checkpoint(State(shared): State<Shared>, body: Body) -> Response {
    let read = tokio::time::timeout(BODY_WITHIN, to_bytes(body, ADD_CHECKPOINT_BYTES_MAX));
    let body = match read.await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return text(StatusCode::PAYLOAD_TOO_LARGE, "expected a request of at most 128 KiB\n"),
        Err(_) => return text(StatusCode::REQUEST_TIMEOUT, "expected the request within 10 seconds\n"),
    };
    // Off the threads that read: it waits for the disk.
    let answered = tokio::task::spawn_blocking(move || {
        let now = (shared.now)();
        shared.keeper().add_checkpoint(&body, now)
    });
    match answered.await {
        Ok(Ok(lines)) => text(StatusCode::OK, lines),
        Ok(Err(NotSigned::Refused(refusal))) => refused(&refusal),
        Ok(Err(NotSigned::NotKept(error))) => {
            tracing::error!(%error, source = std::error::Error::source(&error), "a checkpoint could not be kept");
            text(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the checkpoint could not be kept, so it is not signed\n",
            )
        }
        Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, "internal fault\n"),
    }
}

fn refused(refusal: &Refusal) -> Response {
    if *refusal == Refusal::Inconsistent {
        tracing::warn!("a checkpoint does not continue the one signed before: its log may show two histories");
    }
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let kind = match refusal {
        Refusal::Conflict { .. } => TREE_SIZE_TYPE,
        _ => TEXT,
    };
    (status, [(CONTENT_TYPE, kind)], refusal.body()).into_response()
}

async fn latest(State(shared): State<Shared>, Path(hash): Path<String>) -> Response {
    let note = shared.keeper().latest(&hash).map(str::to_owned);
    match note {
        Some(note) => ([(CONTENT_TYPE, TEXT), (CACHE_CONTROL, "no-cache")], note).into_response(),
        None => text(StatusCode::NOT_FOUND, "no checkpoint of such a log was signed\n"),
    }
}

fn text(status: StatusCode, body: impl Into<Body>) -> Response {
    (status, [(CONTENT_TYPE, TEXT)], body.into()).into_response()
}
