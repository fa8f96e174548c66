//! Paths to answers.

use std::future::IntoFuture as _;
use std::sync::Arc;
use std::time::Duration;

use averment_publish::{media_type, style, style_source};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::guard::{Names, guard};
use crate::problem::Problem;
use crate::view::{LogFile, View};
use crate::{reports, status_page};

/// How long a reader may take to finish when the console stops.
const DRAIN: Duration = Duration::from_secs(3);

const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";
/// A checkpoint is replaced every few seconds.
const FOR_A_MOMENT: &str = "public, max-age=5";
/// A tile is never changed.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The console: the public site at `/`, `/status`, `/attestations.ics`, `/healthz`, published logs below `/ledger/`; and
/// `/csp-reports`, where browsers say what the content security policy of the platform kept them from.
///
/// `names`: host names besides loopback that the console answers to, without port, e.g. `register.school.example`.
pub fn router(view: Arc<dyn View>, names: &[String]) -> Router {
    Router::new()
        .route("/status", get(status))
        .route("/ledger/{*file}", get(log_file))
        .route("/attestations.ics", get(calendar))
        .route("/healthz", get(|| async { "ok\n" }))
        .merge(reports::routes())
        .fallback(site)
        .with_state(view)
        .layer(from_fn_with_state(Names::new(names), guard))
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

/// A file of the public site; `/` is its first page.
async fn site(State(view): State<Arc<dyn View>>, request: Request) -> Response {
    let path = match request.uri().path().trim_start_matches('/') {
        "" => "index.html".to_owned(),
        path => path.to_owned(),
    };
    let missing = nothing_there().answer(&request);
    off_thread(request, move || match view.file(&path) {
        Some(bytes) if path.ends_with(".html") => html(bytes, &style_source(style())),
        Some(bytes) => ([(CONTENT_TYPE, media_type(&path))], bytes).into_response(),
        None => missing,
    })
    .await
}

/// A file of a published log, laid out by C2SP tlog-tiles.
async fn log_file(State(view): State<Arc<dyn View>>, request: Request) -> Response {
    let path = request.uri().path().trim_start_matches("/ledger/").to_owned();
    let missing = nothing_there().answer(&request);
    off_thread(request, move || match view.log_file(&path) {
        Some(LogFile::Checkpoint(note)) => {
            ([(CONTENT_TYPE, TEXT), (CACHE_CONTROL, FOR_A_MOMENT)], note).into_response()
        }
        Some(LogFile::Tile(hashes)) => ([(CONTENT_TYPE, BYTES), (CACHE_CONTROL, FOR_EVER)], hashes).into_response(),
        None => missing,
    })
    .await
}

async fn status(State(view): State<Arc<dyn View>>, request: Request) -> Response {
    let refresh = request.uri().query() != Some("refresh=off");
    off_thread(request, move || {
        html(
            status_page::html(&view.status(), refresh),
            &status_page::style_sources(),
        )
    })
    .await
}

async fn calendar(State(view): State<Arc<dyn View>>, request: Request) -> Response {
    off_thread(request, move || {
        ([(CONTENT_TYPE, "text/calendar; charset=utf-8")], view.calendar()).into_response()
    })
    .await
}

fn nothing_there() -> Problem {
    let detail = "Nothing is published at this address.";
    Problem {
        status: StatusCode::NOT_FOUND,
        title: "Not found",
        detail,
    }
}

fn html(body: impl Into<Body>, style_sources: &str) -> Response {
    let policy = format!(
        "default-src 'none'; style-src {style_sources}; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let policy = HeaderValue::try_from(policy).expect("made of literals and base64");
    (
        [
            (CONTENT_TYPE, HeaderValue::from_static(HTML)),
            (CONTENT_SECURITY_POLICY, policy),
        ],
        body.into(),
    )
        .into_response()
}

/// Runs `work` where it does not hold up the gate, which shares the threads of the runtime.
async fn off_thread(request: Request, work: impl FnOnce() -> Response + Send + 'static) -> Response {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| {
        let detail = "The page could not be made. The gate is not affected.";
        Problem {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            title: "Internal error",
            detail,
        }
        .answer(&request)
    })
}
