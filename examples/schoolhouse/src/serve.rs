//! The servers: the platform itself, and the ones to try it with.

use std::error::Error;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn;
use axum::serve::Listener as _;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

use crate::mistakes::Mistakes;
use crate::oidc::stub::{self, Lie};
use crate::settings::App;
use crate::{purge, tls, vendor_stub, web};

/// How often the retention job runs by itself.
const PURGE_EVERY: Duration = Duration::from_secs(3600);

/// Each has a connection of its own; PostgreSQL allows a hundred unless told otherwise.
const REQUESTS_AT_ONCE: usize = 32;

/// Where the platform listens.
pub(crate) struct Places<'a> {
    /// Plain HTTP, for whoever stands before it.
    pub(crate) listen: &'a str,
    /// Where browsers reach it, if not there.
    pub(crate) url: Option<&'a str>,
    /// TLS, if at all.
    pub(crate) tls: Option<&'a str>,
}

/// Serves the platform until it is interrupted.
pub(crate) fn platform(mut app: App, places: &Places<'_>) -> Result<(), Box<dyn Error>> {
    let runtime = runtime()?;
    let listener = runtime.block_on(TcpListener::bind(places.listen))?;
    let plain = listener.local_addr()?;
    let own = format!("http://{plain}");
    let mut encrypted = None;
    if let Some(listen) = places.tls {
        let acceptor = tls::acceptor(&tls::NAMES.map(str::to_owned), &app.folder.part("authority.pem"))?;
        encrypted = Some(runtime.block_on(tls::Encrypted::bind(acceptor, listen))?);
    }
    app.url = places
        .url
        .map_or_else(|| own.clone(), |url| url.trim_end_matches('/').to_owned());
    // Kept here, so that connections to PostgreSQL end outside of the runtime: they cannot inside.
    let app = Arc::new(app);
    let mut router = web::router(Arc::clone(&app));
    if let Some(encrypted) = encrypted {
        say(&format!("tls on {}", encrypted.local_addr()?))?;
        say(&format!("plain on {plain}"))?;
        runtime.spawn(by_tls(encrypted, router.clone()));
        router = router.layer(from_fn(tls::or_to_tls));
    }
    announce(&own)?;
    runtime.spawn(purging(Arc::clone(&app)));
    runtime.block_on(until_interrupted(listener, router))?;
    runtime.shutdown_timeout(Duration::from_secs(5));
    Ok(())
}

/// Serves the OIDC server.
pub(crate) fn oidc_stub(listen: &str, lie: Option<Lie>) -> Result<(), Box<dyn Error>> {
    let runtime = runtime()?;
    let listener = runtime.block_on(TcpListener::bind(listen))?;
    let own = format!("http://{}", listener.local_addr()?);
    announce(&own)?;
    runtime.block_on(until_interrupted(
        listener,
        stub::router(own, lie, crate::settings::clock),
    ))
}

/// Serves the vendors. `tls`: the hosts that they stand for by TLS too, and where to write the certificate of their authority.
pub(crate) fn vendor_stub(
    listen: &str,
    mistakes: &Mistakes,
    tls: Option<(&[String], &Path)>,
) -> Result<(), Box<dyn Error>> {
    let runtime = runtime()?;
    let listener = runtime.block_on(TcpListener::bind(listen))?;
    if let Some((names, authority)) = tls {
        let acceptor = tls::acceptor(names, authority)?;
        let encrypted = runtime.block_on(tls::Encrypted::bind(acceptor, "127.0.0.1:0"))?;
        say(&format!("tls on {}", encrypted.local_addr()?))?;
        runtime.spawn(by_tls(encrypted, vendor_stub::router(mistakes)));
    }
    announce(&format!("http://{}", listener.local_addr()?))?;
    runtime.block_on(until_interrupted(listener, vendor_stub::router(mistakes)))
}

fn runtime() -> std::io::Result<Runtime> {
    let mut builder = Builder::new_multi_thread();
    builder
        .worker_threads(2)
        .max_blocking_threads(REQUESTS_AT_ONCE)
        .enable_all()
        .build()
}

/// Says where it listens: whoever started it on port 0 waits for this line.
fn announce(address: &str) -> std::io::Result<()> {
    say(&format!("listening on {address}"))
}

fn say(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "{text}")?;
    out.flush()
}

async fn until_interrupted(listener: TcpListener, router: Router) -> Result<(), Box<dyn Error>> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let interrupted = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    axum::serve(listener, service)
        .with_graceful_shutdown(interrupted)
        .await?;
    Ok(())
}

/// Answers over TLS until the program ends.
async fn by_tls(listener: tls::Encrypted, router: Router) {
    let router = router.layer(from_fn(tls::called));
    let service = router.into_make_service_with_connect_info::<tls::Caller>();
    if axum::serve(listener, service).await.is_err() {
        let _ = writeln!(std::io::stderr(), "TLS is not answered any more");
    }
}

async fn purging(app: Arc<App>) {
    loop {
        tokio::time::sleep(PURGE_EVERY).await;
        let app = Arc::clone(&app);
        let done = tokio::task::spawn_blocking(move || {
            let mut db = app.store.take()?;
            let gone = purge::run(&app, &mut db);
            app.store.give(db);
            gone
        });
        if !matches!(done.await, Ok(Ok(_))) {
            let _ = writeln!(std::io::stderr(), "the retention job did not end well");
        }
    }
}
