//! What is counted while the gate runs: messages by verdict, time by step, what could not be read, what was not answered.
//!
//! Start at [`Metrics::request`]. The numbers are read at the admin address ([`Metrics::text`]) in the text format of
//! Prometheus; the same calls make the spans that a trace is built from.
//!
//! Invariant: labels and span fields are words of the register and of this program. No value, host, path or person is in
//! them, and their number is bounded by the register.

mod count;
mod histogram;
mod text;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use averment_detect::Inspection;
use averment_policy::Verdict;
use jiff::Timestamp;
use tracing::Instrument as _;

use crate::problem::Problem;
use count::Counts;
use histogram::Histogram;
pub(crate) use text::Now;

/// A part of the way that takes time of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// Until the body is there.
    Read,
    /// Looking and deciding.
    Inspect,
    /// Until the intent is on disk.
    Record,
    /// From handing over until the head of the answer.
    Send,
}

impl Step {
    const ALL: [Self; 4] = [Self::Read, Self::Inspect, Self::Record, Self::Send];

    fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Inspect => "inspect",
            Self::Record => "record",
            Self::Send => "send",
        }
    }
}

/// What a message is counted under.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Labels {
    recipient: String,
    action: &'static str,
    judged: &'static str,
    mode: &'static str,
    service: String,
}

/// Everything that is counted.
#[derive(Debug)]
pub(crate) struct Metrics {
    started_at: Timestamp,
    charter_at: Mutex<Timestamp>,
    messages: Counts<Labels>,
    body_bytes: Counts<String>,
    /// By recipient, reason and treatment.
    rulings: Counts<(String, &'static str, &'static str)>,
    /// By recipient and why.
    unreadable: Counts<(String, &'static str)>,
    problems: Counts<&'static str>,
    /// By recipient and reason.
    tunnels_failed: Counts<(String, &'static str)>,
    abandoned: Counts<()>,
    /// By witness and what became of it.
    witnesses: Counts<(String, &'static str)>,
    /// By what became of it.
    retention: Counts<&'static str>,
    steps: [Histogram; Step::ALL.len()],
    whole: Mutex<BTreeMap<String, Histogram>>,
}

tokio::task_local! {
    /// Recipient of the request that is under way, as soon as it is known.
    static UNDER_WAY: RefCell<Option<String>>;
}

/// The recipient's label where no recipient declares the host.
const UNKNOWN: &str = "unknown";
/// The service's label where the caller did not say who it is.
const UNNAMED: &str = "unnamed";

impl Metrics {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            started_at: now,
            charter_at: Mutex::new(now),
            messages: Counts::default(),
            body_bytes: Counts::default(),
            rulings: Counts::default(),
            unreadable: Counts::default(),
            problems: Counts::default(),
            tunnels_failed: Counts::default(),
            abandoned: Counts::default(),
            witnesses: Counts::default(),
            retention: Counts::default(),
            steps: std::array::from_fn(|_| Histogram::default()),
            whole: Mutex::default(),
        }
    }

    /// Times one request to its answer's head, counts the problem that it ends with, and opens its span. A request whose
    /// caller goes away is counted as abandoned.
    pub(crate) async fn request<T>(&self, work: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
        use tracing::field::Empty;
        let span = tracing::info_span!(
            target: "averment_gate::trace", "request",
            id = Empty, recipient = Empty, mode = Empty, action = Empty, judged = Empty, service = Empty, problem = Empty,
            body_bytes = Empty,
        );
        let timed = async move {
            let watched = Watched::new(self);
            let answer = work.await.inspect_err(|problem| self.problem(problem.slug()));
            let recipient = UNDER_WAY.with(|recipient| recipient.borrow().clone());
            watched.answered(recipient.as_deref());
            answer
        };
        UNDER_WAY.scope(RefCell::default(), timed).instrument(span).await
    }

    /// Times one step and opens its span, if the request's is open: pieces may go on after the answer's head is there.
    pub(crate) async fn step<T>(&self, step: Step, work: impl Future<Output = T>) -> T {
        let begun = Instant::now();
        let span = if tracing::Span::current().is_none() {
            tracing::Span::none()
        } else {
            tracing::info_span!(target: "averment_gate::trace", "step", step = step.as_str())
        };
        let done = work.instrument(span).await;
        self.steps[step as usize].add(begun.elapsed());
        done
    }

    /// Counts a tunnel that came to nothing; `reason` is one word.
    pub(crate) fn tunnel_failed(&self, recipient: &str, reason: &'static str) {
        self.tunnels_failed.add((recipient.to_owned(), reason), 1);
    }

    /// Counts one time that a witness was asked.
    pub(crate) fn witness_asked(&self, witness: &str, result: &'static str) {
        self.witnesses.add((witness.to_owned(), result), 1);
    }

    /// Counts one run of retention.
    pub(crate) fn retention_ran(&self, result: &'static str) {
        self.retention.add(result, 1);
    }

    /// Counts a message that is on record. `id`: its identifier in the ledger.
    pub(crate) fn judged(&self, id: &str, verdict: &Verdict, inspection: &Inspection, body_bytes: usize) {
        let recipient = recipient(verdict);
        _ = UNDER_WAY.try_with(|under_way| *under_way.borrow_mut() = Some(recipient.to_owned()));
        span(id, recipient, verdict, body_bytes);
        self.passed_on(verdict, body_bytes as u64);
        self.judged_piece(verdict, inspection);
    }

    /// Counts a piece of a message that is on record by itself: a look at a stream, a message of a conversation.
    pub(crate) fn judged_piece(&self, verdict: &Verdict, inspection: &Inspection) {
        let recipient = recipient(verdict);
        for ruling in &verdict.rulings {
            let key = (recipient.to_owned(), ruling.reason.as_str(), ruling.treatment.as_str());
            self.rulings.add(key, 1);
        }
        for hole in &inspection.unreadable {
            self.unreadable
                .add((recipient.to_owned(), count::because(hole.because)), 1);
        }
        let labels = Labels {
            recipient: recipient.to_owned(),
            action: verdict.action.as_str(),
            judged: verdict.judged.as_str(),
            mode: verdict.mode.as_str(),
            service: service(verdict).to_owned(),
        };
        self.messages.add(labels, 1);
    }

    /// Counts bytes of a body that was not read whole before its message was on record.
    pub(crate) fn passed_on(&self, verdict: &Verdict, bytes: u64) {
        self.body_bytes.add(recipient(verdict).to_owned(), bytes);
    }

    /// Counts an answer of the gate's own, or whatever is in the place of one.
    pub(crate) fn problem(&self, slug: &'static str) {
        tracing::Span::current().record("problem", slug);
        self.problems.add(slug, 1);
    }

    /// Remembers since when the charter is in force.
    pub(crate) fn charter_taken(&self, now: Timestamp) {
        *self.charter_at.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

fn recipient(verdict: &Verdict) -> &str {
    verdict.recipient.as_ref().map_or(UNKNOWN, |id| id.as_str())
}

/// One of the settings' services: facts know no other.
fn service(verdict: &Verdict) -> &str {
    verdict.sender.service.as_deref().unwrap_or(UNNAMED)
}

fn span(id: &str, recipient: &str, verdict: &Verdict, body_bytes: usize) {
    let span = tracing::Span::current();
    span.record("id", id)
        .record("recipient", recipient)
        .record("mode", verdict.mode.as_str())
        .record("action", verdict.action.as_str())
        .record("judged", verdict.judged.as_str())
        .record("service", service(verdict))
        .record("body_bytes", body_bytes as u64);
}

/// A request whose answer is not there yet.
struct Watched<'a> {
    metrics: &'a Metrics,
    begun: Instant,
    is_answered: bool,
}

impl<'a> Watched<'a> {
    fn new(metrics: &'a Metrics) -> Self {
        Self {
            metrics,
            begun: Instant::now(),
            is_answered: false,
        }
    }

    fn answered(mut self, recipient: Option<&str>) {
        self.is_answered = true;
        let mut whole = self.metrics.whole.lock().unwrap_or_else(PoisonError::into_inner);
        let histogram = whole.entry(recipient.unwrap_or(UNKNOWN).to_owned()).or_default();
        histogram.add(self.begun.elapsed());
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        if !self.is_answered {
            self.metrics.abandoned.add((), 1);
        }
    }
}

#[cfg(test)]
mod tests;
