//! The life of connections: they are counted, asked to finish, and closed when they do not.
//!
//! Start at [`Lifetime::run`]. A connection ends by itself, because the gate stops, or because what it leads to was taken
//! out of the register or cut off ([`Tunnels::cut`]).

mod tunnels;
mod unless;

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::rt::{Read, Write};
use hyper::server::conn::{http1, http2};
use hyper::service::Service;
use hyper_util::rt::TokioExecutor;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::body::Answer;
use tunnels::Registered;
pub(crate) use tunnels::Tunnels;
use unless::unless;

/// A tunnel that is cut lets the answer under way end for so long.
const CUT_GRACE: Duration = Duration::from_secs(1);

/// A connection that can be asked to take no more requests and end after those it has.
pub(crate) trait Connection: Future<Output = hyper::Result<()>> {
    /// Whether asking closes it although its caller may just be sending: HTTP/1.1 has no word for "the last one was".
    const IS_SHORT_WITH_CALLERS: bool;

    /// Asks it.
    fn finish(self: Pin<&mut Self>);
}

impl<I, S> Connection for http1::Connection<I, S>
where
    I: Read + Write + Unpin + 'static,
    S: Service<Request<Incoming>, Response = Response<Answer>, Error = Infallible>,
{
    const IS_SHORT_WITH_CALLERS: bool = true;

    fn finish(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl<I, S> Connection for http1::UpgradeableConnection<I, S>
where
    I: Read + Write + Unpin + Send + 'static,
    S: Service<Request<Incoming>, Response = Response<Answer>, Error = Infallible>,
{
    const IS_SHORT_WITH_CALLERS: bool = true;

    fn finish(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl<I, S> Connection for http2::Connection<I, S, TokioExecutor>
where
    I: Read + Write + Unpin + 'static,
    S: Service<Request<Incoming>, Response = Response<Answer>, Error = Infallible>,
    S::Future: Send + 'static,
{
    const IS_SHORT_WITH_CALLERS: bool = false;

    fn finish(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// Shared by every connection of one listener.
#[derive(Debug, Clone)]
pub(crate) struct Lifetime {
    /// Cancelled: take nothing new, tell callers that each answer is the last.
    stop: CancellationToken,
    /// Cancelled: finish what is open.
    finish: CancellationToken,
    /// Cancelled: close at once.
    abort: CancellationToken,
    tasks: TaskTracker,
    /// The tunnel that this is the inside of.
    tunnel: Option<Arc<Registered>>,
}

impl Lifetime {
    pub(crate) fn new(stop: CancellationToken) -> Self {
        Self {
            stop,
            finish: CancellationToken::new(),
            abort: CancellationToken::new(),
            tasks: TaskTracker::new(),
            tunnel: None,
        }
    }

    /// The same for the inside of a tunnel to `host`, which [`Tunnels::cut`] may end.
    pub(crate) fn of_tunnel(self, tunnels: &Arc<Tunnels>, host: &str) -> Self {
        Self {
            tunnel: Some(Arc::new(tunnels.register(host))),
            ..self
        }
    }

    /// Waits for the signal to stop.
    pub(crate) async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    /// Whether an answer should say that it is the last of its connection.
    pub(crate) fn is_ending(&self) -> bool {
        self.stop.is_cancelled() || self.tunnel.as_ref().is_some_and(|tunnel| tunnel.is_cut())
    }

    /// Runs `task` on its own until it ends or has to.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let abort = self.abort.clone();
        self.tasks.spawn(async move {
            _ = unless(task, abort.cancelled()).await;
        });
    }

    /// As [`Self::spawn`], and gives what came of it; nothing when it had to end.
    pub(crate) fn follow<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<Option<T>> {
        let abort = self.abort.clone();
        self.tasks.spawn(async move { abort.run_until_cancelled(task).await })
    }

    /// Runs on its own what only notes how something ended that has to end.
    pub(crate) fn see_to_the_end(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    /// Serves a connection to its end; asks it to finish when it is time to stop.
    pub(crate) async fn run<C: Connection>(&self, connection: C) {
        let mut connection = pin!(connection);
        // `until_cut` waits no longer than a moment for what is cut.
        let must_end = async {
            tokio::select! {
                () = self.must_finish::<C>() => {}
                () = self.cut() => {}
            }
        };
        let ended = match unless(connection.as_mut(), must_end).await {
            Some(ended) => ended,
            None => {
                connection.as_mut().finish();
                connection.await
            }
        };
        if let Err(error) = ended {
            // The error names no values: it is about framing, time and sockets.
            tracing::debug!(%error, "a connection ended early");
        }
    }

    /// Runs the inside of a tunnel; when it is cut, `inside` has a moment to end by itself, and is then dropped.
    pub(crate) async fn until_cut(&self, inside: impl Future<Output = ()>) {
        let cut = async {
            self.cut().await;
            tokio::time::sleep(CUT_GRACE).await;
        };
        _ = unless(inside, cut).await;
    }

    async fn must_finish<C: Connection>(&self) {
        if C::IS_SHORT_WITH_CALLERS {
            self.finish.cancelled().await;
        } else {
            self.stop.cancelled().await;
        }
    }

    async fn cut(&self) {
        match &self.tunnel {
            Some(tunnel) => tunnel.cut().await,
            None => std::future::pending().await,
        }
    }

    /// For `linger` callers are told with each answer that it is the last; then open connections may finish for `time`,
    /// and what is left is closed.
    pub(crate) async fn drain(&self, linger: Duration, time: Duration) {
        self.tasks.close();
        _ = tokio::time::timeout(linger, self.tasks.wait()).await;
        self.finish.cancel();
        if tokio::time::timeout(time, self.tasks.wait()).await.is_err() {
            tracing::warn!(open = self.tasks.len(), "closing what did not finish");
            self.abort.cancel();
            self.tasks.wait().await;
        }
    }
}
