//! The closed loop: open every connection, start the clock, send until time or count is used up; at a given rate where there
//! is one.
//!
//! Start at [`run`]. Everything runs on one thread, so that the load never takes more than one core from what is measured.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use tokio::task::JoinSet;

use crate::connection::{Client, Connection, SendError};
use crate::summary::Summary;

/// The timer's.
const TICK: Duration = Duration::from_millis(1);

/// What to send, where, and for how long.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) client: Client,
    pub(crate) connections: usize,
    pub(crate) limits: Limits,
    /// Sent in turn by each connection; never empty.
    pub(crate) bodies: Vec<Bytes>,
}

/// When to stop: whichever comes first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) time: Duration,
    pub(crate) requests_max: u64,
    /// Requests per second, all connections together.
    pub(crate) rate: Option<u32>,
}

/// How a run went.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) summary: Summary,
    /// The first of `summary.errors`.
    pub(crate) first_error: Option<SendError>,
}

/// What one connection did.
#[derive(Debug, Default)]
struct Tally {
    latencies_us: Vec<u32>,
    error: Option<SendError>,
}

/// Runs the plan to its end. A way that cannot be opened ends the run; a connection that fails later ends alone.
pub(crate) async fn run(plan: Plan) -> Outcome {
    let connections = match open(&plan).await {
        Ok(connections) => connections,
        Err(error) => {
            let failed = Tally {
                latencies_us: Vec::new(),
                error: Some(error),
            };
            return conclude(vec![failed], Duration::ZERO);
        }
    };
    let started = Instant::now();
    let allowance = Arc::new(Allowance::new(plan.limits, started));
    let bodies: Arc<[Bytes]> = plan.bodies.into();
    let mut senders = JoinSet::new();
    for (index, connection) in connections.into_iter().enumerate() {
        senders.spawn(send(connection, index, bodies.clone(), allowance.clone()));
    }
    let tallies = senders.join_all().await;
    conclude(tallies, started.elapsed())
}

/// Opens all connections before the clock starts: keep-alive is what is measured, not handshakes.
async fn open(plan: &Plan) -> Result<Vec<Connection>, SendError> {
    let mut connections = Vec::with_capacity(plan.connections);
    for _ in 0..plan.connections {
        connections.push(plan.client.connect().await?);
    }
    Ok(connections)
}

/// How much may still be sent, shared by all connections.
struct Allowance {
    started: Instant,
    limits: Limits,
    taken: AtomicU64,
}

impl Allowance {
    fn new(limits: Limits, started: Instant) -> Self {
        Self {
            started,
            limits,
            taken: AtomicU64::new(0),
        }
    }

    /// Takes one request out of what is left: when it is due.
    fn take(&self) -> Option<Instant> {
        let number = self.taken.fetch_add(1, Ordering::Relaxed);
        let due = match self.limits.rate {
            Some(rate) => self.started + Duration::from_secs_f64(number as f64 / f64::from(rate)),
            None => Instant::now(),
        };
        (number < self.limits.requests_max && due < self.started + self.limits.time).then_some(due)
    }
}

/// Sends the bodies in turn, starting with number `first` so that connections do not march in step.
async fn send(mut connection: Connection, first: usize, bodies: Arc<[Bytes]>, allowance: Arc<Allowance>) -> Tally {
    let mut tally = Tally::default();
    for body in bodies.iter().cycle().skip(first % bodies.len().max(1)) {
        let Some(due) = allowance.take() else { break };
        wait_until(due).await;
        let late = due.elapsed();
        match connection.post(body.clone()).await {
            Ok(took) => tally
                .latencies_us
                .push(u32::try_from((late + took).as_micros()).unwrap_or(u32::MAX)),
            Err(error) => {
                tally.error = Some(error);
                break;
            }
        }
    }
    tally
}

/// Waits for the moment, not for the timer's next tick, which comes up to a millisecond after it and would be measured with
/// every request.
async fn wait_until(due: Instant) {
    if let Some(before) = due.checked_sub(TICK).filter(|before| *before > Instant::now()) {
        tokio::time::sleep_until(before.into()).await;
    }
    while Instant::now() < due {
        tokio::task::yield_now().await;
    }
}

fn conclude(tallies: Vec<Tally>, time: Duration) -> Outcome {
    let mut latencies_us = Vec::new();
    let mut errors = Vec::new();
    for tally in tallies {
        latencies_us.extend(tally.latencies_us);
        errors.extend(tally.error);
    }
    Outcome {
        summary: Summary::new(latencies_us, errors.len(), time),
        first_error: errors.into_iter().next(),
    }
}
