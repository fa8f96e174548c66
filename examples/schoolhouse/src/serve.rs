//! The servers: the platform itself, and the ones to try it with.

use std::error::Error;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

use crate::mistakes::Mistakes;
use crate::oidc::stub::{self, Lie};
use crate::settings::App;
use crate::{purge, vendor_stub, web};

/// How often the retention job runs by itself.
const PURGE_EVERY: Duration = Duration::from_secs(3600);

/// Each has a connection of its own; PostgreSQL allows a hundred unless told otherwise.
const REQUESTS_AT_ONCE: usize = 32;

/// Serves the platform until it is interrupted.
pub(crate) fn platform(mut app: App, listen: &str, url: Option<&str>) -> Result<(), Box<dyn Error>> {
    let runtime = runtime()?;
    let listener = runtime.block_on(TcpListener::bind(listen))?;
    let own = format!("http://{}", listener.local_addr()?);
    app.url = url.map_or_else(|| own.clone(), |url| url.trim_end_matches('/').to_owned());
    // Kept here, so that connections to PostgreSQL end outside of the runtime: they cannot inside.
    let app = Arc::new(app);
    announce(&own)?;
    let router = web::router(Arc::clone(&app));
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

/// Serves the vendors.
pub(crate) fn vendor_stub(listen: &str, mistakes: &Mistakes) -> Result<(), Box<dyn Error>> {
    let runtime = runtime()?;
    let listener = runtime.block_on(TcpListener::bind(listen))?;
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
    let mut out = std::io::stdout();
    writeln!(out, "listening on {address}")?;
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
