//! The life of connections: they are counted, asked to finish, and closed when they do not.
//!
//! Start at [`Lifetime::run`]. A connection ends by itself, because the gate stops, because what it leads to was taken
//! out of the register or cut off ([`Flows::cut`]), or because nothing goes over it any more.

mod flows;
mod pulse;
mod unless;

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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

use crate::flow::Served;
use flows::Registered;
pub(crate) use flows::{FlowKind, Flows};
use pulse::Pulse;
pub(crate) use pulse::Work;
use unless::unless;

/// What is cut lets the answer under way end for so long.
const CUT_GRACE: Duration = Duration::from_secs(1);
/// A caller whose answer has not begun by then is told why it will not.
const ANSWER_GRACE: Duration = Duration::from_millis(500);

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
    S: Service<Request<Incoming>, Response = Response<Served>, Error = Infallible>,
{
    const IS_SHORT_WITH_CALLERS: bool = true;

    fn finish(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl<I, S> Connection for http1::UpgradeableConnection<I, S>
where
    I: Read + Write + Unpin + Send + 'static,
    S: Service<Request<Incoming>, Response = Response<Served>, Error = Infallible>,
{
    const IS_SHORT_WITH_CALLERS: bool = true;

    fn finish(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl<I, S> Connection for http2::Connection<I, S, TokioExecutor>
where
    I: Read + Write + Unpin + 'static,
    S: Service<Request<Incoming>, Response = Response<Served>, Error = Infallible>,
    S::Future: Send + 'static,
{
    const IS_SHORT_WITH_CALLERS: bool = false;

    fn finish(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// Shared by every connection of one listener, and made narrower for each connection, tunnel and request. Taken several times
/// with every request, so it is two counts to take.
#[derive(Debug, Clone)]
pub(crate) struct Lifetime {
    of: Arc<Belonging>,
    pulse: Arc<Pulse>,
}

/// What something that is open belongs to.
#[derive(Debug)]
struct Belonging {
    signals: Arc<Signals>,
    /// Cancelled: this connection leads to somebody who gets nothing any more.
    cut: CancellationToken,
    /// The place on the list of what is open, for as long as anything of it is.
    leads: Option<Registered>,
}

/// Those of all connections.
#[derive(Debug)]
struct Signals {
    /// Cancelled: take nothing new, tell callers that each answer is the last.
    stop: CancellationToken,
    /// Cancelled: finish what is open.
    finish: CancellationToken,
    /// Cancelled: close at once.
    abort: CancellationToken,
    tasks: TaskTracker,
}

/// Why something has to come to its end now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaving {
    /// The gate stops.
    Stopping,
    /// What it leads to gets nothing any more.
    Cut,
}

impl Belonging {
    fn new(signals: &Arc<Signals>, cut: CancellationToken, leads: Option<Registered>) -> Arc<Self> {
        Arc::new(Self {
            signals: Arc::clone(signals),
            cut,
            leads,
        })
    }
}

impl Lifetime {
    pub(crate) fn new(stop: CancellationToken) -> Self {
        let signals = Arc::new(Signals {
            stop,
            finish: CancellationToken::new(),
            abort: CancellationToken::new(),
            tasks: TaskTracker::new(),
        });
        Self {
            of: Belonging::new(&signals, CancellationToken::new(), None),
            pulse: Pulse::new(None),
        }
    }

    /// The same for one connection of a caller, which can be cut by itself.
    pub(crate) fn of_connection(&self) -> Self {
        Self {
            of: Belonging::new(&self.of.signals, CancellationToken::new(), None),
            pulse: Pulse::new(None),
        }
    }

    /// The same for what leads to `host`: [`Flows::cut`] closes its connection.
    pub(crate) fn leading_to(self, flows: &Arc<Flows>, host: &str, kind: FlowKind) -> Self {
        let cut = &self.of.cut;
        let leads = flows.register(host, kind, cut);
        Self {
            of: Belonging::new(&self.of.signals, cut.clone(), Some(leads)),
            pulse: self.pulse,
        }
    }

    /// The same for one request of the connection, which leads to `host`. In a tunnel all of them do.
    pub(crate) fn of_request(&self, flows: &Arc<Flows>, host: &str) -> Self {
        let request = Self {
            of: Arc::clone(&self.of),
            pulse: Pulse::new(Some(&self.pulse)),
        };
        match request.of.leads {
            Some(_) => request,
            None => request.leading_to(flows, host, FlowKind::Request),
        }
    }

    /// Waits for the signal to stop.
    pub(crate) async fn stopped(&self) {
        self.of.signals.stop.cancelled().await;
    }

    /// Waits until this has to come to its end.
    pub(crate) async fn leaving(&self) -> Leaving {
        tokio::select! {
            () = self.of.cut.cancelled() => Leaving::Cut,
            () = self.of.signals.stop.cancelled() => Leaving::Stopping,
        }
    }

    /// Whether an answer should say that it is the last of its connection.
    pub(crate) fn is_ending(&self) -> bool {
        self.of.signals.stop.is_cancelled() || self.of.cut.is_cancelled()
    }

    /// Something went through, either way.
    pub(crate) fn beat(&self) {
        self.pulse.beat();
    }

    /// The gate has work with a request of this connection until the result is dropped.
    pub(crate) fn work(&self) -> Work {
        self.pulse.work()
    }

    /// Resolves when nothing went through for `time`.
    pub(crate) async fn silent(&self, time: Duration) {
        self.pulse.silent(time).await;
    }

    /// Runs `task` on its own until it ends or has to.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let lifetime = self.clone();
        self.of.signals.tasks.spawn(async move {
            _ = unless(task, lifetime.over()).await;
        });
    }

    /// As [`Self::spawn`], and gives what came of it; nothing when it had to end.
    pub(crate) fn follow<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<Option<T>> {
        let lifetime = self.clone();
        self.of
            .signals
            .tasks
            .spawn(async move { unless(task, lifetime.over()).await })
    }

    /// Runs on its own what only notes how something ended that has to end.
    pub(crate) fn see_to_the_end(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.of.signals.tasks.spawn(task);
    }

    /// Serves a connection to its end; asks it to finish when it is time to stop.
    pub(crate) async fn run<C: Connection>(&self, connection: C) {
        self.run_until(connection, std::future::pending()).await;
    }

    /// The same, and ends it when nothing went over it for `idle`.
    pub(crate) async fn run_while_used<C: Connection>(&self, connection: C, idle: Duration) {
        self.run_until(connection, self.silent(idle)).await;
    }

    async fn run_until<C: Connection>(&self, connection: C, unused: impl Future<Output = ()>) {
        let mut connection = pin!(connection);
        let is_unused = AtomicBool::new(false);
        let must_end = async {
            tokio::select! {
                () = self.must_finish::<C>() => {}
                () = self.of.cut.cancelled() => {}
                () = unused => is_unused.store(true, Ordering::Release),
            }
        };
        let ended = match unless(connection.as_mut(), must_end).await {
            Some(ended) => Some(ended),
            None => {
                connection.as_mut().finish();
                let over = async {
                    if !is_unused.load(Ordering::Acquire) {
                        self.of.cut.cancelled().await;
                    }
                    tokio::time::sleep(CUT_GRACE).await;
                };
                unless(connection, over).await
            }
        };
        if let Some(Err(error)) = ended {
            // The error names no values: it is about framing, time and sockets.
            tracing::debug!(%error, "a connection ended early");
        }
    }

    /// Runs the inside of a tunnel; when it is cut, `inside` has a moment to end by itself, and is then dropped.
    pub(crate) async fn until_cut(&self, inside: impl Future<Output = ()>) {
        _ = unless(inside, self.cut_for(CUT_GRACE)).await;
    }

    /// What `answering` gives; none when what it leads to is cut, and some time has passed.
    pub(crate) async fn unless_cut<T>(&self, answering: impl Future<Output = T>) -> Option<T> {
        unless(answering, self.cut_for(ANSWER_GRACE)).await
    }

    async fn must_finish<C: Connection>(&self) {
        if C::IS_SHORT_WITH_CALLERS {
            self.of.signals.finish.cancelled().await;
        } else {
            self.of.signals.stop.cancelled().await;
        }
    }

    /// Resolves when what is open has to be dropped.
    async fn over(&self) {
        tokio::select! {
            () = self.of.signals.abort.cancelled() => {}
            () = self.cut_for(CUT_GRACE) => {}
        }
    }

    async fn cut_for(&self, grace: Duration) {
        self.of.cut.cancelled().await;
        tokio::time::sleep(grace).await;
    }

    /// For `linger` callers are told with each answer that it is the last; then open connections may finish for `time`,
    /// and what is left is closed.
    pub(crate) async fn drain(&self, linger: Duration, time: Duration) {
        self.of.signals.tasks.close();
        _ = tokio::time::timeout(linger, self.of.signals.tasks.wait()).await;
        self.of.signals.finish.cancel();
        if tokio::time::timeout(time, self.of.signals.tasks.wait()).await.is_err() {
            tracing::warn!(open = self.of.signals.tasks.len(), "closing what did not finish");
            self.of.signals.abort.cancel();
            self.of.signals.tasks.wait().await;
        }
    }
}
