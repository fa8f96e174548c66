//! The life of connections: they are counted, asked to finish, and closed when they do not.

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::rt::{Read, Write};
use hyper::server::conn::{http1, http2};
use hyper::service::Service;
use hyper_util::rt::TokioExecutor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::body::Answer;

/// A connection that can be asked to take no more requests and end after those it has.
pub(crate) trait Connection: Future<Output = hyper::Result<()>> {
    /// Asks it.
    fn finish(self: Pin<&mut Self>);
}

impl<I, S> Connection for http1::Connection<I, S>
where
    I: Read + Write + Unpin + 'static,
    S: Service<Request<Incoming>, Response = Response<Answer>, Error = Infallible>,
{
    fn finish(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl<I, S> Connection for http1::UpgradeableConnection<I, S>
where
    I: Read + Write + Unpin + Send + 'static,
    S: Service<Request<Incoming>, Response = Response<Answer>, Error = Infallible>,
{
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
    fn finish(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// Shared by every connection of one listener.
#[derive(Debug, Clone)]
pub(crate) struct Lifetime {
    /// Cancelled: take nothing new, finish what is open.
    stop: CancellationToken,
    /// Cancelled: close at once.
    abort: CancellationToken,
    tasks: TaskTracker,
}

impl Lifetime {
    pub(crate) fn new(stop: CancellationToken) -> Self {
        Self {
            stop,
            abort: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }
    }

    /// Waits for the signal to stop.
    pub(crate) async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    /// Runs `task` on its own until it ends or has to.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let abort = self.abort.clone();
        self.tasks.spawn(async move {
            _ = abort.run_until_cancelled(task).await;
        });
    }

    /// Serves a connection to its end; asks it to finish when it is time to stop.
    pub(crate) async fn run(&self, connection: impl Connection) {
        let mut connection = pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.stop.cancelled() => {
                connection.as_mut().finish();
                connection.await
            }
        };
        if let Err(error) = ended {
            // The error names no values: it is about framing, time and sockets.
            tracing::debug!(%error, "a connection ended early");
        }
    }

    /// Lets open connections finish for `time`, then closes them.
    pub(crate) async fn drain(&self, time: Duration) {
        self.tasks.close();
        if tokio::time::timeout(time, self.tasks.wait()).await.is_err() {
            tracing::warn!(open = self.tasks.len(), "closing what did not finish");
            self.abort.cancel();
            self.tasks.wait().await;
        }
    }
}
